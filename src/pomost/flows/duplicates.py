"""The control of duplicates: before its first document an order is compared with those that came before it."""

from __future__ import annotations

from collections.abc import Mapping

from pomost.config.flow import Flow
from pomost.flows.draft import is_skipped
from pomost.ports import NeedsPerson
from pomost.store.cases import Case
from pomost.store.purchases import Noted, Twin
from pomost.store.steps import StepRecord
from pomost.store.store import Store
from pomost.trade.duplicates import purchase_prints

_UNDONE = frozenset({"flow.cancelled", "flow.undone"})


def check_duplicate(
    store: Store, flow: Flow, case: Case, done: Mapping[str, StepRecord], *, keep: bool = True
) -> None:
    """Raises NeedsPerson ``flow.duplicate`` when the order seems to be a purchase that came before under another id.

    Orders that were cancelled without a document in force, and parts of one order that was split or merged, are no
    duplicates. ``keep``: False compares without noting the order (dry run).
    """
    rule = flow.rules.duplicates
    made = any(record.state == "done" and record.result.get("number") for record in done.values())
    if rule.then == "off" or made or is_skipped(done, "duplicate"):
        return
    assert case.order is not None
    window = rule.within_hours * 3600
    prints = purchase_prints(case.order, rule.by)
    if not prints:
        return
    what = Noted(
        company=case.company,
        source=case.source,
        external_id=case.external_id,
        placed_at=case.order.placed_at.timestamp(),
        prints=tuple((one.digest, None if one.by == "external" else window) for one in prints),
    )
    for twin in store.purchases.note(case.id, what) if keep else store.purchases.like(what):
        if twin.code not in _UNDONE:
            raise _duplicate(store, case, twin)


def _duplicate(store: Store, case: Case, twin: Twin) -> NeedsPerson:
    documents = [
        str(record.result["number"])
        for record in store.steps.of_case(twin.case_id).values()
        if record.state == "done" and record.result.get("number")
    ]
    has = f"which has {', '.join(documents)}" if documents else "which has no documents yet"
    return NeedsPerson(
        "flow.duplicate",
        f'Order {case.number} seems to be the same purchase as order {twin.number} (status "{twin.status}"), {has}.',
        "Cancel one of them in the channel; or, if both are wanted, `pomost skip ORDER duplicate`.",
        decide="duplicate",
        other=twin.number,
    )
