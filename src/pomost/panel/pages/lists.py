"""What the pages of lists have in common: filters that stand in the address, days, and addresses of pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from pomost.ledger.reading.paging import Page, Turn
from pomost.panel.web import Visit


def turn_of(after: str, before: str, size: int = 50) -> Turn:
    """Where a page begins, as its address says."""
    return Turn(after, before, size)


def day_of(text: str) -> date | None:
    """A day as a field of the browser writes it; None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def address(path: str, asked: Mapping[str, object], **more: object) -> str:
    """An address with all filters that are set."""
    said = {
        name: str(value).encode("utf-8", "ignore").decode()
        for name, value in {**asked, **more}.items()
        if value not in ("", None)
    }
    return f"{path}?{urlencode(said)}" if said else path


def neighbours(path: str, asked: Mapping[str, object], page: Page[Any]) -> tuple[str, str]:
    """The addresses of the next and the previous page; empty where there is none."""
    following = address(path, asked, after=page.after) if page.after else ""
    return following, address(path, asked, before=page.before) if page.before else ""


def companies_of(visit: Visit, chosen: str) -> dict[str, Any]:
    """For a page: all companies to choose from, and those whose sheets it offers."""
    codes = [one.code for one in visit.pomost.ledger.companies()]
    return {
        "companies": [(code, code) for code in codes],
        "sheet_companies": [chosen] if chosen in codes else codes,
    }
