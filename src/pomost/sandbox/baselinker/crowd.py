"""Buyers that go on ordering by themselves until they are stopped or have ordered enough, and how the shop stands meanwhile."""

import threading
import time
from typing import TYPE_CHECKING, Any

from pomost.sandbox.baselinker import faults
from pomost.sandbox.baselinker.protocol import Json

if TYPE_CHECKING:
    from pomost.sandbox.baselinker.desk import Shop

TICK_S = 0.2
FASTEST = 6_000.0
"""Orders per minute: more than that one thread does not place."""
SHOWN_CALLS = 40
_COUNTED_CALLS = 5_000


class Crowd:
    """The buyers of one shop, in a thread of their own while they order. Asked from any thread."""

    def __init__(self, shop: "Shop") -> None:
        self._shop = shop
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._told: Json = {"running": False, "rate": 0.0, "speed": 0.0, "count": 0, "placed": 0, "error": ""}

    def start(self, rate: float = 6.0, count: int = 0, speed: float = 60.0) -> None:
        """So many orders a minute, until ``count`` are placed, or a few more (0: until they are stopped); those before stop."""
        if not 0 < rate <= FASTEST or not 0 < speed <= 100_000 or count < 0:
            raise ValueError(f"Buyers order more than 0 and at most {FASTEST:g} times a minute")
        with self._guard:
            self._stop.set()
            self._stop = threading.Event()
            self._told = {
                "running": True,
                "rate": rate,
                "speed": speed,
                "count": count,
                "placed": 0,
                "error": "",
            }
            self._thread = threading.Thread(
                target=self._go, args=(self._stop, self._told), name="baselinker-buyers", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Returns at once; who is ordering finishes that."""
        with self._guard:
            self._stop.set()
            self._told["running"] = False

    def join(self, seconds: float) -> None:
        """Not from within an act: who is ordering may wait for it."""
        if self._thread is not None:
            self._thread.join(seconds)

    def told(self) -> Json:
        with self._guard:
            return dict(self._told)

    def _go(self, stop: threading.Event, told: Json) -> None:
        rate, speed, count = told["rate"], told["speed"], told["count"]
        before: int | None = None
        then = time.monotonic()
        try:
            while not stop.wait(TICK_S):
                now = time.monotonic()
                passed, then = now - then, now
                if count:
                    # half of what is left takes: they come as chance has it, and few shall be too many
                    passed = min(passed, max(count - told["placed"], 1) / 2 * 60.0 / rate)
                if before is None:
                    before = self._shop.placed_by(rate, speed)
                self._shop.act("live", {"seconds": passed, "rate": rate, "speed": speed})
                told["placed"] = self._shop.placed_by(rate, speed) - before
                if count and told["placed"] >= count:
                    break
        except Exception as error:  # noqa: BLE001 - told to whoever looks; the shop itself goes on
            told["error"] = f"{type(error).__name__}: {error}"
        told["running"] = False


def overview(shop: "Shop") -> Json:
    """How the shop stands, and what can be asked of it."""
    account, settings = shop.account, shop.settings
    recent: list[Any] = account.recent_calls(_COUNTED_CALLS)
    now = settings.clock()
    statuses = [
        (record["name"], account.count_in_status(record["id"])) for record in account.records("status")
    ]
    return {
        "sandbox": "baselinker",
        "faults": list(faults.FAULTS),
        "asked": shop.faults.asked(),
        "statuses": [{"name": name, "orders": orders} for name, orders in statuses],
        "calls": recent[:SHOWN_CALLS],
        "last_minute": sum(1 for call in recent if call["at"] > now - 60),
        "now": now,
        "blocked_until": account.blocked_until,
        "limit": settings.limit,
        "window_s": settings.window_s,
        "block_s": settings.block_s,
        "delay_s": settings.delay_s,
        "buyers": shop.crowd.told(),
    }
