"""One payment and the documents that it settles."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pomost.ledger import open_ledger
from pomost.ports import PaymentToBook, SettledPart
from pomost.trade.documents import CorrectionAsked, Document, LineChange
from tests import tables
from tests.ledger.firm import ANNA, DAY, Firm, mugs

D = Decimal
KEY = "shop:1/book"
PAID = PaymentToBook(KEY, "fs-1", D("100.00"), "PLN", "PAYU", DAY, "PayU", D("1.00"))
"""For sales of mugs at 19.99."""


def book(firm: Firm, **more: Any) -> Any:
    return firm.ledger.book_payment("KUBKI", replace(PAID, **more))


def settle(firm: Firm, document: str) -> SettledPart:
    return firm.ledger.settle_part("KUBKI", KEY, document, DAY)


def paid(firm: Firm, *keys: str) -> list[Decimal]:
    return [firm.ledger.settlement("KUBKI", key).paid for key in keys]


def open_now(firm: Firm) -> Decimal:
    return sum((one.open for one in firm.ledger.open_payments("KUBKI")), D(0))


def correct(firm: Firm, document: Document, back: int, key: str = "fsk") -> Document:
    asked = CorrectionAsked(
        (LineChange(document.lines[0].id, D(back)),), "zwrot", agreed_on=DAY, agreement="P/1"
    )
    return firm.issue("FSK", key, sources=(document.id,), correction=asked)


def two_parts(firm: Firm) -> tuple[Document, Document]:
    """Two mugs (39.98) and one (19.99), settled with 100.00."""
    first, second = firm.issue("FS", "fs-1", mugs(2)), firm.issue("FS", "fs-2", mugs(1))
    book(firm)
    settle(firm, "fs-2")
    return first, second


def test_a_payment_settles_each_part_with_what_it_is_worth_and_the_rest_stays_open_with_the_buyers_name(
    firm: Firm,
) -> None:
    firm.issue("FS", "fs-1", mugs(2))
    firm.issue("FS", "fs-2", mugs(1))

    booked = book(firm)
    second = settle(firm, "fs-2")

    assert (booked.amount, booked.left, booked.open) == (D("100.00"), 0, D("60.02"))
    assert second == SettledPart(D("19.99"), D(0), D("40.03"))
    assert paid(firm, "fs-1", "fs-2") == [D("39.98"), D("19.99")]
    (rest,) = firm.ledger.open_payments("KUBKI")
    assert (rest.name, rest.account, rest.amount, rest.open) == (
        ANNA.name,
        "PAYU",
        D("100.00"),
        D("40.03"),
    )
    assert rest.documents == ("FS/1/2026", "FS/2/2026")
    # the money came once, and the fee was kept once
    assert [(one.what, one.amount) for one in firm.ledger.entries("KUBKI", "PAYU")] == [
        ("payment", D("100.00")),
        ("fee", D("-1.00")),
    ]


def test_a_part_is_settled_once_however_often_it_is_asked_for(firm: Firm) -> None:
    two_parts(firm)

    again = settle(firm, "fs-2"), settle(firm, "fs-2")
    booked = book(firm)

    assert again == (SettledPart(D("19.99"), D(0), D("40.03")),) * 2
    assert booked.open == D("40.03")
    assert paid(firm, "fs-1", "fs-2") == [D("39.98"), D("19.99")]


def test_what_does_not_suffice_settles_the_first_part_first(firm: Firm) -> None:
    firm.issue("FS", "fs-1", mugs(2))
    firm.issue("FS", "fs-2", mugs(1))

    book(firm, amount=D("45.00"))
    second = settle(firm, "fs-2")

    assert second == SettledPart(D("5.02"), D("14.97"), D(0))
    assert firm.ledger.open_payments("KUBKI") == []


def test_a_part_that_is_cancelled_gives_its_settlement_back_and_it_is_to_be_refunded(firm: Firm) -> None:
    two_parts(firm)

    gone = firm.ledger.cancel("KUBKI", "fs-2")

    assert (gone.state, gone.paid) == ("cancelled", 0)
    assert open_now(firm) == D("60.02")
    assert firm.ledger.settlement("KUBKI", "fs-2").refund == D("19.99")
    # paid back, it is nobody's any more
    firm.refused(
        "ledger.bad-payment",
        lambda: firm.ledger.pay_back("KUBKI", "fs-2", payment="r", amount=D("20.00")),
    )
    after = firm.ledger.pay_back("KUBKI", "fs-2", payment="r", amount=D("19.99"), on=DAY)
    assert (after.refund, open_now(firm)) == (0, D("40.03"))
    assert firm.ledger.cancel("KUBKI", "fs-2").state == "cancelled"
    assert open_now(firm) == D("40.03")


def test_a_part_that_is_corrected_gives_back_what_it_is_not_worth_any_more(firm: Firm) -> None:
    first, _ = two_parts(firm)

    made = correct(firm, first, 1)

    assert made.correction is not None
    assert made.correction.refund == D("19.99")
    settled = firm.ledger.settlement("KUBKI", "fs-1")
    assert (settled.owed, settled.paid, settled.left, settled.refund) == (
        D("19.99"),
        D("19.99"),
        0,
        D("19.99"),
    )
    assert open_now(firm) == D("60.02")

    # the correction is taken back before anybody was refunded: the invoice is settled as before
    firm.ledger.cancel("KUBKI", "fsk")
    assert paid(firm, "fs-1") == [D("39.98")]
    assert firm.ledger.settlement("KUBKI", "fs-1").refund == 0
    assert open_now(firm) == D("40.03")


def test_what_was_given_back_settles_a_part_that_comes_later_and_is_not_refunded_then(firm: Firm) -> None:
    first = firm.issue("FS", "fs-1", mugs(2))
    book(firm, amount=D("39.98"))
    correct(firm, first, 1)

    firm.issue("FS", "fs-2", mugs(1))
    second = settle(firm, "fs-2")

    assert second == SettledPart(D("19.99"), D(0), D(0))
    assert firm.ledger.settlement("KUBKI", "fs-1").refund == 0
    firm.refused(
        "ledger.bad-payment",
        lambda: firm.ledger.pay_back("KUBKI", "fs-1", payment="r", amount=D("19.99")),
    )


def test_what_an_advance_was_made_with_as_paid_is_this_payment_and_not_more_beside_it(firm: Firm) -> None:
    advance = mugs(1, "30.00", sku="")
    firm.issue("FZAL", "fzal", replace(advance, service=True), ordered=(mugs(2),), paid=D("30.00"))
    firm.issue("FS", "fs-1", mugs(1))

    book(firm, document="fzal", amount=D("49.99"))
    second = settle(firm, "fs-1")

    assert paid(firm, "fzal", "fs-1") == [D("30.00"), D("19.99")]
    assert second.open == 0


def test_what_was_paid_by_hand_is_not_settled_again(firm: Firm) -> None:
    firm.issue("FS", "fs-1", mugs(2))
    firm.ledger.pay("KUBKI", "fs-1", payment="till", amount=D("9.98"), on=DAY)

    booked = book(firm)

    assert paid(firm, "fs-1") == [D("39.98")]
    assert booked.open == D("70.00")


def test_a_part_without_its_payment_or_in_another_currency_is_refused(firm: Firm) -> None:
    firm.issue("FS", "fs-1", mugs(2))
    firm.issue("FS", "euro", mugs(1), currency="EUR", rate=D("4.30"))
    firm.refused("ledger.unknown-payment", lambda: settle(firm, "fs-1"))
    book(firm)
    firm.refused("ledger.bad-booking", lambda: settle(firm, "euro"))
    firm.refused("ledger.unknown-document", lambda: settle(firm, "none"))


def test_a_part_in_bufor_that_nothing_is_settled_of_can_be_deleted(firm: Firm) -> None:
    firm.issue("FS", "fs-1", mugs(2))
    book(firm, amount=D("39.98"))
    firm.issue("FS", "fs-2", mugs(1), approve=False)
    settle(firm, "fs-2")

    firm.ledger.delete("KUBKI", "fs-2")

    assert firm.ledger.find("KUBKI", "fs-2") is None


# --- whatever happens -------------------------------------------------------------------------------------------------

acts = st.lists(
    st.one_of(
        st.tuples(st.just("part"), st.integers(1, 4)),
        st.tuples(st.just("settle"), st.integers(0, 5)),
        st.tuples(st.just("cancel"), st.integers(0, 5)),
        st.tuples(st.just("correct"), st.integers(0, 5)),
        st.tuples(st.just("take-back"), st.integers(0, 5)),
        st.tuples(st.just("refund"), st.integers(0, 5)),
    ),
    max_size=14,
)


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
@given(amount=st.integers(1, 30_000), first=st.integers(1, 4), what=acts)
def test_settled_is_the_payment_or_what_the_parts_are_worth(
    amount: int, first: int, what: list[tuple[str, int]]
) -> None:
    """Parts come, are cancelled and corrected, corrections are taken back, money is paid back, in any order."""
    payment = D(amount) / 100
    with tempfile.TemporaryDirectory() as folder:
        ledger = open_ledger(tables.lay(Path(folder) / "ledger.db", "ledger"), durable=False)
        life = Life(Firm(ledger, goods=False, negative_stock=True), payment)
        life.part(first)
        life.firm.ledger.book_payment("KUBKI", replace(PAID, amount=payment, fee=D(0)))
        life.settled.add("fs-1")
        life.check()
        for name, number in what:
            life.act(name, number)
            life.check()
        ledger.close()


class Life:
    """The parts of one sale, and what of the payment must be on them."""

    def __init__(self, firm: Firm, payment: Decimal) -> None:
        self.firm, self.payment = firm, payment
        self.parts: list[str] = []
        self.settled: set[str] = set()
        self.gone: set[str] = set()
        self.corrections: dict[str, list[str]] = {}
        self.refunded: dict[str, Decimal] = {}

    def act(self, name: str, number: int) -> None:
        if name == "part":
            self.part(number)
            return
        key = self.parts[number % len(self.parts)]
        ledger = self.firm.ledger
        made = self.corrections.setdefault(key, [])
        if name == "settle":
            ledger.settle_part("KUBKI", KEY, key, DAY)
            self.settled.add(key)
        elif name == "cancel" and not made:
            ledger.cancel("KUBKI", key)
            self.gone.add(key)
        elif name == "correct" and key not in self.gone and ledger.settlement("KUBKI", key).owed > 0:
            document = ledger.find("KUBKI", key)
            assert document is not None
            made.append(f"{key}-k{len(self.corrections)}-{len(made)}-{number}")
            correct(self.firm, document, 1, made[-1])
        elif name == "take-back" and made and not self.refunded.get(key):
            ledger.cancel("KUBKI", made.pop())
        elif name == "refund":
            due = ledger.settlement("KUBKI", key).refund
            if due > 0:
                ledger.pay_back(
                    "KUBKI", key, payment=f"r-{key}-{len(self.refunded)}-{due}", amount=due, on=DAY
                )
                self.refunded[key] = self.refunded.get(key, D(0)) + due

    def part(self, quantity: int) -> None:
        self.parts.append(f"fs-{len(self.parts) + 1}")
        self.firm.issue("FS", self.parts[-1], mugs(quantity))

    def check(self) -> None:
        ledger = self.firm.ledger
        stands = {key: ledger.settlement("KUBKI", key) for key in self.parts}
        worth = {key: D(0) if key in self.gone else one.owed for key, one in stands.items()}
        back = sum(self.refunded.values(), D(0))
        assert all(0 <= one.paid <= worth[key] for key, one in stands.items()), (stands, worth)
        assert all(stands[key].paid == 0 for key in self.parts if key not in self.settled)
        settled = sum((one.paid for one in stands.values()), D(0))
        assert settled == min(self.payment - back, sum((worth[key] for key in self.settled), D(0)))
        left = sum((one.open for one in ledger.open_payments("KUBKI")), D(0))
        assert left == self.payment - back - settled
        assert sum((one.refund for one in stands.values()), D(0)) <= left


@pytest.mark.parametrize("amount", ["19.99", "100.00"])
def test_two_parts_that_are_settled_at_once_get_the_payment_once(firm: Firm, amount: str) -> None:
    """Each in a thread of its own, over and over."""
    from concurrent.futures import ThreadPoolExecutor

    firm.issue("FS", "fs-1", mugs(1))
    book(firm, amount=D(amount), fee=D(0))
    keys = [f"part-{n}" for n in range(4)]
    for key in keys:
        firm.issue("FS", key, mugs(1))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: settle(firm, key), keys * 3))

    settled = sum(paid(firm, "fs-1", *keys), D(0))
    assert settled == min(D(amount), 5 * D("19.99"))
    assert open_now(firm) == D(amount) - settled
