"""Chains of documents: what is realised, what leaves stock, what is refused and what waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from pomost.ledger import schema
from pomost.ledger.contractors import ONE_OFF
from pomost.ports import Failure, NeedsPerson, Waiting
from pomost.trade.documents import Document
from pomost.trade.order import Party
from tests.ledger.firm import DAY, Firm, goods

D = Decimal


def refusal(code: str) -> object:
    return pytest.raises(NeedsPerson, check=lambda error: error.code == code)


def test_ro_fs_wz_reserves_invoices_and_issues(bare: Firm) -> None:
    bare.receive("pw", "10")
    ro = bare.issue("RO", "ro", goods("KUBEK-1", "3", "12.30"), goods("DOSTAWA", "1", "9.99"))
    assert bare.stock("KUBEK-1") == (D(10), D(3))
    fs = bare.convert("FS", "fs", ro)
    assert (fs.gross, fs.sources, bare.stock("KUBEK-1")) == (D("46.89"), (ro.id,), (D(10), D(3)))
    wz = bare.convert("WZ", "wz", fs)
    assert bare.stock("KUBEK-1") == (D(7), D(0))
    assert [(line.sku, line.quantity) for line in wz.lines] == [("KUBEK-1", D(3)), ("DOSTAWA", D(1))]
    assert bare.realised(ro) == bare.realised(fs) == [D(3), D(1)]
    assert bare.cost(wz) == [D("15.00"), D(0)]


def test_an_fs_moves_stock_itself_only_when_told_to(bare: Firm) -> None:
    bare.receive("pw", "10")
    bare.issue("FS", "still", goods("KUBEK-1", "1"))
    assert bare.stock("KUBEK-1") == (D(10), D(0))
    fs = bare.issue("FS", "moving", goods("KUBEK-1", "2"), moves_stock=True)
    assert bare.stock("KUBEK-1") == (D(8), D(0))
    with refusal("ledger.stock-already-moved"):
        bare.convert("WZ", "wz", fs)
    assert bare.stock("KUBEK-1") == (D(8), D(0))


def test_parts_are_realised_and_released_as_goods_leave(bare: Firm) -> None:
    bare.receive("pw", "10")
    ro = bare.issue("RO", "ro", goods("KUBEK-1", "5"))
    part = goods("KUBEK-1", "2", source_line=ro.lines[0].id)
    bare.convert("WZ", "wz1", ro, lines=(part,))
    assert (bare.realised(ro), bare.stock("KUBEK-1")) == ([D(2)], (D(8), D(3)))
    with refusal("ledger.over-realised"):
        bare.convert("WZ", "wz2", ro, lines=(replace(part, quantity=D("3.0001")),))
    rest = bare.convert("WZ", "wz2", ro)
    assert [line.quantity for line in rest.lines] == [D(3)]
    assert (bare.realised(ro), bare.stock("KUBEK-1")) == ([D(5)], (D(5), D(0)))
    with refusal("ledger.nothing-left"):
        bare.convert("WZ", "wz3", ro)


def test_partial_takes_what_is_there_and_leaves_the_rest(bare: Firm) -> None:
    bare.receive("pw", "2")
    ro = bare.issue("RO", "ro", goods("KUBEK-1", "5"), goods("KUBEK-2", "1"))
    wz = bare.convert("WZ", "wz", ro, partial=True)
    assert [(line.sku, line.quantity) for line in wz.lines] == [("KUBEK-1", D(2))]
    assert (bare.realised(ro), bare.stock("KUBEK-1")) == ([D(2), D(0)], (D(0), D(3)))
    with pytest.raises(Waiting) as waits:
        bare.convert("WZ", "wz2", ro, partial=True)
    assert (waits.value.code, set(waits.value.needs)) == (
        "ledger.not-in-stock",
        {f"stock:{line.sku}@MAG#{line.id}" for line in ro.lines},
    )


def test_one_reservation_counts_once_for_two_lines_made_of_it(bare: Firm) -> None:
    bare.receive("pw", "3")
    other = bare.issue("RO", "other", goods("KUBEK-1", "2"))
    ro = bare.issue("RO", "ro", goods("KUBEK-1", "2"))
    one = goods("KUBEK-1", "1", source_line=ro.lines[0].id)
    invoices = [bare.convert("FS", f"fs{n}", ro, lines=(one,)) for n in (1, 2)]
    with pytest.raises(Waiting):
        bare.convert("WZ", "wz", *invoices)
    bare.convert("WZ", "wz-other", other)
    assert bare.stock("KUBEK-1") == (D(1), D(2))


def test_goods_leave_from_the_warehouse_of_the_reservation(bare: Firm) -> None:
    bare.receive("pw", "5", warehouse="MAG2")
    ro = bare.issue("RO", "ro", goods("KUBEK-1", "2"), warehouse="MAG2")
    wz = bare.convert("WZ", "wz", ro)
    assert (wz.warehouse, bare.stock("KUBEK-1", "MAG2"), bare.stock("KUBEK-1")) == (
        "MAG2",
        (D(3), D(0)),
        (D(0), D(0)),
    )


def test_an_unknown_item_waits_for_its_card(bare: Firm) -> None:
    with pytest.raises(Waiting) as waits:
        bare.issue("RO", "ro", goods("KUBEK-1", "1"), goods("N@WY", "1"))
    assert (waits.value.code, waits.value.needs) == ("ledger.unknown-item", ("item:N@WY",))
    assert bare.ledger.present("KUBKI", waits.value.needs) == frozenset()
    assert bare.ledger.find("KUBKI", "ro") is None
    bare.ledger.setup.add_items("KUBKI", [{"sku": "N@WY", "vat": "23"}])
    assert bare.ledger.present("KUBKI", waits.value.needs) == {"item:N@WY"}


def test_goods_not_in_stock_wait_and_the_receipt_is_seen(bare: Firm) -> None:
    ro = bare.issue("RO", "ro", goods("KUBEK-1", "1"))
    with pytest.raises(Waiting) as waits:
        bare.convert("WZ", "wz", ro)
    needs = waits.value.needs
    assert (waits.value.code, needs) == ("ledger.not-in-stock", (f"stock:KUBEK-1@MAG#{ro.lines[0].id}*1",))
    bare.receive("elsewhere", "1", warehouse="MAG2")
    assert bare.ledger.present("KUBKI", needs) == frozenset()
    bare.receive("pw", "1")
    assert bare.ledger.present("KUBKI", needs) == set(needs)
    bare.convert("WZ", "wz", ro)
    assert bare.stock("KUBEK-1") == (D(0), D(0))


def test_an_order_in_bufor_keeps_nothing_and_becomes_nothing_until_approved(bare: Firm) -> None:
    bare.receive("pw", "5")
    ro = bare.issue("RO", "ro", goods("KUBEK-1", "2"), approve=False)
    assert (ro.state, bare.stock("KUBEK-1")) == ("bufor", (D(5), D(0)))
    with refusal("ledger.source-not-approved"):
        bare.convert("WZ", "wz", ro)
    assert bare.ledger.approve("KUBKI", "ro").state == "approved"
    bare.ledger.approve("KUBKI", "ro")
    assert bare.stock("KUBEK-1") == (D(5), D(2))
    bare.convert("WZ", "wz", ro)
    assert bare.stock("KUBEK-1") == (D(3), D(0))


def test_amending_moves_the_reservation_with_the_lines(bare: Firm) -> None:
    bare.receive("pw", "5")
    ro = bare.issue("RO", "ro", goods("KUBEK-1", "2"), warehouse="MAG2")
    after = bare.ledger.amend(
        "KUBKI", "ro", bare.draft("RO", "ro", goods("KUBEK-1", "1"), goods("KUBEK-2", "4"))
    )
    assert (after.id, after.number, after.warehouse) == (ro.id, ro.number, "MAG")
    assert [(line.sku, line.quantity) for line in after.lines] == [("KUBEK-1", D(1)), ("KUBEK-2", D(4))]
    assert after.gross == D("50.00")
    assert [bare.stock("KUBEK-1"), bare.stock("KUBEK-1", "MAG2"), bare.stock("KUBEK-2")] == [
        (D(5), D(1)),
        (D(0), D(0)),
        (D(0), D(4)),
    ]


@pytest.mark.parametrize(
    ("quantity", "code"), [("-1", "ledger.negative-quantity"), ("0.00001", "trade.quantity-too-fine")]
)
def test_a_part_of_an_order_is_held_to_the_same_rules(bare: Firm, quantity: str, code: str) -> None:
    bare.receive("pw", "5")
    ro = bare.issue("RO", "ro", goods("KUBEK-1", "2"))
    with refusal(code):
        bare.convert("WZ", "wz", ro, lines=(goods("KUBEK-1", quantity, source_line=ro.lines[0].id),))
    assert (bare.realised(ro), bare.stock("KUBEK-1")) == ([D(0)], (D(5), D(2)))


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        ({"kind": "FS", "sources": ("999",)}, "ledger.unknown-source"),
        ({"kind": "FS", "sources": ("abc",)}, "ledger.unknown-source"),
    ],
)
def test_what_is_asked_for_wrongly_needs_a_person(bare: Firm, draft: dict[str, object], code: str) -> None:
    with refusal(code):
        bare.ledger.issue(replace(bare.draft("RO", "ro", goods("KUBEK-1", "1")), **draft))


def test_only_kinds_that_follow_each_other_are_made_of_each_other(bare: Firm) -> None:
    pw = bare.receive("pw", "5")
    ro = bare.issue("RO", "ro", goods("KUBEK-1", "1"))
    eur = bare.issue("RO", "eur", goods("KUBEK-1", "1"), currency="EUR", rate=D("4.30"))
    for of, kind, code in (
        ((pw,), "WZ", "ledger.not-convertible"),
        ((ro,), "PZ", "ledger.not-convertible"),
        ((ro, eur), "FS", "ledger.sources-differ"),
    ):
        with refusal(code):
            bare.convert(kind, "x", *of)


def contractor(bare: Firm, document: Document) -> tuple[str, str]:
    table, cards = schema.document, schema.contractor
    with bare.ledger._transactions.reading() as connection:
        row = connection.execute(
            select(cards.c.code, cards.c.tax_id)
            .join(table, table.c.contractor_id == cards.c.id)
            .where(table.c.id == int(document.id))
        ).one()
    return row.code, row.tax_id


def test_a_buyer_without_a_valid_nip_is_one_off_and_stands_on_the_document(bare: Firm) -> None:
    for key, tax_id in (("a", ""), ("b", "1234563219")):
        buyer = Party(name="Jan Przykładowy", tax_id=tax_id)
        document = bare.issue("FS", key, goods("DOSTAWA", "1"), buyer=buyer)
        assert (contractor(bare, document), document.buyer) == ((ONE_OFF, ""), buyer)
    assert len(bare.column(schema.contractor.c.id)) == 1


def test_numbers_have_no_gaps_in_a_series_and_start_anew_with_the_year(bare: Firm) -> None:
    bare.ledger.setup.add_series("KUBKI", "FS", "WWW", "%SYMBOL/%NUMBER:3/%SERIES/%YEAR2")
    asked = [("", DAY), ("WWW", DAY), ("", DAY), ("", date(2027, 1, 2)), ("WWW", DAY)]
    numbers = []
    for index, (series, day) in enumerate(asked):
        with pytest.raises(Failure):
            bare.issue("FS", f"bad{index}", goods("NIE", "1"), series=series, on=day)
        with pytest.raises(Waiting):
            bare.issue("FS", f"bad{index}", goods("KUBEK-1", "1"), series=series, on=day, moves_stock=True)
        numbers.append(bare.issue("FS", str(index), goods("DOSTAWA", "1"), series=series, on=day).number)
    assert numbers == ["FS/1/2026", "FS/001/WWW/26", "FS/2/2026", "FS/1/2027", "FS/002/WWW/26"]


def test_the_document_read_back_says_what_was_asked_for(bare: Firm) -> None:
    draft = bare.draft(
        "FS",
        "fs",
        goods("DOSTAWA", "2", "61.50", order_line="7", notes="czerwony"),
        goods("KUBEK-1", "1", "10.80", "8"),
        due_on=date(2026, 12, 2),
        payment_form="przelew",
        paid=D("50.00"),
        foreign_number="1001",
        attributes={"ORDER": "1001"},
        recipient=Party(name="Jan Przykładowy"),
    )
    made = bare.ledger.issue(draft)
    assert made == bare.ledger.read("KUBKI", made.id) == bare.ledger.find("KUBKI", "fs")
    assert (made.net, made.tax, made.gross) == (D("110.00"), D("23.80"), D("133.80"))
    assert [(row.vat.code, row.net, row.tax) for row in made.vat_rows] == [
        ("23", D("100.00"), D("23.00")),
        ("8", D("10.00"), D("0.80")),
    ]
    for name in (
        "key",
        "issued_on",
        "due_on",
        "payment_form",
        "paid",
        "foreign_number",
        "attributes",
        "recipient",
    ):
        assert getattr(made, name) == getattr(draft, name)
    assert (made.lines[0].order_line, made.lines[0].notes) == ("7", "czerwony")
    assert bare.ledger.read("KUBKI", "abc") is None
    assert bare.ledger.read("other", made.id) is None


def test_order_documents_are_looked_at_in_pages_by_their_last_change(bare: Firm) -> None:
    for number in range(150):
        bare.issue("RO", f"ro{number}", goods("DOSTAWA", "1"))
    bare.issue("RO", "channel", goods("DOSTAWA", "1"), attributes={"ORDER_SOURCE": "shop"})
    bare.issue("RO", "draft", goods("DOSTAWA", "1"), approve=False)
    bare.issue("FS", "fs", goods("DOSTAWA", "1"))
    source = bare.ledger.order_source()
    pages = list(source.look({}))
    assert [len(page.seen) for page in pages] == [100, 50]
    numbers = [seen.order.number for page in pages for seen in page.seen if seen.order]
    assert numbers == [f"RO/{number}/2026" for number in range(1, 151)]
    assert list(source.look(pages[-1].cursor)) == []
    bare.ledger.cancel("KUBKI", "ro3")
    bare.ledger.approve("KUBKI", "draft")
    (page,) = bare.ledger.order_source("KUBKI").look(pages[-1].cursor)
    assert [(seen.order.number, seen.order.status) for seen in page.seen if seen.order] == [
        ("RO/4/2026", "Anulowane"),
        ("RO/152/2026", "approved"),
    ]
    assert list(bare.ledger.order_source("other").look({})) == []
