"""Printers and mail servers that fail in the middle, and programs that are killed while they work; one receipt, one mail."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.conftest import DATABASES
from tests.faults.harness import Trial
from tests.nursery import Child

DEADLY = ("trinit", "trline", "trpayment", "trend", "scnt")


def kill_at_command(trial: Trial, command: str) -> list[Child]:
    """The process that works now is killed when the printer gets ``command`` for the first time."""
    struck: list[Child] = []
    working: list[Child] = []

    def hear(heard: str) -> None:
        if heard == command and not struck and working:
            struck.append(working[0])
            working[0].send_signal(signal.SIGKILL)
            working[0].wait(10)

    trial.printer.on_command = hear
    trial._begin()
    trial.arm("SIGKILL", "")
    working.append(trial.start())
    trial.until(lambda: bool(struck))
    trial.start()
    trial.until(trial._finished, 60)
    return struck


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        pytest.param(kind, command, marks=[] if (kind, command) == ("sqlite", "trend") else pytest.mark.slow)
        for kind in DATABASES
        for command in DEADLY
    ],
)
def test_killed_while_the_printer_gets_a_command_the_receipt_is_there_once(
    kind: str, command: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, preset="ro-pa-fiscal-wz")

    kill_at_command(one, command)

    [printed] = one.printer.receipts()
    [document] = [found for found in one.house.documents(one.channel_order()) if found.kind == "PA"]
    assert document.attributes["FISCAL_NUMBER"] == f"{printed.report + 1}/{printed.number}"
    assert one.printer.printer.open is None, "nothing is left open"
    assert one.asked_a_person() == []


class Ears(list[str]):
    """Hears each command of a mail server."""

    def __init__(self, hear: Callable[[str], None]) -> None:
        super().__init__()
        self._hear = hear

    def append(self, command: str) -> None:
        super().append(command)
        self._hear(command)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def test_killed_while_the_mail_server_takes_the_mail_it_is_in_doubt_and_never_sent_twice(
    kind: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, preset="ro-fs-wz-mail")
    killed: list[int] = []
    working: list[Child] = []

    def hear(command: str) -> None:
        if command == "TEXT" and not killed:
            killed.append(working[0].pid)
            working[0].kill()

    one.post.commands = Ears(hear)
    one._begin()
    one.arm("SIGKILL", "")
    working.append(one.start())
    one.until(lambda: bool(killed))
    one.start()
    one.until(one._finished, 60)

    assert len(one.post.taken) == 1
    assert next(text.rpartition(" ")[2] for text in one.asked_a_person()) == "mail.cut-short"


@pytest.mark.parametrize(
    ("preset", "point", "count"),
    [
        ("ro-pa-fiscal-wz", "fiscal:made", lambda trial: len(trial.printer.receipts())),
        ("ro-fs-wz-mail", "mail:made", lambda trial: len(trial.post.taken)),
    ],
)
def test_without_asking_or_stopping_a_kill_prints_and_mails_twice(
    preset: str, point: str, count: Callable[[Any], int], trial: Callable[..., Trial]
) -> None:
    """The detector is proved: with the guards off the same trial finds the second receipt and the second mail."""
    one = trial("sqlite", preset=preset, guards_off=True)

    one.run([point])

    assert one.kills == [point]
    assert count(one) == 2


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
@pytest.mark.parametrize("point", ["fiscal:intended", "fiscal:made"])
def test_a_frozen_process_that_wakes_after_its_lease_prints_nothing(
    kind: str, point: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, preset="ro-pa-fiscal-wz", lease_s=0.5)
    one.freeze_beyond_lease(point)

    assert len(one.printer.receipts()) == 2, "one for each order"
    assert one.asked_a_person() == []


def test_a_frozen_process_that_wakes_after_its_lease_mails_nothing(trial: Callable[..., Trial]) -> None:
    one = trial("sqlite", preset="ro-fs-wz-mail", lease_s=0.5)
    one.arm("SIGSTOP", "mail:intended")
    frozen = one.start()
    order = one.shop.place(paid=True)[0]
    one.until(lambda: one.struck("mail:intended"))
    other = one.start()
    one.until(lambda: one.house.state(order) == "done")
    assert len(one.post.taken) == 1, "the other one sent it, once somebody had looked into the inbox"

    frozen.send_signal(signal.SIGCONT)
    assert one.end(frozen) == 0
    assert one.end(other) == 0
    assert len(one.post.taken) == 1


@pytest.mark.parametrize("kind", DATABASES)
def test_of_two_processes_at_one_printer_one_is_killed_and_each_order_has_one_receipt(
    kind: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, preset="ro-pa-fiscal-wz", lease_s=1.0)

    orders = one.run_in_pairs(["fiscal:intended", "fiscal:made"])

    assert len(one.printer.receipts()) == len(orders)
    assert one.asked_a_person() == []
