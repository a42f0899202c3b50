"""The wires: SMTP to hand mail over, IMAP to read what came back. Their errors are translated here, in one place.

A mail is certainly not taken until its final dot was sent: everything before that may be repeated. From the final dot
to the server's answer nobody knows (RFC 5321, 4.2.5 and 6.1).
"""

from __future__ import annotations

import base64
import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import truststore

from pomost.connectors.smtp.mapping import Letter, masked, told, wait_named
from pomost.connectors.smtp.settings import SmtpServer
from pomost.ports import Failure, InDoubt, NeedsPerson, StopConnection, TryAgain, WaitUntil

_TOO_BIG = re.compile(
    r"(?<![\d.])5\.(3\.4|2\.3)(?![\d.])|too (big|large)|size limit|exceeds .*size", re.IGNORECASE
)
_ASKS_FOR_LOGIN = 530


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Checks certificate and host name, against the system's certificates or those in ``ca_file`` only."""
    if ca_file is not None:
        return ssl.create_default_context(cafile=str(ca_file))
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def check_host(name: str, host: str) -> None:
    """Raises NeedsPerson ``smtp.settings`` when this can't be a host."""
    try:
        possible = bool(host.strip().encode("idna"))
    except UnicodeError:
        possible = False
    if not possible:
        raise NeedsPerson(
            "smtp.settings",
            f'"{name}": {host!r} is no name of a server.',
            "Write a name or an address in host.",
        )


class SmtpClient:
    """One mail server; a connection of its own for each letter, so it is safe for many threads."""

    def __init__(self, server: SmtpServer) -> None:
        check_host(server.name, server.host)
        if server.security == "none" and server.password and not _is_this_machine(server.host):
            raise NeedsPerson(
                "smtp.settings",
                f'"{server.name}": the password would be sent to {server.host} for everybody to read.',
                'Set security to "starttls" or "tls".',
            )
        self._server = server
        self._tls = tls_context(server.ca_file) if server.security != "none" else None

    def hand_over(self, letter: Letter) -> None:
        """Returns when the server has taken the letter.

        Raises what ``Mailer.send`` says; InDoubt ``smtp.answer-lost`` only when the final dot may have arrived.
        """
        with self._connected() as smtp:
            self._begin(smtp, letter)
            self._give(smtp, letter)

    def greet(self) -> None:
        """Connects and logs in, and sends nothing. Raises as ``hand_over``."""
        with self._connected():
            pass

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A connection that is logged in. What breaks it before the final dot means that nothing was sent."""
        smtp: smtplib.SMTP | None = None
        try:
            smtp = self._connect()
            self._log_in(smtp)
            yield smtp
            _say_farewell(smtp)
        except InDoubt:
            raise
        except Failure:
            if smtp is not None:
                _say_farewell(smtp)
            raise
        except ssl.SSLCertVerificationError as error:
            raise StopConnection(
                "smtp.certificate",
                f"{self._who} shows a certificate that is not trusted: {error.verify_message}",
                "Correct host, or name the certificate's issuer in ca_file; the check can't be turned off.",
            ) from error
        except ssl.SSLError as error:
            if error.reason in ("WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "RECORD_LAYER_FAILURE"):
                raise self._no_tls("does not speak TLS there") from error
            raise self._unreachable(error) from error
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            raise self._unreachable(error) from error
        finally:
            if smtp is not None:
                smtp.close()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        try:
            if server.security == "tls":
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                    server.host, server.port, server.hello, timeout=server.timeout_s, context=self._tls
                )
            else:
                smtp = smtplib.SMTP(server.host, server.port, server.hello, timeout=server.timeout_s)
        except smtplib.SMTPResponseException as error:
            raise self._turned_away(error.smtp_code, error.smtp_error) from error
        if smtp.sock is not None:
            # The final dot goes by itself; it must not wait until the text before it is acknowledged.
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._greet(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _greet(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.ehlo_or_helo_if_needed()
            if self._server.security == "starttls":
                if not smtp.has_extn("starttls"):
                    raise self._no_tls("does not offer STARTTLS")
                smtp.starttls(context=self._tls)
                smtp.ehlo_or_helo_if_needed()
        except smtplib.SMTPResponseException as error:
            raise self._turned_away(error.smtp_code, error.smtp_error) from error

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        server = self._server
        if not server.user:
            return
        offered = smtp.esmtp_features.get("auth", "").upper().split()
        user, password = server.user.encode(), server.password.encode()
        if "PLAIN" in offered:
            both = b"\0".join((b"", user, password))
            code, answer = smtp.docmd("AUTH", f"PLAIN {_base64(both)}")
        elif "LOGIN" in offered:
            code, answer = smtp.docmd("AUTH", f"LOGIN {_base64(user)}")
            if code == 334:
                code, answer = smtp.docmd(_base64(password))
        else:
            ways = ", ".join(offered) or "no login"
            raise StopConnection(
                "smtp.auth",
                f"{self._who} offers {ways}, and Pomost logs in by PLAIN or LOGIN.",
                "Take out user and password if none is asked for, or use another server.",
            )
        if code in (235, 503):
            return
        if 400 <= code < 500 or code < 0:
            raise self._busy(code, answer)
        raise StopConnection(
            "smtp.auth",
            f"{self._who} does not accept user and password ({self._said(code, answer)}).",
            "Correct them; many providers want a password made for applications.",
        )

    def _begin(self, smtp: smtplib.SMTP, letter: Letter) -> None:
        """Sender and recipient, up to the server's readiness for the text."""
        options = self._options(smtp, letter)
        code, answer = smtp.mail(letter.sender, options)
        if code != 250:
            raise self._refused_sender(code, answer)
        code, answer = smtp.rcpt(letter.recipient)
        if code not in (250, 251):
            raise self._refused_recipient(code, answer, letter)
        code, answer = smtp.docmd("DATA")
        if code != 354:
            raise self._refused_text(code, answer, letter)

    def _options(self, smtp: smtplib.SMTP, letter: Letter) -> list[str]:
        limit = smtp.esmtp_features.get("size", "")
        if limit.isdigit() and 0 < int(limit) < len(letter.content):
            raise self._too_big(f"takes {int(limit)} bytes, the mail has {len(letter.content)}")
        options = [f"SIZE={len(letter.content)}"] if smtp.has_extn("size") else []
        if letter.needs_utf8:
            if not smtp.has_extn("smtputf8"):
                raise NeedsPerson(
                    "smtp.no-unicode-address",
                    f"{self._who} can't send to {masked(letter.recipient)}: "
                    "the address, or that for answers, has letters other than a-z before the @.",
                    "Ask the buyer for another address, or use a server that offers SMTPUTF8.",
                )
            options += ["SMTPUTF8", "BODY=8BITMIME"]
        return options

    def _give(self, smtp: smtplib.SMTP, letter: Letter) -> None:
        text = re.sub(rb"(?m)^\.", b"..", letter.content)
        smtp.send(text if text.endswith(b"\r\n") else text + b"\r\n")
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(self._server.answer_timeout_s)
            smtp.send(b".\r\n")
            code, answer = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise self._in_doubt(type(error).__name__, letter) from error
        if 200 <= code < 300:
            return
        if not 400 <= code < 600:
            raise self._in_doubt(f"answer {code}", letter)
        raise self._refused_text(code, answer, letter)

    # What the server's answers mean.

    @property
    def _who(self) -> str:
        return f'"{self._server.name}": the mail server {self._server.host}:{self._server.port}'

    def _said(self, code: int, answer: bytes | str, address: str = "") -> str:
        text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
        if self._server.password:
            text = text.replace(self._server.password, "***")
        return f"{code} {told(text, address)}".strip()

    def _unreachable(self, error: Exception) -> Failure:
        return TryAgain(
            "smtp.unreachable",
            f"{self._who} can't be reached, or the connection broke ({type(error).__name__}); nothing was sent.",
            "It is tried again; if it stays, check host and port.",
        )

    def _no_tls(self, what: str) -> Failure:
        return StopConnection(
            "smtp.no-tls",
            f"{self._who} {what}, and mail is not sent for everybody to read.",
            'Correct port and security: usually 587 with "starttls", 465 with "tls".',
        )

    def _busy(self, code: int, answer: bytes | str, address: str = "") -> Failure:
        said = self._said(code, answer, address)
        text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
        if wait := wait_named(text):
            return WaitUntil(
                "smtp.greylisted",
                f"{self._who} asks to come back later ({said}).",
                datetime.now(UTC) + wait,
                "It is sent then by itself.",
            )
        return TryAgain("smtp.busy", f"{self._who} does not take it now ({said}).", "It is tried again.")

    def _turned_away(self, code: int, answer: bytes | str) -> Failure:
        if code < 500:
            return self._busy(code, answer)
        return StopConnection(
            "smtp.turned-away",
            f"{self._who} does not talk to us ({self._said(code, answer)}).",
            "Ask who runs the server; perhaps another port is meant for sending.",
        )

    def _refused_sender(self, code: int, answer: bytes) -> Failure:
        if code < 500:
            return self._busy(code, answer, self._server.sender)
        if code == _ASKS_FOR_LOGIN:
            return self._asks_for_login(code, answer)
        said = self._said(code, answer)
        if code == 552 or _TOO_BIG.search(said):
            return self._too_big(f"said: {said}")
        return StopConnection(
            "smtp.sender-refused",
            f"{self._who} does not send mail from this sender ({said}).",
            "Set as sender an address that belongs to the account.",
        )

    def _refused_recipient(self, code: int, answer: bytes, letter: Letter) -> Failure:
        if code < 500:
            return self._busy(code, answer, letter.recipient)
        if code == _ASKS_FOR_LOGIN:
            return self._asks_for_login(code, answer)
        shown = masked(letter.recipient)
        return NeedsPerson(
            "smtp.address-refused",
            f"{self._who} refused the address {shown} ({self._said(code, answer, letter.recipient)}).",
            "Ask the buyer for the right address, correct it, then retry.",
            address=shown,
        )

    def _refused_text(self, code: int, answer: bytes, letter: Letter) -> Failure:
        if code < 500:
            return self._busy(code, answer, letter.recipient)
        if code == _ASKS_FOR_LOGIN:
            return self._asks_for_login(code, answer)
        said = self._said(code, answer, letter.recipient)
        if code == 552 or _TOO_BIG.search(said):
            return self._too_big(f"said: {said}")
        return NeedsPerson(
            "smtp.refused",
            f"{self._who} refused the mail to {masked(letter.recipient)} ({said}).",
            "Correct what it names, then retry; if it takes us for spam, ask who runs the server.",
        )

    def _asks_for_login(self, code: int, answer: bytes) -> Failure:
        return StopConnection(
            "smtp.auth",
            f"{self._who} wants a login first ({self._said(code, answer)}).",
            "Set user and password.",
        )

    def _too_big(self, what: str) -> Failure:
        return NeedsPerson(
            "smtp.too-big",
            f"{self._who} takes no mail of this size: it {what}.",
            "Use smaller pictures in the templates, or attach fewer documents, then retry.",
        )

    def _in_doubt(self, what: str, letter: Letter) -> Failure:
        return InDoubt(
            "smtp.answer-lost",
            f"{self._who} gave no usable answer to a whole mail to {masked(letter.recipient)} ({what}); "
            "it may have been sent.",
            f"Look for Message-ID {letter.message_id} in the server's log, or ask the buyer.",
        )


def _say_farewell(smtp: smtplib.SMTP) -> None:
    # The letter is decided by now; a farewell that fails changes nothing.
    with contextlib.suppress(smtplib.SMTPException, OSError):
        if smtp.sock is not None:
            smtp.sock.settimeout(1.0)
            smtp.quit()


def _base64(text: bytes) -> str:
    return base64.b64encode(text).decode()


def _is_this_machine(host: str) -> bool:
    return host in ("localhost", "::1") or re.fullmatch(r"127\.\d+\.\d+\.\d+", host) is not None
