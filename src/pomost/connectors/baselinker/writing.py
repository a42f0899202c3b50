"""What goes back to an order: texts, files, documents. Every write can be asked for afterwards."""

from __future__ import annotations

import base64
from typing import Any

from pomost.connectors.baselinker.journal import EDITED, OwnWrites
from pomost.connectors.baselinker.lengths import CUT, fit
from pomost.connectors.baselinker.methods import BaseLinkerClient
from pomost.connectors.baselinker.receipts import Receipts
from pomost.connectors.baselinker.wire_types import as_int, as_map, as_text
from pomost.connectors.baselinker.words import COMMENT_FIELDS, LEGACY_FIELDS, AccountWords, ExtraField
from pomost.connectors.values import plain
from pomost.ports import FileToSend, Json, NeedsPerson, WriteBack

FILE_BYTES = 2 * 1024 * 1024
PDF = b"%PDF"
DOCUMENTS = ("invoice", "receipt")


class Writing:
    """Writes for one connection; thread-safe."""

    def __init__(self, client: BaseLinkerClient, words: AccountWords, own: OwnWrites) -> None:
        self._client = client
        self._words = words
        self._own = own
        self._receipts = Receipts(client, lambda series: self._series(series, "RECEIPT"))

    def write(self, what: WriteBack) -> None:
        """See `pomost.ports.SalesChannel.write`. One call; with documents of BaseLinker's own, up to six."""
        order_id = order_number(what.order_id)
        parameters = self._parameters(what)
        encoded_file = self._document(what, order_id) if what.document_file else ""
        if what.document_file == "receipt" or what.fiscal is not None:
            series = what.receipt_series or (what.series if what.document_file != "invoice" else "")
            self._receipts.write(order_id, series, _on_receipt(what), encoded_file, what.fiscal)
        if parameters:
            self._set_fields(order_id, parameters)

    def is_written(self, what: WriteBack, raw: Json | None) -> bool:
        """Whether the order, as just read in ``raw``, shows everything of this write.

        A file is known by its title, a document by its number: their contents are not compared.
        """
        if raw is None:
            return False
        custom = as_map(raw.get("custom_extra_fields"))
        asked = fit(self._parameters(what))
        shown = {**raw, **{f"custom {field_id}": value for field_id, value in custom.items()}}
        for field_id, wanted in asked.pop("custom_extra_fields", {}).items():
            asked[f"custom {field_id}"] = wanted
        if any(not _same(shown.get(name), wanted) for name, wanted in asked.items()):
            return False
        order_id = order_number(what.order_id)
        if what.document_file == "invoice" and not self._has_invoice(what, order_id):
            return False
        on_receipt = _on_receipt(what)
        return (on_receipt is None and what.fiscal is None) or self._receipts.shows(
            order_id, on_receipt, what.fiscal
        )

    # fields

    def _parameters(self, what: WriteBack) -> dict[str, Any]:
        parameters: dict[str, Any] = {}
        custom: dict[str, Any] = {}
        for name, text in what.fields.items():
            field = self._words.field(name)
            if field.id in LEGACY_FIELDS or field.id in COMMENT_FIELDS:
                parameters[field.id] = text
            else:
                custom[field.id] = text
        if what.file is not None and (what.file_field or not what.document_file):
            custom[self._file_field(what).id] = {
                "title": what.file.name[: CUT["title"]],
                "file": encoded(what.file, what.order_id),
            }
        if custom:
            parameters["custom_extra_fields"] = custom
        return parameters

    def _file_field(self, what: WriteBack) -> ExtraField:
        field = self._words.field(what.file_field)
        if field.kind != "file":
            raise NeedsPerson(
                "baselinker.not-a-file-field",
                f'The field "{field.name}" of BaseLinker takes no files.',
                "Choose an extra field of the type file, or make one in the panel.",
                field=field.name,
            )
        return field

    def _set_fields(self, order_id: int, parameters: dict[str, Any]) -> None:
        self._own.note([order_id], EDITED)
        try:
            self._client.set_order_fields(order_id, **parameters)
        except BaseException:
            self._own.withdraw([order_id], EDITED)
            raise

    # documents of BaseLinker's own

    def _document(self, what: WriteBack, order_id: int) -> str:
        """Makes BaseLinker's invoice unless the order has one, and puts our file and number on it.

        Gives the file as BaseLinker takes it, for its receipt.
        """
        if what.document_file not in DOCUMENTS:
            raise NeedsPerson(
                "baselinker.unknown-document",
                f'BaseLinker has no document "{what.document_file}".',
                f"Write one of {', '.join(DOCUMENTS)}.",
            )
        if what.file is None:
            raise NeedsPerson(
                "baselinker.no-file",
                f"Order {what.order_id} is to get a document's file, and there is none.",
                "Let the document be printed before this step.",
            )
        file = encoded(what.file, what.order_id)
        # A number without room must be refused before a document is made for it.
        fit({f"external_{what.document_file}_number": what.file.number})
        if what.document_file == "invoice":
            self._invoice(what, order_id, file, what.file.number)
        return file

    def _invoice(self, what: WriteBack, order_id: int, file: str, number: str) -> None:
        invoices = self._invoices(order_id)
        if any(as_text(one.get("external_invoice_number")) == number for one in invoices):
            return
        # One whose file is still missing was made by a write that was interrupted, or by the shop itself: ours goes
        # on it, since a second invoice for the order would be worse than either.
        bare = [one for one in invoices if not as_text(one.get("external_invoice_number"))]
        if bare:
            invoice_id = as_int(bare[0].get("invoice_id"))
        else:
            invoice_id = self._client.add_invoice(order_id, self._series(what.series, "INVOICE"))
        self._client.add_order_invoice_file(invoice_id, file, number)

    def _has_invoice(self, what: WriteBack, order_id: int) -> bool:
        number = what.file.number if what.file else ""
        invoices = self._invoices(order_id)
        return any(as_text(one.get("external_invoice_number")) == number for one in invoices)

    def _invoices(self, order_id: int) -> list[Json]:
        found = self._client.get_invoices(order_id=order_id, get_external_invoices=True)
        return [one for one in found if as_text(one.get("type")) != "correcting"]

    def _series(self, name: str, kind: str) -> int | None:
        """The series of that name or number; None, when none is named, lets BaseLinker take its default."""
        if not name:
            return None
        series = [one for one in self._client.get_series() if as_text(one.get("type")) == kind]
        for one in series:
            if name in (as_text(one.get("name")), as_text(one.get("id"))):
                return as_int(one.get("id"))
        raise NeedsPerson(
            "baselinker.unknown-series",
            f'BaseLinker has no series "{name}" for {kind.lower()}s.',
            f"Create it or correct the configuration; there are: {', '.join(as_text(s.get('name')) for s in series)}.",
            series=name,
        )


def order_number(order_id: str) -> int:
    """BaseLinker's ids are numbers. Raises NeedsPerson for another channel's."""
    if not order_id.isascii() or not order_id.isdecimal():
        raise NeedsPerson(
            "baselinker.bad-order-id",
            f"{order_id!r} is no BaseLinker order number.",
            "This order belongs to another connection.",
        )
    return int(order_id)


def encoded(file: FileToSend, order_id: str) -> str:
    """The file as BaseLinker wants it: the word ``data:``, without a media type, and base64.

    Raises NeedsPerson for a file that is empty, no PDF, or larger than BaseLinker takes.
    """
    if not file.content.lstrip()[:4].startswith(PDF):
        raise NeedsPerson(
            "baselinker.bad-file",
            f"The file {file.name} for order {order_id} is {'empty' if not file.content else 'not a PDF'}.",
            "Make it again; nothing was sent.",
            order=order_id,
        )
    if len(file.content) > FILE_BYTES:
        raise NeedsPerson(
            "baselinker.file-too-large",
            f"The file {file.name} for order {order_id} has {len(file.content)} bytes; BaseLinker takes {FILE_BYTES}.",
            "Take smaller pictures into the template.",
            order=order_id,
        )
    return "data:" + base64.b64encode(file.content).decode("ascii")


def _on_receipt(what: WriteBack) -> FileToSend | None:
    return what.file if what.document_file == "receipt" else None


def _same(shown: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(shown, dict) and as_text(shown.get("title")) == wanted["title"]
    return as_text(plain(shown)).strip() == as_text(wanted).strip()
