"""What the headings of a sheet mean: one table. A further field of a card is one more row of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from pomost.imports import cells
from pomost.imports.cells import Value
from pomost.imports.reading import Cell, RawRow, letter_of
from pomost.ports import NeedsPerson

Kind = Literal["items", "prices", "stock", "contractors"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Column:
    """``name``: of the field. ``polish``, ``english``: the headings of an export. ``also``: other headings that are known.

    ``needed``: a sheet without it is refused. ``numeric``: exported as a number.
    """

    name: str
    polish: str
    english: str
    read: Callable[[Cell], Value]
    also: tuple[str, ...] = ()
    needed: bool = False
    numeric: bool = False

    def heading(self, language: str) -> str:
        return self.polish if language == "pl" else self.english


_SKU = Column(
    "sku", "SKU", "SKU", cells.line,
    ("symbol", "kod", "code", "indeks", "index", "kod towaru", "symbol towaru", "indeks towaru", "nr katalogowy", "item", "item code",
     "product code", "kod produktu"),
    needed=True,
)  # fmt: skip

COLUMNS: Mapping[Kind, tuple[Column, ...]] = {
    "items": (
        _SKU,
        Column("name", "Nazwa", "Name", cells.line, ("nazwa towaru", "nazwa produktu", "towar", "product", "product name", "item name", "opis krótki")),
        Column("kind", "Rodzaj", "Kind", cells.item_kind, ("typ", "type", "rodzaj towaru")),
        Column("unit", "Jednostka", "Unit", cells.line, ("j.m.", "jm", "jedn.", "jednostka miary", "unit of measure", "uom")),
        Column("vat", "VAT", "VAT", cells.vat, ("stawka VAT", "VAT %", "VAT [%]", "stawka", "VAT rate", "stawka podatku", "tax rate")),
        Column("ean", "EAN", "EAN", cells.ean, ("kod EAN", "kod kreskowy", "EAN13", "EAN 13", "EAN/GTIN", "GTIN", "barcode", "bar code")),
        Column("weight", "Waga kg", "Weight kg", cells.measure, ("waga", "weight", "waga [kg]", "masa", "masa kg", "weight [kg]"), numeric=True),
        Column("height", "Wysokość cm", "Height cm", cells.measure, ("wysokość", "height", "wysokość [cm]", "height [cm]", "wys."), numeric=True),
        Column("width", "Szerokość cm", "Width cm", cells.measure, ("szerokość", "width", "szerokość [cm]", "width [cm]", "szer."), numeric=True),
        Column("length", "Długość cm", "Length cm", cells.measure, ("długość", "length", "długość [cm]", "length [cm]", "dł."), numeric=True),
        Column("parent", "SKU główny", "Main SKU", cells.line, ("produkt główny", "towar główny", "wariant towaru", "SKU nadrzędny", "parent", "parent SKU", "variant of")),
    ),
    "prices": (
        _SKU,
        Column("level", "Poziom cen", "Price level", cells.line, ("poziom", "poziom ceny", "level", "grupa cenowa", "price group", "cennik", "price list")),
        Column("net", "Cena netto", "Net price", cells.not_negative, ("netto", "net", "cena sprzedaży netto", "price net"), numeric=True),
        Column("gross", "Cena brutto", "Gross price", cells.not_negative, ("brutto", "gross", "cena", "price", "cena sprzedaży brutto", "cena sprzedaży", "price gross"), numeric=True),
        Column("currency", "Waluta", "Currency", cells.currency, ("waluta ceny", "curr.")),
    ),
    "stock": (
        _SKU,
        Column("warehouse", "Magazyn", "Warehouse", cells.line, ("symbol magazynu", "kod magazynu", "mag.", "warehouse code")),
        Column("quantity", "Ilość", "Quantity", cells.not_negative, ("stan", "ilość na stanie", "stan magazynu", "stan magazynowy", "qty", "stock", "on hand", "ilosc"), needed=True, numeric=True),
        Column("cost", "Koszt", "Cost", cells.not_negative, ("koszt netto", "cena zakupu", "cena zakupu netto", "koszt jednostkowy", "unit cost", "purchase price", "net cost"), numeric=True),
    ),
    "contractors": (
        Column("code", "Kod", "Code", cells.line, ("symbol", "akronim", "kod kontrahenta", "symbol kontrahenta", "contractor", "id")),
        Column("name", "Nazwa", "Name", cells.line, ("nazwa kontrahenta", "nazwa firmy", "firma", "company", "company name", "kontrahent")),
        Column("tax_id", "NIP", "Tax id", cells.tax_id, ("NIP UE", "VAT UE", "numer NIP", "nr NIP", "VAT number", "VAT id", "tax number")),
        Column("email", "E-mail", "E-mail", cells.email, ("email", "mail", "adres e-mail", "e-mail address")),
        Column("phone", "Telefon", "Phone", cells.line, ("tel.", "nr telefonu", "numer telefonu", "phone number")),
        Column("street", "Ulica", "Street", cells.line, ("adres", "address", "ulica i numer", "ulica i nr")),
        Column("postcode", "Kod pocztowy", "Postcode", cells.line, ("postal code", "zip", "zip code")),
        Column("city", "Miasto", "City", cells.line, ("miejscowość", "town")),
        Column("country", "Kraj", "Country", cells.country, ("kod kraju", "państwo", "country code")),
    ),
}  # fmt: skip

_LOOK_AT = 20
"""Rows among which the headings are looked for: titles may stand over them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field stands in the sheet, and under which heading."""

    column: Column
    place: int
    heading: str

    @property
    def letter(self) -> str:
        return letter_of(self.place)


@dataclass(frozen=True, slots=True)
class Headings:
    """``row``: number of the row of headings. ``ignored``: headings that mean nothing here."""

    row: int
    places: tuple[Place, ...]
    ignored: tuple[str, ...]

    def has(self, name: str) -> bool:
        return any(one.column.name == name for one in self.places)


def plain(heading: str) -> str:
    """A heading without case, Polish letters, punctuation and double spaces."""
    folded = unicodedata.normalize("NFKD", heading.casefold().replace("ł", "l"))
    return " ".join(
        re.sub(r"[\W_]+", " ", "".join(c for c in folded if not unicodedata.combining(c))).split()
    )


def find_headings(kind: Kind, rows: Sequence[RawRow], chosen: Mapping[str, str] | None = None) -> Headings:
    """The row of headings among the first rows, and what its headings mean.

    ``chosen``: field (its name or any heading of it) -> heading in the file, for sheets that call things otherwise. Raises
    NeedsPerson ``import.no-headings``, ``import.no-column``, ``import.heading-twice``, ``import.unknown-column``.
    """
    table = COLUMNS[kind]
    known = {plain(word): column for column in table for word in _words(column)}
    own = {plain(heading): _column(kind, field) for field, heading in (chosen or {}).items()}
    taken = {column.name for column in own.values()}
    meaning = {word: column for word, column in known.items() if column.name not in taken} | own
    best, most = None, 0
    for row in rows[:_LOOK_AT]:
        count = len({column.name for cell in row.cells if (column := meaning.get(_plain(cell)))})
        if count > most:
            best, most = row, count
    if best is None:
        shown = ", ".join(str(cell) for row in rows[:1] for cell in row.cells[:20] if cell is not None)
        raise NeedsPerson(
            "import.no-headings",
            f"The sheet has no row of headings that are known; it begins with: {shown or '-'}.",
            f'Write headings in the first row ({_all(table)}), or say what yours mean: --columns "SKU=Symbol".',
        )
    found: dict[str, Place] = {}
    ignored = []
    for place, cell in enumerate(best.cells):
        column = meaning.get(_plain(cell))
        if column is None:
            if isinstance(cell, str) and cell.strip():
                ignored.append(cell.strip())
            continue
        heading = str(cell).strip()
        before = found.get(column.name)
        if before is not None:
            raise NeedsPerson(
                "import.heading-twice",
                f"Columns {before.letter} ({before.heading}) and {letter_of(place)} ({heading}) both mean {column.polish}.",
                f'Delete one or rename it; or say which counts: --columns "{column.polish}={heading}".',
            )
        found[column.name] = Place(column, place, heading)
    headings = {plain(str(cell)) for cell in best.cells if cell is not None}
    for field, heading in (chosen or {}).items():
        if plain(heading) not in headings:
            raise NeedsPerson(
                "import.no-column",
                f"Row {best.number} has no heading {heading!r}, which --columns names for {field}.",
                f"Headings there: {', '.join(str(cell) for cell in best.cells if cell is not None)}.",
            )
    missing = [column for column in table if column.needed and column.name not in found]
    if missing:
        raise NeedsPerson(
            "import.missing-column",
            f"No heading in row {best.number} means {missing[0].polish}.",
            f'Add the column {missing[0].polish}, or say which it is: --columns "{missing[0].polish}=...".',
        )
    return Headings(best.number, tuple(found.values()), tuple(ignored))


def read_choice(kind: Kind, text: str) -> dict[str, str]:
    """``SKU=Symbol,Cena netto=Detal`` as field -> heading. Raises NeedsPerson ``import.unknown-column``."""
    found = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        field, equals, heading = part.partition("=")
        if not equals or not heading.strip():
            raise NeedsPerson(
                "import.columns-option",
                f'--columns holds "{part}".',
                'Write pairs, e.g. "SKU=Symbol,EAN=Kod kreskowy".',
            )
        found[_column(kind, field).name] = heading.strip()
    return found


def _column(kind: Kind, field: str) -> Column:
    for column in COLUMNS[kind]:
        if plain(field) in {plain(word) for word in (column.name, *_words(column))}:
            return column
    raise NeedsPerson(
        "import.unknown-column",
        f"{field!r} is no column of this import.",
        f"Columns: {_all(COLUMNS[kind])}.",
    )


def _words(column: Column) -> tuple[str, ...]:
    return (column.polish, column.english, *column.also)


def _plain(cell: Cell) -> str:
    return plain(cell) if isinstance(cell, str) else ""


def _all(table: Sequence[Column]) -> str:
    return ", ".join(column.polish for column in table)
