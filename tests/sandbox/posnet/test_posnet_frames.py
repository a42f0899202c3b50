"""The emulator reads frames strictly and answers as the protocol says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pomost.sandbox.posnet import Emulator
from tests.sandbox.posnet.wire import Wire, checksum, frame

GOLDEN = json.loads((Path(__file__).parent / "frames.json").read_text(encoding="utf-8"))


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[Emulator]:
    with Emulator(tmp_path / "memory.db") as running:
        yield running


def test_the_checksum_is_that_of_the_specification() -> None:
    assert checksum(b"123456789") == GOLDEN["crc"]["check_123456789"]
    assert checksum(b"trinit\tbm0\t") == GOLDEN["crc"]["check_trinit_bm0"]


@pytest.mark.parametrize("golden", GOLDEN["requests"], ids=lambda one: one["name"])
def test_a_golden_frame_is_understood(printer: Emulator, golden: dict[str, Any]) -> None:
    with Wire(printer.port) as wire:
        wire.send(bytes.fromhex(golden["frame_hex"]))
        answer = wire.receive()

    assert printer.commands == [golden["command"].removeprefix("!")]
    assert answer[0] in (golden["command"].removeprefix("!"), "ERR")
    assert (answer[0] == "ERR") == (golden["command"] == "rpt")


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        pytest.param(b"\x02scomm\t#0000\x03", ["ERR", "?5"], id="wrong checksum"),
        pytest.param(b"\x02scomm\t\x03", ["ERR", "?15"], id="no checksum"),
        pytest.param(frame("tralala"), ["ERR", "?1", "cmtralala"], id="unknown command"),
        pytest.param(frame("trinit", "bm7"), ["ERR", "?3", "cmtrinit", "fdbm"], id="no BOOL"),
        pytest.param(frame("trinit", "zz1"), ["ERR", "?6", "cmtrinit", "fdzz"], id="unknown field"),
        pytest.param(frame("scomm", "@12"), ["ERR", "?4", "cmscomm"], id="bad token"),
        pytest.param(frame("!scomm"), ["ERR", "?12", "cmscomm"], id="not allowed at once"),
        pytest.param(frame("trline", "na" + "x" * 81), ["trline", "?2005"], id="state before fields"),
    ],
)
def test_a_bad_frame_is_answered_with_its_number(printer: Emulator, sent: bytes, answer: list[str]) -> None:
    with Wire(printer.port) as wire:
        wire.send(sent)

        assert wire.receive() == answer


def test_bytes_between_frames_are_passed_over(printer: Emulator) -> None:
    with Wire(printer.port) as wire:
        wire.send(b"noise\x03\x00" + frame("vatget"))

        assert wire.receive() == [
            "vatget", "va23,00", "vb8,00", "vc5,00", "vd0,00", "ve101,00", "vf101,00", "vg100,00",
        ]  # fmt: skip


def test_the_token_comes_back_and_its_answer_can_be_repeated(printer: Emulator) -> None:
    with Wire(printer.port) as wire:
        first = wire.ask("scnt", "@0007")
        assert wire.ask("trline", "naX", "vt0", "pr1", "@0008") == ["trline", "@0008", "?2005"]

        assert first[:2] == ["scnt", "@0007"]
        assert wire.ask("rpt", "@0007") == first
        assert wire.ask("rpt", "@0008") == ["trline", "@0008", "?2005"]
        assert wire.ask("rpt", "@0009") == ["ERR", "@0009", "?13", "cmrpt"]


def test_thirty_two_answers_are_kept(printer: Emulator) -> None:
    with Wire(printer.port) as wire:
        for number in range(33):
            wire.ask("scomm", f"@{number:04d}")

        assert wire.ask("rpt", "@0000")[2] == "?13"
        assert wire.ask("rpt", "@0001")[0] == "scomm"
