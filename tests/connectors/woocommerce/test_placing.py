"""Orders of the ERP placed in a shop: at our total, once, and found again whatever the shop can do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pomost.config.woocommerce import INVOICE_KEYS, NIP_KEYS
from pomost.connectors.woocommerce import Settings, WooCommerceChannel
from pomost.ports import InDoubt, NeedsPerson, OutgoingOrder
from pomost.sandbox.woocommerce import Settings as ShopSettings
from pomost.sandbox.woocommerce import Shop
from pomost.trade.order import Address, Delivery, Order, OrderLine, Party, Payment
from pomost.trade.vat import VatRate
from tests.aside import aside

D = Decimal
KEY = "ledger:17/place"


class NoLimit:
    def acquire(self, priority: int) -> None:
        pass

    def block(self, until: datetime) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[Shop]:
    with aside(Shop(ShopSettings(catalogue="shared"), seed=0)) as running:
        yield running


@pytest.fixture
def channel(shop: Shop) -> Iterator[WooCommerceChannel]:
    made = WooCommerceChannel(
        Settings("sklep", shop.url, shop.key, shop.secret, nip_keys=NIP_KEYS, invoice_keys=INVOICE_KEYS),
        NoLimit(),
    )
    yield made
    made.close()


def line(sku: str, quantity: str, price: str, rate: str = "23", **more: Any) -> OrderLine:
    return OrderLine(sku, sku, f"Towar {sku}", D(quantity), D(price), VatRate.of(rate), **more)


def order_of(*lines: OrderLine, **more: Any) -> Order:
    buyer = Party("Jan Kowalski", "Kubkowo sp. z o.o.", "1234563218", "jan@example.com", "600100200",
                  Address("Prosta 1", "00-001", "Warszawa", "", "PL"))  # fmt: skip
    known = {
        "id": "17", "number": "RO/1/2026", "source": "ledger", "status": "approved", "confirmed": True,
        "placed_at": datetime(2026, 11, 25, tzinfo=UTC), "confirmed_at": None, "currency": "PLN", "buyer": buyer,
        "lines": lines, "payment": Payment("Przelew"), "wants_invoice": True,
    }  # fmt: skip
    return Order(**{**known, **more})


def vat_of(shop: Shop, sku: str) -> str:
    return {"": "23", "vat-8": "8", "vat-5": "5"}.get(shop.product(sku)["tax_class"], "23")


@pytest.mark.parametrize("price", ["26.00", "0.01", "3.33", "99.99", "12.37"])
@pytest.mark.parametrize("quantity", ["1", "3", "7"])
def test_the_order_in_the_shop_comes_to_our_total(
    shop: Shop, channel: WooCommerceChannel, quantity: str, price: str
) -> None:
    order = order_of(line("KUBEK-1", quantity, price, vat_of(shop, "KUBEK-1")))
    placed = channel.place(OutgoingOrder(KEY, order, "processing"))
    shown = shop.order(int(placed))
    assert D(shown["total"]) == order.total
    assert (shown["status"], shown["created_via"]) == ("processing", f"pomost-{KEY}")
    assert (shown["billing"]["company"], shown["billing"]["city"]) == ("Kubkowo sp. z o.o.", "Warszawa")
    seen = channel.read(placed)
    assert seen is not None
    assert seen.order is not None
    assert (seen.marker, seen.order.buyer.tax_id, seen.order.wants_invoice) == (KEY, "1234563218", True)
    assert seen.order.total == order.total


def test_services_become_fees_and_delivery_a_shipping_line(shop: Shop, channel: WooCommerceChannel) -> None:
    order = order_of(
        line("KUBEK-1", "2", "26.00", vat_of(shop, "KUBEK-1")),
        line("TRANSPORT", "1", "14.99", unit="usł"),
        delivery=Delivery("Kurier", D("9.99"), vat=VatRate(D(23))),
    )
    shown = shop.order(int(channel.place(OutgoingOrder(KEY, order, ""))))
    assert D(shown["total"]) == order.total
    assert [one["name"] for one in shown["fee_lines"]] == ["Towar TRANSPORT"]
    assert [one["method_title"] for one in shown["shipping_lines"]] == ["Kurier"]


def test_net_prices_are_placed_too(shop: Shop, channel: WooCommerceChannel) -> None:
    order = order_of(line("KUBEK-1", "3", "10.00", vat_of(shop, "KUBEK-1")), basis="net")
    shown = shop.order(int(channel.place(OutgoingOrder(KEY, order, ""))))
    assert D(shown["total"]) == D("36.90")


@pytest.mark.parametrize("filters", [True, False])
def test_it_is_found_again_and_only_it(shop: Shop, channel: WooCommerceChannel, filters: bool) -> None:
    shop.configure(created_via_filter=filters)
    shop.place(orders=3)
    order = order_of(line("KUBEK-1", "1", "26.00", vat_of(shop, "KUBEK-1")))
    before = datetime.now(UTC)
    assert channel.find_placed(KEY, before) is None
    placed = channel.place(OutgoingOrder(KEY, order, "processing"))
    assert channel.find_placed(KEY, before) == placed
    assert channel.find_placed(KEY) == placed
    assert channel.find_placed("ledger:1/place", before) is None
    assert channel.find_placed("ledger:177/place") is None


def test_a_shop_that_does_not_keep_the_source_is_asked_by_the_meta(
    shop: Shop, channel: WooCommerceChannel
) -> None:
    order = order_of(line("KUBEK-1", "1", "26.00", vat_of(shop, "KUBEK-1")))
    before = datetime.now(UTC)
    placed = channel.place(OutgoingOrder(KEY, order, "processing"))
    with shop.store.lock:
        shop.store.orders[int(placed)]["created_via"] = "rest-api"
    assert channel.find_placed(KEY, before - timedelta(hours=2)) == placed


def test_after_a_lost_answer_it_is_found_and_not_placed_again(
    shop: Shop, channel: WooCommerceChannel
) -> None:
    order = order_of(line("KUBEK-1", "1", "26.00", vat_of(shop, "KUBEK-1")))
    before = datetime.now(UTC)
    shop.misbehave("cut-after", path="/orders", method="POST")
    with pytest.raises(InDoubt):
        channel.place(OutgoingOrder(KEY, order, "processing"))
    found = channel.find_placed(KEY, before)
    assert found is not None
    assert len(shop.orders()) == 1


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (OutgoingOrder(KEY, order_of(line("NIE-MA", "1", "1.00")), ""), "woocommerce.no-product"),
        (OutgoingOrder(KEY, order_of(line("KUBEK-1", "0.5", "1.00")), ""), "woocommerce.part-of-piece"),
        (
            OutgoingOrder(KEY, order_of(line("KUBEK-1", "1", "1.00")), "wymyślony"),
            "woocommerce.unknown-status",
        ),
        (OutgoingOrder("k" * 120, order_of(line("KUBEK-1", "1", "1.00")), ""), "woocommerce.key-too-long"),
    ],
)
def test_what_a_shop_can_not_take_is_said_before_anything_is_placed(
    shop: Shop, channel: WooCommerceChannel, what: OutgoingOrder, code: str
) -> None:
    with pytest.raises(NeedsPerson) as refusal:
        channel.place(what)
    assert refusal.value.code == code
    assert shop.orders() == []


def test_another_total_is_told_and_the_order_is_not_placed_twice(
    shop: Shop, channel: WooCommerceChannel
) -> None:
    order = order_of(line("KUBEK-1", "1", "26.00", "8"))
    what = OutgoingOrder(KEY, replace(order), "processing")
    with pytest.raises(NeedsPerson) as refusal:
        channel.place(what)
    assert refusal.value.code == "woocommerce.placed-differs"
    assert channel.find_placed(KEY, datetime.now(UTC)) == refusal.value.facts["order"]
