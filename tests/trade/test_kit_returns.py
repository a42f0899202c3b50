"""Kits that come back: whole ones become their components, of parts a person decides."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.trade.corrections import Returned, Standing, StandingLine, allot, correct
from pomost.trade.count import count_lines
from pomost.trade.documents import DraftLine
from pomost.trade.errors import Refused
from pomost.trade.kit_returns import whole_kits
from pomost.trade.kits import Component, in_kit, sold_as_components
from pomost.trade.money import line_value
from pomost.trade.vat import VatRate

D = Decimal


def sold(quantity: int, price: str, *parts: tuple[str, str, str, str], line: str = "7") -> Standing:
    """An invoice over kits at ``price``: SKU, quantity in one kit, price alone, VAT rate of each component."""
    components = [
        Component(sku, sku, "szt", VatRate.of(vat), Fraction(each), D(alone))
        for sku, each, alone, vat in parts
    ]
    kit = DraftLine("KIT", "Zestaw", D(quantity), D(price), VatRate.of("23"), order_line=line)
    lines = sold_as_components([kit], {"KIT": components}, "gross")
    return Standing(
        "1",
        "FS",
        "FS/1/2026",
        date(2026, 11, 25),
        "gross",
        "MAG",
        tuple(
            StandingLine(
                str(n),
                one.sku,
                one.name,
                one.unit,
                one.vat,
                one.quantity,
                one.price,
                line_value(one.price, one.quantity),
                order_line=one.order_line,
            )
            for n, one in enumerate(lines)
        ),
        count_lines(lines, "gross").vat_rows,
    )


BOX = (("MUG", "2", "20.00", "23"), ("TEA", "1/5", "80.00", "8"))


def kit_back(quantity: str, order_line: str = "7", sku: str = "KIT") -> Returned:
    return Returned("r1", sku, order_line, D(quantity))


@pytest.mark.parametrize("piece", [kit_back("1"), kit_back("1", order_line=""), kit_back("1", sku="")])
def test_a_whole_kit_is_found_by_its_line_or_by_its_sku(piece: Returned) -> None:
    pieces = whole_kits([piece], [sold(2, "59.90", *BOX)])

    assert [(one.sku, one.quantity, one.of, one.kit) for one in pieces] == [
        ("MUG", 2, "r1", "KIT"),
        ("TEA", D("0.2"), "r1", "KIT"),
    ]


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param(kit_back("0.5"), id="half a kit"),
        pytest.param(kit_back("1", sku="MUG"), id="a component, on the kit's line"),
        pytest.param(kit_back("1", order_line="", sku="TEA"), id="a component, by its SKU"),
    ],
)
def test_a_part_of_a_kit_names_the_lines_it_was_sold_as(piece: Returned) -> None:
    with pytest.raises(Refused) as refused:
        whole_kits([piece], [sold(2, "59.90", *BOX)])

    assert refused.value.code == "trade.return-part-of-kit"
    assert "KIT" in refused.value.text
    assert "on FS/1/2026" in refused.value.text


def test_a_component_that_was_also_sold_alone_is_not_taken_from_the_kit() -> None:
    kits = sold(1, "59.90", *BOX)
    alone = StandingLine("9", "MUG", "MUG", "szt", VatRate.of("23"), D(1), D("20"), D("20"), order_line="8")
    document = Standing(
        kits.id, kits.kind, kits.number, kits.issued_on, "gross", "MAG", (*kits.lines, alone), kits.vat_rows
    )
    pieces = whole_kits([Returned("r1", "MUG", "", D(1))], [document])

    (share,) = allot(pieces, [document], "1")
    assert [(change.line, change.back) for change in share.changes] == [("9", 1)]


@pytest.mark.parametrize("sku", ["MUG", "A:B", "A:2:B", "ŻÓŁW 1", ":"])
def test_a_line_tells_its_kit_whatever_the_names_are(sku: str) -> None:
    component = Component(sku, sku, "szt", VatRate.of("23"), Fraction(2, 3), D(1))
    line = DraftLine("K:1:T", "Zestaw", D(3), D("9.99"), VatRate.of("23"), order_line="77")

    for one in sold_as_components([line], {"K:1:T": [component]}, "gross"):
        found = in_kit(one.order_line, sku)
        assert found is not None
        assert (found.order_line, found.kit, found.each) == ("77", "K:1:T", Fraction(2, 3))
    assert in_kit("77", sku) is None


PARTS = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 3000), st.sampled_from(["23", "8"])), min_size=1, max_size=4
)


@given(st.integers(1, 9), st.integers(100, 50_000), PARTS, st.data())
def test_kits_come_back_one_by_one_at_their_price_and_nothing_is_left(
    quantity: int, cents: int, parts: list[tuple[int, int, str]], data: st.DataObject
) -> None:
    price = D(cents).scaleb(-2)
    document = sold(
        quantity,
        str(price),
        *((f"C{n}", str(each), str(D(alone).scaleb(-2)), vat) for n, (each, alone, vat) in enumerate(parts)),
    )
    left = quantity
    while left:
        back = data.draw(st.integers(1, left))
        (share,) = allot(whole_kits([kit_back(str(back))], [document]), [document], "1")
        made = correct(document, share.changes)
        # nearest to the kits' price: a grosz for each component at the most
        assert abs(made.counted.gross + back * price) <= D("0.01") * len(parts)
        after = {line.line: line.after for line in made.lines}
        rows = {row.vat: row for row in document.vat_rows}
        for row in made.counted.vat_rows:
            was = rows[row.vat]
            rows[row.vat] = type(row)(row.vat, was.net + row.net, was.tax + row.tax, was.gross + row.gross)
        document = Standing(
            document.id,
            document.kind,
            document.number,
            document.issued_on,
            "gross",
            "MAG",
            tuple(
                StandingLine(
                    line.id,
                    line.sku,
                    line.name,
                    line.unit,
                    line.vat,
                    after[line.id].quantity,
                    after[line.id].price,
                    after[line.id].value,
                    order_line=line.order_line,
                )
                if line.id in after
                else line
                for line in document.lines
            ),
            tuple(rows.values()),
        )
        left -= back

    assert document.gross == 0
    assert all(line.quantity == 0 for line in document.lines)
    with pytest.raises(Refused, match="C0 \\(in KIT\\)"):
        allot(whole_kits([kit_back("1")], [document]), [document], "1")
