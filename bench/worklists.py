"""Seconds of the work lists and of the pages of stock, with millions of finished orders and many products.

python bench/worklists.py [--cases 2000000] [--products 1000000] [--database URL]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(ROOT / "src"), str(ROOT)]

from sqlalchemy import insert, text  # noqa: E402

from pomost.store.schema import cases, figures, needs, products  # noqa: E402
from pomost.store.store import Store, open_store  # noqa: E402

RAW = json.dumps({"order": "x" * 300})
PARSED = json.dumps(
    {
        "lines": [{"price": "10.00", "quantity": "2"}] * 3,
        "delivery": {"price": "9.99"},
        "payment": {"paid": "69.99"},
        "currency": "PLN",
        "buyer": "x" * 600,
    }
)
OPEN = 5_000
"""Of each: needs a person, in doubt, waits for goods."""
AT_ONCE = 20_000


def put(store: Store, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    some: list[dict[str, Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == AT_ONCE:
            with store.database.writing() as connection:
                connection.execute(insert(table), some)
            some = []
    if some:
        with store.database.writing() as connection:
            connection.execute(insert(table), some)


def case_rows(count: int) -> Iterator[dict[str, Any]]:
    short = json.dumps(
        {"code": "flow.short", "facts": {"company": "main", "lacks": '{"KUBEK-1": "2"}'}},
        separators=(",", ":"),
    )
    states = [("done", "")] * count
    for state, waits in (("person", '{"code":"flow.vat-differs"}'), ("doubt", "{}"), ("waiting", short)):
        states += [(state, waits)] * OPEN
    for number, (state, waits) in enumerate(states, 1):
        yield {
            "company": "main",
            "source": "sklep",
            "kind": "return" if number % 20 == 0 else "order",
            "external_id": str(number),
            "flow": "sklep",
            "number": str(number),
            "status": "Wysłane",
            "raw": RAW,
            "parsed": PARSED,
            "seen_at": float(number),
            "changed_at": 0.0,
            "state": state,
            "waits": waits,
            "since": float(number),
        }


def product_rows(count: int) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        yield {
            "catalogue_id": 1,
            "product_id": f"p{number}",
            "sku": f"SKU-{number}",
            "ean": f"590{number:010}",
            "name": f"Kubek ceramiczny {number}",
            "item": f"SKU-{number}",
        }


def figure_rows(count: int) -> Iterator[dict[str, Any]]:
    from decimal import Decimal

    for number in range(1, count + 1):
        drifted = number % 1_000 == 0
        yield {
            "product": number,
            "what": "stock",
            "place": "m",
            "catalogue_id": 1,
            "wanted": Decimal(5),
            "version": 2 if number % 500 == 0 else 1,
            "done": 1,
            "decided_at": 1.0,
            "sent": Decimal(5),
            "sent_at": 1.0,
            "problem": "x: y" if number % 700 == 0 else "",
            "seen": Decimal(7) if drifted else None,
            "seen_at": 5.0 if drifted else None,
        }


def timed(name: str, work: Callable[[], object], times: int = 7) -> None:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    print(f"{name:44} first {took[0]:8.1f} ms   median {statistics.median(took):8.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2_000_000)
    parser.add_argument("--products", type=int, default=1_000_000)
    parser.add_argument("--database", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(asked.database or f"sqlite:///{folder}/store.db", durable=False)
        began = time.monotonic()
        put(store, cases, case_rows(asked.cases))
        waiting = range(asked.cases + 2 * OPEN + 1, asked.cases + 3 * OPEN + 1)
        put(store, needs, ({"case_id": one, "need": f"f|stock:{one}"} for one in waiting))
        store.products.catalogue_id("sklep")
        put(store, products, product_rows(asked.products))
        put(store, figures, figure_rows(asked.products))
        with store.database.engine.connect() as connection:
            connection.execute(text("ANALYZE"))
            connection.commit()
        print(f"filled in {time.monotonic() - began:.0f} s")
        lists, shelf = store.worklists, store.shelf
        timed("counts of the lists", lists.counts)
        timed("needs a person", lambda: lists.of_state("person"))
        timed("reasons", lambda: lists.codes("person"))
        timed("doubts", lambda: lists.of_state("doubt"))
        timed("leftovers", lists.leftovers)
        timed("returns", lists.returns)
        timed("shortages", lists.lacks)
        timed("stopped", lists.stopped_by_source)
        timed("counts of a catalogue", lambda: shelf.count(1, "stock"))
        timed("products, first page", lambda: shelf.page(1))
        timed("products, in the middle", lambda: shelf.page(1, "", "", asked.products // 2))
        for wrong in ("problem", "unsent", "drift", "unknown"):
            timed(f"products, {wrong}", lambda wrong=wrong: shelf.page(1, wrong))
        timed("products, by SKU", lambda: shelf.page(1, "", f"SKU-{asked.products // 2}"))
        timed("products, by a word that many have", lambda: shelf.page(1, "", "kubek"))
        timed("products, by a word that none has", lambda: shelf.page(1, "", "miska"))
        timed("drift", lambda: shelf.drifts(1, "stock"))
        store.close()


if __name__ == "__main__":
    main()
