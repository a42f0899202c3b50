"""An application at Apaczka, and carriers joined to it; both live by one clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pomost.connectors.apaczka import ApaczkaCarrier, Settings
from pomost.sandbox.apaczka import Apaczka
from pomost.sandbox.apaczka import Settings as SandboxSettings
from tests.connectors.carrier_conformance import Clock, NoLimit

SENDER = {
    "sender_name": "Kubek i Spółka sp. z o.o.",
    "sender_street": "Tkacka 7B",
    "sender_postcode": "90-156",
    "sender_city": "Łódź",
    "sender_phone": "500100200",
    "sender_email": "magazyn@example.com",
    "sender_contact": "Magazyn",
    "bank_account": "30102055580000000000000001",
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def apaczka(clock: Clock) -> Iterator[Apaczka]:
    with Apaczka(SandboxSettings(clock=clock)) as running:
        yield running


@pytest.fixture
def limit() -> NoLimit:
    return NoLimit()


@pytest.fixture
def join(apaczka: Apaczka, clock: Clock, limit: NoLimit) -> Iterator[Callable[..., ApaczkaCarrier]]:
    """Makes carriers; keywords change settings."""
    made: list[ApaczkaCarrier] = []

    def carrier(**changes: Any) -> ApaczkaCarrier:
        asked: dict[str, Any] = {
            **SENDER,
            "app_id": apaczka.app_id,
            "app_secret": apaczka.app_secret,
            "url": apaczka.url,
            "timeout_s": 5.0,
            **changes,
        }
        made.append(ApaczkaCarrier(Settings(**asked), limit, clock.moment))
        return made[-1]

    yield carrier
    for one in made:
        one.close()


@pytest.fixture
def carrier(join: Callable[..., ApaczkaCarrier]) -> ApaczkaCarrier:
    return join()
