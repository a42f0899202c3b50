"""What a mail account needs to know. Secrets are given as they are: the configuration reads them from ``env:NAME``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The server that takes our mail.

    ``sender``: the From of every mail, "Sklep Przykładowy <faktury@example.com>"; its domain stands in Message-IDs
    too. ``reply_to``: where answers go when a mail names no other address.

    ``security``: "starttls" (usual port 587; refused where the server does not offer it), "tls" (from the first byte,
    usual port 465) or "none", which with a password is allowed to this machine only. ``ca_file``: certificates (PEM)
    that are trusted instead of the system's, for a server with a certificate of its own.

    ``user`` and ``password``: empty where the server asks for none.

    ``timeout_s``: for connecting and every answer but the last. ``answer_timeout_s``: for the last one, after the whole
    mail was given; RFC 5321, 4.5.3.2.6 asks for ten minutes, and whoever gives up sooner has more mails in doubt.

    ``hello``: how we name ourselves to the server, a host name or an address in brackets.
    """

    name: str
    host: str
    sender: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    reply_to: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    answer_timeout_s: float = 600.0
    hello: str = "[127.0.0.1]"


@dataclass(frozen=True, slots=True)
class BounceBox:
    """The mailbox, over IMAP, to which undelivered mail returns. It is read without marking or deleting anything.

    ``security``: "tls" (usual port 993) or "starttls" (usual port 143). ``first_look_days``: how far back the first look
    goes. ``most``: how many mails one look examines; the rest is left to the next.
    """

    host: str
    user: str
    password: str = field(repr=False)
    port: int = 993
    security: Literal["tls", "starttls"] = "tls"
    folder: str = "INBOX"
    ca_file: Path | None = None
    timeout_s: float = 30.0
    first_look_days: int = 14
    most: int = 500
