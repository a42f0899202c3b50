"""``pomost carriers`` and ``pomost ship`` as typed, in processes of their own."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from pomost.sandbox.shipx import ShipX
from tests.cli.conftest import Desk, until
from tests.edges import inpost_office
from tests.narrative.test_shipments import DOOR, bought

FLOW = """
[[shipx]]
name = "inpost"
url = "{url}"
token = "{token}"
organization = {organization}
settle_s = 0.5
calls_per_minute = 0
"""
STEPS = """preset = ""
take = 'order.status == "Nowe zamówienia"'
[[flow.step]]
id = "sale"
issue = "FS"
[[flow.step]]
id = "ship"
print = ["label"]
[flow.step.ship]
carrier = "inpost"
service = "inpost_courier_standard"
track_s = 0.2
"""


@pytest.fixture
def inpost() -> Iterator[ShipX]:
    with inpost_office() as running:
        yield running


def test_points_prices_a_courier_and_another_shipment(desk: Desk, inpost: ShipX) -> None:
    shop = desk.sandbox("--orders", "0")
    desk.write(shop, language="pl")
    file = desk.folder / "pomost.toml"
    text = file.read_text(encoding="utf-8").replace('preset = "ro-fs-wz"\n', STEPS)
    text = text.replace(
        "[rates]",
        FLOW.format(url=inpost.url, token=inpost.token, organization=inpost.organization) + "[rates]",
    )
    file.write_text(text, encoding="utf-8")
    desk.stock_up()

    # points: one, those near, and none
    one = desk.run("carriers", "points", "inpost", "LOD05M")
    assert one.returncode == 0, one.stdout + one.stderr
    assert "Polna 2, 90-001 Łódź" in one.stdout
    none = desk.run("carriers", "points", "inpost", "XXX00X")
    assert (none.returncode, none.stdout.strip()) == (1, "Nie ma takich punktów.")

    serving = desk.start("serve")
    order = bought(shop, DOOR)
    until(lambda: len(inpost.bought) == 1, tell=lambda: desk.run("status").stdout)
    until(lambda: "gotowe" in desk.run("explain", str(order)).stdout)

    # prices: nothing is ordered by asking
    priced = desk.run("carriers", "quote", str(order)).stdout
    assert "inpost_courier_standard" in priced
    assert "16.49 PLN" in priced
    assert len(inpost.shipments) == 1

    # another shipment: refused until it is said what becomes of the first
    unsaid = desk.run("ship", str(order), "--again", "--yes")
    assert (unsaid.returncode, "shipping.still-alive" in unsaid.stdout) == (2, True)
    assert desk.run("ship", str(order), "--again", "--keep", "--cancel").returncode == 2
    told = desk.run("ship", str(order), "--again", "--keep", "--yes").stdout
    assert inpost.bought[0]["tracking_number"] in told
    until(lambda: len(inpost.bought) == 2)

    # the courier: shown and asked about, then called
    until(lambda: "paczek 2" in desk.run(*PICKUP).stdout)
    assert inpost.pickups == []
    called = desk.run(*PICKUP, "--yes")
    assert called.returncode == 0, called.stdout
    assert [len(made["shipments"]) for made in inpost.pickups] == [2]
    assert "carrier.pickup-settled" in desk.run("carriers", "settle-pickup", "1", "--happened").stdout
    desk.end(serving, signal.SIGTERM)


PICKUP = ("carriers", "pickup", "inpost", "--from", "00:00", "--to", "23:59")
