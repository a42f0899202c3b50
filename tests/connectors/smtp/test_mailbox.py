"""Bounces read from a real mailbox over IMAP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from pomost.connectors.smtp import BounceBox, SmtpMailer, SmtpServer
from pomost.ports import Bounce, Failure, NeedsPerson, TryAgain
from tests.connectors.smtp.letters import KEY
from tests.connectors.smtp.servers import (
    Certificates,
    Mailbox,
    certificates,
    free_port,
    imap_server,
    tls_before,
)

SAMPLES = Path(__file__).parent / "samples"
REFUSED = Bounce(
    KEY,
    "anna.przykladowa@example.org",
    "550 5.1.1 <a***@example.org>: Recipient address rejected: User unknown",
    final=True,
)
FULL = Bounce(KEY, "anna.przykladowa@example.org", "5.0.0 552 5.2.2 Mailbox full", final=True)


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.eml").read_bytes().replace(b"\n", b"\r\n")


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with imap_server("--no-tls") as box:
        yield box


@pytest.fixture
def port(mailbox: Mailbox, trusted: Certificates) -> Iterator[int]:
    with tls_before(mailbox.port, trusted.server) as port:
        yield port


def mailer(port: int, trusted: Certificates, **changes: Any) -> SmtpMailer:
    server = SmtpServer("poczta", "127.0.0.1", "faktury@example.com", security="none")
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "user": Mailbox.user,
        "password": Mailbox.password,
        "ca_file": trusted.ca_file,
        "timeout_s": 10.0,
        **changes,
    }
    return SmtpMailer(server, BounceBox(**values))


def test_without_a_mailbox_nothing_comes_back() -> None:
    server = SmtpServer("poczta", "127.0.0.1", "faktury@example.com", security="none")

    assert SmtpMailer(server).bounces({}) == ((), {})


def test_what_came_back_is_found_once_among_other_mail(
    mailbox: Mailbox, port: int, trusted: Certificates
) -> None:
    one = mailer(port, trusted)
    mailbox.put(*map(sample, ("vacation", "postfix", "not-ours", "read-receipt")))

    first, cursor = one.bounces({})
    again, same = one.bounces(cursor)
    mailbox.put(sample("exim"))
    later, _ = one.bounces(cursor)

    assert (first, again, later) == ((REFUSED,), (), (FULL,))
    assert same == cursor


def test_a_first_look_at_a_box_of_old_mail_begins_with_what_comes(
    mailbox: Mailbox, port: int, trusted: Certificates
) -> None:
    """The mailbox is made with mails of many years ago."""
    one = mailer(port, trusted)

    nothing, cursor = one.bounces({})
    mailbox.put(sample("postfix"))

    assert (nothing, cursor["uid"]) == ((), 104)
    assert one.bounces(cursor)[0] == (REFUSED,)


def test_the_mailbox_is_left_as_it_was(mailbox: Mailbox, port: int, trusted: Certificates) -> None:
    mailbox.put(sample("postfix"))
    before = mailbox.flags()

    mailer(port, trusted).bounces({})

    assert mailbox.flags() == before


def test_many_mails_are_read_in_parts(mailbox: Mailbox, port: int, trusted: Certificates) -> None:
    one = mailer(port, trusted, most=2)
    mailbox.put(*map(sample, ("vacation", "vacation", "vacation", "postfix", "exim")))

    looks: list[tuple[Bounce, ...]] = []
    cursor: dict[str, Any] = {}
    for _ in range(4):
        found, cursor = one.bounces(cursor)
        looks.append(found)

    assert looks == [(), (REFUSED,), (FULL,), ()]


def test_a_mailbox_that_was_made_anew_is_read_from_the_start(
    mailbox: Mailbox, port: int, trusted: Certificates
) -> None:
    mailbox.put(sample("postfix"))

    found, _ = mailer(port, trusted).bounces({"validity": 1, "uid": 4_000_000_000})

    assert found == (REFUSED,)


def test_an_emptied_mailbox_is_no_trouble(mailbox: Mailbox, port: int, trusted: Certificates) -> None:
    one = mailer(port, trusted)
    mailbox.put(sample("postfix"))
    _, cursor = one.bounces({})
    mailbox.delete_all()

    assert one.bounces(cursor) == ((), cursor)


def test_a_hostile_mail_does_not_hide_the_next(mailbox: Mailbox, port: int, trusted: Certificates) -> None:
    nest = b"".join(
        b'Content-Type: multipart/report; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
        for level in range(300)
    )
    mailbox.put(
        nest,
        b"Content-Type: multipart/report; boundary=\r\n\r\n--\r\n\x00\xff\xfe--\r\n",
        sample("postfix").replace(b"Dzie", b"x" * 3_000_000),
    )

    with capture_logs() as logged:
        found, cursor = mailer(port, trusted).bounces({})

    assert (found, cursor["uid"]) == ((REFUSED,), 107)
    assert logged == [
        {
            "event": "smtp.mangled-mail",
            "log_level": "warning",
            "mailer": "poczta",
            "uid": 105,
            "problem": "the mail is nested more than 50 times",
        }
    ]


def test_a_mailbox_is_read_over_starttls_too(trusted: Certificates) -> None:
    options = ("--cert", str(trusted.chain_file), "--key", str(trusted.key_file))
    with imap_server(*options) as mailbox:
        found, cursor = mailer(mailbox.port, trusted, security="starttls").bounces({})

    assert (found, cursor["uid"]) == ((), 104)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"password": "inne"}, "smtp.mailbox-auth"),
        ({"folder": 'Zwroty "2025"'}, "smtp.mailbox-folder"),
        ({"ca_file": None}, "smtp.mailbox-certificate"),
    ],
    ids=["password", "folder", "certificate"],
)
def test_wrong_settings_need_a_person(
    mailbox: Mailbox, port: int, trusted: Certificates, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Failure) as failed:
        mailer(port, trusted, **changes).bounces({})

    assert (type(failed.value), failed.value.code) == (NeedsPerson, code)
    assert Mailbox.password not in str(failed.value)


@pytest.mark.parametrize("fault", ["nobody", "no-tls", "no-starttls"])
def test_a_mailbox_that_can_not_be_read_is_tried_again(
    mailbox: Mailbox, trusted: Certificates, fault: str
) -> None:
    port = free_port() if fault == "nobody" else mailbox.port
    security = "starttls" if fault == "no-starttls" else "tls"

    with pytest.raises(Failure) as failed:
        mailer(port, trusted, security=security).bounces({})

    assert (type(failed.value), failed.value.code) == (TryAgain, "smtp.mailbox-unreachable")
