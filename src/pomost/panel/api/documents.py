"""Documents of the ledger and the stock of an item."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from pomost.bootstrap import pdf_path
from pomost.ledger import listing
from pomost.panel.api.access import Caller, Refusal, Scope, not_there
from pomost.panel.api.models import (
    Document,
    DocumentHead,
    DocumentLine,
    Documents,
    Stock,
    StockOf,
    Woken,
)
from pomost.ports import NeedsPerson
from pomost.trade import documents as trade

router = APIRouter()
Reading = Annotated[Caller, Depends(Scope("read"))]
Pushing = Annotated[Caller, Depends(Scope("stock"))]
Company = Annotated[str, Query(max_length=40, description="Code of the company; empty: the first one.")]


@router.get("/documents", tags=["documents"])
def documents(
    caller: Reading,
    company: Company = "",
    kind: Annotated[str, Query(max_length=10, description="FS, PA, WZ, RO ...")] = "",
    order: Annotated[str, Query(max_length=80, description="The number of an order.")] = "",
    before: Annotated[int | None, Query(ge=0, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Documents:
    """A page of documents, newest first."""
    code = _company(caller, company)
    found = caller.pomost.ledger.ask(
        lambda connection: listing.newest(connection, code, kind, order, before, limit + 1)
    )
    shown = found[:limit]
    following = int(shown[-1].id) if len(found) > limit else None
    return Documents(documents=[DocumentHead(**_head(one)) for one in shown], following=following)


@router.get("/documents/{document_id}", tags=["documents"])
def document(caller: Reading, document_id: int) -> Document:
    """One document with its lines."""
    one = _document(caller, document_id)
    return Document(
        **_head(one),
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
    one = _document(caller, document_id)
    path = pdf_path(caller.pomost.config.data_dir, one)
    content = path.read_bytes() if path.is_file() else b""
    if not content.startswith(b"%PDF-"):
        content = caller.pomost.render(one)
    return Response(content, media_type="application/pdf")


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


@router.post("/stock/push", tags=["stock"], status_code=202)
def push(caller: Pushing, catalogue: Annotated[str, Query(max_length=40)] = "") -> Woken:
    """Has catalogues (one, or all) reckon at once what changed and send it, without waiting for their turn."""
    found = [one for one in caller.pomost.catalogues if catalogue in ("", one.catalogue)]
    if catalogue and not found:
        raise not_there()
    for one in found:
        one.nudge()
    caller.audit("stock.push", catalogue or ", ".join(one.catalogue for one in found))
    return Woken(catalogues=[one.catalogue for one in found])


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


def _document(caller: Caller, document_id: int) -> trade.Document:
    if not 0 < document_id < 2**62:
        raise not_there()
    found = caller.pomost.ledger.ask(lambda connection: listing.with_id(connection, document_id))
    if found is None:
        raise not_there()
    return found


def _head(one: trade.Document) -> dict[str, Any]:
    return {
        "id": one.id,
        "company": one.company,
        "kind": one.kind,
        "number": one.number,
        "state": one.state,
        "issued_on": one.issued_on,
        "sold_on": one.sold_on,
        "due_on": one.due_on,
        "currency": one.currency,
        "net": one.net,
        "tax": one.tax,
        "gross": one.gross,
        "paid": one.paid,
        "order": one.foreign_number,
        "warehouse": one.warehouse,
    }
