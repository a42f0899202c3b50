"""A change wakes the catalogues at once, whoever made it; and when nobody is woken, it is found all the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pomost.bootstrap import assemble
from pomost.engine.listening import PostgresListener
from pomost.ledger import receive_draft
from pomost.ledger.ledger import open_ledger
from pomost.news import CHANNEL, News
from pomost.sandbox.baselinker import Sandbox
from pomost.sql import Database
from tests.house import TODAY, House, config_for
from tests.shelf import Shelf

ASLEEP: dict[str, Any] = {"name": "sklep", "stock": [{}], "every_s": 3600.0, "debounce_s": 0.1}
"""Never looks by itself."""
SOON = 5.0
WRITE = "updateInventoryProductsStock"


def receive(ledger: Any, key: str, pieces: int = 1) -> None:
    ledger.issue(receive_draft("main", "MAG", key, TODAY, {"KUBEK-01": (Decimal(pieces), Decimal(5))}))


def shown(home: House, shelf: Shelf, pieces: int, seconds: float = 20.0) -> None:
    home.run_until(lambda: shelf.stock("KUBEK-01") == pieces, seconds)


def test_a_change_made_in_the_same_process(house: Callable[..., House], shop: Sandbox) -> None:
    home, shelf = house(catalogue=[ASLEEP]), Shelf(shop)
    shown(home, shelf, 10_000)
    receive(home.ledger, "more")
    shown(home, shelf, 10_001, SOON)


def test_an_order_that_was_seen(house: Callable[..., House], shop: Sandbox) -> None:
    home, shelf = house(catalogue=[ASLEEP]), Shelf(shop)
    shown(home, shelf, 10_000)
    shop.place(lines=[{"sku": "KUBEK-01", "quantity": 2}, {"sku": "NOWY-1", "quantity": 1}])
    shown(home, shelf, 9_998, SOON)


def test_a_change_made_by_another_program_on_sqlite(house: Callable[..., House], shop: Sandbox) -> None:
    home, shelf = house(catalogue=[ASLEEP]), Shelf(shop)
    shown(home, shelf, 10_000)
    # nothing of this one is known to the other but the file
    other = open_ledger(home.pomost.config.ledger.url)
    receive(other, "more")
    shown(home, shelf, 10_001, SOON)
    other.close()


@pytest.mark.postgres
def test_a_change_made_by_another_program_on_postgresql(
    database: str, house: Callable[..., House], shop: Sandbox, tmp_path: Path
) -> None:
    bases = {"database": database, "ledger": database}
    home, shelf = house(catalogue=[ASLEEP], **bases), Shelf(shop)
    shown(home, shelf, 10_000)
    other = assemble(config_for(tmp_path, shop.url, catalogue=[ASLEEP], **bases))
    receive(other.ledger, "more")
    shown(home, shelf, 10_001, SOON)

    # The connection that listens is cut; what is changed meanwhile is found after the next one.
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE %s",
            [f"LISTEN {CHANNEL}%"],
        )
    receive(other.ledger, "even-more")
    shown(home, shelf, 10_002, SOON)
    receive(other.ledger, "and-more")
    shown(home, shelf, 10_003, SOON)
    other.close()


def test_nothing_is_lost_where_nobody_is_woken(house: Callable[..., House], shop: Sandbox) -> None:
    home, shelf = house(catalogue=[{**ASLEEP, "wake": False, "every_s": 0.3}]), Shelf(shop)
    assert home.pomost.listeners == []
    shown(home, shelf, 10_000)
    receive(home.ledger, "more")
    shop.place(lines=[{"sku": "KUBEK-01", "quantity": 2}, {"sku": "NOWY-1", "quantity": 1}])
    shown(home, shelf, 9_999, SOON)


def test_the_guard_a_catalogue_that_sleeps_and_is_not_woken_stays_asleep(
    house: Callable[..., House], shop: Sandbox
) -> None:
    home, shelf = house(catalogue=[{**ASLEEP, "wake": False}]), Shelf(shop)
    shown(home, shelf, 10_000)
    receive(home.ledger, "more")
    time.sleep(1.5)
    assert shelf.stock("KUBEK-01") == 10_000, "what the other tests show is the waking's work"


def test_a_storm_of_changes_makes_few_calls(house: Callable[..., House], shop: Sandbox) -> None:
    debounce = 0.5
    home, shelf = house(catalogue=[{**ASLEEP, "debounce_s": debounce}]), Shelf(shop)
    shown(home, shelf, 10_000)
    before, began = len(shop.calls(WRITE)), time.monotonic()
    for number in range(120):
        receive(home.ledger, f"more-{number}")
    shown(home, shelf, 10_120, SOON)
    calls, took = len(shop.calls(WRITE)) - before, time.monotonic() - began
    assert 1 <= calls <= took / debounce + 1, (calls, took)


def test_a_change_that_is_taken_back_tells_nobody(tmp_path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    told: list[str] = []
    ledger.news.tell(lambda: told.append("told"))
    ledger.setup.add_company("main", "Sklep")
    ledger.setup.add_warehouse("main", "MAG")
    assert told == []
    with pytest.raises(Exception, match="VAT"):
        ledger.setup.put_items("main", [{"sku": "KUBEK", "vat": "23"}, {"sku": "ZŁY", "vat": "x"}])
    assert told == []
    ledger.setup.put_items("main", [{"sku": "KUBEK", "vat": "23"}])
    assert told == ["told"]
    ledger.close()


def test_who_reads_only_is_told_of_nothing_and_tells_nothing() -> None:
    news = News()
    with news.around():
        pass
    assert isinstance(Database("sqlite://").news, News)


@pytest.mark.postgres
def test_a_listener_waits_for_a_database_that_is_away(database: str) -> None:
    told: list[float] = []
    listener = PostgresListener(database.replace("/t", "/nie-ma-"), lambda: told.append(time.time()))
    listener.start()
    time.sleep(0.5)
    listener.stop()
    assert told == []
