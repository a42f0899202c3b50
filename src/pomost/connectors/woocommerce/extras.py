"""Polish fields that WooCommerce has no place for: tax number, wish for an invoice, parcel locker. Pure.

Each plugin keeps them under a key of its own; which keys are looked at is configured (reference, section 10).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pomost.connectors.values import as_text
from pomost.connectors.woocommerce.wire_types import WireMeta, WireOrder
from pomost.trade.order import Address, PickupPoint

INPOST = re.compile(r"\b([A-Z]{3}\d{2,4}[A-Z0-9]{0,4})\b")
"""Code of a parcel locker of InPost: three letters, two to four digits, up to four more."""
_BLOCK_FIELD = re.compile(r"^_wc_(?:billing|other|shipping)/.*(?:nip|vat)$", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(?:punkt odbioru|paczkomat)[:\s]+", re.IGNORECASE)
_NO = ("", "0", "no", "false", "off", "nie")
_CODE_KEYS = (
    "apm_access_point_id", "apm_foreign_access_point_id", "code", "id", "name", "point_id", "delivery_point_id",
)  # fmt: skip
_LONGEST_CODE = 40
PLACED_KEY = "_pomost_key"
"""Our reference on an order that we placed, for shops that do not keep the source they are given."""


def texts_of(meta: Iterable[WireMeta]) -> dict[str, Any]:
    """The values by key; of a key that repeats the first that is filled."""
    found: dict[str, Any] = {}
    for one in meta:
        if one.key and found.get(one.key) in (None, "", [], {}):
            found[one.key] = one.value
    return found


def tax_number(meta: Mapping[str, Any], keys: Iterable[str]) -> tuple[str, str]:
    """The tax number as it was typed, and the key under which it stood; empty where there is none."""
    blocks = [key for key in meta if _BLOCK_FIELD.match(key)]
    for key in (*keys, *blocks):
        text = as_text(meta.get(key)).strip()
        if text:
            return text, key
    return "", ""


def wants_invoice(meta: Mapping[str, Any], keys: Iterable[str]) -> bool:
    return any(as_text(meta.get(key)).strip().lower() not in _NO for key in keys)


def pickup_point(order: WireOrder, meta: Mapping[str, Any], keys: Iterable[str]) -> PickupPoint | None:
    """The point that the buyer chose: from the order's meta, then from that of its shipping, then from the address, over which
    some plugins write it."""
    wanted = tuple(keys)
    shipping = [texts_of(line.meta_data) for line in order.shipping_lines]
    for place in (meta, *shipping):
        for key in wanted:
            point = _point(place.get(key), place)
            if point is not None:
                return point
    for text in (order.shipping.company, order.shipping.address_1, order.shipping.address_2):
        if _IN_ADDRESS.search(text) and (code := INPOST.search(text.upper())):
            return PickupPoint(code[1], text.strip())
    return None


def _point(value: Any, meta: Mapping[str, Any]) -> PickupPoint | None:
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    if isinstance(value, dict):
        return _of_map(value)
    text = as_text(value).strip()
    if not text:
        return None
    code, _comma, rest = text.partition(",")
    code = code.strip()
    if " " in code:
        found = INPOST.search(text.upper())
        if found is None:
            return None
        code, rest = found[1], text
    name = as_text(
        meta.get("_parcel_machine_desc")
        or meta.get("_furgonetkaPointName")
        or meta.get("delivery_point_name")
    )
    address = Address(
        as_text(meta.get("delivery_point_address")),
        as_text(meta.get("delivery_point_postcode")),
        as_text(meta.get("delivery_point_city")),
    )
    return PickupPoint(code[:_LONGEST_CODE], (name or rest).strip(), address)


def _of_map(value: Mapping[str, Any]) -> PickupPoint | None:
    code = next((text for key in _CODE_KEYS if (text := as_text(value.get(key)).strip())), "")
    if not code:
        return None
    return PickupPoint(
        code[:_LONGEST_CODE],
        as_text(value.get("apm_name") or value.get("description")),
        Address(
            as_text(value.get("apm_street")),
            as_text(value.get("apm_postal_code")),
            as_text(value.get("apm_city")),
            "",
            as_text(value.get("apm_country_code")).upper(),
        ),
    )
