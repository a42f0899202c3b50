"""Lockers that are not there, prices, and the courier who collects: what a packer and the seller see of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pomost import collecting
from pomost.cli.decisions import skip_step
from pomost.ports import Failure, InDoubt, Json, NeedsPerson, TryAgain, WaitUntil
from pomost.ports.carrier import PickupWindow
from pomost.quoting import query_of, quotes_for
from pomost.sandbox.apaczka import Apaczka
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.shipx import ShipX
from tests.edges import inpost_office, shipx
from tests.house import House
from tests.narrative.test_shipments import DOOR, bought, own, retry

LOCKER_STEP = {"service": "inpost_locker_standard", "template": "small"}
WARSAW = ZoneInfo("Europe/Warsaw")


def at(point: str, **more: Any) -> Json:
    return {"delivery_point_id": point, "delivery_point_name": f"Paczkomat {point}", **more}


@pytest.fixture
def inpost() -> Iterator[ShipX]:
    with inpost_office() as running:
        yield running


@pytest.fixture
def depot() -> Iterator[Apaczka]:
    with Apaczka() as running:
        yield running


@pytest.fixture
def home(inpost: ShipX, house: Callable[..., House]) -> Callable[..., House]:
    def build(step: Json | None = None, carrier: Json | None = None, **wanted: Any) -> House:
        return house(flow=own(step), shipx=[shipx(inpost, **(carrier or {}))], **wanted)

    return build


def apaczka(depot: Apaczka, **wanted: Any) -> Json:
    return {
        "app_id": depot.app_id,
        "app_secret": depot.app_secret,
        "url": depot.url,
        "sender_name": "Sklep Przykładowy",
        "sender_street": "Tkacka 7B",
        "sender_postcode": "90-156",
        "sender_city": "Łódź",
        "sender_phone": "500100200",
        "sender_email": "magazyn@example.com",
        "settle_s": 0.2,
        "recheck_s": 0.2,
        "calls_per_minute": 0,
        **wanted,
    }


# --- lockers and points ----------------------------------------------------------------------------------------------


def test_a_locker_that_does_not_exist_stops_the_shipment_before_it_is_ordered_and_others_are_named(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(LOCKER_STEP)

    order = bought(shop, at("XXX00X", delivery_postcode="90-001", delivery_city="Łódź"))
    house.run_until_state(order, "person")

    waits = house.waits(order)
    assert (waits["code"], waits["step"]) == ("carrier.unknown-point", "ship~point")
    assert "XXX00X" in waits["text"]
    # the three nearest to the receiver's postcode, the nearest first
    named = [waits["advice"].index(code) for code in ("LOD05M", "POP-LOD1", "LOD77A")]
    assert named == sorted(named)
    assert "LOD06M" not in waits["advice"]
    assert inpost.calls("create") == []

    # The buyer names another one; the invoice has nothing to do with it.
    shop.edit(order, **at("LOD05M"))
    house.run_until(lambda: house.waits(order)["code"] == "flow.changed-after-sale")
    skip_step(house.pomost, house.line(order), house.waits(order)["step"], "ola")
    house.run_until_state(order, "done")
    [parcel] = inpost.shipments
    assert parcel["custom_attributes"]["target_point"] == "LOD05M"


def test_a_locker_that_takes_nothing_now_is_told_apart_and_a_person_may_insist(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(LOCKER_STEP)
    order = bought(shop, at("ZZZ00Z"))
    house.run_until_state(order, "person")
    assert house.waits(order)["code"] == "carrier.closed-point"

    # It opened again; nobody asks the list any more.
    inpost.settings.shut_points = ()
    asked = len(inpost.calls("find-points"))
    skip_step(house.pomost, house.line(order), "ship~point", "ola")
    house.run_until_state(order, "done")
    assert len(inpost.shipments) == 1
    assert len(inpost.calls("find-points")) == asked


@pytest.mark.parametrize(
    "fault", ["html-503", "html-200", "empty-body", "cut-before", "limit", "deaf-points"]
)
def test_trouble_with_the_list_of_points_stops_no_shipment(
    fault: str, shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(LOCKER_STEP)
    more = {"seconds": 3600} if fault == "limit" else {}
    inpost.misbehave(fault, "find-points", times=50, **more)

    order = bought(shop, at("LOD05M"))
    house.run_until_state(order, "done")

    assert len(inpost.shipments) == 1


def test_where_points_are_not_asked_for_the_carrier_itself_refuses(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(LOCKER_STEP, {"points_url": "none"})

    order = bought(shop, at("XXX00X"))
    house.run_until_state(order, "person")

    assert house.waits(order)["code"] == "carrier.bad-point"
    assert inpost.calls("find-points") == []


def test_of_apaczka_the_list_of_a_network_is_read_once_and_kept_for_all_processes(
    shop: Sandbox, depot: Apaczka, house: Callable[..., House]
) -> None:
    home = house(flow=own({"carrier": "apaczka", "service": "41"}), apaczka=[apaczka(depot)])

    good, bad = bought(shop, at("LOD05M")), bought(shop, at("LOD99X", delivery_postcode="90-001"))
    home.run_until_state(good, "done")
    home.run_until_state(bad, "person")

    assert home.waits(bad)["code"] == "carrier.unknown-point"
    assert "LOD05M" in home.waits(bad)["advice"]
    assert len(depot.calls("points")) == 1
    # on the disk, for other processes
    files = list((home.pomost.config.data_dir / "carriers").iterdir())
    assert [one.name.endswith("-points-INPOST.json") for one in files] == [True]
    home.stop()


def test_points_are_found_by_code_postcode_and_town(home: Callable[..., House]) -> None:
    carrier: Any = home().pomost.carriers.known["inpost"]

    assert [one.code for one in carrier.points(query_of("lod05m", "", 10))] == ["LOD05M"]
    assert carrier.points(query_of("XXX00X", "", 10)) == ()
    near = carrier.points(query_of("90156", "", 2))
    assert (near[0].code, len(near)) == ("LOD06M", 2)
    assert {one.address.city for one in carrier.points(query_of("Kraków", "", 10))} == {"Kraków"}


# --- prices ----------------------------------------------------------------------------------------------------------


def test_an_order_is_priced_with_every_service_that_could_carry_it_and_nothing_is_ordered(
    shop: Sandbox, inpost: ShipX, depot: Apaczka, home: Callable[..., House]
) -> None:
    house = home(LOCKER_STEP, apaczka=[apaczka(depot)])
    order = bought(shop, at("LOD05M"))
    house.run_until_state(order, "done")
    before = len(inpost.shipments)

    found = {one.carrier: one for one in quotes_for(house.pomost, house.line(order).id)}

    locker = next(one for one in found["inpost"].quotes if one.service == "inpost_locker_standard")
    assert (str(locker.charge), locker.net, locker.gross) == ("12.99", None, None)
    assert all("courier" not in one.service for one in found["inpost"].quotes)
    priced = {one.service: (one.net, one.gross) for one in found["apaczka"].quotes}
    assert "41" in priced
    assert "21" not in priced
    assert all(net is not None and gross is not None and gross > net for net, gross in priced.values())
    assert "baselinker" not in found
    assert (len(inpost.shipments), depot.shipments) == (before, [])


def test_prices_in_a_form_that_nobody_knows_are_no_prices(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(LOCKER_STEP)
    order = bought(shop, at("LOD05M"))
    house.run_until_state(order, "done")
    inpost.misbehave("odd-prices", "calculate", times=20)

    [said] = quotes_for(house.pomost, house.line(order).id)

    assert (said.quotes, said.failure) == ((), None)


# --- a courier who collects ------------------------------------------------------------------------------------------


def packed(home: House, shop: Sandbox, count: int, to: Json = DOOR) -> list[int]:
    orders = [bought(shop, to) for _ in range(count)]
    for order in orders:
        home.run_until_state(order, "done")
    return orders


def today() -> PickupWindow:
    """A window that is not over, whatever the time is."""
    return PickupWindow(datetime.now(WARSAW).date(), time(0, 0), time(23, 59))


def tomorrow() -> PickupWindow:
    """The next working day, while couriers of Apaczka's carriers come."""
    days = (today().day + timedelta(days=ahead) for ahead in range(1, 4))
    return PickupWindow(next(day for day in days if day.weekday() < 5), time(10, 0), time(14, 0))


def called(home: House, carrier: str = "inpost", window: PickupWindow | None = None) -> Any:
    return collecting.order(home.pomost, carrier, window or today(), "ola")


def test_the_courier_is_called_once_for_all_that_waits_and_nothing_is_collected_twice(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home()
    packed(house, shop, 3)
    gone = inpost.shipments[2]["id"]
    inpost.move(gone, "collected_from_sender")

    shown = collecting.preview(house.pomost, "inpost")
    assert len(shown.parcels) in (2, 3)
    assert inpost.pickups == []
    house.run_until(lambda: len(collecting.preview(house.pomost, "inpost").parcels) == 2)

    [call] = called(house)
    [pickup] = inpost.pickups
    assert {one["id"] for one in pickup["shipments"]} == {one["id"] for one in inpost.shipments[:2]}
    assert pickup["address"]["street"] == "Tkacka", "where the organization is"
    assert (call.state, call.external_id) == ("done", str(pickup["id"]))

    with pytest.raises(NeedsPerson) as refused:
        called(house)
    assert refused.value.code == "carrier.pickup-none"

    # What is packed since is collected by another one.
    packed(house, shop, 1)
    called(house)
    assert [len(one["shipments"]) for one in inpost.pickups] == [2, 1]


def test_parcels_for_lockers_are_handed_over_there_and_not_collected(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(LOCKER_STEP)
    packed(house, shop, 1, at("LOD05M"))

    shown = collecting.preview(house.pomost, "inpost")

    assert shown.parcels == ()
    assert [why for _, why in shown.left] == [collecting.POINT]


def test_an_answer_that_is_lost_calls_no_second_courier(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home()
    packed(house, shop, 2)
    inpost.misbehave("cut-after", "dispatch")

    [call] = called(house)

    assert len(inpost.pickups) == 1
    assert call.external_id == str(inpost.pickups[0]["id"])


def test_what_never_arrived_is_called_for_again_once_that_can_be_trusted(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home()
    packed(house, shop, 1)
    inpost.misbehave("cut-before", "dispatch")

    with pytest.raises(WaitUntil) as later:
        called(house)
    assert later.value.code == "carrier.pickup-later"
    with pytest.raises(WaitUntil):
        called(house)
    house.run_until(lambda: datetime.now(WARSAW) > later.value.until)
    called(house)

    assert len(inpost.pickups) == 1


def test_two_people_who_call_at_once_get_one_courier(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home()
    packed(house, shop, 2)
    said: list[str] = []

    def call() -> None:
        try:
            called(house)
            said.append("called")
        except Failure as failure:
            said.append(failure.code)

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert said.count("called") == 1
    assert len(inpost.pickups) == 1


def test_a_courier_whom_inpost_refuses_later_may_be_called_again(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home()
    packed(house, shop, 1)
    called(house)

    inpost.move_pickup(inpost.pickups[0]["id"], "rejected")
    called(house)

    assert len(inpost.pickups) == 2


@pytest.mark.parametrize(
    ("window", "code"),
    [
        (tomorrow(), "carrier.pickup-day"),
        (PickupWindow(date(2020, 1, 2), today().start, today().end), "carrier.pickup-day"),
        (PickupWindow(today().day, today().end, today().start), "carrier.pickup-day"),
    ],
    ids=["tomorrow", "past", "backwards"],
)
def test_a_time_that_can_not_be_calls_nobody_and_takes_no_parcel(
    window: PickupWindow, code: str, shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home()
    packed(house, shop, 1)

    with pytest.raises(NeedsPerson) as refused:
        called(house, window=window)

    assert refused.value.code == code
    assert inpost.pickups == []
    assert len(collecting.preview(house.pomost, "inpost").parcels) == 1


def test_without_an_address_nobody_is_called_until_it_is_set(
    shop: Sandbox, inpost: ShipX, house: Callable[..., House], home: Callable[..., House]
) -> None:
    inpost.settings.address = False
    one = home()
    packed(one, shop, 1)
    with pytest.raises(NeedsPerson) as refused:
        called(one)
    assert refused.value.code == "carrier.pickup-address"
    assert inpost.pickups == []


def test_apaczka_calls_nobody_afterwards_unless_the_connection_says_so(
    shop: Sandbox, depot: Apaczka, house: Callable[..., House]
) -> None:
    home = house(flow=own({"carrier": "apaczka", "service": "21"}), apaczka=[apaczka(depot)])
    packed(home, shop, 1)

    with pytest.raises(NeedsPerson) as refused:
        called(home, "apaczka")

    assert refused.value.code == "carrier.pickup-off"
    assert depot.pickups == []
    home.stop()


def test_with_apaczka_a_lost_answer_is_looked_at_and_what_it_does_not_tell_is_for_a_person(
    shop: Sandbox, depot: Apaczka, house: Callable[..., House]
) -> None:
    account = apaczka(depot, late_pickup=True)
    home = house(flow=own({"carrier": "apaczka", "service": "21"}), apaczka=[account])
    packed(home, shop, 2)

    # It did not arrive, and nothing on the order says so: nobody is called until somebody looked.
    depot.misbehave("cut-before", "batch_pickup")
    with pytest.raises((NeedsPerson, InDoubt, TryAgain)) as doubt:
        called(home, "apaczka", tomorrow())
    assert doubt.value.code == "carrier.pickup-unknown"
    with pytest.raises(NeedsPerson):
        called(home, "apaczka", tomorrow())
    assert depot.pickups == []

    [call] = home.pomost.store.pickups.unsettled("apaczka")
    collecting.settle(home.pomost, call.id, False, "ola")
    called(home, "apaczka", tomorrow())
    assert [len(one["orders"]) for one in depot.pickups] == [2]
    with pytest.raises(NeedsPerson) as again:
        collecting.settle(home.pomost, call.id, True, "ola")
    assert again.value.code == "carrier.pickup-settled"

    # It arrived, and the answer was lost: the order shows its courier.
    packed(home, shop, 1)
    depot.misbehave("cut-after", "pickup")
    called(home, "apaczka", tomorrow())
    assert len(depot.pickups) == 2
    home.stop()


def test_what_is_killed_between_intention_and_answer_calls_no_second_courier(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    """The process ends at each of the two points; the next one asks InPost first."""
    house = home()

    class Killed(BaseException):
        pass

    def die_at(point: str) -> Callable[[str], None]:
        def at_point(now: str) -> None:
            if now == point:
                raise Killed

        return at_point

    for count, point in enumerate(("pickup:made", "pickup:intended"), 1):
        packed(house, shop, 1)
        with pytest.raises(Killed):
            collecting.order(house.pomost, "inpost", today(), "ola", at=die_at(point))
        end = datetime.now(WARSAW) + timedelta(seconds=1)
        house.run_until(lambda end=end: datetime.now(WARSAW) > end)  # type: ignore[misc]
        if collecting.preview(house.pomost, "inpost").parcels:
            called(house)
        assert len(inpost.pickups) == count


def test_an_order_that_waits_is_retried_by_hand_and_asks_the_list_anew(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(LOCKER_STEP)
    order = bought(shop, at("ZZZ00Z"))
    house.run_until_state(order, "person")

    inpost.settings.shut_points = ()
    retry(house, order)
    house.run_until_state(order, "done")

    assert len(inpost.shipments) == 1
