"""Approval, cancellation, deletion from bufor and amendment."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pomost.ledger.views import realisation
from pomost.ports import Waiting
from tests.ledger.firm import ANNA, FIRMA, Firm, mugs, refused, shipping

D = Decimal


def test_approving_twice_is_approving_once(firm: Firm) -> None:
    firm.issue("WZ", "wz", mugs(4), approve=False)

    first = firm.ledger.approve("KUBKI", "wz")
    second = firm.ledger.approve("KUBKI", "wz")

    assert (first.state, second) == ("approved", first)
    assert firm.stock() == (6, 0)


def test_approving_waits_for_goods(firm: Firm) -> None:
    made = firm.issue("WZ", "wz", mugs(11), approve=False)

    failure = refused("ledger.not-in-stock", lambda: firm.ledger.approve("KUBKI", "wz"))

    assert isinstance(failure, Waiting)
    assert firm.again(made).state == "bufor"
    firm.receive("more", KUBEK_1=1)
    assert firm.ledger.approve("KUBKI", "wz").number == made.number


@pytest.mark.parametrize("kind", ["RO", "ZS", "ZK"])
def test_cancelling_an_order_releases_its_reservation(firm: Firm, kind: str) -> None:
    firm.issue(kind, "ro", mugs(4))

    cancelled = firm.ledger.cancel("KUBKI", "ro")

    assert cancelled.state == "cancelled"
    assert firm.stock() == (10, 0)
    assert firm.ledger.cancel("KUBKI", "ro") == cancelled
    refused("ledger.state", lambda: firm.ledger.approve("KUBKI", "ro"))


def test_cancelling_an_issue_returns_the_goods_to_their_lots_and_the_reservation_to_its_order(
    firm: Firm,
) -> None:
    firm.receive("second", KUBEK_1=5)
    order = firm.issue("RO", "ro", mugs(12))
    firm.convert("WZ", "wz", order)
    assert (firm.stock(), firm.value()) == ((3, 0), D("18.00"))

    firm.ledger.cancel("KUBKI", "wz")

    assert (firm.stock(), firm.value()) == ((15, 12), D("85.00"))
    assert realisation(firm.again(order)) == "none"
    firm.convert("FS", "fs", order, moves_stock=True)
    assert (firm.stock(), firm.value()) == ((3, 0), D("18.00"))


def test_a_document_with_followers_is_cancelled_after_them(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(2))
    invoice = firm.convert("FS", "fs", order)
    firm.convert("WZ", "wz", invoice)

    assert "WZ/1/2026" in refused("ledger.has-followers", lambda: firm.ledger.cancel("KUBKI", "fs")).text
    refused("ledger.has-followers", lambda: firm.ledger.cancel("KUBKI", "ro"))
    for key in ("wz", "fs", "ro"):
        firm.ledger.cancel("KUBKI", key)

    assert firm.stock() == (10, 0)
    assert firm.ledger.count_documents() == {
        ("KUBKI", "FS", "cancelled"): 1,
        ("KUBKI", "PW", "approved"): 1,
        ("KUBKI", "RO", "cancelled"): 1,
        ("KUBKI", "WZ", "cancelled"): 1,
    }


def test_a_receipt_is_cancelled_while_its_goods_are_untouched(firm: Firm) -> None:
    firm.receive("more", KUBEK_1=5)
    firm.ledger.cancel("KUBKI", "more")
    assert (firm.stock(), firm.value()) == ((10, 0), D("55.00"))

    firm.issue("WZ", "wz", mugs(1))
    failure = refused("ledger.goods-used", lambda: firm.ledger.cancel("KUBKI", "start"))

    assert "1 of 10 received pieces of KUBEK-1" in failure.text


def test_a_document_deleted_from_bufor_leaves_its_number_to_the_next(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(3))
    firm.convert("FS", "fs1", order, approve=False)
    second = firm.issue("FS", "fs2", mugs(1))

    firm.ledger.delete("KUBKI", "fs1")

    assert firm.ledger.find("KUBKI", "fs1") is None
    assert realisation(firm.again(order)) == "none"
    numbers = [
        second.number,
        *(firm.convert("FS", "fs1", order).number, firm.issue("FS", "fs3", mugs(1)).number),
    ]
    assert numbers == ["FS/2/2026", "FS/1/2026", "FS/3/2026"]


def test_a_deleted_document_leaves_its_id_to_nobody(firm: Firm) -> None:
    deleted = firm.issue("FS", "fs1", mugs(1), approve=False)
    firm.ledger.delete("KUBKI", "fs1")

    assert firm.issue("FS", "fs2", mugs(1)).id != deleted.id


def test_what_is_not_in_bufor_or_came_from_outside_is_not_deleted(firm: Firm) -> None:
    firm.issue("FS", "fs", mugs(1))
    firm.issue("RO", "ro", mugs(1), approve=False)
    firm.ledger.enter(firm.draft("RO", "entered", mugs(1), approve=False))
    firm.issue("FS", "paid", mugs(1), approve=False, paid=D(5))

    refused("ledger.not-in-bufor", lambda: firm.ledger.delete("KUBKI", "fs"))
    refused("ledger.delete-imported", lambda: firm.ledger.delete("KUBKI", "ro"))
    refused("ledger.has-payments", lambda: firm.ledger.delete("KUBKI", "paid"))
    refused("ledger.unknown-document", lambda: firm.ledger.delete("KUBKI", "none"))
    firm.ledger.delete("KUBKI", "entered")


def test_amending_an_order_replaces_its_lines_and_its_reservation(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(5), paid=D("10.00"), payment_form="karta")

    amended = firm.ledger.amend(
        "KUBKI",
        "ro",
        firm.draft("RO", "ro", mugs(2), mugs(1, sku="KUBEK-2"), shipping(), buyer=FIRMA, notes="Nowe"),
    )

    assert (amended.id, amended.number, amended.key, amended.paid) == (
        order.id,
        order.number,
        "ro",
        D("10.00"),
    )
    assert (amended.buyer, amended.notes) == (FIRMA, "Nowe")
    assert [(line.sku, line.quantity) for line in amended.lines] == [
        ("KUBEK-1", 2),
        ("KUBEK-2", 1),
        ("DOSTAWA", 1),
    ]
    assert (firm.stock("KUBEK-1"), firm.stock("KUBEK-2")) == ((10, 2), (10, 1))


def test_an_order_in_bufor_is_amended_without_reserving(firm: Firm) -> None:
    firm.issue("RO", "ro", mugs(5), approve=False)

    firm.ledger.amend("KUBKI", "ro", firm.draft("RO", "ro", mugs(2)))
    assert firm.stock() == (10, 0)
    firm.ledger.approve("KUBKI", "ro")

    assert firm.stock() == (10, 2)


def test_an_order_whose_invoice_was_cancelled_can_be_amended(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(5))
    firm.convert("FS", "fs", order, moves_stock=True)
    firm.ledger.cancel("KUBKI", "fs")

    amended = firm.ledger.amend("KUBKI", "ro", firm.draft("RO", "ro", mugs(2)))
    invoice = firm.convert("FS", "fs2", amended, moves_stock=True)

    assert invoice.lines[0].quantity == 2
    assert firm.stock() == (8, 0)


def test_what_is_realised_cancelled_or_no_order_is_not_amended(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(5))
    firm.convert("FS", "fs", order)
    firm.issue("RO", "gone", mugs(1))
    firm.ledger.cancel("KUBKI", "gone")

    refused("ledger.has-followers", lambda: firm.ledger.amend("KUBKI", "ro", firm.draft("RO", "ro", mugs(1))))
    refused("ledger.state", lambda: firm.ledger.amend("KUBKI", "gone", firm.draft("RO", "gone", mugs(1))))
    refused("ledger.not-amendable", lambda: firm.ledger.amend("KUBKI", "fs", firm.draft("FS", "fs", mugs(1))))
    refused("ledger.not-amendable", lambda: firm.ledger.amend("KUBKI", "ro", firm.draft("ZK", "ro", mugs(1))))


def test_a_refused_amendment_changes_nothing(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(5))

    refused(
        "ledger.unknown-item",
        lambda: firm.ledger.amend("KUBKI", "ro", firm.draft("RO", "ro", mugs(1, sku="X"))),
    )

    assert firm.again(order) == order
    assert firm.stock() == (10, 5)
    assert order.buyer == ANNA
