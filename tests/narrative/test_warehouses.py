"""A10: orders whose goods lie in several warehouses, as an accountant would tell it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.baselinker.catalogue import as_dicts
from tests.house import TODAY, House

FLOW = {"preset": "gather-ro-fs-wz", "warehouse": "MAG"}
WAREHOUSES = [{"company": "main", "code": code} for code in ("MAG", "SKLEP", "ZAPAS")]
MUGS = [{"sku": "KUBEK-1", "quantity": 5}]


def bring(home: House, warehouse: str, quantity: int, sku: str = "KUBEK-1", cost: str = "5.00") -> None:
    key = f"in-{warehouse}-{sku}-{len(home.ledger.documents(kind='PW'))}"
    goods = {sku: (Decimal(quantity), Decimal(cost))}
    home.ledger.issue(receive_draft("main", warehouse, key, TODAY, goods))


def open_house(house: Callable[..., House], **more: Any) -> House:
    home = house(stocked=False, **{"flow": FLOW, "warehouses": WAREHOUSES, **more})
    home.ledger.setup.add_items("main", as_dicts())
    return home


def stock(home: House, sku: str = "KUBEK-1") -> dict[str, tuple[Decimal, Decimal]]:
    return {
        code: (level.quantity, level.reserved)
        for code, level in home.ledger.stock("main", sku).items()
        if level.quantity or level.reserved
    }


def moves(home: House, order: int) -> list[tuple[str, str, str, Decimal]]:
    return [
        (one.number, one.warehouse, one.target, one.lines[0].quantity)
        for one in home.documents(order)
        if one.kind == "MM"
    ]


def field(shop: Sandbox, order: int, number: str) -> Any:
    return shop.order(order)["custom_extra_fields"].get(number)


def placed(shop: Sandbox, lines: list[dict[str, Any]] = MUGS, **more: Any) -> int:
    return shop.place(lines=lines, **{"paid": True, "nip": "1234563218", "delivery_price": "0", **more})[0]


def test_a10_what_lies_in_another_warehouse_is_moved_before_it_is_issued(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = open_house(house)
    bring(home, "MAG", 2)
    bring(home, "SKLEP", 10)

    # Five mugs are ordered. Two are in the warehouse that sends, the others in the shop.
    order = placed(shop)
    home.run_until(lambda: field(shop, order, "51013") is not None)

    # One MM brings the three that are missing; they stay reserved for this order.
    assert moves(home, order) == [("MM/1/2026", "SKLEP", "MAG", 3)]
    assert stock(home) == {"MAG": (5, 5), "SKLEP": (7, 0)}
    assert shop.order(order)["status"] == "W realizacji"
    assert field(shop, order, "51013") == "MM/1/2026"

    # Packed, it is invoiced and issued as a whole.
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")
    assert home.kinds(order) == ["RO", "MM", "FS", "WZ"]
    assert stock(home) == {"SKLEP": (7, 0)}
    assert shop.order(order)["status"] == "Wysłane"
