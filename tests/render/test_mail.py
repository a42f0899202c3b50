"""Mails that go with documents, and what happens when a user's template is wrong."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pomost.ports import NeedsPerson
from pomost.render import Seller
from pomost.render.mail import MailBody, MailWriter, copy_templates
from pomost.render.mail_content import NAMES, PARTS_OF
from pomost.trade.documents import KINDS, Document
from tests.render.documents import BUYER, SELLER, document

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "mail-templates.md"


def write(
    one: Document, folder: Path | None = None, language: str = "pl", seller: Seller = SELLER
) -> MailBody:
    return MailWriter({"MAIN": seller}, folder).write(one, language)  # type: ignore[arg-type]


def wrong(folder: Path) -> NeedsPerson:
    with pytest.raises(NeedsPerson) as refused:
        MailWriter({"MAIN": SELLER}, folder)
    assert refused.value.code == "mail.template"
    return refused.value


class _Texts(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: object) -> None:
        if tag not in ("meta", "br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def words_of(html: str) -> str:
    page = _Texts(html)
    assert page.open == []
    return " ".join("".join(page.texts).split())


def test_an_unpaid_invoice_says_how_much_and_where_to_pay() -> None:
    body = write(document())

    assert body.subject == (
        "Faktura FS/12/09/2025 do zamówienia BL-1000123 – Kubki i Świece Przykładowe sp. z o.o."
    )
    assert body.text == (
        "Dzień dobry,\n"
        "\n"
        "w załączniku przesyłamy fakturę FS/12/09/2025 z dnia 2025-09-20 do zamówienia BL-1000123 "
        "na kwotę 334,80 PLN.\n"
        "\n"
        "Do zapłaty pozostaje 334,80 PLN, termin płatności: 2025-10-04.\n"
        "Forma płatności: Przelew\n"
        "Rachunek: PL 61 1090 1014 0000 0712 1981 2874 (Bank Przykładowy S.A.)\n"
        "Tytuł przelewu: FS/12/09/2025\n"
        "\n"
        "Pozdrawiamy\n"
        "Kubki i Świece Przykładowe sp. z o.o.\n"
        "tel. +48 22 100 00 00\n"
        "sklep@example.com\n"
    )


def test_a_paid_invoice_asks_for_nothing() -> None:
    one = document()
    body = write(replace(one, paid=one.gross), language="en")

    assert body.text == (
        "Hello,\n"
        "\n"
        "please find attached invoice FS/12/09/2025 of 2025-09-20 for order BL-1000123, PLN 334.80 in total.\n"
        "\n"
        "The invoice is paid. Thank you!\n"
        "\n"
        "Kind regards\n"
        "Kubki i Świece Przykładowe sp. z o.o.\n"
        "phone +48 22 100 00 00\n"
        "sklep@example.com\n"
    )
    assert "The invoice is paid." in words_of(body.html)


def test_a_buyer_who_pays_the_courier_is_shown_no_account() -> None:
    body = write(document(payment_form="Pobranie"))

    assert "Forma płatności: Pobranie" in body.text
    assert "Rachunek" not in body.text + body.html


def test_a_goods_issue_lists_the_goods() -> None:
    body = write(document("WZ", count=2, attributes={"delivery_method": "Kurier"}))

    assert body.text == (
        "Dzień dobry,\n"
        "\n"
        "wydaliśmy towar do zamówienia BL-1000123. "
        "W załączniku przesyłamy dokument wydania WZ/12/09/2025 z dnia 2025-09-20.\n"
        "\n"
        "- Kubek emaliowany „Zażółć gęślą jaźń”, 350 ml, 2 szt\n"
        "- Świeca sojowa, zapach żywicy i miodu, 3 szt\n"
        "\n"
        "Dostawa: Kurier\n"
        "\n"
        "Pozdrawiamy\n"
        "Kubki i Świece Przykładowe sp. z o.o.\n"
        "tel. +48 22 100 00 00\n"
        "sklep@example.com\n"
    )


def test_both_languages_stand_one_below_the_other() -> None:
    body = write(document(), language="pl-en")

    assert body.subject.startswith("Faktura FS/12/09/2025 do ")
    assert " / Invoice FS/12/09/2025 for order BL-1000123" in body.subject
    assert body.text.index("Dzień dobry") < body.text.index("* * *") < body.text.index("Hello")
    assert body.html.count("<html") == 1
    assert words_of(body.html).index("Dzień dobry") < words_of(body.html).index("Hello")


@pytest.mark.parametrize("language", ["pl", "en", "pl-en"])
@pytest.mark.parametrize("kind", [*KINDS, "FSK"])
def test_every_kind_of_document_has_a_mail(kind: str, language: str) -> None:
    body = write(document(kind), language=language)

    assert f"{kind}/12/09/2025" in body.subject
    assert f"{kind}/12/09/2025" in body.text
    assert f"{kind}/12/09/2025" in words_of(body.html)
    assert "\n" not in body.subject


def test_texts_of_strangers_are_neither_markup_nor_template_nor_header() -> None:
    bad = "<script>alert(1)</script> {{ 7*7 }}\r\nBcc: eve@example.com"
    seller = replace(SELLER, name=bad)

    body = write(document(foreign_number=bad), seller=seller)

    assert "<script>" not in body.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in body.html
    assert "{{ 7*7 }}" in body.text
    assert "\n" not in body.subject
    assert "\r" not in body.subject


def test_long_words_are_not_broken_for_those_who_copy_them() -> None:
    address = "bardzo.dluga.nazwa.skrzynki.pocztowej.sklepu@example.com"

    body = write(document(), seller=replace(SELLER, email=address))

    assert f"\n{address}\n" in body.text
    assert f'"mailto:{address}"' in body.html


def test_a_template_of_the_user_takes_the_place_of_one(tmp_path: Path) -> None:
    (tmp_path / "fs.pl.subject.txt").write_text("Twoja faktura {{ number }}\n", "utf-8")
    (tmp_path / "signature.txt").write_text("Zespół {{ seller.name }}", "utf-8")
    (tmp_path / "pa.pl.txt").write_text("Paragon {{ number }}\n{% include 'signature.txt' %}", "utf-8")

    assert write(document(), tmp_path).subject == "Twoja faktura FS/12/09/2025"
    assert write(document(), tmp_path).text == write(document()).text
    assert write(document("PA"), tmp_path).text == (
        "Paragon PA/12/09/2025\nZespół Kubki i Świece Przykładowe sp. z o.o.\n"
    )


def test_copied_templates_say_the_same_and_never_overwrite(tmp_path: Path) -> None:
    folder = tmp_path / "mails"

    first = copy_templates(folder)
    (folder / "fs.pl.txt").write_text("{{ number }}", "utf-8")
    second = copy_templates(folder)

    assert {"fs.pl.subject.txt", "fs.pl.txt", "fs.pl.html", "wz.en.html", "layout.html"} <= {
        path.name for path in first
    }
    assert second == []
    assert write(document("WZ"), folder) == write(document("WZ"))
    assert write(document(), folder).text == "FS/12/09/2025\n"


@pytest.mark.parametrize(
    ("name", "template", "line", "what", "advice"),
    [
        ("fs.pl.txt", "Dzień dobry\n{{ numbr }}", "2", "there is no numbr", "Write number,"),
        ("fs.pl.html", "\n\n{{ seller.nam }}", "3", "there is no seller.nam", "Write name,"),
        (
            "fs.pl.txt",
            "{% if split_payment %}\n{{ nothing_like_it }}{% endif %}",
            "2",
            "there is no nothing_like_it",
            "Write one of: basis, buyer, by_transfer, correction, ",
        ),
        (
            "wz.en.txt",
            "{% for one in lines %}\n{{ one.nme }}{% endfor %}",
            "2",
            "there is no nme",
            "Write name,",
        ),
        (
            "wz.pl.txt",
            "{% for one in lines %}\n{{ one.name }}",
            "2",
            "Unexpected end of template.",
            "Correct it,",
        ),
        ("fs.en.txt", "a\nb\n{{ number | wielkie }}", "3", "No filter named 'wielkie'", "Correct it,"),
        ("fs.en.txt", "a\n{{ 1 / 0 }}", "2", "division by zero", "Correct it,"),
        (
            "fs.en.txt",
            "{% include 'stopka.txt' %}",
            "1",
            "it includes stopka.txt",
            "Add the file stopka.txt,",
        ),
        (
            "fs.en.txt",
            "\n{{ recipient.name }}",
            "2",
            "not every document has what .name is asked of",
            "Put it between {% if recipient %} and {% endif %},",
        ),
        ("layout.html", "{{ body }}\n{{ subjct }}", "2", "there is no subjct", "Write "),
    ],
    ids=[
        "unknown-name",
        "unknown-part",
        "in-a-branch-not-taken",
        "unknown-part-of-a-line",
        "not-closed",
        "unknown-filter",
        "impossible",
        "include",
        "no-recipient",
        "layout",
    ],
)
def test_a_wrong_template_is_named_with_line_and_remedy_at_the_start(
    tmp_path: Path, name: str, template: str, line: str, what: str, advice: str
) -> None:
    (tmp_path / name).write_text(template, "utf-8")

    failed = wrong(tmp_path)

    assert failed.text.startswith(f"The mail template {tmp_path / name}, line {line}, can't be used: {what}")
    assert failed.advice.startswith(advice)
    assert failed.advice.endswith("or delete the file to go back to Pomost's own.")
    assert failed.facts == {"file": name, "line": line}


def test_a_template_can_not_reach_out_of_its_sandbox(tmp_path: Path) -> None:
    (tmp_path / "fs.pl.txt").write_text("\n{{ number.__class__.__mro__ }}", "utf-8")

    failed = wrong(tmp_path)

    assert "line 2" in failed.text
    assert "unsafe" in failed.text


def test_a_misspelt_file_name_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "fs.pl.subjet.txt").write_text("{{ number }}", "utf-8")

    failed = wrong(tmp_path)

    assert failed.text == f"No mail uses the template {tmp_path / 'fs.pl.subjet.txt'}."


def test_a_file_that_is_not_utf8_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "fs.pl.txt").write_bytes("Dzień\nżółw".encode("cp1250"))

    assert "fs.pl.txt, line 1, can't be used: it is not in UTF-8." in wrong(tmp_path).text


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "does not exist" in wrong(tmp_path / "nie-ma").text


def test_a_document_of_an_unknown_company_has_no_mail() -> None:
    with pytest.raises(NeedsPerson) as refused:
        MailWriter({}).write(document())

    assert refused.value.code == "render.seller"


def test_a_recipient_may_be_shown_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "wz.pl.txt").write_text("Dla{% if recipient %} {{ recipient.name }}{% endif %}.", "utf-8")
    other = replace(BUYER, company="", name="Jan Przykładowy")

    assert write(document("WZ", recipient=other), tmp_path).text == "Dla Jan Przykładowy.\n"
    assert write(document("WZ"), tmp_path).text == "Dla.\n"


def test_the_page_about_templates_names_all_that_a_template_may_show() -> None:
    page = PAGE.read_text("utf-8")
    parts = {f"{head}.{part}" for head, names in PARTS_OF.items() if head != "recipient" for part in names}

    assert sorted(name for name in {*NAMES, *parts} if f"`{name}`" not in page) == []


def test_a_zero_invoice_is_no_debt() -> None:
    body = write(document(count=0, gross=Decimal(0)))

    assert "Do zapłaty pozostaje 0,00 PLN" in body.text
