"""What steps say of shipments and of payments that are booked."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from pomost.config.parts import Name, Part

Insured = Literal["never", "total"]


class ShipRule(Part):
    """One rule by which orders are shipped; what it does not name is as the step says."""

    when: str = Field(
        "", description="CEL over order and docs: the rule fits when this is true; empty: it always fits."
    )
    leave_out: bool = Field(
        False, description="Orders that fit are not shipped by Pomost (collected in person, sent otherwise)."
    )
    carrier: str = Field("", description="Another connection to a carrier.")
    service: str = Field("", description="Service of the carrier.")
    template: str = Field("", description="Size by name, as the carrier has it: small, medium, large.")
    weight_kg: Decimal | None = Field(None, gt=0, description="Weight of the parcel in kg.")
    size_mm: tuple[int, int, int] | None = Field(None, description="Length, width and height in mm.")
    insurance: Insured | None = Field(
        None, description="total: the parcel is insured for what the order is worth."
    )
    options: dict[str, str] = Field(
        default_factory=dict, description="Options of the carrier, added to those of the step."
    )


class ShipStep(Part):
    """A shipment of the order, ordered with a carrier once; the step is done when its label is there."""

    carrier: Name = Field(
        description="Connection to the carrier: a [[shipx]] or [[apaczka]], or a [[baselinker]] for its own couriers."
    )
    service: str = Field(
        "",
        description="Service of the carrier where no rule names one; empty: an order that no rule fits waits for a person.",
    )
    template: str = Field("", description="Size by name, as the carrier has it: small, medium, large.")
    weight_kg: Decimal | None = Field(
        None, gt=0, description="Weight of the parcel in kg; empty: the default of the connection."
    )
    size_mm: tuple[int, int, int] | None = Field(
        None, description="Length, width and height in mm; empty: the default of the connection."
    )
    weigh: Literal["fixed", "cards"] = Field(
        "fixed",
        description="cards: the weight is the sum of the item cards, where all of them have one; weight_kg stands in otherwise.",
    )
    packaging_kg: Decimal = Field(
        Decimal(0), ge=0, description="Weight of box and filling, added to that of the item cards."
    )
    insurance: Insured = Field(
        "never", description="total: the parcel is insured for what the order is worth."
    )
    cod: Literal["order", "never"] = Field(
        "order",
        description="order: of an order paid on delivery the carrier collects what is still to be paid.",
    )
    content: str = Field("", description="What is in the parcel, for carriers that ask.")
    comment: str = Field(
        "", description="Text on the label, where there is room; {order.number} and the like are filled in."
    )
    options: dict[str, str] = Field(default_factory=dict, description="Options of the carrier.")
    label: Literal["pdf", "zpl"] = Field(
        "pdf",
        description="Format of the label. zpl: for a label printer that the print agent drives, where the carrier has it; it does not go into "
        "the common PDF of the print queue.",
    )
    rules: tuple[ShipRule, ...] = Field(
        (), description="Rules for services and sizes, tried from the first; the first that fits decides."
    )
    track_s: float = Field(
        900.0,
        gt=0,
        description="Seconds between looks at where the parcel is, until it is delivered or back.",
    )


class BookRule(Part):
    """Where the money of some payments is booked, and what the operator keeps of it."""

    methods: tuple[str, ...] = Field(
        (),
        description="Payment methods of the order, capital and small letters alike; empty: all.",
    )
    when: str = Field("", description="CEL over order and docs: the rule fits only when this is true.")
    account: str = Field(min_length=1, description="Account or register of the ERP, such as PAYU.")
    fee_percent: Decimal = Field(
        Decimal(0), ge=0, lt=100, description="The operator's fee, percent of the payment."
    )
    fee_fixed: Decimal = Field(
        Decimal(0), ge=0, description="The operator's fee for each payment, added to the percentage."
    )


class BookStep(Part):
    """The payment of the order, booked in the ERP and settled with a document."""

    document: Name = Field(
        description="Step whose FS or PA is settled by the payment, each part when it is made; of a final invoice its advances first."
    )
    also: tuple[Name, ...] = Field(
        (),
        description="Other steps whose FS or PA the same payment settles, where the lines of an order are divided among several.",
    )
    account: str = Field(
        "",
        description="Account or register for payments that no rule fits; empty: such a payment waits for a person.",
    )
    rules: tuple[BookRule, ...] = Field(
        (), description="Accounts and fees by payment method; the first that fits decides."
    )

    @model_validator(mode="after")
    def names_an_account(self) -> BookStep:
        if not self.account and not self.rules:
            raise ValueError("book needs an account, or rules that name one")
        return self
