"""InPost's people: the way of a parcel to a locker, and the account's money."""

from typing import Any, ClassVar

from pomost.sandbox.depot import Depot, Parcel
from pomost.sandbox.shipx.life import Life
from pomost.sandbox.shipx.settings import Settings
from pomost.sandbox.shipx.statuses import NAMES


class InPostDepot(Depot):
    """See `Depot`."""

    kind = "shipx"
    statuses = NAMES
    way = (
        "confirmed",
        "dispatched_by_sender",
        "adopted_at_source_branch",
        "sent_from_source_branch",
        "adopted_at_target_branch",
        "out_for_delivery",
        "ready_to_pickup",
        "delivered",
    )
    ended = ("delivered", "return_pickup_confirmation_to_sender", "returned_to_sender", "canceled")
    ends: ClassVar[dict[str, str]] = {"send_back": "returned_to_sender", "refuse": "rejected_by_receiver"}
    settings: Settings
    _lives: dict[int, Life]

    def parcels(self) -> list[Parcel]:
        with self._lock:
            now = self.settings.clock()
            for life in self._lives.values():
                life.advance(now, self.settings)
            return [_seen(life.shown) for life in self._lives.values()]

    @property
    def has_money(self) -> bool:
        return self.settings.money

    def take_money(self) -> None:
        """What is ordered from now on is made and not paid for."""
        self.settings.money = False

    def give_money(self) -> None:
        self.settings.money = True


def _seen(shown: dict[str, Any]) -> Parcel:
    number, reference = shown["tracking_number"] or "", str(shown["reference"] or "")
    return Parcel(str(shown["id"]), shown["status"], number, reference)
