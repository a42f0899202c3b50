"""One process's worth of Pomost whose looks and wake-ups the test makes itself; run as a program it is a real process."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from pomost.bootstrap import assemble
from pomost.config.model import Config
from pomost.engine.embedded import EmbeddedRunner
from pomost.engine.port import Runner
from pomost.engine.postgres import ProcrastinateRunner
from pomost.ledger import receive_draft
from pomost.sandbox.baselinker.catalogue import as_dicts
from pomost.sandbox.baselinker.settings import DEFAULT_TOKEN
from pomost.store.cases import cases

KINDS = [("embedded", "sqlite"), ("embedded", "postgres"), ("procrastinate", "postgres")]
TODAY = date(2026, 11, 25)
ENGINE = {"workers": 4, "lease_s": 5.0, "sweep_s": 0.2, "retry_first_s": 0.05, "retry_most_s": 0.5}


class Machine:
    """``at`` is called with each point that the work passes ("ro:intended", "ro:made" ...)."""

    def __init__(self, runner: str, url: str, shop_url: str, folder: Path, **engine: float) -> None:
        self.kind, self.url, self.shop_url, self.folder = runner, url, shop_url, folder
        self.at: Callable[[str], None] = lambda point: None
        config = Config.model_validate(
            {
                "data_dir": folder,
                "database": {"url": url},
                "ledger": {"url": url},
                "engine": {**ENGINE, **engine},
                "company": [{"code": "main", "name": "Sklep Przykładowy sp. z o.o.", "nip": "1234563218"}],
                "baselinker": [
                    {
                        "url": shop_url,
                        "token": DEFAULT_TOKEN,
                        "calls_per_minute": 0,
                        "import_from": "2010-01-01",
                        "status_linger_s": 0.0,
                    }
                ],
                "rates": {"source": "fixed", "fixed": {"EUR": "4.30", "GBP": "5.00"}},
                "flow": [
                    {"name": "sklep", "source": "baselinker", "company": "main", "preset": "ro-fs-wz"},
                ],
            }
        )
        self.pomost = assemble(config, today=lambda: TODAY, at=lambda point: self.at(point), durable=False)
        self.store, self.ledger, self.work = self.pomost.store, self.pomost.ledger, self.pomost.work
        self.runner: Runner = (
            EmbeddedRunner(self.work) if runner == "embedded" else ProcrastinateRunner(self.work, url)
        )
        self._running = False
        cards = as_dicts()
        self.ledger.setup.add_items("main", cards)
        goods = {card["sku"]: (Decimal(1000), Decimal(5)) for card in cards}
        self.ledger.issue(receive_draft("main", "MAG", "opening", TODAY, goods))

    def look(self) -> list[int]:
        """Stores what is in the shop and gives the ids of all cases; wakes nobody."""
        self.pomost.lookers[0].look_once()
        with self.store.database.reading() as connection:
            return list(connection.execute(select(cases.c.id).order_by(cases.c.id)).scalars())

    def start(self) -> None:
        self._running = True
        self.runner.start()

    def stop(self, timeout_s: float = 30.0) -> bool:
        self._running = False
        return self.runner.stop(timeout_s)

    def close(self) -> None:
        if self._running:
            self.stop()
        self.pomost.close()

    def rows(self) -> list[Any]:
        """State, due time, lease and fence of each case."""
        with self.store.database.reading() as connection:
            return list(
                connection.execute(
                    select(
                        cases.c.id,
                        cases.c.external_id,
                        cases.c.state,
                        cases.c.waits,
                        cases.c.due_at,
                        cases.c.lease_owner,
                        cases.c.fence,
                    ).order_by(cases.c.id)
                )
            )

    def orders_with_ro(self) -> list[str]:
        """The order's number for each RO there is, sorted: an order with two is in it twice."""
        return sorted(document.foreign_number for document in self.ledger.documents(kind="RO"))

    def wait_until_resting(self, count: int, seconds: float = 30.0) -> None:
        """Until ``count`` cases have their RO written back and wait for the next status of the order."""
        wait_until(
            lambda: (
                [row.state for row in self.rows() if row.due_at is None and row.lease_owner is None]
                == ["waiting"] * count
            ),
            seconds,
            lambda: [tuple(row) for row in self.rows()],
        )


def wait_until(
    true: Callable[[], bool], seconds: float = 30.0, tell: Callable[[], object] = lambda: ""
) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"it did not happen within {seconds} s: {tell()}")
        time.sleep(0.02)


def main(runner: str, url: str, shop_url: str, folder: str, lease_s: str) -> None:
    """Works until it comes to a made RO that is not stored yet, says so, and hangs there for ever."""
    machine = Machine(runner, url, shop_url, Path(folder), workers=1, lease_s=float(lease_s))

    def at(point: str) -> None:
        if point == "ro:made":
            sys.stdout.write("holding\n")
            sys.stdout.flush()
            threading.Event().wait()

    machine.at = at
    machine.start()
    machine.runner.wake(row.id for row in machine.rows())
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
