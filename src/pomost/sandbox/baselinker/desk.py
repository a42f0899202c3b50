"""What happens in the shop apart from the API: buyers order, its own people edit, pack and cancel."""

import dataclasses
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from pomost.sandbox.baselinker import crowd as crowds
from pomost.sandbox.baselinker import (
    defaults,
    inventory_desk,
    inventory_sales,
    journal,
    rearranging,
    replay,
    returns,
    writing,
)
from pomost.sandbox.baselinker.buying import plain_order
from pomost.sandbox.baselinker.faults import Faults
from pomost.sandbox.baselinker.life import Life, Pace
from pomost.sandbox.baselinker.limits import Limiter
from pomost.sandbox.baselinker.mix import Mix
from pomost.sandbox.baselinker.orders import shown_fields, total
from pomost.sandbox.baselinker.protocol import Json, Refusal, money
from pomost.sandbox.baselinker.purchases import FIRST_SHOP_ORDER, make_order
from pomost.sandbox.baselinker.settings import Settings
from pomost.sandbox.baselinker.state import Account

CANCELLED = "Anulowane"


class Shop(inventory_desk.GoodsDesk):
    """One shop account with everything that acts on it. All acts may be called from any thread."""

    def __init__(self, path: Path | None, settings: Settings, seed: int = 0) -> None:
        self.settings = settings
        self.account = Account(path, settings)
        self.limiter = Limiter(self.account)
        self.faults = Faults()
        self.account.lateness = self.faults.lateness
        self._seed = seed
        self._lives: dict[Pace, Life] = {}
        self.crowd = crowds.Crowd(self)

    def act(self, name: str, arguments: Json) -> Any:
        """Do one act by its name.

        Raises ``LookupError`` for an unknown act or thing and ``ValueError`` for a wrong value.
        """
        act = ACTS.get(name)
        if act is None:
            raise LookupError(f"The sandbox knows no act {name!r}")
        with self.account.transaction():
            try:
                return act(self, **arguments)
            except Refusal as refusal:
                raise LookupError(f"{name}: {refusal.message}") from refusal

    # orders

    def add_order(self, order: Json) -> int:
        account, now = self.account, self.account.now()
        made: Json = {
            **defaults.ORDER,
            "date_confirmed": now,
            "date_add": now,
            "date_in_status": now,
            **order,
        }
        status = made.pop("status", None) or made["order_status_id"] or defaults.STATUSES[0][0]
        made["order_status_id"] = status if isinstance(status, int) else account.status_id(status)
        if not made["order_id"]:
            made["order_id"] = account.next_id("order")
        account.used_id("order", made["order_id"])
        if not made["confirmed"]:
            made["date_confirmed"] = 0
        made["products"] = [writing.new_line(account, line, from_channel=True) for line in made["products"]]
        for line in made["products"]:
            account.used_id("line", line["order_product_id"])
        made["custom_extra_fields"] = dict(made["custom_extra_fields"] or {})
        for side in ("delivery", "invoice"):
            if f"{side}_country" not in order:
                code = made[f"{side}_country_code"]
                made[f"{side}_country"] = defaults.COUNTRIES.get(code, code)
        writing.place_order(account, made)
        if self.settings.stock_follows_orders:
            inventory_sales.sell(account, made)
        return int(made["order_id"])

    def place(self, orders: int = 1, **overrides: Any) -> list[int]:
        bought = (self._bought(overrides) for _ in range(orders))
        return [self.add_order(order) for order in bought if self.to_be_had(order) is not None]

    def to_be_had(self, order: Json) -> list[int] | None:
        """Cut a buyer's order to the stock where they get no more; which lines are left, None when nothing is."""
        if self.settings.sell_beyond_stock:
            return [*range(len(order["products"]))]
        return inventory_sales.within_stock(self.account, order)

    def _bought(self, overrides: Json) -> Json:
        if not self._seed:
            order = plain_order(self.account.now(), overrides)
        else:
            # A chance of its own for each order: a restarted sandbox goes on and does not repeat itself.
            serial = self.account.next_id("serial")
            chance = random.Random(f"{self._seed}/{serial}")
            order = make_order(chance, self.account.now(), serial, **{"confirmed": True, **overrides})
        # A wish may name a product of the catalogue, or that there is none.
        if not any("product_id" in line for line in overrides.get("lines") or []):
            inventory_sales.link(self.account, order)
        return order

    def live(
        self, seconds: float, rate: float = 6.0, speed: float = 1.0, mix: dict[str, float] | None = None
    ) -> int:
        return self._life(rate, speed, mix).advance(seconds)

    def placed_by(self, rate: float, speed: float) -> int:
        """Orders that buyers of this pace placed so far."""
        with self.account.transaction():
            return self._life(rate, speed, None).placed

    def _life(self, rate: float, speed: float, mix: dict[str, float] | None) -> Life:
        pace = Pace(self._seed or 1, rate, speed, Mix(**(mix or {})))
        if pace not in self._lives:
            self._lives[pace] = Life(self, pace)
        return self._lives[pace]

    def start_buyers(self, rate: float = 6.0, count: int = 0, speed: float = 60.0) -> None:
        self.crowd.start(float(rate), int(count), float(speed))

    def stop_buyers(self) -> None:
        self.crowd.stop()

    def overview(self) -> Json:
        return crowds.overview(self)

    def number_in_shop(self, order: Json) -> None:
        """Give an order of the seller's own shop the next number there; numbers of other channels stay."""
        if order["order_source"] == "shop":
            order["shop_order_id"] = FIRST_SHOP_ORDER + self.account.next_id("serial")
            order["external_order_id"] = str(order["shop_order_id"])

    def replay(self, path: str, vat_rate: Any = 20, recent: bool = False) -> int:
        orders = list(replay.read_orders(Path(path), money(vat_rate)))
        last = max((order["date_confirmed"] for order in orders), default=0)
        later = self.account.now() - last if recent else 0
        placed = 0
        for order in orders:
            if self.account.has_external_order(order["order_source"], order["external_order_id"]):
                continue
            for date in ("date_add", "date_confirmed", "date_in_status"):
                order[date] += later
            self.add_order(order)
            placed += 1
        return placed

    def count(self, status: int | str) -> int:
        return self.account.count_in_status(self.account.status_id(status))

    def move_all(self, before: int | str, after: int | str, older_than_s: float = 0) -> int:
        here, there = self.account.status_id(before), self.account.status_id(after)
        latest = self.account.now() - older_than_s
        found = [order_id for order_id, since in self.account.in_status(here) if since <= latest]
        for order_id in found:
            writing.move(self.account, order_id, there)
        return len(found)

    def order(self, order_id: int) -> Json:
        return self._truth(self.account.order(order_id))

    def orders(self) -> list[Json]:
        return [self._truth(order) for order in self.account.orders([], "order_id", -1)]

    def _truth(self, order: Json) -> Json:
        names = {record["id"]: record["name"] for record in self.account.records("status")}
        fields = shown_fields(self.account, "order", order["order_id"], order["custom_extra_fields"])
        return {**order, "status": names.get(order["order_status_id"], ""), "custom_extra_fields": fields}

    def move(self, order_id: int, status: int | str) -> None:
        writing.move(self.account, order_id, self.account.status_id(status))

    def cancel(self, order_id: int) -> None:
        self.move(order_id, CANCELLED)

    def edit(self, order_id: int, **fields: Any) -> None:
        _known(fields, defaults.ORDER, {"order_id", "products"})
        writing.edit_fields(self.account, self.account.order(order_id), fields)

    def edit_line(self, order_id: int, line_id: int, **fields: Any) -> None:
        _known(fields, defaults.LINE, {"order_product_id"})
        sent = {"order_id": order_id, "order_product_id": line_id, **fields}
        writing.set_order_product_fields(self.account, sent)

    def add_line(self, order_id: int, **line: Any) -> int:
        _known(line, defaults.LINE, {"order_product_id"})
        made = writing.add_order_product(self.account, {"order_id": order_id, **line})
        return int(made["order_product_id"])

    def remove_line(self, order_id: int, line_id: int) -> None:
        writing.delete_order_product(self.account, {"order_id": order_id, "order_product_id": line_id})

    def confirm(self, order_id: int) -> None:
        self.confirm_at(order_id, self.account.now())

    def confirm_at(self, order_id: int, second: int) -> None:
        order = self.account.order(order_id)
        order["confirmed"], order["date_confirmed"] = True, second
        self.account.save_order(order)
        self.account.log("order", journal.CONFIRMED, order_id)

    def slip_in(self, second: int) -> None:
        """An order is confirmed in a second that has passed: the oldest waiting one, else a new one."""
        waiting = self.account.orders([("confirmed = ?", 0)], "order_id", 1)
        if waiting:
            self.confirm_at(waiting[0]["order_id"], second)
        else:
            self.add_order(plain_order(second, {}))

    def pay(self, order_id: int, amount: Decimal | float | str | None = None) -> None:
        due = total(self.account.order(order_id)) if amount is None else money(amount)
        sent = {"order_id": order_id, "payment_done": due, "payment_date": self.account.now()}
        writing.set_order_payment(self.account, {**sent, "payment_comment": ""})

    def split(self, order_id: int, lines: dict[Any, int]) -> int:
        items = [
            {"order_product_id": int(line_id), "quantity": quantity} for line_id, quantity in lines.items()
        ]
        asked = {"order_id": order_id, "items_to_split": items}
        return int(rearranging.add_order_by_split(self.account, asked)["new_order_id"])

    def merge(self, main: int, others: list[int], mode: str = "into_main_order") -> int:
        asked = {"main_order_id": main, "order_ids_to_merge": others, "merge_mode": mode}
        made = rearranging.set_orders_merge(self.account, {**asked, "sum_delivery_costs": True})
        return int(made["merged_order_id"])

    def copy(self, order_id: int) -> int:
        return int(rearranging.add_order_duplicate(self.account, {"order_id": order_id})["order_id"])

    def remove(self, order_id: int) -> None:
        rearranging.delete_orders(self.account, {"order_ids": [order_id]})

    def return_goods(self, order_id: int, lines: dict[Any, int]) -> int:
        order, now = self.account.order(order_id), self.account.now()
        products = [{"order_product_id": int(line_id), "quantity": n} for line_id, n in lines.items()]
        asked: Json = {"order_id": order_id, "status_id": defaults.RETURN_STATUSES[0][0], "date_add": now}
        asked |= {"currency": order["currency"], "refunded": False, "products": products}
        return int(returns.add_order_return(self.account, asked)["return_id"])

    def move_return(self, return_id: int, status: int | str) -> None:
        """Staff move a return, as when the parcel is there."""
        found = next(
            (
                one["id"]
                for one in self.account.records("return_status")
                if status in (one["id"], one["name"])
            ),
            None,
        )
        if found is None:
            raise ValueError(f"there is no status of returns {status!r}")
        returns.move(self.account, return_id, found)

    # truth and behaviour

    def invoices(self, order_id: int) -> list[Json]:
        return self.account.records("invoice", order_id)

    def receipts(self, order_id: int) -> list[Json]:
        return self.account.records("receipt", order_id)

    def returns(self, order_id: int) -> list[Json]:
        return self.account.records("return", order_id)

    def invoice_file(self, invoice_id: int) -> bytes | None:
        return self.account.file("invoice", invoice_id, "file")

    def receipt_file(self, receipt_id: int) -> bytes | None:
        return self.account.file("receipt", receipt_id, "file")

    def writes(self, order_id: int | None = None) -> list[Json]:
        return self.account.writes(order_id)

    def calls(self, method: str | None = None) -> list[Json]:
        return self.account.calls(method)

    def file(self, order_id: int, field: int | str) -> bytes | None:
        return self.account.file("order", order_id, self.account.field_id(field))

    def misbehave(self, fault: str, **asked: Any) -> None:
        self.faults.add(fault, **asked)

    def behave(self) -> None:
        self.faults.clear()

    def configure(self, **changes: Any) -> None:
        """Change settings; raises ``ValueError`` for an unknown one or a wrong value, and then changes none."""
        known = [setting.name for setting in dataclasses.fields(self.settings)]
        for name in changes:
            if name not in known:
                raise ValueError(f"The sandbox has no setting {name!r}; it has {', '.join(known)}")
        dataclasses.replace(self.settings, **changes)
        for name, value in changes.items():
            setattr(self.settings, name, value)


def _known(sent: Json, fields: Json, fixed: set[str]) -> None:
    for name in sent:
        if name not in fields or name in fixed:
            raise ValueError(
                f"The field {name!r} cannot be changed; known are {', '.join(sorted({*fields} - fixed))}"
            )


ACTS: dict[str, Callable[..., Any]] = {
    name: getattr(Shop, name)
    for name in [
        "add_order",
        "place",
        "live",
        "start_buyers",
        "stop_buyers",
        "overview",
        "replay",
        "count",
        "move_all",
        "order",
        "orders",
        "move",
        "cancel",
        "edit",
        "edit_line",
        "add_line",
        "remove_line",
        "confirm",
        "pay",
        "split",
        "merge",
        "copy",
        "remove",
        "return_goods",
        "move_return",
        "invoices",
        "receipts",
        "returns",
        "invoice_file",
        "receipt_file",
        "writes",
        "calls",
        "file",
        "misbehave",
        "behave",
        "configure",
        *inventory_desk.ACTS,
    ]
}
