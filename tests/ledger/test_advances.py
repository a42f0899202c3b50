"""Advance invoices in the ledger: what is left of them, final invoices reduced by them, and their corrections."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pomost.trade.documents import CorrectionAsked, Document, DraftLine, LineChange
from pomost.trade.vat import VatRate
from tests.ledger.firm import DAY, FIRMA, Firm

D = Decimal
MUGS = (
    DraftLine("KUBEK-1", "Kubek biały", D(2), D("61.50"), VatRate.of("23")),
    DraftLine("KUBEK-2", "Kubek czarny", D(1), D("108.00"), VatRate.of("8")),
)
"""100.00 + 23.00 at 23 %, 100.00 + 8.00 at 8 %: 231.00 in all."""


def part(amount: str, rate: str) -> DraftLine:
    return DraftLine("", "Zaliczka", D(1), D(amount), VatRate.of(rate), service=True)


def advance(firm: Firm, key: str, *parts: tuple[str, str], **more: object) -> Document:
    lines = [part(amount, rate) for amount, rate in parts]
    paid = sum((line.price for line in lines), D(0))
    return firm.issue("FZAL", key, *lines, ordered=MUGS, paid=paid, buyer=FIRMA, **more)


def rows(document: Document) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    return [(row.vat.code, row.net, row.tax, row.gross) for row in document.vat_rows]


def back_to_zero(firm: Firm, one: Document, key: str) -> Document:
    return firm.issue(
        "FSK",
        key,
        sources=(one.id,),
        correction=CorrectionAsked(
            tuple(LineChange(line.id, line.quantity) for line in one.lines),
            "Rezygnacja",
            DAY,
            "Oświadczenie 1",
        ),
    )


def test_an_advance_has_its_own_number_moves_no_goods_and_shows_the_order(firm: Firm) -> None:
    made = advance(firm, "a", ("61.50", "23"), ("54.00", "8"))

    assert (made.number, made.gross, made.paid) == ("FZAL/1/2026", D("115.50"), D("115.50"))
    assert rows(made) == [
        ("23", D("50.00"), D("11.50"), D("61.50")),
        ("8", D("50.00"), D("4.00"), D("54.00")),
    ]
    assert [(line.sku, line.quantity, line.net, line.gross) for line in made.ordered] == [
        ("KUBEK-1", 2, D("100.00"), D("123.00")),
        ("KUBEK-2", 1, D("100.00"), D("108.00")),
    ]
    assert firm.ledger.find(firm.code, "a") == made
    assert firm.ledger.stock(firm.code, "KUBEK-1")["MAG"].quantity == 10


def test_the_final_invoice_has_the_whole_sale_and_charges_what_is_left(firm: Firm) -> None:
    first = advance(firm, "a", ("61.50", "23"), ("54.00", "8"))
    final = firm.issue("FS", "fs", *MUGS, buyer=FIRMA, settles=(first.id,), paid=D("115.50"))

    assert rows(final) == [
        ("23", D("50.00"), D("11.50"), D("61.50")),
        ("8", D("50.00"), D("4.00"), D("54.00")),
    ]
    assert (final.gross, final.whole_gross) == (D("115.50"), D("231.00"))
    assert [(one.number, one.gross) for one in final.settled] == [("FZAL/1/2026", D("115.50"))]
    assert firm.ledger.settlement(firm.code, "fs").left == 0
    assert firm.ledger.find(firm.code, "fs") == final
    assert firm.ledger.advances(firm.code, [first.id])[0].rows == ()
    # what VAT is due on all of it is that of the sale, and the goods leave by a WZ as ever
    assert sum(total.tax for total in firm.ledger.totals() if total.kind in ("FS", "FZAL")) == D("31.00")
    firm.issue("WZ", "wz", sources=(final.id,))
    assert firm.ledger.stock(firm.code, "KUBEK-1")["MAG"].quantity == 8


def test_a_corrected_advance_settles_only_what_is_left_of_it(firm: Firm) -> None:
    first, second = advance(firm, "a", ("61.50", "23")), advance(firm, "b", ("54.00", "8"))
    correction = back_to_zero(firm, first, "k")

    assert correction.correction is not None
    assert (correction.gross, correction.correction.refund) == (D("-61.50"), D("61.50"))
    final = firm.issue("FS", "fs", *MUGS, buyer=FIRMA, settles=(first.id, second.id))
    assert [one.number for one in final.settled] == ["FZAL/2/2026"]
    assert final.gross == D("177.00")


def test_a_settled_advance_is_neither_corrected_nor_cancelled(firm: Firm) -> None:
    first = advance(firm, "a", ("61.50", "23"))
    firm.issue("FS", "fs", *MUGS, buyer=FIRMA, settles=(first.id,))

    firm.refused("ledger.advance-settled", lambda: back_to_zero(firm, first, "k"))
    firm.refused("ledger.advance-settled", lambda: firm.ledger.cancel(firm.code, "a"))
    assert firm.ledger.ties(firm.code, "a").followers != ()

    # once the final invoice is cancelled, the advance is free again
    firm.ledger.cancel(firm.code, "fs")
    assert firm.ledger.advances(firm.code, [first.id])[0].gross == D("61.50")
    back_to_zero(firm, first, "k")


def returned(firm: Firm, key: str, of: Document, *changes: LineChange) -> Document:
    asked = CorrectionAsked(changes, "Zwrot", DAY, "Zwrot 1")
    return firm.issue("FSK", key, sources=(of.id,), correction=asked)


def test_a_return_takes_off_the_final_invoice_what_it_charges_and_gives_the_rest_back_to_the_advance(
    firm: Firm,
) -> None:
    first = advance(firm, "a", ("110.70", "23"))
    final = firm.issue("FS", "fs", *MUGS, buyer=FIRMA, settles=(first.id,), paid=D("120.30"))
    assert rows(final)[0] == ("23", D("10.00"), D("2.30"), D("12.30"))

    correction = returned(firm, "k", final, LineChange(final.lines[0].id, D(1)))

    # One mug of 61.50 comes back; the final invoice charged 12.30 at this rate, the advance bears the other 49.20.
    assert rows(correction) == [("23", D("-10.00"), D("-2.30"), D("-12.30"))]
    assert [(one.number, one.gross) for one in correction.settled] == [("FZAL/1/2026", D("-49.20"))]
    assert correction.correction is not None
    assert correction.correction.refund == D("12.30")
    assert firm.ledger.advances(firm.code, [first.id])[0].gross == D("49.20")

    # That much of the advance is free and is corrected; the rest is settled as before.
    firm.refused("ledger.advance-settled", lambda: back_to_zero(firm, first, "x"))
    other = returned(firm, "z", first, LineChange(first.lines[0].id, D(0), D("61.50")))
    assert rows(other) == [("23", D("-40.00"), D("-9.20"), D("-49.20"))]
    assert firm.ledger.advances(firm.code, [first.id])[0].rows == ()
    # the correction of the final invoice holds as long as that of the advance does
    firm.refused("ledger.advance-corrected", lambda: firm.ledger.cancel(firm.code, "k"))
    firm.ledger.cancel(firm.code, "z")
    firm.ledger.cancel(firm.code, "k")
    assert firm.ledger.advances(firm.code, [first.id])[0].gross == 0


def test_two_final_invoices_never_settle_the_same_money_twice(firm: Firm) -> None:
    first = advance(firm, "a", ("100.00", "23"))
    one = firm.issue("FS", "fs-1", *MUGS[:1], buyer=FIRMA, settles=(first.id,))
    two = firm.issue("FS", "fs-2", *MUGS[:1], buyer=FIRMA, settles=(first.id,))

    assert (one.gross, two.gross) == (D("23.00"), D("123.00"))


def test_what_is_no_advance_of_this_buyer_is_not_settled(firm: Firm) -> None:
    mine = advance(firm, "a", ("100.00", "23"))
    sale = firm.issue("FS", "sale", *MUGS, buyer=FIRMA)

    firm.refused("ledger.not-an-advance", lambda: firm.issue("FS", "x", *MUGS, settles=(mine.id,)))
    firm.refused(
        "ledger.not-an-advance", lambda: firm.issue("FS", "y", *MUGS, buyer=FIRMA, settles=(sale.id,))
    )
    firm.refused("ledger.not-an-advance", lambda: firm.issue("FS", "z", *MUGS, buyer=FIRMA, settles=("999",)))
    firm.refused("ledger.advance-draft", lambda: firm.issue("PA", "p", *MUGS, settles=(mine.id,)))
    firm.refused("ledger.advance-draft", lambda: firm.issue("FZAL", "q", part("1.00", "23")))


@pytest.mark.parametrize("approve", [True, False])
def test_a_proforma_is_nothing_to_the_books_and_may_be_changed(firm: Firm, approve: bool) -> None:
    made = firm.issue("FPF", "p", *MUGS, approve=approve)
    assert (made.number, made.gross, made.paid) == ("FPF/1/2026", D("231.00"), 0)
    assert firm.ledger.stock(firm.code, "KUBEK-1")["MAG"].reserved == 0

    changed = firm.ledger.amend(firm.code, "p", firm.draft("FPF", "p", *MUGS[:1]))
    assert (changed.number, changed.gross) == ("FPF/1/2026", D("123.00"))


def test_a_final_invoice_in_bufor_gives_its_advances_back_when_deleted(firm: Firm) -> None:
    first = advance(firm, "a", ("61.50", "23"), on=date(2026, 3, 4))
    firm.issue("FS", "fs", *MUGS, buyer=FIRMA, settles=(first.id,), approve=False)
    assert firm.ledger.advances(firm.code, [first.id])[0].gross == 0

    firm.ledger.delete(firm.code, "fs")
    assert firm.ledger.advances(firm.code, [first.id])[0].gross == D("61.50")
