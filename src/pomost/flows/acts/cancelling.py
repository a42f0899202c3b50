"""Undoing the documents of a cancelled order: everything is looked at and decided first, then done, the later ones first.

When one of them may not be undone, none is: half an order would be worse than a person's decision on the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from pomost.config.flow import Flow
from pomost.flows.acts.fiscal import settle_receipt
from pomost.flows.acts.hands import Hands, NotDone, key_of
from pomost.flows.acts.once import made_result
from pomost.flows.acts.recalling import left_with_carriers, recall, settle_shipment
from pomost.flows.between import company_of
from pomost.flows.plan import Todo, step_of
from pomost.flows.progress import Progress
from pomost.flows.reversing import reverse, settled_before
from pomost.ports import Erp, InDoubt, Json, NeedsPerson
from pomost.store.cases import Case
from pomost.store.claims import dump
from pomost.store.steps import Finished, Intention, StepRecord
from pomost.trade.cancelling import Decision, Standing, decide, in_undoing_order
from pomost.trade.documents import CORRECTED_BY, KINDS, Document

_DONE_BY = {
    "delete": "deleted",
    "cancel": "cancelled",
    "reverse": "corrected to zero",
    "nothing": "cancelled before",
    "keep": "stands, as goods that it moved were issued since",
}
_EFFECTS = {
    "goods-returned": "goods back in stock",
    "goods-sent-back": "received goods taken out",
    "reservation-released": "reservation released",
    "components-returned": "components back in stock",
    "refund": "refund to be made",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A document of the order, and what is to be done with it."""

    step: str
    document: Document
    decision: Decision

    def as_json(self) -> Json:
        document = self.document
        return {
            "step": self.step,
            "company": document.company,
            "key": document.key,
            "kind": document.kind,
            "number": document.number,
            **asdict(self.decision),
            **(
                {"id": document.id, "lines": {line.id: str(line.quantity) for line in document.lines}}
                if self.decision.undoing == "reverse"
                else {}
            ),
        }


def do_cancel(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """Undoes the documents that the step names, each once; what follows from it is in the step's result."""
    case, name = progress.case, todo.name
    record = progress.done.get(name)
    if record is not None and record.state == "intended":
        request = record.request
    else:
        progress.flush()
        settle(hands, flow, progress)
        sent = recall(hands, flow, progress, todo)
        found = survey(hands.erp, flow, case, progress.done, todo)
        check(found, todo.name)
        left = _unnamed(flow, progress.done, todo) + left_with_carriers(hands, progress, todo)
        request = {"documents": [one.as_json() for one in found], "left": left, "shipments": sent}
        request["day"] = hands.today().isoformat()
        progress.intend([Intention(name, key_of(case, name), dump(request))])
    hands.at(f"{todo.step.id}:intended")
    for one in request["documents"]:
        progress.still_mine()
        _undo(hands.erp, one, case.number, date.fromisoformat(request["day"]), flow.rules.cancel_reason)
        hands.at(f"{todo.step.id}:{one['step']}")
    hands.at(f"{todo.step.id}:made")
    progress.finish(Finished(name, result_of(case, request)))


def settle(hands: Hands, flow: Flow, progress: Progress) -> None:
    """Of every document that was begun and whose end is not written, the ERP is asked: it was made, or it was not."""
    case = progress.case
    for name, record in list(progress.done.items()):
        step = step_of(flow, name)
        if record.state != "intended" or step is None or step.cancel:
            continue
        if step.fiscalise:
            settle_receipt(hands, flow, progress, name, step)
            continue
        if step.ship:
            settle_shipment(hands, progress, name)
            continue
        document = None
        if step.issue and "~" not in name:
            document = hands.erp.find(company_of(flow, step), record.key)
        if document is not None:
            progress.finish(Finished(name, made_result(document)))
        elif not step.write and not step.mail:
            text = f"Order {case.number} was cancelled before step {name} was done."
            progress.fail([name], NeedsPerson("flow.cancelled", text))


def survey(erp: Erp, flow: Flow, case: Case, done: Mapping[str, StepRecord], todo: Todo) -> tuple[Found, ...]:
    """The documents that the step undoes, in the order in which they are undone, with what is to be done with each."""
    documents: dict[str, tuple[str, Document]] = {}
    own: set[str] = {case.external_id} if any(step.from_order for step in flow.step) else set()
    for name, record in done.items():
        step = step_of(flow, name)
        if step is None or not step.issue or record.state != "done" or not record.result.get("id"):
            continue
        own.add(str(record.result["id"]))
        if step.id not in todo.step.cancel:
            continue
        document = erp.read(company_of(flow, step), str(record.result["id"]))
        if document is not None:
            documents[document.id] = (step.id, document)
    made = [
        (one.id, (*one.sources, *(advance.advance_id for advance in one.settled)))
        for _, one in documents.values()
    ]
    found: list[Found] = []
    for document_id in in_undoing_order(made):
        step_id, document = documents[document_id]
        decision = decide(_standing(erp, flow, done, step_id, document, documents, own))
        found.append(Found(step_id, document, settled_before(erp, document, decision)))
    return tuple(found)


def _standing(
    erp: Erp,
    flow: Flow,
    done: Mapping[str, StepRecord],
    step_id: str,
    document: Document,
    undone: Mapping[str, object],
    own: set[str],
) -> Standing:
    step = step_of(flow, step_id)
    ties = erp.ties(document.company, document.key)
    kind = KINDS[document.kind]
    return Standing(
        kind=document.kind,
        state=document.state,
        fiscalised=_is_fiscalised(flow, done, step_id, document),
        sent=_is_sent(flow, done, step_id),
        followed=any(one not in undone for one in ties.followers),
        shared=len(document.sources) > 1 and any(one not in own for one in document.sources),
        # what the order's own documents took, which are undone first, comes back to where it was brought or made
        goods_used=ties.goods_used and not (ties.users and all(one in undone for one in ties.users)),
        paid=document.paid if kind.sale else Decimal(0),
        moves_goods=kind.stock != 0 and (not kind.sale or (step is not None and step.moves_stock)),
    )


def _is_fiscalised(flow: Flow, done: Mapping[str, StepRecord], step_id: str, document: Document) -> bool:
    """Whether the sale is in a cash register, or may be. An approved PA is, whoever printed it: the books say so."""
    if (document.kind == "PA" and document.state == "approved") or "FISCAL_NUMBER" in document.attributes:
        return True
    printing = [step for step in flow.step if step.fiscalise == step_id]
    return any(
        record.state in ("intended", "doubt") or (record.state == "done" and "left_out" not in record.result)
        for name, record in done.items()
        if step_of(flow, name) in printing and record.request.get("of", document.key) == document.key
    )


def _is_sent(flow: Flow, done: Mapping[str, StepRecord], step_id: str) -> bool:
    """Whether the buyer has the document: its PDF went to the channel or into a mail, or may have gone."""
    return any(
        (
            (step.write is not None and step.write.pdf == step_id)
            or (step.mail is not None and step_id in step.mail.pdf)
        )
        and (record := done.get(step.id)) is not None
        and record.state in ("done", "intended", "doubt")
        and "left_out" not in record.result
        for step in flow.step
    )


def check(found: tuple[Found, ...], step: str) -> None:
    """Raises NeedsPerson ``flow.cannot-undo`` where anything stands in the way, with what is to be done by hand."""
    stuck = [one for one in found if one.decision.undoing in ("correct", "ask")]
    if not stuck:
        return
    why = "; ".join(f"{one.document.number}: {one.decision.why}" for one in stuck)
    advice = [_by_hand(one) for one in found if one.decision.undoing not in ("nothing", "keep")]
    raise NeedsPerson(
        "flow.cannot-undo",
        f"The order was cancelled and its documents can't be undone by themselves ({why}). Nothing was undone.",
        f"In the ERP: {'; '.join(advice)}. Then `pomost skip` the step {step}; or clear the way and `pomost retry`.",
        documents=", ".join(one.document.number for one in found),
    )


def _by_hand(one: Found) -> str:
    number = one.document.number
    if one.decision.undoing == "correct" and one.document.kind == "PA":
        return f"make a return (PAK) of all of {number}"
    if one.decision.undoing in ("correct", "reverse"):
        return f"correct {number} to zero"
    if one.decision.undoing == "ask":
        return f"settle what hangs on {number}, then cancel it"
    return f"{one.decision.undoing} {number}"


def _undo(erp: Erp, one: Json, order: str, day: date, reason: str) -> None:
    """Does what was decided; after a doubt the ERP says whether it is done already."""
    company, key = str(one["company"]), str(one["key"])
    try:
        if one["undoing"] == "delete" and erp.find(company, key) is not None:
            erp.delete(company, key)
        elif one["undoing"] == "cancel":
            erp.cancel(company, key)
        elif one["undoing"] == "reverse":
            made = reverse(erp, one, order=order, day=day, reason=reason)
            one["by"], one["by_id"] = made.number, made.id
    except InDoubt as failure:
        if one["undoing"] == "reverse":
            # the correction has a key of its own, by which the next run finds it
            raise NotDone(failure) from failure
        document = erp.find(company, key)
        if document is not None and document.state != "cancelled":
            raise NotDone(failure) from failure
    except NeedsPerson:
        if not KINDS[str(one["kind"])].transfers or not erp.ties(company, key).goods_used:
            raise
        # issued between the look and the act: it is what the look would have found a moment later
        one.update(undoing="keep", effects=[])


def _unnamed(flow: Flow, done: Mapping[str, StepRecord], todo: Todo) -> list[str]:
    """What the order leaves behind: documents that the step does not name, and what was placed elsewhere."""
    left: list[str] = []
    for name, record in done.items():
        step = step_of(flow, name)
        if step is None or step.id in todo.step.cancel:
            continue
        if step.issue and record.state == "done":
            left.append(f"{record.result.get('number')} is not named by the step {todo.name}")
        if step.place and record.state in ("done", "intended"):
            placed = record.result.get("placed") or "that may have been placed"
            left.append(f"order {placed} in {flow.channel} stays there")
    return left


def result_of(case: Case, request: Json) -> Json:
    """The step's result: which documents, what became of each, the refund to be made, and what is left."""
    assert case.order is not None
    documents = request["documents"]
    paid = case.order.payment.paid
    result: Json = {
        "kind": "",
        "number": ", ".join(str(one["number"]) for one in documents),
        "documents": documents,
        "shipments": request.get("shipments", []),
        "left": request["left"],
        "refund": {"amount": str(paid), "currency": case.order.currency, "form": case.order.payment.method}
        if paid > 0
        else {},
    }
    corrections = [
        {"id": one["by_id"], "kind": CORRECTED_BY[one["kind"]], "number": one["by"]}
        for one in documents
        if one.get("by_id")
    ]
    result["corrections"] = corrections
    result["correction"] = ", ".join(str(one["number"]) for one in corrections)
    result["text"] = text_of(result)
    return result


def text_of(result: Json) -> str:
    """What was done, in words for people."""
    parts = []
    for one in result["documents"]:
        effects = [_EFFECTS[effect] for effect in one["effects"] if effect != "refund"]
        also = f" ({', '.join(effects)})" if effects else ""
        by = f" by {one['by']}" if one.get("by") else ""
        parts.append(f"{one['number']} {_DONE_BY[one['undoing']]}{by}{also}")
    for one in result.get("shipments", ()):
        held = "cancelled" if one.get("cancelled", True) else "not cancelled, decided by a person"
        parts.append(f"shipment {one['tracking']} {held}")
    text = f"The order was cancelled: {'; '.join(parts) or 'nothing had to be undone'}."
    if result["refund"]:
        refund = result["refund"]
        text += (
            f" To be refunded: {refund['amount']} {refund['currency']} ({refund['form'] or 'no form named'})."
        )
    if result["left"]:
        text += f" Left: {'; '.join(result['left'])}."
    return text
