"""A sandbox, and channels joined to it; both live by one clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pomost.connectors.baselinker import BaseLinkerChannel, Settings
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.baselinker import Settings as SandboxSettings
from tests.aside import aside
from tests.connectors.baselinker.surroundings import Clock, Looker, NoLimit


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with aside(Sandbox(settings=SandboxSettings(limit=0, strict=True, clock=clock.seconds))) as running:
        yield running


@pytest.fixture
def join(sandbox: Sandbox, clock: Clock) -> Iterator[Callable[..., BaseLinkerChannel]]:
    """Makes channels to the sandbox; keywords change settings."""
    made: list[BaseLinkerChannel] = []

    def channel(**changes: Any) -> BaseLinkerChannel:
        asked = {
            "name": "sklep",
            "token": sandbox.token,
            "url": sandbox.url,
            "status_linger_s": 0.0,
            "timeout_s": 5.0,
            "unconfirmed": False,
            "relist_journal_s": changes.get("relist_every_s", 300.0),
            "relist_hours": 2.0,
            **changes,
        }
        made.append(BaseLinkerChannel(Settings(**asked), NoLimit(), clock.moment))
        return made[-1]

    yield channel
    for one in made:
        one.close()


@pytest.fixture
def channel(join: Callable[..., BaseLinkerChannel]) -> BaseLinkerChannel:
    return join()


@pytest.fixture
def looker(channel: BaseLinkerChannel, sandbox: Sandbox) -> Looker:
    """One that has looked at an order already, so that it knows that the journal is on."""
    made = Looker(channel)
    made.look()
    sandbox.place(1)
    made.look()
    return made
