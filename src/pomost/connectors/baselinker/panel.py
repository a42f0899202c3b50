"""Methods for what people arrange in the panel: statuses and their groups, carts of the packing assistant, printouts.

Parameters of the carts are known from one client only, and the answers' keys are read in more than one form: nothing
of Pomost depends on them. Failures are those of `client.Wire.call`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pomost.connectors.baselinker.calls import Calls, given
from pomost.connectors.baselinker.wire_types import number_in
from pomost.ports import Json

Subject = Literal["Order", "OrderReturn"]
"""Whose statuses are meant: the methods of both are alike."""
CART_ORDERS = 20
"""So many orders one call puts into a cart."""


class Panel(Calls):
    """The wire with these methods on it."""

    # statuses and their groups

    def get_status_groups(self, of: Subject = "Order") -> list[Json]:
        """getOrderStatusGroups, getOrderReturnStatusGroups."""
        return self._rows(f"get{of}StatusGroups", "groups")

    def add_status(self, name: str, short_name: str, color: str, of: Subject = "Order", **more: Any) -> int:
        """addOrderStatus, addOrderReturnStatus: makes a status, or changes the one of ``status_id``.

        ``name`` has room for 30 characters, ``short_name`` for 17; ``color`` is ``#rrggbb``. ``more``: status_id,
        name_for_customer, type, group_id, comments. Not repeatable without ``status_id``.
        """
        asked = given(name=name, short_name=short_name, color=color, **more)
        return self._made(f"add{of}Status", "status_id", asked)

    def delete_status(self, status_id: int, target_status_id: int, of: Subject = "Order") -> None:
        """deleteOrderStatus, deleteOrderReturnStatus: what stands in it moves to ``target_status_id``."""
        self._write(f"delete{of}Status", {"status_id": status_id, "target_status_id": target_status_id})

    def add_status_group(self, name: str, of: Subject = "Order", group_id: int | None = None) -> int:
        """addOrderStatusGroup, addOrderReturnStatusGroup. Not repeatable without ``group_id``."""
        return self._made(f"add{of}StatusGroup", "group_id", given(name=name, group_id=group_id))

    def delete_status_group(self, group_id: int, of: Subject = "Order") -> None:
        """deleteOrderStatusGroup, deleteOrderReturnStatusGroup."""
        self._write(f"delete{of}StatusGroup", {"group_id": group_id})

    # picking, packing, printing

    def get_order_pick_pack_history(self, order_id: int, action_type: int | None = None) -> list[Json]:
        """Who picked and packed the order; action types 1-17 of the reference, section 5.4."""
        asked = given(order_id=order_id, action_type=action_type)
        return self._rows("getOrderPickPackHistory", "history", asked)

    def get_order_printout_templates(self) -> list[Json]:
        """Rows: printout_id, name, file_format, language."""
        return self._rows("getOrderPrintoutTemplates", "printouts")

    def get_pick_pack_carts(self) -> list[Json]:
        """Rows: cart_id, name."""
        return self._rows("getPickPackCarts", "carts")

    def get_pick_pack_cart_orders(self, cart_id: int) -> list[Json]:
        """The orders in a cart."""
        return self._rows("getPickPackCartOrders", "orders", {"cart_id": cart_id})

    def get_pick_pack_order_cart(self, order_id: int) -> int:
        """The cart in which the order is; 0 when in none."""
        return number_in(self.call("getPickPackOrderCart", {"order_id": order_id}), "cart_id")

    def add_pick_pack_cart(self, name: str) -> int:
        """Not repeatable; gives the cart's id."""
        return self._made("addPickPackCart", "cart_id", {"name": name})

    def add_pick_pack_orders_to_cart(self, cart_id: int, order_ids: Iterable[int]) -> None:
        """One call for every 20 orders."""
        ids = list(order_ids)
        for start in range(0, len(ids), CART_ORDERS):
            asked = {"cart_id": cart_id, "order_ids": ids[start : start + CART_ORDERS]}
            self._write("addPickPackOrdersToCart", asked)

    def delete_pick_pack_cart(self, cart_id: int) -> None:
        """Its orders are in no cart then."""
        self._write("deletePickPackCart", {"cart_id": cart_id})

    def delete_pick_pack_cart_orders(self, cart_id: int) -> None:
        """Empties the cart."""
        self._write("deletePickPackCartOrders", {"cart_id": cart_id})

    def delete_pick_pack_order_from_cart(self, order_id: int) -> None:
        """Takes one order out of its cart."""
        self._write("deletePickPackOrderFromCart", {"order_id": order_id})
