"""Answers that don't come: a receipt is printed once, or it is said that nobody can tell."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from pomost.connectors.posnet.connector import PosnetPrinter
from pomost.ports import Failure, InDoubt, Json, NeedsPerson, TryAgain
from tests.connectors.posnet.counter import Counter, receipt
from tests.sandbox.posnet.wire import Wire

BEFORE = ["scnt", "vatget", "trinit", "trline", "trpayment"]


def failure_of(driver: PosnetPrinter, mark: Json) -> Failure:
    with pytest.raises(Failure) as raised:
        driver.print_receipt(receipt(), mark)
    return raised.value


@pytest.mark.parametrize("fault", ["answer-lost", "command-lost", "wrong-checksum"])
@pytest.mark.parametrize("command", BEFORE)
def test_a_cut_before_the_end_is_certain(counter: Counter, command: str, fault: str) -> None:
    driver = counter.driver()
    mark = driver.mark()
    counter.emulator.faults.add(fault, command)
    failure = failure_of(driver, mark)

    assert (type(failure), failure.code) == (TryAgain, "posnet.unreachable")
    assert counter.nothing_open()
    assert driver.printed_since(receipt(), mark) is None
    driver.print_receipt(receipt(), driver.mark())
    assert counter.totals() == [3398]


@pytest.mark.parametrize("footer", [False, True], ids=["plain", "footer"])
@pytest.mark.parametrize("forget", [False, True], ids=["kept", "forgotten"])
@pytest.mark.parametrize("fault", ["answer-lost", "wrong-checksum", "answer-withheld"])
def test_an_answer_lost_after_printing_is_found(
    counter: Counter, fault: str, forget: bool, footer: bool
) -> None:
    driver = counter.driver(print_timeout_s=0.5, footer=footer)
    mark = driver.mark()
    counter.emulator.faults.add(fault, "trend")
    if forget:
        counter.emulator.faults.add("forget-answers", "trend")
    found = driver.print_receipt(receipt(), mark)

    assert found.number == "1/1"
    assert driver.printed_since(receipt(), mark) == found
    assert driver.print_receipt(receipt(), mark) == found
    assert counter.totals() == [3398]
    assert counter.nothing_open()


@pytest.mark.parametrize("register", ["register.db", "another.db"])
def test_a_command_lost_at_the_end_was_not_printed(counter: Counter, register: str) -> None:
    driver = counter.driver()
    mark = driver.mark()
    counter.emulator.faults.add("command-lost", "trend")
    failure = failure_of(driver, mark)

    assert (type(failure), failure.code) == (TryAgain, "posnet.unreachable")
    assert counter.driver(register).printed_since(receipt(), mark) is None
    assert counter.totals() == []
    assert counter.nothing_open()
    assert counter.emulator.cancelled() == 1


def test_garbage_before_an_answer_is_passed_over(counter: Counter) -> None:
    counter.emulator.faults.add("garbage", times=100)

    assert counter.print(receipt()).number == "1/1"


def test_a_slow_printer_is_waited_for(counter: Counter) -> None:
    driver = counter.driver(print_timeout_s=0.2, doubt_wait_s=5)
    mark = driver.mark()
    counter.emulator.faults.add("slow", "trend", seconds=0.8)

    assert driver.print_receipt(receipt(), mark).number == "1/1"
    assert counter.totals() == [3398]


@pytest.mark.parametrize(("fault", "code"), [("no-paper", "paper"), ("cover-open", "cover")])
def test_paper_that_ends_in_the_middle_is_a_doubt_until_it_is_put_in(
    counter: Counter, fault: str, code: str
) -> None:
    driver = counter.driver(print_timeout_s=0.3, doubt_wait_s=0.1)
    mark = driver.mark()
    counter.emulator.faults.add(fault, "trend")
    failure = failure_of(driver, mark)
    assert (type(failure), failure.code) == (InDoubt, "posnet.cannot-ask")
    assert code in failure.text
    with pytest.raises(NeedsPerson):
        driver.mark()

    counter.emulator.put_paper_in()
    counter.emulator.close_cover()
    found = counter.driver(doubt_wait_s=5).printed_since(receipt(), mark)
    assert found is not None
    assert found.number == "1/1"
    assert counter.totals() == [3398]


def test_a_printer_that_is_off_can_not_be_asked(counter: Counter) -> None:
    driver = counter.driver(print_timeout_s=0.3)
    mark = driver.mark()
    counter.emulator.faults.add("no-paper", "trend")
    failure_of(driver, mark)
    counter.emulator.close()
    with pytest.raises(InDoubt) as raised:
        driver.printed_since(receipt(), mark)

    assert raised.value.code == "posnet.cannot-ask"


def left_in_doubt(counter: Counter, fault: str) -> Json:
    """A receipt whose end was sent and whose driver could ask nothing more."""
    driver = counter.driver()
    mark = driver.mark()
    counter.emulator.faults.add(fault, "trend")
    counter.emulator.on_command = lambda command: (
        counter.emulator.faults.add("command-lost", "sdev") if command == "trend" else None
    )
    failure = failure_of(driver, mark)
    counter.emulator.on_command = lambda command: None
    assert (type(failure), failure.code) == (InDoubt, "posnet.cannot-ask")
    return mark


@pytest.mark.parametrize(
    ("register", "answers", "code"),
    [
        pytest.param("register.db", "kept", "posnet.number-in-doubt", id="with our register"),
        pytest.param("register.db", "forgotten", "posnet.receipt-in-doubt", id="answers forgotten"),
        pytest.param("another.db", "kept", "posnet.number-in-doubt", id="from another machine"),
    ],
)
def test_what_was_printed_before_another_program_printed_has_no_certain_number(
    counter: Counter, register: str, answers: str, code: str
) -> None:
    mark = left_in_doubt(counter, "answer-lost")
    if answers == "forgotten":
        counter.emulator.printer.forget_answers()
    counter.other_program_sells()
    with pytest.raises(InDoubt) as raised:
        counter.driver(register).printed_since(receipt(), mark)

    assert raised.value.code == code
    assert counter.totals() == [3398, 500]


def test_a_receipt_that_somebody_cancelled_before_another_was_printed_is_in_doubt(counter: Counter) -> None:
    mark = left_in_doubt(counter, "command-lost")
    with Wire(counter.emulator.second_port) as wire:
        wire.ask("hardprncancel")
    counter.other_program_sells()
    for driver in (counter.driver(), counter.driver("another.db")):
        with pytest.raises(InDoubt) as raised:
            driver.printed_since(receipt(), mark)
        assert raised.value.code == "posnet.receipt-in-doubt"

    assert counter.totals() == [500]


def test_another_machine_can_not_tell_whose_receipt_was_printed(counter: Counter) -> None:
    mark = counter.driver().mark()
    counter.other_program_sells()

    with pytest.raises(InDoubt):
        counter.driver("another.db").printed_since(receipt(), mark)
    assert counter.driver().printed_since(receipt(), mark) is None


def test_a_daily_report_in_between_leaves_a_doubt(counter: Counter) -> None:
    mark = left_in_doubt(counter, "answer-lost")
    with Wire(counter.emulator.second_port) as wire:
        assert wire.error("dailyrep", f"da{counter.clock.now.date()}") == 0
    with pytest.raises(InDoubt) as raised:
        counter.driver().printed_since(receipt(), mark)

    assert raised.value.code == "posnet.number-in-doubt"


def test_the_next_mark_finds_out_how_the_last_receipt_ended(counter: Counter) -> None:
    mark = left_in_doubt(counter, "answer-lost")
    driver = counter.driver()
    second = driver.print_receipt(receipt(key="order-2:fiscal"), driver.mark())
    first = driver.printed_since(receipt(), mark)

    assert first is not None
    assert (first.number, second.number) == ("1/1", "1/2")
    assert counter.totals() == [3398, 3398]


def test_another_printer_at_the_address_is_noticed(counter: Counter) -> None:
    mark = left_in_doubt(counter, "answer-lost")
    counter.emulator.printer.unique_number = "ZBF 2101000002"
    with pytest.raises(InDoubt) as raised:
        counter.driver().printed_since(receipt(), mark)

    assert raised.value.code == "posnet.other-printer"


def test_a_mark_does_not_outlive_another_receipt(counter: Counter) -> None:
    driver = counter.driver()
    mark = driver.mark()
    counter.other_program_sells()
    failure = failure_of(driver, mark)

    assert (type(failure), failure.code) == (TryAgain, "posnet.stale-mark")
    assert counter.totals() == [500]


def test_another_receipt_just_before_ours_makes_the_mark_stale(counter: Counter) -> None:
    driver = counter.driver()
    mark = driver.mark()
    others = [counter.other_program_sells]
    counter.emulator.on_command = lambda command: others.pop()() if command == "vatget" and others else None
    failure = failure_of(driver, mark)

    assert (type(failure), failure.code) == (TryAgain, "posnet.stale-mark")
    assert counter.totals() == [500]
    assert counter.nothing_open()


def test_a_mark_does_not_outlive_the_question(counter: Counter) -> None:
    driver = counter.driver()
    mark = driver.mark()
    assert driver.printed_since(receipt(), mark) is None

    assert failure_of(driver, mark).code == "posnet.stale-mark"
    assert counter.totals() == []


def test_a_receipt_in_doubt_is_not_printed_again(counter: Counter) -> None:
    mark = left_in_doubt(counter, "command-lost")
    failure = failure_of(counter.driver(), mark)

    assert (type(failure), failure.code) == (InDoubt, "posnet.ask-first")
    assert counter.driver().printed_since(receipt(), mark) is None


def test_a_receipt_of_the_other_interface_is_left_alone(counter: Counter) -> None:
    with Wire(counter.emulator.second_port) as wire:
        wire.ask("trinit", "bm1")
        wire.ask("trline", "naInny towar", "vt0", "pr500")
        with pytest.raises(TryAgain) as raised:
            counter.driver().mark()
        assert raised.value.code == "posnet.busy"
        wire.ask("trpayment", "ty0", "wa500")
        assert wire.ask("trend", "to500") == ["trend"]

    assert counter.print(receipt()).number == "1/2"


@pytest.mark.parametrize(("cancel", "code"), [(True, ""), (False, "posnet.busy")])
def test_a_receipt_left_open_on_our_interface_is_cancelled_if_allowed(
    counter: Counter, cancel: bool, code: str
) -> None:
    with Wire(counter.emulator.port) as wire:
        wire.ask("trinit", "bm1")
    said = ""
    try:
        counter.print(receipt(), cancel_left_open=cancel)
    except TryAgain as failure:
        said = failure.code

    assert said == code
    assert counter.totals() == ([3398] if cancel else [])


@pytest.mark.parametrize("moment", ["trinit", "trpayment", "trend"])
def test_a_register_that_breaks_prints_nothing_twice(counter: Counter, moment: str) -> None:
    driver = counter.driver()
    mark = driver.mark()
    file = counter.folder / "register.db"

    def break_at(command: str) -> None:
        if command == moment:
            file.rename(counter.folder / "away.db")
            file.mkdir()

    counter.emulator.on_command = break_at
    said = ""
    try:
        driver.print_receipt(receipt(), mark)
    except NeedsPerson as failure:
        said = failure.code
    counter.emulator.on_command = lambda command: None
    file.rmdir()
    (counter.folder / "away.db").rename(file)

    assert said == ("" if moment == "trend" else "posnet.register")
    assert counter.nothing_open()
    found = counter.driver().printed_since(receipt(), mark)
    assert (found is not None) == (moment == "trend")
    assert counter.totals() == ([3398] if moment == "trend" else [])


def test_several_threads_take_turns(counter: Counter) -> None:
    drivers = [counter.driver(turn_wait_s=30) for _ in range(2)]
    failures: list[str] = []

    def work(driver: PosnetPrinter) -> None:
        left = 5
        while left:
            try:
                driver.print_receipt(receipt(), driver.mark())
                left -= 1
            except TryAgain as failure:
                failures.append(failure.code)

    threads = [threading.Thread(target=work, args=(drivers[n % 2],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert counter.totals() == [3398] * 20
    assert set(failures) <= {"posnet.stale-mark"}


def test_a_lost_daily_report_is_tried_again(counter: Counter) -> None:
    counter.print(receipt())
    counter.clock.now += timedelta(days=1)
    counter.emulator.faults.add("answer-lost", "dailyrep")
    with pytest.raises(TryAgain):
        counter.print(receipt(), daily_report=True)

    assert counter.print(receipt(), daily_report=True).number == "2/1"
    assert counter.emulator.reports() == 1
