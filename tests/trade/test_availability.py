"""How many pieces may be offered: cases that a shopkeeper can check, and what holds for any numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.trade.availability import Held, StockRule, reckon

D = Decimal
MUG = (("KUBEK", D(1)),)
BOX = (("KUBEK", D(2)), ("PUDLO", D(1)))
BOTH = (("main", "MAG"), ("hurt", "MAG"))


def held(**pieces: tuple[int, int]) -> dict[tuple[str, str], dict[str, Held]]:
    """main_KUBEK=(stock, reserved): all in warehouse MAG."""
    return {
        (name.split("_")[0], name.split("_")[1]): {"MAG": Held(D(stock), D(reserved))}
        for name, (stock, reserved) in pieces.items()
    }


def figure(rule: StockRule, parts=MUG, pending=None, **pieces: tuple[int, int]) -> int:  # type: ignore[no-untyped-def]
    sku = parts[0][0] if len(parts) == 1 else "ZESTAW"
    return int(reckon(rule, sku, parts, held(**pieces), pending or {}).figure)


@pytest.mark.parametrize(
    ("what", "rule", "pending", "pieces", "offered"),
    [
        ("stock less reserved", {}, {}, {"main_KUBEK": (10, 3)}, 7),
        ("less what was sold and is on no document", {}, {("main", "KUBEK"): D(2)}, {"main_KUBEK": (10, 3)}, 5),
        ("never below none", {}, {("main", "KUBEK"): D(9)}, {"main_KUBEK": (10, 3)}, 0),
        ("a buffer is never offered", {"buffer": D(2)}, {}, {"main_KUBEK": (10, 0)}, 8),
        ("a share of what is left", {"share": D(50)}, {}, {"main_KUBEK": (9, 0)}, 4),
        ("too few are none", {"minimum": D(3)}, {}, {"main_KUBEK": (2, 0)}, 0),
        ("no more than the most", {"maximum": D(5)}, {}, {"main_KUBEK": (10, 0)}, 5),
        ("whole packs only", {"pack": D(6)}, {}, {"main_KUBEK": (17, 0)}, 2),
    ],
)  # fmt: skip
def test_one_company(what: str, rule: dict, pending: dict, pieces: dict, offered: int) -> None:  # type: ignore[type-arg]
    assert figure(StockRule((("main", "MAG"),), **rule), MUG, pending, **pieces) == offered, what


@pytest.mark.parametrize(
    ("what", "covered", "pending", "pieces", "offered"),
    [
        ("the other company's goods are offered here", (), {}, {"hurt_KUBEK": (10, 0)}, 10),
        ("both have some", (), {}, {"main_KUBEK": (2, 1), "hurt_KUBEK": (10, 4)}, 7),
        ("what we owe will come from there", (), {}, {"main_KUBEK": (0, 3), "hurt_KUBEK": (10, 0)}, 7),
        ("sold here, on no document, will come from there", (), {("main", "KUBEK"): D(2)}, {"hurt_KUBEK": (10, 0)}, 8),
        ("RO in both: counted once", ("main",), {}, {"main_KUBEK": (0, 2), "hurt_KUBEK": (10, 2)}, 8),
        (
            "RO here, none there yet: counted once",
            ("main",),
            {("hurt", "KUBEK"): D(2)},
            {"main_KUBEK": (0, 2), "hurt_KUBEK": (10, 0)},
            8,
        ),
        (
            "sold, no RO at all yet: counted once",
            ("main",),
            {("main", "KUBEK"): D(2), ("hurt", "KUBEK"): D(2)},
            {"hurt_KUBEK": (10, 0)},
            8,
        ),
        ("sent from there, our RO stays behind", ("main",), {}, {"main_KUBEK": (0, 2), "hurt_KUBEK": (8, 0)}, 8),
        ("what the other one owes is owed", ("main",), {}, {"main_KUBEK": (5, 0), "hurt_KUBEK": (0, 3)}, 2),
    ],
)  # fmt: skip
def test_two_companies(
    what: str, covered: tuple[str, ...], pending: dict, pieces: dict, offered: int
) -> None:  # type: ignore[type-arg]
    rule = StockRule(BOTH, covered=frozenset(covered))
    assert figure(rule, MUG, pending, **pieces) == offered, what


def test_the_scarcest_component_limits_a_kit_and_is_named() -> None:
    rule = StockRule((("main", "MAG"),))
    there = held(main_KUBEK=(9, 0), main_PUDLO=(7, 5))
    found = reckon(rule, "ZESTAW", BOX, there, {})
    assert (found.figure, found.limited_by) == (2, "PUDLO")
    assert reckon(rule, "ZESTAW", BOX, there, {("main", "KUBEK"): D(6)}).figure == 1


def test_a_kit_is_made_of_the_goods_of_one_company() -> None:
    assert figure(StockRule(BOTH), BOX, None, main_KUBEK=(10, 0), hurt_PUDLO=(10, 0)) == 0
    pieces = {"main_KUBEK": (3, 0), "main_PUDLO": (5, 0), "hurt_KUBEK": (3, 0), "hurt_PUDLO": (5, 0)}
    assert figure(StockRule(BOTH), BOX, None, **pieces) == 2


def test_nothing_is_offered_of_what_has_no_goods() -> None:
    assert reckon(StockRule(BOTH), "USŁUGA", (), {}, {}).figure == 0


counts = st.integers(0, 50)


@given(counts, counts, counts, counts, counts, counts, st.sampled_from([(), ("main",)]))
def test_more_sold_never_offers_more(
    a: int, b: int, c: int, d: int, e: int, f: int, covered: tuple[str, ...]
) -> None:
    rule = StockRule(BOTH, covered=frozenset(covered))
    pieces = {"main_KUBEK": (a, b), "hurt_KUBEK": (c, d)}
    less = figure(rule, MUG, {("main", "KUBEK"): D(e), ("hurt", "KUBEK"): D(f)}, **pieces)
    assert less <= figure(rule, MUG, {("main", "KUBEK"): D(e)}, **pieces) <= figure(rule, MUG, {}, **pieces)
    assert figure(rule, MUG, {}, **pieces) <= a + c


@given(counts, counts, counts)
def test_what_passes_from_pending_to_reserved_changes_nothing(stock: int, reserved: int, sold: int) -> None:
    rule = StockRule((("main", "MAG"),))
    before = figure(rule, MUG, {("main", "KUBEK"): D(sold)}, main_KUBEK=(stock, reserved))
    assert before == figure(rule, MUG, {}, main_KUBEK=(stock, reserved + sold))
