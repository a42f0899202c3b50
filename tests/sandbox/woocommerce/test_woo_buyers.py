"""Buyers at the shop: the plain one, wishes, the varied crowd, and the shop as a process of its own."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest

from pomost.sandbox.woocommerce import FAULTS, Crowd, RemoteShop, Settings, Shop
from pomost.sandbox.woocommerce.buying import LOCKER_KEYS, WISHES
from pomost.sandbox.woocommerce.run import options_from
from pomost.sandbox.woocommerce.shop import VERBS

from .conftest import Clock

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "how-to" / "woocommerce-sandbox.md").read_text(encoding="utf-8")


def test_without_a_seed_every_order_is_the_same_plain_one(shop: Shop) -> None:
    one, two = (shop.order(number) for number in shop.place(2))
    assert one["total"] == two["total"] == "44.98"
    assert (one["status"], one["payment_method"], one["created_via"]) == (
        "processing",
        "przelewy24",
        "store-api",
    )
    assert one["transaction_id"].startswith("PRZ-")


def test_the_same_seed_makes_the_same_orders(clock: Clock) -> None:
    def made(seed: int) -> list[object]:
        shop = Shop(Settings(now=clock), seed=seed)
        return [{**shop.order(number), "order_key": ""} for number in shop.place(30)]

    assert made(5) == made(5)
    assert made(5) != made(6)


def test_the_crowd_is_varied(clock: Clock) -> None:
    shop = Shop(Settings(now=clock), seed=2)
    orders = [shop.order(number) for number in shop.place(300)]
    assert {one["payment_method"] for one in orders} == {"przelewy24", "payu", "stripe", "cod", "bacs"}
    assert {"PLN", "EUR"} == {one["currency"] for one in orders}
    assert {"pending", "processing", "on-hold"} <= {one["status"] for one in orders}
    rates = Counter(len(one["tax_lines"]) for one in orders)
    assert rates[2] > 20
    assert rates[3] > 0
    assert any(Decimal(fee["total"]) < 0 for one in orders for fee in one["fee_lines"])
    assert any(one["coupon_lines"] for one in orders)
    assert any(line["variation_id"] for one in orders for line in one["line_items"])
    assert any("Punkt odbioru" in one["shipping"]["company"] for one in orders)
    assert any("Punkt odbioru" in str(one["shipping_lines"]) for one in orders)


@pytest.mark.parametrize("key", LOCKER_KEYS)
def test_a_locker_lies_where_the_plugin_puts_it(shop: Shop, key: str) -> None:
    order = shop.order(shop.place(locker="WAW124M", locker_key=key)[0])
    assert "WAW124M" in json.dumps([order["meta_data"], order["shipping_lines"], order["shipping"]])
    assert order["shipping_lines"][0]["instance_id"] == "2"


def test_wishes_are_heeded(shop: Shop) -> None:
    wishes = {
        "lines": [("TOW-0001", 2), ("KOSZ-CZA-M", 1)],
        "nip": "123-456-32-18",
        "nip_key": "nip",
        "want_invoice": True,
        "payment": "cod",
        "fee": "5.00",
        "company": "Firma",
        "email": "f@example.test",
        "shipping": "courier",
        "note": "szybko",
    }
    order = shop.order(shop.place(**wishes)[0])
    meta = {entry["key"]: entry["value"] for entry in order["meta_data"]}
    assert (meta["nip"], meta["_billing_faktura"]) == ("123-456-32-18", "1")
    assert (order["status"], order["date_paid"], order["customer_note"]) == ("processing", None, "szybko")
    assert order["fee_lines"][0]["total"] == "4.07"
    assert Decimal(order["total"]) == 2 * Decimal("29.99") + 59 + Decimal("14.99") + 5


def test_wishes_nobody_has_and_goods_nobody_sells_are_refused(shop: Shop) -> None:
    with pytest.raises(ValueError, match="colour"):
        shop.place(colour="red")
    with pytest.raises(ValueError, match="NIE-MA"):
        shop.place(lines=[("NIE-MA", 1)])
    with pytest.raises(LookupError, match="9999"):
        shop.pay(9999)


def test_life_goes_on_without_breaking_the_sums(clock: Clock) -> None:
    shop = Shop(Settings(now=clock), seed=9)
    crowd = Crowd(shop, seed=9)
    done = Counter(crowd.step() for _ in range(600))
    assert {"place", "pay", "complete", "cancel", "refund", "trash", "draft"} <= set(done)
    for order in shop.orders():
        lines = (*order["line_items"], *order["shipping_lines"], *order["fee_lines"])
        assert sum(Decimal(one["total"]) + Decimal(one["total_tax"]) for one in lines) == Decimal(
            order["total"]
        )
    assert crowd.error == ""


def test_the_shop_as_a_process_obeys_from_outside() -> None:
    command = [sys.executable, "-m", "pomost.sandbox.woocommerce", "--orders", "2", "--basic-over-http"]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            remote = RemoteShop(told["url"])
            number = remote.place(orders=1, lines=[["TOW-0001", 2]])[0]
            url = f"{told['url']}/wp-json/wc/v3/orders"
            answer = httpx2.get(url, auth=(told["key"], told["secret"]), trust_env=False)
            assert len(answer.json()) == 3
            remote.misbehave(fault="bom")
            assert remote.order(order_id=number)["line_items"][0]["quantity"] == 2
            assert remote.calls()[0]["status"] == 200
            with pytest.raises(ValueError, match="NIE-MA"):
                remote.place(lines=[["NIE-MA", 1]])
            with pytest.raises(LookupError, match="no act"):
                remote.dance()
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_options_become_settings() -> None:
    options = options_from(
        ["--prefix", "/sklep", "--net-prices", "--gateways", "payu", "--catalogue", "shared"]
    )
    assert (options.settings.prefix, options.settings.prices_include_tax) == ("/sklep", False)
    assert (options.settings.gateways, options.settings.catalogue) == (("payu",), "shared")


@pytest.mark.parametrize(
    "wrong",
    [{"prefix": "sklep"}, {"zone": "Nowhere"}, {"catalogue": "all"}, {"batch_limit": -1}, {"delay_s": "1"}],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings(**wrong)  # type: ignore[arg-type]


def test_a_wrong_change_of_settings_changes_nothing(shop: Shop) -> None:
    with pytest.raises(ValueError, match="batch_limit"):
        shop.configure(batch_limit=-1)
    assert shop.settings.batch_limit == 100


@pytest.mark.parametrize("name", [*FAULTS, *VERBS, *WISHES, *(one.name for one in fields(Settings))])
def test_everything_that_can_be_asked_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE or f"`{name}(" in PAGE
