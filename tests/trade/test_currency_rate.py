from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pomost.trade.currency_rate import easter_sunday, is_working_day, rate_day, rate_day_of_sale


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param("2026-03-11", "2026-03-10", id="midweek"),
        pytest.param("2026-03-09", "2026-03-06", id="monday-takes-friday"),
        pytest.param("2026-03-08", "2026-03-06", id="sunday-takes-friday"),
        pytest.param("2026-04-07", "2026-04-03", id="after-easter-monday-takes-good-friday"),
        pytest.param("2027-03-30", "2027-03-26", id="easter-2027"),
        pytest.param("2026-06-05", "2026-06-03", id="after-corpus-christi"),
        pytest.param("2026-05-04", "2026-04-30", id="after-the-may-days"),
        pytest.param("2026-01-07", "2026-01-05", id="after-epiphany"),
        pytest.param("2010-01-07", "2010-01-06", id="epiphany-2010-was-worked"),
        pytest.param("2026-01-02", "2025-12-31", id="after-new-year"),
        pytest.param("2024-12-27", "2024-12-24", id="christmas-eve-2024-was-worked"),
        pytest.param("2025-12-29", "2025-12-23", id="christmas-2025-with-its-eve"),
        pytest.param("2018-11-13", "2018-11-09", id="12-november-2018"),
        pytest.param("2025-11-12", "2025-11-10", id="independence-day"),
        pytest.param("2025-08-16", "2025-08-14", id="15-august"),
        pytest.param("2024-11-02", "2024-10-31", id="all-saints"),
    ],
)
def test_the_rate_is_of_the_working_day_before(day: str, expected: str) -> None:
    assert rate_day(date.fromisoformat(day)) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("sold", "issued", "expected"),
    [
        ("2026-03-11", "2026-03-11", "2026-03-10"),
        ("2026-03-11", "2026-03-20", "2026-03-10"),
        ("2026-03-20", "2026-03-11", "2026-03-10"),
    ],
    ids=["same-day", "issued-later", "issued-earlier"],
)
def test_the_earlier_of_sale_and_issue_decides(sold: str, issued: str, expected: str) -> None:
    day = rate_day_of_sale(date.fromisoformat(sold), date.fromisoformat(issued))
    assert day == date.fromisoformat(expected)


@pytest.mark.parametrize(
    "easter",
    ["2000-04-23", "2008-03-23", "2011-04-24", "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28"],
)
def test_easter_is_known(easter: str) -> None:
    day = date.fromisoformat(easter)
    assert easter_sunday(day.year) == day


@settings(max_examples=100)
@given(st.dates(date(1995, 1, 1), date(2099, 12, 31)))
def test_between_the_rate_day_and_the_day_nobody_works(day: date) -> None:
    rated = rate_day(day)
    assert is_working_day(rated)
    between = [rated + timedelta(days=after) for after in range(1, (day - rated).days)]
    assert not any(is_working_day(other) for other in between)
    assert len(between) <= 5
