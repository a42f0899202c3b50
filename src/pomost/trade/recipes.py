"""Recipes: what a product is made of, and what must be made and used for what is wanted. Pure.

A recipe says what one base unit of the product takes of each part. A part may be given in another unit than it is
stocked in, may be lost to some percent, and may have a recipe of its own. Nothing is rounded before the end: the need
of a whole batch is rounded up once, to the precision of the part's unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from pomost.trade.documents import DraftLine
from pomost.trade.errors import Refused
from pomost.trade.quantity import QUANTITY_DECIMALS, check_quantity

_COUNTED = frozenset({"szt", "kpl", "opak", "para", "pary", "pc", "pcs"})
_MOST_LOSS = Decimal(100)


def decimals_of_unit(unit: str) -> int:
    """How finely a unit is counted: pieces, sets and packs whole, whatever is weighed or measured to 0.0001."""
    return 0 if unit.strip().rstrip(".").lower() in _COUNTED else QUANTITY_DECIMALS


@dataclass(frozen=True, slots=True)
class Part:
    """What one base unit of a product takes of ``sku``.

    ``quantity`` is in ``unit``; empty: the part's own. ``of`` of that unit are ``base`` of the part's own: g of what is
    stocked in kg has base 1, of 1000. ``loss``: percent lost while making, on top of what is in the product: 100 g with
    a loss of 5 % take 105 g. Raises Refused ``trade.bad-recipe``, ``trade.quantity-too-fine``, ``trade.too-large``.
    """

    sku: str
    quantity: Decimal
    unit: str = ""
    base: Decimal = Decimal(1)
    of: Decimal = Decimal(1)
    loss: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        numbers = (self.quantity, self.base, self.of, self.loss)
        if not (
            all(number.is_finite() for number in numbers)
            and min(self.quantity, self.base, self.of) > 0
            and 0 <= self.loss <= _MOST_LOSS
        ):
            raise Refused(
                "trade.bad-recipe",
                f"{self.quantity} {self.unit} of {self.sku} ({self.of} {self.unit} = {self.base}, loss {self.loss} %) "
                "is no part of a recipe.",
                f"Write quantities above 0, and a loss from 0 to {_MOST_LOSS} percent.",
                sku=self.sku,
            )
        for number in numbers:
            check_quantity(number)

    @property
    def inside(self) -> Fraction:
        """How much of it is in one base unit of the product, in its own unit, without what is lost."""
        return Fraction(self.quantity) * Fraction(self.base) / Fraction(self.of)

    @property
    def taken(self) -> Fraction:
        """How much one base unit of the product takes, with what is lost."""
        return self.inside * (1 + Fraction(self.loss) / 100)


@dataclass(frozen=True, slots=True)
class Book:
    """The recipes that are known. ``decimals``: SKU -> how finely it is counted (4 where nothing is said)."""

    recipes: Mapping[str, tuple[Part, ...]]
    decimals: Mapping[str, int] = field(default_factory=dict)

    def round_up(self, sku: str, quantity: Fraction) -> Decimal:
        """The least quantity of ``sku`` that its unit can carry and that is not below ``quantity``."""
        places = self.decimals.get(sku, QUANTITY_DECIMALS)
        steps = -((-quantity * 10**places) // 1)
        return Decimal(int(steps)).scaleb(-places).normalize() + 0


@dataclass(frozen=True, slots=True)
class Use:
    """What making takes of a part."""

    sku: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Make:
    """So much of a product is to be made of these."""

    sku: str
    quantity: Decimal
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Lacking:
    """A part that is bought, not made: ``needed`` altogether, of which only ``free`` is there."""

    sku: str
    needed: Decimal
    free: Decimal


@dataclass(frozen=True, slots=True)
class Making:
    """``makes`` stand in the order in which they can be made: what is a part of another comes before it."""

    makes: tuple[Make, ...]
    lacking: tuple[Lacking, ...] = ()


@dataclass(frozen=True, slots=True)
class ToMake:
    """``lines``: products that a document misses, for its PWP, each with the order line in ``source_line``; ``making``: all
    that has to be made and used for them; ``warehouse``: where. No lines: nothing to make."""

    lines: tuple[DraftLine, ...]
    making: Making
    warehouse: str = ""


def explode(missing: Mapping[str, Decimal], book: Book, free: Mapping[str, Decimal]) -> Making:
    """What must be made, and used, so that ``missing`` of each product is there in addition to the stock.

    ``free``: what of each SKU may be used as a part. Of a part with a recipe only what is not free is made, of the whole
    need at once, so that what is lost or rounded up is so once for the batch. Raises Refused ``trade.recipe-cycle``.
    """
    needed: dict[str, Decimal] = {}
    makes: list[Make] = []
    lacking: list[Lacking] = []
    for sku in products_first(missing, book):
        used = needed.get(sku, Decimal(0))
        there = max(free.get(sku, Decimal(0)), Decimal(0))
        short = missing.get(sku, Decimal(0)) + max(used - there, Decimal(0))
        if short <= 0:
            continue
        parts = book.recipes.get(sku)
        if not parts:
            lacking.append(Lacking(sku, there + short, there))
            continue
        quantity = book.round_up(sku, Fraction(short))
        uses = tuple(
            Use(part.sku, book.round_up(part.sku, part.taken * Fraction(quantity))) for part in parts
        )
        for use in uses:
            needed[use.sku] = needed.get(use.sku, Decimal(0)) + use.quantity
        makes.append(Make(sku, quantity, uses))
    return Making(tuple(reversed(makes)), tuple(lacking))


def products_first(skus: Mapping[str, object], book: Book) -> list[str]:
    """``skus`` and all they are made of, each before what it is made of. Raises Refused ``trade.recipe-cycle``."""
    found: list[str] = []
    finished: set[str] = set()
    for start in skus:
        if start in finished:
            continue
        path: list[str] = [start]
        stack: list[Iterator[str]] = [_parts(book, start)]
        while stack:
            part = next(stack[-1], None)
            if part is None:
                stack.pop()
                found.append(path.pop())
                finished.add(found[-1])
            elif part in path:
                raise _cycle([*path[path.index(part) :], part])
            elif part not in finished:
                path.append(part)
                stack.append(_parts(book, part))
    return found[::-1]


def leaves(sku: str, book: Book) -> dict[str, Fraction]:
    """What is in one of ``sku`` at the bottom of all recipes, without what is lost. Raises Refused ``trade.recipe-cycle``."""
    amounts = {sku: Fraction(1)}
    for one in products_first({sku: None}, book):
        for part in book.recipes.get(one, ()):
            amounts[part.sku] = amounts.get(part.sku, Fraction(0)) + amounts[one] * part.inside
    return {one: amount for one, amount in amounts.items() if not book.recipes.get(one)}


def _parts(book: Book, sku: str) -> Iterator[str]:
    return iter([part.sku for part in book.recipes.get(sku, ())])


def _cycle(path: list[str]) -> Refused:
    return Refused(
        "trade.recipe-cycle",
        f"A product can't be made of itself: {' -> '.join(path)}.",
        "Take one of these parts out of its recipe.",
        path=" -> ".join(path),
    )
