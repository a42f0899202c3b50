"""Lists, paging, dates, cut answers and batches (section 4), and errors (section 13)."""

from typing import Any

import pytest

from pomost.sandbox.woocommerce import Shop

from .conftest import API, Caller, Clock


def test_pages_tell_the_total_and_past_the_end_the_total_is_zero(shop: Shop, call: Caller) -> None:
    shop.place(25)
    first = call.send("GET", "/orders", {"orderby": "id", "order": "asc"})
    assert (len(first.json()), first.headers["x-wp-total"], first.headers["x-wp-totalpages"]) == (
        10,
        "25",
        "3",
    )
    assert 'rel="next"' in first.headers["link"]
    last = call.send("GET", "/orders", {"page": 3})
    assert (len(last.json()), last.headers["x-wp-total"]) == (5, "25")
    assert 'rel="next"' not in last.headers["link"]
    past = call.send("GET", "/orders", {"page": 4})
    assert (past.status_code, past.json(), past.headers["x-wp-total"]) == (200, [], "0")


def test_offset_and_page_size_have_their_bounds(shop: Shop, call: Caller) -> None:
    numbers = shop.place(7)
    assert call.ids("/orders", offset=2, per_page=3, orderby="id", order="asc") == numbers[2:5]
    assert len(call.get("/orders", per_page=100)) == 7
    answer = call.send("GET", "/orders", {"per_page": 101})
    assert answer.status_code == 400
    assert answer.json()["code"] == "rest_invalid_param"
    assert "per_page" in answer.json()["data"]["params"]


WRONG: list[Any] = [
    {"per_page": 0},
    {"page": "x"},
    {"orderby": "number"},
    {"order": "up"},
    {"status": "wysłane"},
    {"modified_after": "wczoraj"},
    {"include": "1,b"},
]


@pytest.mark.parametrize("query", WRONG, ids=[next(iter(one)) for one in WRONG])
def test_wrong_values_of_known_parameters_are_refused(call: Caller, query: dict[str, Any]) -> None:
    answer = call.send("GET", "/orders", query)
    assert (answer.status_code, answer.json()["code"]) == (400, "rest_invalid_param")
    assert list(answer.json()["data"]["params"]) == list(query)


def test_rows_of_one_moment_come_with_the_higher_id_first(shop: Shop, call: Caller, clock: Clock) -> None:
    first = shop.place(3)
    clock.pass_s(1)
    second = shop.place(2)
    found = call.ids("/orders", orderby="modified", order="asc")
    assert found == [*reversed(first), *reversed(second)]


def test_lists_are_filtered(shop: Shop, call: Caller, clock: Clock) -> None:
    account = shop.add_customer("stala@example.test")
    mine = shop.place(customer_id=account, email="stala@example.test")[0]
    clock.pass_s(60)
    other = shop.place(lines=[("TOW-0016", 3)], last_name="Wyjątkowa")[0]
    assert call.ids("/orders", customer=account) == [mine]
    assert call.ids("/orders", product=26) == [other]
    assert call.ids("/orders", search="wyjątkowa") == [other]
    assert call.ids("/orders", exclude=mine) == [other]
    assert call.ids("/orders", **{"include[]": [mine]}) == [mine]
    assert call.ids("/orders", include=f"{other},{mine}", orderby="include") == [other, mine]
    assert call.ids("/orders", after="2026-11-22T05:18:18") == [other]
    assert call.ids("/orders", before="2026-11-22T05:18:19") == [mine]


def test_an_older_shop_ignores_the_filter_by_modification(shop: Shop, call: Caller) -> None:
    number = shop.place()[0]
    shop.configure(modified_filters=False)
    assert call.ids("/orders", modified_after="2099-01-01T00:00:00Z") == [number]


def test_answers_are_cut_to_fields(shop: Shop, call: Caller) -> None:
    number = shop.place(lines=[("TOW-0001", 1)])[0]
    found = call.get(f"/orders/{number}", _fields="id,status,line_items.total")
    assert found == {"id": number, "status": "processing", "line_items": [{"total": "24.38"}]}
    assert call.get("/orders", **{"_fields[]": ["id"]}) == [{"id": number}]


def test_more_places_can_be_asked_for(shop: Shop, call: Caller) -> None:
    number = shop.place(lines=[("TOW-0001", 2)])[0]
    assert call.get(f"/orders/{number}", dp=4)["line_items"][0]["total"] == "48.7642"
    assert call.get(f"/orders/{number}", dp=6)["line_items"][0]["total"] == "48.764228"


def test_a_batch_takes_a_hundred_items_altogether(call: Caller) -> None:
    rows = [{"id": 11, "stock_quantity": 5}] * 100
    assert len(call("POST", "/products/batch", body={"update": rows})["update"]) == 100
    refused = call.refused("POST", "/products/batch", body={"update": rows, "delete": [99_999]})
    assert refused == (413, "woocommerce_rest_request_entity_too_large")


def test_orders_customers_and_webhooks_have_batches_too(shop: Shop, call: Caller) -> None:
    numbers = shop.place(2)
    sent = {"update": [{"id": numbers[0], "status": "completed"}, {"id": 9_999, "status": "completed"}]}
    found = call("POST", "/orders/batch", body=sent)["update"]
    assert (found[0]["status"], found[1]["error"]["code"]) == (
        "completed",
        "woocommerce_rest_shop_order_invalid_id",
    )
    made = call(
        "POST",
        "/customers/batch",
        body={"create": [{"email": "a@example.test"}, {"email": "a@example.test"}]},
    )
    assert made["create"][1]["error"]["code"] == "registration-error-email-exists"


ERRORS: list[Any] = [
    ("GET", "/orders/9999", None, 404, "woocommerce_rest_shop_order_invalid_id"),
    ("GET", "/products/9999", None, 404, "woocommerce_rest_product_invalid_id"),
    ("GET", "/nothing", None, 404, "rest_no_route"),
    ("DELETE", "/orders", None, 404, "rest_no_route"),
    ("POST", "/orders", {"status": "wysłane"}, 400, "rest_invalid_param"),
    ("POST", "/orders", {"customer_id": 77}, 400, "woocommerce_rest_invalid_customer_id"),
    ("POST", "/orders", {"coupon_lines": [{"code": "NIEMA"}]}, 400, "woocommerce_rest_invalid_coupon"),
    ("DELETE", "/customers/9999", None, 404, "woocommerce_rest_invalid_id"),
    ("DELETE", "/taxes/1", None, 501, "woocommerce_rest_trash_not_supported"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), ERRORS)
def test_errors_have_their_codes(
    call: Caller, method: str, path: str, body: Any, status: int, code: str
) -> None:
    assert call.refused(method, path, body=body) == (status, code)


def test_broken_json_and_what_is_no_api(shop: Shop, call: Caller) -> None:
    answer = call.http.post(
        f"{shop.url}{API}/orders",
        content=b'{"status": ',
        headers={"Content-Type": "application/json"},
        auth=(shop.key, shop.secret),
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "rest_invalid_json")
    page = call.http.get(f"{shop.url}/koszyk/")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=UTF-8")


def test_other_ways_of_saying_put(shop: Shop, call: Caller) -> None:
    number = shop.place()[0]
    one = call.send(
        "POST", f"/orders/{number}", body={"customer_note": "a"}, headers={"X-HTTP-Method-Override": "PUT"}
    )
    two = call.send("POST", f"/orders/{number}", {"_method": "PUT"}, {"customer_note": "b"})
    three = call.send("PATCH", f"/orders/{number}", body={"customer_note": "c"})
    assert [answer.json()["customer_note"] for answer in (one, two, three)] == ["a", "b", "c"]
    assert call.send("POST", f"/orders/{number}", {"_method": "DELETE"}).status_code == 200
    assert shop.order(number)["status"] == "trash"


def test_what_is_in_the_trash_cannot_be_trashed_again(shop: Shop, call: Caller) -> None:
    number = shop.place()[0]
    assert call("DELETE", f"/orders/{number}")["status"] == "processing"
    assert call.refused("DELETE", f"/orders/{number}") == (410, "woocommerce_rest_already_trashed")
    call("DELETE", f"/orders/{number}", {"force": "true"})
    assert call.send("GET", f"/orders/{number}").status_code == 404


def test_signed_in_answers_are_not_to_be_cached(call: Caller) -> None:
    assert "no-store" in call.send("GET", "/orders").headers["cache-control"]


def test_slashes_and_letters_are_escaped_as_php_does(shop: Shop, call: Caller) -> None:
    number = shop.place(address="ul. Łąkowa 3/4")[0]
    raw = call.send("GET", f"/orders/{number}").content
    assert b"ul. \\u0141\\u0105kowa 3\\/4" in raw


def test_the_smaller_resources_answer(shop: Shop, call: Caller) -> None:
    options = {one["id"]: one["value"] for one in call.get("/settings/tax")}
    assert options["woocommerce_prices_include_tax"] == "yes"
    general = {one["id"]: one["value"] for one in call.get("/settings/general")}
    assert (general["woocommerce_currency"], general["woocommerce_default_country"]) == ("PLN", "PL")
    assert [one["id"] for one in call.get("/settings")] == ["general", "tax", "products"]
    shop.enable_gateway("bacs", enabled=False)
    on = {one["id"]: one["enabled"] for one in call.get("/payment_gateways")}
    assert (on["payu"], on["bacs"]) == (True, False)
    assert [one["instance_id"] for one in call.get("/shipping/zones/1/methods")] == [1, 2, 3, 4]
    assert call.get("/system_status")["settings"]["HPOS_enabled"] is True
    assert call.get("/data/currencies/current")["code"] == "PLN"
    assert {one["slug"] for one in call.get("/taxes/classes")} >= {"standard", "vat-8", "zwolnione"}


def test_guests_are_no_customers_and_other_roles_are_hidden(shop: Shop, call: Caller) -> None:
    shop.place(email="gosc@example.test")
    number = shop.add_customer("anna@example.test", first_name="Anna")
    shop.add_customer("szef@example.test", role="shop_manager")
    assert call.ids("/customers") == [number]
    assert len(call.get("/customers", role="all")) == 2
    assert call.ids("/customers", email="anna@example.test", modified_after="2099-01-01T00:00:00") == [number]
