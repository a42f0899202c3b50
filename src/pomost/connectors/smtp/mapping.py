"""Mail -> what goes over the wire. Pure.

Sources: RFC 5322 (message), RFC 6531 and 5890 (addresses with other letters), RFC 2047 and 2231 (other letters in
headers and file names), RFC 3834 (automatic mail).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from pomost.ports import FileToSend, Mail, NeedsPerson

_SAFE_IN_ID = re.compile(r"[A-Za-z0-9_/-]")
_OUR_ID = re.compile(r"<\s*([A-Za-z0-9_/=-]+)\.([0-9a-f]{8})\.pomost@[^<>\s]+?\s*>")
_NAMED = re.compile(r'"?(?P<name>[^"<>]*)"?\s*<(?P<address>[^<>]*)>', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_UNSAFE_IN_NAME = re.compile(
    r'[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff/\\:*?"<>|]+'
)
# Names that Windows keeps for devices, with any ending.
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST_NAME = 120
# A line of a mail has at most 998 signs.
_LONGEST_ID = 900
_ADDRESS_IN_TEXT = re.compile(r"([^\s<>@\"'(),:;\[\]]+)@([^\s<>@\"'(),:;\[\]]+)")

_LONGEST_SAYING = 2000

_WAIT_WORDS = re.compile(
    r"grey ?list|gray ?list|try again|retry|come back|later|deferred|wait", re.IGNORECASE
)
_CLOCK = re.compile(r"\bin (\d{1,2}):(\d{2}):(\d{2})(?![\d:])", re.IGNORECASE)
_AMOUNT = re.compile(
    r"\b(?:in|for|after|within|another|next) (\d{1,6})(?: ?(sec(?:ond)?s?|min(?:ute)?s?|h(?:ou)?rs?)|([smh]))(?!\w)",
    re.IGNORECASE,
)
_LONGEST_WAIT = timedelta(days=1)


class _Folding(EmailPolicy):
    """Folds names and subjects with other letters so that they read the same when unfolded; leaves ids in one line.

    The library's own folding may lose the space between two encoded words, and its own parser reads a folded id wrongly.
    """

    def fold(self, name: str, value: Any) -> str:
        encoded = _encoded(name, value, self.linesep)
        return super().fold(name, value) if encoded is None else encoded

    def fold_binary(self, name: str, value: Any) -> bytes:
        encoded = _encoded(name, value, self.linesep)
        return super().fold_binary(name, value) if encoded is None else encoded.encode("ascii")


def _encoded(name: str, value: Any, linesep: str) -> str | None:
    if name == "Message-ID":
        return f"{name}: {value}{linesep}"
    if str(value).isascii():
        return None
    if name == "Subject":
        text = Header(str(value), "utf-8", header_name=name).encode(linesep=linesep)
        return f"{name}: {text}{linesep}"
    if name == "From":
        (sender,) = value.addresses
        text = Header(sender.display_name, "utf-8", header_name=name).encode(linesep=linesep)
        return f"{name}: {text}{linesep} <{sender.addr_spec}>{linesep}"
    return None


_PLAIN = _Folding(linesep="\r\n")
_WITH_UTF8 = _Folding(linesep="\r\n", utf8=True)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who mails come from: name shown, address, and where answers go."""

    display_name: str
    address: str
    reply_to: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready to be handed over. ``needs_utf8``: only a server that offers SMTPUTF8 can take it."""

    message_id: str
    sender: str
    recipient: str
    needs_utf8: bool
    content: bytes


def sender_of(text: str, reply_to: str) -> Sender:
    """Who mails come from; ``text`` is an address or "Name <address>". Raises NeedsPerson ``smtp.settings``."""
    named = _NAMED.fullmatch(text.strip())
    try:
        found = _validated(named["address"] if named else text)
        answers = _validated(reply_to).ascii_email if reply_to else ""
        if _CONTROL.search(text.strip()):
            raise EmailNotValidError("There is a line end or another control sign in the name.")
    except EmailNotValidError as error:
        raise NeedsPerson(
            "smtp.settings",
            f"The mail account's sender or reply address can't be used: {error}",
            'Write sender as "Name <address>" and reply_to as one address.',
        ) from error
    if found.ascii_email is None or answers is None:
        raise NeedsPerson(
            "smtp.settings",
            "The mail account's sender or reply address has letters other than a-z before the @.",
            "Use an address that every server takes.",
        )
    return Sender(named["name"].strip() if named else "", found.ascii_email, answers)


def letter_of(mail: Mail, sender: Sender, now: datetime) -> Letter:
    """The mail as it goes over the wire.

    Raises NeedsPerson: ``mail.bad-address`` (recipient or reply address), ``mail.bad-text`` (subject or text can't be
    sent), ``mail.bad-file`` (a file is empty or no whole PDF).
    """
    to = _address(mail.to)
    answers = _address(mail.reply_to) if mail.reply_to else sender.reply_to
    needs_utf8 = not (to + answers).isascii()
    message = EmailMessage(policy=_WITH_UTF8 if needs_utf8 else _PLAIN)
    message["Date"] = now
    message["From"] = Address(sender.display_name, addr_spec=sender.address)
    message["To"] = _header_address(to)
    if answers:
        message["Reply-To"] = _header_address(answers)
    message["Subject"] = _subject(mail.subject)
    message["Message-ID"] = message_id(mail.key, sender.domain)
    # RFC 3834: other machines don't answer this; the second line says it to Exchange.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    message.set_content(_text(mail.text), cte="quoted-printable")
    if mail.html:
        message.add_alternative(_text(mail.html), subtype="html", cte="quoted-printable")
    for name, file in zip(file_names(mail.files), mail.files, strict=True):
        message.add_attachment(_pdf(file, name), maintype="application", subtype="pdf", filename=name)
    return Letter(message["Message-ID"], sender.address, to, needs_utf8, message.as_bytes())


def message_id(key: str, domain: str) -> str:
    """The Message-ID of the mail with this key, the same every time; ``key_of`` reads the key out of it.

    Signs that an id can't hold stand as "=" and their UTF-8 in hexadecimal; eight digits of a checksum tell our ids
    from others that look alike. Raises ValueError when the key is empty, or too long for a line of a mail.
    """
    local = "".join(
        sign if _SAFE_IN_ID.fullmatch(sign) else "".join(f"={byte:02X}" for byte in sign.encode())
        for sign in key
    )
    made = f"<{local}.{_checksum(key)}.pomost@{domain}>"
    if not local or len(made) > _LONGEST_ID:
        raise ValueError("a mail's key is empty or too long for a Message-ID")
    return made


def key_of(text: str) -> str | None:
    """The key of our mail whose Message-ID stands in ``text``; None when none of ours does."""
    for found in _OUR_ID.finditer(text):
        try:
            key = re.sub(
                rb"=([0-9A-F]{2})", lambda pair: bytes.fromhex(pair[1].decode()), found[1].encode()
            ).decode()
        except UnicodeDecodeError:
            continue
        if _checksum(key) == found[2]:
            return key
    return None


def _checksum(key: str) -> str:
    return hashlib.sha256(b"pomost mail\n" + key.encode()).hexdigest()[:8]


def file_names(files: Iterable[FileToSend]) -> list[str]:
    """Names under which files are attached: safe on every system, each once."""
    names: list[str] = []
    for file in files:
        name = wanted = safe_file_name(file.name)
        count = 1
        while name.lower() in (given.lower() for given in names):
            count += 1
            name = f"{wanted.removesuffix('.pdf')} ({count}).pdf"
        names.append(name)
    return names


def safe_file_name(name: str) -> str:
    """The name without what file systems refuse or what could mislead: "FS/12/2025.pdf" -> "FS-12-2025.pdf"."""
    clean = unicodedata.normalize("NFC", name)
    if clean.lower().endswith(".pdf"):
        clean = clean[:-4]
    clean = re.sub(r"\s+", " ", _UNSAFE_IN_NAME.sub("-", clean)).strip(" .-")[:_LONGEST_NAME].strip(" .-")
    if _DEVICE.match(clean):
        clean = f"_{clean}"
    return f"{clean or 'document'}.pdf"


def masked(address: str) -> str:
    """The address as it may stand in a log: "a***@example.com"."""
    local, at, domain = address.strip().rpartition("@")
    if not at or not re.fullmatch(r"[\w.-]+", domain):
        return "***"
    return f"{local[:1] if local[:1].isalnum() else ''}***@{domain}"


def told(text: str, address: str = "") -> str:
    """What the other side said, fit for a log: one line, at most 300 signs, addresses masked."""
    line = " ".join(_CONTROL.sub(" ", text[:_LONGEST_SAYING]).split())
    line = _ADDRESS_IN_TEXT.sub(lambda found: masked(found[0]), line)
    local = address.rpartition("@")[0]
    if len(local) > 2:
        line = re.sub(rf"(?<!\w){re.escape(local)}(?![\w*])", f"{local[0]}***", line, flags=re.IGNORECASE)
    return line if len(line) <= 300 else f"{line[:299]}…"


def wait_named(text: str) -> timedelta | None:
    """How long a server's answer asks to wait ("Greylisted, come back in 00:05:00"); None when it does not say."""
    if not _WAIT_WORDS.search(text):
        return None
    if clock := _CLOCK.search(text):
        hours, minutes, seconds = (int(part) for part in clock.groups())
        wait = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    elif amount := _AMOUNT.search(text):
        unit = {"s": "seconds", "m": "minutes", "h": "hours"}[(amount[2] or amount[3])[0].lower()]
        wait = timedelta(**{unit: int(amount[1])})
    else:
        return None
    return min(wait, _LONGEST_WAIT) if wait else None


def _validated(text: str) -> ValidatedEmail:
    if _CONTROL.search(text.strip()):
        raise EmailNotValidError("There is a line end or another control sign in it.")
    return validate_email(text.strip(), check_deliverability=False)


def _address(text: str) -> str:
    try:
        found = _validated(text)
    except (EmailNotValidError, UnicodeError) as error:
        # A message of the library quotes at most single signs, so it is no personal data.
        raise NeedsPerson(
            "mail.bad-address",
            f"{masked(text)} is no address that mail can be sent to: {error}",
            "Correct the buyer's address (exactly one), then retry.",
            address=masked(text),
        ) from error
    return found.ascii_email or f"{found.local_part}@{found.ascii_domain}"


def _header_address(address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(username=local, domain=domain)


def _subject(text: str) -> str:
    if not text.strip() or _CONTROL.search(text):
        raise NeedsPerson(
            "mail.bad-text",
            "The mail's subject is empty, or has a line end or another control sign.",
            "Correct the template of the subject, then retry.",
        )
    return _text(text.strip())


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NeedsPerson(
            "mail.bad-text",
            f"The mail's text has half a character (sign {error.start + 1}), so it can't be sent.",
            "Correct the text that it comes from, then retry.",
        ) from error
    if not text.strip():
        raise NeedsPerson("mail.bad-text", "The mail has no text.", "Correct its template, then retry.")
    return text


def _pdf(file: FileToSend, name: str) -> bytes:
    if not file.content.startswith(b"%PDF-") or b"%%EOF" not in file.content[-1024:]:
        what = f"has {len(file.content)} bytes and is no whole PDF" if file.content else "is empty"
        raise NeedsPerson(
            "mail.bad-file",
            f"The file {name} {what}, so the mail was not sent.",
            "Look at the template of the document, then retry.",
        )
    return file.content
