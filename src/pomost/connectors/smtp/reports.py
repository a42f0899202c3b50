"""Returned mail -> bounces. Pure, and made for mails of strangers: whatever is in them, it gives bounces or none.

Sources: RFC 3462 (multipart/report), RFC 3464 (delivery status), RFC 6533 (the same with other letters); Exim's older
form with X-Failed-Recipients.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message

from pomost.connectors.smtp.mapping import key_of, told
from pomost.ports import Bounce

_STATUS = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_FAILED, _DELAYED = "failed", "delayed"
# More recipients than this in a report about a mail to one person is somebody's joke.
_MOST_RECIPIENTS = 20
_DEEPEST = 50
_LONGEST_EXPLANATION = 20_000
_FIRST_SIGNS = 2000


def may_be_report(header: bytes) -> bool:
    """Whether a mail with these header lines may be a report of delivery, worth reading whole."""
    text = header.decode("latin-1").lower()
    return "multipart/report" in text or "x-failed-recipients" in text


def bounces_in(raw: bytes) -> tuple[Bounce, ...]:
    """Bounces of our mails in one returned mail, or none.

    A report proves nothing: anybody who has seen a mail of ours can write one. Its ``reason`` is fit for a log.
    Raises ValueError when the mail is so mangled that it can't be taken apart.
    """
    try:
        return tuple(_bounces(message_from_bytes(raw)))
    except (LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"the mail can't be taken apart ({type(error).__name__})") from error


def _bounces(mail: Message) -> Iterator[Bounce]:
    parts = list(_parts(mail))
    status = next((part for part in parts if _is_status(part)), None)
    key = _original_key(mail, parts, status)
    if key is None:
        return
    if status is not None:
        yield from _from_status(key, status, _explanation(parts))
    elif failed := _header(mail, "X-Failed-Recipients"):
        reason = _exim_reason(_explanation(parts))
        for address in [one.strip() for one in failed.split(",") if one.strip()][:_MOST_RECIPIENTS]:
            yield Bounce(key, address, told(reason, address), final=True)


def _parts(mail: Message, depth: int = 0) -> Iterator[Message]:
    if depth > _DEEPEST:
        raise ValueError(f"the mail is nested more than {_DEEPEST} times")
    yield mail
    payload = mail.get_payload()
    for part in payload if isinstance(payload, list) else []:
        if isinstance(part, Message):
            yield from _parts(part, depth + 1)


def _is_status(part: Message) -> bool:
    return part.get_content_type() in ("message/delivery-status", "message/global-delivery-status")


def _from_status(key: str, status: Message, explanation: str) -> Iterator[Bounce]:
    for block in _blocks(status)[: _MOST_RECIPIENTS + 1]:
        action = _header(block, "Action").split(" ")[0].lower()
        if action not in (_FAILED, _DELAYED):
            continue
        address = _typed(_header(block, "Original-Recipient")) or _typed(_header(block, "Final-Recipient"))
        code = _header(block, "Status").split(" ")[0]
        said = _typed(_header(block, "Diagnostic-Code")) or explanation
        reason = said if not code or code in said else f"{code} {said}"
        yield Bounce(key, address, told(reason, address), final=action == _FAILED)


def _blocks(status: Message) -> list[Message]:
    payload = status.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _typed(value: str) -> str:
    """A field of form "type; value" without its type."""
    kind, separator, rest = value.partition(";")
    return (rest if separator and re.fullmatch(r"[\w-]+", kind.strip()) else value).strip().strip("<>")


def _original_key(mail: Message, parts: list[Message], status: Message | None) -> str | None:
    """The key in the original's Message-ID: in its returned header, else where this kind of server puts it."""
    for part in parts:
        kind = part.get_content_type()
        if kind in ("text/rfc822-headers", "message/global-headers"):
            key = key_of(_after_message_id(_body(part)))
        elif part is not mail:
            key = key_of(_header(part, "Message-ID"))
        else:
            key = None
        if key is not None:
            return key
    named = [_header(block, "X-Original-Message-ID") for block in (_blocks(status) if status else [])]
    named += [_header(mail, name) for name in ("X-Original-Message-ID", "In-Reply-To", "References")]
    if status is None:
        named.append(_after_message_id(_body(mail)))
    return next((key for key in map(key_of, named) if key is not None), None)


def _after_message_id(text: str) -> str:
    found = re.search(r"^Message-ID:\s*(\S+)", text, re.IGNORECASE | re.MULTILINE)
    return found[1] if found else ""


def _header(part: Message, name: str) -> str:
    return " ".join(str(part.get(name, "")).split())


def _body(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _explanation(parts: list[Message]) -> str:
    """The words for people: the first text of the report."""
    for part in parts:
        if part.get_content_type() == "text/plain":
            return _body(part)[:_LONGEST_EXPLANATION]
    return ""


def _exim_reason(text: str) -> str:
    """What stands below the address in Exim's older report, up to the copy of the mail."""
    text = re.split(r"^-{3,}.*copy of the message", text, maxsplit=1, flags=re.MULTILINE)[0]
    found = _STATUS.search(text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if found:
        return next(line for line in lines if found[0] in line)
    return " ".join(lines)[:_FIRST_SIGNS]
