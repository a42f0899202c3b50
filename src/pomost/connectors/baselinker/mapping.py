"""BaseLinker's wire form <-> the language of trade. Pure: no call is made and no clock is read here.

An order's raw form is kept with the names of its status and of its extra fields (key ``NAMES``), so that it can be
read again years later without asking BaseLinker what its numbers meant then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import quote, unquote

from pydantic import ValidationError

from pomost.connectors.baselinker.wire_types import (
    WireLine,
    WireOrder,
    WireReturn,
    as_int,
    as_list,
    as_text,
    moment,
    number_in,
)
from pomost.connectors.values import plain
from pomost.ports import Json, NeedsPerson, ReturnLine, ReturnSeen, Seen
from pomost.trade.order import Address, Basis, Delivery, Order, OrderLine, Party, Payment, PickupPoint
from pomost.trade.vat import Special, VatRate

NAMES = "pomost_names"
"""Key under which a kept raw form holds the names that BaseLinker gives in lists of their own."""
POLISH_RATES = frozenset({Decimal(0), Decimal(5), Decimal(8), Decimal(23)})
SPECIAL_RATES: dict[Decimal, Special] = {Decimal(-1): "zw", Decimal("-0.02"): "np", Decimal("-0.03"): "oo"}
SPECIAL_CODES = {code: rate for rate, code in SPECIAL_RATES.items()}
CENT = Decimal("0.01")
OWN_WAREHOUSE = "bl_"
MARKER = "pomost:"
_MARKER = re.compile(re.escape(MARKER) + r"(\S+)")


@dataclass(frozen=True, slots=True)
class Words:
    """What BaseLinker's numbers are called in this account: statuses by id, extra fields by id."""

    statuses: Mapping[int, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    default_currency: str = "PLN"


# from the wire


def with_names(raw: Json, words: Words) -> Json:
    """The raw form as it is kept: JSON without decimals, and with the names its numbers have now."""
    kept: Json = plain(raw)
    status = as_text(raw.get("order_status_id"))
    names: Json = {}
    if status.isdigit() and int(status) in words.statuses:
        names["status"] = words.statuses[int(status)]
    fields = raw.get("custom_extra_fields")
    if isinstance(fields, dict):
        used = {str(key): words.fields[str(key)] for key in fields if str(key) in words.fields}
        if used:
            names["fields"] = used
    kept[NAMES] = names
    return kept


def seen_from_wire(raw: Json, words: Words) -> Seen:
    """One order of a page. One that can't be read is kept with its problem; it takes no others down with it."""
    kept = with_names(raw, words)
    external_id = as_text(raw.get("order_id"))
    try:
        return Seen(external_id, kept, order_from_wire(kept, words), marker=marker_of(raw))
    except NeedsPerson as problem:
        return Seen(external_id, kept, None, problem, marker_of(raw))


def order_from_wire(raw: Json, words: Words) -> Order:
    """The order in the language of trade.

    Raises NeedsPerson ``baselinker.unreadable`` for values of another shape than BaseLinker's, and
    ``baselinker.unknown-vat`` for a rate that is neither 0-100 nor one of BaseLinker's three special ones.
    """
    order_id = as_text(raw.get("order_id"))
    try:
        wire = WireOrder.model_validate(raw)
        confirmed_at, placed_at = moment(wire.date_confirmed), moment(wire.date_add)
    except ValidationError as error:
        # Neither the values nor pydantic's own message: both hold personal data.
        places = sorted({".".join(str(part) for part in item["loc"]) for item in error.errors()})
        raise _unreadable(order_id, ", ".join(places)) from None
    except ValueError:
        raise _unreadable(order_id, "date_add, date_confirmed") from None
    names = raw.get(NAMES) or {}
    country = wire.delivery_country_code.strip().upper()
    confirmed = wire.date_confirmed > 0 if wire.confirmed is None else wire.confirmed
    return Order(
        id=str(wire.order_id),
        number=str(wire.order_id),
        source=wire.order_source,
        status=names.get("status") or words.statuses.get(wire.order_status_id) or f"#{wire.order_status_id}",
        confirmed=confirmed,
        placed_at=placed_at or confirmed_at or datetime(1970, 1, 1, tzinfo=UTC),
        confirmed_at=confirmed_at,
        currency=wire.currency.strip().upper() or words.default_currency,
        buyer=_buyer(wire),
        lines=_lines(wire, country),
        delivery=Delivery(
            method=wire.delivery_method, price=wire.delivery_price, to=_recipient(wire), point=_point(wire)
        ),
        payment=Payment(wire.payment_method, wire.payment_method_cod, wire.payment_done),
        wants_invoice=wire.want_invoice,
        comments=wire.user_comments,
        seller_comments=wire.admin_comments,
        external_id=wire.external_order_id,
        extra=_extra(wire, {**words.fields, **(names.get("fields") or {})}),
    )


def vat_from_wire(rate: Decimal, country: str) -> VatRate:
    """BaseLinker's rate. Raises ValueError for one that means nothing.

    It names no country. A rate is taken as the delivery country's (OSS) when that is not Poland and Poland has no
    such rate; a German order with 23 is a Polish sale, as it is for sellers below the threshold of OSS.
    """
    if rate in SPECIAL_RATES:
        return VatRate(Decimal(0), SPECIAL_RATES[rate])
    found = VatRate.of(format(rate, "f"))
    foreign = country not in ("", "PL") and found.percent not in POLISH_RATES
    return replace(found, country=country) if foreign else found


def _lines(wire: WireOrder, country: str) -> tuple[OrderLine, ...]:
    lines: list[OrderLine] = []
    ids: set[str] = set()
    for place, line in enumerate(wire.products, 1):
        try:
            vat = vat_from_wire(line.tax_rate, country)
        except ValueError:
            raise NeedsPerson(
                "baselinker.unknown-vat",
                f"Order {wire.order_id} has the VAT rate {line.tax_rate} on line {place}, which means nothing.",
                "Correct the rate of the line in BaseLinker.",
                order=str(wire.order_id),
            ) from None
        line_id = line.order_product_id or f"line-{place}"
        if line_id in ids:
            line_id = f"{line_id}/{place}"
        ids.add(line_id)
        lines.append(_line(line, line_id, vat))
    return tuple(lines)


def _line(line: WireLine, line_id: str, vat: VatRate) -> OrderLine:
    return OrderLine(
        id=line_id,
        sku=line.sku.strip(),
        name=line.name,
        quantity=line.quantity,
        price=line.price_brutto,
        vat=vat,
        ean=line.ean.strip(),
        attributes=line.attributes,
        warehouse=f"{OWN_WAREHOUSE}{line.warehouse_id}" if line.warehouse_id else "",
        bundle=str(line.bundle_id) if line.bundle_id else "",
    )


def _recipient(wire: WireOrder) -> Party:
    return Party(
        name=wire.delivery_fullname,
        company=wire.delivery_company,
        email=wire.email,
        phone=wire.phone,
        address=Address(
            wire.delivery_address,
            wire.delivery_postcode,
            wire.delivery_city,
            wire.delivery_state,
            wire.delivery_country_code.strip().upper(),
        ),
    )


def _buyer(wire: WireOrder) -> Party:
    """Who is billed; the recipient where no billing data was given."""
    if not (wire.invoice_fullname or wire.invoice_company or wire.invoice_address):
        return replace(_recipient(wire), tax_id=wire.invoice_nip)
    return Party(
        name=wire.invoice_fullname,
        company=wire.invoice_company,
        tax_id=wire.invoice_nip,
        email=wire.email,
        phone=wire.phone,
        address=Address(
            wire.invoice_address,
            wire.invoice_postcode,
            wire.invoice_city,
            wire.invoice_state,
            wire.invoice_country_code.strip().upper(),
        ),
    )


def _point(wire: WireOrder) -> PickupPoint | None:
    if not (wire.delivery_point_id or wire.delivery_point_name):
        return None
    address = Address(
        wire.delivery_point_address,
        wire.delivery_point_postcode,
        wire.delivery_point_city,
        "",
        wire.delivery_country_code.strip().upper(),
    )
    return PickupPoint(wire.delivery_point_id, wire.delivery_point_name, address)


def _extra(wire: WireOrder, names: Mapping[str, str]) -> dict[str, str]:
    """What has no place in the language of trade, under the API's own names, then the seller's extra fields."""
    known = {
        "order_source_id": wire.order_source_id,
        "shop_order_id": "" if wire.shop_order_id in ("0", "-1") else wire.shop_order_id,
        "user_login": wire.user_login,
        "order_page": wire.order_page,
        "delivery_package_module": wire.delivery_package_module,
        "delivery_package_nr": wire.delivery_package_nr,
        "extra_field_1": wire.extra_field_1,
        "extra_field_2": wire.extra_field_2,
    }
    extra = {name: text for name, text in known.items() if text}
    for field_id, value in wire.custom_extra_fields.items():
        text = as_text(value.get("url") or value.get("title")) if isinstance(value, dict) else as_text(value)
        if text:
            extra[names.get(field_id, field_id)] = text
    return extra


def _unreadable(order_id: str, places: str) -> NeedsPerson:
    return NeedsPerson(
        "baselinker.unreadable",
        f"Order {order_id or '(without number)'} can't be read: {places} hold something unexpected.",
        "Look at the order in BaseLinker; its raw form is kept and is read again when it changes.",
        order=order_id,
    )


# to the wire


def marker_for(key: str) -> str:
    """Our reference as it stands in an order that we placed; without white space, whatever the key holds."""
    return MARKER + quote(key, safe=":/-._")


def marker_of(raw: Json) -> str:
    """The key of the order that we placed; empty for anybody else's."""
    for name in ("admin_comments", "extra_field_1", "extra_field_2"):
        found = _MARKER.search(as_text(raw.get(name)))
        if found:
            return unquote(found.group(1))
    return ""


def vat_to_wire(vat: VatRate) -> Decimal:
    return SPECIAL_CODES[vat.special] if vat.special else vat.percent


def gross(price: Decimal, vat: VatRate, basis: Basis) -> Decimal:
    """The gross unit price, as BaseLinker knows no other; a net one is rounded to 0.01 half up."""
    if basis == "gross":
        return price
    return (price * (100 + vat.percent) / 100).quantize(CENT, ROUND_HALF_UP)


def order_to_wire(
    order: Order, status_id: int, marker: str, marker_field: str, custom_source_id: int = 0
) -> Json:
    """The parameters of addOrder. Raises NeedsPerson for what BaseLinker can't hold: parts of a piece."""
    buyer, to, point = order.buyer, order.delivery.to, order.delivery.point
    if not to.shown_name:
        to = replace(buyer, tax_id="")
    wire: Json = {
        "order_status_id": status_id,
        "date_add": int(order.placed_at.timestamp()),
        "currency": order.currency,
        "payment_method": order.payment.method,
        "payment_method_cod": order.payment.cash_on_delivery,
        "paid": order.is_paid and order.total > 0,
        "user_comments": order.comments,
        "admin_comments": order.seller_comments,
        "email": to.email or buyer.email,
        "phone": to.phone or buyer.phone,
        "delivery_method": order.delivery.method,
        "delivery_price": order.delivery.price,
        "delivery_fullname": to.name or to.company,
        "delivery_company": to.company,
        "delivery_address": to.address.street,
        "delivery_postcode": to.address.postcode,
        "delivery_city": to.address.city,
        "delivery_state": to.address.state,
        "delivery_country_code": to.address.country,
        "delivery_point_id": point.code if point else "",
        "delivery_point_name": point.name if point else "",
        "delivery_point_address": point.address.street if point else "",
        "delivery_point_postcode": point.address.postcode if point else "",
        "delivery_point_city": point.address.city if point else "",
        "invoice_fullname": buyer.name,
        "invoice_company": buyer.company,
        "invoice_nip": buyer.tax_id,
        "invoice_address": buyer.address.street,
        "invoice_postcode": buyer.address.postcode,
        "invoice_city": buyer.address.city,
        "invoice_state": buyer.address.state,
        "invoice_country_code": buyer.address.country,
        "want_invoice": order.wants_invoice,
        "products": [_line_to_wire(line, order.basis) for line in order.lines],
    }
    # The marker comes first: what is cut is the end.
    own = " ".join(part for part in (marker, as_text(wire.get(marker_field))) if part)
    wire[marker_field] = own if marker_field == "admin_comments" else marker
    if custom_source_id:
        wire["custom_source_id"] = custom_source_id
    return wire


def _line_to_wire(line: OrderLine, basis: Basis) -> Json:
    try:
        quantity = as_int(line.quantity)
    except ValueError:
        raise NeedsPerson(
            "baselinker.parts-of-a-piece",
            f"BaseLinker knows whole pieces only; {line.sku or line.name} has the quantity {line.quantity}.",
            "Give the item a smaller unit, or leave it out of what goes to BaseLinker.",
            sku=line.sku,
        ) from None
    number = line.warehouse.removeprefix(OWN_WAREHOUSE)
    return {
        "storage": "db",
        "storage_id": 0,
        "name": line.name,
        "sku": line.sku,
        "ean": line.ean,
        "attributes": line.attributes,
        "price_brutto": gross(line.price, line.vat, basis),
        "tax_rate": vat_to_wire(line.vat),
        "quantity": quantity,
        **({"warehouse_id": int(number)} if number.isdigit() else {}),
    }


# returns


BANK_DATA = frozenset(
    {
        f"{prefix}{name}"
        for prefix in ("refund_", "order_return_")
        for name in ("account_number", "iban", "swift")
    }
)


def return_with_names(raw: Json, statuses: Mapping[int, str], reasons: Mapping[int, str]) -> Json:
    """The raw form as it is kept: without bank data, and with the names that its numbers have now."""
    kept: Json = plain({key: value for key, value in raw.items() if key not in BANK_DATA})
    used = {
        number_in(line, "return_reason_id") for line in as_list(raw.get("products")) if isinstance(line, dict)
    }
    kept[NAMES] = {
        "status": statuses.get(number_in(raw, "status_id"), ""),
        "reasons": {str(number): reasons[number] for number in sorted(used) if number in reasons},
    }
    return kept


def return_from_wire(kept: Json) -> ReturnSeen:
    """The kept raw form of a return as it reads; no call is needed."""
    external_id, order_id = as_text(kept.get("return_id")), as_text(kept.get("order_id"))
    names = kept.get(NAMES) or {}
    reasons = names.get("reasons") or {}
    try:
        wire = WireReturn.model_validate(kept)
        land = as_text(kept.get("delivery_country_code")).strip().upper()
        lines = tuple(
            ReturnLine(
                id=line.order_return_product_id,
                order_line=line.order_product_id,
                sku=line.sku.strip(),
                name=line.name,
                quantity=line.quantity,
                price=line.price_brutto,
                vat=vat_from_wire(line.tax_rate, land),
                reason=line.return_reason_comment or reasons.get(str(line.return_reason_id), ""),
            )
            for line in wire.products
        )
        created_at = moment(wire.date_add)
    except ValueError:
        problem = NeedsPerson(
            "baselinker.unreadable-return",
            f"Return {external_id or '(without number)'} can't be read.",
            "Look at the return in BaseLinker; its raw form is kept and is read again when it changes.",
        )
        return ReturnSeen(external_id, order_id, kept, problem=problem)
    return ReturnSeen(
        external_id,
        order_id,
        kept,
        status=names.get("status") or f"#{wire.status_id}",
        number=wire.reference_number,
        created_at=created_at,
        currency=wire.currency,
        refunded=wire.refund_done or wire.refunded,
        state=wire.fulfillment_status,
        lines=lines,
    )
