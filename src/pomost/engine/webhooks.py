"""Sending notices to programs outside, one thread for each receiver: a slow one holds nobody else up."""

from __future__ import annotations

import random
from collections.abc import Callable

import httpx2
import structlog

from pomost import __version__
from pomost.config.load import Problem
from pomost.config.model import Config
from pomost.config.webhooks import Webhook
from pomost.engine.watcher import Watcher
from pomost.signing import HEADER, signature
from pomost.store.outbox import Delivery, Outbox, body_of
from pomost.tls import trusted

log = structlog.get_logger("pomost.engine")

EVERY_S = 0.5
AT_ONCE = 20
FIRST_S = 2.0
MOST_S = 3_600.0
PAUSE_MOST_S = 60.0
"""After failures in a row nothing at all is sent for a while: a receiver that is away has many notices waiting."""
_READ = 65_536
_FORGET_EVERY_S = 600.0


class WebhookSender(Watcher):
    """Sends what is due, oldest first, and of one order in the order in which it happened.

    At least once: a notice is taken when the receiver answered 2xx; when this process dies before that is written down, it
    comes again with the same id.
    """

    def __init__(self, outbox: Outbox, hook: Webhook, owner: str, now: Callable[[], float]) -> None:
        super().__init__(f"webhook-{hook.name}", EVERY_S)
        self._outbox = outbox
        self._hook = hook
        self._owner = owner
        self._now = now
        # a redirect is not followed: it would carry the notice to whoever the answer names
        self._http = httpx2.Client(verify=trusted(), timeout=hook.timeout_s, follow_redirects=False)
        self._failures = 0
        self._paused_until = 0.0
        self._forget_at = 0.0

    def look_once(self) -> int:
        """Gives how many were taken."""
        done = 0
        if self._now() >= self._forget_at:
            self._forget_at = self._now() + _FORGET_EVERY_S
            self._outbox.forget(self._hook.name, self._now() - self._hook.keep_days * 86_400)
        while not self._stop.is_set() and self._now() >= self._paused_until:
            lease_s = 3 * self._hook.timeout_s + 1
            began = self._now()
            taken = self._outbox.take(self._hook.name, self._owner, lease_s, began, AT_ONCE)
            if not taken:
                break
            for place, one in enumerate(taken):
                # what could not be ended before others may take it is not begun
                too_late = self._now() + 2 * self._hook.timeout_s > began + lease_s
                if self._stop.is_set() or self._now() < self._paused_until or (place and too_late):
                    self._outbox.give_back([other.id for other in taken[place:]], self._owner)
                    break
                done += self._deliver(one)
        return done

    def stop(self) -> None:
        super().stop()
        self._http.close()

    def _deliver(self, one: Delivery) -> bool:
        note = self._send(one)
        now = self._now()
        if not note:
            self._failures = 0
            self._outbox.delivered(one.id, self._owner, now)
            return True
        self._failures += 1
        self._paused_until = now + min(0.25 * 2 ** min(self._failures, 10), PAUSE_MOST_S)
        pause = min(FIRST_S * 2 ** min(one.attempts - 1, 20), MOST_S) * random.uniform(0.8, 1.2)
        last = now + pause > one.at + self._hook.give_up_hours * 3600
        log.warning("webhook-not-taken", webhook=self._hook.name, id=one.id, why=note, given_up=last)
        self._outbox.failed(one.id, self._owner, None if last else now + pause, note)
        return False

    def _send(self, one: Delivery) -> str:
        """Why it was not taken; empty when it was."""
        body = body_of(one)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"Pomost/{__version__}",
            "Pomost-Event": one.event,
            "Pomost-Delivery": f"{one.hook}-{one.id}",
            HEADER: signature(self._hook.secret, int(self._now()), body),
        }
        try:
            with self._http.stream("POST", self._hook.url, content=body, headers=headers) as answer:
                # what it says is of no use; it is read as far as the connection can then be used again
                if int(answer.headers.get("content-length", _READ)) < _READ:
                    answer.read()
                if 200 <= answer.status_code < 300:
                    return ""
                return f"HTTP {answer.status_code}"
        except (httpx2.HTTPError, ValueError) as error:
            return type(error).__name__


def wrong_webhooks(config: Config) -> list[Problem]:
    """Faults that can be seen without sending: names that are given twice, hints for connections that are not there."""
    found: list[Problem] = []
    for table in ("webhook", "hint"):
        names = [one.name for one in getattr(config, table)]
        found += [
            Problem(
                "config.same-webhook",
                f"{table}[{place + 1}].name",
                0,
                f'there is another one named "{name}"',
                "Give each one a name of its own.",
            )
            for place, name in enumerate(names)
            if names.index(name) != place
        ]
    sources = {config.ledger.name, *(account.name for account in config.accounts)}
    found += [
        Problem(
            "config.unknown-source",
            f"hint[{place + 1}].source",
            0,
            f'there is no connection "{hint.source}"',
            f"Connections: {', '.join(sorted(sources))}.",
        )
        for place, hint in enumerate(config.hint)
        if hint.source not in sources
    ]
    return found
