"""The least that one order costs: its rows by plain SQLAlchemy, its PDF and its calls alone; and our ratio to that."""

from __future__ import annotations

import json
import math
import sqlite3
import time
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
from sqlalchemy import Connection, Engine, MetaData, Table, event, insert, select, update

from bench.stand import FINISHED, Stand
from bench.verdict import FILE, RO, SALE, WZ, Report, faults_of
from pomost.bootstrap import Pomost, assemble
from pomost.commits import sqlite_of
from pomost.ledger import schema as ledger_schema
from pomost.sandbox.baselinker.settings import DEFAULT_TOKEN
from pomost.sql import Database
from pomost.store import schema as store_schema
from pomost.trade.documents import Document

PATIENCE_S = 600.0
Rows = list[tuple[Table, dict[str, Any]]]


@dataclass
class Cost:
    """Seconds per order, by the clock and of the CPU of this process."""

    wall: float
    cpu: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu)

    def __str__(self) -> str:
        return f"{self.wall * 1000:.2f} ms, CPU {self.cpu * 1000:.2f} ms"


@dataclass
class Commits:
    """Counts commits that wrote something, per database, while it listens; writers may have shared one."""

    count: Counter[str] = field(default_factory=Counter)
    changes: dict[sqlite3.Connection, int] = field(default_factory=dict)

    def __enter__(self) -> Commits:
        event.listen(Engine, "commit", self._on_commit)
        return self

    def __exit__(self, *_ending: object) -> None:
        event.remove(Engine, "commit", self._on_commit)

    def _on_commit(self, connection: Connection) -> None:
        driver = sqlite_of(connection)
        if driver.total_changes != self.changes.get(driver, 0):
            self.changes[driver] = driver.total_changes
            self.count[Path(connection.engine.url.database or "").name] += 1


def run(orders: int = 300) -> int:
    report = Report(
        "floor",
        (
            "discarded unless our run, from which rows, documents and calls are taken, is right at the destinations",
        ),
        {"orders": orders, "delay per call s": 0, "database": "SQLite, each commit flushed"}
        | {"ours": "24 threads, in this process", "floor": "one thread, one thing after another"},
        (
            "the time that remote calls take in life",
            "reads that no integrator could do without, so the floor is lower than anything real",
            "the floor's updates: each row is inserted once, as it is at the end",
        ),
    )
    with Stand(delay_s=0.0, channel={"poll_s": 0.5}) as stand:
        stand.place(orders)
        pomost = assemble(stand.config)
        try:
            with Commits() as commits:
                ours = _timed(orders, lambda: _live(stand, pomost))
            calls = Counter(call.method for call in stand.shop.calls())
            faults = faults_of(stand, all_finished=True)
            if faults:
                return report.end(faults)
            known = [document for document in pomost.ledger.documents() if document.kind != "PW"]
            store = _Copy(stand, "pomost.db", store_schema.metadata)
            ledger = _Copy(stand, "ledger.db", ledger_schema.metadata)
            per_order = {name: max(1, round(count / orders)) for name, count in commits.count.items()}
            in_store = _timed(orders, lambda: store.write(per_order["pomost.db"]))
            in_ledger = _timed(orders, lambda: ledger.write(per_order["ledger.db"]))
            rows = in_store + in_ledger
            flushed = store.flush(orders)
            pdf, files = _pdfs(pomost, known, orders)
            http = _timed(orders, _bare_calls(stand, known, files, calls))
            store.close()
            ledger.close()
        finally:
            pomost.close()
        floor = rows + pdf + http
        report.figure("calls per order", f"{sum(calls.values()) / orders:.2f}")
        report.figure("rows per order", f"store {store.per_order:.1f}, ledger {ledger.per_order:.1f}")
        report.figure(
            "commits per order", ", ".join(f"{n} {c / orders:.1f}" for n, c in commits.count.items())
        )
        report.figure("floor: rows, same number of commits", str(rows))
        report.figure("floor: one commit of one row, flushed", f"{flushed.wall * 1000:.2f} ms")
        most = 1 / (flushed.wall * commits.count["pomost.db"] / orders)
        report.figure("ceiling by the store's commits alone", f"{most:.0f} orders/s")
        report.figure("floor: PDF", str(pdf))
        report.figure("floor: bare HTTP calls", str(http))
        report.figure("floor: together", str(floor))
        report.figure("ours", str(ours))
        report.figure("ours / floor, CPU", f"{ours.cpu / floor.cpu:.2f}")
        report.figure("ours (24 threads) / floor (1 thread), by the clock", f"{ours.wall / floor.wall:.2f}")
        return report.end(faults)


def _timed(orders: int, act: Callable[[], object]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return Cost((time.perf_counter() - wall) / orders, (time.process_time() - cpu) / orders)


def _live(stand: Stand, pomost: Pomost) -> None:
    pomost.start()
    stand.run_until(len(stand.placed), PATIENCE_S)
    pomost.stop()


class _Copy:
    """An empty copy of one of our databases, and the rows of each order that it shall get."""

    def __init__(self, stand: Stand, name: str, metadata: MetaData) -> None:
        source = Database(f"sqlite:///{stand.folder / name}")
        self._target = Database(f"sqlite:///{stand.folder / f'floor-{name}'}")
        with self._target.writing() as connection:
            metadata.create_all(connection)
        self._orders: dict[str, Rows] = defaultdict(list)
        given: Rows = []
        owner: dict[tuple[str, int], str] = {}
        with source.reading() as connection:
            for table in metadata.sorted_tables:
                for row in connection.execute(select(table)).mappings():
                    order = _order_of(table, row, owner)
                    (self._orders[order] if order else given).append((table, dict(row)))
        source.close()
        with self._target.writing() as connection:
            for table, values in given:
                connection.execute(insert(table), values)
        self.per_order = sum(map(len, self._orders.values())) / len(self._orders)

    def write(self, commits: int) -> None:
        """Each order's rows in so many transactions; one that has no row of its own changes one."""
        for rows in self._orders.values():
            size = math.ceil(len(rows) / commits)
            first, values = rows[0]
            for number in range(commits):
                with self._target.writing() as connection:
                    part = rows[number * size : (number + 1) * size]
                    for table, row in part:
                        connection.execute(insert(table), row)
                    if not part:
                        connection.execute(
                            update(first).where(first.c.id == values["id"]).values({_counter(first): number})
                        )

    def flush(self, times: int) -> Cost:
        """What one transaction that changes one row costs."""
        first, values = next(iter(self._orders.values()))[0]
        change = update(first).where(first.c.id == values["id"])

        def all_of_them() -> None:
            for number in range(times):
                with self._target.writing() as connection:
                    connection.execute(change.values({_counter(first): number}))

        return _timed(times, all_of_them)

    def close(self) -> None:
        self._target.close()


def _counter(table: Table) -> str:
    return "woken" if table.name == "cases" else "change"


def _order_of(table: Table, row: Any, owner: dict[tuple[str, int], str]) -> str:
    """The order that a row belongs to, known by its parents; empty for what was there before."""
    if table.name == "cases":
        order = str(row["external_id"])
    elif table.name == "led_document":
        order = str(row["foreign_number"])
    else:
        order = ""
        for column, parent in (
            ("case_id", "cases"),
            ("document_id", "led_document"),
            ("line_id", "led_line"),
            ("target_id", "led_document"),
        ):
            if column in row:
                order = owner.get((parent, row[column]), "")
    if order and "id" in row:
        owner[(table.name, row["id"])] = order
    return order


def _pdfs(pomost: Pomost, known: Sequence[Document], orders: int) -> tuple[Cost, dict[str, bytes]]:
    sales = [document for document in known if document.kind in ("FS", "PA")]
    render = pomost.work.flows["sklep"][1].render
    files: dict[str, bytes] = {}

    def all_of_them() -> None:
        for document in sales:
            files[document.foreign_number] = render(document)

    return _timed(orders, all_of_them), files


def _bare_calls(
    stand: Stand, known: Sequence[Document], files: dict[str, bytes], calls: Counter[str]
) -> Callable[[], None]:
    """The same number of calls as ours: each order's fields with its PDF, statuses and reads as often as we made them.
    Bodies are ready beforehand."""
    numbers: dict[str, dict[str, str]] = defaultdict(dict)
    for document in known:
        name = {"RO": RO, "WZ": WZ}.get(document.kind, SALE)
        numbers[document.foreign_number][name] = document.number
    bodies = []
    for order, fields in numbers.items():
        file = {"title": "document.pdf", "file": "data:" + b64encode(files[order]).decode()}
        bodies.append(
            _body("setOrderFields", {"order_id": int(order), "custom_extra_fields": {**fields, FILE: file}})
        )
    moved = {"order_ids": stand.placed[:5], "status_id": stand.status_id(FINISHED)}
    others = [_body("setOrderStatuses", moved)] * calls["setOrderStatuses"]
    others += [_body("getOrders", {"id_from": stand.placed[-1]})] * calls["getOrders"]
    rest = sum(calls.values()) - calls["setOrderFields"] - len(others)
    bodies += others + [_body("getOrderStatusList", {})] * max(0, rest)

    def send() -> None:
        headers = {"X-BLToken": DEFAULT_TOKEN, "content-type": "application/x-www-form-urlencoded"}
        with httpx2.Client(headers=headers) as client:
            for body in bodies:
                answer = client.post(stand.shop.url, content=body).json()
                if answer["status"] != "SUCCESS":
                    raise RuntimeError(f"a bare call was refused: {answer}")

    return send


def _body(method: str, parameters: dict[str, Any]) -> bytes:
    return urlencode({"method": method, "parameters": json.dumps(parameters)}).encode()
