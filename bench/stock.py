"""Stock of many items: what changed is found and sent. Prints criteria, machine, settings, figures, a verdict counted at the
destination (VALID or DISCARDED), and what it did not establish.

    python bench/stock.py changes                                   1,000,000 items, 1 % and then 100 % changed
    python bench/stock.py changes --items 100000 --database postgres
    python bench/stock.py compare                                   100,000 items compared with the channel
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(ROOT / "src"), str(ROOT)]

from sqlalchemy import bindparam, func, insert, select, text, update  # noqa: E402

from bench.stand import postgres  # noqa: E402
from bench.verdict import Report  # noqa: E402
from pomost.bootstrap import assemble  # noqa: E402
from pomost.catalogue.deciding import AT_ONCE  # noqa: E402
from pomost.config.model import Config  # noqa: E402
from pomost.ledger import schema as led  # noqa: E402
from pomost.ledger.change_numbers import next_change  # noqa: E402
from pomost.ledger.ledger import open_ledger  # noqa: E402
from pomost.sandbox.baselinker import RemoteSandbox  # noqa: E402
from pomost.sandbox.baselinker.catalogue import each  # noqa: E402
from pomost.sql import Database  # noqa: E402
from pomost.store import schema as own  # noqa: E402
from tests.house import config_for  # noqa: E402
from tests.shelf import MAIN, Shelf  # noqa: E402

BEFORE = 1_000
_CHUNK = 20_000


@contextmanager
def shop_with(items: int, delay_s: float) -> Iterator[RemoteSandbox]:
    """A sandbox with so many products, in a process of its own."""
    words = ("--products", str(items), "--limit", "0", "--delay", str(delay_s), "--seed", "0")
    with subprocess.Popen(
        [sys.executable, "-m", "pomost.sandbox.baselinker", *words],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT / "src",
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        try:
            yield RemoteSandbox(ready["url"], ready["token"])
        finally:
            process.terminate()
            process.wait(30)


def fill_ledger(url: str, items: int) -> None:
    """As many cards as the shop has products, with 1,000 pieces of each, by plain inserts."""
    open_ledger(url).close()
    database = Database(url)
    with database.reading() as connection:
        company = connection.execute(select(led.company.c.id)).scalar_one()
        warehouse = connection.execute(select(led.warehouse.c.id)).scalar_one()
        first = (connection.execute(select(func.max(led.item.c.id))).scalar() or 0) + 1
    rows: list[dict[str, Any]] = []

    def write() -> None:
        with database.writing() as connection:
            change = next_change(connection)
            connection.execute(insert(led.item), [{**row, "change": change} for row in rows])
            connection.execute(
                insert(led.stock),
                [
                    {
                        "warehouse_id": warehouse,
                        "item_id": row["id"],
                        "quantity": Decimal(BEFORE),
                        "reserved": Decimal(0),
                        "value": Decimal(BEFORE),
                        "change": change,
                    }
                    for row in rows
                ],
            )
        rows.clear()

    for number, item in enumerate(each(items)):
        card = {"id": first + number, "company_id": company, "sku": item.sku, "name": item.name}
        rows.append(card | {"kind": "goods", "unit": "szt", "vat": "23", "ean": item.ean})
        if len(rows) == _CHUNK:
            write()
    if rows:
        write()
    if not database.is_sqlite:
        with database.writing() as connection:
            connection.execute(
                text(
                    "SELECT setval(pg_get_serial_sequence('led_item', 'id'), (SELECT max(id) FROM led_item))"
                )
            )
            connection.execute(text("ANALYZE"))
    database.close()


def change(url: str, every: int, by: int) -> int:
    """Adds to the stock of every so-manieth item, numbered as the ledger numbers its changes; gives how many."""
    database = Database(url)
    with database.writing() as connection:
        done = connection.execute(
            update(led.stock)
            .where(led.stock.c.item_id % every == 0)
            .values(
                quantity=led.stock.c.quantity + bindparam("by", type_=led.stock.c.quantity.type),
                change=next_change(connection),
            ),
            {"by": Decimal(by)},
        ).rowcount
    database.close()
    return done


def one_pass(url: str) -> tuple[float, float]:
    """Seconds of one pass over the ledger's stock: summed up in the database, and every row fetched."""
    database = Database(url)
    free = led.stock.c.quantity - led.stock.c.reserved
    with database.reading() as connection:
        began = time.perf_counter()
        connection.execute(select(func.count(), func.sum(free))).one()
        summed = time.perf_counter() - began
        began = time.perf_counter()
        for _ in connection.execute(select(led.stock.c.item_id, free)).yield_per(_CHUNK):
            pass
        fetched = time.perf_counter() - began
    database.close()
    return summed, fetched


def own_pass(url: str) -> float:
    """Seconds of the set operation that compares all that shall be shown with what was sent."""
    database = Database(url)
    with database.reading() as connection:
        began = time.perf_counter()
        connection.execute(
            select(func.count()).select_from(own.figures).where(own.figures.c.wanted != own.figures.c.sent)
        ).scalar_one()
        taken = time.perf_counter() - began
    database.close()
    return taken


def measured(folder: Path, act: str) -> dict[str, Any]:
    """One act by a Pomost in a process of its own, so that memory is its alone."""
    done = subprocess.run(
        [sys.executable, __file__, "child", str(folder), act], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def child(folder: Path, act: str) -> None:
    """Does one act of a catalogue and says what it took, as JSON."""
    config = Config.model_validate_json((folder / "config.json").read_text())
    pomost = assemble(config)
    (watcher,) = pomost.catalogues
    prepared = watcher.prepared()
    (line,) = prepared.lines
    small = _memory_mb()
    found: dict[str, Any] = {}
    began = time.perf_counter()
    if act == "list":
        watcher.begin(prepared)
        found["products"] = prepared.linker.link().products
    elif act == "find":
        cursor = pomost.store.looks.cursor(line.decider.source(prepared.offer.company))
        touched = prepared.offer.erp.touched(prepared.offer.company, "stock", cursor, AT_ONCE)
        found["items"] = len(touched.skus)
        while touched.more:
            touched = prepared.offer.erp.touched(prepared.offer.company, "stock", touched.cursor, AT_ONCE)
            found["items"] += len(touched.skus)
    elif act == "take":
        found["figures"] = watcher.decide(prepared.offer, line)
    elif act == "send":
        sent = line.sender.send()
        found |= {"products": sent.products, "problems": sent.problems, "calls": sent.calls}
    else:
        compared = line.comparer.compare()
        found |= {"products": compared.products, "corrected": len(compared.corrected)}
        found["suspects"] = len(compared.suspects)
    found |= {"seconds": time.perf_counter() - began, "memory": _memory_mb(), "before": small}
    pomost.close()
    print(json.dumps(found))


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def wrong_in(shelf: Shelf, url: str) -> list[str]:
    """Products whose stock in the shop, read page by page, is not that of the ledger."""
    database = Database(url)
    with database.reading() as connection:
        query = select(led.item.c.sku, led.stock.c.quantity).join(
            led.stock, led.stock.c.item_id == led.item.c.id
        )
        known = {row.sku: int(row.quantity) for row in connection.execute(query)}
    database.close()
    wrong = []
    seen = 0
    for row in shelf.products().values():
        if row["sku"] in known:
            seen += 1
            if row["stock"][MAIN] != known[row["sku"]]:
                wrong.append(
                    f"{row['sku']}: the shop shows {row['stock'][MAIN]}, the ledger has {known[row['sku']]}"
                )
    if seen != len(known):
        wrong.append(f"{len(known) - seen} items of the ledger are not in the shop")
    return wrong


@contextmanager
def stand(items: int, kind: str, delay_s: float) -> Iterator[tuple[Path, Config, RemoteSandbox]]:
    database: AbstractContextManager[str] = postgres() if kind == "postgres" else nullcontext("")
    with (
        tempfile.TemporaryDirectory(prefix="pomost-bench-stock-") as name,
        database as url,
        shop_with(items, delay_s) as shop,
    ):
        folder = Path(name)
        offer = {"name": "sklep", "stock": [{}], "compare_s": 1e6, "list_s": 1e6}
        wanted: dict[str, Any] = {"catalogue": [offer]}
        if url:
            wanted |= {"database": url, "ledger": url}
        config = config_for(folder, shop.url, shop.token, **wanted)
        (folder / "config.json").write_text(config.model_dump_json())
        assemble(config).close()
        fill_ledger(config.ledger.url, items)
        yield folder, config, shop


def changes(items: int, kind: str, delay_s: float) -> int:
    report = Report(
        "stock changes",
        (
            "what changed is found in <= 1.5 x one SQL pass over the table of stock (summed up in the database), 1 % changed",
            "calls = products changed / 1000, rounded up",
            "memory does not grow with the number of items: <= 64 MB more than before",
            "discarded unless the shop, read page by page, shows what the ledger has of every item",
        ),
        {"items": items, "database": kind, "delay per call s": delay_s},
        (
            "the pace at BaseLinker's limit: 100 calls a minute send 100,000 products a minute",
            "kits and several warehouses",
            "what other writers of the same database cost meanwhile",
        ),
    )
    with stand(items, kind, delay_s) as (folder, config, shop):
        shelf = Shelf(shop)
        listed = measured(folder, "list")
        report.figure(
            "first listing, all decided", f"{listed['seconds']:.1f} s, peak {listed['memory']:.0f} MB"
        )
        first = measured(folder, "send")
        report.figure("first sending of all", f"{first['seconds']:.1f} s, {first['calls']} calls")
        for every, by in ((100, 1), (1, 2)):
            changed = change(config.ledger.url, every, by)
            summed, fetched = one_pass(config.ledger.url)
            looked = measured(folder, "find")
            taken = measured(folder, "take")
            share = f"{100 // every} % changed ({changed})"
            report.figure(f"{share}: one pass, summed / fetched", f"{summed:.3f} s / {fetched:.2f} s")
            ratio = looked["seconds"] / summed
            bar = (ratio <= 1.5, "<= 1.5") if every > 1 else (None, "")
            report.figure(
                f"{share}: found ({looked['items']})",
                f"{looked['seconds']:.3f} s = {ratio:.2f} x summed, {looked['seconds'] / fetched:.2f} x fetched",
                *bar,
            )
            report.figure(
                f"{share}: reckoned and kept ({taken['figures']})",
                f"{taken['seconds']:.2f} s = {taken['seconds'] / fetched:.2f} x fetched",
            )
            grown = max(taken["memory"] - taken["before"], 0)
            report.figure(
                f"{share}: memory",
                f"peak {taken['memory']:.0f} MB, {grown:.0f} more",
                grown <= 64,
                "<= 64 MB",
            )
            compared = own_pass(config.database.url)
            report.figure(f"{share}: wanted against sent, one pass", f"{compared:.2f} s")
            sent = measured(folder, "send")
            wanted = math.ceil(changed / 1000)
            report.figure(f"{share}: calls", str(sent["calls"]), sent["calls"] == wanted, f"{wanted}")
            rate = sent["products"] / sent["seconds"]
            grown = max(sent["memory"] - sent["before"], 0)
            report.figure(
                f"{share}: sent",
                f"{sent['seconds']:.2f} s, {rate:.0f} products/s, {grown:.0f} MB more",
                grown <= 64,
                "<= 64 MB",
            )
        return report.end(wrong_in(shelf, config.ledger.url))


def compare(items: int, kind: str, delay_s: float) -> int:
    report = Report(
        "stock compared",
        ("discarded unless every figure that was changed by hand is found, and no other",),
        {"items": items, "database": kind, "delay per call s": delay_s, "changed by hand": 20},
        ("the pace at BaseLinker's limit: one call reads 1000 products",),
    )
    with stand(items, kind, delay_s) as (folder, _, shop):
        shelf = Shelf(shop)
        measured(folder, "list")
        measured(folder, "send")
        # the shop has a few products of its own, which the ledger does not know and nobody compares
        ours = {item.sku for item in each(items)}
        chosen = [
            row for row in shelf.products().values() if row["sku"] in ours and row["sku"].endswith("7")
        ][:20]
        for number, row in enumerate(chosen):
            products = {str(row["id"]): {MAIN: BEFORE + (1 if number % 2 else -1)}}
            shelf.call("updateInventoryProductsStock", inventory_id=30711, products=products)
        before = len(shop.calls())
        found = measured(folder, "compare")
        report.figure("whole comparison", f"{found['seconds']:.1f} s, {len(shop.calls()) - before} calls")
        report.figure(
            "memory", f"peak {found['memory']:.0f} MB, {found['memory'] - found['before']:.0f} more"
        )
        report.figure("found", f"{found['corrected']} too high, {found['suspects']} too low")
        right = (found["corrected"], found["suspects"]) == (10, 10)
        return report.end([] if right else [f"10 and 10 were changed by hand, found: {found}"])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = parser.add_subparsers(dest="what", required=True)
    for name, items in (("changes", 1_000_000), ("compare", 100_000)):
        one = kinds.add_parser(name)
        one.add_argument("--items", type=int, default=items)
        one.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
        one.add_argument("--delay", type=float, default=0.0, help="seconds that every call takes")
    one = kinds.add_parser("child")
    one.add_argument("folder", type=Path)
    one.add_argument("act")
    given = parser.parse_args(arguments)
    if given.what == "child":
        child(given.folder, given.act)
        return 0
    run = changes if given.what == "changes" else compare
    return run(given.items, given.database, given.delay)


if __name__ == "__main__":
    sys.exit(main())
