"""The HTTP API as a program uses it: tokens, orders, documents, stock, prints; and hints that come in."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page

from pomost.panel import hints
from pomost.panel.security.scopes import SCOPES
from pomost.sandbox.baselinker import Sandbox
from pomost.signing import HEADER, signature
from pomost.store.prints import document_print
from tests.panel.conftest import Desk, faults_of
from tests.panel.test_stock_pages import open_shop
from tests.receiver import SECRET, Receiver
from tests.shelf import Shelf

Panel = Callable[..., Desk]


class Program:
    """A program with a token of these scopes."""

    def __init__(self, desk: Desk, *scopes: str, language: str = "en") -> None:
        self.token = desk.pomost.store.people.add_token("magazyn", scopes or SCOPES, "test", time.time())
        self.http = httpx2.Client(
            base_url=f"{desk.url}/api/v1",
            timeout=30,
            headers={"authorization": f"Bearer {self.token}", "accept-language": language},
        )

    def get(self, path: str, **asked: Any) -> Any:
        answer = self.http.get(path, params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None) -> httpx2.Response:
        return self.http.post(path, json=body)


def waiting(desk: Desk, count: int = 1) -> list[int]:
    orders = desk.house.shop.place(count, paid=True)
    desk.house.run_until(lambda: desk.house.states() == {"waiting": count})
    return orders


def test_orders_come_in_pages_by_the_filters_of_the_panel(panel: Panel) -> None:
    desk = panel()
    orders = waiting(desk, 5)
    program = Program(desk, "read")

    first = program.get("/orders", limit=2, state="waiting")
    second = program.get("/orders", limit=2, state="waiting", after=first["following"])
    third = program.get("/orders", limit=2, state="waiting", after=second["following"])
    one = program.get("/orders", text=str(orders[0]))

    numbers = [line["number"] for page in (first, second, third) for line in page["orders"]]
    assert numbers == [str(order) for order in reversed(orders)]
    assert third["following"] is None
    assert [line["number"] for line in one["orders"]] == [str(orders[0])]
    assert program.get("/orders", state="attention")["orders"] == []
    assert program.get("/orders", first_day="2020-01-01", last_day="2020-01-02")["orders"] == []


def test_an_order_has_its_lines_steps_and_history_and_nothing_of_the_buyer(panel: Panel) -> None:
    desk = panel()
    order = waiting(desk)[0]
    program = Program(desk, "read", language="pl")
    (line,) = program.get("/orders")["orders"]

    whole = program.get(f"/orders/{line['id']}")

    assert whole["lines"]
    assert whole["steps"][0]["state"] == "done"
    assert whole["steps"][0]["result"]["kind"] == "RO"
    assert whole["waits"][0]["text"]
    assert whole["history"][0]["at"].endswith("Z")
    assert re.fullmatch(r"-?\d+\.\d\d", whole["total"])
    case = desk.pomost.store.cases.load(line["id"])
    assert case.order is not None
    buyer = case.order.buyer
    said = json.dumps(whole, ensure_ascii=False)
    assert [one for one in (buyer.name, buyer.email, buyer.phone) if one and one in said] == []
    assert str(order) in said


def test_a_program_retries_and_the_audit_trail_has_its_name(panel: Panel) -> None:
    desk = panel()
    waiting(desk)
    program = Program(desk, "read", "orders")
    (line,) = program.get("/orders")["orders"]
    before = desk.pomost.store.queries.all()[0]

    answer = program.post(f"/orders/{line['id']}/retry")

    assert answer.status_code == 202
    assert answer.json() == {"id": line["id"], "number": line["number"]}
    act = desk.pomost.store.audits.page()[0]
    assert (act.who, act.act, act.target) == ("token magazyn", "order.retry", before.number)


def test_a_program_skips_a_step_and_hears_why_it_can_not(panel: Panel) -> None:
    desk = panel()
    waiting(desk)
    program = Program(desk, "read", "orders", language="pl")
    (line,) = program.get("/orders")["orders"]

    wrong = program.post(f"/orders/{line['id']}/skip", {"step": "nie ma takiego"})
    done = program.post(f"/orders/{line['id']}/skip", {"step": "wz"})
    again = program.post(f"/orders/{line['id']}/resolve", {"step": "ro", "happened": False})
    hostile = [
        {"step": "a\0"},
        {"step": ""},
        {"step": "x" * 81},
        {"step": "wz", "more": 1},
        {},
        [],
        "wz",
        None,
    ]
    assert {program.post(f"/orders/{line['id']}/skip", one).status_code for one in hostile} == {422}

    assert (wrong.status_code, wrong.json()["code"]) == (409, "decide.no-step")
    assert "Przepływ nie ma kroku" in wrong.json()["text"]
    assert done.status_code == 202
    assert (again.status_code, again.json()["code"]) == (409, "decide.not-in-doubt")
    assert desk.pomost.store.steps.of_case(line["id"])["wz"].state == "skipped"


def test_a_program_settles_a_doubt_with_the_number_that_it_found(panel: Panel) -> None:
    desk = panel()
    order = waiting(desk)[0]
    number = desk.house.documents(order)[0].number
    store = desk.pomost.store
    (line,) = store.queries.find(str(order))
    with store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE steps SET state = 'doubt' WHERE step = 'ro'")
    program = Program(desk, "orders")

    without = program.post(f"/orders/{line.id}/resolve", {"step": "ro", "happened": True})
    other = program.post(
        f"/orders/{line.id}/resolve", {"step": "ro", "happened": True, "number": "RO/77/2026"}
    )
    right = program.post(f"/orders/{line.id}/resolve", {"step": "ro", "happened": True, "number": number})

    assert [one.json().get("code") for one in (without, other)] == [
        "decide.number-needed",
        "decide.not-in-ledger",
    ]
    assert right.status_code == 202
    assert store.steps.of_case(line.id)["ro"].result["number"] == number
    assert len(desk.house.documents(order)) == 1


def test_documents_are_listed_read_and_printed_as_they_were_given_out(panel: Panel) -> None:
    desk = panel()
    orders = waiting(desk, 3)
    program = Program(desk, "read")

    first = program.get("/documents", kind="RO", limit=2)
    rest = program.get("/documents", kind="RO", limit=2, after=first["following"])
    mine = program.get("/documents", order=str(orders[0]))["documents"]
    whole = program.get(f"/documents/{mine[0]['id']}")
    paper = program.http.get(f"/documents/{mine[0]['id']}/pdf")

    assert len(first["documents"]) == 2
    assert len(rest["documents"]) == 1
    assert rest["following"] == ""
    assert [one["order"] for one in mine] == [str(orders[0])]
    assert whole["gross"] == f"{desk.house.documents(orders[0])[0].gross}"
    assert whole["lines"]
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")


def test_the_stock_of_an_item(panel: Panel) -> None:
    desk = panel()
    waiting(desk)
    program = Program(desk, "read", "stock")

    mug = program.get("/stock", sku="KUBEK-1")
    unknown = program.http.get("/stock", params={"sku": "NIE-MA"})
    stranger = program.http.get("/stock", params={"sku": "KUBEK-1", "company": "inna"})

    assert mug["warehouses"][0]["warehouse"] == "MAG"
    assert mug["warehouses"][0]["quantity"] == "10000"
    assert (unknown.status_code, unknown.json()["code"]) == (404, "api.not-there")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "api.unknown-company")
    assert program.post("/stock/push").json() == {"catalogues": [], "pushed": []}


def test_one_item_is_sent_at_once_and_the_answer_says_what_came_of_it(panel: Panel, shop: Sandbox) -> None:
    desk = open_shop(panel)
    operator = desk.client("operator")
    operator.post("/stock/push", page="/stock", catalogue="sklep")
    shelf = Shelf(shop)
    shelf.set_stock("KUBEK-01", 17)
    shelf.set_stock("KUBEK-02", 18)
    program = Program(desk, "stock")

    stock = program.post("/stock/push?sku=KUBEK-01&catalogue=sklep")
    again = program.post("/stock/push?sku=KUBEK-01")
    prices = program.post("/prices/push?sku=KUBEK-01")

    assert (stock.status_code, again.status_code, prices.status_code) == (200, 200, 200)
    assert stock.json()["pushed"][0]["catalogue"] == "sklep"
    assert (stock.json()["pushed"][0]["products"], stock.json()["pushed"][0]["problems"]) == (1, 0)
    assert shelf.stock("KUBEK-01") == 9_990, "what is to be shown, whatever the shop says"
    assert shelf.stock("KUBEK-02") == 18, "nothing else was sent"
    acts = [one for one in desk.pomost.store.audits.page() if one.who == "token magazyn"]
    assert [(one.act, one.target, one.data["what"]) for one in acts][::-1] == [
        ("stock.push", "sklep KUBEK-01", "stock"),
        ("stock.push", "KUBEK-01", "stock"),
        ("stock.push", "KUBEK-01", "price"),
    ]


def test_without_a_sku_the_catalogues_are_told_and_the_program_does_not_wait(panel: Panel) -> None:
    program = Program(open_shop(panel), "stock")

    for path in ("/stock/push", "/prices/push?catalogue=sklep"):
        answer = program.post(path)
        assert (answer.status_code, answer.json()) == (202, {"catalogues": ["sklep"], "pushed": []})


def test_what_can_t_be_sent_is_said_and_nothing_is_asked_of_the_channel(panel: Panel, shop: Sandbox) -> None:
    desk = panel(catalogue=[{"name": "sklep", "channel": "baselinker", "stock": [{}]}])
    program = Program(desk, "stock")
    program.post("/stock/push?sku=KUBEK-01")
    before = len(shop.calls())

    unknown = program.post("/stock/push?sku=NIE-MA")
    elsewhere = program.post("/stock/push?sku=KUBEK-01&catalogue=inny")
    no_prices = program.post("/prices/push?sku=KUBEK-01")
    reader = Program(desk, "read").post("/prices/push?sku=KUBEK-01")
    too_long = program.post(f"/stock/push?sku={'x' * 201}")

    assert (unknown.status_code, unknown.json()["code"]) == (404, "api.not-there")
    assert elsewhere.status_code == 404
    assert (no_prices.status_code, no_prices.json()["code"]) == (409, "api.no-such-figures")
    assert (reader.status_code, reader.json()["code"]) == (403, "api.no-scope")
    assert too_long.status_code == 422
    assert len(shop.calls()) == before


def test_prints_are_taken_one_page_after_the_other_and_marked_once(panel: Panel) -> None:
    desk = panel()
    prints = desk.pomost.store.prints
    for number in range(5):
        prints.add(document_print("main", str(number), "FS", f"FS/{number}/2026"), time.time())
    program = Program(desk, "read", "print")

    first = program.get("/prints", limit=3)
    second = program.get("/prints", limit=3, after=first["following"])
    ids = [one["id"] for one in first["prints"]]
    marked = program.post("/prints/mark", {"ids": ids}).json()
    again = program.post("/prints/mark", {"ids": ids}).json()

    assert [one["title"] for one in first["prints"] + second["prints"]] == [f"FS/{n}/2026" for n in range(5)]
    assert second["following"] == ""
    assert (marked["ids"], again["ids"]) == (ids, [])
    assert len(program.get("/prints")["prints"]) == 2
    assert {one["printed_by"] for one in program.get("/prints", printed=True)["prints"]} == {"token magazyn"}
    assert program.post("/prints/mark", {"ids": ids[:1], "printed": False}).json()["ids"] == ids[:1]


def test_health_says_how_each_connection_is(panel: Panel) -> None:
    desk = panel()
    waiting(desk)

    said = Program(desk, "read").get("/health")

    assert said["orders"] == {"waiting": 1}
    assert said["connections"][0]["name"] == "baselinker"
    assert said["connections"][0]["condition"] == "good"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/orders?limit=501", 422, "api.bad-value"),
        ("/orders?after=x", 422, "api.bad-value"),
        ("/orders?first_day=wczoraj", 422, "api.bad-value"),
        ("/orders/0", 404, "api.not-there"),
        ("/orders/99999999999999999999999", 404, "api.not-there"),
        ("/orders/x", 422, "api.bad-value"),
        ("/documents/-1", 404, "api.not-there"),
        ("/documents?company=nobody", 404, "api.unknown-company"),
        ("/prints?after=1", 422, "api.bad-value"),
        ("/nothing", 404, "api.no-address"),
        ("/orders?source=a%00", 422, "api.bad-value"),
    ],
)
def test_what_makes_no_sense_is_said_as_json(panel: Panel, path: str, status: int, code: str) -> None:
    program = Program(panel(), "read")

    answer = program.http.get(path)

    assert answer.status_code == status
    assert set(answer.json()) == {"code", "text", "advice"}
    assert answer.json()["code"] == code


@pytest.mark.parametrize(
    ("language", "text"),
    [("pl", "Brakuje tokenu."), ("en-GB,en;q=0.9", "There is no token."), ("de", "Brakuje tokenu.")],
)
def test_refusals_are_in_the_language_asked_for(panel: Panel, language: str, text: str) -> None:
    desk = panel()

    answer = httpx2.get(f"{desk.url}/api/v1/orders", headers={"accept-language": language})

    assert (answer.status_code, answer.json()["text"]) == (401, text)
    assert answer.headers["www-authenticate"] == "Bearer"


def test_guessing_tokens_is_slowed_down_and_the_right_one_is_never_kept_waiting(panel: Panel) -> None:
    desk = panel()
    program = Program(desk, "read")

    def guess() -> httpx2.Response:
        return httpx2.get(f"{desk.url}/api/v1/orders", headers={"authorization": "Bearer pomost_x"})

    answers = [guess().status_code for _ in range(5)]
    then = guess()

    assert answers == [401] * 5
    assert then.status_code == 429
    assert int(then.headers["retry-after"]) >= 1
    assert program.get("/orders")["orders"] == []


def test_a_revoked_token_is_worth_nothing(panel: Panel) -> None:
    desk = panel()
    program = Program(desk)
    (token,) = desk.pomost.store.people.tokens()

    desk.pomost.store.people.revoke(token.id, time.time())

    assert program.http.get("/orders").status_code == 401


def test_the_description_holds_the_api_and_nothing_else_and_each_address_names_its_scope(
    panel: Panel,
) -> None:
    desk = panel()

    described = httpx2.get(f"{desk.url}/api/openapi.json").json()

    assert described["servers"] == [{"url": "/api/v1"}]
    assert {path.split("/")[1] for path in described["paths"]} == {
        "orders",
        "documents",
        "stock",
        "prices",
        "prints",
        "health",
        "carriers",
        "pickups",
    }
    for path, methods in described["paths"].items():
        for one in methods.values():
            assert one["x-scope"] in SCOPES, path
            assert one["security"], path
            assert one["description"], path


@pytest.mark.parametrize("language", ["pl", "en"])
def test_the_description_is_a_page_without_any_outside_host(
    panel: Panel, browser_page: Callable[..., Page], language: str
) -> None:
    desk = panel()
    page = browser_page(desk, "reader", language)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto("/api/docs")

    assert "GET /api/v1/orders" in page.inner_text("main")
    assert {url for url in asked if not url.startswith(desk.url)} == set()
    assert faults_of(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


# --- hints that come in


def call(
    desk: Desk, name: str, secret: str, body: bytes = b"", moment: float | None = None
) -> httpx2.Response:
    header = signature(secret, int(time.time() if moment is None else moment), body)
    return httpx2.post(f"{desk.url}/hooks/{name}", content=body, headers={HEADER: header})


HINT = {"name": "sklep", "source": "baselinker", "secret": SECRET}


def test_a_signed_hint_has_the_source_looked_at_at_once(panel: Panel) -> None:
    """The source would be looked at once an hour."""
    desk = panel(hint=[HINT], baselinker={"poll_s": 3600, "poll_busy_s": 3600})
    desk.house.run_until(lambda: bool(desk.pomost.store.looks.all()))
    time.sleep(1)
    desk.house.shop.place(paid=True)
    time.sleep(1)
    assert desk.house.states() == {}

    answer = call(desk, "sklep", SECRET)

    assert (answer.status_code, answer.json()) == (202, {"accepted": True})
    desk.house.run_until(lambda: desk.house.states() == {"waiting": 1}, seconds=10)


@pytest.mark.parametrize(
    ("name", "secret", "body", "late"),
    [
        ("sklep", "another secret altogether", b"", 0.0),
        ("inny", SECRET, b"", 0.0),
        ("sklep", SECRET, b"", -400.0),
        ("sklep", SECRET, b"", 400.0),
    ],
)
def test_what_is_not_signed_rightly_is_refused_without_saying_why(
    panel: Panel, name: str, secret: str, body: bytes, late: float
) -> None:
    desk = panel(hint=[HINT])

    answer = call(desk, name, secret, body, time.time() + late)

    assert (answer.status_code, answer.json()["code"]) == (401, "api.bad-signature")


def test_a_long_hint_is_refused_and_many_wrong_ones_are_slowed_down(panel: Panel) -> None:
    desk = panel(hint=[HINT])

    assert call(desk, "sklep", SECRET, b"x" * 70_000).status_code == 413
    assert [call(desk, "sklep", "wrong wrong wrong").status_code for _ in range(6)] == [401] * 5 + [429]
    assert call(desk, "sklep", SECRET).status_code == 202


def test_hints_by_the_thousand_cost_one_look_in_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hints, "REST_S", 0.4)
    looks: list[float] = []

    class Pomost:
        def look_now(self, source: str) -> bool:
            looks.append(time.monotonic())
            return True

    followed = hints.Hints()
    for _ in range(1_000):
        followed.follow(Pomost(), "baselinker")  # type: ignore[arg-type]
    assert len(looks) == 1
    time.sleep(2.0)

    assert len(looks) == 2
    assert looks[1] - looks[0] >= 0.38
    followed.follow(Pomost(), "baselinker")  # type: ignore[arg-type]
    assert len(looks) == 3


# --- the page of notices


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as one:
        yield one


@pytest.mark.parametrize("language", ["pl", "en"])
def test_an_administrator_tries_a_receiver_and_sends_again_what_was_given_up(
    panel: Panel, browser_page: Callable[..., Page], receiver: Receiver, language: str
) -> None:
    receiver.answer = lambda got: 500
    desk = panel(webhook=[receiver.hook(give_up_hours=0.0001)])
    outbox = desk.pomost.store.outbox
    page = browser_page(desk, "administrator", language)
    page.goto("/webhooks")
    page.click("form[action='/webhooks/magazyn/test'] button")
    desk.house.run_until(lambda: outbox.standing("magazyn").given_up == 1)
    page.goto("/webhooks?unsent=yes")
    assert "HTTP 500" in page.inner_text("main")
    assert SECRET not in page.content()
    assert faults_of(page) == []

    receiver.answer = lambda got: 200
    page.click("form[action^='/webhooks/again/'] button")
    desk.house.run_until(lambda: outbox.standing("magazyn").delivered_at is not None)
    assert [one.event for one in receiver.taken] == ["test"]
