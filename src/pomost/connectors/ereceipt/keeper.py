"""Keeps the buyers' copies: a running number, a JSON and a PDF file each, and a link that can't be guessed."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from pomost.connectors.ereceipt.mapping import Seller, document_of
from pomost.ports import FiscalReceipt, Json, ReceiptToPrint

_TEMPLATE = Path(__file__).parent / "receipt.typ"
_TABLE = """
CREATE TABLE IF NOT EXISTS copy (
    year INTEGER NOT NULL, running INTEGER NOT NULL, printer TEXT NOT NULL, fiscal_number TEXT NOT NULL,
    word TEXT NOT NULL UNIQUE,
    PRIMARY KEY (year, running), UNIQUE (printer, fiscal_number)
)
"""


@dataclass(frozen=True, slots=True)
class Copy:
    """``number`` is our running number, e.g. "EP/1/2026"; ``link`` is for the buyer, the files may be attached."""

    number: str
    link: str
    json_file: Path
    pdf_file: Path


class Keeper:
    """Files in ``folder``; ``base_url`` is where that folder is served to buyers, "" when it is not.

    A copy is no receipt: it is made only of what a fiscal printer has registered, and says so.
    """

    def __init__(self, folder: Path, seller: Seller, base_url: str = "") -> None:
        self._folder = folder
        self._seller = seller
        self._base_url = base_url.rstrip("/")
        folder.mkdir(parents=True, exist_ok=True)
        with self._open() as db:
            db.execute(_TABLE)

    def keep(self, receipt: ReceiptToPrint, fiscal: FiscalReceipt) -> Copy:
        """The copy of a registered receipt; asked again it is the same one, and files that are gone are made anew.

        Raises OSError when it can't be made or written.
        """
        try:
            return self._keep(receipt, fiscal)
        except (sqlite3.Error, typst.TypstError) as error:
            raise OSError(f"no copy in {self._folder}: {error}") from error

    def _keep(self, receipt: ReceiptToPrint, fiscal: FiscalReceipt) -> Copy:
        year, running, word = self._numbered(fiscal)
        number = f"EP/{running}/{year}"
        copy = Copy(number, self._link(word), self._folder / f"{word}.json", self._folder / f"{word}.pdf")
        if not copy.json_file.exists() or not copy.pdf_file.exists():
            content = document_of(receipt, fiscal, self._seller, number)
            _write(copy.pdf_file, _pdf(content, fiscal.printed_at))
            _write(copy.json_file, json.dumps(content, ensure_ascii=False, indent=1).encode())
        return copy

    def _numbered(self, fiscal: FiscalReceipt) -> tuple[int, int, str]:
        """The receipt's own row, made when it has none; numbers of a year have no gaps."""
        year = fiscal.printed_at.year
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute(
                "INSERT INTO copy SELECT ?, 1 + coalesce(max(running), 0), ?, ?, ? FROM copy WHERE year = ?"
                " ON CONFLICT (printer, fiscal_number) DO NOTHING",
                (year, fiscal.printer, fiscal.number, secrets.token_urlsafe(18), year),
            )
            row = db.execute(
                "SELECT year, running, word FROM copy WHERE printer = ? AND fiscal_number = ?",
                (fiscal.printer, fiscal.number),
            ).fetchone()
            db.execute("COMMIT")
        return int(row[0]), int(row[1]), str(row[2])

    def _link(self, word: str) -> str:
        return f"{self._base_url}/{word}.pdf" if self._base_url else ""

    def _open(self) -> closing[sqlite3.Connection]:
        return closing(sqlite3.connect(self._folder / "copies.db", timeout=30, isolation_level=None))


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all, also when two processes write the same."""
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
    part.write_bytes(content)
    os.replace(part, file)


def _pdf(content: Json, made_at: datetime) -> bytes:
    files = {
        "main.typ": _TEMPLATE.read_bytes(),
        "data.json": json.dumps(content, ensure_ascii=False).encode(),
    }
    compiler: Any = typst.Compiler(root=_TEMPLATE.parent, ignore_system_fonts=True)
    return bytes(compiler.compile(input=files, format="pdf", timestamp=made_at, pdf_tags=False))
