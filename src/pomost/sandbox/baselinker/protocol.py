"""The wire: form body in, JSON out, errors with HTTP 200 (reference, sections 1, 3 and 4)."""

import base64
import binascii
import json
from decimal import Decimal
from typing import Any
from urllib.parse import unquote_to_bytes

Json = dict[str, Any]
FORM = "application/x-www-form-urlencoded"

# Fields that PHP builds as associative arrays; empty they may arrive as [].
MAPS = (
    "custom_extra_fields",
    "sources",
    "products",
    "stock",
    "prices",
    "reservations",
    "variants",
    "thresholds",
    "incoming",
    "locations",
    "text_fields",
    "images",
    "links",
    "bundle_products",
    "stock_erp_units",
    "stock_wms_units",
)
# Ids that were strings before 2023-08-16.
LEGACY_STRINGS = ("order_source_id", "storage_id", "order_product_id")


class Refusal(Exception):
    """An answer with ``status: ERROR``: the call is not done."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def answer(self) -> Json:
        return {"status": "ERROR", "error_code": self.code, "error_message": self.message}


def invalid(name: str, why: str = "") -> Refusal:
    """The refusal of one parameter.

    The reference knows the message ``Invalid order_id`` and the code ``ERROR_STORAGE_ID``; other codes and
    messages are formed alike.
    """
    return Refusal(f"ERROR_{name.upper()}", f"Invalid {name}" + (f": {why}" if why else ""))


def read_form(body: bytes, content_type: str) -> dict[str, str]:
    """The fields of the form; empty when the body is of another content type.

    Raises ``UnicodeDecodeError`` when a value is not UTF-8.
    """
    if not content_type.lower().startswith(FORM):
        return {}
    fields: dict[str, str] = {}
    for pair in body.split(b"&"):
        name, _, value = pair.partition(b"=")
        fields[unquote_to_bytes(name).decode()] = _unquoted(value).decode()
    return fields


def _unquoted(value: bytes) -> bytes:
    # What base64 is full of goes first, in one sweep each: escape by escape a PDF would take ten times as long.
    # No replacement can make a new escape.
    plain = value.replace(b"+", b" ").replace(b"%2F", b"/").replace(b"%2B", b"+").replace(b"%3D", b"=")
    return unquote_to_bytes(plain)


def read_parameters(text: str) -> Json:
    """The JSON of the field ``parameters``; an absent field and ``[]`` mean no parameters."""
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
        if "\\ud" in text.lower():
            # Half a surrogate pair is no text: neither PHP nor the state file takes it.
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refusal("ERROR_PARSE_JSON_PARAMETERS", "Cannot parse JSON parameters") from None
    if found == []:
        return {}
    if not isinstance(found, dict):
        raise Refusal("ERROR_PARSE_JSON_PARAMETERS", "JSON parameters are not an object")
    return found


def decode_file(name: str, content: object, limit_bytes: int) -> bytes:
    """The bytes of a file sent as ``"data:" + base64``.

    Refuses a full data URI, base64 damaged by an unescaped ``+`` and files over the limit.
    """
    if not isinstance(content, str) or not content.startswith("data:"):
        raise invalid(name, 'a file is sent as "data:" + base64')
    try:
        raw = base64.b64decode(content[5:], validate=True)
    except binascii.Error:
        raise invalid(name, "not base64 (was + sent unescaped?)") from None
    if not raw:
        raise invalid(name, "the file is empty")
    if len(raw) > limit_bytes:
        raise invalid(name, f"the file is larger than {limit_bytes} bytes")
    return raw


def encode_file(content: bytes) -> str:
    return "data:" + base64.b64encode(content).decode()


def money(value: object) -> Decimal:
    """The exact amount behind a JSON number or numeric text."""
    return Decimal(str(value or 0))


def number(value: Decimal) -> int | float:
    """An amount as the API sends it: an integer when whole, else the shortest decimal text."""
    return int(value) if value == value.to_integral_value() else float(value)


def as_profile(value: Any, profile: str, empty_maps_as_lists: bool) -> Any:
    """The answer in the types of the chosen profile."""
    if isinstance(value, list):
        return [as_profile(item, profile, empty_maps_as_lists) for item in value]
    if not isinstance(value, dict):
        return value
    legacy = profile == "legacy"
    out: Json = {}
    for key, item in value.items():
        if item == {} and (key in MAPS or key.isdigit()):
            out[key] = [] if empty_maps_as_lists else {}
        elif legacy and key in LEGACY_STRINGS and isinstance(item, int):
            out[key] = str(item)
        elif legacy and key == "shop_order_id" and item == 0:
            out[key] = ""
        elif isinstance(item, dict | list):
            out[key] = as_profile(item, profile, empty_maps_as_lists)
        else:
            out[key] = item
    return out


def encode(answer: Json) -> bytes:
    return json.dumps(answer, separators=(",", ":")).encode()
