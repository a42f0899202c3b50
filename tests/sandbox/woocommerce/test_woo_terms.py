"""Categories, brands, tags and attributes of the sandbox's shop, as its API has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from pomost.sandbox.woocommerce import Settings, Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop(Settings(brands=True, basic_over_http=True)) as running:
        yield running


def call(shop: Shop, method: str, path: str, sent: Any = None, **query: Any) -> tuple[int, Any]:
    answer = httpx2.request(
        method, f"{shop.url}/wp-json/wc/v3/{path}", json=sent, params=query, auth=(shop.key, shop.secret)
    )
    return answer.status_code, answer.json()


@pytest.mark.parametrize("shelf", ["categories", "brands", "tags"])
def test_a_group_is_made_once_by_name(shop: Shop, shelf: str) -> None:
    status, made = call(shop, "POST", f"products/{shelf}", {"name": "Huta & Światło"})
    assert (status, made["name"], made["slug"], made["count"]) == (
        201,
        "Huta &amp; Światło",
        "huta-swiatlo",
        0,
    )

    status, refused = call(shop, "POST", f"products/{shelf}", {"name": "Huta & Światło"})
    assert (status, refused["code"], refused["data"]["resource_id"]) == (400, "term_exists", made["id"])

    status, nameless = call(shop, "POST", f"products/{shelf}", {"name": " "})
    assert (status, nameless["code"]) == (400, "rest_missing_callback_param")


def test_one_name_may_stand_below_two_others(shop: Shop) -> None:
    _, dom = call(shop, "POST", "products/categories", {"name": "Dom i ogród"})
    _, one = call(shop, "POST", "products/categories", {"name": "Lampy"})
    status, two = call(shop, "POST", "products/categories", {"name": "Lampy", "parent": dom["id"]})
    assert (status, two["parent"], one["slug"] != two["slug"]) == (201, dom["id"], True)
    assert call(shop, "POST", "products/categories", {"name": "X", "parent": 9999})[0] == 400
    _, below = call(shop, "GET", "products/categories", parent=dom["id"])
    assert [row["id"] for row in below] == [two["id"]]


def test_a_product_is_put_into_groups_and_counted(shop: Shop) -> None:
    _, brand = call(shop, "POST", "products/brands", {"name": "Huta"})
    _, tag = call(shop, "POST", "products/tags", {"name": "nowość"})
    sent = {"brands": [{"id": brand["id"]}, {"id": 9999}], "tags": [{"id": tag["id"]}]}
    status, product = call(shop, "PUT", "products/13", sent)
    assert status == 200
    assert [one["name"] for one in product["brands"]] == ["Huta"]
    assert [one["name"] for one in product["tags"]] == ["nowość"]
    assert call(shop, "GET", f"products/brands/{brand['id']}")[1]["count"] == 1

    assert call(shop, "DELETE", f"products/brands/{brand['id']}")[0] == 501
    assert call(shop, "DELETE", f"products/brands/{brand['id']}", force="true")[0] == 200
    assert call(shop, "GET", "products/13")[1]["brands"] == []
    assert call(shop, "GET", f"products/brands/{brand['id']}")[0] == 404


def test_a_batch_answers_each_by_itself(shop: Shop) -> None:
    status, answer = call(
        shop, "POST", "products/brands/batch", {"create": [{"name": "A"}, {"name": "A"}, {"name": "B"}]}
    )
    assert status == 200
    assert [one.get("name") or one["error"]["code"] for one in answer["create"]] == ["A", "term_exists", "B"]


def test_attributes_have_terms(shop: Shop) -> None:
    status, made = call(shop, "POST", "products/attributes", {"name": "Kolor"})
    assert (status, made["slug"]) == (201, "pa_kolor")
    path = f"products/attributes/{made['id']}/terms"
    assert call(shop, "POST", path, {"name": "zielony"})[0] == 201
    assert call(shop, "POST", path, {"name": "zielony"})[1]["code"] == "term_exists"
    assert [row["name"] for row in call(shop, "GET", path)[1]] == ["zielony"]
    assert call(shop, "GET", "products/attributes/9999/terms")[0] == 404


def test_a_shop_without_brands_has_no_list_of_them() -> None:
    with Shop(Settings(basic_over_http=True)) as older:
        status, refused = call(older, "GET", "products/brands")
        assert (status, refused["code"]) == (404, "rest_no_route")
        routes = httpx2.get(f"{older.url}/wp-json/").json()["routes"]
        assert "/wc/v3/products/brands" not in routes
