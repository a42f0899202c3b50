"""Frames as the specification has them, over TCP and through pyserial."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from pomost.connectors.posnet.client import Answer, Lost, SerialTransport, build, parse
from pomost.connectors.posnet.errors import NUMBERS
from pomost.connectors.posnet.mapping import slots_from
from pomost.ports import NeedsPerson
from pomost.trade.vat import VatRate
from tests.connectors.posnet.counter import Counter, receipt
from tests.sandbox.posnet.wire import checksum

GOLDEN = json.loads(
    (Path(__file__).parents[2] / "sandbox" / "posnet" / "frames.json").read_text(encoding="utf-8")
)
RATES = (("23", 0), ("8", 1), ("5", 2), ("0", 3), ("zw", 6))


@pytest.mark.parametrize("golden", GOLDEN["requests"], ids=lambda one: one["name"])
def test_a_command_is_the_golden_frame(golden: dict[str, Any]) -> None:
    fields = {one["name"]: one["value"] for one in golden["fields"]}

    assert build(golden["command"], fields, golden["token"] or "").hex() == golden["frame_hex"]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("accepted", Answer("trinit")),
        ("command error 2041", Answer("trend", {}, 2041)),
        ("frame error 5 naming the command", Answer("ERR", {"cm": "trline"}, 5)),
        ("frame error 2 naming command and field", Answer("ERR", {"cm": "trline", "fd": "pr"}, 2)),
        (
            "counters answer",
            Answer(
                "scnt",
                {
                    "rd": "14", "hn": "120", "bn": "35", "fn": "0", "nu": "ABC 1234567890", "bc": "1", "bt": "35",
                    "fc": "0",
                },
                0,
                "0007",
            ),
        ),
    ],
)  # fmt: skip
def test_a_golden_answer_is_read(name: str, answer: Answer) -> None:
    (frame,) = [bytes.fromhex(one["frame_hex"]) for one in GOLDEN["responses"] if one["name"] == name]

    assert parse(frame) == answer


def test_rates_of_the_golden_table() -> None:
    (frame,) = [
        bytes.fromhex(one["frame_hex"]) for one in GOLDEN["responses"] if one["name"] == "VAT table answer"
    ]

    assert slots_from(parse(frame).fields) == {VatRate.of(rate): n for rate, n in RATES}


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(b"\x02trend\t?2041#E04F\x03", id="wrong checksum"),
        pytest.param(b"\x02\x03", id="nothing"),
        pytest.param(b"\x02trend\t\x03", id="no checksum"),
    ],
)
def test_an_answer_that_can_not_be_trusted_is_lost(frame: bytes) -> None:
    with pytest.raises(Lost):
        parse(frame)


@pytest.mark.parametrize(
    ("body", "mark", "answer"),
    [
        pytest.param(b"trend\t?2041", b"#", Answer("trend", {}, 2041), id="no TAB after the number"),
        pytest.param(b"ERR\ter13\t", b"#", Answer("ERR", {}, 13), id="er instead of ?"),
        pytest.param(b"ERR\t?5\t", b"", Answer("ERR", {}, 5), id="no hash before the checksum"),
    ],
)
def test_other_layouts_of_an_error_are_read(body: bytes, mark: bytes, answer: Answer) -> None:
    assert parse(b"\x02" + body + mark + checksum(body).encode() + b"\x03") == answer


def test_control_characters_never_leave() -> None:
    with pytest.raises(ValueError, match="control character"):
        build("trline", {"na": "a\x03b"})


def test_every_number_of_the_table_of_errors_is_known() -> None:
    named = (
        1,
        2,
        3,
        4,
        5,
        6,
        10,
        11,
        12,
        14,
        15,
        41,
        382,
        383,
        387,
        388,
        2000,
        2005,
        2010,
        2031,
        2036,
        2038,
        2041,
    )
    later = (
        2054,
        2060,
        2062,
        2096,
        2098,
        *range(2101, 2108),
        *range(2801, 2810),
        2900,
        2901,
        2904,
        2918,
        2930,
    )

    assert [number for number in (*named, *range(1950, 1993), *later) if number not in NUMBERS] == []


def test_a_receipt_through_pyserial(counter: Counter) -> None:
    pytest.importorskip("serial")
    url = f"socket://127.0.0.1:{counter.emulator.port}"
    driver = counter.driver(host="", serial_port=url)

    assert driver.print_receipt(receipt(), driver.mark()).number == "1/1"
    counter.emulator.faults.add("answer-lost", "trend")
    assert driver.print_receipt(receipt(), driver.mark()).number == "1/2"


def test_without_pyserial_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "serial", None)
    with pytest.raises(NeedsPerson) as refused:
        SerialTransport("COM3")

    assert refused.value.code == "posnet.no-serial"
    assert "pip install pomost[serial]" in refused.value.advice
