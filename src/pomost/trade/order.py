"""An order as it was bought, in the language of trade, whatever channel it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from pomost.trade.money import line_value, round_money
from pomost.trade.vat import VatRate

Basis = Literal["gross", "net"]
"""Whether unit prices carry VAT ("gross") or not ("net")."""


@dataclass(frozen=True, slots=True)
class Address:
    """Street and number stand together, as channels give them. ``country`` is ISO 3166 alpha-2 or empty."""

    street: str = ""
    postcode: str = ""
    city: str = ""
    state: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """Who buys, pays or receives. ``tax_id`` is as the channel gave it; ``trade.nip`` cleans and checks it."""

    name: str = ""
    company: str = ""
    tax_id: str = ""
    email: str = ""
    phone: str = ""
    address: Address = Address()

    @property
    def shown_name(self) -> str:
        return self.company or self.name


@dataclass(frozen=True, slots=True)
class PickupPoint:
    """A parcel locker or another point of collection; the buyer's own address stays in the delivery address."""

    code: str
    name: str = ""
    address: Address = Address()


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line as bought. ``price`` is per unit, on the order's ``basis``, discounts of the channel included.

    ``sku`` may be empty (services, discounts, unlinked products). ``quantity`` and ``price`` may be zero or
    negative: the channel's word is kept, rules decide later. ``of_line`` and ``reason`` belong to goods that came
    back: the line of the order they were bought on, and why; ``cheaper`` is by how much, gross and in all, what is kept of
    that line became cheaper instead.
    """

    id: str
    sku: str
    name: str
    quantity: Decimal
    price: Decimal
    vat: VatRate
    unit: str = "szt"
    ean: str = ""
    attributes: str = ""
    warehouse: str = ""
    bundle: str = ""
    of_line: str = ""
    reason: str = ""
    cheaper: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """``vat`` is None where the channel gives no rate for delivery (BaseLinker): a rule decides it."""

    method: str = ""
    price: Decimal = Decimal(0)
    to: Party = Party()
    point: PickupPoint | None = None
    vat: VatRate | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """``paid`` is what the channel says was paid so far, in the order's currency. ``unconfirmed``: the form of payment is one
    that no operator confirms, so that a person has to (a bank transfer)."""

    method: str = ""
    cash_on_delivery: bool = False
    paid: Decimal = Decimal(0)
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody bought. ``id`` is the channel's identity of the order; ``number`` what people call it.

    A return travels as an order too: its lines are what came back, ``of_order`` is the id of the order they were
    bought on, ``confirmed_at`` when the buyer declared it, and what was paid is what was paid back so far.

    ``taken``: whether the channel has taken the goods off the stock that it shows. A WooCommerce shop does so with the payment
    only; whoever offers less because of such an order would have the shop take them off a second time.
    """

    id: str
    number: str
    source: str
    status: str
    confirmed: bool
    placed_at: datetime
    confirmed_at: datetime | None
    currency: str
    buyer: Party
    lines: tuple[OrderLine, ...]
    basis: Basis = "gross"
    delivery: Delivery = Delivery()
    payment: Payment = Payment()
    wants_invoice: bool = False
    comments: str = ""
    seller_comments: str = ""
    external_id: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    of_order: str = ""
    taken: bool = True

    @property
    def total(self) -> Decimal:
        """Sum of price x quantity and delivery, each line rounded to 0.01; the channel gives no total of its own."""
        return sum(
            (line_value(line.price, line.quantity) for line in self.lines),
            round_money(self.delivery.price),
        )

    @property
    def is_paid(self) -> bool:
        return self.payment.paid >= self.total
