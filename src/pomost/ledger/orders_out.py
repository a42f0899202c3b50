"""Order documents made in the ledger, as a source of orders: an RO entered here goes out to a channel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from pomost.ledger import schema
from pomost.ledger.change_numbers import settled
from pomost.ledger.reading import load, vat_of
from pomost.ledger.views import realisation
from pomost.ports import Json, NeedsPerson, Page, Seen
from pomost.sql import Database
from pomost.trade.documents import Document
from pomost.trade.order import Address, Delivery, Order, OrderLine, Party, Payment

PAGE = 100

_doc = schema.document


class LedgerOrders:
    """Implements ``OrderSource`` over the RO, ZS and ZK of a company, or of all when it is empty.

    Only what was made here is seen, not what came from a channel (``ORDER_SOURCE``). It is seen from its approval
    on, with status "approved" or, once cancelled, "Anulowane".
    """

    def __init__(self, database: Database, company: str = "") -> None:
        self._database = database
        self._company = company

    def look(self, cursor: Json) -> Iterator[Page]:
        """Orders changed since ``cursor``, by change number, 100 a page; each with its newest change only."""
        last = int(cursor.get("change", 0))
        while True:
            with self._database.reading() as connection:
                query = (
                    select(_doc.c.id, _doc.c.change)
                    .join(schema.company, schema.company.c.id == _doc.c.company_id)
                    .where(_doc.c.change > last, _doc.c.state != "bufor", settled(connection))
                    .order_by(_doc.c.change, _doc.c.id)
                    .limit(PAGE)
                )
                if self._company:
                    query = query.where(schema.company.c.code == self._company)
                rows = connection.execute(query).all()
                # a conversion of many orders gives them one number: a page must not end between them
                if len(rows) == PAGE:
                    rows = connection.execute(query.where(_doc.c.change <= rows[-1].change).limit(None)).all()
                documents = load(connection, [row.id for row in rows])
            if not rows:
                return
            last = rows[-1].change
            yield Page(tuple(_seen(document) for document in documents), {"change": last})
            if len(rows) < PAGE:
                return

    def read(self, external_id: str) -> Seen | None:
        if not external_id.isdecimal():
            return None
        with self._database.reading() as connection:
            found = load(connection, [int(external_id)])
            change = connection.execute(select(_doc.c.change).where(_doc.c.id == int(external_id))).scalar()
        if not found or not change or (self._company and found[0].company != self._company):
            return None
        return _seen(found[0])

    def parse(self, raw: Json) -> Order:
        """Raises NeedsPerson ``ledger.bad-order`` when ``raw`` is not what ``look`` gave."""
        try:
            return _order(raw)
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise NeedsPerson(
                "ledger.bad-order",
                f"The stored form of an order document can't be read ({type(error).__name__}).",
                "Read it from the ledger again.",
            ) from error


def _seen(document: Document) -> Seen:
    raw = _raw(document)
    return Seen(document.id, raw, _order(raw))


def _raw(document: Document) -> Json:
    """The document as JSON; numbers are text, so that no reader makes floats of them."""
    return {
        "id": document.id,
        "kind": document.kind,
        "number": document.number,
        "company": document.company,
        "warehouse": document.warehouse,
        "state": document.state,
        "realised": realisation(document),
        "issued_on": document.issued_on.isoformat(),
        "currency": document.currency,
        "basis": document.basis,
        "buyer": _raw_party(document.buyer),
        "recipient": _raw_party(document.recipient) if document.recipient else None,
        "payment_form": document.payment_form,
        "paid": str(document.paid),
        "notes": document.notes,
        "foreign_number": document.foreign_number,
        "attributes": dict(document.attributes),
        "lines": [
            {
                "id": line.id,
                "sku": line.sku,
                "name": line.name,
                "quantity": str(line.quantity),
                "price": str(line.price),
                "vat": line.vat.code,
                "unit": line.unit,
            }
            for line in document.lines
        ],
    }


def _raw_party(party: Party) -> Json:
    address = party.address
    return {
        "name": party.name,
        "company": party.company,
        "tax_id": party.tax_id,
        "email": party.email,
        "phone": party.phone,
        "street": address.street,
        "postcode": address.postcode,
        "city": address.city,
        "state": address.state,
        "country": address.country,
    }


def _order(raw: Json) -> Order:
    buyer = _party(raw["buyer"])
    day = datetime.combine(datetime.fromisoformat(raw["issued_on"]).date(), time(), UTC)
    confirmed = raw["state"] != "bufor"
    return Order(
        id=raw["id"],
        number=raw["number"],
        source="ledger",
        status="Anulowane" if raw["state"] == "cancelled" else raw["state"],
        confirmed=confirmed,
        placed_at=day,
        confirmed_at=day if confirmed else None,
        currency=raw["currency"],
        buyer=buyer,
        lines=tuple(
            OrderLine(
                id=line["id"],
                sku=line["sku"],
                name=line["name"],
                quantity=Decimal(line["quantity"]),
                price=Decimal(line["price"]),
                vat=vat_of(line["vat"]),
                unit=line["unit"],
                warehouse=raw["warehouse"],
            )
            for line in raw["lines"]
        ),
        basis=raw["basis"],
        delivery=Delivery(to=_party(raw["recipient"]) if raw["recipient"] else buyer),
        payment=Payment(method=raw["payment_form"], paid=Decimal(raw["paid"])),
        wants_invoice=bool(buyer.tax_id),
        comments=raw["notes"],
        external_id=raw["foreign_number"],
        extra={
            **raw["attributes"],
            "kind": raw["kind"],
            "company": raw["company"],
            "realised": raw["realised"],
        },
    )


def _party(raw: dict[str, Any]) -> Party:
    return Party(
        name=raw["name"],
        company=raw["company"],
        tax_id=raw["tax_id"],
        email=raw["email"],
        phone=raw["phone"],
        address=Address(raw["street"], raw["postcode"], raw["city"], raw["state"], raw["country"]),
    )
