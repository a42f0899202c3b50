"""A kit's price is divided among its components to the grosz, rate by rate."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pomost.trade.documents import DraftLine
from pomost.trade.errors import Refused
from pomost.trade.kits import Component, InKit, in_kit, sold_as_components
from pomost.trade.money import line_value
from pomost.trade.vat import VatRate

D = Decimal


def component(sku: str, quantity: int | str, price: str | None, vat: str = "23", **more: Any) -> Component:
    given = None if price is None else D(price)
    return Component(sku, sku, "szt", VatRate.of(vat), Fraction(quantity), given, **more)


def kit(quantity: int | str, price: str, vat: str = "23", **more: Any) -> DraftLine:
    return DraftLine("KIT", "Zestaw", D(quantity), D(price), VatRate.of(vat), order_line="7", **more)


def sold(line: DraftLine, *components: Component, basis: Any = "gross") -> list[tuple[str, str, str, str]]:
    found = sold_as_components([line], {"KIT": components}, basis)
    assert sum(line_value(one.price, one.quantity) for one in found) == line_value(line.price, line.quantity)
    return [(one.sku, str(one.quantity), str(one.price), one.vat.code) for one in found]


CASES = [
    (
        "in proportion",
        kit(1, "30"),
        [("A", 1, "20"), ("B", 1, "40")],
        [("A", "1", "10.00"), ("B", "1", "20.00")],
    ),
    (
        "the grosz that is left goes to the largest remainder",
        kit(1, "10.00"),
        [("A", 1, "1"), ("B", 1, "1"), ("C", 1, "1")],
        [("A", "1", "3.34"), ("B", "1", "3.33"), ("C", "1", "3.33")],
    ),
    (
        "pieces that do not come out even stand in two lines",
        kit(1, "10.00"),
        [("A", 3, "5")],
        [("A", "2", "3.33"), ("A", "1", "3.34")],
    ),
    ("a kit for nothing", kit(2, "0"), [("A", 1, "5")], [("A", "2", "0.00")]),
    (
        "a component that is a gift",
        kit(1, "9.99"),
        [("A", 1, "5"), ("B", 1, "0")],
        [("A", "1", "9.99"), ("B", "1", "0.00")],
    ),
]


@pytest.mark.parametrize(
    ("line", "components", "wanted"), [one[1:] for one in CASES], ids=[one[0] for one in CASES]
)
def test_how_a_price_is_divided(
    line: DraftLine, components: list[tuple[str, int, str]], wanted: list[tuple[str, str, str]]
) -> None:
    assert [one[:3] for one in sold(line, *(component(*given) for given in components))] == wanted


def test_each_component_has_the_rate_of_its_card() -> None:
    assert sold(kit(1, "100"), component("A", 1, "60"), component("B", 1, "40", "8")) == [
        ("A", "1", "60.00", "23"),
        ("B", "1", "40.00", "8"),
    ]


@pytest.mark.parametrize("vat", ["np", "oo", "DE:19"])
def test_a_rate_that_follows_from_the_buyer_stays(vat: str) -> None:
    line = kit(1, "100", vat)

    found = sold_as_components([line], {"KIT": (component("A", 1, "5"),)}, "gross")

    assert [one.vat for one in found] == [line.vat]


def test_prices_on_the_other_basis_are_turned_over_before_they_are_compared() -> None:
    parts = (component("A", 1, "100", basis="net"), component("B", 1, "123"))

    assert [one[2] for one in sold(kit(1, "10.00"), *parts)] == ["5.00", "5.00"]
    assert [one[2] for one in sold(kit(1, "10.00"), *parts, basis="net")] == ["5.00", "5.00"]


def test_other_lines_and_services_stay_as_they_are() -> None:
    lines = (DraftLine("X", "X", D(1), D(5), VatRate.of("23")), kit(1, "5", service=True))

    assert sold_as_components(lines, {"KIT": (component("A", 1, "5"),)}, "gross") == lines


@pytest.mark.parametrize("price", [None, "0"])
def test_without_prices_it_is_refused(price: str | None) -> None:
    with pytest.raises(Refused) as caught:
        sold(kit(1, "5"), component("A", 1, price))

    assert caught.value.code == "trade.kit-without-prices"


@pytest.mark.parametrize(
    ("quantity", "price"),
    [(Fraction(1, 3), "5"), (Fraction(20001, 2), "0.01")],
    ids=["too fine", "no such price"],
)
def test_what_no_line_can_carry_is_refused(quantity: Fraction, price: str) -> None:
    part = Component("A", "A", "kg", VatRate.of("23"), quantity, D(price))

    with pytest.raises(Refused) as caught:
        sold_as_components([kit(1, "99.99")], {"KIT": (part,)}, "gross")

    assert caught.value.code == "trade.kit-not-divisible"


PARTS = st.lists(
    st.tuples(st.integers(1, 30), st.integers(0, 100_000), st.sampled_from(["23", "8", "5", "0", "zw"])),
    min_size=1,
    max_size=6,
).filter(lambda parts: any(price for _, price, _ in parts))


@settings(deadline=None)
@given(st.integers(1, 200), st.integers(0, 1_000_000), PARTS, st.sampled_from(["gross", "net"]))
def test_whatever_is_in_a_kit_the_components_cost_what_it_costs(
    quantity: int, cents: int, parts: list[tuple[int, int, str]], basis: Any
) -> None:
    line = kit(quantity, str(D(cents).scaleb(-2)))
    components = [
        component(str(n), pieces, str(D(price).scaleb(-2)), vat)
        for n, (pieces, price, vat) in enumerate(parts)
    ]

    found = sold_as_components([line], {"KIT": components}, basis)

    assert sum(line_value(one.price, one.quantity) for one in found) == line_value(line.price, line.quantity)
    for one in components:
        pieces = [given.quantity for given in found if given.sku == one.sku]
        assert sum(pieces) == quantity * one.quantity
        assert len(pieces) <= 2
    each = {one.sku: one.quantity for one in components}
    assert all(one.price == round(one.price, 2) for one in found)
    assert all(in_kit(one.order_line, one.sku) == InKit("7", "KIT", each[one.sku]) for one in found)
