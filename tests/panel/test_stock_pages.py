"""Stock and prices in the panel: how a catalogue stands, what one product shows and why, and what the buttons do."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page

from pomost.sandbox.baselinker import Sandbox
from pomost.trade.card import Card
from tests.panel.conftest import Desk, faults_of
from tests.shelf import INVENTORY, Shelf

Panel = Callable[..., Desk]
CATALOGUE = {
    "name": "sklep",
    "channel": "baselinker",
    "stock": [{"buffer": "10"}],
    "price": [{"to": "21001", "level": "DETAL"}],
}


def open_shop(panel: Panel, **more: object) -> Desk:
    """The sample shop whose catalogue shows stock, and prices of the one item that has any."""
    desk = panel(catalogue=[{**CATALOGUE, **more}])
    desk.house.ledger.setup.put_item("main", "KUBEK-01", "Kubek", "23", prices={"DETAL": Decimal("43.10")})
    return desk


def test_without_a_catalogue_the_page_says_what_to_write(panel: Panel) -> None:
    page = panel().client("reader").get("/stock")

    assert page.status_code == 200
    assert "[[catalogue.stock]]" in page.text


def test_an_operator_sends_a_whole_catalogue_and_sees_what_the_shop_shows(
    panel: Panel, shop: Sandbox
) -> None:
    desk = open_shop(panel)
    operator = desk.client("operator", "en")

    sent = operator.post("/stock/push", page="/stock", catalogue="sklep")

    assert "products sent." in sent.text, sent.text
    assert Shelf(shop).stock("KUBEK-01") == 9_990
    listed = operator.get("/stock?text=kubek-01").text
    assert "KUBEK-01" in listed
    assert "9,990" in listed
    assert "TALERZ" not in listed
    [act] = [one for one in desk.pomost.store.audits.page() if one.act == "stock.push"]
    assert (act.who, act.target) == ("operator", "sklep")


def test_a_product_says_what_each_system_says_and_why(panel: Panel, shop: Sandbox) -> None:
    desk = open_shop(panel)
    operator = desk.client("operator", "en")
    operator.post("/stock/push", page="/stock", catalogue="sklep")
    Shelf(shop).set_stock("KUBEK-01", 17)

    page = operator.get("/stock/sklep/KUBEK-01?now=1").text

    for text in (
        "10000 in stock - 0 reserved - 0 sold without a document = 10000",
        "buffer 10",
        "43.10 PLN",
        "level DETAL",
        "now: <strong>17</strong>",
        "MAG",
        "No order waits for a document.",
    ):
        assert text in page, text
    polish = desk.client("reader").get("/stock/sklep/KUBEK-01").text
    assert "zapas 10" in polish
    assert "Wyślij teraz" not in polish, "a reader has no buttons"


def test_drift_is_found_listed_by_how_much_it_hurts_and_put_right_by_the_button(
    panel: Panel, shop: Sandbox
) -> None:
    desk = open_shop(panel)
    operator = desk.client("operator", "en")
    operator.post("/stock/push", page="/stock", catalogue="sklep")
    shelf = Shelf(shop)
    shelf.set_stock("KUBEK-01", 17)

    compared = operator.post("/stock/compare", page="/stock", catalogue="sklep")

    assert "1 figure differs." in compared.text, compared.text
    drift = operator.get("/todo/drift").text
    assert "KUBEK-01" in drift
    assert "17" in drift
    assert "KUBEK-01" in operator.get("/stock?wrong=drift").text
    assert "KUBEK-02" not in operator.get("/stock?wrong=drift").text
    operator.post("/stock/push", page="/todo/drift", catalogue="sklep", sku="KUBEK-01", what="stock")
    assert shelf.stock("KUBEK-01") == 9_990
    assert "Nothing waits here." in operator.get("/todo/drift").text


def test_what_has_no_price_is_listed_with_the_reason(panel: Panel) -> None:
    desk = open_shop(panel)
    operator = desk.client("operator", "en")
    operator.post("/stock/push", page="/stock", catalogue="sklep")

    page = operator.get("/stock?wrong=problem").text

    assert "the card has no price at the level DETAL" in page
    assert "1 product" not in operator.post("/stock/again", page="/stock", catalogue="sklep").text


def test_a_shop_that_is_away_is_said_and_what_is_kept_is_shown(panel: Panel, shop: Sandbox) -> None:
    desk = open_shop(panel)
    operator = desk.client("operator")
    operator.post("/stock/push", page="/stock", catalogue="sklep")
    shop.misbehave("http-502", times="always")

    page = operator.get("/stock/sklep/KUBEK-01?now=1")

    assert page.status_code == 200
    assert "baselinker." in page.text
    assert "Stan bl_20517: 9\N{NO-BREAK SPACE}990" in page.text


def test_what_is_not_there_is_a_page_of_its_own(panel: Panel) -> None:
    operator = open_shop(panel).client("operator")

    for url in ("/stock/sklep/NIE-MA", "/stock/inny/KUBEK-01", "/stock/sklep/..%2f..%2fetc"):
        assert operator.get(url).status_code == 404
    for url in ("/stock/push", "/stock/compare", "/stock/again"):
        assert operator.post(url, page="/stock", catalogue="inny").status_code == 404


@pytest.mark.parametrize("text", ["' OR 1=1 --", "%", "<script>alert(1)</script>", "a" * 5_000, "\x00"])
def test_hostile_searches_find_nothing_and_break_nothing(panel: Panel, text: str) -> None:
    operator = open_shop(panel).client("operator")
    operator.post("/stock/push", page="/stock", catalogue="sklep")

    page = operator.get("/stock", params={"text": text, "wrong": "x", "catalogue": "x"})

    assert page.status_code == 200
    assert "<script>alert" not in page.text


# cards


def open_cards(panel: Panel, **cards: object) -> Desk:
    desk = panel(
        catalogue=[
            {
                "name": "sklep",
                "channel": "baselinker",
                "match": "ean",
                "cards": {"to_channel": ["name"], **cards},
            }
        ]
    )
    ledger = desk.house.ledger
    ean = str(ledger.cards("main", ["KUBEK-02"])["KUBEK-02"].ean)
    ledger.put_cards("main", [Card("KUBEK-02B", name="Podobny", vat="23", ean=ean)])
    ledger.put_cards("main", [Card("NOWY-1", name="Nowy", vat="23", ean="5900000000008")])
    desk.pomost.catalogues[0].prepared().linker.link()
    return desk


def test_a_question_is_answered_once_and_stays_answered(panel: Panel) -> None:
    desk = open_cards(panel)
    operator = desk.client("operator", "en")
    asked = operator.get("/stock/questions").text
    number = desk.pomost.store.shelf.catalogues()["sklep"]
    [question] = desk.pomost.store.questions.open(number)
    assert f"Product {question.product_id} may be several items" in asked
    fields = {"page": "/stock/questions", "catalogue": "sklep", "product": question.product_id}

    empty = operator.post("/stock/questions", answer="link", sku="", **fields)
    wrong = operator.post("/stock/questions", answer="link", sku="NIE-MA", **fields)
    linked = operator.post("/stock/questions", answer="link", sku="KUBEK-02B", **fields)

    assert "Write the SKU" in empty.text
    assert "has no item NIE-MA" in wrong.text
    assert f"Product {question.product_id} is item KUBEK-02B." in linked.text
    assert "There are no questions." in linked.text
    ignored = operator.post("/stock/questions", answer="ignore", **fields)
    assert "is left alone" in ignored.text
    assert [one.act for one in desk.pomost.store.audits.page()][:2] == ["card.ignore", "card.link"]


def test_creations_are_a_preview_while_the_switch_is_off(panel: Panel) -> None:
    page = open_cards(panel).client("reader").get("/stock/creations").text

    assert "Tworzenie jest wyłączone" in page
    assert "NOWY-1" in page


def test_cards_are_looked_at_again_by_a_button(panel: Panel) -> None:
    desk = open_cards(panel, create=True)
    operator = desk.client("operator", "en")
    page = operator.get("/stock/creations").text
    assert "Creating is on" in page

    done = operator.post("/stock/cards/again", page="/stock/cards", catalogue="sklep", sku="NOWY-1")

    assert "To be looked at: 1." in done.text
    number = desk.pomost.store.shelf.catalogues()["sklep"]
    assert [one.item for one in desk.pomost.store.shelf.births(number)] == ["NOWY-1"]


@pytest.mark.parametrize("language", ["pl", "en"])
def test_the_pages_of_stock_in_a_browser(
    panel: Panel, browser_page: Callable[..., Page], language: str
) -> None:
    desk = open_shop(panel, cards={"to_channel": ["name"]})
    page = browser_page(desk, "operator", language)
    page.on("dialog", lambda dialog: dialog.accept())

    page.goto("/stock")
    page.click("form[action='/stock/push'] button")
    page.wait_for_selector("p.notice.good")
    assert faults_of(page) == []
    page.fill("#f-text", "KUBEK-01")
    page.click("form.filters button.main")
    page.click("tbody a")
    page.wait_for_selector("h1:has-text('KUBEK-01')")
    assert faults_of(page) == []
    for url in ("/stock/questions", "/stock/creations", "/stock/cards"):
        page.goto(url)
        assert faults_of(page) == [], url
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/stock")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_difference_that_is_gone_is_not_listed_any_more(panel: Panel, shop: Sandbox) -> None:
    desk = open_shop(panel)
    operator = desk.client("operator", "en")
    operator.post("/stock/push", page="/stock", catalogue="sklep")
    Shelf(shop).set_stock("KUBEK-01", 17)
    operator.post("/stock/compare", page="/stock", catalogue="sklep")
    assert "KUBEK-01" in operator.get("/todo/drift").text

    Shelf(shop).set_stock("KUBEK-01", 9_990)
    again = operator.post("/stock/compare", page="/stock", catalogue="sklep")

    assert "0 figures differ." in again.text
    assert "KUBEK-01" not in operator.get("/todo/drift").text


def test_main_products_are_no_problem_and_found_by_a_filter(panel: Panel, shop: Sandbox) -> None:
    shelf = Shelf(shop)
    desk = open_shop(panel)
    main = shelf.row("KUBEK-01")["id"]
    product = shelf.row("KUBEK-02")["id"]
    shelf.call("addInventoryProduct", inventory_id=INVENTORY, product_id=product, parent_id=main)
    operator = desk.client("operator", "en")
    operator.post("/stock/push", page="/stock", catalogue="sklep")
    store = desk.pomost.store
    number = store.shelf.catalogues()["sklep"]
    assert store.shelf.count(number, "stock").carried == 1

    found = operator.get("/stock?wrong=carried").text
    assert "KUBEK-01" in found
    assert "carried by its variants" in found
    assert "KUBEK-02" not in found
    assert "carried by variants: 1" in operator.get("/stock").text
    assert store.shelf.count(number, "stock").problem == 0
