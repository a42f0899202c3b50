"""Buyers: the orders they place over time, and what becomes of them afterwards.

Everything follows from the seed: the same seed gives the same events.
"""

import heapq
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pomost.sandbox.baselinker import people
from pomost.sandbox.baselinker.catalogue import ITEMS, Item
from pomost.sandbox.baselinker.mix import MIX, STORIES, Mix
from pomost.sandbox.baselinker.purchases import Order, make_order, money, total

__all__ = ["MIX", "WAITS", "Buyers", "Event", "Mix", "Order", "make_order", "total"]

HOUR, DAY = 3600.0, 86_400.0
WAITS: dict[str, tuple[float, float]] = {
    "confirm": (20, 900),
    "pay": (60, 8 * HOUR),
    "edit_line": (60, 2 * HOUR),
    "edit_address": (60, 4 * HOUR),
    "cancel": (60, 6 * HOUR),
    "return_goods": (2 * DAY, 14 * DAY),
    "split": (300, 4 * HOUR),
    "merge": (120, 2 * HOUR),
    "copy": (300, DAY),
}
"""Seconds between an order (or its confirmation or payment, when later) and the act: least and most."""

_BUYER_FIELDS = ("phone", "email", "user_login", "want_invoice", "order_source", "order_source_id")


@dataclass(frozen=True)
class Event:
    """Something that buyers, or the seller at their request, do at the second ``at``.

    ``act`` and its ``args``; orders are meant by ``nth``, counting the placed ones from 0, and lines by their place in
    the order as it was placed, from 0:

    - place: order (a raw order, see `make_order`)
    - confirm: nth
    - pay: nth (in full)
    - edit_line: nth, line, quantity
    - edit_address: nth, fields (new values of order fields)
    - cancel: nth
    - return_goods: nth, lines (line to quantity)
    - split: nth, lines (line to quantity)
    - merge: nth (the main order), others (list of nth)
    - copy: nth
    """

    at: float
    act: str
    args: dict[str, Any]


class Buyers:
    """Endless events in the order of time; orders come by chance, ``rate_per_minute`` of them on average.

    The clock is the caller's: take events one by one with ``next``, or those that are due with `due`, at any speed.
    ``now`` is the second at which buyers begin. An order meets at most one of edit, cancellation, return, split, merge
    and copy, and only where it makes sense: nobody returns what they have not confirmed and paid.

    ``waits`` replaces entries of `WAITS`, for example to see returns within minutes.
    """

    def __init__(
        self,
        seed: int,
        mix: Mix = MIX,
        rate_per_minute: float = 6,
        now: float = 0,
        items: Sequence[Item] = ITEMS,
        waits: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        if rate_per_minute <= 0:
            raise ValueError(f"Buyers cannot place {rate_per_minute} orders per minute; write more than 0")
        unknown = (waits or {}).keys() - WAITS.keys()
        if unknown:
            raise ValueError(f"Nobody waits for {', '.join(sorted(unknown))}; known are {', '.join(WAITS)}")
        for act, (least, most) in (waits or {}).items():
            if not 0 <= least <= most:
                raise ValueError(f"Buyers: {act} waits ({least}, {most}); write seconds, least before most")
        self._rng = random.Random(seed)
        self._mix = mix
        self._per_second = rate_per_minute / 60
        self._items = items
        self._waits = {**WAITS, **(waits or {})}
        self._later: list[tuple[float, int, Event]] = []
        self._noted = 0
        self._placed = 0
        self._second_order: tuple[int, Order] | None = None
        self._next_order_at = now + self._rng.expovariate(self._per_second)

    def __iter__(self) -> "Buyers":
        return self

    def __next__(self) -> Event:
        if self._later and self._later[0][0] <= self._next_order_at:
            return heapq.heappop(self._later)[2]
        return self._place()

    def due(self, now: float) -> list[Event]:
        """All events up to and including ``now`` that have not been taken yet."""
        events = []
        while min([self._next_order_at, *(entry[0] for entry in self._later[:1])]) <= now:
            events.append(next(self))
        return events

    def _place(self) -> Event:
        at, nth = self._next_order_at, self._placed
        if self._second_order is None:
            order = make_order(self._rng, int(at), nth, self._mix, self._items)
            self._foresee(nth, at, order)
        else:
            first, earlier = self._second_order
            self._second_order = None
            order = self._again(earlier, nth, int(at))
            self._note(self._after("merge", at), "merge", {"nth": first, "others": [nth]})
        self._placed += 1
        self._next_order_at = at + self._rng.expovariate(self._per_second)
        return Event(at, "place", {"order": order})

    def _again(self, earlier: Order, nth: int, now: int) -> Order:
        """A second order of the same buyer, paid and confirmed, that can be sent together with the first."""
        persons = replace(
            self._mix, person=1, person_wants_invoice=0, company=0, consumer_abroad=0, company_abroad=0
        )
        wishes = {"source": earlier["order_source"], "cod": False, "confirmed": True, "paid": True}
        order = make_order(self._rng, now, nth, persons, self._items, **wishes)
        same = {
            key: value
            for key, value in earlier.items()
            if key in _BUYER_FIELDS or (key.startswith(("delivery_", "invoice_")) and key != "delivery_price")
        }
        return order | same

    def _foresee(self, nth: int, at: float, order: Order) -> None:
        """Note what will become of an order."""
        story = self._story()
        settled = at
        if not order["confirmed"]:
            if self._rng.random() >= self._mix.confirms:
                return
            settled = self._note(self._after("confirm", at), "confirm", {"nth": nth})
        paid = order["payment_method_cod"] == "1" or money(order["payment_done"]) >= total(order)
        # Only what is settled at once can wait for a second order to be sent with.
        ready = paid and settled == at and order["payment_method_cod"] == "0" and order["currency"] == "PLN"
        if story == "merges" and ready:
            self._second_order = (nth, order)
            return
        if not paid and story != "cancels" and self._rng.random() < self._mix.pays:
            settled = self._note(self._after("pay", settled), "pay", {"nth": nth})
            paid = True
        self._tell(story, nth, settled, order, paid)

    def _story(self) -> str:
        shares = [getattr(self._mix, name) for name in STORIES]
        nothing = max(0.0, 1 - sum(shares))
        return self._rng.choices([*STORIES, ""], [*shares, nothing])[0]

    def _tell(self, story: str, nth: int, settled: float, order: Order, paid: bool) -> None:
        goods = [(index, line["quantity"]) for index, line in enumerate(order["products"]) if line["sku"]]
        index, quantity = self._rng.choice(goods)
        part = {index: self._rng.randint(1, quantity)}
        if story == "edits_line":
            changed = quantity - 1 if quantity > 1 and self._rng.random() < 0.5 else quantity + 1
            self._act("edit_line", settled, {"nth": nth, "line": index, "quantity": changed})
        elif story == "edits_address":
            self._act("edit_address", settled, {"nth": nth, "fields": self._new_address(order)})
        elif story == "cancels":
            self._act("cancel", settled, {"nth": nth})
        elif story == "returns" and paid:
            self._act("return_goods", settled, {"nth": nth, "lines": part})
        elif story == "splits" and len(goods) > 1:
            self._act("split", settled, {"nth": nth, "lines": part})
        elif story == "splits" and quantity > 1:
            self._act("split", settled, {"nth": nth, "lines": {index: self._rng.randint(1, quantity - 1)}})
        elif story == "copies":
            self._act("copy", settled, {"nth": nth})

    def _new_address(self, order: Order) -> dict[str, Any]:
        if order["delivery_country_code"] != "PL":
            return {"delivery_address": f"{order['delivery_address']}, 2", "phone": "+49000000101"}
        address = self._rng.choice(people.ADDRESSES)
        return {
            "delivery_address": f"{address.street} lok. {self._rng.randint(1, 40)}",
            "delivery_city": address.city,
            "delivery_postcode": address.postcode,
        }

    def _act(self, act: str, since: float, args: dict[str, Any]) -> None:
        self._note(self._after(act, since), act, args)

    def _after(self, act: str, since: float) -> float:
        return since + self._rng.uniform(*self._waits[act])

    def _note(self, at: float, act: str, args: dict[str, Any]) -> float:
        self._noted += 1
        heapq.heappush(self._later, (at, self._noted, Event(at, act, args)))
        return at
