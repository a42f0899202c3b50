"""How to reach a printer, and what Pomost may do there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pomost.connectors.posnet.client import PORT, SerialTransport, TcpTransport, Transport
from pomost.connectors.posnet.mapping import Naming
from pomost.ports import NeedsPerson


@dataclass(frozen=True, slots=True)
class EDocument:
    """E-documents instead of paper for buyers who left an e-mail address (who thereby agreed to one).

    ``server``: address of the e-document server, "" takes the one set in the printer. ``id_from``: what identifies
    the buyer there (the printer's IDZ): the address, or our document's number. ``link``: where the buyer finds it, a
    text with {ha} (the e-document's number) and {printer}; "" when the server's operator tells the buyer itself.
    """

    server: str = ""
    id_from: Literal["email", "document"] = "email"
    link: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """One fiscal printer; give either ``host`` or ``serial_port``.

    ``register``: a file that Pomost keeps about this printer, one per printer; on the machine that prints.
    ``daily_report``: Pomost may print the daily report when the printer wants it before the first sale of a day.
    ``cancel_left_open``: a receipt found open on our interface is cancelled before the next one; set it to False when
    another program uses the same interface by turns. ``training``: print on a printer that is not fiscal.
    ``footer``: the order number is printed under the receipt; it takes commands after the end of the receipt.
    ``print_timeout_s``: how long printing may take. ``doubt_wait_s``: how long to wait, after a lost answer, for the
    printer to be ready to be asked. ``turn_wait_s``: how long to wait for another Pomost on this machine.
    """

    register: Path
    host: str = ""
    port: int = PORT
    serial_port: str = ""
    baud: int = 9600
    daily_report: bool = False
    cancel_left_open: bool = True
    training: bool = False
    footer: bool = False
    naming: Naming = field(default_factory=Naming)
    e_document: EDocument | None = None
    connect_timeout_s: float = 5.0
    command_timeout_s: float = 10.0
    print_timeout_s: float = 60.0
    doubt_wait_s: float = 30.0
    turn_wait_s: float = 30.0

    def transport(self) -> Transport:
        """Raises NeedsPerson when no way, or more than one, is set, or pyserial is missing."""
        if bool(self.host) == bool(self.serial_port):
            raise NeedsPerson(
                "posnet.no-address",
                "It is not said where the printer is: set either its host or its serial port.",
                'Write host = "192.168.0.50" or serial_port = "COM3" in the printer\'s settings.',
            )
        if self.host:
            return TcpTransport(self.host, self.port, self.connect_timeout_s)
        return SerialTransport(self.serial_port, self.baud)
