"""Plots: what they draw stands where it should, and labels do not touch."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.panel.plots import bars, lines, ranks, ticks

NAMES = "{http://www.w3.org/2000/svg}"
numbers = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


def rects(svg: str) -> list[tuple[float, float]]:
    """(top, bottom) of each bar."""
    return [
        (float(one.get("y", 0)), float(one.get("y", 0)) + float(one.get("height", 0)))
        for one in ET.fromstring(svg).iter(f"{NAMES}rect")
        if one.find(f"{NAMES}title") is not None
    ]


def zero(svg: str) -> float:
    return next(
        float(one.get("y1", 0))
        for one in ET.fromstring(svg).iter(f"{NAMES}line")
        if one.get("class") == "axis"
    )


def test_bars_stand_on_zero_and_hang_from_it() -> None:
    svg = bars({"net": [10, -5, 0, None]}, ["a", "b", "c", "d"], title="Zysk")

    up, down = rects(svg)
    assert up[1] == pytest.approx(zero(svg), abs=0.2)
    assert down[0] == pytest.approx(zero(svg), abs=0.2)
    assert (up[1] - up[0]) == pytest.approx(2 * (down[1] - down[0]), rel=0.05)


def test_stacked_bars_lie_upon_one_another_above_and_below_zero() -> None:
    svg = bars({"a": [3], "b": [1], "c": [-2]}, ["x"], title="t", stacked=True)

    first, second, third = rects(svg)
    assert first[1] == pytest.approx(zero(svg), abs=0.2)
    assert second[1] == pytest.approx(first[0], abs=0.2)
    assert third[0] == pytest.approx(zero(svg), abs=0.2)


def test_a_line_is_broken_where_a_value_is_missing() -> None:
    svg = lines({"net": [1, 2, None, 3, 4]}, list("abcde"), title="t")

    assert len(re.findall("<polyline", svg)) == 2


def test_nothing_at_all_is_a_picture_as_well() -> None:
    for made in (
        bars({}, [], title="t"),
        lines({"a": []}, [], title="t"),
        ranks({"a": [0]}, ["x"], title="t"),
    ):
        ET.fromstring(made)


def test_what_strangers_wrote_is_text_and_there_is_no_style_in_it() -> None:
    evil = '"><script>alert(1)</script>'

    for made in (bars, lines, ranks):
        svg = made({evil: [1, 2], "b": [3, 4]}, [evil, "<b>"], title=evil, unit=evil)
        ET.fromstring(svg)
        assert "<script" not in svg
        assert "style" not in svg
        assert 'role="img"' in svg


@given(st.lists(numbers, min_size=1, max_size=40), st.booleans())
def test_every_value_lies_within_the_picture(values: list[Decimal], as_bars: bool) -> None:
    svg = (bars if as_bars else lines)({"a": values}, [str(n) for n in range(len(values))], title="t")

    height = float(ET.fromstring(svg).get("viewBox", "").split()[3])
    for top, bottom in rects(svg):
        assert 0 <= top <= bottom <= height


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_ticks_hold_both_ends_and_zero_in_even_steps(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    if max(abs(low), abs(high)) < 1e-6:
        return
    marks = ticks(low, high)

    assert 2 <= len(marks) <= 14
    assert 0 in marks
    slack = (marks[1] - marks[0]) * 1e-6
    assert marks[0] - slack <= low
    assert high <= marks[-1] + slack


@pytest.mark.parametrize("count", [1, 7, 31, 90, 366, 1_000])
def test_labels_of_the_axis_do_not_overlap(count: int) -> None:
    days = [(date(2026, 1, 1) + timedelta(days=n)).isoformat() for n in range(count)]
    svg = lines({"net": list(range(count))}, days, title="t")

    texts = [
        (float(one.get("x", 0)), (one.text or ""))
        for one in ET.fromstring(svg).iter(f"{NAMES}text")
        if one.get("text-anchor") == "middle"
    ]
    edges = [(x - len(text) * 3.15, x + len(text) * 3.15) for x, text in texts]
    assert edges
    assert all(before[1] <= after[0] for before, after in pairwise(edges))
    assert edges[0][0] >= 0
    assert edges[-1][1] <= 760
