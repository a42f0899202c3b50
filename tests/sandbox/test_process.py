"""The sandbox as a process of its own: ready line, remote verbs, death and restart, many waiting calls."""

import asyncio
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

import pomost
from pomost.sandbox.baselinker import RemoteSandbox, Sandbox, Settings

from .conftest import PDF, Caller, data


class Process:
    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "pomost.sandbox.baselinker", *options]
        source = Path(pomost.__file__).parent.parent
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(source)}
        )
        assert self.process.stdout is not None
        self.ready: dict[str, Any] = json.loads(self.process.stdout.readline())
        self.sandbox = RemoteSandbox(self.ready["url"], self.ready["token"])

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        self.process.communicate(timeout=20)
        return self.process.returncode


@pytest.fixture
def started() -> Iterator[list[Process]]:
    running: list[Process] = []
    yield running
    for process in running:
        if process.process.poll() is None:
            process.end(signal.SIGKILL)


def caller(sandbox: Any) -> Caller:
    return Caller(sandbox)


def test_it_survives_kill_9_with_orders_files_journal_and_writes(
    tmp_path: Path, started: list[Process]
) -> None:
    options = ("--state", str(tmp_path / "shop.sqlite"), "--limit", "0")
    started.append(Process(*options, "--orders", "3"))
    first = started[-1]
    assert first.ready["pid"] == first.process.pid
    order_id = first.sandbox.orders()[0]["order_id"]
    call = caller(first.sandbox)
    fields = {"51001": "RO 1", "51004": {"title": "a.pdf", "file": data()}}
    call.done("setOrderFields", order_id=order_id, custom_extra_fields=fields)
    logs = call.done("getJournalList")
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    started.append(Process(*options, "--orders", "3"))
    second = started[-1].sandbox
    assert len(second.orders()) == 3
    assert second.file(order_id, "Dokument PDF") == PDF
    assert second.order(order_id)["custom_extra_fields"]["51001"] == "RO 1"
    assert [w.method for w in second.writes(order_id)] == ["setOrderFields"]
    call = caller(second)
    assert call.done("getJournalList") == logs
    read = call.done("getOrders", order_id=order_id, include_custom_extra_fields=True)["orders"][0]
    assert call.http.get(read["custom_extra_fields"]["51004"]["url"]).content == PDF
    assert second.place()[0] > max(order["order_id"] for order in second.orders()[:3])


def test_every_call_answered_before_kill_9_is_there_afterwards(
    tmp_path: Path, started: list[Process]
) -> None:
    options = ("--state", str(tmp_path / "shop.sqlite"), "--limit", "0", "--orders", "400", "--delay", "0.01")
    started.append(Process(*options))
    first = started[-1]
    placed = [order["order_id"] for order in first.sandbox.orders()]
    answered: list[int] = []
    enough = threading.Event()

    def write(order_id: int) -> None:
        call = caller(first.sandbox)
        fields = {"51001": f"RO {order_id}", "51004": {"title": "a.pdf", "file": data(PDF * 20)}}
        with call.http:
            call.done("setOrderFields", order_id=order_id, custom_extra_fields=fields)
        answered.append(order_id)
        if len(answered) >= 60:
            enough.set()

    with ThreadPoolExecutor(8) as people:
        sent = [people.submit(write, order_id) for order_id in placed]
        assert enough.wait(60)
        first.end(signal.SIGKILL)
        for one in sent:
            one.cancel()
    assert 60 <= len(answered) < 400, "the kill came in the midst of the work"
    started.append(Process(*options))
    second = started[-1].sandbox
    for order_id in answered:
        assert second.order(order_id)["custom_extra_fields"]["51001"] == f"RO {order_id}"
        assert second.file(order_id, 51004) == PDF * 20
        assert len(second.writes(order_id)) == 1
    assert [order["order_id"] for order in second.orders()] == placed


def test_what_cannot_be_started_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pomost.sandbox.baselinker", "--replay", str(tmp_path / "absent.csv")]
    source = Path(pomost.__file__).parent.parent
    ended = subprocess.run(
        command, capture_output=True, text=True, env={"PYTHONPATH": str(source)}, timeout=30
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("The BaseLinker sandbox cannot run: ")
    assert "absent.csv" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_it_ends_cleanly(started: list[Process], number: signal.Signals) -> None:
    started.append(Process("--limit", "0"))
    assert started[-1].end(number) == 0


def test_the_same_verbs_work_from_another_process(started: list[Process]) -> None:
    started.append(Process("--limit", "0"))
    sandbox = started[-1].sandbox
    order_id, other = sandbox.place(2, nip="1234563218", status="W realizacji")
    line_id = sandbox.order(order_id)["products"][0]["order_product_id"]
    new_id = sandbox.split(order_id, {line_id: 1})
    assert sandbox.merge(order_id, [new_id, other]) == order_id
    assert [o["order_id"] for o in sandbox.orders()] == [order_id]
    sandbox.return_goods(order_id, {line_id: 1})
    assert len(sandbox.returns(order_id)) == 1
    sandbox.misbehave("http-502")
    assert caller(sandbox).post("getSeries").status_code == 502
    assert [(c.method, c.outcome) for c in sandbox.calls()] == [("getSeries", "http-502")]
    assert sandbox.file(order_id, "Dokument PDF") is None
    with pytest.raises(LookupError, match="Invalid order_id"):
        sandbox.cancel(1)
    with pytest.raises(ValueError, match="knows no fault"):
        sandbox.misbehave("nonsense")


def test_200_calls_wait_at_the_same_time(settings: Settings) -> None:
    settings.delay_s = 0.05
    with Sandbox(settings=settings) as sandbox:
        placed = sandbox.place(200)

        async def all_at_once() -> list[dict[str, Any]]:
            limits = httpx2.Limits(max_connections=200)
            async with httpx2.AsyncClient(timeout=60, limits=limits) as http:

                async def write(order_id: int) -> dict[str, Any]:
                    fields = {"51004": {"title": "a.pdf", "file": data(PDF * 60)}}
                    sent = {"order_id": order_id, "custom_extra_fields": fields}
                    form = {"method": "setOrderFields", "parameters": json.dumps(sent)}
                    headers = {"X-BLToken": sandbox.token}
                    answer = await http.post(sandbox.url, headers=headers, data=form)
                    return dict(answer.json())

                return await asyncio.gather(*(write(order_id) for order_id in placed))

        assert asyncio.run(all_at_once()) == [{"status": "SUCCESS"}] * 200
        assert all(sandbox.file(order_id, "Dokument PDF") == PDF * 60 for order_id in placed)


def test_its_catalogue_survives_kill_9_and_is_read_from_outside(
    tmp_path: Path, started: list[Process]
) -> None:
    options = (
        "--state",
        str(tmp_path / "shop.sqlite"),
        "--limit",
        "0",
        "--products",
        "200",
        "--sell-within-stock",
    )
    started.append(Process(*options))
    shop = started[-1].sandbox
    assert len(shop.products()) == 261
    mug = shop.product(sku="KUBEK-01")["product_id"]
    with caller(shop).http as http:
        call = Caller(shop, http)
        batch = {str(mug): {"bl_20517": 4}}
        call.done("updateInventoryProductsStock", inventory_id=30711, products=batch)
        picture = {"0": data(b"picture")}
        call.done("addInventoryProduct", inventory_id=30711, product_id=mug, images=picture)
    order_id = shop.place(lines=[{"sku": "KUBEK-01", "quantity": 9}])[0]
    shop.set_price(mug, "19.90")
    started[-1].end(signal.SIGKILL)

    started.append(Process(*options))
    again = started[-1].sandbox
    assert (len(again.products()), again.stock(mug)["bl_20517"]) == (261, 0)
    assert again.figures()[mug] == again.stock(mug)
    assert again.figures("prices")[mug] == again.prices(mug) == {"21001": 19.9, "21004": 15.92}
    assert [write.kind for write in again.product_writes(mug)] == ["stock", "card"]
    assert (again.write_counts(), again.oversold()) == ({mug: 1}, {})
    assert [sale["quantity"] for sale in again.sales(order_id)] == [4]
    assert again.product_file(mug, 0) == b"picture"
    again.set_stock(mug, 3)
    again.remove_product(mug)
    with pytest.raises(LookupError):
        again.product(mug)
    assert again.fill_catalogue(300) == 360
