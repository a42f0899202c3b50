"""The driver's process is killed at each command; whatever happens, the fiscal memory holds the receipt once."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass, field
from typing import Any

import pytest

from pomost.connectors.posnet.connector import PosnetPrinter
from pomost.ports import NeedsPerson
from tests.connectors.posnet.child import RECEIPT, settings
from tests.connectors.posnet.counter import Counter
from tests.nursery import run

COMMANDS = [
    "sprn", "sdev", "scnt", "vatget", "trinit", "scnt", "eparagonidznext", "trline", "trline", "trnipset",
    "trpayment", "trpayment", "trend", "trftrln", "trftrend", "scnt", "rtcget",
]  # fmt: skip
TREND = COMMANDS.index("trend") + 1


@dataclass
class Trial:
    """One receipt; its mark was taken and kept before the process that is killed."""

    counter: Counter
    given: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.given = {
            "port": str(self.counter.emulator.port),
            "register": str(self.counter.folder / "register.db"),
        }
        self.given["mark"] = PosnetPrinter(settings(self.given)).mark()
        self.counter.emulator.commands.clear()

    def live(self, act: str, point: str = "-") -> dict[str, str]:
        """What a process of its own said; {"killed": "yes"} when it killed itself."""
        file = self.counter.folder / "given.json"
        file.write_text(json.dumps(self.given), encoding="utf-8")
        code, said_by_it, errors = run("tests.connectors.posnet.child", str(file), act, point)
        if code == -signal.SIGKILL:
            return {"killed": "yes"}
        assert code == 0, errors
        said: dict[str, str] = json.loads(said_by_it.splitlines()[-1])
        return said


@pytest.fixture
def trial(counter: Counter) -> Trial:
    return Trial(counter)


def test_the_sequence_is_the_one_that_is_killed(trial: Trial) -> None:
    assert trial.live("print") == {"printed": "1/1"}
    assert trial.counter.emulator.commands == COMMANDS


@pytest.mark.parametrize("place", range(1, len(COMMANDS) + 1), ids=lambda n: f"{n}-{COMMANDS[n - 1]}")
@pytest.mark.parametrize(("when", "register"), [("before", "kept"), ("after", "kept"), ("after", "lost")])
def test_a_kill_at_any_command_leaves_one_receipt(trial: Trial, when: str, place: int, register: str) -> None:
    assert trial.live("print", f"{when} {place}") == {"killed": "yes"}
    if register == "lost":
        trial.given["register"] = str(trial.counter.folder / "another.db")
    said = trial.live("recover")

    (printed,) = trial.counter.emulator.receipts()
    happened_already = place > TREND or (place == TREND and when == "after")
    number = f"{printed.report + 1}/{printed.number}"
    assert said == ({"found": number} if happened_already else {"found": "", "printed": number})
    assert (printed.total, printed.change, printed.nip) == (3138, 862, "5260250274")
    assert trial.counter.nothing_open()


@pytest.mark.parametrize("place", [TREND, TREND + 1, len(COMMANDS)])
def test_asking_again_gives_the_same_receipt(trial: Trial, place: int) -> None:
    trial.live("print", f"after {place}")

    assert [trial.live("recover") for _ in range(3)] == [{"found": "1/1"}] * 3


def test_a_kill_at_each_command_in_turn_leaves_one_receipt(trial: Trial) -> None:
    for place in range(1, TREND + 1):
        assert trial.live("print", f"before {place}") == {"killed": "yes"}
        trial.given["mark"] = PosnetPrinter(settings(trial.given)).mark()
        assert trial.counter.nothing_open()
    said = trial.live("print")

    (printed,) = trial.counter.emulator.receipts()
    assert said == {"printed": f"1/{printed.number}"}


@pytest.mark.parametrize("asked", ["question", "next mark", "lost register"])
@pytest.mark.parametrize("place", [5, 8, TREND])
def test_the_killed_buyers_e_document_does_not_go_to_the_next(trial: Trial, place: int, asked: str) -> None:
    trial.live("print", f"before {place}")
    if asked == "lost register":
        trial.given["register"] = str(trial.counter.folder / "another.db")
    printer = PosnetPrinter(settings(trial.given))
    if asked == "next mark":
        printer.mark()
    else:
        assert printer.printed_since(RECEIPT, trial.given["mark"]) is None
    trial.counter.other_program_sells()

    assert [one.e_document for one in trial.counter.emulator.receipts()] == [None]


def test_a_refused_buyers_e_document_does_not_go_to_the_next(trial: Trial) -> None:
    printer = PosnetPrinter(settings(trial.given))
    trial.counter.emulator.faults.add("refuse", "trline", number=2104)
    with pytest.raises(NeedsPerson):
        printer.print_receipt(RECEIPT, trial.given["mark"])
    trial.counter.other_program_sells()

    assert [one.e_document for one in trial.counter.emulator.receipts()] == [None]
