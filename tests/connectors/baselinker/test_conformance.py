"""BaseLinker passes what every sales channel has to pass."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pomost.connectors.baselinker import BaseLinkerChannel
from pomost.sandbox.baselinker import Sandbox
from tests.connectors.channel_conformance import ChannelConformance


class BaseLinkerShop:
    statuses = ("Nowe zamówienia", "Spakowane")
    text_field = "Numer FS/PA"
    file_field = "Dokument PDF"

    def __init__(self, sandbox: Sandbox, join: Callable[..., BaseLinkerChannel]) -> None:
        self._sandbox = sandbox
        self._join = join

    def order(self, count: int = 1) -> list[str]:
        return [str(order_id) for order_id in self._sandbox.place(count)]

    def order_between_pages(self) -> str:
        self._sandbox.misbehave("shifting-page", "getOrders")
        return str(self._sandbox.place(1, confirmed=False)[0])

    def move(self, external_id: str, status: str) -> None:
        self._sandbox.move(int(external_id), status)

    def delete(self, external_id: str) -> None:
        self._sandbox.remove(int(external_id))

    def spoil(self, external_id: str) -> None:
        order = self._sandbox.order(int(external_id))
        self._sandbox.add_order({**order, "date_add": 10**17})

    def status_of(self, external_id: str) -> str:
        return str(self._sandbox.order(int(external_id))["status"])

    def text_of(self, external_id: str) -> str:
        return str(self._sandbox.order(int(external_id))["custom_extra_fields"].get("51002", ""))

    def file_of(self, external_id: str) -> bytes | None:
        return self._sandbox.file(int(external_id), self.file_field)

    def give_back(self, external_id: str) -> str:
        line = self._sandbox.order(int(external_id))["products"][0]
        return str(self._sandbox.return_goods(int(external_id), {line["order_product_id"]: 1}))

    def writes_to(self, external_id: str) -> int:
        return len(self._sandbox.writes(int(external_id)))

    def answer_with_html(self, times: int) -> None:
        self._sandbox.misbehave("html-200", times=times)

    def lose_next_answer(self) -> None:
        self._sandbox.misbehave("cut-after")

    def with_wrong_token(self) -> BaseLinkerChannel:
        return self._join(token="WRONG-TOKEN-1234567890")


class TestBaseLinker(ChannelConformance):
    @pytest.fixture
    def shop(self, sandbox: Sandbox, join: Callable[..., BaseLinkerChannel]) -> BaseLinkerShop:
        return BaseLinkerShop(sandbox, join)
