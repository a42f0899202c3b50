"""A20: goods that are short, as an accountant would tell it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from pomost.flows.dry_run import dry_run
from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.baselinker.catalogue import as_dicts
from pomost.sandbox.baselinker.defaults import STATUSES
from pomost.trade.documents import Document, Draft, DraftLine
from pomost.trade.order import Party
from pomost.trade.vat import VatRate
from tests.house import TODAY, House

FLOW = {"preset": "shortage"}
DATE, SHORT = "51014", "51015"


def open_house(house: Callable[..., House], **more: Any) -> House:
    home = house(stocked=False, **{"flow": FLOW, **more})
    home.ledger.setup.add_items("main", as_dicts())
    return home


def bring(home: House, quantity: int, sku: str = "KUBEK-1", **more: Any) -> Document:
    """Goods come in: by themselves, or with ``of`` for an order to a supplier."""
    key = f"in-{len(home.ledger.documents())}"
    of = more.get("of")
    if of is None:
        made = home.ledger.issue(
            receive_draft("main", "MAG", key, TODAY, {sku: (Decimal(quantity), Decimal("5.00"))})
        )
    else:
        made = home.ledger.issue(Draft("PZ", "main", key, TODAY, sources=(of.id,)))
    assert isinstance(made, Document)
    return made


def order_from_supplier(home: House, quantity: int, day: date, sku: str = "KUBEK-1") -> Document:
    made = home.ledger.issue(
        Draft(
            "ZD",
            "main",
            f"zd-{sku}-{day}",
            TODAY,
            due_on=day,
            basis="net",
            buyer=Party(company="Dostawca sp. z o.o.", tax_id="5252248481"),
            lines=(DraftLine(sku, sku, Decimal(quantity), Decimal("5.00"), VatRate.of("23")),),
        )
    )
    assert isinstance(made, Document)
    return made


def placed(shop: Sandbox, *lines: tuple[str, int]) -> int:
    wanted = [{"sku": sku, "quantity": n} for sku, n in (lines or (("KUBEK-1", 2),))]
    return shop.place(lines=wanted, paid=True, nip="1234563218", delivery_price="0")[0]


def statuses(shop: Sandbox, order: int) -> list[str]:
    """Those that the order was moved to by us, in this order."""
    names = {number: name for number, name, *_ in STATUSES}
    return [
        names[int(write.changed["order_status_id"])]
        for write in shop.writes(order)
        if "order_status_id" in write.changed
    ]


def field(shop: Sandbox, order: int, number: str) -> Any:
    return shop.order(order)["custom_extra_fields"].get(number, "")


def in_status(home: House, order: int, status: str) -> None:
    home.run_until(lambda: home.shop.order(order)["status"] == status and home.state(order) == "waiting")


def test_a20_an_order_whose_goods_are_there_simply_goes_on(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = open_house(house)
    bring(home, 10)

    order = placed(shop)
    in_status(home, order, "W realizacji")

    assert statuses(shop, order) == ["W realizacji"]
    assert field(shop, order, SHORT) == ""


def test_a20_what_is_short_waits_in_its_status_and_comes_back_by_itself(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = open_house(house)
    bring(home, 1)

    # Two mugs are ordered and one is there.
    order = placed(shop)
    in_status(home, order, "Braki")
    assert field(shop, order, SHORT) == "KUBEK-1: 1"
    assert home.waits(order)["code"] == "flow.short"

    # The buyer of goods finds a supplier: the order says until when it waits.
    supplier = order_from_supplier(home, 5, date(2026, 12, 1))
    in_status(home, order, "Oczekuje na dostawę")
    assert field(shop, order, DATE) == "2026-12-01"

    # The goods come, and the order goes on.
    bring(home, 5, of=supplier)
    in_status(home, order, "W realizacji")
    assert (field(shop, order, DATE), field(shop, order, SHORT)) == ("", "")
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")
    assert home.kinds(order) == ["RO", "FS", "WZ"]

    # Each status was set once.
    assert statuses(shop, order) == ["Braki", "Oczekuje na dostawę", "W realizacji", "Wysłane"]


def test_a20_goods_that_come_go_to_the_oldest_order(shop: Sandbox, house: Callable[..., House]) -> None:
    home = open_house(house)
    first = placed(shop, ("KUBEK-1", 4))
    in_status(home, first, "Braki")
    second = placed(shop, ("KUBEK-1", 1))
    in_status(home, second, "Braki")

    # Three come: too few for the older order, and the younger one does not overtake it.
    bring(home, 3)
    home.pomost.wake([home.line(one).id for one in (first, second)])
    in_status(home, second, "Braki")
    assert [shop.order(one)["status"] for one in (first, second)] == ["Braki", "Braki"]

    bring(home, 1)
    in_status(home, first, "W realizacji")
    assert shop.order(second)["status"] == "Braki"

    bring(home, 1)
    in_status(home, second, "W realizacji")


def test_a20_an_older_order_of_two_items_is_not_overtaken_for_ever(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = open_house(house)
    both = placed(shop, ("KUBEK-1", 1), ("TALERZ-27", 1))
    in_status(home, both, "Braki")

    # Never both at once: what is there for the older order stays with it until the rest has come.
    bring(home, 1)
    younger = placed(shop, ("KUBEK-1", 1))
    in_status(home, younger, "Braki")
    bring(home, 1, "TALERZ-27")
    in_status(home, both, "W realizacji")
    assert shop.order(younger)["status"] == "Braki"


def test_a20_a_younger_order_whose_goods_are_there_passes_older_ones_that_lack_others(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = open_house(house)
    bring(home, 3)
    bring(home, 5, "TALERZ-27")

    # The older order lacks one mug of four and has its plates; what it holds of either stays its own.
    older = placed(shop, ("KUBEK-1", 4), ("TALERZ-27", 2))
    in_status(home, older, "Braki")

    # Three plates are free. A younger order for them passes; one for a mug, and one for four plates, do not.
    plates = placed(shop, ("TALERZ-27", 3))
    in_status(home, plates, "W realizacji")
    mug = placed(shop, ("KUBEK-1", 1))
    too_many = placed(shop, ("TALERZ-27", 4))
    for order in (mug, too_many):
        in_status(home, order, "Braki")

    # Nothing is sold twice: the one that passed goes out, and the older one's plates still lie there.
    shop.move(plates, "Spakowane")
    home.run_until_state(plates, "done")
    [level] = home.ledger.stock("main", "TALERZ-27").values()
    assert level.quantity == 2
    assert shop.order(older)["status"] == "Braki"

    # And nobody starves: the next mug is the older one's, the one after that the younger one's.
    bring(home, 1)
    in_status(home, older, "W realizacji")
    assert shop.order(mug)["status"] == "Braki"
    bring(home, 1)
    in_status(home, mug, "W realizacji")
    assert shop.order(too_many)["status"] == "Braki"
    shop.move(older, "Spakowane")
    home.run_until_state(older, "done")


def test_a20_an_order_whose_card_is_unknown_for_hours_holds_up_nobody_and_takes_its_place_once_it_is_known(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = open_house(house)
    bring(home, 2)

    # No card for one line: no RO yet, so nothing is reserved for it, and a younger order takes a mug.
    lines = [{"sku": "KUBEK-1", "quantity": 2}, {"sku": "NOWY-1", "quantity": 1, "price_brutto": 10}]
    unknown = shop.place(lines=lines, paid=True, nip="1234563218", delivery_price="0")[0]
    home.run_until_state(unknown, "waiting")
    assert home.waits(unknown)["code"] == "ledger.unknown-item"
    younger = placed(shop, ("KUBEK-1", 1))
    in_status(home, younger, "W realizacji")

    # Once there is a card it queues from then on, before those who come later; what was promised meanwhile is not taken back.
    home.ledger.setup.add_items("main", [{"sku": "NOWY-1", "name": "Nowy", "vat": "23", "kind": "goods"}])
    bring(home, 1, "NOWY-1")
    in_status(home, unknown, "Braki")
    assert field(shop, unknown, SHORT) == "KUBEK-1: 1"
    later = placed(shop, ("KUBEK-1", 1))
    in_status(home, later, "Braki")
    bring(home, 1)
    in_status(home, unknown, "W realizacji")
    assert shop.order(later)["status"] == "Braki"
    shop.move(younger, "Spakowane")
    home.run_until_state(younger, "done")
    assert min(level.quantity for level in home.ledger.stock("main", "KUBEK-1").values()) >= 0


def test_a20_an_order_that_staff_moved_meanwhile_stays_where_they_put_it(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = open_house(house)
    order = placed(shop)
    in_status(home, order, "Braki")

    shop.move(order, "Do wyjaśnienia")
    home.run_until(lambda: home.line(order).status == "Do wyjaśnienia")
    order_from_supplier(home, 5, date(2026, 12, 1))
    home.run_until(lambda: field(shop, order, DATE) == "2026-12-01")
    bring(home, 5)
    home.run_until(lambda: field(shop, order, DATE) == "")

    assert shop.order(order)["status"] == "Do wyjaśnienia"
    assert statuses(shop, order) == ["Braki"]


def test_a20_a_cancelled_order_gives_its_place_in_the_queue_away(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = open_house(house)
    bring(home, 1)
    first = placed(shop, ("KUBEK-1", 5))
    in_status(home, first, "Braki")
    second = placed(shop, ("KUBEK-1", 1))
    in_status(home, second, "Braki")

    shop.cancel(first)
    in_status(home, second, "W realizacji")

    assert shop.order(first)["status"] == "Anulowane"


def test_a20_the_dry_run_says_where_the_order_would_go(shop: Sandbox, house: Callable[..., House]) -> None:
    home = open_house(house)
    order = placed(shop)
    in_status(home, order, "Braki")
    home.pomost.stop()

    case, steps = next(iter(home.pomost.lookers[0].preview(1)))
    result = dry_run(home.pomost.flows["sklep"], case, steps, home.ledger)

    assert result.state == "waiting"
    assert [wait.code for wait in result.waits] == ["flow.short"]
    assert 'The order would be moved to "Braki"' in result.waits[0].text
