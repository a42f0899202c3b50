"""Orders and refunds as a shop sends them. Amounts are text, absent texts "", absent dates null, empty maps lists."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from pomost.connectors.values import Flag, Number, Text, Whole, as_list, as_map


class Wire(BaseModel):
    """Keys may be missing, further ones are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class WireAddress(Wire):
    first_name: Text = ""
    last_name: Text = ""
    company: Text = ""
    address_1: Text = ""
    address_2: Text = ""
    city: Text = ""
    state: Text = ""
    postcode: Text = ""
    country: Text = ""
    email: Text = ""
    phone: Text = ""


class WireTax(Wire):
    """A tax of a line: the id of its rate and what it comes to; "" where the rate does not apply."""

    id: Text = ""
    total: Text = ""


class WireMeta(Wire):
    key: Text = ""
    value: Any = None


class WireAmounts(Wire):
    """What lines, fees and shipping have in common. Amounts are net, for the whole line."""

    id: Text = ""
    total: Number = Decimal(0)
    total_tax: Number = Decimal(0)
    tax_class: Text = ""
    taxes: Annotated[list[WireTax], BeforeValidator(as_list)] = []
    meta_data: Annotated[list[WireMeta], BeforeValidator(as_list)] = []

    @property
    def gross(self) -> Decimal:
        return self.total + self.total_tax


class WireLine(WireAmounts):
    name: Text = ""
    product_id: Whole = 0
    variation_id: Whole = 0
    quantity: Number = Decimal(0)
    sku: Text = ""


class WireFee(WireAmounts):
    name: Text = ""


class WireShipping(WireAmounts):
    method_id: Text = ""
    instance_id: Text = ""
    method_title: Text = ""


class WireRate(Wire):
    """A rate of the order, as it was when the order was made."""

    rate_id: Text = ""
    rate_code: Text = ""
    rate_percent: Number = Decimal(0)
    compound: Flag = False


class WireOrder(Wire):
    id: Whole
    number: Text = ""
    status: Text = ""
    currency: Text = ""
    created_via: Text = ""
    date_created_gmt: Text = ""
    date_modified_gmt: Text = ""
    date_paid_gmt: Text = ""
    total: Number = Decimal(0)
    customer_id: Whole = 0
    customer_note: Text = ""
    payment_method: Text = ""
    payment_method_title: Text = ""
    transaction_id: Text = ""
    billing: Annotated[WireAddress, BeforeValidator(as_map)] = WireAddress()
    shipping: Annotated[WireAddress, BeforeValidator(as_map)] = WireAddress()
    meta_data: Annotated[list[WireMeta], BeforeValidator(as_list)] = []
    line_items: Annotated[list[WireLine], BeforeValidator(as_list)] = []
    tax_lines: Annotated[list[WireRate], BeforeValidator(as_list)] = []
    shipping_lines: Annotated[list[WireShipping], BeforeValidator(as_list)] = []
    fee_lines: Annotated[list[WireFee], BeforeValidator(as_list)] = []
    refunds: Annotated[list[dict[str, Any]], BeforeValidator(as_list)] = []
    pomost_customer: Annotated[list[WireMeta], BeforeValidator(as_list)] = []
    """Put beside by `customers`."""


__all__ = [
    "WireAddress",
    "WireAmounts",
    "WireFee",
    "WireLine",
    "WireMeta",
    "WireOrder",
    "WireRate",
    "WireShipping",
]
