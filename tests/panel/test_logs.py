"""The log in the panel: searched, followed live, downloaded; what stands in it can't become a part of the page."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from pomost import logs
from pomost.config.logs import Logs
from tests.panel.conftest import Desk, faults_of

Panel = Callable[..., Desk]


@pytest.fixture
def written(panel: Panel, tmp_path: Path) -> Iterator[Desk]:
    """A panel whose log has lines of one order that was worked on."""
    desk = panel()
    logs.start(desk.pomost.config.data_dir, Logs())
    desk.house.shop.place(1)
    desk.house.run_until(lambda: desk.house.states() == {"waiting": 1})
    desk.pomost.stop()
    yield desk
    logs.stop()


def rows(text: str) -> list[str]:
    return re.findall(r"<tr><td>.*?</tr>", text, re.DOTALL)


def append(desk: Desk, **said: Any) -> None:
    line = {"at": "2030-01-01T10:00:00.000000Z", "level": "info", "event": "x", **said}
    with (desk.pomost.config.data_dir / logs.FOLDER / logs.NAME).open("a") as file:
        file.write(json.dumps(line) + "\n")


def test_the_log_of_an_order_is_found_by_its_number(written: Desk) -> None:
    order = written.house.shop.orders()[0]["order_id"]
    append(written, case=999_999)

    text = written.client("operator").get(f"/logs?order={order}").text

    assert "step-done" in text
    assert "case-rests" in text
    assert f">{order}</a>" in text
    assert "#999999" not in text
    assert rows(written.client("operator").get("/logs?order=%23999999").text)
    assert "nie ma takich" in written.client("operator").get("/logs?order=12345678").text


def test_it_is_narrowed_by_level_connection_code_text_and_time(written: Desk) -> None:
    append(written, level="error", event="look-failed", source="baselinker", code="baselinker.no-answer")
    operator = written.client("operator")

    for query in (
        "level=error", "connection=baselinker&level=error", "code=baselinker.no-answer", "text=NO-ANSWER",
        "since=2030-01-01T10:30", "since=2030-01-01T10:30&until=2030-01-01T11:30",
    ):  # fmt: skip
        assert len(rows(operator.get(f"/logs?{query}").text)) == 1, query
    for query in ("until=2001-01-01T10:30", "text=nie+ma", "since=2031-01-01T10:30"):
        assert rows(operator.get(f"/logs?{query}").text) == [], query
    assert operator.get("/logs?since=wczoraj&after=x-y&level=loud").status_code == 200


def test_what_stands_in_the_log_is_text_and_nothing_else(written: Desk) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    append(
        written,
        event=hostile,
        level=hostile,
        source=hostile,
        code=hostile,
        trace=hostile,
        **{hostile: hostile},
    )

    text = written.client("operator").get("/logs").text

    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "&lt;script&gt;alert" in text


def test_pages_follow_each_other(written: Desk) -> None:
    for number in range(250):
        append(written, event=f"n{number}")
    operator, url, seen = written.client("operator"), "/logs?text=%22n", []
    while url:
        text = operator.get(url).text
        seen += re.findall(r"<td>n(\d+)", text)
        found = re.search(r'href="([^"]+)" rel="next"', text)
        url = found[1].replace("&amp;", "&") if found else ""

    assert seen == [str(number) for number in reversed(range(250))]


def test_the_download_is_the_whole_log_and_is_noted(written: Desk) -> None:
    answer = written.client("operator").get("/logs/file")

    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert "step-done" in {line["event"] for line in lines}
    assert "attachment" in answer.headers["content-disposition"]
    assert written.pomost.store.audits.page()[0].act == "logs.file"


def test_whoever_follows_gets_new_lines_and_is_let_go_when_the_panel_ends(written: Desk) -> None:
    operator = written.client("operator")
    url = re.search(r'hx-sse:connect="([^"]+)"', operator.get("/logs?live=1&text=nowa").text)
    assert url
    got: list[str] = []
    ended = threading.Event()

    def follow() -> None:
        with operator.http.stream("GET", url[1].replace("&amp;", "&"), timeout=30) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            got.extend(answer.iter_lines())
        ended.set()

    thread = threading.Thread(target=follow)
    thread.start()
    append(written, event="nowa <b>linia</b>")
    append(written, event="inna")
    end = time.monotonic() + 15
    while not any("nowa" in line for line in got) and time.monotonic() < end:
        time.sleep(0.1)
    written.app.state.panel.closing.set()

    assert ended.wait(10)
    thread.join(5)
    assert any(line.startswith("id: ") for line in got)
    assert not any(line.startswith("event:") for line in got)
    assert any("nowa &lt;b&gt;linia" in line for line in got)
    assert not any("inna" in line for line in got)


@pytest.mark.parametrize("url", ["/logs", "/logs/live", "/logs/file"])
def test_the_log_is_for_operators(panel: Panel, url: str) -> None:
    desk = panel()

    assert desk.client("reader").get(url).status_code == 403
    assert desk.client().get(url).url.path == "/login"


@pytest.mark.parametrize(("language", "follow"), [("pl", "Śledź na bieżąco"), ("en", "Follow live")])
def test_the_log_in_a_browser(
    written: Desk, browser_page: Callable[..., Page], language: str, follow: str
) -> None:
    page = browser_page(written, "operator", language)
    append(written, level="error", event="unexpected", trace="ValueError\n  a.py:1 f")
    page.goto("/logs")
    page.click("summary")
    assert faults_of(page) == []

    page.click(f"text={follow}")
    page.wait_for_selector("#log")
    append(written, event="just-now", source="baselinker")
    page.wait_for_selector("#log tr:first-child >> text=just-now")
    assert page.locator("#log tr").count() > 2
    assert faults_of(page) == []
