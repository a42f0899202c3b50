"""Pure rules of the shop's catalogue, for whatever figures come: ids, batches and their halves, net prices, sales."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.connectors.woocommerce.batches import TOO_MANY, Batches, answered
from pomost.connectors.woocommerce.catalogue_mapping import (
    Row,
    Terms,
    new_prices,
    price_text,
    prices_of,
    row_of,
    whole_id,
    wrong_ids,
)
from pomost.connectors.woocommerce.errors import refused, unclear
from pomost.connectors.woocommerce.shop_terms import rates_at_home
from pomost.ports import InDoubt, Json, NeedsPerson
from pomost.trade.vat import VatRate

PRICES = st.decimals("0.01", "99999.99", places=2)
NET = Terms(
    "PLN", net=True, rates={"standard": VatRate.of("23"), "vat-8": VatRate.of("8"), "vat-5": VatRate.of("5")}
)
GROSS = Terms("PLN")


class Host:
    """A host that does batches up to ``strong`` items and gives up after those that ``choke`` it; everything is as it was written
    last."""

    def __init__(self, strong: int, limit: int = 100, choke: int = 0) -> None:
        self.strong, self.limit, self.choke = strong, limit, choke
        self.written: Counter[int] = Counter()
        self.calls = 0

    def post(self, path: str, body: Json, priority: int = 0, *, slow: bool = False) -> Json:
        self.calls += 1
        items: list[Json] = body["update"]
        if len(items) > self.limit:
            raise refused("POST", 413, TOO_MANY, "too many")
        for place, item in enumerate(items):
            if place >= self.strong or item["id"] == self.choke:
                # what was written before stays
                raise unclear("POST", "HTTP 504", True)
            self.written[item["id"]] += 1
        return {"update": [dict(item) for item in items]}


def items(count: int) -> list[Json]:
    return [{"id": number, "stock_quantity": number} for number in range(1, count + 1)]


@given(st.integers(1, 120), st.integers(1, 100), st.integers(1, 100))
def test_every_item_is_written_however_few_a_shop_allows(count: int, most: int, limit: int) -> None:
    host = Host(strong=1000, limit=limit)

    found = Batches(host, most).update("products", items(count), 3)

    assert set(found) == set(host.written) == set(range(1, count + 1))
    assert max(host.written.values()) == 1, "a call that is too long is refused as a whole"


@given(st.integers(1, 120), st.integers(1, 100), st.integers(1, 100))
def test_a_weak_host_gets_all_in_a_few_passes_and_batches_never_grow(
    count: int, most: int, strong: int
) -> None:
    host = Host(strong)
    batches, sizes = Batches(host, most), []
    for _ in range(10):
        sizes.append(batches.size)
        try:
            found = batches.update("products", items(count), 3)
        except InDoubt:
            continue
        break
    else:
        raise AssertionError("ten passes were not enough")

    assert set(found) == set(range(1, count + 1))
    assert set(host.written) == set(found)
    assert sizes == sorted(sizes, reverse=True)
    assert batches.size <= strong or count <= strong or batches.size == most


@given(st.integers(3, 40), st.integers(1, 40), st.integers(1, 50))
def test_an_item_on_which_the_host_chokes_stops_no_others(count: int, choke: int, most: int) -> None:
    host = Host(1000, choke=min(choke, count))
    batches = Batches(host, most)
    found: dict[int, Json] = {}
    for _ in range(10):
        try:
            found = batches.update("products", items(count), 3)
        except InDoubt:
            continue
        break

    assert set(host.written) == set(range(1, count + 1)) - {host.choke}
    assert set(found) == set(range(1, count + 1))
    assert found[host.choke]["error"]["code"] == "woocommerce.answer-lost"


def test_a_shop_that_is_down_gets_two_calls_a_pass() -> None:
    host = Host(strong=0)
    batches = Batches(host, 50)
    for _ in range(8):
        before = host.calls
        with pytest.raises(InDoubt):
            batches.update("products", items(50), 3)
        assert host.calls - before == 2


def test_an_answer_that_names_fewer_or_others_leaves_the_rest_unsaid() -> None:
    assert answered(items(3), {"update": [{"id": 2}, {"id": 9}, "x", {}]}) == {2: {"id": 2}}
    assert answered(items(3), {}) == {}
    assert answered(items(3), {"update": {"0": {"id": "1"}}}) == {1: {"id": "1"}}


@given(st.integers(1, 10**12), st.integers(1, 10**12))
def test_the_id_of_a_variation_leads_to_its_parent(parent: int, number: int) -> None:
    row = row_of({"id": number, "type": "variation", "parent_id": parent})

    assert row is not None
    assert whole_id(row.id) == (parent, number)
    assert whole_id(str(number)) == (0, number)
    assert wrong_ids([row.id, str(number)]) == {}


@given(st.text(max_size=12))
def test_what_is_no_id_is_told_and_nothing_breaks(text: str) -> None:
    try:
        whole_id(text)
    except ValueError:
        assert text in wrong_ids([text])
    else:
        assert set(text) <= set("0123456789-")


@given(PRICES, st.sampled_from(["", "vat-8", "vat-5", None]))
def test_no_grosz_is_lost_on_the_way_to_a_net_price_and_back(gross: Decimal, tax: str | None) -> None:
    typed = NET.typed(gross, tax)

    assert typed is not None
    assert NET.gross(Decimal(price_text(typed)), tax) == gross


@given(PRICES)
def test_prices_are_text_with_a_point_and_two_places_or_more(amount: Decimal) -> None:
    assert price_text(amount) == f"{amount:.2f}"


def row(regular: str = "100", sale: str = "", tax: str = "", kind: str = "simple") -> Row:
    found = row_of({"id": 7, "type": kind, "regular_price": regular, "sale_price": sale, "tax_class": tax})
    assert found is not None
    return found


@given(PRICES, st.none() | PRICES, PRICES, st.none() | PRICES, st.sampled_from([GROSS, NET]))
def test_after_a_write_the_shop_shows_what_was_wanted_or_says_why_not(
    regular_before: Decimal, sale_before: Decimal | None, regular: Decimal, sale: Decimal | None, terms: Terms
) -> None:
    before = row(str(regular_before), "" if sale_before is None else str(sale_before))
    wanted = {"regular": regular, **({} if sale is None else {"sale": sale})}
    body: dict[str, str] = {}
    try:
        body = new_prices(before, wanted, terms)
    except NeedsPerson as why:
        refused_for = why.code
    else:
        refused_for = ""
    if sale is not None and sale > regular:
        assert refused_for == "woocommerce.sale-not-lower"
        return
    assert refused_for == ""

    after = shop_takes(before, body)
    shown = prices_of(after, terms)
    assert shown["regular"] == regular
    if sale is not None:
        assert shown["sale"] == sale
    assert new_prices(after, wanted, terms) == {}, "and then there is nothing left to write"


def shop_takes(before: Row, body: dict[str, str]) -> Row:
    """As a shop does: a sale price that is not lower is dropped."""
    regular = body.get("regular_price", "" if before.regular is None else str(before.regular))
    sale = body.get("sale_price", "" if before.sale is None else str(before.sale))
    if sale and (not regular or Decimal(sale) >= Decimal(regular)):
        raise AssertionError("the shop would drop a price without a word")
    return row(regular, sale)


RATES: list[Json] = [
    {"country": "PL", "class": "standard", "rate": "23.0000"},
    {"country": "DE", "class": "standard", "rate": "19.0000"},
    {"country": "PL", "class": "vat-8", "rate": "8.0000"},
    {"country": "PL", "class": "vat-8", "rate": "8.0000", "postcodes": ["87-100"]},
    {"country": "PL", "class": "vat-0", "rate": "0.0000"},
    {"country": "", "class": "vat-5", "rate": "5"},
    {"country": "PL", "class": "odd", "rate": "no number"},
]


def test_the_rate_of_a_class_is_certain_where_there_is_one_for_the_whole_country() -> None:
    found = rates_at_home(RATES, "PL", {"zwolnione": "zw", "vat-0": "np", "": "8", "wrong": "???"})

    assert {name: rate.code if rate else None for name, rate in found.items()} == {
        "standard": "23",
        "vat-8": None,
        "vat-0": "np",
        "vat-5": "5",
        "odd": None,
        "zwolnione": "zw",
        "wrong": None,
    }


@pytest.mark.parametrize(
    "raw",
    [{}, {"id": None}, {"id": "x"}, {"id": -3}, {"id": []}],
)
def test_what_is_no_product_is_passed_over(raw: Json) -> None:
    assert row_of(raw) is None


def test_a_product_with_garbage_in_it_is_read_as_far_as_it_goes() -> None:
    garbage: dict[str, Any] = {
        "id": "7", "name": None, "sku": 5, "stock_quantity": "many", "regular_price": "12,-", "manage_stock": "maybe",
        "meta_data": "none", "tax_status": [], "parent_id": {},
    }  # fmt: skip
    found = row_of(garbage, None, ("_ean",))

    assert found is not None
    assert (found.id, found.sku, found.quantity, found.regular, found.managed) == (
        "7",
        "5",
        None,
        None,
        False,
    )
