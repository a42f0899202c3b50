"""A checked sheet against the ledger: shown, or written.

Writing decides anew by what the ledger holds at that moment, within the one transaction that writes: what was shown
before is not relied on. Imports of one company come one after another, and cards and stock rows that the sheet names are
locked first, so nobody changes them in between.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pomost.imports.columns import Kind
from pomost.imports.preview import (
    MEASURED,
    Change,
    Preview,
    compare_contractors,
    compare_items,
    compare_prices,
    compare_stock,
)
from pomost.imports.rows import Checked, Defaults, check_file
from pomost.ledger.bulk import Bulk
from pomost.ledger.items import Price
from pomost.trade.card import Card
from pomost.trade.documents import Draft, DraftLine
from pomost.trade.vat import VatRate

Answer = TypeVar("Answer")
_OF_CARDS = (*MEASURED, "parent")
LINES_AT_MOST = 10_000
"""Of one PW or RW; a longer one is parted."""
_NO_VAT = VatRate(Decimal(0), "np")


class Books(Protocol):
    """Of the ledger, what an import needs."""

    def look_at(self, company: str, work: Callable[[Bulk], Answer]) -> Answer: ...
    def change_many(self, company: str, work: Callable[[Bulk], Answer]) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """``written``: False when rows are wrong and all or nothing was asked for. ``documents``: numbers of PW and RW.

    ``already``: the documents which this stock sheet made when it was applied before; then nothing is written.
    """

    preview: Preview
    written: bool
    documents: tuple[str, ...] = ()
    already: tuple[str, ...] = ()


def check(
    ledger: Books,
    company: str,
    kind: Kind,
    path: Path,
    *,
    sheet: str = "",
    chosen: Mapping[str, str] | None = None,
    warehouse: str = "",
    level: str = "",
    told: Callable[[int], None] = lambda rows: None,
) -> Checked:
    """Reads and checks a file; rows without a warehouse are about ``warehouse``, or the company's default one. ``told`` gets how
    many rows were read so far."""
    if kind == "stock" and not warehouse:
        warehouse = next(iter(ledger.look_at(company, lambda bulk: bulk.warehouses())), "")
    return check_file(path, kind, sheet, chosen, Defaults(warehouse, level), told)


def show(ledger: Books, company: str, checked: Checked) -> Preview:
    """What would change now. Writes nothing."""
    return ledger.look_at(company, lambda bulk: compare(bulk, checked))


def apply(
    ledger: Books, company: str, checked: Checked, *, good_rows: bool = False, again: bool = False
) -> Outcome:
    """Writes the sheet: all of it or, when a row is wrong, nothing; with ``good_rows`` the rows in which nothing is wrong.

    ``again``: a stock sheet that was applied before is applied once more, as a new count.
    """

    def work(bulk: Bulk) -> Outcome:
        bulk.alone()
        if checked.kind == "stock":
            _lock_stock(bulk, checked)
        preview = compare(bulk, checked, lock=True)
        if preview.findings and not good_rows:
            raise _Undone(Outcome(preview, False))
        outcome = _WRITERS[checked.kind](bulk, preview, again)
        if outcome.already:
            raise _Undone(outcome)
        return outcome

    try:
        return ledger.change_many(company, work)
    except _Undone as undone:
        return undone.outcome


class _Undone(Exception):
    """Ends the transaction without a trace, not even of its locks."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def compare(bulk: Bulk, checked: Checked, *, lock: bool = False) -> Preview:
    """The sheet against what the ledger holds now. ``lock``: the cards it changes stay so until the transaction ends."""
    if checked.kind == "contractors":
        codes = [str(row.values.get("code", row.values.get("tax_id", ""))) for row in checked.rows]
        tax_ids = [str(row.values.get("tax_id", "")) for row in checked.rows]
        return compare_contractors(checked, bulk.contractors_like(codes, tax_ids))
    skus = {str(row.values["sku"]) for row in checked.rows}
    cards = bulk.cards(skus, lock=lock and checked.kind != "stock")
    if checked.kind == "items":
        return compare_items(checked, cards, bulk.vat_rates(), bulk.refused_parents)
    if checked.kind == "prices":
        return compare_prices(checked, cards, bulk.prices(skus), bulk.levels())
    stock = bulk.stock(cards, _pairs(checked))
    uncosted = [sku for sku, _ in _pairs(checked, without_cost=True)]
    return compare_stock(
        checked,
        cards,
        stock,
        bulk.warehouses(),
        bulk.last_costs(cards, uncosted),
        bulk.company.negative_stock,
    )


def _pairs(checked: Checked, *, without_cost: bool = False) -> list[tuple[str, str]]:
    return [
        (str(row.values["sku"]), str(row.values["warehouse"]))
        for row in checked.rows
        if not (without_cost and "cost" in row.values)
    ]


def _lock_stock(bulk: Bulk, checked: Checked) -> None:
    places = set(bulk.warehouses())
    cards = bulk.cards(sku for sku, _ in _pairs(checked))
    there = bulk.stock(cards, _pairs(checked))
    wanted = [
        (str(row.values["sku"]), str(row.values["warehouse"]))
        for row in checked.rows
        if row.values["quantity"]
    ]
    known = [
        pair
        for pair in dict.fromkeys((*wanted, *there))
        if pair[0] in cards and cards[pair[0]].kind == "goods" and pair[1] in places
    ]
    bulk.lock_stock(cards, known)


def _write_items(bulk: Bulk, preview: Preview, again: bool) -> Outcome:
    # of a card that is there, its kind stays
    cards = [dict(one.values) for one in preview.new]
    cards += [{**one.values, "kind": "goods"} for one in preview.changed]
    bulk.put_items(cards)
    fuller = (
        (one, [shift.field for shift in one.shifts if shift.field in _OF_CARDS]) for one in preview.writes
    )
    bulk.put_cards(
        [
            Card(one.values["sku"], **{name: one.values[name] for name in names})
            for one, names in fuller
            if names
        ]
    )
    return Outcome(preview, True)


def _write_prices(bulk: Bulk, preview: Preview, again: bool) -> Outcome:
    levels: dict[str, dict[str, Price]] = {}
    for one in preview.writes:
        price = Price(one.values["basis"], one.values["currency"], one.values["price"])
        levels.setdefault(one.values["sku"], {})[one.values["level"]] = price
    cards = bulk.cards(levels)
    bulk.put_items(
        [
            {
                "sku": sku,
                "name": cards[sku].name,
                "unit": cards[sku].unit,
                "vat": cards[sku].vat,
                "ean": cards[sku].ean,
                "prices": prices,
            }
            for sku, prices in levels.items()
        ]
    )
    return Outcome(preview, True)


def _write_contractors(bulk: Bulk, preview: Preview, again: bool) -> Outcome:
    bulk.put_contractors([one.values for one in preview.writes])
    return Outcome(preview, True)


def _write_stock(bulk: Bulk, preview: Preview, again: bool) -> Outcome:
    prefix = f"import:stock:{digest(preview)}:"
    made = bulk.documents_under(prefix)
    times = {int(key.removeprefix(prefix).split(":")[0]) for key, _, _ in made}
    already = tuple(number for _, number, state in made if state == "approved")
    if already and not again:
        return Outcome(preview, True, already=already)
    time = max(times, default=0) + 1
    moves: dict[tuple[str, str], list[DraftLine]] = {}
    for one in preview.writes:
        difference = one.values["quantity"] - one.values["before"].quantity
        if difference:
            kind = "PW" if difference > 0 else "RW"
            moves.setdefault((one.values["warehouse"], kind), []).append(_line(one, difference))
    numbers = []
    for (warehouse, kind), lines in sorted(moves.items()):
        for part, start in enumerate(range(0, len(lines), LINES_AT_MOST)):
            key = f"{prefix}{time}:{warehouse}:{kind}" + (f":{part + 1}" if part else "")
            draft = Draft(
                kind,
                bulk.company.code,
                key,
                bulk.at.date(),
                warehouse=warehouse,
                basis="net",
                lines=tuple(lines[start : start + LINES_AT_MOST]),
            )
            numbers.append(bulk.issue(draft).number)
    return Outcome(preview, True, tuple(numbers))


def _line(change: Change, difference: Decimal) -> DraftLine:
    card = change.values["card"]
    price = change.values["cost"] if difference > 0 else change.values["before"].unit_cost
    return DraftLine(card.sku, card.name, abs(difference), price, _NO_VAT, unit=card.unit)


def digest(preview: Preview) -> str:
    """What a stock sheet says, whatever its file looks like: the good rows, in any order."""
    bad = set(preview.bad_rows)
    said = sorted(
        "\t".join(str(row.values.get(name, "")) for name in ("sku", "warehouse"))
        + "".join(f"\t{_plain(row.values.get(name))}" for name in ("quantity", "cost"))
        for row in preview.checked.rows
        if row.number not in bad
    )
    return hashlib.sha256("\n".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _plain(value: Any) -> str:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else ""


_WRITERS: Mapping[Kind, Callable[[Bulk, Preview, bool], Outcome]] = {
    "items": _write_items,
    "prices": _write_prices,
    "stock": _write_stock,
    "contractors": _write_contractors,
}
