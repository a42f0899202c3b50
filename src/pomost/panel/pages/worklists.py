"""What waits for people, each list ordered by what hurts most, with the buttons that solve it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from pomost.panel.pages.stock import shelves
from pomost.panel.web import Operator, Reader, Visit
from pomost.store.figures import Drift, What
from pomost.store.worklists import WorkPage

router = APIRouter()
TABS = ("doubts", "person", "shortages", "returns", "stopped", "leftovers", "drift")
_PAGE = 50


@dataclass(frozen=True, slots=True)
class DriftRow:
    """A figure that the channel shows otherwise."""

    catalogue: str
    what: What
    drift: Drift
    seen_at: float

    @property
    def off(self) -> Decimal:
        """How much too high it is (below 0: too low), in pieces or money."""
        return self.drift.seen - self.drift.wanted


@router.get("/todo")
def start(visit: Reader) -> Response:
    """The first list in which there is something."""
    counts = _counts(visit)
    first = next((tab for tab in TABS if counts[tab]), TABS[0])
    return _page(visit, first, 0, "", counts)


@router.get("/todo/{tab}")
def work(visit: Reader, tab: str, page: int = 0, code: str = "") -> Response:
    """One list."""
    if tab not in TABS:
        raise visit.missing()
    return _page(visit, tab, max(page, 0), code, _counts(visit))


@router.post("/todo/again")
def again(visit: Operator) -> Response:
    """Lets one case be tried again now. What is in doubt is decided on the page of the order."""
    number, tab = visit.value("case"), visit.value("tab")
    back = f"/todo/{tab}" if tab in TABS else "/todo"
    found = visit.pomost.store.lists.lines([int(number)]) if number.isdecimal() and len(number) < 18 else []
    if not found:
        raise visit.missing()
    line = found[0]
    if line.state == "doubt":
        return visit.refused("work.doubt-first", to=f"/orders/{line.id}", number=line.number)
    if line.state == "done":
        return visit.refused("work.done-already", to=back, number=line.number)
    visit.pomost.wake([line.id])
    visit.audit("case.retry", line.number or str(line.id), case=line.id)
    return visit.done("work.due", to=back, number=line.number)


def _page(visit: Visit, tab: str, page: int, code: str, counts: dict[str, int]) -> Response:
    lists = visit.pomost.store.worklists
    found: WorkPage | None = None
    more: dict[str, object] = {}
    if tab in ("doubts", "person", "stopped"):
        state = {"doubts": "doubt"}.get(tab, tab)
        found = lists.of_state(state, page, _PAGE, code)
        more["codes"] = lists.codes(state)
    if tab == "stopped":
        more["held"] = lists.stopped_by_source()
        more["looks"] = [look for look in visit.pomost.store.looks.all() if look.stopped]
    if tab == "returns":
        found = lists.returns(page, _PAGE)
    if tab == "leftovers":
        found = lists.leftovers(page, _PAGE)
    if tab == "shortages":
        lacks = lists.lacks()
        more["lacks"] = lacks[page * _PAGE : (page + 1) * _PAGE]
        more["lacking"] = len(lacks)
    if tab == "drift":
        drifts = _drifts(visit)
        more["drifts"] = drifts[page * _PAGE : (page + 1) * _PAGE]
        more["drifting"] = len(drifts)
    asked = {"code": code, "page": page + 1} if code else {"page": page + 1}
    total = int(str(more.get("lacking", more.get("drifting", 0))))
    goes_on = found.more if found is not None else total > (page + 1) * _PAGE
    return visit.page(
        "work/list.html",
        active="worklists",
        tab=tab,
        tabs=TABS,
        counts=counts,
        found=found,
        code=code,
        state={"doubts": "doubt"}.get(tab, tab),
        following=f"/todo/{tab}?{urlencode(asked)}" if goes_on else "",
        previous=f"/todo/{tab}?{urlencode({**asked, 'page': page - 1})}" if page else "",
        more=more,
    )


def _counts(visit: Visit) -> dict[str, int]:
    """How much is in each list; counting is bounded."""
    store = visit.pomost.store
    found = store.worklists.counts()
    numbers = store.shelf.catalogues()
    kinds: tuple[What, ...] = ("stock", "price")
    drift = sum(
        store.shelf.count(number, what).drift
        for name, number in numbers.items()
        for what in kinds
        if any(entry.name == name for entry in visit.pomost.config.catalogue)
    )
    return {
        "doubts": found["doubt"],
        "person": found["person"],
        "shortages": found["needs"],
        "returns": found["returns"],
        "stopped": found["stopped"],
        "leftovers": store.worklists.leftovers(0, 1).counted,
        "drift": drift,
    }


def _drifts(visit: Visit) -> list[DriftRow]:
    """What sells too much first (stock shown too high), then prices, then what is shown too low; the furthest off first."""
    found = []
    kinds: tuple[What, ...] = ("stock", "price")
    for shelf in shelves(visit):
        for what in kinds:
            found += [
                DriftRow(shelf.name, what, drift, seen_at)
                for drift, seen_at in visit.pomost.store.shelf.drifts(shelf.number, what)
            ]

    def hurts(one: DriftRow) -> tuple[int, Decimal]:
        rank = 1 if one.what == "price" else 0 if one.off > 0 else 2
        return rank, -abs(one.off)

    return sorted(found, key=hurts)
