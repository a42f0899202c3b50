"""How much quicker four worker processes on PostgreSQL are than one."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.stand import Stand, postgres, usage
from bench.verdict import Report, faults_of
from pomost.bootstrap import assemble

BAR = 3.0
MANY = 4


@dataclass
class Rate:
    """``cpu``: cores that all worker processes together used."""

    per_second: float
    cpu: float
    faults: list[str]


def run(
    seconds: float = 60.0,
    delay: float = 0.2,
    threads: int = 2,
    cpu_seconds: float = 30.0,
    cpu_threads: int = 8,
    settle: float = 5.0,
) -> int:
    """``settle``: seconds from the first finished order until measuring begins: all processes are under way then.
    ``cpu_seconds``: length of the runs without delay, in which only computing counts; 0 leaves them out."""
    report = Report(
        "workers",
        (
            f"{MANY} processes of `pomost worker` finish >= {BAR:g} x as many orders/s as 1, on PostgreSQL (store, queue and "
            "ledger), where waiting for the channel dominates, as it does in life",
            "discarded unless each finished order has one document of each kind, and its numbers and PDF in the channel",
        ),
        {"seconds": seconds, "delay per call s": delay, "threads per process": threads}
        | {"runs without delay": f"{cpu_seconds:g} s, {cpu_threads} threads per process"}
        | {"orders": "all read and stored before the workers start", "preset": "ro-fs-wz-at-once"},
        (
            "workers on several machines",
            "that computing scales: with two cores, shared with PostgreSQL and the sandbox, it can't; see the figures "
            "without delay",
            "looking for new orders, which one process does",
        ),
    )
    faults: list[str] = []
    waiting = [_rate(count, seconds, delay, threads, settle) for count in (1, MANY)]
    _figures(report, f"delay {delay:g} s, {threads} threads", waiting, bar=BAR)
    faults += waiting[0].faults + waiting[1].faults
    if cpu_seconds:
        computing = [_rate(count, cpu_seconds, 0.0, cpu_threads, settle) for count in (1, MANY)]
        _figures(report, f"no delay, {cpu_threads} threads", computing)
        faults += computing[0].faults + computing[1].faults
    return report.end(faults)


def _figures(report: Report, name: str, rates: list[Rate], bar: float | None = None) -> None:
    for count, rate in zip((1, MANY), rates, strict=True):
        report.figure(
            f"{name}, {count} process{'es' * (count > 1)}",
            f"{rate.per_second:.2f} orders/s, workers use {rate.cpu:.2f} cores",
        )
    ratio = rates[1].per_second / rates[0].per_second if rates[0].per_second else 0.0
    met = None if bar is None else ratio >= bar
    report.figure(f"{name}, ratio", f"{ratio:.2f}", met, f">= {bar}")


def _rate(processes: int, seconds: float, delay: float, threads: int, settle: float) -> Rate:
    """Finished orders per second of so many workers, from when all are under way."""
    engine = {"workers": threads, "sweep_s": 1.0}
    with postgres() as url, Stand(delay_s=0.0, database=url, engine=engine) as stand:
        # enough for the quickest that this machine could be, so that no worker runs out of orders
        quickest = processes * threads / delay if delay else 80.0
        stand.place(int(min(quickest, 120.0) * (seconds + settle)) + 20)
        pomost = assemble(stand.config)
        for looker in pomost.lookers:
            looker.look_once()
        pomost.close()
        stand.shop.configure(delay_s=delay)
        children = [stand.start("worker") for _ in range(processes)]
        stand.run_until(1, 60)
        time.sleep(settle)
        began, before = time.monotonic(), stand.done()
        cpu = [usage(child.pid).cpu_s for child in children]
        while time.monotonic() - began < seconds and stand.done() < len(stand.placed):
            time.sleep(0.2)
        took, finished = time.monotonic() - began, stand.done() - before
        used = sum(usage(child.pid).cpu_s for child in children) - sum(cpu)
        ran_out = stand.done() >= len(stand.placed)
        for child in children:
            stand.stop(child)
        faults = faults_of(stand)
        if ran_out:
            faults.append(f"{processes} processes ran out of orders")
        return Rate(finished / took, used / took, faults)
