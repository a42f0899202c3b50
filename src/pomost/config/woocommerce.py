"""``[[woocommerce]]``: connections to WooCommerce shops."""

from __future__ import annotations

from typing import ClassVar, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from pomost.config.connections import checked_moment
from pomost.config.parts import Name, Part

NIP_KEYS = (
    "_billing_nip", "billing_nip", "nip", "NIP", "_nip", "nip_number", "_billing_vat_number", "_vat_number", "vat_number",
    "billing_vat", "_billing_vat", "_billing_eu_vat_number", "_billing_vat_id", "_shipping_vat_id", "_vat_id",
    "_polski_billing_nip", "_billing_tax_number",
)  # fmt: skip
INVOICE_KEYS = (
    "_billing_faktura", "_billing_want_invoice", "_invoice_request", "_billing_faktura_vat", "_wants_invoice",
    "billing_wants_company_invoice",
)  # fmt: skip
POINT_KEYS = (
    "_parcel_machine_id", "_paczkomat_id", "paczkomat_key", "Wybrany paczkomat", "_furgonetkaPoint", "apaczka_delivery_point",
    "_myshipPointCode", "Punkt odbioru", "delivery_point_id",
)  # fmt: skip


class WooCommerce(Part):
    """One WooCommerce shop."""

    kind: ClassVar[Literal["woocommerce"]] = "woocommerce"
    """Its table in the configuration."""

    name: Name = Field("woocommerce", description="Name of the connection, used in flows.")
    url: str = Field(
        description="Address of the shop as its owner types it, without /wp-json, e.g. https://sklep.example.com. https, "
        "except for a shop on this machine or in the own network."
    )
    key: str = Field(
        description='Consumer key (ck_...) with read and write permission. Write "env:POMOST_WOO_KEY", so that it is read from '
        "the environment.",
        repr=False,
    )
    secret: str = Field(
        description='Consumer secret (cs_...). Write "env:POMOST_WOO_SECRET".',
        repr=False,
    )
    sign_in: Literal["auto", "basic", "query", "oauth"] = Field(
        "auto",
        description="auto: basic over https, oauth over http. query puts the keys into the address, for hosts that strip the header; "
        "they then stand in the host's logs.",
    )
    calls_per_minute: int = Field(
        120,
        ge=0,
        le=10000,
        description="Shared by all workers; 0 turns the limiter off. Hosts, not WooCommerce, set limits.",
    )
    concurrent: int = Field(
        2, ge=1, le=16, description="Calls at the same time; a shared host has as few as two PHP processes."
    )
    poll_s: float = Field(
        60.0, ge=0.05, description="Seconds between looks for changes; webhooks bring them sooner."
    )
    poll_busy_s: float = Field(
        300.0,
        ge=0,
        le=3600,
        description="The longest pause between looks while work that waits fills the limit anyway. 0: looks never slow down.",
    )
    returns_s: float = Field(
        120.0, ge=0.05, description="Seconds between looks for refunds, where a flow takes them."
    )
    overlap_s: float = Field(
        120.0,
        ge=1,
        le=86400,
        description="How far each look reads back behind the newest change seen, in seconds: a slow request of the shop is written "
        "down after the time it carries.",
    )
    compare_s: float = Field(
        21600.0,
        ge=1,
        description="Seconds between full comparisons: ids and dates of change of all orders of the last days, so that what was deleted "
        "for good, or changed past the shop's own date, is found.",
    )
    compare_days: float = Field(30.0, gt=0, le=730, description="How many days such a comparison goes back.")
    import_from: str = Field(
        "", description="ISO date and time from which orders are taken; empty: from the first start."
    )
    statuses: tuple[str, ...] = Field(
        (),
        description="Statuses whose orders are read; empty: all but checkout-draft and trash.",
    )
    nip_keys: tuple[str, ...] = Field(
        NIP_KEYS,
        description="Keys of the order's meta in which a tax number may stand; the first that is filled counts. Fields of the block "
        "checkout that end in nip or vat are looked at besides.",
    )
    customer_tax_number: bool = Field(
        False,
        description="Whether the tax number on a registered buyer's account counts where the order has none of its own; one more call for "
        "each such order.",
    )
    invoice_keys: tuple[str, ...] = Field(
        INVOICE_KEYS, description="Keys in which the wish for an invoice may stand."
    )
    point_keys: tuple[str, ...] = Field(
        POINT_KEYS,
        description="Keys, of the order or its shipping, in which a parcel locker or point may stand.",
    )
    ean_keys: tuple[str, ...] = Field(
        ("_ean", "_alg_ean", "_wpm_gtin_code", "hwp_product_gtin"),
        description="Keys of a product's meta in which plugins keep its EAN, looked at where the shop's own field for it is empty.",
    )
    cod_methods: tuple[str, ...] = Field(("cod",), description="Forms of payment that are cash on delivery.")
    unconfirmed_methods: tuple[str, ...] = Field(
        ("bacs", "cheque"),
        description="Forms of payment that no operator confirms; write cod too where cash on delivery is not to be invoiced before a "
        "person looked.",
    )
    tax_classes: dict[str, str] = Field(
        default_factory=dict,
        description='Tax class of the shop ("standard" for the one without a name) -> VAT rate, for classes whose lines carry no rate: '
        "0, zw, np or oo. A shop says nothing of which it is.",
    )
    exempt_rate: str = Field(
        "",
        description="VAT rate of buyers whom the shop takes as exempt (companies of the EU with a VAT number): 0, np or oo; empty: such an "
        "order waits for a person.",
    )
    no_tax_rate: str = Field(
        "",
        description="VAT rate of lines without any tax whose class is not listed above, as in a shop that reckons no taxes; empty: such an "
        "order waits for a person.",
    )
    fee_sku: str = Field(
        "OPLATA",
        description="Item for fees of an order (packing, cash on delivery), which have no product in the shop.",
    )
    fee_name: str = Field("Opłata dodatkowa", description="Name of that item where the ledger has none yet.")
    money_refunds: Literal["ask", "spread"] = Field(
        "ask",
        description="What becomes of money that a refund pays back for no goods: ask: the return waits for a person; spread: it lowers "
        "the prices of what is kept, each line by its share.",
    )
    zone: str = Field("Europe/Warsaw", description="Time zone of the shop.")
    batch: int = Field(
        50,
        ge=1,
        le=100,
        description="Products in one call; the shop allows 100, and a slow host gives up before.",
    )
    webhooks: bool = Field(
        False,
        description="Whether Pomost keeps webhooks for orders in the shop, which bring changes at once; needs panel.public_url, an address "
        "that the shop reaches.",
    )
    webhook_secret: str = Field(
        "",
        description='What the shop signs its webhooks with, 16 characters or more. Write "env:POMOST_WOO_WEBHOOK".',
        repr=False,
    )
    webhook_late_s: float = Field(
        900.0,
        ge=1,
        description="Seconds after which a change that only polling brought is said to be missed by the webhooks.",
    )
    marker: str = Field(
        "pomost", description="Beginning of the source (created_via) of orders that are placed from the ERP."
    )
    note_fields: tuple[str, ...] = Field(
        (),
        description="Fields of a write step that go into a note of the order instead of its meta.",
    )
    buyer_note_fields: tuple[str, ...] = Field(
        (),
        description="The same as a note to the buyer: the shop mails it at once.",
    )
    timeout_s: float = Field(30.0, gt=0, description="Seconds to wait for an answer.")
    batch_timeout_s: float = Field(120.0, gt=0, description="Seconds to wait for the answer to a batch.")
    connect_timeout_s: float = Field(10.0, gt=0, description="Seconds to wait for a connection.")

    _moment = field_validator("import_from")(checked_moment)

    @field_validator("url")
    @classmethod
    def a_shop(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("write the whole address of the shop, e.g. https://sklep.example.com")
        if parts.username or parts.password:
            raise ValueError(
                "write the address without a name and password; key and secret have their own fields"
            )
        if "/wp-json" in parts.path:
            raise ValueError("leave out /wp-json and what follows")
        return url.rstrip("/")

    @field_validator("zone")
    @classmethod
    def known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("write the name of a time zone, as Europe/Warsaw") from error
        return zone

    @field_validator("webhook_secret")
    @classmethod
    def long_enough(cls, text: str) -> str:
        if text and len(text) < 16:
            raise ValueError("write at least 16 characters that nobody can guess")
        return text
