"""Documents of the ledger and the stock of an item."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from pomost.bootstrap import pdf_path
from pomost.ledger.reading import documents as reading
from pomost.ledger.reading.paging import Turn
from pomost.panel.api.access import Caller, Refusal, Scope, not_there
from pomost.panel.api.models import (
    Document,
    DocumentHead,
    DocumentLine,
    Documents,
    Stock,
    StockOf,
)
from pomost.papers import paper_of
from pomost.ports import NeedsPerson
from pomost.trade import documents as trade

router = APIRouter()
Reading = Annotated[Caller, Depends(Scope("read"))]
Company = Annotated[str, Query(max_length=40, description="Code of the company; empty: the first one.")]


@router.get("/documents", tags=["documents"])
def documents(
    caller: Reading,
    company: Annotated[str, Query(max_length=40, description="Code of the company; empty: all.")] = "",
    kind: Annotated[str, Query(max_length=10, description="FS, PA, WZ, RO ...")] = "",
    order: Annotated[str, Query(max_length=80, description="The number of an order.")] = "",
    number: Annotated[
        str, Query(max_length=80, description="The number of a document, or a part of it.")
    ] = "",
    state: Literal["", "bufor", "approved", "cancelled"] = "",
    first_day: Annotated[date | None, Query(description="Issued from this day on.")] = None,
    last_day: Annotated[date | None, Query(description="Issued up to this day.")] = None,
    after: Annotated[str, Query(max_length=80)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Documents:
    """A page of documents, newest first. Those of an order come all at once, in the order in which they were made."""
    code = _company(caller, company) if company else ""
    if order:
        rows = caller.pomost.ledger.ask(lambda connection: reading.of_order(connection, order))
        rows = tuple(
            one
            for one in rows
            if code in ("", one.company) and kind in ("", one.kind) and state in ("", one.state)
        )
        return Documents(documents=[DocumentHead(**_head(one)) for one in rows], following="", cut=False)
    asked = reading.DocumentsAsked(code, kind, state, "", first_day, last_day, number=number)
    page = caller.pomost.ledger.ask(
        lambda connection: reading.list_documents(connection, asked, Turn(after, size=limit))
    )
    return Documents(
        documents=[DocumentHead(**_head(one)) for one in page.rows], following=page.after, cut=page.cut
    )


@router.get("/documents/{document_id}", tags=["documents"])
def document(caller: Reading, document_id: int) -> Document:
    """One document with its lines."""
    row, one = _document(caller, document_id)
    return Document(
        **_head(row),
        sold_on=one.sold_on,
        tax=one.tax,
        buyer_name=one.buyer.company or one.buyer.name,
        buyer_tax_id=one.buyer.tax_id,
        lines=[
            DocumentLine(
                sku=line.sku,
                name=line.name,
                quantity=line.quantity,
                unit=line.unit,
                price=line.price,
                vat=line.vat.code,
                net=line.net,
                tax=line.tax,
                gross=line.gross,
            )
            for line in one.lines
        ],
        sources=list(one.sources),
    )


@router.get(
    "/documents/{document_id}/pdf",
    tags=["documents"],
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The document as it was given out."}},
)
def pdf(caller: Reading, document_id: int) -> Response:
    """The PDF that was kept when the document was made; where there is none, it is drawn now."""
    _, one = _document(caller, document_id)
    paper = paper_of(pdf_path(caller.pomost.config.data_dir, one), one, caller.pomost.render)
    return Response(paper.content, media_type="application/pdf")


@router.get("/stock", tags=["stock"])
def stock(
    caller: Reading, sku: Annotated[str, Query(min_length=1, max_length=200)], company: Company = ""
) -> Stock:
    """What the ledger has of an item, by warehouse."""
    code = _company(caller, company)
    if caller.pomost.ledger.unknown_items(code, [sku]):
        raise not_there()
    found = caller.pomost.ledger.stock(code, sku)
    return Stock(
        company=code,
        sku=sku,
        warehouses=[
            StockOf(warehouse=name, quantity=one.quantity, reserved=one.reserved, available=one.available)
            for name, one in found.items()
        ],
    )


def _company(caller: Caller, code: str) -> str:
    known = [one.code for one in caller.pomost.config.company]
    if code and code not in known:
        raise Refusal(
            404,
            NeedsPerson(
                "api.unknown-company", f'There is no company "{code}".', f"Companies: {', '.join(known)}."
            ),
        )
    return code or known[0]


def _document(caller: Caller, document_id: int) -> tuple[reading.DocumentRow, trade.Document]:
    ledger = caller.pomost.ledger
    if not 0 < document_id < 2**62:
        raise not_there()
    rows = ledger.ask(lambda connection: reading.rows_of(connection, [document_id]))
    found = ledger.read(rows[0].company, str(document_id)) if rows else None
    if found is None:
        raise not_there()
    return rows[0], found


def _head(one: reading.DocumentRow) -> dict[str, Any]:
    return {
        "id": one.id,
        "company": one.company,
        "kind": one.kind,
        "number": one.number,
        "state": one.state,
        "issued_on": one.issued_on,
        "due_on": one.due_on,
        "currency": one.currency,
        "net": one.net,
        "gross": one.gross,
        "paid": one.paid,
        "order": one.foreign_number,
        "warehouse": one.warehouse,
    }
