"""Fiscal printers and mail accounts of a configuration, built and asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

from pomost.config.edges import Posnet, Smtp
from pomost.config.flow import Flow
from pomost.config.load import Problem
from pomost.config.model import Company, Config
from pomost.connectors.ereceipt.connector import EReceipts
from pomost.connectors.ereceipt.keeper import Keeper
from pomost.connectors.ereceipt.mapping import Seller as ReceiptSeller
from pomost.connectors.posnet.connector import PosnetPrinter
from pomost.connectors.posnet.mapping import Naming
from pomost.connectors.posnet.settings import EDocument, Settings
from pomost.connectors.smtp import BounceBox, SmtpMailer, SmtpServer
from pomost.connectors.smtp.client import SmtpClient
from pomost.engine.crew import resting
from pomost.engine.edge import Hear, RestingMailer, RestingPrinter
from pomost.flows.devices import Devices, MailDesk, MailText, PrinterDesk
from pomost.flows.turns import Turns
from pomost.ports import Failure, FiscalPrinter
from pomost.render.content import Language, Seller
from pomost.render.mail import MailWriter
from pomost.trade.documents import Document
from pomost.trade.receipt import FORMS


def devices_of(config: Config, sellers: dict[str, Seller], hear: Callable[[str], Hear]) -> Devices:
    """All that are configured; nothing is talked to. ``hear``: by the name of a device, who is told how it answers.

    Raises NeedsPerson for settings that can't be used."""
    languages = {company.code: company.language for company in config.company}
    return Devices(
        {one.name: _printer_desk(config, one, hear(one.name)) for one in config.posnet},
        {
            one.name: _mail_desk(one, sellers, languages, hear(one.name), config.engine.workers)
            for one in config.smtp
        },
    )


def printer_settings(config: Config, asked: Posnet) -> Settings:
    wanted = asked.e_document
    register = (
        Path(asked.register_file) if asked.register_file else config.data_dir / f"posnet-{asked.name}.db"
    )
    return Settings(
        register=register,
        host=asked.host,
        port=asked.port,
        serial_port=asked.serial_port,
        baud=asked.baud,
        daily_report=asked.daily_report,
        cancel_left_open=asked.cancel_left_open,
        training=asked.training,
        footer=asked.footer,
        naming=Naming(asked.name_length, asked.service_skus),
        e_document=EDocument(wanted.server, wanted.id_from, wanted.link) if wanted else None,
        connect_timeout_s=asked.connect_timeout_s,
        command_timeout_s=asked.command_timeout_s,
        print_timeout_s=asked.print_timeout_s,
        doubt_wait_s=asked.doubt_wait_s,
        turn_wait_s=asked.turn_wait_s,
    )


def _printer_desk(config: Config, asked: Posnet, hear: Hear) -> PrinterDesk:
    device: FiscalPrinter = PosnetPrinter(printer_settings(config, asked))
    if asked.copies is not None:
        owner = next((one for one in config.company if one.code == asked.company), None)
        keeper = Keeper(Path(asked.copies.folder), _on_receipts(owner), asked.copies.base_url)
        device = EReceipts(device, keeper)
    payments = {name.strip().casefold(): form for name, form in asked.payments.items()}
    turns = Turns(asked.name, resting=resting)
    return PrinterDesk(asked.name, asked.company, RestingPrinter(device, hear), payments, turns)


def _on_receipts(company: Company | None) -> ReceiptSeller:
    if company is None:
        return ReceiptSeller("", "", "")
    address = ", ".join(filter(None, (company.street, f"{company.postcode} {company.city}".strip())))
    return ReceiptSeller(company.name, address, company.nip)


def server_of(asked: Smtp) -> SmtpServer:
    return SmtpServer(
        name=asked.name,
        host=asked.host,
        sender=asked.sender,
        port=asked.port,
        security=asked.security,
        user=asked.user,
        password=asked.password,
        reply_to=asked.reply_to,
        ca_file=Path(asked.ca_file) if asked.ca_file else None,
        timeout_s=asked.timeout_s,
        answer_timeout_s=asked.answer_timeout_s,
        hello=asked.hello,
    )


def _box_of(asked: Smtp) -> BounceBox | None:
    box = asked.bounces
    if box is None:
        return None
    return BounceBox(
        host=box.host,
        user=box.user,
        password=box.password,
        port=box.port,
        security=box.security,
        folder=box.folder,
        ca_file=Path(box.ca_file) if box.ca_file else None,
        timeout_s=box.timeout_s,
        first_look_days=box.first_look_days,
        most=box.most,
    )


def _mail_desk(
    asked: Smtp,
    sellers: dict[str, Seller],
    languages: dict[str, Language],
    hear: Hear,
    places: int = 1,
) -> MailDesk:
    """``places``: as many mails at once, however many threads wait for a place."""
    writer = MailWriter(sellers, Path(asked.templates) if asked.templates else None)

    def write(document: Document, language: str, template: str) -> MailText:
        chosen = cast(Language, language) if language else languages.get(document.company, "pl")
        body = writer.write(document, chosen, template)
        return MailText(body.subject, body.text, body.html)

    mailer = RestingMailer(SmtpMailer(server_of(asked), _box_of(asked)), hear)
    return MailDesk(asked.name, mailer, write, Turns(asked.name, places, resting))


def missing_devices(config: Config, where: str, flow: Flow) -> list[Problem]:
    """Printers and mail accounts that steps name and that are not there, or are another company's."""
    printers = {one.name: one for one in config.posnet}
    accounts = {one.name for one in config.smtp}
    found: list[Problem] = []
    for step in flow.step:
        place = f"{where}, step {step.id}"
        if step.printer and step.printer not in printers:
            found.append(
                Problem(
                    "config.unknown-printer", place, 0, *_none_such("fiscal printer", step.printer, printers)
                )
            )
        elif step.printer:
            maker = next((one for one in flow.step if one.id == step.fiscalise), None)
            company = (maker.company if maker else "") or flow.company
            if printers[step.printer].company != company:
                found.append(
                    Problem(
                        "config.other-company",
                        place,
                        0,
                        f'the printer "{step.printer}" is of company "{printers[step.printer].company}", the document of '
                        f'"{company}"',
                        "Name a printer of that company.",
                    )
                )
        if step.mail and step.mail.account not in accounts:
            found.append(
                Problem(
                    "config.unknown-mailer",
                    place,
                    0,
                    *_none_such("mail account", step.mail.account, accounts),
                )
            )
    return found


def wrong_devices(config: Config) -> list[Problem]:
    """Settings of devices that can be seen to be wrong."""
    companies = {company.code for company in config.company}
    found: list[Problem] = []
    for place, printer in enumerate(config.posnet):
        where = f"posnet[{place + 1}]"
        if printer.company not in companies:
            found.append(
                Problem(
                    "config.unknown-company", where, 0, *_none_such("company", printer.company, companies)
                )
            )
        for form in sorted(set(printer.payments.values()) - FORMS):
            found.append(
                Problem("config.unknown-payment", where, 0, *_none_such("form of payment", form, FORMS))
            )
        try:
            printer_settings(config, printer).transport()
        except Failure as failure:
            found.append(Problem(failure.code, where, 0, failure.text, failure.advice))
    for place, account in enumerate(config.smtp):
        try:
            _mail_desk(account, {}, {}, lambda failure: None)
        except Failure as failure:
            found.append(Problem(failure.code, f"smtp[{place + 1}]", 0, failure.text, failure.advice))
    return found


def ask_devices(config: Config) -> list[Problem]:
    """Asks each printer how it is, and each mail server to let us in; nothing is printed or sent."""
    found: list[Problem] = []
    for printer in config.posnet:
        try:
            PosnetPrinter(printer_settings(config, printer)).greet()
        except Failure as failure:
            found.append(Problem(failure.code, printer.name, 0, failure.text, failure.advice))
    for account in config.smtp:
        try:
            SmtpClient(server_of(account)).greet()
        except Failure as failure:
            found.append(Problem(failure.code, account.name, 0, failure.text, failure.advice))
    return found


def _none_such(what: str, name: str, known: Iterable[str]) -> tuple[str, str]:
    return f'there is no {what} "{name}"', f"There are: {', '.join(sorted(known)) or 'none'}."
