"""What happens in the shop apart from the API: buyers order, its own people edit, pack and cancel."""

import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from pomost.sandbox.baselinker import defaults, journal, rearranging, replay, returns, writing
from pomost.sandbox.baselinker.buying import order_of_buyer
from pomost.sandbox.baselinker.faults import Faults
from pomost.sandbox.baselinker.limits import Limiter
from pomost.sandbox.baselinker.orders import shown_fields, total
from pomost.sandbox.baselinker.protocol import Json, Refusal, money
from pomost.sandbox.baselinker.settings import Settings
from pomost.sandbox.baselinker.state import Account

CANCELLED = "Anulowane"


class Shop:
    """One shop account with everything that acts on it. All acts may be called from any thread."""

    def __init__(self, path: Path | None, settings: Settings, seed: int = 0) -> None:
        self.settings = settings
        self.account = Account(path, settings)
        self.limiter = Limiter(self.account)
        self.faults = Faults()
        self.account.lateness = self.faults.lateness
        self._chance = random.Random(seed) if seed else None

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
        return int(made["order_id"])

    def place(self, orders: int = 1, **overrides: Any) -> list[int]:
        account = self.account
        return [
            self.add_order(
                order_of_buyer(self._chance, account.now(), account.next_id("serial"), dict(overrides))
            )
            for _ in range(orders)
        ]

    def replay(self, path: str, vat_rate: int = 20) -> int:
        return sum(1 for order in replay.read_orders(Path(path), vat_rate) if self.add_order(order))

    def count(self, status: int | str) -> int:
        return self.account.count_in_status(self.account.status_id(status))

    def move_all(self, before: int | str, after: int | str, older_than_s: float = 0) -> int:
        here, there = self.account.status_id(before), self.account.status_id(after)
        since = self.account.now() - older_than_s
        found = [
            o
            for o in self.account.orders([("status_id = ?", here)], "order_id", -1)
            if o["date_in_status"] <= since
        ]
        for order in found:
            writing.move(self.account, order["order_id"], there)
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
        writing.edit_fields(self.account, self.account.order(order_id), fields)

    def edit_line(self, order_id: int, line_id: int, **fields: Any) -> None:
        sent = {"order_id": order_id, "order_product_id": line_id, **fields}
        writing.set_order_product_fields(self.account, sent)

    def add_line(self, order_id: int, **line: Any) -> int:
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
        for name, value in changes.items():
            if not hasattr(self.settings, name):
                raise ValueError(f"The sandbox has no setting {name!r}")
            setattr(self.settings, name, value)


ACTS: dict[str, Callable[..., Any]] = {
    name: getattr(Shop, name)
    for name in [
        "add_order",
        "place",
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
    ]
}
