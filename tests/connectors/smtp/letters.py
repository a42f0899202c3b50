"""A mail with an invoice, as the flow would hand it over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pomost.ports import FileToSend, Mail

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
KEY = "main:baselinker:1000123:mail-fs"
MESSAGE_ID = "<main=3Abaselinker=3A1000123=3Amail-fs.a9c32114.pomost@example.com>"

MAIL = Mail(
    key=KEY,
    to="anna.przykladowa@example.org",
    subject="Faktura FS/12/09/2025 – Kubki i Świece Przykładowe",
    text="Dzień dobry,\n.\nw załączniku „Zażółć gęślą jaźń”.\n",
    html="<p>Dzień dobry, w załączniku faktura.</p>",
    files=(FileToSend("Faktura FS/12/09/2025 źdźbło.pdf", PDF),),
)


def mail(**changes: Any) -> Mail:
    return replace(MAIL, **changes)
