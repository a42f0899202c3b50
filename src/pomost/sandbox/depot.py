"""What the people of a carrier can do with parcels, wherever the sandbox runs, and how the carrier stands."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pomost.sandbox import control

if TYPE_CHECKING:
    from collections import deque

    from pomost.sandbox.carriers import Call, Faults

Json = dict[str, Any]
SHOWN = 40
VERBS = (
    "shipments", "bought", "calls", "move", "move_on", "deliver", "send_back", "refuse", "take_money", "give_money",
    "misbehave", "behave", "configure", "overview",
)  # fmt: skip
"""What can be asked of a carrier in another process."""


@dataclass(frozen=True)
class Parcel:
    """A shipment as the depot sees it. ``number`` is that of its label, "" while there is none."""

    id: str
    status: str
    number: str
    reference: str


class Depot:
    """The people of a carrier. An unknown parcel raises ``LookupError``, one that can't be moved so ``ValueError``.

    A sandbox says the way of its parcels and where they lie.
    """

    kind: ClassVar[str] = ""
    statuses: ClassVar[tuple[str, ...]] = ()
    """Every status that is known, in the order of a parcel's life."""
    way: ClassVar[tuple[str, ...]] = ()
    """Where parcels usually come by, from the one whose label is paid for to the one that is delivered."""
    ended: ClassVar[tuple[str, ...]] = ()
    """After these nobody moves a parcel by himself."""
    ends: ClassVar[dict[str, str]] = {}
    """The status that each of ``send_back`` and ``refuse`` gives."""
    settings: Any
    url: str
    _faults: Faults
    _calls: deque[Call]
    _lock: Any

    # what a sandbox says

    def parcels(self) -> list[Parcel]:
        """All of them, oldest first."""
        raise NotImplementedError

    def move(self, shipment_id: int | str, status: str, /) -> None:
        raise NotImplementedError

    @property
    def has_money(self) -> bool:
        return True

    def take_money(self) -> None:
        """The account is empty: what is ordered can't be paid for."""
        raise NotImplementedError

    def give_money(self) -> None:
        """The account is filled up."""
        raise NotImplementedError

    # the people

    def move_on(self, parcel: int | str = "") -> list[str]:
        """To the next stop of the usual way; without a parcel all that are under way and have one. The ids of those that
        moved."""
        with self._lock:
            wished = [(one, self._next(one)) for one in self._meant(parcel)]
            if str(parcel) and (ended := [one for one, stop in wished if not stop]):
                raise ValueError(f"Parcel {ended[0].id} is {ended[0].status}: its way has ended")
            return self._moved([(one, stop) for one, stop in wished if stop])

    def deliver(self, parcel: int | str = "") -> list[str]:
        """At once, wherever it is; see `move_on`."""
        with self._lock:
            return self._moved([(one, self.way[-1]) for one in self._meant(parcel)])

    def send_back(self, parcel: int | str = "") -> list[str]:
        """It comes back to the sender; see `move_on`."""
        with self._lock:
            return self._moved([(one, self.ends["send_back"]) for one in self._meant(parcel)])

    def refuse(self, parcel: int | str = "") -> list[str]:
        """The receiver does not take it; see `move_on`."""
        with self._lock:
            return self._moved([(one, self.ends["refuse"]) for one in self._meant(parcel)])

    def configure(self, **changes: Any) -> None:
        """Change settings while it runs. Raises ``ValueError`` for an unknown one, and then changes none."""
        if unknown := sorted(changes.keys() - (vars(self.settings).keys() - {"clock"})):
            raise ValueError(f"The sandbox knows no setting {', '.join(unknown)}")
        with self._lock:
            for name, value in changes.items():
                setattr(self.settings, name, value)

    def ask(self, name: str, arguments: Json) -> Any:
        """Do the act, or tell the list, named so; for a sandbox in another process."""
        if name not in VERBS:
            raise LookupError(f"The sandbox knows no act {name!r}; it knows {', '.join(VERBS)}")
        if name == "move":
            for parcel in self._meant(arguments["parcel"]):
                self.move(parcel.id, str(arguments["status"]))
            return None
        found = getattr(self, name)
        return found(**arguments) if callable(found) else found

    def overview(self) -> Json:
        """How the carrier stands, and what can be asked of it."""
        now = time.time()
        with self._lock:
            parcels, calls = self.parcels(), list(self._calls)
        counted = Counter(one.status for one in parcels)
        order = {status: place for place, status in enumerate(self.statuses)}
        return {
            "sandbox": self.kind,
            "faults": list(self._faults.known),
            "asked": self._faults.asked(),
            "statuses": [
                {"name": status, "parcels": counted[status]}
                for status in sorted(counted, key=lambda one: (order.get(one, len(order)), one))
            ],
            "known_statuses": list(self.statuses),
            "parcels": [vars(one) for one in reversed(parcels[-SHOWN:])],
            "calls": [
                {"name": call.name, "at": call.at, "outcome": call.outcome}
                for call in reversed(calls[-SHOWN:])
            ],
            "last_minute": sum(1 for call in calls[-5_000:] if call.at > now - 60),
            "now": now,
            "money": self.has_money,
        }

    def _meant(self, parcel: int | str) -> Sequence[Parcel]:
        """The parcel, or all that are under way."""
        everything = self.parcels()
        if str(parcel):
            named = [one for one in everything if str(parcel) in (one.id, one.number)]
            if not named:
                raise LookupError(f"The carrier has no parcel {parcel}")
            return named
        return [one for one in everything if one.number and one.status not in self.ended]

    def _next(self, parcel: Parcel) -> str:
        """The stop after that where it is, "" after the last; what was refused goes back."""
        if parcel.status in self.ended:
            return ""
        if parcel.status == self.ends["refuse"]:
            return self.ends["send_back"]
        here = self.statuses.index(parcel.status) if parcel.status in self.statuses else -1
        return next((stop for stop in self.way if self.statuses.index(stop) > here), "")

    def _moved(self, wished: list[tuple[Parcel, str]]) -> list[str]:
        if unpaid := [one.id for one, _ in wished if not one.number]:
            raise ValueError(f"Nobody paid for parcel {', '.join(unpaid)} yet")
        for one, status in wished:
            self.move(one.id, status)
        return [one.id for one, _ in wished]


class RemoteCarrier(control.Remote):
    """A running sandbox of a carrier known by its ``url``: every act in ``VERBS`` is a method.

    ``remote.move(parcel=300100017, status="delivered")``; refusals are those of `Depot`.
    """
