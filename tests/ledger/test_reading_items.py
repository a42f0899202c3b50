"""Items: the list, one with its shelves, lots, reservations and kits, and what happened to it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pomost.ledger.reading.item_history import Happened, history
from pomost.ledger.reading.items import (
    ItemPage,
    ItemsAsked,
    item_id_of,
    item_page,
    list_items,
)
from pomost.ledger.reading.paging import Page, Turn
from tests.ledger.firm import Firm, mugs

D = Decimal


@pytest.fixture
def shop(firm: Firm) -> Firm:
    """A firm with a kit of two white mugs and a black one, prices, and an EAN."""
    firm.ledger.setup.add_warehouse("KUBKI", "SKLEP", "Sklep")
    firm.ledger.setup.put_items(
        "KUBKI",
        [
            {
                "sku": "KUBEK-1",
                "name": "Kubek biały",
                "vat": "23",
                "ean": "5901234123457",
                "prices": {"detal": "19.99"},
            },
            {"sku": "ZESTAW", "name": "Zestaw", "vat": "23", "parts": {"KUBEK-1": 2, "KUBEK-2": 1}},
            {"sku": "ŻÓŁTY", "name": "Kubek żółty 100%", "vat": "23"},
        ],
    )
    return firm


def ask(firm: Firm, turn: Turn | None = None, scan: int = 40_000, **asked: Any) -> Page[Any]:
    with firm.ledger._transactions.reading() as connection:
        return list_items(connection, ItemsAsked(**asked), turn, scan)


def look(firm: Firm, sku: str, most: int = 100) -> ItemPage:
    with firm.ledger._transactions.reading() as connection:
        item_id = item_id_of(connection, "KUBKI", sku)
        assert item_id is not None
        found = item_page(connection, item_id, most)
    assert found is not None
    return found


def happened(firm: Firm, sku: str, turn: Turn | None = None) -> Page[Happened]:
    with firm.ledger._transactions.reading() as connection:
        item_id = item_id_of(connection, "KUBKI", sku)
        assert item_id is not None
        return history(connection, item_id, turn)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, ["DOSTAWA", "KUBEK-1", "KUBEK-2", "ZESTAW", "ŻÓŁTY"]),
        ({"kind": "service"}, ["DOSTAWA"]),
        ({"kind": "compound"}, ["ZESTAW"]),
        ({"stock": "in"}, ["KUBEK-1", "KUBEK-2"]),
        ({"stock": "short"}, []),
        ({"stock": "out", "kind": "goods"}, ["ŻÓŁTY"]),
        ({"text": "KUBEK-1"}, ["KUBEK-1"]),
        ({"text": "kubek-2"}, ["KUBEK-2"]),
        ({"text": "kubek", "partly": True}, ["KUBEK-1", "KUBEK-2", "ŻÓŁTY"]),
        ({"text": "5901234123457"}, ["KUBEK-1"]),
        ({"text": "kubek"}, ["KUBEK-1", "KUBEK-2", "ŻÓŁTY"]),
        ({"text": "ŻÓŁTY 100%"}, ["ŻÓŁTY"]),
        ({"text": "kubek", "stock": "out"}, ["ŻÓŁTY"]),
        ({"company": "KUBKI", "text": "%%"}, []),
        ({"company": "nobody"}, []),
        ({"text": "\0"}, ["DOSTAWA", "KUBEK-1", "KUBEK-2", "ZESTAW", "ŻÓŁTY"]),
        ({"text": "' OR 1=1 --"}, []),
    ],
    ids=str,
)
def test_items_are_found(shop: Firm, asked: dict[str, Any], wanted: list[str]) -> None:
    assert [row.sku for row in ask(shop, **asked).rows] == wanted


def test_pages_of_items_lead_there_and_back(shop: Firm) -> None:
    first = ask(shop, Turn(size=2))
    second = ask(shop, Turn(after=first.after, size=2))

    assert [row.sku for row in second.rows] == ["KUBEK-2", "ZESTAW"]
    assert ask(shop, Turn(before=second.before, size=2)).rows == first.rows
    assert first.count == 5


def test_a_row_adds_up_the_stock_of_all_warehouses(shop: Firm) -> None:
    shop.ledger.setup.receive("KUBKI", "SKLEP", {"KUBEK-1": (3, "6.00")}, "sklep")
    shop.issue("RO", "ro", mugs(4))

    row = ask(shop, text="KUBEK-1").rows[0]

    assert (row.quantity, row.reserved, row.available) == (13, 4, 9)


def test_one_item_shows_shelves_lots_prices_and_kits(shop: Firm) -> None:
    shop.receive("more", 5, "6.00")

    found = look(shop, "KUBEK-1")

    assert [(one.warehouse, one.quantity, one.reserved, one.value) for one in found.shelves] == [
        ("MAG", 15, 0, D("85.00")),
        ("SKLEP", 0, 0, 0),
    ]
    assert [(one.left, one.cost, one.kind) for one in found.lots] == [
        (10, D("5.50"), "PW"),
        (5, D("6.00"), "PW"),
    ]
    assert [(one.level, one.basis, one.currency, one.price) for one in found.prices] == [
        ("detal", "gross", "PLN", D("19.99"))
    ]
    assert [(one.sku, one.quantity) for one in found.inside] == [("ZESTAW", 2)]
    assert (found.parts, found.more_lots, found.more_held) == ((), False, False)


def test_reservations_say_which_orders_hold_the_goods(shop: Firm) -> None:
    first = shop.issue("RO", "a", mugs(4), foreign_number="1001")
    shop.issue("RO", "b", mugs(2), foreign_number="1002")
    shop.convert("WZ", "wz", first, lines=(mugs(1, source_line=first.lines[0].id),))

    found = look(shop, "KUBEK-1")

    assert [(one.foreign_number, one.quantity, one.open) for one in found.held] == [
        ("1001", 4, 3),
        ("1002", 2, 2),
    ]
    assert look(shop, "KUBEK-1", most=1).more_held
    assert len(look(shop, "KUBEK-1", most=1).held) == 1


def test_a_kit_is_as_many_as_its_parts_make(shop: Firm) -> None:
    shop.issue("RO", "ro", mugs(7))

    found = look(shop, "ZESTAW")

    assert [(one.sku, one.quantity) for one in found.parts] == [("KUBEK-1", 2), ("KUBEK-2", 1)]
    assert [(one.quantity, one.reserved, one.available) for one in found.shelves] == [(5, 4, 1), (0, 0, 0)]


def test_the_history_of_an_item_says_what_each_document_moved(shop: Firm) -> None:
    shop.receive("more", 5, "6.00")
    order = shop.issue("RO", "ro", mugs(3))
    shop.convert("WZ", "wz", order)
    shop.issue("WZ", "kit", mugs(2, sku="ZESTAW"))
    shop.issue("WZ", "gone", mugs(1))
    shop.ledger.cancel("KUBKI", "gone")

    found = happened(shop, "KUBEK-1").rows

    assert [(one.kind, one.sku, one.state, one.moved) for one in found] == [
        ("WZ", "KUBEK-1", "cancelled", 0),
        ("WZ", "ZESTAW", "approved", -4),
        ("WZ", "KUBEK-1", "approved", -3),
        ("RO", "KUBEK-1", "approved", 0),
        ("PW", "KUBEK-1", "approved", 5),
        ("PW", "KUBEK-1", "approved", 10),
    ]
    assert sum(one.moved for one in found) == shop.stock("KUBEK-1")[0]
    assert sum(one.value for one in found) == shop.value("KUBEK-1")


def test_the_history_comes_in_pages(shop: Firm) -> None:
    for n in range(5):
        shop.issue("RO", f"{n}", mugs(1))

    first = happened(shop, "KUBEK-1", Turn(size=2))
    second = happened(shop, "KUBEK-1", Turn(after=first.after, size=2))

    assert [one.number for one in (*first.rows, *second.rows)] == [f"RO/{n}/2026" for n in (5, 4, 3, 2)]
    assert happened(shop, "KUBEK-1", Turn(before=second.before, size=2)).rows == first.rows


def test_what_is_not_there_is_none(shop: Firm) -> None:
    with shop.ledger._transactions.reading() as connection:
        assert item_page(connection, 999) is None
        assert item_id_of(connection, "KUBKI", "none\0") is None
        assert history(connection, 999).rows == ()
