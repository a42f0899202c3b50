"""The sender of notices is killed while the receiver has one in its hands: every notice arrives, and in order."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from pomost.sandbox.baselinker import Sandbox
from pomost.store.store import open_store
from tests.faults.processes import kill_child, start_child
from tests.house import House, config_for
from tests.nursery import Child
from tests.receiver import Got, Receiver

ORDERS = 3
KILLS = 8


@pytest.mark.parametrize("when", ["before the answer", "after the answer"])
@pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.slow])]
)
def test_a_sender_that_is_killed_loses_no_notice(
    kind: str, when: str, shop: Sandbox, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'pomost.db'}" if kind == "sqlite" else request.getfixturevalue("database")
    wanted: dict[str, Any] = {"database": url, "ledger": f"sqlite:///{tmp_path / 'ledger.db'}"}
    House(tmp_path, shop, **wanted).stop()
    child: list[Child] = []
    killed = 0

    def kill() -> None:
        kill_child(child[-1])

    def answer(got: Got) -> int:
        nonlocal killed
        if killed < KILLS and got.id not in {one.id for one in receiver.got[:-1]}:
            killed += 1
            if when == "before the answer":
                kill()
            else:
                # its answer is on the way when it dies
                threading.Timer(0.002, kill).start()
        return 200

    with Receiver(answer) as receiver:
        config = config_for(tmp_path, shop.url, webhook=[receiver.hook()], **wanted)
        (tmp_path / "config.json").write_text(config.model_dump_json())
        store = open_store(url)

        def open_notices() -> int:
            return store.outbox.standing("magazyn").open

        orders = shop.place(ORDERS, paid=True)
        moved = False
        end = time.monotonic() + 150
        try:
            while time.monotonic() < end:
                if not child or child[-1].poll() is not None:
                    child.append(start_child(tmp_path))
                states = [line.state for line in store.queries.all()]
                if not moved and states == ["waiting"] * ORDERS:
                    moved = True
                    for order in orders:
                        shop.move(order, "Spakowane")
                if moved and states == ["done"] * ORDERS and not open_notices():
                    break
                time.sleep(0.02)
        finally:
            for one in child:
                kill_child(one)
        notices = store.outbox.page()
        store.close()

    assert killed == KILLS
    assert len(notices) == ORDERS * 4
    assert {got.id for got in receiver.got} == {f"magazyn-{one.id}" for one in notices}
    assert all(one.state == "delivered" for one in notices)
    assert all(got.signed for got in receiver.got)
    for order in orders:
        mine = [got for got in receiver.got if got.body["order"]["number"] == str(order)]
        first = list(dict.fromkeys(got.id for got in mine))
        assert first == sorted(first, key=lambda one: int(one.rsplit("-", 1)[1]))
        assert [got.event for got in mine if got.id == first[-1]][-1] == "order.done"
        # the same words in every repetition
        assert all(len({got.text for got in mine if got.id == one}) == 1 for one in first)
