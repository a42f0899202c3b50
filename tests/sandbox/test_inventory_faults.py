"""The catalogue misbehaves on request, and is read page by page while it changes."""

import contextlib
import threading
import time
from typing import Any

import httpx2
import pytest

from pomost.sandbox.baselinker import Sandbox, Settings, catalogue

from .conftest import Caller

SHELF, MUG = 30711, 700_200_301
STOCK = "updateInventoryProductsStock"


def batch(*numbers: int, pieces: int = 1) -> dict[str, Any]:
    return {"inventory_id": SHELF, "products": {str(number): {"bl_20517": pieces} for number in numbers}}


def pages(call: Caller, method: str, **sent: Any) -> list[list[int]]:
    found: list[list[int]] = []
    while True:
        page = call.done(method, inventory_id=SHELF, page=len(found) + 1, **sent)["products"]
        if page == []:
            return found
        found.append([int(number) for number in page])


LISTS = ("getInventoryProductsList", "getInventoryProductsStock", "getInventoryProductsPrices")


@pytest.fixture(scope="module")
def large() -> Any:
    with Sandbox(settings=Settings(limit=0)) as shop:
        shop.fill_catalogue(3500)
        caller = Caller(shop)
        with caller.http:
            yield caller


@pytest.mark.parametrize("method", LISTS)
def test_pages_of_a_thousand_hold_every_product_once(large: Caller, method: str) -> None:
    read = pages(large, method)
    assert [len(page) for page in read] == [1000, 1000, 1000, 561]
    assert [number for page in read for number in page] == large.sandbox.products()
    # Also when a page is asked for out of turn.
    third = large.done(method, inventory_id=SHELF, page=3)["products"]
    assert [int(number) for number in third] == read[2]


def test_a_filtered_list_has_pages_too(large: Caller) -> None:
    read = pages(large, "getInventoryProductsList", filter_name="wariant", filter_sort="id DESC")
    assert [len(page) for page in read] == [1000, 1000, 1000, 500]
    assert read[0][0] == large.sandbox.products()[-1]


@pytest.mark.parametrize("method", LISTS)
def test_a_product_deleted_on_a_read_page_hides_one_of_the_next(method: str) -> None:
    with Sandbox(settings=Settings(limit=0)) as shop:
        shop.fill_catalogue(2000)
        everything = shop.products()
        caller = Caller(shop)
        shop.misbehave("shifting-page", method=method, how="deleted")
        read = [number for page in pages(caller, method) for number in page]
        assert set(everything) - set(read) == {everything[1000]}
        assert len(shop.products()) == 2060
        caller.http.close()


@pytest.mark.parametrize("method", LISTS)
def test_a_product_that_appears_before_a_read_page_repeats_one(method: str) -> None:
    with Sandbox(settings=Settings(limit=0)) as shop:
        shop.fill_catalogue(2000)
        everything = shop.products()
        caller = Caller(shop)
        shop.misbehave("shifting-page", method=method)
        read = [number for page in pages(caller, method) for number in page]
        assert sorted(read) == sorted([*everything, everything[999]])
        caller.http.close()


def test_part_of_a_batch_gets_a_warning_and_the_rest_is_written(sandbox: Sandbox, call: Caller) -> None:
    sandbox.misbehave("partial-batch", products=[MUG + 1])
    answer = call.done(STOCK, **batch(MUG, MUG + 1, MUG + 2))
    assert answer == {"counter": 2, "warnings": {str(MUG + 1): "Product could not be saved, try again later"}}
    assert [sandbox.stock(number)["bl_20517"] for number in (MUG, MUG + 1, MUG + 2)] == [1, 180, 1]
    assert call.done(STOCK, **batch(MUG + 1)) == {"counter": 1, "warnings": ""}


def test_a_counter_is_lower_without_a_word(sandbox: Sandbox, call: Caller) -> None:
    sandbox.misbehave("silent-partial", method="updateInventoryProductsPrices", count=2)
    sent = {str(MUG + nth): {"21001": 1} for nth in range(5)}
    assert call.done(STOCK, **batch(MUG))["counter"] == 1
    answer = call.done("updateInventoryProductsPrices", inventory_id=SHELF, products=sent)
    assert answer == {"counter": 3, "warnings": ""}
    assert sorted(sandbox.write_counts("prices").values()) == [1, 1, 1]
    assert len([n for n in range(5) if sandbox.prices(MUG + n)["21001"] == 1]) == 3


def test_a_product_is_gone_when_the_batch_arrives(sandbox: Sandbox, call: Caller) -> None:
    sandbox.misbehave("product-gone", products=[MUG])
    call.done("getInventoryProductsList", inventory_id=SHELF)
    answer = call.done(STOCK, **batch(MUG, MUG + 1))
    assert answer == {"counter": 1, "warnings": {str(MUG): f"Product {MUG} does not exist"}}
    refused = call.refused("addInventoryProduct", inventory_id=SHELF, product_id=MUG, sku="X")
    assert refused[0] == "ERROR_PRODUCT_ID"


def test_a_figure_drifts_after_the_call_that_set_it(sandbox: Sandbox, call: Caller) -> None:
    sandbox.misbehave("stock-drift", by=-3, products=[MUG])
    call.done(STOCK, **batch(MUG, pieces=10))
    assert sandbox.stock(MUG)["bl_20517"] == 7
    logs = call.done("getInventoryProductLogs", product_id=MUG, sort="DESC")["logs"]
    assert [log["profile"] for log in logs[:2]] == ["Panel", "API"]
    assert sandbox.write_counts() == {MUG: 1}


def test_a_figure_drifts_while_pages_are_only_read(sandbox: Sandbox, call: Caller) -> None:
    before = sandbox.figures()
    sandbox.misbehave("stock-drift", method="getInventoryProductsStock", by=5)
    call.done("getInventoryProductsStock", inventory_id=SHELF)
    changed = {number for number, row in sandbox.figures().items() if row != before[number]}
    assert len(changed) == 1
    assert sandbox.product_writes() == []


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        ("http-502", False),
        ("html-200", False),
        ("cut-before", False),
        ("error-not-done", False),
        ("cut-after", True),
        ("timeout-but-done", True),
        ("error-but-done", True),
        ("truncated-json", True),
    ],
)
def test_faults_of_the_connection_hit_stock_batches_too(
    sandbox: Sandbox, call: Caller, fault: str, done: bool
) -> None:
    sandbox.misbehave(fault, method=STOCK, **({"seconds": 0.05} if fault == "timeout-but-done" else {}))
    with (
        pytest.raises(httpx2.RemoteProtocolError)
        if fault.startswith(("cut", "timeout"))
        else contextlib.nullcontext()
    ):
        call.post(STOCK, **batch(MUG, pieces=9))
    assert sandbox.stock(MUG)["bl_20517"] == (9 if done else 240)
    assert sandbox.write_counts() == ({MUG: 1} if done else {})
    call.done(STOCK, **batch(MUG, pieces=9))
    assert sandbox.stock(MUG)["bl_20517"] == 9


def test_a_block_hits_the_catalogue_as_all_else(sandbox: Sandbox, call: Caller) -> None:
    sandbox.misbehave("block-now", method=STOCK)
    assert call.refused(STOCK, **batch(MUG))[0] == "ERROR_BLOCKED_TOKEN"
    assert sandbox.stock(MUG)["bl_20517"] == 240


def test_warnings_arrive_as_text_list_or_map_when_there_are_none(sandbox: Sandbox, call: Caller) -> None:
    seen = []
    for kind in ("text", "list", "map"):
        sandbox.configure(empty_warnings=kind)
        seen.append(call.done(STOCK, **batch(MUG))["warnings"])
    assert seen == ["", [], {}]


def test_figures_arrive_as_text_where_the_account_is_odd(sandbox: Sandbox, call: Caller) -> None:
    sandbox.misbehave("strings-for-numbers")
    found = call.done("getInventoryProductsStock", inventory_id=SHELF)["products"][str(MUG)]
    assert (found["product_id"], found["stock"]["bl_20517"]) == (str(MUG), "240")


def test_writes_are_told_in_their_order_and_counted_per_product(sandbox: Sandbox, call: Caller) -> None:
    call.done(STOCK, **batch(MUG, MUG + 1, pieces=4))
    call.done(STOCK, **batch(MUG, pieces=4))
    call.done("updateInventoryProductsPrices", inventory_id=SHELF, products={str(MUG): {"21001": "7.50"}})
    told = [(write.product_id, write.kind, write.changed) for write in sandbox.product_writes()]
    assert told == [
        (MUG, "stock", {"bl_20517": 4}),
        (MUG + 1, "stock", {"bl_20517": 4}),
        (MUG, "stock", {"bl_20517": 4}),
        (MUG, "prices", {"21001": 7.5}),
    ]
    assert sandbox.write_counts() == {MUG: 2, MUG + 1: 1}
    assert len(sandbox.product_writes(MUG, kind="stock")) == 2


def test_two_callers_write_at_once_and_every_batch_stands_whole(sandbox: Sandbox) -> None:
    numbers = [int(item.product_id) for item in catalogue.ITEMS]

    def write(pieces: int) -> None:
        caller = Caller(sandbox)
        with caller.http:
            for _ in range(20):
                answer = caller.done(STOCK, **batch(*numbers, pieces=pieces))
                assert answer["counter"] == len(numbers)

    threads = [threading.Thread(target=write, args=(pieces,)) for pieces in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert set(sandbox.write_counts().values()) == {40}
    assert len({row["bl_20517"] for row in sandbox.figures().values()}) == 1
    told = [write.changed["bl_20517"] for write in sandbox.product_writes(kind="stock")]
    whole = [told[start : start + len(numbers)] for start in range(0, len(told), len(numbers))]
    assert all(len(set(one)) == 1 for one in whole)


def test_buyers_and_a_writer_at_once_lose_no_piece(sandbox: Sandbox) -> None:
    def buy() -> None:
        for _ in range(50):
            sandbox.place(lines=[{"sku": "KUBEK-02", "quantity": 1}])

    def write() -> None:
        caller = Caller(sandbox)
        with caller.http:
            for _ in range(20):
                caller.done(STOCK, **batch(MUG))

    threads = [threading.Thread(target=act) for act in (buy, buy, write)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sandbox.stock(MUG + 1)["bl_20517"] == 180 - 100


def test_a_hundred_thousand_products_are_made_read_and_updated_within_seconds() -> None:
    with Sandbox(settings=Settings(limit=0)) as shop:
        began = time.perf_counter()
        assert shop.fill_catalogue(100_000) == 100_061
        assert time.perf_counter() - began < 20
        first = catalogue.many(1)[0]
        truth = shop.product(sku=first.sku)
        assert (truth["name"], truth["stock"]) == (first.name, {"bl_20517": first.stock})
        assert truth["prices"]["21001"] == pytest.approx(float(first.price_gross))
        caller = Caller(shop)
        with caller.http:
            assert (
                len(caller.done("getInventoryProductsStock", inventory_id=SHELF, page=100)["products"])
                == 1000
            )
            numbers = shop.products()[-1000:]
            began = time.perf_counter()
            assert caller.done(STOCK, **batch(*numbers, pieces=77))["counter"] == 1000
            assert time.perf_counter() - began < 1
        figures = shop.figures()
        assert {figures[number]["bl_20517"] for number in numbers} == {77}
        assert figures[numbers[0] - 1]["bl_20517"] <= 500


@pytest.mark.parametrize("products", [-1, 1_000_001])
def test_a_catalogue_of_an_impossible_size_is_refused(sandbox: Sandbox, products: int) -> None:
    with pytest.raises(ValueError, match="cannot be made; ask for 0 to 1000000"):
        sandbox.fill_catalogue(products)
