"""How a shop is read: nothing is missed, nothing is told twice, and what is gone is found, against the sandbox over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pomost.config.woocommerce import NIP_KEYS
from pomost.connectors.woocommerce import Settings, WooCommerceChannel
from pomost.ports import Json, Seen, StopConnection, WaitUntil
from pomost.sandbox.woocommerce import Settings as ShopSettings
from pomost.sandbox.woocommerce import Shop
from tests.aside import aside
from tests.connectors.woocommerce.catalogue_shop import NoLimit

LONG_AGO = datetime(2010, 1, 1, tzinfo=UTC)


class Clock:
    """One for the shop and for us; it stands still unless it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)

    def seconds(self) -> float:
        return self.now.timestamp()

    def moment(self) -> datetime:
        return self.now

    def go(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(clock: Clock) -> Iterator[Shop]:
    with aside(Shop(ShopSettings(now=clock.seconds))) as running:
        yield running


@pytest.fixture
def join(shop: Shop, clock: Clock) -> Iterator[Callable[..., WooCommerceChannel]]:
    made: list[WooCommerceChannel] = []

    def channel(known: Json | None = None, **changes: Any) -> WooCommerceChannel:
        asked = {
            "name": "sklep",
            "url": shop.url,
            "key": shop.key,
            "secret": shop.secret,
            "import_from": LONG_AGO,
            "compare_every_s": 10**9,
            "timeout_s": 5.0,
            **changes,
        }
        made.append(WooCommerceChannel(Settings(**asked), NoLimit(), clock.moment, lambda since: known or {}))
        return made[-1]

    yield channel
    for one in made:
        one.close()


def look(channel: WooCommerceChannel, cursor: Json | None = None) -> tuple[list[Seen], list[str], Json]:
    """Everything of one look, and the cursor after it."""
    seen: list[Seen] = []
    gone: list[str] = []
    last = cursor or {}
    for page in channel.look(last):
        seen += page.seen
        gone += page.gone
        last = page.cursor
    return seen, gone, last


def ids(seen: list[Seen]) -> list[str]:
    return sorted((one.external_id for one in seen), key=int)


def test_many_orders_of_one_second_are_all_read(
    shop: Shop, clock: Clock, join: Callable[..., WooCommerceChannel]
) -> None:
    orders = shop.place(230, paid=True)

    seen, _, _ = look(join())

    assert ids(seen) == [str(one) for one in sorted(orders)]


def test_what_did_not_change_is_told_once(
    shop: Shop, clock: Clock, join: Callable[..., WooCommerceChannel]
) -> None:
    shop.place(3, paid=True)
    channel = join()
    _, _, cursor = look(channel)

    clock.go(30)
    again, _, cursor = look(channel, cursor)
    (new,) = shop.place(1, paid=True)
    third, _, _ = look(channel, cursor)

    assert again == []
    assert ids(third) == [str(new)]


def test_an_order_written_down_late_with_an_older_stamp_is_found(
    shop: Shop, clock: Clock, join: Callable[..., WooCommerceChannel]
) -> None:
    """A slow request of the shop takes its stamp first and is visible a minute later."""
    shop.place(1, paid=True)
    channel = join()
    _, _, cursor = look(channel)
    clock.go(90)
    shop.place(1, paid=True)
    _, _, cursor = look(channel, cursor)

    (late,) = shop.place(1, paid=True)
    with shop.store.lock:
        shop.store.orders[late]["modified"] -= 60
    seen, _, _ = look(channel, cursor)

    assert ids(seen) == [str(late)]


def test_our_own_writes_are_no_news(
    shop: Shop, clock: Clock, join: Callable[..., WooCommerceChannel]
) -> None:
    """The shop moves the date of change also when a value is written that is there already."""
    (order,) = shop.place(1, paid=True)
    channel = join()
    seen, _, cursor = look(channel)
    clock.go(10)

    channel.client.put(f"orders/{order}", {"status": "processing"})
    again, _, _ = look(channel, cursor)

    assert shop.order(order)["date_modified_gmt"] != shop.order(order)["date_created_gmt"]
    assert again == []
    assert len(seen) == 1


@pytest.mark.parametrize("month", [1, 7], ids=["winter", "summer"])
def test_the_shops_local_time_loses_nothing(
    shop: Shop, clock: Clock, join: Callable[..., WooCommerceChannel], month: int
) -> None:
    clock.now = clock.now.replace(month=month)
    channel = join()
    _, _, cursor = look(channel)
    clock.go(600)
    (order,) = shop.place(1, paid=True)

    seen, _, cursor = look(channel, cursor)
    clock.go(600)
    again, _, _ = look(channel, cursor)

    assert ids(seen) == [str(order)]
    assert again == []


def test_a_basket_at_the_checkout_is_no_order_until_it_is_one(
    shop: Shop, clock: Clock, join: Callable[..., WooCommerceChannel]
) -> None:
    basket = shop.open_checkout()
    channel = join()
    before, _, cursor = look(channel)
    clock.go(5)
    shop.finish_checkout(basket, paid=True)

    after, _, _ = look(channel, cursor)

    assert before == []
    assert channel.read(str(basket)) is not None
    assert ids(after) == [str(basket)]


def test_an_order_in_the_trash_is_gone_and_comes_back(
    shop: Shop, clock: Clock, join: Callable[..., WooCommerceChannel]
) -> None:
    (order,) = shop.place(1, paid=True)
    channel = join()
    _, _, cursor = look(channel)
    clock.go(5)

    shop.trash(order)
    seen, gone, cursor = look(channel, cursor)
    assert (seen, gone) == ([], [str(order)])
    assert channel.read(str(order)) is None

    clock.go(300)
    shop.untrash(order)
    seen, gone, _ = look(channel, cursor)
    assert (ids(seen), gone) == ([str(order)], [])


def test_what_is_deleted_for_good_is_found_by_comparing(
    shop: Shop, clock: Clock, join: Callable[..., WooCommerceChannel]
) -> None:
    kept, deleted = shop.place(2, paid=True)
    channel = join(known={str(kept): "processing", str(deleted): "processing"}, compare_every_s=3600.0)
    _, _, cursor = look(channel)
    shop.delete(deleted)

    _, unnoticed, cursor = look(channel, cursor)
    clock.go(3600)
    _, gone, _ = look(channel, cursor)

    assert unnoticed == []
    assert gone == [str(deleted)]


def test_what_was_changed_past_the_shops_own_date_is_found_by_comparing(
    shop: Shop, clock: Clock, join: Callable[..., WooCommerceChannel]
) -> None:
    (order,) = shop.place(1, paid=True)
    clock.go(600)
    (other,) = shop.place(1, paid=True)
    known = {str(order): "processing", str(other): "processing"}
    channel = join(known=known, compare_every_s=3600.0)
    _, _, cursor = look(channel)
    clock.go(3600)
    with shop.store.lock:
        shop.store.orders[order]["status"] = "completed"

    seen, _, _ = look(channel, cursor)

    assert [(one.external_id, one.order.status) for one in seen if one.order] == [(str(order), "completed")]


def test_orders_from_before_the_beginning_are_left_alone_until_they_are_paid(
    shop: Shop, clock: Clock, join: Callable[..., WooCommerceChannel]
) -> None:
    old, open_ = shop.place(1, paid=True)[0], shop.place(1, paid=False, payment="payu")[0]
    clock.go(600)
    channel = join(import_from=clock.now)
    seen, _, cursor = look(channel)
    assert seen == []

    shop.set_status(old, "completed")
    shop.pay(open_)
    seen, _, _ = look(channel, cursor)

    assert ids(seen) == [str(open_)]
    assert channel.report().left_older >= 1


def test_statuses_of_plugins_are_read_too(
    shop: Shop, clock: Clock, join: Callable[..., WooCommerceChannel]
) -> None:
    shop.add_status("packed", "Spakowane")
    (order,) = shop.place(1, paid=True)
    channel = join()
    _, _, cursor = look(channel)
    clock.go(5)
    shop.set_status(order, "packed")

    seen, _, _ = look(channel, cursor)

    assert [one.order.status for one in seen if one.order] == ["packed"]
    assert channel.check_words(["packed", "sent"], []) != []


def test_a_shop_that_does_not_filter_by_change_stops_the_connection(
    shop: Shop, clock: Clock, join: Callable[..., WooCommerceChannel]
) -> None:
    shop.place(1, paid=True)
    shop.configure(modified_filters=False)

    with pytest.raises(StopConnection) as stopped:
        look(join())

    assert stopped.value.code == "woocommerce.too-old"


def test_a_host_that_asks_for_a_pause_gets_it(
    shop: Shop, clock: Clock, join: Callable[..., WooCommerceChannel]
) -> None:
    channel = join()
    look(channel)
    shop.misbehave("too-many-requests", times=1, retry_after=120)

    with pytest.raises(WaitUntil):
        look(channel, {})

    limiter = channel.client._limiter
    assert isinstance(limiter, NoLimit)
    assert len(limiter.blocked) == 1
    assert limiter.blocked[0] - clock.now == timedelta(seconds=120)


def test_an_update_of_a_plugin_stops_the_work_for_seconds(
    shop: Shop, clock: Clock, join: Callable[..., WooCommerceChannel]
) -> None:
    """WordPress says "Retry-After: 600" with each page of maintenance, and is back after some seconds."""
    channel = join()
    look(channel)
    shop.misbehave("maintenance", times=2)

    for _ in range(2):
        with pytest.raises(WaitUntil):
            look(channel, {})

    limiter = channel.client._limiter
    assert isinstance(limiter, NoLimit)
    assert [until - clock.now for until in limiter.blocked] == [timedelta(seconds=10), timedelta(seconds=20)]


def test_a_cache_before_the_shop_hides_no_order(
    shop: Shop, clock: Clock, join: Callable[..., WooCommerceChannel]
) -> None:
    """It answers the same question with the same old list; ours is never the same."""
    channel = join()
    _, _, cursor = look(channel)
    shop.misbehave("stale-list", times="always")
    (order,) = shop.place(1, paid=True)

    seen, _, _ = look(channel, cursor)

    assert ids(seen) == [str(order)]


def test_the_tax_number_of_a_registered_buyer_counts_where_that_is_wanted(
    shop: Shop, clock: Clock, join: Callable[..., WooCommerceChannel]
) -> None:
    meta = [{"key": "billing_nip", "value": "1234563218"}, {"key": "secret_note", "value": "x"}]
    customer = shop.add_customer("firma@example.com", meta_data=meta)
    shop.place(2, paid=True, customer_id=customer)

    without, _, _ = look(join(nip_keys=NIP_KEYS))
    channel = join(nip_keys=NIP_KEYS, customer_tax_number=True)
    found, _, _ = look(channel)

    assert [one.order.buyer.tax_id for one in without if one.order] == ["", ""]
    assert [one.order.buyer.tax_id for one in found if one.order] == ["1234563218"] * 2
    assert "secret_note" not in str(found[0].raw)
    assert channel.parse(found[0].raw).buyer.tax_id == "1234563218"
    assert channel.client.calls["GET customers/N"] == 1, "each customer is asked for once"
