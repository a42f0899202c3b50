"""A15: products that are made for an order, and kits sold as what is in them, as an accountant would tell it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox
from pomost.trade.documents import Document
from tests.house import TODAY, House

D = Decimal
FLOW = {"preset": "kits"}
BOX = [{"sku": "ZESTAW", "name": "Zestaw prezentowy", "quantity": 2, "price": "59.90", "vat": "23"}]


def receive(home: House, key: str, **goods: tuple[str, str]) -> None:
    """receive(home, "more", KUBEK=("10", "5.00")): ten mugs at 5.00."""
    home.ledger.issue(receive_draft("main", "MAG", key, TODAY, goods))


def workshop(home: House, *, stocked: bool = True) -> None:
    """Two mugs and 200 g of tea make a gift box; of the tea 5 % is lost."""
    home.ledger.setup.put_items(
        "main",
        [
            {"sku": "KUBEK", "name": "Kubek", "vat": "23", "prices": {"detal": D("20.00")}},
            {"sku": "HERBATA", "name": "Herbata", "vat": "8", "unit": "kg", "prices": {"detal": D("80.00")}},
            {
                "sku": "ZESTAW",
                "name": "Zestaw prezentowy",
                "vat": "23",
                "recipe": {
                    "KUBEK": 2,
                    "HERBATA": {"quantity": 200, "unit": "g", "base": 1, "of": 1000, "loss": 5},
                },
            },
        ],
    )
    if stocked:
        receive(home, "components", KUBEK=("10", "5.00"), HERBATA=("3", "40.00"))


def of_kind(home: House, order: int, kind: str) -> Document:
    return next(one for one in home.documents(order) if one.kind == kind)


def stock(home: House, sku: str) -> tuple[Decimal, Decimal, Decimal]:
    level = home.ledger.stock("main", sku)["MAG"]
    return level.quantity, level.reserved, level.value


def test_a15_what_is_missing_is_made_before_it_is_issued(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow=FLOW)
    workshop(home)

    # Two gift boxes are ordered; none is there, their components are.
    order = shop.place(lines=BOX, paid=True, delivery_price="0")[0]
    home.run_until(lambda: "PWP" in home.kinds(order))
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    # They are reserved, made of their components, sold and issued.
    assert home.kinds(order) == ["RO", "PWP", "RWS", "PA", "WZ"]
    made, used = of_kind(home, order, "PWP"), of_kind(home, order, "RWS")
    assert [(line.sku, line.quantity, line.net) for line in used.lines] == [
        ("KUBEK", 4, D("20.00")),
        ("HERBATA", D("0.42"), D("16.80")),
    ]
    # What they cost is what was used.
    assert [(line.sku, line.quantity, line.price, line.net) for line in made.lines] == [
        ("ZESTAW", 2, D("18.40"), D("36.80"))
    ]
    assert stock(home, "KUBEK") == (6, 0, D("30.00"))
    assert stock(home, "HERBATA") == (D("2.58"), 0, D("103.20"))
    assert stock(home, "ZESTAW") == (0, 0, 0)
    assert shop.order(order)["status"] == "Wysłane"
