"""Orders to documents, end to end, against the sandbox over HTTP.

Criteria, written before any run:
- throughput: >= 40 orders/s sustained with 50 ms per call, no limit, SQLite, one process, the whole flow
  RO -> FS/PA + WZ -> PDF -> fields, file and status written back;
- latency at 1 order/s, no limit: p50 <= 1 s, p95 <= 2 s from confirmed in the channel to the number written back;
- a run is DISCARDED when the sandbox (the destination) does not show every order with its number and PDF, or when the
  ledger has other than one document of each kind for each order.

    python bench/orders.py throughput --seconds 60
    python bench/orders.py latency --orders 60
    python bench/orders.py wall --seconds 120
    python bench/orders.py limited --orders 150 --workers 64
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

from pomost.bootstrap import Pomost, assemble
from pomost.cli.demo import demo_config, start_sandbox, stock_up
from pomost.config.model import Config
from pomost.sandbox.baselinker import RemoteSandbox


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"


def config(folder: Path, url: str, **channel: object) -> Config:
    raw = demo_config(folder, url).model_dump()
    raw["flow"] = [{"name": "sklep", "source": "baselinker", "company": "main", "preset": "ro-fs-wz-at-once"}]
    raw["baselinker"][0].update(channel)
    raw["engine"]["workers"] = 24
    return Config.model_validate(raw)


def verdict(pomost: Pomost, shop: RemoteSandbox, orders: int) -> str:
    """VALID only when the destinations say so."""
    made = Counter(document.kind for document in pomost.ledger.documents() if document.kind != "PW")
    sale = made["FS"] + made["PA"]
    if (made["RO"], made["WZ"], sale) != (orders, orders, orders):
        return f"DISCARDED: the ledger has {dict(made)} for {orders} orders"
    bare = [
        o["order_id"]
        for o in shop.orders()
        if o["status"] == "Wysłane" and "51004" not in str(o["custom_extra_fields"])
    ]
    return f"DISCARDED: {len(bare)} orders without PDF" if bare else "VALID"


def throughput(folder: Path, seconds: float, delay: float) -> None:
    process, url = start_sandbox(folder / "bl.db", delay)
    shop, pomost = RemoteSandbox(url), assemble(config(folder, url, poll_s=1.0))
    stock_up(pomost, 10_000_000)
    orders = int(seconds * 45)
    shop.place(orders, confirmed=True, paid=True)
    calls = len(shop.calls())
    started = time.monotonic()
    pomost.start()
    marks: list[tuple[float, int]] = []
    while (done := shop.count("Wysłane")) < orders and time.monotonic() - started < seconds * 4 + 60:
        marks.append((time.monotonic() - started, done))
        time.sleep(2)
    took = time.monotonic() - started
    pomost.stop()
    print(
        f"throughput: {orders} orders in {took:.1f} s = {orders / took:.1f} orders/s; delay {delay * 1000:.0f} ms per call"
    )
    print(f"calls per order: {(len(shop.calls()) - calls) / orders:.2f}")
    thirds = [marks[len(marks) * part // 3] for part in (1, 2)] if len(marks) > 3 else []
    if thirds:
        (t1, n1), (t2, n2) = thirds
        print(f"middle third of the run: {(n2 - n1) / (t2 - t1):.1f} orders/s")
    print(verdict(pomost, shop, orders))
    pomost.close()
    process.terminate()
    process.wait(20)


def latency(folder: Path, orders: int, delay: float) -> None:
    process, url = start_sandbox(folder / "bl.db", delay)
    shop, pomost = RemoteSandbox(url), assemble(config(folder, url, poll_s=0.4, status_linger_s=0.02))
    stock_up(pomost)
    pomost.start()
    time.sleep(2)
    placed: dict[int, float] = {}
    for _each in range(orders):
        placed[shop.place(1, confirmed=True, paid=True)[0]] = time.time()
        time.sleep(1.0)
    end = time.monotonic() + 30
    while shop.count("Wysłane") < orders and time.monotonic() < end:
        time.sleep(0.2)
    pomost.stop()
    written = {w.order_id: w.at for w in shop.writes() if w.method == "setOrderFields"}
    took = sorted(written[order] - at for order, at in placed.items() if order in written)
    print(
        f"latency, 1 order/s, {orders} orders: p50 {statistics.median(took):.2f} s, p95 {took[int(len(took) * 0.95)]:.2f} s"
    )
    print(verdict(pomost, shop, orders))
    pomost.close()
    process.terminate()
    process.wait(20)


def wall(folder: Path, seconds: float) -> None:
    """How much of a channel's 100 calls a minute becomes orders, and that it never blocks."""
    process, url = start_sandbox(folder / "bl.db", 0.05, "--limit", "100")
    shop = RemoteSandbox(url)
    pomost = assemble(config(folder, url, poll_s=10.0, calls_per_minute=97, status_linger_s=2.0))
    stock_up(pomost)
    orders = int(seconds * 2)
    shop.place(orders, confirmed=True, paid=True)
    pomost.start()
    started = time.time()
    time.sleep(seconds)
    calls = [call for call in shop.calls() if started <= call.at < started + seconds]
    done = shop.count("Wysłane")
    blocked = sum(call.outcome != "SUCCESS" for call in calls)
    pomost.stop(5)
    print(
        f"wall: {len(calls) / (seconds / 60):.1f} calls/min of 100; {done} orders; refused calls: {blocked}"
    )
    print(f"calls per finished order: {len(calls) / max(done, 1):.2f}")
    print("VALID" if not blocked else "DISCARDED: the token was blocked")
    pomost.close()
    process.terminate()
    process.wait(20)


def limited(folder: Path, orders: int, delay: float, workers: int) -> None:
    """Calls per order of the whole flow RO -> staff -> FS/PA + WZ at 100 calls a minute, and how much of it is used.

    Criteria: every order gets there; <= 2.1 calls per order, looks and lists of words included; >= 90 calls a minute
    while more than a tenth of the orders is still to be done; no call refused.
    """
    process, url = start_sandbox(folder / "bl.db", delay, "--limit", "100")
    shop = RemoteSandbox(url)
    raw = demo_config(folder, url).model_dump()
    raw["baselinker"][0].update(poll_s=6.0, calls_per_minute=98)
    raw["engine"]["workers"] = workers
    pomost = assemble(Config.model_validate(raw))
    stock_up(pomost)
    shop.place(orders, confirmed=True, paid=True)
    pomost.start()
    started, busy_until, done = time.time(), 0.0, 0
    while done < orders and time.time() - started < orders * 3 + 120:
        shop.move_all("W realizacji", "Spakowane")
        done = shop.count("Wysłane")
        if done < orders * 0.9:
            busy_until = time.time()
        time.sleep(1.0)
    pomost.stop(5)
    calls = shop.calls()
    refused = sum(call.outcome != "SUCCESS" for call in calls)
    busy = [call for call in calls if started <= call.at < busy_until]
    rate = len(busy) / max(busy_until - started, 1) * 60
    print(f"limited, {workers} workers: {done} of {orders} orders in {time.time() - started:.0f} s")
    print(f"calls per order: {len(calls) / max(done, 1):.3f}; by method: {Counter(c.method for c in calls)}")
    print(f"while busy: {rate:.1f} calls/min of 100; refused: {refused}")
    print("DISCARDED: the token was blocked" if refused else verdict(pomost, shop, orders))
    pomost.close()
    process.terminate()
    process.wait(20)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("throughput", "latency", "wall", "limited"))
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--orders", type=int, default=60)
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--delay", type=float, default=0.05)
    given = parser.parse_args()
    print(machine())
    folder = Path(tempfile.mkdtemp(prefix="pomost-bench-"))
    try:
        if given.what == "throughput":
            throughput(folder, given.seconds, given.delay)
        elif given.what == "latency":
            latency(folder, given.orders, given.delay)
        elif given.what == "limited":
            limited(folder, given.orders, given.delay, given.workers)
        else:
            wall(folder, given.seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("Not established: a real BaseLinker, a real disk's fsync, other programs on the machine.")


if __name__ == "__main__":
    main()
