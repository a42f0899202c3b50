"""Many cards, prices and quantities of one company at once, looked at and changed within one transaction.

For imports and exports: what is decided by what is there is decided by what is there when it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

from sqlalchemy import Connection, func, select, update

from pomost.batches import among, insert_rows
from pomost.ledger import card_texts, documents, items, schema, variants
from pomost.ledger.cards import Cards
from pomost.ledger.catalogue import prices as prices_of
from pomost.ledger.companies import Company
from pomost.ledger.contractors import ONE_OFF
from pomost.ports import NeedsPerson
from pomost.sql import insert_unless_there
from pomost.trade.between import UnitPrice
from pomost.trade.card import Card
from pomost.trade.documents import Document, Draft

One = TypeVar("One")
ZERO = Decimal(0)
_CHUNK = 500
_STREAMED = 5_000
_item, _stock, _lot, _contractor = schema.item, schema.stock, schema.lot, schema.contractor
CONTRACTOR_FIELDS = ("code", "name", "tax_id", "email", "phone", "street", "postcode", "city", "country")


@dataclass(frozen=True, slots=True)
class CardFacts:
    """An item card; ``vat`` is the code of its rate. ``parent``: the main item of a variant, or empty."""

    id: int
    sku: str
    name: str
    kind: str
    unit: str
    vat: str
    ean: str
    weight: Decimal | None = None
    height: Decimal | None = None
    width: Decimal | None = None
    length: Decimal | None = None
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """Items that all of this is true of; ``skus``: these and no others.

    ``name``: a part of it, whatever the case; ``category``: this path and those below; ``attribute``: name and value.
    ``everything``: nothing else need be said.
    """

    skus: tuple[str, ...] | None = None
    name: str = ""
    category: str = ""
    manufacturer: str = ""
    kind: str = ""
    attribute: tuple[str, str] | None = None
    everything: bool = False

    @property
    def has_filter(self) -> bool:
        return bool(self.name or self.category or self.manufacturer or self.kind or self.attribute)

    @property
    def is_empty(self) -> bool:
        """Whether it is not said which items are meant."""
        return not (self.skus is not None or self.has_filter or self.everything)


@dataclass(frozen=True, slots=True)
class Chosen:
    """An item of a selection."""

    sku: str
    name: str
    unit: str
    vat: str
    ean: str
    manufacturer: str | None
    category: str | None
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class StockFacts:
    """Of an item in a warehouse. ``there``: the warehouse ever had it."""

    quantity: Decimal = ZERO
    reserved: Decimal = ZERO
    value: Decimal = ZERO
    there: bool = False

    @property
    def unit_cost(self) -> Decimal:
        """What one piece cost on average, to 0.0001; 0 for what is not in stock."""
        if self.quantity <= 0:
            return ZERO
        return (self.value / self.quantity).quantize(Decimal("0.0001"), ROUND_HALF_UP)


class Bulk:
    """One company within one transaction; given by ``Ledger.look_at`` and ``Ledger.change_many``."""

    def __init__(self, connection: Connection, cards: Cards, company: Company, at: datetime) -> None:
        self._connection = connection
        self._cards = cards
        self.company = company
        self.at = at

    # what there is

    def warehouses(self) -> tuple[str, ...]:
        """Codes, the company's default one first."""
        return tuple(self._cards.warehouses.of(self._connection, self.company))

    def vat_rates(self) -> frozenset[str]:
        """Codes of the rates that any card has."""
        query = select(_item.c.vat).where(_item.c.company_id == self.company.id).distinct()
        return frozenset(self._connection.execute(query).scalars())

    def levels(self) -> frozenset[str]:
        """Price levels that any card has."""
        price = schema.price
        query = select(price.c.level).join(_item, _item.c.id == price.c.item_id)
        query = query.where(_item.c.company_id == self.company.id).distinct()
        return frozenset(self._connection.execute(query).scalars())

    def cards(self, skus: Iterable[str], *, lock: bool = False) -> dict[str, CardFacts]:
        """Those that exist. ``lock``: nobody else changes them until the transaction ends."""
        found = {}
        for some in _chunks(sorted(set(skus))):
            query = select(_item).where(_item.c.company_id == self.company.id, _item.c.sku.in_(some))
            if lock:
                query = query.order_by(_item.c.sku).with_for_update(key_share=True)
            for row in self._connection.execute(query):
                found[row.sku] = _card(row)
        return found

    def chosen(self, selection: Selection) -> list[Chosen]:
        """The items of a selection by SKU."""
        columns = (
            _item.c[name]
            for name in ("sku", "name", "unit", "vat", "ean", "manufacturer", "category", "parent")
        )
        query = select(*columns).where(_item.c.company_id == self.company.id).order_by(_item.c.sku)
        if selection.kind:
            query = query.where(_item.c.kind == selection.kind)
        if selection.manufacturer:
            query = query.where(_item.c.manufacturer == selection.manufacturer)
        if selection.category:
            below = _item.c.category.startswith(f"{selection.category}/", autoescape=True)
            query = query.where((_item.c.category == selection.category) | below)
        if selection.attribute is not None:
            own, (name, value) = schema.item_attribute, selection.attribute
            has = select(own.c.item_id).where(own.c.item_id == _item.c.id, own.c.name == name)
            query = query.where(has.where(own.c.value == value).exists())
        if selection.skus is not None:
            query = query.where(among(self._connection, _item.c.sku, selection.skus))
        # databases know upper and lower case of Polish letters each in its own way, or not at all
        part = selection.name.casefold()
        return [Chosen(*row) for row in self._streamed(query) if part in row.name.casefold()]

    def full_cards(self, skus: Iterable[str]) -> Mapping[str, Card]:
        """See ``card_texts.cards``."""
        return card_texts.cards(self._connection, self.company, skus)

    def refused_parents(self, asked: Mapping[str, str], new: Iterable[str] = ()) -> Mapping[str, NeedsPerson]:
        """See ``variants.refused_parents``."""
        return variants.refused_parents(self._connection, self.company, asked, new)

    def prices(self, skus: Iterable[str]) -> Mapping[str, Mapping[str, UnitPrice]]:
        """SKU -> level -> price."""
        return prices_of(self._connection, self.company, skus)

    def contractors(self) -> Iterator[dict[str, str]]:
        """The fields of all cards by code, without the one for buyers who have none."""
        table = _contractor
        query = select(*(table.c[name] for name in CONTRACTOR_FIELDS)).where(
            table.c.company_id == self.company.id, table.c.code != ONE_OFF
        )
        for row in self._streamed(query.order_by(table.c.code)):
            yield dict(row._mapping)

    def contractors_like(self, codes: Iterable[str], tax_ids: Iterable[str]) -> list[dict[str, str]]:
        """The fields of the cards that have one of the codes or tax numbers."""
        found: dict[str, dict[str, str]] = {}
        for column, wanted in ((_contractor.c.code, codes), (_contractor.c.tax_id, tax_ids)):
            for some in _chunks(sorted({one for one in wanted if one})):
                query = select(*(_contractor.c[name] for name in CONTRACTOR_FIELDS)).where(
                    _contractor.c.company_id == self.company.id, column.in_(some)
                )
                found.update((row.code, dict(row._mapping)) for row in self._connection.execute(query))
        return list(found.values())

    def stock(
        self, cards: Mapping[str, CardFacts], pairs: Iterable[tuple[str, str]]
    ) -> dict[tuple[str, str], StockFacts]:
        """(SKU, warehouse) -> what is there, for cards that exist; those without a row are left out."""
        skus = {cards[sku].id: sku for sku, _ in pairs if sku in cards}
        codes = {one.id: one.code for one in self._warehouses().values()}
        found: dict[tuple[str, str], StockFacts] = {}
        for some in _chunks(sorted(skus)):
            query = select(_stock).where(_stock.c.item_id.in_(some), _stock.c.warehouse_id.in_(list(codes)))
            for row in self._connection.execute(query):
                found[skus[row.item_id], codes[row.warehouse_id]] = StockFacts(
                    row.quantity, row.reserved, row.value, True
                )
        return found

    def last_costs(self, cards: Mapping[str, CardFacts], skus: Iterable[str]) -> dict[str, Decimal]:
        """Net cost of one of the goods that came in last, of those in stock or else of all; none that cost nothing."""
        wanted = {cards[sku].id: sku for sku in skus if sku in cards}
        places = [one.id for one in self._warehouses().values()]
        known = select(func.max(_lot.c.id)).where(_lot.c.warehouse_id.in_(places), _lot.c.cost > 0)
        found: dict[str, Decimal] = {}
        for some in _chunks(sorted(wanted)):
            newest = known.where(_lot.c.item_id.in_(some), _lot.c.left != 0).group_by(_lot.c.item_id)
            self._costs(newest, wanted, found)
        if len(found) < len(wanted):
            # lots that are used up have no index by item: one look through all of them
            self._costs(known.group_by(_lot.c.item_id), wanted, found)
        return found

    def documents_under(self, prefix: str) -> list[tuple[str, str, str]]:
        """(key, number, state) of the documents whose key begins so."""
        table = schema.document
        query = select(table.c.key, table.c.number, table.c.state).where(
            table.c.company_id == self.company.id, table.c.key.startswith(prefix, autoescape=True)
        )
        return [
            (row.key, row.number, row.state) for row in self._connection.execute(query.order_by(table.c.id))
        ]

    # all of it, row by row, for an export

    def all_cards(self) -> Iterator[CardFacts]:
        """By SKU."""
        query = select(_item).where(_item.c.company_id == self.company.id).order_by(_item.c.sku)
        for row in self._streamed(query):
            yield _card(row)

    def all_prices(self) -> Iterator[tuple[str, str, UnitPrice]]:
        """(SKU, level, price) by SKU and level."""
        price = schema.price
        query = select(_item.c.sku, price.c.level, price.c.basis, price.c.currency, price.c.price)
        query = query.join(price, price.c.item_id == _item.c.id).where(_item.c.company_id == self.company.id)
        for row in self._streamed(query.order_by(_item.c.sku, price.c.level)):
            yield row.sku, row.level, UnitPrice(row.basis, row.currency, row.price)

    def all_stock(self) -> Iterator[tuple[str, str, StockFacts]]:
        """(SKU, warehouse, what is there) by SKU and warehouse."""
        warehouse = schema.warehouse
        query = (
            select(_item.c.sku, warehouse.c.code, _stock.c.quantity, _stock.c.reserved, _stock.c.value)
            .join(_item, _item.c.id == _stock.c.item_id)
            .join(warehouse, warehouse.c.id == _stock.c.warehouse_id)
            .where(_item.c.company_id == self.company.id)
            .order_by(_item.c.sku, warehouse.c.code)
        )
        for row in self._streamed(query):
            yield row.sku, row.code, StockFacts(row.quantity, row.reserved, row.value, True)

    # changing it

    def put_items(self, cards: Sequence[Mapping[str, Any]]) -> None:
        """See ``items.put_items``."""
        for start in range(0, len(cards), 10_000):
            items.put_items(self._connection, self.company, cards[start : start + 10_000])

    def put_cards(self, cards: Sequence[Card]) -> None:
        """See ``card_texts.put_cards``."""
        if cards:
            card_texts.put_cards(self._connection, self.company, cards)

    def put_contractors(self, rows: Sequence[Mapping[str, str]]) -> None:
        """New cards, or changed ones by their code; a row has all of ``CONTRACTOR_FIELDS``."""
        codes = [row["code"] for row in rows]
        known: set[str] = set()
        for some in _chunks(sorted(codes)):
            query = select(_contractor.c.code).where(
                _contractor.c.company_id == self.company.id, _contractor.c.code.in_(some)
            )
            known.update(self._connection.execute(query).scalars())
        owner = {"company_id": self.company.id}
        insert_rows(
            self._connection, _contractor, [{**owner, **row} for row in rows if row["code"] not in known]
        )
        for row in rows:
            if row["code"] in known:
                where = (_contractor.c.company_id == self.company.id) & (_contractor.c.code == row["code"])
                self._connection.execute(update(_contractor).where(where).values(**row))

    def alone(self) -> None:
        """Until the transaction ends nobody else does many things at once in this company.

        Locks on cards would not do: those that are not there yet can't be locked, and what another one makes meanwhile
        would be overwritten with what was not known when this one looked.
        """
        query = select(schema.company.c.id).where(schema.company.c.id == self.company.id)
        self._connection.execute(query.with_for_update(key_share=True))

    def lock_stock(self, cards: Mapping[str, CardFacts], pairs: Iterable[tuple[str, str]]) -> None:
        """Until the transaction ends nobody else moves these goods: also not what the warehouse never had so far."""
        places = self._warehouses()
        keys = sorted({(cards[sku].id, places[code].id) for sku, code in pairs})
        empty = {"quantity": ZERO, "reserved": ZERO, "value": ZERO}
        rows = [{"item_id": item_id, "warehouse_id": place, **empty} for item_id, place in keys]
        if rows:
            self._connection.execute(insert_unless_there(self._connection, _stock), rows)
        warehouse_ids = sorted({place for _, place in keys})
        for some in _chunks(sorted({item_id for item_id, _ in keys})):
            query = select(_stock.c.item_id).where(
                _stock.c.item_id.in_(some), _stock.c.warehouse_id.in_(warehouse_ids)
            )
            query = query.order_by(_stock.c.item_id, _stock.c.warehouse_id).with_for_update()
            self._connection.execute(query).all()

    def issue(self, draft: Draft) -> Document:
        """See ``documents.issue``: a PW or an RW within this transaction."""
        return documents.issue(self._connection, self._cards, draft, self.at)

    def _warehouses(self) -> Mapping[str, Any]:
        return self._cards.warehouses.of(self._connection, self.company)

    def _costs(self, newest: Any, wanted: Mapping[int, str], found: dict[str, Decimal]) -> None:
        query = select(_lot.c.item_id, _lot.c.cost).where(_lot.c.id.in_(newest))
        for row in self._streamed(query):
            if row.item_id in wanted:
                found.setdefault(wanted[row.item_id], row.cost)

    def _streamed(self, query: Any) -> Iterator[Any]:
        return iter(self._connection.execute(query.execution_options(yield_per=_STREAMED)))


def _card(row: Any) -> CardFacts:
    sizes = (row.weight, row.height, row.width, row.length)
    return CardFacts(
        row.id, row.sku, row.name, row.kind, row.unit, row.vat, row.ean, *sizes, row.parent or ""
    )


def _chunks(values: Sequence[One]) -> Iterator[Sequence[One]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
