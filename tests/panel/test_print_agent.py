"""B04: the print agent as a process beside its printers: real sockets, a real `lp` on the path, killed by a signal."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from pomost.agent.memory import Memory
from pomost.agent.printers import Cups, NotPrinted, Raw, printer_of
from pomost.printing import queue_label
from pomost.store.prints import Wanted
from tests.panel.conftest import Desk

Panel = Callable[..., Desk]
FLOW = {"preset": "ro-fs-wz-at-once", "print": ["document", "packing"]}


class RawPrinter:
    """A printer at a TCP port. ``jobs``: what each connection sent. ``stall``: it takes the bytes and then says nothing."""

    def __init__(self) -> None:
        self.jobs: list[bytes] = []
        self.stall = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                got = b""
                while part := connection.recv(65_536):
                    got += part
                self.jobs.append(got)
                while self.stall.is_set():
                    time.sleep(0.02)

    def close(self) -> None:
        self.stall.clear()
        self._listener.close()


@pytest.fixture
def printer() -> Iterator[RawPrinter]:
    made = RawPrinter()
    yield made
    made.close()


class Running:
    """An agent in a process of its own."""

    def __init__(self, desk: Desk, folder: Path, *options: str) -> None:
        token = desk.pomost.store.people.add_token("agent", ("read", "print"), "test", time.time())
        environment = {
            **os.environ,
            "POMOST_TOKEN": token,
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        }
        command = [sys.executable, "-m", "pomost", "print-agent", "--url", desk.url, "--every", "0.2"]
        self.output = folder / "agent.txt"
        self._file = self.output.open("ab")
        self.process = subprocess.Popen(
            [*command, "--memory", str(folder / "memory.jsonl"), *options],
            env=environment,
            stdout=self._file,
            stderr=subprocess.STDOUT,
        )

    def said(self) -> str:
        return " ".join(self.output.read_text("utf-8").split())

    def until(self, true: Callable[[], bool], seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(20)
        self._file.close()
        return code


def waiting(desk: Desk) -> int:
    return desk.pomost.store.prints.count(Wanted())


def label(desk: Desk, parcel: str, content: bytes) -> None:
    file = Path(desk.pomost.config.data_dir) / f"{parcel}.zpl"
    file.write_bytes(content)
    assert queue_label(desk.pomost.store, "main", parcel, file.name, time.time())


def test_labels_go_to_one_printer_and_documents_to_another_each_once(
    panel: Panel, printer: RawPrinter, tmp_path: Path
) -> None:
    desk = panel(flow=FLOW)
    (order,) = desk.house.shop.place(1)
    desk.house.run_until(lambda: waiting(desk) == 2)
    label(desk, "P1", b"^XA^FDP1^FS^XZ")
    queue = tmp_path / "queue"
    queue.mkdir()
    lp = tmp_path / "lp"
    lp.write_text(f'#!/bin/sh\ncat > "{queue}/$$.pdf"\necho "$@" >> "{queue}/said.txt"\n')
    lp.chmod(0o755)

    agent = Running(
        desk,
        tmp_path,
        "--label",
        f"tcp:127.0.0.1:{printer.port}",
        "--document",
        "cups:Biuro",
        "--packing",
        "cups:Biuro",
    )
    agent.until(lambda: waiting(desk) == 0)
    code = agent.end()

    assert code == 0
    assert printer.jobs == [b"^XA^FDP1^FS^XZ"]
    assert len(list(queue.glob("*.pdf"))) == 2
    assert all(one.read_bytes().startswith(b"%PDF-") for one in queue.glob("*.pdf"))
    (sale,) = (one for one in desk.house.documents(order) if one.kind in ("FS", "PA"))
    assert f"-d Biuro -n 1 -t {sale.number}" in (queue / "said.txt").read_text()
    printed = desk.pomost.store.prints.page(Wanted(printed=True))
    assert {one.printed_by for one in printed} == {"token agent"}


def test_a_printer_that_is_off_loses_nothing(panel: Panel, tmp_path: Path) -> None:
    desk = panel(flow=FLOW)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    label(desk, "P1", b"^XA^XZ")

    agent = Running(desk, tmp_path, "--label", f"tcp:127.0.0.1:{port}")
    agent.until(lambda: "can't be reached" in agent.said())
    before = waiting(desk)
    printer = RawPrinter.__new__(RawPrinter)
    printer.jobs, printer.stall = [], threading.Event()
    printer._listener = socket.create_server(("127.0.0.1", port))
    printer.port = port
    threading.Thread(target=printer._run, daemon=True).start()
    agent.until(lambda: waiting(desk) == 0)
    agent.end()
    printer.close()

    assert before == 1
    assert printer.jobs == [b"^XA^XZ"]
    assert agent.said().count("can't be reached") == 1


def test_killed_while_the_printer_had_it_nothing_is_printed_twice_and_it_is_named(
    panel: Panel, printer: RawPrinter, tmp_path: Path
) -> None:
    desk = panel(flow=FLOW)
    label(desk, "P1", b"^XA^FDP1^FS^XZ")
    printer.stall.set()

    agent = Running(desk, tmp_path, "--label", f"tcp:127.0.0.1:{printer.port}")
    agent.until(lambda: len(printer.jobs) == 1)
    agent.end(signal.SIGKILL)
    printer.stall.clear()
    label(desk, "P2", b"^XA^FDP2^FS^XZ")
    again = Running(desk, tmp_path, "--label", f"tcp:127.0.0.1:{printer.port}")
    again.until(lambda: waiting(desk) == 1)
    again.until(lambda: "perhaps printed before a crash" in again.said())
    again.end()

    assert printer.jobs == [b"^XA^FDP1^FS^XZ", b"^XA^FDP2^FS^XZ"]
    (left,) = desk.pomost.store.prints.page(Wanted())
    assert left.title == "P1"


def test_with_again_what_is_in_doubt_is_printed_once_more(
    panel: Panel, printer: RawPrinter, tmp_path: Path
) -> None:
    desk = panel(flow=FLOW)
    label(desk, "P1", b"^XA^XZ")
    token = desk.pomost.store.people.add_token("look", ("read",), "test", time.time())
    answer = httpx2.get(f"{desk.url}/api/v1/prints", headers={"authorization": f"Bearer {token}"})
    (entry,) = answer.json()["prints"]
    Memory(tmp_path / "memory.jsonl").note(f"{entry['id']}@{entry['made_at']}", "begun")

    agent = Running(desk, tmp_path, "--label", f"tcp:127.0.0.1:{printer.port}", "--again")
    agent.until(lambda: waiting(desk) == 0)
    agent.end()

    assert printer.jobs == [b"^XA^XZ"]


def test_a_token_without_the_scope_ends_it_with_the_reason(panel: Panel, tmp_path: Path) -> None:
    desk = panel(flow=FLOW)
    token = desk.pomost.store.people.add_token("agent", ("read",), "test", time.time())
    label(desk, "P1", b"^XA^XZ")
    done = subprocess.run(
        [sys.executable, "-m", "pomost", "print-agent", "--url", desk.url, "--label", "tcp:127.0.0.1:9"],
        env={**os.environ, "POMOST_TOKEN": token},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 2
    assert "Pomost" in done.stdout
    assert waiting(desk) == 1


@pytest.mark.parametrize(
    ("text", "printer"),
    [
        ("cups:Zebra", Cups("Zebra")),
        ("tcp:192.168.1.50", Raw("192.168.1.50")),
        ("tcp:drukarka:6101", Raw("drukarka", 6101)),
        ("tcp:[::1]:9100", Raw("::1", 9100)),
    ],
)
def test_printers_as_they_are_typed(text: str, printer: object) -> None:
    assert printer_of(text) == printer


@pytest.mark.parametrize(
    "text", ["", "cups:", "cups:-o", "tcp:", "tcp:host:99999", "tcp:host:x", "usb:1", "Zebra"]
)
def test_what_is_no_printer_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no printer"):
        printer_of(text)


def test_without_lp_nothing_counts_as_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotPrinted, match="cups-client"):
        Cups("Biuro").send(b"%PDF-", "FS", 1)


def test_a_memory_cut_off_in_its_last_line_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "memory.jsonl"
    memory = Memory(path)
    memory.note("1", "begun")
    memory.note("1", "printed")
    memory.note("2", "begun")
    with path.open("a") as file:
        file.write('{"key": "3", "st')

    again = Memory(path)

    assert [again.state(key) for key in "123"] == ["printed", "begun", ""]


def test_a_memory_stays_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pomost.agent.memory._KEPT", 5)
    memory = Memory(tmp_path / "memory.jsonl")
    for number in range(100):
        memory.note(str(number), "printed")

    assert len((tmp_path / "memory.jsonl").read_text().splitlines()) <= 20
    assert Memory(tmp_path / "memory.jsonl").state("99") == "printed"
