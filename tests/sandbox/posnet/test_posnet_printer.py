"""The emulator sells as the device does: rates, amounts, counters, daily report, faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pomost.sandbox.posnet import Emulator
from tests.sandbox.posnet.wire import Wire, frame


@dataclass
class Clock:
    now: datetime = datetime.fromisoformat("2026-03-02T12:00")

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def printer(tmp_path: Path, clock: Clock) -> Iterator[Emulator]:
    with Emulator(tmp_path / "memory.db", clock=clock) as running:
        yield running


@pytest.fixture
def wire(printer: Emulator) -> Iterator[Wire]:
    with Wire(printer.port) as opened:
        yield opened


def test_a_receipt_with_a_discount_is_in_the_fiscal_memory(printer: Emulator, wire: Wire) -> None:
    wire.ask("trinit", "bm1")
    wire.ask(
        "trline", "naHerbata zielona", "vt0", "pr1299", "il2", "jmszt", "wa2598", "rd1", "rp1000", "rw260"
    )
    wire.ask("trline", "naŻółta gęś", "vt1", "pr2450", "wa2450")
    wire.ask("trnipset", "ni1111111111")
    wire.ask("trpayment", "ty2", "wa3000", "re0")
    wire.ask("trpayment", "ty0", "wa2000", "re0")
    wire.ask("trpayment", "ty0", "wa212", "re1")

    assert wire.ask("trend", "to4788", "fp5000", "re212") == ["trend"]
    (receipt,) = printer.receipts()
    assert [(one["name"], one["after"]) for one in receipt.lines] == [
        ("Herbata zielona", 2338),
        ("Żółta gęś", 2450),
    ]
    assert receipt.slots == {"A": 2338, "B": 2450}
    assert receipt.taxes == {"A": 437, "B": 181}
    assert (receipt.total, receipt.change, receipt.nip) == (4788, 212, "1111111111")
    assert [(one["ty"], one["wa"]) for one in receipt.payments] == [(2, 3000), (0, 2000)]
    assert printer.counters() == {"rd": 0, "hn": 2, "bn": 1, "fn": 0, "bc": 0, "bt": 1}


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        pytest.param(["naX", "vt4", "pr100"], 2000, id="unused slot"),
        pytest.param(["naX", "vt9", "pr100"], 2000, id="no slot"),
        pytest.param(["na - ", "vt0", "pr100"], 2104, id="name of signs"),
        pytest.param(["na" + "x" * 81, "vt0", "pr100"], 10, id="name too long"),
        pytest.param(["vt0", "pr100"], 2, id="no name"),
        pytest.param(["naX", "vt0", "pr0"], 2006, id="price zero"),
        pytest.param(["naX", "vt0", "pr1.00"], 3, id="price with a separator"),
        pytest.param(["naX", "vt0", "pr100", "il0"], 2007, id="quantity zero"),
        pytest.param(["naX", "vt0", "pr100", "il3", "wa301"], 2802, id="line total"),
        pytest.param(["naX", "vt0", "pr100", "rd1", "rp1000", "rw11"], 2801, id="discount amount"),
        pytest.param(["naX", "vt0", "pr100", "rd1"], 2600, id="discount of nothing"),
        pytest.param(["naX", "vt0", "pr100", "rd1", "rw100"], 1985, id="nothing left"),
        pytest.param(["naX", "vt0", "pr1", "il0.1"], 2009, id="total zero"),
        pytest.param(["naX", "vt0", "pr100", "st1"], 1990, id="reversal of nothing"),
    ],
)
def test_a_wrong_line_is_refused(wire: Wire, fields: list[str], number: int) -> None:
    wire.ask("trinit", "bm1")

    assert wire.error("trline", *fields) == number


@pytest.mark.parametrize(
    ("payment", "end", "number"),
    [
        pytest.param(["ty0", "wa1000"], ["to999"], 2805, id="fiscal total"),
        pytest.param(["ty0", "wa1000"], ["to1000", "fp999"], 2808, id="payments"),
        pytest.param(["ty0", "wa1200"], ["to1000", "re100"], 2809, id="change"),
        pytest.param(["ty0", "wa1000"], ["to1000", "op1"], 2806, id="packages out"),
        pytest.param(["ty0", "wa1000"], ["to1000", "om1"], 2807, id="packages back"),
        pytest.param(["ty0", "wa900"], ["to1000"], 2054, id="paid too little"),
    ],
)
def test_an_end_that_does_not_agree_is_refused(
    printer: Emulator, wire: Wire, payment: list[str], end: list[str], number: int
) -> None:
    wire.ask("trinit", "bm1")
    wire.ask("trline", "naX", "vt0", "pr1000")
    wire.ask("trpayment", *payment)

    assert wire.error("trend", *end) == number
    assert printer.receipts() == []
    assert "ts17" in wire.ask("scomm")


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        pytest.param(["ty0", "wa0"], 1962, id="zero"),
        pytest.param(["ty1", "wa5"], 2705, id="no such form"),
        pytest.param(["ty0", "wa5", "re1"], 1961, id="change before payment"),
    ],
)
def test_a_wrong_payment_is_refused(wire: Wire, fields: list[str], number: int) -> None:
    wire.ask("trinit", "bm1")
    wire.ask("trline", "naX", "vt0", "pr1000")

    assert wire.error("trpayment", *fields) == number


def test_a_second_payment_is_refused_once_all_is_covered(wire: Wire) -> None:
    wire.ask("trinit", "bm1")
    wire.ask("trline", "naX", "vt0", "pr1000")
    wire.ask("trpayment", "ty2", "wa1000")

    assert wire.error("trpayment", "ty0", "wa1") == 1953


def test_an_empty_receipt_is_refused(wire: Wire) -> None:
    wire.ask("trinit", "bm1")

    assert wire.error("trend", "to0") == 1992


def test_a_discount_on_the_whole_is_spread_over_the_slots(printer: Emulator, wire: Wire) -> None:
    wire.ask("trinit", "bm1")
    for name, slot, price in (("X", 0, 333), ("Y", 1, 333), ("Z", 2, 334)):
        wire.ask("trline", f"na{name}", f"vt{slot}", f"pr{price}")
    wire.ask("trdiscntbill", "rd1", "rw100")
    wire.ask("trpayment", "ty0", "wa900")
    wire.ask("trend", "to900")

    assert printer.receipts()[0].slots == {"A": 299, "B": 300, "C": 301}


def test_packages_stand_outside_the_fiscal_total(printer: Emulator, wire: Wire) -> None:
    wire.ask("trinit", "bm1")
    wire.ask("trline", "naX", "vt0", "pr1000")
    assert wire.error("trpack", "na1", "ne0", "pr100", "il2", "wa201") == 2803
    wire.ask("trpack", "na1", "ne0", "pr100", "il2", "wa200")
    wire.ask("trpayment", "ty0", "wa1200")

    assert wire.ask("trend", "to1000", "op200", "fp1200") == ["trend"]
    assert printer.receipts()[0].total == 1000


@pytest.mark.parametrize("nip", ["123", "12345678901", "123456789X"])
def test_a_tax_number_has_ten_digits(wire: Wire, nip: str) -> None:
    wire.ask("trinit", "bm1")

    assert wire.error("trnipset", f"ni{nip}") == 2096


def test_goods_once_sold_at_a_lower_rate_are_not_sold_at_a_higher_one(wire: Wire) -> None:
    assert wire.sell(("Coca-Cola", 0, 100)) == 0
    assert wire.sell(("COCA COLA", 1, 100)) == 0

    assert wire.sell(("coca cola", 0, 100)) == 2106
    assert wire.sell(("Coca-Cola 2", 0, 100)) == 0
    assert wire.sell(("coca cola", 6, 100)) == 0
    assert wire.sell(("Coca-Cola", 3, 100)) == 2106


def test_the_memory_outlives_the_printer(tmp_path: Path, clock: Clock) -> None:
    for _ in range(2):
        with Emulator(tmp_path / "memory.db", clock=clock) as printer, Wire(printer.port) as wire:
            wire.sell(("X", 1, 100))

    with Emulator(tmp_path / "memory.db", clock=clock) as printer, Wire(printer.port) as wire:
        assert wire.sell(("X", 0, 100)) == 2106
        assert [one.number for one in printer.receipts()] == [1, 2]
        assert printer.counters() == {"rd": 0, "hn": 4, "bn": 2, "fn": 0, "bc": 1, "bt": 3}


def test_a_new_day_begins_with_the_report_of_the_old_one(printer: Emulator, wire: Wire, clock: Clock) -> None:
    wire.sell(("X", 0, 100))
    clock.now += timedelta(days=1)

    assert wire.sell(("X", 0, 100)) == 383
    assert wire.error("dailyrep", "da2026-03-02") == 2026
    assert wire.ask("dailyrep", "da2026-03-03") == ["dailyrep"]
    assert printer.counters()["rd"] == 1
    assert printer.counters()["bn"] == 0
    assert wire.sell(("X", 0, 100)) == 0


def test_a_second_report_of_zero_is_refused(wire: Wire) -> None:
    assert wire.error("dailyrep", "da2026-03-02") == 0
    assert wire.error("dailyrep", "da2026-03-02") == 382


def test_a_report_without_a_date_waits_for_a_key(printer: Emulator, wire: Wire) -> None:
    wire.send(frame("dailyrep"))
    while "ds2" not in wire.ask("!sdev"):
        pass
    assert printer.reports() == 0
    printer.press_key()

    assert wire.receive() == ["dailyrep"]
    assert printer.reports() == 1


def test_a_full_memory_and_a_read_only_device_sell_nothing(tmp_path: Path, clock: Clock) -> None:
    with Emulator(tmp_path / "memory.db", clock=clock, capacity=1) as printer, Wire(printer.port) as wire:
        assert [wire.sell(("X", 0, 100)) for _ in range(2)] == [0, 2098]
        printer.printer.read_only = True

        assert wire.error("trinit", "bm1") == 2036
        assert "td1" in wire.ask("scomm")


def test_the_other_interface_is_told_to_wait(printer: Emulator, wire: Wire) -> None:
    wire.ask("trinit", "bm1")
    with Wire(printer.second_port) as other:
        assert other.error("trinit", "bm1") == 41
        assert other.error("prncancel") == 41
        assert "tl1" in other.ask("!sdev")
        assert other.error("hardprncancel") == 0
    assert printer.cancelled() == 1


def test_an_interface_takes_one_connection_at_a_time(printer: Emulator, wire: Wire) -> None:
    wire.ask("scomm")
    with Wire(printer.port) as second:
        assert second.receive() == []
    assert wire.ask("scomm")[0] == "scomm"


def test_without_paper_the_receipt_waits_and_the_state_is_told(printer: Emulator, wire: Wire) -> None:
    printer.faults.add("no-paper", "trend")
    wire.ask("trinit", "bm1")
    wire.ask("trline", "naX", "vt0", "pr1000")
    wire.send(frame("trend", "to1000"))
    while "ds3" not in wire.ask("!sdev"):
        pass

    assert wire.ask("!sprn") == ["sprn", "pr5"]
    assert printer.receipts() == []
    printer.put_paper_in()
    assert wire.receive() == ["trend"]
    assert len(printer.receipts()) == 1


@pytest.mark.parametrize(("fault", "receipts"), [("answer-lost", 1), ("command-lost", 0)])
def test_a_cut_connection_tells_nothing(printer: Emulator, wire: Wire, fault: str, receipts: int) -> None:
    printer.faults.add(fault, "trend")
    wire.ask("trinit", "bm1")
    wire.ask("trline", "naX", "vt0", "pr1000")

    assert wire.ask("trend", "to1000") == []
    assert len(printer.receipts()) == receipts


def test_a_footer_follows_the_end(printer: Emulator, wire: Wire) -> None:
    wire.ask("trinit", "bm1")
    wire.ask("trline", "naX", "vt0", "pr1000")
    wire.ask("trend", "to1000", "fe0")
    assert wire.error("trinit", "bm1") == 2038
    wire.ask("trftrln", "id13", "naZAM/1")

    assert wire.ask("trftrend") == ["trftrend"]
    assert printer.receipts()[0].footer == ("ZAM/1",)


def test_an_e_document_belongs_to_the_next_receipt(printer: Emulator, wire: Wire) -> None:
    (number,) = [
        part[2:] for part in wire.ask("eparagonidznext", "idanna@example.com") if part.startswith("ha")
    ]
    wire.sell(("X", 0, 100))
    wire.sell(("X", 0, 100))
    wire.ask("eparagonidznext", "idanna@example.com")
    wire.ask("eparagonidzcancel")
    wire.sell(("X", 0, 100))

    assert [one.e_document for one in printer.receipts()] == [int(number), None, None]


def test_a_fault_has_a_known_name(printer: Emulator) -> None:
    with pytest.raises(ValueError, match="knows no fault 'fire'"):
        printer.faults.add("fire")
