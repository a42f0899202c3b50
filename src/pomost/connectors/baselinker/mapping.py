"""BaseLinker's form of an order <-> the language of trade. Pure.

Tolerates what real answers show (reference, section 4): text for numbers, [] for {}, "" for nothing, missing keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pomost.ports import Json, NeedsPerson, OutgoingOrder
from pomost.trade.order import Address, Delivery, Order, OrderLine, Party, Payment, PickupPoint
from pomost.trade.vat import VatRate

SPECIAL_VAT = {Decimal("-1"): "zw", Decimal("-0.02"): "np", Decimal("-0.03"): "oo"}
POLISH_RATES = frozenset({Decimal(23), Decimal(8), Decimal(5), Decimal(0)})


@dataclass(frozen=True, slots=True)
class Words:
    """Names of an account: statuses and extra fields by id; ``file_fields`` are ids of fields of type file."""

    statuses: Mapping[int, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    file_fields: frozenset[str] = frozenset()

    def status_id(self, name: str) -> int | None:
        return next(
            (key for key, known in self.statuses.items() if known == name),
            int(name) if name.isdecimal() else None,
        )

    def field_id(self, name: str) -> str | None:
        if name in self.fields:
            return name
        return next((key for key, known in self.fields.items() if known == name), None)


def order_from_wire(raw: Json, words: Words, default_currency: str = "PLN") -> Order:
    """The order in the language of trade; raises NeedsPerson naming the field that can't be read."""
    reading = _Reading(raw)
    country = reading.text("delivery_country_code") or reading.text("invoice_country_code") or "PL"
    confirmed_at = reading.integer("date_confirmed")
    status_id = reading.integer("order_status_id")
    products = raw.get("products") or []
    if not isinstance(products, list):
        raise reading.fault("products", products)
    return Order(
        id=str(reading.integer("order_id", required=True)),
        number=str(raw["order_id"]),
        source=f"{reading.text('order_source')}:{reading.text('order_source_id')}",
        status=words.statuses.get(status_id, str(status_id)),
        confirmed=raw.get("confirmed") in (True, 1, "1", "true"),
        placed_at=_time(reading.integer("date_add")),
        confirmed_at=_time(confirmed_at) if confirmed_at else None,
        currency=reading.text("currency") or default_currency,
        buyer=Party(
            name=reading.text("invoice_fullname") or reading.text("delivery_fullname"),
            company=reading.text("invoice_company"),
            tax_id=reading.text("invoice_nip"),
            email=reading.text("email"),
            phone=reading.text("phone"),
            address=_address(reading, "invoice")
            if reading.text("invoice_address")
            else _address(reading, "delivery"),
        ),
        lines=tuple(_line(item, country) for item in products),
        basis="gross",
        delivery=Delivery(
            method=reading.text("delivery_method"),
            price=reading.decimal("delivery_price"),
            to=Party(
                name=reading.text("delivery_fullname"),
                company=reading.text("delivery_company"),
                email=reading.text("email"),
                phone=reading.text("phone"),
                address=_address(reading, "delivery"),
            ),
            point=_point(reading),
        ),
        payment=Payment(
            method=reading.text("payment_method"),
            cash_on_delivery=raw.get("payment_method_cod") in ("1", 1, True),
            paid=reading.decimal("payment_done"),
        ),
        wants_invoice=raw.get("want_invoice") in ("1", 1, True),
        comments=reading.text("user_comments"),
        seller_comments=reading.text("admin_comments"),
        external_id=reading.text("external_order_id"),
        extra=_extra(raw, words),
    )


class _Reading:
    """Reads fields of one record, naming the field in every complaint."""

    def __init__(self, raw: Json, what: str = "order") -> None:
        self._raw = raw
        self._what = what

    def text(self, name: str) -> str:
        value = self._raw.get(name)
        return "" if value is None else str(value).strip()

    def decimal(self, name: str, *, required: bool = False) -> Decimal:
        value = self._raw.get(name)
        if value in (None, "") and not required:
            return Decimal(0)
        try:
            found = Decimal(str(value).strip())
        except InvalidOperation:
            raise self.fault(name, value) from None
        if not found.is_finite():
            raise self.fault(name, value)
        return found

    def integer(self, name: str, *, required: bool = False) -> int:
        value = self._raw.get(name)
        if value in (None, "") and not required:
            return 0
        try:
            return int(str(value).strip())
        except ValueError:
            raise self.fault(name, value) from None

    def fault(self, name: str, value: Any) -> NeedsPerson:
        return NeedsPerson(
            "baselinker.unreadable",
            f"The {self._what} can't be read: {name} is {str(value)[:40]!r}.",
            "Correct it in BaseLinker; the order is read again by itself.",
        )


def _line(item: Any, country: str) -> OrderLine:
    if not isinstance(item, dict):
        raise _Reading({}).fault("products", item)
    reading = _Reading(item, "order line")
    product = reading.text("product_id")
    return OrderLine(
        id=reading.text("order_product_id"),
        sku=reading.text("sku"),
        name=reading.text("name"),
        quantity=reading.decimal("quantity", required=True),
        price=reading.decimal("price_brutto", required=True),
        vat=vat_from_wire(reading.decimal("tax_rate", required=True), country),
        ean=reading.text("ean"),
        attributes=reading.text("attributes"),
        warehouse=reading.text("warehouse_id"),
        bundle=reading.text("bundle_id") if product and reading.text("bundle_id") != "0" else "",
    )


def vat_from_wire(rate: Decimal, country: str) -> VatRate:
    """BaseLinker's rate; a rate that Poland does not have, delivered abroad, is that country's (OSS)."""
    if rate in SPECIAL_VAT:
        return VatRate.of(SPECIAL_VAT[rate])
    if not 0 <= rate <= 100:
        raise NeedsPerson(
            "baselinker.unknown-vat",
            f"The VAT rate {rate:f} is not known.",
            "Correct it in BaseLinker; it is never guessed.",
        )
    foreign = country not in ("", "PL") and rate not in POLISH_RATES
    return VatRate.of(f"{country}:{rate}" if foreign else rate)


def vat_to_wire(vat: VatRate) -> Decimal:
    return next((key for key, word in SPECIAL_VAT.items() if word == vat.special), vat.percent)


def _address(reading: _Reading, part: str) -> Address:
    return Address(
        street=reading.text(f"{part}_address"),
        postcode=reading.text(f"{part}_postcode"),
        city=reading.text(f"{part}_city"),
        state=reading.text(f"{part}_state"),
        country=reading.text(f"{part}_country_code"),
    )


def _point(reading: _Reading) -> PickupPoint | None:
    code = reading.text("delivery_point_id")
    if not code:
        return None
    address = Address(
        street=reading.text("delivery_point_address"),
        postcode=reading.text("delivery_point_postcode"),
        city=reading.text("delivery_point_city"),
    )
    return PickupPoint(code, reading.text("delivery_point_name"), address)


def _extra(raw: Json, words: Words) -> dict[str, str]:
    """Extra fields by name; the two old ones by their own names. Files give their title."""
    found = {name: str(raw.get(name) or "") for name in ("extra_field_1", "extra_field_2")}
    custom = raw.get("custom_extra_fields") or {}
    if isinstance(custom, dict):
        for key, value in custom.items():
            text = str(value.get("title", "")) if isinstance(value, dict) else str(value)
            found[words.fields.get(str(key), str(key))] = text
    return found


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def order_to_wire(what: OutgoingOrder, status_id: int, marker: str) -> Json:
    """An order of the ERP for addOrder. Prices are gross: a net document's prices are raised by their rate."""
    order = what.order
    to = order.delivery.to if order.delivery.to.shown_name else order.buyer

    def gross(line: OrderLine) -> Decimal:
        if order.basis == "gross":
            return line.price
        return (line.price * (100 + line.vat.percent) / 100).quantize(Decimal("0.01"))

    return {
        "order_status_id": status_id,
        "date_add": int(order.placed_at.timestamp()),
        "currency": order.currency,
        "payment_method": order.payment.method[:30],
        "payment_method_cod": order.payment.cash_on_delivery,
        "paid": order.is_paid,
        "user_comments": order.comments[:510],
        "admin_comments": marker,
        "email": order.buyer.email[:150],
        "phone": order.buyer.phone[:100],
        "delivery_method": order.delivery.method[:30],
        "delivery_price": order.delivery.price,
        "delivery_fullname": to.name[:100],
        "delivery_company": to.company[:100],
        "delivery_address": to.address.street[:156],
        "delivery_postcode": to.address.postcode[:100],
        "delivery_city": to.address.city[:100],
        "delivery_country_code": to.address.country[:2],
        "invoice_fullname": order.buyer.name[:100],
        "invoice_company": order.buyer.company[:100],
        "invoice_nip": order.buyer.tax_id[:100],
        "invoice_address": order.buyer.address.street[:100],
        "invoice_postcode": order.buyer.address.postcode[:20],
        "invoice_city": order.buyer.address.city[:100],
        "invoice_country_code": order.buyer.address.country[:2],
        "want_invoice": order.wants_invoice,
        "products": [
            {
                "storage": "db",
                "storage_id": 0,
                "product_id": "",
                "name": line.name[:200],
                "sku": line.sku[:50],
                "ean": line.ean[:32],
                "attributes": line.attributes[:350],
                "price_brutto": gross(line),
                "tax_rate": vat_to_wire(line.vat),
                "quantity": int(line.quantity),
                "weight": 0,
            }
            for line in order.lines
        ],
    }
