"""The BaseLinker sandbox: buyers, and trouble with the API."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from pomost.config.model import Config
from pomost.panel.playing.playable import (
    BUYERS,
    ORDERS,
    STOP,
    Act,
    Cell,
    Connection,
    Fact,
    Form,
    Json,
    Playable,
    Sheet,
    buyers_fact,
    by_status,
    calls_fact,
    calls_sheet,
)


class BaseLinker(Playable):
    """See `Playable`."""

    kind: ClassVar[str] = "baselinker"
    command: ClassVar[str] = "pomost sandbox"
    path: ClassVar[re.Pattern[str]] = re.compile(r"/connector\.php")
    where: ClassVar[str] = "method"

    @classmethod
    def connections(cls, config: Config) -> Sequence[Connection]:
        return config.baselinker

    def stands(self) -> Sequence[Fact]:
        state = self.state
        blocked = (
            (Cell(float(state["blocked_until"]), "when"),) if state["blocked_until"] > state["now"] else ()
        )
        return (
            buyers_fact(state["buyers"]),
            calls_fact(state, int(state["limit"])),
            Fact("blocked", blocked, "not-blocked"),
        )

    def lists(self) -> Sequence[Sheet]:
        calls = [
            (call["method"], "OK" if call["outcome"] == "SUCCESS" else call["outcome"], call["outcome"] == "SUCCESS")
            for call in self.state["calls"]
        ]  # fmt: skip
        return (by_status(self.state, "orders"), calls_sheet(self.state, calls))

    def offers(self) -> Sequence[Form]:
        return (Form((Act("place", "main"),), (ORDERS,)), BUYERS, STOP)

    def place_of(self, call: Json) -> str:
        return str(call["method"])
