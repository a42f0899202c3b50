"""What holds a document in its place, what goods cost, and the prices of a level."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pomost.ledger.items import Price
from pomost.ports import NeedsPerson, Ties
from pomost.trade.between import UnitPrice
from tests.ledger.books import Books, goods

D = Decimal


def test_what_was_made_from_a_document_holds_it_until_it_is_cancelled(books: Books) -> None:
    books.receive("pw", "A", "5")
    ro = books.issue("RO", "ro", goods("A", "3"))
    assert books.ledger.ties("main", "ro") == Ties()

    wz = books.issue("WZ", "wz", of=ro)
    assert books.ledger.ties("main", "ro") == Ties((wz.id,))

    books.ledger.cancel("main", "wz")
    assert books.ledger.ties("main", "ro") == Ties()


def test_received_goods_that_left_hold_their_receipt(books: Books) -> None:
    books.receive("pw", "A", "5")
    assert books.ledger.ties("main", "pw") == Ties()

    books.issue("WZ", "wz", goods("A", "1"))
    assert books.ledger.ties("main", "pw") == Ties((), goods_used=True)

    books.ledger.cancel("main", "wz")
    assert books.ledger.ties("main", "pw") == Ties()


def test_a_document_that_is_not_there_has_no_ties(books: Books) -> None:
    with pytest.raises(NeedsPerson) as refused:
        books.ledger.ties("main", "nothing")

    assert refused.value.code == "ledger.unknown-document"


def test_goods_cost_what_is_in_stock_cost_on_average(books: Books) -> None:
    books.receive("pw1", "A", "2", "1.00")
    books.receive("pw2", "A", "1", "2.00")

    assert books.ledger.unit_costs("main", "", ["A", "B", "X"]) == {"A": D("1.3333")}
    assert books.ledger.unit_costs("main", "OTHER", ["A"]) == {}


def test_the_prices_of_a_level_are_those_of_the_cards_that_have_it(books: Books) -> None:
    books.ledger.setup.put_items(
        "main", [{"sku": "A", "vat": "23", "prices": {"HURT": Price("net", "PLN", D("9.99"))}}]
    )

    assert books.ledger.level_prices("main", "HURT", ["A", "B"]) == {"A": UnitPrice("net", "PLN", D("9.99"))}
    assert books.ledger.level_prices("main", "DETAL", ["A"]) == {}
