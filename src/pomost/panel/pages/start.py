"""The start page: what came in, what was made, what waits and why, and how each connection is."""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from babel.dates import format_date
from fastapi import APIRouter
from fastapi.responses import Response

from pomost.health import connections
from pomost.panel import plots
from pomost.panel.formats import WARSAW, local
from pomost.panel.live import follow
from pomost.panel.web import Panel, Reader, Visit
from pomost.panel.words import grouped
from pomost.store.cases import STATES
from pomost.store.overview import WAITING_S
from pomost.store.queries import ATTENTION

router = APIRouter()
DAYS = 14
KINDS = ("RO", "FS", "PA", "WZ", "FSK")
"""Documents that have a line of their own in the plot; the others are added up."""
Value = TypeVar("Value")


class Kept:
    """Values that cost much are kept for some seconds, for all who look."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, tuple[float, Any]] = {}

    def get(self, name: str, good_s: float, make: Callable[[], Value]) -> Value:
        with self._lock:
            kept = self._values.get(name)
            if kept is None or clock.monotonic() - kept[0] > good_s:
                kept = (clock.monotonic(), make())
                self._values[name] = kept
        value: Value = kept[1]
        return value


_kept: WeakKeyDictionary[Any, Kept] = WeakKeyDictionary()


def kept_of(panel: Panel) -> Kept:
    return _kept.setdefault(panel.closing, Kept())


@router.get("/")
def start(visit: Reader) -> Response:
    """How it stands now; the upper part follows live."""
    return visit.page("start/start.html", active="start", plots=_plots(visit), **_now(visit))


@router.get("/events/start")
def events(visit: Reader) -> Response:
    """The live part of the start page."""
    return follow(visit, lambda: visit.text_of("start/now.html", **_now(visit)))


def _now(visit: Visit) -> dict[str, Any]:
    store, kept = visit.pomost.store, kept_of(visit.panel)
    counts = kept.get("counts", 2.0, store.queries.counts)
    return {
        "counts": {state: counts[state] for state in STATES if counts.get(state)},
        "attention": ATTENTION,
        "hurts": kept.get("hurts", 2.0, lambda: store.queries.in_state(ATTENTION, 10)),
        "connections": kept.get("health", 2.0, lambda: connections(visit.pomost, visit.now())),
    }


def _plots(visit: Visit) -> list[tuple[str, Any]]:
    """Plots of two weeks, each with its heading; those without anything to show are left out."""
    kept, language = kept_of(visit.panel), visit.language
    store, ledger = visit.pomost.store, visit.pomost.ledger
    today = local(visit.now()).date()
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    midnights = [
        datetime.combine(day, time(), WARSAW).timestamp() for day in (*days, today + timedelta(days=1))
    ]
    labels = [format_date(day, "d.MM" if language == "pl" else "d MMM", locale=language) for day in days]

    def say(value: plots.Number) -> str:
        return grouped(language, int(value))

    came = kept.get("came", 20.0, lambda: store.overview.came_in(midnights))
    made = kept.get("made", 60.0, lambda: ledger.documents_by_day(days[0]))
    unfinished = kept.get("unfinished", 10.0, lambda: store.overview.unfinished(visit.now()))
    found: list[tuple[str, Any]] = []
    if any(came):
        title = visit.say("start.plot.orders")
        found.append((title, plots.bars({title: came}, labels, title=title, say=say)))
    if made:
        title = visit.say("start.plot.documents")
        series = _by_kind(made, days, visit.say("start.plot.others"))
        found.append((title, plots.bars(series, labels, title=title, stacked=True, say=say)))
    if any(unfinished.waiting):
        title = visit.say("start.plot.waiting")
        names = [visit.say(f"start.plot.wait-{place}") for place in range(len(WAITING_S) + 1)]
        found.append((title, plots.bars({title: unfinished.waiting}, names, title=title, say=say)))
    if unfinished.codes:
        title = visit.say("start.plot.errors")
        codes = {title: [n for _, _, n in unfinished.codes]}
        found.append(
            (
                title,
                plots.ranks(
                    codes, [code or state for state, code, _ in unfinished.codes], title=title, say=say
                ),
            )
        )
    return found


def _by_kind(made: dict[tuple[str, date], int], days: list[date], others: str) -> dict[str, list[int]]:
    kinds = [kind for kind in KINDS if any(key[0] == kind for key in made)]
    series = {kind: [made.get((kind, day), 0) for day in days] for kind in kinds}
    rest = [sum(n for (kind, at), n in made.items() if kind not in KINDS and at == day) for day in days]
    return {**series, others: rest} if any(rest) else series
