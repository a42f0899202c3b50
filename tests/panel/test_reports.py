"""Reports on pages and as files, and plans: every address, every export, what is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from pomost.panel.formats import WARSAW
from pomost.panel.pages.reports import SHOWN
from pomost.reports import catalogue
from pomost.trade.documents import Draft, DraftLine
from pomost.trade.order import Party
from pomost.trade.vat import VatRate
from tests.panel.conftest import PICTURES, Client, Desk, faults_of

Panel = Callable[..., Desk]
DAYS = "from=2026-11-01&to=2026-11-30"
EVIL = "=HYPERLINK(1)"
NOVEMBER_20 = date(2026, 11, 20)


@pytest.fixture
def desk(panel: Panel) -> Desk:
    """A shop that sold 2 mugs on the channel "=HYPERLINK(1)" (net 20.00, cost 10.00) and one in EUR at 4.30 (43.00, 5.00)."""
    made = panel()
    ledger = made.pomost.ledger
    ledger.setup.put_items("main", [{"sku": "KUBEK", "name": "Kubek <b>", "vat": "23", "category": "Kubki"}])
    ledger.setup.receive("main", "MAG", {"KUBEK": (10, "5.00")}, "mugs", on=date(2026, 11, 2))
    for key, quantity, more in (
        ("one", 2, {}),
        ("eur", 1, {"currency": "EUR", "rate": Decimal("4.30")}),
    ):
        sold = ledger.issue(
            Draft("FS", "main", key, NOVEMBER_20, buyer=Party(name="Anna Przykładowa"), basis="net",
                  lines=(DraftLine("KUBEK", "Kubek", Decimal(quantity), Decimal("10.00"), VatRate.of("23")),),
                  attributes={"ORDER_SOURCE": EVIL}, **more)
        )  # fmt: skip
        ledger.issue(
            Draft(
                "WZ", "main", f"{key}-wz", NOVEMBER_20, sources=(sold.id,), attributes={"ORDER_SOURCE": EVIL}
            )
        )
    return made


@pytest.fixture
def reader(desk: Desk) -> Client:
    return desk.client("reader")


@pytest.mark.parametrize("name", catalogue.KINDS)
@pytest.mark.parametrize("language", ["pl", "en"])
def test_every_report_is_a_page_whatever_it_is_divided_by(desk: Desk, name: str, language: str) -> None:
    reader = desk.client("reader", language)

    for by in catalogue.KINDS[name].by or ("",):
        page = reader.get(f"/reports/{name}?{DAYS}&by={by}")
        assert page.status_code == 200, page.text
        assert "<script>" not in page.text


def test_the_list_names_every_report(reader: Client) -> None:
    page = reader.get("/reports").text

    assert all(f'href="/reports/{name}"' in page for name in catalogue.KINDS)


def test_a_page_shows_the_figures_of_the_ledger(reader: Client) -> None:
    page = reader.get(f"/reports/margin?{DAYS}&by=item&company=main").text

    for said in ("63,00", "15,00", "48,00", "76,2 %", "Kubek &lt;b&gt;", 'role="img"'):
        assert said in page
    assert "Nic tu nie ma" in reader.get("/reports/margin?from=2026-01-01&to=2026-01-31").text


@pytest.mark.parametrize("name", catalogue.KINDS)
def test_every_report_is_a_file_in_every_format(reader: Client, name: str) -> None:
    sheet = reader.get(f"/reports/{name}.xlsx?{DAYS}")
    text = reader.get(f"/reports/{name}.csv?{DAYS}")
    paper = reader.get(f"/reports/{name}.pdf?{DAYS}")

    assert [one.status_code for one in (sheet, text, paper)] == [200] * 3
    assert CalamineWorkbook.from_filelike(io.BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    assert text.content.startswith(b"\xef\xbb\xbf")
    assert len(PdfReader(io.BytesIO(paper.content)).pages) >= 1
    assert "attachment" in sheet.headers["content-disposition"]


def test_a_channel_that_looks_like_a_formula_stays_text_in_every_file(reader: Client) -> None:
    text = reader.get(f"/reports/sales.csv?{DAYS}").content.decode("utf-8-sig")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(reader.get(f"/reports/sales.xlsx?{DAYS}").content))
    rows = sheet.get_sheet_by_index(0).to_python()

    assert text.splitlines()[1] == "'=HYPERLINK(1);2;63,00;0,00;63,00;100,0;PLN"
    assert rows[1] == [EVIL, 2.0, 63.0, 0.0, 63.0, 100.0, "PLN"]
    assert rows[2][0] == "Razem"


def test_the_pdf_says_title_days_and_figures(reader: Client) -> None:
    found = PdfReader(io.BytesIO(reader.get(f"/reports/sales.pdf?{DAYS}").content))
    text = "".join(page.extract_text() for page in found.pages)

    for said in ("Sprzedaż", "2026-11-01", "63,00", EVIL):
        assert said in text


@pytest.mark.parametrize(
    ("query", "said"),
    [("from=gestern", "to nie dzień"), ("from=2026-12-01&to=2026-11-01", "pierwszy przed ostatnim"),
     ("by=moon", "nie można podzielić"), ("from=0001-01-01&to=9999-12-31", "to nie dzień"), ("to=2026-02-30", "to nie dzień")],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_answered_with_what_is_wrong(
    reader: Client, query: str, said: str
) -> None:
    page = reader.get(f"/reports/sales?{query}")

    assert page.status_code == 409
    assert said in page.text


@pytest.mark.parametrize(
    "url", ["/reports/nothing", "/reports/nothing.csv", "/reports/sales.exe", "/reports/plan/nothing"]
)
def test_there_is_no_other_report(reader: Client, url: str) -> None:
    assert reader.get(url).status_code == 404


def test_a_target_is_entered_shown_beside_what_was_sold_and_removed(desk: Desk) -> None:
    operator = desk.client("operator")

    put = operator.post(
        "/reports/plan", page="/reports/plan", period="2026-11", **{"for-company": "main"}, target="126,00"
    )
    plan = desk.pomost.store.plans.all()
    again = operator.post(
        "/reports/plan", page="/reports/plan", period="2026-11", **{"for-company": "main"}, target="100"
    )

    assert "Zapisano cel: main, 2026-11" in put.text
    assert [(one.period, one.target) for one in plan] == [("2026-11", Decimal("126.00"))]
    assert "50 %" in put.text
    assert [one.target for one in desk.pomost.store.plans.all()] == [Decimal("100.00")]
    assert "63,0" in again.text
    gone = operator.post("/reports/plan", page="/reports/plan", remove=str(plan[0].id))
    assert "Cel usunięty" in gone.text
    assert desk.pomost.store.plans.all() == []
    assert [one.act for one in desk.pomost.store.audits.page(who="operator")][:3] == [
        "plan.remove",
        "plan.put",
        "plan.put",
    ]


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"period": "listopad"}, "to nie okres"), ({"for-company": "obca"}, "Nie ma firmy"), ({"target": "dużo"}, "liczb"),
     ({"target": "-5"}, "Cel nie jest kwotą"), ({"target": ""}, "Cel nie jest kwotą"), ({"sku": "A", "category": "B"}, "towaru albo grupy")],
)  # fmt: skip
def test_a_target_that_is_wrong_comes_back_with_what_was_typed(
    desk: Desk, fields: dict[str, str], said: str
) -> None:
    given = {"period": "2026-11", "for-company": "main", "target": "100", "sku": "WPISANY", **fields}

    page = desk.client("operator").post("/reports/plan", page="/reports/plan", **given)

    assert page.status_code == 400
    assert said in page.text
    assert fields.get("sku", "WPISANY") in page.text
    assert desk.pomost.store.plans.all() == []


def test_a_reader_sees_the_plan_and_enters_nothing(desk: Desk, reader: Client) -> None:
    assert "Wpisz cel" not in reader.get("/reports/plan").text
    for url in ("/reports/plan", "/reports/plan/import"):
        assert reader.post(url, page="/reports/plan", period="2026-11", target="1").status_code == 403
    assert desk.pomost.store.plans.all() == []


def test_an_order_that_lacks_its_item_card_is_an_error_and_a_state_of_the_report(panel: Panel) -> None:
    desk = panel(stocked=False)
    order = desk.house.shop.place(paid=True)[0]
    desk.house.run_until(lambda: desk.house.state(order) in ("waiting", "person"))
    reader = desk.client("reader")

    today = datetime.fromtimestamp(desk.pomost.work.now(), WARSAW).date()
    errors = reader.get(f"/reports/errors.csv?from={today}&to={today}").text.splitlines()
    states = reader.get("/reports/states.csv").text.splitlines()

    assert errors[1] == "ledger.unknown-item;1;1;1"
    assert states[1].startswith("czeka;1;")


GOOD = "Okres;Firma;Kanał;SKU;Grupa;Plan netto\n2026-11;main;;;;1000,50\n2026-Q4;main;allegro;;;3000\n2026;main;;KUBEK;;5000\n"


def test_a_plan_is_read_from_a_sheet_and_replaces_what_it_names(desk: Desk) -> None:
    operator = desk.client("operator")

    first = operator.post(
        "/reports/plan/import", page="/reports/plan", files={"file": ("plan.csv", GOOD.encode())}
    )
    operator.post(
        "/reports/plan/import",
        page="/reports/plan",
        files={"file": ("plan.csv", GOOD.replace("3000", "4000").encode())},
    )

    assert "Zapisano cele: 3" in first.text
    assert [(one.period, one.channel, one.sku, one.target) for one in desk.pomost.store.plans.all()] == [
        ("2026", "", "KUBEK", Decimal("5000.00")),
        ("2026-11", "", "", Decimal("1000.50")),
        ("2026-Q4", "allegro", "", Decimal("4000.00")),
    ]


def test_an_exported_sheet_of_dates_and_numbers_is_read_too(desk: Desk, tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "plan.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, days = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm"})
        sheet.write_row(0, 0, ["Month", "Net target"])
        sheet.write_datetime(1, 0, date(2026, 11, 1), days)  # type: ignore[arg-type]
        sheet.write_number(1, 1, 1234.5)
        sheet.write_row(2, 0, [2026, 99])

    desk.client("operator").post(
        "/reports/plan/import", page="/reports/plan", files={"file": ("plan.xlsx", path.read_bytes())}
    )

    found = [(one.period, one.company, one.target) for one in desk.pomost.store.plans.all()]
    assert found == [("2026", "main", Decimal("99.00")), ("2026-11", "main", Decimal("1234.50"))]


@pytest.mark.parametrize(
    ("content", "said"),
    [(GOOD + "2026-13;main;;;;1\n;;;;;\n2026-12;inna;;;;2\n", "2 wiersze są błędne"), ("Okres;Firma\n2026;main\n", "nagłówki planu"),
     ("", "jest pusty"), ("Okres;Plan netto\n", "nie ma wierszy"), ("Okres;Plan;Plan netto\n2026;1;2\n", "nagłówki planu")],
)  # fmt: skip
def test_a_bad_sheet_is_refused_as_a_whole(desk: Desk, content: str, said: str) -> None:
    page = desk.client("operator").post(
        "/reports/plan/import", page="/reports/plan", files={"file": ("p.csv", content.encode())}
    )

    assert said in page.text
    assert desk.pomost.store.plans.all() == []


def test_no_file_is_no_plan(desk: Desk) -> None:
    assert "Wybierz plik" in desk.client("operator").post("/reports/plan/import", page="/reports/plan").text


def test_a_page_shows_the_first_rows_and_files_hold_all(desk: Desk, reader: Client) -> None:
    ledger = desk.pomost.ledger
    ledger.setup.put_items("main", [{"sku": f"T{n:04}", "name": "T", "vat": "23"} for n in range(SHOWN + 5)])
    ledger.setup.receive(
        "main", "MAG", {f"T{n:04}": (1, "2.00") for n in range(SHOWN + 5)}, "many", on=date(2026, 1, 2)
    )

    page = reader.get(f"/reports/idle?{DAYS}").text
    text = reader.get(f"/reports/idle.csv?{DAYS}").text

    assert page.count("<tr>") == SHOWN + 2
    assert f"na stronie pierwsze {SHOWN}" in page
    # headings and total besides
    assert len(text.splitlines()) == SHOWN + 5 + 2


@pytest.mark.parametrize("language", ["pl", "en"])
def test_in_a_browser_a_report_is_found_divided_and_saved(
    desk: Desk, browser_page: Callable[..., Page], language: str
) -> None:
    page = browser_page(desk, "operator", language)
    page.goto("/reports")
    assert faults_of(page) == []
    page.click('a[href="/reports/sales"]')
    page.fill("#f-from", "2026-11-01")
    page.fill("#f-to", "2026-11-30")
    page.select_option("#f-by", "day")
    page.click("form.filters button")
    page.wait_for_selector("svg.plot")

    assert page.locator("tbody tr").count() == 30
    assert "63" in page.locator("tfoot").inner_text()
    assert faults_of(page) == []
    with page.expect_download() as saved:
        page.click("a.button:has-text('PDF')")
    assert saved.value.suggested_filename == "sales-2026-11-01-2026-11-30.pdf"
    page.goto("/reports/plan")
    page.fill("#f-period", "2026-11")
    page.fill("#f-target", "100")
    page.click("section.card form[action='/reports/plan'] button")
    page.wait_for_selector(".notice.good")
    assert faults_of(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"/reports/states?{DAYS}&by=channel")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert PICTURES.name == "pictures"
