"""The print queue as its users see it: putting things in, and all that was chosen as one PDF."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from pomost.ports import NeedsPerson
from pomost.store.cases import Case
from pomost.store.prints import NewPrint, Print, document_print, key_of_print, packing_print, place_of
from pomost.store.store import Store
from pomost.trade.documents import Document

if TYPE_CHECKING:
    from pomost.bootstrap import Pomost

MOST_AT_ONCE = 300
"""Entries in one PDF: more would take minutes, and no printer takes them at once."""


def queue_document(
    store: Store, document: Document, now: float, *, case_id: int | None = None, file: str = ""
) -> bool:
    """Puts a document of the ERP into the queue; False where it waits there already. One that was printed is printed again.

    ``file``: its PDF below data_dir, if there is one; else it is drawn when it is printed.
    """
    what = (document.id, document.kind, document.number)
    new = document_print(document.company, *what, case_id=case_id, file=file, again=True)
    return store.prints.add(new, now)


def queue_packing(store: Store, case: Case, now: float) -> bool:
    """Puts the packing list of an order into the queue; False where it waits there already."""
    return store.prints.add(packing_print(case.company, case.id, case.number, again=True), now)


def queue_label(
    store: Store,
    company: str,
    parcel: str,
    file: str,
    now: float,
    *,
    case_id: int | None = None,
    title: str = "",
    again: bool = False,
) -> bool:
    """Puts a label into the queue, exactly once for each ``parcel`` (its number at the carrier). ``file``: a PDF below data_dir."""
    new = NewPrint(
        key_of_print(company, "label", parcel),
        company,
        "label",
        title or parcel,
        case_id,
        file,
        place=place_of(case_id),
        again=again,
    )
    return store.prints.add(new, now)


def one_pdf(pomost: Pomost, entries: Sequence[Print]) -> bytes:
    """All entries in their order as one PDF, each as many times as it has copies.

    Raises NeedsPerson: ``print.nothing``, ``print.too-many``, and ``print.not-drawn`` or ``render....`` where one of them can't be
    printed; then nothing is, for a parcel without its invoice would go unnoticed.
    """
    if not entries:
        raise NeedsPerson("print.nothing", "Nothing was chosen to be printed.", "Tick what is to be printed.")
    if len(entries) > MOST_AT_ONCE:
        raise NeedsPerson(
            "print.too-many",
            f"{len(entries)} prints were chosen; {MOST_AT_ONCE} go into one file at most.",
            "Print them in several parts.",
        )
    with PdfWriter() as writer:
        for entry in entries:
            content = content_of(pomost, entry)
            if content.startswith(b"^XA"):
                raise _not_drawn(entry, "it is a label in ZPL, which only the print agent prints")
            try:
                pages = PdfReader(BytesIO(content))
                for _ in range(max(entry.copies, 1)):
                    writer.append(pages, import_outline=False)
            except (PyPdfError, ValueError, KeyError, TypeError) as error:
                raise _not_drawn(entry, f"its file is no PDF ({type(error).__name__})") from error
        writer.metadata = {"/Producer": "Pomost"}
        whole = BytesIO()
        writer.write(whole)
    return whole.getvalue()


def content_of(pomost: Pomost, entry: Print) -> bytes:
    """One entry as it goes to a printer. Raises NeedsPerson ``print.not-drawn`` or ``render....``."""
    if entry.file:
        return _kept(pomost, entry)
    if entry.kind == "document":
        document = pomost.ledger.read(entry.company, entry.document)
        if document is None:
            raise _not_drawn(entry, "it is not in the ERP any more")
        return pomost.render(document)
    if entry.kind == "packing" and entry.case_id is not None:
        case = pomost.store.cases.load(entry.case_id)
        if case.order is None:
            raise _not_drawn(entry, "its order can't be read")
        skus = list(dict.fromkeys(line.sku for line in case.order.lines if line.sku))
        return pomost.packing(case, pomost.ledger.cards(entry.company, skus))
    raise _not_drawn(entry, "it has no file")


def _kept(pomost: Pomost, entry: Print) -> bytes:
    root = pomost.config.data_dir.resolve()
    path = Path(entry.file)
    whole = (path if path.is_absolute() else root / path).resolve()
    if not whole.is_relative_to(root):
        raise _not_drawn(entry, "its file is not in data_dir")
    try:
        return whole.read_bytes()
    except OSError as error:
        raise _not_drawn(entry, f"its file can't be read ({type(error).__name__})") from error


def _not_drawn(entry: Print, why: str) -> NeedsPerson:
    return NeedsPerson(
        "print.not-drawn",
        f"{entry.title} can't be printed: {why}.",
        "Put it right, or take it out of the queue; nothing of the chosen was printed.",
    )
