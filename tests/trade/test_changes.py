from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pomost.trade.changes import CONTENT, Change, compare_orders, content_print
from pomost.trade.order import Address, Delivery, Order, Party, Payment, PickupPoint
from pomost.trade.vat import VatRate
from tests.trade.samples import BUYER, line, order

A, B = line("A", "2", "29.95"), line("B", "1", "73.00", "5")
BEFORE = order(A, B, delivery="15.99")
LOCKER = Delivery("Paczkomat", Decimal("9.99"), point=PickupPoint("KRK01A"))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(BEFORE, (), id="nothing"),
        pytest.param(
            replace(BEFORE, lines=(A,)), (Change("lines", "2 szt A, 1 szt B", "2 szt A"),), id="a-line-taken-off"
        ),
        pytest.param(
            replace(BEFORE, lines=(replace(A, quantity=Decimal(3)), B)),
            (Change("lines", "2 szt A, 1 szt B", "3 szt A, 1 szt B"),),
            id="quantity",
        ),
        pytest.param(
            replace(BEFORE, lines=(replace(A, attributes="kolor: biały"), B)),
            (Change("lines", "2 szt A, 1 szt B", "2 szt A, 1 szt B (other name, attributes or warehouse)"),),
            id="attributes",
        ),
        pytest.param(replace(BEFORE, lines=()), (Change("lines", "2 szt A, 1 szt B", "nothing"),), id="all-lines-gone"),
        pytest.param(
            replace(BEFORE, lines=(replace(A, id="new", price=Decimal("19.95")), B)),
            (Change("prices", "A 29.95", "A 19.95"),),
            id="price-under-a-new-line-id",
        ),
        pytest.param(
            replace(BEFORE, lines=(replace(A, price=Decimal("19.95")),)),
            (Change("lines", "2 szt A, 1 szt B", "2 szt A"), Change("prices", "A 29.95", "A 19.95")),
            id="lines-and-a-price",
        ),
        pytest.param(
            replace(BEFORE, lines=(A, replace(B, vat=VatRate.of(8)))), (Change("vat", "B 5", "B 8"),), id="rate"
        ),
        pytest.param(
            replace(BEFORE, currency="EUR"),
            (Change("currency", "PLN, prices gross", "EUR, prices gross"),),
            id="currency",
        ),
        pytest.param(
            replace(BEFORE, basis="net"), (Change("currency", "PLN, prices gross", "PLN, prices net"),), id="basis"
        ),
        pytest.param(
            replace(BEFORE, buyer=replace(BUYER, name="Jan Inny", tax_id="1234563218", email="")),
            (Change("buyer", "name given, tax id empty, email given", "name other, tax id given, email empty"),),
            id="buyer-without-personal-data",
        ),
        pytest.param(
            replace(BEFORE, wants_invoice=True), (Change("invoice", "not wanted", "wanted"),), id="invoice"
        ),
        pytest.param(
            replace(BEFORE, delivery=LOCKER),
            (Change("delivery", "Kurier, 15.99; pickup point empty", "Paczkomat, 9.99; pickup point given"),),
            id="delivery",
        ),
        pytest.param(
            replace(BEFORE, delivery=replace(BEFORE.delivery, to=Party(address=Address("ul. Inna 2")))),
            (Change("delivery", "street empty", "street given"),),
            id="delivery-address",
        ),
        pytest.param(
            replace(BEFORE, payment=Payment("Przelew", True, Decimal("148.89"))),
            (Change("payment", "no method, paid 0", "Przelew, paid 148.89, cash on delivery"),),
            id="payment",
        ),
        pytest.param(
            replace(BEFORE, status="paid", confirmed=False),
            (Change("status", "new, confirmed", "paid, not confirmed"),),
            id="status",
        ),
        pytest.param(
            replace(BEFORE, comments="Proszę dzwonić"),
            (Change("comments", "comments empty", "comments given"),),
            id="comments",
        ),
    ],
)  # fmt: skip
def test_a_change_is_found_and_told(after: Order, expected: tuple[Change, ...]) -> None:
    assert compare_orders(BEFORE, after) == expected
    depends = any(change.what in CONTENT for change in expected)
    assert (content_print(after) != content_print(BEFORE)) == depends


def test_a_long_order_is_told_shortly() -> None:
    long = replace(BEFORE, lines=tuple(line(f"S{number}", "1", "5") for number in range(8)))
    [change] = compare_orders(long, replace(long, lines=long.lines[:5]))
    assert change.before == "1 szt S0, 1 szt S1, 1 szt S2, 1 szt S3, 1 szt S4 and 3 more"
    assert change.after == "1 szt S0, 1 szt S1, 1 szt S2, 1 szt S3, 1 szt S4"


def test_the_print_does_not_mind_how_numbers_are_written_or_what_ids_are() -> None:
    same = replace(
        BEFORE,
        id="2",
        placed_at=datetime(2027, 1, 1, tzinfo=UTC),
        lines=(replace(A, id="x", quantity=Decimal("2.000"), price=Decimal("29.950"), vat=VatRate(Decimal("23.00"))), B),
        delivery=replace(BEFORE.delivery, price=Decimal("15.990")),
    )  # fmt: skip
    assert compare_orders(BEFORE, same) == ()
    assert content_print(same) == content_print(BEFORE)


def test_the_print_is_the_same_in_every_release() -> None:
    assert content_print(BEFORE) == "b7568c7e78343dfe2dbf7d5f613acd56a954fb5a2fd1184ae583c2696c4d410d"


lines = st.lists(
    st.builds(
        lambda sku, quantity, price, rate, number: line(sku, quantity, price, rate, number),
        st.sampled_from(["A", "B", ""]),
        st.sampled_from(["1", "2", "1.0"]),
        st.sampled_from(["5", "5.00", "7"]),
        st.sampled_from(["23", "8"]),
        st.sampled_from(["1", "2", "3"]),
    ),
    max_size=3,
).map(tuple)
orders = st.builds(
    lambda bought, price, name, status: replace(
        order(*bought, delivery=price), buyer=Party(name), status=status
    ),
    lines,
    st.sampled_from(["0", "0.00", "5"]),
    st.sampled_from(["", "Anna Przykładowa"]),
    st.sampled_from(["new", "paid"]),
)


@settings(max_examples=100)
@given(orders, orders)
def test_the_print_differs_exactly_when_content_does(one: Order, two: Order) -> None:
    found = {change.what for change in compare_orders(one, two)}
    assert (content_print(one) != content_print(two)) == bool(found & CONTENT)
