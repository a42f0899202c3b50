"""Writing to the channel: number, fields, file and status of one order, in as few calls as it allows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from pomost.config.flow import Flow, Step, WriteStep
from pomost.flows.acts.fiscal_number import fiscal_number
from pomost.flows.acts.hands import Hands, NotDone, channel_of, key_of, placed_id
from pomost.flows.acts.made import document_of
from pomost.flows.another import fields_of, is_telling
from pomost.flows.facts import fill
from pomost.flows.files import file_record, part_of
from pomost.flows.plan import Todo
from pomost.flows.progress import Progress
from pomost.flows.undoing import can_undo
from pomost.ports import FileToSend, FiscalNumber, InDoubt, Json, SalesChannel, TryAgain, WriteBack
from pomost.store.claims import dump
from pomost.store.steps import Finished, Intention, StepRecord


def do_writes(hands: Hands, flow: Flow, progress: Progress, todos: Sequence[Todo]) -> None:
    """Writes what several steps have for the same order, in one call, and then moves its status, in a shared one."""
    case, done = progress.case, progress.done
    assert case.order is not None
    channel = channel_of(hands, flow)
    moved_id = case.external_id if hands.channel_name == case.source else placed_id(done)
    # numbers and files of a return stand on the order; its status is its own
    what, status = _merge(hands, flow, progress, todos, case.order.of_order or moved_id)
    again = any((record := done.get(todo.name)) is not None and record.state == "intended" for todo in todos)
    origin = _origin(done, todos) or case.status
    request: Json = {
        "fields": dict(what.fields),
        "status": status,
        "from": origin,
        "file": what.file.name if what.file else "",
        "sha256": hashlib.sha256(what.file.content).hexdigest() if what.file else "",
    }
    if what.fiscal is not None:
        request["receipt"] = what.fiscal.number
    names = [todo.name for todo in todos]
    watched = can_undo(flow)
    if watched and what.file and not again:
        progress.flush()
        _check_place(channel, moved_id, case.status)
    if again:
        progress.flush()
    else:
        text = dump(request)
        progress.intend([Intention(name, key_of(case, name), text) for name in names])
    moved = write_once(
        hands, progress, channel, names[-1], what, (moved_id, origin, status), again=again, watched=watched
    )
    progress.finish(*(Finished(name, request, moved) for name in names))


def write_once(
    hands: Hands,
    progress: Progress,
    channel: SalesChannel,
    name: str,
    what: WriteBack,
    move: tuple[str, str, str],
    *,
    again: bool,
    watched: bool,
) -> tuple[str, str] | None:
    """Writes what the step ``name`` intended and moves the order: ``move`` is its id, the status that it had and the one it
    gets (empty: none). ``again``: a run before this one may have done it. Gives from where to where it was moved now."""
    order_id, origin, status = move
    hands.at(f"{name}:intended")
    if (what.fields or what.file or what.fiscal) and not (again and channel.is_written(what)):
        progress.still_mine()
        try:
            channel.write(what)
        except InDoubt as failure:
            if not channel.is_written(what):
                raise NotDone(failure) from failure
    hands.at(f"{name}:made")
    moved = None
    if status and _move(progress, channel, order_id, status, origin, again or watched):
        moved = (origin, status)
    hands.at(f"{name}:moved")
    return moved


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
    progress: Progress, channel: SalesChannel, order_id: str, status: str, origin: str, look: bool
) -> bool:
    """Each status is set once: it may start the seller's own automations. To ``look`` (after a doubt, or where a flow
    undoes what was cancelled) is to read the order first: one that is not where it was any more has been moved, by us
    or by somebody after us, and is never moved back. Gives whether it was moved now."""
    if look and not _still_has(channel, order_id, origin):
        return False
    progress.still_mine()
    try:
        channel.set_status([order_id], status)
    except InDoubt as failure:
        if _still_has(channel, order_id, origin):
            # the fields of the same step are written: the step stays intended, so that only the status is repeated
            raise TryAgain(failure.code, failure.text, failure.advice) from failure
    return True


def _check_place(channel: SalesChannel, order_id: str, status: str) -> None:
    """The buyer's file goes only to an order that is where it was seen: one that was cancelled meanwhile gets none."""
    if not _still_has(channel, order_id, status):
        raise TryAgain(
            "flow.order-moved",
            f'Order {order_id} is not in status "{status}" any more.',
            "What it is now is read first; then this goes on by itself.",
        )


def _still_has(channel: SalesChannel, order_id: str, status: str) -> bool:
    seen = channel.read(order_id)
    return seen is not None and seen.order is not None and seen.order.status == status


def _merge(
    hands: Hands, flow: Flow, progress: Progress, todos: Sequence[Todo], order_id: str
) -> tuple[WriteBack, str]:
    case, done = progress.case, progress.done
    assert case.order is not None
    fields: dict[str, str] = {}
    status, file, file_field, document_file, series = "", None, "", "", ""
    fiscal: FiscalNumber | None = None
    receipt_series = ""
    for todo in todos:
        write = todo.step.write
        assert write is not None
        for name, text in fields_of(todo.step, todo.name).items():
            fields[name] = fill(text, case.order, case.status, done)
        if write.status and not todo.implied:
            status = write.status
        placed = write.pdf and (write.file_field or write.document_file)
        record = file_record(todo.step, todo.name, done) if placed else None
        # a final invoice that was not due has no document of its own
        if record is not None and record.state == "done" and record.result.get("id"):
            maker = next(step for step in flow.step if step.id == write.pdf)
            file = _file(hands, flow, maker, progress, record)
            file_field = write.file_field
            document_file, series = _document_file(write, record), write.series
        if write.fiscal and not is_telling(todo.step, todo.name):
            fiscal = fiscal_number(done, part_of(todo.name, write.fiscal))
            series = series or write.series
        receipt_series = write.receipt_series or receipt_series
    back = WriteBack(
        order_id=order_id,
        key=key_of(case, todos[-1].name),
        fields=fields,
        file=file,
        file_field=file_field,
        document_file=document_file,
        series=series,
        fiscal=fiscal,
        receipt_series=receipt_series,
    )
    return back, "" if status == case.status and not _origin(done, todos) else status


def _document_file(write: WriteStep, record: StepRecord) -> str:
    if write.document_file != "auto":
        return write.document_file
    return "receipt" if record.result.get("kind") == "PA" else "invoice"


def _file(hands: Hands, flow: Flow, maker: Step, progress: Progress, record: StepRecord) -> FileToSend:
    document = document_of(hands, flow, maker, progress, record)
    content = hands.render(document)
    hands.keep_file(document, content)
    name = f"{document.kind} {document.number}.pdf".replace("/", "_")
    return FileToSend(name=name, content=content, number=document.number)
