"""The dry run of advance and final invoices: over what they would be made, with nothing made."""

from __future__ import annotations

from decimal import Decimal

from pomost.config.flow import Flow
from pomost.flows.advances import advance_ids, advanced, received
from pomost.flows.draft import compose, is_skipped, skus_of
from pomost.flows.files import made_parts
from pomost.flows.plan import Todo
from pomost.ports import Erp, Json
from pomost.store.cases import Case
from pomost.store.steps import StepRecord
from pomost.trade.count import count_lines

_PRETENDED = "?"


def pretend_invoice(
    flow: Flow, case: Case, steps: dict[str, StepRecord], todo: Todo, erp: Erp
) -> tuple[str, StepRecord]:
    """What the step would do, in words, and the record that stands for it."""
    order = case.order
    assert order is not None
    step = todo.step
    cards = erp.item_vat(flow.company, skus_of(order, flow))
    composed = compose(order, flow, cards, vat_decided=is_skipped(steps, "vat"))
    whole = count_lines(composed.lines, order.basis).gross
    if step.issue == "FZAL":
        money = order.payment.paid - received(step, steps)
        known = [one for one in made_parts(step, steps) if steps[one].result["id"] != _PRETENDED]
        standing = erp.advances(flow.company, [str(steps[one].result["id"]) for one in known])
        left = whole - sum((one.gross for one in standing), Decimal(0))
        total = min(money, left)
        over = f", {_money(money - total)} too much was paid" if money > total else ""
        result: Json = {
            "number": "FZAL/?",
            "kind": "FZAL",
            "gross": str(total),
            "received": str(money),
            "id": _PRETENDED,
            "rest": whole > advanced(step, steps) + total,
        }
        return f"FZAL over {_money(total)} {order.currency}{over}", _record(todo, result)
    ids = advance_ids(flow, step, steps)
    settled = sum(
        (one.gross for one in erp.advances(flow.company, [one for one in ids if one != "?"])), Decimal(0)
    )
    settled += sum(
        (
            Decimal(str(record.result["gross"]))
            for record in steps.values()
            if record.result.get("kind") == "FZAL" and record.result.get("id") == _PRETENDED
        ),
        Decimal(0),
    )
    if ids and settled >= whole and flow.rules.final_invoice == "due":
        result = {"number": "FZAL/?", "kind": "FZAL", "covered": True}
        return "no FS: the advance invoices cover the whole order", _record(todo, result)
    left = max(whole - settled, Decimal(0))
    result = {"number": "FS/?", "kind": "FS", "gross": str(left), "id": _PRETENDED}
    return (
        f"FS over {_money(whole)} {order.currency}, less advances of {_money(settled)}: {_money(left)}",
        _record(todo, result),
    )


def _record(todo: Todo, result: Json) -> StepRecord:
    return StepRecord(todo.name, "done", "", result=result)


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", " ")
