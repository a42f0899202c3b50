"""Products are read page by page by their number, however many there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from pomost.ports.catalogue import Product
from pomost.store.store import Store, open_store

Read = Callable[[Store, int], object]
READS: dict[str, Read] = {
    "without stock": lambda store, catalogue: store.figures.undecided(catalogue, "stock", 5, 10),
    "without a card": lambda store, catalogue: store.cards.undecided(catalogue, 5, 10),
    "known": lambda store, catalogue: store.products.known(catalogue, 5, 10),
    "linked": lambda store, catalogue: store.products.linked(catalogue, 5, 10),
    "unlinked": lambda store, catalogue: store.products.unlinked(catalogue, 5, 10),
}


@pytest.mark.parametrize("what", READS)
def test_a_page_is_found_by_a_seek_and_nothing_is_sorted(tmp_path: Path, what: str) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'pomost.db'}")
    catalogue = store.products.catalogue_id("sklep")
    page = [Product(str(number), f"S-{number}", "", "Kubek") for number in range(20)]
    store.products.keep(catalogue, page, {one.id: one.sku for one in page}, 1.0)
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, given: Any, context: Any, many: bool) -> None:
        asked.append((statement, given))

    event.listen(store.database.engine, "before_cursor_execute", note)
    READS[what](store, catalogue)
    event.remove(store.database.engine, "before_cursor_execute", note)

    (query,) = [one for one in asked if one[0].startswith("SELECT")]
    with store.database.reading() as connection:
        raw = connection.connection.cursor()
        raw.execute("EXPLAIN QUERY PLAN " + query[0], query[1])
        plan = "\n".join(row[-1] for row in raw.fetchall())
    assert "rowid>?" in plan, plan
    assert "TEMP B-TREE" not in plan, plan
    store.close()
