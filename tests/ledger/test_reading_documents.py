"""The list of documents: what is found, in which order, page by page, however it is asked."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pomost.ledger.reading.documents import (
    DocumentsAsked,
    list_documents,
    of_order,
    payments_of,
    series_in_use,
    where_it_is,
)
from pomost.ledger.reading.paging import Page, Turn
from tests.ledger.firm import DAY, FIRMA, Firm, mugs

D = Decimal


def ask(firm: Firm, turn: Turn | None = None, scan: int = 40_000, **asked: Any) -> Page[Any]:
    with firm.ledger._transactions.reading() as connection:
        return list_documents(connection, DocumentsAsked(**asked), turn, scan)


def keys(page: Page[Any]) -> list[str]:
    return [f"{row.kind} {row.number}" for row in page.rows]


def test_the_newest_documents_come_first(firm: Firm) -> None:
    firm.issue("FS", "old", mugs(1), on=DAY - timedelta(days=3))
    firm.issue("FS", "new", mugs(1), on=DAY + timedelta(days=3))
    firm.issue("FS", "late", mugs(1), on=DAY)

    assert [row.issued_on for row in ask(firm, kind="FS").rows] == [
        DAY + timedelta(days=3),
        DAY,
        DAY - timedelta(days=3),
    ]
    assert ask(firm).rows[-1].kind == "FS", "also among documents of other kinds"


def test_pages_lead_through_all_documents_and_back(firm: Firm) -> None:
    made = [firm.issue("RO", f"{n}", mugs(1), on=DAY + timedelta(days=n % 3)) for n in range(11)]
    newest = sorted(((one.issued_on, int(one.id)) for one in made), reverse=True)

    pages = [ask(firm, Turn(size=4), kind="RO")]
    while pages[-1].after:
        pages.append(ask(firm, Turn(after=pages[-1].after, size=4), kind="RO"))
    back = [ask(firm, Turn(before=pages[-1].before, size=4), kind="RO")]
    while back[-1].before:
        back.append(ask(firm, Turn(before=back[-1].before, size=4), kind="RO"))

    assert [len(page.rows) for page in pages] == [4, 4, 3]
    assert [(row.issued_on, row.id) for page in pages for row in page.rows] == newest
    assert [page.rows for page in reversed(back)] == [page.rows for page in pages[:-1]]
    assert not pages[0].before
    assert {page.count for page in pages} == {11}


@pytest.fixture
def busy(firm: Firm) -> Firm:
    """A firm with documents of all sorts."""
    firm.ledger.setup.add_series("KUBKI", "FS", "INT")
    firm.issue("FS", "a", mugs(1), foreign_number="1001", notes="pilne: żółta wstążka")
    firm.issue("FS", "b", mugs(2), foreign_number="1002", series="INT", buyer=FIRMA)
    firm.issue("FS", "c", mugs(1), approve=False, on=DAY + timedelta(days=1))
    firm.issue("PA", "d", mugs(1), foreign_number="1002")
    cancelled = firm.issue("RO", "e", mugs(1), foreign_number="1003")
    firm.ledger.cancel("KUBKI", cancelled.key)
    return firm


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"kind": "FS"}, ["FS/2/2026", "FS/1/INT/2026", "FS/1/2026"]),
        ({"kind": "FS", "series": "INT"}, ["FS/1/INT/2026"]),
        ({"state": "cancelled"}, ["RO/1/2026"]),
        ({"state": "bufor", "kind": "FS"}, ["FS/2/2026"]),
        ({"state": "approved", "kind": "FS"}, ["FS/1/INT/2026", "FS/1/2026"]),
        ({"first_day": DAY + timedelta(days=1)}, ["FS/2/2026"]),
        ({"kind": "PA", "last_day": DAY}, ["PA/1/2026"]),
        ({"last_day": DAY - timedelta(days=1)}, []),
        ({"company": "KUBKI", "kind": "PA"}, ["PA/1/2026"]),
        ({"company": "nobody"}, []),
        ({"kind": "nothing"}, []),
        ({"state": "nothing"}, []),
        ({"number": "FS/1/INT/2026"}, ["FS/1/INT/2026"]),
        ({"number": "fs/1/2026"}, ["FS/1/2026"]),
        ({"number": "INT"}, ["FS/1/INT/2026"]),
        ({"number": "FS/1/2026", "kind": "PA"}, []),
        ({"text": "1002"}, ["PA/1/2026", "FS/1/INT/2026"]),
        ({"text": "1002", "kind": "PA"}, ["PA/1/2026"]),
        ({"text": "Przykład sp"}, ["FS/1/INT/2026"]),
        ({"text": "PRZYKŁADOWA", "kind": "PA"}, ["PA/1/2026"]),
        ({"text": "ŻÓŁTA"}, ["FS/1/2026"]),
        ({"text": "100%"}, []),
        ({"text": "_"}, []),
        ({"text": "email"}, []),
        ({"text": "526-025-02-74"}, ["FS/1/INT/2026"]),
        ({"text": "PL5260250274", "kind": "FS", "company": "KUBKI"}, ["FS/1/INT/2026"]),
        ({"text": "PL5260250274", "kind": "PA"}, []),
        ({"text": "1002", "partly": True}, ["PA/1/2026", "FS/1/INT/2026"]),
        ({"number": "FS/1/2026", "text": "wstążka"}, ["FS/1/2026"]),
        ({"number": "FS/1/2026", "text": "nie ma"}, []),
        ({"number": "FS/1/2026", "text": "1002"}, []),
        ({"number": "FS/1/INT/2026", "text": "PL5260250274"}, ["FS/1/INT/2026"]),
        ({"number": "FS/1/2026", "text": "PL5260250274"}, []),
        ({"number": "FS/1", "text": "1002"}, ["FS/1/INT/2026"]),
        ({"text": "Próbna 3"}, ["FS/1/INT/2026"]),
    ],
    ids=str,
)
def test_documents_are_found(busy: Firm, asked: dict[str, Any], wanted: list[str]) -> None:
    assert [row.number for row in ask(busy, **asked).rows] == wanted


def test_a_page_says_whether_the_text_was_a_number(busy: Firm) -> None:
    assert ask(busy, text="1002").exact
    assert ask(busy, text="PL5260250274").exact
    assert not ask(busy, text="Przykład").exact
    assert not ask(busy, text="1002", partly=True).exact


def test_documents_of_one_contractor(busy: Firm) -> None:
    of_firm = next(row for row in ask(busy, series="INT").rows).contractor_id

    assert keys(ask(busy, contractor=of_firm)) == ["FS FS/1/INT/2026"]
    assert keys(ask(busy, contractor=of_firm, kind="PA")) == []
    assert keys(ask(busy, contractor=of_firm, company="KUBKI", series="INT", state="approved")) == [
        "FS FS/1/INT/2026"
    ]
    assert keys(ask(busy, contractor=999)) == []


def test_a_row_says_what_a_list_shows(busy: Firm) -> None:
    row = ask(busy, series="INT").rows[0]

    assert (row.company, row.kind, row.series, row.state) == ("KUBKI", "FS", "INT", "approved")
    assert (row.buyer, row.foreign_number, row.warehouse) == ("Przykład sp. z o.o.", "1002", "MAG")
    assert (row.gross, row.paid, row.currency) == (D("39.98"), D("0.00"), "PLN")


def test_a_cut_look_says_where_it_ended(firm: Firm) -> None:
    for n in range(220):
        firm.issue("ZK", f"{n}", mugs(1), notes="tu" if n == 0 else "")

    first = ask(firm, scan=200, text="tu")
    second = ask(firm, Turn(after=first.after), scan=200, text="tu")

    assert (first.rows, first.cut, bool(first.after)) == ((), True, True)
    assert first.count is None, "to count them would take a look at every row"
    assert [row.number for row in second.rows] == ["ZK/1/2026"]
    assert not second.cut


def test_where_a_document_is_and_how_it_is_paid(firm: Firm) -> None:
    made = firm.issue("FS", "a", mugs(1, "10.00"))
    firm.ledger.pay("KUBKI", "a", payment="p1", amount=D("4.00"), form="przelew", on=DAY)

    with firm.ledger._transactions.reading() as connection:
        assert where_it_is(connection, int(made.id)) == "KUBKI"
        assert where_it_is(connection, 999) is None
        paid = payments_of(connection, int(made.id))
        assert paid is not None
        assert (paid.paid, paid.left, [one.form for one in paid.payments]) == (
            D("4.00"),
            D("6.00"),
            ["przelew"],
        )
        assert payments_of(connection, 999) is None


def test_documents_of_one_order_stand_in_the_order_they_were_made(busy: Firm) -> None:
    with busy.ledger._transactions.reading() as connection:
        assert [row.number for row in of_order(connection, "1002")] == ["FS/1/INT/2026", "PA/1/2026"]
        assert of_order(connection, "none such") == ()


def test_series_in_use_are_those_with_documents(busy: Firm) -> None:
    with busy.ledger._transactions.reading() as connection:
        named = [(one.kind, one.series) for one in series_in_use(connection)]
    assert ("FS", "INT") in named
    assert ("FS", "") in named
    assert ("WZ", "") not in named


BAD = [
    "\0",
    "'; DROP TABLE led_document; --",
    "%",
    "\\",
    '"',
    "\ud800",
    "😀" * 500,
    "FS/1\0/2026",
    "a" * 10_000,
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_nothing_typed_into_a_search_breaks_it(busy: Firm, bad: str) -> None:
    before = len(ask(busy).rows)

    for name in ("company", "kind", "state", "series", "number", "text"):
        ask(busy, **{name: bad})
    for mark in (bad, f"1.{bad}", f"{bad}.2026-01-01"):
        ask(busy, Turn(after=mark))
        ask(busy, Turn(before=mark))

    assert len(ask(busy).rows) == before


@pytest.mark.parametrize(
    "mark",
    [
        "9" * 19 + ".2026-01-01",
        "9" * 30 + ".2026-01-01",
        "1.2026-13-01",
        "1",
        "-1.2026-01-01",
        "١.2026-01-01",
    ],
)
def test_a_mark_that_is_none_begins_at_the_beginning(busy: Firm, mark: str) -> None:
    assert ask(busy, Turn(after=mark)).rows == ask(busy).rows


def test_any_mix_of_filters_finds_what_a_look_at_each_row_finds(busy: Firm) -> None:
    """Ground truth: every document of the ledger, looked at one by one."""
    everything = busy.ledger.documents()
    choices = itertools.product(
        ("", "FS", "PA", "RO"),
        ("", "bufor", "approved", "cancelled"),
        (None, DAY + timedelta(days=1)),
        (None, DAY),
    )
    for kind, state, first, last in choices:
        wanted = {
            one.number
            for one in everything
            if (not kind or one.kind == kind)
            and (not state or one.state == state)
            and (first is None or one.issued_on >= first)
            and (last is None or one.issued_on <= last)
        }
        page = ask(busy, kind=kind, state=state, first_day=first, last_day=last)
        assert {row.number for row in page.rows} == wanted, (kind, state, first, last)
        assert page.count == len(wanted)
