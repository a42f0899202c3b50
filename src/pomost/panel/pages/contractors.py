"""Contractors of the ledger: the list, and one with its documents and its balance of payments."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from pomost.ledger.parts import open_payments
from pomost.ledger.reading import contractors as reading
from pomost.ledger.reading.documents import DocumentsAsked, list_documents
from pomost.ledger.reading.paging import Turn, id_of
from pomost.panel.formats import local
from pomost.panel.pages.lists import address, companies_of, neighbours, turn_of
from pomost.panel.pages.sheets import sheet_of
from pomost.panel.web import Reader

router = APIRouter()
_NEWEST = 20


@router.get("/contractors")
def contractors(
    visit: Reader, company: str = "", text: str = "", partly: int = 0, after: str = "", before: str = ""
) -> Response:
    """Contractors by code, as the filters in the address say."""
    filters = {"company": company, "text": text, "partly": 1 if partly else ""}
    ledger = visit.pomost.ledger
    page = ledger.ask(
        lambda connection: reading.list_contractors(
            connection, reading.ContractorsAsked(company, text, bool(partly)), turn_of(after, before)
        )
    )
    following, previous = neighbours("/contractors", filters, page)
    return visit.page(
        "contractors/list.html",
        active="contractors",
        found=page,
        filters=filters,
        partly=address("/contractors", {**filters, "partly": 1}),
        next=following,
        previous=previous,
        **companies_of(visit, company),
    )


@router.get("/contractors/sheet")
def sheet(visit: Reader, company: str = "", ending: str = "xlsx") -> Response:
    """All contractors of a company as a sheet that can be imported again."""
    return sheet_of(visit, "contractors", company, ending)


@router.get("/contractors/{id}")
def contractor(visit: Reader, id: str) -> Response:
    """One contractor."""
    contractor_id = id_of(id)
    if contractor_id is None:
        raise visit.missing()
    ledger = visit.pomost.ledger
    cards = ledger.ask(lambda connection: reading.contractors_of(connection, [contractor_id]))
    if not cards:
        raise visit.missing()
    account, open_now, newest = ledger.ask(
        lambda connection: (
            reading.account_of(connection, contractor_id),
            open_payments(connection, cards[0].company, contractor_id),
            list_documents(connection, DocumentsAsked(contractor=contractor_id), Turn(size=_NEWEST)),
        )
    )
    return visit.page(
        "contractors/contractor.html",
        active="contractors",
        card=cards[0],
        account=account,
        open_payments=open_now,
        newest=newest,
        today=local(visit.now()).date(),
        balanced=reading.BALANCED,
    )
