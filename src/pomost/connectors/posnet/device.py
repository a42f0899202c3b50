"""Asking the printer about itself: state, counters, stored answers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pomost.connectors.posnet.client import Client, Lost, Refusal
from pomost.connectors.posnet.errors import BUSY, Problem, failure_for, failure_of
from pomost.ports import Failure, NeedsPerson

TOKEN_NOT_FOUND = 13
_POLL_S = 0.2

NO_PAPER = Problem(
    "posnet.no-paper",
    NeedsPerson,
    "The printer is out of paper.",
    "Put in a new roll, then retry.",
)
COVER_OPEN = Problem(
    "posnet.cover-open",
    NeedsPerson,
    "The printer's cover or its lever is open.",
    "Close it, then retry.",
)
MECHANISM = Problem(
    "posnet.mechanism",
    NeedsPerson,
    "The printer's mechanism reports a fault (temperature, power, cutter).",
    "Look at the printer, switch it off and on, call its service if it stays; then retry.",
)
AT_THE_DEVICE = Problem(
    "posnet.waits-for-key",
    NeedsPerson,
    "The printer waits for somebody at its keys.",
    "Leave the menu or confirm the message at the printer, then retry.",
)

_MECHANISM = {1: COVER_OPEN, 3: COVER_OPEN, 5: NO_PAPER, 10: COVER_OPEN}


@dataclass(frozen=True, slots=True)
class Counters:
    """scnt: daily reports, receipts finished and cancelled, number of the last receipt; the unique number."""

    printer: str
    reports: int
    finished: int
    cancelled: int
    last: int


@dataclass(frozen=True, slots=True)
class State:
    """scomm: ``opened`` is 0 when no document is open, 16 or 17 for a receipt."""

    fiscal: bool
    read_only: bool
    opened: int


class Device:
    """What can be asked while a conversation is open. Everything raises Lost and Refusal."""

    def __init__(self, client: Client, timeout_s: float) -> None:
        self._client = client
        self._timeout_s = timeout_s

    def counters(self) -> Counters:
        found = self._ask("scnt")
        return Counters(
            found.get("nu", ""),
            _number(found, "rd"),
            _number(found, "bn"),
            _number(found, "bc"),
            _number(found, "bt"),
        )

    def state(self) -> State:
        found = self._ask("scomm")
        return State(_yes(found, "fs"), _yes(found, "td"), _number(found, "ts"))

    def vat(self) -> Mapping[str, str]:
        return self._ask("vatget")

    def clock(self) -> datetime:
        """The printer's time, aware; ours when it gives none that can be read."""
        try:
            found = self._ask("rtcget")
            if found.get("tm"):
                return datetime.fromisoformat(found["tm"]).astimezone()
            text = found.get("da", "").replace(";", " ").replace(",", " ")
            return datetime.strptime(text, "%Y-%m-%d %H:%M").astimezone()
        except (Refusal, ValueError):
            return datetime.now().astimezone()

    def stored(self, token: str) -> int | None:
        """The error number of the answer once given to ``token``, 0 when carried out; None when it is not kept."""
        answer = self._client.exchange("rpt", {}, token, self._timeout_s)
        if answer.error == TOKEN_NOT_FOUND:
            return None
        if answer.error and answer.command in ("rpt", "ERR") and answer.fields.get("cm", "rpt") == "rpt":
            raise Refusal(answer.error, "rpt")
        return answer.error

    def hindrance(self) -> Failure | None:
        """Why nothing can be printed now: paper, cover, mechanism, keys; None when it can."""
        mechanism = _number(self._ask("!sprn"), "pr")
        if mechanism:
            return failure_of(_MECHANISM.get(mechanism, MECHANISM), f"(state {mechanism})")
        if _number(self._ask("!sdev"), "ds"):
            return failure_of(AT_THE_DEVICE)
        return None

    def wait_until_idle(self, wait_s: float) -> Failure | None:
        """Waits until everything sent before is carried out; else why not."""
        until = time.monotonic() + wait_s
        while True:
            found = self._ask("!sdev")
            hindrance = self.hindrance()
            if hindrance is None and _yes(found, "qe"):
                return None
            if time.monotonic() >= until:
                return hindrance or failure_of(BUSY)
            time.sleep(_POLL_S)

    def _ask(self, command: str) -> Mapping[str, str]:
        return self._client.ask(command, timeout_s=self._timeout_s)


def failure_from(error: Refusal, what: str = "") -> Failure:
    return failure_for(error.number, error.command, what, error.field)


def _number(fields: Mapping[str, str], name: str) -> int:
    text = fields.get(name, "")
    if not text.isascii() or not text.isdigit():
        raise Lost(f"field {name} is {text!r} instead of a number")
    return int(text)


def _yes(fields: Mapping[str, str], name: str) -> bool:
    return fields.get(name, "")[:1] in ("1", "t", "T", "Y", "y")
