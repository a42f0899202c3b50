"""What can be set about one WooCommerce shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

SignIn = Literal["auto", "basic", "query", "oauth"]


@dataclass(frozen=True, slots=True)
class Settings:
    """One shop, reached with one pair of keys. Times are seconds. ``name`` is what people call the connection; it stands in messages.

    The meaning of each is that of the field of the same name in ``[[woocommerce]]``.
    """

    name: str
    url: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    sign_in: SignIn = "auto"
    concurrent: int = 2
    overlap_s: float = 120.0
    compare_every_s: float = 21_600.0
    compare_days: float = 30.0
    import_from: datetime | Literal["now"] = "now"
    """Orders made and paid before this moment are left alone. "now" is the first look."""
    statuses: tuple[str, ...] = ()
    nip_keys: tuple[str, ...] = ()
    customer_tax_number: bool = False
    invoice_keys: tuple[str, ...] = ()
    point_keys: tuple[str, ...] = ()
    ean_keys: tuple[str, ...] = ()
    cod_methods: tuple[str, ...] = ("cod",)
    unconfirmed_methods: tuple[str, ...] = ()
    refuses_unconfirmed: bool = False
    """Whether a flow sells straight from the payment, so that such methods must not be active in the shop."""
    tax_classes: Mapping[str, str] = field(default_factory=dict)
    exempt_rate: str = ""
    no_tax_rate: str = ""
    fee_sku: str = "OPLATA"
    """Item for fees of an order (packing, cash on delivery): the shop gives them no product."""
    discount_sku: str = "RABAT"
    """Item for negative fees."""
    money_refunds: Literal["ask", "spread"] = "ask"
    zone: str = "Europe/Warsaw"
    batch: int = 50
    webhooks: bool = False
    webhook_secret: str = field(default="", repr=False)
    webhook_url: str = ""
    """Where the shop sends its webhooks: an address of ours that it reaches."""
    webhook_late_s: float = 900.0
    marker: str = "pomost"
    note_fields: tuple[str, ...] = ()
    buyer_note_fields: tuple[str, ...] = ()
    timeout_s: float = 30.0
    batch_timeout_s: float = 120.0
    connect_timeout_s: float = 10.0
