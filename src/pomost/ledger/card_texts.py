"""Item cards as channels know them: texts, pictures, attributes, weight, sizes, manufacturer, category and main item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, delete, insert, select, text, update

from pomost.batches import among
from pomost.ledger import schema
from pomost.ledger.change_numbers import next_change
from pomost.ledger.companies import Company
from pomost.ledger.items import put_items
from pomost.ledger.variants import lock_families, refused_parents
from pomost.ports import NeedsPerson
from pomost.trade.card import SIZES, Card
from pomost.trade.vat import VatRate

One = TypeVar("One")
_CHUNK = 500
_FINE = Decimal("0.0001")
LARGEST = Decimal(1_000_000)
"""Of a weight in kg and of a size in cm."""
_TEXTS = ("name", "description")

_item = schema.item
_text = schema.item_text
_picture = schema.item_picture
_attribute = schema.item_attribute


def cards(connection: Connection, company: Company, skus: Iterable[str]) -> dict[str, Card]:
    """See the port. What is empty on the card is None: nothing is said of it."""
    rows: dict[int, Any] = {}
    for some in _chunks(list(dict.fromkeys(skus))):
        query = select(_item).where(_item.c.company_id == company.id, _item.c.sku.in_(some))
        rows.update((row.id, row) for row in connection.execute(query))
    texts: dict[int, dict[tuple[str, str], str]] = {}
    pictures: dict[int, list[str]] = {}
    attributes: dict[int, dict[str, str]] = {}
    for ids in _chunks(list(rows)):
        for one in connection.execute(select(_text).where(_text.c.item_id.in_(ids))):
            texts.setdefault(one.item_id, {})[(one.field, one.language)] = one.text
        listed = select(_picture).where(_picture.c.item_id.in_(ids)).order_by(_picture.c.position)
        for one in connection.execute(listed):
            pictures.setdefault(one.item_id, []).append(one.address)
        for one in connection.execute(select(_attribute).where(_attribute.c.item_id.in_(ids))):
            attributes.setdefault(one.item_id, {})[one.name] = one.value
    return {
        row.sku: Card(
            row.sku,
            name=row.name,
            description=texts.get(number, {}).pop(("description", ""), None),
            ean=row.ean or None,
            unit=row.unit,
            vat=row.vat,
            weight=row.weight,
            height=row.height,
            width=row.width,
            length=row.length,
            manufacturer=row.manufacturer,
            category=row.category,
            pictures=tuple(pictures[number]) if number in pictures else None,
            attributes=attributes.get(number),
            texts=texts.get(number) or None,
            parent=row.parent,
        )
        for number, row in rows.items()
    }


def put_cards(connection: Connection, company: Company, given: Sequence[Card]) -> None:
    """Adds the cards, or changes of those that are there what is not None; nothing else of a card is written.

    ``pictures`` are replaced by those given, attributes and texts one by one; an attribute or text that is empty
    goes, and so does an empty ``parent``. Raises NeedsPerson ``ledger.bad-item``, ``ledger.bad-parent``.
    """
    parents = {card.sku.strip(): _clean(card.parent).strip() for card in given if card.parent is not None}
    if any(parents.values()):
        lock_families(connection, company)
    known = _ids(connection, company, [card.sku for card in given])
    new = {card.sku: card for card in given if card.sku not in known}
    if new:
        put_items(connection, company, [_as_item(card) for card in new.values()])
        known.update(_ids(connection, company, list(new)))
    for refused in refused_parents(connection, company, parents).values():
        raise refused
    change = next_change(connection)
    for card in given:
        number = known[card.sku.strip()]
        values = {"change": change, **_columns(card)}
        connection.execute(update(_item).where(_item.c.id == number).values(values))
        _put_texts(connection, number, card)
        if card.pictures is not None:
            connection.execute(delete(_picture).where(_picture.c.item_id == number))
            if card.pictures:
                addressed = [
                    {"item_id": number, "position": place, "address": _clean(address)}
                    for place, address in enumerate(card.pictures)
                ]
                connection.execute(insert(_picture), addressed)
        if card.attributes is not None:
            named = {
                key: _clean(value)
                for name, value in card.attributes.items()
                if (key := _clean(name)[:200].strip())
            }
            _replace(connection, _attribute, number, [{"name": name} for name in named])
            rows = [
                {"item_id": number, "name": name, "value": value} for name, value in named.items() if value
            ]
            if rows:
                connection.execute(insert(_attribute), rows)


def find_items(
    connection: Connection, company: Company, key: str, values: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """See the port."""
    found: dict[str, list[str]] = {}
    for some in _chunks([one for one in dict.fromkeys(values) if one]):
        if key in ("ean", "sku"):
            query = select(_item.c[key].label("value"), _item.c.sku).where(
                among(connection, _item.c[key], some)
            )
        else:
            query = (
                select(_attribute.c.value, _item.c.sku)
                .join(_item, _item.c.id == _attribute.c.item_id)
                .where(
                    _attribute.c.name == key,
                    among(connection, _attribute.c.value, some),
                    text("length(value) <= 100"),
                )
            )
        for row in connection.execute(query.where(_item.c.company_id == company.id).order_by(_item.c.sku)):
            found.setdefault(row.value, []).append(row.sku)
    return {value: tuple(skus) for value, skus in found.items()}


def _as_item(card: Card) -> dict[str, Any]:
    given = {name: getattr(card, name) for name in ("name", "ean", "unit", "vat")}
    return {"sku": card.sku, **{name: value for name, value in given.items() if value is not None}}


def _columns(card: Card) -> dict[str, Any]:
    """The columns of the item that the card says something of."""
    found: dict[str, Any] = {}
    for name in ("name", "unit", "ean", "manufacturer", "category"):
        value = getattr(card, name)
        if value is not None and (value or name not in ("name", "unit")):
            found[name] = _clean(value)
    try:
        if card.vat is not None:
            found["vat"] = VatRate.of(card.vat).code
    except ValueError as error:
        raise _bad_card(card.sku, f"its VAT rate is missing or wrong ({error})") from error
    for name in SIZES:
        size: Decimal | None = getattr(card, name)
        if size is None:
            continue
        if not (size.is_finite() and 0 <= size <= LARGEST):
            if name == "weight":
                raise _bad_card(card.sku, f"{size} is no weight in kg")
            raise _bad_card(card.sku, f"{size} is no size in cm")
        found[name] = size.quantize(_FINE, ROUND_HALF_UP)
    if card.parent is not None:
        found["parent"] = _clean(card.parent).strip() or None
    return found


def _put_texts(connection: Connection, number: int, card: Card) -> None:
    given: dict[tuple[str, str], str] = {}
    if card.description is not None:
        given[("description", "")] = card.description
    for (field, language), value in (card.texts or {}).items():
        if field in _TEXTS and (code := _clean(language)[:8]):
            given[(field, code)] = value
    _replace(connection, _text, number, [{"field": field, "language": language} for field, language in given])
    rows = [
        {"item_id": number, "field": field, "language": language, "text": _clean(value)}
        for (field, language), value in given.items()
        if value
    ]
    if rows:
        connection.execute(insert(_text), rows)


def _replace(connection: Connection, table: Table, number: int, keys: Sequence[Mapping[str, str]]) -> None:
    """Takes the rows with these keys away."""
    for key in keys:
        here = [table.c[name] == value for name, value in key.items()]
        connection.execute(delete(table).where(table.c.item_id == number, *here))


def _clean(value: str) -> str:
    """Without what PostgreSQL does not keep."""
    return value.replace("\x00", "")


def _bad_card(sku: str, why: str) -> NeedsPerson:
    return NeedsPerson("ledger.bad-item", f"Item {sku!r} can't be kept: {why}.", "Correct the card.")


def _ids(connection: Connection, company: Company, skus: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in _chunks(skus):
        query = select(_item.c.id, _item.c.sku).where(_item.c.company_id == company.id, _item.c.sku.in_(some))
        found.update((row.sku, row.id) for row in connection.execute(query))
    return found


def _chunks(values: Sequence[One]) -> Iterator[Sequence[One]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
