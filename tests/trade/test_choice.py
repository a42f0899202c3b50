from __future__ import annotations

from typing import Literal

import pytest

from pomost.trade.choice import SaleRule, choose_sale_kind
from pomost.trade.order import Address, Party
from tests.trade.samples import line, order

GOOD, WRONG = "123-456-32-18", "123-456-32-19"
Kind = Literal["FS", "PA"] | None


@pytest.mark.parametrize(
    ("company", "number", "wish", "kinds"),
    [
        #                                          nip-or-wish, nip,  wish
        pytest.param("Firma", GOOD, True, ("FS", "FS", "FS"), id="company-number-wish"),
        pytest.param("Firma", GOOD, False, ("FS", "FS", "PA"), id="company-number"),
        pytest.param("", GOOD, False, ("FS", "FS", "PA"), id="person-with-number"),
        pytest.param("Firma", WRONG, True, (None, None, "FS"), id="company-wrong-number-wish"),
        pytest.param("Firma", WRONG, False, ("PA", "PA", "PA"), id="company-wrong-number"),
        pytest.param("", WRONG, True, ("FS", "PA", "FS"), id="person-wrong-number-wish"),
        pytest.param("Firma", "", True, ("FS", "PA", "FS"), id="company-without-number-wish"),
        pytest.param("", "", True, ("FS", "PA", "FS"), id="person-wish"),
        pytest.param("", "", False, ("PA", "PA", "PA"), id="person"),
    ],
)
def test_the_document_of_sale_follows_the_rule(
    company: str, number: str, wish: bool, kinds: tuple[Kind, Kind, Kind]
) -> None:
    buyer = Party("Anna Przykładowa", company, number, address=Address(country="PL"))
    bought = order(line("A", "1", "10"), buyer=buyer, wants_invoice=wish)
    rules: tuple[SaleRule, ...] = ("nip-or-wish", "nip", "wish", "always-fs", "always-pa")
    choices = [choose_sale_kind(bought, rule) for rule in rules]
    assert [choice.kind for choice in choices] == [*kinds, "FS", "PA"]
    for choice in choices:
        assert choice.reason.startswith("unresolved: ") == (choice.kind is None)
        assert "123" not in choice.reason
        assert "Firma" not in choice.reason


def test_the_first_rule_is_the_standard() -> None:
    bought = order(line("A", "1", "10"), wants_invoice=True)
    assert choose_sale_kind(bought) == choose_sale_kind(bought, "nip-or-wish")
