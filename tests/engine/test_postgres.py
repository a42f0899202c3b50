"""What only PostgreSQL brings: its tables made by several at once, its queue kept clean, its races in store and ledger."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

import psycopg
import pytest

from pomost.engine.postgres import ProcrastinateRunner
from pomost.ledger import open_ledger, receive_draft
from pomost.sandbox.baselinker import Sandbox
from pomost.store.cases import Outcome
from pomost.store.store import open_store
from tests.engine.machine import Machine, wait_until

TODAY = date(2026, 11, 25)


def together(acts: list[Callable[[], object]]) -> list[object]:
    """Does all of them at the same moment, each in a thread of its own."""
    barrier = threading.Barrier(len(acts))

    def act(one: Callable[[], object]) -> object:
        barrier.wait(20)
        return one()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def jobs(database: str) -> list[tuple[str, str]]:
    with psycopg.connect(database) as connection:
        return connection.execute(
            "SELECT queueing_lock, status::text FROM procrastinate_jobs ORDER BY id"
        ).fetchall()


@pytest.mark.parametrize("scheme", ["postgresql://", "postgresql+psycopg://"])
def test_both_forms_of_url_work_and_finished_jobs_are_gone(
    scheme: str, database: str, shop: Sandbox, tmp_path: Path
) -> None:
    shop.place(2)
    url = database.replace("postgresql://", scheme)
    one = Machine("procrastinate", url, shop.url, tmp_path)
    try:
        ids = one.look()
        one.start()
        one.runner.wake(ids)
        one.wait_until_resting(2)
        wait_until(lambda: jobs(database) == [], tell=lambda: jobs(database))
        assert one.stop()
    finally:
        one.close()


def test_many_processes_may_start_on_an_empty_database_at_once(
    database: str, shop: Sandbox, tmp_path: Path
) -> None:
    machines = together([lambda: Machine("procrastinate", database, shop.url, tmp_path)] * 4)
    found = [one for one in machines if isinstance(one, Machine)]
    try:
        assert len(found) == 4
        together([one.start for one in found])
        orders = shop.place(4)
        found[0].look()
        found[0].wait_until_resting(4)
        assert found[0].orders_with_ro() == sorted(str(order) for order in orders)
        assert {one.stop() for one in found} == {True}
        assert [document.key for document in found[0].ledger.documents(kind="PW")] == ["opening"]
    finally:
        for one in found:
            one.close()


def test_a_runner_survives_the_loss_of_all_its_connections(
    database: str, postgres: str, shop: Sandbox, tmp_path: Path
) -> None:
    one = Machine("procrastinate", database, shop.url, tmp_path)
    try:
        one.start()
        shop.place(1)
        one.look()
        one.wait_until_resting(1)
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [database.split("?")[0].rsplit("/", 1)[1]],
            )
        shop.place(2)
        one.look()
        one.wait_until_resting(3)
        assert len(set(one.orders_with_ro())) == len(one.orders_with_ro()) == 3
        assert one.stop()
    finally:
        one.close()


def test_wakes_before_the_start_and_after_the_stop_do_no_harm(
    database: str, shop: Sandbox, tmp_path: Path
) -> None:
    shop.place(1)
    one = Machine("procrastinate", database, shop.url, tmp_path, sweep_s=60.0)
    try:
        ids = one.look()
        one.runner.wake(ids)
        one.start()
        one.wait_until_resting(1)
        assert one.stop()
        left = jobs(database)
        one.runner.wake(ids)
        assert jobs(database) == left
    finally:
        one.close()


def test_a_runner_that_never_started_stops_cleanly(database: str, shop: Sandbox, tmp_path: Path) -> None:
    one = Machine("procrastinate", database, shop.url, tmp_path)
    try:
        assert isinstance(one.runner, ProcrastinateRunner)
        assert one.stop()
    finally:
        one.close()


def test_first_documents_made_at_once_get_numbers_without_gap_and_one_level_of_stock(database: str) -> None:
    ledger = open_ledger(database)
    try:
        ledger.setup.add_company("main", "Sklep Przykładowy sp. z o.o.")
        ledger.setup.add_warehouse("main", "MAG")
        ledger.setup.add_items("main", [{"sku": sku, "vat": "23"} for sku in ("A", "B", "C")])
        skus = [("A", "B"), ("B", "A"), ("C", "A"), ("B", "C")] * 3

        def receive(number: int, pair: tuple[str, str]) -> object:
            goods = {sku: (Decimal(2), Decimal("5.00")) for sku in pair}
            return ledger.issue(receive_draft("main", "MAG", f"pw-{number}", TODAY, goods)).number

        numbers = together([partial(receive, number, pair) for number, pair in enumerate(skus)])
        assert sorted(str(number).split("/")[1] for number in numbers) == sorted(
            str(number) for number in range(1, 13)
        )
        levels = {sku: ledger.stock("main", sku)["MAG"].quantity for sku in ("A", "B", "C")}
        assert levels == {"A": Decimal(18), "B": Decimal(18), "C": Decimal(12)}
    finally:
        ledger.close()


def test_one_key_asked_for_by_many_at_once_is_one_document(database: str) -> None:
    ledger = open_ledger(database)
    try:
        ledger.setup.add_company("main", "Sklep Przykładowy sp. z o.o.")
        ledger.setup.add_warehouse("main", "MAG")
        ledger.setup.add_items("main", [{"sku": "A", "vat": "23"}])
        draft = receive_draft("main", "MAG", "one", TODAY, {"A": (Decimal(1), Decimal("5.00"))})
        made = together([lambda: ledger.issue(draft)] * 8)
        assert len({document.number for document in made}) == 1  # type: ignore[attr-defined]
        assert ledger.stock("main", "A")["MAG"].quantity == Decimal(1)
    finally:
        ledger.close()


def test_only_one_looks_at_a_source_that_many_look_at_for_the_first_time(database: str) -> None:
    store = open_store(database)
    try:
        taken = together(
            [partial(store.looks.take, "shop", str(number), 60.0, 1000.0) for number in range(8)]
        )
        assert [cursor for cursor in taken if cursor is not None] == [{}]
    finally:
        store.close()


def test_calls_granted_to_many_at_once_are_spaced_by_one_row(database: str) -> None:
    store = open_store(database)
    try:
        waits = together(
            [
                lambda: store.limits.grant("shop", interval=1.0, burst=2, patience=60.0, now=1000.0)
                for _ in range(8)
            ]
        )
        assert sorted(waits, key=str) == [0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
        assert store.limits.calls("shop") == 8
    finally:
        store.close()


def test_a_wake_up_that_meets_the_release_of_its_case_makes_it_due_at_once(
    database: str, shop: Sandbox, tmp_path: Path
) -> None:
    shop.place(1)
    one = Machine("procrastinate", database, shop.url, tmp_path)
    try:
        case_id = one.look()[0]
        now = one.work.now()
        claim = one.store.cases.claim_one("holder", case_id, 60.0, now)
        assert claim is not None
        with ThreadPoolExecutor(1) as pool:
            with psycopg.connect(database) as waker:
                waker.execute("UPDATE cases SET woken = woken + 1, due_at = %s WHERE id = %s", [now, case_id])
                release = pool.submit(one.store.cases.release, claim, Outcome("waiting", {}), now + 1)
                wait_until(lambda: blocked(database))
            assert release.result(20) == now + 1
        assert [(row.due_at, row.lease_owner) for row in one.rows()] == [(now + 1, None)]
    finally:
        one.close()


def blocked(database: str) -> bool:
    """Whether somebody waits for a row that another transaction holds."""
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
    return row is not None and row[0] > 0
