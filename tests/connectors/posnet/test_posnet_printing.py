"""What is printed is what the document says; what a printer would refuse is refused before."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pomost.ports import (
    Failure,
    FiscalPrinter,
    FiscalReceipt,
    NeedsPerson,
    ReceiptToPrint,
    StopConnection,
    TryAgain,
)
from pomost.sandbox.posnet.arithmetic import INACTIVE
from tests.connectors.posnet.counter import NIP, NUMBER, Counter, line, receipt


def test_a_receipt_is_registered_with_its_lines_totals_and_payment(counter: Counter) -> None:
    found = counter.print(receipt(nip="PL 526-025-02-74"))

    assert found == FiscalReceipt("1/1", NUMBER, counter.clock.now.astimezone())
    (printed,) = counter.emulator.receipts()
    assert [
        (one["name"], one["slot"], one["price"], one["quantity"], one["after"]) for one in printed.lines
    ] == [
        ("Kubek KUBEK-1", "A", 1299, "2", 2598),
        ("Herbata HERB-1", "B", 800, "1", 800),
    ]
    assert (printed.slots, printed.total) == ({"A": 2598, "B": 800}, 3398)
    assert (printed.payments, printed.change, printed.nip) == (({"ty": 2, "wa": 3398, "na": ""},), 0, NIP)


def test_it_is_a_fiscal_printer_with_capabilities(counter: Counter) -> None:
    driver = counter.driver()

    assert isinstance(driver, FiscalPrinter)
    assert driver.capabilities() == {"nip"}


def test_every_command_of_a_receipt_has_a_token_of_its_own(counter: Counter) -> None:
    driver = counter.driver()
    mark = driver.mark()
    counter.emulator.commands.clear()
    driver.print_receipt(receipt(), mark)

    assert counter.emulator.commands == [
        "sprn", "sdev", "scnt", "vatget", "trinit", "scnt", "trline", "trline", "trpayment", "trend",
        "scnt", "rtcget",
    ]  # fmt: skip
    kept = counter.emulator.printer.answers(1)
    tokens = [f"{(int(mark['token']) + place) % 10000:04d}" for place in (1, 2, 3, 4, 0)]
    assert [token for token in kept if token in tokens] == tokens


def test_numbers_go_on_after_the_daily_report(counter: Counter) -> None:
    first = counter.print(receipt())
    counter.clock.now += timedelta(days=1)
    with pytest.raises(TryAgain, match="it was printed") as made:
        counter.print(receipt(), daily_report=True)
    second = counter.print(receipt(), daily_report=True)

    assert made.value.code == "posnet.daily-report-printed"
    assert (first.number, second.number) == ("1/1", "2/1")
    assert counter.emulator.reports() == 1


def test_the_daily_report_is_for_a_person_unless_allowed(counter: Counter) -> None:
    counter.print(receipt())
    counter.clock.now += timedelta(days=1)
    with pytest.raises(NeedsPerson) as refused:
        counter.print(receipt())

    assert refused.value.code == "posnet.daily-report-due"
    assert counter.emulator.reports() == 0
    assert counter.nothing_open()


@pytest.mark.parametrize(
    ("payments", "kinds", "change"),
    [
        pytest.param({"cash": "33.98"}, [(0, 3398)], 0, id="cash"),
        pytest.param({"card": "33.98"}, [(2, 3398)], 0, id="card"),
        pytest.param({"transfer": "33.98"}, [(8, 3398)], 0, id="transfer"),
        pytest.param({"credit": "33.98"}, [(5, 3398)], 0, id="credit"),
        pytest.param({"other": "33.98"}, [(6, 3398)], 0, id="other"),
        pytest.param({"voucher": "33.98"}, [(7, 3398)], 0, id="voucher"),
        pytest.param({"bon": "33.98"}, [(4, 3398)], 0, id="bon"),
        pytest.param({"card": "0", "cash": "50.00"}, [(0, 5000)], 1602, id="cash with change"),
        pytest.param(
            {"voucher": "20", "cash": "15"}, [(7, 2000), (0, 1500)], 102, id="two forms with change"
        ),
    ],
)
def test_forms_of_payment(
    counter: Counter, payments: dict[str, str], kinds: list[tuple[int, int]], change: int
) -> None:
    counter.print(receipt(payments={form: Decimal(amount) for form, amount in payments.items()}))

    (printed,) = counter.emulator.receipts()
    assert [(one["ty"], one["wa"]) for one in printed.payments] == kinds
    assert printed.change == change


@pytest.mark.parametrize(
    ("sold", "printed"),
    [
        pytest.param(line(quantity="2", price="12.99", gross="23.38"), (1299, 2598, 2338), id="discount"),
        pytest.param(
            line(quantity="3", price="3.3333", gross="10.00"), (334, 1002, 1000), id="price in fractions"
        ),
        pytest.param(line(quantity="3", price="3.33", gross="10.00"), (333, 999, 1000), id="one grosz more"),
        pytest.param(line(quantity="0.125", price="39.99", gross="5.00"), (3999, 500, 500), id="weight"),
        pytest.param(
            line(quantity="1.00000001", price="1.00", gross="1.00"), (100, 100, 100), id="fine quantity"
        ),
    ],
)
def test_a_line_keeps_its_value_to_the_grosz(
    counter: Counter, sold: Any, printed: tuple[int, int, int]
) -> None:
    counter.print(receipt(sold))

    (kept,) = counter.emulator.receipts()[0].lines
    assert (kept["price"], kept["value"], kept["after"]) == printed


def test_lines_of_nothing_are_left_off(counter: Counter) -> None:
    counter.print(receipt(line(), line("GRATIS", "Upominek", gross="0")))

    assert [one["name"] for one in counter.emulator.receipts()[0].lines] == ["Kubek KUBEK-1"]


def test_rates_are_found_in_the_printer_not_in_a_table(counter: Counter) -> None:
    counter.emulator.printer.rates[:] = [INACTIVE, *map(Decimal, ("5", "23", "8", "100", "0", "101"))]
    counter.print(receipt(line("A", vat="23"), line("B", vat="8"), line("C", vat="zw"), line("D", vat="0")))

    assert [one["slot"] for one in counter.emulator.receipts()[0].lines] == ["C", "D", "E", "F"]


def test_delivery_has_a_name_for_each_rate(counter: Counter) -> None:
    counter.print(
        receipt(
            line("TRANSPORT", "Koszt dostawy: Kurier", vat="8"),
            line("TRANSPORT", "Koszt dostawy: Kurier", vat="23"),
            line("", "Opakowanie na prezent", vat="zw"),
        )
    )

    assert [one["name"] for one in counter.emulator.receipts()[0].lines] == [
        "Koszt dostawy: Kurier TRANSPORT 8%",
        "Koszt dostawy: Kurier TRANSPORT 23%",
        "Opakowanie na prezent zw",
    ]


def test_names_fit_and_keep_their_sku(counter: Counter) -> None:
    counter.print(receipt(line("DŁUGI-1", "Żółta gęś – „☃ świąteczna” " * 8, price="1")))

    (kept,) = counter.emulator.receipts()[0].lines
    assert kept["name"] == "Żółta gęś – „? świąteczna” Żółta gęś – „? świąteczna” Żółta gęś – „? świ DŁUGI-1"
    assert len(kept["name"]) == 80


def test_the_order_number_may_stand_under_the_receipt(counter: Counter) -> None:
    found = counter.print(receipt(), footer=True)

    assert found.number == "1/1"
    assert counter.emulator.receipts()[0].footer == ("100001",)
    assert counter.nothing_open()


def test_goods_of_a_lower_rate_are_refused_before_the_printer_does(counter: Counter) -> None:
    counter.print(receipt(line(vat="8")))
    counter.emulator.commands.clear()
    with pytest.raises(NeedsPerson) as refused:
        counter.print(receipt(line(vat="23")))

    assert refused.value.code == "posnet.rate-step"
    assert "trinit" not in counter.emulator.commands
    assert counter.print(receipt(line(vat="zw"))).number == "1/2"


def test_what_another_program_sold_at_a_lower_rate_is_refused_by_the_printer(counter: Counter) -> None:
    counter.other_program_sells("Kubek KUBEK-1", slot=1)
    with pytest.raises(NeedsPerson, match="Kubek KUBEK-1") as refused:
        counter.print(receipt(line()))

    assert refused.value.code == "posnet.rate-step"
    assert counter.nothing_open()
    assert counter.totals() == [500]


MANY = tuple(line(f"T-{n}", price="1.00") for n in range(501))


@pytest.mark.parametrize(
    ("what", "code"),
    [
        pytest.param(receipt(line(gross="0"), total=Decimal(0)), "posnet.zero-total", id="zero"),
        pytest.param(receipt(total=Decimal("33.97")), "posnet.totals-differ", id="sum differs"),
        pytest.param(receipt(nip="1234567890"), "posnet.bad-nip", id="check digit of NIP"),
        pytest.param(receipt(nip="DE811569869"), "posnet.bad-nip", id="foreign tax number"),
        pytest.param(receipt(payments={}), "posnet.payments-differ", id="not paid"),
        pytest.param(receipt(payments={"card": Decimal(50)}), "posnet.payments-differ", id="change from a card"),
        pytest.param(
            receipt(payments={"card": Decimal("33.98"), "cash": Decimal(1)}), "posnet.payments-differ", id="twice"
        ),
        pytest.param(receipt(payments={"bitcoin": Decimal("33.98")}), "posnet.unknown-payment", id="form unknown"),
        pytest.param(receipt(*MANY), "posnet.too-many-lines", id="501 lines"),
        pytest.param(receipt(line(gross="-1"), line()), "posnet.bad-line", id="negative line"),
        pytest.param(receipt(line(price="0", gross="1")), "posnet.bad-line", id="price zero"),
        pytest.param(receipt(line(gross="12.999")), "posnet.bad-line", id="three decimals"),
        pytest.param(receipt(line(quantity="0.000000001", gross="1")), "posnet.bad-line", id="quantity too fine"),
        pytest.param(receipt(line(vat="7")), "posnet.no-vat-slot", id="no letter for the rate"),
        pytest.param(receipt(line(vat="np")), "posnet.no-vat-slot", id="not subject to VAT"),
        pytest.param(receipt(line(vat="DE:19")), "posnet.no-vat-slot", id="foreign rate"),
        pytest.param(receipt(line("- -", "☃")), "posnet.goods-name", id="name of signs"),
        pytest.param(receipt(line("X" * 90)), "posnet.goods-name", id="SKU too long"),
        pytest.param(
            receipt(line(), line(vat="8")), "posnet.rate-step", id="one name at two rates"
        ),
    ],
)  # fmt: skip
def test_what_can_not_be_printed_is_refused_before_anything_is_sent(
    counter: Counter, what: ReceiptToPrint, code: str
) -> None:
    driver = counter.driver()
    mark = driver.mark()
    with pytest.raises(NeedsPerson) as refused:
        driver.print_receipt(what, mark)

    assert refused.value.code == code
    assert refused.value.advice
    assert "trinit" not in counter.emulator.commands
    assert driver.print_receipt(receipt(), mark).number == "1/1"


def test_five_hundred_lines_are_printed(counter: Counter) -> None:
    counter.print(receipt(*MANY[:500]))

    assert counter.totals() == [50000]


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        pytest.param(3, StopConnection, "posnet.protocol", id="field wrong"),
        pytest.param(14, TryAgain, "posnet.busy", id="queue full"),
        pytest.param(30, NeedsPerson, "posnet.cancelled", id="cancelled"),
        pytest.param(41, TryAgain, "posnet.busy", id="other interface"),
        pytest.param(382, NeedsPerson, "posnet.daily-report-empty", id="empty report"),
        pytest.param(383, NeedsPerson, "posnet.daily-report-due", id="report due"),
        pytest.param(387, StopConnection, "posnet.memory-full", id="memory locked"),
        pytest.param(460, NeedsPerson, "posnet.clock", id="clock"),
        pytest.param(1002, StopConnection, "posnet.memory-fault", id="memory fault"),
        pytest.param(1953, NeedsPerson, "posnet.amounts", id="payments"),
        pytest.param(2000, NeedsPerson, "posnet.no-vat-slot", id="slot"),
        pytest.param(2002, StopConnection, "posnet.not-set-up", id="no header"),
        pytest.param(2005, TryAgain, "posnet.state", id="no transaction"),
        pytest.param(2010, NeedsPerson, "posnet.daily-report-due", id="totals full"),
        pytest.param(2034, StopConnection, "posnet.not-fiscal", id="not fiscal"),
        pytest.param(2036, StopConnection, "posnet.read-only", id="read only"),
        pytest.param(2041, NeedsPerson, "posnet.zero-total", id="zero"),
        pytest.param(2096, NeedsPerson, "posnet.bad-nip", id="NIP"),
        pytest.param(2098, StopConnection, "posnet.memory-full", id="memory full"),
        pytest.param(2101, NeedsPerson, "posnet.goods-name", id="goods base full"),
        pytest.param(2106, NeedsPerson, "posnet.rate-step", id="rate step"),
        pytest.param(2805, NeedsPerson, "posnet.amounts", id="total"),
        pytest.param(2904, StopConnection, "posnet.memory-full", id="copy memory full"),
        pytest.param(3728, NeedsPerson, "posnet.online-service", id="certificate"),
        pytest.param(4250, NeedsPerson, "posnet.e-document", id="e-document"),
        pytest.param(7777, NeedsPerson, "posnet.unknown-error", id="unknown"),
    ],
)
@pytest.mark.parametrize("command", ["trinit", "trline", "trend"])
def test_an_error_number_says_what_comes_next(
    counter: Counter, command: str, number: int, kind: type[Failure], code: str
) -> None:
    driver = counter.driver()
    mark = driver.mark()
    counter.emulator.faults.add("refuse", command, number=number)
    with pytest.raises(Failure) as refused:
        driver.print_receipt(receipt(), mark)

    assert (type(refused.value), refused.value.code) == (kind, code)
    assert str(number) in refused.value.text
    assert refused.value.advice
    assert counter.totals() == []
    assert counter.nothing_open()
    assert driver.printed_since(receipt(), mark) is None


def test_a_printer_that_sells_no_more_stops_the_connection(counter: Counter) -> None:
    counter.emulator.printer.read_only = True
    with pytest.raises(StopConnection) as refused:
        counter.driver().mark()

    assert refused.value.code == "posnet.read-only"


def test_training_mode_must_be_allowed(counter: Counter) -> None:
    counter.emulator.printer.fiscal = False
    with pytest.raises(StopConnection) as refused:
        counter.driver().mark()

    assert refused.value.code == "posnet.not-fiscal"
    assert counter.print(receipt(), training=True).number == "1/1"


@pytest.mark.parametrize(
    ("act", "code"), [("take_paper", "posnet.no-paper"), ("open_cover", "posnet.cover-open")]
)
def test_nothing_is_begun_without_paper_or_with_the_cover_open(counter: Counter, act: str, code: str) -> None:
    driver = counter.driver()
    mark = driver.mark()
    getattr(counter.emulator, act)()
    with pytest.raises(NeedsPerson) as refused:
        driver.print_receipt(receipt(), mark)
    counter.emulator.put_paper_in()
    counter.emulator.close_cover()

    assert refused.value.code == code
    assert driver.print_receipt(receipt(), mark).number == "1/1"


def test_the_address_must_be_given_once(counter: Counter) -> None:
    with pytest.raises(NeedsPerson) as refused:
        counter.driver(serial_port="COM3")

    assert refused.value.code == "posnet.no-address"


def test_a_printer_that_is_off_is_tried_again(counter: Counter) -> None:
    counter.emulator.close()
    with pytest.raises(TryAgain) as refused:
        counter.driver().mark()

    assert refused.value.code == "posnet.unreachable"
