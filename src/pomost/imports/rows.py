"""Checked rows of a sheet, or what is wrong in them; known from the file alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from pomost.imports.cells import Value, checked_tax_id, maybe_thousands
from pomost.imports.columns import Headings, Kind, Place, find_headings
from pomost.imports.reading import Cell, RawRow, Trouble, read_rows
from pomost.ports import Failure, NeedsPerson

_MAX_FINDINGS = 100_000
_TELL_EVERY = 2_000
_COUNTED = ("quantity", "cost", "net", "gross")
"""Fields of which three decimals are rare, and thousands are not."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong in a row. ``row`` as in the sheet; ``heading`` and ``letter`` of the column, or empty."""

    row: int
    heading: str
    letter: str
    code: str
    text: str
    advice: str


@dataclass(frozen=True, slots=True)
class Row:
    """``values`` by name of the field; cells that are empty are not among them."""

    number: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for rows that do not say it."""

    warehouse: str = ""
    level: str = ""


@dataclass(slots=True)
class Checked:
    """``rows`` are those in which nothing is wrong, ``findings`` what is wrong in the others, ``total`` how many there are."""

    kind: Kind
    headings: Headings
    rows: list[Row] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    total: int = 0
    notes: list[Finding] = field(default_factory=list)
    """What is only to be looked at."""


def finding(failure: Failure, row: int, headings: Headings, name: str = "") -> Finding:
    """A failure as what is wrong in a row, in the column of the field ``name``."""
    place = next((one for one in headings.places if one.column.name == name), None)
    heading, letter = (place.heading, place.letter) if place else ("", "")
    return Finding(row, heading, letter, failure.code, failure.text, failure.advice)


def check_file(
    path: Path,
    kind: Kind,
    sheet: str = "",
    chosen: Mapping[str, str] | None = None,
    defaults: Defaults = Defaults(),
    told: Callable[[int], None] = lambda rows: None,
) -> Checked:
    """Reads a file and checks its rows. Raises NeedsPerson ``import.*`` for what can't be read at all. ``told`` gets how many
    rows were read so far, now and then."""
    raws = _telling(read_rows(path, sheet), told)
    first = list(islice(raws, 20))
    headings = find_headings(kind, first, chosen)
    body = chain((row for row in first if row.number > headings.row), raws)
    return check_rows(kind, headings, body, defaults)


def _telling(raws: Iterable[RawRow], told: Callable[[int], None]) -> Iterator[RawRow]:
    for number, raw in enumerate(raws, 1):
        if number % _TELL_EVERY == 0:
            told(number)
        yield raw


def check_rows(
    kind: Kind, headings: Headings, raws: Iterable[RawRow], defaults: Defaults = Defaults()
) -> Checked:
    """Rows that are empty in every column that counts are passed over."""
    checked = Checked(kind, headings)
    rules = _RULES[kind]
    bad: list[Row] = []
    doubtful: dict[str, list[tuple[int, str, str]]] = {}
    for raw in raws:
        filled = [
            (place, raw.cells[place.place])
            for place in headings.places
            if place.place < len(raw.cells) and not _empty(raw.cells[place.place])
        ]
        if all(isinstance(cell, Trouble) and cell.why == "merged" for _, cell in filled):
            continue
        checked.total += 1
        wrong: list[Finding] = []
        values = _read(filled, raw.number, headings, wrong)
        completed = rules(values, defaults, headings)
        if not wrong:
            wrong += (finding(failure, raw.number, headings, name) for name, failure in completed)
        if not wrong:
            checked.rows.append(Row(raw.number, values))
            for place, cell in filled:
                if place.column.name in _COUNTED and (whole := maybe_thousands(cell)):
                    doubtful.setdefault(place.column.name, []).append((raw.number, str(cell).strip(), whole))
            continue
        bad.append(Row(raw.number, values))
        if len(checked.findings) < _MAX_FINDINGS:
            checked.findings += wrong
        else:
            raise NeedsPerson(
                "import.too-many-errors",
                f"More than {_MAX_FINDINGS} cells are wrong.",
                "See whether the columns are what their headings say.",
            )
    _refuse_twins(checked, bad)
    checked.notes += (_maybe_thousands(name, cells, headings) for name, cells in doubtful.items())
    return checked


def _maybe_thousands(name: str, cells: Sequence[tuple[int, str, str]], headings: Headings) -> Finding:
    row, shown, whole = cells[0]
    units, rest, count = whole[:-3], whole[-3:], len(cells)
    failure = NeedsPerson(
        "import.maybe-thousands",
        f'"{shown}" is read as {units} and {rest}/1000, not as {whole}; rows with such numbers in this column: {count}.',
        f"If thousands are meant, write {whole}.",
    )
    return finding(failure, row, headings, name)


def _empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _read(
    filled: Sequence[tuple[Place, Cell]], number: int, headings: Headings, wrong: list[Finding]
) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for place, cell in filled:
        try:
            value = place.column.read(cell)
        except NeedsPerson as failure:
            wrong.append(finding(failure, number, headings, place.column.name))
            continue
        if value != "":
            values[place.column.name] = value
    return values


Rule = Callable[[dict[str, Value], Defaults, Headings], list[tuple[str, NeedsPerson]]]
"""Completes the values of a row; what it finds wrong, with the field."""


def _item(values: dict[str, Value], defaults: Defaults, headings: Headings) -> list[tuple[str, NeedsPerson]]:
    return _need_sku(values)


def _price(values: dict[str, Value], defaults: Defaults, headings: Headings) -> list[tuple[str, NeedsPerson]]:
    found = _need_sku(values)
    if defaults.level:
        values.setdefault("level", defaults.level)
    if "level" not in values:
        failure = NeedsPerson(
            "import.no-level",
            "The row does not say which price level the price belongs to.",
            "Fill the column Poziom cen (Price level), or give one for all rows: --level NAME.",
        )
        found.append(("level", failure))
    if "net" not in values and "gross" not in values:
        failure = NeedsPerson(
            "import.no-price", "The row has no price.", "Write a net or a gross price, or delete the row."
        )
        found.append(("gross" if headings.has("gross") else "net", failure))
    return found


def _stock(values: dict[str, Value], defaults: Defaults, headings: Headings) -> list[tuple[str, NeedsPerson]]:
    found = _need_sku(values)
    values.setdefault("warehouse", defaults.warehouse)
    if "quantity" not in values:
        failure = NeedsPerson(
            "import.no-quantity",
            "The row has no quantity.",
            "Write how many there are (0 for none), or delete the row.",
        )
        found.append(("quantity", failure))
    return found


def _contractor(
    values: dict[str, Value], defaults: Defaults, headings: Headings
) -> list[tuple[str, NeedsPerson]]:
    if "code" not in values and "tax_id" not in values:
        failure = NeedsPerson("import.no-code", "The row has neither a code nor a NIP.", "Write one of them.")
        return [("code", failure)]
    if "tax_id" in values:
        try:
            values["tax_id"] = checked_tax_id(str(values["tax_id"]), str(values.get("country", "")))
        except NeedsPerson as failure:
            return [("tax_id", failure)]
    return []


def _need_sku(values: Mapping[str, Value]) -> list[tuple[str, NeedsPerson]]:
    if "sku" in values:
        return []
    return [("sku", NeedsPerson("import.no-sku", "The row has no SKU.", "Write one, or delete the row."))]


_RULES: Mapping[Kind, Rule] = {
    "items": _item,
    "prices": _price,
    "stock": _stock,
    "contractors": _contractor,
}
_KEYS: Mapping[Kind, tuple[tuple[str, ...], ...]] = {
    "items": (("sku",),),
    "prices": (("sku", "level"),),
    "stock": (("sku", "warehouse"),),
    "contractors": (("code",), ("tax_id",)),
}


def _refuse_twins(checked: Checked, others: Sequence[Row]) -> None:
    """Of rows about the same thing none counts: nobody could say which is meant. ``others``: those that are bad anyway."""
    known = {row.number for row in others}
    bad: dict[int, Finding] = {}
    for key in _KEYS[checked.kind]:
        seen: dict[tuple[Value, ...], list[int]] = {}
        for row in sorted((*checked.rows, *others), key=lambda one: one.number):
            if all(name in row.values for name in key):
                seen.setdefault(tuple(row.values[name] for name in key), []).append(row.number)
        for values, numbers in seen.items():
            if len(numbers) > 1:
                shown = (
                    " / ".join(str(value) for value in values if value != "") if key != ("tax_id",) else "NIP"
                )
                for number in (one for one in numbers if one not in known):
                    bad.setdefault(number, _twin(shown, number, numbers, checked.headings, key[0]))
    if bad:
        checked.rows = [row for row in checked.rows if row.number not in bad]
        checked.findings += bad.values()
        checked.findings.sort(key=lambda one: one.row)


def _twin(shown: str, number: int, numbers: Sequence[int], headings: Headings, name: str) -> Finding:
    others = ", ".join(str(one) for one in [one for one in numbers if one != number][:5])
    failure = NeedsPerson(
        "import.row-twice",
        f'"{shown}" is also in row {others}.',
        "Leave one of the rows.",
    )
    return finding(failure, number, headings, name)
