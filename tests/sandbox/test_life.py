"""Time passing in the shop: what buyers and staff do reaches the account, its journal and its API."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pomost.sandbox.baselinker import Sandbox, Settings, life
from pomost.sandbox.baselinker.life import work
from pomost.sandbox.baselinker.replay import totals
from pomost.sandbox.baselinker.run import Options
from pomost.sandbox.baselinker.staff import Staff
from tests.aside import aside

from .conftest import START, Caller, Clock
from .test_process import Process

HOUR = 3600
BUSY = {
    "edits_line": 0.15,
    "edits_address": 0.15,
    "cancels": 0.15,
    "returns": 0.15,
    "splits": 0.1,
    "merges": 0.1,
    "copies": 0.1,
    "unconfirmed": 0.3,
    "unpaid": 0.3,
}


@pytest.fixture
def shop(clock: Clock) -> Any:
    with aside(Sandbox(settings=Settings(clock=clock, limit=0, journal_page=10_000), seed=3)) as running:
        yield running


def pass_time(shop: Sandbox, clock: Clock, seconds: float, **pace: Any) -> int:
    clock.pass_s(seconds)
    return shop.live(seconds, **pace)


def lived(shop: Sandbox) -> list[dict[str, Any]]:
    """All orders, without the address that names the port."""
    return [{**order, "order_page": ""} for order in shop.orders()]


def test_everything_buyers_do_leaves_its_event(shop: Sandbox, clock: Clock) -> None:
    pass_time(shop, clock, 2 * HOUR, rate=3, speed=2000, mix=BUSY)
    caller = Caller(shop)
    with caller.http:
        logs = caller.done("getJournalList")["logs"]
        returned = caller.done("getOrderReturns")["returns"]
    # Created, confirmed, paid, removed, merged, split, address, line, phone, copied, status.
    assert {log["log_type"] for log in logs} == {1, 2, 3, 4, 5, 6, 11, 13, 16, 17, 18}
    assert {line["order_product_id"] > 0 for one in returned for line in one["products"]} == {True}
    assert {"Nowe zamówienia", "Anulowane"} == {order["status"] for order in shop.orders()}
    assert shop.writes() == [], "buyers and the seller's people are not the program under trial"


def test_the_same_seed_lives_the_same_life_and_another_seed_another() -> None:
    lives = []
    for seed in (3, 3, 4):
        clock = Clock()
        with Sandbox(settings=Settings(clock=clock), seed=seed) as shop:
            pass_time(shop, clock, HOUR, rate=2, speed=500, mix=BUSY)
            lives.append(lived(shop))
    assert lives[0] == lives[1] != lives[2]


def test_no_order_appears_with_a_confirmation_older_than_those_before_it(shop: Sandbox, clock: Clock) -> None:
    newest = 0
    known: set[int] = set()
    for _ in range(60):
        pass_time(shop, clock, 60, rate=5, speed=500, mix=BUSY)
        fresh = [o for o in shop.orders() if o["confirmed"] and o["order_id"] not in known]
        assert all(order["date_confirmed"] >= newest for order in fresh)
        known |= {order["order_id"] for order in fresh}
        newest = max([newest, *(order["date_confirmed"] for order in fresh)])
    assert len(known) > 200


def test_a_life_goes_on_where_a_killed_sandbox_left_it(tmp_path: Path) -> None:
    pace: dict[str, Any] = {"rate": 3, "speed": 1000, "mix": BUSY}
    with Sandbox(settings=Settings(clock=lambda: START), seed=3) as shop:
        events = shop.live(HOUR, **pace)
        straight = lived(shop)
    happened = 0
    for _ in range(4):
        with Sandbox(tmp_path / "shop.sqlite", Settings(clock=lambda: START), seed=3) as shop:
            happened += shop.live(HOUR / 5, **pace)
    with Sandbox(tmp_path / "shop.sqlite", Settings(clock=lambda: START), seed=3) as shop:
        while happened < events:
            happened += shop.live(0.5, **pace)
        assert happened == events
        assert lived(shop) == straight


def test_lives_of_two_paces_run_beside_each_other_undisturbed(shop: Sandbox) -> None:
    def bought(shop: Sandbox) -> Counter[str]:
        return Counter(
            f"{o['email']} {[(li['sku'], li['quantity']) for li in o['products']]}" for o in shop.orders()
        )

    slow: dict[str, Any] = {"rate": 2, "speed": 10}
    fast: dict[str, Any] = {"rate": 4, "speed": 10}
    with Sandbox(settings=shop.settings, seed=3) as quiet:
        quiet.live(1200, **slow)
        alone = bought(quiet)
    for pace in (slow, fast, slow, fast):
        assert shop.live(600, **pace) > 0
    together = bought(shop)
    assert alone <= together
    assert together.total() > 2 * alone.total()


def test_lives_begun_before_anything_happens_are_different_ones(shop: Sandbox) -> None:
    paces: list[dict[str, Any]] = [{"rate": 2, "speed": 10}, {"rate": 2, "speed": 20}]
    assert [shop.live(0, **pace) for pace in paces] == [0, 0]
    for pace in paces:
        shop.live(600, **pace)
    emails = [order["email"] for order in shop.orders()]
    half = len(emails) // 2
    assert emails[:half] != emails[half : 2 * half]


def test_orders_of_the_own_shop_are_numbered_once_however_they_come(shop: Sandbox) -> None:
    calm = dict.fromkeys(("splits", "copies", "merges"), 0.0)
    shop.place(30, source="shop")
    shop.live(HOUR, rate=2, mix=calm)
    shop.live(HOUR, rate=3, mix=calm)
    shop.place(30, source="shop")
    numbers = [o["shop_order_id"] for o in shop.orders() if o["order_source"] == "shop"]
    assert len(numbers) == len(set(numbers)) > 100


def test_a_very_long_life_is_not_retold_at_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life, "LONGEST", 10)
    first: list[Counter[str]] = []
    for _ in range(3):
        with Sandbox(tmp_path / "shop.sqlite", Settings(clock=lambda: START), seed=3) as shop:
            before = len(shop.orders())
            shop.live(HOUR, rate=1)
            first.append(Counter(order["email"] for order in shop.orders()[before:]))
    assert first[0] != first[1] != first[2] != first[0]


def test_buyers_give_up_where_somebody_else_was_first(shop: Sandbox) -> None:
    shop.live(HOUR, rate=3, speed=100, mix=BUSY)
    for order in shop.orders():
        shop.remove(order["order_id"])
    assert shop.live(HOUR, rate=3, speed=100, mix=BUSY) > 0
    assert len(shop.orders()) > 60


def test_what_was_sent_is_neither_cancelled_nor_changed(shop: Sandbox) -> None:
    mix = {"cancels": 0.5, "edits_line": 0.5, "edits_address": 0, "returns": 0, "splits": 0, "merges": 0}
    pace: dict[str, Any] = {
        "rate": 3,
        "speed": 10,
        "mix": {**mix, "copies": 0, "unconfirmed": 0, "unpaid": 0},
    }
    shop.live(1, **pace)
    shop.live(2 * 60, **pace)
    sent = [order["order_id"] for order in shop.orders()]
    assert sent
    shop.move_all("Nowe zamówienia", "Wysłane")
    before = {order["order_id"]: order for order in shop.orders() if order["status"] == "Wysłane"}
    shop.live(2 * HOUR, **pace)
    assert {key: shop.order(key) for key in before} == before


def test_staff_move_what_has_waited_long_enough_in_steps(shop: Sandbox, clock: Clock) -> None:
    placed = shop.place(40, status="W realizacji")
    options = Options(seed=3, pack_after_s=60, send_after_s=30, staff_share=0.5)
    staff = options.staff()
    assert [(one.packs_from, one.packs_to) for one in staff] == [
        ("W realizacji", "Spakowane"),
        ("Spakowane", "Wysłane"),
    ]
    clock.pass_s(59)
    assert work(shop.shop, staff) == 0
    clock.pass_s(1)
    packed = work(shop.shop, staff)
    assert 0 < packed < 40, "a part of the orders is never dealt with"
    clock.pass_s(1000)
    sent = work(shop.shop, staff)
    assert Counter(shop.order(order_id)["status"] for order_id in placed) == Counter(
        {"W realizacji": 40 - packed, "Spakowane": packed - sent, "Wysłane": sent}
    )


def test_staff_and_carriers_are_there_only_when_asked_for() -> None:
    assert Options().staff() == []
    (carrier,) = Options(deliver_after_s=5).staff()
    assert (carrier.packs_from, carrier.packs_to) == ("Wysłane", "Doręczone")
    with pytest.raises(ValueError, match="share is 2"):
        Options(pack_after_s=1, staff_share=2).staff()
    assert isinstance(carrier, Staff)


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_a_process_lives_by_itself_and_ends_cleanly(tmp_path: Path) -> None:
    options = ("--limit", "0", "--seed", "4", "--rate", "1200", "--speed", "100000", "--pack-after", "0.05")
    process = Process(*options, "--send-after", "0.05", "--deliver-after", "0.05")
    try:
        shop = process.sandbox
        wait_until(lambda: len(shop.orders()) > 20)
        order_id = next(o["order_id"] for o in shop.orders() if o["status"] == "Nowe zamówienia")
        shop.move(order_id, "W realizacji")
        wait_until(lambda: shop.order(order_id)["status"] == "Doręczone")
        wait_until(lambda: any(shop.returns(order["order_id"]) for order in shop.orders()))
    finally:
        assert process.end(signal.SIGTERM) == 0


# The real orders.


@pytest.fixture(scope="module")
def real() -> Path:
    shared = Path(os.environ.get("POMOST_SHARED", Path(__file__).parents[2].parent / "shared"))
    path = shared / "data" / "online-retail" / "orders.csv"
    if not path.exists():
        pytest.skip(
            "The Online Retail data is not here; set POMOST_SHARED to the folder with data/online-retail"
        )
    return path


def paged(call: Caller) -> list[dict[str, Any]]:
    """All orders as a careful program reads them: by id, without a date."""
    found: list[dict[str, Any]] = []
    while True:
        after = found[-1]["order_id"] + 1 if found else 0
        page = call.done("getOrders", id_from=after)["orders"]
        found += page
        if len(page) < 100:
            return found


def test_real_orders_come_out_of_the_api_as_they_are_in_the_file(
    sandbox: Sandbox, call: Caller, real: Path
) -> None:
    counted = totals(real)
    assert sandbox.replay(str(real)) == counted.invoices
    orders = paged(call)
    lines = [line for order in orders for line in order["products"]]
    value = sum((Decimal(str(li["price_brutto"])) * li["quantity"] for li in lines), Decimal(0))
    assert (len(orders), len(lines), value) == (counted.invoices, counted.lines, counted.value)
    assert min(line["quantity"] for line in lines) < 0
    assert len({line["order_product_id"] for line in lines}) == counted.lines


def test_replaying_again_adds_nothing(sandbox: Sandbox, real: Path) -> None:
    first = sandbox.replay(str(real))
    assert (sandbox.replay(str(real)), len(sandbox.orders())) == (0, first)


def test_recent_orders_keep_their_gaps_and_end_now(sandbox: Sandbox, tmp_path: Path) -> None:
    head = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    rows = ("1,A,Lamp,1,2010-12-01 08:00:00,2.5,,France", "2,A,Lamp,-1,2010-12-01 09:00:00,2.5,,France")
    path = tmp_path / "orders.csv"
    path.write_text("\n".join((head, *rows)))
    assert sandbox.replay(str(path), vat_rate=5, recent=True) == 2
    assert [(o["date_confirmed"], o["products"][0]["quantity"]) for o in sandbox.orders()] == [
        (int(START) - HOUR, 1),
        (int(START), -1),
    ]
    assert {o["products"][0]["tax_rate"] for o in sandbox.orders()} == {5}


def test_a_file_that_cannot_be_replayed_places_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("InvoiceNo\n1\n")
    with pytest.raises(ValueError, match="row 1 must name the column StockCode"):
        sandbox.replay(str(path))
    with pytest.raises(OSError, match=r"absent\.csv"):
        sandbox.replay(str(tmp_path / "absent.csv"))
    assert sandbox.orders() == []
