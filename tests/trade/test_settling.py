"""How one payment is divided among the parts of a sale."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.trade.settling import Part, given_back, settle, still_open

D = Decimal


@pytest.mark.parametrize(
    ("payment", "parts", "settled"),
    [
        ("100", [("60", "0"), ("40", "0")], ["60", "40"]),
        ("100", [("60", "0")], ["60"]),
        ("70", [("60", "0"), ("40", "0")], ["60", "10"]),
        # a later part is settled with what is left
        ("100", [("60", "60"), ("40", "0")], ["60", "40"]),
        # the first was corrected: what it gives back goes to the one that lacks
        ("70", [("45", "60"), ("40", "10")], ["45", "25"]),
        # cancelled
        ("100", [("0", "60"), ("40", "40")], ["0", "40"]),
        # the correction was cancelled: nobody else loses what it has
        ("100", [("60", "45"), ("50", "50")], ["50", "50"]),
        ("100", [("-5", "0")], ["0"]),
        ("100", [], []),
    ],
)
def test_the_oldest_part_first_and_each_keeps_what_it_is_worth(
    payment: str, parts: list[tuple[str, str]], settled: list[str]
) -> None:
    found = settle(D(payment), [Part(D(worth), D(has)) for worth, has in parts])

    assert list(found) == [D(one) for one in settled]


money = st.integers(0, 100_000).map(lambda n: D(n) / 100)


@given(money, st.lists(money, max_size=6), st.lists(money, max_size=6), st.data())
def test_settled_is_the_payment_or_what_the_parts_are_worth_whatever_happened_before(
    payment: Decimal, worths: list[Decimal], later: list[Decimal], data: st.DataObject
) -> None:
    """Parts come and are corrected or cancelled in any order; nothing is settled beyond a part's worth or the payment."""
    has: tuple[Decimal, ...] = ()
    for count in range(1, len(worths) + 1):
        has = settle(payment, [Part(worths[n], has[n] if n < len(has) else D(0)) for n in range(count)])
    for worth in later:
        if not worths:
            return
        worths[data.draw(st.integers(0, len(worths) - 1))] = worth
        has = settle(payment, [Part(one, own) for one, own in zip(worths, has, strict=True)])

    assert sum(has) == min(payment, sum(worths, D(0)))
    assert all(0 <= one <= worth for one, worth in zip(has, worths, strict=True))
    assert settle(payment, [Part(one, own) for one, own in zip(worths, has, strict=True)]) == has


@pytest.mark.parametrize(
    ("rows", "back"),
    [
        (["60"], "0"),
        (["60", "-20"], "20"),
        (["60", "-20", "5"], "15"),
        (["60", "-20", "20", "-60"], "60"),
        (["60", "-20", "30"], "0"),
    ],
)
def test_what_was_given_back_and_taken_again_is_not_given_back(rows: list[str], back: str) -> None:
    assert given_back([D(one) for one in rows]) == D(back)


def test_what_is_open_belongs_to_who_gave_it_back_first() -> None:
    assert still_open([D(20), D(30)], D(50)) == (D(20), D(30))
    assert still_open([D(20), D(30)], D(25)) == (D(20), D(5))
    assert still_open([D(20), D(30)], D(0)) == (D(0), D(0))
