"""Orders and returns as BaseLinker sends them.

Each type accepts every form that was seen or that PHP can make of it, and gives one. Which form came is of no
interest to anybody further in.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from pomost.connectors.values import (
    Flag,
    Map,
    Number,
    Text,
    Whole,
    as_decimal,
    as_flag,
    as_int,
    as_list,
    as_map,
    as_text,
    clean,
    digits,
    moment,
    number_in,
)

__all__ = [
    "Flag", "Map", "Number", "Text", "Whole", "WireLine", "WireOrder", "WireReturn", "as_decimal", "as_flag", "as_int",
    "as_list", "as_map", "as_text", "clean", "digits", "moment", "number_in",
]  # fmt: skip


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
