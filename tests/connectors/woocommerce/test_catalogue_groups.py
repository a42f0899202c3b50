"""C08: categories and brands of a shop, found and made. The sandbox makes none, so a few lines stand for a shop that does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pomost.connectors.woocommerce import Settings
from pomost.connectors.woocommerce.card_groups import Groups, Shelf
from pomost.connectors.woocommerce.client import WooCommerceClient
from pomost.ports import InDoubt, NeedsPerson
from tests.connectors.woocommerce.catalogue_shop import NoLimit


class Shelves:
    """Categories and, where the shop is new enough, brands. ``lost``: so many answers are cut after the work was done."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {
            "categories": [
                {"id": 16, "name": "Dom &amp; ogród", "parent": 0},
                {"id": 17, "name": "Lampy", "parent": 16},
                {"id": 18, "name": "Lampy", "parent": 0},
            ],
            "brands": [],
        }
        self.new = True
        self.lost = 0

    def answer(self, request: Request) -> Response:
        path = request.path.removeprefix("/wp-json")
        if path.strip("/") == "":
            routes = {"/wc/v3/products/categories": {}} | ({"/wc/v3/products/brands": {}} if self.new else {})
            return self._json({"namespaces": ["wc/v3"], "routes": routes})
        rows = self.rows[path.rsplit("/", 1)[-1]]
        if request.method == "GET":
            return self._json(rows)
        sent = json.loads(request.data)
        made = {"id": 100 + sum(map(len, self.rows.values())), "parent": 0, **sent}
        rows.append(made)
        if self.lost:
            self.lost -= 1
            return Response("gateway timeout", 504)
        return self._json(made)

    def _json(self, data: Any) -> Response:
        return Response(json.dumps(data), content_type="application/json")


@pytest.fixture
def shelves(httpserver: HTTPServer) -> Shelves:
    made = Shelves()
    httpserver.expect_request(re.compile("/wp-json.*")).respond_with_handler(made.answer)
    return made


@pytest.fixture
def groups(httpserver: HTTPServer, shelves: Shelves) -> Iterator[Groups]:
    client = WooCommerceClient(
        Settings(name="sklep", url=httpserver.url_for("").rstrip("/"), key="ck_1", secret="cs_1"), NoLimit()
    )
    yield Groups(client)
    client.close()


def test_a_category_is_found_by_its_path_as_people_write_it(groups: Groups) -> None:
    assert groups.number(Shelf.CATEGORIES, "Dom & ogród/Lampy", False, "X") == 17
    assert groups.number(Shelf.CATEGORIES, " Lampy ", False, "X") == 18
    assert groups.path(Shelf.CATEGORIES, 17) == "Dom & ogród/Lampy"
    assert groups.path(Shelf.CATEGORIES, 99) == groups.path(Shelf.CATEGORIES, 0) == ""


def test_what_is_missing_is_made_with_what_is_above_it_where_that_is_allowed(
    groups: Groups, shelves: Shelves
) -> None:
    with pytest.raises(NeedsPerson) as refused:
        groups.number(Shelf.CATEGORIES, "Dom & ogród/Meble/Krzesła", False, "X")
    assert refused.value.code == "woocommerce.unknown-group"
    assert len(shelves.rows["categories"]) == 3

    number = groups.number(Shelf.CATEGORIES, "Dom & ogród/Meble/Krzesła", True, "X")

    above, made = shelves.rows["categories"][3:]
    assert (above["name"], above["parent"], made["name"], made["parent"]) == (
        "Meble",
        16,
        "Krzesła",
        above["id"],
    )
    assert number == made["id"]
    assert groups.number(Shelf.CATEGORIES, "Dom & ogród/Meble/Krzesła", True, "X") == number
    assert len(shelves.rows["categories"]) == 5


def test_two_of_one_name_are_a_question_and_none_is_made(groups: Groups, shelves: Shelves) -> None:
    shelves.rows["categories"].append({"id": 19, "name": "Lampy", "parent": 0})

    with pytest.raises(NeedsPerson):
        groups.number(Shelf.CATEGORIES, "Lampy", True, "X")


def test_a_group_whose_answer_was_lost_is_found_and_not_made_twice(groups: Groups, shelves: Shelves) -> None:
    shelves.lost = 1
    with pytest.raises(InDoubt):
        groups.number(Shelf.BRANDS, "Huta / Światła", True, "X")

    number = groups.number(Shelf.BRANDS, "Huta / Światła", True, "X")

    assert [one["id"] for one in shelves.rows["brands"]] == [number]
    assert shelves.rows["brands"][0]["name"] == "Huta / Światła", "a brand has no path"


@pytest.mark.parametrize("new", [True, False])
def test_whether_a_shop_has_brands_is_asked_of_its_list_of_routes(
    groups: Groups, shelves: Shelves, new: bool
) -> None:
    shelves.new = new

    assert groups.has(Shelf.BRANDS) is new
    assert groups.has(Shelf.CATEGORIES)
