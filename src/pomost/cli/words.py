"""Texts of the command line in Polish and English, and how cases are shown."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from pomost.store.queries import CaseLine

console = Console()
WARSAW = ZoneInfo("Europe/Warsaw")

WORDS = {
    "pl": {
        "new": "nowe", "waiting": "czeka", "retrying": "ponawiane", "doubt": "w wątpliwości", "person": "potrzebny człowiek",
        "stopped": "połączenie zatrzymane", "done": "gotowe", "order": "zamówienie", "state": "stan", "why": "dlaczego",
        "since": "od", "status": "status", "flow": "obieg", "step": "krok", "act": "co by powstało", "kind": "rodzaj",
        "count": "liczba", "total": "wartość brutto", "nothing": "nic nie czeka na człowieka", "company": "firma",
        "found": "znaleziono", "looked": "ostatnie spojrzenie", "source": "źródło", "note": "uwaga",
    },
    "en": {
        "new": "new", "waiting": "waiting", "retrying": "retrying", "doubt": "in doubt", "person": "needs a person",
        "stopped": "connection stopped", "done": "done", "order": "order", "state": "state", "why": "why", "since": "since",
        "status": "status", "flow": "flow", "step": "step", "act": "what would be made", "kind": "kind", "count": "count",
        "total": "gross", "nothing": "nothing waits for a person", "company": "company", "found": "found",
        "looked": "last look", "source": "source", "note": "note",
    },
}  # fmt: skip


def word(language: str, key: str) -> str:
    return WORDS[language].get(key, key)


def moment(seconds: float | None) -> str:
    return datetime.fromtimestamp(seconds, WARSAW).strftime("%Y-%m-%d %H:%M:%S") if seconds else "-"


def case_table(lines: list[CaseLine], language: str) -> Table:
    table = Table()
    for key in ("order", "status", "flow", "state", "since", "why"):
        table.add_column(word(language, key))
    for line in lines:
        why = f"{line.waits.get('text', '')} [dim]{line.waits.get('code', '')}[/dim]" if line.waits else ""
        table.add_row(
            line.number, line.status, line.flow, word(language, line.state), moment(line.since), why
        )
    return table
