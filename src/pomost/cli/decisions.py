"""What a person decides about a step, checked before it is stored: the step is there, the document is what it should be."""

from __future__ import annotations

from typing import Never

import typer

from pomost.bootstrap import Pomost
from pomost.cli.words import tell
from pomost.config.flow import Step
from pomost.flows.acts.fiscal import note_on_document
from pomost.flows.acts.once import made_result
from pomost.flows.plan import step_of
from pomost.ports import Json
from pomost.store.queries import CaseLine
from pomost.trade.documents import Document
from pomost.words import event_word, phrase


def skip_step(pomost: Pomost, line: CaseLine, step: str, who: str) -> None:
    """Leaves a step out. Refuses a name that is neither in the flow nor what the order waits for: a slip of the pen
    would be stored and change nothing."""
    waited = {str(wait.get("step", "")) for wait in (line.waits, *line.waits.get("also", []))}
    if _step(pomost, line, step) is None and step not in waited:
        flow = pomost.flows.get(line.flow)
        names = [one.id for one in flow.step] if flow else []
        known = sorted(waited - {"", *names})
        _refuse(pomost, "no-step", step=step, known=", ".join([*names, *known]) or "-")
    _store(pomost, line, step, "skipped", who, None)


def resolve_step(pomost: Pomost, line: CaseLine, step: str, happened: bool, number: str, who: str) -> None:
    """Settles a step in doubt; a document that is said to be there is looked for in the ledger."""
    record = pomost.store.steps.of_case(line.id).get(step)
    if record is None or record.state != "doubt":
        _refuse(pomost, "not-in-doubt", step=step, known=_known(pomost, line))
    result = None
    own = _step(pomost, line, step)
    if happened and own is not None and own.issue:
        result = _found(pomost, line, own, step, number)
    elif happened and own is not None and own.fiscalise:
        # the number on the paper roll: the register of returns asks for it
        if not number:
            _refuse(pomost, "receipt-number-needed", step=step)
        result = {"receipt": number, "printer": str(record.request.get("mark", {}).get("printer", ""))}
        flow = pomost.flows[line.flow]
        maker = next(one for one in flow.step if one.id == own.fiscalise)
        note_on_document(pomost.ledger, maker.company or line.company, str(record.request["of"]), result)
    elif number:
        _refuse(pomost, "no-number", step=step)
    _store(pomost, line, step, "done" if happened else "failed", who, result)


def _found(pomost: Pomost, line: CaseLine, own: Step, step: str, number: str) -> Json:
    """What the step would have stored, had its answer come: later steps are made from it."""
    company = own.company or line.company
    mine = pomost.ledger.documents(company, foreign_number="" if own.mirror else line.number)
    if own.mirror:
        # a purchase invoice has the supplier's number in the place of the order's
        mine = [one for one in mine if one.attributes.get("ORDER_ID") == line.number]
    if not number:
        _refuse(pomost, "number-needed", mine, step=step)
    document = next((one for one in mine if one.number == number), None) or next(
        (one for one in pomost.ledger.documents(company) if one.number == number), None
    )
    if document is None:
        _refuse(pomost, "not-in-ledger", mine, company=company, number=number)
    wanted = own.issue.split("/")
    if document.kind not in wanted:
        kinds = {"found": document.kind, "wanted": own.issue}
        _refuse(pomost, "other-kind", mine, number=number, step=step, **kinds)
    if document.foreign_number not in ("", line.number) and document not in mine:
        other = document.foreign_number
        _refuse(pomost, "other-order", mine, number=number, other=other, order=line.number)
    if document.state == "cancelled":
        _refuse(pomost, "is-cancelled", mine, number=number)
    result = made_result(document)
    case = pomost.store.cases.load(line.id)
    if case.order is not None and not own.source and not own.mirror:
        result["print"] = case.content
    return result


def _step(pomost: Pomost, line: CaseLine, name: str) -> Step | None:
    flow = pomost.flows.get(line.flow)
    return step_of(flow, name) if flow else None


def _known(pomost: Pomost, line: CaseLine) -> str:
    steps = pomost.store.steps.of_case(line.id)
    language = pomost.config.language
    return ", ".join(f"{name} ({event_word(language, one.state)})" for name, one in steps.items()) or "-"


def _store(pomost: Pomost, line: CaseLine, step: str, to: str, who: str, result: Json | None) -> None:
    if not pomost.store.steps.decide(line.id, step, to, who, pomost.work.now(), result):
        _refuse(
            pomost,
            "cannot-become",
            step=step,
            to=event_word(pomost.config.language, to),
            known=_known(pomost, line),
        )
    pomost.store.cases.wake([line.id], pomost.work.now(), reset=True)
    language = pomost.config.language
    tell(language, "decided", order=line.number, step=step, to=event_word(language, to))


def _refuse(pomost: Pomost, key: str, mine: list[Document] | None = None, **facts: object) -> Never:
    language = pomost.config.language
    tell(language, key, "red", **facts)
    if mine is not None:
        found = ", ".join(f"{one.number} ({phrase(language, 'state', one.state)})" for one in mine)
        tell(language, "there-are" if mine else "there-are-none", found=found)
    pomost.close()
    raise typer.Exit(1)
