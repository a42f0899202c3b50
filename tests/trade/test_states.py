from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from pomost.trade.documents import KINDS, State
from pomost.trade.states import may_change

STATES: tuple[State, ...] = get_args(State)


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_goes_from_bufor_to_approved_and_may_be_cancelled_from_both(kind: str) -> None:
    permitted = {
        (before, after) for before, after in product(STATES, STATES) if may_change(kind, before, after)
    }
    assert permitted == {("bufor", "approved"), ("bufor", "cancelled"), ("approved", "cancelled")}


def test_an_unknown_kind_may_change_nothing() -> None:
    assert not any(may_change("??", before, after) for before, after in product(STATES, STATES))


def test_kinds_become_kinds_that_exist() -> None:
    assert {target for kind in KINDS.values() for target in kind.becomes} <= set(KINDS)
    assert all(symbol == kind.symbol for symbol, kind in KINDS.items())
