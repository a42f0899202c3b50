"""What of an order is pending: sold, and held by no document of the ERP yet. A pure function of the case and its steps.

Counted are the newest quantities of the order, less what documents hold in each company from which the flow takes goods.
Where it is not certain that a document holds something, it counts: rather too little is offered for a while than too much.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from pomost.config.flow import Flow, Step
from pomost.flows.between import company_of, is_for_other
from pomost.flows.conditions import holds, to_ask
from pomost.flows.drafts import state_of, waits_in_bufor
from pomost.flows.facts import condition_facts
from pomost.flows.shipments import ship_steps
from pomost.flows.undoing import after, begun, is_cancelled
from pomost.ports import NeedsPerson
from pomost.store.cases import Case
from pomost.store.pending import Bought, Key, Rule
from pomost.store.steps import StepRecord
from pomost.trade.documents import KINDS

ZERO = Decimal(0)
Covered = Mapping[str, Decimal] | None
"""Line of the order -> pieces that a document has of it; None: all lines."""


def pending_rule(flows: Mapping[str, Flow]) -> Rule:
    """The rule for the store, over the resolved flows of the configuration by name."""
    known = {name: _FlowRule(flow) for name, flow in flows.items() if flow.kind == "order"}

    def rule(case: Case, steps: Mapping[str, StepRecord]) -> Mapping[Key, Decimal]:
        own = known.get(case.flow)
        return own.pending(case, steps) if own is not None and case.kind == "order" else {}

    return rule


def bought_rule(flows: Mapping[str, Flow]) -> Bought:
    """What was bought with a case, whether or not it is pending, for the store."""
    known = {name: _FlowRule(flow) for name, flow in flows.items() if flow.kind == "order"}

    def rule(case: Case) -> Collection[Key]:
        own = known.get(case.flow)
        return own.bought(case) if own is not None and case.kind == "order" else ()

    return rule


def covered_by_others(flows: Mapping[str, Flow], company: str) -> frozenset[str]:
    """Companies whose documents hold the goods of every order of ``company`` a second time.

    What ``company`` has reserved beyond its own stock is owed by them, and must not be counted twice.
    """
    own = [flow for flow in flows.values() if flow.kind == "order" and flow.company == company]
    others = [
        {company_of(flow, step) for step in flow.step if is_for_other(flow, step) and _may_hold(step)}
        for flow in own
    ]
    return frozenset(set.intersection(*others)) if others else frozenset()


class _FlowRule:
    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._holders = [step for step in flow.step if _may_hold(step)]
        self._companies = tuple(dict.fromkeys(company_of(flow, step) for step in self._holders)) or (
            flow.company,
        )
        self._ends = _ends(flow)

    def bought(self, case: Case) -> Collection[Key]:
        if case.order is None:
            return ()
        return {(company, sku) for company in self._companies for sku, _ in self._wanted(case).values()}

    def pending(self, case: Case, steps: Mapping[str, StepRecord]) -> Mapping[Key, Decimal]:
        if case.gone or case.order is None or not self._counts(case, steps):
            return {}
        wanted = self._wanted(case)
        found: dict[Key, Decimal] = {}
        for company in self._companies:
            held = self._held(case, steps, company)
            for line, (sku, quantity) in wanted.items():
                left = quantity - (quantity if held is None else held.get(line, ZERO))
                if left > 0:
                    found[(company, sku)] = found.get((company, sku), ZERO) + left
        return found

    def _counts(self, case: Case, steps: Mapping[str, StepRecord]) -> bool:
        """Whether the order is one whose goods have still to be taken care of."""
        flow = self._flow
        assert case.order is not None
        if case.state == "done" and not _is_stale(case, steps) and not self._waits_in_bufor(steps):
            return False
        if begun(flow, steps):
            return False
        decided = steps.get(f"change~{case.content[:8]}")
        if decided is not None and decided.state == "skipped":
            # a person lets the documents stand as they are
            return False
        facts = to_ask(condition_facts(case.order, case.status, steps, ship_steps(flow)))
        try:
            if is_cancelled(flow, case, facts):
                return False
            if flow.sold:
                return holds(flow.sold, facts, f'flow "{flow.name}", sold')
            if not case.order.taken:
                return False
            return case.status not in self._ends or (
                bool(flow.take) and holds(flow.take, facts, f'flow "{flow.name}", take')
            )
        except NeedsPerson:
            # a person is asked for the condition anyway; until then the goods are sold
            return True

    def _waits_in_bufor(self, steps: Mapping[str, StepRecord]) -> bool:
        return any(waits_in_bufor(record) for step in self._holders for record in _newest(steps, step.id))

    def _wanted(self, case: Case) -> dict[str, tuple[str, Decimal]]:
        """Line of the order -> SKU of the ERP and pieces."""
        rules = self._flow.rules
        assert case.order is not None
        found: dict[str, tuple[str, Decimal]] = {}
        for number, line in enumerate(case.order.lines):
            given = line.sku.strip()
            sku = rules.aliases.get(given, given)
            if not sku or sku in rules.service_skus or line.price < 0 or line.quantity <= 0:
                continue
            found[line.id or f"#{number}"] = (sku, line.quantity)
        return found

    def _held(self, case: Case, steps: Mapping[str, StepRecord], company: str) -> Covered:
        found: dict[str, Decimal] = {}
        by_id = {str(one.result["id"]): one for one in steps.values() if one.result.get("id")}
        for step in self._holders:
            if company_of(self._flow, step) != company:
                continue
            own: dict[str, Decimal] = {}
            for record in _newest(steps, step.id):
                if record.state == "skipped":
                    return None
                covered = _covered(case, record, by_id)
                if covered is None:
                    return None
                for line, quantity in covered.items():
                    own[line] = own.get(line, ZERO) + quantity
            for line, quantity in own.items():
                # two documents over the same line: one is made from the other, or they hold the same goods
                found[line] = max(found.get(line, ZERO), quantity)
        return found


def _may_hold(step: Step) -> bool:
    """Whether a document of the step reserves goods for the buyer or issues them to him."""
    kinds = [KINDS[kind] for kind in step.kinds if kind in KINDS]
    return bool(step.issue) and any(
        kind.reserves
        or (
            kind.stock < 0
            and not kind.transfers
            and kind.symbol != "RWS"
            and (not kind.sale or step.moves_stock)
        )
        for kind in kinds
    )


def _ends(flow: Flow) -> frozenset[str]:
    """Statuses to which the flow itself moves orders once their goods were issued: those seen in one are over."""
    issued: set[str] = set()
    found: set[str] = set()
    for index, step in enumerate(flow.step):
        kinds = [KINDS[kind] for kind in step.kinds if kind in KINDS]
        issues = _may_hold(step) and any(kind.stock < 0 for kind in kinds)
        if issues or issued.intersection(after(flow, index)):
            issued.add(step.id)
            if step.write and step.write.status:
                found.add(step.write.status)
    return frozenset(found)


def _is_stale(case: Case, steps: Mapping[str, StepRecord]) -> bool:
    """Whether the order is not any more what its documents were made from."""
    return any(
        record.state == "done" and record.result.get("print", case.content) != case.content
        for record in _latest(steps)
    )


def _latest(steps: Mapping[str, StepRecord]) -> Iterator[StepRecord]:
    """Without those that an amendment replaced."""
    found: dict[str, StepRecord] = {}
    for name, record in steps.items():
        if "~" not in name or record.state == "done":
            found[name.split("~")[0]] = record
    yield from found.values()


def _newest(steps: Mapping[str, StepRecord], step: str) -> Iterator[StepRecord]:
    """The records of a step: of each of its parts the last amendment."""
    for record in _latest(steps):
        if record.step.split("#")[0].split("~")[0] == step:
            yield record


def _covered(case: Case, record: StepRecord, by_id: Mapping[str, StepRecord]) -> Covered:
    """What the document of a step holds of the order; nothing where that is not certain."""
    if record.state != "done" or not record.result.get("number"):
        return {}
    draft = _draft(record)
    kind = KINDS.get(str(record.result.get("kind", draft.get("kind", ""))))
    if kind is None:
        return {}
    if kind.reserves:
        # an order document in bufor holds nothing yet; of an order that is done, what was removed is wanted no more
        state = state_of(record)
        if state == "bufor" or (state != "approved" and case.state != "done"):
            return {}
    elif kind.stock >= 0 or (kind.sale and not draft.get("moves_stock")):
        return {}
    return _lines(case, record, by_id)


def _lines(case: Case, record: StepRecord, by_id: Mapping[str, StepRecord]) -> Covered:
    """The lines of a document: its own, or those of the documents that it was made from as a whole."""
    draft = _draft(record)
    assert case.order is not None
    lines = draft.get("lines") or []
    if record.result.get("rest"):
        return {}
    if not lines:
        found: dict[str, Decimal] = {}
        for source in draft.get("sources") or []:
            origin = by_id.get(str(source))
            part = _lines(case, origin, by_id) if origin is not None and origin is not record else {}
            if part is None:
                return None
            for line, quantity in part.items():
                found[line] = found.get(line, ZERO) + quantity
        # settled by hand with no request: what it was made for is all that is known
        return found if draft else (None if record.result.get("print", case.content) == case.content else {})
    known = {line.id: line for line in case.order.lines}
    fresh = record.result.get("print", case.content) == case.content
    covered: dict[str, Decimal] = {}
    for one in lines:
        own = str(one.get("order_line", ""))
        if own in known:
            covered[own] = covered.get(own, ZERO) + Decimal(str(one["quantity"]))
        elif (kit := own.rpartition(":")[0]) in known and fresh:
            # sold as its components
            covered[kit] = known[kit].quantity
    return covered


def _draft(record: StepRecord) -> dict[str, Any]:
    """What was asked for."""
    found: dict[str, Any] = json.loads(record.request_text) if record.request_text else {}
    return found
