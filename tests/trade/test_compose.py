from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pomost.trade.compose import ComposeRules, compose_lines
from pomost.trade.count import count_lines
from pomost.trade.documents import DraftLine
from pomost.trade.errors import MissingSku, Refused
from pomost.trade.order import Delivery, Order, OrderLine
from pomost.trade.vat import VatRate
from tests.trade.samples import BASELINKER, line, order


def delivery_lines(lines: tuple[DraftLine, ...]) -> list[tuple[str, str]]:
    return [(draft.vat.code, str(draft.price)) for draft in lines if draft.sku == "TRANSPORT"]


def test_every_field_of_a_line_and_of_delivery_arrives() -> None:
    bought = replace(
        line("KUBEK-1", "2", "29.95", "8", "L7", "Kubek"), unit="opak", attributes="kolor: biały"
    )
    composed = compose_lines(order(bought, delivery="9.99"), ComposeRules())
    assert composed.lines == (
        DraftLine(
            sku="KUBEK-1",
            name="Kubek",
            quantity=Decimal(2),
            price=Decimal("29.95"),
            vat=VatRate.of(8),
            unit="opak",
            order_line="L7",
            notes="kolor: biały",
        ),
        DraftLine(
            "TRANSPORT",
            "Koszt dostawy: Kurier",
            Decimal(1),
            Decimal("9.99"),
            VatRate.of(8),
            unit="usł",
            service=True,
        ),
    )
    assert composed.difference == 0
    assert composed.notes == ()


TWO_RATES = order(line("A", "2", "29.95", "23"), line("B", "1", "73.00", "5"), delivery="15.99")
EQUAL_RATES = order(line("A", "1", "50", "5"), line("B", "1", "50", "23"), delivery="10")
THREE_EQUAL = order(
    line("A", "1", "50", "23"), line("B", "1", "50", "8"), line("C", "1", "50", "5"), delivery="10"
)
WORTHLESS = order(line("A", "1", "0", "5"), line("B", "1", "-3", "8"), delivery="10")
ONLY_DELIVERY = order(delivery="10")
TINY = order(line("A", "1", "1000", "23"), line("B", "1", "0.01", "5"), delivery="1")
RATED_BY_CHANNEL = order(
    line("A", "1", "50", "5"), delivery=Delivery("Kurier", Decimal(10), vat=VatRate.of(23))
)


@pytest.mark.parametrize(
    ("bought", "rule", "expected"),
    [
        pytest.param(TWO_RATES, "dominant", [("5", "15.99")], id="dominant-by-value-not-by-height"),
        pytest.param(EQUAL_RATES, "dominant", [("23", "10")], id="dominant-of-equals-is-the-higher"),
        pytest.param(WORTHLESS, "dominant", [("8", "10")], id="dominant-without-value-is-the-highest"),
        pytest.param(ONLY_DELIVERY, "dominant", [("23", "10")], id="dominant-without-lines-is-23"),
        pytest.param(
            BASELINKER["special-rates"].order, "dominant", [("oo", "80")], id="dominant-may-be-special"
        ),
        pytest.param(TWO_RATES, "highest", [("23", "15.99")], id="highest"),
        pytest.param(
            BASELINKER["special-rates"].order, "highest", [("zw", "80")], id="highest-of-special-is-zw"
        ),
        pytest.param(TWO_RATES, "proportional", [("23", "7.21"), ("5", "8.78")], id="proportional"),
        pytest.param(
            THREE_EQUAL,
            "proportional",
            [("23", "3.34"), ("8", "3.33"), ("5", "3.33")],
            id="proportional-thirds",
        ),
        pytest.param(TINY, "proportional", [("23", "1.00")], id="proportional-leaves-out-a-part-of-nothing"),
        pytest.param(
            WORTHLESS, "proportional", [("8", "10")], id="proportional-without-value-is-the-highest"
        ),
        pytest.param(TWO_RATES, "fixed:8", [("8", "15.99")], id="fixed"),
        pytest.param(TWO_RATES, "fixed:zw", [("zw", "15.99")], id="fixed-special"),
        pytest.param(
            RATED_BY_CHANNEL, "fixed:8", [("23", "10")], id="the-channels-own-rate-goes-before-the-rule"
        ),
        pytest.param(replace(TWO_RATES, delivery=Delivery()), "dominant", [], id="free-delivery-has-no-line"),
    ],
)
def test_delivery_gets_a_rate(bought: Order, rule: str, expected: list[tuple[str, str]]) -> None:
    composed = compose_lines(bought, ComposeRules(delivery_vat=rule))
    assert delivery_lines(composed.lines) == expected
    assert composed.difference == 0


@pytest.mark.parametrize("rule", ["", "lowest", "fixed:", "fixed:x", "fixed:101"])
def test_a_delivery_rule_that_is_none_is_refused_when_it_is_written(rule: str) -> None:
    with pytest.raises(Refused, match="proportional") as refusal:
        ComposeRules(delivery_vat=rule)
    assert refusal.value.code == "trade.unknown-delivery-vat"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Dostawa", "Dostawa: Kurier"), ("", "Kurier")],
    ids=["with-the-method", "empty-takes-the-method-alone"],
)
def test_delivery_is_named(name: str, expected: str) -> None:
    composed = compose_lines(ONLY_DELIVERY, ComposeRules(delivery_name=name))
    assert [draft.name for draft in composed.lines] == [expected]


@pytest.mark.parametrize(
    ("sku", "price", "rules", "expected"),
    [
        pytest.param("KUBEK", "1", ComposeRules(), ("KUBEK", False), id="as-it-is"),
        pytest.param(" KUBEK ", "1", ComposeRules(), ("KUBEK", False), id="spaces-taken-off"),
        pytest.param("ALL-KUBEK", "1", ComposeRules(sku_prefix="ALL-"), ("KUBEK", False), id="prefix-taken-off"),
        pytest.param("ALL-", "1", ComposeRules(sku_prefix="ALL-"), ("ALL-", False), id="prefix-alone-stays"),
        pytest.param(
            "ALL-1", "1", ComposeRules(sku_prefix="ALL-", aliases={"ALL-1": "X"}), ("X", False), id="alias-before-prefix"
        ),
        pytest.param(
            "W", "1", ComposeRules(aliases={"W": "MONTAZ"}, service_skus=frozenset({"MONTAZ"})), ("MONTAZ", True), id="service"
        ),
        pytest.param("", "1", ComposeRules(unnamed_sku="USLUGA"), ("USLUGA", True), id="unnamed"),
        pytest.param("", "-1", ComposeRules(), ("RABAT", True), id="discount"),
        pytest.param(
            "KUPON", "-1", ComposeRules(service_skus=frozenset({"KUPON"})), ("KUPON", True), id="discount-with-its-own-sku"
        ),
    ],
)  # fmt: skip
def test_a_line_finds_its_item(sku: str, price: str, rules: ComposeRules, expected: tuple[str, bool]) -> None:
    composed = compose_lines(order(line(sku, "1", price)), rules)
    assert [(draft.sku, draft.service) for draft in composed.lines] == [expected]
    assert composed.notes == ()


CARD_8 = {"A": VatRate.of(8)}


@pytest.mark.parametrize(
    ("rate", "rules", "expected", "notes"),
    [
        pytest.param("23", ComposeRules(), "23", (), id="order-without-cards"),
        pytest.param(
            "23",
            ComposeRules(item_vat=CARD_8),
            "23",
            ("Line 1 (A): VAT 23 on the order, 8 on the item card; 23 taken.",),
            id="order-imposes-and-shows-the-difference",
        ),
        pytest.param(
            "23",
            ComposeRules(vat_from="item", item_vat=CARD_8),
            "8",
            ("Line 1 (A): VAT 23 on the order, 8 on the item card; 8 taken.",),
            id="item-card",
        ),
        pytest.param(
            "8", ComposeRules(vat_from="item", item_vat=CARD_8), "8", (), id="no-difference-no-note"
        ),
        pytest.param(
            "DE:19",
            ComposeRules(vat_from="item", item_vat=CARD_8),
            "DE:19",
            ("Line 1 (A): VAT DE:19 on the order, 8 on the item card; DE:19 taken.",),
            id="foreign-rate-stays",
        ),
        pytest.param(
            "oo",
            ComposeRules(vat_from="item", item_vat=CARD_8),
            "oo",
            ("Line 1 (A): VAT oo on the order, 8 on the item card; oo taken.",),
            id="reverse-charge-stays",
        ),
        pytest.param(
            "23",
            ComposeRules(vat_from="item", item_vat={}),
            "23",
            ("Line 1 (A): its item card gives no rate, the order's 23 stays.",),
            id="card-without-rate",
        ),
        pytest.param(
            "23",
            ComposeRules(vat_from="item"),
            "23",
            ("Line 1 (A): no rates of item cards are known, the order's 23 stays.",),
            id="no-cards-known",
        ),
    ],
)
def test_rates_come_from_the_order_or_the_item_card(
    rate: str, rules: ComposeRules, expected: str, notes: tuple[str, ...]
) -> None:
    composed = compose_lines(order(line("A", "1", "123", rate)), rules)
    assert [draft.vat.code for draft in composed.lines] == [expected]
    assert composed.notes == notes


@pytest.mark.parametrize(
    ("bought", "rules", "code", "facts"),
    [
        pytest.param(order(), ComposeRules(), "trade.no-lines", {"order": "1001"}, id="no-lines"),
        pytest.param(
            order(line("A", "0", "5")), ComposeRules(), "trade.zero-quantity", {"line": "L-A", "sku": "A"}, id="quantity-0"
        ),
        pytest.param(
            order(line("A", "-1", "5")),
            ComposeRules(),
            "trade.negative-quantity",
            {"line": "L-A", "sku": "A"},
            id="negative-quantity",
        ),
        pytest.param(
            order(line("A", "1.00001", "5")),
            ComposeRules(),
            "trade.quantity-too-fine",
            {"line": "L-A", "sku": "A"},
            id="five-decimals",
        ),
        pytest.param(
            order(line("A", "1", "NaN")), ComposeRules(), "trade.not-a-number", {"line": "L-A", "sku": "A"}, id="price-nan"
        ),
        pytest.param(
            order(line("A", "Infinity", "1")),
            ComposeRules(),
            "trade.not-a-number",
            {"line": "L-A", "sku": "A"},
            id="quantity-infinite",
        ),
        pytest.param(
            order(line("A", "1", "1E+400")), ComposeRules(), "trade.too-large", {"line": "L-A", "sku": "A"}, id="too-large"
        ),
        pytest.param(
            order(line("A", "1", "0.00")),
            ComposeRules(zero_price="refuse"),
            "trade.zero-price",
            {"line": "L-A", "sku": "A"},
            id="price-0-by-rule",
        ),
        pytest.param(
            order(line("A", "1", "5"), delivery="-1"),
            ComposeRules(),
            "trade.negative-delivery",
            {"price": "-1"},
            id="negative-delivery",
        ),
        pytest.param(
            order(line("A", "1", "5"), delivery="NaN"), ComposeRules(), "trade.not-a-number", {}, id="delivery-nan"
        ),
        pytest.param(
            order(line("A", "1", "5"), currency="zł"),
            ComposeRules(),
            "trade.unknown-currency",
            {"currency": "zł"},
            id="currency",
        ),
        pytest.param(
            order(line("", "1", "5", line_id="L9")), ComposeRules(), "trade.missing-sku", {"line": "L9"}, id="no-sku"
        ),
        pytest.param(
            order(line("", "1", "-5", line_id="L9")),
            ComposeRules(discount_sku=""),
            "trade.missing-sku",
            {"line": "L9"},
            id="no-sku-for-discounts",
        ),
    ],
)  # fmt: skip
def test_what_a_document_cannot_carry_is_refused(
    bought: Order, rules: ComposeRules, code: str, facts: dict[str, str]
) -> None:
    with pytest.raises(Refused) as refusal:
        compose_lines(bought, rules)
    assert (refusal.value.code, refusal.value.facts) == (code, facts)
    assert refusal.value.advice
    assert isinstance(refusal.value, MissingSku) == (code == "trade.missing-sku")


def test_goods_with_a_price_below_0_move_no_stock_and_say_so() -> None:
    composed = compose_lines(order(line("A", "1", "50"), line("B", "1", "-5")), ComposeRules())
    assert [(draft.sku, draft.service) for draft in composed.lines] == [("A", False), ("B", True)]
    assert composed.notes == ("Line 2 (B) has a price below 0 and moves no stock.",)


def test_a_price_finer_than_four_decimals_leaves_a_difference_that_is_shown() -> None:
    composed = compose_lines(order(line("A", "1000", "0.33335")), ComposeRules())
    assert [str(draft.price) for draft in composed.lines] == ["0.3334"]
    assert composed.difference == Decimal("-0.05")
    assert composed.notes == (
        "Line 1 (A): price 0.33335 is rounded to 0.3334.",
        "The order's total is 333.35, the lines make 333.40: difference -0.05.",
    )


some_lines = st.lists(
    st.builds(
        lambda quantity, price, rate: line("A", str(quantity), str(price), rate),
        st.decimals("0.001", "999", places=3),
        st.decimals("-9999", "9999", places=4),
        st.sampled_from(["23", "8", "5", "0", "zw", "oo"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=100)
@given(
    some_lines,
    st.decimals("0", "999", places=2),
    st.sampled_from(["dominant", "highest", "proportional", "fixed:23"]),
)
def test_a_document_from_gross_has_the_orders_total(
    lines: list[OrderLine], delivery: Decimal, rule: str
) -> None:
    bought = order(*lines, delivery=str(delivery))
    composed = compose_lines(bought, ComposeRules(delivery_vat=rule))
    assert composed.difference == 0
    assert count_lines(composed.lines, "gross").gross == bought.total
