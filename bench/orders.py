"""The benchmarks that concern orders. Each prints its criteria, the machine, settings, figures, a verdict counted at the
destinations (VALID or DISCARDED), and what it did not establish.

    python bench/orders.py throughput
    python bench/orders.py throughput --seconds 60 --profile profile.txt
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(ROOT / "src"), str(ROOT)]

from bench import throughput  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = parser.add_subparsers(dest="what", required=True)
    one = kinds.add_parser("throughput", help=throughput.__doc__)
    one.add_argument("--seconds", type=float, default=300.0)
    one.add_argument("--delay", type=float, default=0.05, help="seconds that every call takes")
    one.add_argument("--workers", type=int, default=24, help="threads")
    one.add_argument("--preset", default="ro-fs-wz-at-once")
    one.add_argument("--backlog", type=int, default=600, help="orders kept unfinished")
    one.add_argument("--profile", type=Path, help="file that gets the CPU profile of Pomost's threads")
    one.set_defaults(run=throughput.run)
    given = vars(parser.parse_args())
    run = given.pop("run")
    given.pop("what")
    return int(run(**given))


if __name__ == "__main__":
    sys.exit(main())
