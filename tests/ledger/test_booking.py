"""Payments booked on accounts and settled with their documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pomost.ledger.booking import Entry
from pomost.ports import BookedPayment, PaymentToBook
from tests.ledger.firm import DAY, Firm, mugs

D = Decimal
PAID = PaymentToBook("shop:1/book", "fs", D("39.98"), "PLN", "PAYU", DAY, "PayU", D("1.06"))


def test_a_payment_is_on_its_account_its_fee_apart_and_the_invoice_is_settled(firm: Firm) -> None:
    made = firm.issue("FS", "fs", mugs(2))

    booked = firm.ledger.book_payment("KUBKI", PAID)

    assert booked == BookedPayment(D("39.98"), D("1.06"), "PAYU", D(0))
    assert firm.ledger.entries("KUBKI", "PAYU") == [
        Entry("PAYU", "shop:1/book", "payment", made.id, DAY, "PLN", D("39.98")),
        Entry("PAYU", "shop:1/book", "fee", made.id, DAY, "PLN", D("-1.06")),
    ]
    settled = firm.ledger.settlement("KUBKI", "fs")
    # the buyer paid all of it: the fee is the seller's cost
    assert (settled.paid, settled.left, settled.settled) == (D("39.98"), 0, True)
    assert firm.again(made).paid == D("39.98")


def test_the_same_key_books_once_whatever_it_asks_for_later(firm: Firm) -> None:
    firm.issue("FS", "fs", mugs(2))
    firm.ledger.book_payment("KUBKI", PAID)

    again = firm.ledger.book_payment(
        "KUBKI", replace(PAID, amount=D("5.00"), account="BANK", on=date(2026, 4, 1))
    )

    assert again == BookedPayment(D("39.98"), D("1.06"), "PAYU", D(0))
    assert len(firm.ledger.entries("KUBKI", "PAYU")) == 2
    assert firm.ledger.entries("KUBKI", "BANK") == []


def test_a_key_is_of_one_document(firm: Firm) -> None:
    firm.issue("FS", "fs", mugs(2))
    firm.issue("FS", "other", mugs(2))
    firm.ledger.book_payment("KUBKI", PAID)

    firm.refused(
        "ledger.key-reused", lambda: firm.ledger.book_payment("KUBKI", replace(PAID, document="other"))
    )
    assert firm.ledger.settlement("KUBKI", "other").paid == 0


def test_without_a_fee_there_is_one_entry(firm: Firm) -> None:
    firm.issue("FS", "fs", mugs(2))

    firm.ledger.book_payment("KUBKI", replace(PAID, fee=D(0)))

    assert [one.what for one in firm.ledger.entries("KUBKI", "PAYU")] == ["payment"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"account": " "},
        {"fee": D("39.98")},
        {"fee": D("-0.01")},
        {"fee": D("0.001")},
        {"currency": "EUR"},
    ],
    ids=str,
)
def test_what_can_not_be_booked_is_refused_and_nothing_is_written(
    firm: Firm, wrong: dict[str, object]
) -> None:
    firm.issue("FS", "fs", mugs(2))

    firm.refused(
        "ledger.bad-booking",
        lambda: firm.ledger.book_payment("KUBKI", replace(PAID, **wrong)),  # type: ignore[arg-type]
    )
    assert firm.ledger.settlement("KUBKI", "fs").paid == 0
    assert firm.ledger.entries("KUBKI", "PAYU") == []


@pytest.mark.parametrize("amount", ["0", "-5", "1.001"])
def test_a_payment_is_an_amount_above_zero(firm: Firm, amount: str) -> None:
    firm.issue("FS", "fs", mugs(2))

    firm.refused(
        "ledger.bad-payment" if D(amount) > 0 else "ledger.bad-booking",
        lambda: firm.ledger.book_payment("KUBKI", replace(PAID, amount=D(amount), fee=D(0))),
    )
    assert firm.ledger.entries("KUBKI", "PAYU") == []


def test_an_unknown_document_is_refused(firm: Firm) -> None:
    firm.refused("ledger.unknown-document", lambda: firm.ledger.book_payment("KUBKI", PAID))
