"""Apaczka's carriers: the way of a parcel, and the account's money."""

from typing import ClassVar

from pomost.sandbox.apaczka.orders import Order
from pomost.sandbox.apaczka.settings import Settings
from pomost.sandbox.depot import Depot, Parcel
from pomost.sandbox.faults import ALWAYS

NO_MONEY = "Brak środków na koncie."


class ApaczkaDepot(Depot):
    """See `Depot`."""

    kind = "apaczka"
    way = ("NEW", "SENT", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED")
    statuses = (*way, "EXCEPTION", "RETURNED", "CANCELLED")
    ended = ("DELIVERED", "RETURNED", "CANCELLED")
    ends: ClassVar[dict[str, str]] = {"send_back": "RETURNED", "refuse": "EXCEPTION"}
    settings: Settings
    _orders: dict[str, Order]

    def parcels(self) -> list[Parcel]:
        with self._lock:
            return [
                Parcel(one.id, one.status, one.waybill(self.settings), str(one.sent.get("comment") or ""))
                for one in self._orders.values()
            ]

    @property
    def has_money(self) -> bool:
        return not any(
            (one["fault"], one["on"], one["left"]) == ("prose-error", "create", None)
            for one in self._faults.asked()
        )

    def take_money(self) -> None:
        """Orders are refused. What Apaczka really says then is not known: any prose will do."""
        self._faults.add("prose-error", "create", ALWAYS, {"message": NO_MONEY})

    def give_money(self) -> None:
        self._faults.withdraw("prose-error", "create")
