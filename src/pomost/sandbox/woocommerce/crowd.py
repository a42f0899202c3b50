"""Buyers that go on ordering by themselves, and come back to their orders: they pay late, cancel, and return."""

import random
import threading
import time
from decimal import Decimal
from typing import TYPE_CHECKING

from pomost.sandbox.woocommerce.buying import OutOfStock
from pomost.sandbox.woocommerce.protocol import Json

if TYPE_CHECKING:
    from pomost.sandbox.woocommerce.shop import Shop

TICK_S = 0.1
FASTEST = 6_000.0
"""Orders per minute: more than that one thread does not place."""


class Crowd:
    """The buyers of one shop. What they do follows from the seed; `step` lets one thing happen, `start` many."""

    def __init__(self, shop: "Shop", seed: int = 1) -> None:
        self._shop = shop
        self._chance = random.Random(seed)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._guard = threading.Lock()
        self._mine: list[int] = []
        self._asked = (0.0, 0)
        self.placed = 0
        """Since they were last let in."""
        self.error = ""

    def step(self) -> str:
        """One thing that buyers or the shop's people do; what it was."""
        acts = {
            "place": 70,
            "pay": 10,
            "complete": 8,
            "cancel": 4,
            "refund": 4,
            "edit": 2,
            "trash": 1,
            "draft": 1,
        }
        act = self._chance.choices(list(acts), list(acts.values()))[0]
        if act == "place" or not self._mine:
            try:
                self._mine += self._shop.place()
            except OutOfStock:
                return "nothing"
            self.placed += 1
            return "place"
        return act if self._come_back(act) else "nothing"

    def _come_back(self, act: str) -> bool:
        shop = self._shop
        if act == "draft":
            shop.open_checkout()
            return True
        statuses = {
            "pay": ("pending",),
            "complete": ("processing",),
            "cancel": ("pending", "on-hold", "processing"),
        }
        wished = statuses.get(act, ("processing", "completed"))
        fit = [number for number in self._mine[-200:] if self._status(number) in wished]
        if not fit:
            return False
        number = self._chance.choice(fit)
        order = shop.order(number)
        if act == "pay":
            shop.pay(number)
        elif act == "complete":
            shop.set_status(number, "completed")
        elif act == "cancel":
            shop.cancel(number)
        elif act == "trash":
            shop.trash(number)
        elif act == "refund":
            line = self._chance.choice(order["line_items"])
            self._return(number, order, line)
        elif act == "edit":
            shop.edit(number, customer_note="Proszę o kontakt przed wysyłką")
        return True

    def _return(self, number: int, order: Json, line: Json) -> None:
        gross = (Decimal(line["total"]) + Decimal(line["total_tax"])) / line["quantity"]
        if not order["refunds"] and 0 < gross <= Decimal(order["total"]):
            self._shop.refund(number, {line["id"]: 1}, restock=self._chance.random() < 0.8, reason="Zwrot")

    def _status(self, number: int) -> str:
        order = self._shop.store.orders.get(number)
        return str(order["status"]) if order else ""

    def start(self, rate: float = 6.0, count: int = 0) -> None:
        """Let things happen ``rate`` times a minute, until ``count`` orders are placed (0: until `stop`)."""
        if not 0 < rate <= FASTEST or count < 0:
            raise ValueError(f"Buyers order more than 0 and at most {FASTEST:g} times a minute")
        self.stop()
        with self._guard:
            self._stop = threading.Event()
            self._asked, self.placed, self.error = (rate, count), 0, ""
            self._thread = threading.Thread(
                target=self._go, args=(rate, count, self._stop), name="woocommerce-buyers", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Who is ordering finishes that; they may be let in again."""
        with self._guard:
            self._stop.set()
            thread = self._thread
        if thread is not None:
            thread.join(5.0)

    def told(self) -> Json:
        """Whether they order, how fast and how many."""
        with self._guard:
            running = self._thread is not None and self._thread.is_alive() and not self._stop.is_set()
            rate, count = self._asked
            return {
                "running": running,
                "rate": rate,
                "count": count,
                "placed": self.placed,
                "error": self.error,
            }

    def _go(self, rate: float, count: int, stop: threading.Event) -> None:
        due = time.monotonic()
        try:
            while not stop.wait(TICK_S):
                while due <= time.monotonic() and not (count and self.placed >= count) and not stop.is_set():
                    self.step()
                    due += 60.0 / rate
                if count and self.placed >= count:
                    return
        except Exception as error:  # noqa: BLE001 - told to whoever looks; the shop itself goes on
            self.error = f"{type(error).__name__}: {error}"
