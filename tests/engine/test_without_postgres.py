"""Whoever keeps all in SQLite need not have what PostgreSQL takes."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("psycopg", "procrastinate"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
import pomost.cli.main
print("up")
"""


def test_the_program_comes_up_without_the_parts_for_postgresql() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)

    assert done.stdout.strip() == "up", done.stderr
