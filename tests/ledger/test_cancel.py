"""Cancelling: what was kept is released, what left comes back to its lots, and nothing comes back twice."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pomost.ports import NeedsPerson
from tests.ledger.books import Books, goods

D = Decimal


@pytest.mark.parametrize("approve", [True, False], ids=["approved", "in bufor"])
def test_a_cancelled_order_keeps_nothing(books: Books, approve: bool) -> None:
    books.receive("pw", "A", "5")
    books.issue("RO", "ro", goods("A", "2"), approve=approve)
    assert books.ledger.cancel("main", "ro").state == "cancelled"
    assert books.ledger.cancel("main", "ro").state == "cancelled"
    assert books.level("A") == (D(5), D(0))
    with pytest.raises(NeedsPerson) as refused:
        books.ledger.approve("main", "ro")
    assert refused.value.code == "ledger.state"


def test_goods_come_back_to_the_lots_they_left_and_are_kept_again(books: Books) -> None:
    books.receive("pw1", "A", "2", "1.00")
    books.receive("pw2", "A", "5", "9.00")
    ro = books.issue("RO", "ro", goods("A", "3"))
    books.issue("WZ", "wz", of=ro)
    assert (books.lots(), books.level("A")) == ([D(0), D(4)], (D(4), D(0)))
    books.ledger.cancel("main", "wz")
    assert (books.lots(), books.level("A"), books.realised(ro)) == ([D(2), D(5)], (D(7), D(3)), [D(0)])
    again = books.issue("WZ", "wz-again", of=ro)
    assert (books.cost(again), books.level("A")) == ([D("11.00")], (D(4), D(0)))


def test_a_part_that_comes_back_is_kept_beside_the_rest(books: Books) -> None:
    books.receive("pw", "A", "9")
    ro = books.issue("RO", "ro", goods("A", "5"))
    for key, quantity in (("wz1", "1"), ("wz2", "2")):
        books.issue("WZ", key, goods("A", quantity, source_line=ro.lines[0].id), of=ro)
    books.ledger.cancel("main", "wz1")
    assert (books.level("A"), books.realised(ro)) == ((D(7), D(3)), [D(2)])


def test_cancelling_a_document_that_moved_nothing_itself_moves_nothing(books: Books) -> None:
    books.receive("pw", "A", "5")
    mover = books.issue("WZ", "first", goods("A", "2"))
    books.issue("FS", "then", of=mover)
    assert books.level("A") == (D(3), D(0))
    books.ledger.cancel("main", "then")
    assert (books.level("A"), books.lots()) == ((D(3), D(0)), [D(3)])
    books.ledger.cancel("main", "first")
    assert (books.level("A"), books.lots()) == ((D(5), D(0)), [D(5)])


def test_an_fz_that_brought_its_goods_itself_gets_no_pz(books: Books) -> None:
    fz = books.issue("FZ", "fz", goods("A", "5"), moves_stock=True)
    with pytest.raises(NeedsPerson) as refused:
        books.issue("PZ", "pz", of=fz)
    assert refused.value.code == "ledger.stock-already-moved"
    assert (books.level("A"), books.lots()) == ((D(5), D(0)), [D(5)])


def test_a_chain_is_cancelled_from_its_end(books: Books) -> None:
    books.receive("pw", "A", "5")
    ro = books.issue("RO", "ro", goods("A", "2"))
    fs = books.issue("FS", "fs", of=ro)
    wz = books.issue("WZ", "wz", of=fs)
    assert wz.sources == (fs.id,)
    with pytest.raises(NeedsPerson, match=fs.number) as refused:
        books.ledger.cancel("main", "ro")
    assert refused.value.code == "ledger.has-followers"
    for key in ("wz", "fs"):
        books.ledger.cancel("main", key)
        assert books.level("A") == (D(5), D(2))
    books.ledger.cancel("main", "ro")
    assert books.level("A") == (D(5), D(0))


def test_a_receipt_is_not_cancellable(books: Books) -> None:
    books.receive("pw", "A", "5")
    books.issue("PA", "pa", goods("A", "1"), moves_stock=True)
    with pytest.raises(NeedsPerson, match="fiscal") as refused:
        books.ledger.cancel("main", "pa")
    assert (refused.value.code, books.level("A")) == ("ledger.fiscal", (D(4), D(0)))


def test_goods_received_are_taken_back_unless_some_were_issued(books: Books) -> None:
    books.receive("pw1", "A", "5")
    books.receive("pw2", "A", "3")
    books.issue("RW", "rw", goods("A", "1"))
    with pytest.raises(NeedsPerson) as refused:
        books.ledger.cancel("main", "pw1")
    assert refused.value.code == "ledger.goods-used"
    books.ledger.cancel("main", "pw2")
    assert (books.level("A"), books.lots()) == ((D(4), D(0)), [D(4), D(0)])


def test_what_was_never_made_is_not_cancelled(books: Books) -> None:
    with pytest.raises(NeedsPerson) as refused:
        books.ledger.cancel("main", "nothing")
    assert refused.value.code == "ledger.unknown-document"
