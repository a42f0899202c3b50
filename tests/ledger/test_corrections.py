"""FSK, PAK and WZK: goods come back at what they cost, sums are those of what is kept, nothing comes back twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pomost.ledger.corrections import ReturnEntry
from pomost.ports import Failure
from pomost.trade.documents import CorrectionAsked, Document, LineChange
from tests.ledger.firm import DAY, FIRMA, Firm, mugs, shipping

D = Decimal


def correct(firm: Firm, of: Document, key: str, *changes: LineChange, **more: Any) -> Document:
    """The correction of ``of``; by default with all that the law asks for."""
    kind = {"FS": "FSK", "PA": "PAK", "WZ": "WZK"}.get(of.kind, "FSK")
    asked = CorrectionAsked(
        changes,
        more.pop("reason", "Odstąpienie od umowy"),
        more.pop("agreed_on", DAY),
        more.pop("agreement", "Zwrot 7"),
    )
    return firm.issue(more.pop("kind", kind), key, sources=(of.id,), correction=asked, **more)


def back(of: Document, quantity: int | str, nth: int = 0, price: str | None = None) -> LineChange:
    return LineChange(of.lines[nth].id, D(quantity), None if price is None else D(price))


def invoice(firm: Firm, **more: Any) -> Document:
    """An FS over 3 mugs at 19.99 and delivery at 9.99, paid, whose goods a WZ will issue."""
    return firm.issue("FS", "fs", mugs(3), shipping(), buyer=FIRMA, paid=D("69.96"), **more)


def test_a_correction_says_what_it_corrects_and_owes_the_difference(firm: Firm) -> None:
    sale = invoice(firm, foreign_number="100")

    made = correct(firm, sale, "fsk", back(sale, 1))

    assert made == firm.again(made)
    assert (made.kind, made.number, made.state, made.foreign_number) == (
        "FSK",
        "FSK/1/2026",
        "approved",
        "100",
    )
    assert (made.net, made.tax, made.gross) == (D("-16.25"), D("-3.74"), D("-19.99"))
    assert made.buyer == FIRMA
    assert made.sources == (sale.id,)
    correction = made.correction
    assert correction is not None
    assert (correction.of_number, correction.of_date, correction.refund) == ("FS/1/2026", DAY, D("19.99"))
    assert [(line.before.quantity, line.after.quantity) for line in correction.lines] == [(D(3), D(2))]


def test_the_same_key_makes_one_correction(firm: Firm) -> None:
    sale = invoice(firm)

    assert correct(firm, sale, "fsk", back(sale, 1)) == correct(firm, sale, "fsk", back(sale, 1))
    assert len(firm.ledger.documents(kind="FSK")) == 1


def test_corrections_follow_each_other_until_nothing_is_left(firm: Firm) -> None:
    sale = invoice(firm)
    correct(firm, sale, "first", back(sale, 1, price="15.00"))
    correct(firm, sale, "second", back(sale, 2), back(sale, 1, nth=1))

    made = firm.ledger.documents(kind="FSK")
    assert [one.gross for one in made] == [D("-29.97"), D("-39.99")]
    assert sale.gross + sum(one.gross for one in made) == 0
    assert sale.tax + sum(one.tax for one in made) == 0
    firm.refused("trade.correction-more-than-sold", lambda: correct(firm, sale, "third", back(sale, 1)))


def test_a_cancelled_correction_gives_back_what_it_took_and_only_the_last_may_be_cancelled(
    firm: Firm,
) -> None:
    sale = invoice(firm)
    correct(firm, sale, "first", back(sale, 1))
    correct(firm, sale, "second", back(sale, 2))
    firm.refused("ledger.corrected-later", lambda: firm.ledger.cancel(firm.code, "first"))

    firm.ledger.cancel(firm.code, "second")

    again = correct(firm, sale, "third", back(sale, 2))
    assert again.correction is not None
    assert again.correction.lines[0].before.quantity == 2


def test_what_was_corrected_is_not_cancelled(firm: Firm) -> None:
    sale = invoice(firm)
    correct(firm, sale, "fsk", back(sale, 1))

    firm.refused("ledger.has-followers", lambda: firm.ledger.cancel(firm.code, "fs"))


WRONG: dict[str, tuple[Callable[[Firm, Document], object], str]] = {
    "an invoice by a PAK": (lambda f, s: correct(f, s, "x", back(s, 1), kind="PAK"), "ledger.not-correctable"),
    "in bufor": (lambda f, s: correct(f, s, "x", back(s, 1), approve=False), "ledger.correction-in-bufor"),
    "without saying what": (lambda f, s: f.issue("FSK", "x", sources=(s.id,)), "ledger.correction-draft"),
    "of nothing": (lambda f, s: correct(f, replace(s, id="999"), "x", back(s, 1)), "ledger.unknown-source"),
    "without a reason": (lambda f, s: correct(f, s, "x", back(s, 1), reason=""), "trade.correction-no-reason"),
    "without a day": (lambda f, s: correct(f, s, "x", back(s, 1), agreed_on=None), "trade.correction-no-agreement"),
    "to an unknown warehouse": (lambda f, s: correct(f, s, "x", back(s, 1), warehouse="X"), "ledger.unknown-warehouse"),
    "under the key of the sale": (lambda f, s: correct(f, s, "fs", back(s, 1)), "ledger.key-reused"),
}  # fmt: skip


@pytest.mark.parametrize(("act", "code"), WRONG.values(), ids=WRONG)
def test_what_is_no_correction_is_refused(
    firm: Firm, act: Callable[[Firm, Document], object], code: str
) -> None:
    sale = invoice(firm)

    firm.refused(code, lambda: act(firm, sale))

    assert firm.ledger.documents(kind="FSK") == []


# goods


def test_goods_come_back_at_the_cost_of_the_lots_they_left_from(firm: Firm) -> None:
    firm.receive("dearer", 5, "6.00")  # 10 at 5.50, then 5 at 6.00
    issue = firm.issue("WZ", "wz", mugs(12))
    assert firm.value() == D("18.00")

    correct(firm, issue, "first", back(issue, 11))
    assert (firm.stock(), firm.value()) == ((14, 0), D("79.00"))  # 10 at 5.50 and 1 at 6.00 came back

    correct(firm, issue, "second", back(issue, 1))
    assert (firm.stock(), firm.value()) == ((15, 0), D("85.00")), "as before anything left"


@pytest.mark.parametrize("method", ["FIFO", "LIFO", "AVCO"])
def test_value_is_exact_however_goods_come_back(make_firm: Callable[..., Firm], method: str) -> None:
    firm = make_firm(method=method)
    firm.ledger.setup.receive(firm.code, "MAG", {"KUBEK-1": (3, "3.3333")}, "odd", on=DAY)
    before = firm.value()
    issue = firm.issue("WZ", "wz", mugs(12))

    for part in range(6):
        correct(firm, issue, f"wzk-{part}", back(issue, 2))

    assert (firm.stock(), firm.value()) == ((13, 0), before)


def test_damaged_goods_go_to_another_warehouse(firm: Firm) -> None:
    firm.ledger.setup.add_warehouse(firm.code, "USZK", "Uszkodzone")
    issue = firm.issue("WZ", "wz", mugs(3))

    made = correct(firm, issue, "wzk", back(issue, 2), warehouse="USZK")

    assert made.warehouse == "USZK"
    assert (firm.stock(), firm.stock(warehouse="USZK")) == ((7, 0), (2, 0))
    assert firm.ledger.stock(firm.code, "KUBEK-1")["USZK"].value == D("11.00")


def test_an_invoice_that_issued_goods_itself_takes_them_back_itself(firm: Firm) -> None:
    sale = invoice(firm, moves_stock=True)
    assert firm.stock() == (7, 0)

    correct(firm, sale, "fsk", back(sale, 2))

    assert firm.stock() == (9, 0)


def test_a_kit_comes_back_as_its_parts(firm: Firm) -> None:
    firm.ledger.setup.put_items(
        firm.code,
        [
            {
                "sku": "ZESTAW",
                "name": "Zestaw",
                "vat": "23",
                "parts": {"KUBEK-1": 2, "KUBEK-2": 1},
            }
        ],
    )
    issue = firm.issue("WZ", "wz", mugs(3, "50.00", "ZESTAW"))
    assert (firm.stock(), firm.stock("KUBEK-2")) == ((4, 0), (7, 0))

    correct(firm, issue, "wzk", back(issue, 2))

    assert (firm.stock(), firm.stock("KUBEK-2")) == ((8, 0), (9, 0))


def test_a_cancelled_wzk_takes_the_goods_out_again_unless_they_are_gone(firm: Firm) -> None:
    issue = firm.issue("WZ", "wz", mugs(10))
    correct(firm, issue, "wzk", back(issue, 2))
    sold_again = firm.issue("WZ", "again", mugs(1))
    firm.refused("ledger.goods-used", lambda: firm.ledger.cancel(firm.code, "wzk"))

    firm.ledger.cancel(firm.code, sold_again.key)
    firm.ledger.cancel(firm.code, "wzk")

    assert firm.stock() == (0, 0)


def test_what_is_corrected_before_it_was_sent_is_not_sent(firm: Firm) -> None:
    sale = invoice(firm)
    correct(firm, sale, "fsk", back(sale, 1))

    issue = firm.convert("WZ", "wz", sale)

    assert [line.quantity for line in issue.lines] == [2, 1]


def test_what_was_sent_and_came_back_is_not_sent_again(firm: Firm) -> None:
    sale = invoice(firm)
    issue = firm.convert("WZ", "wz", sale)
    correct(firm, sale, "fsk", back(sale, 1))
    correct(firm, issue, "wzk", back(issue, 1))

    firm.refused("ledger.nothing-left", lambda: firm.convert("WZ", "wz-2", sale))


def test_what_came_back_before_the_invoice_is_not_invoiced(firm: Firm) -> None:
    issue = firm.issue("WZ", "wz", mugs(3))
    correct(firm, issue, "wzk", back(issue, 1))

    assert [line.quantity for line in firm.convert("FS", "fs", issue).lines] == [2]


# money


def test_the_refund_is_what_was_paid_and_is_not_owed_any_more(firm: Firm) -> None:
    sale = firm.issue("FS", "fs", mugs(3), buyer=FIRMA, paid=D("50.00"))  # 59.97 are owed
    first = correct(firm, sale, "first", back(sale, 1))
    second = correct(firm, sale, "second", back(sale, 1))

    assert [one.correction.refund for one in (first, second) if one.correction] == [D("10.02"), D("19.99")]
    settlement = firm.ledger.settlement(firm.code, "fs")
    assert (settlement.owed, settlement.corrected, settlement.refund) == (D("19.99"), D("-39.98"), D("30.01"))


def test_a_refund_that_was_made_is_written_down_once_and_never_too_much(firm: Firm) -> None:
    sale = invoice(firm)
    correct(firm, sale, "fsk", back(sale, 1))

    firm.refused(
        "ledger.bad-payment", lambda: firm.ledger.pay_back(firm.code, "fs", payment="r", amount=D("20.00"))
    )
    for _ in range(2):
        settlement = firm.ledger.pay_back(firm.code, "fs", payment="r", amount=D("19.99"), on=DAY)

    assert (settlement.paid, settlement.left, settlement.refund) == (D("49.97"), 0, 0)
    assert [payment.amount for payment in settlement.payments] == [D("69.96"), D("-19.99")]


def test_a_currency_keeps_the_rate_of_the_sale(firm: Firm) -> None:
    sale = firm.issue(
        "FS", "fs", mugs(2, "10.00"), buyer=FIRMA, currency="EUR", rate=D("4.2000"), rate_note="A/1"
    )

    made = correct(firm, sale, "fsk", back(sale, 2))

    assert (made.currency, made.rate, made.rate_note) == ("EUR", D("4.2000"), "A/1")
    before, after = firm.ledger.in_pln(firm.code, "fs"), firm.ledger.in_pln(firm.code, "fsk")
    assert (before[0] + after[0], before[1] + after[1]) == (0, 0)


# receipts


def test_the_register_of_returns_holds_what_the_law_asks_for(firm: Firm) -> None:
    sale = firm.issue("PA", "pa", mugs(2), mugs(1, "30.00", "KUBEK-2"), paid=D("69.98"))
    firm.ledger.set_attribute(firm.code, "pa", "FISCAL_NUMBER", "ABC 123/456")
    correct(firm, sale, "first", back(sale, 1), on=date(2026, 3, 31))
    correct(firm, sale, "second", back(sale, 1, nth=1), on=date(2026, 4, 1), agreement="Zwrot 8")

    march = firm.ledger.returns_register(firm.code, date(2026, 3, 1), date(2026, 3, 31))

    assert march == [
        ReturnEntry(
            sold_on=DAY,
            receipt="PA/1/2026",
            fiscal_number="ABC 123/456",
            returned_on=date(2026, 3, 31),
            sku="KUBEK-1",
            name="Kubek",
            quantity=D(1),
            unit="szt",
            gross=D("19.99"),
            tax=D("3.74"),
            whole=False,
            reason="Odstąpienie od umowy",
            protocol="Zwrot 7",
            number="PAK/1/2026",
        )
    ]
    april = firm.ledger.returns_register(firm.code, date(2026, 4, 1), date(2026, 4, 30))
    assert [(one.sku, one.gross, one.whole, one.protocol) for one in april] == [
        ("KUBEK-2", D("30.00"), True, "Zwrot 8")
    ]


def test_standings_are_the_documents_of_an_order_that_may_still_be_corrected(firm: Firm) -> None:
    receipt = firm.issue("PA", "pa", mugs(2), foreign_number="100")
    issue = firm.convert("WZ", "wz", receipt)
    correct(firm, receipt, "pak", back(receipt, 1))
    cancelled = firm.issue("FS", "other", mugs(1), foreign_number="100")
    firm.ledger.cancel(firm.code, cancelled.key)

    found = firm.ledger.standings(firm.code, "100")

    assert [(one.number, [line.quantity for line in one.lines], one.moved) for one in found] == [
        (receipt.number, [1], False),
        (issue.number, [2], True),
    ]
    assert found[1].lines[0].cost == D("5.50")


def test_a_receipt_that_became_an_invoice_is_corrected_by_its_invoice(firm: Firm) -> None:
    receipt = firm.issue("PA", "pa", mugs(2), foreign_number="100")
    sale = firm.convert("FS", "fs", receipt, buyer=FIRMA)

    assert [one.number for one in firm.ledger.standings(firm.code, "100")] == [sale.number]


def test_of_writers_at_once_no_more_comes_back_than_was_sold(firm: Firm) -> None:
    sale = firm.issue("FS", "fs", mugs(3), buyer=FIRMA, moves_stock=True)

    def one(n: int) -> str:
        try:
            return correct(firm, sale, f"fsk-{n}", back(sale, 1)).kind
        except Failure as failure:
            return failure.code

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(one, range(6)))

    assert outcomes == ["FSK"] * 3 + ["trade.correction-more-than-sold"] * 3
    assert firm.stock() == (10, 0)


def test_a_correction_that_was_decided_before_another_one_must_be_decided_anew(firm: Firm) -> None:
    sale = invoice(firm)
    late = CorrectionAsked((back(sale, 1),), "Zwrot", DAY, "Zwrot 8", follows=0)
    correct(firm, sale, "first", back(sale, 1))

    firm.refused(
        "ledger.corrected-meanwhile",
        lambda: firm.issue("FSK", "second", sources=(sale.id,), correction=late),
    )
    firm.issue("FSK", "second", sources=(sale.id,), correction=replace(late, follows=1))
