"""The chain of a document as a picture: boxes in columns, arrows between them."""

from __future__ import annotations

from decimal import Decimal

from pomost.ledger.reading.chain import Chain, chain_of
from pomost.trade.documents import CorrectionAsked, LineChange
from tests.ledger.firm import DAY, Firm, mugs

D = Decimal


def chain(firm: Firm, document_id: str | int, **more: int) -> Chain:
    with firm.ledger._transactions.reading() as connection:
        return chain_of(connection, int(document_id), **more)


def drawn(found: Chain) -> list[tuple[str, int, int]]:
    return [(box.kind, box.column, box.row) for box in found.boxes]


def arrows(found: Chain) -> list[tuple[str, str, str, bool]]:
    kinds = {box.id: box.kind for box in found.boxes}
    return [(kinds[one.source], one.how, kinds[one.target], one.active) for one in found.links]


def sale_with_a_return(firm: Firm) -> dict[str, str]:
    order = firm.issue("RO", "ro", mugs(2), foreign_number="7")
    invoice = firm.convert("FS", "fs", order)
    issue = firm.convert("WZ", "wz", invoice)
    correction = firm.ledger.issue(
        firm.draft(
            "FSK",
            "fsk",
            sources=(invoice.id,),
            buyer=invoice.buyer,
            correction=CorrectionAsked(
                (LineChange(invoice.lines[0].id, D(1)),), "zwrot", agreed_on=DAY, agreement="oświadczenie"
            ),
        )
    )
    return {one.kind: one.id for one in (order, invoice, issue, correction)}


def test_an_order_leads_to_invoice_goods_and_correction(firm: Firm) -> None:
    made = sale_with_a_return(firm)

    found = chain(firm, made["WZ"])

    assert drawn(found) == [("RO", 0, 0), ("FS", 1, 0), ("WZ", 2, 0), ("FSK", 2, 1)]
    assert ("RO", "made", "FS", True) in arrows(found)
    assert ("FS", "made", "WZ", True) in arrows(found)
    assert ("FS", "corrects", "FSK", True) in arrows(found)
    assert (found.columns, found.rows, found.cut) == (3, 2, False)


def test_every_document_of_a_chain_has_the_same_picture(firm: Firm) -> None:
    made = sale_with_a_return(firm)

    assert len({chain(firm, one) for one in made.values()}) == 1


def test_a_cancelled_document_stays_in_the_picture_without_effect(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(2))
    firm.convert("FS", "fs", order)
    firm.ledger.cancel("KUBKI", "fs")

    found = chain(firm, order.id)

    assert arrows(found) == [("RO", "made", "FS", False)]
    assert [box.state for box in found.boxes] == ["approved", "cancelled"]


def test_a_document_alone_is_one_box_and_none_is_none(firm: Firm) -> None:
    alone = firm.issue("PA", "pa", mugs(1))

    assert drawn(chain(firm, alone.id)) == [("PA", 0, 0)]
    assert chain(firm, 999).boxes == ()
    assert (chain(firm, 999).columns, chain(firm, 999).rows) == (0, 0)


def test_a_chain_that_is_too_long_for_a_picture_is_cut(firm: Firm) -> None:
    orders = [firm.issue("RO", f"{n}", mugs(1)) for n in range(8)]
    invoice = firm.convert("FS", "fs", *orders)

    found = chain(firm, invoice.id, most=5)

    assert (len(found.boxes), found.cut) == (5, True)
    assert "FS" in [box.kind for box in found.boxes]
    assert not chain(firm, invoice.id).cut
