"""What a cell may hold, by what its column means. Each function takes a cell that is not empty.

They raise NeedsPerson ``import.*``: the text says what is wrong with the cell, the advice what to write.
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from pomost.imports.reading import Cell, Trouble
from pomost.ledger.card_texts import LARGEST
from pomost.ports import NeedsPerson
from pomost.trade.money import MINOR_UNITS
from pomost.trade.nip import clean_tax_id
from pomost.trade.vat import VatRate

Value: TypeAlias = str | Decimal

PLACES = 4
"""Decimals of quantities, prices and costs in the ledger."""
_TOO_LARGE = Decimal(10) ** 11
_SPACES = re.compile(r"[\s\u00a0\u2007\u202f\u2009']+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SHOWN = 40
_MAX_TEXT = 32_000
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[.,]\d{3})+")
_MAYBE_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_SPREAD = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d+)")
_WORDS = re.compile(r"[^0-9a-ząćęłńóśźż%.,:]+")

KINDS = {
    "goods": "goods", "towar": "goods", "service": "service", "usługa": "service", "usluga": "service",
    "compound": "compound", "zestaw": "compound", "komplet": "compound", "set": "compound", "kit": "compound",
}  # fmt: skip
COUNTRIES = {
    "polska": "PL", "poland": "PL", "niemcy": "DE", "germany": "DE", "czechy": "CZ", "czech republic": "CZ", "czechia": "CZ",
    "słowacja": "SK", "slovakia": "SK", "litwa": "LT", "lithuania": "LT", "ukraina": "UA", "ukraine": "UA", "francja": "FR",
    "france": "FR", "austria": "AT", "włochy": "IT", "italy": "IT", "hiszpania": "ES", "spain": "ES",
}  # fmt: skip
CURRENCIES = {"zł": "PLN", "zl": "PLN", "€": "EUR", "euro": "EUR", "$": "USD", "£": "GBP"}
VAT_WORDS = {
    "zwolniony": "zw", "zwolniona": "zw", "exempt": "zw", "zw": "zw", "np": "np", "n.p": "np", "nie podlega": "np", "oo": "oo",
    "odwrotne obciążenie": "oo", "reverse charge": "oo",
}  # fmt: skip
POLISH_RATES = frozenset({"0", "3", "4", "5", "6", "7", "8", "22", "23", "zw", "np", "oo"})


def tidy(text: str) -> str:
    """A text as it is compared and kept: one kind of line ends and of spaces, none at either end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").strip()


def one_line(text: str) -> str:
    """As ``tidy``, with spaces for line ends and tabs."""
    return re.sub(r" *[\n\t]+ *", " ", tidy(text))


def text(cell: Cell) -> str:
    """Any text; a number as it would be typed."""
    checked = _there(cell)
    if isinstance(checked, bool):
        raise NeedsPerson(
            "import.truth-value",
            "The cell holds a truth value (TRUE or FALSE).",
            "Format the column as text and type it again.",
        )
    if isinstance(checked, (int, float)):
        return _plain(checked)
    if not isinstance(checked, str):
        raise NeedsPerson(
            "import.date",
            "The cell holds a date, perhaps because the spreadsheet program took the text for one.",
            "Format the column as text and type it again.",
        )
    found = tidy(checked)
    if _CONTROL.search(found):
        raise NeedsPerson(
            "import.control-character",
            "The cell holds a character that can't be printed.",
            "Type the text again.",
        )
    if len(found) > _MAX_TEXT:
        raise NeedsPerson(
            "import.text-too-long", f"The text is longer than {_MAX_TEXT} characters.", "Shorten it."
        )
    return found


def line(cell: Cell) -> str:
    """A text of one line."""
    return one_line(text(cell))


def email(cell: Cell) -> str:
    """An address, in small letters as the ledger keeps it."""
    found = line(cell).lower()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", found):
        raise NeedsPerson(
            "import.email", "The cell holds no e-mail address.", "Write one, e.g. name@example.com."
        )
    return found


def ean(cell: Cell) -> str:
    """A code of digits; what lost digits on its way is refused. Its leading zeros are kept."""
    found = _SPACES.sub("", text(cell))
    spread = _SPREAD.fullmatch(found)
    if spread:
        digits, zeros = spread[1] + (spread[2] or ""), int(spread[3]) - len(spread[2] or "")
        if zeros > 0 or zeros < 0:
            raise NeedsPerson(
                "import.ean-shortened",
                f"The spreadsheet program has shortened the EAN to {found}; its last digits are lost.",
                "Format the column as text and write the EAN again.",
            )
        found = digits
    if not re.fullmatch(r"[0-9A-Za-z-]{1,48}", found):
        raise NeedsPerson(
            "import.ean", f'"{_short(found)}" is no EAN.', "Write its digits, e.g. 5901234123457."
        )
    return found


def number(cell: Cell) -> Decimal:
    """A number as spreadsheets and people write it: 1 234,50 or 1234.5 or 1.5E+3; at most 4 decimals."""
    checked = _there(cell)
    if isinstance(checked, (bool, date, time, timedelta)):
        raise NeedsPerson(
            "import.not-a-number",
            "The cell holds a truth value." if isinstance(checked, bool) else "The cell holds a date.",
            "Format the cell as a number and write it, e.g. 12,50.",
        )
    if isinstance(checked, (int, float)):
        # as many digits as a spreadsheet program keeps
        found = Decimal(format(checked, ".15g"))
    else:
        found = _typed_number(checked)
    if not found.is_finite():
        raise _no_number(str(checked))
    if abs(found) >= _TOO_LARGE:
        raise NeedsPerson(
            "import.number-too-large", f"{_short(format(found, 'f'))} is too large.", "Correct the number."
        )
    exponent = found.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > PLACES:
        raise NeedsPerson(
            "import.too-many-decimals",
            f"{_short(format(found.normalize(), 'f'))} has more than {PLACES} decimals.",
            f"Round it to {PLACES} decimals.",
        )
    return found


def maybe_thousands(cell: Cell) -> str:
    """The number without its sign where it is read as a decimal one and may have been meant as thousands: 1234 for 1.234."""
    typed = _SPACES.sub("", cell) if isinstance(cell, str) else ""
    return re.sub("[.,]", "", typed) if _MAYBE_THOUSANDS.fullmatch(typed) else ""


def not_negative(cell: Cell) -> Decimal:
    """As ``number``, 0 or more."""
    found = number(cell)
    if found < 0:
        raise NeedsPerson("import.negative", f"{format(found, 'f')} is below zero.", "Write 0 or more.")
    return found


def measure(cell: Cell) -> Decimal:
    """A weight in kg or a size in cm."""
    found = not_negative(cell)
    if found > LARGEST:
        raise NeedsPerson(
            "import.number-too-large", f"{_short(format(found, 'f'))} is too large.", "Correct the number."
        )
    return found


def vat(cell: Cell) -> str:
    """The code of a rate: 23, 23%, 0.23 formatted as percent, zw, np, oo, DE:19."""
    checked = _there(cell)
    if isinstance(checked, (int, float)) and not isinstance(checked, bool):
        found = Decimal(format(checked, ".15g"))
        # a cell that shows 23% holds 0.23
        word = format((found * 100 if 0 < found < 1 else found).normalize(), "f")
    else:
        typed = text(checked).casefold()
        word = "?" if typed.startswith("-") else _WORDS.sub(" ", typed).strip()
        word = VAT_WORDS.get(word.strip(" .%"), word.removeprefix("vat ").replace(" ", ""))
        word = word.rstrip("%").replace(",", ".")
        if ":" in word:
            country, rate = word.split(":", 1)
            word = f"{country.upper()}:{rate}" if re.fullmatch("[a-z]{2}", country) else "?"
    try:
        return VatRate.of(word).code
    except ValueError:
        raise unknown_vat(text(checked) if isinstance(checked, str) else str(checked)) from None


def unknown_vat(shown: str) -> NeedsPerson:
    """For what is no rate, and for rates that neither Poland nor the ledger has."""
    return NeedsPerson(
        "import.unknown-vat",
        f'"{_short(shown)}" is no VAT rate in Poland.',
        "Write 23, 8, 5, 0, zw, np or oo; a rate of another country as DE:19.",
    )


def currency(cell: Cell) -> str:
    """A code of ISO 4217."""
    found = line(cell)
    code = CURRENCIES.get(found.casefold(), found.upper())
    if code not in MINOR_UNITS:
        raise NeedsPerson(
            "import.unknown-currency",
            f'"{_short(found)}" is no currency.',
            "Write three letters, e.g. PLN or EUR.",
        )
    return code


def item_kind(cell: Cell) -> str:
    """goods, service or compound."""
    found = line(cell)
    kind = KINDS.get(found.casefold())
    if kind is None:
        raise NeedsPerson(
            "import.unknown-kind",
            f'"{_short(found)}" is no kind of item.',
            "Write towar (goods) or usługa (service).",
        )
    return kind


def country(cell: Cell) -> str:
    """Two letters of ISO 3166."""
    found = line(cell)
    code = COUNTRIES.get(found.casefold(), found.upper())
    if not re.fullmatch("[A-Z]{2}", code):
        raise NeedsPerson(
            "import.unknown-country",
            f'"{_short(found)}" is no code of a country.',
            "Write two letters, e.g. PL or DE.",
        )
    return code


def tax_id(cell: Cell) -> str:
    """As typed; the country of the row decides how it is checked (``checked_tax_id``)."""
    return line(cell)


def checked_tax_id(typed: str, of_country: str) -> str:
    """The number with its prefix, as the ledger keeps it. The number itself is not repeated: it may be a person's."""
    found = clean_tax_id(typed, of_country)
    if not found.valid:
        raise NeedsPerson(
            "import.wrong-nip",
            "The NIP is wrong: its check digits do not agree, or it has too few or too many digits.",
            "Write its 10 digits; a number of another country with its prefix, e.g. DE136695976.",
        )
    return found.vat_number


def _there(cell: Cell) -> str | float | int | bool | date | time | timedelta:
    if isinstance(cell, Trouble):
        if cell.why == "error":
            raise NeedsPerson(
                "import.error-cell",
                f"The cell holds the error {cell.shown}.",
                "Correct the formula or write the value.",
            )
        if cell.why == "formula":
            raise NeedsPerson(
                "import.formula-without-value",
                "The cell holds a formula whose result is not in the file.",
                "Open the file in a spreadsheet program and save it, or write the value.",
            )
        raise NeedsPerson(
            "import.merged-cell",
            "The cell is merged with another one, so it is empty in this row.",
            "Unmerge the cells and write the value in each row.",
        )
    assert cell is not None
    return cell


def _plain(given: float | int) -> str:
    """A number of a cell as text, without the decimal point that a spreadsheet gives whole numbers."""
    if isinstance(given, int) or (given.is_integer() and abs(given) < 1e15):
        return str(int(given))
    if abs(given) >= 1e15:
        raise NeedsPerson(
            "import.digits-lost",
            "The cell holds a number of more than 15 digits; a spreadsheet program keeps no more of them.",
            "Format the column as text and type it again.",
        )
    return format(Decimal(format(given, ".15g")), "f")


def _typed_number(typed: str) -> Decimal:
    bare = _SPACES.sub("", typed).replace("\u2212", "-")
    point, comma = bare.rfind("."), bare.rfind(",")
    if point >= 0 and comma >= 0:
        # the last of the two parts the decimals
        bare = bare.replace("." if comma > point else ",", "")
    elif _GROUPED.fullmatch(bare) and bare.count(".") + bare.count(",") > 1:
        bare = bare.replace(".", "").replace(",", "")
    bare = bare.replace(",", ".")
    if not re.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", bare, re.ASCII):
        raise _no_number(typed)
    try:
        return Decimal(bare)
    except InvalidOperation:
        raise _no_number(typed) from None


def _no_number(shown: str) -> NeedsPerson:
    return NeedsPerson(
        "import.not-a-number", f'"{_short(shown)}" is no number.', "Write digits only, e.g. 12,50."
    )


def _short(shown: str) -> str:
    bare = _CONTROL.sub("?", tidy(shown)).replace("\n", " ")
    return bare if len(bare) <= _SHOWN else f"{bare[:_SHOWN]}..."
