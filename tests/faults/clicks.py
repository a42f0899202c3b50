"""A person in the panel of a Pomost that is killed: at each point of the click itself, and of everything that it sets off.

The points of a click: ``asked`` before anything is written, ``written`` within the transaction, ``kept`` after it, ``noted``
after the audit and before the answer. A person who got no answer clicks again; here one clicks after every start, which is
worse.
"""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from pomost.bootstrap import Pomost
from pomost.panel.app import make_app
from pomost.panel.security.passwords import hashed
from pomost.panel.serve import Server
from pomost.store import cases
from tests.faults.harness import Trial
from tests.panel.conftest import PASSWORD, Client

CLICKED = ("click:asked", "click:written", "click:kept")
"""The points of a click up to the moment from which on it holds."""
NOTED = "click:noted"


def open_panel(pomost: Pomost, at: Callable[[str], None]) -> int:
    """Opens the panel on a free port, which it gives; its clicks tell their points to ``at``."""
    store = pomost.store
    edit, note, keep_words = store.cases.edit, store.audits.note, cases.keep_words

    def clicked(*given: Any, **more: Any) -> tuple[str, ...]:
        at("click:asked")
        changed = edit(*given, **more)
        at("click:kept")
        return changed

    def written(*given: Any, **more: Any) -> None:
        keep_words(*given, **more)
        at("click:written")

    def noted(now: float, who: str, act: str, *given: Any, **more: Any) -> None:
        note(now, who, act, *given, **more)
        if act.startswith("order."):
            at(NOTED)

    store.cases.edit = clicked  # type: ignore[method-assign]
    store.audits.note = noted  # type: ignore[method-assign, assignment]
    cases.keep_words = written
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    server = Server(make_app(pomost), "127.0.0.1", port)
    threading.Thread(target=server.run, name="panel", daemon=True).start()
    end = time.monotonic() + 20
    while not server.started and time.monotonic() < end:
        time.sleep(0.01)
    return port


@dataclass
class Clicked(Trial):
    """One order; before the kills it goes as far as ``until_then`` says, then an operator does something to it."""

    modes: tuple[str, ...] = ("panel",)
    order: Mapping[str, Any] = field(default_factory=dict)
    """How it is placed."""
    until_then: str = "done"
    staff: Callable[[Clicked], None] | None = None
    """What the shop's staff do while it is made and undone, instead of the usual."""
    edits_after: dict[str, dict[str, str]] = field(default_factory=dict)
    """What was kept of the person's act after each kill."""
    answers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        people = self.house.pomost.store.people
        user = people.add("operator", "operator", time.time())
        assert user is not None
        assert people.accept(people.invite(user, time.time() + 60), hashed(PASSWORD), time.time())
        if self.order:
            self.shop.place(**self.order)
        else:
            self._place_one()

    @property
    def case(self) -> cases.Case:
        (line,) = self.house.pomost.store.queries.all()
        return self.house.pomost.store.cases.load(line.id)

    def click_through(
        self, points: list[str], path: str, fields: Callable[[Clicked], dict[str, str]]
    ) -> None:
        """Kills at each point in its turn, and lets it finish; ``fields``: of the form that is sent to ``path``."""
        self.points = points
        child = self.start()
        self.until(lambda: [one.state for one in self.house.pomost.store.queries.all()] == [self.until_then])
        assert self.end(child) == 0
        case_id, sent = self.case.id, fields(self)
        for point in [*points, ""]:
            self.arm("SIGKILL", point)
            child = self.start()
            self.until(lambda child=child: self._ready(child) or child.poll() is not None)  # type: ignore[misc]
            if child.poll() is None:
                self._click(int((self.folder / f"ready-{child.pid}").read_text()), case_id, path, sent)
            last = point == ""
            self.until(
                lambda child=child, last=last: child.poll() is not None or (last and self._finished())  # type: ignore[misc]
            )
            if self.end(child) == -signal.SIGKILL:
                self.kills.append(point)
                self.edits_after[point] = dict(self.case.edits)

    def _click(self, port: int, case_id: int, path: str, sent: dict[str, str]) -> None:
        """Nobody answers where the process dies meanwhile."""
        operator = Client(f"http://127.0.0.1:{port}")
        try:
            assert operator.sign_in("operator").status_code == 200
            page = f"/orders/{case_id}"
            answer = operator.post(f"{page}/{path}", page=f"{page}/edit", **sent)
            assert answer.status_code == 200, answer.text
            self.answers.append(answer.text)
        except httpx2.TransportError:
            pass
        finally:
            operator.http.close()

    def _staff(self) -> None:
        if self.staff is not None:
            self.staff(self)
        else:
            super()._staff()
