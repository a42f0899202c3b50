"""The wire of the mailbox that bounces return to: IMAP (RFC 3501), read only."""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from pomost.connectors.smtp.client import tls_context
from pomost.connectors.smtp.mapping import told
from pomost.connectors.smtp.settings import BounceBox
from pomost.ports import Failure, NeedsPerson, TryAgain

# The report and the original's header stand before the original's attachments.
_ENOUGH_BYTES = 256 * 1024
_UID = re.compile(rb"UID (\d+)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class OpenBox:
    """A mailbox that is logged in to and selected.

    ``validity``: while it is the same, numbers mean the same mails. ``newest``: no mail had a greater number when the
    box was opened (0 where the server does not say).
    """

    def __init__(self, imap: imaplib.IMAP4, validity: int, newest: int) -> None:
        self._imap = imap
        self.validity = validity
        self.newest = newest

    def numbers_after(self, number: int) -> list[int]:
        """UIDs greater than ``number``, ascending."""
        # "n:*" names the last mail even where its number is below n.
        return [uid for uid in self._search(f"UID {number + 1}:*") if uid > number]

    def numbers_since(self, day: date) -> list[int]:
        """UIDs of mails that arrived on ``day`` or later, ascending."""
        return self._search(f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}")

    def headers(self, numbers: list[int]) -> dict[int, bytes]:
        """By UID, the header lines that tell what kind of mail it is."""
        which = ",".join(str(number) for number in numbers)
        wanted = "(UID BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE X-FAILED-RECIPIENTS)])"
        return dict(self._literals(self._fetch(which, wanted)))

    def beginning(self, number: int) -> bytes:
        """The first 256 KB of a mail; empty when it is there no more."""
        found = dict(self._literals(self._fetch(str(number), f"(UID BODY.PEEK[]<0.{_ENOUGH_BYTES}>)")))
        return found.get(number, b"")

    def _search(self, what: str) -> list[int]:
        state, answer = self._imap.uid("SEARCH", what)
        if state != "OK":
            raise imaplib.IMAP4.error(f"SEARCH: {answer}")
        return sorted({int(word) for line in answer if line for word in line.split()})

    def _fetch(self, which: str, what: str) -> list[tuple[bytes, bytes] | bytes]:
        state, answer = self._imap.uid("FETCH", which, what)
        if state != "OK":
            raise imaplib.IMAP4.error(f"FETCH: {answer}")
        return [item for item in answer if item is not None]

    def _literals(self, answer: list[tuple[bytes, bytes] | bytes]) -> Iterator[tuple[int, bytes]]:
        """The texts of an answer by UID, which servers put before or after the text."""
        for index, item in enumerate(answer):
            if not isinstance(item, tuple):
                continue
            rest = answer[index + 1] if index + 1 < len(answer) else b""
            uid = _UID.search(item[0]) or (_UID.search(rest) if isinstance(rest, bytes) else None)
            if uid:
                yield int(uid[1]), item[1]


@contextlib.contextmanager
def opened(box: BounceBox, name: str) -> Iterator[OpenBox]:
    """The mailbox, closed at the end.

    Raises TryAgain ``smtp.mailbox-unreachable`` and NeedsPerson ``smtp.mailbox-certificate``, ``smtp.mailbox-auth``,
    ``smtp.mailbox-folder``. None of them keeps mail from being sent.
    """
    who = f'"{name}": the mailbox {box.host}:{box.port}'
    imap: imaplib.IMAP4 | None = None
    try:
        imap = _connect(box)
        _log_in(imap, box, who)
        _select(imap, box, who)
        yield OpenBox(imap, _number(imap, "UIDVALIDITY"), max(0, _number(imap, "UIDNEXT") - 1))
    except ssl.SSLCertVerificationError as error:
        raise NeedsPerson(
            "smtp.mailbox-certificate",
            f"{who} shows a certificate that is not trusted: {error.verify_message}",
            "Correct host, or name the certificate's issuer in ca_file; the check can't be turned off.",
        ) from error
    except (imaplib.IMAP4.error, OSError) as error:
        raise TryAgain(
            "smtp.mailbox-unreachable",
            f"{who} can't be read ({type(error).__name__}).",
            "It is tried again; if it stays, check host, port and security.",
        ) from error
    finally:
        if imap is not None:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                imap.logout()


def _connect(box: BounceBox) -> imaplib.IMAP4:
    context = tls_context(box.ca_file)
    if box.security == "tls":
        return imaplib.IMAP4_SSL(box.host, box.port, ssl_context=context, timeout=box.timeout_s)
    imap = imaplib.IMAP4(box.host, box.port, timeout=box.timeout_s)
    try:
        imap.starttls(context)
    except BaseException:
        imap.shutdown()
        raise
    return imap


def _log_in(imap: imaplib.IMAP4, box: BounceBox, who: str) -> None:
    credentials = b"\0".join((b"", box.user.encode(), box.password.encode()))
    try:
        if "AUTH=PLAIN" in imap.capabilities:
            imap.authenticate("PLAIN", lambda _: credentials)
        else:
            imap.login(box.user, box.password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeEncodeError) as error:
        if "[UNAVAILABLE]" in str(error).upper():
            raise
        said = told(str(error).replace(box.password, "***"), box.user)
        raise NeedsPerson(
            "smtp.mailbox-auth",
            f"{who} does not accept user and password ({said}).",
            "Correct them; many providers want a password made for applications.",
        ) from error


def _select(imap: imaplib.IMAP4, box: BounceBox, who: str) -> None:
    folder = '"' + box.folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
    state, answer = imap.select(folder, readonly=True)
    if state != "OK":
        raise _no_folder(who, box.folder, answer)


def _number(imap: imaplib.IMAP4, name: str) -> int:
    _, values = imap.response(name)
    return int(values[-1]) if values and values[-1] else 0


def _no_folder(who: str, folder: str, answer: list[bytes | None]) -> Failure:
    said = told(" ".join(line.decode("utf-8", "replace") for line in answer if line))
    return NeedsPerson(
        "smtp.mailbox-folder",
        f"{who} has no folder {folder!r} that can be read ({said}).",
        "Correct folder.",
    )


def first_day(box: BounceBox) -> date:
    """From which day on the first look reads."""
    return (datetime.now(UTC) - timedelta(days=box.first_look_days)).date()
