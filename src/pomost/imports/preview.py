"""What a sheet would change: checked rows against what the ledger holds. Pure; nothing is looked up here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pomost.imports.cells import POLISH_RATES, Value, one_line, unknown_vat
from pomost.imports.rows import Checked, Finding, Row, finding
from pomost.ledger.bulk import CONTRACTOR_FIELDS, CardFacts, StockFacts
from pomost.ledger.contractors import ONE_OFF
from pomost.ports import NeedsPerson
from pomost.trade.between import UnitPrice
from pomost.trade.vat import VatRate

ZERO = Decimal(0)
CENT = Decimal("0.01")
MEASURED = ("weight", "height", "width", "length")
CARD_FIELDS = ("name", "kind", "unit", "vat", "ean", *MEASURED, "parent")


@dataclass(frozen=True, slots=True)
class Shift:
    """One field of a card: from what to what; None where there is nothing."""

    field: str
    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True)
class Change:
    """One row that writes something. ``what`` names the card; ``values`` are all fields as they will be."""

    row: int
    what: str
    shifts: tuple[Shift, ...]
    values: Mapping[str, Any]


@dataclass(slots=True)
class Preview:
    """``same``: rows that change nothing. ``findings``: what is wrong; ``notes``: what is only to be looked at."""

    checked: Checked
    new: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: int = 0
    findings: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.findings += self.checked.findings
        self.notes += self.checked.notes

    @property
    def bad_rows(self) -> list[int]:
        """Numbers of the rows in which something is wrong."""
        return sorted({one.row for one in self.findings})

    @property
    def writes(self) -> list[Change]:
        """New and changed."""
        return [*self.new, *self.changed]

    def wrong(self, row: Row, name: str, failure: NeedsPerson) -> None:
        self.findings.append(finding(failure, row.number, self.checked.headings, name))

    def note(self, row: Row, name: str, failure: NeedsPerson) -> None:
        self.notes.append(finding(failure, row.number, self.checked.headings, name))

    def enter(
        self, row: Row, what: str, shifts: Iterable[Shift], values: Mapping[str, Any], new: bool
    ) -> None:
        """A row that is right."""
        real = tuple(shifts)
        if new:
            self.new.append(Change(row.number, what, real, values))
        elif real:
            self.changed.append(Change(row.number, what, real, values))
        else:
            self.same += 1


Parents = Callable[[Mapping[str, str], Iterable[str]], Mapping[str, NeedsPerson]]
"""Item -> main item that is asked, and the items that are made together with it; item -> why it can't be its variant."""


def compare_items(
    checked: Checked,
    before: Mapping[str, CardFacts],
    known_rates: Collection[str],
    parents: Parents = lambda asked, new: {},
) -> Preview:
    """An empty cell leaves the field of a card as it is."""
    preview = Preview(checked)
    for row in checked.rows:
        sku = str(row.values["sku"])
        card = before.get(sku)
        given = {name: value for name, value in row.values.items() if name != "sku"}
        rate = str(given.get("vat", ""))
        if (
            rate
            and not (card and card.vat == rate)
            and ":" not in rate
            and rate not in POLISH_RATES
            and rate not in known_rates
        ):
            preview.wrong(row, "vat", unknown_vat(rate))
            continue
        if card is None:
            failure = _new_card(given)
            if failure:
                preview.wrong(row, failure[0], failure[1])
                continue
            values = {"name": sku, "kind": "goods", "unit": "szt", "ean": "", **given, "sku": sku}
            preview.enter(row, sku, (Shift(name, None, value) for name, value in given.items()), values, True)
            continue
        kind = given.get("kind", card.kind)
        if kind != card.kind:
            failure_of_kind = NeedsPerson(
                "import.kind-changed",
                f"The card of {sku} is of kind {card.kind}, the file says {kind}; what an item is never changes.",
                "Leave the cell as it was, or take another SKU.",
            )
            preview.wrong(row, "kind", failure_of_kind)
            continue
        now = {name: getattr(card, name, "") for name in CARD_FIELDS}
        shifts = [
            Shift(name, now.get(name), value)
            for name, value in given.items()
            if not _same(now.get(name), value)
        ]
        kept = {name: value for name, value in given.items() if _same(now.get(name), value)}
        values = {**now, **given, **{name: now[name] for name in kept if name in now}, "sku": sku}
        preview.enter(row, sku, shifts, values, False)
    _refuse_parents(preview, parents)
    return preview


def _refuse_parents(preview: Preview, parents: Parents) -> None:
    """Rows that name no main item that could be one. A row may name an item of another row, so what is left is looked at
    again until nothing is wrong in it."""
    rows = {row.number: row for row in preview.checked.rows}
    while True:
        asked = {str(one.values["sku"]): str(one.values["parent"]) for one in preview.writes if _moves(one)}
        refused = parents(asked, [str(one.values["sku"]) for one in preview.new]) if asked else {}
        if not refused:
            return
        for one in preview.writes:
            if failure := refused.get(str(one.values["sku"])):
                preview.wrong(rows[one.row], "parent", failure)
        preview.new = [one for one in preview.new if one.values["sku"] not in refused]
        preview.changed = [one for one in preview.changed if one.values["sku"] not in refused]


def _moves(change: Change) -> bool:
    return any(shift.field == "parent" for shift in change.shifts)


def compare_prices(
    checked: Checked,
    cards: Mapping[str, CardFacts],
    before: Mapping[str, Mapping[str, UnitPrice]],
    known_levels: Collection[str],
) -> Preview:
    """The currency of a row that names none is that of the price so far, else PLN."""
    preview = Preview(checked)
    for row in checked.rows:
        sku, level = str(row.values["sku"]), str(row.values["level"])
        card = cards.get(sku)
        if card is None:
            preview.wrong(row, "sku", _no_card(sku))
            continue
        price = before.get(sku, {}).get(level)
        net, gross = row.values.get("net"), row.values.get("gross")
        basis = "gross" if gross is not None else "net"
        if isinstance(net, Decimal) and isinstance(gross, Decimal):
            if not _agree(net, gross, card.vat):
                failure = NeedsPerson(
                    "import.net-and-gross",
                    f"Net {net} and gross {gross} do not agree with the card's VAT rate ({card.vat}).",
                    "Leave one of the two cells empty, or correct it.",
                )
                preview.wrong(row, "gross", failure)
                continue
            basis = price.basis if price else "gross"
        number = net if basis == "net" else gross
        currency = str(row.values.get("currency") or (price.currency if price else "PLN"))
        if known_levels and level not in known_levels:
            failure = NeedsPerson(
                "import.new-level",
                f"No card has a price at the level {level} so far.",
                f"Known levels: {', '.join(sorted(known_levels)[:10])}.",
            )
            preview.note(row, "level", failure)
        now: dict[str, Value] = {price.basis: price.price, "currency": price.currency} if price else {}
        then: dict[str, Value | None] = {basis: number, "currency": currency}
        shifts = [
            Shift(name, now.get(name), then.get(name))
            for name in ("net", "gross", "currency")
            if now.get(name) != then.get(name)
        ]
        values = {"sku": sku, "level": level, "basis": basis, "price": number, "currency": currency}
        preview.enter(row, f"{sku} {level}", shifts, values, price is None)
    return preview


def compare_stock(
    checked: Checked,
    cards: Mapping[str, CardFacts],
    before: Mapping[tuple[str, str], StockFacts],
    warehouses: Collection[str],
    last_costs: Mapping[str, Decimal],
    beyond: bool = False,
) -> Preview:
    """``beyond``: the company lets its stock go below what is reserved."""
    preview = Preview(checked)
    for row in checked.rows:
        sku, warehouse, quantity = (
            str(row.values["sku"]),
            str(row.values["warehouse"]),
            row.values["quantity"],
        )
        assert isinstance(quantity, Decimal)
        card = cards.get(sku)
        if card is None:
            preview.wrong(row, "sku", _no_card(sku))
            continue
        if card.kind != "goods":
            failure = NeedsPerson(
                "import.no-stock-of-its-own",
                f"{sku} is of kind {card.kind} and has no stock of its own.",
                "Delete the row; of a set write the stock of its parts.",
            )
            preview.wrong(row, "sku", failure)
            continue
        if warehouse not in warehouses:
            failure = NeedsPerson(
                "import.unknown-warehouse",
                f'The company has no warehouse "{warehouse}".',
                f"Write one of {', '.join(warehouses) or '-'}.",
            )
            preview.wrong(row, "warehouse", failure)
            continue
        facts = before.get((sku, warehouse), StockFacts())
        if quantity < facts.quantity and quantity < facts.reserved and not beyond:
            failure = NeedsPerson(
                "import.reserved",
                f"{facts.reserved} of {sku} are reserved for orders, so the stock can't go down to {quantity}.",
                "Release the reservations first, or write at least as many.",
            )
            preview.wrong(row, "quantity", failure)
            continue
        cost = row.values.get("cost")
        if cost is None:
            cost = last_costs.get(sku, ZERO)
        if quantity > facts.quantity and not cost:
            failure = NeedsPerson(
                "import.no-cost",
                f"What comes in of {sku} is booked at a cost of 0.",
                "Write its net cost into the column Koszt (Cost).",
            )
            preview.note(row, "cost", failure)
        values = {
            "sku": sku, "warehouse": warehouse, "card": card, "before": facts, "cost": cost, "quantity": quantity,
        }  # fmt: skip
        shifts = [Shift("quantity", facts.quantity, quantity)] if quantity != facts.quantity else []
        new = not facts.there and quantity > 0
        preview.enter(row, f"{sku} {warehouse}", shifts, values, new)
    return preview


def compare_contractors(checked: Checked, before: Iterable[Mapping[str, str]]) -> Preview:
    """A row without a code is about the card with its NIP."""
    preview = Preview(checked)
    by_code: dict[str, Mapping[str, str]] = {}
    by_tax: dict[str, list[Mapping[str, str]]] = {}
    for one in before:
        by_code[one["code"]] = one
        if one["tax_id"]:
            by_tax.setdefault(one["tax_id"], []).append(one)
    for row in checked.rows:
        tax_id, code = str(row.values.get("tax_id", "")), str(row.values.get("code", ""))
        same_tax = by_tax.get(tax_id, [])
        if not code and len(same_tax) > 1:
            failure = NeedsPerson(
                "import.several-cards",
                f"{len(same_tax)} cards have this NIP: {', '.join(one['code'] for one in same_tax)}.",
                "Write the code of the card that is meant.",
            )
            preview.wrong(row, "tax_id", failure)
            continue
        if not code:
            code = same_tax[0]["code"] if same_tax else tax_id
        if code == ONE_OFF:
            failure = NeedsPerson(
                "import.kept-code",
                f"{ONE_OFF} is the card of buyers who have none; it can't be changed.",
                "Take another code.",
            )
            preview.wrong(row, "code", failure)
            continue
        card = by_code.get(code)
        others = [one["code"] for one in same_tax if one["code"] != code]
        if others and not (card and card["tax_id"] == tax_id):
            failure = NeedsPerson(
                "import.nip-taken",
                f"The card {others[0]} has this NIP already.",
                "Write that code, or take the number off one of the cards.",
            )
            preview.wrong(row, "tax_id", failure)
            continue
        given = {name: str(value) for name, value in row.values.items() if name != "code"}
        if card is None and "name" not in given:
            failure = NeedsPerson(
                "import.no-name", f"{code} has no card yet, and no name here.", "Write the name."
            )
            preview.wrong(row, "name", failure)
            continue
        now = dict(card) if card else {**dict.fromkeys(CONTRACTOR_FIELDS, ""), "country": "PL"}
        if card is None and tax_id[:2].isalpha():
            now["country"] = {"EL": "GR", "XI": "GB"}.get(tax_id[:2], tax_id[:2])
        changed = {
            name: value for name, value in given.items() if card is None or not _same(now[name], value)
        }
        shifts = [Shift(name, now[name] if card else None, value) for name, value in changed.items()]
        preview.enter(row, code, shifts, {**now, **changed, "code": code}, card is None)
    return preview


def _new_card(given: Mapping[str, Value]) -> tuple[str, NeedsPerson] | None:
    if given.get("kind") == "compound":
        return "kind", NeedsPerson(
            "import.new-compound",
            "A set has parts, which a sheet can't say.",
            "Make its card by hand; later imports may change its name, VAT and EAN.",
        )
    if "vat" not in given:
        return "vat", NeedsPerson(
            "import.no-vat", "The item is new and has no VAT rate.", "Write 23, 8, 5, 0, zw, np or oo."
        )
    return None


def _no_card(sku: str) -> NeedsPerson:
    return NeedsPerson(
        "import.unknown-sku",
        f"There is no item card {sku}.",
        "Correct the SKU, or import the items first: pomost import items.",
    )


def _same(before: Value | None, after: Value) -> bool:
    if isinstance(before, str) and isinstance(after, str):
        return before == after or one_line(before) == after
    return before == after


def _agree(net: Decimal, gross: Decimal, vat: str) -> bool:
    factor = 1 + VatRate.of(vat).percent / 100
    return (net * factor).quantize(CENT, ROUND_HALF_UP) == gross or (gross / factor).quantize(
        CENT, ROUND_HALF_UP
    ) == net
