"""Seconds from a kill -9 until the orders that were being worked on are finished, and that nothing is lost or doubled.

An order counts as finished when the channel shows it so and its case is done: the channel alone may do so sooner, because
a call that was on its way at the kill is carried out all the same.
"""

from __future__ import annotations

import random
import time
from contextlib import AbstractContextManager, nullcontext

from sqlalchemy import ColumnElement, select

from bench.stand import FINISHED, Stand, postgres
from bench.verdict import Report, faults_of
from pomost.sql import Database
from pomost.store.schema import cases

PATIENCE_S = 180.0
VARIANTS = ("again", "beside")


def run(
    variant: str = "",
    kills: int = 5,
    lease: float = 15.0,
    sweep: float = 5.0,
    delay: float = 0.2,
    workers: int = 8,
    unfinished: int = 60,
) -> int:
    """``variant``: "again": SQLite, the killed process is started again at once; "beside": PostgreSQL, another process
    is alive already. Both when empty."""
    chosen = [variant] if variant else list(VARIANTS)
    return max(_run(one, kills, lease, sweep, delay, workers, unfinished) for one in chosen)


def _run(
    variant: str, kills: int, lease: float, sweep: float, delay: float, workers: int, unfinished: int
) -> int:
    where = "PostgreSQL, another is alive" if variant == "beside" else "SQLite, started again at once"
    report = Report(
        f"recovery, {where}",
        (
            f"after SIGKILL all orders that were being worked on are finished within one lease, {lease:g} s, without a person",
            "nothing lost, nothing doubled: in the end every order has one document of each kind, and its numbers and PDF "
            "in the channel; otherwise discarded",
        ),
        {"kills": kills, "lease s": lease, "delay per call s": delay, "worker threads": workers}
        | {"orders placed before each kill": unfinished, "preset": "ro-fs-wz-at-once", "sweep s": sweep},
        (
            "a power cut (the disk's promise)",
            "kills at every point of every step: tests/faults does that",
            "a machine that hangs and comes back",
        ),
    )
    database: AbstractContextManager[str] = postgres() if variant == "beside" else nullcontext("")
    engine = {"workers": workers, "lease_s": lease, "sweep_s": sweep}
    with database as url, Stand(delay_s=delay, database=url, engine=engine) as stand:
        took: list[float] = []
        hands: list[int] = []
        chance = random.Random(7)
        running = [stand.start() for _ in range(1 + (variant == "beside"))]
        for _ in range(kills):
            stand.place(unfinished)
            victim = running.pop(0)
            if not _under_way(stand, victim.pid):
                return report.end(["no order was being worked on within 60 s"])
            time.sleep(chance.uniform(0.0, 1.0))
            killed_at = stand.kill(victim)
            orders = _held_by(stand, victim.pid)
            hands.append(len(orders))
            running.append(stand.start())
            took.append(_until_finished(stand, orders) - killed_at if orders else 0.0)
        finished = stand.run_until(len(stand.placed), PATIENCE_S)
        report.figure("orders in the hands of the killed", ", ".join(map(str, hands)))
        report.figure("seconds until they were finished", ", ".join(f"{value:.1f}" for value in took))
        report.figure("longest", f"{max(took):.1f} s", max(took) <= lease, f"<= {lease:g} s")
        report.figure("orders in all", str(len(stand.placed)))
        faults = faults_of(stand, all_finished=True)
        if finished:
            for child in running:
                stand.stop(child)
        return report.end(faults)


def _select(stand: Stand, *conditions: ColumnElement[bool]) -> set[int]:
    """Orders whose case is as said."""
    database = Database(stand.config.database.url)
    try:
        with database.reading() as connection:
            found = connection.execute(select(cases.c.external_id).where(*conditions)).scalars()
            return {int(order) for order in found}
    finally:
        database.close()


def _held_by(stand: Stand, pid: int) -> set[int]:
    """Orders whose case is leased to that process."""
    return _select(stand, cases.c.lease_owner.contains(f":{pid}:"))


def _under_way(stand: Stand, pid: int) -> bool:
    """Waits until the process works on orders and has finished some of the last that were placed."""
    before, end = stand.done(), time.monotonic() + 60
    while time.monotonic() < end:
        if stand.done() > before and _held_by(stand, pid):
            return True
        time.sleep(0.1)
    return False


def _until_finished(stand: Stand, orders: set[int]) -> float:
    """When the last of them was finished, in Unix seconds; infinite when one is not after all patience."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        done = _select(stand, cases.c.state == "done")
        if orders <= done and all(stand.shop.order(order)["status"] == FINISHED for order in orders):
            return time.time()
        time.sleep(0.1)
    return float("inf")
