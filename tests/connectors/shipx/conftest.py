"""An organization at InPost, and carriers joined to it; both live by one clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pomost.connectors.shipx import Settings, ShipXCarrier
from pomost.sandbox.shipx import Settings as SandboxSettings
from pomost.sandbox.shipx import ShipX
from tests.connectors.carrier_conformance import Clock, NoLimit


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inpost(clock: Clock) -> Iterator[ShipX]:
    with ShipX(SandboxSettings(clock=clock)) as running:
        yield running


@pytest.fixture
def limit() -> NoLimit:
    return NoLimit()


@pytest.fixture
def join(inpost: ShipX, clock: Clock, limit: NoLimit) -> Iterator[Callable[..., ShipXCarrier]]:
    """Makes carriers; keywords change settings."""
    made: list[ShipXCarrier] = []

    def carrier(**changes: Any) -> ShipXCarrier:
        asked = {
            "token": inpost.token,
            "organization": inpost.organization,
            "url": inpost.url,
            "timeout_s": 5.0,
            **changes,
        }
        made.append(ShipXCarrier(Settings(**asked), limit, clock.moment))
        return made[-1]

    yield carrier
    for one in made:
        one.close()


@pytest.fixture
def carrier(join: Callable[..., ShipXCarrier]) -> ShipXCarrier:
    return join()
