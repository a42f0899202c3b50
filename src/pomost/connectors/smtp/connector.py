"""Mail as the port Mailer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from pomost.connectors.smtp.client import SmtpClient, check_host
from pomost.connectors.smtp.mailbox import first_day, opened
from pomost.connectors.smtp.mapping import letter_of, sender_of
from pomost.connectors.smtp.reports import bounces_in, may_be_report
from pomost.connectors.smtp.settings import BounceBox, SmtpServer
from pomost.ports import Bounce, Json, Mail

log = structlog.get_logger("pomost.smtp")


def _now() -> datetime:
    return datetime.now(UTC)


class SmtpMailer:
    """One mail account, safe for many threads. ``box``: where undelivered mail returns; without it nobody looks.

    Raises NeedsPerson ``smtp.settings`` when the settings can't be used.
    """

    def __init__(
        self, server: SmtpServer, box: BounceBox | None = None, *, now: Callable[[], datetime] = _now
    ) -> None:
        self._sender = sender_of(server.sender, server.reply_to)
        self._client = SmtpClient(server)
        if box is not None:
            check_host(server.name, box.host)
        self._name = server.name
        self._box = box
        self._now = now

    def send(self, mail: Mail) -> None:
        """Hands the mail over once; returns when the server took it.

        Raises TryAgain and WaitUntil (not taken), NeedsPerson (address, content or size refused), StopConnection
        (login, certificate, sender), InDoubt (the answer to the whole mail was lost). All codes:
        docs/connectors/smtp.md.
        """
        self._client.hand_over(letter_of(mail, self._sender, self._now()))

    def bounces(self, cursor: Json) -> tuple[tuple[Bounce, ...], Json]:
        """What came back since ``cursor``; the next cursor may be kept once the bounces are.

        The same bounce may come again after the mailbox was rebuilt. It is what somebody wrote in a mail, no proof:
        compare key and address with what was sent. Raises TryAgain and NeedsPerson ``smtp.mailbox-...``.
        """
        if self._box is None:
            return (), cursor
        found: list[Bounce] = []
        with opened(self._box, self._name) as box:
            known = cursor.get("validity") == box.validity
            last = int(cursor["uid"]) if known else 0
            numbers = box.numbers_after(last) if known else box.numbers_since(first_day(self._box))
            numbers = numbers[: self._box.most]
            headers = box.headers(numbers) if numbers else {}
            for number in numbers:
                if may_be_report(headers.get(number, b"")):
                    found += self._read(number, box.beginning(number))
            nothing_new = last if known else box.newest
            return tuple(found), {"validity": box.validity, "uid": max(numbers, default=nothing_new)}

    def _read(self, number: int, raw: bytes) -> tuple[Bounce, ...]:
        try:
            return bounces_in(raw)
        except ValueError as error:
            log.warning("smtp.mangled-mail", mailer=self._name, uid=number, problem=str(error))
            return ()
