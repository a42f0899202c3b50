"""Every address is asked by everybody: a visitor, each role, forms without their mark, programs with and without the scope."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.routing import Mount

from pomost.panel.security import csrf
from pomost.panel.security.scopes import SCOPES
from pomost.panel.web import SESSION, VISIT
from pomost.sandbox.baselinker import Sandbox, Settings
from tests.house import House
from tests.panel.conftest import ROLES, Desk
from tests.panel.permissions import ROWS

PAGES = [row for row in ROWS if row[2] in ("all", *ROLES)]
FORMS = [row for row in PAGES if row[0] == "POST"]
PROGRAMS = [row for row in ROWS if row[2].startswith("token:")]
SIGNED = [row for row in ROWS if row[2] == "signed"]
ANSWERS_LIKE_A_REFUSAL = {("POST", "/login"), ("POST", "/logout")}
"""A wrong password is 401, and who signs out comes to the form."""
OF_THE_ASKING = {"sessions", "audit", "throttles", "tokens"}
"""Tables that say who asked and when."""


class Doors:
    """A panel, and whoever knocks: each with a session of their own for each knock, so that none is spoilt by another."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        self.people = desk.pomost.store.people
        self._folder = folder
        self._http = httpx2.Client(base_url=desk.url, timeout=30)

    def knock(
        self, method: str, address: str, role: str = "", *, mark: str | None = None, token: str = ""
    ) -> tuple[int, str]:
        """Status and where it leads. ``mark`` None: the right one."""
        secret = "a visitor without a session"
        if role:
            user = self.people.named(role)
            assert user is not None
            secret = self.people.sign_in(user.id, time.time())
        headers = {"cookie": f"{SESSION if role else VISIT}={secret}"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        url = re.sub(r"\{[^}]+\}", "999999999", address)
        given: dict[str, Any] = {"data": {"csrf": csrf.mark_for(secret) if mark is None else mark}}
        # pages that follow live never end: their head says all
        with self._http.stream(method, url, headers=headers, **(given if method == "POST" else {})) as answer:
            return answer.status_code, answer.headers.get("location", "")

    def contents(self) -> dict[str, list[Any]]:
        """Every row of the store and of the ledger, but for who asked."""
        found: dict[str, list[Any]] = {}
        for file in ("pomost.db", "ledger.db"):
            connection = sqlite3.connect(self._folder / file)
            names = [
                name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            for name in sorted(set(names) - OF_THE_ASKING):
                columns = "id, name, role, password, active" if name == "users" else "*"
                found[f"{file} {name}"] = connection.execute(f'SELECT {columns} FROM "{name}"').fetchall()  # noqa: S608
            connection.close()
        return found


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("doors")
    with Sandbox(settings=Settings(limit=0), seed=0) as shop:
        house = House(folder, shop, stocked=False)
        desk = Desk(house)
        desk.start()
        yield Doors(desk, folder)
        desk.stop()
        house.stop()


def addresses(routes: Any, before: str = "") -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Mount):
            yield from addresses(route.routes, before + route.path)
        elif hasattr(route, "original_router"):
            yield from addresses(route.original_router.routes, before + route.include_context.prefix)
        else:
            yield from ((method, before + route.path) for method in sorted(route.methods - {"HEAD"}))


def lets_in(row: tuple[str, str, str], answer: tuple[int, str]) -> bool:
    status, to = answer
    if row[:2] in ANSWERS_LIKE_A_REFUSAL:
        return status in (303, 401, 429) and not to.startswith("/login?")
    return status not in (401, 403) and not (status == 303 and to.startswith("/login"))


def test_every_address_has_a_row_and_every_row_an_address(doors: Doors) -> None:
    there = sorted(addresses(doors.desk.app.routes))

    assert sorted(row[:2] for row in ROWS) == there


@pytest.mark.parametrize("row", PAGES, ids=lambda row: f"{row[0]} {row[1]}")
def test_each_gets_what_the_role_allows(doors: Doors, row: tuple[str, str, str]) -> None:
    method, address, who = row

    visitor = doors.knock(method, address)
    if who == "all":
        assert lets_in(row, visitor), visitor
    else:
        assert visitor[0] == 303
        assert visitor[1].startswith("/login")
    for place, role in enumerate(ROLES):
        answer = doors.knock(method, address, role)
        assert answer[0] < 500, answer
        if who == "all" or place >= ROLES.index(who):
            assert lets_in(row, answer), (role, answer)
        else:
            assert answer[0] == 403, (role, answer)


@pytest.mark.parametrize("row", FORMS, ids=lambda row: row[1])
def test_a_form_without_its_mark_does_nothing(doors: Doors, row: tuple[str, str, str]) -> None:
    method, address, _ = row
    before = doors.contents()

    for mark in ("", "no.mark", csrf.mark_for("the secret of somebody else")):
        assert doors.knock(method, address, "administrator", mark=mark)[0] == 403

    assert doors.contents() == before


@pytest.mark.parametrize("row", [row for row in PAGES if row[0] == "GET"], ids=lambda row: row[1])
def test_looking_changes_nothing(doors: Doors, row: tuple[str, str, str]) -> None:
    before = doors.contents()

    doors.knock(row[0], row[1], "administrator")

    assert doors.contents() == before


@pytest.mark.parametrize("row", PROGRAMS, ids=lambda row: f"{row[0]} {row[1]}")
def test_a_program_needs_a_token_with_the_scope_and_no_session_stands_for_it(
    doors: Doors, row: tuple[str, str, str]
) -> None:
    method, address, who = row
    scope = who.removeprefix("token:")
    others = tuple(one for one in SCOPES if one != scope)
    add = doors.people.add_token
    before = doors.contents()

    assert doors.knock(method, address)[0] in (401, 429)
    assert doors.knock(method, address, "administrator")[0] in (401, 429)
    assert doors.knock(method, address, token="pomost_guessed")[0] in (401, 429)
    assert doors.knock(method, address, token=add("too little", others, "test", time.time()))[0] == 403
    assert doors.contents() == before
    assert doors.knock(method, address, token=add("right", (scope,), "test", time.time()))[0] in (
        200,
        202,
        404,
        422,
    )


@pytest.mark.parametrize("row", SIGNED, ids=lambda row: row[1])
def test_what_is_signed_takes_nothing_else_for_a_signature(doors: Doors, row: tuple[str, str, str]) -> None:
    method, address, _ = row
    token = doors.people.add_token("all", SCOPES, "test", time.time())

    assert doors.knock(method, address)[0] == 401
    assert doors.knock(method, address, "administrator")[0] == 401
    assert doors.knock(method, address, token=token)[0] == 401
