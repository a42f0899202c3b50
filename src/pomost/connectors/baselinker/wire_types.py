"""Values as BaseLinker sends them: numbers as text, empty maps as lists, flags in four spellings.

Each type accepts every form that was seen or that PHP can make of it, and gives one. Which form came is of no
interest to anybody further in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator

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


class Wire(BaseModel):
    """Keys may be missing, further ones are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class WireLine(Wire):
    order_product_id: Text = ""
    name: Text = ""
    sku: Text = ""
    ean: Text = ""
    attributes: Text = ""
    warehouse_id: Whole = 0
    price_brutto: Number = Decimal(0)
    tax_rate: Number = Decimal(0)
    quantity: Number = Decimal(0)
    bundle_id: Whole = 0


class WireOrder(Wire):
    order_id: Whole
    shop_order_id: Text = ""
    external_order_id: Text = ""
    order_source: Text = ""
    order_source_id: Text = ""
    order_status_id: Whole = 0
    confirmed: Flag | None = None
    date_confirmed: Whole = 0
    date_add: Whole = 0
    date_in_status: Whole = 0
    user_login: Text = ""
    phone: Text = ""
    email: Text = ""
    user_comments: Text = ""
    admin_comments: Text = ""
    currency: Text = ""
    payment_method: Text = ""
    payment_method_cod: Flag = False
    payment_done: Number = Decimal(0)
    delivery_method: Text = ""
    delivery_price: Number = Decimal(0)
    delivery_package_module: Text = ""
    delivery_package_nr: Text = ""
    delivery_fullname: Text = ""
    delivery_company: Text = ""
    delivery_address: Text = ""
    delivery_city: Text = ""
    delivery_postcode: Text = ""
    delivery_state: Text = ""
    delivery_country_code: Text = ""
    delivery_point_id: Text = ""
    delivery_point_name: Text = ""
    delivery_point_address: Text = ""
    delivery_point_postcode: Text = ""
    delivery_point_city: Text = ""
    invoice_fullname: Text = ""
    invoice_company: Text = ""
    invoice_nip: Text = ""
    invoice_address: Text = ""
    invoice_postcode: Text = ""
    invoice_city: Text = ""
    invoice_state: Text = ""
    invoice_country_code: Text = ""
    want_invoice: Flag = False
    extra_field_1: Text = ""
    extra_field_2: Text = ""
    custom_extra_fields: Map = {}
    order_page: Text = ""
    products: Annotated[list[WireLine], BeforeValidator(as_list)] = []


class WireLog(Wire):
    log_id: Whole = 0
    log_type: Whole = 0
    order_id: Whole = 0
    object_id: Whole = 0
    date: Whole = 0


class WireReturnLine(WireLine):
    order_return_product_id: Text = ""
    status_id: Whole = 0
    return_reason_id: Whole = 0
    return_reason_comment: Text = ""


class WireReturn(Wire):
    return_id: Whole
    order_id: Whole = 0
    external_order_id: Text = ""
    reference_number: Text = ""
    order_return_source: Text = ""
    order_return_source_id: Text = ""
    status_id: Whole = 0
    date_add: Whole = 0
    date_in_status: Whole = 0
    currency: Text = ""
    refunded: Number = Decimal(0)
    refund_done: Number = Decimal(0)
    delivery_price: Number = Decimal(0)
    admin_comments: Text = ""
    fulfillment_status: Whole = 0
    products: Annotated[list[WireReturnLine], BeforeValidator(as_list)] = []
