"""The ledger's transactions: repeated when another writer gets in the way, with the rules of trade as failures."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError

from pomost.ports import NeedsPerson, TryAgain
from pomost.sql import Database
from pomost.trade.errors import Refused

Answer = TypeVar("Answer")

_ATTEMPTS = 6


class Transactions:
    """Runs work on the shared database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def reading(self) -> AbstractContextManager[Connection]:
        return self.database.reading()

    def write(self, work: Callable[[Connection], Answer]) -> Answer:
        """Runs ``work`` in one writing transaction; again when another writer got in its way.

        ``work`` must look up what it depends on each time it runs. What a rule of trade refuses in it is raised as
        NeedsPerson with the same code. Raises TryAgain ``ledger.busy`` when other writers do not let it through.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                with self.database.writing() as connection:
                    return work(connection)
            except Refused as refusal:
                raise NeedsPerson(refusal.code, refusal.text, refusal.advice, **refusal.facts) from refusal
            except IntegrityError as error:
                # another writer made the same document, card or number first: the next run finds it
                if not _is_duplicate(error):
                    raise
                if attempt == _ATTEMPTS:
                    raise NeedsPerson(
                        "ledger.number-taken",
                        "The write would repeat what must be there once, each time it is tried: most likely a "
                        "series was given a pattern that makes numbers which exist already.",
                        "Give the series another pattern.",
                    ) from error
            except OperationalError as error:
                if not _is_conflict(error):
                    raise
                if attempt == _ATTEMPTS:
                    raise TryAgain(
                        "ledger.busy",
                        "The ledger's database did not let the write through: other writers are in its way.",
                        "It is tried again; if it lasts, look for a program that holds the database open.",
                    ) from error


def check_url(url: str) -> None:
    """Raises NeedsPerson ``ledger.database-url`` for what is neither SQLite in a file nor PostgreSQL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        shown, fits = "what is no address of a database", False
    else:
        shown = parsed.render_as_string(hide_password=True)
        in_file = parsed.database not in (None, "", ":memory:")
        backend = parsed.get_backend_name()
        fits = backend == "postgresql" or (backend == "sqlite" and in_file)
    if not fits:
        raise NeedsPerson(
            "ledger.database-url",
            f"The ledger can't be kept in {shown}.",
            "Write sqlite:///path/to/ledger.db or postgresql://user@host/name.",
        )


def _is_duplicate(error: IntegrityError) -> bool:
    unique_violation = "23505"
    return getattr(error.orig, "sqlstate", None) == unique_violation or "UNIQUE constraint" in str(error.orig)


def _is_conflict(error: OperationalError) -> bool:
    """Whether the same work may succeed if it is done again from the beginning."""
    state = getattr(error.orig, "sqlstate", None)
    # deadlock_detected, serialization_failure, lock_not_available
    return state in ("40P01", "40001", "55P03") or "database is locked" in str(error.orig)
