"""Every figure of the reports, against sums worked out by hand from the documents below."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from pomost.ledger import Ledger, open_ledger, schema
from pomost.ports import NeedsPerson
from pomost.reports import catalogue, orders
from pomost.reports.plans import Span, span_of
from pomost.reports.report import Asked, Cell, Report, Word
from pomost.store.plans import PlanLine
from pomost.store.schema import cases, events
from pomost.store.store import Store, open_store
from pomost.trade.documents import CorrectionAsked, Document, Draft, DraftLine, LineChange
from pomost.trade.order import Party
from pomost.trade.vat import VatRate
from tests import tables
from tests.postgres import database_with

D = Decimal
OCT, NOV_3, NOV_9, NOV_10, NOV_20 = (
    date(2026, 10, 20),
    date(2026, 11, 3),
    date(2026, 11, 9),
    date(2026, 11, 10),
    date(2026, 11, 20),
)
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
ANNA = Party(name="Anna Przykładowa")
FIRMA = Party(company="Przykład sp. z o.o.", tax_id="5260250274")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield tables.lay(tmp_path / "ledger.db", "ledger")
        return
    with database_with(request.getfixturevalue("postgres"), "store", "ledger") as found:
        yield found


class Shop:
    """Two companies. KUBKI sells mugs (5.00 and 8.00 each at cost), a kit of both, and delivery; SZAFY sells a wardrobe.

    October: an FS of 10 KUBEK for 12.30 gross each (net 100.00), with its WZ (cost 50.00), channel allegro.
    3 November: an FS of 10 KUBEK for 12.30 (net 100.00) and delivery 24.60 (net 20.00), allegro, WZ of 10 KUBEK (50.00).
    9 November: an FSK to it: 2 KUBEK come back (net -20.00), with a WZK to the WZ (cost -10.00).
    10 November: a PA of 1 kit (KUBEK + TALERZ) for 36.90 (net 30.00), which issues its goods itself (cost 13.00), shop; it is
    turned into an FS, which is no second sale.
    20 November: an FS in EUR at 4.30 of 3 TALERZ for 10.00 net each (30.00 EUR = 129.00 PLN), its goods by a WZ (24.00), shop.
    20 November: an FS of 5 TALERZ for 2.00 net each (net 10.00) to FIRMA, WZ 40.00, channel ebay: a loss.
    SZAFY, 20 November: an FS of 1 SZAFA for 123.00 (net 100.00), no channel, WZ of cost 60.00.
    A cancelled FS, WZ and PW, and an FS in bufor, which are nothing.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        setup = ledger.setup
        for code, warehouse in (("KUBKI", "MAG"), ("SZAFY", "MEBLE")):
            setup.add_company(code, code.title())
            setup.add_warehouse(code, warehouse)
        setup.add_warehouse("KUBKI", "SKLEP")
        setup.put_items(
            "KUBKI",
            [
                {"sku": "KUBEK", "name": "Kubek", "vat": "23"},
                {"sku": "TALERZ", "name": "Talerz", "vat": "23"},
                {"sku": "DOSTAWA", "name": "Dostawa", "vat": "23", "kind": "service"},
                {"sku": "ZESTAW", "name": "Zestaw", "vat": "23", "parts": {"KUBEK": 1, "TALERZ": 1}},
            ],
        )  # fmt: skip
        setup.put_items("SZAFY", [{"sku": "SZAFA", "name": "Szafa", "vat": "23"}])
        with ledger._transactions.database.writing() as connection:
            for sku, group in (("KUBEK", "Kubki"), ("TALERZ", "Talerze")):
                connection.execute(update(schema.item).where(schema.item.c.sku == sku).values(category=group))
        setup.receive("KUBKI", "MAG", {"KUBEK": (100, "5.00"), "TALERZ": (100, "8.00")}, "start", on=OCT)
        setup.receive("SZAFY", "MEBLE", {"SZAFA": (5, "60.00")}, "start", on=OCT)
        self.sell("KUBKI", "oct", OCT, "allegro", line("KUBEK", 10, "12.30"))
        first, wz = self.sell(
            "KUBKI", "one", NOV_3, "allegro", line("KUBEK", 10, "12.30"), line("DOSTAWA", 1, "24.60", service=True)
        )  # fmt: skip
        self.correct("FSK", "one-k", NOV_9, first, 2)
        self.correct("WZK", "one-wk", NOV_9, wz, 2)
        pa = self.issue("PA", "pa", "KUBKI", NOV_10, "shop", line("ZESTAW", 1, "36.90"), moves_stock=True)
        self.issue("FS", "pa-fs", "KUBKI", NOV_10, "shop", sources=(pa.id,))
        self.sell(
            "KUBKI",
            "eur",
            NOV_20,
            "shop",
            line("TALERZ", 3, "10.00"),
            basis="net",
            currency="EUR",
            rate=D("4.30"),
        )
        self.sell("KUBKI", "loss", NOV_20, "ebay", line("TALERZ", 5, "2.00"), basis="net", buyer=FIRMA)
        self.sell("SZAFY", "szafa", NOV_20, "", line("SZAFA", 1, "123.00"))
        self.issue("FS", "dead", "KUBKI", NOV_20, "shop", line("KUBEK", 7, "99.00"))
        ledger.cancel("KUBKI", "dead")
        self.issue("WZ", "dead-wz", "KUBKI", NOV_20, "shop", line("KUBEK", 7, "9.00"))
        ledger.cancel("KUBKI", "dead-wz")
        setup.receive("KUBKI", "MAG", {"KUBEK": (3, "5.00")}, "dead-in", on=NOV_20)
        ledger.cancel("KUBKI", "dead-in")
        self.issue("FS", "draft", "KUBKI", NOV_20, "shop", line("KUBEK", 7, "99.00"), approve=False)

    def sell(
        self, company: str, key: str, on: date, channel: str, *lines: DraftLine, **more: Any
    ) -> tuple[Document, Document]:
        """An FS and the WZ that follows it."""
        invoice = self.issue("FS", key, company, on, channel, *lines, **more)
        return invoice, self.issue("WZ", f"{key}-wz", company, on, channel, sources=(invoice.id,))

    def issue(
        self, kind: str, key: str, company: str, on: date, channel: str, *lines: DraftLine, **more: Any
    ) -> Document:
        more.setdefault("buyer", ANNA if lines else Party())
        attributes = {"ORDER_SOURCE": channel} if channel else {}
        return self.ledger.issue(Draft(kind, company, key, on, lines=lines, attributes=attributes, **more))

    def correct(self, kind: str, key: str, on: date, source: Document, back: int) -> Document:
        """The first line's pieces come back. It says no channel: that of the corrected document is meant."""
        asked = CorrectionAsked(
            (LineChange(source.lines[0].id, D(back)),), reason="zwrot", agreed_on=on, agreement="P/1"
        )
        return self.ledger.issue(Draft(kind, "KUBKI", key, on, sources=(source.id,), correction=asked))


def line(sku: str, quantity: int, price: str, **more: Any) -> DraftLine:
    return DraftLine(sku, sku.title(), D(quantity), D(price), VatRate.of("23"), **more)


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    found = open_ledger(url, durable=False)
    yield found
    found.close()


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    own = tables.lay(tmp_path / "store.db", "store") if url.startswith("sqlite") else url
    found = open_store(own, durable=False)
    yield found
    found.close()


Read = Any


@pytest.fixture
def read(ledger: Ledger, store: Store) -> Read:
    Shop(ledger)

    def read(name: str, by: str = "", days: tuple[date, date] = NOVEMBER, **more: Any) -> Report:
        return catalogue.read(ledger, store, name, Asked(*days, by=by, **more), date(2026, 11, 15))

    return read


def by_key(report: Report, *columns: str) -> dict[Cell, tuple[Cell, ...]]:
    """The last cell that names a row -> the cells of these columns."""
    keys = [one.key for one in report.columns]
    name = next((one for one in ("sku", "contractor", "warehouse") if one in keys), keys[0])
    names = report.column(name)
    return {
        key: tuple(row[report.place(one)] for one in columns)
        for key, row in zip(names, report.rows, strict=True)
    }


def total(report: Report, column: str) -> Cell:
    return report.totals[0][report.place(column)]


def test_sales_by_channel_are_the_net_of_documents_with_corrections_below_zero(read: Read) -> None:
    report = read("sales", "channel")

    assert by_key(report, "documents", "sold", "corrected", "net") == {
        "shop": (2, D("159.00"), D("0.00"), D("159.00")),
        "allegro": (2, D("120.00"), D("-20.00"), D("100.00")),
        Word("nothing"): (1, D("100.00"), D("0.00"), D("100.00")),
        "ebay": (1, D("10.00"), D("0.00"), D("10.00")),
    }
    assert total(report, "net") == D("369.00")
    assert total(report, "documents") == 6


@pytest.mark.parametrize("by", catalogue.KINDS["sales"].by)
def test_whatever_sales_are_divided_by_their_sum_is_the_same(read: Read, by: str) -> None:
    report = read("sales", by)

    assert total(report, "net-pln" if by == "currency" else "net") == D("369.00")


def test_sales_by_item_know_kits_and_pieces_that_came_back(read: Read) -> None:
    assert by_key(read("sales", "item", company="KUBKI"), "quantity", "net") == {
        "TALERZ": (D(8), D("139.00")),
        "KUBEK": (D(8), D("80.00")),
        "ZESTAW": (D(1), D("30.00")),
        "DOSTAWA": (D(1), D("20.00")),
    }


def test_sales_by_day_week_and_month_have_the_days_without_any_too(read: Read) -> None:
    days, weeks = by_key(read("sales", "day"), "net"), by_key(read("sales", "week"), "net")
    months = by_key(read("sales", "month", days=(OCT, NOVEMBER[1])), "net")

    assert len(days) == 30
    assert {day: cells[0] for day, cells in days.items() if cells[0]} == {
        NOV_3: D("120.00"), NOV_9: D("-20.00"), NOV_10: D("30.00"), NOV_20: D("239.00"),
    }  # fmt: skip
    assert {day: cells[0] for day, cells in weeks.items() if cells[0]} == {
        date(2026, 11, 2): D("120.00"), date(2026, 11, 9): D("10.00"), date(2026, 11, 16): D("239.00"),
    }  # fmt: skip
    assert months == {date(2026, 10, 1): (D("100.00"),), date(2026, 11, 1): (D("369.00"),)}


def test_sales_in_a_currency_are_shown_in_it_and_in_pln_but_never_added(read: Read) -> None:
    assert by_key(read("sales", "currency"), "documents", "net-own", "net-pln", "unrated") == {
        "PLN": (5, D("240.00"), D("240.00"), 0),
        "EUR": (1, D("30.00"), D("129.00"), 0),
    }


def test_an_amount_whose_worth_in_pln_is_not_known_stands_by_itself(read: Read, ledger: Ledger) -> None:
    with ledger._transactions.database.writing() as connection:
        connection.execute(
            update(schema.document).where(schema.document.c.currency == "EUR").values(net_pln=None, rate=None)
        )

    report = read("sales", "channel")
    shop = [row for row in report.rows if row[0] == "shop"]

    assert [(row[report.place("net")], row[report.place("currency")]) for row in shop] == [
        (D("30.00"), "PLN"),
        (D("30.00"), "EUR"),
    ]
    assert [(row[report.place("net")], row[-1]) for row in report.totals] == [
        (D("240.00"), "PLN"),
        (D("30.00"), "EUR"),
    ]
    assert "unrated" in {note.key for note in report.notes}
    assert total(read("margin", "channel"), "revenue") == D("240.00")


def test_company_channel_and_warehouse_narrow_a_report(read: Read) -> None:
    assert total(read("sales", "channel", company="SZAFY"), "net") == D("100.00")
    assert total(read("sales", "channel", channel="allegro"), "net") == D("100.00")
    assert total(read("sales", "channel", warehouse="MEBLE"), "net") == D("100.00")
    assert read("sales", "channel", warehouse="SKLEP").rows == ()
    assert by_key(read("sales", "company"), "net") == {"KUBKI": (D("269.00"),), "SZAFY": (D("100.00"),)}


def test_margin_is_sales_less_what_the_goods_cost_when_they_left(read: Read) -> None:
    report = read("margin", "channel")

    assert by_key(report, "revenue", "cost", "profit", "margin") == {
        "shop": (D("159.00"), D("37.00"), D("122.00"), D("76.7")),
        "allegro": (D("100.00"), D("40.00"), D("60.00"), D("60.0")),
        Word("nothing"): (D("100.00"), D("60.00"), D("40.00"), D("40.0")),
        "ebay": (D("10.00"), D("40.00"), D("-30.00"), D("-300.0")),
    }
    assert total(report, "cost") == D("177.00")
    assert total(report, "profit") == D("192.00")


def test_margin_by_item_has_the_cost_of_a_kit_with_the_kit(read: Read) -> None:
    assert by_key(read("margin", "item", company="KUBKI"), "revenue", "cost") == {
        "TALERZ": (D("139.00"), D("64.00")),
        "KUBEK": (D("80.00"), D("40.00")),
        "ZESTAW": (D("30.00"), D("13.00")),
        "DOSTAWA": (D("20.00"), D("0.00")),
    }


@pytest.mark.parametrize("by", catalogue.KINDS["margin"].by)
def test_whatever_margin_is_divided_by_its_sum_is_the_same(read: Read, by: str) -> None:
    report = read("margin", by)

    assert (total(report, "revenue"), total(report, "cost")) == (D("369.00"), D("177.00"))


def test_unprofitable_is_what_loses_or_earns_less_of_its_revenue_than_before(read: Read) -> None:
    by_channel = read("unprofitable", "channel")
    longer = read("unprofitable", "channel", days=(date(2026, 11, 4), NOVEMBER[1]))

    assert by_key(by_channel, "why", "profit") == {"ebay": (Word("loss"), D("-30.00"))}
    # 4 October to 3 November: 220.00 for 100.00 (54.5 %), after that -20.00 for -10.00: a loss
    assert by_key(longer, "why", "profit", "margin-before") == {
        "ebay": (Word("loss"), D("-30.00"), None),
        "allegro": (Word("loss"), D("-10.00"), D("54.5")),
    }


def test_operations_are_documents_that_moved_goods_at_cost(read: Read) -> None:
    report = read("operations", "kind", days=(OCT, NOVEMBER[1]))

    assert by_key(report, "documents-out", "documents-in", "out", "in") == {
        "PA": (1, 0, D("13.00"), D("0.00")),
        "PW": (0, 2, D("0.00"), D("1600.00")),
        "WZ": (5, 0, D("224.00"), D("0.00")),
        "WZK": (0, 1, D("0.00"), D("10.00")),
    }
    by_place = by_key(read("operations", "warehouse", days=(OCT, NOVEMBER[1])), "out", "in")
    assert by_place == {"MAG": (D("177.00"), D("1310.00")), "MEBLE": (D("60.00"), D("300.00"))}


def test_a_transfer_goes_out_of_one_warehouse_and_into_the_other(read: Read, ledger: Ledger) -> None:
    ledger.issue(
        Draft("MM", "KUBKI", "mm", NOV_20, warehouse="MAG", target="SKLEP", lines=(line("KUBEK", 4, "0"),))
    )

    found = by_key(read("operations", "warehouse", company="KUBKI"), "out", "in")

    assert found["SKLEP"] == (D("0.00"), D("20.00"))
    assert found["MAG"][0] == D("147.00")


def test_turnover_reckons_the_stock_back_to_both_ends(read: Read) -> None:
    report = read("turnover", company="KUBKI")

    # KUBEK: 500.00 less 50.00 in October is 450.00; then 50.00 out, 10.00 back, 5.00 in the kit
    assert by_key(report, "pieces", "cost", "opening", "closing") == {
        "KUBEK": (D(9), D("45.00"), D("450.00"), D("405.00")),
        "TALERZ": (D(9), D("72.00"), D("800.00"), D("728.00")),
    }
    assert by_key(report, "times")["KUBEK"] == (D("0.11"),)
    assert by_key(report, "lasts")["KUBEK"] == (270,)
    past = read("turnover", company="KUBKI", days=(OCT, date(2026, 11, 2)))
    assert by_key(past, "cost", "opening", "closing")["KUBEK"] == (D("50.00"), D("0.00"), D("450.00"))


def test_idle_is_what_came_long_ago_and_lies_still(read: Read) -> None:
    report = read("idle", company="KUBKI", days=(NOVEMBER[0], date(2027, 2, 1)))

    # of 100 KUBEK 79 are left of the first lot (10 + 10 + 1 went); 2 came back on 9 November, which is not 90 days ago
    assert by_key(report, "pieces", "value", "age")["KUBEK"] == (D(79), D("395.00"), 104)
    assert read("idle", company="KUBKI").rows == ()


def test_plan_and_actual_stand_beside_one_another(read: Read, store: Store) -> None:
    store.plans.put(
        [
            PlanLine("2026-11", "KUBKI", D("300.00")),
            PlanLine("2026-11", "KUBKI", D("50.00"), channel="allegro"),
            PlanLine("2026-11", "KUBKI", D("100.00"), sku="TALERZ"),
            PlanLine("2026-Q4", "KUBKI", D("1000.00")),
            PlanLine("2026-12", "KUBKI", D("77.00")),
            PlanLine("2026-11", "SZAFY", D("200.00")),
        ],
        1.0,
        "ola",
    )

    report = read("plan")
    found = {tuple(str(cell) for cell in row[:5]): row[5:] for row in report.rows}
    every = "all"

    assert len(found) == 5
    november = found["2026-11", "KUBKI", every, every, every]
    assert november[:5] == (D("300.00"), D("150.00"), D("269.00"), D("-31.00"), D("89.7"))
    assert found["2026-11", "KUBKI", "allegro", every, every][2] == D("100.00")
    assert found["2026-11", "KUBKI", every, "TALERZ", every][2] == D("139.00")
    assert found["2026-Q4", "KUBKI", every, every, every][2] == D("369.00")
    assert found["2026-11", "SZAFY", every, every, every][2] == D("100.00")


def test_advances_are_sold_once_though_the_final_invoice_shows_the_whole(read: Read, ledger: Ledger) -> None:
    whole_sale = (line("KUBEK", 10, "12.30"),)
    advance = ledger.issue(
        Draft("FZAL", "KUBKI", "fzal", NOV_20, buyer=FIRMA, ordered=whole_sale, lines=(DraftLine("", "Zaliczka", D(1), D("61.50"), VatRate.of("23"), service=True),))
    )  # fmt: skip
    ledger.issue(Draft("FS", "KUBKI", "final", NOV_20, buyer=FIRMA, lines=whole_sale, settles=(advance.id,)))

    by_item, by_channel = read("sales", "item", company="KUBKI"), read("sales", "channel", company="KUBKI")

    assert total(by_channel, "net") == total(by_item, "net") == D("369.00")
    assert by_key(by_item, "net")["KUBEK"] == (D("180.00"),)
    # 50.00 of the advance, less 50.00 that the final invoice does not charge again: nothing is left over
    assert "rest" not in {note.key for note in by_item.notes}


def test_grosze_of_a_currency_are_in_the_remainder(read: Read, ledger: Ledger) -> None:
    odd = tuple(line("TALERZ", 1, price) for price in ("0.33", "0.33", "0.33"))
    ledger.issue(
        Draft(
            "FS", "KUBKI", "odd", NOV_20, buyer=ANNA, lines=odd, basis="net", currency="EUR", rate=D("4.35")
        )
    )

    report = read("sales", "item", company="KUBKI")

    # 0.33 x 4.35 = 1.44 three times, 0.99 x 4.35 = 4.31 on the document
    assert by_key(report, "net")["TALERZ"] == (D("143.32"),)
    assert by_key(report, "net")[Word("rest")] == (D("-0.01"),)
    assert total(report, "net") == D("273.31")


def test_an_advance_that_is_not_settled_yet_is_sold_and_has_no_item(read: Read, ledger: Ledger) -> None:
    paid = DraftLine("", "Zaliczka", D(1), D("61.50"), VatRate.of("23"), service=True)
    ordered = (line("KUBEK", 10, "12.30"),)
    ledger.issue(Draft("FZAL", "KUBKI", "fzal", NOV_20, buyer=FIRMA, ordered=ordered, lines=(paid,)))

    report = read("sales", "item", company="KUBKI")

    assert by_key(report, "net")[Word("rest")] == (D("50.00"),)
    assert total(report, "net") == D("319.00")


def test_by_group_and_by_contractor(read: Read) -> None:
    nothing = Word("nothing")

    assert by_key(read("margin", "group"), "revenue", "cost") == {
        nothing: (D("150.00"), D("73.00")),
        "Talerze": (D("139.00"), D("64.00")),
        "Kubki": (D("80.00"), D("40.00")),
    }
    contractors = read("sales", "contractor", company="KUBKI")
    named = dict(zip(contractors.column("name"), contractors.column("net"), strict=True))
    assert named["Przykład sp. z o.o."] == D("10.00")
    assert sum(named.values()) == D("269.00")


def test_an_order_stands_where_it_stands_and_came_in_on_its_day(store: Store, ledger: Ledger) -> None:
    """Four orders: two of 3 November (23:30 in Poland and 0:30 of the 4th apart), one of them stopped twice, for two reasons."""
    at = [
        datetime(2026, 11, 3, 22, 30, tzinfo=UTC),  # 23:30 in Poland
        datetime(2026, 11, 3, 23, 30, tzinfo=UTC),  # 0:30 of the 4th
        datetime(2026, 11, 3, 9, 0, tzinfo=UTC),
        datetime(2026, 10, 24, 22, 30, tzinfo=UTC),  # 0:30 of the 25th, by summer time
    ]
    states = (
        ("done", ""),
        ("person", "ledger.no-rate"),
        ("doubt", "baselinker.no-answer"),
        ("waiting", "ledger.unknown-item"),
    )
    with store.database.writing() as connection:
        for number, (moment, (state, code)) in enumerate(zip(at, states, strict=True), 1):
            waits = json.dumps({"code": code, "next": "Waiting"}) if code else ""
            connection.execute(
                insert(cases).values(
                    id=number, company="main", source="sklep" if number < 4 else "allegro", kind="order",
                    external_id=str(number), flow="f", raw="{}", seen_at=moment.timestamp(), changed_at=0.0,
                    state=state, waits=waits, since=moment.timestamp(),
                )
            )  # fmt: skip
        for case, hour, what, step, code in (
            (2, 1, "failed", "fs", "ledger.no-rate"),  # the same failure, of the step
            (2, 1, "person", "", "ledger.no-rate"),
            (2, 0, "retrying", "", "nbp.no-answer"),
            (3, 2, "doubt", "wz", "baselinker.no-answer"),  # as the step says it
            (3, 2, "doubt", "", "baselinker.no-answer"),
            (4, 2, "waiting", "", "ledger.unknown-item"),
            (3, 1, "waiting", "", "flow.waits-for-condition"),  # no failure: its turn will come
            (1, 900, "person", "", "ledger.no-rate"),  # in December
        ):
            when = datetime(2026, 11, 5, 12, tzinfo=UTC).timestamp() + hour * 3600
            connection.execute(
                insert(events).values(
                    case_id=case,
                    at=when,
                    what=what,
                    step=step,
                    data=json.dumps({"code": code, "next": "" if code.startswith("flow") else "Waiting"}),
                )
            )

    def read(name: str, by: str, days: tuple[date, date] = NOVEMBER, **more: Any) -> Report:
        return catalogue.read(ledger, store, name, Asked(*days, by=by, **more), NOV_20)

    assert by_key(read("states", "now"), "orders") == {
        "waiting": (1,),
        "doubt": (1,),
        "person": (1,),
        "done": (1,),
    }
    days = {
        day: cells[0]
        for day, cells in by_key(read("states", "day", (date(2026, 10, 25), NOVEMBER[1])), "orders").items()
        if cells[0]
    }
    assert days == {date(2026, 10, 25): 1, date(2026, 11, 3): 2, date(2026, 11, 4): 1}
    assert by_key(read("states", "channel"), "person", "doubt", "done", "orders") == {"sklep": (1, 1, 1, 3)}
    assert by_key(read("errors", "code"), "errors", "orders", "here") == {
        "ledger.no-rate": (1, 1, 1),
        "nbp.no-answer": (1, 1, 0),
        "baselinker.no-answer": (1, 1, 1),
        "ledger.unknown-item": (1, 1, 1),
    }
    assert by_key(read("errors", "channel"), "errors", "orders", "here") == {
        "sklep": (3, 2, 2),
        "allegro": (1, 1, 1),
    }
    assert len(read("errors", "channel", channel="allegro").rows) == 1
    assert {day: cells[0] for day, cells in by_key(read("errors", "day"), "errors").items() if cells[0]} == {
        date(2026, 11, 5): 4
    }


def test_old_events_are_not_read_to_find_those_of_a_week(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    monkeypatch.setattr(orders, "_MANY", 10)
    with store.database.writing() as connection:
        connection.execute(
            insert(cases).values(
                id=1,
                company="main",
                source="s",
                kind="order",
                external_id="1",
                flow="f",
                raw="{}",
                seen_at=0.0,
                changed_at=0.0,
            )
        )
        connection.execute(
            insert(events),
            [{"case_id": 1, "at": start + hour * 3600, "what": "person"} for hour in range(5_000)],
        )

    with store.database.reading() as connection:
        for hour in (0, 1, 777, 4_999):
            assert orders._first_event(connection, start + hour * 3600) == max(hour + 1 - 10, 0)
        assert orders._first_event(connection, start + 9e9) == 5_000 - 10


@pytest.mark.parametrize(("text", "first", "last"), [("2026-02", (2, 1), (2, 28)), ("2026-12", (12, 1), (12, 31)), ("2026-Q1", (1, 1), (3, 31)), ("2026-Q4", (10, 1), (12, 31)), ("2026", (1, 1), (12, 31))])  # fmt: skip
def test_days_of_a_period(text: str, first: tuple[int, int], last: tuple[int, int]) -> None:
    assert span_of(text) == Span(date(2026, *first), date(2026, *last))


@pytest.mark.parametrize("text", ["", "2026-13", "2026-Q5", "26-01", "2026-1", "2026-11-01", "2026-q1 "])
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(NeedsPerson, match="period"):
        span_of(text)
