"""A WooCommerce shop as a sales channel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from pomost.connectors.values import as_text
from pomost.connectors.woocommerce.catalogue import WooCommerceCatalogue
from pomost.connectors.woocommerce.client import WooCommerceClient, utc_now
from pomost.connectors.woocommerce.looking import Known, Looking
from pomost.connectors.woocommerce.mapping import moment_of, order_from_wire
from pomost.connectors.woocommerce.settings import Settings
from pomost.connectors.woocommerce.webhooks import Webhooks
from pomost.connectors.woocommerce.writing import Writing, order_number
from pomost.ports import CallLimiter, Json, NeedsPerson, OutgoingOrder, Page, PaymentSeen, Seen, WriteBack
from pomost.ports.account import LookReport, Vocabulary
from pomost.ports.catalogue import CatalogueChannel
from pomost.trade.order import Order

CAPABILITIES = frozenset({"fields", "status", "payments", "catalogue", "stock", "prices", "cards"})


class WooCommerceChannel:
    """One shop; implements `pomost.ports.account.ChannelAccount`.

    May be shared by any number of threads; ``look`` is run by one at a time. ``limiter`` is the one that everything with the same
    keys shares; ``known`` tells which orders of the shop Pomost has, for comparing.
    """

    def __init__(
        self,
        settings: Settings,
        limiter: CallLimiter,
        clock: Callable[[], datetime] = utc_now,
        known: Known = lambda since: {},
    ) -> None:
        self.settings = settings
        self.client = WooCommerceClient(settings, limiter, clock)
        self.catalogue: CatalogueChannel | None = WooCommerceCatalogue(settings, self.client)
        self.webhooks = Webhooks(settings, self.client, clock)
        self._looking = Looking(settings, self.client, self.webhooks, clock, known)
        self._writing = Writing(settings, self.client)

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
        return None if raw is None else self._looking.seen(raw)

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
        """Moves orders one by one; the shop mails the buyer for each. Raises NeedsPerson for an unknown status."""
        if status not in self._looking.statuses():
            raise self._unknown_status(status)
        for external_id in external_ids:
            self._writing.set_status(order_number(external_id), status)

    def place(self, what: OutgoingOrder) -> str:
        """Raises NeedsPerson ``woocommerce.no-place``: orders are not placed in shops."""
        raise NeedsPerson(
            "woocommerce.no-place",
            f"{what.key}: Pomost does not place orders in a WooCommerce shop.",
            "Take the place step out of the flow.",
        )

    def find_placed(self, key: str, since: datetime | None = None) -> str | None:
        """Nothing is placed, so there is certainly none."""
        return None

    # the account

    def check_words(self, statuses: Iterable[str], fields: Iterable[str]) -> list[str]:
        """A shop takes any field as meta; only statuses can be missing."""
        known = self._looking.statuses()
        return [str(self._unknown_status(status)) for status in statuses if status not in known]

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
        gateways = self.client.get("payment_gateways")
        rows = gateways if isinstance(gateways, list) else []
        return Vocabulary(
            statuses=self._looking.statuses(),
            sources=tuple(as_text(row.get("id")) for row in rows if isinstance(row, dict)),
        )
