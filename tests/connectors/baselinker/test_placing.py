"""Orders that were made in the ERP and go to BaseLinker, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from pomost.connectors.baselinker import BaseLinkerChannel
from pomost.ports import InDoubt, NeedsPerson, OutgoingOrder
from pomost.sandbox.baselinker import Sandbox
from pomost.trade.order import Order
from tests.connectors.baselinker.surroundings import Clock, Looker

Join = Callable[..., BaseLinkerChannel]
KEY = "firma 1:ZS/12/2026"


@pytest.fixture
def order(channel: BaseLinkerChannel, sandbox: Sandbox) -> Order:
    """An order as another system might have it."""
    template = sandbox.place(1, nip="1234563218", company="Przykładowa Firma Sp. z o.o.")[0]
    seen = channel.read(str(template))
    assert seen is not None
    assert seen.order is not None
    sandbox.remove(template)
    return replace(seen.order, seller_comments="Zamówienie z ERP")


def test_a_placed_order_says_the_same_as_the_original(
    channel: BaseLinkerChannel, sandbox: Sandbox, order: Order
) -> None:
    order_id = channel.place(OutgoingOrder(KEY, order, "W realizacji"))
    seen = channel.read(order_id)
    assert seen is not None
    assert seen.order is not None
    assert seen.marker == KEY
    assert seen.order.status == "W realizacji"
    assert (seen.order.buyer, seen.order.delivery, seen.order.total, seen.order.payment) == (
        order.buyer,
        order.delivery,
        order.total,
        order.payment,
    )
    assert seen.order.seller_comments.endswith("Zamówienie z ERP")


def test_pain_01_a_lost_answer_makes_no_second_order(join: Join, sandbox: Sandbox, order: Order) -> None:
    sandbox.misbehave("cut-after", "addOrder")
    with pytest.raises(InDoubt):
        join().place(OutgoingOrder(KEY, order, "W realizacji"))
    assert join().find_placed(KEY) == str(sandbox.orders()[0]["order_id"])
    assert len(sandbox.orders()) == 1


def test_an_order_that_was_not_placed_is_not_found(join: Join, sandbox: Sandbox, order: Order) -> None:
    sandbox.misbehave("cut-before", "addOrder")
    channel = join()
    with pytest.raises(InDoubt):
        channel.place(OutgoingOrder(KEY, order, "W realizacji"))
    assert channel.find_placed(KEY) is None
    placed = channel.place(OutgoingOrder(KEY, order, "W realizacji"))
    assert channel.find_placed(KEY) == placed


@pytest.mark.parametrize("field", ["admin_comments", "extra_field_1", "extra_field_2"])
def test_the_marker_stands_where_it_is_wanted(join: Join, sandbox: Sandbox, order: Order, field: str) -> None:
    channel = join(marker_field=field)
    order_id = channel.place(OutgoingOrder("firma1:ZS 7", order, "W realizacji"))
    assert sandbox.order(int(order_id))[field].startswith("pomost:firma1:ZS%207")
    assert join(marker_field=field).find_placed("firma1:ZS 7") == order_id


def test_among_hundreds_of_orders_it_is_found_and_later_with_one_page(
    join: Join, sandbox: Sandbox, order: Order
) -> None:
    sandbox.place(250)
    channel = join()
    first = channel.place(OutgoingOrder("a:1", order, "W realizacji"))
    other = join()
    assert other.find_placed("a:1") == first
    second = channel.place(OutgoingOrder("a:2", order, "W realizacji"))
    before = other.client.calls["getOrders"]
    assert other.find_placed("a:2") == second
    assert other.client.calls["getOrders"] - before == 2


def test_an_order_that_shows_later_than_its_successor_is_found(
    join: Join, sandbox: Sandbox, order: Order
) -> None:
    channel = join()
    first = sandbox.place(1)[0]
    sandbox.add_order({**sandbox.order(first), "order_id": first + 2})
    assert channel.find_placed("a:1") is None
    late = {**sandbox.order(first), "order_id": first + 1, "admin_comments": "pomost:a:1"}
    sandbox.add_order(late)
    assert channel.find_placed("a:1") == str(first + 1)


def test_a_source_of_its_own_keeps_the_list_short(join: Join, sandbox: Sandbox, order: Order) -> None:
    sandbox.place(250)
    channel = join(custom_source_id=1621)
    order_id = channel.place(OutgoingOrder(KEY, order, "W realizacji"))
    fresh = join(custom_source_id=1621)
    assert fresh.find_placed(KEY) == order_id
    assert fresh.client.calls["getOrders"] == 2


def test_a_deleted_order_is_not_found(channel: BaseLinkerChannel, sandbox: Sandbox, order: Order) -> None:
    order_id = channel.place(OutgoingOrder(KEY, order, "W realizacji"))
    sandbox.remove(int(order_id))
    assert channel.find_placed(KEY) is None


def test_a_look_knows_our_own_orders_by_their_marker(
    join: Join, clock: Clock, sandbox: Sandbox, order: Order
) -> None:
    channel = join()
    looker = Looker(channel)
    looker.look()
    channel.place(OutgoingOrder(KEY, order, "W realizacji"))
    sandbox.place(1)
    assert [one.marker for one in looker.seen()] == [KEY, ""]


def test_a_reference_without_room_is_refused_before_anything_is_placed(
    join: Join, sandbox: Sandbox, order: Order
) -> None:
    with pytest.raises(NeedsPerson) as caught:
        join(marker_field="extra_field_2").place(OutgoingOrder("k" * 60, order, "W realizacji"))
    assert caught.value.code == "baselinker.key-too-long"
    assert sandbox.orders() == []


def test_long_comments_never_cut_the_marker(join: Join, sandbox: Sandbox, order: Order) -> None:
    channel = join()
    placed = channel.place(OutgoingOrder(KEY, replace(order, seller_comments="x" * 500), "W realizacji"))
    assert join().find_placed(KEY) == placed
    assert len(sandbox.order(int(placed))["admin_comments"]) == 200


def test_since_a_moment_only_orders_made_after_it_are_looked_through(
    join: Join, sandbox: Sandbox, clock: Clock, order: Order
) -> None:
    sandbox.place(350)
    clock.go(7 * 86_400)
    sandbox.place(1)
    clock.go(7200)
    intended = clock.moment()
    placed = join().place(
        OutgoingOrder(KEY, replace(order, placed_at=intended - timedelta(days=400)), "Spakowane")
    )
    finder = join()
    assert finder.find_placed(KEY, intended) == placed
    # the bound, one page of the source, and the order itself
    assert finder.client.calls["getOrders"] == 3
    assert join(placed_from=intended).find_placed(KEY) == placed


def test_an_earlier_moment_is_looked_through_as_well(
    join: Join, sandbox: Sandbox, clock: Clock, order: Order
) -> None:
    sandbox.place(1)
    clock.go(7200)
    early = clock.moment()
    first = join().place(OutgoingOrder("a:1", order, "Spakowane"))
    clock.go(7200)
    sandbox.place(1)
    clock.go(7200)
    finder = join()
    assert finder.find_placed("a:1", clock.moment()) is None
    assert finder.find_placed("a:1", early) == first
