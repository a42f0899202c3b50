"""How much of a channel's 100 calls a minute becomes orders, and that the token is never blocked."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from bench.stand import FINISHED, TICK_S, Stand
from bench.verdict import Report, faults_of

LIMIT = 100
SHARE, CALLS = 0.90, 2.1


@dataclass
class Window:
    """What happened while it was measured.

    ``worth``: how many orders' work was done. Orders go through in waves, as many wait for one look and for one status
    call, so that of those that were finished in the window much was done before it, or the other way round: an order
    counts by the share of its own field writes that fell into the window.
    """

    seconds: float
    calls: Counter[str]
    finished: int
    worth: float
    busiest_minute: int


def run(
    preset: str = "",
    seconds: float = 300.0,
    skip: float = 180.0,
    delay: float = 0.05,
    unfinished: int = 150,
    poll: float = 10.0,
    linger: float = 2.0,
) -> int:
    """``preset``: one; both of the bar when empty. ``skip``: seconds left out before the steady state is measured."""
    presets = [preset] if preset else ["ro-fs-wz", "ro-fs-wz-at-once"]
    return max(_run(one, seconds, skip, delay, unfinished, poll, linger) for one in presets)


def _run(
    preset: str, seconds: float, skip: float, delay: float, unfinished: int, poll: float, linger: float
) -> int:
    channel = {"calls_per_minute": 97, "poll_s": poll, "status_linger_s": linger}
    report = Report(
        f"wall, {preset}",
        (
            f">= {SHARE:.0%} of the {LIMIT} calls a minute used, in the steady state",
            f"<= {CALLS:g} calls per order, reading and looking counted; an order counts by the share of its writes in the window",
            "no call refused, so never blocked",
            "discarded unless each finished order has one document of each kind, and its numbers and PDF in the channel",
        ),
        {"preset": preset, "seconds": seconds, "left out at the start s": skip, "delay per call s": delay}
        | {
            "orders kept unfinished": unfinished,
            "worker threads": 24,
            "limit of the channel": LIMIT,
            **channel,
        }
        | {"staff": "pack every 0.5 s" if preset == "ro-fs-wz" else "none"},
        (
            "a real BaseLinker: how it counts its window is not documented",
            "several accounts at once",
            "other users of the same token",
        ),
    )
    with Stand(delay_s=delay, preset=preset, limit=LIMIT, channel=channel) as stand:
        stand.place(unfinished)
        child = stand.start()
        window = _watch(stand, seconds, skip, unfinished)
        stand.stop(child)
        per_minute = sum(window.calls.values()) / window.seconds * 60
        share = per_minute / LIMIT
        per_order = sum(window.calls.values()) / max(window.worth, 1)
        report.figure(
            "calls a minute", f"{per_minute:.1f} = {share:.0%}", share >= SHARE, f">= {SHARE:.0%} of {LIMIT}"
        )
        report.figure("calls per order", f"{per_order:.2f}", per_order <= CALLS, f"<= {CALLS:g}")
        refused = stand.refused()
        report.figure("refused calls, whole run", str(refused), refused == 0, "0")
        report.figure("most calls in any 60 s", str(window.busiest_minute))
        report.figure("orders finished a minute", f"{window.finished / window.seconds * 60:.1f}")
        for method, count in window.calls.most_common():
            report.figure(f"  {method} per order", f"{count / max(window.worth, 1):.3f}")
        return report.end(faults_of(stand))


def _watch(stand: Stand, seconds: float, skip: float, unfinished: int) -> Window:
    """Places a new order for each that was finished, and staff pack, until the time is over."""
    begin = time.time() + skip
    end = begin + seconds
    while time.time() < end:
        stand.place(max(0, unfinished + stand.done() - len(stand.placed)))
        stand.pack()
        time.sleep(TICK_S)
    calls = stand.shop.calls()
    within = [call for call in calls if begin <= call.at < end]
    finishing = stand.status_id(FINISHED) if stand.done() else 0
    finished = {
        write.order_id
        for write in stand.shop.writes()
        if begin <= write.at < end and finishing in write.changed.values()
    }
    written = [write for write in stand.shop.writes() if write.method == "setOrderFields"]
    ended = {write.order_id for write in stand.shop.writes() if finishing in write.changed.values()}
    each = sum(write.order_id in ended for write in written) / max(len(ended), 1)
    worth = sum(begin <= write.at < end for write in written) / each if each else 0.0
    times = sorted(call.at for call in calls)
    busiest, first = 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - 60:
            first += 1
        busiest = max(busiest, last - first + 1)
    return Window(seconds, Counter(call.method for call in within), len(finished), worth, busiest)
