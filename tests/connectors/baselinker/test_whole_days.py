"""Whole days in a shop: whatever people and Pomost do, what was seen last is what is there."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pomost.connectors.baselinker import BaseLinkerChannel
from pomost.ports import FileToSend, InDoubt, TryAgain, WriteBack
from pomost.sandbox.baselinker import Sandbox
from tests.connectors.baselinker.surroundings import Clock, Looker

Join = Callable[..., BaseLinkerChannel]
STATUSES = ("Nowe zamówienia", "W realizacji", "Spakowane", "Wysłane", "Anulowane")
SEEN = ("order_status_id", "admin_comments", "invoice_nip", "payment_done", "extra_field_1")


class Day:
    """Random deeds, and a mirror of what a store would hold: what was read last, and our own writes on top."""

    def __init__(self, seed: int, looker: Looker, sandbox: Sandbox, clock: Clock) -> None:
        self.chance = random.Random(seed)
        self.looker = looker
        self.sandbox = sandbox
        self.clock = clock
        self.mirror: dict[int, dict[str, str]] = {}
        self.ids: list[int] = []

    def any(self) -> int | None:
        return self.chance.choice(self.ids) if self.ids else None

    def deed(self) -> None:
        order_id = self.any()
        deeds: list[Callable[[int], None]] = [
            self.edit,
            self.move,
            self.pay,
            self.copy,
            self.remove,
            self.write,
            self.set_status,
            self.wait,
        ]
        if order_id is None or self.chance.random() < 0.3:
            self.ids += self.sandbox.place(self.chance.randint(1, 4))
        else:
            self.chance.choice(deeds)(order_id)

    def edit(self, order_id: int) -> None:
        self.sandbox.edit(order_id, admin_comments=f"uwaga {self.chance.random()}")

    def move(self, order_id: int) -> None:
        self.sandbox.move(order_id, self.chance.choice(STATUSES))

    def pay(self, order_id: int) -> None:
        self.sandbox.pay(order_id)

    def copy(self, order_id: int) -> None:
        self.ids.append(self.sandbox.copy(order_id))

    def remove(self, order_id: int) -> None:
        self.sandbox.remove(order_id)
        self.ids.remove(order_id)

    def write(self, order_id: int) -> None:
        text = f"FS {self.chance.randint(1, 99)}"
        self.looker.channel.write(WriteBack(str(order_id), "k", {"extra_field_1": text}))
        if order_id in self.mirror:
            self.mirror[order_id]["extra_field_1"] = text

    def set_status(self, order_id: int) -> None:
        status = self.chance.choice(STATUSES)
        self.looker.channel.set_status([str(order_id)], status)
        if order_id in self.mirror:
            self.mirror[order_id]["order_status_id"] = str(self.sandbox.order(order_id)["order_status_id"])

    def wait(self, order_id: int) -> None:
        self.clock.go(self.chance.choice([0, 1, 5, 40]))

    def look(self) -> None:
        for one in self.looker.seen():
            self.mirror[int(one.external_id)] = {key: str(one.raw[key]) for key in SEEN}
        for order_id in self.looker.gone:
            self.mirror.pop(order_id, None)

    def truth(self) -> dict[int, dict[str, str]]:
        return {order["order_id"]: {key: str(order[key]) for key in SEEN} for order in self.sandbox.orders()}


@pytest.mark.parametrize("seed", range(8))
def test_pain_20_after_every_look_the_mirror_is_the_truth(
    join: Join, sandbox: Sandbox, clock: Clock, seed: int
) -> None:
    day = Day(seed, Looker(join()), sandbox, clock)
    day.look()
    for _ in range(25):
        for _ in range(day.chance.randint(0, 8)):
            day.deed()
        day.look()
        assert day.mirror == day.truth()


@pytest.mark.parametrize("seed", range(4))
def test_pain_04_with_a_journal_in_bad_moods_the_mirror_catches_up(
    join: Join, sandbox: Sandbox, clock: Clock, seed: int
) -> None:
    day = Day(seed, Looker(join(relist_hours=24.0)), sandbox, clock)
    day.look()
    for fault in ("journal-duplicates", "journal-out-of-order", "unknown-journal-types", "journal-late"):
        arguments: dict[str, Any] = {"seconds": 30} if fault == "journal-late" else {}
        sandbox.misbehave(fault, times="always", probability=0.5, seed=seed, **arguments)
    sandbox.misbehave("html-200", "getOrders", times="always", probability=0.2, seed=seed)
    for _ in range(15):
        for _ in range(day.chance.randint(0, 8)):
            try:
                day.deed()
            except (InDoubt, TryAgain):
                day.clock.go(1)
        try:
            day.look()
        except TryAgain:
            continue
    sandbox.behave()
    clock.go(400)
    day.look()
    missing = {order_id for order_id in day.mirror if order_id not in day.truth()}
    assert {key: value for key, value in day.mirror.items() if key not in missing} == day.truth()


def test_pain_10_an_order_from_import_to_number_and_status_costs_little_more_than_one_call(
    join: Join, sandbox: Sandbox
) -> None:
    channel = join(status_linger_s=0.05)
    looker = Looker(channel)
    looker.look()
    placed = sandbox.place(100)
    seen = looker.seen()
    assert len(seen) == 100

    def finish(external_id: str) -> None:
        number = f"FS {external_id}"
        channel.write(
            WriteBack(
                external_id,
                number,
                {"Numer FS/PA": number},
                FileToSend(f"{number}.pdf", b"%PDF-1.7", number),
                "Dokument PDF",
            )
        )
        channel.set_status([external_id], "Spakowane")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(finish, [one.external_id for one in seen]))
    assert looker.look() == []
    assert {order["status"] for order in sandbox.orders()} == {"Spakowane"}
    assert len(sandbox.calls()) / len(placed) <= 1.6
