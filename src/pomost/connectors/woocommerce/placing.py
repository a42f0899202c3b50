"""Orders of the ERP that go into a shop, each marked with our reference, so that a lost answer makes no second one.

A shop has no idempotency key. The reference stands in the order's source (``created_via``), which newer shops filter by, and in its
meta, for shops that do not: there the newest orders are looked through (reference, section 11).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pomost.connectors.values import as_text
from pomost.connectors.woocommerce.client import WooCommerceClient, in_parts
from pomost.connectors.woocommerce.extras import PLACED_KEY
from pomost.connectors.woocommerce.mapping import marker_of, moment_of
from pomost.connectors.woocommerce.settings import Settings
from pomost.ports import Json, NeedsPerson, OutgoingOrder, Priority
from pomost.trade.money import line_value
from pomost.trade.order import Address, Basis, OrderLine, Party
from pomost.trade.vat import VatRate

ROOM = 100
"""So long may the source of an order be."""
SKUS_AT_ONCE = 50
PLACES = Decimal("0.000001")
EARLIER = timedelta(hours=1)
"""The clocks of both machines may differ: so much before the intention is looked through."""
SERVICE_UNITS = frozenset({"us\u0142", "us\u0142.", "usl"})


class Placing:
    """Places for one connection; thread-safe."""

    def __init__(self, settings: Settings, client: WooCommerceClient) -> None:
        self._settings = settings
        self._client = client
        self._filters: bool | None = None

    def place(self, what: OutgoingOrder) -> str:
        """One call that makes the order, never repeated here. Raises NeedsPerson ``woocommerce.key-too-long``,
        ``woocommerce.no-product``, and ``woocommerce.placed-differs`` once the order is there at another total than ours."""
        source = f"{self._settings.marker}-{what.key}"
        if len(source) > ROOM:
            raise NeedsPerson(
                "woocommerce.key-too-long",
                f"The reference {what.key} has no room in the source of an order ({ROOM} characters with the marker).",
                "Shorten the name of the company, of the connection or of the step.",
                key=what.key,
            )
        made = self._client.post("orders", self._wire(what, source))
        order_id, total = as_text(made.get("id")), Decimal(as_text(made.get("total")) or "0")
        ours = total_of(what)
        if total != ours:
            raise NeedsPerson(
                "woocommerce.placed-differs",
                f"Order {order_id} was placed in the shop at {total}, and in the ERP it comes to {ours}.",
                "Compare the tax rates of the shop with those of the order; correct the order in the shop, then retry.",
                order=order_id,
            )
        return order_id

    def find(self, key: str, since: datetime | None = None) -> str | None:
        """The order placed under ``key``; should there be two all the same, the older one counts."""
        found: list[int] = []
        filters = self._filters_by_source()
        if filters:
            query: dict[str, str | int] = {
                "created_via": f"{self._settings.marker}-{key}",
                "orderby": "id",
                "order": "asc",
            }
            for rows in self._client.pages(
                "orders", {**query, "_fields": "id,created_via"}, Priority.WRITE_BACK
            ):
                found += [_number(row) for row in rows if marker_of(row, self._settings) == key]
        if not found and (since is not None or not filters):
            found += self._among_newest(key, since)
        return str(min(found)) if found else None

    def _among_newest(self, key: str, since: datetime | None) -> list[int]:
        """By id downwards, until they are older than ``since``; a shop that filters may still not keep the source it was given."""
        end = since - EARLIER if since else None
        query: dict[str, str | int] = {
            "orderby": "id", "order": "desc", "_fields": "id,created_via,date_created_gmt,meta_data",
        }  # fmt: skip
        found: list[int] = []
        for rows in self._client.pages("orders", query, Priority.WRITE_BACK):
            found += [_number(row) for row in rows if marker_of(row, self._settings) == key]
            made = moment_of(as_text(rows[-1].get("date_created_gmt")))
            if end is not None and made is not None and made < end:
                break
        return found

    def _filters_by_source(self) -> bool:
        """Whether the shop heeds the filter: asked for a source that no order has."""
        if self._filters is None:
            rows = self._client.page(
                "orders",
                {"created_via": f"{self._settings.marker}-none", "per_page": 1, "_fields": "id"},
                Priority.WRITE_BACK,
            )
            # a shop without any order tells nothing yet
            if rows or self._client.page("orders", {"per_page": 1, "_fields": "id"}, Priority.WRITE_BACK):
                self._filters = not rows
        return bool(self._filters)

    # the order as it is sent

    def _wire(self, what: OutgoingOrder, source: str) -> Json:
        order, settings = what.order, self._settings
        products = self._products([line.sku for line in order.lines if not self._is_service(line)])
        goods: list[Json] = []
        fees: list[Json] = []
        for line in order.lines:
            net = net_of(line_value(line.price, line.quantity), line.vat, order.basis)
            if self._is_service(line):
                fees.append({"name": line.name or line.sku, "total": net, "tax_status": _taxed(line.vat)})
                continue
            goods.append(
                {
                    **products[line.sku],
                    "quantity": _whole(line),
                    "subtotal": net,
                    "total": net,
                    "name": line.name,
                }
            )
        meta = [{"key": PLACED_KEY, "value": what.key}]
        if order.buyer.tax_id and settings.nip_keys:
            meta.append({"key": settings.nip_keys[0], "value": order.buyer.tax_id})
        if order.wants_invoice and settings.invoice_keys:
            meta.append({"key": settings.invoice_keys[0], "value": "1"})
        wire: Json = {
            "created_via": source,
            "status": what.status or "processing",
            "currency": order.currency,
            "payment_method_title": order.payment.method,
            "customer_note": order.comments,
            "billing": _address(order.buyer) | {"email": order.buyer.email},
            "shipping": _address(order.delivery.to if order.delivery.to.shown_name else order.buyer),
            "line_items": goods,
            "fee_lines": fees,
            "meta_data": meta,
        }
        if order.delivery.price:
            rate = order.delivery.vat or VatRate(Decimal(23))
            wire["shipping_lines"] = [
                {
                    "method_id": "flat_rate",
                    "method_title": order.delivery.method,
                    "total": net_of(order.delivery.price, rate, order.basis),
                }
            ]
        return wire

    def _is_service(self, line: OrderLine) -> bool:
        """Lines that a shop has no product for: they become fees."""
        own = (self._settings.fee_sku, self._settings.discount_sku, "")
        return line.sku in own or line.unit.lower() in SERVICE_UNITS

    def _products(self, skus: list[str]) -> dict[str, Json]:
        """SKU -> the ids that a line is made by. A SKU that the shop does not have would become a nameless line of 0.00."""
        wanted = list(dict.fromkeys(skus))
        found: dict[str, list[Json]] = {}
        for some in in_parts(wanted, SKUS_AT_ONCE):
            query: dict[str, str | int] = {"sku": ",".join(some), "_fields": "id,sku,type,parent_id"}
            for row in self._client.page("products", query, Priority.WRITE_BACK):
                found.setdefault(as_text(row.get("sku")), []).append(row)
        missing = [sku for sku in wanted if len(found.get(sku, ())) != 1]
        if missing:
            raise NeedsPerson(
                "woocommerce.no-product",
                f"The shop does not have exactly one product with the SKU {', '.join(missing)}.",
                "Give the products in the shop the SKUs of the ERP, each one once.",
            )
        return {sku: _ids(rows[0]) for sku, rows in found.items() if sku in wanted}


def net_of(value: Decimal, rate: VatRate, basis: Basis) -> str:
    """The net value that is sent: so exact that the shop's own tax on it makes our gross again."""
    net = value if basis == "net" or rate.special else value / (1 + rate.percent / 100)
    return format(net.quantize(PLACES), "f")


def total_of(what: OutgoingOrder) -> Decimal:
    """What the order comes to, gross."""
    order = what.order
    if order.basis == "gross":
        return order.total
    rates: dict[VatRate, Decimal] = {}
    for line in order.lines:
        rates[line.vat] = rates.get(line.vat, Decimal(0)) + line_value(line.price, line.quantity)
    total = sum((net * (1 + rate.percent / 100) for rate, net in rates.items()), Decimal(0))
    return total.quantize(Decimal("0.01"))


def _taxed(rate: VatRate) -> str:
    return "none" if rate.special else "taxable"


def _ids(row: Json) -> Json:
    if as_text(row.get("type")) == "variation":
        return {"product_id": row.get("parent_id"), "variation_id": row.get("id")}
    return {"product_id": row.get("id")}


def _whole(line: OrderLine) -> int:
    if line.quantity != line.quantity.to_integral_value():
        raise NeedsPerson(
            "woocommerce.part-of-piece",
            f"{line.quantity} of {line.sku} can't be ordered in a shop, which counts whole pieces only.",
            "Sell it in a smaller unit.",
        )
    return int(line.quantity)


def _address(party: Party) -> dict[str, Any]:
    first, _, last = party.name.partition(" ")
    place: Address = party.address
    return {
        "first_name": first,
        "last_name": last,
        "company": party.company,
        "address_1": place.street,
        "postcode": place.postcode,
        "city": place.city,
        "state": place.state,
        "country": place.country,
        "phone": party.phone,
    }


def _number(row: Json) -> int:
    return int(as_text(row.get("id")) or 0)
