"""What holds a document in its place, what goods cost, and the prices of a level."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pomost.ledger.items import Price
from pomost.ports import NeedsPerson, Ties
from pomost.trade.between import UnitPrice
from tests.ledger.firm import Firm, goods

D = Decimal


def test_what_was_made_from_a_document_holds_it_until_it_is_cancelled(bare: Firm) -> None:
    bare.receive("pw", "5")
    ro = bare.issue("RO", "ro", goods("KUBEK-1", "3"))
    assert bare.ledger.ties("KUBKI", "ro") == Ties()

    wz = bare.convert("WZ", "wz", ro)
    assert bare.ledger.ties("KUBKI", "ro") == Ties((wz.id,))

    bare.ledger.cancel("KUBKI", "wz")
    assert bare.ledger.ties("KUBKI", "ro") == Ties()


def test_received_goods_that_left_hold_their_receipt(bare: Firm) -> None:
    bare.receive("pw", "5")
    assert bare.ledger.ties("KUBKI", "pw") == Ties()

    bare.issue("WZ", "wz", goods("KUBEK-1", "1"))
    assert bare.ledger.ties("KUBKI", "pw") == Ties((), goods_used=True)

    bare.ledger.cancel("KUBKI", "wz")
    assert bare.ledger.ties("KUBKI", "pw") == Ties()


def test_a_document_that_is_not_there_has_no_ties(bare: Firm) -> None:
    with pytest.raises(NeedsPerson) as refused:
        bare.ledger.ties("KUBKI", "nothing")

    assert refused.value.code == "ledger.unknown-document"


def test_goods_cost_what_is_in_stock_cost_on_average(bare: Firm) -> None:
    bare.receive("pw1", "2", "1.00")
    bare.receive("pw2", "1", "2.00")

    assert bare.ledger.unit_costs("KUBKI", "", ["KUBEK-1", "KUBEK-2", "X"]) == {"KUBEK-1": D("1.3333")}
    assert bare.ledger.unit_costs("KUBKI", "OTHER", ["KUBEK-1"]) == {}


def test_the_prices_of_a_level_are_those_of_the_cards_that_have_it(bare: Firm) -> None:
    bare.ledger.setup.put_items(
        "KUBKI", [{"sku": "KUBEK-1", "vat": "23", "prices": {"HURT": Price("net", "PLN", D("9.99"))}}]
    )

    assert bare.ledger.level_prices("KUBKI", "HURT", ["KUBEK-1", "KUBEK-2"]) == {
        "KUBEK-1": UnitPrice("net", "PLN", D("9.99"))
    }
    assert bare.ledger.level_prices("KUBKI", "DETAL", ["KUBEK-1"]) == {}
