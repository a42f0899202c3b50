"""How each connection is: when it was last looked at, what it found or passed over, and how much of its limit is used.

Nothing here calls the other side: everything comes from the store and from what this process itself knows.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

from pomost.config.carriers import Apaczka, ShipX
from pomost.config.model import Account
from pomost.engine.hearing import source_of
from pomost.engine.limiter import AccountLimiter
from pomost.store.limits import Limits
from pomost.store.looks import Look

if TYPE_CHECKING:
    from pomost.bootstrap import Pomost

MINUTE_S = 60.0
Condition = Literal["good", "never", "unused", "late", "trouble", "blocked", "stopped"]
_LATE = 5
"""So many times its usual pause without a look, and a minute: somebody should know."""


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """One source of a connection (its orders, its returns): the last look.

    ``found``: cases found since the beginning. ``note``: what the last look failed with, "" when it did not;
    ``stopped``: why it is not looked at any more until a person acts. Both as ``pomost.words.one_text`` translates them.
    """

    name: str
    looked_at: float | None
    found: int
    note: str
    stopped: str


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What the last look of this process saw and did not take, and why: all 0 where another process looks."""

    unconfirmed: int = 0
    older: int = 0
    unreadable: int = 0
    gone: int = 0
    journal: str = ""
    warnings: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.unconfirmed or self.older or self.unreadable or self.warnings)


@dataclass(frozen=True, slots=True)
class ConnectionHealth:
    """A connection as it is at a moment.

    ``answered``: of what is only used, how it answered last; None where it was not used yet, and for what is looked at.
    ``limit``: calls that are granted each minute at most, 0 without a limit. ``last_minute``: calls that were granted in
    the last minute, at least: those of other processes are known from the second look at this on. ``share``: of the
    limit, 0 to 1, None without one. ``queue`` and ``queue_s``: calls of this process that wait for their turn, and how long
    they will take. ``blocked_until``: Unix seconds, None while the account is not blocked.
    """

    name: str
    kind: str
    condition: Condition
    sources: tuple[SourceHealth, ...] = ()
    passed_over: PassedOver = PassedOver()
    limit: int = 0
    last_minute: int = 0
    calls: int = 0
    queue: int = 0
    queue_s: float = 0.0
    blocked_until: float | None = None
    answered: SourceHealth | None = None

    @property
    def looked_at(self) -> float | None:
        """The latest look at any of its sources."""
        return max((one.looked_at for one in self.sources if one.looked_at is not None), default=None)

    @property
    def found(self) -> int:
        return sum(one.found for one in self.sources)

    @property
    def note(self) -> str:
        told = (*self.sources, self.answered) if self.answered else self.sources
        return next((one.note for one in told if one.note), "")

    @property
    def stopped(self) -> str:
        return next((one.stopped for one in self.sources if one.stopped), "")

    @property
    def share(self) -> float | None:
        return min(self.last_minute / self.limit, 1.0) if self.limit else None


def connections(pomost: Pomost, now: float) -> list[ConnectionHealth]:
    """Every connection of the configuration: accounts, the ledger where a flow takes its orders, carriers, mail, printers."""
    looks = {look.source: look for look in pomost.store.looks.all()}
    found = [_account(pomost, account, looks, now) for account in pomost.config.accounts]
    ledger = pomost.config.ledger.name
    if any(looker.watched.name == ledger for looker in pomost.lookers):
        sources = _sources(looks, ledger)
        found.append(ConnectionHealth(ledger, "ledger", _condition(sources, None, 1.0, now), sources))
    found += [_carrier(pomost, one, "shipx", looks, now) for one in pomost.config.shipx]
    found += [_carrier(pomost, one, "apaczka", looks, now) for one in pomost.config.apaczka]
    for smtp in pomost.config.smtp:
        # the mailbox is watched for messages that came back, only where that is asked for
        watched = (name for name in looks if name.startswith(f"{smtp.name}."))
        sources = _sources(looks, *(name for name in watched if name != source_of(smtp.name)))
        answered = _answer(looks, smtp.name)
        condition = _used(answered)
        if sources and condition != "trouble":
            every_s = smtp.bounces.every_s if smtp.bounces is not None else 0.0
            condition = _condition(sources, None, every_s, now)
        found.append(ConnectionHealth(smtp.name, "smtp", condition, sources, answered=answered))
    for posnet in pomost.config.posnet:
        answered = _answer(looks, posnet.name)
        found.append(ConnectionHealth(posnet.name, "posnet", _used(answered), answered=answered))
    return found


def _carrier(
    pomost: Pomost, asked: ShipX | Apaczka, kind: str, looks: dict[str, Look], now: float
) -> ConnectionHealth:
    answered = _answer(looks, asked.name)
    limiter = pomost.carrier_limiters[asked.name]
    found = _through(pomost, limiter, asked.name, kind, asked.calls_per_minute, 0, now)
    condition = "blocked" if found.blocked_until is not None else _used(answered)
    return replace(found, condition=condition, answered=answered)


def _through(
    pomost: Pomost, limiter: AccountLimiter, name: str, kind: str, limit: int, counted: int, now: float
) -> ConnectionHealth:
    """What the door to a connection knows; its condition is not judged yet. ``counted``: calls that its client counted."""
    limits = pomost.store.limits
    blocked, calls = limits.blocked_until(name), max(limits.calls(name), counted)
    return ConnectionHealth(
        name,
        kind,
        "good",
        limit=limit,
        last_minute=max(limiter.granted_within(MINUTE_S), _samples(limits).within(name, calls, now)),
        calls=calls,
        queue=limiter.queue(),
        queue_s=limiter.queue_s(),
        blocked_until=blocked if blocked > now else None,
    )


def _answer(looks: dict[str, Look], name: str) -> SourceHealth | None:
    look = looks.get(source_of(name))
    return None if look is None else SourceHealth(name, look.looked_at, 0, look.note, "")


def _used(answered: SourceHealth | None) -> Condition:
    """Of something that is not looked at unasked: as it answered last, however long ago that is."""
    if answered is None:
        return "unused"
    return "trouble" if answered.note else "good"


def _account(pomost: Pomost, account: Account, looks: dict[str, Look], now: float) -> ConnectionHealth:
    name, channel = account.name, pomost.channels[account.name]
    sources = _sources(looks, *(one.watched.name for one in pomost.lookers if _is_of(one.watched.name, name)))
    report = channel.report()
    counted = sum(channel.calls_made().values())
    slowest_s = max(account.poll_s, account.poll_busy_s, account.returns_s)
    found = _through(
        pomost, pomost.limiters[name], name, account.kind, account.calls_per_minute, counted, now
    )
    return replace(
        found,
        condition=_condition(sources, found.blocked_until, slowest_s, now, bool(report.faults)),
        sources=sources,
        passed_over=PassedOver(
            report.left_unconfirmed,
            report.left_older,
            report.unreadable,
            report.gone,
            report.journal_note,
            (*report.faults, *report.warnings),
        ),
    )


def _is_of(source: str, connection: str) -> bool:
    return source == connection or source.startswith(f"{connection}.")


def _sources(looks: dict[str, Look], *names: str) -> tuple[SourceHealth, ...]:
    return tuple(
        SourceHealth(name, look.looked_at, look.found, look.note, look.stopped)
        if (look := looks.get(name)) is not None
        else SourceHealth(name, None, 0, "", "")
        for name in sorted(set(names))
    )


def _condition(
    sources: tuple[SourceHealth, ...],
    blocked_until: float | None,
    every_s: float,
    now: float,
    faulty: bool = False,
) -> Condition:
    """The worst thing that is true of it."""
    if any(one.stopped for one in sources):
        return "stopped"
    if blocked_until is not None:
        return "blocked"
    if faulty or any(one.note for one in sources):
        return "trouble"
    if any(one.looked_at is None for one in sources):
        return "never"
    late = _LATE * every_s + MINUTE_S
    if any(one.looked_at is not None and now - one.looked_at > late for one in sources):
        return "late"
    return "good"


class _Samples:
    """How many calls had been granted at the moments at which somebody asked: counts those of other processes too."""

    def __init__(self) -> None:
        self._seen: dict[str, deque[tuple[float, int]]] = {}

    def within(self, name: str, calls: int, now: float) -> int:
        seen = self._seen.setdefault(name, deque(maxlen=600))
        if not seen or now - seen[-1][0] >= 0.5:
            seen.append((now, calls))
        while len(seen) > 1 and seen[1][0] <= now - MINUTE_S:
            seen.popleft()
        # one that is too old would count calls of longer than a minute
        return calls - seen[0][1] if seen[0][0] >= now - MINUTE_S - 5 else 0


_kept: WeakKeyDictionary[Limits, _Samples] = WeakKeyDictionary()


def _samples(limits: Limits) -> _Samples:
    return _kept.setdefault(limits, _Samples())
