"""The benchmarks that concern orders. Each prints its criteria, the machine, settings, figures, a verdict counted at the
destinations (VALID or DISCARDED), and what it did not establish.

    python bench/orders.py throughput
    python bench/orders.py throughput --seconds 60 --profile profile.txt
    python bench/orders.py latency
    python bench/orders.py latency --limited
    python bench/orders.py wall
    python bench/orders.py workers
    python bench/orders.py recovery
    python bench/orders.py floor
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(ROOT / "src"), str(ROOT)]

from bench import floor, latency, recovery, throughput, wall, workers  # noqa: E402


def parser() -> argparse.ArgumentParser:
    """Every option has the name of an argument of the benchmark's ``run``."""
    top = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = top.add_subparsers(dest="what", required=True)

    def kind(module: ModuleType) -> argparse.ArgumentParser:
        found = kinds.add_parser(
            module.__name__.rpartition(".")[2], help=(module.__doc__ or "").split("\n")[0]
        )
        found.set_defaults(run=module.run)
        return found

    one = kind(throughput)
    one.add_argument("--seconds", type=float, default=300.0)
    one.add_argument("--delay", type=float, default=0.05, help="seconds that every call takes")
    one.add_argument("--workers", type=int, default=24, help="threads")
    one.add_argument("--preset", default="ro-fs-wz-at-once")
    one.add_argument("--backlog", type=int, default=600, help="orders kept unfinished")
    one.add_argument("--profile", type=Path, help="file that gets the CPU profile of Pomost's threads")
    one.add_argument(
        "--catalogue", action="store_true", help="stock of all products kept up to date meanwhile"
    )
    one = kind(latency)
    one.add_argument("--orders", type=int, default=120)
    one.add_argument("--delay", type=float, default=0.05)
    one.add_argument("--limited", action="store_true", help="100 calls and 15 orders a minute")
    one = kind(wall)
    one.add_argument("--preset", default="", help="empty: ro-fs-wz and ro-fs-wz-at-once")
    one.add_argument("--seconds", type=float, default=300.0, help="of the steady state")
    one.add_argument("--skip", type=float, default=180.0, help="seconds before it")
    one.add_argument("--delay", type=float, default=0.05)
    one.add_argument("--unfinished", type=int, default=150, help="orders kept unfinished")
    one.add_argument("--poll", type=float, default=10.0, help="seconds between looks")
    one.add_argument("--linger", type=float, default=2.0, help="seconds a status waits for others")
    one = kind(workers)
    one.add_argument("--seconds", type=float, default=60.0)
    one.add_argument("--delay", type=float, default=0.2)
    one.add_argument("--threads", type=int, default=2, help="per process")
    one.add_argument("--cpu-seconds", type=float, default=30.0, help="of the runs without delay; 0: none")
    one.add_argument("--cpu-threads", type=int, default=8)
    one = kind(recovery)
    one.add_argument("--variant", choices=("", *recovery.VARIANTS), default="", help="empty: both")
    one.add_argument("--kills", type=int, default=5)
    one.add_argument("--lease", type=float, default=15.0)
    one.add_argument("--sweep", type=float, default=5.0)
    one.add_argument("--delay", type=float, default=0.2)
    one.add_argument("--workers", type=int, default=8)
    one.add_argument("--unfinished", type=int, default=60, help="orders placed before each kill")
    one = kind(floor)
    one.add_argument("--orders", type=int, default=300)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """0: valid and every bar met; 1: a bar missed; 2: discarded."""
    given = vars(parser().parse_args(arguments))
    run = given.pop("run")
    given.pop("what")
    return int(run(**given))


if __name__ == "__main__":
    sys.exit(main())
