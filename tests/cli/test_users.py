"""`pomost users` as whoever set Pomost up uses it."""

from __future__ import annotations

import re

import pytest

from pomost.bootstrap import assemble
from pomost.config.load import load_config
from tests.cli.conftest import Desk

LINK = re.compile(r"http://127\.0\.0\.1:\d+/invitation/[\w-]{40,}")


@pytest.fixture
def office(desk: Desk) -> Desk:
    shop = desk.sandbox("--orders", "0")
    desk.write(shop)
    return desk


def test_users_are_added_listed_changed_and_let_out(office: Desk) -> None:
    nobody = office.run("users", "list")
    first = office.run("users", "add", "Żaneta", "--role", "administrator")
    second = office.run("users", "add", "Jan")
    role = office.run("users", "role", "Jan", "reader")
    off = office.run("users", "off", "Jan")
    listed = office.run("users", "list").stdout
    on = office.run("users", "on", "Jan")
    link = office.run("users", "link", "Jan")

    assert "no user yet" in nobody.stdout
    assert all(one.returncode == 0 for one in (first, second, role, off, on, link)), role.stdout
    links = [found for one in (first, second, link) for found in LINK.findall(one.stdout)]
    assert len(set(links)) == 3
    assert re.search(r"Jan\s*│ reader\s*│ let out", listed)
    assert re.search(r"Żaneta\s*│ administrator\s*│ has set no password", listed)
    pomost = assemble(load_config(office.folder / "pomost.toml", office.environment()))
    acts = [(act.who, act.act, act.target) for act in reversed(pomost.store.audits.page())]
    people = pomost.store.people
    assert [people.invited(one.rsplit("/", 1)[1], pomost.work.now()) is not None for one in links] == [
        True,
        False,
        True,
    ]
    pomost.close()
    assert [act[1] for act in acts] == [
        "user.add",
        "user.add",
        "user.role",
        "user.off",
        "user.on",
        "user.link",
    ]
    assert {act[0] for act in acts} == {"pomost users"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", "x\ty"), "user.bad-name"),
        (("add", "Jan", "--role", "root"), "user.bad-role"),
        (("role", "Nikt", "reader"), "user.unknown"),
        (("link", "Nikt"), "user.unknown"),
    ],
)
def test_what_can_not_be_is_said_and_nothing_is_done(office: Desk, words: tuple[str, ...], code: str) -> None:
    said = office.run("users", *words)

    assert said.returncode == 2
    assert code in said.stdout


def test_the_last_administrator_stays(office: Desk) -> None:
    office.run("users", "add", "szef", "--role", "administrator")

    for words in (("off", "szef"), ("role", "szef", "operator")):
        said = office.run("users", *words)
        assert said.returncode == 2
        assert "user.last-administrator" in said.stdout
