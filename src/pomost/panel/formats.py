"""Numbers, money, dates and durations as people of a language write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_month_names
from markupsafe import Markup, escape

from pomost.panel.words import counted, text

WARSAW = ZoneInfo("Europe/Warsaw")
_NBSP = "\N{NO-BREAK SPACE}"
_DAY_S = 86_400


def decimal(language: str, value: Decimal | int, places: int | None = None) -> str:
    """A number with its thousands parted; ``places`` None: as many decimals as it has, without idle zeros."""
    said = f"{value:,.{places}f}" if places is not None else f"{Decimal(value).normalize():,f}"
    return said if language == "en" else said.replace(",", _NBSP).replace(".", ",")


def money(language: str, value: Decimal | None, currency: str = "") -> str:
    """An amount to 0.01 with its currency; a dash where there is none."""
    if value is None:
        return "–"
    said = decimal(language, value, 2)
    return f"{said}{_NBSP}{currency}" if currency else said


def local(moment: float | datetime) -> datetime:
    """A moment (Unix seconds, or with a zone) by the clocks of Poland."""
    if isinstance(moment, datetime):
        return moment.astimezone(WARSAW)
    return datetime.fromtimestamp(moment, UTC).astimezone(WARSAW)


@lru_cache(maxsize=4)
def _months(language: str) -> dict[int, str]:
    return dict(get_month_names("abbreviated", "format", locale=language))


def when(language: str, moment: float | datetime | None) -> Markup:
    """Day and time as a <time> element; a dash where there is none."""
    if moment is None:
        return Markup("–")
    here = local(moment)
    # by hand: Babel takes ten times as long, and a list has a hundred of them
    said = f"{here.day} {_months(language)[here.month]} {here.year}, {here:%H:%M:%S}"
    return Markup('<time datetime="{}">{}</time>').format(here.isoformat(timespec="seconds"), escape(said))


def day(language: str, value: date | None) -> Markup:
    """A day as a <time> element; a dash where there is none."""
    if value is None:
        return Markup("–")
    said = format_date(value, "d MMM y", locale=language)
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), escape(said))


def lasting(language: str, seconds: float) -> str:
    """How long something lasts, in its two greatest units."""
    whole = max(int(seconds), 0)
    if whole < 60:
        return text(language, "frame.time.seconds", n=whole)
    if whole < 3_600:
        return text(language, "frame.time.minutes", n=whole // 60)
    if whole < _DAY_S:
        return text(language, "frame.time.hours", h=whole // 3_600, m=whole % 3_600 // 60)
    return counted(language, "frame.time.days", whole // _DAY_S)
