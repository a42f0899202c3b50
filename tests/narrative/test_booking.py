"""C13: the payment of an order, as an accountant would tell it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pomost.sandbox.baselinker import Sandbox
from tests.house import House

MUGS = [{"sku": "KUBEK-1", "quantity": 2}]
AT_HOME = {"lines": MUGS, "country": "PL", "currency": "PLN", "cod": False, "delivery_price": "14.99"}


def paid(shop: Sandbox, order: int) -> Decimal:
    return Decimal(str(shop.order(order)["payment_done"]))


def entries(home: House, account: str) -> list[tuple[str, Decimal]]:
    return [(one.what, one.amount) for one in home.ledger.entries("main", account)]


def test_c13_a_transfer_that_is_confirmed_days_later_makes_the_invoice_and_is_settled_with_it(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={"preset": "ro-paid-fs-wz", "rules": {"sale": "always-fs"}})

    # A buyer orders and promises a transfer: the goods are reserved, and the order waits.
    order = shop.place(**AT_HOME, paid=False)[0]
    home.run_until(lambda: shop.order(order)["status"] == "Do wyjaśnienia")
    assert home.kinds(order) == ["RO"]
    assert entries(home, "BANK") == []

    # Somebody finds it on the bank statement. The order's status changes, the invoice is made and settled.
    shop.pay(order)
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    [_, sale] = home.documents(order)
    assert entries(home, "BANK") == [("payment", paid(shop, order))]
    settled = home.ledger.settlement("main", sale.key)
    assert (settled.paid, settled.left) == (sale.gross, 0)
    assert sale.due_on == sale.issued_on

    # Packed, the goods are issued.
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")
    assert home.kinds(order) == ["RO", "FS", "WZ"]
    assert shop.order(order)["status"] == "Wysłane"
    assert len(entries(home, "BANK")) == 1


def own(*, rules: Any = (), **book: Any) -> dict[str, Any]:
    return {
        "preset": "",
        "take": 'order.status == "Nowe zamówienia"',
        "step": [
            {"id": "sale", "issue": "FS"},
            {"id": "book", "book": {"document": "sale", "rules": list(rules), **book}},
        ],
    }


def test_the_invoice_says_nothing_of_a_payment_until_it_is_booked(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=own(account="BANK"))

    order = shop.place(**AT_HOME, paid=False)[0]
    home.run_until(lambda: home.waits(order).get("code") == "booking.not-paid")
    [sale] = home.documents(order)
    assert (home.state(order), sale.paid) == ("waiting", 0)

    # A part is not enough.
    shop.pay(order, "10.00")
    home.run_until(lambda: "10.00 of" in home.waits(order).get("text", ""))
    assert entries(home, "BANK") == []

    shop.pay(order)
    home.run_until_state(order, "done")
    assert entries(home, "BANK") == [("payment", sale.gross)]


def test_account_and_fee_are_by_payment_method_and_an_unknown_one_is_for_a_person(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    rules = [
        {"methods": ["payu", "PayPal"], "account": "PAYU", "fee_percent": "2", "fee_fixed": "0.25"},
        {"when": 'order.payment_method.startsWith("Przelewy24")', "account": "P24"},
    ]
    home = house(flow=own(rules=rules))
    orders = shop.place(3, **AT_HOME, paid=True, confirmed=False)
    for order, method in zip(orders, ("PayU", "Przelewy24 BLIK", "Czek"), strict=True):
        shop.edit(order, payment_method=method)
        shop.confirm(order)

    home.run_until_state(orders[0], "done")
    home.run_until_state(orders[1], "done")
    home.run_until_state(orders[2], "person")

    first = paid(shop, orders[0])
    assert entries(home, "PAYU") == [
        ("payment", first),
        ("fee", -(round(first * Decimal("0.02"), 2) + Decimal("0.25"))),
    ]
    assert entries(home, "P24") == [("payment", paid(shop, orders[1]))]
    assert home.waits(orders[2])["code"] == "booking.no-account"
    assert home.documents(orders[2])[0].paid == 0
