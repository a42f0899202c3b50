"""What every runner owes, whichever engine and database carry it. The shop speaks HTTP, the ledger is the real one."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pomost.flows.acts.hands import key_of
from pomost.ports import TryAgain
from pomost.sandbox.baselinker import Sandbox
from pomost.store.cases import Outcome
from pomost.store.claims import Claim, LostLease
from pomost.store.steps import Finished, Intention
from tests.engine.machine import Machine, wait_until
from tests.nursery import start

Make = Callable[..., Machine]


def test_every_case_is_run_once(machine: Make, shop: Sandbox) -> None:
    orders = shop.place(20)
    one = machine()
    ids = one.look()
    one.start()
    one.runner.wake(ids)
    one.wait_until_resting(20)
    assert one.orders_with_ro() == sorted(str(order) for order in orders)
    assert shop.count("W realizacji") == 20
    assert {row.fence for row in one.rows()} == {1}


def test_a_wake_up_that_got_lost_is_found_by_the_sweep(machine: Make, shop: Sandbox) -> None:
    one = machine()
    one.start()
    orders = shop.place(3)
    one.look()
    one.wait_until_resting(3)
    assert one.orders_with_ro() == sorted(str(order) for order in orders)


def test_twenty_wake_ups_make_one_document(machine: Make, shop: Sandbox) -> None:
    orders = shop.place(3)
    one = machine()
    ids = one.look()
    one.start()
    for _ in range(20):
        one.store.cases.wake(ids, time.time())
        one.runner.wake(ids)
    one.wait_until_resting(3)
    assert one.orders_with_ro() == sorted(str(order) for order in orders)
    assert [sum(event.what == "intended" for event in one.store.steps.history(id_)) for id_ in ids] == [2] * 3


def test_a_wake_up_during_the_work_is_answered_after_it(machine: Make, shop: Sandbox) -> None:
    shop.place(1)
    one = machine(sweep_s=60.0)
    ids = one.look()
    inside, go_on = threading.Event(), threading.Event()

    def at(point: str) -> None:
        if point == "ro-back:moved":
            inside.set()
            assert go_on.wait(20)

    one.at = at
    one.start()
    one.runner.wake(ids)
    assert inside.wait(20)
    one.store.cases.wake(ids, time.time())
    one.runner.wake(ids)
    go_on.set()
    one.wait_until_resting(1)
    assert [row.fence for row in one.rows()] == [2]


def test_a_wake_up_overtakes_one_that_is_set_for_later(machine: Make, shop: Sandbox) -> None:
    orders = shop.place(1)
    one = machine(sweep_s=60.0, retry_first_s=60.0, retry_most_s=60.0)
    ids = one.look()
    failures = [TryAgain("test.busy", "The other side is busy.")]

    def at(point: str) -> None:
        if failures:
            raise failures.pop()

    one.at = at
    one.start()
    one.runner.wake(ids)
    wait_until(lambda: [(row.state, row.lease_owner) for row in one.rows()] == [("retrying", None)])
    assert one.rows()[0].due_at > time.time() + 20
    one.store.cases.wake(ids, time.time())
    one.runner.wake(ids)
    one.wait_until_resting(1)
    assert one.orders_with_ro() == [str(orders[0])]


def test_a_passing_failure_is_repeated_when_it_is_due(machine: Make, shop: Sandbox) -> None:
    orders = shop.place(1)
    one = machine(sweep_s=60.0)
    ids = one.look()
    failures = [TryAgain("test.busy", "The other side is busy.") for _ in range(2)]

    def at(point: str) -> None:
        if failures:
            raise failures.pop()

    one.at = at
    one.start()
    one.runner.wake(ids)
    one.wait_until_resting(1)
    assert one.orders_with_ro() == [str(orders[0])]
    assert [
        event.data.get("code") for event in one.store.steps.history(ids[0]) if event.what == "retrying"
    ] == ["test.busy"]


def test_two_machines_share_sixty_orders_and_make_one_ro_for_each(machine: Make, shop: Sandbox) -> None:
    orders = shop.place(60)
    both = [machine(), machine()]
    at_once: Counter[int] = Counter()
    overlaps: list[int] = []
    lock = threading.Lock()
    workers: set[str] = set()

    def watch(do: Callable[[Claim], float | None]) -> Callable[[Claim], float | None]:
        def watched(claim: Claim) -> float | None:
            with lock:
                workers.add(claim.owner)
                at_once[claim.case_id] += 1
                if at_once[claim.case_id] > 1:
                    overlaps.append(claim.case_id)
            try:
                return do(claim)
            finally:
                with lock:
                    at_once[claim.case_id] -= 1

        return watched

    for one in both:
        one.work.do = watch(one.work.do)  # type: ignore[method-assign, assignment]
    ids = both[0].look()
    for one in both:
        one.start()
    for one in both:
        one.runner.wake(ids)
    both[0].wait_until_resting(60, 60)
    assert overlaps == []
    assert len(workers) == 2
    assert both[0].orders_with_ro() == sorted(str(order) for order in orders)
    assert [one.stop() for one in both] == [True, True]


def test_the_case_of_a_killed_process_is_taken_over_without_a_person(
    machine: Make, shop: Sandbox, tmp_path: Path
) -> None:
    orders = shop.place(3)
    one = machine(lease_s=1.0)
    one.look()
    with start(
        "tests.engine.machine", one.kind, one.url, one.shop_url, str(tmp_path), "1.0", pipes=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "holding\n"
        held = [row.external_id for row in one.rows() if row.lease_owner]
        assert len(held) == 1
        # its heart beats: while it lives, nobody takes the case from it
        assert one.orders_with_ro() == held
        # killed here, by SIGKILL
    one.start()
    one.wait_until_resting(3)
    assert one.orders_with_ro() == sorted(str(order) for order in orders)
    assert shop.count("W realizacji") == 3


def test_a_long_piece_of_work_keeps_its_lease(machine: Make, shop: Sandbox) -> None:
    orders = shop.place(1)
    busy, other = machine(lease_s=0.6), machine(lease_s=0.6)
    ids = busy.look()
    inside, go_on = threading.Event(), threading.Event()

    def at(point: str) -> None:
        if point == "ro:made":
            inside.set()
            assert go_on.wait(20)

    busy.at = other.at = at
    busy.start()
    busy.runner.wake(ids)
    assert inside.wait(20)
    started = time.time()
    other.start()
    wait_until(lambda: time.time() > started + 2 * 0.6)
    assert [row.fence for row in busy.rows()] == [1]
    go_on.set()
    busy.wait_until_resting(1)
    assert busy.orders_with_ro() == [str(orders[0])]
    assert [row.fence for row in busy.rows()] == [1]


def test_a_stop_finishes_what_is_under_way_and_leaves_nothing_claimed(machine: Make, shop: Sandbox) -> None:
    shop.place(20)
    one = machine()
    ids = one.look()
    begun = threading.Event()
    one.at = lambda point: begun.set()
    one.start()
    one.runner.wake(ids)
    assert begun.wait(20)
    assert one.stop()
    assert [row.lease_owner for row in one.rows()] == [None] * 20
    assert {row.state for row in one.rows()} <= {"new", "waiting"}
    other = machine()
    other.start()
    other.wait_until_resting(20)
    assert len(set(other.orders_with_ro())) == len(other.orders_with_ro()) == 20


def test_a_stop_says_when_something_is_still_running(machine: Make, shop: Sandbox) -> None:
    shop.place(1)
    one = machine()
    ids = one.look()
    inside, go_on = threading.Event(), threading.Event()

    def at(point: str) -> None:
        inside.set()
        assert go_on.wait(20)

    one.at = at
    one.start()
    one.runner.wake(ids)
    assert inside.wait(20)
    assert not one.stop(0.3)
    go_on.set()
    wait_until(lambda: [row.lease_owner for row in one.rows()] == [None])


def test_one_whose_lease_ended_can_write_nothing_any_more(machine: Make, shop: Sandbox) -> None:
    shop.place(1)
    one = machine()
    ids = one.look()
    now = time.time()
    zombie = one.store.cases.claim_one("zombie", ids[0], 1.0, now)
    assert zombie is not None
    heir = one.store.cases.claim_one("heir", ids[0], 1.0, now + 1.5)
    assert heir is not None
    key = key_of(one.store.cases.load(ids[0]), "ro")
    with pytest.raises(LostLease):
        one.store.steps.write(zombie, now + 1.6, intended=[Intention("ro", key, "{}")])
    with pytest.raises(LostLease):
        one.store.steps.write(zombie, now + 1.6, finished=[Finished("ro", {})])
    with pytest.raises(LostLease):
        one.store.cases.release(zombie, Outcome("done", {}), now + 1.6)
    one.store.cases.renew("zombie", [zombie], 100.0, now + 1.6)
    assert one.work.do(zombie) is None
    row = one.rows()[0]
    assert (row.state, row.lease_owner, row.fence) == ("new", "heir", heir.fence)
    assert one.store.steps.of_case(ids[0]) == {}
    assert one.orders_with_ro() == []
