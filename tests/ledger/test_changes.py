"""Approval, cancellation, deletion from bufor and amendment."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pomost.ledger.views import realisation
from pomost.ports import Waiting
from tests.ledger.firm import ANNA, FIRMA, Firm, mugs, shipping

D = Decimal


def test_approving_twice_is_approving_once(firm: Firm) -> None:
    firm.issue("WZ", "wz", mugs(4), approve=False)
    assert firm.stock() == (6, 0)

    first = firm.ledger.approve("KUBKI", "wz")
    second = firm.ledger.approve("KUBKI", "wz")

    assert (first.state, second) == ("approved", first)
    assert firm.stock() == (6, 0)


@pytest.mark.parametrize(("kind", "moves"), [("WZ", False), ("FS", True), ("PA", True)])
def test_goods_leave_with_a_document_in_bufor_and_come_back_when_it_is_deleted(
    firm: Firm, kind: str, moves: bool
) -> None:
    failure = firm.refused(
        "ledger.not-in-stock", lambda: firm.issue(kind, "1", mugs(11), moves_stock=moves, approve=False)
    )
    assert isinstance(failure, Waiting)
    firm.issue(kind, "1", mugs(4), moves_stock=moves, approve=False)
    assert (firm.stock(), firm.value()) == ((6, 0), D("33.00"))

    firm.ledger.delete("KUBKI", "1")

    assert (firm.stock(), firm.value()) == ((10, 0), D("55.00"))
    firm.issue(kind, "2", mugs(4), moves_stock=moves, approve=False)
    firm.ledger.cancel("KUBKI", "2")
    assert (firm.stock(), firm.value()) == ((10, 0), D("55.00"))


def test_goods_that_come_in_are_there_once_their_document_is_approved(firm: Firm) -> None:
    firm.issue("PZ", "pz", mugs(4), basis="net", approve=False)
    assert firm.stock() == (10, 0)

    firm.ledger.approve("KUBKI", "pz")

    assert firm.stock() == (14, 0)


def test_a_reservation_stays_with_a_document_in_bufor_that_is_deleted(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(4))
    firm.convert("WZ", "wz", order, approve=False)
    assert firm.stock() == (6, 0)

    firm.ledger.delete("KUBKI", "wz")

    assert firm.stock() == (10, 4)


def test_a_receipt_given_out_is_not_cancelled(firm: Firm) -> None:
    firm.issue("PA", "pa", mugs(1), moves_stock=True)

    firm.refused("ledger.fiscal", lambda: firm.ledger.cancel("KUBKI", "pa"))

    assert firm.stock() == (9, 0)


def test_cancelling_the_invoice_of_a_receipt_leaves_the_receipt_and_its_wz(firm: Firm) -> None:
    receipt = firm.issue("PA", "pa", mugs(2))
    firm.convert("WZ", "wz", receipt)
    firm.convert("FS", "fs", receipt)

    firm.ledger.cancel("KUBKI", "fs")

    states = {(kind, state) for _, kind, state in firm.ledger.count_documents()}
    assert states >= {("FS", "cancelled"), ("PA", "approved"), ("WZ", "approved")}
    assert firm.stock() == (8, 0)


def test_cancelling_an_invoice_leaves_the_wz_it_was_made_from(firm: Firm) -> None:
    issue = firm.issue("WZ", "wz", mugs(2))
    firm.convert("FS", "fs", issue)

    firm.ledger.cancel("KUBKI", "fs")

    assert (firm.again(issue).state, firm.stock()) == ("approved", (8, 0))


def test_a_wz_of_two_invoices_is_cancelled_before_either(firm: Firm) -> None:
    invoices = [firm.issue("FS", key, mugs(1), buyer=FIRMA) for key in ("fs1", "fs2")]
    firm.convert("WZ", "wz", *invoices)

    firm.refused("ledger.has-followers", lambda: firm.ledger.cancel("KUBKI", "fs1"))

    assert firm.stock() == (8, 0)


@pytest.mark.parametrize("kind", ["RO", "ZS", "ZK"])
def test_cancelling_an_order_releases_its_reservation(firm: Firm, kind: str) -> None:
    firm.issue(kind, "ro", mugs(4))

    cancelled = firm.ledger.cancel("KUBKI", "ro")

    assert cancelled.state == "cancelled"
    assert firm.stock() == (10, 0)
    assert firm.ledger.cancel("KUBKI", "ro") == cancelled
    firm.refused("ledger.state", lambda: firm.ledger.approve("KUBKI", "ro"))


def test_cancelling_an_issue_returns_the_goods_to_their_lots_and_the_reservation_to_its_order(
    firm: Firm,
) -> None:
    firm.receive("second", 5, "6.00")
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

    assert "FS/1/2026" in firm.refused("ledger.has-followers", lambda: firm.ledger.cancel("KUBKI", "ro")).text
    # the WZ of an invoice is cancelled with it
    for key in ("fs", "ro"):
        firm.ledger.cancel("KUBKI", key)

    assert firm.stock() == (10, 0)
    assert firm.ledger.count_documents() == {
        ("KUBKI", "FS", "cancelled"): 1,
        ("KUBKI", "PW", "approved"): 1,
        ("KUBKI", "RO", "cancelled"): 1,
        ("KUBKI", "WZ", "cancelled"): 1,
    }


def test_a_receipt_is_cancelled_while_its_goods_are_untouched(firm: Firm) -> None:
    firm.receive("more", 5, "6.00")
    firm.ledger.cancel("KUBKI", "more")
    assert (firm.stock(), firm.value()) == ((10, 0), D("55.00"))

    firm.issue("WZ", "wz", mugs(1))
    failure = firm.refused("ledger.goods-used", lambda: firm.ledger.cancel("KUBKI", "start"))

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
    firm.issue("RO", "ro", mugs(1), approve=False, attributes={"ORDER_SOURCE": "shop"})
    firm.issue("RO", "entered", mugs(1), approve=False)
    firm.issue("FS", "paid", mugs(1), approve=False, paid=D(5))

    firm.refused("ledger.not-in-bufor", lambda: firm.ledger.delete("KUBKI", "fs"))
    firm.refused("ledger.delete-imported", lambda: firm.ledger.delete("KUBKI", "ro"))
    firm.refused("ledger.has-payments", lambda: firm.ledger.delete("KUBKI", "paid"))
    firm.refused("ledger.unknown-document", lambda: firm.ledger.delete("KUBKI", "none"))
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


def test_an_amended_order_keeps_its_place_among_those_who_wait_for_goods(firm: Firm) -> None:
    first = firm.issue("RO", "first", mugs(7))
    second = firm.issue("RO", "second", mugs(7))

    amended = firm.ledger.amend("KUBKI", "first", firm.draft("RO", "first", mugs(9)))

    assert [line.id for line in amended.lines] == [line.id for line in first.lines]
    assert "available 1" in firm.refused("ledger.not-in-stock", lambda: firm.convert("WZ", "w2", second)).text
    firm.convert("WZ", "w1", first)
    assert firm.stock() == (1, 7)


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

    firm.refused(
        "ledger.has-followers", lambda: firm.ledger.amend("KUBKI", "ro", firm.draft("RO", "ro", mugs(1)))
    )
    firm.refused(
        "ledger.state", lambda: firm.ledger.amend("KUBKI", "gone", firm.draft("RO", "gone", mugs(1)))
    )
    firm.refused(
        "ledger.not-amendable", lambda: firm.ledger.amend("KUBKI", "fs", firm.draft("FS", "fs", mugs(1)))
    )
    firm.refused(
        "ledger.not-amendable", lambda: firm.ledger.amend("KUBKI", "ro", firm.draft("ZK", "ro", mugs(1)))
    )


def test_a_refused_amendment_changes_nothing(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(5))

    firm.refused(
        "ledger.unknown-item",
        lambda: firm.ledger.amend("KUBKI", "ro", firm.draft("RO", "ro", mugs(1, sku="X"))),
    )

    assert firm.again(order) == order
    assert firm.stock() == (10, 5)
    assert order.buyer == ANNA
