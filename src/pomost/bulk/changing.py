"""What a change makes of the chosen items, shown or written.

Writing decides anew by what the ledger holds at that moment, within the one transaction that writes, as imports do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol, TypeVar

from pomost.imports.cells import POLISH_RATES, unknown_vat
from pomost.ledger.bulk import Bulk, Chosen, Selection
from pomost.ledger.items import Price
from pomost.ports import Failure, NeedsPerson
from pomost.trade.between import UnitPrice
from pomost.trade.card import LONGEST_KEY, Card
from pomost.trade.money import round_money
from pomost.trade.pricing import Ending
from pomost.trade.vat import VatRate

Answer = TypeVar("Answer")
_HUNDRED = Decimal(100)
_DEAREST = Decimal(10) ** 9
STATUS, ACTIVE, POINTS = "Status", "Aktywny", "Punkty"
"""Attributes of the card under which the availability in a shop, whether it is sold there, and loyalty points are kept."""


class Books(Protocol):
    """Of the ledger, what a change needs."""

    def look_at(self, company: str, work: Callable[[Bulk], Answer]) -> Answer: ...
    def change_many(self, company: str, work: Callable[[Bulk], Answer]) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the card gets this value; ``manufacturer`` is the brand, ``category`` the group as a path (A/B), ``parent``
    the SKU of the main item.

    An empty manufacturer, category or main item is taken off.
    """

    name: Literal["manufacturer", "category", "vat", "unit", "parent"]
    value: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of the card gets this value; an empty one takes it off."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class PriceStep:
    """The price at ``level`` becomes that of ``source`` (empty: its own) and ``percent`` more (negative: less), and
    ``addition``, rounded to the currency's smallest unit, then with this ending. Net or gross and the currency stay."""

    level: str
    percent: Decimal = Decimal(0)
    addition: Decimal = Decimal(0)
    ending: Ending | None = None
    source: str = ""


Change = Field | Attribute | PriceStep


@dataclass(frozen=True, slots=True)
class Line:
    """What changes of one item. ``field``: "vat", "attributes.Kolor", "prices.DETAL"; empty texts: there is nothing."""

    sku: str
    name: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a change can't be made; ``sku`` is empty where it can't be made of any item."""

    sku: str
    code: str
    text: str
    advice: str


@dataclass(slots=True)
class Preview:
    """``chosen``: items; ``same``: of these, those of which nothing changes."""

    chosen: int = 0
    same: int = 0
    lines: list[Line] = field(default_factory=list)
    problems: list[Refusal] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """Stands for exactly these changes, from these values: once they are written there is another one."""
        said = "\n".join(repr((one.sku, one.field, one.before, one.after)) for one in self.lines)
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Outcome:
    """``written``: False where something is wrong; then nothing is."""

    preview: Preview
    written: bool


class _Undone(Exception):
    """Ends the transaction without a trace."""


def preview(books: Books, company: str, selection: Selection, changes: Sequence[Change]) -> Preview:
    """What would change now. Writes nothing. Raises NeedsPerson ``bulk.nothing-chosen``, ``bulk.no-change``."""
    _check(selection, changes)
    return books.look_at(company, lambda bulk: _Plan(bulk, selection, changes).preview)


def apply(
    books: Books, company: str, selection: Selection, changes: Sequence[Change], *, only_if: str = ""
) -> Outcome:
    """Makes the change: of all chosen items or, when it can't be made of one, of none.

    ``only_if``: the mark of the preview that was shown. Raises NeedsPerson ``bulk.changed-meanwhile`` when something else
    would change by now, so a change by percent that is repeated after a doubt is not made twice.
    """
    _check(selection, changes)
    seen = Preview()

    def work(bulk: Bulk) -> None:
        nonlocal seen
        bulk.alone()
        plan = _Plan(bulk, selection, changes, lock=True)
        seen = plan.preview
        if only_if and only_if != seen.mark:
            raise NeedsPerson(
                "bulk.changed-meanwhile",
                "What would change is not what the preview showed: it was made already, or items changed meanwhile.",
                "Look at the preview again.",
            )
        if seen.problems:
            raise _Undone
        plan.write()

    try:
        books.change_many(company, work)
    except _Undone:
        return Outcome(seen, False)
    return Outcome(seen, True)


def _check(selection: Selection, changes: Sequence[Change]) -> None:
    if not changes:
        raise NeedsPerson(
            "bulk.no-change", "It is not said what is to change.", "Name at least one change, as --set-vat 8."
        )
    if selection.is_empty:
        raise NeedsPerson(
            "bulk.nothing-chosen",
            "It is not said which items are to change.",
            "Name a filter or a list of SKUs; --all for all items.",
        )


class _Plan:
    """The change of the chosen items within one transaction."""

    def __init__(
        self, bulk: Bulk, selection: Selection, changes: Sequence[Change], *, lock: bool = False
    ) -> None:
        self.preview = Preview()
        self._bulk = bulk
        self._cards: dict[str, dict[str, Any]] = {}
        self._prices: dict[str, dict[str, Price]] = {}
        self._facts = {one.sku: one for one in bulk.chosen(selection)}
        for sku in selection.skus or ():
            if sku not in self._facts and not selection.has_filter:
                self._refuse(
                    sku,
                    NeedsPerson("bulk.unknown-sku", f"There is no item card {sku}.", "Correct the list."),
                )
        for change in changes:
            self._refuse_wrong(change, bulk)
        skus = list(self._facts)
        if lock:
            bulk.cards(skus, lock=True)
        self.preview.chosen = len(skus)
        shown: Mapping[str, Card] = {}
        if any(isinstance(one, Attribute) for one in changes):
            shown = bulk.full_cards(skus)
        prices: Mapping[str, Mapping[str, UnitPrice]] = {}
        if any(isinstance(one, PriceStep) for one in changes):
            prices = bulk.prices(skus)
        for sku, item in self._facts.items():
            before = len(self.preview.lines), len(self.preview.problems)
            for change in changes:
                if isinstance(change, Field):
                    self._set_field(item, change)
                elif isinstance(change, Attribute):
                    self._set_attribute(item, change, (shown[sku].attributes or {}) if sku in shown else {})
                else:
                    self._set_price(item, change, prices.get(sku, {}))
            self.preview.same += before == (len(self.preview.lines), len(self.preview.problems))
        asked = {sku: values["parent"] for sku, values in self._cards.items() if "parent" in values}
        for sku, failure in (bulk.refused_parents(asked) if asked else {}).items():
            self._refuse(sku, failure)

    def write(self) -> None:
        self._bulk.put_cards([Card(sku, **values) for sku, values in self._cards.items()])
        self._bulk.put_items(
            [
                {
                    "sku": sku,
                    "name": self._facts[sku].name,
                    "unit": self._cards.get(sku, {}).get("unit", self._facts[sku].unit),
                    "vat": self._cards.get(sku, {}).get("vat", self._facts[sku].vat),
                    "ean": self._facts[sku].ean,
                    "prices": levels,
                }
                for sku, levels in self._prices.items()
            ]
        )

    def _refuse(self, sku: str, failure: Failure) -> None:
        self.preview.problems.append(Refusal(sku, failure.code, failure.text, failure.advice))

    def _refuse_wrong(self, change: Change, bulk: Bulk) -> None:
        """What is wrong whatever the item is."""
        if isinstance(change, Field) and change.name == "vat":
            if change.value not in POLISH_RATES | bulk.vat_rates() and not _is_foreign_rate(change.value):
                self._refuse("", unknown_vat(change.value))
        elif isinstance(change, Field) and change.name == "unit" and not change.value.strip():
            self._refuse("", NeedsPerson("bulk.no-unit", "An item has a unit.", "Name one, as szt."))
        elif isinstance(change, Attribute):
            if not change.name.strip() or len(change.name) > LONGEST_KEY:
                self._refuse(
                    "",
                    NeedsPerson(
                        "bulk.attribute-name",
                        "An attribute has a name of 1 to 200 characters.",
                        "Write it before the sign of equality: Kolor=biały.",
                    ),
                )
            elif change.name == POINTS and change.value and not change.value.isdecimal():
                self._refuse(
                    "", NeedsPerson("bulk.points", "Points are a whole number.", "Write 0 or a larger one.")
                )
        elif isinstance(change, PriceStep) and not change.level:
            self._refuse(
                "",
                NeedsPerson(
                    "bulk.no-level", "It is not said which prices change.", "Name their price level."
                ),
            )

    def _set_field(self, item: Chosen, change: Field) -> None:
        value = change.value.strip()
        before = str(getattr(item, change.name) or "")
        if before != value:
            self.preview.lines.append(Line(item.sku, item.name, change.name, before, value))
            self._cards.setdefault(item.sku, {})[change.name] = value

    def _set_attribute(self, item: Chosen, change: Attribute, shown: Mapping[str, str]) -> None:
        name, value = change.name.strip(), change.value.strip()
        before = shown.get(name, "")
        if before != value:
            self.preview.lines.append(Line(item.sku, item.name, f"attributes.{name}", before, value))
            self._cards.setdefault(item.sku, {}).setdefault("attributes", {})[name] = value

    def _set_price(self, item: Chosen, change: PriceStep, prices: Mapping[str, UnitPrice]) -> None:
        level = change.source or change.level
        base = prices.get(level)
        if base is None:
            self._refuse(
                item.sku,
                NeedsPerson(
                    "bulk.no-price",
                    f"{item.sku} has no price at the level {level}.",
                    "Give it one, or choose other items.",
                ),
            )
            return
        price = stepped(base, change)
        if not 0 < price < _DEAREST:
            self._refuse(
                item.sku,
                NeedsPerson(
                    "bulk.price-out-of-range",
                    f"{item.sku} would cost {price:f} {base.currency} at the level {change.level}.",
                    "A price is above zero and below a thousand million: take another percentage or addition.",
                ),
            )
            return
        before = prices.get(change.level)
        new = Price(base.basis, base.currency, price)
        if before is None or (before.basis, before.currency, before.price) != (
            new.basis,
            new.currency,
            new.price,
        ):
            shown = "" if before is None else _said(before.price, before.currency, before.basis)
            after = _said(price, base.currency, base.basis)
            self.preview.lines.append(Line(item.sku, item.name, f"prices.{change.level}", shown, after))
            self._prices.setdefault(item.sku, {})[change.level] = new


def stepped(base: UnitPrice, step: PriceStep) -> Decimal:
    """The price that the step makes of ``base``; zero or less where there can be none."""
    price = base.price * (_HUNDRED + step.percent) / _HUNDRED + step.addition
    price = round_money(price, base.currency)
    return step.ending.of(price) if price > 0 and step.ending is not None else price


def _said(price: Decimal, currency: str, basis: str) -> str:
    return f"{price:f} {currency} {basis}"


def _is_foreign_rate(value: str) -> bool:
    try:
        return bool(VatRate.of(value).country)
    except ValueError:
        return False
