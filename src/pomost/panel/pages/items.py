"""Items of the ledger: the list, and one with its stock, lots, reservations, prices, kits and history."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from pomost.ledger.reading import items as reading
from pomost.ledger.reading.item_history import history as history_of
from pomost.ledger.reading.paging import id_of
from pomost.panel.pages.lists import address, companies_of, neighbours, turn_of
from pomost.panel.pages.sheets import sheet_of
from pomost.panel.web import Reader

router = APIRouter()


@router.get("/items")
def items(
    visit: Reader,
    company: str = "",
    kind: str = "",
    stock: str = "",
    text: str = "",
    partly: int = 0,
    after: str = "",
    before: str = "",
) -> Response:
    """Items by SKU, as the filters in the address say."""
    filters = {"company": company, "kind": kind, "stock": stock, "text": text, "partly": 1 if partly else ""}
    ledger = visit.pomost.ledger
    page = ledger.ask(
        lambda connection: reading.list_items(
            connection, reading.ItemsAsked(company, kind, stock, text, bool(partly)), turn_of(after, before)
        )
    )
    following, previous = neighbours("/items", filters, page)
    return visit.page(
        "items/list.html",
        active="items",
        found=page,
        filters=filters,
        partly=address("/items", {**filters, "partly": 1}),
        next=following,
        previous=previous,
        **companies_of(visit, company),
        kinds=[(one, visit.say(f"items.kind.{one}")) for one in reading.ITEM_KINDS],
        stocks=[(one, visit.say(f"items.stock.{one}")) for one in reading.STOCKS],
    )


@router.get("/items/sheet")
def sheet(visit: Reader, company: str = "", ending: str = "xlsx") -> Response:
    """All items of a company as a sheet that can be imported again."""
    return sheet_of(visit, "items", company, ending)


@router.get("/items/{id}")
def item(visit: Reader, id: str, after: str = "", before: str = "") -> Response:
    """One item; its history page by page."""
    item_id = id_of(id)
    if item_id is None:
        raise visit.missing()
    page, history = visit.pomost.ledger.ask(
        lambda connection: (
            reading.item_page(connection, item_id),
            history_of(connection, item_id, turn_of(after, before)),
        )
    )
    if page is None:
        raise visit.missing()
    following, previous = neighbours(f"/items/{item_id}", {}, history)
    return visit.page(
        "items/item.html",
        active="items",
        item=page,
        history=history,
        next=f"{following}#history" if following else "",
        previous=f"{previous}#history" if previous else "",
        most=reading.MOST,
    )
