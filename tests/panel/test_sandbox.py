"""The sandbox in the panel: it is played with from here, and nothing else ever is."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from pomost.panel.pages.sandbox import is_of_this_machine
from pomost.sandbox.baselinker import RemoteSandbox
from pomost.sandbox.baselinker.faults import FAULTS
from tests.panel.conftest import Desk, faults_of

Panel = Callable[..., Desk]
REAL = "https://api.baselinker.com/connector.php"
ACTS = {
    "place": {"orders": "3"},
    "buyers": {"rate": "60", "count": "1"},
    "stop": {},
    "trouble": {"fault": "http-502", "times": "2"},
    "behave": {},
}


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
    assert is_of_this_machine(url) is ours


def test_a_real_account_is_never_offered_and_never_asked(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(RemoteSandbox, "ask", lambda *given: asked.append(given))
    operator = panel(baselinker={"url": REAL}).client("operator")

    page = operator.get("/sandbox").text
    answers = {
        act: operator.post(f"/sandbox/baselinker/{act}", page="/", **form) for act, form in ACTS.items()
    }

    assert "/sandbox/baselinker" not in page
    assert "pomost sandbox" in page
    assert {answer.status_code for answer in answers.values()} == {404}
    assert operator.get("/sandbox/baselinker/state").status_code == 404
    assert asked == []


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[1]", b'{"result": {"sandbox": "other"}}', b'{"result": null}']
)
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
        answer = operator.post("/sandbox/baselinker/place", page="/", orders="3")
    finally:
        server.shutdown()
        server.server_close()

    assert "/sandbox/baselinker" not in page
    assert answer.status_code == 404
    assert set(paths) == {"/_sandbox/overview"}


def test_orders_are_placed_and_buyers_let_in(panel: Panel) -> None:
    desk = panel()
    operator, shop = desk.client("operator"), desk.house.shop

    placed = operator.post("/sandbox/baselinker/place", page="/sandbox", orders="3")
    assert "Złożono zamówienia: 3" in placed.text
    assert len(shop.orders()) == 3
    operator.post("/sandbox/baselinker/buyers", page="/sandbox", rate="600", count="2")
    end = time.monotonic() + 15
    while len(shop.orders()) == 3 and time.monotonic() < end:
        time.sleep(0.05)
    operator.post("/sandbox/baselinker/stop", page="/sandbox")

    assert len(shop.orders()) > 3
    assert not shop.overview()["buyers"]["running"]
    acts = [act.act for act in desk.pomost.store.audits.page()]
    assert acts[:3] == ["sandbox.stop_buyers", "sandbox.start_buyers", "sandbox.place"]


def test_trouble_is_made_as_often_as_asked_and_taken_back(panel: Panel) -> None:
    desk = panel()
    operator, shop = desk.client("operator"), desk.house.shop
    page = operator.get("/sandbox").text

    assert all(f'value="{fault}"' in page for fault in FAULTS)
    operator.post(
        "/sandbox/baselinker/trouble", page="/sandbox", fault="http-502", times="2", method="getOrders"
    )
    asked = shop.overview()["asked"]
    part = operator.get("/sandbox/baselinker/state").text
    operator.post("/sandbox/baselinker/behave", page="/sandbox")

    assert [(one["fault"], one["method"], one["left"]) for one in asked] == [("http-502", "getOrders", 2)]
    assert "http-502 · getOrders · 2" in part
    assert "<html" not in part
    assert shop.overview()["asked"] == []


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("place", {"orders": "0"}), ("place", {"orders": "501"}), ("place", {"orders": "NaN"}), ("place", {}),
        ("buyers", {"rate": "0", "count": "1"}), ("buyers", {"rate": "Infinity", "count": "1"}),
        ("buyers", {"rate": "6", "count": "-1"}), ("trouble", {"fault": "none such", "times": "1"}),
        ("trouble", {"fault": "delay", "times": "0"}),
    ],
)  # fmt: skip
def test_wrong_numbers_do_nothing(panel: Panel, act: str, form: dict[str, str]) -> None:
    desk = panel()

    answer = desk.client("operator").post(f"/sandbox/baselinker/{act}", page="/sandbox", **form)

    assert "Nic nie zrobiono" in answer.text
    assert desk.house.shop.orders() == []
    assert desk.house.shop.overview()["asked"] == []


def test_a_sandbox_that_is_not_running_is_said_to_be_silent(panel: Panel) -> None:
    desk = panel()
    desk.house.shop.stop()

    assert "nikt nie odpowiada" in desk.client("operator").get("/sandbox").text


def test_it_is_for_operators(panel: Panel) -> None:
    reader = panel().client("reader")

    assert reader.get("/sandbox").status_code == 403
    assert reader.get("/sandbox/baselinker/state").status_code == 403
    for act, form in ACTS.items():
        assert reader.post(f"/sandbox/baselinker/{act}", page="/", **form).status_code == 403


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
