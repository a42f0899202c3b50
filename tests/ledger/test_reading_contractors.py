"""Contractors: the list, and what one of them owes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pomost.ledger.reading.contractors import (
    Account,
    ContractorsAsked,
    account_of,
    contractors_of,
    list_contractors,
)
from pomost.ledger.reading.paging import Page, Turn
from pomost.trade.documents import CorrectionAsked, LineChange
from pomost.trade.order import Address, Party
from tests.ledger.firm import DAY, FIRMA, Firm, mugs

D = Decimal


def ask(firm: Firm, turn: Turn | None = None, **asked: str) -> Page[Any]:
    with firm.ledger._transactions.reading() as connection:
        return list_contractors(connection, ContractorsAsked(**asked), turn)


def account(firm: Firm, contractor_id: int, **more: int) -> Account:
    with firm.ledger._transactions.reading() as connection:
        return account_of(connection, contractor_id, **more)


@pytest.fixture
def buyer(firm: Firm) -> int:
    """The id of the card of FIRMA, which bought for 20.00, 30.00 and 5.00 EUR and paid 20.00 and 10.00."""
    firm.issue("FS", "a", mugs(1, "20.00"), buyer=FIRMA)
    firm.issue("FS", "b", mugs(1, "30.00"), buyer=FIRMA, due_on=DAY + timedelta(days=7))
    firm.issue("FS", "c", mugs(1, "5.00"), buyer=FIRMA, currency="EUR", rate=D("4.30"))
    firm.issue("FS", "bufor", mugs(1, "99.00"), buyer=FIRMA, approve=False)
    firm.ledger.pay("KUBKI", "a", payment="1", amount=D("20.00"), on=DAY)
    firm.ledger.pay("KUBKI", "b", payment="2", amount=D("10.00"), on=DAY)
    return next(row.id for row in ask(firm).rows if row.tax_id)


def test_contractors_are_listed_by_code(firm: Firm, buyer: int) -> None:
    page = ask(firm)

    assert [row.code for row in page.rows] == sorted(row.code for row in page.rows)
    assert [row.one_off for row in page.rows] == [True, False]
    assert page.count == 2


@pytest.mark.parametrize(
    "text", ["PL5260250274", "526-025-02-74", "Przykład sp", "warszawa", "5260250"], ids=str
)
def test_a_contractor_is_found(firm: Firm, buyer: int, text: str) -> None:
    assert [row.id for row in ask(firm, text=text).rows] == [buyer]


@pytest.mark.parametrize("text", ["nobody", "\0", "%", "_", "\\", "'", "\ud800x", "x" * 5000])
def test_what_nobody_has_finds_nobody(firm: Firm, buyer: int, text: str) -> None:
    found = ask(firm, text=text).rows
    assert found == () or not text.replace("\0", "").strip()


def test_pages_lead_through_all_contractors(firm: Firm) -> None:
    people = [
        Party(company=f"Firma {n}", tax_id=nip, address=Address("", "", "Łódź", "", "PL"))
        for n, nip in enumerate(("5260250274", "1234563218", "7740001454", "5252248481"))
    ]
    for n, one in enumerate(people):
        firm.issue("FS", f"{n}", mugs(1), buyer=one)

    pages = [ask(firm, Turn(size=2))]
    while pages[-1].after:
        pages.append(ask(firm, Turn(after=pages[-1].after, size=2)))

    assert [row.code for page in pages for row in page.rows] == [row.code for row in ask(firm).rows]
    assert ask(firm, Turn(before=pages[1].before, size=2)).rows == pages[0].rows


def test_an_account_adds_up_by_currency(firm: Firm, buyer: int) -> None:
    found = account(firm, buyer)

    assert [(one.currency, one.documents, one.sold, one.paid, one.left) for one in found.balances] == [
        ("EUR", 1, D("5.00"), D("0.00"), D("5.00")),
        ("PLN", 2, D("50.00"), D("30.00"), D("20.00")),
    ]
    assert [(one.document.number, one.left) for one in found.unpaid] == [
        ("FS/2/2026", D("20.00")),
        ("FS/3/2026", D("5.00")),
    ]
    assert [one.late(DAY + timedelta(days=8)) for one in found.unpaid] == [True, False]
    assert not found.cut


def test_a_correction_lessens_what_is_owed(firm: Firm, buyer: int) -> None:
    invoice = firm.ledger.find("KUBKI", "b")
    assert invoice is not None
    firm.ledger.issue(
        firm.draft(
            "FSK",
            "fsk",
            sources=(invoice.id,),
            buyer=invoice.buyer,
            correction=CorrectionAsked(
                (LineChange(invoice.lines[0].id, price=D("25.00")),),
                "rabat",
                agreed_on=DAY,
                agreement="pismo",
            ),
        )
    )

    found = account(firm, buyer)

    assert found.balances[1].left == D("15.00")
    assert found.unpaid[0].left == D("15.00")


def test_a_receipt_with_an_invoice_is_owed_once(firm: Firm) -> None:
    receipt = firm.issue("PA", "pa", mugs(1, "40.00"), buyer=FIRMA)
    firm.convert("FS", "fs", receipt, buyer=FIRMA)
    buyer = next(row.id for row in ask(firm).rows if row.tax_id)

    assert [(one.documents, one.sold) for one in account(firm, buyer).balances] == [(1, D("40.00"))]


def test_only_the_newest_sales_are_added_up(firm: Firm, buyer: int) -> None:
    found = account(firm, buyer, most=2)

    assert found.cut
    assert sum(one.documents for one in found.balances) < 3


def test_nobody_has_no_account(firm: Firm) -> None:
    assert account(firm, 999) == Account((), (), False)
    with firm.ledger._transactions.reading() as connection:
        assert contractors_of(connection, [999]) == ()
        assert contractors_of(connection, []) == ()
