"""Stock and prices in the channels: how each catalogue stands, its products, and one product with all that is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from pomost.catalogue.comparing import compared_name
from pomost.catalogue.linking import listed_name
from pomost.config.catalogue import Catalogue
from pomost.engine.catalogue import CatalogueWatcher
from pomost.panel.progress import Result, start_act
from pomost.panel.web import Operator, Reader, Visit
from pomost.panel.words import counted
from pomost.panel.words import text as words
from pomost.ports import Failure, Json
from pomost.progress import Report
from pomost.showing import acting
from pomost.showing.looking import Explain, ProductView, look_at
from pomost.showing.prices import explain_price, reason_of_price
from pomost.showing.stock import Account, account_of, explain_stock
from pomost.store.figures import FigureLine, What
from pomost.store.products import ProductLine
from pomost.store.shelf import Count, Wrong
from pomost.words import one_text

router = APIRouter()
WRONG: tuple[Wrong, ...] = get_args(Wrong)
_EXPLAIN: dict[What, Explain] = {"stock": explain_stock, "price": explain_price}


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of figures of a catalogue, as counted."""

    what: What
    count: Count
    compared: Json


@dataclass(frozen=True, slots=True)
class Shelf:
    """A catalogue of the configuration as it stands. ``listed``: when all was listed last, and how many there were."""

    entry: Catalogue
    number: int
    company: str
    count: Count
    lines: tuple[Line, ...]
    listed: Json
    questions: int
    note: str
    looked_at: float | None

    @property
    def name(self) -> str:
        return self.entry.name


@router.get("/stock")
def stock(visit: Reader, catalogue: str = "", wrong: str = "", text: str = "", after: int = -1) -> Response:
    """How the catalogues stand, and the products of one of them."""
    found = shelves(visit)
    chosen = chosen_shelf(found, catalogue)
    kind: Wrong = next((one for one in WRONG if one == wrong), "")
    page = None
    following = ""
    if chosen is not None:
        page = visit.pomost.store.shelf.page(chosen.number, kind, text.strip()[:100], max(after, -1))
        if page.following is not None:
            asked = {"catalogue": chosen.name, "wrong": kind, "text": text, "after": page.following}
            following = f"/stock?{urlencode({key: one for key, one in asked.items() if one != ''})}"
    return visit.page(
        "stock/list.html",
        active="stock",
        tab="products",
        shelves=found,
        chosen=chosen,
        wrong=kind,
        wrongs=[one for one in WRONG if one],
        text=text,
        page=page,
        following=following,
        first=after < 0,
        address_of=address_of,
        why_not=lambda figure: why_not(visit, figure),
        standing=standing,
    )


@router.get("/stock/{catalogue}/{sku:path}")
def product(visit: Reader, catalogue: str, sku: str, now: int = 0) -> Response:
    """One item: what each system says and why. ``now``: the channel is asked, too."""
    watcher, shelf = _watched(visit, catalogue)
    lines = visit.pomost.store.products.find(shelf.number, sku)[:20]
    if not lines:
        raise visit.missing()
    kinds: list[tuple[What, list[ProductView]]] = []
    account: Account | None = None
    fault: Failure | None = None
    try:
        prepared = watcher.prepared()
        for line in prepared.lines:
            views = look_at(
                visit.pomost, watcher, line, lines, _EXPLAIN[line.what], visit.language, ask=bool(now)
            )
            kinds.append((line.what, views))
        item = next((one.item for one in lines if one.item), "")
        account = account_of(visit.pomost, prepared.offer, item) if item else None
    except Failure as failure:
        fault = failure
    return visit.page(
        "stock/product.html",
        active="stock",
        shelf=shelf,
        sku=sku,
        lines=lines,
        kinds=kinds,
        account=account,
        fault=fault,
        stored=visit.pomost.store.shelf.shown(lines) if fault else [],
        asked=bool(now),
        here_now=f"{address_of(shelf.name, lines[0])}?now=1",
        why_not=lambda figure: why_not(visit, figure),
        standing=standing,
    )


@router.post("/stock/push")
def push(visit: Operator) -> Response:
    """Sends now what is to be shown: of one item, or of a whole catalogue."""
    _, shelf = _watched(visit, visit.value("catalogue"))
    sku, kinds = visit.value("sku"), _kinds(visit, shelf)
    pomost, language = visit.pomost, visit.language
    link = (
        f"/stock/{quote(shelf.name, safe='')}/{quote(sku)}"
        if sku
        else f"/stock?catalogue={quote(shelf.name)}"
    )

    def work(report: Report) -> Result:
        done: list[acting.Pushed] = []
        for what in kinds:
            told = _part(report, language, what, kinds)
            done += acting.push(pomost, what, sku=sku, catalogue=shelf.name, listing=not sku, report=told)
        return Result(_pushed(language, done))

    visit.audit("stock.push", f"{shelf.name} {sku}".strip(), what=", ".join(kinds))
    title = "stock.acts.push-one" if sku else "stock.acts.push"
    facts: dict[str, Any] = {"name": shelf.name, **({"sku": sku} if sku else {})}
    return start_act(visit, title, work, key=f"push {shelf.name} {sku}", link=link, **facts)


@router.post("/stock/again")
def again(visit: Operator) -> Response:
    """Sends once more what the channel did not take."""
    _, shelf = _watched(visit, visit.value("catalogue"))
    pomost, language = visit.pomost, visit.language

    def work(report: Report) -> Result:
        return Result(_pushed(language, acting.push_again(pomost, shelf.name, report)))

    visit.audit("stock.again", shelf.name)
    link = f"/stock?catalogue={quote(shelf.name)}"
    return start_act(visit, "stock.acts.again", work, key=f"push {shelf.name} ", link=link, name=shelf.name)


@router.post("/stock/compare")
def compare(visit: Operator) -> Response:
    """Reads what the channel shows and notes what differs."""
    _, shelf = _watched(visit, visit.value("catalogue"))
    kinds = _kinds(visit, shelf)
    pomost, language = visit.pomost, visit.language

    def work(report: Report) -> Result:
        products = drifts = 0
        for what in kinds:
            told = _part(report, language, what, kinds)
            for one in acting.compare(pomost, what, catalogue=shelf.name, report=told):
                products, drifts = max(products, one.products), drifts + len(one.drifts)
        said = f"{counted(language, 'stock.compared', products)} {counted(language, 'stock.differ', drifts)}"
        return Result(said, "/todo/drift" if drifts else "")

    visit.audit("stock.compare", shelf.name, what=", ".join(kinds))
    link = f"/stock?catalogue={quote(shelf.name)}"
    return start_act(
        visit, "stock.acts.compare", work, key=f"compare {shelf.name}", link=link, name=shelf.name
    )


def shelves(visit: Visit, only: str = "") -> list[Shelf]:
    """The catalogues of the configuration (``only``: the one with this name), read from the store alone."""
    pomost = visit.pomost
    store = pomost.store
    numbers = store.shelf.catalogues()
    looks = {look.source: look for look in store.looks.all()}

    def cursor(name: str) -> Json:
        return looks[name].cursor if name in looks else {}

    found = []
    for entry in pomost.config.catalogue:
        if only not in ("", entry.name):
            continue
        number = numbers.get(entry.name, 0)
        kinds: list[What] = [what for what in get_args(What) if getattr(entry, what)]
        counts = {what: store.shelf.count(number, what) for what in kinds}
        look = looks.get(f"{entry.name}.catalogue"[:40])
        found.append(
            Shelf(
                entry=entry,
                number=number,
                company=entry.company or pomost.config.company[0].code,
                count=next(iter(counts.values()), None) or store.shelf.count(number, "stock"),
                lines=tuple(
                    Line(what, count, cursor(compared_name(entry.name, what)))
                    for what, count in counts.items()
                ),
                listed=cursor(listed_name(entry.name)),
                questions=store.questions.count(number),
                note=look.note if look else "",
                looked_at=look.looked_at if look else None,
            )
        )
    return found


def chosen_shelf(found: Sequence[Shelf], name: str) -> Shelf | None:
    """The one with this name, else the first."""
    return next((one for one in found if one.name == name), found[0] if found else None)


def address_of(catalogue: str, line: ProductLine) -> str:
    """The page of a product."""
    return f"/stock/{quote(catalogue, safe='')}/{quote(line.item or line.sku or line.product_id)}"


def why_not(visit: Visit, figure: FigureLine) -> str:
    """Why a figure was not taken or is not sent, in words; empty where all is well."""
    if not figure.problem:
        return ""
    if figure.what == "price":
        said = reason_of_price(visit.language, figure.problem)
        if said != figure.problem:
            return said
    return one_text(visit.language, figure.problem)


def standing(figure: FigureLine) -> str:
    """How a figure stands: bad (not taken or withheld), warn (not sent yet, or drifted), good; carried by variants."""
    if figure.carried:
        return "carried"
    if figure.problem:
        return "problem"
    if figure.version > figure.done:
        return "unsent"
    if figure.seen_at is not None and figure.decided_at < figure.seen_at and figure.seen != figure.wanted:
        return "drift"
    return "shown"


def watcher_of(visit: Visit, name: str) -> CatalogueWatcher:
    """The keeper of a catalogue. Raises Missing."""
    found = next((one for one in visit.pomost.catalogues if one.catalogue == name), None)
    if found is None:
        raise visit.missing()
    return found


def _watched(visit: Visit, name: str) -> tuple[CatalogueWatcher, Shelf]:
    watcher = watcher_of(visit, name)
    return watcher, shelves(visit, name)[0]


def _kinds(visit: Visit, shelf: Shelf) -> list[What]:
    """Those that the form names, else all that the catalogue has."""
    asked = visit.value("what")
    return [line.what for line in shelf.lines if asked in ("", line.what)]


def _part(report: Report, language: str, what: What, kinds: Sequence[What]) -> Report:
    """Tells also which part of the act it is: each counts anew."""
    part = f"{words(language, f'stock.what.{what}')} ({kinds.index(what) + 1}/{len(kinds)})"
    return lambda done, total=0, said="": report(done, total, said or part)


def _pushed(language: str, done: Sequence[acting.Pushed]) -> str:
    said = [
        counted(language, "stock.pushed", sum(one.products for one in done)),
        counted(language, "stock.calls", sum(one.calls for one in done)),
    ]
    problems = sum(one.problems for one in done)
    if problems:
        said.append(counted(language, "stock.refused", problems))
    return " ".join(said)
