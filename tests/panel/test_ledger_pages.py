"""Documents, contractors and items in the panel: every address, every role, what is typed by enemies, and a browser."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page

from pomost.bootstrap import keep_pdf, pdf_path
from pomost.ports import PaymentToBook
from tests.edges import post_office, smtp
from tests.house import TODAY
from tests.panel.conftest import Desk, faults_of
from tests.panel.ledger_pages import HOSTILE, Books, books

Panel = Callable[..., Desk]


def links(text: str) -> list[str]:
    return [one.replace("&amp;", "&") for one in re.findall(r'href="([^"#]+)"', text)]


# documents


def test_the_list_shows_the_newest_and_leads_to_each(panel: Panel) -> None:
    made = books(panel)
    text = made.desk.client("reader").get("/documents").text

    for one in (made.order, made.invoice, made.goods, made.correction):
        assert f"/documents/{one.id}" in links(text)
        assert one.number in text
    assert "/orders?text=70001" in links(text)


@pytest.mark.parametrize(
    ("address", "there", "not_there"),
    [
        ("kind=FS", "FS/1/", "WZ/1/"),
        ("kind=WZ&state=approved", "WZ/1/", "FS/1/"),
        ("text=70002", "RO/2/", "RO/1/"),
        ("number=FSK", "FSK/1/", "WZ/1/"),
        ("text=Łuna&kind=FS", "FS/1/", "WZ/1/"),
        ("from=2026-11-25&to=2026-11-25&kind=RO", "RO/2/", "FS/1/"),
        ("from=2026-11-26", "Nie ma takich dokumentów", "FS/1/"),
        ("company=main&kind=RO", "RO/1/", "FS/1/"),
        ("from=wczoraj&kind=RO", "To nie jest data", "FS/1/"),
    ],
)
def test_filters_stand_in_the_address(panel: Panel, address: str, there: str, not_there: str) -> None:
    table = books(panel).desk.client("reader").get(f"/documents?{address}").text.split("<main")[1]

    assert there in table
    assert not_there not in re.sub(r"<option.*?</option>", "", table)


def test_pages_of_documents_keep_the_filters(panel: Panel) -> None:
    made = books(panel)
    for n in range(60):
        made.more_orders(n)
    reader = made.desk.client("reader")

    first = reader.get("/documents?kind=ZK&company=main").text
    following = next(one for one in links(first) if "after=" in one)
    second = reader.get(following).text

    assert "kind=ZK" in following
    assert "company=main" in following
    assert "60 dokumentów" in first
    assert "ZK/10/2026" in second
    assert "ZK/10/2026" not in first
    assert any("before=" in one for one in links(second))


def test_one_document_says_all_of_it(panel: Panel) -> None:
    made = books(panel)
    text = made.desk.client("reader").get(f"/documents/{made.invoice.id}").text

    for said in (
        "FS/1/2026",
        "Faktura sprzedaży",
        "79,96",
        "59,97",
        "przelew",
        "30,00",
        "Pozostaje",
        "29,97",
        "ORDER_ID",
        "5260250274",
    ):
        assert said in text, said
    for other in (made.order, made.goods, made.correction):
        assert f"/documents/{other.id}" in links(text), other.kind
    assert f"/items/{made.item('KUBEK')}" in links(text)
    assert f"/contractors/{made.contractor}" in links(text)
    assert "/orders?text=70001" in links(text)


def test_the_picture_of_the_chain_is_the_same_seen_from_each_document(panel: Panel) -> None:
    made = books(panel)
    reader = made.desk.client("reader")

    pictures = [
        re.findall(r'<path class="arrow (\w+)', reader.get(f"/documents/{one.id}").text)
        for one in (made.order, made.invoice, made.goods, made.correction)
    ]

    assert all(sorted(one) == ["corrects", "made", "made"] for one in pictures)


def test_what_buyers_and_shops_wrote_is_shown_as_text(panel: Panel) -> None:
    made = books(panel)
    reader = made.desk.client("reader")

    for url in (
        "/documents",
        f"/documents/{made.order.id}",
        f"/documents/{made.invoice.id}",
        f"/contractors/{made.contractor}",
        "/contractors",
        "/items",
        f"/items/{made.item('KUBEK')}",
        "/documents?text=" + HOSTILE,
        "/items?text=" + HOSTILE,
    ):
        text = reader.get(url).text
        assert "<script>alert" not in text, url
        assert "<img src=x" not in text, url
        assert "<b>Kowalski" not in text, url


@pytest.mark.parametrize("area", ["documents", "contractors", "items"])
@pytest.mark.parametrize(
    "bad", ["0", "-1", "999999", "9" * 19, "9" * 40, "abc", "1'", "1%00", "%EF%BC%91", "..%2F1", "1.5", " 1"]
)
def test_an_address_of_nothing_is_no_page(panel: Panel, area: str, bad: str) -> None:
    assert books(panel).desk.client("reader").get(f"/{area}/{bad}").status_code == 404


def test_nothing_typed_into_an_address_breaks_a_list(panel: Panel) -> None:
    reader = books(panel).desk.client("reader")
    bad = [
        "%00",
        "'",
        "%25",
        "%ED%A0%80",
        "%F0%9F%98%80",
        "a" * 4000,
        "../../etc/passwd",
        "{{7*7}}",
        "1.x",
        "-1",
    ]

    for area, names in (
        (
            "documents",
            (
                "company",
                "kind",
                "state",
                "series",
                "from",
                "to",
                "contractor",
                "number",
                "text",
                "after",
                "before",
            ),
        ),
        ("contractors", ("company", "text", "after", "before")),
        ("items", ("company", "kind", "stock", "text", "after", "before")),
    ):
        for name in names:
            for one in bad:
                answer = reader.get(f"/{area}?{name}={one}")
                assert answer.status_code == 200, (area, name, one)
                assert "49</" not in answer.text


# paper


def pdf_of(desk: Desk, made: Books) -> Path:
    return pdf_path(desk.pomost.config.data_dir, made.invoice)


def test_a_document_is_drawn_where_no_file_was_kept(panel: Panel) -> None:
    made = books(panel)
    reader = made.desk.client("reader")

    answer = reader.get(f"/documents/{made.invoice.id}/pdf")

    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["x-pomost-kept"] == "missing"
    assert "Nie ma zachowanego pliku" in reader.get(f"/documents/{made.invoice.id}").text
    assert not pdf_of(made.desk, made).exists(), "looking keeps nothing"


def test_the_file_that_was_kept_is_shown_as_it_is(panel: Panel) -> None:
    made = books(panel)
    reader = made.desk.client("reader")
    keep_pdf(made.desk.pomost.config.data_dir, made.invoice, b"%PDF-1.7 as it was given out")

    answer = reader.get(f"/documents/{made.invoice.id}/pdf")
    again = reader.get(f"/documents/{made.invoice.id}/pdf?again=1")

    assert answer.content == b"%PDF-1.7 as it was given out"
    assert answer.headers["x-pomost-kept"] == "kept"
    assert again.content != answer.content
    assert "Plik zachowany" in reader.get(f"/documents/{made.invoice.id}").text


@pytest.mark.parametrize("content", [b"", b"\0\0\0\0\0\0", b"<html>"])
def test_a_file_that_is_no_pdf_is_said_and_the_document_drawn(panel: Panel, content: bytes) -> None:
    made = books(panel)
    reader = made.desk.client("reader")
    keep_pdf(made.desk.pomost.config.data_dir, made.invoice, content)

    answer = reader.get(f"/documents/{made.invoice.id}/pdf")

    assert answer.headers["x-pomost-kept"] == "empty"
    assert answer.content.startswith(b"%PDF-")
    assert "pusty lub uszkodzony" in reader.get(f"/documents/{made.invoice.id}").text


def test_a_document_that_can_not_be_drawn_says_why_in_its_frame(panel: Panel) -> None:
    made = books(panel)
    made.ledger.setup.add_company("obca", "Firma spoza konfiguracji")
    made.ledger.setup.add_warehouse("obca", "MAG")
    made.ledger.setup.put_items("obca", [{"sku": "KUBEK", "name": "Kubek", "vat": "23"}])
    other = made.more_orders(1, company="obca")
    reader = made.desk.client("reader")

    answer = reader.get(f"/documents/{other.id}/pdf")

    assert answer.status_code == 409
    assert answer.headers["content-type"].startswith("text/plain")
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert "obca" in answer.text
    assert f"/documents/{other.id}" in links(reader.get("/documents?company=obca").text)
    assert f"/documents/{other.id}" not in links(reader.get("/documents?company=main").text)


# mail and print


def once_of(text: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', text)
    assert found
    return found[1]


def test_a_document_is_mailed_again_once_for_each_form(panel: Panel) -> None:
    with post_office() as (server, account):
        made = books(panel, smtp=[account])
        operator = made.desk.client("operator")
        page = f"/documents/{made.invoice.id}"
        text = operator.get(page).text
        once = once_of(text)

        sent = operator.post(f"{page}/mail", page=page, to="anna@example.com", once=once)
        twice = operator.post(f"{page}/mail", page=page, to="anna@example.com", once=once)
        anew = operator.post(
            f"{page}/mail", page=page, to="anna@example.com", once=once_of(operator.get(page).text)
        )

    assert 'value="jan.kowalski@example.com"' in text
    assert "Wysłano FS/1/2026 na a***@example.com" in sent.text
    assert "To już wysłano" in twice.text
    assert "Wysłano" in anew.text
    assert len(server.taken) == 2
    acts = made.desk.pomost.store.audits.page(act="document.mail")
    assert [(one.who, one.target, one.data["to"]) for one in acts] == [
        ("operator", "FS/1/2026", "a***@example.com")
    ] * 2


@pytest.mark.parametrize("bad", ["", "nobody", "a@b@c", "a@example.com\nBcc: b@example.com", "x" * 5000])
def test_no_mail_goes_to_what_is_no_address(panel: Panel, bad: str) -> None:
    with post_office() as (server, account):
        made = books(panel, smtp=[account])
        page = f"/documents/{made.invoice.id}"
        operator = made.desk.client("operator")
        said = operator.post(f"{page}/mail", page=page, to=bad, once="1")

    assert server.taken == []
    assert 'class="notice bad"' in said.text


def test_a_server_that_does_not_answer_is_said(panel: Panel) -> None:
    made = books(panel, smtp=[smtp(9)])
    page = f"/documents/{made.invoice.id}"

    said = made.desk.client("operator").post(f"{page}/mail", page=page, to="anna@example.com", once="1")

    assert 'class="notice bad"' in said.text
    assert "smtp." in said.text
    assert [one.target for one in made.desk.pomost.store.audits.page(act="document.mail-failed")] == [
        "FS/1/2026"
    ]


def test_without_a_mail_account_the_page_says_what_to_set(panel: Panel) -> None:
    made = books(panel)
    page = f"/documents/{made.invoice.id}"
    operator = made.desk.client("operator")

    assert "[[smtp]]" in operator.get(page).text
    assert "[[smtp]]" in operator.post(f"{page}/mail", page=page, to="anna@example.com").text


def test_printing_says_how_it_stands(panel: Panel) -> None:
    made = books(panel)
    page = f"/documents/{made.invoice.id}"

    said = made.desk.client("operator").post(f"{page}/print", page=page)

    again = made.desk.client("operator").post(f"{page}/print", page=page)

    assert said.url.path == page
    assert 'class="notice good' in said.text
    assert "czeka w kolejce" in again.text


@pytest.mark.parametrize("act", ["mail", "print"])
def test_a_reader_may_look_but_not_act(panel: Panel, act: str) -> None:
    made = books(panel)
    page = f"/documents/{made.invoice.id}"
    reader = made.desk.client("reader")

    assert reader.post(f"{page}/{act}", page=page, to="anna@example.com").status_code == 403
    assert f"{page}/{act}" not in reader.get(page).text


def test_a_form_without_its_mark_does_nothing(panel: Panel) -> None:
    with post_office() as (server, account):
        made = books(panel, smtp=[account])
        operator = made.desk.client("operator")
        answer = operator.http.post(f"/documents/{made.invoice.id}/mail", data={"to": "anna@example.com"})

    assert answer.status_code == 403
    assert server.taken == []


ADDRESSES = [
    "/documents",
    "/documents/1",
    "/documents/1/pdf",
    "/contractors",
    "/contractors/1",
    "/contractors/sheet",
    "/items",
    "/items/1",
    "/items/sheet",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_sees_the_ledger_without_signing_in(panel: Panel, address: str) -> None:
    assert panel().client().get(address).url.path == "/login"


# contractors and items


def test_a_contractor_with_what_is_owed(panel: Panel) -> None:
    made = books(panel)
    reader = made.desk.client("reader")

    listed = reader.get("/contractors?text=526-025-02-74").text
    text = reader.get(f"/contractors/{made.contractor}").text

    assert f"/contractors/{made.contractor}" in links(listed)
    for said in ("Próbna 3", "59,97", "30,00", "29,97", "Niezapłacone", "FS/1/2026"):
        assert said in text, said
    assert f"/documents?contractor={made.contractor}" in links(text)
    assert made.goods.number in reader.get(f"/documents?contractor={made.contractor}").text


def test_a_payment_of_which_something_is_open_stands_with_the_contractor(panel: Panel) -> None:
    made = books(panel)
    reader = made.desk.client("reader")
    assert "Nierozliczone wpłaty" not in reader.get(f"/contractors/{made.contractor}").text

    paid = PaymentToBook("p2", "fs", Decimal("50.00"), "PLN", "PAYU <b>", TODAY)
    made.ledger.book_payment("main", paid)
    text = reader.get(f"/contractors/{made.contractor}").text

    # 29.97 of it settle the invoice; the name is shown as it is written
    for said in ("Nierozliczone wpłaty", "PAYU &lt;b&gt;", "50,00", "20,03", "&lt;script&gt;"):
        assert said in text, said


def test_an_item_with_stock_lots_reservations_kits_and_history(panel: Panel) -> None:
    made = books(panel)
    reader = made.desk.client("reader")

    text = reader.get(f"/items/{made.item('KUBEK')}").text
    kit = reader.get(f"/items/{made.item('ZESTAW')}").text

    for said in ("5901234123457", "19,99", "detal", "5,50", "70002", "RO/2/2026", "-4", "+20"):
        assert said in text, said
    assert f"/documents/{made.held.id}" in links(text)
    assert f"/items/{made.item('ZESTAW')}" in links(text)
    assert f"/items/{made.item('SPODEK')}" in links(kit)
    assert "Składniki zestawu" in kit


def test_items_are_found(panel: Panel) -> None:
    made = books(panel)
    reader = made.desk.client("reader")

    assert [
        one for one in links(reader.get("/items?text=5901234123457").text) if re.fullmatch(r"/items/\d+", one)
    ] == [f"/items/{made.item('KUBEK')}"]
    assert f"/items/{made.item('ZESTAW')}" in links(reader.get("/items?kind=compound").text)
    assert "Nie ma takich towarów" in reader.get("/items?text=nic takiego").text


def test_a_look_for_a_number_may_be_made_wider(panel: Panel) -> None:
    made = books(panel)
    made.ledger.setup.put_items("main", [{"sku": "KUBEK-DUŻY", "name": "Duży", "vat": "23"}])
    reader = made.desk.client("reader")

    narrow = reader.get("/items?text=KUBEK").text
    wide = reader.get(next(one for one in links(narrow) if "partly=1" in one)).text

    assert "KUBEK-DUŻY" not in narrow
    assert "KUBEK-DUŻY" in wide
    assert [one for one in links(reader.get("/documents?text=70001").text) if "partly=1" in one]
    assert [one for one in links(reader.get("/contractors?text=5260250274").text) if "partly=1" in one]


def test_a_sheet_holds_all_items_and_no_formula(panel: Panel) -> None:
    made = books(panel)
    made.ledger.setup.put_items("main", [{"sku": "=1+1", "name": "=cmd|' /C calc'!A0", "vat": "23"}])
    reader = made.desk.client("reader")

    xlsx = reader.get("/items/sheet?company=main&ending=xlsx")
    csv = reader.get("/items/sheet?company=main&ending=csv")
    with zipfile.ZipFile(io.BytesIO(xlsx.content)) as book:
        sheets = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))

    assert "KUBEK" in sheets
    assert "<f>" not in sheets
    assert "'=1+1" in csv.content.decode("utf-8-sig")
    assert csv.headers["content-disposition"].startswith("attachment")
    assert reader.get("/items/sheet?company=nobody").status_code == 404
    assert reader.get("/items/sheet?ending=exe").status_code == 404
    assert "5260250274" in reader.get("/contractors/sheet?ending=csv").content.decode("utf-8-sig")


# in a browser


@pytest.mark.parametrize(("language", "head"), [("pl", "Dokumenty"), ("en", "Documents")])
def test_from_the_list_along_the_chain_in_a_browser(
    panel: Panel, browser_page: Callable[..., Page], language: str, head: str
) -> None:
    made = books(panel)
    page = browser_page(made.desk, "operator", language)

    page.goto("/documents")
    assert page.inner_text("h1") == head
    assert faults_of(page) == []
    page.fill("#f-text", "70001")
    page.click(".filters button.main")
    page.click(f"a[href='/documents/{made.invoice.id}']")
    assert "FS/1/2026" in page.inner_text("h1")
    assert faults_of(page) == []
    page.click(f"svg a[href='/documents/{made.goods.id}'] rect")
    page.wait_for_url(f"**/documents/{made.goods.id}")
    assert "WZ/1/2026" in page.inner_text("h1")
    assert page.locator("svg a[aria-current=page]").count() == 1


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_pages_of_the_ledger(
    panel: Panel, browser_page: Callable[..., Page], language: str, theme: str
) -> None:
    made = books(panel)
    page = browser_page(made.desk, "operator", language, color_scheme=theme)

    for url in (
        f"/documents/{made.correction.id}",
        f"/documents/{made.order.id}",
        "/documents?text=nothing&from=bad",
        "/contractors",
        f"/contractors/{made.contractor}",
        "/items",
        f"/items/{made.item('KUBEK')}",
        f"/items/{made.item('ZESTAW')}",
    ):
        page.goto(url)
        assert faults_of(page) == [], url


def test_on_a_phone_nothing_is_wider_than_the_screen(panel: Panel, browser_page: Callable[..., Page]) -> None:
    made = books(panel)
    page = browser_page(made.desk, "operator", "pl", viewport={"width": 360, "height": 740})

    for url in (
        "/documents",
        f"/documents/{made.invoice.id}",
        "/contractors",
        f"/contractors/{made.contractor}",
        "/items",
        f"/items/{made.item('KUBEK')}",
    ):
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, url
        assert faults_of(page) == [], url
