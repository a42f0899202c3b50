"""The print queue in the panel: what waits, one file of what is ticked, marked by hand and undone."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from pomost.panel.pages.printing import ids_in, short_ids
from pomost.printing import queue_label
from pomost.store.prints import Wanted, document_print
from tests.panel.conftest import Client, Desk, faults_of

Panel = Callable[..., Desk]
FLOW = {"preset": "ro-fs-wz-at-once", "print": ["document", "packing"]}


def made(panel: Panel, orders: int = 2) -> Desk:
    desk = panel(flow=FLOW)
    desk.house.shop.place(orders)
    desk.house.run_until(lambda: desk.pomost.store.prints.count(Wanted()) == 2 * orders)
    return desk


def ids(client: Client, url: str = "/print") -> list[str]:
    return re.findall(r'name="id" value="(\d+)"', client.get(url).text)


def test_what_waits_is_shown_to_everybody_and_ticked_by_operators_only(panel: Panel) -> None:
    desk = made(panel)
    (order, _) = desk.house.shop.orders()

    text = desk.client("reader").get("/print").text

    assert "lista pakowa" in text
    assert str(order["order_id"]) in text
    assert 'name="id"' not in text
    assert len(ids(desk.client("operator"))) == 4


def test_one_file_has_all_that_was_ticked_and_marks_nothing(panel: Panel) -> None:
    desk = made(panel)
    operator = desk.client("operator")

    answer = operator.post("/print/file", page="/print", id=ids(operator))

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("inline")
    assert len(PdfReader(BytesIO(answer.content)).pages) == 4
    assert len(ids(operator)) == 4


def test_marking_is_a_word_of_its_own_and_can_be_undone(panel: Panel) -> None:
    desk = made(panel)
    operator = desk.client("operator")
    ticked = ids(operator)[:2]

    marked = operator.post("/print/printed", page="/print", id=ticked)
    undo = re.search(r'name="ids" value="([^"]+)"', marked.text)
    waiting, printed = ids(operator), ids(operator, "/print?state=printed")
    again = operator.post("/print/printed", page="/print", id=ticked)
    assert undo
    undone = operator.post("/print/back", page="/print", ids=undo[1])

    assert "Oznaczono jako wydrukowane: 2" in marked.text
    assert (len(waiting), sorted(printed)) == (2, sorted(ticked))
    assert "Niczego nie zmieniono" in again.text
    assert "Przywrócono do kolejki: 2" in undone.text
    assert len(ids(operator)) == 4
    acts = [act.act for act in desk.pomost.store.audits.page()]
    assert acts[:2] == ["print.back", "print.printed"]


def test_what_is_taken_out_is_gone(panel: Panel) -> None:
    desk = made(panel, 1)
    operator = desk.client("operator")

    operator.post("/print/remove", page="/print", id=ids(operator)[:1])

    assert len(ids(operator)) == 1


def test_the_list_can_be_narrowed_and_its_address_says_how(panel: Panel) -> None:
    desk = made(panel)
    operator = desk.client("operator")
    order = desk.house.shop.orders()[0]["order_id"]

    assert len(ids(operator, f"/print?order={order}")) == 2
    assert len(ids(operator, "/print?kind=packing")) == 2
    assert len(ids(operator, f"/print?kind=packing&order={order}")) == 1
    assert ids(operator, "/print?order=nikt") == []
    assert ids(operator, "/print?company=hurt") == []
    assert ids(operator, "/print?sort=newest") != ids(operator)
    assert operator.get("/print?sort=upside-down").status_code == 400
    assert operator.get("/print?after=x.y&kind=<b>").status_code == 200


def test_a_hundred_are_on_a_page_and_the_next_ones_on_the_next(panel: Panel) -> None:
    desk = panel()
    for number in range(130):
        desk.pomost.store.prints.add(document_print("main", str(number), "FS", f"{number}/2026"), 1.0)
    operator = desk.client("operator")

    first = operator.get("/print").text
    following = re.search(r'href="(/print\?[^"]+)" rel="next"', first)
    assert following
    second = ids(operator, following[1].replace("&amp;", "&"))

    assert len(ids(operator)) == 100
    assert len(set(ids(operator)) | set(second)) == 130
    assert "130 wydruków" in first


def test_what_can_not_be_printed_is_named_and_nothing_is(panel: Panel) -> None:
    desk = made(panel, 1)
    queue_label(desk.pomost.store, "main", "<b>0001</b>", "nie-ma.pdf", 1.0)
    operator = desk.client("operator")

    answer = operator.post("/print/file", page="/print", id=ids(operator))
    nothing = operator.post("/print/file", page="/print")

    assert "Nie można wydrukować" in answer.text
    assert "print.not-drawn" in answer.text
    assert "<b>0001" not in answer.text
    assert "Nie wybrano niczego" in nothing.text


@pytest.mark.parametrize("url", ["/print/file", "/print/printed", "/print/back", "/print/remove"])
def test_acts_are_for_operators(panel: Panel, url: str) -> None:
    desk = panel()

    assert desk.client("reader").post(url, page="/", id="1").status_code == 403
    assert desk.client().post(url).url.path == "/login"
    assert desk.client("operator").post(url, page="/", id=["1", "x", "9" * 30]).status_code == 200


def test_ids_travel_in_few_letters() -> None:
    assert short_ids([7, 3, 4, 5, 9, 9]) == "3-5.7.9"
    assert ids_in("3-5.7.9") == [3, 4, 5, 7, 9]
    assert ids_in("x.-1.1-x.²") == []
    assert len(ids_in("1-99999999999")) == 500


@pytest.mark.parametrize(
    ("language", "open_", "mark", "undo"),
    [
        ("pl", "Drukuj zaznaczone", "Oznacz jako wydrukowane", "Cofnij"),
        ("en", "Print what is ticked", "Mark as printed", "Undo"),
    ],
)
def test_the_queue_in_a_browser(
    panel: Panel, browser_page: Callable[..., Page], language: str, open_: str, mark: str, undo: str
) -> None:
    desk = made(panel)
    page = browser_page(desk, "operator", language)
    page.goto("/print")
    assert faults_of(page) == []

    page.check("thead input[type=checkbox]")
    assert page.locator("tbody input:checked").count() == 4
    with page.context.expect_event("response", lambda answer: answer.url.endswith("/print/file")) as told:
        page.click(f"text={open_}")
    assert told.value.headers["content-type"] == "application/pdf"
    # the form is not used up by what was opened beside it
    page.click(f"text={mark}")
    page.wait_for_selector(f"text={undo}")
    assert faults_of(page) == []
    page.click(f"text={undo}")
    page.wait_for_selector("tbody input")
    assert page.locator("tbody input").count() == 4
