"""``pomost doctor``: looks over the connections as they stand and says what is well, what is doubtful, and what must be mended."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pomost.bootstrap import Pomost, assemble
from pomost.cli.words import console
from pomost.config.load import load_config
from pomost.connecting import ask, connections, kind_of
from pomost.ports import NeedsPerson
from pomost.ports.account import Doctored, Finding
from pomost.words import in_language

STYLES = {"ok": "green", "warning": "yellow", "fault": "red"}


@cache
def texts(kind: str) -> Mapping[str, Mapping[str, str]]:
    """Language -> key -> text, of a kind of connections ("any": of all)."""
    found = resources.files("pomost.cli") / "doctor_texts" / f"{kind}.toml"
    return tomllib.loads(found.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the answer, in the language of the configuration."""

    connection: str
    check: str
    verdict: str
    text: str


def doctor(
    name: Annotated[
        str, typer.Argument(help="A connection, or a kind of them (woocommerce); empty: all connections.")
    ] = "",
    path: Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")] = Path(
        "pomost.toml"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON instead of a table.")] = False,
) -> None:
    """Looks over connections as they stand: keys, clocks, taxes, webhooks. Nothing is changed there. Ends with 1 at a fault."""
    config = load_config(path)
    pomost = assemble(config)
    language = config.language
    try:
        rows: list[Row] = []
        for connection in _chosen(pomost, name):
            rows += _rows(pomost, connection, language)
    finally:
        pomost.close()
    if as_json:
        found = [
            {"connection": r.connection, "check": r.check, "verdict": r.verdict, "text": r.text} for r in rows
        ]
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _show(rows, language)
    if any(row.verdict == "fault" for row in rows):
        raise typer.Exit(1)


def _chosen(pomost: Pomost, name: str) -> list[str]:
    """The connections that are asked. Raises NeedsPerson ``config.unknown-source``."""
    known = connections(pomost.config)
    chosen = [one for one in known if name in ("", one)] or [
        one for one in known if kind_of(pomost.config, one) == name
    ]
    if not chosen:
        raise NeedsPerson(
            "config.unknown-source", f'there is no connection "{name}"', f"Connections: {', '.join(known)}."
        )
    return chosen


def _rows(pomost: Pomost, connection: str, language: str) -> Iterator[Row]:
    channel: object = pomost.channels.get(connection)
    if isinstance(channel, Doctored):
        kind = kind_of(pomost.config, connection)
        for finding in channel.look_over(pomost.limiters[connection]):
            yield Row(connection, finding.check, finding.verdict, text_of(kind, finding, language))
        return
    answer = ask(pomost.config, connection, pomost)
    if answer.failure is not None:
        text, advice = in_language(language, answer.failure.code, answer.failure.text, answer.failure.advice)
        yield Row(connection, answer.kind, "fault", f"{text} {advice}".strip())
    else:
        word = "unasked" if answer.unasked else "answers"
        yield Row(connection, answer.kind, "ok", texts("any")[language][word])


def text_of(kind: str, finding: Finding, language: str) -> str:
    """What was found and what to do, in a sentence or two. ``kind``: that of the connection."""
    if finding.failure is not None:
        failure = finding.failure
        text, advice = in_language(language, failure.code, failure.text, failure.advice)
        return f"{text} {advice}".strip()
    key = "-".join(filter(None, (finding.check, finding.verdict, finding.says)))
    return texts(kind)[language][key].format(**finding.facts)


def _show(rows: list[Row], language: str) -> None:
    table = Table()
    for title in texts("any")[language]["columns"].split("|"):
        table.add_column(title, overflow="fold")
    for row in rows:
        verdict = texts("any")[language][row.verdict]
        table.add_row(
            escape(row.connection), row.check, f"[{STYLES[row.verdict]}]{verdict}[/]", escape(row.text)
        )
    console.print(table)
