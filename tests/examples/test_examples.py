"""Every example can be used as it stands."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pomost.bootstrap import assemble
from pomost.checking import check
from pomost.config.connections import Rates
from pomost.config.load import load_config
from pomost.config.model import Database
from pomost.flows import catalogue
from pomost.sandbox.baselinker import Sandbox
from pomost.trade.card import Card
from tests.shelf import INVENTORY, Shelf

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FILES = sorted(EXAMPLES.glob("*/pomost.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_an_example_loads_and_nothing_is_wrong_with_it(path: Path) -> None:
    config = load_config(path, {"POMOST_BL_TOKEN": "x"})

    assert check(config) == []
    assert [flow.preset for flow in config.flow] == [path.parent.name]
    assert [account.token for account in config.baselinker] == ["x"]


def test_every_preset_has_an_example() -> None:
    assert [path.parent.name for path in FILES] == list(catalogue.names())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_an_example_names_all_words_of_its_preset(path: Path) -> None:
    flow = load_config(path, {"POMOST_BL_TOKEN": "x"}).flow[0]
    bare = flow.model_copy(update={"words": {}})

    assert catalogue.resolve(flow) == catalogue.resolve(bare).model_copy(update={"words": flow.words})
    assert set(flow.words) != set()


def test_the_example_of_a_woocommerce_shop_that_ships_has_nothing_wrong() -> None:
    keys = {"POMOST_WOO_KEY": "ck_x", "POMOST_WOO_SECRET": "cs_x"}
    config = load_config(EXAMPLES / "paid-fs-wz-ship" / "woocommerce.toml", keys)

    assert check(config) == []
    assert catalogue.resolve(config.flow[0]).step[-2].write.status == "completed"  # type: ignore[union-attr]


def test_the_example_of_kits_sold_as_components_has_nothing_wrong() -> None:
    config = load_config(EXAMPLES / "kits" / "components.toml", {"POMOST_BL_TOKEN": "x"})

    assert check(config) == []
    assert [flow.rules.kits for flow in config.flow] == ["components"]


def test_the_example_of_stock_and_prices_shows_both_in_the_shop(shop: Sandbox, tmp_path: Path) -> None:
    example = load_config(EXAMPLES / "ro-fs-wz" / "stock-and-prices.toml", {"POMOST_BL_TOKEN": shop.token})
    assert check(example) == []
    account = example.baselinker[0].model_copy(update={"url": shop.url})
    config = example.model_copy(
        update={
            "data_dir": tmp_path,
            "database": Database(url=f"sqlite:///{tmp_path / 'pomost.db'}"),
            "ledger": example.ledger.model_copy(update={"url": f"sqlite:///{tmp_path / 'ledger.db'}"}),
            "baselinker": (account,),
            "rates": Rates(source="fixed", fixed={"EUR": Decimal("4.30")}),
        }
    )
    pomost = assemble(config, today=lambda: date(2026, 11, 24))
    try:
        cards = [{"sku": "KUBEK-01", "vat": "23", "prices": {"DETAL": Decimal("43.00")}}]
        pomost.ledger.setup.put_items("main", cards)
        goods = {"KUBEK-01": (Decimal(12), Decimal(5))}
        pomost.ledger.setup.receive("main", "MAG", goods, "delivery")
        assert pomost.catalogues[0].look_once() == 2
    finally:
        pomost.close()

    shelf = Shelf(shop)
    assert (shelf.stock("KUBEK-01"), shelf.price("KUBEK-01", 21001)) == (10, 38.99)
    assert shelf.price("KUBEK-01", 21003) == 10.90


def test_the_example_of_cards_names_products_in_the_shop_and_takes_its_descriptions(
    shop: Sandbox, tmp_path: Path
) -> None:
    example = load_config(EXAMPLES / "ro-fs-wz" / "cards.toml", {"POMOST_BL_TOKEN": shop.token})
    assert check(example) == []
    account = example.baselinker[0].model_copy(update={"url": shop.url, "calls_per_minute": 0})
    config = example.model_copy(
        update={
            "data_dir": tmp_path,
            "database": Database(url=f"sqlite:///{tmp_path / 'pomost.db'}"),
            "ledger": example.ledger.model_copy(update={"url": f"sqlite:///{tmp_path / 'ledger.db'}"}),
            "baselinker": (account,),
        }
    )
    shelf = Shelf(shop)
    number = shelf.row("KUBEK-01")["id"]
    described = {"description": "Opis ze sklepu"}
    shelf.call("addInventoryProduct", inventory_id=INVENTORY, product_id=number, text_fields=described)
    pomost = assemble(config, today=lambda: date(2026, 11, 24))
    try:
        cards = [
            Card("KUBEK-01", name="Kubek z ERP", vat="23"),
            Card("NOWY-1", name="Nowy", vat="8", category="Kuchnia/Nowe"),
        ]
        pomost.ledger.put_cards("main", cards)
        for _ in range(3):
            pomost.catalogues[0].look_once()
        taken = pomost.ledger.cards("main", ["KUBEK-01"])["KUBEK-01"].description
    finally:
        pomost.close()

    assert taken == "Opis ze sklepu"
    assert shelf.row("KUBEK-01")["name"] == "Kubek z ERP"
    assert shelf.row("NOWY-1")["name"] == "Nowy"
