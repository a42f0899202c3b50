"""Misbehaviour on request: what hosts, firewalls, caches and plugins have been seen to do to shops."""

import random
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from pomost.sandbox import faults
from pomost.sandbox.faults import Times
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


@dataclass
class Rule(faults.Rule):
    """One fault: which calls (or, by ``path``, topics of webhooks) it hits and how often."""

    path: str | None = None
    method: str | None = None

    @property
    def done(self) -> bool:
        """Whether the call is done although it is answered wrongly."""
        return bool(self.args.get("done", CALLS.get(self.fault, True)))

    def where(self) -> Json:
        return {"path": self.path or "", "method": self.method or ""}

    def hits(self, path: str, method: str) -> bool:
        if self.method is not None and self.method != method:
            return False
        if self.path is not None and self.path not in path and not fnmatchcase(path, self.path):
            return False
        if self.fault == "stale-list" and method != "GET":
            return False
        return self.fault != "batch-part-done" or path.endswith("/batch")


class Faults(faults.Faults[Rule]):
    """The faults that were asked for. Asked from any thread."""

    def __init__(self) -> None:
        super().__init__(FAULTS, ARGUMENTS, "shop")

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
        return self._ask(Rule(fault, times, probability, random.Random(seed), args, path, method))

    def due(self, path: str, method: str) -> list[Rule]:
        """The faults that hit this call; each is counted."""
        return self._due(path, method, webhooks=False)

    def due_for_topic(self, topic: str) -> list[Rule]:
        """The faults that hit a delivery."""
        return self._due(topic, "POST", webhooks=True)

    def _due(self, path: str, method: str, webhooks: bool) -> list[Rule]:
        return self._struck(lambda rule: (rule.fault in WEBHOOKS) == webhooks and rule.hits(path, method))
