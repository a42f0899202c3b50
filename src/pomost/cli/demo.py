"""The demonstration: the whole main job on a BaseLinker and a WooCommerce shop of this machine, which sell from one stock, with a
table of what was made at the end."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
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
from pomost.sandbox.woocommerce import RemoteShop

PATIENCE_S = 600
STILL_S = 30.0
PLAIN: Mapping[str, Any] = {
    "payment": "payu",
    "country": "PL",
    "currency": "PLN",
    "shipping": "courier",
    "company": "",
    "nip": "",
    "vat_exempt": False,
}
STATE = "baselinker.db"
MAIN_WAREHOUSE = "bl_20517"
"""The one of the BaseLinker sandbox's catalogue."""
SHARE = 5
"""For so many orders at BaseLinker there is one in the WooCommerce shop."""
_WOO_STEPS = [
    {"id": "sale", "issue": "FS", "when": "order.is_paid"},
    {"id": "wz", "issue": "WZ", "source": ["sale"]},
    {
        "id": "back",
        "write": {
            "fields": {"_pomost_fs": "{sale.number}", "_pomost_wz": "{wz.number}"},
            "status": "completed",
        },
    },
]


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
    second, shop = start_shop(delay)
    try:
        return _run(orders, folder, language, url, shop)
    finally:
        for one in (process, second):
            one.terminate()
            one.wait(10)


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


@dataclass(frozen=True, slots=True)
class ShopAddress:
    """A WooCommerce sandbox in a process of its own."""

    url: str
    key: str
    secret: str


def start_shop(delay: float) -> tuple[subprocess.Popen[str], ShopAddress]:
    """A WooCommerce shop that sells the same goods; gives its process and where it is."""
    command = [sys.executable, "-m", "pomost.sandbox.woocommerce", "--catalogue", "shared", "--seed", "7"]
    process = subprocess.Popen([*command, "--delay", str(delay)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("the WooCommerce sandbox did not start")
    said = json.loads(line)
    return process, ShopAddress(said["url"], said["key"], said["secret"])


def with_shop(config: Config, shop: ShopAddress) -> Config:
    """The same with a WooCommerce shop as a second channel, and the stock of both kept up to date from one ledger."""
    raw = config.model_dump()
    raw["woocommerce"] = [
        {
            "url": shop.url,
            "key": shop.key,
            "secret": shop.secret,
            "calls_per_minute": 0,
            "poll_s": 0.5,
            "import_from": "2020-01-01",
        }
    ]
    woo = {"name": "woo", "source": "woocommerce", "company": "main", "step": _WOO_STEPS}
    raw["flow"] = [*raw["flow"], woo]
    raw["catalogue"] = [
        {"name": name, "channel": name, "company": "main", "stock": [{}]}
        for name in ("baselinker", "woocommerce")
    ]
    return Config.model_validate(raw)


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


def _run(orders: int, folder: Path, language: str, url: str, second: ShopAddress) -> int:
    shop, woo = RemoteSandbox(url), RemoteShop(second.url)
    pomost = assemble(with_shop(demo_config(folder, url, language), second))
    stock_up(pomost)
    shop.place(orders, confirmed=True, paid=True)
    others = max(orders // SHARE, 1)
    # buyers whose orders need no person: the rest of them are to be met in the sandbox
    stocks = woo.stocks()
    sold = sorted(card["sku"] for card in as_dicts() if card["vat"] == "23" and card["sku"] in stocks)
    bought = [
        order
        for number in range(others)
        for order in woo.place(lines=[(sold[number % len(sold)], 1 + number % 3)], paid=True, **PLAIN)
    ]
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
        invoiced = progress.add_task("WooCommerce: FS + WZ", total=others)
        seen, changed = (0, 0), time.monotonic()
        while time.monotonic() - started < PATIENCE_S:
            shop.move_all("W realizacji", "Spakowane")
            done = shop.count("Wysłane")
            progress.update(sent, completed=done)
            progress.update(reserved, completed=done + shop.count("Spakowane"))
            through = sum(1 for order in woo.orders() if order["status"] == "completed")
            progress.update(invoiced, completed=through)
            if (done, through) != seen:
                seen, changed = (done, through), time.monotonic()
            # what stands still for so long waits for a person, and the end says how many do
            if (done >= orders and through >= others) or time.monotonic() - changed > STILL_S:
                break
            time.sleep(0.2)
    seconds = time.monotonic() - started
    differing = _wait_for_one_stock(pomost, shop, woo)
    pomost.stop()
    missing = orders - shop.count("Wysłane")
    missing += sum(1 for order in bought if woo.order(order_id=order)["status"] != "completed")
    table = _result(pomost, orders, seconds, len(shop.calls()), folder)
    table.add_row("zamówienia z WooCommerce / orders from WooCommerce", str(others))
    table.add_row(
        "towary o innym stanie w kanałach / goods whose stock differs in a channel", str(len(differing))
    )
    console.print(table)
    pomost.close()
    if missing or differing:
        tell(language, "not-through", "red", count=missing)
        return 1
    return 0


def _wait_for_one_stock(pomost: Pomost, shop: RemoteSandbox, woo: RemoteShop) -> list[str]:
    """The goods that one of the channels does not show as the ledger has them, once both had time to be told."""
    end = time.monotonic() + 60
    while True:
        theirs = woo.stocks()
        have = {
            sku: sum(held.quantity - held.reserved for held in one.held.values())
            for sku, one in pomost.ledger.on_hand("main", list(theirs)).items()
            if one.parts
        }
        ours = {sku: shop.product(sku=sku)["stock"][MAIN_WAREHOUSE] for sku in have}
        differing = [sku for sku, pieces in have.items() if not theirs[sku] == ours[sku] == pieces]
        if not differing or time.monotonic() > end:
            return differing
        time.sleep(0.3)


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
