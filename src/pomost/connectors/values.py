"""Values as shops written in PHP send them: numbers as text, empty maps as lists, flags in four spellings.

Each type accepts every form that was seen or that PHP can make of it, and gives one. Which form came is of no
interest to anybody further in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainValidator

EMPTY: tuple[Any, ...] = (None, "", [], {})
MOST_DIGITS = 30
"""Before and after the point: beyond it a number is garbage, and written out it could fill the memory."""


def digits(number: Decimal) -> str:
    """The number written out, digit for digit."""
    plausible = number.is_nan() or abs(number.adjusted()) <= MOST_DIGITS
    return format(number, "f") if plausible else str(number)


def clean(text: str) -> str:
    """Without what no database takes: zero characters and halves of surrogate pairs."""
    if text.isascii():
        return text.replace("\x00", "")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "")


def as_text(value: Any) -> str:
    if value is None or isinstance(value, list | dict):
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return digits(value)
    return clean(str(value))


def as_decimal(value: Any) -> Decimal:
    """NaN passes as the channel's word; what can't be counted with (infinite, signalling, endless) does not."""
    if isinstance(value, float):
        value = str(value)
    if value in EMPTY:
        return Decimal(0)
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise ValueError("not a number") from error
    if number.is_infinite() or number.is_snan() or (number and abs(number.adjusted()) > MOST_DIGITS):
        raise ValueError("not a number to count with")
    return number


def as_int(value: Any) -> int:
    number = as_decimal(value)
    if number.is_nan() or number != number.to_integral_value():
        raise ValueError("not a whole number")
    return int(number)


def number_in(row: dict[str, Any], key: str) -> int:
    """A number by which pages are turned; 0 where it can't be read, which the row's own reading will report."""
    try:
        return as_int(row.get(key))
    except ValueError:
        return 0


def as_flag(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().lower() not in ("", "0", "false")
    return bool(value)


def as_map(value: Any) -> dict[str, Any]:
    """PHP sends a map with the keys 0, 1, 2... as a list, and an empty one as a list as well."""
    if isinstance(value, dict):
        return {str(key): item for key, item in value.items()}
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return {}


def as_list(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def moment(seconds: int) -> datetime | None:
    """Unix seconds as aware UTC; 0 means not set. Raises ValueError for what no calendar holds."""
    if seconds == 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise ValueError(f"{seconds} is not a moment") from error


Text = Annotated[str, BeforeValidator(as_text)]
Number = Annotated[Decimal, PlainValidator(as_decimal)]
Whole = Annotated[int, BeforeValidator(as_int)]
Flag = Annotated[bool, BeforeValidator(as_flag)]
Map = Annotated[dict[str, Any], BeforeValidator(as_map)]


def plain(value: Any) -> Any:
    """The same as JSON and any database can hold it: decimals become text, digit for digit."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str):
        return clean(value)
    return digits(value) if isinstance(value, Decimal) else value
