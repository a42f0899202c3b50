"""The seller's people, who pack orders and see parcels delivered.

Whether they deal with an order, and after how long, follows from the seed and the order's id alone: it does not
matter how often or in which order they are asked.
"""

import random
from collections.abc import Iterable

IN_PROGRESS, PACKED, SENT, DELIVERED = "W realizacji", "Spakowane", "Wysłane", "Doręczone"


class Staff:
    """One kind of work: taking orders from one status to another.

    ``after_s`` is how long an order stays before it is dealt with, a fixed time or the least and most seconds;
    ``share``, from 0 to 1, is the part of orders that are dealt with at all: the others stay.
    """

    def __init__(
        self,
        seed: int,
        packs_from: str = IN_PROGRESS,
        packs_to: str = PACKED,
        after_s: float | tuple[float, float] = (600, 7200),
        share: float = 1.0,
    ) -> None:
        least, most = after_s if isinstance(after_s, tuple) else (after_s, after_s)
        if not 0 <= least <= most:
            raise ValueError(
                f"Staff from {packs_from!r} to {packs_to!r}: after_s is {after_s}; write seconds, least before most"
            )
        if not 0 <= share <= 1:
            raise ValueError(
                f"Staff from {packs_from!r} to {packs_to!r}: share is {share}; write a number from 0 to 1"
            )
        if packs_from == packs_to:
            raise ValueError(f"Staff would move orders from {packs_from!r} to itself; write two statuses")
        self._seed = seed
        self.packs_from = packs_from
        self.packs_to = packs_to
        self._least, self._most = least, most
        self._share = share

    @classmethod
    def deliverers(
        cls, seed: int, after_s: float | tuple[float, float] = (86_400, 259_200), share: float = 0.97
    ) -> "Staff":
        """The carriers' part: what was sent arrives after one to three days; some parcels never do."""
        return cls(seed, SENT, DELIVERED, after_s, share)

    def moves(self, orders: Iterable[tuple[int, str, float]], now: float) -> list[tuple[int, str]]:
        """Which of the orders (id, name of status, in it since) are to be moved by ``now``, and where to.

        Those that were due first come first.
        """
        due = []
        for order_id, status, since in orders:
            if status != self.packs_from:
                continue
            after = self._dwell(order_id)
            if after is not None and since + after <= now:
                due.append((since + after, order_id))
        return [(order_id, self.packs_to) for _, order_id in sorted(due)]

    def _dwell(self, order_id: int) -> float | None:
        # Text seeds are hashed by random itself, alike in every process.
        chance = random.Random(f"{self._seed}/{self.packs_from}/{self.packs_to}/{order_id}")
        dealt_with = chance.random() < self._share
        after = chance.uniform(self._least, self._most)
        return after if dealt_with else None
