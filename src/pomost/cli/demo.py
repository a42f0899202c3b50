"""The demonstration: the whole main job on a BaseLinker of this machine, with a table of what was made at the end."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pomost.bootstrap import Pomost, assemble
from pomost.cli.words import console, tell
from pomost.config.model import Config
from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import RemoteSandbox
from pomost.sandbox.baselinker.catalogue import as_dicts
from pomost.sandbox.baselinker.settings import DEFAULT_TOKEN

PATIENCE_S = 600
STATE = "baselinker.db"


def run(orders: int, folder: Path, language: str, delay: float) -> int:
    """0 when every order got its documents and its status; 1 otherwise."""
    folder = folder.resolve()
    if folder.exists():
        if any(folder.iterdir()) and not (folder / STATE).exists():
            tell(language, "not-a-demo", "red", folder=folder)
            return 2
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    process, url = start_sandbox(folder / STATE, delay)
    try:
        return _run(orders, folder, language, url)
    finally:
        process.terminate()
        process.wait(10)


def start_sandbox(state: Path | None, delay: float, *more: str) -> tuple[subprocess.Popen[str], str]:
    """The sandbox in a process of its own; gives it and its address."""
    command = [
        sys.executable,
        "-m",
        "pomost.sandbox.baselinker",
        "--seed",
        "7",
        "--limit",
        "0",
        "--delay",
        str(delay),
        *more,
    ]
    if state is not None:
        command += ["--state", str(state)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("the sandbox did not start")
    return process, str(json.loads(line)["url"])


def demo_config(folder: Path, url: str, language: str = "pl", **engine: Any) -> Config:
    return Config.model_validate(
        {
            "data_dir": folder,
            "language": language,
            "database": {"url": f"sqlite:///{folder / 'pomost.db'}"},
            "engine": {"workers": 16, **engine},
            "company": [
                {
                    "code": "main",
                    "name": "Sklep Przykładowy sp. z o.o.",
                    "nip": "1234563218",
                    "street": "ul. Przykładowa 1",
                    "postcode": "00-001",
                    "city": "Warszawa",
                    "language": language,
                }
            ],
            "ledger": {"url": f"sqlite:///{folder / 'ledger.db'}"},
            "baselinker": [
                {
                    "url": url,
                    "token": DEFAULT_TOKEN,
                    "calls_per_minute": 0,
                    "poll_s": 0.3,
                    "import_from": "2020-01-01",
                }
            ],
            "rates": {"source": "fixed", "fixed": {"EUR": "4.30"}},
            "flow": [{"name": "sklep", "source": "baselinker", "company": "main", "preset": "ro-fs-wz"}],
        }
    )


def stock_up(pomost: Pomost, quantity: int = 100_000) -> None:
    """Puts the sample shop's items and goods into the ledger."""
    cards = as_dicts()
    pomost.ledger.setup.add_items("main", cards)
    goods = {
        card["sku"]: (Decimal(quantity), (card["price_gross"] * Decimal("0.4")).quantize(Decimal("0.01")))
        for card in cards
    }
    pomost.ledger.issue(receive_draft("main", "MAG", "opening", datetime.now(UTC).date(), goods))


def _run(orders: int, folder: Path, language: str, url: str) -> int:
    shop = RemoteSandbox(url)
    pomost = assemble(demo_config(folder, url, language))
    stock_up(pomost)
    shop.place(orders, confirmed=True, paid=True)
    started = time.monotonic()
    pomost.start()
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )
    with progress:
        reserved = progress.add_task("RO", total=orders)
        sent = progress.add_task("FS/PA + WZ, PDF", total=orders)
        while time.monotonic() - started < PATIENCE_S:
            shop.move_all("W realizacji", "Spakowane")
            done = shop.count("Wysłane")
            progress.update(sent, completed=done)
            progress.update(reserved, completed=done + shop.count("Spakowane"))
            if done >= orders:
                break
            time.sleep(0.2)
    seconds = time.monotonic() - started
    pomost.stop()
    missing = orders - shop.count("Wysłane")
    console.print(_result(pomost, orders, seconds, len(shop.calls()), folder))
    pomost.close()
    if missing:
        tell(language, "not-through", "red", count=missing)
        return 1
    return 0


def _result(pomost: Pomost, orders: int, seconds: float, calls: int, folder: Path) -> Table:
    table = Table(title="Pomost")
    table.add_column("")
    table.add_column("", justify="right")
    table.add_row("zamówienia / orders", str(orders))
    for total in pomost.ledger.totals():
        if total.kind != "PW":
            amount = f"{total.gross:,.2f} {total.currency}".replace(",", " ")
            table.add_row(total.kind, f"{total.count}   {amount}")
    table.add_row("wywołania BaseLinkera na zamówienie / calls per order", f"{calls / orders:.2f}")
    table.add_row("zamówienia na sekundę / orders per second", f"{orders / seconds:.1f}")
    table.add_row("baza / database", str(folder / "pomost.db"))
    table.add_row("księga / ledger", str(folder / "ledger.db"))
    table.add_row("PDF", str(folder / "pdf"))
    return table
