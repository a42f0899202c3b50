"""Orders in the panel: found, understood, and put right where the failure is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from pomost.trade.documents import Document
from tests.panel.conftest import Desk, faults_of

Panel = Callable[..., Desk]


def number_of(desk: Desk, order: int) -> int:
    """The id of the case of an order of the channel."""
    (line,) = desk.pomost.store.queries.find(str(order))
    return line.id


def kinds(desk: Desk, order: int) -> list[str]:
    documents: list[Document] = desk.pomost.ledger.documents("main", foreign_number=str(order))
    return [one.kind for one in documents if one.state != "cancelled"]


def waiting_for_item(desk: Desk, **wanted: Any) -> int:
    """An order that waits for an item card that the ledger does not have."""
    order = desk.house.shop.place(paid=True, **wanted)[0]
    desk.house.run_until(lambda: desk.house.state(order) in ("waiting", "person"))
    return order


def test_an_order_is_found_by_a_part_of_the_buyers_name_without_accents_and_by_nobody_elses(
    panel: Panel,
) -> None:
    desk = panel()
    first, second = desk.house.shop.place(2, paid=True)
    desk.house.shop.edit(first, invoice_fullname="Żaneta Łękawska")
    desk.house.run_until(
        lambda: desk.house.state(first) == "waiting" and desk.house.state(second) == "waiting"
    )
    reader = desk.client("reader")

    found = reader.get("/orders", params={"text": "lekaw", "state": "waiting"}).text
    nobody = reader.get("/orders", params={"text": "niktinny"}).text
    at_once = reader.get("/orders", params={"text": str(first)})

    assert f">{first}</a>" in found
    assert f">{second}</a>" not in found
    assert "Żadne zamówienie nie pasuje" in nobody
    assert at_once.url.path == f"/orders/{number_of(desk, first)}"


def test_the_page_of_an_order_says_what_it_waits_for_and_what_comes_next(panel: Panel) -> None:
    desk = panel()
    order = desk.house.shop.place(paid=True)[0]
    desk.house.run_until(lambda: desk.house.state(order) == "waiting")

    said = desk.client("reader").get(f"/orders/{number_of(desk, order)}").text

    assert "RO/1/2026" in said
    assert "Na co czeka" in said
    assert "zamówienie jest w statusie" in said
    assert "Ponów teraz" not in said


def test_pain_08_the_operator_retries_where_he_sees_the_failure(panel: Panel) -> None:
    desk = panel(stocked=False)
    order = waiting_for_item(desk)
    case = number_of(desk, order)
    operator = desk.client("operator")
    assert "ledger.unknown-item" in operator.get(f"/orders/{case}").text
    before = desk.pomost.store.steps.history(case)

    said = operator.post(f"/orders/{case}/retry", page=f"/orders/{case}")

    assert "ponawiane teraz" in said.text
    assert desk.pomost.store.audits.page()[0].act == "order.retry"
    assert len(desk.pomost.store.steps.history(case)) >= len(before)


def test_pain_08_what_was_put_right_goes_into_the_documents_and_stays(panel: Panel) -> None:
    desk = panel()
    order = desk.house.shop.place(paid=True)[0]
    desk.house.run_until(lambda: desk.house.state(order) == "waiting")
    case = number_of(desk, order)
    operator = desk.client("operator")

    page = f"/orders/{case}/edit"
    wrong = operator.post(page, page=page, **{"buyer.name": "x" * 301})
    kept = operator.post(
        page, page=page, **{"buyer.name": "Anna Poprawna", "buyer.company": "", "wants_invoice": "yes"}
    )
    desk.house.shop.move(order, "Spakowane")
    desk.house.run_until(lambda: desk.house.state(order) == "done")

    assert wrong.status_code == 400
    assert "order.edit-value" in wrong.text
    assert "poprawione, zamówienie idzie dalej" in kept.text
    assert kinds(desk, order) == ["RO", "FS", "WZ"]
    (sale,) = desk.pomost.ledger.documents("main", "FS")
    assert sale.buyer.name == "Anna Poprawna"
    assert "Poprawione tutaj: buyer.name, wants_invoice" in operator.get(f"/orders/{case}").text
    noted = [one for one in desk.pomost.store.audits.page() if one.act == "order.edit"]
    assert [one.data["fields"] for one in noted] == [["buyer.name", "wants_invoice"]]
    assert "Poprawna" not in str(noted)


def test_a_person_cancels_an_order_and_the_flow_undoes_what_it_made(panel: Panel) -> None:
    desk = panel(flow={"preset": "ro-fs-wz-cancel"})
    order = desk.house.shop.place(paid=True)[0]
    desk.house.run_until(lambda: desk.house.state(order) == "waiting")
    assert kinds(desk, order) == ["RO"]
    case = number_of(desk, order)
    operator = desk.client("operator")

    said = operator.post(f"/orders/{case}/cancel", page=f"/orders/{case}")
    desk.house.run_until(lambda: desk.house.state(order) == "done")

    assert "anulowane tutaj" in said.text
    assert kinds(desk, order) == []


def test_a_step_is_skipped_only_where_the_flow_has_it(panel: Panel) -> None:
    desk = panel(stocked=False)
    case = number_of(desk, waiting_for_item(desk))
    operator = desk.client("operator")

    slip = operator.post(f"/orders/{case}/skip", page=f"/orders/{case}", step="nie ma takiego")
    done = operator.post(f"/orders/{case}/skip", page=f"/orders/{case}", step="ro")

    assert "decide.no-step" in slip.text
    assert "Krok ro pominięty" in done.text
    assert desk.pomost.store.steps.of_case(case)["ro"].state == "skipped"


def test_nothing_in_doubt_can_be_settled_by_a_slip(panel: Panel) -> None:
    desk = panel()
    order = desk.house.shop.place(paid=True)[0]
    desk.house.run_until(lambda: desk.house.state(order) == "waiting")
    case = number_of(desk, order)
    operator = desk.client("operator")
    page = f"/orders/{case}"

    neither = operator.post(f"{page}/resolve", page=page, step="ro")
    not_in_doubt = operator.post(f"{page}/resolve", page=page, step="ro", happened="no")

    assert "Zaznacz, czy się stało" in neither.text
    assert "decide.not-in-doubt" in not_in_doubt.text
    assert desk.pomost.store.steps.of_case(case)["ro"].state == "done"


def test_many_orders_are_tried_again_after_a_preview_that_touches_nothing(panel: Panel) -> None:
    desk = panel(stocked=False)
    orders = desk.house.shop.place(3, paid=True)
    desk.house.run_until(lambda: all(desk.house.state(one) == "waiting" for one in orders))
    operator = desk.client("operator")

    shown = operator.post("/orders/many", page="/orders", state="waiting")
    noted = [one.act for one in desk.pomost.store.audits.page()]
    ids = ",".join(str(number_of(desk, one)) for one in orders)
    done = operator.post("/orders/many/retry", page="/orders", ids=f"{ids},999999,abc,-1")

    assert "3 zamówienia zostaną ponowione" in shown.text
    assert "orders.retry" not in noted
    assert "Ponowione: 3" in done.text


def test_hostile_texts_of_an_order_are_shown_as_text(panel: Panel, browser_page: Callable[..., Page]) -> None:
    desk = panel()
    order = desk.house.shop.place(paid=True)[0]
    bad = "<script>document.title='taken'</script><img src=x onerror=alert(1)>"
    desk.house.shop.edit(order, invoice_fullname=bad, user_comments=bad)
    desk.house.run_until(lambda: desk.house.state(order) == "waiting")
    page = browser_page(desk, "reader", "pl")

    page.goto(f"/orders/{number_of(desk, order)}")

    assert page.title() != "taken"
    assert bad in page.inner_text("main")


@pytest.mark.parametrize("width", [360, 1280])
def test_a_word_of_ten_thousand_letters_makes_no_page_wider_than_the_screen(
    panel: Panel, browser_page: Callable[..., Page], width: int
) -> None:
    desk = panel()
    order = desk.house.shop.place(paid=True)[0]
    word = "Ą" * 10_000
    desk.house.shop.edit(order, invoice_fullname=word, invoice_address=word, user_comments=word)
    line = desk.house.shop.order(order)["products"][0]["order_product_id"]
    desk.house.shop.edit_line(order, line, name=word)
    desk.house.run_until(lambda: desk.house.state(order) == "waiting")
    page = browser_page(desk, "operator", "pl", viewport={"width": width, "height": 740})

    for address in (
        f"/orders/{number_of(desk, order)}",
        f"/orders/{number_of(desk, order)}/edit",
        "/documents",
    ):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert (
            page.evaluate(
                "Math.max(...[...document.querySelectorAll('td')].map((one) => one.offsetWidth), 0)"
            )
            < 600
        )


def test_an_address_that_makes_no_sense_is_said_so(panel: Panel) -> None:
    reader = panel().client("reader")

    assert reader.get("/orders/0").status_code == 404
    assert reader.get("/orders/abc").status_code == 400
    assert reader.get("/orders?after=-1").status_code == 400
    assert reader.get(f"/orders?after={'9' * 20}").status_code == 400
    for first, last in (("0001-01-01", "0001-01-01"), ("9999-12-31", "9999-12-31")):
        assert reader.get(f"/orders?from={first}&to={last}").status_code == 200
    assert reader.get("/orders?from=kiedyś&state=nothing").status_code == 200


def test_the_main_path_in_a_browser_in_both_languages(
    panel: Panel, browser_page: Callable[..., Page]
) -> None:
    desk = panel(stocked=False)
    order = waiting_for_item(desk)
    for language, retry, said in (
        ("pl", "Ponów teraz", "ponawiane teraz"),
        ("en", "Try again now", "tried again now"),
    ):
        page = browser_page(desk, "operator", language)
        page.fill("#seek", str(order))
        page.keyboard.press("Enter")
        page.wait_for_url("**/orders/*")
        assert faults_of(page) == []
        page.click(f"text={retry}")
        page.wait_for_selector(f".notice:has-text('{said}')")
        page.goto("/orders?state=waiting")
        assert faults_of(page) == []
        page.click(f"main a:has-text('{order}')")
        page.click("text=Popraw dane" if language == "pl" else "text=Put right")
        assert faults_of(page) == []
