from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pomost.trade.errors import Refused
from pomost.trade.numbering import STANDARD, Numbering

MAY = date(2026, 5, 4)


@pytest.mark.parametrize(
    ("pattern", "expected", "counter"),
    [
        pytest.param(STANDARD, "FS/7/2026", "2026", id="standard"),
        pytest.param("%SYMBOL/%NUMBER:5/%MONTH/%YEAR", "FS/00007/05/2026", "2026-05", id="zeros-and-month"),
        pytest.param(
            "%SYMBOL/%NUMBER/%SERIES/%YEAR2", "FS/7/SKLEP/26", "2026;series=SKLEP", id="series-and-short-year"
        ),
        pytest.param("%NUMBER-%WAREHOUSE", "7-MAG 1", "all;warehouse=MAG%201", id="never-anew"),
        pytest.param(
            "%SYMBOL/%NUMBER/%YEAR/%REGISTER", "FS/7/2026/KASA", "2026;register=KASA", id="register"
        ),
        pytest.param("%YEAR%MONTH%NUMBER:4", "2026050007", "2026-05", id="fixed-lengths-need-no-separator"),
        pytest.param("%SYMBOL %NUMBER._-/%YEAR", "FS 7._-/2026", "2026", id="all-separators"),
    ],
)
def test_a_number_is_made_by_its_pattern(pattern: str, expected: str, counter: str) -> None:
    numbering = Numbering.parse(pattern)
    warehouse = "MAG 1" if "%SYMBOL" not in pattern else "MAG"
    assert numbering.format(7, MAY, "FS", "SKLEP", warehouse, "KASA") == expected
    assert numbering.period_key(MAY, "SKLEP", warehouse, "KASA") == counter


@pytest.mark.parametrize(
    ("pattern", "code", "why"),
    [
        ("", "trade.numbering-not-unique", "it has no %NUMBER"),
        ("%SYMBOL/%YEAR", "trade.numbering-not-unique", "it has no %NUMBER"),
        ("%NUMBER/%NUMBER", "trade.numbering-not-unique", "%NUMBER is there twice"),
        ("%SYMBOL/%NUMBER/%MONTH", "trade.numbering-not-unique", "the year is not shown"),
        ("%SERIES%NUMBER/%YEAR", "trade.numbering-not-unique", "no separator parts %SERIES from %NUMBER"),
        ("%SERIES%YEAR%NUMBER", "trade.numbering-not-unique", "no separator parts %SERIES from %NUMBER"),
        ("%SYMBOL/%NUMER/%YEAR", "trade.numbering-unreadable", "%NUMER is none of"),
        ("FS/%NUMBER", "trade.numbering-unreadable", "'FS/%NUMBER' is neither a part nor a separator"),
        ("%NUMBER/%", "trade.numbering-unreadable", "'%' is neither a part nor a separator"),
        ("%NUMBER:0/%YEAR", "trade.numbering-unreadable", "from 1 to 12"),
        ("%NUMBER/%YEAR:2", "trade.numbering-unreadable", "only %NUMBER takes a width"),
    ],
)
def test_a_pattern_that_cannot_serve_is_refused(pattern: str, code: str, why: str) -> None:
    with pytest.raises(Refused) as refusal:
        Numbering.parse(pattern)
    assert refusal.value.code == code
    assert why in refusal.value.text


@pytest.mark.parametrize(
    ("series", "code"),
    [("", "trade.numbering-part-missing"), ("A/B", "trade.numbering-part-unfit")],
    ids=["missing", "holds-a-separator"],
)
def test_a_part_that_does_not_fit_is_refused(series: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        Numbering.parse("%SYMBOL/%NUMBER/%SERIES/%YEAR").format(1, MAY, "FS", series)
    assert refusal.value.code == code


def test_numbers_start_from_1() -> None:
    with pytest.raises(ValueError, match="start from 1"):
        Numbering.parse(STANDARD).format(0, MAY, "FS")


def test_a_pattern_tells_its_parts() -> None:
    assert Numbering.parse("%SYMBOL/%NUMBER/%SERIES").names == {"SYMBOL", "NUMBER", "SERIES"}


names = st.text("AB12-", min_size=1, max_size=3)
documents = st.tuples(
    st.sampled_from([1, 2, 12, 202, 2024]),
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    names,
    names,
    names,
)


def is_fit(pattern: str) -> bool:
    try:
        Numbering.parse(pattern)
    except Refused:
        return False
    return True


parts = st.permutations(["%NUMBER", "%YEAR", "%SYMBOL", "%MONTH", "%SERIES", "%WAREHOUSE", "%REGISTER"])
separators = st.lists(st.sampled_from(["/", "/", "/", "."]), min_size=6, max_size=6)
glued = st.sampled_from(["/%YEAR", "%YEAR", "%MONTH/%YEAR", "%YEAR%MONTH"])
fit_patterns = st.one_of(
    st.builds(
        lambda names, signs: "".join(sign + name for sign, name in zip(["", *signs], names, strict=True)),
        parts,
        separators,
    ),
    st.builds(
        lambda number, dates: f"%SERIES/{number}{dates}", st.sampled_from(["%NUMBER", "%NUMBER:3"]), glued
    ),
    st.builds(
        lambda dates, number: f"{dates.strip('/')}{number}", glued, st.sampled_from(["%NUMBER", "%NUMBER:3"])
    ),
).filter(is_fit)


@settings(max_examples=100)
@given(fit_patterns, documents, documents)
def test_two_documents_of_a_kind_share_a_number_only_as_the_same_number_of_one_counter(
    pattern: str, one: tuple[int, date, str, str, str], two: tuple[int, date, str, str, str]
) -> None:
    numbering = Numbering.parse(pattern)
    shown = [numbering.format(number, on, "FS", *rest) for number, on, *rest in (one, two)]
    taken = [(numbering.period_key(on, *rest), number) for number, on, *rest in (one, two)]
    assert (shown[0] == shown[1]) == (taken[0] == taken[1])
