"""Doing one step: the intention is written, the act done, what came of it read back and written.

After any doubt the other side is asked whether our reference is there before anything is repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pydantic import TypeAdapter

from pomost.config.model import Flow, Step, WriteStep
from pomost.flows.draft import draft_document
from pomost.flows.facts import fill
from pomost.flows.plan import Todo
from pomost.ports import (
    Erp,
    Failure,
    FileToSend,
    InDoubt,
    Json,
    NeedsPerson,
    OutgoingOrder,
    RateSource,
    SalesChannel,
    TryAgain,
    WriteBack,
)
from pomost.store.cases import Case, Claim
from pomost.store.steps import StepRecord
from pomost.store.store import Store
from pomost.trade.changes import content_print
from pomost.trade.currency_rate import rate_day
from pomost.trade.documents import Document, Draft

Render = Callable[[Document], bytes]


@dataclass(frozen=True, slots=True)
class Hands:
    """What acts reach for. ``today`` gives the business date; ``now`` Unix seconds."""

    store: Store
    erp: Erp
    channel: SalesChannel | None
    channel_name: str
    render: Render
    rates: RateSource
    today: Callable[[], date]
    now: Callable[[], float]
    keep_file: Callable[[Document, bytes], str]
    at: Callable[[str], None]


@lru_cache(maxsize=1)
def _drafts() -> TypeAdapter[Draft]:
    return TypeAdapter(Draft)


def key_of(case: Case, step: str) -> str:
    """Our reference of a step's effect, the same in every repetition."""
    return f"{case.source}:{case.external_id}/{step}"


def do_document(
    hands: Hands, flow: Flow, claim: Claim, case: Case, done: Mapping[str, StepRecord], todo: Todo
) -> None:
    """Makes the document of a step, exactly once."""
    key = key_of(case, todo.name)
    record = done.get(todo.name)
    if record is not None and record.state == "intended" and record.request:
        # a run before this one got as far as the intention: the same request again, after a look
        draft = _drafts().validate_python(record.request)
    else:
        draft = _fresh_draft(hands, flow, case, done, todo, key)
        hands.store.steps.intend(
            claim, [(todo.name, key, _drafts().dump_python(draft, mode="json"))], hands.now()
        )
        hands.at(f"{todo.step.id}:intended")
        record = None
    try:
        document = hands.erp.find(draft.company, key) if record is not None and not todo.amends else None
        if document is None:
            hands.store.steps.still_mine(claim)
            document = _make(hands, case, draft, todo)
    except InDoubt as failure:
        document = _look_after_doubt(hands, draft, key, todo)
        if document is None:
            raise NotDone(failure) from failure
    hands.at(f"{todo.step.id}:made")
    _compare(draft, document)
    hands.store.steps.finish(
        claim, [(todo.name, _document_result(hands, case, draft, document))], hands.now()
    )
    hands.at(f"{todo.step.id}:stored")


class NotDone(Failure):
    """After a doubt the other side says that nothing was done: the step may simply be repeated."""

    def __init__(self, cause: Failure) -> None:
        super().__init__(cause.code, cause.text, cause.advice, **cause.facts)


def _fresh_draft(
    hands: Hands, flow: Flow, case: Case, done: Mapping[str, StepRecord], todo: Todo, key: str
) -> Draft:
    assert case.order is not None
    rate = None
    today = hands.today()
    if case.order.currency != "PLN":
        rate = hands.rates.rate(case.order.currency, rate_day(today))
    item_vat = None
    if flow.rules.vat_from == "item":
        item_vat = hands.erp.item_vat(flow.company, [line.sku for line in case.order.lines if line.sku])
    return draft_document(flow, todo.step, case, done, key=key, today=today, rate=rate, item_vat=item_vat)


def _make(hands: Hands, case: Case, draft: Draft, todo: Todo) -> Document:
    if todo.amends:
        return hands.erp.amend(draft.company, key_of(case, todo.amends), draft)
    return hands.erp.issue(draft)


def _look_after_doubt(hands: Hands, draft: Draft, key: str, todo: Todo) -> Document | None:
    if todo.amends:
        return None
    return hands.erp.find(draft.company, key)


def _compare(draft: Draft, document: Document) -> None:
    """What came back must be what was asked for: a correction that became an ordinary invoice is no success."""
    if document.kind != draft.kind:
        raise NeedsPerson(
            "flow.other-kind-made",
            f"A {draft.kind} was asked for, and {document.kind} {document.number} was made.",
            "Look at the document in the ERP and correct it there.",
        )


def _document_result(hands: Hands, case: Case, draft: Draft, document: Document) -> Json:
    assert case.order is not None
    result: Json = {
        "id": document.id,
        "kind": document.kind,
        "number": document.number,
        "state": document.state,
        "net": str(document.net),
        "gross": str(document.gross),
        "currency": document.currency,
        "key": document.key,
    }
    if not draft.sources:
        result["print"] = content_print(case.order)
        if document.gross != case.order.total:
            result["difference"] = str(case.order.total - document.gross)
    if draft.partial and draft.sources:
        sources = [hands.erp.read(draft.company, source) for source in draft.sources]
        result["rest"] = any(
            line.realised < line.quantity
            for source in sources
            if source is not None
            for line in source.lines
            if not line.service
        )
    return result


# --- writes to the channel -------------------------------------------------------------------------------------------


def do_writes(
    hands: Hands, flow: Flow, claim: Claim, case: Case, done: Mapping[str, StepRecord], todos: Sequence[Todo]
) -> None:
    """Writes what several steps have for the same order, in one call, and then moves its status, in a shared one."""
    assert case.order is not None
    channel = _channel(hands, flow)
    order_id = case.external_id if hands.channel_name == case.source else _placed_id(done)
    what, status = _merge(hands, flow, case, done, todos, order_id)
    again = any((record := done.get(todo.name)) is not None and record.state == "intended" for todo in todos)
    request = {
        "fields": dict(what.fields),
        "status": status,
        "from": _origin(done, todos) or case.status,
        "file": what.file.name if what.file else "",
        "sha256": hashlib.sha256(what.file.content).hexdigest() if what.file else "",
    }
    names = [todo.name for todo in todos]
    if not again:
        hands.store.steps.intend(
            claim, [(todo.name, key_of(case, todo.name), request) for todo in todos], hands.now()
        )
        hands.at(f"{names[-1]}:intended")
    if (what.fields or what.file) and not (again and channel.is_written(what)):
        hands.store.steps.still_mine(claim)
        try:
            channel.write(what)
        except InDoubt as failure:
            if not channel.is_written(what):
                raise NotDone(failure) from failure
    hands.at(f"{names[-1]}:made")
    moved = None
    if status and _move(hands, claim, channel, order_id, status, str(request["from"]), again):
        moved = (str(request["from"]), status)
    hands.at(f"{names[-1]}:moved")
    hands.store.steps.finish(claim, [(name, request) for name in names], hands.now(), moved)
    hands.at(f"{names[-1]}:stored")


def _origin(done: Mapping[str, StepRecord], todos: Sequence[Todo]) -> str:
    """The status that the order had when these writes were first intended."""
    return next(
        (
            str(record.request["from"])
            for todo in todos
            if (record := done.get(todo.name)) and "from" in record.request
        ),
        "",
    )


def _move(
    hands: Hands,
    claim: Claim,
    channel: SalesChannel,
    order_id: str,
    status: str,
    origin: str,
    again: bool,
) -> bool:
    """Each status is set once: it may start the seller's own automations. After a doubt the order is read first, and
    one that is not where it was any more has been moved, by us or by somebody after us: it is never moved back.
    Gives whether it was moved now."""
    if again and not _still_has(channel, order_id, origin):
        return False
    hands.store.steps.still_mine(claim)
    try:
        channel.set_status([order_id], status)
    except InDoubt as failure:
        if _still_has(channel, order_id, origin):
            # the fields of the same step are written: the step stays intended, so that only the status is repeated
            raise TryAgain(failure.code, failure.text, failure.advice) from failure
    return True


def _still_has(channel: SalesChannel, order_id: str, status: str) -> bool:
    seen = channel.read(order_id)
    return seen is not None and seen.order is not None and seen.order.status == status


def _merge(
    hands: Hands, flow: Flow, case: Case, done: Mapping[str, StepRecord], todos: Sequence[Todo], order_id: str
) -> tuple[WriteBack, str]:
    assert case.order is not None
    fields: dict[str, str] = {}
    status, file, file_field, document_file, series = "", None, "", "", ""
    for todo in todos:
        write = todo.step.write
        assert write is not None
        for name, text in write.fields.items():
            fields[name] = fill(text, case.order, case.status, done)
        if write.status and not todo.implied:
            status = write.status
        if write.pdf and (record := done.get(write.pdf)) and record.state == "done":
            file = _file(hands, flow, record)
            file_field = write.file_field
            document_file, series = _document_file(write, record), write.series
    back = WriteBack(
        order_id=order_id,
        key=key_of(case, todos[-1].name),
        fields=fields,
        file=file,
        file_field=file_field,
        document_file=document_file,
        series=series,
    )
    return back, "" if status == case.status and not _origin(done, todos) else status


def _document_file(write: WriteStep, record: StepRecord) -> str:
    if write.document_file != "auto":
        return write.document_file
    return "receipt" if record.result.get("kind") == "PA" else "invoice"


def _file(hands: Hands, flow: Flow, record: StepRecord) -> FileToSend:
    document = hands.erp.read(flow.company, str(record.result["id"]))
    if document is None:
        raise NeedsPerson(
            "flow.document-vanished",
            f"{record.result.get('kind')} {record.result.get('number')} is not in the ERP any more.",
            "Restore it there, or skip the step.",
        )
    content = hands.render(document)
    hands.keep_file(document, content)
    name = f"{document.kind} {document.number}.pdf".replace("/", "_")
    return FileToSend(name=name, content=content, number=document.number)


def _channel(hands: Hands, flow: Flow) -> SalesChannel:
    if hands.channel is None:
        raise NeedsPerson(
            "flow.no-channel",
            f'The flow "{flow.name}" writes to a channel, and none is named.',
            "Set channel = ...",
        )
    return hands.channel


# --- orders of the ERP that go to a channel --------------------------------------------------------------------------


def do_place(
    hands: Hands, flow: Flow, claim: Claim, case: Case, done: Mapping[str, StepRecord], todo: Todo
) -> None:
    """Places the ERP's order in the channel, exactly once: our reference travels with it and is looked for."""
    assert case.order is not None
    channel = _channel(hands, flow)
    key = key_of(case, todo.name)
    record = done.get(todo.name)
    placed: str | None = None
    if record is not None:
        # a run before this one began: a request that was lost may have been carried out late
        placed = channel.find_placed(key)
    if record is None or record.state != "intended":
        hands.store.steps.intend(claim, [(todo.name, key, {"status": todo.step.status})], hands.now())
        hands.at(f"{todo.step.id}:intended")
    if placed is None:
        hands.store.steps.still_mine(claim)
        try:
            placed = channel.place(OutgoingOrder(key=key, order=case.order, status=todo.step.status))
        except InDoubt as failure:
            placed = channel.find_placed(key)
            if placed is None:
                raise NotDone(failure) from failure
    hands.at(f"{todo.step.id}:made")
    hands.store.steps.link(claim, hands.channel_name, placed)
    result = {"placed": placed}
    hands.store.steps.finish(claim, [(todo.name, result)], hands.now(), (case.status, todo.step.status))
    hands.at(f"{todo.step.id}:stored")


def _placed_id(done: Mapping[str, StepRecord]) -> str:
    for record in done.values():
        if record.state == "done" and record.result.get("placed"):
            return str(record.result["placed"])
    raise NeedsPerson(
        "flow.not-placed",
        "The order is not in the channel, so nothing can be written to it.",
        "Add a place step before.",
    )


def step_of(flow: Flow, name: str) -> Step | None:
    """The step of the flow that a step's name belongs to."""
    return next((step for step in flow.step if step.id == name.split("#")[0].split("~")[0]), None)
