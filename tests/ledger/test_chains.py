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
from pomost.trade.order import Address, Party
from tests.ledger.books import TODAY, Books, goods

D = Decimal


def refusal(code: str) -> object:
    return pytest.raises(NeedsPerson, check=lambda error: error.code == code)


def test_ro_fs_wz_reserves_invoices_and_issues(books: Books) -> None:
    books.receive("pw", "A", "10")
    ro = books.issue("RO", "ro", goods("A", "3", "12.30"), goods("USL", "1", "9.99"))
    assert books.level("A") == (D(10), D(3))
    fs = books.issue("FS", "fs", of=ro)
    assert (fs.gross, fs.sources, books.level("A")) == (D("46.89"), (ro.id,), (D(10), D(3)))
    wz = books.issue("WZ", "wz", of=fs)
    assert books.level("A") == (D(7), D(0))
    assert [(line.sku, line.quantity) for line in wz.lines] == [("A", D(3)), ("USL", D(1))]
    assert books.realised(ro) == books.realised(fs) == [D(3), D(1)]
    assert books.cost(wz) == [D("15.00"), D(0)]


def test_ro_wz_fs_issues_once(books: Books) -> None:
    books.receive("pw", "A", "10")
    ro = books.issue("RO", "ro", goods("A", "3"))
    wz = books.issue("WZ", "wz", of=ro)
    assert books.level("A") == (D(7), D(0))
    fs = books.issue("FS", "fs", of=wz, moves_stock=True)
    assert (fs.gross, books.level("A")) == (D("30.00"), (D(7), D(0)))


def test_an_fs_moves_stock_itself_only_when_told_to(books: Books) -> None:
    books.receive("pw", "A", "10")
    books.issue("FS", "still", goods("A", "1"))
    assert books.level("A") == (D(10), D(0))
    fs = books.issue("FS", "moving", goods("A", "2"), moves_stock=True)
    assert books.level("A") == (D(8), D(0))
    with refusal("ledger.stock-already-moved"):
        books.issue("WZ", "wz", of=fs)
    assert books.level("A") == (D(8), D(0))


def test_parts_are_realised_and_released_as_goods_leave(books: Books) -> None:
    books.receive("pw", "A", "10")
    ro = books.issue("RO", "ro", goods("A", "5"))
    part = goods("A", "2", source_line=ro.lines[0].id)
    books.issue("WZ", "wz1", part, of=ro)
    assert (books.realised(ro), books.level("A")) == ([D(2)], (D(8), D(3)))
    with refusal("ledger.over-realised"):
        books.issue("WZ", "wz2", replace(part, quantity=D("3.0001")), of=ro)
    rest = books.issue("WZ", "wz2", of=ro)
    assert [line.quantity for line in rest.lines] == [D(3)]
    assert (books.realised(ro), books.level("A")) == ([D(5)], (D(5), D(0)))
    with refusal("ledger.nothing-left"):
        books.issue("WZ", "wz3", of=ro)


def test_partial_takes_what_is_there_and_leaves_the_rest(books: Books) -> None:
    books.receive("pw", "A", "2")
    ro = books.issue("RO", "ro", goods("A", "5"), goods("B", "1"))
    wz = books.issue("WZ", "wz", of=ro, partial=True)
    assert [(line.sku, line.quantity) for line in wz.lines] == [("A", D(2))]
    assert (books.realised(ro), books.level("A")) == ([D(2), D(0)], (D(0), D(3)))
    with pytest.raises(Waiting) as waits:
        books.issue("WZ", "wz2", of=ro, partial=True)
    assert (waits.value.code, set(waits.value.needs)) == (
        "ledger.not-in-stock",
        {f"stock:{line.sku}@MAG#{line.id}" for line in ro.lines},
    )


def test_one_reservation_counts_once_for_two_lines_made_of_it(books: Books) -> None:
    books.receive("pw", "A", "3")
    other = books.issue("RO", "other", goods("A", "2"))
    ro = books.issue("RO", "ro", goods("A", "2"))
    one = goods("A", "1", source_line=ro.lines[0].id)
    invoices = [books.issue("FS", f"fs{n}", one, of=ro) for n in (1, 2)]
    with pytest.raises(Waiting):
        books.issue("WZ", "wz", of=invoices)
    books.issue("WZ", "wz-other", of=other)
    assert books.level("A") == (D(1), D(2))


def test_who_reserved_the_last_piece_first_gets_it(books: Books) -> None:
    books.receive("pw", "A", "1")
    first = books.issue("RO", "first", goods("A", "1"))
    second = books.issue("RO", "second", goods("A", "1"))
    with pytest.raises(Waiting):
        books.issue("WZ", "wz-second", of=second)
    books.issue("WZ", "wz-first", of=first)
    assert books.level("A") == (D(0), D(1))


def test_what_is_kept_for_a_buyer_is_not_sold_to_another(books: Books) -> None:
    books.receive("pw", "A", "3")
    books.issue("RO", "ro", goods("A", "2"))
    with pytest.raises(Waiting, match="asked 2, available 1"):
        books.issue("WZ", "wz", goods("A", "2"))
    books.issue("WZ", "wz", goods("A", "1"))
    assert books.level("A") == (D(2), D(2))


def test_goods_leave_from_the_warehouse_of_the_reservation(books: Books) -> None:
    books.receive("pw", "A", "5", warehouse="MAG2")
    ro = books.issue("RO", "ro", goods("A", "2"), warehouse="MAG2")
    wz = books.issue("WZ", "wz", of=ro)
    assert (wz.warehouse, books.level("A", "MAG2"), books.level("A")) == ("MAG2", (D(3), D(0)), (D(0), D(0)))


def test_an_unknown_item_waits_for_its_card(books: Books) -> None:
    with pytest.raises(Waiting) as waits:
        books.issue("RO", "ro", goods("A", "1"), goods("N@WY", "1"))
    assert (waits.value.code, waits.value.needs) == ("ledger.unknown-item", ("item:N@WY",))
    assert books.ledger.present("main", waits.value.needs) == frozenset()
    assert books.ledger.find("main", "ro") is None
    books.ledger.setup.add_items("main", [{"sku": "N@WY", "vat": "23"}])
    assert books.ledger.present("main", waits.value.needs) == {"item:N@WY"}


def test_goods_not_in_stock_wait_and_the_receipt_is_seen(books: Books) -> None:
    ro = books.issue("RO", "ro", goods("A", "1"))
    with pytest.raises(Waiting) as waits:
        books.issue("WZ", "wz", of=ro)
    needs = waits.value.needs
    assert (waits.value.code, needs) == ("ledger.not-in-stock", (f"stock:A@MAG#{ro.lines[0].id}*1",))
    books.receive("elsewhere", "A", "1", warehouse="MAG2")
    assert books.ledger.present("main", needs) == frozenset()
    books.receive("pw", "A", "1")
    assert books.ledger.present("main", needs) == set(needs)
    books.issue("WZ", "wz", of=ro)
    assert books.level("A") == (D(0), D(0))


def test_an_order_in_bufor_keeps_nothing_and_becomes_nothing_until_approved(books: Books) -> None:
    books.receive("pw", "A", "5")
    ro = books.issue("RO", "ro", goods("A", "2"), approve=False)
    assert (ro.state, books.level("A")) == ("bufor", (D(5), D(0)))
    with refusal("ledger.source-not-approved"):
        books.issue("WZ", "wz", of=ro)
    assert books.ledger.approve("main", "ro").state == "approved"
    books.ledger.approve("main", "ro")
    assert books.level("A") == (D(5), D(2))
    books.issue("WZ", "wz", of=ro)
    assert books.level("A") == (D(3), D(0))


def test_amending_moves_the_reservation_with_the_lines(books: Books) -> None:
    books.receive("pw", "A", "5")
    ro = books.issue("RO", "ro", goods("A", "2"), warehouse="MAG2")
    after = books.ledger.amend("main", "ro", books.draft("RO", "ro", goods("A", "1"), goods("B", "4")))
    assert (after.id, after.number, after.warehouse) == (ro.id, ro.number, "MAG")
    assert [(line.sku, line.quantity) for line in after.lines] == [("A", D(1)), ("B", D(4))]
    assert after.gross == D("50.00")
    assert [books.level("A"), books.level("A", "MAG2"), books.level("B")] == [
        (D(5), D(1)),
        (D(0), D(0)),
        (D(0), D(4)),
    ]


@pytest.mark.parametrize(
    ("quantity", "price", "code"),
    [
        ("-1", "10", "ledger.negative-quantity"),
        ("0", "10", "ledger.negative-quantity"),
        ("0.00001", "10", "trade.quantity-too-fine"),
        ("1", "0.00001", "ledger.too-many-decimals"),
        ("10000000000", "10000000000", "trade.too-large"),
    ],
)
def test_what_the_ledger_cannot_keep_is_refused(books: Books, quantity: str, price: str, code: str) -> None:
    with refusal(code):
        books.issue("RO", "ro", goods("A", quantity, price))
    assert books.ledger.documents() == []


@pytest.mark.parametrize(
    ("quantity", "code"), [("-1", "ledger.negative-quantity"), ("0.00001", "trade.quantity-too-fine")]
)
def test_a_part_of_an_order_is_held_to_the_same_rules(books: Books, quantity: str, code: str) -> None:
    books.receive("pw", "A", "5")
    ro = books.issue("RO", "ro", goods("A", "2"))
    with refusal(code):
        books.issue("WZ", "wz", goods("A", quantity, source_line=ro.lines[0].id), of=ro)
    assert (books.realised(ro), books.level("A")) == ([D(0)], (D(5), D(2)))


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        ({"company": "other"}, "ledger.unknown-company"),
        ({"warehouse": "NOWHERE"}, "ledger.unknown-warehouse"),
        ({"kind": "XX"}, "ledger.unknown-kind"),
        ({"kind": "FS", "sources": ("999",)}, "ledger.unknown-source"),
        ({"kind": "FS", "sources": ("abc",)}, "ledger.unknown-source"),
        ({"lines": ()}, "ledger.no-lines"),
    ],
)
def test_what_is_asked_for_wrongly_needs_a_person(books: Books, draft: dict[str, object], code: str) -> None:
    with refusal(code):
        books.ledger.issue(replace(books.draft("RO", "ro", goods("A", "1")), **draft))


def test_only_kinds_that_follow_each_other_are_made_of_each_other(books: Books) -> None:
    pw = books.receive("pw", "A", "5")
    ro = books.issue("RO", "ro", goods("A", "1"))
    eur = books.issue("RO", "eur", goods("A", "1"), currency="EUR", rate=D("4.30"))
    for of, kind, code in (
        (pw, "WZ", "ledger.not-convertible"),
        (ro, "PZ", "ledger.not-convertible"),
        ((ro, eur), "FS", "ledger.sources-differ"),
    ):
        with refusal(code):
            books.issue(kind, "x", of=of)


def contractor(books: Books, document: Document) -> tuple[str, str]:
    table, cards = schema.document, schema.contractor
    with books.database.reading() as connection:
        row = connection.execute(
            select(cards.c.code, cards.c.tax_id)
            .join(table, table.c.contractor_id == cards.c.id)
            .where(table.c.id == int(document.id))
        ).one()
    return row.code, row.tax_id


def test_a_buyer_without_a_valid_nip_is_one_off_and_stands_on_the_document(books: Books) -> None:
    for key, tax_id in (("a", ""), ("b", "1234563219")):
        buyer = Party(name="Jan Przykładowy", tax_id=tax_id)
        document = books.issue("FS", key, goods("USL", "1"), buyer=buyer)
        assert (contractor(books, document), document.buyer) == ((ONE_OFF, ""), buyer)
    assert len(books.column(schema.contractor.c.id)) == 1


def test_a_buyer_with_a_nip_has_one_card_however_it_is_written(books: Books) -> None:
    for key, tax_id in (("a", "123-456-32-18"), ("b", "PL1234563218"), ("c", "123 456 32 18")):
        buyer = Party(company="Firma Przykładowa", tax_id=tax_id, address=Address(country="PL"))
        document = books.issue("FS", key, goods("USL", "1"), buyer=buyer)
        assert contractor(books, document) == ("PL1234563218", "PL1234563218")
    assert len(books.column(schema.contractor.c.id)) == 2


def test_two_cards_with_the_same_nip_need_a_person(books: Books) -> None:
    for code in ("F1", "F2"):
        books.ledger.setup.add_contractor("main", code, Party(name=code, tax_id="1234563218"))
    with pytest.raises(NeedsPerson, match="F1, F2") as refused:
        books.issue("FS", "fs", goods("USL", "1"), buyer=Party(tax_id="1234563218"))
    assert refused.value.code == "ledger.contractor-ambiguous"


def test_amounts_in_a_currency_are_kept_in_pln_too(books: Books) -> None:
    more = {"currency": "EUR", "rate": D("4.3051"), "rate_note": "226/A/NBP/2026"}
    ro = books.issue("RO", "ro", goods("USL", "1", "123.00"), **more)
    fs = books.issue("FS", "fs", of=ro)
    for document in (ro, fs):
        assert (document.currency, document.rate, document.gross) == ("EUR", D("4.3051"), D("123.00"))
        assert books.ledger.in_pln("main", document.key) == (D("430.51"), D("99.02"))


def test_numbers_have_no_gaps_in_a_series_and_start_anew_with_the_year(books: Books) -> None:
    books.ledger.setup.add_series("main", "FS", "WWW", "%SYMBOL/%NUMBER:3/%SERIES/%YEAR2")
    asked = [("", TODAY), ("WWW", TODAY), ("", TODAY), ("", date(2027, 1, 2)), ("WWW", TODAY)]
    numbers = []
    for index, (series, day) in enumerate(asked):
        with pytest.raises(Failure):
            books.issue("FS", f"bad{index}", goods("NIE", "1"), series=series, issued_on=day)
        with pytest.raises(Waiting):
            books.issue("FS", f"bad{index}", goods("A", "1"), series=series, issued_on=day, moves_stock=True)
        numbers.append(books.issue("FS", str(index), goods("USL", "1"), series=series, issued_on=day).number)
    assert numbers == ["FS/1/2026", "FS/001/WWW/26", "FS/2/2026", "FS/1/2027", "FS/002/WWW/26"]


def test_the_document_read_back_says_what_was_asked_for(books: Books) -> None:
    draft = books.draft(
        "FS",
        "fs",
        goods("USL", "2", "61.50", order_line="7", notes="czerwony"),
        goods("A", "1", "10.80", "8"),
        due_on=date(2026, 12, 2),
        payment_form="przelew",
        paid=D("50.00"),
        foreign_number="1001",
        attributes={"ORDER": "1001"},
        recipient=Party(name="Jan Przykładowy"),
    )
    made = books.ledger.issue(draft)
    assert made == books.ledger.read("main", made.id) == books.ledger.find("main", "fs")
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
    assert books.ledger.read("main", "abc") is None
    assert books.ledger.read("other", made.id) is None


def test_order_documents_are_looked_at_in_pages_by_their_last_change(books: Books) -> None:
    for number in range(150):
        books.issue("RO", f"ro{number}", goods("USL", "1"))
    books.issue("RO", "channel", goods("USL", "1"), attributes={"ORDER_SOURCE": "shop"})
    books.issue("RO", "draft", goods("USL", "1"), approve=False)
    books.issue("FS", "fs", goods("USL", "1"))
    source = books.ledger.order_source()
    pages = list(source.look({}))
    assert [len(page.seen) for page in pages] == [100, 50]
    numbers = [seen.order.number for page in pages for seen in page.seen if seen.order]
    assert numbers == [f"RO/{number}/2026" for number in range(1, 151)]
    assert list(source.look(pages[-1].cursor)) == []
    books.ledger.cancel("main", "ro3")
    books.ledger.approve("main", "draft")
    (page,) = books.ledger.order_source("main").look(pages[-1].cursor)
    assert [(seen.order.number, seen.order.status) for seen in page.seen if seen.order] == [
        ("RO/4/2026", "Anulowane"),
        ("RO/152/2026", "approved"),
    ]
    assert list(books.ledger.order_source("other").look({})) == []
