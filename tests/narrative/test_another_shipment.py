"""A parcel came back or was lost: another one is sent, once, and everybody is told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from pomost.flows.dry_run import dry_run
from pomost.ports import Json, NeedsPerson
from pomost.reshipping import Before, earlier_of, order_another
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.shipx import ShipX
from pomost.store.prints import Wanted
from tests.connectors.smtp.servers import Behaviour
from tests.edges import inpost_office, post_office, shipx
from tests.house import House
from tests.narrative.test_shipments import CANCEL, DOOR, bought, own

BACK = {"id": "back", "write": {"fields": {"extra_field_2": "{ship.tracking}"}}}


@pytest.fixture
def inpost() -> Iterator[ShipX]:
    with inpost_office() as running:
        yield running


@pytest.fixture
def office() -> Iterator[tuple[Behaviour, Json]]:
    with post_office() as found:
        yield found


@pytest.fixture
def home(inpost: ShipX, office: tuple[Behaviour, Json], house: Callable[..., House]) -> Callable[..., House]:
    def build(flow: Json, **carrier: Any) -> House:
        if flow.get("preset"):
            flow = {**flow, "words": {"track_s": "0.2"}}
        return house(flow=flow, smtp=[office[1]], shipx=[shipx(inpost, **carrier)])

    return build


def another(home: House, order: int, before: Before = "") -> None:
    order_another(home.pomost, home.line(order).id, "", "ola", before)


def rows(home: House, order: int) -> list[tuple[str, str, str]]:
    found = home.pomost.store.shipments.of_case(home.line(order).id)
    return [(row.step, row.reference, row.state.value) for row in found]


def state(home: House, order: int, place: int = 0) -> str:
    found = rows(home, order)
    return found[place][2] if place < len(found) else ""


def is_sent_again(home: House, order: int, *parts: str) -> bool:
    """Ordered and labelled, and whoever is to be told was told."""
    steps = home.pomost.store.steps.of_case(home.line(order).id)
    return all(name in steps and steps[name].state == "done" for name in parts or ("ship#2",))


def refused(home: House, order: int, before: Before = "") -> str:
    with pytest.raises(NeedsPerson) as failure:
        another(home, order, before)
    return failure.value.code


def test_a_parcel_that_came_back_is_sent_once_more_and_shop_and_buyer_get_its_number(
    shop: Sandbox, inpost: ShipX, office: tuple[Behaviour, Json], home: Callable[..., House]
) -> None:
    house, (post, _) = home({"preset": "paid-fs-wz-ship"}), office

    # The parcel is handed over, nobody collects it, and it is back at the shop.
    order = bought(shop)
    house.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    first = inpost.shipments[0]
    inpost.move(first["id"], "adopted_at_source_branch")
    house.run_until_state(order, "done")
    inpost.move(first["id"], "returned_to_sender")
    house.run_until(lambda: state(house, order) == "returned")
    assert len(inpost.shipments) == 1, "nothing is sent again by itself"

    # The buyer wants it after all: somebody orders another shipment from the order's page.
    [earlier] = earlier_of(house.pomost, house.line(order).id)
    assert (earlier.number, earlier.alive, earlier.collects) == (first["tracking_number"], False, False)
    another(house, order)
    house.run_until(lambda: len(inpost.bought) == 2)
    second = inpost.bought[1]
    house.run_until(lambda: shop.order(order)["extra_field_2"] == second["tracking_number"])
    house.run_until(lambda: len(post.taken) == 2)

    house.run_until(lambda: is_sent_again(house, order, "ship#2", "mail#ship#2", "sale-back#ship#2"))

    # It goes to the same locker under a reference of its own; its label lies in the queue.
    key = f"baselinker:{order}/ship"
    assert rows(house, order) == [("ship", key, "returned"), ("ship#2", f"{key}+2", "ready")]
    assert second["custom_attributes"]["target_point"] == "WAW00T"
    labels = house.pomost.store.prints.page(Wanted(kind="label"))
    assert {one.title for one in labels} == {f"inpost {one['tracking_number']}" for one in (first, second)}

    # The buyer's mail says the new number; the order's status stays what it was.
    body = post.taken[1].message.get_body(("plain",))
    assert body is not None
    assert second["tracking_number"] in body.get_content()
    assert shop.order(order)["status"] == "Wysłane"

    # One sale, one issue of goods; the history has both shipments and who wanted the second.
    assert house.kinds(order) == ["FS", "WZ"]
    history = house.pomost.store.steps.history(house.line(order).id)
    assert [one.data["who"] for one in history if one.what == "person-another"] == ["ola"]
    done = [one.step for one in history if one.what == "done"]
    assert [one for one in done if "ship" in one] == ["ship", "ship#2", "mail#ship#2", "sale-back#ship#2"]
    assert (len(inpost.shipments), len(post.taken)) == (2, 2)


def test_before_anything_is_ordered_the_dry_run_says_what_comes(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(own(None, BACK))
    order = bought(shop, DOOR)
    house.run_until_state(order, "done")
    row = house.pomost.store.shipments.of_case(house.line(order).id)[0]
    house.pomost.stop()
    house.pomost.store.shipments.wish_another(row, "ola", 0.0)

    case, steps = house.pomost.store.cases.load_with_steps(house.line(order).id)
    found = dry_run(house.pomost.flows["sklep"], case, steps, house.ledger)

    assert [line.step for line in found.lines] == ["ship#2", "back#ship#2"]
    assert found.lines[1].act == "extra_field_2 := ?"


def test_of_a_parcel_that_may_still_arrive_it_must_be_said_what_becomes_of_it(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(own())
    order = bought(shop, DOOR)
    house.run_until_state(order, "done")

    assert refused(house, order) == "shipping.still-alive"
    # InPost gives nothing back that is paid for
    assert refused(house, order, "cancel") == "carrier.cannot-cancel"
    assert len(inpost.shipments) == 1

    another(house, order, "keep")
    assert refused(house, order, "keep") in ("shipping.no-earlier", "shipping.still-alive")
    house.run_until(lambda: is_sent_again(house, order))
    assert len(inpost.shipments) == 2


def test_asked_for_twice_at_once_it_is_ordered_once(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(own())
    order = bought(shop, DOOR)
    house.run_until_state(order, "done")
    [row] = house.pomost.store.shipments.of_case(house.line(order).id)
    shipments = house.pomost.store.shipments

    assert [shipments.wish_another(row, "ola", 0.0), shipments.wish_another(row, "ewa", 0.0)] == [True, False]
    house.pomost.wake([house.line(order).id])
    house.run_until(lambda: is_sent_again(house, order))
    assert len(inpost.shipments) == 2


def test_money_is_not_collected_twice_while_the_first_parcel_may_still_collect_it(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(own())
    order = bought(shop, DOOR, paid=False, cod=True)
    house.run_until_state(order, "done")
    assert earlier_of(house.pomost, house.line(order).id)[0].collects

    another(house, order, "keep")
    house.run_until(lambda: is_sent_again(house, order))
    assert [one["cod"]["amount"] is None for one in inpost.shipments] == [False, True]

    # Both are back, and nobody paid: the third collects what is owed.
    for parcel in inpost.shipments:
        inpost.move(parcel["id"], "returned_to_sender")
    house.run_until(lambda: [one[2] for one in rows(house, order)] == ["returned"] * 2)
    another(house, order)
    house.run_until(lambda: is_sent_again(house, order, "ship#3"))
    owed = house.documents(order)[0].gross
    assert Decimal(str(inpost.shipments[2]["cod"]["amount"])) == owed
    assert rows(house, order)[2][:2] == ("ship#3", f"baselinker:{order}/ship+3")


@pytest.mark.parametrize("fault", ["cut-after", "html-503-but-done", "empty-body"])
def test_an_answer_that_is_lost_orders_no_third_one(
    fault: str, shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(own(None, BACK))
    order = bought(shop, DOOR)
    house.run_until_state(order, "done")
    inpost.settings.list_lag_s = 0.3
    inpost.misbehave(fault, "create")

    another(house, order, "keep")
    house.run_until(lambda: is_sent_again(house, order, "ship#2", "back#ship#2"))

    assert len(inpost.shipments) == len(inpost.calls("create")) == 2
    assert shop.order(order)["extra_field_2"] == inpost.bought[1]["tracking_number"]


def test_through_baselinker_the_second_parcel_is_never_taken_for_the_first(
    shop: Sandbox, home: Callable[..., House]
) -> None:
    """BaseLinker knows no reference: what was ordered before goes along by its ids."""
    house = home(own({"carrier": "baselinker", "service": "inpostkurier"}))
    order = bought(shop, DOOR)
    house.run_until_state(order, "done")

    another(house, order, "keep")
    house.run_until(lambda: is_sent_again(house, order))

    found = house.pomost.store.shipments.of_case(house.line(order).id)
    assert len({row.external_id for row in found}) == len({row.tracking for row in found}) == 2
    assert len(shop.calls("createPackage")) == 2


def test_a_shipment_that_can_be_cancelled_is_cancelled_first_and_its_label_taken_back(
    shop: Sandbox, home: Callable[..., House]
) -> None:
    house = home(own({"carrier": "baselinker", "service": "inpostkurier"}))
    order = bought(shop, DOOR)
    house.run_until_state(order, "done")

    another(house, order, "cancel")
    house.run_until(lambda: is_sent_again(house, order))

    assert [one[2] for one in rows(house, order)] == ["cancelled", "ready"]
    assert len(shop.calls("deleteCourierPackage")) == 1
    [label] = house.pomost.store.prints.page(Wanted(kind="label"))
    assert label.title.endswith(house.pomost.store.shipments.of_case(house.line(order).id)[1].tracking)


def test_a_parcel_that_was_not_delivered_needs_nobody_any_more_once_another_is_on_its_way(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(own())
    order = bought(shop, DOOR)
    house.run_until_state(order, "done")
    inpost.move(inpost.shipments[0]["id"], "undelivered_wrong_address")
    house.run_until(lambda: house.waits(order).get("code") == "shipping.not-delivered")

    another(house, order, "keep")
    house.run_until(lambda: is_sent_again(house, order) and house.state(order) == "done")


def test_a_cancelled_order_gets_no_further_parcel(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(own(None, CANCEL))
    order = bought(shop, DOOR)
    house.run_until_state(order, "done")
    inpost.move(inpost.shipments[0]["id"], "returned_to_sender")
    house.run_until(lambda: state(house, order) == "returned")
    house.pomost.store.cases.edit(house.line(order).id, {"cancelled": "yes"}, "ola", 0.0)

    assert refused(house, order) == "shipping.no-earlier"


def test_an_order_whose_shipment_is_not_ready_yet_gets_none_beside_it(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    inpost.settings.confirmed_s = 60.0
    house = home(own())
    order = bought(shop, DOOR)
    house.run_until(lambda: house.waits(order).get("code") == "shipping.label-later")

    assert refused(house, order, "keep") == "shipping.no-earlier"
