"""The account's own words: names of statuses, extra fields and sources, fetched once and anew when one is missing."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from threading import RLock

from pomost.connectors.baselinker.mapping import Words
from pomost.connectors.baselinker.methods import BaseLinkerClient
from pomost.connectors.baselinker.wire_types import as_text, number_in
from pomost.ports import Json, NeedsPerson

LEGACY_FIELDS = ("extra_field_1", "extra_field_2")
COMMENT_FIELDS = ("admin_comments", "user_comments")
REFRESH_S = 60.0
"""A number without a name makes the lists be fetched again, but not for each order that carries it."""


@dataclass(frozen=True, slots=True)
class ExtraField:
    """One custom extra field. ``kind`` is BaseLinker's editor type; "file" takes files."""

    id: str
    name: str
    kind: str


class AccountWords:
    """Thread-safe. Fetching raises the failures of `client.Wire.call`."""

    def __init__(self, client: BaseLinkerClient, default_currency: str) -> None:
        self._client = client
        self._currency = default_currency
        self._lock = RLock()
        self._statuses: dict[int, str] | None = None
        self._fields: dict[str, ExtraField] | None = None
        self._fetched = 0.0

    def known(self) -> Words:
        """What is known now, without any call."""
        with self._lock:
            fields = {field.id: field.name for field in (self._fields or {}).values()}
            return Words(dict(self._statuses or {}), fields, self._currency)

    def for_orders(self, raws: Iterable[Json]) -> Words:
        """The words needed to read these orders; fetched when one is missing."""
        statuses, fields = self.statuses(), self.fields()
        missing = any(number_in(raw, "order_status_id") not in statuses for raw in raws) or any(
            str(key) not in fields
            for raw in raws
            if isinstance(raw.get("custom_extra_fields"), dict)
            for key in raw["custom_extra_fields"]
        )
        with self._lock:
            if missing and time.monotonic() - self._fetched > REFRESH_S:
                self.refresh()
        return self.known()

    def refresh(self) -> None:
        """Fetches both lists."""
        with self._lock:
            self._statuses = {number_in(row, "id"): as_text(row.get("name")) for row in self._statuses_raw()}
            self._fields = {}
            for row in self._client.get_order_extra_fields():
                field_id = as_text(row.get("extra_field_id"))
                self._fields[field_id] = ExtraField(
                    field_id, as_text(row.get("name")), as_text(row.get("editor_type"))
                )
            self._fetched = time.monotonic()

    def statuses(self) -> dict[int, str]:
        with self._lock:
            if self._statuses is None:
                self.refresh()
            return dict(self._statuses or {})

    def fields(self) -> dict[str, ExtraField]:
        with self._lock:
            if self._fields is None:
                self.refresh()
            return dict(self._fields or {})

    def status_id(self, name: str) -> int:
        """The status of that name (or number). Raises NeedsPerson ``baselinker.unknown-status``."""
        for fresh in (False, True):
            if fresh:
                self.refresh()
            statuses = self.statuses()
            for status_id, known in statuses.items():
                if name in (known, str(status_id)):
                    return status_id
        raise NeedsPerson(
            "baselinker.unknown-status",
            f'BaseLinker has no status "{name}".',
            f"Create it or correct the configuration; there are: {', '.join(statuses.values())}.",
            status=name,
        )

    def field(self, name: str) -> ExtraField:
        """The extra field of that name or number, or one of the plain ones.

        Raises NeedsPerson ``baselinker.unknown-field``.
        """
        if name in LEGACY_FIELDS or name in COMMENT_FIELDS:
            return ExtraField(name, name, "text")
        for fresh in (False, True):
            if fresh:
                self.refresh()
            fields = self.fields()
            for field in fields.values():
                if name in (field.name, field.id):
                    return field
        there_are = ", ".join([*(field.name for field in fields.values()), *LEGACY_FIELDS])
        raise NeedsPerson(
            "baselinker.unknown-field",
            f'BaseLinker has no extra field "{name}".',
            f"Create it in the panel or correct the configuration; there are: {there_are}.",
            field=name,
        )

    def _statuses_raw(self) -> list[Json]:
        return self._client.get_order_status_list()
