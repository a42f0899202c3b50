"""How many documents a second are set, and how large they are.

Run from the root of the repository: ``python bench/render.py``. Criterion: at least 60 unpaid invoices of 4 lines a
second on one thread, and less than 40 KB each.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from pomost.render import Renderer  # noqa: E402
from pomost.trade.documents import Document  # noqa: E402
from tests.render.documents import SELLER, document  # noqa: E402

ROUNDS = 3
COUNTS = {1: 200, 4: 200, 100: 30, 593: 8}


def numbered(sample: Document, count: int, start: int) -> list[Document]:
    """Documents that differ as those of a day do, so that no cached page can be used again."""
    return [
        replace(
            sample,
            number=f"FS/{start + index}/09/2025",
            foreign_number=f"BL-{start + index}",
            buyer=replace(sample.buyer, company=f"Klient Przykładowy {start + index}"),
            lines=tuple(replace(line, name=f"{line.name} {start + index}") for line in sample.lines),
        )
        for index in range(count)
    ]


def per_second(renderer: Renderer, documents: list[Document], threads: int) -> float:
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(renderer.render, documents[:threads]))
        start = time.perf_counter()
        for _ in pool.map(renderer.render, documents):
            pass
        return len(documents) / (time.perf_counter() - start)


def main() -> None:
    print(
        f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}"
    )
    renderer = Renderer({"MAIN": SELLER})
    start = time.perf_counter()
    renderer.render(document())
    print(f"first document: {(time.perf_counter() - start) * 1000:.0f} ms")
    print(
        f"{'lines':>6} {'paid':>5} {'threads':>7} {'per s (median of ' + str(ROUNDS) + ', min-max)':>34} {'KB':>6}"
    )
    for lines, count in COUNTS.items():
        for paid in (False, True):
            sample = document(count=lines)
            if paid:
                sample = replace(sample, paid=sample.gross)
            size = len(renderer.render(sample)) / 1024
            for threads in (1, 2):
                speeds = [
                    per_second(renderer, numbered(sample, count, 10_000 * turn + 1000 * threads), threads)
                    for turn in range(ROUNDS)
                ]
                figures = f"{statistics.median(speeds):.1f} ({min(speeds):.1f}-{max(speeds):.1f})"
                print(f"{lines:>6} {'yes' if paid else 'no':>5} {threads:>7} {figures:>34} {size:>6.1f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory: {peak:.0f} MB")
    print("Not established: other machines, logos, templates of users, PDF/A.")


if __name__ == "__main__":
    main()
