"""``pomost doctor woocommerce`` at a shop that is well, and at shops that ail."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pomost.cli.doctor import text_of, texts
from pomost.cli.main import app
from pomost.ports.account import Finding
from pomost.sandbox.woocommerce import Settings, Shop
from tests.woo_house import RETURNS, SALE, WooHouse

GOOD = ("przelewy24", "payu")


@pytest.fixture
def ail(tmp_path: Path) -> Iterator[Callable[..., dict[str, Finding]]]:
    """The findings at a shop with these ``settings``, by check; ``connection``: how ours differs."""
    shops: list[Shop] = []

    def build(
        then: Callable[[Shop], None] | None = None, connection: dict[str, Any] | None = None, **settings: Any
    ) -> dict[str, Finding]:
        shop = Shop(Settings(**{"catalogue": "shared", "gateways": GOOD, **settings}), seed=0).start()
        shops.append(shop)
        shop.place(lines=[("KUBEK-1", 1)], payment="payu", paid=True)
        if then:
            then(shop)
        flows = [SALE, RETURNS]
        house = WooHouse(
            tmp_path / str(len(shops)), shop, stocked=False, flows=flows, woocommerce=connection or {}
        )
        try:
            channel: Any = house.pomost.channels["woocommerce"]
            findings = list(channel.look_over(house.pomost.limiters["woocommerce"]))
        finally:
            house.stop()
        for one in findings:
            # every finding has its words in both languages
            for language in ("pl", "en"):
                assert text_of("woocommerce", one, language)
        return {one.check: one for one in findings}

    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    yield build
    for shop in shops:
        shop.stop()


def verdicts(found: dict[str, Finding]) -> dict[str, str]:
    return {name: one.verdict for name, one in found.items()}


def test_a_shop_that_is_well(ail: Callable[..., dict[str, Finding]]) -> None:
    found = verdicts(ail())
    assert set(found.values()) == {"ok"}
    assert set(found) == {
        "address", "keys", "writing", "versions", "orders", "clock", "changes", "sources", "refunds", "cache", "taxes",
        "payments", "stock", "invoices", "webhooks",
    }  # fmt: skip


def set_option(shop: Shop, group: str, name: str, value: str) -> None:
    with shop.store.lock:
        shop.store.options[group][name] = value


def add_meta(shop: Shop) -> None:
    shop.edit(shop.orders()[0]["id"], meta_data=[{"key": "_wcpdf_invoice_number", "value": "7"}])


@pytest.mark.parametrize(
    ("settings", "check", "verdict", "says"),
    [
        ({"pretty_permalinks": False}, "address", "fault", "permalinks"),
        ({"modified_filters": False}, "changes", "fault", ""),
        ({"created_via_filter": False}, "sources", "warning", ""),
        ({"hpos": False}, "orders", "warning", ""),
        ({"version": "5.7.1"}, "versions", "fault", ""),
        ({"calc_taxes": False}, "taxes", "fault", "off"),
        ({"prices_include_tax": False}, "taxes", "warning", "net"),
        ({"round_at_subtotal": True}, "rounding", "warning", ""),
        ({"gateways": (*GOOD, "bacs")}, "payments", "fault", ""),
    ],
)
def test_shops_that_ail(
    ail: Callable[..., dict[str, Finding]], settings: dict[str, Any], check: str, verdict: str, says: str
) -> None:
    one = ail(**settings)[check]
    assert (one.verdict, one.says) == (verdict, says)


def test_keys_that_may_only_read(ail: Callable[..., dict[str, Finding]]) -> None:
    shop = Settings()
    found = ail(connection={"key": shop.read_key, "secret": shop.read_secret})
    assert (found["keys"].verdict, found["writing"].verdict) == ("ok", "fault")


def test_a_wrong_key_ends_the_look(ail: Callable[..., dict[str, Finding]]) -> None:
    found = ail(connection={"key": "ck_wrong", "secret": "cs_wrong"})
    assert verdicts(found) == {"address": "ok", "keys": "fault"}


def test_a_host_that_strips_the_header_is_told_from_a_wrong_key(
    ail: Callable[..., dict[str, Finding]],
) -> None:
    found = ail(
        lambda shop: shop.misbehave("authorization-stripped", times="always"),
        {"sign_in": "basic"},
        basic_over_http=True,
    )
    assert (found["keys"].verdict, found["keys"].says) == ("fault", "stripped")


def test_a_redirect_names_where_the_shop_is(ail: Callable[..., dict[str, Finding]]) -> None:
    found = ail(lambda shop: shop.misbehave("redirect", times="always", to="www"))
    assert found["address"].failure is not None
    assert "www." in found["address"].failure.text


def test_a_cache_before_the_shop(ail: Callable[..., dict[str, Finding]]) -> None:
    found = ail(
        lambda shop: shop.misbehave("stale-list", path="/orders", times="always"),
        {"sign_in": "basic"},
        basic_over_http=True,
    )
    assert found["cache"].verdict == "warning"


def test_a_second_source_of_invoices_and_stock_that_nobody_counts(
    ail: Callable[..., dict[str, Finding]],
) -> None:
    def spoil(shop: Shop) -> None:
        add_meta(shop)
        set_option(shop, "products", "woocommerce_manage_stock", "no")

    found = ail(spoil)
    assert (found["invoices"].verdict, found["stock"].verdict) == ("warning", "warning")
    assert "_wcpdf_invoice_number" in found["invoices"].facts["found"]


def test_a_clock_that_is_off(ail: Callable[..., dict[str, Finding]]) -> None:
    import time

    found = ail(now=lambda: time.time() + 300)
    assert found["clock"].verdict == "warning"
    assert 295 <= int(found["clock"].facts["seconds"]) <= 301


def test_both_languages_say_the_same_things() -> None:
    for kind in ("any", "woocommerce"):
        assert set(texts(kind)["pl"]) == set(texts(kind)["en"])


def config(folder: Path, shop: Shop) -> Path:
    file = folder / "pomost.toml"
    file.write_text(
        f"""
language = "pl"
data_dir = "{folder}"
[[company]]
code = "main"
name = "Sklep"
nip = "1234563218"
[[woocommerce]]
url = "{shop.url}"
key = "{shop.key}"
secret = "{shop.secret}"
[[flow]]
name = "sklep"
source = "woocommerce"
company = "main"
take = "order.is_paid"
[[flow.step]]
id = "sale"
issue = "FS/PA"
""",
        encoding="utf-8",
    )
    return file


def test_the_command_ends_with_1_at_a_fault_and_says_it_in_the_language_of_the_file(tmp_path: Path) -> None:
    with Shop(Settings(gateways=GOOD), seed=0) as shop:
        file = config(tmp_path, shop)
        shop.place(payment="payu", paid=True)
        well = CliRunner().invoke(app, ["doctor", "woocommerce", "-c", str(file), "--json"])
        assert well.exit_code == 0, well.output
        assert {one["verdict"] for one in json.loads(well.output)} == {"ok"}

        shop.enable_gateway("bacs")
        ill = CliRunner().invoke(app, ["doctor", "-c", str(file), "--json"])
        assert ill.exit_code == 1
        [fault] = [one for one in json.loads(ill.output) if one["verdict"] == "fault"]
        assert fault["check"] == "payments"
        assert "nie potwierdza operator" in fault["text"]
        table = CliRunner().invoke(app, ["doctor", "woocommerce", "-c", str(file)])
        assert "dobrze" in table.output

        unknown = CliRunner().invoke(app, ["doctor", "allegro", "-c", str(file)])
        assert unknown.exit_code == 2
