"""The sandbox of a WooCommerce shop: buyers, what happens to their orders, webhooks, and trouble with the host."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from pomost.config.model import Config
from pomost.panel.playing.playable import (
    BUYERS,
    ORDERS,
    SHOWN_ROWS,
    STOP,
    Act,
    Cell,
    Choice,
    Connection,
    Fact,
    Field,
    Form,
    Json,
    Playable,
    Sheet,
    buyers_fact,
    by_status,
    calls_fact,
    calls_sheet,
)

PAYING = ("as-they-do", "paid", "unpaid", "cod")
EDITS = ("note", "one-more", "other-address")
_WISHES: dict[str, Json] = {
    "paid": {"payment": "przelewy24", "paid": True},
    "unpaid": {"payment": "przelewy24", "paid": False},
    "cod": {"payment": "cod", "paid": False},
}


class WooCommerce(Playable):
    """See `Playable`."""

    kind: ClassVar[str] = "woocommerce"
    command: ClassVar[str] = "pomost sandbox --kind woocommerce"
    path: ClassVar[re.Pattern[str]] = re.compile(r"(/[A-Za-z0-9._-]+)*/?")
    where: ClassVar[str] = "path"

    @classmethod
    def connections(cls, config: Config) -> Sequence[Connection]:
        return config.woocommerce

    def stands(self) -> Sequence[Fact]:
        hooks = self.state["hooks"]
        switched = {name: int(hooks[name]) for name in ("on", "off")}
        sent = {name: int(hooks[name]) for name in ("delivered", "failed", "waiting")}
        cells = (
            (Cell("hooks", "said-bad" if switched["off"] else "said", switched), Cell("deliveries", "said", sent))
            if sum(switched.values())
            else ()
        )  # fmt: skip
        return (
            buyers_fact(self.state["buyers"]),
            calls_fact(self.state),
            Fact("hooks", cells, "no-hooks"),
        )

    def lists(self) -> Sequence[Sheet]:
        orders = [
            (
                Cell(int(one["id"]), "code"),
                Cell(one["status"]),
                Cell(f"{one['total']} {one['currency']}"),
            )
            for one in self.state["orders"][:SHOWN_ROWS]
        ]
        calls = [
            (
                f"{call['method']} {call['path']}",
                call["fault"] or str(call["status"]),
                not call["fault"] and call["status"] < 400,
            )
            for call in self.state["calls"]
        ]
        return (
            by_status(self.state, "orders"),
            Sheet("last-orders", ("order", "status", "total"), tuple(orders)),
            calls_sheet(self.state, calls),
        )

    def offers(self) -> Sequence[Form]:
        state = self.state
        seen = [
            Choice(str(one["id"]), about=f"{one['status']} {one['total']} {one['currency']}")
            for one in state["orders"]
        ]
        order = Field("order_id", "whole", least="1", most="2000000000", choices=tuple(seen))
        paying = Field("paying", "choice", choices=tuple(Choice(one, said=True) for one in PAYING))
        change = Field("change", "choice", choices=tuple(Choice(one, said=True) for one in EDITS))
        statuses = tuple(Choice(str(one)) for one in state["known_statuses"])
        amount = Field("amount", "money", least="0.01", most="1000000", required=False)
        back = Field("restock", "choice", choices=(Choice("yes", said=True), Choice("no", said=True)))
        skus = tuple(Choice(str(one)) for one in state["skus"])
        return (
            Form((Act("place", "main"),), (ORDERS, paying)),
            BUYERS,
            STOP,
            Form(
                (Act("pay"), Act("cancel"), Act("trash"), Act("untrash"), Act("delete", "danger")), (order,)
            ),
            Form((Act("set_status"),), (order, Field("status", "choice", choices=statuses))),
            Form((Act("edit"),), (order, change)),
            Form((Act("refund"),), (order, amount, back)),
            Form(
                (Act("set_stock"),),
                (
                    Field("sku", "id", choices=skus),
                    Field("quantity", "whole", "0", "-1000000", "1000000"),
                ),
            ),
            Form((Act("hooks_off", "danger"), Act("hooks_on"), Act("run_queue"))),
        )

    def place_of(self, call: Json) -> str:
        return str(call["path"])

    def do(self, act: str, values: Json) -> None:
        if act == "place":
            self.ask("place", orders=values["orders"], **_WISHES.get(values["paying"], {}))
        elif act == "edit":
            number = values["order_id"]
            self.ask("edit", order_id=number, **self._edited(number, values["change"]))
        elif act == "refund":
            self.ask("refund", **{**values, "restock": values["restock"] == "yes"})
        elif act in ("hooks_on", "hooks_off"):
            self.ask("switch_hooks", on=act == "hooks_on")
        else:
            super().do(act, values)

    def _edited(self, number: int, change: str) -> dict[str, Any]:
        """As somebody would change the order on the shop's own page."""
        if change == "note":
            return {"customer_note": "Proszę o kontakt przed wysyłką"}
        order = self.ask("order", order_id=number)
        if change == "other-address":
            moved = {"address_1": "Nowa 7", "city": "Gdańsk", "postcode": "80-001"}
            return {"shipping": {**order["shipping"], **moved}, "billing": {**order["billing"], **moved}}
        if not order["line_items"]:
            raise ValueError(f"Order {number} has no lines")
        line = order["line_items"][0]
        before, after = line["quantity"], line["quantity"] + 1
        # the money of a line stays as it was unless it is changed too
        sums = {
            name: str(round(Decimal(line[name]) / (before or 1) * after, 2)) for name in ("subtotal", "total")
        }
        return {"line_items": [{"id": line["id"], "quantity": after, **sums}]}
