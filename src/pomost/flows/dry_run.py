"""The dry run: what a flow would make of an order, with nothing made. The same ``plan`` decides as in the real run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from pomost.config.flow import Flow
from pomost.flows.acts.at_edge import would_book, would_mail, would_print, would_ship
from pomost.flows.acts.cancelling import check, result_of, survey
from pomost.flows.acts.fiscal_number import fiscal_number
from pomost.flows.another import fields_of, is_telling
from pomost.flows.between import company_of, goods_for_other, is_for_other
from pomost.flows.correcting import planned
from pomost.flows.draft import compose, is_skipped, kind_of, skus_of
from pomost.flows.dry_invoices import pretend_invoice
from pomost.flows.duplicates import check_duplicate
from pomost.flows.facts import fill
from pomost.flows.gathering import pretend_gathering
from pomost.flows.internal import INTERNAL
from pomost.flows.lines import taken_by, total_of
from pomost.flows.making import as_components, asked_of, shown
from pomost.flows.plan import Todo, Wait, plan
from pomost.ports import Erp, Json, NeedsPerson, Waiting
from pomost.store.cases import Case
from pomost.store.steps import StepRecord
from pomost.store.store import Store
from pomost.trade.corrections import correct
from pomost.trade.count import count_lines
from pomost.trade.documents import CORRECTED_BY
from pomost.trade.errors import Refused
from pomost.trade.order import Order


@dataclass(frozen=True, slots=True)
class Line:
    """One act that would be done."""

    step: str
    act: str


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would be done now, and what it would then wait for or fail at."""

    order: Order | None
    lines: tuple[Line, ...]
    waits: tuple[Wait, ...]
    state: str


def dry_run(
    flow: Flow, case: Case, done: dict[str, StepRecord], erp: Erp, store: Store | None = None
) -> DryRun:
    """Goes through the plan as if every act succeeded; asks the ERP only about items, about documents that would be
    undone and what of an order may be corrected, and the ``store`` for orders that may be the same purchase."""
    steps = dict(done)
    lines: list[Line] = []
    while True:
        try:
            found = plan(flow, case, steps)
            if not found.ready:
                return DryRun(case.order, tuple(lines), found.waits, found.state)
            todo = found.ready[0]
            if todo.name in {line.step for line in lines}:
                # an act that leaves the plan as it was would be pretended for ever
                return DryRun(case.order, tuple(lines), found.waits, found.state)
            act, record = _pretend(flow, case, steps, todo, erp, store)
        except (NeedsPerson, Waiting) as failure:
            wait = Wait(failure.facts.get("decide", ""), failure.code, f"{failure.text} {failure.advice}")
            return DryRun(
                case.order, tuple(lines), (wait,), "waiting" if isinstance(failure, Waiting) else "person"
            )
        if act is None:
            wait = Wait(todo.name, "ledger.unknown-item", record.result["text"])
            return DryRun(case.order, tuple(lines), (wait,), "waiting")
        lines.append(Line(todo.name, act))
        steps[todo.name] = record


def _pretend(
    flow: Flow, case: Case, steps: dict[str, StepRecord], todo: Todo, erp: Erp, store: Store | None
) -> tuple[str | None, StepRecord]:
    assert case.order is not None
    record = StepRecord(todo.name, "done", "")
    if todo.step.place:
        return f'order placed in {flow.channel} as "{todo.step.status}"', replace(
            record, result={"placed": "?"}
        )
    if todo.step.correct:
        return _corrections(flow, case.order, steps, todo, erp), replace(
            record, result={"number": f"{todo.step.correct}/?", "kind": todo.step.correct, "refund": "?"}
        )
    if todo.step.check or todo.step.issue == "MM":
        return pretend_gathering(flow, case, steps, todo, erp)
    if todo.step.issue:
        kind = kind_of(todo.step, case.order, flow)
        if kind == "PWP":
            to_make = erp.to_make(*asked_of(flow, todo.step, case, steps))
            number = "PWP/?" if to_make.lines else ""
            made = {"number": number, "kind": kind, "made_for": case.content}
            return f"PWP: {shown(to_make)}", replace(record, result=made)
        if kind in INTERNAL:
            return f"{kind} of {len(case.order.lines)} lines", replace(
                record, result={"number": f"{kind}/?", "kind": kind}
            )
        total, note = case.order.total, ""
        step, company = todo.step, company_of(flow, todo.step)
        if step.issue == "FZAL" or step.settles:
            return pretend_invoice(flow, case, steps, todo, erp)
        if step.mirror:
            total = Decimal(str(steps[step.mirror].result.get("gross", "0")))
        elif is_for_other(flow, step):
            lines = goods_for_other(case.order, flow, step, erp)
            total = count_lines(lines, "net").gross
            unknown = erp.unknown_items(company, {line.sku for line in lines})
            if unknown:
                text = f"{kind} can't be made: company {company} has no item card for {', '.join(sorted(unknown))}."
                return None, replace(record, result={"text": text})
        elif not step.source and not step.from_order:
            if store is not None:
                check_duplicate(store, flow, case, steps, keep=False)
            cards = erp.item_vat(flow.company, skus_of(case.order, flow))
            composed = compose(case.order, flow, cards, vat_decided=is_skipped(steps, "vat"))
            drafted = as_components(composed.lines, case.order.basis, case.order, flow, erp)
            total = count_lines(drafted, case.order.basis).gross
            if step.lines:
                total = total_of(flow, step, case.order, composed.lines)
            if composed.vat_differs:
                note = f" (VAT differs: {'; '.join(map(str, composed.vat_differs))})"
            unknown = erp.unknown_items(flow.company, {line.sku for line in drafted})
            if unknown:
                text = f"{kind} can't be made: no item card for {', '.join(sorted(unknown))}."
                return None, replace(record, result={"text": text})
        elif step.source:
            total = sum(
                (
                    Decimal(str(steps[one].result["gross"]))
                    for one in step.source
                    if "gross" in steps[one].result
                ),
                Decimal(0),
            )
        note += f" in {company}" if company != flow.company else ""
        number = f"{kind}/?"
        result: Json = {"number": number, "kind": kind, "gross": str(total), "id": "?"}
        if not step.source and not step.mirror:
            # by which the plan knows later that the order is still what it was made from
            result["print"] = case.content
        if step.lines:
            result["lines"] = sorted(taken_by(flow, case.order)[0][step.id])
        return f"{kind} over {_amount(total)} {case.order.currency}{note}", replace(record, result=result)
    if todo.step.cancel:
        found = survey(erp, flow, case, steps, todo)
        check(found, todo.name)
        result = result_of(case, {"documents": [one.as_json() for one in found], "left": []})
        return f"undo: {result['text']}", replace(record, result=result)
    if todo.step.fiscalise:
        act, result = would_print(todo.step, steps)
        return act, replace(record, result=result)
    if todo.step.mail:
        return would_mail(todo.step.mail, case, steps), record
    if todo.step.ship:
        act, result = would_ship(flow, todo.step, case, steps)
        return act, replace(record, result=result)
    if todo.step.book:
        act, result = would_book(flow, todo.step, case, steps)
        return act, replace(record, result=result)
    write = todo.step.write
    assert write is not None
    told = fields_of(todo.step, todo.name)
    parts = [f"{name} := {fill(text, case.order, case.status, steps)}" for name, text in told.items()]
    if is_telling(todo.step, todo.name):
        return "; ".join(parts), record
    if write.pdf and (write.file_field or write.document_file):
        parts.append(f"PDF -> {write.file_field or write.document_file}")
    if write.fiscal and (fiscal := fiscal_number(steps, write.fiscal)):
        parts.append(f"receipt of the channel := {fiscal.number}")
    if write.status and not todo.implied:
        parts.append(f'status "{write.status}"')
    return "; ".join(parts), record


def _corrections(flow: Flow, order: Order, steps: dict[str, StepRecord], todo: Todo, erp: Erp) -> str:
    """All corrections that the step would make, one after the other."""
    standings = erp.standings(flow.company, order.of_order) if order.of_order else ()
    plan_of = planned(flow, todo.step, order, steps, standings)
    try:
        made = [
            (share.standing, correct(share.standing, plan_of.changes(share)).counted.gross)
            for share in plan_of.shares
        ]
        made += [(one.standing, correct(one.standing, one.changes).counted.gross) for one in plan_of.advances]
    except Refused as refusal:
        raise NeedsPerson(refusal.code, refusal.text, refusal.advice, **refusal.facts) from refusal
    return (
        "; ".join(
            f"{CORRECTED_BY[standing.kind]} to {standing.number} over {_amount(gross)} {order.currency}"
            for standing, gross in made
        )
        or "nothing: the goods never left"
    )


def _amount(total: Decimal) -> str:
    return f"{total:,.2f}".replace(",", " ")
