"""SKUs of lines that were taken before: what the shop renames, deletes or exchanges."""

from __future__ import annotations

from typing import Any

import pytest

from pomost.connectors.woocommerce.first_skus import with_first_skus
from pomost.ports import Json


def line(sku: str | None, product: int = 11, variation: int = 0, number: int = 39, pieces: int = 2) -> Json:
    return {"id": number, "sku": sku, "product_id": product, "variation_id": variation, "quantity": pieces}


def skus(order: Json) -> list[Any]:
    return [one["sku"] for one in order["line_items"]]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(line("KUBEK-2"), "KUBEK-1", id="renamed"),
        pytest.param(line(""), "KUBEK-1", id="emptied"),
        pytest.param(line(None, product=0), "KUBEK-1", id="deleted"),
        pytest.param(line("TALERZ", product=12), "TALERZ", id="another-product"),
        pytest.param(line("KUBEK-L", variation=99), "KUBEK-L", id="another-variation"),
        pytest.param(line("KUBEK-2", number=40), "KUBEK-2", id="a-line-that-was-added"),
    ],
)
def test_a_line_keeps_the_sku_by_which_it_was_taken(now: Json, expected: str) -> None:
    taken = {"line_items": [line("KUBEK-1")]}
    assert skus(with_first_skus({"line_items": [now]}, taken)) == [expected]


def test_quantities_are_those_of_the_shop() -> None:
    seen = with_first_skus({"line_items": [line("NOWY", pieces=5)]}, {"line_items": [line("KUBEK-1")]})
    assert (skus(seen), seen["line_items"][0]["quantity"]) == (["KUBEK-1"], 5)


def test_what_had_no_sku_gets_the_one_that_it_has_now() -> None:
    assert skus(with_first_skus({"line_items": [line("KUBEK-1")]}, {"line_items": [line("")]})) == ["KUBEK-1"]


@pytest.mark.parametrize("taken", [None, {}, {"line_items": None}, {"line_items": ["?"]}])
def test_what_was_not_taken_or_can_not_be_read_is_left_as_it_is(taken: Json | None) -> None:
    raw = {"id": 1, "line_items": [line("KUBEK-1")]}
    assert with_first_skus(raw, taken) == raw
    assert with_first_skus({"id": 1}, {"line_items": [line("KUBEK-1")]}) == {"id": 1}
