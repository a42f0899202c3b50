"""What was paid for a document and what is still due."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pomost.ledger.payments import PaymentMade, Settlement
from tests.ledger.firm import DAY, Firm, mugs

D = Decimal


def test_an_invoice_is_settled_by_its_payments(firm: Firm) -> None:
    made = firm.issue("FS", "fs", mugs(2), payment_form="przelew", paid=D("10.00"), due_on=date(2026, 3, 19))
    before = firm.ledger.settlement("KUBKI", "fs")

    after = firm.ledger.pay(
        "KUBKI", "fs", payment="bank-7", amount=D("29.98"), form="przelew", on=date(2026, 3, 9)
    )

    first = PaymentMade("fs:paid", "przelew", DAY, D("10.00"))
    second = PaymentMade("bank-7", "przelew", date(2026, 3, 9), D("29.98"))
    assert before == Settlement(
        made.id, "przelew", date(2026, 3, 19), "PLN", D("39.98"), D("10.00"), (first,)
    )
    assert (before.left, before.settled) == (D("29.98"), False)
    assert after.payments == (first, second)
    assert (after.left, after.settled) == (0, True)
    assert firm.again(made).paid == D("39.98")


def test_the_same_payment_is_written_down_once(firm: Firm) -> None:
    firm.issue("FS", "fs", mugs(2))

    for _ in range(2):
        settled = firm.ledger.pay("KUBKI", "fs", payment="bank-7", amount=D("5.00"), on=DAY)

    assert settled.paid == D("5.00")
    assert len(settled.payments) == 1


def test_a_payment_of_another_document_is_not_taken_for_this_one(firm: Firm) -> None:
    firm.issue("FS", "1", mugs(2))
    firm.issue("FS", "2", mugs(2))
    firm.ledger.pay("KUBKI", "1", payment="bank-7", amount=D("5.00"), on=DAY)

    firm.refused(
        "ledger.key-reused", lambda: firm.ledger.pay("KUBKI", "2", payment="bank-7", amount=D("5.00"))
    )


@pytest.mark.parametrize("amount", ["0", "-5", "1.001", "NaN"])
def test_a_payment_is_an_amount_above_zero(firm: Firm, amount: str) -> None:
    firm.issue("FS", "fs", mugs(2))

    firm.refused("ledger.bad-payment", lambda: firm.ledger.pay("KUBKI", "fs", payment="1", amount=D(amount)))


def test_a_payment_belongs_to_a_document_in_force(firm: Firm) -> None:
    firm.issue("FS", "fs", mugs(2))
    firm.ledger.cancel("KUBKI", "fs")

    firm.refused("ledger.bad-payment", lambda: firm.ledger.pay("KUBKI", "fs", payment="1", amount=D(1)))
    firm.refused(
        "ledger.unknown-document", lambda: firm.ledger.pay("KUBKI", "none", payment="1", amount=D(1))
    )
