"""The databases that the store must work on."""

from tests.engine.conftest import database, postgres

__all__ = ["database", "postgres"]
