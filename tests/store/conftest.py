"""The databases that the store must work on."""

from tests.postgres import database, postgres

__all__ = ["database", "postgres"]
