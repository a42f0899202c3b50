"""After an outage everything that it stopped goes on at one word; what is in doubt stays with a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pomost.cli.retrying import STOPPED, WAKEABLE, Selection, retry_all
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.posnet import Emulator
from pomost.store.cases import STATES
from tests.edges import fiscal_printer, posnet
from tests.house import House
from tests.sandbox.posnet.wire import Wire

MUGS = [{"sku": "KUBEK-1", "quantity": 2}]


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[Emulator]:
    with fiscal_printer(tmp_path) as emulator:
        yield emulator


@pytest.fixture
def home(printer: Emulator, house: Callable[..., House]) -> House:
    flow = {"preset": "ro-pa-fiscal-wz", "rules": {"sale": "always-pa"}}
    return house(flow=flow, posnet=[posnet(printer)], engine={"attempts": 100})


def in_doubt(shop: Sandbox, printer: Emulator, home: House) -> int:
    """An order whose answer was lost while somebody else sold on the same printer."""
    printer.faults.add("answer-lost", "trend")
    printer.on_command = lambda command: (
        printer.faults.add("command-lost", "sdev", 1000) if command == "trend" else None
    )
    order: int = shop.place(lines=MUGS, paid=True, status="Spakowane")[0]
    home.run_until(lambda: home.waits(order).get("code") == "posnet.cannot-ask", 60)
    printer.on_command = lambda command: None
    printer.printer.forget_answers()
    with Wire(printer.second_port) as wire:
        assert wire.sell(("Inny towar", 0, 500)) == 0
    printer.faults.clear()
    home.run_until_state(order, "doubt", 60)
    return order


def test_once_there_is_paper_all_orders_go_on_and_the_one_in_doubt_is_left(
    shop: Sandbox, printer: Emulator, home: House, capsys: pytest.CaptureFixture[str]
) -> None:
    doubtful = in_doubt(shop, printer, home)
    printer.take_paper()
    orders = shop.place(5, lines=MUGS, paid=True, status="Spakowane")
    unknown = shop.place(lines=[{"sku": "NOWY-1", "quantity": 1, "price_brutto": 10}], paid=True)[0]
    home.run_until(lambda: all(home.state(order) == "person" for order in orders), 60)
    home.run_until_state(unknown, "waiting")
    before = len(printer.receipts())

    # The dry run counts and changes nothing.
    printer.put_paper_in()
    tried = retry_all(home.pomost, Selection(), dry_run=True)
    assert len(tried.woken) == 5
    assert [home.state(order) for order in orders] == ["person"] * 5

    found = retry_all(home.pomost, Selection(), dry_run=False)
    home.run_until(lambda: all(home.state(order) == "done" for order in orders), 60)

    # Each of the five has one receipt in the fiscal memory; the one in doubt got none anew, and says what is to be done.
    assert sorted(line.number for line in found.woken) == sorted(map(str, orders))
    assert len(printer.receipts()) == before + 5
    assert all("WZ" in home.kinds(order) for order in orders)
    assert "WZ" not in home.kinds(doubtful)
    assert {(reason, line.number) for reason, line in found.left} == {
        ("doubt", str(doubtful)),
        ("by-itself", str(unknown)),
    }
    assert home.state(doubtful) == "doubt"
    said = capsys.readouterr().out
    assert "pomost resolve" in said
    assert "posnet.no-paper" in said


def test_only_what_is_asked_for_is_tried_again(shop: Sandbox, printer: Emulator, home: House) -> None:
    printer.take_paper()
    order = shop.place(lines=MUGS, paid=True, status="Spakowane")[0]
    home.run_until_state(order, "person")
    printer.put_paper_in()

    for wanted in (
        Selection(code="posnet.cover-open"),
        Selection(code="posn"),
        Selection(source="allegro"),
        Selection(states=("stopped", "retrying")),
    ):
        found = retry_all(home.pomost, wanted, dry_run=False)
        assert (found.woken, [reason for reason, _ in found.left]) == ((), ["not-asked"])
    assert printer.receipts() == []

    assert (
        len(retry_all(home.pomost, Selection(code="posnet", source="baselinker"), dry_run=False).woken) == 1
    )
    home.run_until_state(order, "done")
    assert len(printer.receipts()) == 1


def test_what_still_fails_stops_again_and_is_made_once(shop: Sandbox, printer: Emulator, home: House) -> None:
    """Somebody says it too early, and again: nothing is printed, nothing made twice."""
    printer.take_paper()
    order = shop.place(lines=MUGS, paid=True, status="Spakowane")[0]
    home.run_until_state(order, "person")
    for _ in range(3):
        retry_all(home.pomost, Selection(), dry_run=False)
        home.run_until(lambda: not home.pomost.store.cases.due(home.pomost.work.now() + 1))
        home.run_until_state(order, "person")
    assert home.kinds(order) == ["RO", "PA"]

    printer.put_paper_in()
    retry_all(home.pomost, Selection(), dry_run=False)
    home.run_until_state(order, "done")
    assert home.kinds(order) == ["RO", "PA", "WZ"]
    assert len(printer.receipts()) == 1


def test_no_state_is_forgotten() -> None:
    """A state that comes to be known must be said to be tried again, or not."""
    assert {*WAKEABLE, "doubt", "new", "done"} == set(STATES)
    assert set(STOPPED) < set(WAKEABLE)
