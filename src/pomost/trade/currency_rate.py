"""Which day's exchange rate a document uses: the last working day before (art. 31a of the VAT act)."""

from __future__ import annotations

from datetime import date, timedelta

_FIXED = {(1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 25), (12, 26)}


def easter(year: int) -> date:
    """Easter Sunday by the Gregorian computus."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    j = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * j) // 451
    month, day = divmod(h + j - 7 * m + 114, 31)
    return date(year, month, day + 1)


def is_working_day(day: date) -> bool:
    """Monday to Friday and no Polish public holiday; 24 December is one from 2025 on."""
    if day.weekday() >= 5 or (day.month, day.day) in _FIXED:
        return False
    if (day.month, day.day) == (12, 24) and day.year >= 2025:
        return False
    return day - easter(day.year) not in (timedelta(1), timedelta(60))


def rate_day(day: date) -> date:
    """The last working day before ``day``."""
    before = day - timedelta(1)
    while not is_working_day(before):
        before -= timedelta(1)
    return before
