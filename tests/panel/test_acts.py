"""Long acts: shown while they run, answered when they end, cut off when their process dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from fastapi import APIRouter
from fastapi.responses import Response
from playwright.sync_api import Page

from pomost.panel.progress import Result, start_act
from pomost.panel.web import Operator
from pomost.ports import NeedsPerson
from pomost.progress import Report
from pomost.store.acts import SILENT_S
from tests.panel.conftest import Client, Desk, faults_of

Panel = Callable[..., Desk]


class Slow:
    """An act of a test, that goes on when the test says so."""

    def __init__(self, desk: Desk) -> None:
        self.go = threading.Event()
        self.begun = 0
        router = APIRouter()

        @router.post("/test/slow")
        def slow(visit: Operator) -> Response:
            def work(report: Report) -> Result:
                self.begun += 1
                report(3, 10, "trzy z dziesięciu")
                while not self.go.wait(0.05):
                    report(3, 10, "trzy z dziesięciu")
                if visit.value("how") == "fails":
                    raise NeedsPerson("import.empty-file", "The file x.csv is empty.", "Save it again.")
                if visit.value("how") == "breaks":
                    raise RuntimeError("sekret w treści")
                return Result("Gotowe: 10 <b>sztuk</b>.", "/stock")

            return start_act(visit, "stock.acts.push", work, key="slow", link="/", name="próba")

        desk.app.include_router(router)


@pytest.fixture
def slow_desk(panel: Panel) -> tuple[Desk, Slow]:
    desk = panel()
    return desk, Slow(desk)


def test_an_act_has_a_page_that_says_how_far_it_is_and_then_what_came_of_it(
    slow_desk: tuple[Desk, Slow],
) -> None:
    desk, slow = slow_desk
    operator = desk.client("operator")

    page = operator.post("/test/slow", page="/stock")

    assert page.url.path.startswith("/acts/")
    assert 'max="10" value="3"' in page.text
    assert "3 z 10 · trzy z dziesięciu" in page.text
    slow.go.set()
    ended = until(operator, page.url.path, "Gotowe")
    assert "<b>sztuk" not in ended
    assert 'href="/stock"' in ended
    assert "Wysyłanie wszystkiego: próba" in operator.get("/acts").text
    assert "Sending all: próba" in desk.client("reader", "en").get("/acts").text


def test_the_same_act_is_not_begun_twice(slow_desk: tuple[Desk, Slow]) -> None:
    desk, slow = slow_desk
    first = desk.client("operator").post("/test/slow", page="/stock")

    second = desk.client("administrator").post("/test/slow", page="/stock")

    assert second.url.path == first.url.path
    assert "To już trwa" in second.text
    assert slow.begun == 1
    slow.go.set()
    until(desk.client("operator"), first.url.path, "Gotowe")


@pytest.mark.parametrize(
    ("how", "said"), [("fails", "Plik x.csv jest pusty."), ("breaks", "szczegóły są w dzienniku")]
)
def test_what_fails_is_said_in_the_language_and_a_fault_of_ours_without_what_it_held(
    slow_desk: tuple[Desk, Slow], how: str, said: str
) -> None:
    desk, slow = slow_desk
    operator = desk.client("operator")
    page = operator.post("/test/slow", page="/stock", how=how)
    slow.go.set()

    ended = until(operator, page.url.path, said)

    assert "sekret" not in ended


def test_events_tell_each_change_and_end(slow_desk: tuple[Desk, Slow]) -> None:
    desk, slow = slow_desk
    operator = desk.client("operator")
    path = operator.post("/test/slow", page="/stock").url.path

    told: list[str] = []
    with operator.http.stream("GET", f"{path}/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        for line in events.iter_lines():
            told.append(line)
            slow.go.set()
            if line == "event: end":
                break

    assert any("trzy z dziesięciu" in line for line in told)
    assert any("Gotowe" in line for line in told)


def test_an_act_whose_process_died_is_said_to_be_cut_off_and_may_be_begun_again(panel: Panel) -> None:
    desk = panel()
    acts, now = desk.pomost.store.acts, time.time()
    dead, _ = acts.begin("push", "stock.acts.push", {"name": "x"}, "operator", now - SILENT_S - 5)

    page = desk.client("reader").get(f"/acts/{dead}").text
    again, new = acts.begin("push", "stock.acts.push", {"name": "x"}, "operator", now)

    assert "Przerwane" in page
    assert "<progress" not in page
    assert (again != dead, new) == (True, True)
    assert acts.begin("push", "stock.acts.push", {"name": "x"}, "operator", now) == (again, False)
    acts.end(dead, "late", "", now)
    found = acts.get(dead, now)
    assert found is not None
    assert found.state == "cut", "what was cut off stays so"


def test_the_panel_ends_while_an_act_runs_and_somebody_follows_it(panel: Panel) -> None:
    desk = panel()
    Slow(desk)
    operator = desk.client("operator")
    path = operator.post("/test/slow", page="/stock").url.path
    with operator.http.stream("GET", f"{path}/events"):
        began = time.monotonic()
        desk.stop()

    assert time.monotonic() - began < 10
    end = time.monotonic() + 10
    while time.monotonic() < end:
        found = desk.pomost.store.acts.get(int(path.rsplit("/", 1)[1]), time.time())
        assert found is not None
        if found.state != "running":
            break
        time.sleep(0.05)
    assert found.state == "cut"


@pytest.mark.parametrize("number", ["0", "-1", "999", "9" * 30, "x"])
def test_an_act_that_is_not_there(panel: Panel, number: str) -> None:
    reader = panel().client("reader")

    for url in (f"/acts/{number}", f"/acts/{number}/events"):
        assert reader.get(url).status_code in (400, 404)


@pytest.mark.parametrize(("language", "done"), [("pl", "Zobacz wynik"), ("en", "See the result")])
def test_the_bar_moves_by_itself_in_a_browser(
    slow_desk: tuple[Desk, Slow], browser_page: Callable[..., Page], language: str, done: str
) -> None:
    desk, slow = slow_desk
    path = desk.client("operator").post("/test/slow", page="/stock").url.path
    page = browser_page(desk, "operator", language)
    page.goto(path)
    assert page.locator("progress").get_attribute("value") == "3"
    assert faults_of(page) == []

    slow.go.set()

    page.wait_for_selector(f"text={done}")
    assert page.locator("progress").count() == 0
    assert faults_of(page) == []


@pytest.mark.parametrize("language", ["pl"])
def test_without_scripts_loading_the_page_again_tells(
    slow_desk: tuple[Desk, Slow], browser_page: Callable[..., Page], language: str
) -> None:
    desk, slow = slow_desk
    path = desk.client("operator").post("/test/slow", page="/stock").url.path
    page = browser_page(desk, "operator", language, java_script_enabled=False)
    page.goto(path)
    slow.go.set()
    until(desk.client("operator"), path, "Gotowe")

    page.click("main a[href^='/acts/']")

    assert "Gotowe" in page.inner_text("main")


def until(client: Client, path: str, said: str, seconds: float = 15.0) -> str:
    """The page, once it says so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        text = client.get(path).text
        if said in text:
            return text
        time.sleep(0.05)
    raise AssertionError(f"{said!r} was not said: {text}")
