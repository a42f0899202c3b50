"""Main items, variants and sizes in the ledger."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pomost.ledger import Ledger, card_texts
from pomost.ports import NeedsPerson
from pomost.trade.card import Card
from tests.ledger.firm import Firm
from tests.ledger.test_races import at_once

SIZES: dict[str, Decimal] = {
    "height": Decimal("12.5"),
    "width": Decimal("8.25"),
    "length": Decimal("0.0001"),
}


def parent_of(ledger: Ledger, sku: str) -> str | None:
    return ledger.cards("KUBKI", [sku])[sku].parent


def test_sizes_and_the_main_item_are_read_as_they_were_put(firm: Firm) -> None:
    firm.ledger.put_cards(
        "KUBKI",
        [
            Card("KUBEK-S", name="Mały", vat="23", unit="kpl", parent="KUBEK", **SIZES),
            Card("KUBEK", name="Kubek", vat="23"),
        ],
    )

    found = firm.ledger.cards("KUBKI", ["KUBEK-S"])["KUBEK-S"]
    assert {name: getattr(found, name) for name in SIZES} == SIZES
    assert (found.parent, found.unit) == ("KUBEK", "kpl")
    assert firm.ledger.variants("KUBKI", ["KUBEK", "KUBEK-S"]) == {"KUBEK": ("KUBEK-S",)}


def test_what_is_not_given_stays_and_an_empty_main_item_is_taken_off(firm: Firm) -> None:
    firm.ledger.put_cards("KUBKI", [Card("KUBEK-2", parent="KUBEK-1", **SIZES)])

    firm.ledger.put_cards("KUBKI", [Card("KUBEK-2", name="Inny")])
    assert parent_of(firm.ledger, "KUBEK-2") == "KUBEK-1"
    firm.ledger.setup.put_items("KUBKI", [{"sku": "KUBEK-2", "name": "Inny", "vat": "23"}])
    assert parent_of(firm.ledger, "KUBEK-2") == "KUBEK-1"

    firm.ledger.put_cards("KUBKI", [Card("KUBEK-2", parent="")])
    assert parent_of(firm.ledger, "KUBEK-2") is None
    assert firm.ledger.cards("KUBKI", ["KUBEK-2"])["KUBEK-2"].height == SIZES["height"]


def test_a_main_item_of_another_company_is_none(firm: Firm) -> None:
    firm.ledger.setup.add_company("INNA", "Inna sp. z o.o.", "5261040828")
    firm.ledger.setup.put_items("INNA", [{"sku": "TALERZ", "name": "Talerz", "vat": "23"}])

    with pytest.raises(NeedsPerson) as refused:
        firm.ledger.put_cards("KUBKI", [Card("KUBEK-1", parent="TALERZ")])

    assert refused.value.code == "ledger.bad-parent"
    assert "company KUBKI has no such item" in refused.value.text


@pytest.mark.parametrize(
    ("cards", "said"),
    [
        ([Card("KUBEK-1", parent="KUBEK-1")], "of itself"),
        ([Card("KUBEK-1", parent="KUBEK-2")], "which is a variant itself"),
        ([Card("DOSTAWA", parent="KUBEK-1")], "it has variants of its own"),
        ([Card("KUBEK-1", parent="\x00 ' OR 1=1")], "has no such item"),
        ([Card("NOWY", vat="23", parent="KUBEK-2")], "which is a variant itself"),
        ([Card("KUBEK-1", parent="NOWY"), Card("NOWY", vat="23", parent="KUBEK-1")], "is a variant itself"),
    ],
)
def test_a_variant_of_what_can_be_no_main_item_is_refused_and_nothing_changes(
    firm: Firm, cards: list[Card], said: str
) -> None:
    firm.ledger.put_cards("KUBKI", [Card("KUBEK-3", name="Trzeci", vat="23", parent="DOSTAWA")])
    firm.ledger.put_cards("KUBKI", [Card("GRUPA", vat="23"), Card("KUBEK-2", parent="GRUPA")])

    with pytest.raises(NeedsPerson) as refused:
        firm.ledger.put_cards("KUBKI", [Card("KUBEK-3", name="Zmieniony"), *cards])

    assert refused.value.code == "ledger.bad-parent"
    assert said in refused.value.text
    assert firm.ledger.cards("KUBKI", ["KUBEK-3"])["KUBEK-3"].name == "Trzeci"


@pytest.mark.parametrize("field", ["height", "width", "length"])
@pytest.mark.parametrize("size", ["-1", "NaN", "Infinity", "1e30", "1000001"])
def test_a_size_that_is_none_is_refused(firm: Firm, field: str, size: str) -> None:
    with pytest.raises(NeedsPerson) as refused:
        firm.ledger.put_cards("KUBKI", [Card("KUBEK-1", **{field: Decimal(size)})])  # type: ignore[arg-type]

    assert (refused.value.code, "is no size in cm" in refused.value.text) == ("ledger.bad-item", True)


def chained_at_once(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Two writers, each of whom would make the other one's item a chain of two; they meet after each has looked."""
    firm.ledger.put_cards("KUBKI", [Card("NOWY", vat="23")])
    meeting, look = threading.Barrier(2), card_texts.refused_parents

    def look_and_meet(*arguments: Any) -> Any:
        found = look(*arguments)
        try:
            meeting.wait(1)
        except threading.BrokenBarrierError:
            return found
        return found

    def put(sku: str, parent: str) -> Callable[[], object]:
        return lambda: firm.ledger.put_cards("KUBKI", [Card(sku, parent=parent)])

    monkeypatch.setattr(card_texts, "refused_parents", look_and_meet)
    at_once(put("KUBEK-1", "KUBEK-2"), put("KUBEK-2", "NOWY"))
    return [parent_of(firm.ledger, sku) for sku in ("KUBEK-1", "KUBEK-2")]


def test_two_writers_at_once_make_no_chain(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    assert chained_at_once(firm, monkeypatch) in ([None, "NOWY"], ["KUBEK-2", None])


def test_without_the_lock_they_would(firm: Firm, monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    """The detector is proved; SQLite has one writer at a time anyway."""
    if database_url.startswith("sqlite"):
        pytest.skip("one writer at a time")
    monkeypatch.setattr(card_texts, "lock_families", lambda *_: None)

    assert chained_at_once(firm, monkeypatch) == ["KUBEK-2", "NOWY"]
