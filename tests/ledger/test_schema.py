"""The tables that the migrations make are the tables that the code knows."""

from __future__ import annotations

import threading
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Engine, MetaData, Table, func, insert, inspect, select

from pomost.ledger.ledger import open_ledger
from pomost.ledger.schema import metadata
from pomost.ports import NeedsPerson
from pomost.sql import Amount, Database, Fine
from tests.ledger.firm import refused

D = Decimal


def test_migrations_make_the_tables_that_the_code_knows(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "version_table": "led_version",
                "include_name": lambda name, kind, _: kind != "table" or name.startswith("led_"),
            },
        )
        differences = compare_metadata(context, metadata)
        checks = {
            table: {check["name"] for check in inspect(connection).get_check_constraints(table)}
            for table in metadata.tables
        }

    assert differences == []
    assert checks == {
        table.name: {str(one.name) for one in table.constraints if type(one).__name__ == "CheckConstraint"}
        for table in metadata.tables.values()
    }


def test_every_table_is_named_as_the_ledgers(engine: Engine) -> None:
    assert {name.split("_")[0] for name in inspect(engine).get_table_names()} == {"led"}


def test_many_may_open_a_new_ledger_at_once(empty_url: str) -> None:
    failures: list[BaseException] = []

    def open_it() -> None:
        try:
            open_ledger(empty_url).close()
        except BaseException as failure:
            failures.append(failure)
            raise

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


def test_a_ledger_is_opened_where_it_was_left(empty_url: str) -> None:
    open_ledger(empty_url).setup.add_company("KUBKI", "Kubki sp. z o.o.")

    assert [company.code for company in open_ledger(empty_url).companies()] == ["KUBKI"]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/db"])
def test_a_ledger_is_kept_in_a_file_or_in_postgresql(url: str) -> None:
    assert isinstance(refused("ledger.database-url", lambda: open_ledger(url)), NeedsPerson)


def test_sqlite_keeps_what_it_was_told(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'ledger.db'}")
    with database.engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    database.close()
    full = 2
    assert settings == {"journal_mode": "wal", "synchronous": full, "foreign_keys": 1}


def test_amounts_come_back_as_they_went_in_and_sum_exactly(engine: Engine) -> None:
    table = Table("led_amount", MetaData(), Column("money", Amount), Column("fine", Fine))
    amounts = [D("1234567890123456.78"), D("0.10"), D("-0.01"), D("0")]
    quantities = [D("123456789012.3456"), D("0.5"), D("10"), D("-3.25")]
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(
            insert(table), [{"money": m, "fine": f} for m, f in zip(amounts, quantities, strict=True)]
        )
        connection.execute(insert(table), [{"money": D("0.10"), "fine": D(1)}] * 1000)
        rows = connection.execute(select(table).limit(4)).all()
        total = connection.execute(select(func.sum(table.c.money))).scalar_one()
        connection.execute(table.delete())
        table.drop(connection)

    assert [tuple(map(str, row)) for row in rows] == [
        ("1234567890123456.78", "123456789012.3456"),
        ("0.10", "0.50"),
        ("-0.01", "10"),
        ("0.00", "-3.25"),
    ]
    assert total == D("1234567890123556.87")


@pytest.mark.parametrize(
    ("kind", "value"), [(Amount(), D("0.001")), (Fine(), D("0.00001"))], ids=["money", "fine"]
)
def test_an_amount_finer_than_its_column_is_refused(kind: Amount | Fine, value: Decimal) -> None:
    with pytest.raises(ValueError, match="decimals"):
        kind.process_bind_param(value, None)
