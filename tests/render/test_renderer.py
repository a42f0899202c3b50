from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pypdf
import pytest

from pomost.ports import NeedsPerson
from pomost.render import Renderer
from pomost.render.content import Seller, content
from pomost.trade.documents import KINDS, Document
from pomost.trade.order import Address, Party
from tests.render.documents import BUYER, SELLER, correction, document, line, with_lines


def text_of(pdf: bytes) -> str:
    """The text of all pages, with plain spaces and no break opportunities."""
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    return text.replace("\u00a0", " ").replace("\u200b", "")


def pages_of(pdf: bytes) -> int:
    return len(pypdf.PdfReader(io.BytesIO(pdf)).pages)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer({"MAIN": SELLER})


def missing(text: str, *expected: str) -> list[str]:
    flat = " ".join(text.split())
    return [word for word in expected if word not in flat]


def test_an_invoice_shows_all_that_the_law_asks_for(renderer: Renderer) -> None:
    invoice = document()
    text = text_of(renderer.render(invoice))

    assert (
        missing(
            text,
            "Faktura",
            "FS/12/09/2025",
            "Data wystawienia 2025-09-20",
            "Data sprzedaży 2025-09-19",
            "Termin płatności 2025-10-04",
            "Nr zamówienia BL-1000123",
            "Kubki i Świece Przykładowe sp. z o.o.",
            "ul. Żółta 7/3",
            "NIP: 5260250274",
            "Źdźbło Przykładowe s.c.",
            "ul. Gęsia Łąka 15",
            "NIP: 1111111111",
            "Cena brutto",
            "Kubek emaliowany „Zażółć gęślą jaźń”, 350 ml",
            "2 szt 39,90 23% 64,88 14,92 79,80",
            "3 szt 54,00 23% 131,71 30,29 162,00",
            "1 szt 49,00 5% 46,67 2,33 49,00",
            "0,5 kg 88,00 8% 40,74 3,26 44,00",
            "23% 196,59 45,21 241,80",
            "5% 46,67 2,33 49,00",
            "8% 40,74 3,26 44,00",
            "Razem 284,00 50,80 334,80",
            "Do zapłaty 334,80 PLN",
            "Słownie: trzysta trzydzieści cztery złote 80/100",
            "Forma płatności Przelew",
            "PL 61 1090 1014 0000 0712 1981 2874",
            "Zeskanuj w aplikacji banku",
        )
        == []
    )
    assert "Strona" not in text


@pytest.mark.parametrize(
    ("paid", "shown", "hidden"),
    [
        ("0", ["Do zapłaty 334,80 PLN", "Zeskanuj"], ["Zapłacono", "Pozostało"]),
        ("100", ["Zapłacono 100,00 PLN", "Pozostało do zapłaty 234,80 PLN", "Zeskanuj"], ["Nadpłata"]),
        ("334.80", ["Zapłacono 334,80 PLN", "Zapłacono w całości"], ["Zeskanuj", "Pozostało"]),
        ("340", ["Nadpłata 5,20 PLN", "Zapłacono w całości"], ["Zeskanuj", "Pozostało"]),
    ],
    ids=["unpaid", "partly", "paid", "overpaid"],
)
def test_what_is_left_to_pay_follows_from_what_was_paid(
    renderer: Renderer, paid: str, shown: list[str], hidden: list[str]
) -> None:
    text = text_of(renderer.render(document(paid=Decimal(paid))))

    assert missing(text, *shown) == []
    assert missing(text, *hidden) == hidden


def test_an_english_invoice_has_english_labels_and_figures(renderer: Renderer) -> None:
    invoice = with_lines(document(), (line(1, "A", "Stół", "1", "1234.50", "23"),))
    text = text_of(renderer.render(invoice, "en"))

    assert (
        missing(
            text, "Invoice", "Date of issue", "Buyer".upper(), "1,234.50 PLN", "one thousand, two hundred"
        )
        == []
    )
    assert missing(text, "Faktura", "Nabywca", "Słownie") == ["Faktura", "Nabywca", "Słownie"]


def test_a_bilingual_invoice_has_both(renderer: Renderer) -> None:
    text = text_of(renderer.render(document(), "pl-en"))

    assert (
        missing(
            text,
            "Faktura Invoice",
            "Data wystawienia / Date of issue",
            "NABYWCA / BUYER",
            "trzysta trzydzieści cztery złote 80/100 / three hundred and thirty-four zlotys 80/100",
        )
        == []
    )


def test_an_invoice_in_another_currency_shows_its_vat_in_pln(renderer: Renderer) -> None:
    invoice = document(currency="EUR", rate=Decimal("4.2571"), rate_note="NBP 182/A/NBP/2025 z 2025-09-18")
    text = text_of(renderer.render(invoice))

    # 45.21, 2.33 and 3.26 EUR at 4.2571, each rounded to grosze.
    assert (
        missing(
            text,
            "23% 196,59 45,21 241,80 192,46",
            "5% 46,67 2,33 49,00 9,92",
            "8% 40,74 3,26 44,00 13,88",
            "Razem 284,00 50,80 334,80 216,26",
            "Kurs: 1 EUR = 4,2571 PLN (NBP 182/A/NBP/2025 z 2025-09-18)",
            "trzysta trzydzieści cztery euro 80/100",
        )
        == []
    )
    assert "Zeskanuj" not in text


def test_an_invoice_in_another_currency_without_a_rate_needs_a_person(renderer: Renderer) -> None:
    with pytest.raises(NeedsPerson) as caught:
        renderer.render(document(currency="EUR"))

    assert (caught.value.code, caught.value.facts) == ("render.no-rate", {"document": "1"})


def test_foreign_vat_in_foreign_currency_needs_no_rate(renderer: Renderer) -> None:
    invoice = replace(with_lines(document(), (line(1, "A", "Kubek", "1", "11.90", "DE:19"),)), currency="EUR")

    assert missing(text_of(renderer.render(invoice)), "DE 19% 10,00 1,90 11,90") == []


@pytest.mark.parametrize(
    ("rate", "attributes", "shown"),
    [
        ("oo", {}, "Odwrotne obciążenie"),
        ("np", {}, "Nie podlega opodatkowaniu w kraju"),
        ("zw", {"exemption_basis": "art. 43 ust. 1 pkt 37"}, "Podstawa zwolnienia: art. 43 ust. 1 pkt 37"),
        ("zw", {}, "Podstawa zwolnienia: art. 113 ust. 1"),
    ],
    ids=["oo", "np", "zw-of-document", "zw-of-seller"],
)
def test_special_rates_bring_the_words_of_the_law(rate: str, attributes: dict[str, str], shown: str) -> None:
    renderer = Renderer({"MAIN": replace(SELLER, exemption_basis="art. 113 ust. 1")})
    invoice = replace(
        with_lines(document(), (line(1, "A", "Kurs", "1", "100", rate),)), attributes=attributes
    )

    assert missing(text_of(renderer.render(invoice)), shown, f"{rate} 100,00 0,00 100,00") == []


def test_split_payment_is_named_and_has_no_code_of_an_ordinary_transfer(renderer: Renderer) -> None:
    text = text_of(renderer.render(document(attributes={"split_payment": "1"})))

    assert missing(text, "Mechanizm podzielonej płatności") == []
    assert "Zeskanuj" not in text


def test_a_number_of_ksef_is_shown_whole_with_its_code(renderer: Renderer) -> None:
    number = "5260250274-20250920-0123456789AB-1A"
    attributes = {
        "ksef_number": number,
        "ksef_url": "https://qr.example.com/invoice/5260250274/20-09-2025/abc",
    }

    assert (
        missing(text_of(renderer.render(document(attributes=attributes))), f"Numer KSeF {number}", "Sprawdź")
        == []
    )


def test_a_recipient_is_shown_only_where_it_is_not_the_buyer(renderer: Renderer) -> None:
    elsewhere = replace(
        BUYER, company="", name="Jan Odbiorca", address=Address("Boczna 2", "80-001", "Gdańsk")
    )

    assert "ODBIORCA" not in text_of(renderer.render(document(recipient=BUYER)))
    assert (
        missing(
            text_of(renderer.render(document(recipient=elsewhere))), "ODBIORCA", "Jan Odbiorca", "Boczna 2"
        )
        == []
    )


def test_a_buyer_who_gave_no_name_has_no_place(renderer: Renderer) -> None:
    text = text_of(renderer.render(document("PA", buyer=Party())))

    assert missing(text, "SPRZEDAWCA", "334,80 PLN") == []
    assert "NABYWCA" not in text


def test_a_receipt_is_confirmed_and_said_not_to_be_fiscal(renderer: Renderer) -> None:
    polish, english = (text_of(renderer.render(document("PA"), language)) for language in ("pl", "en"))

    assert (
        missing(
            polish,
            "Potwierdzenie sprzedaży",
            "Paragon nr PA/12/09/2025",
            "nie jest paragonem fiskalnym ani fakturą",
            "334,80 PLN",
        )
        == []
    )
    assert missing(english, "This document is neither a fiscal receipt nor an invoice") == []
    assert "Faktura" not in polish


def test_a_correcting_invoice_shows_all_that_the_law_asks_for(renderer: Renderer) -> None:
    polish, english = (text_of(renderer.render(correction("FSK"), language)) for language in ("pl", "en"))

    assert (
        missing(
            polish,
            "Faktura korygująca",
            "FSK/1/2025",
            "FS/12/09/2025 z dnia 2025-09-20",
            "Odstąpienie od umowy",
            "Uzgodniono z nabywcą dnia",
            "2025-09-29",
            "Zwrot 30001",
            "Przed",
            "79,80",
            "Po",
            "39,90",
            "-7,46",
            "-39,90 PLN",
            "Do zwrotu nabywcy",
            "minus trzydzieści dziewięć złotych 90/100",
        )
        == []
    )
    assert missing(english, "Correcting invoice", "Before", "After", "To be refunded", "39.90 PLN") == []


def test_a_return_to_a_receipt_is_a_protocol_for_both_to_sign(renderer: Renderer) -> None:
    polish, english = (text_of(renderer.render(correction("PAK"), language)) for language in ("pl", "en"))

    assert missing(polish, "Zwrot towaru do paragonu", "Nie jest fakturą", "Nabywca", "Sprzedawca") == []
    assert missing(english, "Return to a receipt", "This is not an invoice") == []
    assert "Faktura korygująca" not in polish


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"FS", "PA", "FSK", "PAK", "FZAL"}))
def test_every_other_kind_has_a_plain_print(renderer: Renderer, kind: str) -> None:
    text = text_of(renderer.render(document(kind)))

    assert missing(text, KINDS[kind].name_pl, f"{kind}/12/09/2025", "SWIECA-7", "334,80 PLN") == []


@pytest.mark.parametrize(
    ("state", "mark"), [("bufor", "BUFOR: DOKUMENT NIEZATWIERDZONY"), ("cancelled", "DOKUMENT ANULOWANY")]
)
def test_a_document_that_does_not_count_says_so(renderer: Renderer, state: str, mark: str) -> None:
    assert missing(text_of(renderer.render(document(state=state))), mark) == []


def test_a_long_invoice_repeats_its_head_and_numbers_its_pages(renderer: Renderer) -> None:
    pdf = renderer.render(document(count=593))
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    indexes = re.findall(r"^(\d+) (?:Kubek|Świeca|Książka|Herbata)", "\n".join(pages), re.MULTILINE)

    assert indexes == [str(index) for index in range(1, 594)]
    assert all(f"Strona {number} z {len(pages)}" in page for number, page in enumerate(pages, 1))
    with_lines_on = [page for page in pages if re.search(r"\b(szt|kg)\b", page)]
    assert len(with_lines_on) >= len(pages) - 1
    assert all("Nazwa towaru lub usługi" in page for page in with_lines_on)


HOSTILE = (
    "#set page(fill: red) *gwiazdy* _kreski_ $x^2$ @ref <etykieta> `kod` [x] \\ // ~ -- = \"q\" 'p'",
    "x" * 500,
    "kubek 👩‍👩‍👧 🎁 ☕️",
    "כוס קפה كوب قهوة",
    "sterujące \x00\x07\x1b[31m \u202eodwrócone \ud83d",
    '#panic("nie") #import "common.typ": d #read("data.json")',
    "słowo " * 80,
)


def test_text_from_orders_is_never_read_as_markup(renderer: Renderer) -> None:
    hostile = HOSTILE[0]
    lines = tuple(line(index, hostile[:40], name, "1", "10", "23") for index, name in enumerate(HOSTILE, 1))
    buyer = replace(BUYER, company='*ACME* #eval("1")', address=Address("#lorem(50)", "00-001", "$A$"))
    invoice = replace(
        with_lines(document(), lines), buyer=buyer, notes=hostile, payment_form="#[x]", number="FS/#1/_a_"
    )
    text = text_of(renderer.render(invoice))

    assert (
        missing(
            text,
            *(" ".join(name.split()) for name in (HOSTILE[0], HOSTILE[5], HOSTILE[6])),
            "sterujące [31m odwrócone",
            '*ACME* #eval("1")',
            "#lorem(50)",
            "00-001 $A$",
            "#[x]",
            "FS/#1/_a_",
        )
        == []
    )
    assert text.replace("\n", "").count("x" * 500) == 1


def test_the_same_document_gives_the_same_bytes() -> None:
    first, second = Renderer({"MAIN": SELLER}), Renderer({"MAIN": SELLER})
    pdf = first.render(document())
    first.render(document("PA"))

    assert first.render(document()) == pdf
    assert second.render(document()) == pdf
    assert pypdf.PdfReader(io.BytesIO(pdf)).metadata.creation_date.date().isoformat() == "2025-09-20"  # type: ignore[union-attr]


def test_an_invoice_is_a_small_file(renderer: Renderer) -> None:
    assert len(renderer.render(document())) < 40 * 1024


def test_threads_print_at_once_without_mixing_documents(renderer: Renderer) -> None:
    documents = [
        document(kind, count=1 + index % 3, number=f"{kind}/{index}/2025")
        for index in range(12)
        for kind in ("FS", "WZ")
    ]

    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(renderer.render, documents))

    assert together == [renderer.render(one) for one in documents]


def test_a_company_without_a_seller_needs_a_person(renderer: Renderer) -> None:
    with pytest.raises(NeedsPerson) as caught:
        renderer.render(document(company="OTHER"))

    assert (caught.value.code, caught.value.facts) == ("render.seller", {"company": "OTHER"})


def test_a_mistyped_account_of_a_seller_is_found_at_the_start() -> None:
    with pytest.raises(NeedsPerson) as caught:
        Renderer({"MAIN": replace(SELLER, bank_account="62109010140000071219812874")})

    assert (caught.value.code, caught.value.facts) == ("render.account", {"company": "MAIN"})


def test_a_seller_with_a_name_alone_is_enough() -> None:
    pdf = Renderer({"MAIN": Seller("Sklep Przykładowy")}).render(document(buyer=replace(BUYER, tax_id="")))

    assert missing(text_of(pdf), "Sklep Przykładowy", "334,80 PLN") == []
    assert "NIP" not in text_of(pdf)


def test_pages_hold_what_fits(renderer: Renderer) -> None:
    counts: dict[int, int] = {
        lines: pages_of(renderer.render(document(count=lines))) for lines in (1, 4, 100)
    }

    assert counts == {1: 1, 4: 1, 100: 4}


def render_with(folder: Path, one: Document) -> str:
    return text_of(Renderer({"MAIN": SELLER}, folder).render(one))


def test_a_template_of_the_user_takes_the_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "fs.typ").write_text(
        '#import "common.typ": *\n#show: sheet\nMoja *faktura* #d.number\n', "utf-8"
    )

    assert missing(render_with(tmp_path, document()), "Moja faktura FS/12/09/2025") == []
    assert missing(render_with(tmp_path, document("PA")), "Potwierdzenie sprzedaży") == []


def test_labels_and_a_logo_of_the_user_are_used(tmp_path: Path) -> None:
    (tmp_path / "labels.pl.json").write_text('{"invoice": "Faktura VAT"}', "utf-8")
    (tmp_path / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 3"><rect width="9" height="3"/></svg>',
        "utf-8",
    )
    text = render_with(tmp_path, document())

    assert missing(text, "Faktura VAT", "Data wystawienia") == []
    assert text.count("Kubki i Świece Przykładowe") == 1


@pytest.mark.parametrize(
    ("name", "source", "place", "says"),
    [
        ("fs.typ", '#import "common.typ": *\n\n#nieznane\n', ("fs.typ", "3"), "nieznane"),
        ("fs.typ", "#let x = (1,\n", ("fs.typ", "1"), "unclosed"),
        ("common.typ", '#let d = json("data.json")\n#d.brak\n', ("common.typ", "2"), "brak"),
        ("labels.en.json", '{\n "invoice": "Bill",,\n}', ("labels.en.json", "2"), "JSON"),
    ],
    ids=["unknown-name", "syntax", "unknown-field", "labels"],
)
def test_an_error_in_a_template_says_where_it_is(
    tmp_path: Path, name: str, source: str, place: tuple[str, str], says: str
) -> None:
    (tmp_path / name).write_text(source, "utf-8")

    with pytest.raises(NeedsPerson) as caught:
        Renderer({"MAIN": SELLER}, tmp_path).render(document())

    failure = caught.value
    assert (failure.code, failure.facts["file"], failure.facts["line"]) == ("render.template", *place)
    assert says in failure.text
    assert str(tmp_path / name) in failure.text
    assert failure.advice.startswith(f"Correct line {place[1]}")


@pytest.mark.parametrize(
    "labels", ['{"invocie": "x"}', '{"invoice": 1}', "[]"], ids=["unknown", "number", "list"]
)
def test_labels_that_can_not_be_used_are_refused(tmp_path: Path, labels: str) -> None:
    (tmp_path / "labels.pl.json").write_text(labels, "utf-8")

    with pytest.raises(NeedsPerson) as caught:
        Renderer({"MAIN": SELLER}, tmp_path)

    assert (caught.value.code, caught.value.facts) == ("render.template", {"file": "labels.pl.json"})


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NeedsPerson) as caught:
        Renderer({"MAIN": SELLER}, tmp_path / "brak")

    assert (caught.value.code, caught.value.facts) == ("render.template", {"file": str(tmp_path / "brak")})


def test_the_guide_names_all_that_a_template_can_show(renderer: Renderer) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "how-to" / "templates.md").read_text("utf-8")
    names = set(re.findall(r"`d\.(\w+)`", guide))
    data = content(document(), SELLER, "pl")

    assert names == set(data) | {"logo", "labels"}
