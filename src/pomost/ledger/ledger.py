"""The embedded ERP as the rest of Pomost sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, select

from pomost.ledger import (
    advances,
    booking,
    card_texts,
    catalogue,
    changes,
    companies,
    corrections,
    documents,
    gathering,
    items,
    making,
    parts,
    payments,
    recipes,
    schema,
    transfers,
    variants,
    views,
)
from pomost.ledger.bulk import Bulk
from pomost.ledger.cards import Cards
from pomost.ledger.change_numbers import resume
from pomost.ledger.companies import Company, find_company
from pomost.ledger.corrections import ReturnEntry
from pomost.ledger.orders_out import LedgerOrders
from pomost.ledger.payments import Settlement
from pomost.ledger.reading import load
from pomost.ledger.reading_days import documents_by_day
from pomost.ledger.setup import Setup
from pomost.ledger.transactions import Transactions, check_url
from pomost.ledger.views import Stock, Total
from pomost.migrate import Migrations, upgrade
from pomost.news import News
from pomost.ports import BookedPayment, Json, NeedsPerson, PaymentToBook, SettledPart, Ties, Waiting
from pomost.ports.catalogue import Stream, Touched
from pomost.sql import Database
from pomost.trade.advances import Advance
from pomost.trade.allocation import Want
from pomost.trade.availability import OnHand
from pomost.trade.between import UnitPrice
from pomost.trade.card import Card
from pomost.trade.corrections import Standing
from pomost.trade.documents import KINDS, Document, Draft, DraftLine
from pomost.trade.errors import Refused
from pomost.trade.kits import Component
from pomost.trade.recipes import ToMake
from pomost.trade.vat import VatRate

Answer = TypeVar("Answer")


def _utc_now() -> datetime:
    return datetime.now(UTC)


MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "led_version")


def open_ledger(url: str, *, durable: bool = True) -> Ledger:
    """The ledger kept at ``url`` (sqlite:///file or postgresql://...), its tables made or brought up to date.

    Raises NeedsPerson ``ledger.database-url``.
    """
    check_url(url)
    database = Database(url, durable=durable)
    upgrade(database, MIGRATIONS)
    resume(database)
    return Ledger(database)


def _capabilities() -> frozenset[str]:
    words = {
        "approve",
        "cancel",
        "delete",
        "partial",
        "orders",
        "bufor",
        "prices",
        "costs",
        "wants",
        "settle",
        "catalogue",
        "payments",
        "payments:parts",
    }
    for kind in KINDS.values():
        # an RWS is made with its PWP, never alone
        if kind.symbol != "RWS":
            words.add(f"issue:{kind.symbol}")
        words.update(f"convert:{kind.symbol}>{target}" for target in kind.becomes)
        if kind.corrects:
            words.add(f"correct:{kind.symbol}")
        if kind.amendable:
            words.add(f"amend:{kind.symbol}")
        if kind.reserves:
            words.update(f"convert:{kind.symbol}>{one.symbol}" for one in KINDS.values() if one.transfers)
    return frozenset(words)


CAPABILITIES = _capabilities()


class Ledger:
    """Implements the ``Erp`` port. Any number of threads may share one; each call is one transaction.

    ``setup`` fills it (companies, items, goods). Ids of documents and lines are numbers written as text.
    """

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = _utc_now) -> None:
        self._transactions = Transactions(database)
        self._cards = Cards()
        self._clock = clock
        self.setup = Setup(self._transactions, self._cards, self.issue)

    def close(self) -> None:
        """Gives the connections back; threads that still work here open new ones."""
        self._transactions.database.close()

    @property
    def news(self) -> News:
        """Tells of changes of stock, orders and cards that are made through this ledger."""
        return self._transactions.database.news

    def snapshot(self) -> AbstractContextManager[Connection]:
        """A transaction that only reads, for reports: all that is read in it is of one moment."""
        return self._transactions.reading()

    def capabilities(self) -> frozenset[str]:
        return CAPABILITIES

    def find(self, company: str, key: str) -> Document | None:
        """The document made under ``key``; NeedsPerson ``ledger.unknown-company`` when there is no such company."""
        with self._transactions.reading() as connection:
            owner = find_company(connection, company)
            document_id = connection.execute(
                select(schema.document.c.id).where(
                    schema.document.c.company_id == owner.id, schema.document.c.key == key
                )
            ).scalar()
            return load(connection, [document_id])[0] if document_id is not None else None

    def read(self, company: str, document_id: str) -> Document | None:
        with self._transactions.reading() as connection:
            if not document_id.isdecimal():
                return None
            found = load(connection, [int(document_id)])
            return found[0] if found and found[0].company == company else None

    def issue(self, draft: Draft) -> Document:
        """See ``documents.issue``; for FSK, PAK and WZK ``parts.correct``, for PWP ``making.issue``, for MM
        ``transfers.issue``.

        An order without the attribute ORDER_SOURCE is one made here; see ``order_source``.
        """
        kind = KINDS.get(draft.kind)
        make = parts.correct if kind is not None and kind.corrects else documents.issue
        if draft.kind == "PWP":
            make = making.issue
        if kind is not None and kind.transfers:
            make = transfers.issue
        try:
            return self._transactions.write(
                lambda connection: make(connection, self._cards, draft, self._clock())
            )
        except (NeedsPerson, Waiting):
            # Another writer with the same key may have come first, after we looked for its document: then what we
            # miss (goods, lines left to take) is what it took.
            with self._transactions.reading() as connection:
                made = documents.made_before(connection, draft)
            if made is None:
                raise
            return made

    def unknown_items(self, company: str, skus: Iterable[str]) -> frozenset[str]:
        wanted = set(skus)
        with self._transactions.reading() as connection:
            owner = find_company(connection, company)
            return frozenset(wanted - self._cards.items.look_up(connection, owner, wanted).keys())

    def item_vat(self, company: str, skus: Iterable[str]) -> Mapping[str, VatRate]:
        with self._transactions.reading() as connection:
            return items.vat_of_cards(connection, find_company(connection, company), skus)

    def level_prices(self, company: str, level: str, skus: Iterable[str]) -> Mapping[str, UnitPrice]:
        with self._transactions.reading() as connection:
            cards = items.cards_of(connection, find_company(connection, company), sorted(set(skus)))
        return {
            card.sku: UnitPrice(price.basis, price.currency, price.price)
            for card in cards
            if (price := card.prices.get(level)) is not None
        }

    # the catalogue

    def touched(self, company: str, stream: Stream, cursor: Json, most: int) -> Touched:
        with self._transactions.reading() as connection:
            return catalogue.touched(connection, find_company(connection, company), stream, cursor, most)

    def position(self, company: str) -> Json:
        with self._transactions.reading() as connection:
            return catalogue.position(connection)

    def sharing(self, company: str, skus: Iterable[str]) -> frozenset[str]:
        with self._transactions.reading() as connection:
            return catalogue.sharing(connection, find_company(connection, company), skus)

    def on_hand(self, company: str, skus: Iterable[str]) -> Mapping[str, OnHand]:
        with self._transactions.reading() as connection:
            return catalogue.on_hand(connection, find_company(connection, company), skus)

    def prices(self, company: str, skus: Iterable[str]) -> Mapping[str, Mapping[str, UnitPrice]]:
        with self._transactions.reading() as connection:
            return catalogue.prices(connection, find_company(connection, company), skus)

    def price_levels(self, company: str) -> tuple[str, ...]:
        with self._transactions.reading() as connection:
            return catalogue.price_levels(connection, find_company(connection, company))

    def cards(self, company: str, skus: Iterable[str]) -> Mapping[str, Card]:
        with self._transactions.reading() as connection:
            return card_texts.cards(connection, find_company(connection, company), skus)

    def put_cards(self, company: str, cards: Iterable[Card]) -> None:
        """See the port; raises NeedsPerson ``ledger.bad-item``."""
        self.setup.put_cards(company, list(cards))

    def find_items(self, company: str, key: str, values: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        with self._transactions.reading() as connection:
            return card_texts.find_items(connection, find_company(connection, company), key, values)

    def variants(self, company: str, skus: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        with self._transactions.reading() as connection:
            return variants.variants(connection, find_company(connection, company), skus)

    # many at once, for imports and exports

    def look_at(self, company: str, work: Callable[[Bulk], Answer]) -> Answer:
        """Gives ``work`` the company as it is at one moment; see ``bulk.Bulk``. Nothing is written."""
        with self._transactions.reading() as connection:
            return work(Bulk(connection, self._cards, find_company(connection, company), self._clock()))

    def change_many(self, company: str, work: Callable[[Bulk], Answer]) -> Answer:
        """Runs ``work`` in one writing transaction: all that it does happens, or nothing. It may run several times."""
        try:
            return self._transactions.write(
                lambda connection: work(
                    Bulk(connection, self._cards, find_company(connection, company), self._clock())
                )
            )
        finally:
            self._cards.items.forget()

    def unit_costs(self, company: str, warehouse: str, skus: Iterable[str]) -> Mapping[str, Decimal]:
        """See ``views.unit_costs``."""
        with self._transactions.reading() as connection:
            return views.unit_costs(connection, find_company(connection, company), warehouse, skus)

    def to_make(
        self, company: str, warehouse: str, sources: Sequence[str], lines: Sequence[DraftLine]
    ) -> ToMake:
        """See ``making.to_make``; raises NeedsPerson ``trade.recipe-cycle``."""
        try:
            with self._transactions.reading() as connection:
                return making.to_make(connection, self._cards, company, warehouse, sources, lines)
        except Refused as refusal:
            raise NeedsPerson(refusal.code, refusal.text, refusal.advice, **refusal.facts) from refusal

    def kits(self, company: str, level: str, skus: Iterable[str]) -> Mapping[str, tuple[Component, ...]]:
        """See ``recipes.kits_of``; raises NeedsPerson ``trade.recipe-cycle``."""
        try:
            with self._transactions.reading() as connection:
                return recipes.kits_of(connection, find_company(connection, company), level, skus)
        except Refused as refusal:
            raise NeedsPerson(refusal.code, refusal.text, refusal.advice, **refusal.facts) from refusal

    def present(self, company: str, needs: Iterable[str]) -> frozenset[str]:
        """See ``views.present`` and ``gathering.present``."""
        with self._transactions.reading() as connection:
            owner, asked = find_company(connection, company), set(needs)
            return views.present(connection, self._cards.items, owner, asked) | gathering.present(
                connection, self._cards, owner, asked
            )

    def wants(
        self, company: str, documents: Iterable[str], warehouse: str, givers: Sequence[str]
    ) -> tuple[Want, ...]:
        """See ``gathering.wants``."""
        with self._transactions.reading() as connection:
            owner = find_company(connection, company)
            return gathering.wants(connection, self._cards, owner, documents, warehouse, givers)

    # after a document was made

    def amend(self, company: str, key: str, draft: Draft) -> Document:
        """See ``changes.amend``; key, number, date of issue and what was paid stay as they are."""
        return self._transactions.write(
            lambda connection: changes.amend(connection, self._cards, company, key, draft)
        )

    def approve(self, company: str, key: str) -> Document:
        """See ``changes.approve``."""
        return self._transactions.write(
            lambda connection: changes.approve(connection, self._cards, company, key)
        )

    def cancel(self, company: str, key: str) -> Document:
        """See ``changes.cancel`` and ``parts.cancel``."""
        day = self._clock().date()
        return self._transactions.write(lambda connection: parts.cancel(connection, company, key, day))

    def delete(self, company: str, key: str) -> None:
        """See ``changes.delete_from_bufor``."""
        self._transactions.write(lambda connection: changes.delete_from_bufor(connection, company, key))

    def ties(self, company: str, key: str) -> Ties:
        """See ``changes.ties``."""
        with self._transactions.reading() as connection:
            return changes.ties(connection, company, key)

    def set_attribute(self, company: str, key: str, code: str, value: str, line_id: str = "") -> None:
        """Sets an attribute of a document, or of one of its lines; see ``changes.set_attribute``."""
        self._transactions.write(
            lambda connection: changes.set_attribute(connection, company, key, code, value, line_id)
        )

    def line_attributes(self, document_id: str) -> dict[str, dict[str, str]]:
        """Line id -> its attributes, for the lines that have any."""
        with self._transactions.reading() as connection:
            return views.line_attributes(connection, document_id)

    def pay(
        self, company: str, key: str, *, payment: str, amount: Decimal, form: str = "", on: date | None = None
    ) -> Settlement:
        """Writes down a payment of the document ``key`` under the reference ``payment``; see ``payments.pay``."""
        day = on or self._clock().date()
        return self._transactions.write(
            lambda connection: payments.pay(connection, company, key, payment, amount, form, day)
        )

    def pay_back(
        self, company: str, key: str, *, payment: str, amount: Decimal, form: str = "", on: date | None = None
    ) -> Settlement:
        """Writes down that money of the document ``key`` was paid back to the buyer; see ``payments.pay_back``."""
        day = on or self._clock().date()
        return self._transactions.write(
            lambda connection: payments.pay_back(connection, company, key, payment, amount, form, day)
        )

    def book_payment(self, company: str, payment: PaymentToBook) -> BookedPayment:
        """See ``booking.book``."""
        return self._transactions.write(lambda connection: booking.book(connection, company, payment))

    def settle_part(self, company: str, payment: str, document: str, on: date) -> SettledPart:
        """See ``parts.settle_part``."""
        return self._transactions.write(
            lambda connection: parts.settle_part(connection, company, payment, document, on)
        )

    def open_payments(self, company: str) -> list[parts.OpenPayment]:
        """See ``parts.open_payments``."""
        with self._transactions.reading() as connection:
            return parts.open_payments(connection, company)

    def entries(self, company: str, account: str) -> list[booking.Entry]:
        """See ``booking.entries``."""
        with self._transactions.reading() as connection:
            return booking.entries(connection, company, account)

    # asking

    def advances(self, company: str, ids: Iterable[str]) -> tuple[Advance, ...]:
        """See ``advances.advances``."""
        with self._transactions.reading() as connection:
            find_company(connection, company)
            return tuple(advances.advances(connection, [int(one) for one in ids]))

    def standings(self, company: str, order: str) -> tuple[Standing, ...]:
        """See ``corrections.standings``."""
        with self._transactions.reading() as connection:
            return corrections.standings(connection, company, order)

    def returns_register(self, company: str, start: date, end: date) -> list[ReturnEntry]:
        """See ``corrections.returns_register``."""
        with self._transactions.reading() as connection:
            return corrections.returns_register(connection, company, start, end)

    def settlement(self, company: str, key: str) -> Settlement:
        """Raises NeedsPerson ``ledger.unknown-document``."""
        with self._transactions.reading() as connection:
            return payments.settlement_of(connection, company, key)

    def in_pln(self, company: str, key: str) -> tuple[Decimal, Decimal]:
        """Net and VAT of a document in PLN. Raises NeedsPerson ``ledger.unknown-document``."""
        with self._transactions.reading() as connection:
            row = changes.find_document(connection, find_company(connection, company), key)
            return row.net_pln, row.tax_pln

    def order_source(self, company: str = "") -> LedgerOrders:
        """The order documents made here, of ``company`` or of all companies, as an ``OrderSource``."""
        return LedgerOrders(self._transactions.database, company)

    def ask(self, question: Callable[[Connection], Answer]) -> Answer:
        """Answers a question of ``pomost.ledger.reading``, all of it from one moment."""
        with self._transactions.reading() as connection:
            return question(connection)

    def companies(self) -> list[Company]:
        with self._transactions.reading() as connection:
            return companies.all_companies(connection)

    def items(self, company: str) -> list[items.ItemCard]:
        with self._transactions.reading() as connection:
            return items.cards_of(connection, find_company(connection, company))

    def stock(self, company: str, sku: str) -> dict[str, Stock]:
        """By warehouse: quantity, reserved, available, value."""
        with self._transactions.reading() as connection:
            return views.stock_of(connection, company, sku)

    def documents(
        self, company: str = "", kind: str = "", foreign_number: str = "", key_prefix: str = ""
    ) -> list[Document]:
        """Those of a company, kind, number of the order, beginning of the key; in the order they were made."""
        with self._transactions.reading() as connection:
            return views.documents(connection, company, kind, foreign_number, key_prefix)

    def count_documents(self) -> dict[tuple[str, str, str], int]:
        """(company, kind, state) -> how many."""
        with self._transactions.reading() as connection:
            return views.count_documents(connection)

    def documents_by_day(self, since: date) -> dict[tuple[str, date], int]:
        """(kind, day of issue) -> how many, from a day on."""
        with self._transactions.reading() as connection:
            return documents_by_day(connection, since)

    def totals(self) -> list[Total]:
        """Sums of approved documents, by company, kind and currency."""
        with self._transactions.reading() as connection:
            return views.totals(connection)

    def orders(self, company: str = "") -> list[Document]:
        """Approved order documents of which something is not realised yet."""
        with self._transactions.reading() as connection:
            return views.orders(connection, company)
