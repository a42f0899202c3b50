"""Who waits for a slow printer or mail server holds up nobody else, whichever engine carries the work."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pomost.engine.crew import Places
from pomost.flows.turns import Turns
from pomost.ports import WaitUntil
from pomost.sandbox.baselinker import Sandbox
from tests.edges import fiscal_printer, posnet, post_office
from tests.engine.machine import wait_until
from tests.house import House

MUGS = [{"sku": "KUBEK-1", "quantity": 2}]
DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)]


@pytest.fixture
def on(request: pytest.FixtureRequest, house: Callable[..., House]) -> Callable[..., House]:
    """A house with 8 workers on the database of that kind."""

    def build(kind: str, **wanted: Any) -> House:
        if kind == "postgres":
            url = request.getfixturevalue("database")
            wanted |= {"database": url, "ledger": url}
        return house(engine={"workers": 8, "lease_s": 5.0}, **wanted)

    return build


@pytest.fixture
def database_first(request: pytest.FixtureRequest) -> None:
    """The database outlives the house that works on it."""
    if "postgres" in request.node.callspec.params.values():
        request.getfixturevalue("database")


@pytest.mark.parametrize("kind", DATABASES)
def test_ten_orders_that_wait_for_a_slow_printer_do_not_hold_up_ten_that_need_none(
    kind: str, database_first: None, shop: Sandbox, on: Callable[..., House], tmp_path: Path
) -> None:
    with fiscal_printer(tmp_path) as printer:
        printer.faults.add("slow", "trend", times=100, seconds=2.0)
        one = on(kind, flow={"preset": "ro-pa-fiscal-wz"}, posnet=[posnet(printer, print_timeout_s=10.0)])
        receipts = shop.place(10, lines=MUGS, nip="", paid=True, status="Spakowane")
        one.run_until(lambda: len(one.ledger.documents(kind="PA")) == 10, 60)
        printed_before = len(printer.receipts())
        invoices = shop.place(10, lines=MUGS, nip="123-456-32-18", paid=True, status="Spakowane")

        one.run_until(lambda: all(one.state(order) == "done" for order in invoices), 60)
        printed_meanwhile = len(printer.receipts()) - printed_before

        # that was what is to be seen: the rest need not be slow
        printer.faults.clear()
        one.run_until(lambda: all(one.state(order) == "done" for order in receipts), 60)
        assert printed_before <= 1, (
            "all ten came to the printer, beyond the eight workers, before two were printed"
        )
        assert printed_meanwhile <= 2, "the invoices did not wait for the receipts before them"
        assert len(printer.receipts()) == 10
        assert printer.cancelled() == 0
        assert all(one.kinds(order) == ["RO", "PA", "WZ"] for order in receipts)
        one.stop()


@pytest.mark.parametrize("kind", DATABASES)
def test_orders_whose_mail_server_is_slow_do_not_hold_up_those_without_mail(
    kind: str, database_first: None, shop: Sandbox, on: Callable[..., House]
) -> None:
    with post_office() as (post, account):
        post.slow_s = 8.0
        one = on(kind, flow={"preset": "ro-fs-wz-mail"}, smtp=[account | {"answer_timeout_s": 30.0}])
        mailed = shop.place(10, lines=MUGS, paid=True, status="Spakowane")
        one.run_until(lambda: len(one.ledger.documents(kind="WZ")) == 10, 60)
        others = shop.place(10, lines=MUGS, paid=True, status="Spakowane", email="")

        one.run_until(lambda: all(one.state(order) == "done" for order in others), 60)
        taken_meanwhile = len(post.taken)

        post.slow_s = 0.0
        one.run_until(lambda: all(one.state(order) == "done" for order in mailed), 60)
        assert taken_meanwhile == 0, "those without mail did not wait for the first eight mails"
        assert len(post.taken) == 10
        assert post.most_at_once <= 8, "no more connections than workers"
        one.stop()


def test_a_stop_does_not_wait_for_the_queue_at_a_printer(
    shop: Sandbox, house: Callable[..., House], tmp_path: Path
) -> None:
    with fiscal_printer(tmp_path) as printer:
        printer.faults.add("slow", "trend", times=100, seconds=1.0)
        one = house(
            flow={"preset": "ro-pa-fiscal-wz"},
            posnet=[posnet(printer, print_timeout_s=10.0)],
            engine={"workers": 8},
        )
        orders = shop.place(20, lines=MUGS, nip="", paid=True, status="Spakowane")
        one.run_until(lambda: len(one.ledger.documents(kind="PA")) == 20, 60)

        begun = time.monotonic()
        assert one.pomost.stop(6.0), "nothing is left running"

        assert time.monotonic() - begun < 9
        printed = len(printer.receipts())
        assert printed < 20
        done = [order for order in orders if one.state(order) == "done"]
        assert len(done) <= printed
        assert {one.waits(order).get("code") for order in orders} <= {"engine.closing", "", None}


# --- turns -------------------------------------------------------------------------------------------------------


@contextmanager
def holding(turns: Turns) -> Iterator[None]:
    """The only place is taken by another thread meanwhile."""
    begun, end = threading.Event(), threading.Event()

    def hold() -> None:
        with turns.one():
            begun.set()
            end.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    assert begun.wait(5)
    try:
        yield
    finally:
        end.set()
        thread.join(5)


def test_who_came_first_is_served_first() -> None:
    turns = Turns("kasa")
    served: list[int] = []

    def take(number: int) -> None:
        with turns.one():
            served.append(number)

    threads = []
    with holding(turns):
        for number in range(10):
            threads.append(threading.Thread(target=take, args=(number,)))
            threads[-1].start()
            wait_until(lambda number=number: len(turns._queue) == number + 1)  # type: ignore[misc]
    for thread in threads:
        thread.join(5)

    assert served == list(range(10))


def test_beyond_the_most_each_is_sent_away_until_a_moment_of_its_own() -> None:
    turns = Turns("kasa", most=1)
    waiter = threading.Thread(target=lambda: turns.one().__enter__())
    with holding(turns):
        waiter.start()
        wait_until(lambda: len(turns._queue) == 1)
        moments = []
        for _ in range(1000):
            with pytest.raises(WaitUntil) as caught, turns.one():
                pass
            moments.append(caught.value.until.timestamp())
    waiter.join(5)

    assert caught.value.code == "fiscal.busy"
    assert moments == sorted(moments)
    assert moments[10] - moments[0] > 5, "not all at once"
    assert moments[-1] <= time.time() + 300, "never put off for hours"


def test_at_the_end_who_waits_is_sent_away_and_who_is_served_goes_on() -> None:
    turns = Turns("kasa")
    told: list[str] = []

    def wait() -> None:
        try:
            with turns.one():
                told.append("served")
        except WaitUntil as failure:
            told.append(failure.code)

    with holding(turns):
        waiter = threading.Thread(target=wait)
        waiter.start()
        turns.close(0.1)
        waiter.join(5)

    assert told == ["engine.closing"]


def test_a_failure_gives_the_place_back() -> None:
    turns = Turns("kasa")
    with pytest.raises(ValueError), turns.one():
        raise ValueError
    with turns.one():
        pass


# --- places of the event loop ------------------------------------------------------------------------------------


def test_places_grow_while_one_rests_and_are_taken_back() -> None:
    async def play() -> list[bool]:
        places = Places(1, most=2)
        await places.acquire()
        seen = [places.locked()]
        places.rests(1)
        seen.append(places.locked())
        places.rests(1)  # beyond the most nothing is given
        await places.acquire()
        seen.append(places.locked())
        places.rests(-1)
        places.rests(-1)
        places.release()  # the first that ends pays back
        seen.append(places.locked())
        places.release()
        seen.append(places.locked())
        return seen

    assert asyncio.run(play()) == [True, False, True, True, False]
