"""Who may call: the table of section 3.5, OAuth over plain HTTP, and what proxies and hosts do to it."""

from typing import Any

import pytest

from pomost.sandbox.woocommerce import Settings, Shop
from pomost.sandbox.woocommerce.settings import KEY

from .conftest import API, Caller, Clock, oauth

AUTH = "woocommerce_rest_authentication_error"
VIEW = "woocommerce_rest_cannot_view"


@pytest.fixture
def settings(clock: Clock) -> Settings:
    """As a real shop: no Basic on plain HTTP."""
    return Settings(now=clock, behind_proxy=True)


def signed(call: Caller, method: str, path: str, body: Any = None, **changes: str) -> Any:
    query = oauth(call.shop, method, path, **changes)
    return call.http.request(method, f"{call.shop.url}{API}{path}", params=query, json=body)


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_basic_over_plain_http_is_not_recognised(call: Caller) -> None:
    assert call.refused("GET", "/orders") == (401, VIEW)


def test_basic_works_when_the_proxy_tells_of_https(call: Caller) -> None:
    assert call.send("GET", "/orders", headers={"X-Forwarded-Proto": "https"}).status_code == 200


def test_a_proxy_that_nobody_believes_does_not_help(call: Caller, shop: Shop) -> None:
    shop.configure(behind_proxy=False)
    assert call.send("GET", "/orders", headers={"X-Forwarded-Proto": "https"}).status_code == 401


def test_keys_in_the_query_work_over_https_only(call: Caller, shop: Shop) -> None:
    keys = {"consumer_key": shop.key, "consumer_secret": shop.secret}
    url, https = f"{shop.url}{API}/orders", {"X-Forwarded-Proto": "https"}
    assert call.http.get(url, params=keys, headers=https).status_code == 200
    assert call.http.get(url, params=keys).status_code == 401


@pytest.mark.parametrize("digest", ["HMAC-SHA1", "HMAC-SHA256"])
def test_a_signed_call_works_over_plain_http(call: Caller, digest: str) -> None:
    assert signed(call, "GET", "/orders", oauth_signature_method=digest).status_code == 200
    made = signed(call, "POST", "/orders", {"status": "pending"}, oauth_signature_method=digest)
    assert made.status_code == 201


def test_array_parameters_are_signed_under_their_bracketed_name(call: Caller, shop: Shop) -> None:
    number = shop.place()[0]
    query = oauth(shop, "GET", "/orders", {"include[0]": str(number), "search": "ż ~*'"})
    answer = call.http.get(f"{shop.url}{API}/orders", params=query)
    assert answer.status_code == 200
    assert answer.json() == []


def test_the_body_is_not_signed(call: Caller, shop: Shop) -> None:
    number = shop.place()[0]
    query = oauth(shop, "PUT", f"/orders/{number}")
    url = f"{shop.url}{API}/orders/{number}"
    assert call.http.put(url, params=query, json={"customer_note": "inna treść"}).status_code == 200


def test_the_signature_may_come_in_the_header(call: Caller, shop: Shop) -> None:
    from urllib.parse import quote

    pairs = oauth(shop, "GET", "/orders")
    header = "OAuth " + ", ".join(f'{name}="{quote(value, safe="")}"' for name, value in pairs)
    assert call.http.get(f"{shop.url}{API}/orders", headers={"Authorization": header}).status_code == 200


def test_three_texts_tell_what_is_wrong_with_a_signature(call: Caller, shop: Shop, clock: Clock) -> None:
    late = str(int(clock()) - 901)
    answers = [
        signed(call, "GET", "/orders", secret="cs_wrong"),
        signed(call, "GET", "/orders", oauth_timestamp=late),
        signed(call, "GET", "/orders", oauth_nonce="once"),
        signed(call, "GET", "/orders", oauth_nonce="once"),
    ]
    assert answers[2].status_code == 200
    texts = [answers[place].json()["message"] for place in (0, 1, 3)]
    assert [told(answers[place]) for place in (0, 1, 3)] == [(401, AUTH)] * 3
    assert "signature" in texts[0]
    assert texts[1] == "Invalid timestamp."
    assert "nonce has already been used" in texts[2]


def test_the_clock_may_be_wrong_by_fifteen_minutes_and_the_answer_tells_the_time(
    call: Caller, shop: Shop, clock: Clock
) -> None:
    answer = signed(call, "GET", "/orders", oauth_timestamp=str(int(clock()) + 900))
    assert answer.status_code == 200
    assert answer.headers["date"] == "Sun, 22 Nov 2026 04:18:18 GMT"


def test_the_host_in_the_signature_must_be_the_one_the_shop_knows(call: Caller, shop: Shop) -> None:
    elsewhere = shop.url.replace("127.0.0.1", "localhost")
    real, shop.url = shop.url, elsewhere
    query = oauth(shop, "GET", "/orders")
    shop.url = real
    assert told(call.http.get(f"{real}{API}/orders", params=query)) == (401, AUTH)


def test_no_key_and_an_unknown_key_look_alike(call: Caller, shop: Shop) -> None:
    assert told(call.http.get(f"{shop.url}{API}/orders")) == (401, VIEW)
    assert told(signed(call, "GET", "/orders", oauth_consumer_key="ck_" + "0" * 40)) == (401, VIEW)


def test_a_wrong_secret_is_named(call: Caller, shop: Shop) -> None:
    answer = call.http.get(
        f"{shop.url}{API}/orders", auth=(KEY, "cs_wrong"), headers={"X-Forwarded-Proto": "https"}
    )
    assert (told(answer), answer.json()["message"]) == ((401, AUTH), "Consumer secret is invalid.")


def test_a_key_for_reading_does_not_write(call: Caller, shop: Shop) -> None:
    https, pair = {"X-Forwarded-Proto": "https"}, (shop.read_key, shop.read_secret)
    url = f"{shop.url}{API}/orders"
    assert call.http.get(url, auth=pair, headers=https).status_code == 200
    refused = call.http.post(url, auth=pair, headers=https, json={})
    assert told(refused) == (401, AUTH)
    assert "write permissions" in refused.json()["message"]
    assert shop.orders() == []


def test_an_application_password_works_and_opens_media_which_are_public(call: Caller, shop: Shop) -> None:
    https, user = {"X-Forwarded-Proto": "https"}, (shop.settings.app_user, shop.settings.app_password)
    assert call.http.get(f"{shop.url}{API}/orders", auth=user, headers=https).status_code == 200
    media = f"{shop.url}/wp-json/wp/v2/media"
    named = {**https, "Content-Disposition": 'attachment; filename="faktura.pdf"'}
    with_keys = call.http.post(media, auth=(shop.key, shop.secret), headers=named, content=b"%PDF")
    assert with_keys.status_code == 401
    made = call.http.post(media, auth=user, headers=named, content=b"%PDF")
    assert made.status_code == 201
    path = made.json()["source_url"].partition("/wp-content")[2]
    assert call.http.get(f"{shop.url}/wp-content{path}").content == b"%PDF"


def test_the_index_and_the_routes_need_no_key(call: Caller, shop: Shop) -> None:
    index = call.http.get(f"{shop.url}/wp-json/").json()
    assert "wc/v3" in index["namespaces"]
    routes = call.http.get(f"{shop.url}{API}").json()
    assert routes["namespace"] == "wc/v3"
    assert "/wc/v3/orders" in routes["routes"]


def test_with_plain_permalinks_the_api_is_elsewhere_and_knows_no_keys(call: Caller, shop: Shop) -> None:
    shop.configure(pretty_permalinks=False, basic_over_http=True)
    assert call.send("GET", "/orders").headers["content-type"].startswith("text/html")
    answer = call.http.get(
        f"{shop.url}/", params={"rest_route": "/wc/v3/orders"}, auth=(shop.key, shop.secret)
    )
    assert told(answer) == (401, VIEW)


def test_a_shop_may_live_in_a_subdirectory(clock: Clock) -> None:
    with Shop(Settings(now=clock, prefix="/sklep")) as below:
        caller = Caller(below)
        with caller.http:
            assert below.url.endswith("/sklep")
            assert signed(caller, "GET", "/orders").status_code == 200
            root = below.url.removesuffix("/sklep")
            assert caller.http.get(f"{root}/wp-json/").status_code == 404
