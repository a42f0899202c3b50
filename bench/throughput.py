"""Orders per second through the whole flow, with the CPU and memory that it takes."""

from __future__ import annotations

from pathlib import Path

from bench.stand import AT_ONCE, Mark, Stand, feed, usage
from bench.verdict import Report, faults_of

BAR = 40.0
WINDOW_S = 30.0
PATIENCE_S = 90.0
NOT_ESTABLISHED = (
    "a real BaseLinker and a network",
    "how staff and other programs on the machine slow it down",
    "other disks (each transaction is flushed)",
    "orders left unfinished at the end are only checked for doubles",
)


def run(
    seconds: float = 300.0,
    delay: float = 0.05,
    workers: int = 24,
    preset: str = AT_ONCE,
    backlog: int = 600,
    profile: Path | None = None,
    catalogue: bool = False,
) -> int:
    """The run of the bar: ``seconds`` 300, ``delay`` 0.05 s per call. Gives the exit code of the report."""
    report = Report(
        "throughput",
        (
            f">= {BAR:g} orders/s sustained (from 10 % to the end of the run) with 50 ms per call, no limit, SQLite, "
            "one process, the whole flow RO -> FS/PA + WZ -> PDF -> numbers, file and status written back",
            "discarded unless the ledger has one RO, one FS or PA and one WZ for each finished order and the channel "
            "shows their numbers and a PDF",
        ),
        {
            "seconds": seconds,
            "delay per call s": delay,
            "worker threads": workers,
            "preset": preset,
            "orders kept unfinished": backlog,
            "database": "SQLite, each commit flushed",
            "profiled": bool(profile),
            "stock kept up to date in the shop": catalogue,
        },
        NOT_ESTABLISHED,
    )
    with Stand(delay_s=delay, preset=preset, engine={"workers": workers}, catalogue=catalogue) as stand:
        stand.place(backlog)
        calls_before = len(stand.shop.calls())
        child = stand.start(profile=profile)
        if not stand.run_until(1, PATIENCE_S):
            return report.end([f"no order was finished in {PATIENCE_S:g} s"])
        pids = {"Pomost": child.pid, "sandbox": stand.sandbox.pid}
        marks = list(feed(stand, pids, seconds, backlog))
        peaks = {name: usage(pid).peak_mb for name, pid in pids.items()}
        done, calls = stand.done(), len(stand.shop.calls()) - calls_before
        stand.stop(child)
        _figures(report, marks, done, calls, peaks)
        return report.end(faults_of(stand))


def _figures(report: Report, marks: list[Mark], done: int, calls: int, peaks: dict[str, float]) -> None:
    last, begun = marks[-1], marks[0]
    first = next(mark for mark in marks if mark.at >= last.at / 10)
    took, finished = last.at - first.at, last.done - first.done
    rate = finished / took if took else 0.0
    report.figure("sustained orders/s", f"{rate:.1f}", rate >= BAR, f">= {BAR:g}")
    windows = [
        (later.done - mark.done) / (later.at - mark.at)
        for mark in marks
        if mark.at >= first.at
        for later in [next((m for m in marks if m.at >= mark.at + WINDOW_S), None)]
        if later is not None
    ]
    if windows:
        report.figure("slowest and fastest 30 s, orders/s", f"{min(windows):.1f} - {max(windows):.1f}")
    report.figure("orders finished", f"{last.done - begun.done} in {last.at:.0f} s")
    report.figure("calls per finished order", f"{calls / max(done, 1):.2f}")
    for name in last.cpu:
        spent = last.cpu[name] - first.cpu[name]
        report.figure(
            f"CPU of {name}",
            f"{spent / took if took else 0:.2f} cores, {spent / max(finished, 1) * 1000:.1f} ms per order",
        )
        report.figure(f"peak memory of {name}", f"{peaks[name]:.0f} MB")
