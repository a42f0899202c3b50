"""Texts of the command line in Polish and English, and how cases are shown."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pomost.config.load import Problem
from pomost.ports import Failure, Json
from pomost.store.queries import CaseLine
from pomost.words import in_language, one_text

console = Console()
WARSAW = ZoneInfo("Europe/Warsaw")

WORDS = {
    "pl": {
        "new": "nowe", "waiting": "czeka", "retrying": "ponawiane", "doubt": "w wątpliwości", "person": "potrzebny człowiek",
        "stopped": "połączenie zatrzymane", "done": "gotowe", "order": "zamówienie", "state": "stan", "why": "dlaczego",
        "since": "od", "status": "status", "flow": "przepływ", "step": "krok", "act": "co by powstało", "kind": "rodzaj",
        "count": "liczba", "total": "wartość brutto", "nothing": "nic nie czeka na człowieka", "company": "firma",
        "found": "znaleziono", "looked": "ostatnie spojrzenie", "source": "źródło", "note": "uwaga", "line": "wiersz",
        "code": "kod",
    },
    "en": {
        "new": "new", "waiting": "waiting", "retrying": "retrying", "doubt": "in doubt", "person": "needs a person",
        "stopped": "connection stopped", "done": "done", "order": "order", "state": "state", "why": "why", "since": "since",
        "status": "status", "flow": "flow", "step": "step", "act": "what would be made", "kind": "kind", "count": "count",
        "total": "gross", "nothing": "nothing waits for a person", "company": "company", "found": "found",
        "looked": "last look", "source": "source", "note": "note", "line": "line", "code": "code",
    },
}  # fmt: skip


MESSAGES = {
    "pl": {
        "unseen": 'Pomost nie widział zamówienia „{order}”. `pomost status` mówi, kiedy patrzył na każde źródło.',
        "several": "„{order}” to numer kilku zamówień; podaj identyfikator u źródła:",
        "exists": "{path} już jest. Popraw go albo użyj --force.",
        "written": "Zapisano {path}. Wpisz token do zmiennej POMOST_BL_TOKEN, potem: pomost check --online",
        "right": "{path}: nie znaleziono błędów.",
        "needs-postgres": "Pracownicy (worker) wymagają PostgreSQL. Ustaw database.url na postgresql://...",
        "serving": "Pomost pracuje: {url}  Ctrl+C kończy; to, co w toku, zostanie dokończone.",
        "first-link": "Panel nie ma jeszcze użytkownika z hasłem. Ustaw hasło administratora (odnośnik jednorazowy, ważny 48 h): {link}",
        "working": "Pracownik czeka na zlecenia z {sources}. Ctrl+C kończy; to, co w toku, zostanie dokończone.",
        "port-taken": "Port {port} na {host} jest zajęty. Ustaw inny (port = ...) albo zatrzymaj to, co go zajmuje.",
        "reading": "Czytam zamówienia z {source} ...",
        "nothing-to-plan": "W źródłach nie ma zamówień, które ten plik każe brać (import_from, take).",
        "retried": "{order}: do zrobienia teraz. Działający Pomost podejmie je w ciągu {seconds:g} s.",
        "retried-all": "Do zrobienia teraz: {count}. Działający Pomost podejmie je w ciągu {seconds:g} s.",
        "would-retry": "Zostałoby ponowionych: {count}. Nic nie zmieniono (--dry-run).",
        "left": "Bez zmian: {count}.",
        "left-doubt": "W wątpliwości: to, co zaczęto, mogło się stać. Sprawdź i użyj `pomost resolve`:",
        "left-by-itself": "Czekają na coś, co przyjdzie samo (--state waiting sprawdza je od razu):",
        "left-not-asked": "Poza wyborem (--state, --code, --source):",
        "order-or-all": "Podaj numer zamówienia albo --all.",
        "bad-state": "Nie ma stanu „{state}”. Stany: {known}.",
        "decided": "{order}, {step}: {to}.",
        "added": "{sku}: dodano", "known-item": "{sku}: już jest",
        "no-number-text": "„{quantity}” lub „{cost}” nie jest liczbą. Napisz np. 12.5",
        "database": "Baza danych nie odpowiada: {why} Sprawdź database.url i ledger.url oraz czy serwer działa.",
        "system": "{why}",
        "missing-part": "Brakuje modułu {name}. PostgreSQL wymaga: pip install 'pomost[postgres]'",
        "not-a-demo": "{folder} zawiera coś innego niż pokaz i nie zostanie skasowany. Podaj inny --folder.",
        "not-through": "{count} zamówień nie przeszło; zobacz `pomost explain`.",
    },
    "en": {
        "unseen": 'No order "{order}" was seen. `pomost status` says when each source was last looked at.',
        "several": '"{order}" is the number of several orders; use the id at the source:',
        "exists": "{path} is there already. Edit it, or use --force.",
        "written": "{path} is written. Put the token into the variable POMOST_BL_TOKEN, then: pomost check --online",
        "right": "{path}: nothing wrong found.",
        "needs-postgres": "Workers need PostgreSQL. Set database.url to postgresql://...",
        "serving": "Pomost works: {url}  Ctrl+C ends it; work under way is finished.",
        "first-link": "The panel has no user with a password yet. Set the administrator's password (a one-time link, good for 48 h): {link}",
        "working": "The worker waits for work from {sources}. Ctrl+C ends it; work under way is finished.",
        "port-taken": "Port {port} on {host} is taken. Set another (port = ...), or stop what has it.",
        "reading": "Reading orders from {source} ...",
        "nothing-to-plan": "The sources have no orders that this file says to take (import_from, take).",
        "retried": "{order}: due now. A running Pomost takes it up within {seconds:g} s.",
        "retried-all": "Due now: {count}. A running Pomost takes them up within {seconds:g} s.",
        "would-retry": "Would be tried again: {count}. Nothing was changed (--dry-run).",
        "left": "Left as they are: {count}.",
        "left-doubt": "In doubt: what was begun may have happened. Look, then use `pomost resolve`:",
        "left-by-itself": "Wait for something that comes by itself (--state waiting looks at once):",
        "left-not-asked": "Not asked for (--state, --code, --source):",
        "order-or-all": "Give the number of an order, or --all.",
        "bad-state": 'There is no state "{state}". States: {known}.',
        "decided": "{order}, {step}: {to}.",
        "added": "{sku}: added", "known-item": "{sku}: is there already",
        "no-number-text": '"{quantity}" or "{cost}" is no number. Write e.g. 12.5',
        "database": "The database does not answer: {why} Check database.url and ledger.url, and that the server runs.",
        "system": "{why}",
        "missing-part": "The module {name} is missing. PostgreSQL needs: pip install 'pomost[postgres]'",
        "not-a-demo": "{folder} holds something else than a demo and is not deleted. Give another --folder.",
        "not-through": "{count} orders did not get through; see `pomost explain`.",
    },
}  # fmt: skip


def say(language: str, key: str, **facts: object) -> str:
    """A sentence for people. Raises KeyError for one that is not in the catalogue."""
    return MESSAGES[language][key].format(**facts)


def tell(language: str, key: str, style: str = "", **facts: object) -> None:
    """Prints a sentence as it is: brackets in names of files and statuses are no markup."""
    console.print(
        say(language, key, **facts), style=style or None, markup=False, highlight=False, soft_wrap=True
    )


def language_of(path: Path) -> str:
    """The language of a file, also of one that can't be loaded; without one the language of the system."""
    try:
        found = re.search(r"^\s*language\s*=\s*[\"'](pl|en)[\"']", path.read_text(encoding="utf-8"), re.M)
    except (OSError, UnicodeDecodeError):
        found = None
    if found:
        return found.group(1)
    system = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    return "pl" if system.lower().startswith("pl") else "en"


def word(language: str, key: str) -> str:
    return WORDS[language].get(key, key)


def moment(seconds: float | None) -> str:
    return datetime.fromtimestamp(seconds, WARSAW).strftime("%Y-%m-%d %H:%M:%S") if seconds else "-"


def reason(language: str, wait: Json) -> str:
    """Why an order waits, with its code, as markup for a table."""
    code = str(wait.get("code", ""))
    text = one_text(language, str(wait.get("text", "")), code)
    return f"{escape(text)} [dim]{code}[/dim]"


def failure_text(language: str, failure: Failure) -> str:
    """A failure for people: what, what to do, and its code."""
    text, advice = in_language(language, failure.code, failure.text, failure.advice)
    return f"{text} {advice}  {failure.code}"


def problem_text(language: str, problem: Problem) -> str:
    """A fault of the file for people: where, what, what to write, and its code."""
    text, advice = in_language(language, problem.code, problem.text, problem.advice)
    where = f"{word(language, 'line')} {problem.line}, {problem.place}" if problem.line else problem.place
    said = f"{where}: {text.removesuffix('.')}. {advice}"
    return f"{said.strip()}  {problem.code}"


def case_table(lines: list[CaseLine], language: str) -> Table:
    table = Table()
    for key in ("order", "status", "flow", "state", "since", "why"):
        table.add_column(word(language, key))
    for line in lines:
        why = reason(language, line.waits) if line.waits else ""
        table.add_row(
            line.number, line.status, line.flow, word(language, line.state), moment(line.since), why
        )
    return table
