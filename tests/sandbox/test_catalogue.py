"""The sample shop's catalogue."""

from collections import Counter
from decimal import Decimal

import pytest
from stdnum import ean

from pomost.sandbox.baselinker import catalogue


def test_every_ean_has_a_valid_check_digit_and_services_have_none() -> None:
    wrong = [
        item.sku
        for item in catalogue.ITEMS
        if item.ean and not (len(item.ean) == 13 and ean.is_valid(item.ean))
    ]
    without = [item.sku for item in catalogue.ITEMS if not item.ean]
    assert (wrong, without) == ([], ["SZKOL-BHP", "UBEZP-PACZ", "USL-MONTAZ"])


def test_books_have_eans_of_books() -> None:
    books = [item for item in catalogue.ITEMS if "książka" in item.name]
    assert len(books) == 5
    assert all(item.ean.startswith("978") for item in books)


@pytest.mark.parametrize("key", ["sku", "ean", "name", "product_id"])
def test_no_two_items_share(key: str) -> None:
    values = Counter(getattr(item, key) for item in catalogue.ITEMS)
    assert [value for value, times in values.items() if times > 1 and value] == []


def test_all_polish_rates_are_sold_and_exempt_is_written_as_baselinker_writes_it() -> None:
    assert {item.vat: item.tax_rate for item in catalogue.ITEMS} == {
        "23": 23,
        "8": 8,
        "5": 5,
        "0": 0,
        "zw": -1,
    }


def test_prices_are_whole_grosze_and_names_fit_the_field() -> None:
    for item in (*catalogue.ITEMS, *catalogue.many(500, seed=3)):
        assert item.price_gross > 0, item.sku
        assert item.price_gross == item.price_gross.quantize(Decimal("0.01")), item.sku
        assert 0 < len(item.name) <= 130
        assert 0 < len(item.sku) <= 50


def test_an_erp_gets_the_same_items_as_plain_maps() -> None:
    assert catalogue.as_dicts()[0] == {
        "sku": "KUBEK-01",
        "ean": "5900000000015",
        "name": "Kubek ceramiczny 350 ml, biały",
        "price_gross": Decimal("29.95"),
        "vat": "23",
        "weight_kg": Decimal("0.35"),
        "stock": 240,
        "product_id": "700200301",
    }
    assert len(catalogue.as_dicts()) == len(catalogue.ITEMS) == 61


def test_a_large_catalogue_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    assert catalogue.many(200, seed=1) == catalogue.many(200, seed=1)
    assert catalogue.many(200, seed=1) != catalogue.many(200, seed=2)


def test_a_large_catalogue_repeats_nothing_even_of_the_small_one() -> None:
    everything = (*catalogue.ITEMS, *catalogue.many(20_000))
    for key in ("sku", "product_id"):
        assert len({getattr(item, key) for item in everything}) == 20_061
    eans = [item.ean for item in everything if item.ean]
    assert len(set(eans)) == len(eans) == 20_058
    assert all(ean.is_valid(code) for code in eans)


@pytest.mark.parametrize("n", [-1, 1_000_001])
def test_a_catalogue_of_impossible_size_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match=f"A catalogue of {n} items cannot be made; ask for 0 to 1000000"):
        catalogue.many(n)
