"""A further kind of channel is a folder: nothing outside the rooms of the kinds names one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from pomost.channels import KINDS, channels_of, limiters_of
from pomost.config.model import Config
from pomost.ports.account import ChannelAccount
from pomost.store.store import open_store

SOURCE = Path(__file__).resolve().parents[2] / "src" / "pomost"
ROOMS = ("connectors/{kind}/", "channels/{kind}.py", "panel/playing/", "sandbox/", "words/", "config/")
"""Where a kind may be named."""
NAMED = {
    "channels/__init__.py": "the table of kinds",
    "cli/demo.py": "shows two shops by name",
    "cli/main.py": "starts a sandbox",
    "cli/sandboxes.py": "starts sandboxes",
    "panel/pages/choices.py": "the usual name of a connection",
}
"""Files that name one besides, and why."""


def names_of(tree: ast.AST) -> Iterator[str]:
    """Every word that a module imports, or writes as a text of its own; descriptions do not count."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (node.module or "").split(".")
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.Import):
            yield from (part for one in node.names for part in one.name.split("."))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Attribute):
            yield node.attr


def test_only_the_rooms_of_a_kind_name_it() -> None:
    found = []
    for file in sorted(SOURCE.rglob("*.py")):
        place = file.relative_to(SOURCE).as_posix()
        if place in NAMED:
            continue
        names = set(names_of(ast.parse(file.read_text(encoding="utf-8"))))
        found += [
            f"{place} names {kind}"
            for kind in KINDS
            if kind in names and not place.startswith(tuple(room.format(kind=kind) for room in ROOMS))
        ]

    assert found == []


def test_every_table_of_channels_in_the_configuration_has_its_kind() -> None:
    tables = {
        name
        for name, field in Config.model_fields.items()
        if hasattr(field.annotation, "__args__")
        and getattr(field.annotation.__args__[0], "kind", None) == name
    }

    assert tables == set(KINDS)


def test_a_kind_can_do_what_its_channels_can_do() -> None:
    config = Config.model_validate(
        {
            "company": [{"code": "main", "name": "Sklep Przykładowy", "nip": "1234563218"}],
            "baselinker": [{"name": "baselinker", "token": "1234567-12345-abc"}],
            "woocommerce": [
                {"name": "woocommerce", "url": "https://sklep.example.com", "key": "ck_1", "secret": "cs_1"}
            ],
        }
    )
    assert {account.kind for account in config.accounts} == set(KINDS), "name one of each kind above"

    store = open_store("sqlite://")
    channels = channels_of(config, limiters_of(config, store), {}, lambda: 0.0, store)

    for name, channel in channels.items():
        assert isinstance(channel, ChannelAccount)
        assert channel.capabilities() == KINDS[name].capabilities
        channel.close()
    store.close()


def test_every_file_that_may_name_one_does() -> None:
    for place in NAMED:
        names = set(names_of(ast.parse((SOURCE / place).read_text(encoding="utf-8"))))
        assert names & set(KINDS), place
