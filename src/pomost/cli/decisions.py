"""What a person decides about a step, as typed: refusals are said with their advice and end with 1."""

from __future__ import annotations

from collections.abc import Callable

import typer

from pomost import deciding
from pomost.bootstrap import Pomost
from pomost.cli.words import console, failure_text, tell
from pomost.flows.lowering import DECIDE
from pomost.ports import Failure
from pomost.store.queries import CaseLine
from pomost.words import event_word


def skip_step(pomost: Pomost, line: CaseLine, step: str, who: str) -> None:
    """Leaves a step out."""
    _do(pomost, line, step, "skipped", lambda: deciding.skip_step(pomost, line.id, step, who))


def resolve_step(pomost: Pomost, line: CaseLine, step: str, happened: bool, number: str, who: str) -> None:
    """Settles a step in doubt."""
    to = "done" if happened else "failed"
    _do(
        pomost,
        line,
        step,
        to,
        lambda: deciding.resolve_step(pomost, line.id, step, happened, number, who),
    )


def spread_refund(pomost: Pomost, line: CaseLine, who: str) -> None:
    """Lowers the prices of the sale by what was paid back for no goods."""
    _do(pomost, line, DECIDE, "spread", lambda: deciding.spread_refund(pomost, line.id, who))


def _do(pomost: Pomost, line: CaseLine, step: str, to: str, decide: Callable[[], None]) -> None:
    language = pomost.config.language
    try:
        decide()
    except Failure as failure:
        console.print(
            failure_text(language, failure), style="red", markup=False, highlight=False, soft_wrap=True
        )
        pomost.close()
        raise typer.Exit(1) from failure
    tell(language, "decided", order=line.number, step=step, to=event_word(language, to))
