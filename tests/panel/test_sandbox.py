"""The sandboxes in the panel: they are played with from here, and nothing else ever is."""

from __future__ import annotations

import http.server
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page

from pomost.config.model import Config
from pomost.panel.playing import KINDS, Playable
from pomost.panel.playing.playable import Act, Fact, Field, Form, Sheet, by_status, calls_fact
from pomost.panel.words import texts
from pomost.sandbox import control
from pomost.sandbox.apaczka import Apaczka
from pomost.sandbox.baselinker.faults import FAULTS
from pomost.sandbox.shipx import Settings as ShipXSettings
from pomost.sandbox.shipx import ShipX
from pomost.sandbox.woocommerce import Settings as WooSettings
from pomost.sandbox.woocommerce import Shop
from tests.edges import shipx
from tests.panel.conftest import Desk, faults_of
from tests.sandbox.test_depot import by_courier, to_locker

Panel = Callable[..., Desk]
PANEL = Path(__file__).resolve().parents[2] / "src" / "pomost" / "panel"
REAL = "https://api.baselinker.com/connector.php"
BASELINKER = "/sandbox/baselinker/baselinker"
WOO = "/sandbox/woocommerce/woocommerce"
INPOST = "/sandbox/shipx/inpost"
APACZKA = "/sandbox/apaczka/apaczka"
ACTS = {
    "acts/place": {"orders": "3"},
    "acts/start_buyers": {"rate": "60", "count": "1"},
    "acts/stop_buyers": {},
    "trouble": {"fault": "http-502", "times": "2"},
    "behave": {},
}
BASELINKER_KIND, WOO_KIND, SHIPX_KIND, APACZKA_KIND = KINDS


class Yard:
    """A shop of WooCommerce and two carriers that run on this machine, and a panel that is connected to them all."""

    def __init__(self, panel: Panel, woo: Shop, inpost: ShipX, apaczka: Apaczka) -> None:
        self.woo, self.inpost, self.apaczka = woo, inpost, apaczka
        sender = {f"sender_{name}": "Tkacka" for name in ("name", "street", "postcode", "city")}
        self.desk = panel(
            woocommerce=[{"url": woo.url, "key": woo.key, "secret": woo.secret}],
            shipx=[shipx(inpost)],
            apaczka=[
                {
                    "url": apaczka.url,
                    "app_id": apaczka.app_id,
                    "app_secret": apaczka.app_secret,
                    **sender,
                    "sender_phone": "500100200",
                    "sender_email": "magazyn@example.com",
                }
            ],
        )
        self.operator = self.desk.client("operator")

    def do(self, address: str, **fields: str) -> str:
        answer = self.operator.post(address, page="/sandbox", **fields)
        assert answer.status_code == 200, answer.text
        return answer.text

    def locker_parcel(self) -> str:
        return to_locker(self.inpost.url, self.inpost.token, self.inpost.organization)

    def courier_parcel(self) -> dict[str, Any]:
        return by_courier(self.apaczka.url, self.apaczka.app_id, self.apaczka.app_secret)


@pytest.fixture
def yard(panel: Panel) -> Iterator[Yard]:
    settings = WooSettings(basic_over_http=True)
    with Shop(settings) as woo, ShipX(ShipXSettings().at_once()) as inpost, Apaczka() as apaczka:
        yield Yard(panel, woo, inpost, apaczka)


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("http://127.0.0.1:8090/connector.php", True),
        ("http://localhost:8090/connector.php", True),
        ("http://[::1]:8090/connector.php", True),
        ("http://127.8.8.8/connector.php", True),
        (REAL, False),
        ("https://127.0.0.1:8090/connector.php", False),
        ("http://api.baselinker.com/connector.php", False),
        ("http://127.0.0.1.nip.example/connector.php", False),
        ("http://localhost.evil.example/connector.php", False),
        ("http://127.0.0.1@api.baselinker.com/connector.php", False),
        ("http://api.baselinker.com\\@127.0.0.1/connector.php", False),
        ("http://10.0.0.7:8090/connector.php", False),
        ("http://0.0.0.0:8090/connector.php", False),
        ("http://2130706433/connector.php", False),
        ("http://127.0.0.1:8090/connector.php?x=1", False),
        ("http://127.0.0.1:8090/other", False),
        ("http://[bad/connector.php", False),
        ("file:///connector.php", False),
        ("", False),
    ],
)
def test_which_addresses_are_of_this_machine(url: str, ours: bool) -> None:
    assert BASELINKER_KIND.may_be_at(url) is ours


@pytest.mark.parametrize(
    ("kind", "path", "ours"),
    [
        (WOO_KIND, "", True), (WOO_KIND, "/", True), (WOO_KIND, "/sklep", True), (WOO_KIND, "/a/../_sandbox?x", False),
        (SHIPX_KIND, "", True), (SHIPX_KIND, "/", True), (SHIPX_KIND, "/v1", False),
        (APACZKA_KIND, "/api/v2/", True), (APACZKA_KIND, "/api/v2", True), (APACZKA_KIND, "", False),
        (BASELINKER_KIND, "", False),
    ],
)  # fmt: skip
def test_which_addresses_each_kind_may_have(kind: type[Playable], path: str, ours: bool) -> None:
    assert kind.may_be_at(f"http://127.0.0.1:8091{path}") is ours
    for real in (
        "https://127.0.0.1:8091",
        "http://example.com",
        "http://10.0.0.7:8091",
        "http://u@127.0.0.1",
    ):
        assert not kind.may_be_at(f"{real}{path}")


def test_a_real_account_is_never_offered_and_never_asked(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(control, "ask", lambda *given: asked.append(given))
    operator = panel(
        baselinker={"url": REAL},
        woocommerce=[{"url": "https://sklep.example.com", "key": "ck_1", "secret": "cs_1"}],
        shipx=[{"token": "t", "organization": 1}],
    ).client("operator")

    page = operator.get("/sandbox").text

    assert "pomost sandbox --kind woocommerce" in page
    for address in (BASELINKER, WOO, INPOST):
        assert f'"{address}' not in page
        answers = {act: operator.post(f"{address}/{act}", page="/", **form) for act, form in ACTS.items()}
        assert {answer.status_code for answer in answers.values()} == {404}
        assert operator.get(f"{address}/state").status_code == 404
    assert asked == []


STRANGER = {
    "sandbox": "another", "faults": [], "asked": [], "calls": [], "statuses": [], "last_minute": 0, "now": 0,
    "blocked_until": 0, "limit": 0, "buyers": {"running": False, "placed": 0, "error": ""},
}  # fmt: skip
"""All that a sandbox tells, but of no kind that belongs to the connection."""


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"[1]", b'{"result": {"sandbox": "other"}}', b'{"result": null}',
        b'{"result": {"sandbox": "baselinker"}}', json.dumps({"result": STRANGER}).encode(),
    ],
    ids=["empty", "html", "list", "other", "nothing", "half", "stranger"],
)  # fmt: skip
@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_what_answers_here_and_is_no_sandbox_is_left_alone(panel: Panel, body: bytes, status: int) -> None:
    """A tunnel of this machine may lead to a real account."""
    paths: list[str] = []

    class Other(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            paths.append(self.path)
            self.send_response(status)
            self.send_header("location", "/elsewhere")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/connector.php"
        operator = panel(baselinker={"url": url}).client("operator")

        page = operator.get("/sandbox").text
        answer = operator.post(f"{BASELINKER}/acts/place", page="/", orders="3")
    finally:
        server.shutdown()
        server.server_close()

    assert BASELINKER not in page
    assert answer.status_code == 404
    assert set(paths) == {"/_sandbox/overview"}


def test_orders_are_placed_and_buyers_let_in(panel: Panel) -> None:
    desk = panel()
    operator, shop = desk.client("operator"), desk.house.shop

    placed = operator.post(f"{BASELINKER}/acts/place", page="/sandbox", orders="3")
    assert "Złożono zamówienia: 3" in placed.text
    assert len(shop.orders()) == 3
    operator.post(f"{BASELINKER}/acts/start_buyers", page="/sandbox", rate="600", count="2")
    end = time.monotonic() + 15
    while len(shop.orders()) == 3 and time.monotonic() < end:
        time.sleep(0.05)
    operator.post(f"{BASELINKER}/acts/stop_buyers", page="/sandbox")

    assert len(shop.orders()) > 3
    assert not shop.overview()["buyers"]["running"]
    acts = [act.act for act in desk.pomost.store.audits.page()]
    assert acts[:3] == ["sandbox.stop_buyers", "sandbox.start_buyers", "sandbox.place"]


def test_trouble_is_made_as_often_as_asked_and_taken_back(panel: Panel) -> None:
    desk = panel()
    operator, shop = desk.client("operator"), desk.house.shop
    page = operator.get("/sandbox").text

    assert all(f'value="{fault}"' in page for fault in FAULTS)
    operator.post(f"{BASELINKER}/trouble", page="/sandbox", fault="http-502", times="2", place="getOrders")
    asked = shop.overview()["asked"]
    part = operator.get(f"{BASELINKER}/state").text
    operator.post(f"{BASELINKER}/behave", page="/sandbox")

    assert [(one["fault"], one["method"], one["left"]) for one in asked] == [("http-502", "getOrders", 2)]
    assert "http-502 · getOrders · 2" in part
    assert "<html" not in part
    assert shop.overview()["asked"] == []


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("acts/place", {"orders": "0"}), ("acts/place", {"orders": "501"}), ("acts/place", {"orders": "NaN"}),
        ("acts/place", {"orders": "2.5"}), ("acts/place", {}), ("acts/start_buyers", {"rate": "0", "count": "1"}),
        ("acts/start_buyers", {"rate": "Infinity", "count": "1"}), ("acts/start_buyers", {"rate": "6", "count": "-1"}),
        ("trouble", {"fault": "none such", "times": "1"}), ("trouble", {"fault": "delay", "times": "0"}),
    ],
)  # fmt: skip
def test_wrong_numbers_do_nothing(panel: Panel, act: str, form: dict[str, str]) -> None:
    desk = panel()

    answer = desk.client("operator").post(f"{BASELINKER}/{act}", page="/sandbox", **form)

    assert "Nic nie zrobiono" in answer.text
    assert desk.house.shop.orders() == []
    assert desk.house.shop.overview()["asked"] == []


@pytest.mark.parametrize("act", ["misbehave", "configure", "remove", "move", "_sandbox", "place%2F.."])
def test_only_what_is_on_offer_is_asked_for(panel: Panel, act: str) -> None:
    desk = panel()
    order = desk.house.shop.place(1)[0]

    answer = desk.client("operator").post(f"{BASELINKER}/acts/{act}", page="/sandbox", order_id=str(order))

    assert answer.status_code == 404
    assert len(desk.house.shop.orders()) == 1


def test_every_kind_is_on_the_page_with_all_its_faults(yard: Yard) -> None:
    page = yard.operator.get("/sandbox").text

    for address, sandbox in ((WOO, yard.woo), (INPOST, yard.inpost), (APACZKA, yard.apaczka)):
        part = page.split(f'action="{address}/trouble"')[1].split("</form>")[0]
        known = sandbox.overview()["faults"]
        assert re.findall(r'<option value="([^"]+)">', part.split("</select>")[0]) == known
        assert yard.operator.get(f"{address}/state").status_code == 200
    assert "nikt nie odpowiada" not in page
    # a name is looked for among connections of its kind only
    assert yard.operator.get("/sandbox/shipx/woocommerce/state").status_code == 404


def test_a_shop_whose_buyers_pay_or_do_not(yard: Yard) -> None:
    woo = yard.woo
    yard.do(f"{WOO}/acts/place", orders="1", paying="paid")
    yard.do(f"{WOO}/acts/place", orders="1", paying="unpaid")
    yard.do(f"{WOO}/acts/place", orders="1", paying="cod")
    yard.do(f"{WOO}/acts/place", orders="1", paying="as-they-do")
    paid, unpaid, cod, _ = woo.orders()
    assert (paid["status"], bool(paid["date_paid"])) == ("processing", True)
    assert (unpaid["status"], unpaid["date_paid"]) == ("pending", None)
    assert (cod["payment_method"], cod["date_paid"]) == ("cod", None)

    said = yard.do(f"{WOO}/acts/pay", order_id=str(unpaid["id"]))

    assert woo.order(unpaid["id"])["status"] == "processing"
    assert f"Zamówienie {unpaid['id']} jest opłacone" in said


def test_what_happens_to_an_order_of_a_shop(yard: Yard) -> None:
    woo = yard.woo
    one, two, three = woo.place(orders=3, paid=True)
    before = woo.order(one)

    yard.do(f"{WOO}/acts/edit", order_id=str(one), change="note")
    assert woo.order(one)["customer_note"]
    yard.do(f"{WOO}/acts/edit", order_id=str(one), change="other-address")
    assert woo.order(one)["shipping"]["city"] == "Gdańsk"
    yard.do(f"{WOO}/acts/edit", order_id=str(one), change="one-more")
    line, old = woo.order(one)["line_items"][0], before["line_items"][0]
    assert line["quantity"] == old["quantity"] + 1
    assert float(line["total"]) == pytest.approx(
        float(old["total"]) / old["quantity"] * line["quantity"], abs=0.01
    )
    yard.do(f"{WOO}/acts/set_status", order_id=str(one), status="completed")
    assert woo.order(one)["status"] == "completed"

    yard.do(f"{WOO}/acts/refund", order_id=str(two), amount="1,50", restock="no")
    yard.do(f"{WOO}/acts/refund", order_id=str(two), amount="", restock="yes")
    whole = float(woo.order(two)["total"])
    assert [float(refund["amount"]) for refund in woo.refunds(two)] == [1.5, pytest.approx(whole - 1.5)]

    yard.do(f"{WOO}/acts/trash", order_id=str(three))
    assert woo.order(three)["status"] == "trash"
    yard.do(f"{WOO}/acts/untrash", order_id=str(three))
    yard.do(f"{WOO}/acts/cancel", order_id=str(three))
    assert woo.order(three)["status"] == "cancelled"
    yard.do(f"{WOO}/acts/delete", order_id=str(three))
    assert [order["id"] for order in woo.orders()] == [one, two]
    yard.do(f"{WOO}/acts/set_stock", sku="TOW-0001", quantity="7")
    assert woo.stock("TOW-0001") == 7
    acts = [act.act for act in yard.desk.pomost.store.audits.page()]
    assert acts[:3] == ["sandbox.set_stock", "sandbox.delete", "sandbox.cancel"]


def test_webhooks_of_a_shop_are_switched_off_and_on(yard: Yard) -> None:
    api = f"{yard.woo.url}/wp-json/wc/v3/webhooks"
    sent = {"topic": "order.created", "delivery_url": "http://127.0.0.1:9/", "secret": "s"}
    httpx2.post(api, json=sent, auth=(yard.woo.key, yard.woo.secret)).raise_for_status()

    yard.do(f"{WOO}/acts/hooks_off")
    assert [hook["status"] for hook in yard.woo.hooks()] == ["disabled"]
    assert "włączone: 0, wyłączone: 1" in yard.operator.get(f"{WOO}/state").text
    yard.do(f"{WOO}/acts/hooks_on")
    yard.do(f"{WOO}/acts/run_queue")

    assert [hook["status"] for hook in yard.woo.hooks()] == ["active"]


def test_parcels_of_both_carriers_move_arrive_and_come_back(yard: Yard) -> None:
    for address, sandbox, order in (
        (INPOST, yard.inpost, yard.locker_parcel),
        (APACZKA, yard.apaczka, yard.courier_parcel),
    ):
        for _ in range(3):
            order()
        first, second, third = (one.id for one in sandbox.parcels())

        yard.do(f"{address}/acts/move_on", parcel="")
        assert {one.status for one in sandbox.parcels()} == {sandbox.way[1]}
        yard.do(f"{address}/acts/deliver", parcel=first)
        yard.do(f"{address}/acts/refuse", parcel=second)
        yard.do(f"{address}/acts/send_back", parcel=third)
        ends = [sandbox.way[-1], sandbox.ends["refuse"], sandbox.ends["send_back"]]
        assert [one.status for one in sandbox.parcels()] == ends
        yard.do(f"{address}/acts/move", parcel=first, status=sandbox.way[2])
        assert sandbox.parcels()[0].status == sandbox.way[2]
        assert first in yard.operator.get(f"{address}/state").text


def test_an_account_runs_dry_and_is_filled_up(yard: Yard) -> None:
    for address in (INPOST, APACZKA):
        yard.do(f"{address}/acts/take_money")
        assert "nie da się opłacić" in yard.operator.get(f"{address}/state").text
    yard.locker_parcel()
    assert yard.inpost.bought == []
    assert yard.courier_parcel()["status"] == 400

    for address in (INPOST, APACZKA):
        yard.do(f"{address}/acts/give_money")
    yard.locker_parcel()

    assert len(yard.inpost.bought) == 1
    assert yard.courier_parcel()["status"] == 200


@pytest.mark.parametrize(("address", "place"), [(WOO, "/orders"), (INPOST, "create"), (APACZKA, "create")])
def test_trouble_of_every_kind_strikes_where_it_is_asked_for(yard: Yard, address: str, place: str) -> None:
    sandbox = {WOO: yard.woo, INPOST: yard.inpost, APACZKA: yard.apaczka}[address]

    yard.do(f"{address}/trouble", fault="cut-after", times="2", place=place)
    [asked] = sandbox.overview()["asked"]
    part = yard.operator.get(f"{address}/state").text
    yard.do(f"{address}/behave")

    assert (asked["fault"], asked["left"]) == ("cut-after", 2)
    assert place in asked.values()
    assert f"cut-after · {place} · 2" in part
    assert sandbox.overview()["asked"] == []


@pytest.mark.parametrize(
    ("address", "form", "why"),
    [
        (f"{WOO}/acts/pay", {"order_id": "999999"}, "no order 999999"),
        (f"{WOO}/acts/set_stock", {"sku": "NIE-MA", "quantity": "1"}, "no product"),
        (f"{INPOST}/acts/deliver", {"parcel": "12"}, "no parcel 12"),
        (f"{APACZKA}/acts/move", {"parcel": "12", "status": "SENT"}, "no parcel 12"),
    ],
)
def test_what_the_sandbox_refuses_is_told_and_not_noted(
    yard: Yard, address: str, form: dict[str, str], why: str
) -> None:
    assert f"Piaskownica odmówiła: The {'shop' if WOO in address else 'carrier'} has {why}" in yard.do(
        address, **form
    )
    assert [act.act for act in yard.desk.pomost.store.audits.page() if act.act.startswith("sandbox")] == []


@pytest.mark.parametrize(
    ("address", "form"),
    [
        (f"{WOO}/acts/pay", {"order_id": ""}), (f"{WOO}/acts/pay", {"order_id": "12; drop"}),
        (f"{WOO}/acts/set_status", {"order_id": "12", "status": "no-such"}),
        (f"{WOO}/acts/refund", {"order_id": "12", "amount": "-1", "restock": "yes"}),
        (f"{WOO}/acts/refund", {"order_id": "12", "amount": "1.005", "restock": "yes"}),
        (f"{INPOST}/acts/move", {"parcel": "", "status": "delivered"}),
        (f"{INPOST}/acts/deliver", {"parcel": "12 or 1=1"}), (f"{APACZKA}/acts/deliver", {"parcel": "9" * 61}),
    ],
)  # fmt: skip
def test_wrong_values_do_nothing_with_any_kind(yard: Yard, address: str, form: dict[str, str]) -> None:
    before = [len(yard.woo.calls), len(yard.inpost.calls()), len(yard.apaczka.calls())]

    assert "Nic nie zrobiono" in yard.do(address, **form)
    assert [len(yard.woo.calls), len(yard.inpost.calls()), len(yard.apaczka.calls())] == before


@pytest.mark.parametrize(
    ("field", "given", "value"),
    [
        (Field("n"), "7", 7), (Field("n"), "7.0", 7), (Field("n", "number"), "0,5", 0.5), (Field("n", "money"), "1,50", "1.50"),
        (Field("n", "id"), "PM-17/a", "PM-17/a"), (Field("n", required=False), "", None), (Field("n", "text"), "ż", "ż"),
    ],
)  # fmt: skip
def test_what_is_typed_is_read(field: Field, given: str, value: object) -> None:
    assert field.read(given) == value


def test_everything_on_offer_has_its_words(yard: Yard) -> None:
    urls = [yard.desk.house.shop.url, yard.woo.url, yard.inpost.url, yard.apaczka.url]
    known = texts()
    for kind, url in zip(KINDS, urls, strict=True):
        sandbox = kind.at("one", url)
        assert sandbox is not None
        wanted = [f"faults.{fault}" for fault in sandbox.faults]
        for form in sandbox.forms:
            wanted += [f"{group}.{act.name}" for act in form.acts for group in ("acts", "done")]
            wanted += [f"fields.{field.label or field.name}" for field in form.fields]
            wanted += [f"choices.{one.value}" for field in form.fields for one in field.choices if one.said]
        for fact in sandbox.facts:
            wanted += [f"facts.{fact.key}", *([f"said.{fact.none}"] if fact.none else [])]
            wanted += [f"said.{cell.value}" for cell in fact.cells if cell.how.startswith("said")]
        for sheet in sandbox.sheets:
            wanted += [f"sheets.{sheet.key}", *(f"columns.{column}" for column in sheet.columns)]
        assert [key for key in wanted if f"sandbox.{key}" not in known] == []


class Kiosk(Playable):
    """A kind that nobody knew before: this class, and what answers its control address."""

    kind = "kiosk"
    command = "kiosk --start"
    path = re.compile("/kiosk")
    where = "door"
    url_of_it = ""

    @classmethod
    def connections(cls, config: Config) -> list[Any]:
        return [SimpleNamespace(name="corner", url=cls.url_of_it)]

    def stands(self) -> list[Fact]:
        return [calls_fact(self.state)]

    def lists(self) -> list[Sheet]:
        return [by_status(self.state, "orders")]

    def offers(self) -> list[Form]:
        return [Form((Act("deliver"),), (Field("parcel", "id"),))]

    def place_of(self, call: dict[str, Any]) -> str:
        return str(call["door"])


def test_a_further_kind_is_one_class(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    delivered: list[str] = []
    state = {
        "sandbox": "kiosk", "faults": ["slow"], "asked": [{"fault": "slow", "door": "back", "left": None}],
        "calls": [{"door": "front"}], "last_minute": 4, "statuses": [{"name": "Otwarte", "orders": 5}],
    }  # fmt: skip

    def act(name: str, arguments: dict[str, Any]) -> Any:
        return state if name == "overview" else delivered.append(arguments["parcel"])

    class Counter(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            name = self.path.removeprefix(control.PREFIX)
            status, content, kind = control.obeyed(act, name, self.headers["content-type"], body)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counter)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(Kiosk, "url_of_it", f"http://127.0.0.1:{server.server_address[1]}/kiosk")
    monkeypatch.setattr("pomost.panel.pages.sandbox.KINDS", (*KINDS, Kiosk))
    try:
        operator = panel().client("operator")
        page = operator.get("/sandbox").text
        said = operator.post("/sandbox/kiosk/corner/acts/deliver", page="/sandbox", parcel="PM-17").text
    finally:
        server.shutdown()
        server.server_close()

    assert all(word in page for word in ("corner", "Otwarte", "slow · back · ∞", '<option value="front">'))
    assert "Paczki doręczone" in said
    assert delivered == ["PM-17"]


def test_no_kind_is_named_by_the_page() -> None:
    """A further kind is a module of its own, and nothing else."""
    drawn = [
        PANEL / "pages" / "sandbox.py",
        PANEL / "playing" / "playable.py",
        *(PANEL / "templates" / "sandbox").iterdir(),
    ]
    said = "\n".join(file.read_text("utf-8") for file in drawn).casefold()

    assert [kind.kind for kind in KINDS if kind.kind in said] == []


def test_a_sandbox_that_is_not_running_is_said_to_be_silent(panel: Panel) -> None:
    desk = panel()
    desk.house.shop.stop()

    page = desk.client("operator").get("/sandbox").text

    assert "nikt nie odpowiada" in page
    assert "pomost sandbox" in page


def test_it_is_for_operators(panel: Panel) -> None:
    reader = panel().client("reader")

    assert reader.get("/sandbox").status_code == 403
    assert reader.get(f"{BASELINKER}/state").status_code == 403
    for act, form in ACTS.items():
        assert reader.post(f"{BASELINKER}/{act}", page="/", **form).status_code == 403


@pytest.mark.parametrize(
    ("language", "place", "trouble"),
    [("pl", "Złóż zamówienia", "Zrób kłopot"), ("en", "Place orders", "Make trouble")],
)
def test_the_sandbox_in_a_browser(
    panel: Panel, browser_page: Callable[..., Page], language: str, place: str, trouble: str
) -> None:
    desk = panel()
    page = browser_page(desk, "operator", language)
    page.goto("/sandbox")
    page.click(f"text={place}")
    page.wait_for_selector(".notice.good")
    page.select_option("select[name=fault]", "block-now")
    page.click(f"text={trouble}")
    page.wait_for_selector("text=block-now · 1")
    assert faults_of(page) == []
    # what happens there comes by itself
    desk.house.shop.place(5)
    page.wait_for_selector("td.number >> text=15")
    assert faults_of(page) == []


@pytest.mark.parametrize(
    ("language", "refund", "deliver", "empty"),
    [("pl", "Zwróć pieniądze", "Doręcz", "puste"), ("en", "Refund", "Deliver", "empty")],
)
def test_a_shop_and_carriers_in_a_browser(
    yard: Yard, browser_page: Callable[..., Page], language: str, refund: str, deliver: str, empty: str
) -> None:
    order = yard.woo.place(paid=True)[0]
    parcel = yard.locker_parcel()
    page = browser_page(yard.desk, "operator", language)
    page.goto("/sandbox")
    assert faults_of(page) == []

    shop = page.locator("#woocommerce-woocommerce")
    form = shop.locator(f"form[action='{WOO}/acts/refund']")
    form.locator("input[name=order_id]").fill(str(order))
    form.get_by_role("button", name=refund, exact=True).click()
    page.wait_for_selector(".notice.good")
    assert len(yard.woo.refunds(order)) == 1

    # by keyboard alone: the number of the parcel, then on to the second button of the form
    inpost = page.locator("#shipx-inpost")
    inpost.locator("input[name=parcel]").first.focus()
    page.keyboard.type(parcel)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == deliver
    page.keyboard.press("Enter")
    page.wait_for_selector(".notice.good")
    assert yard.inpost.shipment(parcel)["status"] == "delivered"

    # what happens there comes by itself
    yard.apaczka.take_money()
    page.wait_for_selector(f"#apaczka-apaczka >> text={empty}")
    assert faults_of(page) == []


def test_with_all_kinds_nothing_is_wider_than_a_phone(yard: Yard, browser_page: Callable[..., Page]) -> None:
    yard.woo.place(orders=3)
    yard.locker_parcel()
    yard.courier_parcel()
    phone = browser_page(
        yard.desk, "operator", "pl", viewport={"width": 360, "height": 740}, color_scheme="dark"
    )
    phone.goto("/sandbox")

    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    assert faults_of(phone) == []


def test_on_a_phone_in_the_dark_nothing_is_wider_than_the_screen(
    panel: Panel, browser_page: Callable[..., Page]
) -> None:
    desk = panel(flow={"preset": "ro-fs-wz-at-once", "print": ["document", "packing"]})
    desk.house.shop.place(1)
    desk.house.run_until(lambda: desk.house.states() == {"done": 1})
    phone = browser_page(desk, "operator", "pl", viewport={"width": 360, "height": 740}, color_scheme="dark")
    for url in ("/sandbox", "/print", "/print?state=printed", "/logs", "/logs?live=1"):
        phone.goto(url)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 360, url
        assert faults_of(phone) == [], url
