"""The catalogue over the wire: pages, batches, and what a sandbox that misbehaves makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

import pytest

from pomost.connectors.baselinker import BaseLinkerChannel, Settings, client
from pomost.connectors.baselinker.catalogue import NOT_TAKEN, BaseLinkerCatalogue, _written
from pomost.ports import Failure, InDoubt, NeedsPerson, WaitUntil
from pomost.sandbox.baselinker import Sandbox
from tests.shelf import INVENTORY, MAIN, SECOND, Shelf

from .surroundings import NoLimit

RETAIL, OUTLET = "21001", "21004"
HERE = str(INVENTORY)


@pytest.fixture
def catalogue(shop: Sandbox) -> Iterator[BaseLinkerCatalogue]:
    channel = BaseLinkerChannel(Settings(name="shop", token=shop.token, url=shop.url), NoLimit())
    yield channel.catalogue
    channel.close()


def mug(shelf: Shelf, sku: str = "KUBEK-01") -> str:
    return str(shelf.row(sku)["id"])


def test_the_default_catalogue_has_its_warehouses_and_price_groups(catalogue: BaseLinkerCatalogue) -> None:
    shelves = catalogue.shelves("")

    assert (shelves.id, shelves.name) == (HERE, "Katalog podstawowy")
    assert next(iter(shelves.warehouses)) == MAIN
    assert {group.id: group.derived for group in shelves.price_groups}[OUTLET]
    assert shelves == catalogue.shelves("Katalog podstawowy") == catalogue.shelves(HERE)


def test_an_unknown_catalogue_is_refused_with_those_that_there_are(catalogue: BaseLinkerCatalogue) -> None:
    with pytest.raises(NeedsPerson, check=lambda e: e.code == "baselinker.unknown-inventory") as caught:
        catalogue.shelves("Nie ma takiego")
    assert "Katalog podstawowy (30711)" in caught.value.advice


def test_products_stock_and_prices_come_page_by_page_to_the_last(
    catalogue: BaseLinkerCatalogue, shop: Sandbox
) -> None:
    shop.ask("fill_catalogue", {"products": 2_500, "seed": 1})
    whole = Shelf(shop).products()

    listed = [product for page in catalogue.products(HERE) for product in page]
    stock = {key: figures for page in catalogue.stock(HERE) for key, figures in page.items()}
    prices = {key: figures for page in catalogue.prices(HERE) for key, figures in page.items()}

    assert len(whole) > 2_500
    assert {product.id for product in listed} == set(whole) == set(stock) == set(prices)
    one = listed[-1]
    assert one.stock == stock[one.id] == {key: Decimal(n) for key, n in whole[one.id]["stock"].items()}


def test_a_page_that_shifts_while_it_is_read_loses_nothing_that_was_there_before(
    catalogue: BaseLinkerCatalogue, shop: Sandbox
) -> None:
    shop.ask("fill_catalogue", {"products": 2_500, "seed": 1})
    before = set(Shelf(shop).products())
    shop.misbehave("shifting-page", method="getInventoryProductsList", times=2)

    listed = {product.id for page in catalogue.products(HERE) for product in page}

    assert before <= listed


def test_figures_are_written_to_the_places_named_and_no_other(
    catalogue: BaseLinkerCatalogue, shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    second = shelf.stock("KUBEK-01", SECOND)

    written = catalogue.write_stock(HERE, {mug(shelf): {MAIN: Decimal(17)}})

    assert not written.problems
    assert (shelf.stock("KUBEK-01"), shelf.stock("KUBEK-01", SECOND)) == (17, second)
    catalogue.write_prices(HERE, {mug(shelf): {RETAIL: Decimal("19.90")}})
    assert shelf.price("KUBEK-01", 21001) == 19.90


def test_a_product_that_is_not_taken_is_named_and_the_rest_is_done(
    catalogue: BaseLinkerCatalogue, shop: Sandbox
) -> None:
    shelf = Shelf(shop)

    written = catalogue.write_stock(HERE, {"5": {MAIN: Decimal(1)}, mug(shelf): {MAIN: Decimal(18)}})

    assert list(written.problems) == ["5"]
    assert "does not exist" in written.problems["5"]
    assert shelf.stock("KUBEK-01") == 18


def test_a_counter_below_what_was_sent_without_a_name_leaves_it_uncertain(
    catalogue: BaseLinkerCatalogue, shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    shop.misbehave("silent-partial", method="updateInventoryProductsStock", products=[int(mug(shelf))])
    figures = {mug(shelf): {MAIN: Decimal(1)}, mug(shelf, "KUBEK-02"): {MAIN: Decimal(2)}}

    written = catalogue.write_stock(HERE, figures)

    assert (written.problems, bool(written.uncertain)) == ({}, True)
    assert (shelf.stock("KUBEK-01"), shelf.stock("KUBEK-02")) == (240, 2)


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ("http-502", InDoubt),
        ("html-200", InDoubt),
        ("cut-before", InDoubt),
        ("cut-after", InDoubt),
        ("truncated-json", InDoubt),
        ("error-but-done", InDoubt),
        ("block-now", WaitUntil),
    ],
)
def test_what_goes_wrong_with_a_write_says_what_comes_next(
    catalogue: BaseLinkerCatalogue, shop: Sandbox, fault: str, failure: type[Failure]
) -> None:
    shelf = Shelf(shop)
    figures = {mug(shelf): {MAIN: Decimal(5)}}
    shop.misbehave(fault, method="updateInventoryProductsStock", times=9)

    with pytest.raises(failure):
        catalogue.write_stock(HERE, figures)

    if failure is InDoubt:
        shop.behave()
        assert not catalogue.write_stock(HERE, figures).problems
        assert shelf.stock("KUBEK-01") == 5


def test_nothing_asked_is_no_call(catalogue: BaseLinkerCatalogue, shop: Sandbox) -> None:
    assert list(catalogue.read(HERE, [])) == []
    assert shop.calls() == []


@pytest.mark.parametrize(
    ("answer", "problems", "uncertain"),
    [
        ({"counter": 2, "warnings": []}, {}, False),
        ({"counter": "2", "warnings": ""}, {}, False),
        ({}, {}, False),
        ({"counter": "many"}, {}, False),
        ({"counter": 1, "warnings": {"7": "no such group"}}, {"7": "no such group"}, False),
        ({"counter": 2, "warnings": {"7": ""}}, {"7": NOT_TAKEN}, False),
        ({"counter": 0, "warnings": {"7": "no such group"}}, {"7": "no such group"}, True),
        ({"counter": 1}, {}, True),
        ({"counter": 2, "warnings": {"999": "whose?"}}, {}, True),
        ({"counter": 2, "warnings": ["something was not taken"]}, {}, True),
        ({"counter": 2, "warnings": "something was not taken"}, {}, True),
    ],
)
def test_what_the_answer_to_a_write_leaves_open(
    answer: dict[str, Any], problems: dict[str, str], uncertain: bool
) -> None:
    written = _written(answer, {"7": {RETAIL: Decimal(1)}, "8": {RETAIL: Decimal(2)}})
    assert (dict(written.problems), bool(written.uncertain)) == (problems, uncertain)


@pytest.mark.parametrize(("amounts", "wire"), [("text", '"19.90"'), ("number", "19.9")])
def test_prices_travel_as_the_account_wants_amounts(
    shop: Sandbox, monkeypatch: pytest.MonkeyPatch, amounts: Literal["text", "number"], wire: str
) -> None:
    bodies: list[str] = []
    form = client._form
    monkeypatch.setattr(client, "_form", lambda method, body: bodies.append(body) or form(method, body))
    channel = BaseLinkerChannel(
        Settings(name="shop", token=shop.token, url=shop.url, amounts=amounts), NoLimit()
    )
    shelf = Shelf(shop)
    product = mug(shelf)

    channel.catalogue.write_prices(HERE, {product: {RETAIL: Decimal("19.90")}})
    channel.close()

    assert f'"{product}":{{"{RETAIL}":{wire}}}' in bodies[-1]
    assert shelf.price("KUBEK-01", 21001) == 19.90
