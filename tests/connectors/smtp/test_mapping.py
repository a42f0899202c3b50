"""What a mail looks like on the wire."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pomost.connectors.smtp import mapping
from pomost.connectors.smtp.mapping import Letter
from pomost.ports import FileToSend, Mail, NeedsPerson
from tests.connectors.smtp.letters import KEY, MAIL, MESSAGE_ID, PDF, mail

NOW = datetime(2025, 9, 20, 10, 0, tzinfo=UTC)
SENDER = mapping.sender_of("Sklep Przykładowy <faktury@example.com>", "pomoc@example.com")


def letter(one: Mail) -> Letter:
    return mapping.letter_of(one, SENDER, NOW)


def read(one: Letter) -> EmailMessage:
    return message_from_bytes(one.content, policy=policy.default)  # type: ignore[return-value]


def test_a_mail_says_who_to_whom_when_and_that_a_machine_wrote_it() -> None:
    message = read(letter(MAIL))

    assert {name: str(message[name]) for name in set(message.keys()) - {"Content-Type", "MIME-Version"}} == {
        "Date": "Sat, 20 Sep 2025 10:00:00 +0000",
        "From": "Sklep Przykładowy <faktury@example.com>",
        "To": "anna.przykladowa@example.org",
        "Reply-To": "pomoc@example.com",
        "Subject": "Faktura FS/12/09/2025 – Kubki i Świece Przykładowe",
        "Message-ID": MESSAGE_ID,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }


def test_text_html_and_invoice_arrive_as_they_were() -> None:
    message = read(letter(MAIL))
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    (file,) = message.iter_attachments()

    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == MAIL.text
    assert html.get_content().strip() == MAIL.html
    assert (file.get_filename(), file.get_content_type()) == (
        "Faktura FS-12-09-2025 źdźbło.pdf",
        "application/pdf",
    )
    assert file.get_payload(decode=True) == PDF


def test_the_wire_form_is_plain_ascii_in_lines_that_every_server_takes() -> None:
    content = letter(mail(text="Zażółć " * 500, subject="ż" * 300)).content

    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998


def test_the_same_mail_twice_has_the_same_message_id() -> None:
    later = mapping.letter_of(MAIL, SENDER, NOW + timedelta(days=1))

    assert later.message_id == letter(MAIL).message_id == MESSAGE_ID
    assert letter(mail(key="main:baselinker:1000124:mail-fs")).message_id != MESSAGE_ID


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60))
def test_the_key_is_read_back_from_the_message_id(key: str) -> None:
    made = mapping.message_id(key, "example.com")

    assert mapping.key_of(f"Message-ID: {made}\r\n") == key
    assert set(made) <= set(string.ascii_letters + string.digits + "<>@.=_/-")


def test_a_long_key_does_not_break_the_message_id() -> None:
    key = "main:baselinker:" + "1" * 500
    made = letter(mail(key=key))

    assert f"\r\nMessage-ID: {made.message_id}\r\n".encode() in made.content
    assert mapping.key_of(made.message_id) == key


@pytest.mark.parametrize("key", ["", "x" * 900], ids=["empty", "too-long"])
def test_a_key_that_no_message_id_can_hold_is_a_mistake_of_the_caller(key: str) -> None:
    with pytest.raises(ValueError, match="empty or too long"):
        mapping.message_id(key, "example.com")


@pytest.mark.parametrize(
    "text",
    [
        MESSAGE_ID.replace("1000123", "1000124"),
        MESSAGE_ID.replace("pomost", "other"),
        "<=FF=FE.12345678.pomost@example.com>",
        "",
    ],
    ids=["another-checksum", "another-program", "no-utf8", "nothing"],
)
def test_ids_of_others_are_not_ours(text: str) -> None:
    assert mapping.key_of(text) is None


@given(
    st.text(
        st.characters(categories=("L", "N", "P", "S", "Zs"), exclude_characters="\x85"),
        min_size=1,
        max_size=200,
    ).filter(lambda text: text == text.strip() and text != "")
)
@settings(max_examples=200)
def test_a_subject_reads_the_same_when_unfolded(subject: str) -> None:
    assert str(read(letter(mail(subject=subject)))["Subject"]).split() == subject.split()


def test_a_long_sender_name_reads_the_same_when_unfolded() -> None:
    name = "Źdźbło i Świece Przykładowe „Zażółć gęślą jaźń” spółka z ograniczoną odpowiedzialnością"
    sender = mapping.sender_of(f'"{name}" <faktury@example.com>', "")
    # The newer parser of the library keeps the space between two encoded words, against RFC 2047.
    header = message_from_bytes(mapping.letter_of(MAIL, sender, NOW).content, policy=policy.compat32)["From"]

    assert str(make_header(decode_header(header))) == f"{name} <faktury@example.com>"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("FS/12/09/2025.pdf", "FS-12-09-2025.pdf"),
        ("Zażółć gęślą jaźń.pdf", "Zażółć gęślą jaźń.pdf"),
        ("Zaz\u0307o\u0301łc\u0301", "Zażółć.pdf"),
        ("../../etc/passwd", "etc-passwd.pdf"),
        ('a\r\nb"c.pdf', "a-b-c.pdf"),
        ("faktura\u202efdp.exe", "faktura-fdp.exe.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("", "document.pdf"),
        ("...", "document.pdf"),
        ("x" * 300 + ".pdf", "x" * 120 + ".pdf"),
    ],
)
def test_file_names_are_safe_and_keep_their_letters(name: str, safe: str) -> None:
    assert mapping.safe_file_name(name) == safe


def test_two_files_of_one_name_are_told_apart() -> None:
    files = (FileToSend("FS/1.pdf", PDF), FileToSend("fs-1.pdf", PDF), FileToSend("WZ/1.pdf", PDF))

    assert mapping.file_names(files) == ["FS-1.pdf", "fs-1 (2).pdf", "WZ-1.pdf"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file FS-1.pdf is empty, so the mail was not sent."),
        (b"<html>", "The file FS-1.pdf has 6 bytes and is no whole PDF, so the mail was not sent."),
        (PDF[:20], "The file FS-1.pdf has 20 bytes and is no whole PDF, so the mail was not sent."),
    ],
    ids=["empty", "html", "cut-off"],
)
def test_a_file_that_is_no_pdf_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(NeedsPerson) as refused:
        letter(mail(files=(FileToSend("FS/1.pdf", content),)))

    assert (refused.value.code, refused.value.text) == ("mail.bad-file", said)


@pytest.mark.parametrize(
    ("address", "on_the_wire", "needs_utf8"),
    [
        (" anna@example.com ", "anna@example.com", False),
        ("anna@żółw.example.com", "anna@xn--w-uga1v8h.example.com", False),
        ("ANNA+fs@Example.COM", "ANNA+fs@example.com", False),
        ("żaneta@example.com", "żaneta@example.com", True),
        ("żaneta@żółw.example.com", "żaneta@xn--w-uga1v8h.example.com", True),
    ],
)
def test_addresses_go_out_as_servers_understand_them(
    address: str, on_the_wire: str, needs_utf8: bool
) -> None:
    made = letter(mail(to=address))

    assert (made.recipient, made.needs_utf8) == (on_the_wire, needs_utf8)
    assert f"\r\nTo: {on_the_wire}\r\n".encode() in made.content


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("anna@example.com\r\nBcc: eve@example.com", "a***@example.com"),
        ("anna@example.com\nX: y", "***"),
        ("anna@example.com, eve@example.com", "a***@example.com"),
        ("anna@example.com; eve@example.com", "a***@example.com"),
        ("Anna <anna@example.com>", "***"),
        ("anna", "***"),
        ("", "***"),
        ("anna@localhost", "a***@localhost"),
        ("anna@[127.0.0.1]", "***"),
        ('"a b"@example.com', "***@example.com"),
        ("anna@exa mple.com", "***"),
        ("anna\0@example.com", "a***@example.com"),
        ("\ud800@example.com", "***@example.com"),
        ("a" * 300 + "@example.com", "a***@example.com"),
    ],
)
def test_what_is_not_one_address_is_refused_without_showing_it(address: str, shown: str) -> None:
    with pytest.raises(NeedsPerson) as refused:
        letter(mail(to=address))

    assert refused.value.code == "mail.bad-address"
    assert refused.value.text.startswith(f"{shown} is no address that mail can be sent to: ")
    assert refused.value.facts == {"address": shown}
    assert "anna@" not in str(refused.value)


def test_a_reply_address_is_checked_like_any_other() -> None:
    with pytest.raises(NeedsPerson) as refused:
        letter(mail(reply_to="pomoc@example.com\r\nBcc: eve@example.com"))

    assert refused.value.code == "mail.bad-address"


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Faktura\r\nBcc: eve@example.com"},
        {"subject": " "},
        {"subject": "pół znaku \ud800"},
        {"text": ""},
        {"text": "pół znaku \ud800"},
        {"html": "pół znaku \ud800"},
    ],
    ids=["line-end", "no-subject", "subject-half", "no-text", "text-half", "html-half"],
)
def test_text_that_no_mail_can_hold_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(NeedsPerson) as refused:
        letter(mail(**changes))

    assert refused.value.code == "mail.bad-text"


@pytest.mark.parametrize(
    ("sender", "reply_to"),
    [
        ("Sklep", ""),
        ("a@example.com, b@example.com", ""),
        ("żaneta@example.com", ""),
        ("faktury@example.com", "pomoc"),
        ("Sklep\r\nBcc: x <faktury@example.com>", ""),
    ],
    ids=["no-address", "two", "other-letters", "reply", "line-end"],
)
def test_a_sender_that_servers_would_not_take_is_refused_at_the_start(sender: str, reply_to: str) -> None:
    with pytest.raises(NeedsPerson) as refused:
        mapping.sender_of(sender, reply_to)

    assert refused.value.code == "smtp.settings"


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("4.7.1 Greylisting in action, please come back in 00:05:00", timedelta(minutes=5)),
        ("4.2.0 Greylisted for 300 seconds", timedelta(minutes=5)),
        ("Try again in 10 min", timedelta(minutes=10)),
        ("4.7.1 greylisted, retry in 1h", timedelta(hours=1)),
        ("come back in 99999 hours", timedelta(days=1)),
        ("4.2.0 Greylisted, see https://example.com/help/2025s.html", None),
        ("4.7.0 Try again later, closing connection. a640c23a62f3a-b07e12345 s", None),
        ("4.3.2 Service shutting down in 30 seconds", None),
        ("Try again in 0 seconds", None),
    ],
)
def test_the_wait_that_a_server_names_is_understood(said: str, wait: timedelta | None) -> None:
    assert mapping.wait_named(said) == wait


def test_what_a_server_says_is_made_fit_for_a_log() -> None:
    said = "5.1.1 <anna.przykladowa@example.org>:\r\n user ANNA.PRZYKLADOWA unknown\x1b[31m " + "x" * 9000

    shown = mapping.told(said, "anna.przykladowa@example.org")

    assert shown.startswith("5.1.1 <a***@example.org>: user a*** unknown [31m xxx")
    assert len(shown) == 300


def test_the_key_stands_for_the_mail() -> None:
    assert mapping.key_of(letter(MAIL).message_id) == KEY
