"""Returned mail of the kinds that servers write, and of the kinds that nobody should."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pomost.connectors.smtp.reports import bounces_in, may_be_report
from pomost.ports import Bounce
from tests.connectors.smtp.letters import KEY

SAMPLES = Path(__file__).parent / "samples"
ADDRESS = "anna.przykladowa@example.org"


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.eml").read_bytes()


@pytest.mark.parametrize(
    ("name", "reason", "final"),
    [
        ("postfix", "550 5.1.1 <a***@example.org>: Recipient address rejected: User unknown", True),
        (
            "postfix-delayed",
            "4.4.1 connect to mx.example.org[192.0.2.10]:25: Connection timed out",
            False,
        ),
        ("exim", "5.0.0 552 5.2.2 Mailbox full", True),
        ("exim-old", "host mx.example.org [192.0.2.10]: 550 5.1.1 No such user here", True),
        (
            "exchange",
            "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient a***@internal.example.net "
            "not found by SMTP address lookup",
            True,
        ),
        (
            "gmail",
            "550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 "
            "double-checking the recipient's email address for typos or 550 5.1.1 unnecessary spaces. - gsmtp",
            True,
        ),
    ],
)
def test_a_report_of_each_kind_of_server_is_understood(name: str, reason: str, final: bool) -> None:
    assert may_be_report(sample(name))
    assert bounces_in(sample(name)) == (Bounce(KEY, ADDRESS, reason, final),)


@pytest.mark.parametrize(
    "name", ["delivered", "not-ours", "forged-checksum", "vacation", "read-receipt"], ids=str
)
def test_other_mail_is_no_bounce(name: str) -> None:
    assert bounces_in(sample(name)) == ()


@pytest.mark.parametrize("name", ["postfix", "exchange", "gmail", "exim", "exim-old"])
def test_a_report_cut_off_after_the_original_header_is_enough(name: str) -> None:
    whole = sample(name)
    end = whole.rindex(b".pomost@example.com>") + len(b".pomost@example.com>")

    assert bounces_in(whole[:end]) == bounces_in(whole)


def test_a_report_of_many_recipients_gives_no_more_than_is_sensible() -> None:
    block = b"Final-Recipient: rfc822; x@example.org\nAction: failed\nStatus: 5.1.1\n\n"
    head, tail = sample("gmail").split(b"Final-Recipient: rfc822; anna", 1)

    found = bounces_in(head + block * 1000 + b"Final-Recipient: rfc822; anna" + tail)

    assert len(found) == 20


@pytest.mark.parametrize("levels", [60, 20_000])
def test_a_mail_nested_without_end_is_given_up(levels: int) -> None:
    inner = sample("postfix")
    nest = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level)
        for level in range(levels)
    )

    with pytest.raises(ValueError, match=r"can't be taken apart|nested more than 50 times"):
        bounces_in(nest + inner)


@settings(max_examples=300)
@given(st.data())
def test_mangled_mail_gives_bounces_of_ours_or_none(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["postfix", "exim", "exim-old", "exchange", "gmail"]))
    raw = bytearray(sample(name))
    for _ in range(data.draw(st.integers(1, 12))):
        start = data.draw(st.integers(0, len(raw)))
        length = data.draw(st.integers(0, 80))
        raw[start : start + length] = data.draw(st.binary(max_size=40))

    found = bounces_in(bytes(raw))

    assert {bounce.key for bounce in found} <= {KEY}
    assert all(bounce.reason.isprintable() or "�" in bounce.reason for bounce in found)


@settings(max_examples=100)
@given(st.binary(max_size=500))
def test_bytes_of_any_kind_are_survived(raw: bytes) -> None:
    assert bounces_in(b"Content-Type: multipart/report; boundary=x\n\n--x\n" + raw) == ()
