"""The ERP, where documents are made, and where exchange rates come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, runtime_checkable

from pomost.trade.advances import Advance
from pomost.trade.allocation import Want
from pomost.trade.between import UnitPrice
from pomost.trade.corrections import Standing
from pomost.trade.documents import Document, Draft, DraftLine
from pomost.trade.kits import Component
from pomost.trade.recipes import ToMake
from pomost.trade.vat import VatRate


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency costs in PLN. ``note`` names the table and its day, as printed on documents."""

    value: Decimal
    note: str


@runtime_checkable
class RateSource(Protocol):
    """Where exchange rates come from."""

    def rate(self, currency: str, day: date) -> Rate:
        """The average rate published for ``day``. Raises TryAgain, or NeedsPerson when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Ties:
    """What holds a document in its place.

    ``followers``: ids of the documents in force that were made from it. ``goods_used``: goods that it received were
    issued since. ``users``: ids of the documents in force that issued them, where the ERP says (for a PWP and an MM).
    """

    followers: tuple[str, ...] = ()
    goods_used: bool = False
    users: tuple[str, ...] = ()


@runtime_checkable
class Annotates(Protocol):
    """An ERP whose documents carry attributes that may be written after they were made."""

    def set_attribute(self, company: str, key: str, code: str, value: str) -> None:
        """Sets an attribute of the document made under ``key``. Repeating is harmless."""
        ...


@dataclass(frozen=True, slots=True)
class PaymentToBook:
    """Money that came in for a document.

    ``key`` is our reference: the same key is booked once. ``document``: the key under which the document was made.
    ``account``: account or register of the ERP on which the money is, by its name there. ``fee``: what the operator kept,
    booked as an entry of its own. All amounts are above 0 (the fee may be 0), in the document's ``currency``.
    """

    key: str
    document: str
    amount: Decimal
    currency: str
    account: str
    on: date
    form: str = ""
    fee: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class BookedPayment:
    """What is booked under a key, ``left``: what of its document is still to be paid, and ``open``: what of the payment
    settles nothing yet and stands on the buyer's account."""

    amount: Decimal
    fee: Decimal
    account: str
    left: Decimal
    open: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class SettledPart:
    """What a document has of a payment (``amount``), what of it is still to be paid (``left``), and what of the payment is
    ``open``."""

    amount: Decimal
    left: Decimal
    open: Decimal


@runtime_checkable
class BooksPayments(Protocol):
    """An ERP that books payments and settles documents with them (capability "payments")."""

    def book_payment(self, company: str, payment: PaymentToBook) -> BookedPayment:
        """Books the payment and its fee and settles the document, or gives what ``payment.key`` booked already.

        Raises NeedsPerson (there is no such document, a rule refuses it), InDoubt; repeating with the same key is harmless.
        """
        ...


@runtime_checkable
class SettlesParts(Protocol):
    """An ERP in which a payment that is booked settles further documents (capability "payments:parts")."""

    def settle_part(self, company: str, payment: str, document: str, on: date) -> SettledPart:
        """Settles the document made under the key ``document`` with what is open of the payment booked under the key
        ``payment``, at most with what it is worth. Repeating is harmless and settles nothing twice.

        Raises NeedsPerson (there is no such payment or document, a rule refuses it), InDoubt.
        """
        ...


@runtime_checkable
class Erp(Protocol):
    """Where documents are made. Capabilities: "issue:RO", "convert:RO>FS", "amend:RO", "approve", "partial", "orders",
    "cancel", "delete" (both with ``ties``)..."""

    def capabilities(self) -> frozenset[str]: ...

    def find(self, company: str, key: str) -> Document | None:
        """The document made under our reference ``key``; None when there is none."""
        ...

    def issue(self, draft: Draft) -> Document:
        """Makes the document, or gives the one that ``draft.key`` already made.

        Raises Waiting (unknown item, goods short), NeedsPerson (a rule refuses it), InDoubt (an answer was lost).
        """
        ...

    def amend(self, company: str, key: str, draft: Draft) -> Document:
        """Replaces the lines and parties of an order document of which nothing is realised yet."""
        ...

    def approve(self, company: str, key: str) -> Document:
        """Takes a document out of bufor. Repeating is harmless."""
        ...

    def read(self, company: str, document_id: str) -> Document | None:
        """The document as it is now."""
        ...

    def ties(self, company: str, key: str) -> Ties:
        """What would keep the document from being undone. Raises NeedsPerson for one that is not there."""
        ...

    def cancel(self, company: str, key: str) -> Document:
        """Takes back all that a document did: goods, reservation, what it realised. Repeating is harmless.

        Raises NeedsPerson where a rule forbids it, InDoubt.
        """
        ...

    def delete(self, company: str, key: str) -> None:
        """Deletes a document that is still in bufor. Not repeatable: after InDoubt ask ``find``.

        Raises NeedsPerson where a rule forbids it or there is no such document, InDoubt.
        """
        ...

    def item_vat(self, company: str, skus: Iterable[str]) -> Mapping[str, VatRate]:
        """The VAT rate on the card of each of ``skus`` that has one."""
        ...

    def level_prices(self, company: str, level: str, skus: Iterable[str]) -> Mapping[str, UnitPrice]:
        """The price of each of ``skus`` at a price level, where its card has one."""
        ...

    def unit_costs(self, company: str, warehouse: str, skus: Iterable[str]) -> Mapping[str, Decimal]:
        """What one piece in stock cost on average, net, in PLN; empty ``warehouse``: in all of them together.

        Nothing for what is not in stock.
        """
        ...

    def to_make(
        self, company: str, warehouse: str, sources: Sequence[str], lines: Sequence[DraftLine]
    ) -> ToMake:
        """What must be made so that the documents ``sources`` (or, without any, ``lines``) can be issued from stock.

        Raises Waiting where components are short. Capability "issue:PWP".
        """
        ...

    def kits(self, company: str, level: str, skus: Iterable[str]) -> Mapping[str, tuple[Component, ...]]:
        """Of those ``skus`` that are made or issued as several: what one holds, with the prices at ``level``."""
        ...

    def present(self, company: str, needs: Iterable[str]) -> frozenset[str]:
        """Those of ``needs`` (as named by Waiting) that may be satisfied by now."""
        ...

    def wants(
        self, company: str, documents: Iterable[str], warehouse: str, givers: Sequence[str]
    ) -> tuple[Want, ...]:
        """What the order documents (by id) still hold, item by item, and where it lies for them: in ``warehouse``, in
        ``givers`` (in this order; empty: all others of the company), or on its way from a supplier. Goods that older
        orders hold, and what those lack in ``warehouse``, are left out. Capability "wants".

        ``present`` understands needs of the form "gather:..." that ``allocation.need_text`` makes of the same question.
        """
        ...

    def unknown_items(self, company: str, skus: Iterable[str]) -> frozenset[str]:
        """Those of ``skus`` that have no item card."""
        ...

    def advances(self, company: str, ids: Iterable[str]) -> tuple[Advance, ...]:
        """What is left of these advance invoices, oldest first, after their corrections and what was settled of them;
        nothing for those cancelled. Capability "settle"."""
        ...

    def standings(self, company: str, order: str) -> tuple[Standing, ...]:
        """The sales and goods issues in force that were made for an order (by its number in the channel), oldest
        first, as they stand after their corrections: what may still be corrected. Capability "correct:FSK" ..."""
        ...
