"""After an outage: everything that a passing cause stopped is made due at once; what is in doubt is left to a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.markup import escape
from rich.table import Table

from pomost.bootstrap import Pomost
from pomost.cli.words import console, say, tell, word
from pomost.store.queries import CaseLine
from pomost.words import one_text

STOPPED = ("person", "stopped", "retrying")
"""States that a passing cause leaves behind: a printer without paper, a wrong password, a server that was away."""
WAKEABLE = (*STOPPED, "waiting")
_ALL = 1_000_000
_AT_ONCE = 500
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Selection:
    """Which cases are tried again. ``code``: one code, or an area such as "posnet"; ``source``: orders and returns of it."""

    states: tuple[str, ...] = STOPPED
    code: str = ""
    source: str = ""

    def takes(self, line: CaseLine) -> bool:
        return line.state in self.states and self._of_source(line) and self._of_code(line)

    def _of_source(self, line: CaseLine) -> bool:
        return not self.source or line.source in (self.source, f"{self.source}.returns")

    def _of_code(self, line: CaseLine) -> bool:
        codes = [str(wait.get("code", "")) for wait in (line.waits, *line.waits.get("also", []))]
        return not self.code or any(one == self.code or one.startswith(f"{self.code}.") for one in codes)


@dataclass(frozen=True, slots=True)
class Sorted:
    """``woken`` are tried again; ``left`` are not, each with the reason: doubt, by-itself, not-asked."""

    woken: tuple[CaseLine, ...]
    left: tuple[tuple[str, CaseLine], ...]


def sort(lines: Iterable[CaseLine], wanted: Selection) -> Sorted:
    """A case in doubt is never tried again, whatever is asked for: what was begun there may have happened."""
    woken: list[CaseLine] = []
    left: list[tuple[str, CaseLine]] = []
    for line in lines:
        if line.state == "doubt":
            left.append(("doubt", line))
        elif line.state in WAKEABLE and wanted.takes(line):
            woken.append(line)
        elif line.state == "waiting":
            left.append(("by-itself", line))
        elif line.state in STOPPED:
            left.append(("not-asked", line))
    return Sorted(tuple(woken), tuple(left))


def retry_all(pomost: Pomost, wanted: Selection, *, dry_run: bool) -> Sorted:
    """Makes due what ``wanted`` takes, with its attempts counted anew; says how many, and which are left and why."""
    store, language = pomost.store, pomost.config.language
    found = sort(store.queries.in_state((*WAKEABLE, "doubt"), _ALL), wanted)
    ids = [line.id for line in found.woken]
    if not dry_run:
        for start in range(0, len(ids), _AT_ONCE):
            store.cases.wake(ids[start : start + _AT_ONCE], pomost.work.now(), reset=True)
    key = "would-retry" if dry_run else "retried-all"
    tell(language, key, count=len(ids), seconds=pomost.config.engine.sweep_s)
    _show(language, found.woken)
    if found.left:
        tell(language, "left", count=len(found.left))
        for reason in dict.fromkeys(reason for reason, _ in found.left):
            console.print(f"  {say(language, f'left-{reason}')}", markup=False, soft_wrap=True)
            _show(language, [line for one, line in found.left if one == reason])
    return found


def _why(language: str, line: CaseLine) -> str:
    return one_text(language, str(line.waits.get("text", "")), str(line.waits.get("code", "")))


def _show(language: str, lines: Sequence[CaseLine]) -> None:
    """A row for each state and code, with the longest waiting orders and what the first of them waits for."""
    if not lines:
        return
    groups: dict[tuple[str, str], list[CaseLine]] = {}
    for line in lines:
        groups.setdefault((line.state, str(line.waits.get("code", ""))), []).append(line)
    table = Table()
    for key in ("state", "count", "code", "order", "why"):
        table.add_column(word(language, key), no_wrap=key == "code")
    for (state, code), members in groups.items():
        orders = ", ".join(line.number for line in members[:_SHOWN])
        more = " ..." if len(members) > _SHOWN else ""
        table.add_row(
            word(language, state),
            str(len(members)),
            code,
            escape(orders + more),
            escape(_why(language, members[0])),
        )
    console.print(table)
