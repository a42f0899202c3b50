"""What can be asked of the ledger: stock, documents, counts, totals, and what waiting orders wait for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import BigInteger, Connection, cast, func, select, type_coerce

from pomost.ledger import schema
from pomost.ledger.companies import Company, find_company
from pomost.ledger.conversion import number_of
from pomost.ledger.items import Item, Items
from pomost.ledger.needs import StockNeed, read_stock_need
from pomost.ledger.reading import load
from pomost.ledger.stock import open_shelf
from pomost.trade.documents import KINDS, Document

ZERO = Decimal(0)
_CHUNK = 500

_doc = schema.document
_stock = schema.stock
_item = schema.item
_warehouse = schema.warehouse
_company = schema.company


@dataclass(frozen=True, slots=True)
class Stock:
    """An item in one warehouse. ``available`` is below 0 when more is reserved than there is. ``value`` is in PLN."""

    quantity: Decimal
    reserved: Decimal
    value: Decimal

    @property
    def available(self) -> Decimal:
        return self.quantity - self.reserved


@dataclass(frozen=True, slots=True)
class Total:
    """Documents in force of one company, kind and currency."""

    company: str
    kind: str
    currency: str
    count: int
    net: Decimal
    tax: Decimal
    gross: Decimal
    paid: Decimal


def stock_of(connection: Connection, company_code: str, sku: str) -> dict[str, Stock]:
    """By warehouse, for each warehouse of the company."""
    company = find_company(connection, company_code)
    rows = connection.execute(
        select(_warehouse.c.code, _stock.c.quantity, _stock.c.reserved, _stock.c.value)
        .select_from(_warehouse)
        .outerjoin(_item, (_item.c.company_id == _warehouse.c.company_id) & (_item.c.sku == sku))
        .outerjoin(_stock, (_stock.c.warehouse_id == _warehouse.c.id) & (_stock.c.item_id == _item.c.id))
        .where(_warehouse.c.company_id == company.id)
        .order_by(_warehouse.c.id)
    )
    return {row.code: Stock(row.quantity or ZERO, row.reserved or ZERO, row.value or ZERO) for row in rows}


def unit_costs(
    connection: Connection, company: Company, warehouse: str, skus: Iterable[str]
) -> dict[str, Decimal]:
    """What one piece in stock cost on average, net, in PLN, to 0.0001; nothing for what is not in stock."""
    query = (
        select(_item.c.sku, _stock.c.quantity, _stock.c.value)
        .join(_item, _item.c.id == _stock.c.item_id)
        .join(_warehouse, _warehouse.c.id == _stock.c.warehouse_id)
        .where(_item.c.company_id == company.id, _item.c.sku.in_(set(skus)))
    )
    if warehouse:
        query = query.where(_warehouse.c.code == warehouse)
    held: dict[str, tuple[Decimal, Decimal]] = {}
    for row in connection.execute(query):
        quantity, value = held.get(row.sku, (ZERO, ZERO))
        held[row.sku] = (quantity + row.quantity, value + row.value)
    return {
        sku: (value / quantity).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        for sku, (quantity, value) in held.items()
        if quantity > 0
    }


def documents(
    connection: Connection,
    company: str = "",
    kind: str = "",
    foreign_number: str = "",
    key_prefix: str = "",
) -> list[Document]:
    """In the order they were made."""
    query = select(_doc.c.id).order_by(_doc.c.id)
    if company:
        query = query.where(_doc.c.company_id == find_company(connection, company).id)
    if kind:
        query = query.where(_doc.c.kind == kind)
    if foreign_number:
        query = query.where(_doc.c.foreign_number == foreign_number)
    if key_prefix:
        query = query.where(_doc.c.key.startswith(key_prefix, autoescape=True))
    return load(connection, connection.execute(query).scalars().all())


def count_documents(connection: Connection) -> dict[tuple[str, str, str], int]:
    """(company, kind, state) -> how many."""
    rows = connection.execute(
        select(_company.c.code, _doc.c.kind, _doc.c.state, func.count().label("n"))
        .join(_doc, _doc.c.company_id == _company.c.id)
        .group_by(_company.c.code, _doc.c.kind, _doc.c.state)
        .order_by(_company.c.code, _doc.c.kind, _doc.c.state)
    )
    return {(row.code, row.kind, row.state): row.n for row in rows}


def totals(connection: Connection) -> list[Total]:
    """Sums of approved documents, by company, kind and currency."""

    def amount(name: str) -> object:
        column = _doc.c[name]
        # PostgreSQL sums bigint to numeric
        return type_coerce(cast(func.sum(column), BigInteger), column.type).label(name)

    rows = connection.execute(
        select(
            _company.c.code,
            _doc.c.kind,
            _doc.c.currency,
            func.count().label("n"),
            *(amount(name) for name in ("net", "tax", "gross", "paid")),
        )
        .join(_doc, _doc.c.company_id == _company.c.id)
        .where(_doc.c.state == "approved")
        .group_by(_company.c.code, _doc.c.kind, _doc.c.currency)
        .order_by(_company.c.code, _doc.c.kind, _doc.c.currency)
    )
    return [
        Total(row.code, row.kind, row.currency, row.n, row.net, row.tax, row.gross, row.paid) for row in rows
    ]


def orders(connection: Connection, company: str = "") -> list[Document]:
    """Approved order documents of which something is not realised yet."""
    query = (
        select(_doc.c.id).where(_doc.c.state == "approved", _doc.c.kind.in_(ORDER_KINDS)).order_by(_doc.c.id)
    )
    if company:
        query = query.where(_doc.c.company_id == find_company(connection, company).id)
    found = load(connection, connection.execute(query).scalars().all())
    return [document for document in found if realisation(document) != "full"]


ORDER_KINDS = tuple(symbol for symbol, kind in KINDS.items() if kind.reserves)


def realisation(document: Document) -> str:
    """ "none", "partial" or "full": how far documents made from this one have taken it over."""
    if not any(line.realised for line in document.lines):
        return "none"
    return "full" if all(line.realised >= line.quantity for line in document.lines) else "partial"


def line_attributes(connection: Connection, document_id: str) -> dict[str, dict[str, str]]:
    """Line id -> its attributes, for the lines that have any."""
    line = schema.line
    rows = connection.execute(
        select(line.c.id, line.c.attributes).where(
            line.c.document_id == number_of(document_id), line.c.attributes != "{}"
        )
    )
    return {str(row.id): json.loads(row.attributes) for row in rows}


def present(connection: Connection, items: Items, company: Company, needs: Iterable[str]) -> frozenset[str]:
    """Those of ``needs`` ("item:SKU", "stock:..." as ``needs.StockNeed`` writes it) that are satisfied now.

    Goods that others reserved do not count, those that the waiting document's own order holds do.
    """
    wanted = set(needs)
    stock = {text: need for text in wanted if (need := read_stock_need(text))}
    skus = {text: text.removeprefix("item:") for text in wanted if text.startswith("item:")}
    cards = items.look_up(connection, company, {*skus.values(), *(need.sku for need in stock.values())})
    found = {text for text, sku in skus.items() if sku in cards}
    warehouses = {
        row.code: row.id
        for row in connection.execute(
            select(_warehouse.c.code, _warehouse.c.id).where(_warehouse.c.company_id == company.id)
        )
    }
    by_place: dict[int, list[tuple[str, StockNeed, Item]]] = {}
    for text, need in stock.items():
        card, place = cards.get(need.sku), warehouses.get(need.warehouse)
        if card is not None and card.parts and place is not None:
            by_place.setdefault(place, []).append((text, need, card))
    for place, asked in by_place.items():
        for start in range(0, len(asked), _CHUNK):
            found |= _in_stock(connection, company, place, asked[start : start + _CHUNK])
    return frozenset(found)


def _in_stock(
    connection: Connection, company: Company, place: int, asked: Sequence[tuple[str, StockNeed, Item]]
) -> set[str]:
    shelf = open_shelf(
        connection,
        company,
        place,
        (part for _, _, card in asked for part, _ in card.parts),
        (need.reserved_line for _, need, _ in asked if need.reserved_line is not None),
        only_look=True,
    )
    found = set()
    for text, need, card in asked:
        possible = shelf.possible(card, need.reserved_line)
        if possible > 0 and (need.quantity is None or possible >= need.quantity):
            found.add(text)
    return found
