"""Counting at the destinations, and the form in which every benchmark says what it found."""

from __future__ import annotations

import os
import platform
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from bench.stand import FINISHED, Stand
from pomost.ledger import schema
from pomost.sql import Database

RO, SALE, WZ, FILE = "51001", "51002", "51003", "51004"
"""Extra fields of the sandbox's account."""
FILES_READ = 1000


def numbers_in_ledger(url: str) -> dict[str, dict[str, list[str]]]:
    """Order -> RO, sale, WZ -> numbers of approved documents, read with plain SQL."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    database = Database(url)
    documents = schema.document.c
    try:
        with database.reading() as connection:
            for order, kind, number, state in connection.execute(
                select(documents.foreign_number, documents.kind, documents.number, documents.state)
            ):
                if kind != "PW":
                    role = "sale" if kind in ("FS", "PA") else kind
                    found[order][role].append(number if state != "cancelled" else f"cancelled {number}")
    finally:
        database.close()
    return found


def faults_of(stand: Stand, *, all_finished: bool = False) -> list[str]:
    """What the destinations lack or have too much of; empty when all is right.

    Every finished order has one RO, one FS or PA, one WZ; the channel shows their numbers and a PDF. No other order has
    two of a kind. ``all_finished``: and no order is unfinished.
    """
    ledger = numbers_in_ledger(stand.config.ledger.url)
    faults: list[str] = []
    right: list[int] = []
    known = {str(order) for order in stand.placed}
    faults += [
        f"order {order} is in the ledger and nobody placed it" for order in ledger if order not in known
    ]
    shown = {int(order["order_id"]): order for order in stand.shop.orders()}
    for order_id in stand.placed:
        made = ledger.get(str(order_id), {})
        doubled = [role for role, numbers in made.items() if len(numbers) > 1]
        if doubled:
            faults.append(f"order {order_id} has more than one {', '.join(doubled)}: {dict(made)}")
            continue
        order = shown.get(order_id)
        if order is None or order["status"] != FINISHED:
            if all_finished:
                faults.append(f"order {order_id} is {order['status'] if order else 'not'} in the channel")
            continue
        fields = order["custom_extra_fields"] or {}
        wanted = [made.get(role, [""])[0] for role in ("RO", "sale", "WZ")]
        written = [fields.get(name, "") for name in (RO, SALE, WZ)]
        if "" in wanted or wanted != written:
            faults.append(f"order {order_id}: the ledger has {wanted}, the channel shows {written}")
        elif not fields.get(FILE):
            faults.append(f"order {order_id} has no PDF in the channel")
        else:
            right.append(order_id)
    step = max(1, len(right) // FILES_READ)
    faults += _without_pdf(stand, right[::step])
    if not right:
        faults.append("no order was finished as it should be")
    return faults


def _without_pdf(stand: Stand, orders: Sequence[int]) -> list[str]:
    def fault(order: int) -> str:
        content = stand.shop.file(order, int(FILE)) or b""
        return "" if content.startswith(b"%PDF") else f"order {order}: the file in the channel is no PDF"

    with ThreadPoolExecutor(4) as pool:
        return [found for found in pool.map(fault, orders) if found]


def machine() -> str:
    cpu = ""
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores {cpu or platform.machine()}, {platform.system()}, Python {platform.python_version()}, load before the run {load:.1f}"


@dataclass
class Report:
    """Criteria and machine are printed when it is made, before anything runs; the rest as it comes."""

    name: str
    criteria: Sequence[str]
    settings: Mapping[str, object]
    not_established: Sequence[str]
    judged: int = 0
    missed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        print(f"== {self.name}, {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC")
        print("Criteria, fixed before the run:")
        for criterion in self.criteria:
            print(f"  - {criterion}")
        print(f"Machine: {machine()}")
        print("Settings: " + ", ".join(f"{name} {value}" for name, value in self.settings.items()))
        print("Figures:", flush=True)

    def figure(self, name: str, value: str, met: bool | None = None, bar: str = "") -> None:
        """``met``: whether the bar was met; None where there is no bar."""
        judged = "" if met is None else f"   [bar {bar}: {'met' if met else 'NOT MET'}]"
        self.judged += met is not None
        if met is False:
            self.missed.append(name)
        print(f"  {name + ':':<44} {value}{judged}", flush=True)

    def end(self, faults: Sequence[str]) -> int:
        """Prints the verdict and what was not established; 0 valid and every bar met, 1 a bar missed, 2 discarded."""
        if faults:
            print(f"Verdict: DISCARDED, {len(faults)} faults at the destinations; the figures say nothing.")
            for fault in faults[:5]:
                print(f"  {fault}")
        else:
            bars = f"; bars not met: {', '.join(self.missed)}" if self.missed else "; every bar met"
            print(f"Verdict: VALID{bars if self.judged else ''}")
        print("Not established: " + "; ".join(self.not_established) + ".", flush=True)
        return 2 if faults else 1 if self.missed else 0


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * int(share * 1000) // 1000) - 1))]
