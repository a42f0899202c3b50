"""Connections at the edge of a flow: fiscal printers and mail accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from pomost.config.parts import Name, Part


class EDocument(Part):
    """E-documents of the printer instead of paper, for buyers who left an address."""

    server: str = Field(
        "", description="Address of the e-document server; empty: the one set in the printer."
    )
    id_from: Literal["email", "document"] = Field(
        "email",
        description="What identifies the buyer at the server: the address, or our document's number.",
    )
    link: str = Field(
        "", description="Where the buyer finds it: a text with {ha} (the e-document's number) and {printer}."
    )


class Copies(Part):
    """Copies of e-receipts that Pomost keeps for buyers; they ask for `e_document`."""

    folder: str = Field(description="Folder of the copies.")
    base_url: str = Field(
        "", description="Where that folder is served to buyers; empty: it is not served and there is no link."
    )


class Posnet(Part):
    """One fiscal printer with the protocol POSNET Online; give either `host` or `serial_port`."""

    name: Name = Field("posnet", description="Name of the connection, used in steps.")
    company: Name = Field(
        description="Company whose printer it is; a receipt of another company is never printed there."
    )
    host: str = Field("", description="The printer in the network.")
    port: int = Field(6666, ge=1, le=65535)
    serial_port: str = Field("", description="Instead of host: COM3, /dev/ttyUSB0.")
    baud: int = Field(9600, ge=1)
    register_file: str = Field(
        "",
        description="File that Pomost keeps about this printer, one per printer, on the machine that prints; empty: "
        "posnet-NAME.db in data_dir.",
    )
    daily_report: bool = Field(
        False,
        description="Print the daily report when the printer wants it before the first sale of a day.",
    )
    cancel_left_open: bool = Field(
        True,
        description="Cancel a receipt found open on our interface. False, when another program uses the interface by turns.",
    )
    training: bool = Field(False, description="Print on a printer that is not fiscal.")
    footer: bool = Field(False, description="Print the order number under the receipt.")
    name_length: int = Field(80, ge=20, le=80, description="Longest name of goods on receipts.")
    service_skus: tuple[str, ...] = Field(
        ("TRANSPORT",), description="SKUs sold at several VAT rates: their name gets the rate."
    )
    payments: dict[str, str] = Field(
        default_factory=dict,
        description="Form of payment on the document -> cash, card, cheque, bon, credit, other, voucher or transfer; others "
        "are known by their words (przelew, karta, BLIK, pobranie), and what is not known is other.",
    )
    connect_timeout_s: float = Field(5.0, gt=0, description="Seconds to wait for a connection.")
    command_timeout_s: float = Field(10.0, gt=0, description="Seconds to wait for an answer.")
    print_timeout_s: float = Field(60.0, gt=0, description="Seconds that printing may take.")
    doubt_wait_s: float = Field(
        30.0, ge=0, description="Seconds to wait, after a lost answer, until the printer can be asked."
    )
    turn_wait_s: float = Field(30.0, gt=0, description="Seconds to wait for another Pomost on this machine.")
    e_document: EDocument | None = Field(None, description="E-documents instead of paper.")
    copies: Copies | None = Field(None, description="Copies of e-receipts for buyers.")

    def beside(self, folder: Path) -> Posnet:
        """With its relative paths taken from ``folder``."""
        copies = self.copies and self.copies.model_copy(update={"folder": str(folder / self.copies.folder)})
        file = self.register_file and str(folder / self.register_file)
        return self.model_copy(update={"copies": copies, "register_file": file})


class Bounces(Part):
    """The mailbox (IMAP) to which undelivered mail returns. It is only read."""

    host: str = Field(description="The IMAP server.")
    port: int = Field(993, ge=1, le=65535)
    security: Literal["tls", "starttls"] = Field(
        "tls", description="tls (usual port 993) or starttls (usual port 143)."
    )
    user: str = ""
    password: str = Field(
        "", repr=False, description='Write "env:NAME", so that no secret stands in the file.'
    )
    folder: str = "INBOX"
    ca_file: str = Field("", description="Certificates (PEM) trusted instead of the system's.")
    timeout_s: float = Field(30.0, gt=0, description="Seconds to wait for an answer.")
    first_look_days: int = Field(14, ge=1, description="How far back the first look goes.")
    most: int = Field(500, ge=1, description="Mails examined in one look.")
    every_s: float = Field(300.0, ge=0.05, description="Seconds between looks.")


class Smtp(Part):
    """One mail account."""

    name: Name = Field("smtp", description="Name of the connection, used in steps.")
    host: str = Field(description="The mail server.")
    sender: str = Field(description='The From of every mail: "Sklep Przykładowy <faktury@example.com>".')
    port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="starttls (port 587), tls (port 465) or none. With none a password is sent to this machine only.",
    )
    user: str = ""
    password: str = Field(
        "", repr=False, description='Write "env:NAME", so that no secret stands in the file.'
    )
    reply_to: str = Field("", description="Where answers of buyers go; empty: to the sender.")
    ca_file: str = Field("", description="Certificates (PEM) trusted instead of the system's.")
    templates: str = Field("", description="Folder with your own mail templates.")
    timeout_s: float = Field(30.0, gt=0, description="Seconds for connecting and every answer but the last.")
    answer_timeout_s: float = Field(
        600.0, gt=0, description="Seconds for the answer to a whole mail, as RFC 5321 asks."
    )
    hello: str = Field("[127.0.0.1]", description="How Pomost names itself to the server.")
    bounces: Bounces | None = Field(
        None, description="The mailbox for undelivered mail; without it nobody looks."
    )

    def beside(self, folder: Path) -> Smtp:
        """With its relative paths taken from ``folder``."""
        paths = {
            name: str(folder / text) for name in ("ca_file", "templates") if (text := getattr(self, name))
        }
        box = self.bounces
        if box is not None and box.ca_file:
            box = box.model_copy(update={"ca_file": str(folder / box.ca_file)})
        return self.model_copy(update={**paths, "bounces": box})
