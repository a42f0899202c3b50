"""Applies a sheet in a process of its own: with a company, may kill itself at a write, or take its time over the first.

``child.py URL KIND FILE KILL_AT SLOW_S``: killed (SIGKILL) right before its write KILL_AT, counted from 1; "commit" before
the commit, "committed" after it; "" never. Says at last how many rows were new and changed, and the documents.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, cast

from sqlalchemy import event

from pomost.imports.apply import apply, check
from pomost.imports.columns import Kind
from pomost.ledger import Ledger
from pomost.sql import Database

WRITES = ("INSERT", "UPDATE", "DELETE")


def main(url: str, kind: str, path: str, kill_at: str, slow_s: str) -> None:
    database = Database(url)
    ledger = Ledger(database)
    checked = check(ledger, "KUBKI", cast(Kind, kind), Path(path))
    written = 0

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def on_statement(_c: Any, _cursor: Any, statement: str, _given: Any, _context: Any, _many: bool) -> None:
        nonlocal written
        if statement.lstrip().upper().startswith(WRITES):
            written += 1
            if str(written) == kill_at:
                die()
            if written == 1:
                time.sleep(float(slow_s))
        elif statement == "COMMIT" and kill_at == "commit" and written:
            die()

    def on_commit(_connection: Any) -> None:
        if kill_at == "commit" and written:
            die()

    event.listen(database.engine, "before_cursor_execute", on_statement)
    event.listen(database.engine, "commit", on_commit)
    say("ready")
    sys.stdin.readline()
    outcome = apply(ledger, "KUBKI", checked)
    if kill_at == "committed":
        die()
    documents = "already" if outcome.already else ",".join(outcome.documents) or "-"
    say(f"{len(outcome.preview.new)} {len(outcome.preview.changed)} {documents} {written}")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
