"""Orders and stock belong together: what buyers order leaves the catalogue at once."""

from typing import Any

import pytest

from pomost.sandbox.baselinker import Sandbox

from .conftest import Caller

SHELF, MUG = 30711, 700_200_301
LINE = {"sku": "KUBEK-01", "quantity": 3}


def add(call: Caller, **sent: Any) -> int:
    return int(call.done("addInventoryProduct", inventory_id=SHELF, **sent)["product_id"])


def test_an_order_lowers_the_stock_at_once_and_no_api_call_wrote_it(sandbox: Sandbox) -> None:
    order_id = sandbox.place(lines=[LINE])[0]
    assert sandbox.stock(MUG) == {"bl_20517": 237, "bl_20518": 0, "shop_8235": 11}
    assert (sandbox.product_writes(MUG), sandbox.write_counts()) == ([], {})
    (sale,) = sandbox.sales(order_id)
    assert (sale["product_id"], sale["warehouse"], sale["quantity"], sale["before"]) == (
        MUG,
        "bl_20517",
        3,
        240,
    )


def test_the_line_names_the_warehouse(sandbox: Sandbox) -> None:
    sandbox.set_stock(MUG, 5, "bl_20518")
    sandbox.place(lines=[{**LINE, "warehouse_id": 20518}])
    assert sandbox.stock(MUG)["bl_20518"] == 2


def test_stock_stays_where_it_does_not_follow_orders(sandbox: Sandbox) -> None:
    sandbox.configure(stock_follows_orders=False)
    sandbox.place(lines=[LINE])
    assert sandbox.stock(MUG)["bl_20517"] == 240


def test_a_product_made_by_the_api_is_ordered_by_its_sku(sandbox: Sandbox, call: Caller) -> None:
    number = add(call, sku="NOWY", stock={"bl_20517": 10})
    order_id = sandbox.place(lines=[{"sku": "NOWY", "quantity": 4, "price_brutto": 5}])[0]
    assert sandbox.order(order_id)["products"][0]["product_id"] == str(number)
    assert sandbox.stock(number) == {"bl_20517": 6}


def test_a_line_unknown_to_the_catalogue_takes_nothing(sandbox: Sandbox) -> None:
    before = sandbox.figures()
    order_id = sandbox.place(lines=[{"sku": "OBCY", "quantity": 4, "price_brutto": 5}])[0]
    assert (sandbox.figures(), sandbox.sales(order_id)) == (before, [])


def test_a_bundle_takes_its_parts_and_a_product_its_fullest_variant(sandbox: Sandbox, call: Caller) -> None:
    bundle = add(call, sku="ZESTAW", is_bundle=True, bundle_products={str(MUG): 2, str(MUG + 1): 1})
    sandbox.place(lines=[{"sku": "ZESTAW", "quantity": 5, "price_brutto": 80}])
    assert [sandbox.stock(number)["bl_20517"] for number in (MUG, MUG + 1, bundle)] == [230, 175, 115]
    shirt = add(call, sku="KOSZULKA")
    small, large = (add(call, parent_id=shirt, sku=f"K-{n}", stock={"bl_20517": n}) for n in (3, 9))
    sandbox.place(lines=[{"sku": "KOSZULKA", "quantity": 2, "price_brutto": 50}])
    assert [sandbox.stock(number)["bl_20517"] for number in (shirt, small, large)] == [10, 3, 7]


def test_orders_reserve_where_the_inventory_reserves_and_take_when_sent(
    sandbox: Sandbox, call: Caller
) -> None:
    call.done("addInventory", inventory_id=SHELF, reservations=True)
    sent, cancelled = sandbox.place(2, lines=[LINE])

    def shown() -> tuple[int, int]:
        found = call.done("getInventoryProductsStock", inventory_id=SHELF)["products"][str(MUG)]
        held = found["reservations"]
        # Where nothing is reserved the empty map arrives as a list.
        return found["stock"]["bl_20517"], held["bl_20517"] if held != [] else 0

    assert shown() == (240, 6)
    sandbox.move(cancelled, "Anulowane")
    assert shown() == (240, 3)
    call.done("setOrderStatus", order_id=sent, status_id=41005)
    assert shown() == (237, 0)
    sandbox.move(sent, "Doręczone")
    assert shown() == (237, 0)


def test_buyers_get_what_is_not_there_and_the_sandbox_remembers(sandbox: Sandbox, call: Caller) -> None:
    sandbox.set_stock(MUG, 2)
    sandbox.place(2, lines=[LINE])
    assert (sandbox.stock(MUG)["bl_20517"], sandbox.oversold()) == (-4, {MUG: 4})
    call.done("updateInventoryProductsStock", inventory_id=SHELF, products={str(MUG): {"bl_20517": 50}})
    assert sandbox.oversold() == {MUG: 4}


def test_buyers_buy_no_more_than_the_stock_shows_where_it_is_the_limit(sandbox: Sandbox) -> None:
    sandbox.configure(sell_beyond_stock=False)
    sandbox.set_stock(MUG, 5)
    placed = sandbox.place(4, lines=[LINE])
    assert [sandbox.order(number)["products"][0]["quantity"] for number in placed] == [3, 2]
    assert (sandbox.stock(MUG)["bl_20517"], sandbox.oversold()) == (0, {})
    second = sandbox.order(placed[1])
    assert second["payment_done"] == pytest.approx(2 * 29.95 + 14.99)


def test_a_line_that_is_sold_out_falls_away_from_the_order(sandbox: Sandbox) -> None:
    sandbox.configure(sell_beyond_stock=False)
    sandbox.set_stock(MUG, 0)
    (order_id,) = sandbox.place(lines=[LINE, {"sku": "KUBEK-02", "quantity": 1}])
    assert [line["sku"] for line in sandbox.order(order_id)["products"]] == ["KUBEK-02"]


def test_a_long_life_within_the_stock_sells_out_and_never_below_zero() -> None:
    with Sandbox(seed=5) as shop:
        shop.configure(sell_beyond_stock=False, limit=0)
        for number in shop.products():
            shop.set_stock(number, 3)
        for _ in range(4):
            shop.live(3600, rate=6, speed=60, mix={"cancels": 0.2, "splits": 0.2, "returns": 0.2})
        figures = [row["bl_20517"] for row in shop.figures().values()]
        assert (min(figures), shop.oversold()) == (0, {})
        sold = sum(sale["quantity"] for sale in shop.sales())
        assert sold == 3 * 61 - sum(figures) > 100


def test_a_long_life_beyond_the_stock_keeps_every_piece_accounted_for() -> None:
    with Sandbox(seed=5) as shop:
        before = {number: row["bl_20517"] for number, row in shop.figures().items()}
        shop.live(3600, rate=6, speed=60)
        after = {number: row["bl_20517"] for number, row in shop.figures().items()}
        sold = dict.fromkeys(before, 0)
        for sale in shop.sales():
            sold[sale["product_id"]] += sale["quantity"]
        assert after == {number: before[number] - sold[number] for number in before}
        assert sum(sold.values()) > 0


def test_what_the_api_adds_to_orders_takes_nothing(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place(lines=[LINE])[0]
    line = {"product_id": str(MUG), "storage": "db", "storage_id": SHELF, "quantity": 5, "price_brutto": 1}
    call.done("addOrderProduct", order_id=order_id, **line)
    assert sandbox.stock(MUG)["bl_20517"] == 237
