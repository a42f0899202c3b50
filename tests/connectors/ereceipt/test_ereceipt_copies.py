"""The device registers and issues the e-document; the buyer gets a copy with a number of its own."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pypdf import PdfReader

from pomost.connectors.ereceipt.connector import EReceipts
from pomost.connectors.ereceipt.keeper import Keeper
from pomost.connectors.ereceipt.mapping import Seller
from pomost.connectors.posnet.settings import EDocument
from pomost.ports import FiscalPrinter, NeedsPerson, ReceiptToPrint
from pomost.sandbox.posnet import Emulator
from tests.connectors.posnet.counter import NUMBER, Clock, Counter, line, receipt

SELLER = Seller("Sklep Próbny", "ul. Próbna 1, 00-001 Warszawa", "5260250274")


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    clock = Clock()
    with Emulator(tmp_path / "memory.db", clock=clock) as emulator:
        yield Counter(tmp_path, emulator, clock)


def e_receipts(counter: Counter, base_url: str = "https://paragony.example.com/") -> EReceipts:
    keeper = Keeper(counter.folder / "copies", SELLER, base_url)
    link = "https://operator.example.com/{printer}/{ha}"
    return EReceipts(counter.driver(e_document=EDocument(link=link)), keeper)


def wanted(**changed: object) -> ReceiptToPrint:
    return receipt(**({"email": "anna@example.com", "payments": {"cash": Decimal(40)}} | changed))


def test_a_buyer_with_an_address_gets_an_e_document_and_a_copy(counter: Counter) -> None:
    printer = e_receipts(counter)
    found = printer.print_receipt(wanted(nip="5260250274"), printer.mark())

    assert isinstance(printer, FiscalPrinter)
    assert printer.capabilities() == {"nip", "e-receipt"}
    (printed,) = counter.emulator.receipts()
    assert printed.e_document == 3054
    copy = printer.copy(wanted(), found)
    assert copy.number == "EP/1/2026"
    assert found.link == copy.link == f"https://paragony.example.com/{copy.pdf_file.name}"
    assert len(copy.pdf_file.stem) == 24
    assert json.loads(copy.json_file.read_text(encoding="utf-8")) == {
        "number": "EP/1/2026",
        "fiscal_number": "1/1",
        "printer": NUMBER,
        "registered_at": counter.clock.now.astimezone().isoformat(timespec="seconds"),
        "e_document": "https://operator.example.com/ZBF 2101000001/3054",
        "seller": {"name": "Sklep Próbny", "address": "ul. Próbna 1, 00-001 Warszawa", "nip": "5260250274"},
        "buyer_nip": "5260250274",
        "order_number": "100001",
        "document_number": "PA/1/2026",
        "lines": [
            {
                "name": "Kubek", "sku": "KUBEK-1", "quantity": "2", "unit": "szt.", "price": "12.99",
                "gross": "25.98", "vat": "23%",
            },
            {
                "name": "Herbata", "sku": "HERB-1", "quantity": "1", "unit": "szt.", "price": "8.00",
                "gross": "8.00", "vat": "8%",
            },
        ],
        "vat": [
            {"rate": "23%", "gross": "25.98", "tax": "4.86"},
            {"rate": "8%", "gross": "8.00", "tax": "0.59"},
        ],
        "total": "33.98",
        "payments": [{"form": "gotówka", "amount": "40.00"}],
        "change": "6.02",
    }  # fmt: skip
    assert printed.taxes == {"A": 486, "B": 59}


def test_the_copy_says_what_it_is(counter: Counter) -> None:
    printer = e_receipts(counter)
    sold = wanted(lines=(line(name="Żółta gęś"),), total=Decimal("12.99"))
    copy = printer.copy(sold, printer.print_receipt(sold, printer.mark()))
    text = " ".join(PdfReader(io.BytesIO(copy.pdf_file.read_bytes())).pages[0].extract_text().split())

    for said in (
        "E-PARAGON — kopia",
        "Żółta gęś",
        "SUMA PLN 12.99",
        f"kasie fiskalnej {NUMBER}",
        "paragon 1/1",
    ):
        assert said in text
    assert "Paragonem fiskalnym jest dokument wystawiony przez kasę" in text


def test_a_buyer_without_an_address_gets_paper(counter: Counter) -> None:
    printer = e_receipts(counter)
    found = printer.print_receipt(wanted(email=""), printer.mark())

    assert (found.number, found.link) == ("1/1", "")
    assert counter.emulator.receipts()[0].e_document is None
    assert list((counter.folder / "copies").glob("*.pdf")) == []


def test_copies_are_numbered_without_gaps_in_each_year(counter: Counter) -> None:
    printer = e_receipts(counter)
    numbers = []
    for _ in range(3):
        found = printer.print_receipt(wanted(), printer.mark())
        numbers += [printer.copy(wanted(), found).number for _ in range(2)]
    counter.clock.now += timedelta(days=365)
    with pytest.raises(NeedsPerson):
        printer.print_receipt(wanted(), printer.mark())

    assert numbers == ["EP/1/2026", "EP/1/2026", "EP/2/2026", "EP/2/2026", "EP/3/2026", "EP/3/2026"]
    assert len(list((counter.folder / "copies").glob("*.pdf"))) == 3


def test_after_a_lost_answer_the_copy_is_made_when_asked(counter: Counter) -> None:
    printer = e_receipts(counter)
    mark = printer.mark()
    counter.emulator.faults.add("answer-lost", "trend")
    first = printer.print_receipt(wanted(), mark)
    for file in (counter.folder / "copies").glob("*.pdf"):
        file.unlink()

    assert printer.printed_since(wanted(), mark) == first
    assert printer.copy(wanted(), first).pdf_file.read_bytes().startswith(b"%PDF")
    assert len(counter.emulator.receipts()) == 1


def test_a_copy_that_can_not_be_written_does_not_undo_the_receipt(counter: Counter) -> None:
    printer = e_receipts(counter)
    mark = printer.mark()
    for file in (counter.folder / "copies").iterdir():
        file.rename(counter.folder / file.name)
    (counter.folder / "copies").rmdir()
    (counter.folder / "copies").write_bytes(b"")
    found = printer.print_receipt(wanted(), mark)

    assert (found.number, found.link) == ("1/1", "https://operator.example.com/ZBF 2101000001/3054")
    assert len(counter.emulator.receipts()) == 1


def test_without_a_place_on_the_web_the_operators_link_stays(counter: Counter) -> None:
    printer = e_receipts(counter, base_url="")

    assert (
        printer.print_receipt(wanted(), printer.mark()).link
        == "https://operator.example.com/ZBF 2101000001/3054"
    )


def test_a_file_alone_is_no_receipt(counter: Counter) -> None:
    with pytest.raises(NeedsPerson) as refused:
        EReceipts(counter.driver(), Keeper(counter.folder / "copies", SELLER))

    assert refused.value.code == "ereceipt.no-device"
