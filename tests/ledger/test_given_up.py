"""Sales whose goods another company issues: what their order reserved is given up, and comes back when they are undone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.ledger.firm import Firm, mugs, shipping

D = Decimal


@pytest.mark.parametrize("kind", ["FS", "PA"])
def test_the_order_holds_nothing_any_more_and_no_goods_leave(firm: Firm, kind: str) -> None:
    order = firm.issue("RO", "ro", mugs(3), mugs(2, sku="KUBEK-2"), shipping())
    assert (firm.stock(), firm.stock("KUBEK-2")) == ((10, 3), (10, 2))

    sale = firm.convert(kind, "sale", order, issued_by="HURT")

    assert (firm.stock(), firm.stock("KUBEK-2")) == ((10, 0), (10, 0))
    assert [line.realised for line in firm.again(order).lines] == [3, 2, 1]
    firm.refused("ledger.stock-already-moved", lambda: firm.convert("WZ", "wz", sale))
    firm.refused("ledger.has-followers", lambda: firm.ledger.cancel("KUBKI", "ro"))


def test_without_another_company_the_goods_stay_reserved_until_the_wz(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(3))

    sale = firm.convert("FS", "sale", order)

    assert firm.stock() == (10, 3)
    firm.convert("WZ", "wz", sale)
    assert firm.stock() == (7, 0)


def test_a_part_gives_up_its_part(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(3))
    one = (mugs(1, source_line=order.lines[0].id),)

    firm.convert("FS", "first", order, lines=one, issued_by="HURT")
    assert firm.stock() == (10, 2)
    firm.convert("FS", "second", order, issued_by="HURT")
    assert firm.stock() == (10, 0)

    firm.ledger.cancel("KUBKI", "first")
    assert firm.stock() == (10, 1)


@pytest.mark.parametrize("approve", [True, False], ids=["approved", "bufor"])
def test_undone_the_goods_are_reserved_again_once(firm: Firm, approve: bool) -> None:
    order = firm.issue("RO", "ro", mugs(3))
    firm.convert("FS", "sale", order, issued_by="HURT", approve=approve)
    assert firm.stock() == (10, 0)

    for _ in range(2):
        firm.ledger.cancel("KUBKI", "sale")
    assert firm.stock() == (10, 3)

    # and nothing is left behind when the order goes as well
    firm.ledger.cancel("KUBKI", "ro")
    assert firm.stock() == (10, 0)


def test_deleted_from_bufor_the_goods_are_reserved_again(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(3))
    firm.convert("FS", "sale", order, issued_by="HURT", approve=False)

    firm.ledger.delete("KUBKI", "sale")

    assert firm.stock() == (10, 3)


def test_of_a_kit_each_part_is_given_up_and_reserved_again(firm: Firm) -> None:
    firm.ledger.setup.put_item("KUBKI", "ZESTAW", "Zestaw", "23", parts={"KUBEK-1": D(2), "KUBEK-2": D(1)})
    order = firm.issue("RO", "ro", mugs(2, sku="ZESTAW"))
    assert (firm.stock(), firm.stock("KUBEK-2")) == ((10, 4), (10, 2))

    firm.convert("FS", "sale", order, issued_by="HURT")
    assert (firm.stock(), firm.stock("KUBEK-2")) == ((10, 0), (10, 0))

    # the kit is another since: what comes back is what was given up
    firm.ledger.setup.put_item("KUBKI", "ZESTAW", "Zestaw", "23", parts={"KUBEK-1": D(1), "KUBEK-2": D(1)})
    firm.ledger.cancel("KUBKI", "sale")
    assert (firm.stock(), firm.stock("KUBEK-2")) == ((10, 4), (10, 2))


def test_a_sale_without_an_order_has_nothing_to_give_up(firm: Firm) -> None:
    firm.issue("FS", "sale", mugs(3), issued_by="HURT")
    assert firm.stock() == (10, 0)
    firm.ledger.cancel("KUBKI", "sale")
    assert firm.stock() == (10, 0)
