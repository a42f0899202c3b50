"""Each rule of the reference names a test that holds it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_tests_that_the_rules_name_are_there() -> None:
    page = (ROOT / "docs/reference/ledger.md").read_text(encoding="utf-8")
    rules = page[page.index("## Rules") : page.index("## Order documents")]
    rows = [line for line in rules.splitlines() if line.startswith("| ")][1:]
    named = re.findall(r"\| `(test_\w+)` \|$", rules, re.M)
    tests = "\n".join(
        path.read_text(encoding="utf-8")
        for room in ("ledger", "trade")
        for path in (ROOT / "tests" / room).glob("test_*.py")
    )

    assert len(named) == len(rows)
    assert [name for name in named if f"def {name}(" not in tests] == []
