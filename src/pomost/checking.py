"""What can be seen to be wrong in a configuration without running it."""

from __future__ import annotations

import time
from collections.abc import Iterable

from pomost.carriers import ask_carriers, missing_carriers, wrong_carriers
from pomost.catalogue.ownership import wrong_cards
from pomost.catalogues import ask_shelves, check_places, wrong_catalogues
from pomost.channels import channel_of, limiter_of, watched_statuses
from pomost.channels.checks import channel_faults, wrong_channels
from pomost.config.flow import Flow
from pomost.config.load import Problem
from pomost.config.model import Config
from pomost.devices import ask_devices, missing_devices, wrong_devices
from pomost.engine.webhooks import wrong_webhooks
from pomost.flows.catalogue import resolve
from pomost.flows.faults import check_flow
from pomost.ledger.ledger import CAPABILITIES
from pomost.payment_checks import ask_payments
from pomost.ports import Failure, NeedsPerson, ReturnSource
from pomost.store.store import open_store


def check(config: Config, *, online: bool = False) -> list[Problem]:
    """Faults that can be seen without running: flows, words, capabilities; ``online`` also asks the channels."""
    problems: list[Problem] = wrong_devices(config) + wrong_catalogues(config)
    problems += wrong_webhooks(config) + wrong_carriers(config) + wrong_channels(config)
    companies = {company.code for company in config.company}
    channels = {account.name for account in config.accounts}
    for place, flow in enumerate(config.flow):
        where = f"flow[{place + 1}]"
        if flow.company not in companies:
            problems.append(
                Problem(
                    "config.unknown-company",
                    f"{where}.company",
                    0,
                    f'there is no company "{flow.company}"',
                    f"Companies: {', '.join(sorted(companies))}.",
                )
            )
        if flow.source not in channels | {config.ledger.name}:
            problems.append(
                Problem(
                    "config.unknown-source",
                    f"{where}.source",
                    0,
                    f'there is no connection "{flow.source}"',
                    f"Connections: {', '.join(sorted(channels | {config.ledger.name}))}.",
                )
            )
        try:
            resolved = resolve(flow)
        except NeedsPerson as failure:
            problems.append(Problem(failure.code, where, 0, failure.text, failure.advice))
            continue
        problems += [
            Problem(
                "config.unknown-company",
                f"{where}, step {step.id}",
                0,
                f'there is no company "{step.company}"',
                f"Companies: {', '.join(sorted(companies))}.",
            )
            for step in resolved.step
            if step.company and step.company not in companies
        ]
        problems += missing_devices(config, where, resolved) + missing_carriers(config, where, resolved)
        problems += [
            Problem(fault.code, where, 0, fault.text, fault.advice) for fault in check_flow(resolved)
        ]
        problems += [
            Problem(fault.code, where, 0, fault.text, fault.advice)
            for fault in (*missing_capabilities(resolved, CAPABILITIES), *channel_faults(config, resolved))
        ]
    problems += [
        Problem(wrong.code, "catalogue", 0, wrong.text, wrong.advice) for wrong in wrong_cards(config)
    ]
    problems += [
        Problem(failure.code, where, 0, failure.text, failure.advice)
        for where, failure in check_places(config)
    ]
    if online and not problems:
        problems += _check_online(config) + ask_devices(config) + ask_carriers(config)
    return problems


def missing_capabilities(flow: Flow, has: frozenset[str]) -> list[Failure]:
    """What the flow asks of its ERP that the ERP can't do, by the name of what is missing."""
    found: list[Failure] = []
    kinds: dict[str, list[str]] = {}
    for step in flow.step:
        if step.cancel:
            found += [_missing(flow, step.id, word) for word in sorted({"cancel", "delete"} - has)]
        if step.check or step.issue == "MM":
            found += [_missing(flow, step.id, word) for word in sorted({"wants"} - has)]
        if step.book:
            found += [_missing(flow, step.id, word) for word in sorted({"payments"} - has)]
        if not step.kinds:
            continue
        kinds[step.id] = list(step.kinds)
        wanted = {f"{step.act}:{kind}" for kind in step.kinds}
        wanted |= {
            f"convert:{source}>{kind}"
            for name in (step.source if step.issue != "PWP" else ())
            for source in kinds.get(name, [])
            for kind in kinds[step.id]
        }
        if step.prices.startswith("level"):
            wanted.add("prices")
        if step.prices.startswith("margin"):
            wanted.add("costs")
        if step.settles:
            wanted.add("settle")
        if step.partial == "available":
            wanted.add("partial")
        if not step.approve:
            wanted.add("bufor")
        found += [_missing(flow, step.id, word) for word in sorted(wanted - has)]
    return found


def _missing(flow: Flow, step: str, word: str) -> NeedsPerson:
    return NeedsPerson(
        "flow.capability-missing",
        f'Flow "{flow.name}", step "{step}": {flow.erp} can\'t do {word}.',
        "Choose another flow or another ERP.",
    )


def _check_online(config: Config) -> list[Problem]:
    problems: list[Problem] = []
    store = open_store("sqlite://")
    try:
        flows = {flow.name: resolve(flow) for flow in config.flow}
        for account in config.accounts:
            limiter = limiter_of(account, store)
            channel = channel_of(config, account.name, limiter, flows, time.time)
            own = [flow for flow in flows.values() if account.name in (flow.source, flow.channel)]
            orders, returns = ([flow for flow in own if flow.kind == kind] for kind in ("order", "return"))
            statuses = _statuses(orders) | watched_statuses(account.name, flows)
            try:
                missing = channel.check_words(sorted(statuses), sorted(_fields(own)))
                if returns and isinstance(channel, ReturnSource):
                    wanted = _statuses(returns) | watched_statuses(account.name, flows, "return")
                    missing += channel.check_return_words(sorted(wanted))
                problems += ask_payments(account.name, channel)
            except Failure as failure:
                problems.append(Problem(failure.code, account.name, 0, failure.text, failure.advice))
            else:
                problems += [Problem("config.unknown-word", account.name, 0, text) for text in missing]
                if channel.catalogue is not None:
                    problems += ask_shelves(config, account.name, channel.catalogue)
            finally:
                channel.close()
    finally:
        store.close()
    return problems


def _fields(flows: Iterable[Flow]) -> set[str]:
    """The channel's fields that flows write to."""
    return {
        name
        for flow in flows
        for step in flow.step
        if step.write
        for name in (*step.write.fields, *([step.write.file_field] if step.write.file_field else []))
    } | {
        name
        for flow in flows
        for step in flow.step
        if step.check
        for name in (step.check.date_field, step.check.short_field)
        if name
    }


def _statuses(flows: Iterable[Flow]) -> set[str]:
    """The statuses that flows move orders or returns to."""
    return {
        status
        for flow in flows
        for step in flow.step
        for status in (
            step.status,
            step.write.status if step.write else "",
            *((step.check.short, step.check.awaiting, step.check.there) if step.check else ()),
        )
        if status
    }
