"""A document while it is being made: checked, with its item cards and what each line takes over from a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import Connection

from pomost.ledger.companies import Company, Warehouse
from pomost.ledger.items import Item, Items
from pomost.ledger.rules import Aspect, StockBy
from pomost.ports import NeedsPerson
from pomost.trade.documents import KINDS, Draft, DraftLine
from pomost.trade.money import decimals_of
from pomost.trade.quantity import QUANTITY_DECIMALS, check_quantity

ZERO = Decimal(0)
_PRICE_PLACES = 4
_MONEY_PLACES = 2
_KEY_LENGTH = 200
_TOO_LARGE = Decimal(10) ** 14
"""In 0.0001s it still fits a 64-bit integer."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a line takes over: the line of a source, and the order line whose reservation stands behind it."""

    source_id: int
    source_line: int
    aspect: Aspect
    reserved_line: int | None


@dataclass(slots=True)
class SheetLine:
    """``item`` is None for a service that has no SKU. ``moves``: goods leave or come in for this line."""

    draft: DraftLine
    item: Item | None
    taken: Taken | None = None

    @property
    def moves(self) -> bool:
        return self.item is not None and bool(self.item.parts) and not self.draft.service

    @property
    def reserved_line(self) -> int | None:
        return self.taken.reserved_line if self.taken else None


@dataclass(slots=True)
class Sheet:
    """``draft`` holds the header as it will stand (what was left empty is filled from the sources).

    ``entered_orders``: those of its sources that are order documents made here, whose changes others follow.
    ``target``: where goods arrive that are only moved.
    """

    company: Company
    draft: Draft
    lines: list[SheetLine]
    warehouse: Warehouse
    contractor_id: int
    stock_by: StockBy
    entered_orders: tuple[int, ...] = ()
    target: Warehouse | None = None

    @property
    def who(self) -> str:
        return name_of(self.draft)


def name_of(draft: Draft) -> str:
    """How messages name a document that has no number yet; keys hold no personal data."""
    return f"{draft.kind} for {draft.key}"


def check_draft(draft: Draft) -> None:
    """What can be said of a draft without looking anything up; raises NeedsPerson."""
    who = name_of(draft)
    if not draft.key:
        raise NeedsPerson(
            "ledger.no-key",
            f"A {draft.kind} without a key can't be made.",
            "Give each document a key of its own.",
        )
    if len(draft.key) > _KEY_LENGTH:
        raise NeedsPerson(
            "ledger.key-too-long",
            f"A {draft.kind} can't be made under a key of {len(draft.key)} characters.",
            f"Use at most {_KEY_LENGTH}.",
        )
    decimals_of(draft.currency)
    for line in draft.lines:
        check_line(who, line)
    _check_places(who, "the amount paid", draft.paid, _MONEY_PLACES)
    if draft.paid < 0:
        raise NeedsPerson(
            "ledger.negative-payment", f"{who}: the amount paid is {draft.paid}.", "Write 0 or more."
        )
    if draft.rate is not None and draft.rate <= 0:
        raise NeedsPerson(
            "ledger.bad-rate", f"{who}: the exchange rate is {draft.rate}.", "Write one above 0."
        )


def check_line(who: str, line: DraftLine) -> None:
    what = f"line {line.sku or line.name!r}"
    if not line.quantity.is_finite() or line.quantity <= 0:
        raise NeedsPerson(
            "ledger.negative-quantity",
            f"{who}, {what}: the quantity is {line.quantity}.",
            "Write a quantity above 0; goods that come back need a correction.",
        )
    check_quantity(line.quantity)
    _check_places(who, f"the price in {what}", line.price, _PRICE_PLACES)
    if line.price < 0 and not line.service:
        raise NeedsPerson(
            "ledger.negative-price",
            f"{who}, {what}: the price is {line.price}.",
            "Only a service line may have a price below 0 (a discount).",
        )
    if not line.sku and not line.service:
        raise NeedsPerson(
            "ledger.no-sku",
            f"{who}, {what}: goods without a SKU can't be issued.",
            "Link the product in the channel, or map the line to an item.",
        )


def lines_with_items(
    connection: Connection,
    company: Company,
    items: Items,
    lines: Sequence[tuple[DraftLine, Taken | None]],
    who: str,
) -> list[SheetLine]:
    """Puts the item cards to the lines; raises Waiting ``ledger.unknown-item``."""
    found = items.need(connection, company, (line.sku for line, _ in lines if line.sku), who)
    made = []
    for line, taken in lines:
        item = found.get(line.sku)
        if item is not None and item.kind == "service" and not line.service:
            line = replace(line, service=True)
        made.append(SheetLine(line, item, taken))
        if item is not None and item.kind == "compound":
            for _, ratio in item.parts:
                _check_places(
                    who, f"what {line.sku} takes of a part", line.quantity * ratio, QUANTITY_DECIMALS
                )
    return made


def check_partial(draft: Draft) -> None:
    if draft.partial and KINDS[draft.kind].stock >= 0:
        raise NeedsPerson(
            "ledger.partial",
            f"{name_of(draft)}: only a document that issues goods can be made for a part of them.",
            "Switch off partial.",
        )


def _check_places(who: str, what: str, value: Decimal, places: int) -> None:
    if not value.is_finite():
        raise NeedsPerson("ledger.not-a-number", f"{who}: {what} is {value}.", "Write a number.")
    if abs(value) >= _TOO_LARGE:
        raise NeedsPerson(
            "ledger.too-large", f"{who}: {what} is {value:.3E}.", "Correct it where it came from."
        )
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        raise NeedsPerson(
            "ledger.too-many-decimals",
            f"{who}: {what} is {value}, which has more than {places} decimals.",
            f"Round it to {places} decimals.",
        )
