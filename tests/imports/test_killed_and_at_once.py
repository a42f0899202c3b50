"""D17: an import that is killed wrote everything or nothing, two at once are as if one came after the other, and the same
sheet once more changes nothing. Real processes, killed with SIGKILL, on both databases."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pomost.imports.apply import apply, check
from pomost.imports.columns import Kind
from pomost.ledger import schema
from pomost.sql import Database
from tests.imports.sheets import workbook
from tests.ledger.firm import Firm
from tests.nursery import Child, start

ROWS = 30
Content = dict[str, list[tuple[Any, ...]]]

SHEETS: dict[Kind, tuple[list[Any], ...]] = {
    "items": (
        ["SKU", "Nazwa", "VAT"],
        ["KUBEK-1", "Kubek kremowy", "23"],
        *([f"N-{number:02d}", f"Nowy {number}", "23"] for number in range(ROWS)),
    ),
    "prices": (
        ["SKU", "Poziom ceny", "Cena brutto"],
        ["KUBEK-1", "DETAL", "19.99"],
        ["KUBEK-2", "HURT", "9.99"],
    ),
    "stock": (["SKU", "Stan", "Koszt"], ["KUBEK-1", 4, "5.00"], ["KUBEK-2", 25, "7.00"]),
    "contractors": (
        ["Kod", "Nazwa"],
        *([f"K-{number:02d}", f"Kontrahent {number}"] for number in range(ROWS)),
    ),
}


@contextmanager
def importing(url: str, kind: str, path: Path, kill_at: str = "", slow_s: float = 0) -> Iterator[Child]:
    """A process that has read and checked the sheet and writes it as soon as it is told to."""
    with start("tests.imports.child", url, kind, str(path), kill_at, str(slow_s), pipes=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


def go(*processes: Child) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


def told_by(process: Child) -> list[str]:
    assert process.stdout is not None
    return process.stdout.readline().split()


def content(database: Database) -> Content:
    """What the ledger says, without the numbers by which its rows are kept."""
    item, price, stock, document, contractor = (
        schema.item, schema.price, schema.stock, schema.document, schema.contractor
    )  # fmt: skip
    queries = {
        "items": select(item.c.sku, item.c.name, item.c.kind, item.c.unit, item.c.vat, item.c.ean),
        "prices": select(item.c.sku, price.c.level, price.c.price).join(item, item.c.id == price.c.item_id),
        "stock": select(item.c.sku, stock.c.quantity, stock.c.value)
        .join(item, item.c.id == stock.c.item_id)
        .where(stock.c.quantity != 0),
        "documents": select(document.c.kind, document.c.number, document.c.state),
        "contractors": select(contractor.c.code, contractor.c.name, contractor.c.email),
    }
    with database.reading() as connection:
        return {
            name: sorted(tuple(row) for row in connection.execute(query)) for name, query in queries.items()
        }


@pytest.mark.parametrize("kind", SHEETS)
def test_killed_at_any_write_it_wrote_all_or_nothing_and_once_more_it_is_the_same(
    kind: Kind, firm: Firm, database: Database, tmp_path: Path
) -> None:
    sheet = workbook(tmp_path / "sheet.xlsx", *SHEETS[kind])
    before = content(database)
    points = [str(number) for number in range(1, 30)]
    killed = 0
    for point in ["commit", *points]:
        with importing(database.url, kind, sheet, point) as process:
            go(process)
            told = told_by(process)
            process.wait(30)
        if process.returncode == 0:
            # it has fewer writes than this: all of them are written now
            assert int(told[3]) < int(point)
            break
        assert process.returncode == -signal.SIGKILL
        assert content(database) == before, f"killed at write {point}"
        killed += 1
    assert killed >= 2
    after = content(database)
    assert after != before

    with importing(database.url, kind, sheet, "committed") as process:
        go(process)
        assert process.wait(30) == -signal.SIGKILL
    apply(firm.ledger, firm.code, check(firm.ledger, firm.code, kind, sheet))
    assert content(database) == after


def test_killed_right_before_its_commit_nothing_is_written_and_right_after_it_everything(
    firm: Firm, database: Database, tmp_path: Path
) -> None:
    sheet = workbook(tmp_path / "sheet.xlsx", *SHEETS["stock"])
    before = content(database)
    with importing(database.url, "stock", sheet, "commit") as process:
        go(process)
        assert process.wait(30) == -signal.SIGKILL
    assert content(database) == before

    with importing(database.url, "stock", sheet, "committed") as process:
        go(process)
        assert process.wait(30) == -signal.SIGKILL
    after = content(database)
    assert [row[1:] for row in after["stock"]] != [row[1:] for row in before["stock"]]

    # whoever does not know whether it was done does it again
    outcome = apply(firm.ledger, firm.code, check(firm.ledger, firm.code, "stock", sheet))
    assert outcome.already
    assert content(database) == after


@pytest.mark.parametrize("kind", SHEETS)
def test_the_same_sheet_twice_at_once_is_written_once(
    kind: Kind, firm: Firm, database: Database, tmp_path: Path
) -> None:
    sheet = workbook(tmp_path / "sheet.xlsx", *SHEETS[kind])
    with (
        importing(database.url, kind, sheet, slow_s=0.5) as first,
        importing(database.url, kind, sheet, slow_s=0.5) as second,
    ):
        go(first, second)
        told = sorted([told_by(first), told_by(second)])
    new, changed = int(told[1][0]), int(told[1][1])
    assert new + changed == len(SHEETS[kind]) - 1, "one of them found all to be written"
    if kind == "stock":
        assert sorted(one[2] == "already" for one in told) == [False, True]
        assert [row[0] for row in content(database)["documents"]] == ["PW", "PW", "RW"]
    else:
        assert told[0][:2] == ["0", "0"], "and the other that nothing was left to do"


def test_two_sheets_about_the_same_new_cards_are_as_if_one_came_after_the_other(
    firm: Firm, database: Database, tmp_path: Path
) -> None:
    """One says the EAN, the other does not: an empty cell leaves the EAN alone, whichever comes first."""
    skus = [f"N-{number:02d}" for number in range(ROWS)]
    one = workbook(
        tmp_path / "a.xlsx", ["SKU", "VAT", "EAN"], *([sku, "23", "5901234123457"] for sku in skus)
    )
    # in the other order, so that rows locked one by one would wait for one another for ever
    other = workbook(
        tmp_path / "b.xlsx", ["SKU", "VAT", "Nazwa"], *([sku, "23", "Nazwa"] for sku in reversed(skus))
    )
    for slow in ((0.5, 0.0), (0.0, 0.5)):
        with (
            importing(database.url, "items", one, slow_s=slow[0]) as first,
            importing(database.url, "items", other, slow_s=slow[1]) as second,
        ):
            go(first, second)
            told_by(first)
            told_by(second)
        rows = [row for row in content(database)["items"] if row[0] in skus]
        assert len(rows) == ROWS
        assert {(row[1], row[5]) for row in rows} == {("Nazwa", "5901234123457")}
        with database.writing() as connection:
            connection.execute(schema.item.delete().where(schema.item.c.sku.in_(skus)))


def test_two_counts_at_once_are_booked_one_after_the_other(
    firm: Firm, database: Database, tmp_path: Path
) -> None:
    counts = [
        workbook(tmp_path / f"{quantity}.xlsx", ["SKU", "Stan", "Koszt"], ["KUBEK-1", quantity, "5.00"])
        for quantity in (4, 25)
    ]
    with (
        importing(database.url, "stock", counts[0], slow_s=0.5) as first,
        importing(database.url, "stock", counts[1], slow_s=0.5) as second,
    ):
        go(first, second)
        told_by(first)
        told_by(second)
    # whoever came last is right: the differences of both lead from 10 pieces to its count
    assert firm.stock() in ((4, 0), (25, 0))
    kinds = sorted(row[0] for row in content(database)["documents"])
    assert kinds == ["PW", "PW", "RW"]
