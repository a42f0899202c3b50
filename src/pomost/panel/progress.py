"""Long acts of people: each in a thread of its own, with a page that says how far it is and what came of it.

    return start_act(visit, "stock.acts.push", work, link="/stock", name="sklep")

``work(report)`` does it and gives what to say in the end. It goes on when the page is left; it ends with the process, and is then
said to be cut off.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

import structlog
from fastapi.responses import RedirectResponse, Response

from pomost.panel.owners import mark
from pomost.panel.web import Visit
from pomost.ports import Failure, NeedsPerson
from pomost.progress import Report
from pomost.store.store import Store

log = structlog.get_logger("panel")
BEAT_S = 5.0
QUICK_S = 1.5
"""An act that ends this soon is answered at once, without its page."""
_TOLD_EVERY_S = 0.3


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an act; ``link`` leads to where it is to be seen, instead of the one it was begun with."""

    text: str
    link: str = ""


Work = Callable[[Report], str | Result]


class _Cut(Exception):
    """The process ends before the act does."""


@dataclass(slots=True)
class _Running:
    """An act while its thread works."""

    id: int
    store: Store
    now: Callable[[], float]
    closing: threading.Event
    ended: threading.Event = field(default_factory=threading.Event)
    result: Result | None = None
    failure: Failure | None = None
    _told_at: float = -_TOLD_EVERY_S
    _total: int = 0

    def report(self, done: int, total: int = 0, said: str = "") -> None:
        if self.closing.is_set():
            raise _Cut
        # that a new part begins is always told: the last that is heard of an act may be what it was killed in
        if total != self._total or monotonic() - self._told_at >= _TOLD_EVERY_S:
            self._told_at, self._total = monotonic(), total
            self.store.acts.report(self.id, done, total, said[:500], self.now())

    def run(self, work: Work, link: str) -> None:
        threading.Thread(target=self._beat, name=f"act-{self.id}-beat", daemon=True).start()
        acts = self.store.acts
        try:
            came = work(self.report)
            self.result = came if isinstance(came, Result) else Result(came)
            acts.end(self.id, self.result.text, self.result.link or link, self.now())
        except _Cut:
            acts.cut(self.id, self.now())
        except Failure as failure:
            self.failure = failure
            acts.fail(self.id, failure, self.now())
        except Exception as error:
            log.exception("act-broken", act=self.id)
            self.failure = NeedsPerson(
                "act.broken",
                f"{type(error).__name__}: the act ended before it was done; the log has the details.",
                "Begin it again; if it stays, report it with the log.",
            )
            acts.fail(self.id, self.failure, self.now())
        finally:
            self.ended.set()

    def _beat(self) -> None:
        while not self.ended.wait(BEAT_S):
            self.store.acts.beat(self.id, self.now())


def start_act(
    visit: Visit,
    title: str,
    work: Work,
    *,
    key: str = "",
    link: str = "/",
    whole: bool = False,
    **facts: object,
) -> Response:
    """Begins an act and goes to its page, or to ``link`` where it is over at once. ``title``: a key of words, filled with
    ``facts``. ``whole``: it writes everything at once or nothing. Where one with the same ``key`` (else: title and facts) is running, its page is shown and nothing is begun."""
    pomost, panel = visit.pomost, visit.panel
    kept = {name: str(value) for name, value in facts.items()}
    own = key or " ".join((title, *(f"{name}={value}" for name, value in sorted(kept.items()))))
    act_id, new = pomost.store.acts.begin(
        own[:160], title, kept, visit.who, visit.now(), link=link, whole=whole, owner=mark()
    )
    page = f"/acts/{act_id}"
    if not new:
        return visit.refused("acts.runs-already", to=page)
    running = _Running(act_id, pomost.store, pomost.work.now, panel.closing)
    # a process that is to end does not wait for it
    threading.Thread(target=running.run, args=(work, link), name=f"act-{act_id}", daemon=True).start()
    running.ended.wait(QUICK_S)
    if running.result is not None:
        return visit.done("acts.came", to=running.result.link or link, text=running.result.text)
    if running.failure is not None:
        return visit.refused(running.failure, to=link)
    return RedirectResponse(page, 303)
