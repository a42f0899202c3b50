"""Advances in a foreign currency: each invoice has the rate of its own day, and in PLN everything comes out even."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pomost.trade.advance_returns import Settlement, release
from pomost.trade.advances import Advance, left_to_pay, settle, split_advance, tax_of
from pomost.trade.count import count_lines
from pomost.trade.documents import CorrectionAsked, Document, DraftLine, LineChange, VatRow
from pomost.trade.in_pln import difference_in_pln, pln, rows_in_pln
from pomost.trade.vat import VatRate
from tests.ledger.firm import DAY, FIRMA, Firm

D = Decimal
MUGS = (
    DraftLine("KUBEK-1", "Kubek biały", D(3), D("12.30"), VatRate.of("23")),
    DraftLine("KUBEK-2", "Kubek czarny", D(2), D("5.40"), VatRate.of("8")),
)
"""36.90 EUR at 23 % (tax 6.90) and 10.80 EUR at 8 % (tax 0.80)."""
RATES = (D("4.2731"), D("4.3119"), D("4.2008"))


def advance(firm: Firm, key: str, rate: Decimal, *parts: tuple[str, str]) -> Document:
    lines = [
        DraftLine("", "Zaliczka", D(1), D(amount), VatRate.of(vat), service=True) for amount, vat in parts
    ]
    paid = sum((line.price for line in lines), D(0))
    return firm.issue(
        "FZAL", key, *lines, ordered=MUGS, paid=paid, buyer=FIRMA, currency="EUR", rate=rate, rate_note="NBP"
    )


def corrected(firm: Firm, key: str, of: Document, *changes: LineChange) -> Document:
    asked = CorrectionAsked(changes, "Zwrot", DAY, "Zwrot 1")
    return firm.issue("FSK", key, sources=(of.id,), correction=asked)


def in_pln(firm: Firm, *keys: str) -> list[tuple[Decimal, Decimal]]:
    return [firm.ledger.in_pln(firm.code, key) for key in keys]


def test_each_advance_and_the_final_invoice_are_in_pln_at_rates_of_their_own(firm: Firm) -> None:
    first = advance(firm, "a", RATES[0], ("12.30", "23"), ("3.60", "8"))
    second = advance(firm, "b", RATES[1], ("12.30", "23"), ("3.60", "8"))
    final = firm.issue(
        "FS", "fs", *MUGS, buyer=FIRMA, settles=(first.id, second.id), currency="EUR", rate=RATES[2]
    )

    assert final.gross == D("15.90")
    assert [one.gross for one in final.settled] == [D("15.90"), D("15.90")]
    # 2.30 and 0.27, 2.30 and 0.27, 2.30 and 0.26 EUR of tax, each at the rate of its own day
    assert [tax for _, tax in in_pln(firm, "a", "b", "fs")] == [
        D("9.83") + D("1.15"),
        D("9.92") + D("1.16"),
        D("9.66") + D("1.09"),
    ]


def test_what_comes_back_is_taken_off_each_at_its_own_rate_and_ends_at_nothing(firm: Firm) -> None:
    first = advance(firm, "a", RATES[0], ("10.01", "23"), ("3.05", "8"))
    second = advance(firm, "b", RATES[1], ("9.37", "23"), ("2.99", "8"))
    final = firm.issue(
        "FS", "fs", *MUGS, buyer=FIRMA, settles=(first.id, second.id), currency="EUR", rate=RATES[2]
    )
    keys: dict[str, list[str]] = {one.id: [key] for one, key in ((first, "a"), (second, "b"), (final, "fs"))}

    # Five pieces come back one by one; each FSK of the final invoice is followed by those of the advances.
    for count, line in enumerate([0, 1, 0, 1, 0]):
        sale = corrected(firm, f"k{count}", final, LineChange(final.lines[line].id, D(1)))
        keys[final.id].append(f"k{count}")
        for back in sale.settled:
            of = next(one for one in (first, second) if one.id == back.advance_id)
            changes = []
            for row in back.rows:
                own = next(each for each in of.lines if each.vat == row.vat)
                stood = _value(firm, of, own.id)
                left = stood + row.gross
                changes.append(LineChange(own.id, D(1)) if not left else LineChange(own.id, D(0), left))
            key = f"k{count}-{of.id}"
            made = corrected(firm, key, of, *changes)
            assert made.rate == of.rate
            assert made.gross == back.gross
            keys[of.id].append(key)

    for own_keys in keys.values():
        sums = in_pln(firm, *own_keys)
        assert (sum(net for net, _ in sums), sum(tax for _, tax in sums)) == (0, 0), own_keys
    assert sum(total.tax for total in firm.ledger.totals() if total.kind in ("FS", "FZAL", "FSK")) == 0


def _value(firm: Firm, of: Document, line: str) -> Decimal:
    """What a line of an advance stands at."""
    value = next(each.price for each in of.lines if each.id == line)
    for one in firm.ledger.documents(kind="FSK"):
        for each in one.correction.lines if one.correction else ():
            if each.line == line:
                value = each.after.value
    return value


@pytest.mark.parametrize("rate", ["4.2731", "0.1775"])
@pytest.mark.parametrize("bits", [["3.33", "3.33", "3.34"], ["0.01"] * 7, ["9.99"]])
def test_a_correction_in_bits_is_in_pln_what_one_would_be(bits: list[str], rate: str) -> None:
    vat = VatRate.of("23")
    stood = tax_of(D("10.00"), vat)
    start, total = pln(stood.tax, D(rate)), D(0)

    for bit in bits:
        after = tax_of(stood.gross - D(bit), vat)
        less = VatRow(vat, after.net - stood.net, after.tax - stood.tax, -D(bit))
        total += difference_in_pln([stood], [less], D(rate))[vat][1]
        stood = after

    assert start + total == pln(stood.tax, D(rate))


AMOUNTS = st.integers(1, 5000)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.tuples(AMOUNTS, st.sampled_from(["23", "8", "0"])), min_size=1, max_size=4),
    st.lists(st.integers(1, 100), max_size=4),
    st.lists(st.integers(1, 9_9999), min_size=6, max_size=6),
    st.lists(st.integers(1, 100), min_size=1, max_size=4),
)
def test_whatever_is_paid_and_comes_back_each_rate_settles_exactly(
    goods: list[tuple[int, str]], payments: list[int], rates: list[int], returns: list[int]
) -> None:
    """Payments are hundredths of the order, returns hundredths of what is left of it; the last takes all."""
    lines = [DraftLine("X", "", D(1), D(cents).scaleb(-2), VatRate.of(vat)) for cents, vat in goods]
    whole = count_lines(lines, "gross").vat_rows
    each_rate = [D(rate).scaleb(-4) for rate in rates]
    advances: list[Advance] = []
    for number, part in enumerate(payments):
        left = left_to_pay(whole, advances)
        most = sum((row.gross for row in left), D(0))
        money = (most * part / 100).quantize(D("0.01"))
        if money:
            advances.append(Advance(str(number), str(number), split_advance(money, left)))
    settling = settle(whole, advances)
    # document -> its rows as they stand, its rate, its PLN so far
    stands = {one.id: {row.vat: row for row in one.rows} for one in advances}
    settled = {advance: {row.vat: row for row in rows} for advance, rows in settling.taken}
    charged = {row.vat: row for row in settling.charged}
    pln_of: dict[str, Any] = {one.id: dict(rows_in_pln(one.rows, each_rate[int(one.id)])) for one in advances}
    pln_of["fs"] = dict(rows_in_pln(settling.charged, each_rate[5]))

    kept = {row.vat: row.gross for row in whole}
    now = {row.vat: row for row in whole}
    for part in [*returns, 100]:
        difference = []
        for vat, gross in kept.items():
            back = (gross * part / 100).quantize(D("0.01"))
            after = tax_of(gross - back, vat) if gross != back else VatRow(vat, D(0), D(0), D(0))
            was = now[vat]
            difference.append(VatRow(vat, after.net - was.net, after.tax - was.tax, after.gross - was.gross))
            kept[vat], now[vat] = gross - back, after
        found = release(
            tuple(charged.values()),
            difference,
            [
                Settlement(one.id, tuple(settled.get(one.id, {}).values()), tuple(stands[one.id].values()))
                for one in reversed(advances)
            ],
        )
        _take(pln_of["fs"], charged, found.charged, each_rate[5])
        for advance, rows in found.taken:
            minus = [VatRow(row.vat, -row.net, -row.tax, -row.gross) for row in rows]
            _take(pln_of[advance], stands[advance], minus, each_rate[int(advance)])
            for row in rows:
                old = settled[advance][row.vat]
                settled[advance][row.vat] = VatRow(
                    row.vat, old.net - row.net, old.tax - row.tax, old.gross - row.gross
                )
        # together they are, rate by rate, what an invoice over the kept goods would be
        for vat, row in now.items():
            rows = [charged[vat], *(one[vat] for one in stands.values() if vat in one)]
            assert (sum(one.gross for one in rows), sum(one.tax for one in rows)) == (row.gross, row.tax)
        assert all(row.gross >= 0 for row in charged.values())
        assert all(row.gross >= 0 for one in stands.values() for row in one.values())
        # and each is in PLN exactly its own rate times what it stands at
        for name, rate in [("fs", each_rate[5]), *((one.id, each_rate[int(one.id)]) for one in advances)]:
            rows_now = charged if name == "fs" else stands[name]
            assert pln_of[name] == rows_in_pln(tuple(rows_now.values()), rate)

    assert all(value == (0, 0) for one in pln_of.values() for value in one.values())


def _take(in_pln: Any, stands: dict[VatRate, VatRow], rows: Any, rate: Decimal) -> None:
    for vat, (net, tax) in difference_in_pln(tuple(stands.values()), rows, rate).items():
        old = in_pln[vat]
        in_pln[vat] = (old[0] + net, old[1] + tax)
    for row in rows:
        old = stands[row.vat]
        stands[row.vat] = VatRow(row.vat, old.net + row.net, old.tax + row.tax, old.gross + row.gross)
