"""What goes back to an order: meta, notes, status. Every write can be asked for afterwards.

A write that would change nothing is left out: each one moves the order's date of change and calls the webhooks again, and a status
mails the buyer.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from pomost.connectors.values import as_text
from pomost.connectors.woocommerce.client import WooCommerceClient
from pomost.connectors.woocommerce.errors import gone
from pomost.connectors.woocommerce.mapping import DRAFTS, TRASH
from pomost.connectors.woocommerce.settings import Settings
from pomost.ports import Json, NeedsPerson, Priority, WriteBack


class Writing:
    """Writes for one connection; thread-safe."""

    def __init__(self, settings: Settings, client: WooCommerceClient) -> None:
        self._settings = settings
        self._client = client

    def write(self, what: WriteBack) -> None:
        """One read, one write for all meta, one for each note. Raises NeedsPerson ``woocommerce.no-files`` for a file."""
        self._refuse_files(what)
        order_id = order_number(what.order_id)
        raw = self._current(order_id)
        shown = _meta(raw)
        wanted = self._meta(what)
        changed = {key: text for key, text in wanted.items() if as_text(shown.get(key)) != text}
        if changed:
            body: Json = {"meta_data": [{"key": key, "value": text} for key, text in changed.items()]}
            self._client.put(f"orders/{order_id}", body)
        missing = self._missing_notes(order_id, what)
        for text, to_buyer in missing:
            self._client.post(f"orders/{order_id}/notes", {"note": text, "customer_note": to_buyer})

    def is_written(self, what: WriteBack, raw: Json | None) -> bool:
        """Whether the order, as just read in ``raw``, shows everything of this write."""
        if raw is None:
            return False
        shown = _meta(raw)
        if any(as_text(shown.get(key)) != text for key, text in self._meta(what).items()):
            return False
        return not self._missing_notes(order_number(what.order_id), what)

    def set_status(self, order_id: int, status: str) -> None:
        """Moves an order. One in the trash would come out of it without a word: it is left there."""
        raw = self._current(order_id)
        if raw.get("status") != status:
            self._client.put(f"orders/{order_id}", {"status": status})

    def _current(self, order_id: int) -> Json:
        raw = self._client.get(f"orders/{order_id}", priority=Priority.WRITE_BACK)
        if not isinstance(raw, dict) or raw.get("status") in (TRASH, *DRAFTS):
            raise gone(f"order {order_id}")
        return raw

    def _meta(self, what: WriteBack) -> dict[str, str]:
        notes = (*self._settings.note_fields, *self._settings.buyer_note_fields)
        return {name: text for name, text in what.fields.items() if name not in notes}

    def _missing_notes(self, order_id: int, what: WriteBack) -> list[tuple[str, bool]]:
        """Notes of this write that the order does not have, and whether they go to the buyer."""
        wanted = [
            (text, name in self._settings.buyer_note_fields)
            for name, text in what.fields.items()
            if text and name in (*self._settings.note_fields, *self._settings.buyer_note_fields)
        ]
        if not wanted:
            return []
        rows = self._client.get(f"orders/{order_id}/notes", priority=Priority.WRITE_BACK)
        there = {_plain(as_text(row.get("note"))) for row in rows or () if isinstance(row, dict)}
        return [(text, to_buyer) for text, to_buyer in wanted if _plain(text) not in there]

    def _refuse_files(self, what: WriteBack) -> None:
        if what.file is not None or what.document_file or what.fiscal is not None:
            raise NeedsPerson(
                "woocommerce.no-files",
                f"Order {what.order_id}: a WooCommerce shop takes no files and has no receipts of its own.",
                "Mail the document (a mail step) and write its number into a field.",
                order=what.order_id,
            )


def order_number(order_id: str) -> int:
    """A shop's ids are numbers. Raises NeedsPerson for another channel's."""
    if not order_id.isascii() or not order_id.isdecimal():
        raise NeedsPerson(
            "woocommerce.bad-order-id",
            f"{order_id!r} is no order number of a WooCommerce shop.",
            "This order belongs to another connection.",
        )
    return int(order_id)


def _meta(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Of a key that repeats the first entry, which is the one that a write replaces."""
    found: dict[str, Any] = {}
    for row in raw.get("meta_data") or ():
        if isinstance(row, dict):
            found.setdefault(as_text(row.get("key")), row.get("value"))
    return found


def _plain(text: str) -> str:
    return " ".join(html.unescape(text).split())
