"""512 real invoices of a real shop go through the full flow: each becomes its documents or waits with a reason."""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox, replay
from tests.house import TODAY, House

SHARED = Path(os.environ.get("POMOST_SHARED", Path(__file__).resolve().parents[3] / "shared"))
FILE = SHARED / "data" / "online-retail" / "orders.csv"


@pytest.mark.skipif(
    not FILE.exists(), reason=f"the file of real orders is not here ({FILE.name}); set POMOST_SHARED"
)
def test_every_real_order_becomes_documents_or_waits_and_the_totals_agree(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(
        stocked=False,
        flow={"preset": "ro-fs-wz-at-once"},
        rules={
            "sale": "always-fs",
            "service_skus": ["POST", "D", "M", "DOT", "BANK CHARGES", "C2", "AMAZONFEE"],
        },
        engine={"workers": 8},
        baselinker={"import_from": "2010-01-01"},
    )
    cards = replay.items(FILE)
    home.ledger.setup.add_items("main", cards)
    goods = {card["sku"]: (Decimal(card["sold"] + 1), Decimal("1.00")) for card in cards}
    home.ledger.issue(receive_draft("main", "MAG", "opening", TODAY, goods))
    file = replay.totals(FILE)

    assert shop.replay(str(FILE)) == file.invoices
    home.run_until(
        lambda: sum(home.states().get(state, 0) for state in ("done", "person")) == file.invoices, 240
    )

    waiting = home.pomost.store.queries.in_state(("person",), 1000)
    assert {line.waits["code"] for line in waiting} <= {"trade.negative-quantity", "trade.missing-sku"}
    assert all(line.waits["text"] and line.waits["advice"] for line in waiting)
    invoices = home.ledger.documents(kind="FS")
    made = sum((document.gross for document in invoices), Decimal(0))
    stuck = sum(
        (
            line.quantity * line.price
            for waits in waiting
            for line in home.pomost.store.cases.load(waits.id).order.lines  # type: ignore[union-attr]
        ),
        Decimal(0),
    )
    assert made + stuck == file.value
    assert len(invoices) + len(waiting) == file.invoices
    assert len(home.ledger.documents(kind="WZ")) == len(invoices)
    assert max(len(document.lines) for document in invoices) > 500
