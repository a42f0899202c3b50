"""Seconds from the commit of a change in the ledger to the call with the new figure arriving at the channel.

One item is changed at a time, by a document that takes goods in, and the next change waits for its call. The moment of the
commit is taken right after the ledger's call has returned.

    python bench/stock_latency.py same
    python bench/stock_latency.py sqlite
    python bench/stock_latency.py postgres
    python bench/stock_latency.py sqlite --polling
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(ROOT / "src"), str(ROOT)]

from bench.stand import Stand, postgres  # noqa: E402
from bench.verdict import Report, percentile  # noqa: E402
from pomost.bootstrap import Pomost, assemble  # noqa: E402
from pomost.config.model import Config  # noqa: E402
from pomost.ledger import receive_draft  # noqa: E402

SKU, INVENTORY, PLACE = "KUBEK-01", 30711, "bl_20517"
OPENING = 100_000_000
BAR_S = 1.0
PATIENCE_S = 20.0
WRITE = "updateInventoryProductsStock"
MODES = {
    "same": "SQLite, changed in the process that sends",
    "sqlite": "SQLite, changed in another process",
    "postgres": "PostgreSQL, changed in another process",
}


@dataclass
class StockStand(Stand):
    """A shop whose catalogue is kept up to date from the ledger."""

    wake: bool = True

    def _config(self, url: str) -> Config:
        raw = super()._config(url).model_dump()
        raw["catalogue"] = [{"name": "sklep", "stock": [{}], "wake": self.wake}]
        return Config.model_validate(raw)

    def shown(self) -> int:
        """What the channel shows, asked as any program asks."""
        parameters = json.dumps({"inventory_id": INVENTORY, "filter_sku": SKU})
        form = urllib.parse.urlencode(
            {"method": "getInventoryProductsList", "parameters": parameters}
        ).encode()
        account = self.config.baselinker[0]
        request = urllib.request.Request(account.url, form, {"X-BLToken": account.token})
        with urllib.request.urlopen(request, timeout=20) as answer:
            products = json.load(answer)["products"]
        return int(next(row for row in products.values() if row["sku"] == SKU)["stock"][PLACE])


def run(mode: str = "same", changes: int = 60, delay: float = 0.05, wake: bool = True) -> int:
    """``wake``: False measures what polling alone does."""
    with ExitStack() as stack:
        database = stack.enter_context(postgres()) if mode == "postgres" else ""
        report = Report(
            f"stock latency: {MODES[mode]}",
            (
                f"p50 <= {BAR_S:g} s from the commit of a change to the call that carries its figure arriving at the channel",
                "discarded unless every change made a call and the channel shows the ledger's figure in the end",
            ),
            {"changes": changes, "delay per call s": delay, "wake": wake, "every_s": 1.0, "debounce_s": 0.2},
            (
                "a real BaseLinker and a network",
                "an account that is busy with orders or near its limit",
                "changes that come in bursts, and many items at once",
            ),
        )
        stand = StockStand(delay_s=delay, database=database, wake=wake)
        stack.enter_context(stand)
        if mode == "same":
            pomost = assemble(stand.config)
            pomost.start()
            took, faults = _measure(stand, pomost, changes)
            pomost.stop()
            pomost.close()
        else:
            child = stand.start()
            # as any other command of Pomost does it: it writes to the ledger and runs nothing
            pomost = assemble(stand.config)
            took, faults = _measure(stand, pomost, changes)
            pomost.close()
            stand.stop(child)
        if took:
            p50 = statistics.median(took)
            report.figure("p50", f"{p50:.2f} s", p50 <= BAR_S, f"<= {BAR_S:g} s")
            report.figure("p95", f"{percentile(took, 0.95):.2f} s")
            report.figure("longest", f"{max(took):.2f} s")
        report.figure("changes measured", f"{len(took)} of {changes}")
        return report.end(faults)


def _measure(stand: StockStand, pomost: Pomost, changes: int) -> tuple[list[float], list[str]]:
    """Seconds of each change, and what is wrong at the channel in the end."""
    figure = OPENING
    if not _until(lambda: stand.shown() == figure):
        return [], [f"the channel shows {stand.shown()} and should show {figure} before the first change"]
    took: list[float] = []
    chance = random.Random(1)
    for number in range(changes):
        # at any moment of the watcher's pauses
        time.sleep(chance.uniform(0.5, 1.5))
        before = len(stand.shop.calls(WRITE))
        goods = {SKU: (Decimal(1), Decimal(5))}
        pomost.ledger.issue(receive_draft("main", "MAG", f"bench-{number}", date(2026, 11, 25), goods))
        committed, figure = time.time(), figure + 1
        if not _until(lambda before=before: len(stand.shop.calls(WRITE)) > before):  # type: ignore[misc]
            return took, [f"change {number} made no call within {PATIENCE_S:g} s"]
        took.append(max(0.0, stand.shop.calls(WRITE)[before].at - committed))
        if not _until(lambda figure=figure: stand.shown() == figure):  # type: ignore[misc]
            return took, [f"the channel shows {stand.shown()} and should show {figure}"]
    return took, []


def _until(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def main() -> int:
    top = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("mode", choices=MODES, nargs="?", default="same")
    top.add_argument("--changes", type=int, default=60)
    top.add_argument("--delay", type=float, default=0.05, help="seconds that every call takes")
    top.add_argument("--polling", action="store_true", help="nobody is woken")
    asked = top.parse_args()
    return run(asked.mode, asked.changes, asked.delay, not asked.polling)


if __name__ == "__main__":
    sys.exit(main())
