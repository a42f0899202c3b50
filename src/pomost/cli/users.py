"""``pomost users``: who may sign in to the panel. For the first administrator, and for one who forgot the password."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pomost.bootstrap import Pomost, assemble
from pomost.cli.words import console, moment
from pomost.config.load import load_config
from pomost.users import add_user, change_role, let_in, let_out, new_link, user_named

app = typer.Typer(no_args_is_help=True, help="Who may sign in to the panel: list, add, role, off, on, link.")
ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
DEFAULT = Path("pomost.toml")
WHO = "pomost users"
"""Under this name the acts stand in the audit trail: whoever may run commands here may do all."""

TEXTS = {
    "pl": {
        "name": "nazwa", "role": "rola", "state": "stan", "signed-in": "ostatnie logowanie",
        "on": "może się logować", "off": "wyłączony", "invited": "nie ustawił hasła",
        "none": "Nie ma jeszcze użytkowników; pomost serve zrobi pierwszego administratora.",
        "link": "Jednorazowy odnośnik dla {name} (ważny 48 h): {link}",
        "changed": "{name}: rola {role}. Sesje zakończone.",
        "was-off": "{name}: nie może się logować. Sesje zakończone.", "was-on": "{name}: może się logować.",
    },
    "en": {
        "name": "name", "role": "role", "state": "state", "signed-in": "last sign-in",
        "on": "may sign in", "off": "let out", "invited": "has set no password",
        "none": "There is no user yet; pomost serve makes the first administrator.",
        "link": "One-time link for {name} (good for 48 h): {link}",
        "changed": "{name}: role {role}. Sessions ended.",
        "was-off": "{name}: may not sign in. Sessions ended.", "was-on": "{name}: may sign in.",
    },
}  # fmt: skip


def _work(path: Path, act: Callable[[Pomost, dict[str, str]], None]) -> None:
    """A failure is said by the program as a whole (``cli.faults``)."""
    pomost = assemble(load_config(path))
    try:
        act(pomost, TEXTS[pomost.config.language])
    finally:
        pomost.close()


def _say(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _note(pomost: Pomost, act: str, name: str, **data: str) -> None:
    pomost.store.audits.note(pomost.work.now(), WHO, act, name, dict(data), "")


@app.command("list")
def list_users(path: ConfigPath = DEFAULT) -> None:
    """Everybody, with role, state and last sign-in."""

    def act(pomost: Pomost, texts: dict[str, str]) -> None:
        users = pomost.store.people.all()
        if not users:
            _say(texts["none"])
            return
        table = Table()
        for key in ("name", "role", "state", "signed-in"):
            table.add_column(texts[key])
        for user in users:
            state = "off" if not user.active else "on" if user.password else "invited"
            table.add_row(escape(user.name), user.role, texts[state], moment(user.signed_in_at))
        console.print(table)

    _work(path, act)


@app.command()
def add(
    name: str,
    role: Annotated[str, typer.Option(help="reader, operator or administrator.")] = "operator",
    path: ConfigPath = DEFAULT,
) -> None:
    """Adds a user and prints the one-time link by which they set a password."""

    def act(pomost: Pomost, texts: dict[str, str]) -> None:
        link = add_user(pomost, name, role)
        _note(pomost, "user.add", name, role=role)
        _say(texts["link"].format(name=name, link=link))

    _work(path, act)


@app.command()
def role(name: str, role: str, path: ConfigPath = DEFAULT) -> None:
    """Gives a user another role: reader, operator or administrator. Their sessions end."""

    def act(pomost: Pomost, texts: dict[str, str]) -> None:
        user = user_named(pomost, name)
        change_role(pomost, user, role)
        _note(pomost, "user.role", name, before=user.role, after=role)
        _say(texts["changed"].format(name=name, role=role))

    _work(path, act)


@app.command()
def off(name: str, path: ConfigPath = DEFAULT) -> None:
    """The user can't sign in any more; their sessions end at once."""

    def act(pomost: Pomost, texts: dict[str, str]) -> None:
        let_out(pomost, user_named(pomost, name))
        _note(pomost, "user.off", name)
        _say(texts["was-off"].format(name=name))

    _work(path, act)


@app.command()
def on(name: str, path: ConfigPath = DEFAULT) -> None:
    """The user may sign in again, with the password as it was."""

    def act(pomost: Pomost, texts: dict[str, str]) -> None:
        let_in(pomost, user_named(pomost, name))
        _note(pomost, "user.on", name)
        _say(texts["was-on"].format(name=name))

    _work(path, act)


@app.command()
def link(name: str, path: ConfigPath = DEFAULT) -> None:
    """Prints a one-time link by which a user sets a new password, also the administrator who forgot it."""

    def act(pomost: Pomost, texts: dict[str, str]) -> None:
        made = new_link(pomost, user_named(pomost, name))
        _note(pomost, "user.link", name)
        _say(texts["link"].format(name=name, link=made))

    _work(path, act)
