"""BaseLinker as a sales channel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pomost.connectors.baselinker.batching import StatusBatcher
from pomost.connectors.baselinker.catalogue import BaseLinkerCatalogue
from pomost.connectors.baselinker.client import utc_now
from pomost.connectors.baselinker.errors import BlockRules
from pomost.connectors.baselinker.inventory import Inventory
from pomost.connectors.baselinker.journal import MOVED, OwnWrites
from pomost.connectors.baselinker.looking import Looking
from pomost.connectors.baselinker.mapping import order_from_wire, return_from_wire
from pomost.connectors.baselinker.methods import BaseLinkerClient
from pomost.connectors.baselinker.payments import payments_from_wire
from pomost.connectors.baselinker.placing import Placing
from pomost.connectors.baselinker.returns import Returns
from pomost.connectors.baselinker.settings import Settings
from pomost.connectors.baselinker.words import LEGACY_FIELDS, AccountWords
from pomost.connectors.baselinker.writing import Writing, order_number
from pomost.ports import (
    CallLimiter,
    Failure,
    Json,
    NeedsPerson,
    OutgoingOrder,
    Page,
    PaymentSeen,
    ReturnSeen,
    ReturnsPage,
    Seen,
    WriteBack,
)
from pomost.ports.account import LookReport, Vocabulary
from pomost.trade.order import Order

CAPABILITIES = frozenset(
    {
        "fields",
        "status",
        "file-field",
        "document-file",
        "receipt-number",
        "place",
        "journal",
        "returns",
        "payments",
        "stock",
        "prices",
        "cards",
    }
)


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the account answers; ``problem`` says why it does not."""

    ok: bool
    problem: Failure | None = None


class BaseLinkerChannel:
    """One BaseLinker account; implements `pomost.ports.SalesChannel` and `ReturnSource`.

    May be shared by any number of threads; ``look`` is run by one at a time. ``limiter`` is the one that everything
    with the same token shares; ``resting`` is entered by callers that wait for a call which they share.
    """

    def __init__(
        self,
        settings: Settings,
        limiter: CallLimiter,
        clock: Callable[[], datetime] = utc_now,
        resting: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.settings = settings
        self.client = BaseLinkerClient(
            settings.token,
            settings.url,
            limiter=limiter,
            timeout_s=settings.timeout_s,
            connect_timeout_s=settings.connect_timeout_s,
            clock=clock,
            blocks=BlockRules(ZoneInfo(settings.blocked_zone), timedelta(minutes=settings.blocked_minutes)),
            amounts=settings.amounts,
            name=settings.name,
        )
        self.catalogue = BaseLinkerCatalogue(Inventory(self.client), settings.name)
        own = OwnWrites(lambda: clock().timestamp())
        self._own = own
        self._words = AccountWords(self.client, settings.default_currency)
        self._looking = Looking(settings, self.client, self._words, own, clock)
        self._writing = Writing(self.client, self._words, own)
        self._placing = Placing(settings, self.client, self._words)
        self._returns = Returns(self.client, settings.watched_return_statuses)
        self._statuses = StatusBatcher(
            self._send_statuses, settings.status_linger_s, settings.status_orders, resting
        )

    def __repr__(self) -> str:
        return f"BaseLinkerChannel({self.settings.name!r})"

    def close(self) -> None:
        self.client.close()

    def capabilities(self) -> frozenset[str]:
        return CAPABILITIES

    # orders

    def payments(self, external_id: str) -> tuple[PaymentSeen, ...]:
        """See ``PaymentHistory``; also entries that a person made in the panel."""
        number = order_number(external_id)
        return payments_from_wire(self.client.get_order_payments_history(number, full=True))

    def look(self, cursor: Json) -> Iterator[Page]:
        """What is new or changed; see `looking`. The last page of a complete look may be empty: keep its cursor."""
        return self._looking.look(cursor)

    def read(self, external_id: str) -> Seen | None:
        raw = self._looking.read(order_number(external_id))
        return None if raw is None else self._looking.seen([raw])[0]

    def parse(self, raw: Json) -> Order:
        return order_from_wire(raw, self._words.known())

    def report(self) -> LookReport:
        """What the last look did and whether the journal is of use."""
        return self._looking.report

    # returns

    def look_returns(self, cursor: Json) -> Iterator[ReturnsPage]:
        """Returns that are new or changed since ``cursor`` ({} at first)."""
        return self._returns.look(cursor)

    def read_return(self, external_id: str) -> ReturnSeen | None:
        return self._returns.read(order_number(external_id))

    def parse_return(self, raw: Json) -> ReturnSeen:
        return return_from_wire(raw)

    def set_return_status(self, external_ids: Iterable[str], status: str) -> None:
        """Raises NeedsPerson ``baselinker.unknown-return-status`` with the statuses that there are."""
        self._returns.move([order_number(external_id) for external_id in external_ids], status)

    def check_return_words(self, statuses: Iterable[str]) -> list[str]:
        messages = []
        for status in statuses:
            try:
                self._returns.status_id(status)
            except NeedsPerson as unknown:
                messages.append(str(unknown))
        return messages

    # writing

    def write(self, what: WriteBack) -> None:
        self._writing.write(what)

    def is_written(self, what: WriteBack) -> bool:
        return self._writing.is_written(what, self._looking.read(order_number(what.order_id)))

    def set_status(self, external_ids: Iterable[str], status: str) -> None:
        """Moves orders; callers that do so at the same time share calls. Raises NeedsPerson for an unknown status."""
        ids = [order_number(external_id) for external_id in external_ids]
        if ids:
            self._statuses.move(ids, self._words.status_id(status))

    def _send_statuses(self, status_id: int, take: Callable[[], list[int]]) -> dict[int, Failure]:
        """One call for all; when it is refused, the orders are halved until the one that is to blame stands alone."""
        taken: list[int] = []

        def ids() -> list[int]:
            taken[:] = take()
            self._own.note(taken, MOVED, status_id)
            return taken

        try:
            self.client.set_order_statuses(ids, status_id)
        except NeedsPerson as refused:
            self._own.withdraw(taken, MOVED, status_id)
            if len(taken) == 1:
                return {taken[0]: refused}
            half = len(taken) // 2
            left, right = taken[:half], taken[half:]
            return self._send_statuses(status_id, lambda: left) | self._send_statuses(
                status_id, lambda: right
            )
        except BaseException:
            self._own.withdraw(taken, MOVED, status_id)
            raise
        return {}

    def place(self, what: OutgoingOrder) -> str:
        return self._placing.place(what)

    def find_placed(self, key: str, since: datetime | None = None) -> str | None:
        return self._placing.find(key, since)

    # the account

    def check_words(self, statuses: Iterable[str], fields: Iterable[str]) -> list[str]:
        messages = []
        self._words.refresh()
        for ask, names in ((self._words.status_id, statuses), (self._words.field, fields)):
            for name in names:
                try:
                    ask(name)
                except NeedsPerson as unknown:
                    messages.append(str(unknown))
        return messages

    def calls_made(self) -> Mapping[str, int]:
        """How many calls were sent since the program began, by method."""
        return dict(self.client.calls)

    def vocabulary(self) -> Vocabulary:
        """Freshly fetched."""
        self._words.refresh()
        fields = self._words.fields().values()
        inventory = Inventory(self.client)
        return Vocabulary(
            statuses=tuple(self._words.statuses().values()),
            return_statuses=_names(self.client.get_order_return_status_list()),
            fields=(*(field.name for field in fields if field.kind != "file"), *LEGACY_FIELDS),
            file_fields=tuple(field.name for field in fields if field.kind == "file"),
            series=_names(self.client.get_series()),
            inventories=_names(inventory.get_inventories()),
            warehouses=_names(inventory.get_inventory_warehouses()),
            price_groups=_names(inventory.get_inventory_price_groups()),
            sources=tuple(
                str(name)
                for listed in self.client.get_order_sources().values()
                if isinstance(listed, dict)
                for name in listed.values()
            ),
        )

    def health(self) -> Health:
        """Makes one small call."""
        try:
            self.client.get_order_status_list()
        except Failure as problem:
            return Health(False, problem)
        return Health(True)


def _names(rows: Iterable[Json]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(row["name"]) for row in rows if row.get("name")))
