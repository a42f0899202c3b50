"""``pomost print-agent``: prints what waits in the queue, on the machine where the printer is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from pomost.agent.agent import Agent, Refused
from pomost.agent.memory import Memory
from pomost.agent.printers import Printer, printer_of
from pomost.cli.words import console
from pomost.ending import Signalled

TOKEN = "POMOST_TOKEN"


def print_agent(
    url: Annotated[str, typer.Option(help="Address of Pomost's panel.")] = "http://127.0.0.1:8080",
    label: Annotated[
        str, typer.Option(help="Printer of labels: cups:QUEUE, tcp:HOST or tcp:HOST:PORT.")
    ] = "",
    document: Annotated[str, typer.Option(help="Printer of invoices and receipts.")] = "",
    packing: Annotated[str, typer.Option(help="Printer of packing lists.")] = "",
    company: Annotated[str, typer.Option(help="Only of this company.")] = "",
    every: Annotated[float, typer.Option(min=0.2, help="Seconds between looks.")] = 3.0,
    memory: Annotated[Path, typer.Option(help="File in which it notes what it printed.")] = Path(
        "print-agent.jsonl"
    ),
    again: Annotated[
        bool, typer.Option(help="Print what may have been printed before a crash once more.")
    ] = False,
) -> None:
    """Print what waits in the print queue. The token (scopes read and print) stands in POMOST_TOKEN."""
    token = os.environ.get(TOKEN, "").strip()
    if not token:
        raise _wrong(
            f"Set {TOKEN} to a token with the scopes read and print; an administrator makes it in the panel."
        )
    printers: dict[str, Printer] = {}
    for kind, text in (("label", label), ("document", document), ("packing", packing)):
        if text:
            try:
                printers[kind] = printer_of(text)
            except ValueError as error:
                raise _wrong(f"--{kind}: {error}") from error
    if not printers:
        raise _wrong("Name a printer: --label, --document or --packing.")
    ending = Signalled()
    agent = Agent(url, token, printers, Memory(memory), _say, company, again)
    try:
        agent.run(ending, every)
    except Refused as refused:
        raise _wrong(f"Pomost refuses: {refused}") from refused


def _say(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _wrong(text: str) -> typer.Exit:
    _say(text)
    return typer.Exit(2)
