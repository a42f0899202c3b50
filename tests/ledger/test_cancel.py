"""Cancelling: what was kept is released, what left comes back to its lots, and nothing comes back twice."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pomost.ports import NeedsPerson
from tests.ledger.firm import Firm, goods

D = Decimal


def test_an_order_cancelled_in_bufor_keeps_nothing(bare: Firm) -> None:
    bare.receive("pw", "5")
    bare.issue("RO", "ro", goods("KUBEK-1", "2"), approve=False)
    assert bare.ledger.cancel("KUBKI", "ro").state == "cancelled"
    assert bare.ledger.cancel("KUBKI", "ro").state == "cancelled"
    assert bare.stock("KUBEK-1") == (D(5), D(0))
    with pytest.raises(NeedsPerson) as refused:
        bare.ledger.approve("KUBKI", "ro")
    assert refused.value.code == "ledger.state"


def test_goods_come_back_to_the_lots_they_left_and_are_kept_again(bare: Firm) -> None:
    bare.receive("pw1", "2", "1.00")
    bare.receive("pw2", "5", "9.00")
    ro = bare.issue("RO", "ro", goods("KUBEK-1", "3"))
    bare.convert("WZ", "wz", ro)
    assert (bare.lots(), bare.stock("KUBEK-1")) == ([D(0), D(4)], (D(4), D(0)))
    bare.ledger.cancel("KUBKI", "wz")
    assert (bare.lots(), bare.stock("KUBEK-1"), bare.realised(ro)) == ([D(2), D(5)], (D(7), D(3)), [D(0)])
    again = bare.convert("WZ", "wz-again", ro)
    assert (bare.cost(again), bare.stock("KUBEK-1")) == ([D("11.00")], (D(4), D(0)))


def test_a_part_that_comes_back_is_kept_beside_the_rest(bare: Firm) -> None:
    bare.receive("pw", "9")
    ro = bare.issue("RO", "ro", goods("KUBEK-1", "5"))
    for key, quantity in (("wz1", "1"), ("wz2", "2")):
        bare.convert("WZ", key, ro, lines=(goods("KUBEK-1", quantity, source_line=ro.lines[0].id),))
    bare.ledger.cancel("KUBKI", "wz1")
    assert (bare.stock("KUBEK-1"), bare.realised(ro)) == ((D(7), D(3)), [D(2)])


def test_cancelling_a_document_that_moved_nothing_itself_moves_nothing(bare: Firm) -> None:
    bare.receive("pw", "5")
    mover = bare.issue("WZ", "first", goods("KUBEK-1", "2"))
    bare.convert("FS", "then", mover)
    assert bare.stock("KUBEK-1") == (D(3), D(0))
    bare.ledger.cancel("KUBKI", "then")
    assert (bare.stock("KUBEK-1"), bare.lots()) == ((D(3), D(0)), [D(3)])
    bare.ledger.cancel("KUBKI", "first")
    assert (bare.stock("KUBEK-1"), bare.lots()) == ((D(5), D(0)), [D(5)])


def test_an_fz_that_brought_its_goods_itself_gets_no_pz(bare: Firm) -> None:
    fz = bare.issue("FZ", "fz", goods("KUBEK-1", "5"), moves_stock=True)
    with pytest.raises(NeedsPerson) as refused:
        bare.convert("PZ", "pz", fz)
    assert refused.value.code == "ledger.stock-already-moved"
    assert (bare.stock("KUBEK-1"), bare.lots()) == ((D(5), D(0)), [D(5)])


def test_a_chain_is_cancelled_from_its_end(bare: Firm) -> None:
    bare.receive("pw", "5")
    ro = bare.issue("RO", "ro", goods("KUBEK-1", "2"))
    fs = bare.convert("FS", "fs", ro)
    wz = bare.convert("WZ", "wz", fs)
    assert wz.sources == (fs.id,)
    with pytest.raises(NeedsPerson, match=fs.number) as refused:
        bare.ledger.cancel("KUBKI", "ro")
    assert refused.value.code == "ledger.has-followers"
    for key in ("wz", "fs"):
        bare.ledger.cancel("KUBKI", key)
        assert bare.stock("KUBEK-1") == (D(5), D(2))
    bare.ledger.cancel("KUBKI", "ro")
    assert bare.stock("KUBEK-1") == (D(5), D(0))


def test_goods_received_are_taken_back_unless_some_were_issued(bare: Firm) -> None:
    bare.receive("pw1", "5")
    bare.receive("pw2", "3")
    bare.issue("RW", "rw", goods("KUBEK-1", "1"))
    with pytest.raises(NeedsPerson) as refused:
        bare.ledger.cancel("KUBKI", "pw1")
    assert refused.value.code == "ledger.goods-used"
    bare.ledger.cancel("KUBKI", "pw2")
    assert (bare.stock("KUBEK-1"), bare.lots()) == ((D(4), D(0)), [D(4), D(0)])


def test_what_was_never_made_is_not_cancelled(bare: Firm) -> None:
    with pytest.raises(NeedsPerson) as refused:
        bare.ledger.cancel("KUBKI", "nothing")
    assert refused.value.code == "ledger.unknown-document"
