"""Time that passes in the shop: buyers order, pay, change their minds and return; staff pack and send."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pomost.sandbox.baselinker import writing
from pomost.sandbox.baselinker.buyers import WAITS, Buyers, Event
from pomost.sandbox.baselinker.mix import MIX, Mix
from pomost.sandbox.baselinker.protocol import Json, Refusal
from pomost.sandbox.baselinker.staff import DELIVERED, SENT, Staff

if TYPE_CHECKING:
    from pomost.sandbox.baselinker.desk import Shop

log = logging.getLogger(__name__)

# What nobody can do any more once the parcel has left.
BEFORE_SENDING = ("edit_line", "edit_address", "cancel", "split", "merge")
GONE = (SENT, DELIVERED)
# Keeps the seeds and the orders of several lives apart.
APART = 1_000_000_007
# Going on means taking all earlier events once more, some seconds for this many.
LONGEST = 20_000


@dataclass(frozen=True)
class Pace:
    """How a shop lives. Two lives of the same pace are alike, event by event."""

    seed: int = 1
    rate: float = 6.0
    """Orders per minute."""
    speed: float = 1.0
    """What buyers do after ordering comes so many times sooner than in real life, where it takes minutes to days."""
    mix: Mix = MIX


class Life:
    """The buyers of one shop, who act as time passes.

    Their time is the caller's: `advance` says how much of it has passed. What has happened is kept with the account,
    so that a life goes on where it stopped when the sandbox was restarted with the same pace (one of more than
    `LONGEST` events ends with the process, and another begins). Lives of several paces run beside each other and have
    buyers of their own.
    """

    def __init__(self, shop: "Shop", pace: Pace) -> None:
        if pace.speed <= 0:
            raise ValueError(f"Life cannot have the speed {pace.speed}; write more than 0")
        self.pace = pace
        self._shop = shop
        with shop.account.transaction():
            self._done = self._kept()
        waits = {act: (least / pace.speed, most / pace.speed) for act, (least, most) in WAITS.items()}
        seed = pace.seed + APART * self._done["life"]
        self._buyers = Buyers(seed, pace.mix, pace.rate, waits=waits)
        # What has happened is taken from the buyers once more, without happening again.
        for _ in range(self._done["events"]):
            next(self._buyers)

    @property
    def placed(self) -> int:
        """Orders that its buyers placed so far, or wished to."""
        return int(self._done["placed"])

    def _kept(self) -> Json:
        """What has happened so far in this life, which is noted as begun."""
        account, pace = self._shop.account, asdict(self.pace)
        lives = account.records("life")
        for kept in lives:
            if kept["pace"] == pace and kept["events"] <= LONGEST:
                return kept
        begun: Json = {"life": len(lives), "pace": pace, "events": 0, "placed": 0, "passed_s": 0.0}
        account.save_record("life", begun["life"], begun)
        return begun

    def advance(self, seconds: float) -> int:
        """Let so many seconds pass and all that is due in them happen; how many events that were."""
        account = self._shop.account
        until = self._done["passed_s"] + seconds
        events = self._buyers.due(until)
        for event in events:
            with account.transaction():
                self._happen(event)
                self._done["events"] += 1
                account.save_record("life", self._done["life"], {**self._done, "passed_s": event.at})
        self._done["passed_s"] = until
        return len(events)

    def _happen(self, event: Event) -> None:
        if event.act == "place":
            self._place(event)
            return
        try:
            self._act(event)
        except Refusal as refusal:
            # Somebody else, or the program under trial, was first: the order is gone, or its line is.
            log.info("A buyer could not %s: %s", event.act, refusal.message)

    def _place(self, event: Event) -> None:
        account, order = self._shop.account, dict(event.args["order"])
        # Buyers' time is not the account's: nothing may be confirmed in the past.
        later = account.now() - int(event.at)
        for date in ("date_add", "date_confirmed", "date_in_status"):
            order[date] = order[date] + later if order[date] else 0
        self._shop.number_in_shop(order)
        lines = [0] * len(order["products"])
        kept = self._shop.to_be_had(order)
        if kept is not None:
            order_id = self._shop.add_order(order)
            for place, line in zip(kept, account.order(order_id)["products"], strict=True):
                lines[place] = line["order_product_id"]
            placed = {"order_id": order_id, "lines": lines}
            account.save_record("lived_order", self._key(self._done["placed"]), placed)
        self._done["placed"] += 1

    def _key(self, nth: int) -> int:
        return APART * int(self._done["life"]) + nth

    def _act(self, event: Event) -> None:
        shop, args = self._shop, dict(event.args)
        placed = shop.account.record("lived_order", self._key(args.pop("nth")))
        order_id = placed["order_id"]
        if event.act in BEFORE_SENDING and shop.order(order_id)["status"] in GONE:
            return
        if "lines" in args:
            args["lines"] = {placed["lines"][place]: quantity for place, quantity in args["lines"].items()}
        if event.act == "edit_line":
            shop.edit_line(order_id, placed["lines"][args["line"]], quantity=args["quantity"])
        elif event.act == "edit_address":
            shop.edit(order_id, **args["fields"])
        elif event.act == "merge":
            others = [
                shop.account.record("lived_order", self._key(nth))["order_id"] for nth in args["others"]
            ]
            shop.merge(order_id, others)
        else:
            acts: dict[str, Callable[..., Any]] = {
                "confirm": shop.confirm,
                "pay": shop.pay,
                "cancel": shop.cancel,
                "return_goods": shop.return_goods,
                "split": shop.split,
                "copy": shop.copy,
            }
            acts[event.act](order_id, **args)


def work(shop: "Shop", staff: Iterable[Staff]) -> int:
    """Let staff move what is due by the account's clock; how many orders that were."""
    moved = 0
    account = shop.account
    for one in staff:
        with account.transaction():
            there = account.in_status(account.status_id(one.packs_from))
            waiting = ((order_id, one.packs_from, since) for order_id, since in there)
            for order_id, status in one.moves(waiting, account.settings.clock()):
                writing.move(account, order_id, account.status_id(status))
                moved += 1
    return moved
