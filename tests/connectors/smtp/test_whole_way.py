"""An invoice on its way: printed, put into a mail, taken by a server, read by the buyer."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from pomost.connectors.smtp import SmtpMailer, SmtpServer
from pomost.ports import FileToSend, Mail
from pomost.render import Renderer
from pomost.render.mail import MailWriter
from tests.connectors.smtp.servers import Behaviour, mail_server
from tests.render.documents import SELLER, document


@pytest.mark.parametrize(("kind", "name"), [("FS", "Faktura FS-12-09-2025.pdf"), ("WZ", "WZ-12-09-2025.pdf")])
def test_the_buyer_reads_the_mail_and_the_document(kind: str, name: str) -> None:
    one = document(kind)
    written = MailWriter({"MAIN": SELLER}).write(one)
    pdf = Renderer({"MAIN": SELLER}).render(one)
    behaviour = Behaviour()

    with mail_server(behaviour) as port:
        SmtpMailer(
            SmtpServer("poczta", "127.0.0.1", "Sklep <faktury@example.com>", port, security="none")
        ).send(
            Mail(
                key=f"main:baselinker:1:{kind}",
                to=one.buyer.email,
                subject=written.subject,
                text=written.text,
                html=written.html,
                files=(FileToSend(f"{'Faktura ' if kind == 'FS' else ''}{one.number}.pdf", pdf, one.number),),
            )
        )

    (taken,) = behaviour.taken
    (file,) = taken.message.iter_attachments()
    text, page = taken.message.get_body(("plain",)), taken.message.get_body(("html",))
    content = file.get_payload(decode=True)
    assert text is not None
    assert page is not None
    assert isinstance(content, bytes)
    assert str(taken.message["Subject"]) == written.subject
    assert text.get_content().replace("\r\n", "\n") == written.text
    assert page.get_content().replace("\r\n", "\n") == written.html
    assert file.get_filename() == name
    assert one.number in PdfReader(BytesIO(content)).pages[0].extract_text()
