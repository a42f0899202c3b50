"""A WooCommerce shop as a sales channel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from pomost.connectors.values import as_text
from pomost.connectors.woocommerce.catalogue import WooCommerceCatalogue
from pomost.connectors.woocommerce.client import WooCommerceClient, utc_now
from pomost.connectors.woocommerce.doctor import Doctor
from pomost.connectors.woocommerce.first_skus import Taken
from pomost.connectors.woocommerce.looking import Looking
from pomost.connectors.woocommerce.mapping import moment_of, order_from_wire
from pomost.connectors.woocommerce.payments import active, unconfirmed
from pomost.connectors.woocommerce.placing import Placing
from pomost.connectors.woocommerce.position import Known
from pomost.connectors.woocommerce.refund_mapping import DELETED, REFUNDED, refund_from_wire
from pomost.connectors.woocommerce.refunds import Refunds
from pomost.connectors.woocommerce.settings import Settings
from pomost.connectors.woocommerce.webhooks import Webhooks
from pomost.connectors.woocommerce.writing import Writing, order_number
from pomost.ports import (
    CallLimiter,
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
from pomost.ports.account import Finding, Heard, LookReport, Vocabulary
from pomost.ports.catalogue import CatalogueChannel
from pomost.trade.order import Order

CAPABILITIES = frozenset(
    {"fields", "status", "payments", "returns", "place", "catalogue", "stock", "prices", "cards"}
)


class WooCommerceChannel:
    """One shop; implements `pomost.ports.account.ChannelAccount` and `pomost.ports.ReturnSource`.

    May be shared by any number of threads; ``look`` is run by one at a time. ``limiter`` is the one that everything with the same
    keys shares; ``known`` tells which orders of the shop Pomost has, for comparing, and ``taken`` those for which something was
    made: they keep their SKUs.
    """

    def __init__(
        self,
        settings: Settings,
        limiter: CallLimiter,
        clock: Callable[[], datetime] = utc_now,
        known: Known = lambda since: {},
        known_returns: Known = lambda since: {},
        taken: Taken = lambda ids: {},
    ) -> None:
        self.settings = settings
        self._clock = clock
        self.client = WooCommerceClient(settings, limiter, clock)
        self.catalogue: CatalogueChannel | None = WooCommerceCatalogue(settings, self.client)
        self.webhooks = Webhooks(settings, self.client, clock)
        self._looking = Looking(settings, self.client, self.webhooks, clock, known, taken)
        self._writing = Writing(settings, self.client)
        self._refunds = Refunds(settings, self.client, clock, known_returns, taken)
        self._placing = Placing(settings, self.client)

    def __repr__(self) -> str:
        return f"WooCommerceChannel({self.settings.name!r})"

    def close(self) -> None:
        self.client.close()

    def capabilities(self) -> frozenset[str]:
        return CAPABILITIES

    # orders

    def look(self, cursor: Json) -> Iterator[Page]:
        """What is new or changed; see `looking`."""
        return self._looking.look(cursor)

    def read(self, external_id: str) -> Seen | None:
        raw = self._looking.read(order_number(external_id))
        return None if raw is None else self._looking.seen(raw)[0]

    def parse(self, raw: Json) -> Order:
        return order_from_wire(raw, self.settings)

    def report(self) -> LookReport:
        """What the last look did and whether the webhooks can be trusted."""
        return self._looking.report

    def payments(self, external_id: str) -> tuple[PaymentSeen, ...]:
        """See ``PaymentHistory``: a shop knows one payment, of the whole."""
        raw = self._looking.read(order_number(external_id))
        if raw is None:
            return ()
        order, paid_at = self.parse(raw), moment_of(as_text(raw.get("date_paid_gmt")))
        return (PaymentSeen(order.payment.paid, paid_at),) if paid_at else ()

    # writing

    def write(self, what: WriteBack) -> None:
        self._writing.write(what)

    def is_written(self, what: WriteBack) -> bool:
        return self._writing.is_written(what, self._looking.read(order_number(what.order_id)))

    def set_status(self, external_ids: Iterable[str], status: str) -> None:
        """Moves orders one by one; the shop mails the buyer for each. One that can't be moved does not hold up the others: its
        NeedsPerson comes after them. Raises NeedsPerson for an unknown status too."""
        if status not in self._looking.statuses():
            raise self._unknown_status(status)
        left: list[NeedsPerson] = []
        for external_id in external_ids:
            try:
                self._writing.set_status(order_number(external_id), status)
            except NeedsPerson as failure:
                left.append(failure)
        if left:
            raise left[0]

    def place(self, what: OutgoingOrder) -> str:
        """See `placing`. Raises NeedsPerson for an unknown status, InDoubt where it may have been placed."""
        if what.status and what.status not in self._looking.statuses():
            raise self._unknown_status(what.status)
        return self._placing.place(what)

    def find_placed(self, key: str, since: datetime | None = None) -> str | None:
        return self._placing.find(key, since)

    # returns

    def look_returns(self, cursor: Json) -> Iterator[ReturnsPage]:
        """Refunds that are new or changed; see `refunds`."""
        return self._refunds.look(cursor)

    def read_return(self, external_id: str) -> ReturnSeen | None:
        return self._refunds.read(external_id)

    def parse_return(self, raw: Json) -> ReturnSeen:
        return refund_from_wire(raw, self.settings)

    def set_return_status(self, external_ids: Iterable[str], status: str) -> None:
        """Writes nothing: a shop's refunds have no status."""

    def check_return_words(self, statuses: Iterable[str]) -> list[str]:
        return [
            str(
                NeedsPerson(
                    "woocommerce.unknown-return-status",
                    f'A refund never has the status "{status}".',
                    f"Refunds of a shop have no status of their own: write {REFUNDED}, and {DELETED} for cancelled.",
                    status=status,
                )
            )
            for status in statuses
            if status not in (REFUNDED, DELETED)
        ]

    # the account

    def check_words(self, statuses: Iterable[str], fields: Iterable[str]) -> list[str]:
        """A shop takes any field as meta; only statuses can be missing."""
        known = self._looking.statuses()
        return [str(self._unknown_status(status)) for status in statuses if status not in known]

    def look_over(self, limiter: CallLimiter) -> Iterator[Finding]:
        """See `doctor`."""
        return Doctor(self.settings, self.client, limiter, self._clock).look()

    def hear(self, headers: Mapping[str, str], body: bytes) -> Heard:
        """See `webhooks`."""
        return self.webhooks.hear(headers, body)

    def unconfirmed_payments(self) -> list[NeedsPerson]:
        """See `payments.unconfirmed`."""
        return unconfirmed(self.client, self.settings)

    def _unknown_status(self, status: str) -> NeedsPerson:
        return NeedsPerson(
            "woocommerce.unknown-status",
            f'The shop has no status "{status}".',
            f"Statuses: {', '.join(self._looking.statuses())}.",
            status=status,
        )

    def calls_made(self) -> Mapping[str, int]:
        """How many calls were sent since the program began, by method."""
        return dict(self.client.calls)

    def vocabulary(self) -> Vocabulary:
        """Freshly fetched."""
        return Vocabulary(
            statuses=self._looking.statuses(),
            return_statuses=(REFUNDED, DELETED),
            sources=tuple(one.id for one in active(self.client)),
        )
