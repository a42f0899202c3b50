"""The one place where everything is wired: configuration -> store, ledger, channels, flows, runner."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import structlog

from pomost import logs
from pomost.carriers import carrier_limiters_of, carriers_of
from pomost.catalogues import catalogue_watchers
from pomost.channels import WARSAW, ServiceItem, accounts, channels_of, limiters_of, service_items
from pomost.channels.checks import channel_faults
from pomost.config.flow import Flow
from pomost.config.model import Company, Config
from pomost.connectors.nbp.connector import FixedRates, NbpRates
from pomost.devices import devices_of
from pomost.engine.bounces import BounceWatcher
from pomost.engine.catalogue import CatalogueWatcher
from pomost.engine.embedded import EmbeddedRunner
from pomost.engine.hearing import Heard
from pomost.engine.limiter import AccountLimiter
from pomost.engine.listening import Listener, listeners
from pomost.engine.looking import Looker, Watched
from pomost.engine.needs import NeedsWatcher
from pomost.engine.port import Runner
from pomost.engine.shipments import ShipmentWatcher
from pomost.engine.webhooks import WebhookSender
from pomost.engine.work import Work, new_owner
from pomost.flows.acts.hands import Hands
from pomost.flows.advance import needing
from pomost.flows.catalogue import resolve
from pomost.flows.devices import Devices
from pomost.flows.drafts import Drafts
from pomost.flows.pending import bought_rule, pending_rule
from pomost.flows.returns import ReturnDesk
from pomost.flows.shipments import Carriers
from pomost.ledger.ledger import Ledger, open_ledger
from pomost.ports import NeedsPerson, RateSource, ReturnSource, SalesChannel
from pomost.ports.account import ChannelAccount
from pomost.render.content import Seller
from pomost.render.packing import packing_list
from pomost.render.renderer import Renderer
from pomost.store.cases import Case
from pomost.store.store import Store, open_store
from pomost.trade.card import Card
from pomost.trade.documents import Document
from pomost.trade.order import Address, Party

At = Callable[[str], None]
CASE_S = 0.02
"""What one case takes at least, for judging how long those that are due will take."""


@dataclass(slots=True)
class Pomost:
    """Everything that runs. Made by ``assemble``; nothing works until ``start``."""

    config: Config
    store: Store
    ledger: Ledger
    channels: dict[str, ChannelAccount]
    limiters: dict[str, AccountLimiter]
    flows: dict[str, Flow]
    work: Work
    runner: Runner
    lookers: list[Looker] = field(default_factory=list)
    needs: NeedsWatcher | None = None
    bounces: list[BounceWatcher] = field(default_factory=list)
    catalogues: list[CatalogueWatcher] = field(default_factory=list)
    devices: Devices = field(default_factory=Devices)
    listeners: list[Listener] = field(default_factory=list)
    senders: list[WebhookSender] = field(default_factory=list)
    carriers: Carriers = field(default_factory=Carriers)
    carrier_limiters: dict[str, AccountLimiter] = field(default_factory=dict)
    parcels: list[ShipmentWatcher] = field(default_factory=list)
    render: Callable[[Document], bytes] = field(kw_only=True)
    """A document as PDF, in its company's language. Raises NeedsPerson ``render....``."""
    packing: Callable[[Case, Mapping[str, Card]], bytes] = field(kw_only=True)
    """The packing list of an order as PDF, in its company's language; with the cards of its items by SKU."""

    def start(self) -> None:
        """Begins to look and to work; returns at once."""
        self.runner.start()
        if self.needs is not None:
            self.needs.start()
        for watcher in (*self.bounces, *self.catalogues, *self.parcels):
            watcher.start()
        for listener in self.listeners:
            listener.start()
        for sender in self.senders:
            sender.start()
        for looker in self.lookers:
            looker.start()

    def stop(self, timeout_s: float = 30.0) -> bool:
        """Stops looking, finishes what is under way; False when something was still running at the time-out. Calls that
        get no turn in the first third of that time are left for the next start."""
        for limiter in (*self.limiters.values(), *self.carrier_limiters.values()):
            limiter.close(timeout_s / 3)
        self.devices.close(timeout_s / 3)
        for looker in self.lookers:
            looker.stop()
        for listener in self.listeners:
            listener.stop()
        for watcher in (*self.bounces, *self.catalogues, *self.parcels):
            watcher.stop()
        if self.needs is not None:
            self.needs.stop()
        for sender in self.senders:
            sender.stop()
        return self.runner.stop(timeout_s)

    def close(self) -> None:
        for carrier in self.carriers.known.values():
            carrier.close()
        for channel in self.channels.values():
            channel.close()
        self.store.close()
        self.ledger.close()

    def wake(self, case_ids: Iterable[int]) -> None:
        """Makes cases due now and tells the runner."""
        ids = list(case_ids)
        self.store.cases.wake(ids, self.work.now(), reset=True)
        self.runner.wake(ids)

    def look_now(self, source: str) -> bool:
        """Has a source looked at soon, also where its time has not come; False when nobody looks at it here."""
        found = [one for one in self.lookers if one.watched.name in (source, f"{source}.returns")]
        for looker in found:
            looker.nudge()
        return bool(found)


def assemble(
    config: Config,
    *,
    today: Callable[[], date] | None = None,
    now: Callable[[], float] = time.time,
    at: At | None = None,
    durable: bool = True,
) -> Pomost:
    """Wires everything. Raises NeedsPerson for a flow that can't work. ``at`` is told each point of a step (tests)."""
    if not structlog.is_configured():
        logs.to_console()
    store = open_store(config.database.url, durable=durable)
    ledger = open_ledger(config.ledger.url, durable=durable)
    seed_ledger(ledger, config)
    flows = {flow.name: resolve(flow) for flow in config.flow}
    if any(entry.stock for entry in config.catalogue):
        store.pending.rule = pending_rule(flows)
        store.pending.bought = bought_rule(flows)
        store.pending.ask_drafts = Drafts(store, ledger, flows, now).look
    for flow in flows.values():
        for fault in channel_faults(config, flow):
            raise fault
    limiters = limiters_of(config, store)
    channels = channels_of(config, limiters, flows, now, store)
    at = at or (lambda point: None)
    sellers = {company.code: _seller(company) for company in config.company}

    def hear(name: str) -> Heard:
        return Heard(store.looks, name, now)

    devices = devices_of(config, sellers, hear)
    carrier_limiters = carrier_limiters_of(config, store)
    carriers = carriers_of(config, carrier_limiters, channels, now, hear)
    renderer = Renderer(
        sellers,
        Path(config.templates) if config.templates else None,
    )
    parties = {company.code: _party(company) for company in config.company}
    languages = {company.code: company.language for company in config.company}

    def render(document: Document) -> bytes:
        return renderer.render(document, languages.get(document.company, "pl"))

    def packing(case: Case, cards: Mapping[str, Card]) -> bytes:
        return packing_list(renderer, case.company, case.order, cards, languages.get(case.company, "pl"))

    rates = _rates(config)
    day = today or (lambda: datetime.now(WARSAW).date())
    hands = {
        name: (
            flow,
            Hands(
                store=store,
                erp=ledger,
                channel=_side(channels, flow),
                channel_name=flow.channel or flow.cases,
                render=render,
                rates=rates,
                today=day,
                now=now,
                keep_file=lambda document, content: keep_pdf(config.data_dir, document, content),
                at=at,
                parties=parties,
                devices=devices,
                carriers=carriers,
            ),
        )
        for name, flow in flows.items()
    }
    work = Work(store, hands, config.engine, now, at)
    runner = _runner(config, work)
    pomost = Pomost(
        config,
        store,
        ledger,
        channels,
        limiters,
        flows,
        work,
        runner,
        devices=devices,
        carriers=carriers,
        carrier_limiters=carrier_limiters,
        render=render,
        packing=packing,
    )
    owner = new_owner()
    store.outbox.wanted = {hook.name: frozenset(hook.events) for hook in config.webhook}
    pomost.senders = [WebhookSender(store.outbox, hook, owner, now) for hook in config.webhook]
    pomost.lookers = [
        Looker(store, watched, owner, runner.wake, now, work.held_s)
        for watched in _watched(config, ledger, channels, flows, _busy(store, limiters, now))
    ]
    erps = {
        needing(flow, company): (company, ledger)
        for flow in flows.values()
        for company in sorted({flow.company, *(step.company for step in flow.step if step.company)})
    }
    pomost.bounces = [
        BounceWatcher(
            store, one.name, devices.mails[one.name].mailer, owner, runner.wake, now, one.bounces.every_s
        )
        for one in config.smtp
        if one.bounces is not None
    ]
    paces = [step.ship.track_s for flow in flows.values() for step in flow.step if step.ship]
    if paces:
        # shipments that wait for their turn are looked at in time, and an idle look costs one query
        every_s = max(min(*paces, 120.0) / 4, 0.1)
        pomost.parcels = [ShipmentWatcher(store, carriers.known, owner, runner.wake, now, every_s)]
    pomost.catalogues = catalogue_watchers(
        config,
        store,
        ledger,
        {name: shown for name, channel in channels.items() if (shown := channel.catalogue) is not None},
        store.pending.totals,
        rates,
        day,
        owner,
        now,
        at,
    )
    awake = [one for one, entry in zip(pomost.catalogues, config.catalogue, strict=True) if entry.wake]
    if awake:
        pomost.listeners = _waking(config, store, ledger, awake)
    pomost.needs = NeedsWatcher(store, erps, runner.wake, now, config.engine.sweep_s)
    return pomost


def _waking(
    config: Config, store: Store, ledger: Ledger, catalogues: Sequence[CatalogueWatcher]
) -> list[Listener]:
    """Changes wake the catalogues: those of this process by a call, those of others by whoever listens for them."""

    def wake() -> None:
        for catalogue in catalogues:
            catalogue.nudge()

    store.database.news.tell(wake)
    ledger.news.tell(wake)
    return listeners(config.database.url, config.ledger.url, wake)


def _party(company: Company) -> Party:
    return Party(
        company=company.name,
        tax_id=company.nip,
        email=company.email,
        phone=company.phone,
        address=Address(company.street, company.postcode, company.city, "", "PL"),
    )


def _side(channels: dict[str, ChannelAccount], flow: Flow) -> SalesChannel | None:
    """What the flow writes to: a channel, or the returns of one."""
    channel = channels.get(flow.channel or flow.source)
    if channel is None or flow.kind != "return":
        return channel
    return _desk(channel, flow)


def _desk(channel: ChannelAccount, flow: Flow) -> ReturnDesk:
    """The returns of a channel. Raises NeedsPerson where it tells of none."""
    if not isinstance(channel, ReturnSource):
        raise NeedsPerson(
            "flow.no-returns",
            f'Flow "{flow.name}": the connection "{flow.source}" tells nothing of returns.',
            "Take the flow out, or name another source.",
        )
    return ReturnDesk(channel)


def _runner(config: Config, work: Work) -> Runner:
    if config.database.url.startswith("sqlite"):
        return EmbeddedRunner(work)
    from pomost.engine.postgres import ProcrastinateRunner

    return ProcrastinateRunner(work, config.database.url)


def _rates(config: Config) -> RateSource:
    if config.rates.source == "fixed":
        return FixedRates(config.rates.fixed)
    return NbpRates(config.rates.url, config.rates.fixed)


def _busy(
    store: Store, limiters: dict[str, AccountLimiter], now: Callable[[], float]
) -> dict[str, Callable[[], float]]:
    """For each account: the seconds for which calls that queue and cases that are due keep it busy."""

    def of(limiter: AccountLimiter) -> Callable[[], float]:
        pace = max(limiter.interval, CASE_S)
        return lambda: max(limiter.queue_s(), pace * store.cases.count_due(now()))

    return {name: of(limiter) for name, limiter in limiters.items()}


def _watched(
    config: Config,
    ledger: Ledger,
    channels: dict[str, ChannelAccount],
    flows: dict[str, Flow],
    busy: dict[str, Callable[[], float]],
) -> list[Watched]:
    """Each source once: the flow that takes its orders, and channels that only get orders from elsewhere."""
    known = accounts(config)
    found: dict[str, Watched] = {}

    def of_channel(name: str, flow: Flow, takes: str) -> Watched:
        paces = (known[name].poll_s, known[name].poll_busy_s)
        return Watched(name, channels[name], flow.company, "order", takes, *paces, busy[name])

    for flow in flows.values():
        if flow.kind == "return" and flow.source in channels:
            desk = _desk(channels[flow.source], flow)
            every_s = known[flow.source].returns_s
            watched = Watched(flow.cases, desk, flow.company, flow.kind, flow.name, every_s)
        elif flow.source in channels:
            watched = of_channel(flow.source, flow, flow.name)
        elif flow.source == config.ledger.name:
            orders = ledger.order_source(flow.company)
            watched = Watched(flow.source, orders, flow.company, "erp-order", flow.name, 1.0)
        else:
            raise NeedsPerson(
                "flow.unknown-source",
                f'Flow "{flow.name}": there is no connection "{flow.source}".',
                f"Connections: {', '.join([*channels, config.ledger.name])}.",
            )
        found.setdefault(flow.cases, watched)
    for flow in flows.values():
        if flow.channel and flow.channel not in found and flow.channel in channels:
            found[flow.channel] = of_channel(flow.channel, flow, "")
    return list(found.values())


def seed_ledger(ledger: Ledger, config: Config) -> None:
    """Companies, warehouses, series and the service items that flows need, as the configuration says."""
    setup = ledger.setup
    for company in config.company:
        setup.add_company(
            company.code,
            company.name,
            company.nip,
            address=Address(company.street, company.postcode, company.city, "", "PL"),
            bank_account=company.bank_account,
            method=company.stock_method,
            negative_stock=company.negative_stock,
        )
        own = [warehouse for warehouse in config.ledger.warehouses if warehouse.company == company.code]
        for warehouse in own:
            setup.add_warehouse(company.code, warehouse.code, warehouse.name)
        if not own:
            setup.add_warehouse(company.code, "MAG", "Magazyn główny")
    known = {(series.company, series.kind, series.code) for series in config.ledger.series}
    for series in config.ledger.series:
        setup.add_series(series.company, series.kind, series.code, series.pattern)
    for flow in config.flow:
        for step in resolve(flow).step:
            for kind in step.kinds:
                owner = step.company or flow.company
                if step.series and (owner, kind, step.series) not in known:
                    setup.add_series(owner, kind, step.series)
        services = [
            ServiceItem(flow.rules.delivery_sku, flow.rules.delivery_name),
            ServiceItem(flow.rules.discount_sku, "Rabat"),
            *service_items(config, flow.source),
        ]
        setup.add_items(
            flow.company,
            [
                {"sku": one.sku, "name": one.name, "vat": "23", "kind": "service", "unit": "usł"}
                for one in services
            ],
        )


def _seller(company: Company) -> Seller:
    return Seller(
        name=company.name,
        tax_id=company.nip,
        address=Address(street=company.street, postcode=company.postcode, city=company.city, country="PL"),
        bank_account=company.bank_account,
        bank_name=company.bank_name,
        email=company.email,
        phone=company.phone,
    )


def pdf_path(data_dir: Path, document: Document) -> Path:
    """Where a document's PDF is kept."""
    name = re.sub(r"[^\w.-]+", "_", document.number)
    return data_dir / "pdf" / document.company / document.kind / f"{name}.pdf"


def keep_pdf(data_dir: Path, document: Document, content: bytes) -> str:
    """Keeps a document's PDF under pdf/COMPANY/KIND/; written whole or not at all. Gives its path."""
    path = pdf_path(data_dir, document)
    folder = path.parent
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{path.stem}.{os.getpid()}.{time.monotonic_ns()}.part"
    part.write_bytes(content)
    part.replace(path)
    return str(path)
