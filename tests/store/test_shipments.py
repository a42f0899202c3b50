"""Shipments in the store: one for each reference, looked at when due, their state on the step, on both databases."""

from __future__ import annotations

from typing import Any

from pomost.ports import NeedsPerson, Seen
from pomost.ports.carrier import Shipment, ShipmentState
from pomost.store.shipments import FOLLOWED_S, ShipmentRow
from pomost.store.steps import Finished, Intention
from pomost.store.store import Store

S = ShipmentState


def case(store: Store) -> int:
    seen = Seen("7", {"order_id": "7"}, None)
    found = store.cases.keep_seen(source="bl", company="main", kind="order", flow="f", seen=seen, now=1.0)
    assert found is not None
    return found


def ordered(
    store: Store, case_id: int, external_id: str = "300", reference: str = "bl:7/ship"
) -> ShipmentRow:
    return store.shipments.keep(
        case_id,
        "ship",
        carrier="inpost",
        external_id=external_id,
        reference=reference,
        every_s=60.0,
        now=100.0,
    )


def step_done(store: Store, case_id: int, **result: Any) -> None:
    store.cases.wake([case_id], 1.0)
    claim = store.cases.claim_one("me", case_id, 1000.0, 2.0)
    assert claim is not None
    store.steps.write(claim, 2.0, intended=[Intention("ship", "bl:7/ship", "{}")])
    store.steps.write(
        claim, 3.0, finished=[Finished("ship", {"shipment": "300", "state": "ready", **result})]
    )


def result(store: Store, case_id: int) -> dict[str, Any]:
    return store.steps.of_case(case_id)["ship"].result


def test_a_reference_is_kept_once_and_gives_what_was_kept_first(store: Store) -> None:
    own = case(store)

    first, second = ordered(store, own), ordered(store, own, external_id="301")

    assert (first, first.external_id) == (second, "300")
    assert store.shipments.of_reference("inpost", "bl:7/ship") == first
    assert store.shipments.of_reference("apaczka", "bl:7/ship") is None
    assert len(store.shipments.of_case(own)) == 1


def test_what_is_due_is_looked_at_until_it_has_arrived(store: Store) -> None:
    row = ordered(store, case(store))
    assert store.shipments.due(159.0) == []
    assert store.shipments.due(160.0) == [row]

    store.shipments.saw(row, Shipment("300", S.ON_THE_WAY, "62"), 160.0)
    assert [one.due_at for one in store.shipments.due(220.0)] == [220.0]
    store.shipments.postpone(row, 500.0)
    assert store.shipments.due(499.0) == []

    store.shipments.saw(row, Shipment("300", S.DELIVERED, "62"), 500.0)
    assert store.shipments.due(10_000.0) == []
    store.shipments.postpone(row, 600.0)
    assert store.shipments.hurry("inpost", "62", 700.0) == 0, "what has arrived is not looked at again"


def test_a_hint_makes_it_due_by_id_or_tracking_number(store: Store) -> None:
    row = ordered(store, case(store))
    store.shipments.saw(row, Shipment("300", S.READY, "62"), 100.0)

    assert store.shipments.hurry("apaczka", "300", 110.0) == 0
    assert store.shipments.hurry("inpost", "62", 110.0) == 1
    assert store.shipments.hurry("inpost", "300", 120.0) == 1
    assert [one.due_at for one in store.shipments.due(120.0)] == [120.0]


def test_a_parcel_that_arrives_nowhere_is_given_up_after_two_months(store: Store) -> None:
    row = ordered(store, case(store))

    store.shipments.saw(row, Shipment("300", S.ON_THE_WAY, "62"), 100.0 + FOLLOWED_S + 1)

    assert store.shipments.of_case(row.case_id)[0].due_at is None


def test_the_step_follows_once_it_is_done_and_its_case_is_told_of_changes_only(store: Store) -> None:
    own = case(store)
    row = ordered(store, own)
    on_the_way = Shipment("300", S.ON_THE_WAY, "62", "https://x/62", "sent")
    assert store.shipments.saw(row, on_the_way, 110.0) is None, "there is no step yet"
    step_done(store, own, tracking="62")

    assert store.shipments.saw(row, on_the_way, 120.0) == own
    assert store.shipments.saw(row, on_the_way, 130.0) is None
    assert (result(store, own)["state"], result(store, own)["tracking_url"]) == ("on_the_way", "https://x/62")

    # An unknown word is shown and moves nothing.
    assert store.shipments.saw(row, Shipment("300", S.UNKNOWN, "62", "", "stolen_by_a_fox"), 140.0) is None
    assert (result(store, own)["state"], result(store, own)["raw"]) == ("on_the_way", "stolen_by_a_fox")
    assert result(store, own)["tracking_url"] == "https://x/62"


def test_what_is_the_matter_is_on_the_step_as_long_as_it_lasts(store: Store) -> None:
    own = case(store)
    row = ordered(store, own)
    step_done(store, own)
    problem = NeedsPerson("carrier.delivery-problem", "Nobody was there.")

    assert store.shipments.saw(row, Shipment("300", S.ON_THE_WAY, "62", problem=problem), 110.0) == own
    assert result(store, own)["problem"] == "Nobody was there."
    assert store.shipments.saw(row, Shipment("300", S.ON_THE_WAY, "62"), 120.0) == own
    assert result(store, own)["problem"] == ""


def test_the_step_of_another_shipment_is_left_alone(store: Store) -> None:
    own = case(store)
    dead = ordered(store, own, external_id="299", reference="bl:7/ship-old")
    step_done(store, own)

    assert store.shipments.saw(dead, Shipment("299", S.CANCELLED), 110.0) is None
    assert result(store, own)["state"] == "ready"
    assert store.shipments.of_case(own)[0].is_dead
