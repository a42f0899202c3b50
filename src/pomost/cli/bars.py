"""How far a long command is, as a bar in the terminal; nothing where the output goes elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pomost.cli.words import console
from pomost.progress import Report


@contextmanager
def shown_progress(title: str) -> Iterator[Report]:
    """A bar for as long as the act lasts; gives what it is to be told by."""
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with progress:
        task = progress.add_task(escape(title), total=None)

        def report(done: int, total: int = 0, said: str = "") -> None:
            progress.update(task, completed=done, total=total or None, description=escape(said or title))

        yield report
