"""Pushes of carriers over real HTTP: a hint has the parcel looked at now, and what it says is believed by nobody."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.shipx import ShipX
from tests.edges import inpost_office, shipx
from tests.panel.conftest import Desk

Panel = Callable[..., Desk]


@pytest.fixture
def inpost() -> Iterator[ShipX]:
    with inpost_office() as running:
        yield running


@pytest.fixture
def desk(panel: Panel, inpost: ShipX) -> Desk:
    """A parcel that is looked at once an hour, unless somebody says that it moved."""
    ship = {"carrier": "inpost", "service": "inpost_locker_standard", "template": "small", "track_s": 3600}
    flow: dict[str, Any] = {
        "preset": "",
        "step": [
            {"id": "ship", "ship": ship},
            {"id": "end", "write": {"status": "Wysłane"}, "when": "ships.ship.handed_over"},
        ],
    }
    return panel(flow=flow, shipx=[shipx(inpost)])


def shipped(desk: Desk, shop: Sandbox) -> int:
    order: int = shop.place(confirmed=False, paid=True, cod=False, email="jan@example.com")[0]
    shop.edit(order, delivery_point_id="WAW00T", delivery_point_name="Paczkomat WAW00T")
    shop.confirm(order)
    desk.house.run_until_state(order, "waiting")
    desk.house.run_until(lambda: len(desk.pomost.store.shipments.due(time.time() + 10_000, 10)) == 1)
    return order


def test_a_push_has_the_parcel_looked_at_now(desk: Desk, inpost: ShipX, shop: Sandbox) -> None:
    order = shipped(desk, shop)
    [parcel] = inpost.shipments
    inpost.move(parcel["id"], "adopted_at_source_branch")
    time.sleep(1.0)
    assert desk.house.state(order) == "waiting", "nobody looks at it within the hour"

    body = {
        "organization_id": inpost.organization,
        "event": "shipment_status_changed",
        "payload": {"shipment_id": parcel["id"]},
    }
    answer = httpx2.post(f"{desk.url}/hooks/carriers/inpost", json=body)

    assert answer.status_code == 200
    desk.house.run_until_state(order, "done")


def test_what_a_push_says_is_not_believed(desk: Desk, inpost: ShipX, shop: Sandbox) -> None:
    order = shipped(desk, shop)
    [parcel] = inpost.shipments

    body = {
        "organization_id": inpost.organization,
        "payload": {"shipment_id": parcel["id"], "status": "delivered"},
    }
    answer = httpx2.post(f"{desk.url}/hooks/carriers/inpost", json=body)
    time.sleep(1.0)

    assert answer.status_code == 200
    assert desk.house.state(order) == "waiting"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("inpost", b""),
        ("inpost", b"{"),
        ("inpost", b'{"organization_id": 1, "payload": {"shipment_id": 1}}'),
        ("nobody", b'{"organization_id": 1}'),
        ("inpost", b"[" * 100_000),
    ],
)
def test_what_is_of_none_of_the_accounts_is_refused(desk: Desk, name: str, body: bytes) -> None:
    answer = httpx2.post(f"{desk.url}/hooks/carriers/{name}", content=body)

    assert answer.status_code == 401
    assert answer.json()["code"] == "carrier.bad-push"


def test_what_is_far_too_long_is_refused_unread(desk: Desk) -> None:
    answer = httpx2.post(f"{desk.url}/hooks/carriers/inpost", content=b"x" * 300_000)

    assert answer.status_code == 413
