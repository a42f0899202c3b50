"""A21, A22: products, stock and prices of a WooCommerce shop, over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from structlog.testing import capture_logs

from pomost.connectors.woocommerce import WooCommerceChannel
from pomost.connectors.woocommerce.catalogue import WooCommerceCatalogue
from pomost.connectors.woocommerce.catalogue_mapping import ENDLESS
from pomost.connectors.woocommerce.figures_writing import not_kept
from pomost.ports import InDoubt, NeedsPerson, Priority, TryAgain, WaitUntil
from pomost.ports.catalogue import CatalogueChannel, Reached
from pomost.sandbox.woocommerce import Settings as ShopSettings
from pomost.sandbox.woocommerce import Shop
from tests.aside import aside
from tests.connectors.woocommerce.catalogue_shop import (
    ALL,
    NoLimit,
    by_sku,
    catalogue_of,
    joined,
    stock_figures,
    written,
)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with aside(Shop(ShopSettings())) as running:
        yield running


@pytest.fixture
def channel(shop: Shop) -> Iterator[WooCommerceChannel]:
    with joined(shop) as made:
        yield made


@pytest.fixture
def catalogue(channel: WooCommerceChannel) -> WooCommerceCatalogue:
    return catalogue_of(channel)


# what there is


def test_a_shop_is_a_channel_with_a_catalogue(channel: WooCommerceChannel) -> None:
    assert isinstance(channel.catalogue, CatalogueChannel)
    assert {"catalogue", "stock", "prices", "cards"} <= channel.capabilities()


def test_a_shop_has_one_catalogue_one_stock_and_two_price_groups(catalogue: WooCommerceCatalogue) -> None:
    shelves = catalogue.shelves("")

    assert (shelves.id, list(shelves.warehouses)) == (ALL, ["shop"])
    assert [(one.id, one.currency, one.derived) for one in shelves.price_groups] == [
        ("regular", "PLN", False),
        ("sale", "PLN", False),
    ]
    assert catalogue.shelves("default") == catalogue.shelves("sklep") == shelves


def test_another_catalogue_is_refused(catalogue: WooCommerceCatalogue) -> None:
    with pytest.raises(NeedsPerson) as refused:
        catalogue.shelves("Hurt")

    assert refused.value.code == "woocommerce.unknown-catalogue"


# listing


def test_products_come_by_id_with_their_variations_and_their_names_as_people_write_them(
    catalogue: WooCommerceCatalogue,
) -> None:
    found = by_sku(catalogue)

    assert found["TOW-0008"].name == "Powerbank & kabel"
    assert found["TOW-0003"].ean == "5900000000039"
    shirt, small = found["KOSZ"], found["KOSZ-BIA-S"]
    assert (small.id, small.parent_id) == (f"{shirt.id}-{int(shirt.id) + 1}", shirt.id)
    assert small.name == "Koszulka bawełniana - S, biały"
    assert small.stock == {"shop": 5}
    assert (shirt.stock, shirt.prices) == ({}, {}), "what is sold are its variations"


def test_a_variation_that_shows_its_parents_sku_has_none(shop: Shop, catalogue: WooCommerceCatalogue) -> None:
    # A shop shows the parent's SKU for a variation without one; here it is written so, as imports do.
    shop.store.products[41]["sku"] = "KOSZ"

    assert [one.id for page in catalogue.products(ALL) for one in page if one.sku == "KOSZ"] == ["40"]


def test_eans_of_plugins_are_found_where_the_shop_has_none(shop: Shop) -> None:
    shop.add_product("STARY-1", meta_data=[{"key": "_ean", "value": "5901234123457"}])
    with joined(shop, ean_keys=("_ean",)) as channel:
        catalogue = catalogue_of(channel)

        assert by_sku(catalogue)["STARY-1"].ean == "5901234123457"
        assert [one.sku for one in catalogue.find_products(ALL, ean="5901234123457")] == ["STARY-1"]


def test_a_listing_of_many_pages_has_each_product_once(shop: Shop, catalogue: WooCommerceCatalogue) -> None:
    for number in range(250):
        shop.add_product(f"DUZO-{number:03}")

    pages = list(catalogue.products(ALL))
    ids = [one.id for page in pages for one in page]

    assert len(pages) == 3
    assert len(ids) == len(set(ids)) == 288


@pytest.mark.parametrize("deleted", [1, 5, 120])
def test_what_is_deleted_while_a_listing_goes_on_hides_no_other_product(
    shop: Shop, catalogue: WooCommerceCatalogue, deleted: int
) -> None:
    for number in range(300):
        shop.add_product(f"DUZO-{number:03}")
    listing = catalogue.products(ALL)
    found = [one.sku for one in next(listing)]

    for number in range(deleted):
        shop.remove_product(f"DUZO-{number:03}")
    found += [one.sku for page in listing for one in page]

    assert len(found) == len(set(found))
    assert {f"DUZO-{number:03}" for number in range(deleted, 300)} <= set(found)


def test_pages_that_a_cache_repeats_end_the_listing_instead_of_going_on_for_ever(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    for number in range(250):
        shop.add_product(f"DUZO-{number:03}")
    read = catalogue._products.listed
    first = read("products", {"orderby": "id", "order": "asc"})
    catalogue._products.listed = lambda path, query: first  # type: ignore[method-assign]

    with pytest.raises(TryAgain) as ended:
        list(catalogue.products(ALL))

    assert ended.value.code == "woocommerce.answer-lost"


def test_a_product_with_many_variations_has_each_once(shop: Shop, catalogue: WooCommerceCatalogue) -> None:
    for number in range(230):
        shop.add_product(f"WZOR-{number:03}", parent="KOSZ")

    ids = [one.id for page in catalogue.products(ALL) for one in page if one.parent_id == "40"]

    assert len(ids) == len(set(ids)) == 238


def test_a_listing_goes_on_from_where_another_was_cut_short_though_products_were_deleted(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    for number in range(300):
        shop.add_product(f"DUZO-{number:03}")
    first = next(iter(catalogue.products(ALL)))
    for number in range(10):
        shop.remove_product(f"DUZO-{number:03}")

    rest = [one.sku for page in catalogue.products(ALL, Reached(1, first[-1].id)) for one in page]

    assert not {one.sku for one in first} & set(rest)
    assert {f"DUZO-{number:03}" for number in range(10, 300)} <= {one.sku for one in first} | set(rest)


def test_products_are_found_by_exact_sku_variations_too(shop: Shop, catalogue: WooCommerceCatalogue) -> None:
    (small,) = catalogue.find_products(ALL, sku="KOSZ-BIA-S")

    assert (small.id, small.parent_id) == ("40-41", "40")
    assert catalogue.find_products(ALL, sku="KOSZ-BIA") == ()
    assert catalogue.find_products(ALL, sku="kosz-bia-s") == ()
    assert [one.sku for one in catalogue.find_products(ALL, ean="5900000000039")] == ["TOW-0003"]
    assert catalogue.find_products(ALL) == ()


def test_what_is_gone_or_in_the_trash_is_not_read(shop: Shop, catalogue: WooCommerceCatalogue) -> None:
    shop.remove_product("TOW-0001", force=False)
    ids = ["11", "12", "40-41", "40-999", "999", "999-1", "x", ""]

    assert sorted(one.id for one in catalogue.read(ALL, ids)) == ["12", "40-41"]


# stock


def test_stock_is_read_page_by_page_also_of_variations(catalogue: WooCommerceCatalogue) -> None:
    found = {one: places for page in catalogue.stock(ALL) for one, places in page.items()}

    assert found["13"] == {"shop": 22}
    assert found["40-41"] == {"shop": 5}
    assert found["40"] == {}


def test_a_product_whose_stock_nobody_manages_shows_one_without_end_so_that_a_comparison_finds_it(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    shop.edit_product("TOW-0001", manage_stock=False)
    shop.edit_product("TOW-0002", manage_stock=False)
    shop.edit_product("TOW-0002", stock_status="outofstock")

    (page,) = catalogue.stock(ALL)
    assert page["11"] == {"shop": ENDLESS}
    assert page["12"] == {"shop": 0}

    assert catalogue.write_stock(ALL, {"11": {"shop": Decimal(7)}}).problems == {}
    assert shop.stock("TOW-0001") == 7


def test_products_go_in_one_call_and_variations_in_one_for_each_parent(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    figures = stock_figures(catalogue, TOW_0001="7", TOW_0002="0", KOSZ_BIA_S="3", KOSZ_CZA_XL="4")
    before = len(shop.calls)

    written_now = catalogue.write_stock(ALL, figures)

    assert (written_now.problems, written_now.uncertain) == ({}, "")
    assert [shop.stock(one) for one in ("TOW-0001", "TOW-0002", "KOSZ-BIA-S", "KOSZ-CZA-XL")] == [7, 0, 3, 4]
    batches = [call.path for call in shop.calls[before:] if call.method == "POST"]
    assert batches == ["/wc/v3/products/batch", "/wc/v3/products/40/variations/batch"]


def test_what_the_shop_shows_already_is_not_written_so_nothing_is_said_to_webhooks(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    figures = stock_figures(catalogue, TOW_0001="80", KOSZ_BIA_S="5")

    assert catalogue.write_stock(ALL, figures).problems == {}
    assert written(shop) == []


@pytest.mark.parametrize("figure", ["2.5", "NaN", "Infinity", "99999999999"])
def test_what_is_no_whole_number_of_pieces_is_refused_with_the_reason_and_the_rest_goes_on(
    shop: Shop, catalogue: WooCommerceCatalogue, figure: str
) -> None:
    done = catalogue.write_stock(ALL, stock_figures(catalogue, TOW_0001=figure, TOW_0002="9"))

    assert list(done.problems) == ["11"]
    assert "whole pieces" in done.problems["11"] or "more than a shop" in done.problems["11"]
    assert (shop.stock("TOW-0001"), shop.stock("TOW-0002")) == (80, 9)


def test_a_product_that_is_gone_is_told_and_the_rest_goes_on(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    figures = {
        **stock_figures(catalogue, TOW_0001="1", TOW_0002="2", KOSZ_BIA_S="3", KOSZ_BIA_M="4"),
        "x": {"shop": Decimal(1)},
    }
    shop.remove_product("TOW-0001")
    shop.remove_product("KOSZ-BIA-S")

    done = catalogue.write_stock(ALL, figures)

    assert set(done.problems) == {"11", "40-41", "x"}
    assert (shop.stock("TOW-0002"), shop.stock("KOSZ-BIA-M")) == (2, 4)


def test_what_goes_between_reading_and_writing_is_an_error_of_that_item_only(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    # 200 with an error in one item: the shop drops one of two products while the batch is under way.
    figures = stock_figures(catalogue, TOW_0001="1", TOW_0002="2")
    post = catalogue._writer.batches._client.post

    def late(*args: Any, **named: Any) -> Any:
        shop.remove_product("TOW-0001")
        return post(*args, **named)

    catalogue._writer.batches._client.post = late  # type: ignore[method-assign]
    done = catalogue.write_stock(ALL, figures)

    assert list(done.problems) == ["11"]
    assert "no product 11" in done.problems["11"]
    assert shop.stock("TOW-0002") == 2


def test_a_variable_product_is_no_place_for_stock_while_its_variations_have_their_own(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    done = catalogue.write_stock(ALL, {"40": {"shop": Decimal(9)}})

    assert "no stock of its own" in done.problems["40"]
    assert shop.product("KOSZ")["manage_stock"] is False


def shared(shop: Shop, *skus: str) -> None:
    """These variations sell from the stock of their product."""
    shop.edit_product("KOSZ", manage_stock=True, stock_quantity=50)
    for sku in skus:
        shop.edit_product(sku, manage_stock=False)


WHITE = ("KOSZ-BIA-S", "KOSZ-BIA-M", "KOSZ-BIA-L", "KOSZ-BIA-XL")
BLACK = ("KOSZ-CZA-S", "KOSZ-CZA-M", "KOSZ-CZA-L", "KOSZ-CZA-XL")


def test_stock_that_all_variations_share_is_written_at_the_product(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    shared(shop, *WHITE, *BLACK)

    assert catalogue.write_stock(ALL, {"40": {"shop": Decimal(12)}}).problems == {}
    assert shop.stock("KOSZ-BIA-S") == shop.stock("KOSZ") == 12


def test_the_only_variation_that_sells_from_its_parents_stock_is_written_there(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    shared(shop, "KOSZ-BIA-S")

    done = catalogue.write_stock(ALL, stock_figures(catalogue, KOSZ_BIA_S="6", KOSZ_BIA_M="8"))

    assert done.problems == {}
    assert (shop.stock("KOSZ"), shop.stock("KOSZ-BIA-M")) == (6, 8)
    assert shop.product("KOSZ-BIA-S")["manage_stock"] == "parent", "how the shop keeps it is left alone"
    assert {one.id: one.stock for one in catalogue.read(ALL, ["40-41"])} == {"40-41": {"shop": 6}}


def test_several_items_can_not_have_one_stock(shop: Shop, catalogue: WooCommerceCatalogue) -> None:
    shared(shop, "KOSZ-BIA-S", "KOSZ-BIA-M")

    done = catalogue.write_stock(
        ALL, stock_figures(catalogue, KOSZ_BIA_S="6", KOSZ_BIA_M="8", KOSZ_BIA_L="9")
    )

    assert set(done.problems) == {"40-41", "40-42"}
    assert "sells from the stock of product 40" in done.problems["40-41"]
    assert (shop.stock("KOSZ"), shop.stock("KOSZ-BIA-L")) == (50, 9)


def test_stock_on_both_levels_is_written_where_it_counts_and_flagged(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    shop.edit_product("KOSZ", manage_stock=True, stock_quantity=1)

    with capture_logs() as logged:
        assert catalogue.write_stock(ALL, stock_figures(catalogue, KOSZ_BIA_S="6")).problems == {}
    assert shop.stock("KOSZ-BIA-S") == 6
    assert shop.stock("KOSZ") == 1
    assert [line["event"] for line in logged] == ["stock-on-two-levels"]


def test_stock_goes_after_orders_and_before_reading(channel: WooCommerceChannel) -> None:
    limiter = channel.client._limiter
    assert isinstance(limiter, NoLimit)

    catalogue_of(channel).write_stock(ALL, {"11": {"shop": Decimal(7)}})

    assert limiter.priorities[-1] == Priority.STOCK > Priority.NEW_ORDERS
    assert set(limiter.priorities[:-1]) == {Priority.CATALOGUE}


def test_a_shop_that_drops_what_it_took_is_told(shop: Shop) -> None:
    sent = {"id": 11, "manage_stock": True, "stock_quantity": 7}

    assert not_kept("11", sent, {"id": 11, "manage_stock": True, "stock_quantity": 7}) == ""
    assert "does not manage stock" in not_kept(
        "11", sent, {"id": 11, "manage_stock": False, "stock_quantity": None}
    )
    assert "stock_quantity" in not_kept("11", sent, {"id": 11, "manage_stock": True, "stock_quantity": 8})
    assert "sale_price" in not_kept("11", {"id": 11, "sale_price": "0.00"}, {"id": 11, "sale_price": ""})


# when the host gives up


def test_a_batch_whose_answer_is_lost_is_made_again_in_halves(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    skus = {f"TOW_{number:04}": str(number) for number in range(1, 29)}
    figures = stock_figures(catalogue, **skus)
    shop.misbehave("batch-part-done", count=5)
    before = len(shop.calls)

    done = catalogue.write_stock(ALL, figures)

    assert (done.problems, done.uncertain) == ({}, "")
    assert [shop.stock(f"TOW-{number:04}") for number in range(1, 29)] == list(range(1, 29))
    assert sum(1 for call in shop.calls[before:] if call.path.endswith("/batch")) == 3
    # and smaller ones from now on
    assert catalogue._writer.batches.size == 14


def test_a_shop_that_does_not_answer_at_all_is_left_in_peace_after_two_calls(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    figures = stock_figures(catalogue, TOW_0001="1", TOW_0002="2", TOW_0003="3", TOW_0004="4")
    shop.misbehave("gateway-timeout", path="/batch", times="always")
    before = len(shop.calls)

    with pytest.raises(InDoubt) as lost:
        catalogue.write_stock(ALL, figures)

    assert lost.value.code == "woocommerce.answer-lost"
    assert sum(1 for call in shop.calls[before:] if call.path.endswith("/batch")) == 2
    shop.behave()
    assert catalogue.write_stock(ALL, figures).problems == {}
    assert [shop.stock(f"TOW-000{number}") for number in (1, 2, 3, 4)] == [1, 2, 3, 4]


def test_a_shop_that_allows_fewer_items_in_a_call_gets_fewer(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    shop.configure(batch_limit=10)
    skus = {f"TOW_{number:04}": "1" for number in range(1, 29)}

    assert catalogue.write_stock(ALL, stock_figures(catalogue, **skus)).problems == {}
    assert {shop.stock(f"TOW-{number:04}") for number in range(1, 29)} == {1}
    assert catalogue._writer.batches.size == 7


def test_a_host_that_asks_for_a_pause_gets_it(shop: Shop, channel: WooCommerceChannel) -> None:
    figures = stock_figures(catalogue_of(channel), TOW_0001="1")
    shop.misbehave("too-many-requests", path="/batch", retry_after=30)

    with pytest.raises(WaitUntil):
        catalogue_of(channel).write_stock(ALL, figures)

    limiter = channel.client._limiter
    assert isinstance(limiter, NoLimit)
    assert len(limiter.blocked) == 1
    assert shop.stock("TOW-0001") == 80


def test_one_writes_at_a_time(shop: Shop, catalogue: WooCommerceCatalogue) -> None:
    figures = [stock_figures(catalogue, TOW_0001=str(number)) for number in range(1, 9)]
    at_once, most = 0, 0
    guard = threading.Lock()
    update = catalogue._writer.batches.update

    def counted(*args: Any) -> Any:
        nonlocal at_once, most
        with guard:
            at_once += 1
            most = max(most, at_once)
        try:
            return update(*args)
        finally:
            with guard:
                at_once -= 1

    catalogue._writer.batches.update = counted  # type: ignore[method-assign]
    threads = [threading.Thread(target=catalogue.write_stock, args=(ALL, one)) for one in figures]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert most == 1


# prices


def test_prices_are_read_gross_and_without_a_sale_the_sale_price_is_the_regular_one(
    catalogue: WooCommerceCatalogue,
) -> None:
    (page,) = catalogue.prices(ALL)

    assert page["13"] == {"regular": Decimal("219.90"), "sale": Decimal("199.90")}
    assert page["11"] == {"regular": Decimal("29.99"), "sale": Decimal("29.99")}
    assert page["40-41"]["regular"] == Decimal("59.00")
    assert page["40"] == {}


def test_regular_and_sale_price_go_in_one_request(shop: Shop, catalogue: WooCommerceCatalogue) -> None:
    done = catalogue.write_prices(ALL, {"11": {"regular": Decimal("45.5"), "sale": Decimal("39")}})

    assert done.problems == {}
    assert written(shop, "regular_price", "sale_price") == [
        (11, {"regular_price": "45.50", "sale_price": "39.00"})
    ]


def test_prices_of_variations_go_to_variations_and_a_parent_has_none(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    done = catalogue.write_prices(ALL, {"40": {"regular": Decimal(61)}, "40-41": {"regular": Decimal(62)}})

    assert list(done.problems) == ["40"]
    assert "no price of its own" in done.problems["40"]
    assert shop.product("KOSZ-BIA-S")["regular_price"] == "62.00"


def test_a_sale_price_above_the_regular_one_is_refused_since_the_shop_would_drop_it(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    done = catalogue.write_prices(
        ALL, {"13": {"sale": Decimal("250")}, "11": {"regular": Decimal("30"), "sale": Decimal("31")}}
    )

    assert set(done.problems) == {"11", "13"}
    assert "above its regular price 219.90" in done.problems["13"]
    assert written(shop) == []


def test_a_sale_price_that_is_the_regular_one_ends_the_sale(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    assert catalogue.write_prices(ALL, {"13": {"sale": Decimal("219.90")}}).problems == {}
    assert written(shop, "regular_price", "sale_price") == [(13, {"sale_price": ""})]
    (page,) = catalogue.prices(ALL)
    assert page["13"] == {"regular": Decimal("219.90"), "sale": Decimal("219.90")}


def test_a_regular_price_below_the_sale_takes_the_sale_away_in_so_many_words(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    assert catalogue.write_prices(ALL, {"13": {"regular": Decimal("150")}}).problems == {}
    assert written(shop, "regular_price", "sale_price") == [
        (13, {"regular_price": "150.00", "sale_price": ""})
    ]


def test_a_sale_price_needs_a_regular_one(shop: Shop, catalogue: WooCommerceCatalogue) -> None:
    shop.edit_product("TOW-0001", regular_price="")

    assert "no regular price" in catalogue.write_prices(ALL, {"11": {"sale": Decimal("9")}}).problems["11"]


def test_prices_that_are_so_already_are_not_sent(shop: Shop, catalogue: WooCommerceCatalogue) -> None:
    figures = {one: places for page in catalogue.prices(ALL) for one, places in page.items() if places}

    assert catalogue.write_prices(ALL, figures).problems == {}
    assert written(shop) == []


@pytest.mark.parametrize(
    ("sku", "gross"),
    [("TOW-0001", "29.99"), ("TOW-0019", "89.00"), ("TOW-0026", "2.49"), ("TOW-0003", "0.01")],
)
def test_a_shop_that_types_net_gets_the_net_price_of_which_the_buyer_pays_the_gross_one(
    shop: Shop, sku: str, gross: str
) -> None:
    shop.store.options["tax"]["woocommerce_prices_include_tax"] = "no"
    with joined(shop) as channel:
        catalogue = catalogue_of(channel)
        product = by_sku(catalogue)[sku].id

        done = catalogue.write_prices(ALL, {product: {"regular": Decimal(gross), "sale": Decimal(gross)}})

        assert done.problems == {}
        typed = Decimal(shop.product(sku)["regular_price"])
        assert typed < Decimal(gross) or gross == "0.01"
        (page,) = catalogue.prices(ALL)
        assert page[product] == {"regular": Decimal(gross), "sale": Decimal(gross)}


def test_a_net_price_is_refused_where_the_rate_is_not_certain(shop: Shop) -> None:
    shop.store.options["tax"]["woocommerce_prices_include_tax"] = "no"
    shop.edit_product("TOW-0001", tax_class="zwolnione")
    with joined(shop) as channel:
        done = catalogue_of(channel).write_prices(
            ALL, {"11": {"regular": Decimal("10")}, "12": {"regular": Decimal("123")}}
        )
    assert list(done.problems) == ["11"]
    assert 'tax class "zwolnione" is not certain' in done.problems["11"]
    assert shop.product("TOW-0002")["regular_price"] == "100.00"

    with joined(shop, tax_classes={"zwolnione": "zw"}) as channel:
        assert catalogue_of(channel).write_prices(ALL, {"11": {"regular": Decimal("10")}}).problems == {}
    assert shop.product("TOW-0001")["regular_price"] == "10.00"


def test_a_shop_that_reckons_no_taxes_types_what_the_buyer_pays(shop: Shop) -> None:
    shop.store.options["tax"]["woocommerce_prices_include_tax"] = "no"
    shop.store.options["general"]["woocommerce_calc_taxes"] = "no"
    with joined(shop) as channel:
        assert catalogue_of(channel).write_prices(ALL, {"11": {"regular": Decimal("10")}}).problems == {}

    assert shop.product("TOW-0001")["regular_price"] == "10.00"
