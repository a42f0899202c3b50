"""Item cards: which product is which item, what would be made, and what was not taken."""

from __future__ import annotations

from itertools import islice
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from pomost.panel.pages.stock import chosen_shelf, shelves, watcher_of
from pomost.panel.web import Operator, Reader
from pomost.ports import Failure
from pomost.showing.acting import make_cards_due
from pomost.showing.cards import ignore_product, link_product, missing_products
from pomost.store.products import ProductLine
from pomost.store.questions import Question

router = APIRouter()
_QUESTIONS = 100
_PAGE = 50
_PREVIEW = 50
"""Items without a product that are shown; more are not looked for."""


@router.get("/stock/questions")
def questions(visit: Reader, catalogue: str = "") -> Response:
    """Products of which it is not clear which item they are."""
    store = visit.pomost.store
    found = shelves(visit)
    chosen = chosen_shelf(found, catalogue)
    asked: list[tuple[Question, ProductLine | None]] = []
    if chosen is not None:
        opened = store.questions.open(chosen.number, _QUESTIONS)
        known = store.products.with_ids(chosen.number, [one.product_id for one in opened])
        by_id = {line.product_id: line for line in known}
        asked = [(one, by_id.get(one.product_id)) for one in opened]
    return visit.page(
        "stock/questions.html", active="stock", tab="questions", shelves=found, chosen=chosen, asked=asked
    )


@router.post("/stock/questions")
def answer(visit: Operator) -> Response:
    """What a person decides of a product: it is this item, or it is left alone. It stays so."""
    name, product, sku = visit.value("catalogue"), visit.value("product"), visit.value("sku")
    watcher = watcher_of(visit, name)
    back = f"/stock/questions?catalogue={quote(name)}"
    links = visit.value("answer") == "link"
    if links and not sku:
        return visit.refused("cards.no-sku", to=back)
    try:
        if links:
            link_product(visit.pomost, watcher.prepared(), product, sku, visit.who)
        else:
            ignore_product(visit.pomost, watcher.prepared(), product, visit.who)
    except Failure as failure:
        return visit.refused(failure, to=back)
    visit.audit("card.link" if links else "card.ignore", f"{name} {product}", sku=sku if links else "")
    watcher.nudge()
    if links:
        return visit.done("cards.is-item", to=back, product=product, sku=sku)
    return visit.done("cards.left-alone", to=back, product=product)


@router.get("/stock/creations")
def creations(visit: Reader, catalogue: str = "", after: str = "") -> Response:
    """Products that are to be made or were, and a preview of those that would be."""
    store = visit.pomost.store
    found = shelves(visit)
    chosen = chosen_shelf(found, catalogue)
    births = store.shelf.births(chosen.number, after, _PAGE + 1) if chosen is not None else []
    following = ""
    if chosen is not None and len(births) > _PAGE:
        asked = {"catalogue": chosen.name, "after": births[_PAGE - 1].item}
        following = f"/stock/creations?{urlencode(asked)}"
    would: list[str] = []
    fault: Failure | None = None
    if chosen is not None and chosen.entry.cards is not None:
        try:
            keeper = watcher_of(visit, chosen.name).prepared().cards
            would = list(islice(missing_products(keeper), _PREVIEW)) if keeper is not None else []
        except Failure as failure:
            fault = failure
    return visit.page(
        "stock/creations.html",
        active="stock",
        tab="creations",
        shelves=found,
        chosen=chosen,
        births=births[:_PAGE],
        following=following,
        would=would,
        most=_PREVIEW,
        fault=fault,
    )


@router.get("/stock/cards")
def problems(visit: Reader, catalogue: str = "", after: int = 0) -> Response:
    """Cards and products that the other side did not take."""
    store = visit.pomost.store
    found = shelves(visit)
    chosen = chosen_shelf(found, catalogue)
    rows = store.shelf.card_problems(chosen.number, after, _PAGE + 1) if chosen is not None else []
    births = store.births.problems(chosen.number, _PAGE) if chosen is not None and not after else []
    following = ""
    if chosen is not None and len(rows) > _PAGE:
        asked = {"catalogue": chosen.name, "after": rows[_PAGE - 1].number}
        following = f"/stock/cards?{urlencode(asked)}"
    return visit.page(
        "stock/cards.html",
        active="stock",
        tab="cards",
        shelves=found,
        chosen=chosen,
        rows=rows[:_PAGE],
        births=births,
        following=following,
    )


@router.post("/stock/cards/again")
def again(visit: Operator) -> Response:
    """Looks at the card of an item again, or at all cards of a catalogue; the keeper of the catalogue sends them."""
    name, sku = visit.value("catalogue"), visit.value("sku")
    watcher = watcher_of(visit, name)
    back = f"/stock/cards?catalogue={quote(name)}"
    try:
        due = make_cards_due(visit.pomost, watcher.prepared(), sku)
    except Failure as failure:
        return visit.refused(failure, to=back)
    visit.audit("card.again", f"{name} {sku}".strip())
    watcher.nudge()
    return visit.done("cards.due", to=back, count=due)
