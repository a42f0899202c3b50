"""What a person decides about a step of an order, checked before it is stored: on the command line, in the panel, by the API."""

from __future__ import annotations

from collections.abc import Mapping

from pomost.bootstrap import Pomost
from pomost.config.flow import Step
from pomost.flows.acts.fiscal import note_on_document
from pomost.flows.acts.once import made_result
from pomost.flows.lowering import is_asked
from pomost.flows.plan import step_of
from pomost.ports import Json, NeedsPerson
from pomost.store.cases import Case
from pomost.store.steps import StepRecord
from pomost.trade.documents import Document
from pomost.trade.edits import SPREAD, YES


def skip_step(pomost: Pomost, case_id: int, step: str, who: str) -> None:
    """Leaves a step out for good, and the order goes on.

    Raises NeedsPerson for a name that is neither in the flow nor what the order waits for: a slip of the pen would be stored
    and change nothing; and for a step that is done.
    """
    case = pomost.store.cases.load(case_id)
    (line,) = pomost.store.lists.lines([case_id])
    waited = {str(wait.get("step", "")) for wait in (line.waits, *line.waits.get("also", []))}
    if _step(pomost, case, step) is None and step not in waited:
        flow = pomost.flows.get(case.flow)
        names = [one.id for one in flow.step] if flow else []
        known = ", ".join([*names, *sorted(waited - {"", *names})]) or "-"
        raise NeedsPerson("decide.no-step", f'The flow has no step "{step}".', f"Steps: {known}.")
    _store(pomost, case, step, "skipped", who, None)


def spread_refund(pomost: Pomost, case_id: int, who: str) -> None:
    """Has the prices of the sale lowered by the money that a return paid back for no goods, and the return goes on.

    Raises NeedsPerson ``decide.nothing-to-spread`` where the return does not wait for that decision.
    """
    case, steps = pomost.store.cases.load_with_steps(case_id)
    if not can_spread(case, steps):
        raise NeedsPerson(
            "decide.nothing-to-spread",
            f"{case.number} does not wait for a decision about money.",
            "Only a return waits so, by which money was paid back for no goods.",
        )
    pomost.store.cases.edit(case_id, {SPREAD: YES}, who, pomost.work.now())
    pomost.wake([case_id])


def can_spread(case: Case, steps: Mapping[str, StepRecord]) -> bool:
    """Whether a person may decide so now."""
    return case.order is not None and is_asked(case, steps)


def resolve_step(pomost: Pomost, case_id: int, step: str, happened: bool, number: str, who: str) -> None:
    """Settles a step in doubt: it happened, or it did not; the order goes on. ``number``: of the document or receipt found.

    A document that is said to be there is looked for in the ledger. Raises NeedsPerson when the word can't be taken.
    """
    case = pomost.store.cases.load(case_id)
    record = pomost.store.steps.of_case(case_id).get(step)
    if record is None or record.state != "doubt":
        raise NeedsPerson(
            "decide.not-in-doubt",
            f'Step "{step}" is not in doubt, so there is nothing to settle.',
            f"Steps: {_known(pomost, case)}.",
        )
    result = None
    own = _step(pomost, case, step)
    if happened and own is not None and own.issue:
        result = _found(pomost, case, own, step, number)
    elif happened and own is not None and own.fiscalise:
        # the number on the paper roll: the register of returns asks for it
        if not number:
            raise NeedsPerson(
                "decide.receipt-number-needed",
                f'Step "{step}" prints a receipt: its number is needed.',
                "Give the number that is on the roll, e.g. 218/45.",
            )
        result = {"receipt": number, "printer": str(record.request.get("mark", {}).get("printer", ""))}
        flow = pomost.flows[case.flow]
        maker = next(one for one in flow.step if one.id == own.fiscalise)
        note_on_document(pomost.ledger, maker.company or case.company, str(record.request["of"]), result)
    elif number:
        raise NeedsPerson("decide.no-number", f'Step "{step}" makes no document.', "Leave the number out.")
    _store(pomost, case, step, "done" if happened else "failed", who, result)


def _found(pomost: Pomost, case: Case, own: Step, step: str, number: str) -> Json:
    """What the step would have stored, had its answer come: later steps are made from it."""
    company = own.company or case.company
    mine = pomost.ledger.documents(company, foreign_number="" if own.mirror else case.number)
    if own.mirror:
        # a purchase invoice has the supplier's number in the place of the order's
        mine = [one for one in mine if one.attributes.get("ORDER_ID") == case.number]
    if not number:
        raise NeedsPerson(
            "decide.number-needed",
            f'Step "{step}" makes a document: the number that you found in the ledger is needed.',
            _there_are(mine),
        )
    document = next((one for one in mine if one.number == number), None) or next(
        (one for one in pomost.ledger.documents(company) if one.number == number), None
    )
    if document is None:
        raise NeedsPerson(
            "decide.not-in-ledger",
            f"The ledger of company {company} has no document {number}.",
            _there_are(mine),
        )
    if document.kind not in own.issue.split("/"):
        raise NeedsPerson(
            "decide.other-kind",
            f'{number} is of kind {document.kind}, and step "{step}" makes {own.issue}.',
            _there_are(mine),
        )
    if document.foreign_number not in ("", case.number) and document not in mine:
        raise NeedsPerson(
            "decide.other-order",
            f"{number} belongs to order {document.foreign_number}, not {case.number}.",
            _there_are(mine),
        )
    if document.state == "cancelled":
        raise NeedsPerson(
            "decide.is-cancelled",
            f"{number} is cancelled. If there is no document, say that it did not happen.",
            _there_are(mine),
        )
    result = made_result(document)
    if case.order is not None and not own.source and not own.mirror:
        result["print"] = case.content
    return result


def _there_are(mine: list[Document]) -> str:
    if not mine:
        return "The ledger has no document of this order. If nothing was made, say that it did not happen."
    found = ", ".join(f"{one.number} ({one.state})" for one in mine)
    return f"Documents of this order in the ledger: {found}."


def _step(pomost: Pomost, case: Case, name: str) -> Step | None:
    flow = pomost.flows.get(case.flow)
    return step_of(flow, name) if flow else None


def _known(pomost: Pomost, case: Case) -> str:
    steps = pomost.store.steps.of_case(case.id)
    return ", ".join(f"{name} ({one.state})" for name, one in steps.items()) or "-"


def _store(pomost: Pomost, case: Case, step: str, to: str, who: str, result: Json | None) -> None:
    if not pomost.store.steps.decide(case.id, step, to, who, pomost.work.now(), result):
        raise NeedsPerson(
            "decide.cannot-become",
            f'Step "{step}" can\'t become {to} now.',
            f"Steps: {_known(pomost, case)}.",
        )
    pomost.wake([case.id])
