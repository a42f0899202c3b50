"""Mail handed to a real server, and every way in which the server may not take it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pomost.connectors.smtp import BounceBox, SmtpMailer, SmtpServer
from pomost.ports import (
    Failure,
    FileToSend,
    InDoubt,
    Mailer,
    NeedsPerson,
    StopConnection,
    TryAgain,
    WaitUntil,
)
from tests.connectors.smtp.letters import MAIL, MESSAGE_ID, PDF, mail
from tests.connectors.smtp.servers import (
    PASSWORD,
    USER,
    Behaviour,
    Certificates,
    certificates,
    free_port,
    mail_server,
)

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

BIG = FileToSend("duża.pdf", PDF[:-6] + b"%" * 6_000_000 + PDF[-6:])


def account(port: int, **changes: Any) -> SmtpServer:
    values: dict[str, Any] = {
        "name": "poczta",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "Sklep <faktury@example.com>",
        "timeout_s": 10.0,
        "answer_timeout_s": 10.0,
        **changes,
    }
    return SmtpServer(**values)


def failure(kind: type[Failure], server: SmtpServer, one: Any = MAIL) -> Failure:
    with pytest.raises(Failure) as failed:
        SmtpMailer(server).send(one)
    assert type(failed.value) is kind
    assert "anna.przykladowa" not in str(failed.value)
    assert PASSWORD not in str(failed.value)
    return failed.value


@pytest.fixture
def behaviour() -> Behaviour:
    return Behaviour()


@pytest.fixture
def port(behaviour: Behaviour) -> Iterator[int]:
    with mail_server(behaviour) as port:
        yield port


@pytest.fixture
def trusted(tmp_path: Path) -> Certificates:
    return certificates(tmp_path)


# Taken.


def test_the_server_takes_the_mail_with_its_invoice(behaviour: Behaviour, port: int) -> None:
    mailer: Mailer = SmtpMailer(account(port))

    mailer.send(MAIL)

    (taken,) = behaviour.taken
    (file,) = taken.message.iter_attachments()
    body = taken.message.get_body(("plain",))
    assert (taken.sender, taken.recipients) == ("faktury@example.com", ["anna.przykladowa@example.org"])
    assert (taken.message["Message-ID"], file.get_filename()) == (
        MESSAGE_ID,
        "Faktura FS-12-09-2025 źdźbło.pdf",
    )
    assert file.get_payload(decode=True) == PDF
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == MAIL.text


def test_the_same_mail_sent_twice_shows_one_message_id(behaviour: Behaviour, port: int) -> None:
    mailer = SmtpMailer(account(port))

    mailer.send(MAIL)
    mailer.send(MAIL)

    assert [taken.message["Message-ID"] for taken in behaviour.taken] == [MESSAGE_ID, MESSAGE_ID]


@pytest.mark.parametrize("way", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_password_and_mail_travel_over_tls(
    behaviour: Behaviour, trusted: Certificates, security: str, way: str
) -> None:
    where = {security: trusted.server}

    with mail_server(behaviour, login=True, ways=(way,), **where) as port:
        SmtpMailer(
            account(port, security=security, user=USER, password=PASSWORD, ca_file=trusted.ca_file)
        ).send(MAIL)

    assert [(taken.tls, taken.user) for taken in behaviour.taken] == [(True, USER)]


def test_an_address_with_other_letters_goes_to_a_server_that_offers_it(behaviour: Behaviour) -> None:
    with mail_server(behaviour, utf8=True) as port:
        SmtpMailer(account(port)).send(mail(to="żaneta@żółw.example.com"))

    (taken,) = behaviour.taken
    assert taken.recipients == ["żaneta@xn--w-uga1v8h.example.com"]
    assert "SMTPUTF8" in taken.options


# Not taken: the address, the mail.


def test_an_address_with_other_letters_needs_a_person_where_the_server_can_not(
    behaviour: Behaviour, port: int
) -> None:
    failed = failure(NeedsPerson, account(port), mail(to="żaneta@example.com"))

    assert (failed.code, behaviour.commands) == ("smtp.no-unicode-address", [])
    assert "ż***@example.com" in failed.text


def test_a_file_that_is_no_pdf_never_reaches_the_server(behaviour: Behaviour, port: int) -> None:
    failed = failure(NeedsPerson, account(port), mail(files=(FileToSend("FS.pdf", b""),)))

    assert (failed.code, behaviour.commands) == ("mail.bad-file", [])


@pytest.mark.parametrize(
    ("say", "kind", "code", "said"),
    [
        (
            {"RCPT": "550 5.1.1 <anna.przykladowa@example.org> user unknown"},
            NeedsPerson,
            "smtp.address-refused",
            "refused the address a***@example.org (550 5.1.1 <a***@example.org> user unknown)",
        ),
        ({"RCPT": "451 4.3.0 busy"}, TryAgain, "smtp.busy", "451 4.3.0 busy"),
        ({"RCPT": "452 4.2.2 mailbox full"}, TryAgain, "smtp.busy", "452 4.2.2 mailbox full"),
        ({"RCPT": "530 5.7.0 log in first"}, StopConnection, "smtp.auth", "530 5.7.0 log in first"),
        ({"MAIL": "553 5.7.1 not yours"}, StopConnection, "smtp.sender-refused", "553 5.7.1 not yours"),
        ({"MAIL": "530 5.7.0 log in first"}, StopConnection, "smtp.auth", "530 5.7.0 log in first"),
        ({"MAIL": "552 5.3.4 too big"}, NeedsPerson, "smtp.too-big", "552 5.3.4 too big"),
        ({"MAIL": "421 4.3.2 closing"}, TryAgain, "smtp.busy", "421 4.3.2 closing"),
        ({"DATA": "451 4.3.0 later"}, TryAgain, "smtp.busy", "451 4.3.0 later"),
        ({"DATA": "554 5.5.1 no"}, NeedsPerson, "smtp.refused", "554 5.5.1 no"),
        ({"TEXT": "554 5.7.1 spam"}, NeedsPerson, "smtp.refused", "554 5.7.1 spam"),
        ({"TEXT": "552 too much"}, NeedsPerson, "smtp.too-big", "552 too much"),
        ({"TEXT": "550 5.3.4 message size limit"}, NeedsPerson, "smtp.too-big", "message size limit"),
        ({"TEXT": "451 4.3.0 disk full"}, TryAgain, "smtp.busy", "451 4.3.0 disk full"),
        ({"banner": "554 5.3.2 no mail here"}, StopConnection, "smtp.turned-away", "no mail here"),
        ({"banner": "421 4.3.2 too many"}, TryAgain, "smtp.busy", "421 4.3.2 too many"),
    ],
    ids=lambda value: " ".join(next(iter(value.items()))) if isinstance(value, dict) else None,
)
def test_what_the_server_says_decides_what_comes_next(
    behaviour: Behaviour, port: int, say: dict[str, str], kind: type[Failure], code: str, said: str
) -> None:
    behaviour.say = say

    failed = failure(kind, account(port))

    assert (failed.code, behaviour.taken) == (code, [])
    assert said in failed.text


def test_greylisting_with_a_time_is_waited_for(behaviour: Behaviour, port: int) -> None:
    behaviour.say = {"RCPT": "450 4.7.1 Greylisting in action, please come back in 00:05:00"}
    before = datetime.now(UTC)

    failed = failure(WaitUntil, account(port))

    assert isinstance(failed, WaitUntil)
    assert failed.code == "smtp.greylisted"
    assert before + timedelta(minutes=5) <= failed.until <= datetime.now(UTC) + timedelta(minutes=5)


def test_greylisting_without_a_time_is_tried_again(behaviour: Behaviour, port: int) -> None:
    behaviour.say = {"RCPT": "450 4.2.0 Greylisted, see https://example.com/help"}

    assert failure(TryAgain, account(port)).code == "smtp.busy"


def test_a_mail_larger_than_the_server_announces_is_not_even_begun(behaviour: Behaviour) -> None:
    with mail_server(behaviour, size=5000) as port:
        failed = failure(NeedsPerson, account(port), mail(files=(BIG,)))

    assert (failed.code, behaviour.commands) == ("smtp.too-big", [])


# Not taken: the connection.


def test_nobody_there_is_tried_again() -> None:
    assert failure(TryAgain, account(free_port())).code == "smtp.unreachable"


def test_a_server_that_says_nothing_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = account(silent.getsockname()[1], timeout_s=0.2)

        assert failure(TryAgain, server).code == "smtp.unreachable"


def test_a_connection_cut_in_the_middle_of_the_text_is_tried_again(behaviour: Behaviour, port: int) -> None:
    behaviour.reset_at_text = True

    failed = failure(TryAgain, account(port), mail(files=(BIG,)))

    assert (failed.code, behaviour.taken) == ("smtp.unreachable", [])


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("fault", ["another-issuer", "another-name"])
def test_a_certificate_that_is_not_trusted_stops_the_connection(
    behaviour: Behaviour, tmp_path: Path, security: str, fault: str
) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    own = certificates(
        tmp_path / "a", names=("mail.example.com",) if fault == "another-name" else ("127.0.0.1",)
    )
    other = certificates(tmp_path / "b") if fault == "another-issuer" else own

    with mail_server(behaviour, **{security: own.server}) as port:
        failed = failure(StopConnection, account(port, security=security, ca_file=other.ca_file))

    assert (failed.code, behaviour.commands) == ("smtp.certificate", [])


def test_the_certificate_is_checked_against_the_system_when_no_file_is_named(
    behaviour: Behaviour, trusted: Certificates
) -> None:
    with mail_server(behaviour, tls=trusted.server) as port:
        failed = failure(StopConnection, account(port, security="tls"))

    assert failed.code == "smtp.certificate"


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_without_tls_gets_neither_password_nor_mail(
    behaviour: Behaviour, port: int, trusted: Certificates, security: str
) -> None:
    server = account(port, security=security, user=USER, password=PASSWORD, ca_file=trusted.ca_file)

    failed = failure(StopConnection, server)

    assert (failed.code, behaviour.commands) == ("smtp.no-tls", [])


def test_tls_that_is_not_ready_is_tried_again(behaviour: Behaviour, trusted: Certificates) -> None:
    behaviour.say = {"STARTTLS": "454 4.7.0 TLS not available"}

    with mail_server(behaviour, starttls=trusted.server) as port:
        failed = failure(TryAgain, account(port, security="starttls", ca_file=trusted.ca_file))

    assert failed.code == "smtp.busy"


def test_a_wrong_password_stops_the_connection(behaviour: Behaviour) -> None:
    with mail_server(behaviour, login=True) as port:
        failed = failure(StopConnection, account(port, user=USER, password="inne"))

    assert (failed.code, behaviour.commands) == ("smtp.auth", [])
    assert "535" in failed.text


def test_a_login_that_fails_for_now_is_tried_again(behaviour: Behaviour) -> None:
    behaviour.say = {"AUTH": "454 4.7.0 Temporary authentication failure"}

    with mail_server(behaviour, login=True) as port:
        failed = failure(TryAgain, account(port, user=USER, password=PASSWORD))

    assert failed.code == "smtp.busy"


def test_a_password_in_the_answer_is_not_shown(behaviour: Behaviour) -> None:
    behaviour.say = {"AUTH": "535 5.7.8 tajne-haslo is wrong"}

    with mail_server(behaviour, login=True) as port:
        failed = failure(StopConnection, account(port, user=USER, password="tajne-haslo"))

    assert "535 5.7.8 *** is wrong" in failed.text


@pytest.mark.parametrize("ways", [(), ("LOGIN",)], ids=["no-login-offered", "login-wanted"])
def test_a_login_that_does_not_fit_stops_the_connection(behaviour: Behaviour, ways: tuple[str, ...]) -> None:
    user = {} if ways else {"user": USER, "password": PASSWORD}

    with mail_server(behaviour, login=bool(ways), ways=ways) as port:
        failed = failure(StopConnection, account(port, **user))

    assert (failed.code, behaviour.taken) == ("smtp.auth", [])


def test_a_password_is_never_sent_open_to_another_machine() -> None:
    with pytest.raises(NeedsPerson) as refused:
        SmtpMailer(account(25, host="mail.example.com", user=USER, password=PASSWORD))

    assert refused.value.code == "smtp.settings"


@pytest.mark.parametrize("host", ["", " ", "mail..example.com"])
def test_a_host_that_can_not_be_one_is_refused_at_the_start(host: str) -> None:
    box = BounceBox(host, USER, PASSWORD)

    for settings in ((account(25, host=host),), (account(25), box)):
        with pytest.raises(NeedsPerson) as refused:
            SmtpMailer(*settings)
        assert refused.value.code == "smtp.settings"


def test_the_password_is_not_in_what_the_settings_show() -> None:
    assert PASSWORD not in repr(account(25, password=PASSWORD))
    assert PASSWORD not in repr(BounceBox("imap.example.com", USER, PASSWORD))


# Perhaps taken.


def test_a_lost_answer_to_the_whole_mail_is_in_doubt(behaviour: Behaviour, port: int) -> None:
    behaviour.drop_after_text = True

    failed = failure(InDoubt, account(port))

    assert (failed.code, len(behaviour.taken)) == ("smtp.answer-lost", 1)
    assert MESSAGE_ID in failed.advice


def test_an_answer_that_does_not_come_in_time_is_in_doubt(behaviour: Behaviour, port: int) -> None:
    behaviour.silent_after_text = True

    failed = failure(InDoubt, account(port, answer_timeout_s=0.2))

    assert (failed.code, len(behaviour.taken)) == ("smtp.answer-lost", 1)


@pytest.mark.parametrize("answer", ["99 what", "hello", "354 go on", "2"])
def test_an_answer_that_means_nothing_is_in_doubt(behaviour: Behaviour, port: int, answer: str) -> None:
    behaviour.say = {"TEXT": answer}

    assert failure(InDoubt, account(port)).code == "smtp.answer-lost"
