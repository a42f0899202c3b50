"""A firm on both databases."""

from tests.ledger.conftest import database, database_url, engine, firm, make_firm

__all__ = ["database", "database_url", "engine", "firm", "make_firm"]
