"""The dry run of an order that was changed after its RO: one amendment, then what it waits for; never without an end."""

from __future__ import annotations

from collections.abc import Callable

from pomost.flows.dry_run import dry_run
from tests.house import House


def test_a_changed_order_is_amended_once_in_the_dry_run_as_in_the_real_one(
    house: Callable[..., House],
) -> None:
    home = house()
    order = home.shop.place(paid=True)[0]
    home.run_until_state(order, "waiting")
    (line,) = home.pomost.store.queries.find(str(order))
    home.pomost.stop()
    home.pomost.store.cases.edit(line.id, {"buyer.name": "Zenon Inny"}, "anna", 1.0)
    case, steps = home.pomost.store.cases.load_with_steps(line.id)

    found = dry_run(home.pomost.flows["sklep"], case, steps, home.ledger, home.pomost.store)

    assert [one.step.split("~")[0] for one in found.lines] == ["ro"]
    assert found.waits[0].step == "sale"
