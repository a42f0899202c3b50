"""The menu of the panel: areas in groups, each with its address and the role that sees it."""

from __future__ import annotations

from dataclasses import dataclass

from pomost.users import ROLES

__all__ = ["MENU", "ROLES", "Entry", "may"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu; ``key`` is both its word and the ``active`` of its pages."""

    key: str
    url: str
    role: str = "reader"


MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "work",
        (
            Entry("start", "/"),
            Entry("orders", "/orders"),
            Entry("worklists", "/todo"),
            Entry("printing", "/print"),
        ),
    ),
    (
        "ledger",
        (
            Entry("documents", "/documents"),
            Entry("contractors", "/contractors"),
            Entry("items", "/items"),
            Entry("stock", "/stock"),
            Entry("imports", "/imports", "operator"),
            Entry("reports", "/reports"),
        ),
    ),
    (
        "house",
        (
            Entry("flows", "/flows"),
            Entry("settings", "/settings", "administrator"),
            Entry("users", "/users", "administrator"),
            Entry("tokens", "/tokens", "administrator"),
            Entry("audit", "/audit", "administrator"),
            Entry("logs", "/logs", "operator"),
            Entry("sandbox", "/sandbox", "operator"),
        ),
    ),
)


def may(role: str, needed: str) -> bool:
    """Whether a role may do what needs ``needed``."""
    return ROLES.index(role) >= ROLES.index(needed)
