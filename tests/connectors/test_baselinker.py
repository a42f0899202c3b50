"""BaseLinker passes the suite of all channels, and what is its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pomost.connectors.baselinker.client import blocked_until
from pomost.connectors.baselinker.connector import Account as Settings
from pomost.connectors.baselinker.connector import BaseLinkerChannel
from pomost.connectors.baselinker.mapping import Words, order_from_wire
from pomost.ports import FileToSend, WriteBack
from pomost.sandbox.baselinker import Sandbox
from tests.connectors.channel_conformance import PDF, ChannelConformance


class NoLimit:
    def acquire(self, priority: int = 0) -> None:
        """Every call may go."""

    def block(self, until: datetime) -> None:
        """Nothing is remembered."""


class BaseLinkerAccount:
    statuses = ("Nowe zamówienia", "W realizacji")
    text_field = "Numer RO"
    file_field = "Dokument PDF"

    def __init__(self, shop: Sandbox) -> None:
        self._shop = shop

    def place(self, orders: int) -> list[str]:
        return [str(order) for order in self._shop.place(orders, paid=True)]

    def spoil(self, order_id: str) -> None:
        order = self._shop.shop.account.order(int(order_id))
        order["products"][0]["tax_rate"] = 777
        self._shop.shop.account.save_order(order)

    def trouble(self, kind: str, act: str) -> None:
        self._shop.misbehave(
            {"done-but-lost": "cut-after", "html": "html-200"}[kind], method="setOrderFields"
        )

    def status(self, order_id: str) -> str:
        return str(self._shop.order(int(order_id))["status"])

    def text(self, order_id: str) -> str:
        return str(self._shop.order(int(order_id))["custom_extra_fields"]["51001"])

    def writes(self, order_id: str) -> int:
        return len(self._shop.writes(int(order_id)))

    def revoke(self) -> None:
        self._shop.configure(token="another")


@pytest.fixture
def account(shop: Sandbox) -> BaseLinkerAccount:
    return BaseLinkerAccount(shop)


@pytest.fixture
def channel(shop: Sandbox) -> Iterator[BaseLinkerChannel]:
    since = datetime(2010, 1, 1, tzinfo=UTC)
    one = BaseLinkerChannel(
        Settings("baselinker", shop.url, shop.token, import_from=since, status_linger_s=0.2), NoLimit()
    )
    yield one
    one.close()


class TestBaseLinkerConforms(ChannelConformance):
    """Everything that any channel must do."""


def test_the_sample_page_becomes_the_totals_of_its_readme() -> None:
    import json

    folder = Path(__file__).resolve().parents[1] / "sandbox" / "samples"
    page = json.loads((folder / "getOrders_page.json").read_text(), parse_float=Decimal)

    orders = {raw["order_id"]: order_from_wire(raw, Words()) for raw in page["orders"]}

    assert {key: (order.total, order.currency) for key, order in orders.items()} == {
        218804101: (Decimal("523.97"), "PLN"),
        218804118: (Decimal("148.89"), "PLN"),
        218804133: (Decimal("151.50"), "PLN"),
        218804134: (Decimal("67.98"), "PLN"),
        218804160: (Decimal("64.89"), "EUR"),
        218804177: (Decimal("207.35"), "PLN"),
        218804190: (Decimal("1240.00"), "EUR"),
        218804205: (Decimal("2006.00"), "PLN"),
    }
    assert {line.vat.code for line in orders[218804190].lines} == {"oo", "zw", "np"}
    assert {line.vat.code for line in orders[218804160].lines} == {"DE:19", "DE:7"}
    assert orders[218804134].delivery.point is not None


def test_many_threads_that_move_orders_share_their_calls(shop: Sandbox, channel: BaseLinkerChannel) -> None:
    orders = [str(order) for order in shop.place(12)]
    channel.words()

    threads = [
        threading.Thread(target=channel.set_status, args=([order], "W realizacji")) for order in orders
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {shop.order(int(order))["status"] for order in orders} == {"W realizacji"}
    assert len(shop.calls("setOrderStatuses")) <= 2


def test_the_echo_of_our_own_write_costs_no_call(shop: Sandbox, channel: BaseLinkerChannel) -> None:
    order = str(shop.place()[0])
    cursor = [page.cursor for page in channel.look({})][-1]
    channel.write(WriteBack(order, "key", {"Numer RO": "RO/1/2026"}))
    channel.set_status([order], "W realizacji")
    before = len(shop.calls("getOrders"))

    list(channel.look(cursor))

    assert len(shop.calls("getOrders")) == before


@pytest.mark.parametrize("kind", ["invoice", "receipt"])
def test_the_pdf_can_be_attached_as_a_document_of_baselinker_once(
    kind: str, shop: Sandbox, channel: BaseLinkerChannel
) -> None:
    order = shop.place()[0]
    file = FileToSend(PDF.name, PDF.content, "X/1/2026")
    what = WriteBack(str(order), "key", {}, file, "", kind)

    assert not channel.is_written(what)
    channel.write(what)
    channel.write(what)

    assert channel.is_written(what)
    documents = shop.invoices(order) if kind == "invoice" else shop.receipts(order)
    assert [document[f"external_{kind}_number"] for document in documents] == ["X/1/2026"]


NOW = datetime(2026, 1, 10, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("message", "until"),
    [
        pytest.param(
            "Query limit exceeded, token blocked until 2026-01-10 12:05:00",
            NOW + timedelta(minutes=5, seconds=2),
            id="Warsaw time",
        ),
        pytest.param("Query limit exceeded", NOW + timedelta(minutes=11), id="no time"),
        pytest.param("blocked until 2026-01-10 23:00:00", NOW + timedelta(minutes=11), id="not believed"),
        pytest.param("blocked until 2026-01-10 11:00:00", NOW + timedelta(minutes=11), id="in the past"),
    ],
)
def test_when_a_block_ends(message: str, until: datetime) -> None:
    assert blocked_until(message, NOW) == until
