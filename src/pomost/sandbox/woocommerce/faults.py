"""Misbehaviour on request: what hosts, firewalls, caches and plugins have been seen to do to shops."""

import random
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

from pomost.sandbox.woocommerce.protocol import Json

# Faults of a call. True: the call is done all the same.
CALLS: dict[str, bool] = {
    "delay": True,
    "too-many-requests": False,
    "maintenance": False,
    "server-error": False,
    "firewall": False,
    "gateway-timeout": True,
    "batch-part-done": True,
    "cut-before": False,
    "cut-after": True,
    "html-200": False,
    "bom": True,
    "php-warning": True,
    "empty-body": True,
    "truncated-json": True,
    "redirect": False,
    "authorization-stripped": True,
    "stale-list": True,
    "legacy": True,
}
WEBHOOKS = ("webhook-late", "webhook-reordered", "webhook-doubled", "webhook-dropped", "webhook-disabled")
FAULTS = (*CALLS, *WEBHOOKS)
# What faults can be told besides when they strike; each heeds those that make sense for it.
ARGUMENTS = ("seconds", "done", "retry_after", "to", "count", "message")
Times = int | Literal["always"] | None


@dataclass
class Rule:
    """One fault: which calls (or, by ``path``, topics of webhooks) it hits and how often."""

    fault: str
    path: str | None
    method: str | None
    left: Times
    probability: float
    chance: random.Random
    args: dict[str, Any] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """Whether the call is done although it is answered wrongly."""
        return bool(self.args.get("done", CALLS.get(self.fault, True)))

    def hits(self, path: str, method: str) -> bool:
        """Whether this call is hit; counts it when it is."""
        if self.left == 0 or (self.method is not None and self.method != method):
            return False
        if self.path is not None and self.path not in path and not fnmatchcase(path, self.path):
            return False
        if self.fault == "stale-list" and method != "GET":
            return False
        if self.fault == "batch-part-done" and not path.endswith("/batch"):
            return False
        if self.probability < 1 and self.chance.random() >= self.probability:
            return False
        if isinstance(self.left, int):
            self.left -= 1
        return True


class Faults:
    """The faults that were asked for. Asked from any thread."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._guard = threading.Lock()

    def add(
        self,
        fault: str,
        path: str | None = None,
        times: Times = 1,
        method: str | None = None,
        probability: float = 1.0,
        seed: int = 0,
        **args: Any,
    ) -> Rule:
        """Ask for a fault.

        ``path`` is part of the path below ``/wp-json`` (or a pattern with ``*``), of a webhook its topic; ``times`` is
        a number, or ``"always"`` or None for every call; ``probability`` hits a part of the calls, the same ones for the
        same ``seed``. Raises ``ValueError`` for an unknown fault, an unknown argument, or a wrong number.
        """
        if fault not in FAULTS:
            raise ValueError(f"The shop knows no fault {fault!r}; it knows {', '.join(FAULTS)}")
        if unknown := sorted(args.keys() - set(ARGUMENTS)):
            raise ValueError(f"No fault takes {', '.join(unknown)}; known are {', '.join(ARGUMENTS)}")
        if times is not None and times != "always" and (not isinstance(times, int) or times < 1):
            raise ValueError(f'The fault {fault} cannot strike {times!r} times; write 1 or more, or "always"')
        if not 0 <= probability <= 1:
            raise ValueError(
                f"The fault {fault} has the probability {probability}; write a number from 0 to 1"
            )
        rule = Rule(fault, path, method, times, probability, random.Random(seed), args)
        with self._guard:
            self._rules.append(rule)
        return rule

    def asked(self) -> list[Json]:
        """The faults that are still to come: which, where, and how often (None: always)."""
        with self._guard:
            return [
                {
                    "fault": rule.fault,
                    "path": rule.path or "",
                    "method": rule.method or "",
                    "left": rule.left if isinstance(rule.left, int) else None,
                    "probability": rule.probability,
                }
                for rule in self._rules
            ]

    def left(self) -> int:
        """How many strikes that were asked for a number of times are still to come."""
        with self._guard:
            return sum(rule.left for rule in self._rules if isinstance(rule.left, int))

    def clear(self) -> None:
        with self._guard:
            self._rules.clear()

    def due(self, path: str, method: str) -> list[Rule]:
        """The faults that hit this call; each is counted."""
        return self._due(path, method, webhooks=False)

    def due_for_topic(self, topic: str) -> list[Rule]:
        """The faults that hit a delivery."""
        return self._due(topic, "POST", webhooks=True)

    def _due(self, path: str, method: str, webhooks: bool) -> list[Rule]:
        if not self._rules:
            return []
        with self._guard:
            kind = [rule for rule in self._rules if (rule.fault in WEBHOOKS) == webhooks]
            found = [rule for rule in kind if rule.hits(path, method)]
            self._rules = [rule for rule in self._rules if rule.left != 0]
        return found
