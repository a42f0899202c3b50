"""What one company asks of the other for the goods of an order."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.trade.between import PriceRule, UnitPrice, lines_between
from pomost.trade.documents import DraftLine
from pomost.trade.errors import Refused
from pomost.trade.order import Basis
from pomost.trade.vat import VatRate

CARDS = {"A": VatRate.of("23"), "B": VatRate.of("8")}


def line(sku: str, price: str = "12.30", vat: str = "23", service: bool = False) -> DraftLine:
    return DraftLine(sku, sku, Decimal(2), Decimal(price), VatRate.of(vat), service=service, notes="for Anna")


def gross(price: str, currency: str = "PLN") -> UnitPrice:
    return UnitPrice("gross", currency, Decimal(price))


def net(price: str) -> UnitPrice:
    return UnitPrice("net", "PLN", Decimal(price))


@pytest.mark.parametrize(
    ("rule", "basis", "bought", "prices", "price", "vat"),
    [
        pytest.param("order", "gross", line("A"), {}, "10.0000", "23", id="the-customers-price-without-vat"),
        pytest.param("order", "net", line("A", "10.00"), {}, "10.0000", "23", id="the-customers-net-price"),
        pytest.param("order", "gross", line("A", "11.90", "DE:19"), {}, "10.0000", "23", id="foreign-vat-stays-there"),
        pytest.param("order", "gross", line("A", "10.00", "zw"), {}, "10.0000", "23", id="exempt-for-the-customer"),
        pytest.param("order", "gross", line("A", "0.01"), {}, "0.0081", "23", id="four-decimals"),
        pytest.param("level:H", "gross", line("A"), {"A": gross("12.30")}, "10.0000", "23", id="level-with-vat"),
        pytest.param("level:H", "gross", line("B"), {"B": gross("10.80")}, "10.0000", "8", id="rate-of-the-card"),
        pytest.param("level:H", "gross", line("A"), {"A": net("9.99")}, "9.9900", "23", id="level-without-vat"),
        pytest.param("margin:5", "gross", line("A"), {"A": net("8.00")}, "8.4000", "23", id="cost-and-five-per-cent"),
        pytest.param("margin:-2.5", "net", line("A"), {"A": net("8.00")}, "7.8000", "23", id="below-cost"),
        pytest.param("margin:0", "net", line("A"), {"A": net("8.3333")}, "8.3333", "23", id="at-cost"),
        pytest.param("fixed", "gross", line("A"), {"A": net("7.77")}, "7.7700", "23", id="fixed"),
        pytest.param("order", "gross", line("C", "10.80", "8"), {}, "10.0000", "8", id="no-card-keeps-the-rate"),
    ],
)  # fmt: skip
def test_the_price_follows_the_rule(
    rule: str, basis: Basis, bought: DraftLine, prices: dict[str, UnitPrice], price: str, vat: str
) -> None:
    (found,) = lines_between([bought], basis, PriceRule.of(rule), CARDS, prices)

    assert (found.price, found.vat.code) == (Decimal(price), vat)
    assert (found.sku, found.quantity, found.notes) == (bought.sku, bought.quantity, "")


def test_services_stay_between_seller_and_customer() -> None:
    found = lines_between(
        [line("A"), line("TRANSPORT", service=True), line("RABAT", "-5", service=True)],
        "gross",
        PriceRule.of("order"),
        CARDS,
        {},
    )

    assert [one.sku for one in found] == ["A"]


@pytest.mark.parametrize(
    ("rule", "lines", "prices", "code", "named"),
    [
        ("level:H", [line("A"), line("B"), line("B")], {"A": net("1")}, "trade.no-price-between", "level H for B."),
        ("level:H", [line("A")], {"A": gross("3", "EUR")}, "trade.no-price-between", "for A."),
        ("margin:5", [line("A"), line("B")], {}, "trade.no-price-between", "for A, B."),
        ("fixed", [line("A")], {}, "trade.no-price-between", "in fixed_prices for A."),
        ("order", [line("T", service=True)], {}, "trade.no-goods-between", "services"),
    ],
    ids=["level-missing", "level-in-euro", "no-cost", "not-in-the-list", "only-services"],
)  # fmt: skip
def test_what_has_no_price_is_refused_by_name(
    rule: str, lines: list[DraftLine], prices: dict[str, UnitPrice], code: str, named: str
) -> None:
    with pytest.raises(Refused, match=r"\w") as refused:
        lines_between(lines, "gross", PriceRule.of(rule), CARDS, prices)

    assert refused.value.code == code
    assert named in refused.value.text


@pytest.mark.parametrize(
    "text", ["", "level:", "level", "margin:", "margin:x", "margin:NaN", "margin:-100", "orders"]
)
def test_an_unknown_rule_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        PriceRule.of(text)

    assert refused.value.code == "trade.unknown-price-rule"


@given(
    st.decimals(min_value=0, max_value=10**6, places=2),
    st.decimals(min_value=-99, max_value=300, places=1),
)
def test_a_margin_of_nothing_is_the_cost_and_a_greater_one_never_less(
    cost: Decimal, percent: Decimal
) -> None:
    def asked(rule: str) -> Decimal:
        prices = {"A": UnitPrice("net", "PLN", cost)}
        return lines_between([line("A")], "gross", PriceRule.of(rule), CARDS, prices)[0].price

    assert asked("margin:0") == cost
    assert asked(f"margin:{percent}") <= asked(f"margin:{percent + 1}")
