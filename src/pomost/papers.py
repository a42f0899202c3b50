"""A document on paper once more: its PDF as it was given out, or drawn again; and mailing it by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pomost.flows.devices import Devices, for_a_person
from pomost.ports import FileToSend, Mail, StopConnection
from pomost.trade.documents import Document

Kept = Literal["kept", "empty", "missing"]


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF. ``kept``: the file that was kept when it was made; "empty" and "missing": there is no such file any more (or
    there never was), so it was drawn from the ledger just now."""

    content: bytes
    kept: Kept


def state_of(path: Path) -> Kept:
    """Whether the PDF that was kept is there. A file of no bytes, or one that is no PDF, is "empty"."""
    try:
        with path.open("rb") as file:
            return "kept" if file.read(5) == b"%PDF-" else "empty"
    except OSError:
        return "missing"


def paper_of(
    path: Path, document: Document, render: Callable[[Document], bytes], *, again: bool = False
) -> Paper:
    """The document's PDF: the one kept at ``path``, else (or with ``again``) drawn now. Nothing is written.

    Raises NeedsPerson ``render....`` where it can't be drawn.
    """
    state = state_of(path)
    if state == "kept" and not again:
        return Paper(path.read_bytes(), "kept")
    return Paper(render(document), "missing" if state == "kept" else state)


def mail_by_hand(
    devices: Devices, account: str, document: Document, content: bytes, to: str, key: str
) -> None:
    """Mails the document to somebody because a person asked for it. ``key`` names this mail, not the document: a new one is
    a new mail.

    Raises NeedsPerson (``flow.unknown-mailer``, ``mail.bad-address`` and others), TryAgain and WaitUntil (certainly not
    sent), InDoubt (it may have been sent).
    """
    desk = devices.mail(account)
    text = desk.write(document, "", "")
    name = f"{document.kind} {document.number}.pdf".replace("/", "_")
    mail = Mail(
        key=key,
        to=to,
        subject=text.subject,
        text=text.text,
        html=text.html,
        files=(FileToSend(name, content, document.number),),
    )
    try:
        with desk.turn():
            desk.mailer.send(mail)
    except StopConnection as failure:
        raise for_a_person(desk.name, failure) from failure
