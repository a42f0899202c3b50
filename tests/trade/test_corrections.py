"""Corrections: the difference between what a document stands at before and after, to the grosz."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pomost.trade.corrections import (
    Returned,
    Standing,
    StandingLine,
    allot,
    check_grounds,
    correct,
    left_after,
    standing,
)
from pomost.trade.count import count_lines
from pomost.trade.documents import (
    Correction,
    CorrectionAsked,
    Document,
    DocumentLine,
    DraftLine,
    LineChange,
)
from pomost.trade.errors import Refused
from pomost.trade.order import Basis, Party
from pomost.trade.vat import VatRate

D = Decimal
DAY = date(2026, 11, 25)


def sold(*lines: tuple[str, str, str], basis: Basis = "gross", number: str = "FS/1/2026") -> Document:
    """A document over (quantity, price, rate) lines, counted as documents are."""
    drafts = [
        DraftLine(f"SKU-{n}", f"Towar {n}", D(quantity), D(price), VatRate.of(rate), order_line=f"line-{n}")
        for n, (quantity, price, rate) in enumerate(lines, 1)
    ]
    counted = count_lines(drafts, basis)
    return Document(
        id=number,
        kind="FS",
        number=number,
        company="main",
        key=number,
        state="approved",
        issued_on=DAY,
        sold_on=DAY,
        due_on=DAY,
        currency="PLN",
        basis=basis,
        buyer=Party(),
        recipient=None,
        lines=tuple(
            DocumentLine(
                f"{number}.{n}", draft.sku, draft.name, draft.quantity, draft.unit, draft.price, draft.vat,
                value.net, value.tax, value.gross, order_line=draft.order_line,
            )
            for n, (draft, value) in enumerate(zip(drafts, counted.lines, strict=True), 1)
        ),
        vat_rows=counted.vat_rows,
        net=counted.net,
        tax=counted.tax,
        gross=counted.gross,
    )  # fmt: skip


def corrected_by(document: Document, before: Standing, *changes: LineChange) -> Document:
    """The correcting document of these changes."""
    made = correct(before, changes)
    return replace(
        document,
        id="FSK",
        kind="FSK",
        number="FSK",
        lines=tuple(
            DocumentLine(
                line.id, line.sku, line.name, -change.back, line.unit, change.after.price, line.vat,
                value.net, value.tax, value.gross, order_line=line.order_line,
            )
            for line, change, value in zip(made.before, made.lines, made.counted.lines, strict=True)
        ),
        vat_rows=made.counted.vat_rows,
        net=made.counted.net,
        tax=made.counted.tax,
        gross=made.counted.gross,
        correction=Correction("1", "FS", document.number, DAY, "", None, "", made.lines),
    )  # fmt: skip


def back(line: int, quantity: str = "0", price: str | None = None) -> LineChange:
    return LineChange(f"FS/1/2026.{line}", D(quantity), None if price is None else D(price))


CASES = {
    "one of two comes back": ([("2", "26.00", "23")], "gross", [back(1, "1")], [("23", "-21.14", "-4.86", "-26.00")]),
    "beside delivery the tax is the difference of two taxes": (
        [("2", "26.00", "23"), ("1", "14.99", "23")], "gross", [back(1, "1")], [("23", "-21.13", "-4.87", "-26.00")],
    ),
    "all comes back: the invoice with a minus": (
        [("3", "9.99", "23"), ("1", "5.00", "8")], "gross", [back(1, "3"), back(2, "1")],
        [("23", "-24.37", "-5.60", "-29.97"), ("8", "-4.63", "-0.37", "-5.00")],
    ),
    "from net": ([("2", "10.00", "23")], "net", [back(1, "1")], [("23", "-10.00", "-2.30", "-12.30")]),
    "a lower price for both": ([("2", "26.00", "23")], "gross", [back(1, "0", "20.00")], [("23", "-9.76", "-2.24", "-12.00")]),
    "one comes back, a lower price for the other": (
        [("2", "26.00", "23")], "gross", [back(1, "1", "20.00")], [("23", "-26.02", "-5.98", "-32.00")],
    ),
    "a higher price": ([("2", "26.00", "23")], "gross", [back(1, "0", "30.00")], [("23", "6.50", "1.50", "8.00")]),
    "a rate that is not touched is not shown": (
        [("1", "10.00", "23"), ("1", "10.00", "5")], "gross", [back(2, "1")], [("5", "-9.52", "-0.48", "-10.00")],
    ),
    "exempt": ([("2", "10.00", "zw")], "gross", [back(1, "1")], [("zw", "-10.00", "0.00", "-10.00")]),
    "a part of a kilo": ([("0.5", "88.00", "8")], "gross", [back(1, "0.125")], [("8", "-10.18", "-0.82", "-11.00")]),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "basis", "changes", "rows"), CASES.values(), ids=CASES)
def test_a_correction_is_what_comes_after_less_what_was_before(
    lines: list[tuple[str, str, str]],
    basis: Basis,
    changes: list[LineChange],
    rows: list[tuple[str, str, str, str]],
) -> None:
    counted = correct(standing(sold(*lines, basis=basis), []), changes).counted

    assert [(r.vat.code, str(r.net), str(r.tax), str(r.gross)) for r in counted.vat_rows] == rows


def test_a_second_correction_begins_where_the_first_one_ended() -> None:
    document = sold(("3", "26.00", "23"))
    first = corrected_by(document, standing(document, []), back(1, "1", "20.00"))

    second = correct(standing(document, [first]), [back(1, "1")])

    [line] = second.lines
    assert (line.before.quantity, line.before.price, line.before.value) == (D(2), D("20.00"), D("40.00"))
    assert second.counted.gross == D("-20.00"), (
        "at the price it had after the first, not at the one on the invoice"
    )


REFUSED = {
    "more than was sold": ([back(1, "3")], "trade.correction-more-than-sold"),
    "the same line twice, together too much": (
        [back(1, "1"), back(1, "2")],
        "trade.correction-more-than-sold",
    ),
    "a line of another document": ([LineChange("FS/2/2026.1", D(1))], "trade.correction-unknown-line"),
    "less than nothing": ([back(1, "-1")], "trade.correction-negative"),
    "a price below zero": ([back(1, "0", "-1.00")], "trade.correction-negative"),
    "nothing": ([back(1)], "trade.correction-changes-nothing"),
    "the goods and not their discount": ([back(1, "2")], "trade.correction-below-zero"),
}


@pytest.mark.parametrize(("changes", "code"), REFUSED.values(), ids=REFUSED)
def test_what_can_not_be_corrected_is_refused(changes: list[LineChange], code: str) -> None:
    document = sold(("2", "26.00", "23"), ("1", "-5.00", "23"))

    with pytest.raises(Refused) as refused:
        correct(standing(document, []), changes)

    assert refused.value.code == code


GROUNDS = {
    "an invoice with all of it": ("FSK", ("Zwrot", DAY, "Zwrot 1"), "-1.00", None),
    "an invoice without a reason": ("FSK", (" ", DAY, "Zwrot 1"), "-1.00", "trade.correction-no-reason"),
    "an invoice without the day": ("FSK", ("Zwrot", None, "Zwrot 1"), "-1.00", "trade.correction-no-agreement"),
    "an invoice without the paper": ("FSK", ("Zwrot", DAY, ""), "-1.00", "trade.correction-no-agreement"),
    "an invoice that is raised needs no agreement": ("FSK", ("Pomyłka w cenie", None, ""), "1.00", None),
    "but a reason": ("FSK", ("", None, ""), "1.00", "trade.correction-no-reason"),
    "a receipt without its protocol": ("PAK", ("Zwrot", DAY, ""), "-1.00", "trade.correction-no-agreement"),
    "a receipt without a reason": ("PAK", ("", DAY, "Zwrot 1"), "-1.00", "trade.correction-no-reason"),
    "a goods issue needs none of it": ("WZK", ("", None, ""), "-1.00", None),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "given_grounds", "difference", "code"), GROUNDS.values(), ids=GROUNDS)
def test_the_grounds_that_the_law_asks_for(
    kind: str, given_grounds: tuple[str, date | None, str], difference: str, code: str | None
) -> None:
    asked = CorrectionAsked((), *given_grounds)
    if code is None:
        check_grounds(kind, asked, D(difference), "FSK for test")
        return
    with pytest.raises(Refused) as refused:
        check_grounds(kind, asked, D(difference), "FSK for test")

    assert refused.value.code == code


def stands(document: Document, moved: bool = False) -> Standing:
    now = standing(document, [])
    return replace(now, lines=tuple(replace(line, cost=D("5.00") if moved else None) for line in now.lines))


def shared(shares: list[object]) -> list[tuple[str, str, dict[str, Decimal]]]:
    return [
        (one.standing.number, one.place, {change.line: change.back for change in one.changes})  # type: ignore[attr-defined]
        for one in shares
    ]


def test_a_return_is_spread_over_documents_oldest_first() -> None:
    first, second = sold(("2", "10.00", "23")), sold(("2", "10.00", "23"), number="FS/2/2026")

    shares = allot([Returned("r1", "", "line-1", D(3))], [stands(first), stands(second)], "1")

    assert shared(list(shares)) == [
        ("FS/1/2026", "", {"FS/1/2026.1": D(2)}),
        ("FS/2/2026", "", {"FS/2/2026.1": D(1)}),
    ]


def test_two_returned_lines_never_take_the_same_piece() -> None:
    pieces = [Returned("r1", "", "line-1", D(1)), Returned("r2", "SKU-1", "", D(1))]

    shares = allot(pieces, [stands(sold(("2", "10.00", "23")))], "1")

    assert shared(list(shares)) == [("FS/1/2026", "", {"FS/1/2026.1": D(2)})]


def test_goods_for_another_warehouse_are_on_a_correction_of_their_own_where_goods_move() -> None:
    pieces = [Returned("r1", "", "line-1", D(1), "MAG"), Returned("r2", "", "line-1", D(1), "USZK")]
    document = sold(("2", "10.00", "23"))

    assert shared(list(allot(pieces, [stands(document, moved=True)], "1"))) == [
        ("FS/1/2026", "MAG", {"FS/1/2026.1": D(1)}),
        ("FS/1/2026", "USZK", {"FS/1/2026.1": D(1)}),
    ]
    assert shared(list(allot(pieces, [stands(document)], "1"))) == [("FS/1/2026", "", {"FS/1/2026.1": D(2)})]


UNMATCHED = {
    "another SKU": (Returned("r1", "SKU-9", "", D(1)), "trade.return-line-unknown"),
    "another line of the order": (Returned("r1", "SKU-1", "line-9", D(1)), "trade.return-line-unknown"),
    "more than was sold": (Returned("r1", "SKU-1", "line-1", D(3)), "trade.return-more-than-left"),
}


@pytest.mark.parametrize(("piece", "code"), UNMATCHED.values(), ids=UNMATCHED)
def test_a_return_that_does_not_match_is_refused(piece: Returned, code: str) -> None:
    with pytest.raises(Refused) as refused:
        allot([piece], [stands(sold(("2", "10.00", "23")))], "1")

    assert refused.value.code == code


def test_what_is_left_of_a_return_after_a_correction() -> None:
    document = sold(("2", "10.00", "23"), ("1", "5.00", "23"))
    pieces = [Returned("r1", "", "line-1", D(3)), Returned("r2", "", "line-2", D(1))]
    made = corrected_by(document, standing(document, []), back(1, "2"))

    assert left_after(pieces, made, "") == [
        Returned("r1", "", "line-1", D(1)),
        Returned("r2", "", "line-2", D(1)),
    ]


rates = st.sampled_from(["23", "8", "5", "0", "zw"])
prices = st.decimals(min_value="0.01", max_value="9999", places=2)
quantities = st.integers(min_value=1, max_value=9)
bases: st.SearchStrategy[Basis] = st.sampled_from(["gross", "net"])


@settings(max_examples=150, deadline=None)
@given(
    lines=st.lists(st.tuples(quantities, prices, rates), min_size=1, max_size=5),
    basis=bases,
    data=st.data(),
)
def test_document_and_corrections_together_are_what_is_kept(
    lines: list[tuple[int, Decimal, str]], basis: Basis, data: st.DataObject
) -> None:
    document = sold(*((str(n), str(price), rate) for n, price, rate in lines), basis=basis)
    corrections: list[Document] = []
    for _ in range(data.draw(st.integers(1, 4))):
        now = standing(document, corrections)
        line = data.draw(st.sampled_from(now.lines))
        change = LineChange(
            line.id,
            D(data.draw(st.integers(0, int(line.quantity)))),
            data.draw(st.one_of(st.none(), prices)),
        )
        assume(change.back or (change.price is not None and change.price != line.price and line.quantity))
        corrections.append(corrected_by(document, now, change))

    after = standing(document, corrections)
    kept: list[StandingLine] = [line for line in after.lines if line.quantity]
    wanted = count_lines(kept, basis)
    everything = [document, *corrections]
    assert sum(one.gross for one in everything) == wanted.gross
    assert sum(one.net for one in everything) == wanted.net
    assert {row.vat: row.gross for row in after.vat_rows if row.gross} == {
        row.vat: row.gross for row in wanted.vat_rows if row.gross
    }
    assert all(line.quantity >= 0 and line.value >= 0 for line in after.lines)
    assert all(row.net >= 0 and row.tax >= 0 and row.gross >= 0 for row in after.vat_rows)
    for one in corrections:
        assert sum((line.gross for line in one.lines), D(0)) == one.gross
        assert sum((line.tax for line in one.lines), D(0)) == one.tax
        assert one.net + one.tax == one.gross


@settings(max_examples=100, deadline=None)
@given(
    sold_of_each=st.lists(quantities, min_size=1, max_size=4),
    wanted=st.lists(quantities, min_size=1, max_size=4),
)
def test_no_piece_comes_back_twice_and_none_is_lost(sold_of_each: list[int], wanted: list[int]) -> None:
    documents = [
        stands(sold((str(n), "10.00", "23"), number=f"FS/{i}/2026")) for i, n in enumerate(sold_of_each)
    ]
    pieces = [Returned(f"r{i}", "SKU-1", "", D(n)) for i, n in enumerate(wanted)]
    if sum(wanted) > sum(sold_of_each):
        with pytest.raises(Refused):
            allot(pieces, documents, "1")
        return

    shares = allot(pieces, documents, "1")

    taken = [sum(change.back for change in share.changes) for share in shares]
    assert sum(taken) == sum(wanted)
    limits = {one.id: one.lines[0].quantity for one in documents}
    assert all(n <= limits[share.standing.id] for n, share in zip(taken, shares, strict=True))
    order = [share.standing.id for share in shares]
    assert order == [one.id for one in documents if one.id in order], "oldest first"
    filled = [n == limits[share.standing.id] for n, share in zip(taken, shares, strict=True)]
    assert all(earlier for earlier, _ in pairwise(filled)), "an older document is emptied first"
