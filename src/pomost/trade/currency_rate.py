"""Which day's exchange rate a document in a foreign currency takes.

Polish VAT act, art. 31a: the average rate of the last working day before the tax point, or before the day of issue
when the invoice is issued earlier. Never the rate of the day itself. Working days: the act on days off of 18 January
1951 with its changes. The bank's own calendar may differ on a rare day: where it has no table for the day told here,
the last table before it is the one.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_ALL_YEARS = ((1, 1), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 25), (12, 26))
_ONCE = frozenset({date(2018, 11, 12)})
_EPIPHANY_SINCE = 2011
_CHRISTMAS_EVE_SINCE = 2025


def rate_day(d: date) -> date:
    """The last working day before ``d``."""
    day = d - timedelta(days=1)
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def rate_day_of_sale(sold_on: date, issued_on: date) -> date:
    """The rate day of a document: before the sale, or before the issue when that comes first (art. 31a(2))."""
    return rate_day(min(sold_on, issued_on))


def is_working_day(d: date) -> bool:
    """Neither a Saturday or Sunday nor a Polish day off."""
    return d.weekday() < 5 and d not in days_off(d.year)


@lru_cache(maxsize=64)
def days_off(year: int) -> frozenset[date]:
    """Statutory days off in Poland, those on Sundays included. Right for 1991 and later."""
    easter = easter_sunday(year)
    fixed = {date(year, month, day) for month, day in _ALL_YEARS}
    moving = {easter + timedelta(days=after) for after in (0, 1, 49, 60)}
    late = set()
    if year >= _EPIPHANY_SINCE:
        late.add(date(year, 1, 6))
    if year >= _CHRISTMAS_EVE_SINCE:
        late.add(date(year, 12, 24))
    return frozenset(fixed | moving | late | {day for day in _ONCE if day.year == year})


def easter_sunday(year: int) -> date:
    """Easter of the Gregorian calendar (the anonymous algorithm, as Meeus gives it)."""
    a = year % 19
    b, c = divmod(year, 100)
    d, e = divmod(b, 4)
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
