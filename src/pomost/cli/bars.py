"""How far a long command is, as a bar in the terminal; nothing where the output goes elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
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


@contextmanager
def followed(report: Report, total: int, left: Callable[[], int], every_s: float = 0.5) -> Iterator[None]:
    """Tells now and then how much is left of ``total``, while somebody else does it."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(every_s):
            report(max(total - left(), 0), total)

    thread = threading.Thread(target=look, name="followed", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(5)
