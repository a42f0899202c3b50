"""Calls for couriers in the store: written with their parcels, which no second call takes; settled once. On both databases."""

from __future__ import annotations

from datetime import date, time

import pytest

from pomost.ports import NeedsPerson
from pomost.ports.carrier import PickupWindow, Shipment, ShipmentState
from pomost.store.pickups import Taken
from pomost.store.shipments import ShipmentRow
from pomost.store.store import Store
from tests.store.test_shipments import case, ordered, result, step_done

WINDOW = PickupWindow(date(2026, 11, 30), time(9, 0), time(17, 30))


def ready(store: Store, case_id: int, number: int, carrier: str = "inpost") -> ShipmentRow:
    row = store.shipments.keep(
        case_id,
        f"ship{number}",
        carrier=carrier,
        external_id=str(number),
        reference=f"{carrier}-{number}",
        every_s=60.0,
        now=100.0,
    )
    store.shipments.saw(row, Shipment(str(number), ShipmentState.READY, "62", label_ready=True), 101.0)
    return row


def waiting(store: Store, carrier: str = "inpost") -> list[str]:
    return [row.external_id for row in store.shipments.ready_at(carrier)]


def test_a_call_takes_its_parcels_and_no_other_call_gets_them(store: Store) -> None:
    case_id = case(store)
    one, two, three = (ready(store, case_id, number) for number in (1, 2, 3))
    ready(store, case_id, 4, "apaczka")
    assert store.pickups.count_waiting() == {"inpost": 3, "apaczka": 1}

    first = store.pickups.intend("inpost", [one, two], WINDOW, "ola", 200.0)
    with pytest.raises(Taken):
        store.pickups.intend("inpost", [two, three], WINDOW, "ewa", 201.0)

    assert waiting(store) == ["3"], "what was refused has taken nothing"
    [row] = store.pickups.unsettled("inpost")
    assert (row.id, row.window, row.external_ids, row.who) == (first, WINDOW, ("1", "2"), "ola")
    assert store.pickups.unsettled("apaczka") == []


def test_a_call_is_settled_once_and_one_that_was_not_made_frees_its_parcels(store: Store) -> None:
    case_id = case(store)
    one, two = ready(store, case_id, 1), ready(store, case_id, 2)
    made = store.pickups.intend("inpost", [one], WINDOW, "ola", 200.0)
    missed = store.pickups.intend("inpost", [two], WINDOW, "ola", 201.0)

    assert store.pickups.done(made, "9000019", 202.0)
    assert store.pickups.failed(missed, NeedsPerson("carrier.refused", "No.", "Ask."), 203.0)
    assert not store.pickups.failed(made, None, 204.0)
    assert not store.pickups.done(missed, "x", 205.0)

    assert waiting(store) == ["2"]
    newest, oldest = store.pickups.latest("inpost")
    assert (newest.state, newest.error["code"]) == ("failed", "carrier.refused")
    assert (oldest.state, oldest.external_id) == ("done", "9000019")
    store.pickups.release(made, 206.0)
    assert waiting(store) == ["1", "2"]
    assert store.pickups.get(999) is None


def test_another_shipment_is_wished_for_once_and_only_after_one_that_is_done(store: Store) -> None:
    case_id = case(store)
    row = ordered(store, case_id)
    assert not store.shipments.wish_another(row, "ola", 150.0)
    step_done(store, case_id, shipment="300", carrier="inpost")

    assert store.shipments.wish_another(row, "ola", 160.0)
    assert not store.shipments.wish_another(row, "ewa", 161.0)

    # what becomes of the parcel leaves the wish as it is
    store.shipments.saw(row, Shipment("300", ShipmentState.RETURNED, "62"), 170.0)
    assert (result(store, case_id)["another"], result(store, case_id)["state"]) == ("ola", "returned")
    noted = [one.data["who"] for one in store.steps.history(case_id) if one.what == "person-another"]
    assert noted == ["ola"]
