"""The agent: asks for what waits, prints it in the order of packing, says that it is printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from pomost.agent.memory import Memory
from pomost.agent.printers import NotPrinted, PerhapsPrinted, Printer
from pomost.ending import Ending
from pomost.tls import trusted

Say = Callable[[str], None]
ZPL, PDF = b"^XA", b"%PDF-"


class Refused(Exception):
    """Pomost does not let the agent in: a person has to look."""


@dataclass(slots=True)
class Agent:
    """``printers``: kind of print -> where it goes; kinds that are not named are left to others. ``again``: print what is in doubt
    after a crash once more."""

    url: str
    token: str = field(repr=False)
    printers: Mapping[str, Printer]
    memory: Memory
    say: Say
    company: str = ""
    again: bool = False
    timeout_s: float = 30.0
    _told: set[str] = field(default_factory=set)

    def run(self, ending: Ending, every_s: float) -> None:
        """Goes on until ``ending``. Raises Refused; anything else that fails is said, and tried again."""
        with httpx2.Client(
            verify=trusted(),
            base_url=f"{self.url.rstrip('/')}/api/v1/",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=self.timeout_s,
        ) as http:
            pause = every_s
            while not ending.is_set():
                try:
                    printed = self.round(http)
                    # the next ones are probably on their way: a packer waits for them
                    pause = min(every_s, 0.5) if printed else every_s
                except (httpx2.HTTPError, ValueError) as error:
                    self._once("pomost", f"Pomost can't be reached ({type(error).__name__}); trying again.")
                    pause = min(max(pause, 1.0) * 2, 60.0)
                else:
                    self._told.discard("pomost")
                ending.wait(pause)

    def round(self, http: httpx2.Client) -> int:
        """One look; gives how many were printed."""
        printed = 0
        for kind in self.printers:
            asked = {"kind": kind, "limit": "50", **({"company": self.company} if self.company else {})}
            answer = self._checked(http.get("prints", params=asked))
            for entry in answer.json()["prints"]:
                printed += self._print(http, entry)
        return printed

    def _print(self, http: httpx2.Client, entry: Mapping[str, Any]) -> int:
        number, title = int(entry["id"]), str(entry["title"])
        # put back by a person and made anew it has another moment, and is another print
        key = f"{number}@{entry['made_at']}"
        state = self.memory.state(key)
        if state == "begun" and not self.again:
            self._once(
                key,
                f"{title}: perhaps printed before a crash. Look, and mark it, or start the agent with --again.",
            )
            return 0
        if state == "printed":
            self._mark(http, number)
            return 0
        answer = http.get(f"prints/{number}/file")
        if answer.status_code in (404, 409, 422):
            self._once(key, f"{title}: {_why(answer)}")
            return 0
        self._checked(answer)
        content = answer.content
        if not content.startswith((PDF, ZPL)):
            self._once(key, f"{title}: what came is neither a PDF nor ZPL.")
            return 0
        self.memory.note(key, "begun")
        try:
            self.printers[str(entry["kind"])].send(content, title, max(int(entry.get("copies", 1)), 1))
        except NotPrinted as failure:
            self.memory.note(key, "forgotten")
            self._once(key, f"{title}: {failure}")
            return 0
        except PerhapsPrinted as failure:
            self._once(key, f"{title}: {failure}. Perhaps printed: look, and mark it.")
            return 0
        self.memory.note(key, "printed")
        self._mark(http, number)
        self.say(f"{title}: printed.")
        self._told.discard(key)
        return 1

    def _mark(self, http: httpx2.Client, number: int) -> None:
        self._checked(http.post("prints/mark", json={"ids": [number], "printed": True}))

    def _checked(self, answer: httpx2.Response) -> httpx2.Response:
        if answer.status_code in (401, 403):
            raise Refused(_why(answer))
        answer.raise_for_status()
        return answer

    def _once(self, what: str, text: str) -> None:
        """Says the same only once until it goes well."""
        if what not in self._told:
            self._told.add(what)
            self.say(text)


def _why(answer: httpx2.Response) -> str:
    try:
        read = answer.json()
        return f"{read['text']} {read.get('advice', '')}".strip()
    except (ValueError, KeyError, TypeError):
        return f"HTTP {answer.status_code}"
