"""Registering a sale with a fiscal printer: the mark is kept with the intention, the receipt printed, its number read back.

A printed receipt can't be taken back and the printer knows no reference of ours. So whatever began before is asked for
with the mark it began with, before anything is printed; where that can't tell, the step stops in doubt.
"""

from __future__ import annotations

from functools import lru_cache

from pydantic import TypeAdapter

from pomost.config.flow import Flow, Step
from pomost.flows.acts.hands import Hands, key_of
from pomost.flows.acts.made import document_of
from pomost.flows.between import company_of
from pomost.flows.devices import PrinterDesk, for_a_person
from pomost.flows.plan import Todo, step_of
from pomost.flows.progress import Progress
from pomost.ports import (
    Annotates,
    Erp,
    FiscalPrinter,
    FiscalReceipt,
    InDoubt,
    Json,
    NeedsPerson,
    ReceiptLine,
    ReceiptToPrint,
    StopConnection,
    TryAgain,
)
from pomost.store.claims import dump
from pomost.store.steps import Finished, Intention, StepRecord
from pomost.trade.documents import Document
from pomost.trade.nip import clean_tax_id
from pomost.trade.order import Order
from pomost.trade.receipt import left_out, payment_form, sold_lines

ATTRIBUTES = {
    "receipt": "FISCAL_NUMBER",
    "printer": "FISCAL_PRINTER",
    "printed_at": "FISCAL_DATE",
    "link": "FISCAL_LINK",
}
"""What is kept of a receipt, by the attribute of the document in the ERP that holds it."""


@lru_cache(maxsize=1)
def _receipts() -> TypeAdapter[ReceiptToPrint]:
    return TypeAdapter(ReceiptToPrint)


def do_fiscalise(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """Prints the receipt of the step's document, once; a document that needs none is left out."""
    desk, name = hands.devices.printer(todo.step.printer), todo.name
    progress.flush()
    document = _document(hands, flow, progress, todo)
    # what needs no receipt waits for no turn; of what was begun the printer is asked first
    if not _was_begun(progress.done.get(name)):
        why = left_out(document, invoices=todo.step.invoices == "consumers")
        if why:
            progress.intend([Intention(name, key_of(progress.case, name), dump({"of": document.key}))])
            progress.finish(Finished(name, _result(todo, progress, {"left_out": why})))
            return
    try:
        with desk.turn():
            _in_turn(hands, flow, progress, todo, desk, document)
    except StopConnection as failure:
        raise for_a_person(desk.name, failure) from failure


def _in_turn(
    hands: Hands, flow: Flow, progress: Progress, todo: Todo, desk: PrinterDesk, document: Document
) -> None:
    case, name, key = progress.case, todo.name, key_of(progress.case, todo.name)
    found = begun_before(desk.device, progress.done.get(name))
    if found is None:
        if document.company != desk.company:
            raise NeedsPerson(
                "fiscal.other-company",
                f'{document.number} is of company "{document.company}", the printer "{desk.name}" of "{desk.company}".',
                "Name a printer of that company in the step.",
            )
        assert case.order is not None
        receipt = receipt_of(document, case.order, desk, key)
        mark = desk.device.mark()
        request = {"of": document.key, "mark": mark, "receipt": _receipts().dump_python(receipt, mode="json")}
        progress.intend([Intention(name, key, dump(request))])
        hands.at(f"{todo.step.id}:intended")
        progress.still_mine()
        found = _print(desk.device, receipt, mark)
    hands.at(f"{todo.step.id}:made")
    result = result_of(found)
    note_on_document(hands.erp, document.company, document.key, result)
    progress.finish(Finished(name, _result(todo, progress, result)))


def begun_before(device: FiscalPrinter, record: StepRecord | None) -> FiscalReceipt | None:
    """The receipt that a run before this one printed; None when it certainly printed none. Raises InDoubt, or TryAgain where
    the printer can't be asked just now."""
    if record is None or not _was_begun(record):
        return None
    request = record.request
    return _ask(device, _receipts().validate_python(request["receipt"]), request["mark"])


def _was_begun(record: StepRecord | None) -> bool:
    return record is not None and record.state == "intended" and "mark" in record.request


def _print(device: FiscalPrinter, receipt: ReceiptToPrint, mark: Json) -> FiscalReceipt:
    try:
        return device.print_receipt(receipt, mark)
    except InDoubt as failure:
        found = _ask(device, receipt, mark)
        if found is None:
            raise TryAgain(
                failure.code, failure.text, "It was not printed; it is printed again."
            ) from failure
        return found


def _ask(device: FiscalPrinter, receipt: ReceiptToPrint, mark: Json) -> FiscalReceipt | None:
    try:
        return device.printed_since(receipt, mark)
    except InDoubt as failure:
        if "ask" in failure.facts:
            # it can be known once the printer answers: the step stays intended, and is asked about again
            raise TryAgain(failure.code, failure.text, failure.advice) from failure
        raise


def _document(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> Document:
    """The document whose receipt it is: ``fiscal#2`` prints that of ``sale#2``."""
    maker = step_of(flow, todo.step.fiscalise)
    record = progress.done.get(todo.step.fiscalise + todo.name.removeprefix(todo.step.id))
    if maker is None or record is None or not record.result.get("id"):
        raise NeedsPerson(
            "fiscal.no-document",
            f"The step {todo.step.fiscalise} made no document that could be printed.",
            "Skip this step, or make the document by hand and print its receipt at the printer.",
        )
    return document_of(hands, flow, maker, progress, record)


def _result(todo: Todo, progress: Progress, result: Json) -> Json:
    """A document of several parts has as many receipts."""
    part = todo.name.removeprefix(todo.step.id)
    following = f"{todo.step.fiscalise}#{int(part[1:] or 1) + 1}"
    return {**result, "rest": True} if following in progress.done else result


def receipt_of(document: Document, order: Order, desk: PrinterDesk, key: str) -> ReceiptToPrint:
    """The document as a printer takes it. Raises NeedsPerson ``fiscal.currency``, ``fiscal.discount``."""
    if document.currency != "PLN":
        raise NeedsPerson(
            "fiscal.currency",
            f"{document.number} is in {document.currency}, and receipts are in PLN.",
            "Print its receipt at the printer by hand, then skip this step; or make an FS.",
        )
    try:
        sold = sold_lines(document.lines)
    except ValueError as error:
        raise NeedsPerson(
            "fiscal.discount",
            f"{document.number} can't be printed: {error}.",
            "Correct the discount on the document, then retry.",
        ) from error
    lines = tuple(
        ReceiptLine(one.sku, one.name, one.quantity, one.unit, one.price, one.gross, one.vat) for one in sold
    )
    tax_id = document.buyer.tax_id
    return ReceiptToPrint(
        key=key,
        lines=lines,
        total=document.gross,
        payments={payment_form(document.payment_form or order.payment.method, desk.payments): document.gross},
        nip=tax_id if tax_id and clean_tax_id(tax_id).country == "PL" else "",
        order_number=order.number,
        document_number=document.number,
        email=document.buyer.email or order.buyer.email,
    )


def result_of(found: FiscalReceipt) -> Json:
    """What the step remembers. Never under "number": a receipt is no document of the ERP."""
    return {
        "receipt": found.number,
        "printer": found.printer,
        "printed_at": found.printed_at.isoformat(timespec="seconds"),
        "link": found.link,
    }


def note_on_document(erp: Erp, company: str, key: str, result: Json) -> None:
    """Writes the fiscal number on the document, where the ERP has a place for it. Repeating is harmless."""
    if not isinstance(erp, Annotates):
        return
    for name, code in ATTRIBUTES.items():
        if result.get(name):
            erp.set_attribute(company, key, code, str(result[name]))


def settle_receipt(hands: Hands, flow: Flow, progress: Progress, name: str, step: Step) -> None:
    """Of a receipt that was begun before the order was cancelled, the printer is asked: printed or not.

    Raises InDoubt with the step in doubt, TryAgain.
    """
    desk = hands.devices.printer(step.printer)
    record = progress.done[name]
    try:
        with desk.turn():
            found = begun_before(desk.device, record)
    except InDoubt as failure:
        progress.fail([name], failure, doubt=True)
        failure.facts["decide"] = name
        raise
    if found is None:
        text = f"Order {progress.case.number} was cancelled before its receipt was printed."
        progress.fail([name], NeedsPerson("flow.cancelled", text))
        return
    maker = step_of(flow, step.fiscalise)
    assert maker is not None
    result = result_of(found)
    note_on_document(hands.erp, company_of(flow, maker), str(record.request["of"]), result)
    progress.finish(Finished(name, result))
