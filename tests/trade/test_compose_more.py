"""From an order to lines: delivery, discounts, aliases, VAT of cards, and what no document can carry."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pomost.trade.compose import ComposeRules, compose_lines
from pomost.trade.errors import Refused
from pomost.trade.order import Delivery, Order, OrderLine
from pomost.trade.vat import VatRate
from tests.trade.orders import line, order


def delivery_of(bought: Order, rule: str) -> list[tuple[str, str]]:
    lines = compose_lines(bought, ComposeRules(delivery_vat=rule)).lines
    return [(item.vat.code, f"{item.price:f}") for item in lines if item.sku == "TRANSPORT"]


A23, B8, C5 = line("A", "1", "60", "23"), line("B", "1", "40", "8"), line("C", "1", "20", "5")


@pytest.mark.parametrize(
    ("rule", "lines", "price", "wanted"),
    [
        pytest.param("dominant", (A23, B8), "10", [("23", "10")], id="dominant: the greatest value"),
        pytest.param(
            "dominant", (A23, line("B", "2", "40", "8")), "10", [("8", "10")], id="dominant: value, not price"
        ),
        pytest.param(
            "dominant",
            (line("B", "1", "60", "8"), A23),
            "10",
            [("23", "10")],
            id="dominant: the higher rate of a tie",
        ),
        pytest.param(
            "dominant",
            (line("Z", "1", "9", "zw"), line("Y", "1", "1", "23")),
            "10",
            [("zw", "10")],
            id="dominant: exempt goods",
        ),
        pytest.param(
            "highest",
            (line("C", "1", "100", "5"), line("A", "1", "1", "23")),
            "10",
            [("23", "10")],
            id="highest",
        ),
        pytest.param(
            "highest",
            (line("Z", "1", "9", "zw"), line("N", "1", "1", "0")),
            "10",
            [("0", "10")],
            id="highest: 0 % before exempt",
        ),
        pytest.param(
            "proportional", (A23, B8), "10", [("23", "6.00"), ("8", "4.00")], id="proportional: by value"
        ),
        pytest.param(
            "proportional",
            (C5, line("B", "1", "20", "8"), line("A", "1", "20", "23")),
            "10",
            [("23", "3.34"), ("8", "3.33"), ("5", "3.33")],
            id="proportional: the odd grosz to the higher rate of a tie",
        ),
        pytest.param(
            "proportional",
            (line("A", "1", "1000", "23"), line("B", "1", "0.01", "8")),
            "5",
            [("23", "5.00")],
            id="proportional: a share of nothing gets no line",
        ),
        pytest.param(
            "proportional",
            (A23, B8, line("", "1", "-40", "8")),
            "10",
            [("23", "10.00")],
            id="proportional: a rate discounted to nothing gets no share",
        ),
        pytest.param("proportional", (line("A", "1", "0", "8"),), "10", [("8", "10")], id="all goods free"),
        pytest.param("fixed:5", (A23, B8), "10", [("5", "10")], id="fixed"),
        pytest.param("fixed:DE:19", (A23,), "10", [("DE:19", "10")], id="fixed: a foreign rate"),
        pytest.param("dominant", (A23,), "0", [], id="free delivery has no line"),
    ],
)
def test_the_vat_of_delivery_follows_its_rule(
    rule: str, lines: tuple[OrderLine, ...], price: str, wanted: list[tuple[str, str]]
) -> None:
    assert delivery_of(order(*lines, delivery=price), rule) == wanted


def test_a_rate_that_the_channel_gives_for_delivery_wins_over_the_rule() -> None:
    bought = order(A23, delivery="10")
    bought = replace(bought, delivery=replace(bought.delivery, vat=VatRate.of("8")))
    assert delivery_of(bought, "fixed:5") == [("8", "10")]


def test_delivery_is_a_service_named_after_its_method() -> None:
    bought = order(A23, delivery="0")
    bought = replace(bought, delivery=Delivery(method="Kurier", price=Decimal("15.50")))
    last = compose_lines(bought, ComposeRules()).lines[-1]
    assert (last.name, last.quantity, last.price, last.service, last.unit) == (
        "Koszt dostawy: Kurier",
        Decimal(1),
        Decimal("15.50"),
        True,
        "usł",
    )


@pytest.mark.parametrize(
    ("bought", "code"),
    [
        pytest.param(order(), "trade.no-lines", id="no lines"),
        pytest.param(order(A23, currency="ZŁ"), "trade.unknown-currency", id="two letters"),
        pytest.param(order(A23, currency="12A"), "trade.unknown-currency", id="not letters"),
        pytest.param(order(A23, line("B", "-1")), "trade.negative-quantity", id="negative quantity"),
        pytest.param(order(A23, line("B", "0")), "trade.zero-quantity", id="zero quantity"),
        pytest.param(order(line("B", "NaN")), "trade.not-a-number", id="quantity is no number"),
        pytest.param(order(line("B", "1", "Infinity")), "trade.not-a-number", id="price is no number"),
        pytest.param(order(line("", "1", "5")), "trade.missing-sku", id="no SKU"),
        pytest.param(order(line("", "1", "0")), "trade.missing-sku", id="no SKU, free of charge"),
    ],
)
def test_what_no_document_can_carry_is_refused(bought: Order, code: str) -> None:
    with pytest.raises(Refused) as refused:
        compose_lines(bought, ComposeRules())
    assert refused.value.code == code
    assert refused.value.advice


def test_an_unknown_rule_for_delivery_is_refused_and_the_rules_are_named() -> None:
    with pytest.raises(Refused, match="proportional") as refused:
        compose_lines(order(A23, delivery="1"), ComposeRules(delivery_vat="cheapest"))
    assert refused.value.code == "trade.unknown-delivery-vat"


def test_a_discount_without_sku_becomes_a_service_line_that_lowers_the_total() -> None:
    composed = compose_lines(order(A23, line("", "1", "-7.50", name="Kupon")), ComposeRules())
    discount = composed.lines[1]
    assert (discount.sku, discount.name, discount.price, discount.service) == (
        "RABAT",
        "Kupon",
        Decimal("-7.50"),
        True,
    )
    assert composed.difference == 0


def test_a_line_without_sku_takes_the_item_named_for_such_lines() -> None:
    composed = compose_lines(order(line("", "1", "5", name="Pakowanie")), ComposeRules(unnamed_sku="USLUGA"))
    assert [(item.sku, item.name, item.service) for item in composed.lines] == [("USLUGA", "Pakowanie", True)]


def test_aliases_lead_to_the_erp_item_and_keep_the_bought_name() -> None:
    rules = ComposeRules(aliases={"SH-1": "KUB-1"}, service_skus=frozenset({"MONTAZ"}))
    composed = compose_lines(order(line("SH-1", name="Kubek"), line("MONTAZ"), line("INNY")), rules)
    assert [(item.sku, item.name, item.service, item.order_line) for item in composed.lines] == [
        ("KUB-1", "Kubek", False, "l-SH-1"),
        ("MONTAZ", "Towar MONTAZ", True, "l-MONTAZ"),
        ("INNY", "Towar INNY", False, "l-INNY"),
    ]


def test_vat_of_the_item_card_is_used_when_asked_for_and_noted_where_it_differs() -> None:
    cards = {"KUB-1": VatRate.of("8"), "B": VatRate.of("23")}
    rules = ComposeRules(vat_from="item", item_vat=cards, aliases={"SH-1": "KUB-1"})
    bought = order(line("SH-1", vat="23"), line("B", vat="23"), line("C", vat="5"))
    composed = compose_lines(bought, rules)
    assert [item.vat.code for item in composed.lines] == ["8", "23", "5"]
    assert composed.notes == (
        "Line 1 (KUB-1): VAT 23 on the order, 8 on the item card; 8 taken.",
        "Line 3 (C): its item card gives no rate, the order's 5 stays.",
    )
    assert composed.difference == 0


def test_vat_of_the_order_is_kept_otherwise() -> None:
    composed = compose_lines(
        order(line("B", vat="23")), ComposeRules(item_vat={"B": VatRate.of("8")}, vat_from="order")
    )
    assert [item.vat.code for item in composed.lines] == ["23"]
    assert composed.notes == ("Line 1 (B): VAT 23 on the order, 8 on the item card; 23 taken.",)


def test_the_shares_of_delivery_sum_to_its_price() -> None:
    bought = order(
        line("A", "3", "3.33", "23"),
        line("B", "7", "1.11", "8"),
        line("C", "1", "0.07", "5"),
        delivery="12.99",
    )
    assert sum(Decimal(price) for _, price in delivery_of(bought, "proportional")) == Decimal("12.99")
