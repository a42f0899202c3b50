"""WooCommerce's wire form <-> the language of trade. Pure: no call is made and no clock is read here.

Lines are net, for the whole line. Documents are reckoned from gross, so a line's gross value is shared out over its pieces in
whole grosze: where it can't be, one line becomes two (2 pieces for 44.05 + 44.06), and the total is the shop's to the grosz.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from pydantic import ValidationError

from pomost.connectors.values import as_list, as_text, plain
from pomost.connectors.woocommerce.extras import (
    PLACED_KEY,
    pickup_point,
    tax_number,
    texts_of,
    wants_invoice,
)
from pomost.connectors.woocommerce.settings import Settings
from pomost.connectors.woocommerce.wire_types import (
    WireAddress,
    WireAmounts,
    WireLine,
    WireOrder,
    WireRate,
    WireShipping,
)
from pomost.ports import Json, NeedsPerson, Seen
from pomost.trade.money import round_money
from pomost.trade.order import Address, Delivery, Order, OrderLine, Party, Payment
from pomost.trade.vat import VatRate

CENT = Decimal("0.01")
LEFT_OUT = frozenset(
    {
        # of no use and personal
        "customer_ip_address", "customer_user_agent", "cart_hash", "order_key", "payment_url",
        # reckoned anew with each answer, or moved by our own writes: nothing of the order changed
        "date_modified", "date_modified_gmt", "_links", "is_editable", "needs_payment", "needs_processing", "currency_symbol",
        "version",
    }
)  # fmt: skip
"""What is not kept of an order's raw form."""
DRAFTS = frozenset({"checkout-draft", "auto-draft"})
TRASH = "trash"
CUSTOMER = "pomost_customer"
"""Key under which a kept raw form holds what the buyer's account says of the tax number."""
NOT_TAKEN = frozenset({"pending", "failed", *DRAFTS})
"""Statuses in which the shop's stock still has the goods (reference, section 5.9)."""
STANDARD = "standard"
"""The tax class that a shop leaves empty."""
_SHORT = 200
_MOST_EXTRA = 80


def kept(raw: Json) -> Json:
    """The raw form as it is kept."""
    return {name: value for name, value in plain(raw).items() if name not in LEFT_OUT}


def seen_from_wire(raw: Json, settings: Settings) -> Seen:
    """One order of a page. One that can't be read is kept with its problem; it takes no others down with it."""
    stored, external_id, marker = kept(raw), as_text(raw.get("id")), marker_of(raw, settings)
    try:
        return Seen(external_id, stored, order_from_wire(stored, settings), marker=marker)
    except NeedsPerson as problem:
        return Seen(external_id, stored, None, problem, marker)


def marker_of(raw: Json, settings: Settings) -> str:
    """Our reference on an order that was placed by us; empty on others."""
    via, begin = as_text(raw.get("created_via")), f"{settings.marker}-"
    if via.startswith(begin):
        return via.removeprefix(begin)
    meta = (one for one in as_list(raw.get("meta_data")) if isinstance(one, dict))
    return next((as_text(one.get("value")) for one in meta if one.get("key") == PLACED_KEY), "")


def order_from_wire(raw: Json, settings: Settings) -> Order:
    """The order in the language of trade.

    Raises NeedsPerson ``woocommerce.unreadable`` for values of another shape than WooCommerce's, ``woocommerce.no-rate`` for a line
    whose VAT rate nothing tells, ``woocommerce.several-rates`` for one with several, ``woocommerce.uneven-line`` for one that can't be
    shared out, and ``woocommerce.total-differs`` where the parts do not come to the order's total.
    """
    order_id = as_text(raw.get("id"))
    try:
        wire = WireOrder.model_validate(raw)
        placed_at, paid_at = moment_of(wire.date_created_gmt), moment_of(wire.date_paid_gmt)
    except ValidationError as error:
        # neither the values nor pydantic's own message: both hold personal data
        places = sorted({".".join(str(part) for part in item["loc"]) for item in error.errors()})
        raise unreadable(order_id, ", ".join(places)) from None
    except ValueError:
        raise unreadable(order_id, "date_created_gmt, date_paid_gmt") from None
    meta = texts_of(wire.meta_data)
    rates = {one.rate_id: one for one in wire.tax_lines}
    parts = _Parts(wire, rates, settings)
    parts.check_total()
    tax_id, found_under = tax_number(meta, settings.nip_keys)
    if not tax_id:
        tax_id, found_under = tax_number(texts_of(wire.pomost_customer), settings.nip_keys)
        found_under = f"customer:{found_under}" if found_under else ""
    buyer = _party(wire.billing, tax_id)
    return Order(
        id=str(wire.id),
        number=wire.number or str(wire.id),
        source=wire.created_via,
        status=wire.status,
        confirmed=wire.status not in DRAFTS,
        placed_at=placed_at or paid_at or datetime(1970, 1, 1, tzinfo=UTC),
        confirmed_at=paid_at or placed_at,
        currency=wire.currency.strip().upper() or "PLN",
        buyer=buyer,
        lines=parts.lines(),
        delivery=Delivery(
            method=", ".join(filter(None, (_text(one.method_title) for one in wire.shipping_lines))),
            price=sum((one.gross for one in wire.shipping_lines), Decimal(0)),
            to=_recipient(wire, buyer),
            point=pickup_point(wire, meta, settings.point_keys),
            vat=parts.delivery_rate(),
        ),
        payment=Payment(
            method=wire.payment_method_title or wire.payment_method,
            cash_on_delivery=wire.payment_method in settings.cod_methods,
            paid=wire.total if paid_at else Decimal(0),
            unconfirmed=wire.payment_method in settings.unconfirmed_methods,
        ),
        wants_invoice=wants_invoice(meta, settings.invoice_keys),
        comments=_text(wire.customer_note),
        external_id=str(wire.id),
        extra=_extra(wire, meta, found_under),
        taken=wire.status not in NOT_TAKEN,
    )


def lines_and_rates(wire: WireOrder, settings: Settings) -> tuple[OrderLine, ...]:
    """The lines of an order, fees among them. Raises NeedsPerson as ``order_from_wire`` does for lines."""
    return _Parts(wire, {one.rate_id: one for one in wire.tax_lines}, settings).lines()


def moment_of(text: str) -> datetime | None:
    """A ``_gmt`` moment, which comes without a zone; None for none. Raises ValueError."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def shared_out(gross: Decimal, quantity: Decimal) -> tuple[tuple[Decimal, Decimal], ...] | None:
    """A gross value as (pieces, price of one) in whole grosze, which sum to it; None where it can't be: parts of a piece."""
    if not quantity:
        return ((quantity, Decimal("0.00")),) if not gross else None
    price = gross / quantity
    if price == price.quantize(CENT):
        return ((quantity, price.quantize(CENT)),)
    if quantity != quantity.to_integral_value() or quantity < 0:
        price = round_money(price)
        return ((quantity, price),) if round_money(price * quantity) == gross else None
    lower = price.quantize(CENT, ROUND_FLOOR)
    dearer = (gross - lower * quantity) / CENT
    return ((quantity - dearer, lower), (dearer, lower + CENT))


def line_ids(
    line_id: str, gross: Decimal, quantity: Decimal
) -> tuple[tuple[str, Decimal, Decimal], ...] | None:
    """The lines that one line of the shop becomes: id, pieces, price."""
    shares = shared_out(gross, quantity)
    if shares is None:
        return None
    return tuple(
        (line_id if place == 0 else f"{line_id}/{place + 1}", pieces, price)
        for place, (pieces, price) in enumerate(shares)
    )


class _Parts:
    """What an order is made of."""

    def __init__(self, wire: WireOrder, rates: Mapping[str, WireRate], settings: Settings) -> None:
        self._wire = wire
        self._rates = rates
        self._settings = settings
        self._is_exempt = as_text(texts_of(wire.meta_data).get("is_vat_exempt")) == "yes"

    def check_total(self) -> None:
        wire = self._wire
        parts: Iterable[WireAmounts] = (*wire.line_items, *wire.shipping_lines, *wire.fee_lines)
        total = sum((one.gross for one in parts), Decimal(0))
        if total != wire.total:
            raise NeedsPerson(
                "woocommerce.total-differs",
                f"Order {wire.number or wire.id}: its lines, fees and shipping come to {total}, and its total is {wire.total}.",
                "A plugin has put an amount where no part of the order holds it; correct the order in the shop.",
                order=str(wire.id),
            )

    def lines(self) -> tuple[OrderLine, ...]:
        found: list[OrderLine] = []
        for line in self._wire.line_items:
            found += self._split(line, line.sku.strip(), _text(line.name), _attributes(line))
        for fee in self._wire.fee_lines:
            sku = self._settings.discount_sku if fee.gross < 0 else self._settings.fee_sku
            found.append(
                OrderLine(
                    f"fee-{fee.id}", sku, _text(fee.name), Decimal(1), fee.gross, self._rate(fee, fee.name)
                )
            )
        return tuple(found)

    def _split(self, line: WireLine, sku: str, name: str, attributes: str) -> list[OrderLine]:
        shares = line_ids(line.id, line.gross, line.quantity)
        if shares is None:
            raise NeedsPerson(
                "woocommerce.uneven-line",
                f"Order {self._wire.number}: {line.quantity} of {sku or name} for {line.gross} can't be shared out in whole grosze.",
                "Correct quantity or price of the line in the shop.",
                order=str(self._wire.id),
            )
        rate = self._rate(line, sku or name)
        return [
            OrderLine(
                id=one,
                sku=sku,
                name=name,
                quantity=pieces,
                price=price,
                vat=rate,
                attributes=attributes,
                warehouse="",
            )
            for one, pieces, price in shares
        ]

    def delivery_rate(self) -> VatRate | None:
        """None where shipping costs nothing or has several rates: a rule of the flow decides then."""
        charged: list[WireShipping] = [one for one in self._wire.shipping_lines if one.gross]
        found = {self._rate(one, one.method_title) for one in charged}
        return next(iter(found)) if len(found) == 1 else None

    def _rate(self, part: WireAmounts, what: str) -> VatRate:
        applied = [self._rates[tax.id] for tax in part.taxes if tax.total != "" and tax.id in self._rates]
        if len(applied) > 1:
            raise NeedsPerson(
                "woocommerce.several-rates",
                f"Order {self._wire.number}: {what} has {len(applied)} taxes at once, which no Polish document can show.",
                "Correct the tax rates of the shop: one rate for each class and country.",
                order=str(self._wire.id),
            )
        by_class = self._settings.tax_classes.get(part.tax_class or STANDARD, "")
        if applied and (applied[0].rate_percent or not by_class):
            return _rate_of(applied[0])
        exempt = self._settings.exempt_rate if self._is_exempt else ""
        word = exempt or by_class or self._settings.no_tax_rate
        if not word:
            raise NeedsPerson(
                "woocommerce.no-rate",
                f'Order {self._wire.number}: nothing tells the VAT rate of {what} (tax class "{part.tax_class or STANDARD}").',
                "Set tax_classes, exempt_rate or no_tax_rate of the connection: 0, zw, np and oo look alike in a shop.",
                order=str(self._wire.id),
            )
        return VatRate.of(word)


def _rate_of(rate: WireRate) -> VatRate:
    """The rate as it was when the order was made; the country stands before the first hyphen of its code."""
    country = rate.rate_code.split("-", 1)[0].strip().upper()
    found = VatRate.of(format(rate.rate_percent, "f"))
    foreign = len(country) == 2 and country.isalpha() and country != "PL"
    return VatRate(found.percent, found.special, country) if foreign else found


def _party(address: WireAddress, tax_id: str = "") -> Party:
    return Party(
        name=_text(f"{address.first_name} {address.last_name}"),
        company=_text(address.company),
        tax_id=tax_id,
        email=address.email.strip(),
        phone=address.phone.strip(),
        address=Address(
            _text(f"{address.address_1} {address.address_2}"),
            address.postcode.strip(),
            _text(address.city),
            address.state.strip(),
            address.country.strip().upper(),
        ),
    )


def _recipient(wire: WireOrder, buyer: Party) -> Party:
    """Where the goods go; the buyer where no other address is given at all."""
    to = wire.shipping
    if not any((to.first_name, to.last_name, to.company, to.address_1, to.address_2, to.city, to.postcode)):
        return Party(buyer.name, buyer.company, "", buyer.email, buyer.phone, buyer.address)
    found = _party(to)
    return Party(found.name, found.company, "", buyer.email, found.phone or buyer.phone, found.address)


def _attributes(line: WireLine) -> str:
    """What the buyer chose; keys that begin with _ are the shop's own."""
    chosen = [
        f"{one.key}: {as_text(one.value)}"
        for one in line.meta_data
        if one.key and not one.key.startswith("_") and as_text(one.value)
    ]
    return _text(", ".join(chosen))[:_SHORT]


def _extra(wire: WireOrder, meta: Mapping[str, Any], found_under: str) -> dict[str, str]:
    """What has no place in the language of trade, under the API's own names; then the order's meta as far as it is short text."""
    shipping = [
        f"{one.method_id}:{one.instance_id}".rstrip(":") for one in wire.shipping_lines if one.method_id
    ]
    known = {
        "payment_method": wire.payment_method,
        "transaction_id": wire.transaction_id,
        "customer_id": str(wire.customer_id) if wire.customer_id else "",
        "shipping_method": ", ".join(shipping),
        "refunded": as_text(_refunded(wire.refunds)),
        "tax_number_key": found_under,
        "paid_at": wire.date_paid_gmt,
    }
    extra = {name: text for name, text in known.items() if text and text != "0"}
    for key, value in list(meta.items())[:_MOST_EXTRA]:
        text = as_text(value)
        if text and len(text) <= _SHORT and key not in extra:
            extra[key[:_SHORT]] = text
    return extra


def _refunded(refunds: Sequence[Mapping[str, Any]]) -> Decimal:
    try:
        return -sum((Decimal(as_text(one.get("total")) or "0") for one in refunds), Decimal(0))
    except ArithmeticError:
        return Decimal(0)


def _text(text: str) -> str:
    """Names and notes hold HTML entities, and blanks where a part is missing."""
    return " ".join(html.unescape(text).split())


def unreadable(order_id: str, places: str) -> NeedsPerson:
    return NeedsPerson(
        "woocommerce.unreadable",
        f"Order {order_id or '(without number)'} can't be read: {places} hold something unexpected.",
        "Look at the order in the shop; its raw form is kept and is read again when it changes.",
        order=order_id,
    )
