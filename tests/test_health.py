"""How each connection is said to be: from the store and this process, without a call."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pomost.health import ConnectionHealth, connections
from pomost.sandbox.baselinker import Sandbox
from tests.edges import fiscal_printer, inpost_office, posnet, post_office, shipx
from tests.house import House

New = Callable[..., House]


def _only(house: House, now: float | None = None) -> ConnectionHealth:
    (found,) = connections(house.pomost, now or time.time())
    return found


def test_a_connection_that_was_never_looked_at_says_so(house: New) -> None:
    found = _only(house(baselinker={"calls_per_minute": 80}))

    assert (found.name, found.kind, found.condition) == ("baselinker", "baselinker", "never")
    assert (found.looked_at, found.found, found.limit, found.last_minute) == (None, 0, 80, 0)


def test_after_a_look_it_tells_what_was_found_and_what_the_calls_took_of_the_limit(house: New) -> None:
    one = house(baselinker={"calls_per_minute": 3000})
    one.shop.place(1)

    one.pomost.lookers[0].look_once()
    found = _only(one)

    assert found.condition == "good"
    assert found.found == 1
    assert found.looked_at is not None
    assert found.last_minute == found.calls > 0
    assert found.share == found.last_minute / 3000


def test_calls_of_other_processes_are_known_from_the_second_time_on(house: New) -> None:
    one = house(baselinker={"calls_per_minute": 600})
    now = time.time()
    _only(one, now)
    for _ in range(5):
        one.pomost.store.limits.grant("baselinker", interval=0.1, burst=2, patience=60, now=now)

    assert _only(one, now + 10).last_minute == 5
    assert _only(one, now + 90).last_minute == 0


def test_a_blocked_account_says_until_when_and_a_stopped_one_why(house: New) -> None:
    one = house()
    until = datetime.now(UTC) + timedelta(minutes=9)
    one.pomost.limiters["baselinker"].block(until)
    blocked = _only(one)
    one.pomost.store.looks.take("baselinker", "me", 1, time.time())
    one.pomost.store.looks.end("baselinker", "me", time.time(), stopped="the token is wrong")

    assert (blocked.condition, blocked.blocked_until) == ("blocked", until.timestamp())
    assert (_only(one).condition, _only(one).stopped) == ("stopped", "the token is wrong")


def test_a_look_that_failed_is_trouble_and_one_long_ago_is_late(house: New) -> None:
    one = house()
    looks = one.pomost.store.looks
    now = time.time()
    looks.take("baselinker", "me", 1, now)
    looks.end("baselinker", "me", now, note="no answer")
    trouble = _only(one, now)
    looks.take("baselinker", "me", 1, now)
    looks.end("baselinker", "me", now)

    assert (trouble.condition, trouble.note) == ("trouble", "no answer")
    assert _only(one, now).condition == "good"
    assert _only(one, now + 4000).condition == "late"


def test_returns_and_the_ledger_have_their_own_lines(house: New) -> None:
    returns = {
        "name": "zwroty",
        "kind": "return",
        "source": "baselinker",
        "company": "main",
        "preset": "returns",
    }
    orders = {"name": "sklep", "source": "baselinker", "company": "main", "preset": "ro-fs-wz"}
    one = house(flows=[orders, returns])

    (found,) = connections(one.pomost, time.time())

    assert [source.name for source in found.sources] == ["baselinker", "baselinker.returns"]


def _named(house: House, name: str) -> ConnectionHealth:
    return next(one for one in connections(house.pomost, time.time()) if one.name == name)


def test_a_printer_is_as_it_answered_last_and_its_orders_are_not_the_only_ones_to_know(
    house: New, shop: Sandbox, tmp_path: Path
) -> None:
    with fiscal_printer(tmp_path) as device:
        one = house(flow={"preset": "ro-pa-fiscal-wz"}, posnet=[posnet(device)])
        assert _named(one, "posnet").condition == "unused"
        order = shop.place(lines=[{"sku": "KUBEK-1", "quantity": 1}], paid=True)[0]
        one.run_until(lambda: shop.order(order)["status"] == "W realizacji")
        shop.move(order, "Spakowane")
        one.run_until_state(order, "done")
        printed = _named(one, "posnet")

    # Somebody pulls the plug of the printer; the next receipt can't be printed.
    order = shop.place(lines=[{"sku": "KUBEK-1", "quantity": 1}], paid=True)[0]
    one.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    shop.move(order, "Spakowane")
    one.run_until(lambda: _named(one, "posnet").condition != "good")
    dark = _named(one, "posnet")

    assert (printed.condition, printed.note) == ("good", "")
    assert printed.answered is not None
    assert printed.answered.looked_at is not None
    assert dark.condition == "trouble"
    assert "posnet" in dark.note or str(device.port) in dark.note


def _bought(shop: Sandbox) -> None:
    """Paid, and to be sent to a locker."""
    order = shop.place(lines=[{"sku": "KUBEK-1", "quantity": 1}], paid=True, confirmed=False)[0]
    shop.edit(order, delivery_point_id="WAW00T", delivery_point_name="Paczkomat WAW00T")
    shop.confirm(order)


def test_a_carrier_and_a_mail_server_are_as_they_answered_last(house: New, shop: Sandbox) -> None:
    with inpost_office() as inpost:
        with post_office() as (_, account):
            carrier = shipx(inpost, calls_per_minute=600)
            one = house(flow={"preset": "paid-fs-wz-ship"}, smtp=[account], shipx=[carrier])
            assert {_named(one, name).condition for name in ("inpost", "smtp")} == {"unused"}
            _bought(shop)
            one.run_until(lambda: _named(one, "smtp").condition == "good")
            well = _named(one, "inpost")

            # The carrier fails. The next parcel waits, and the start page says for whom; mails go out.
            inpost.misbehave("html-503", times="always")
            _bought(shop)
            one.run_until(lambda: _named(one, "inpost").condition == "trouble")
            ill = _named(one, "inpost")
            assert _named(one, "smtp").condition == "good"
            inpost.behave()
            one.run_until(lambda: _named(one, "inpost").condition == "good")

        # Now the mail server is gone.
        _bought(shop)
        one.run_until(lambda: _named(one, "smtp").condition == "trouble")

    assert (well.kind, well.condition, well.limit) == ("shipx", "good", 600)
    assert 0 < well.last_minute <= well.calls
    assert "inpost" in ill.note
