"""Seconds from an order visible in the channel to its numbers written back there."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from bench.stand import AT_ONCE, Stand
from bench.verdict import SALE, Report, faults_of, percentile

PATIENCE_S = 90.0


@dataclass(frozen=True)
class Pace:
    """Bars and settings of one of the two runs."""

    every_s: float
    p50: float
    p95: float
    limit: int
    channel: dict[str, float]


UNLIMITED = Pace(1.0, 1.0, 2.0, 0, {"calls_per_minute": 0, "poll_s": 0.4, "status_linger_s": 0.02})
LIMITED = Pace(4.0, 6.0, 12.0, 100, {"calls_per_minute": 97, "poll_s": 2.0, "status_linger_s": 0.05})


def run(orders: int = 120, delay: float = 0.05, limited: bool = False, every: float = 0.0) -> int:
    """``every``: seconds between orders, for trials; 0 is that of the bar."""
    pace = LIMITED if limited else UNLIMITED
    every = every or pace.every_s
    what = "100 calls/min, 15 orders/min" if limited else "no limit, 1 order/s"
    report = Report(
        "latency with the limit" if limited else "latency",
        (
            f"{what}: p50 <= {pace.p50:g} s, p95 <= {pace.p95:g} s from confirmed in the channel to the number of the "
            "FS or PA written there, RO, FS/PA, WZ and PDF made on the way",
            "no call refused",
            "discarded unless every order is finished in the channel with numbers and PDF, and has one document of each kind",
        ),
        {"orders": orders, "an order every s": every, "delay per call s": delay, "preset": AT_ONCE}
        | {"limit of the channel": pace.limit, **pace.channel},
        (
            "a real BaseLinker and a network",
            "orders that come in bursts",
            "the time that staff take, for flows that wait for them",
        ),
    )
    with Stand(delay_s=delay, limit=pace.limit, channel=dict(pace.channel)) as stand:
        child = stand.start()
        placed = {}
        first = stand.place(1)
        if not stand.run_until(1, PATIENCE_S):
            return report.end([f"the first order, {first}, was not finished in {PATIENCE_S:g} s"])
        start = time.monotonic()
        for number in range(orders):
            time.sleep(max(0.0, start + number * every - time.monotonic()))
            visible = time.time()
            placed[stand.place(1)[0]] = visible
        stand.run_until(len(stand.placed), PATIENCE_S)
        stand.stop(child)
        written = {
            write.order_id: write.at
            for write in reversed(stand.shop.writes())
            if SALE in write.changed.get("custom_extra_fields", {})
        }
        took = [written[order] - at for order, at in placed.items() if order in written]
        if took:
            p50, p95 = statistics.median(took), percentile(took, 0.95)
            report.figure("p50", f"{p50:.2f} s", p50 <= pace.p50, f"<= {pace.p50:g} s")
            report.figure("p95", f"{p95:.2f} s", p95 <= pace.p95, f"<= {pace.p95:g} s")
            report.figure("longest", f"{max(took):.2f} s")
        refused = stand.refused()
        report.figure("refused calls", str(refused), refused == 0, "0")
        report.figure("orders measured", f"{len(took)} of {orders}")
        return report.end(faults_of(stand, all_finished=True))
