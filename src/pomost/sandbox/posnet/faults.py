"""How the printer misbehaves on request."""

from __future__ import annotations

import threading
from dataclasses import dataclass

FAULTS = {
    "no-paper": "the paper ends before the command is carried out; it waits until paper is put in",
    "cover-open": "the same with the cover",
    "answer-lost": "the command is carried out, the connection is cut instead of an answer",
    "answer-withheld": "the command is carried out, no answer comes and the connection stays",
    "command-lost": "the connection is cut before the command is carried out",
    "slow": "the command takes `seconds` longer",
    "busy": "answered with 41: another interface has the device",
    "garbage": "bytes that are no frame come before the answer",
    "wrong-checksum": "the answer comes with a wrong checksum",
    "refuse": "answered with the error `number`",
    "forget-answers": "carried out and answered, and the stored answers to tokens are gone",
}


@dataclass
class Strike:
    fault: str
    command: str
    left: int
    seconds: float = 0.0
    number: int = 0


class Faults:
    """Faults asked for and still due, each for the next ``times`` commands of one name ("" for any)."""

    def __init__(self) -> None:
        self._due: list[Strike] = []
        self._guard = threading.Lock()

    def add(
        self, fault: str, command: str = "", times: int = 1, *, seconds: float = 0.0, number: int = 0
    ) -> None:
        """Asks for a fault; raises ValueError for one that is not in ``FAULTS``."""
        if fault not in FAULTS:
            raise ValueError(f"The printer knows no fault {fault!r}; it knows {', '.join(FAULTS)}")
        with self._guard:
            self._due.append(Strike(fault, command, times, seconds, number))

    def take(self, command: str) -> dict[str, Strike]:
        """The faults that strike this command, by name; each is counted."""
        with self._guard:
            struck = {one.fault: one for one in self._due if one.command in ("", command)}
            for one in struck.values():
                one.left -= 1
            self._due = [one for one in self._due if one.left > 0]
        return struck

    def clear(self) -> None:
        with self._guard:
            self._due.clear()
