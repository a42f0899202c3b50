"""Sets documents with typst. One compiler per thread: typst works outside the interpreter's lock."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import typst

from pomost.ports import NeedsPerson
from pomost.render.content import Json, Language, Seller, content, template_of
from pomost.render.transfer_qr import polish_account
from pomost.trade.documents import Document

_HERE = Path(__file__).parent
_OWN_TEMPLATES = _HERE / "templates"
_FONTS = _HERE / "fonts"

_PLACE = re.compile(r"┌─ (?P<file>[^\n]+?):(?P<line>\d+):\d+")


class Renderer:
    """Prints documents as PDF; may be used by many threads at once.

    The same document, seller, language and templates give the same bytes. ``seller``: by company code.
    ``template_dir``: a folder whose files take the place of Pomost's own templates and labels of the same name; it is
    read once, here. Its ``logo.svg``, ``logo.png`` or ``logo.jpg`` is printed, fonts in its ``fonts`` may be used.

    Raises NeedsPerson ``render.template`` (folder or labels can't be read) and ``render.account`` (a seller's bank
    account is mistyped).
    """

    def __init__(
        self, seller: Mapping[str, Seller], template_dir: Path | None = None, language: Language = "pl"
    ) -> None:
        self._sellers = dict(seller)
        self._language: Language = language
        self._dir = template_dir
        for company, one in self._sellers.items():
            _check_account(company, one)
        if template_dir is not None and not template_dir.is_dir():
            raise NeedsPerson(
                "render.template",
                f"The folder of templates {template_dir} does not exist.",
                "Make it, or take the setting out to use Pomost's own templates.",
                file=str(template_dir),
            )
        self._files = _files(template_dir)
        self._labels = {
            "pl": self._read_labels("labels.pl.json"),
            "en": self._read_labels("labels.en.json"),
        }
        self._logo = _logo(template_dir)
        fonts = [_FONTS]
        if template_dir is not None and (template_dir / "fonts").is_dir():
            fonts.append(template_dir / "fonts")
        # The system's fonts are left out: the same document must look the same on every machine.
        self._fonts = typst.Fonts(include_system_fonts=False, font_paths=fonts)
        self._of_thread = threading.local()

    def render(self, document: Document, language: Language | None = None) -> bytes:
        """The document as PDF, in ``language`` or the renderer's own.

        Raises NeedsPerson: ``render.seller`` (company unknown), ``render.no-rate`` (VAT in PLN can't be shown),
        ``render.template`` (a template is wrong; says file and line).
        """
        language = language or self._language
        seller = self._sellers.get(document.company)
        if seller is None:
            raise NeedsPerson(
                "render.seller",
                f"{document.kind} {document.number} is of company {document.company!r}, whose name and address "
                "are not known, so it can't be printed.",
                f"Add the seller's data of company {document.company!r} to the configuration.",
                company=document.company,
            )
        data: Json = content(document, seller, language)
        return self.set(template_of(document.kind), data, language, document.issued_on)

    def seller(self, company: str) -> Seller:
        """What is known of a company; empty where nothing is."""
        return self._sellers.get(company, Seller(company))

    def set(self, template: str, data: Json, language: Language, day: date) -> bytes:
        """Ready data set by a template as PDF, with the labels of the language and the logo. ``day``: the file's own date.

        Raises NeedsPerson ``render.template``.
        """
        data = {**data, "labels": self._labels_in(language), "logo": self._logo}
        files = {
            "main.typ": f'#include "{template}"'.encode(),
            "data.json": json.dumps(data, ensure_ascii=False).encode(),
            # our own lie in the compiler's folder, where it reads them once: parsing them anew for each document costs a
            # sixth of its time
            **(self._files if self._dir else {}),
        }
        try:
            pdf = self._compiler().compile(
                input=files,
                format="pdf",
                timestamp=datetime.combine(day, time(), UTC),
                pdf_tags=False,
            )
        except typst.TypstError as error:
            raise self._wrong_template(template, error) from error
        return bytes(pdf)

    def _compiler(self) -> Any:
        compiler = getattr(self._of_thread, "compiler", None)
        if compiler is None:
            root = self._dir or _OWN_TEMPLATES
            compiler = typst.Compiler(root=root, font_paths=self._fonts, ignore_system_fonts=True)
            self._of_thread.compiler = compiler
        return compiler

    def _labels_in(self, language: Language) -> dict[str, list[str]]:
        if language != "pl-en":
            return {key: [text] for key, text in self._labels[language].items()}
        english = self._labels["en"]
        return {key: list(dict.fromkeys((text, english[key]))) for key, text in self._labels["pl"].items()}

    def _read_labels(self, name: str) -> dict[str, str]:
        labels: dict[str, str] = json.loads((_OWN_TEMPLATES / name).read_bytes())
        if self._dir is None or not (self._dir / name).is_file():
            return labels
        try:
            changed = json.loads(self._files[name])
        except ValueError as error:
            line = str(getattr(error, "lineno", 1))
            raise NeedsPerson(
                "render.template",
                f"The labels in {self._dir / name}, line {line}, are not JSON: {error}.",
                f"Correct line {line}, or delete the file to go back to Pomost's own labels.",
                file=name,
                line=line,
            ) from error
        unknown = sorted(set(changed) - set(labels)) if isinstance(changed, dict) else ["(the whole file)"]
        wrong = unknown or sorted(key for key, text in changed.items() if not isinstance(text, str))
        if wrong:
            raise NeedsPerson(
                "render.template",
                f"{self._dir / name} has labels that Pomost does not know or that are not text: {', '.join(wrong)}.",
                "Use the names that stand in docs/how-to/templates.md, each with one text.",
                file=name,
            )
        labels.update(changed)
        return labels

    def _wrong_template(self, template: str, error: typst.TypstError) -> NeedsPerson:
        place = _PLACE.search(str(getattr(error, "diagnostic", "")))
        name = self._name_in_folder(place["file"].strip()) if place else template
        line = place["line"] if place else ""
        hints = "".join(f" ({hint})" for hint in getattr(error, "hints", ()))
        own = self._dir is None or not (self._dir / name).is_file()
        shown = name if own or self._dir is None else str(self._dir / name)
        advice = (
            "One of Pomost's own templates failed, most likely because a file that it uses was replaced: "
            "compare the replaced files with Pomost's own."
            if own
            else f"Correct {'line ' + line if line else 'the file'}, or delete the file to go back to Pomost's own."
        )
        return NeedsPerson(
            "render.template",
            f"The template {shown}{', line ' + line if line else ''}, can't be set: {error}{hints}.",
            advice,
            file=name,
            line=line,
        )

    def _name_in_folder(self, shown: str) -> str:
        # typst names a file that is also on disk by its path from the working directory.
        full = Path(shown).resolve()
        for folder in (self._dir, _OWN_TEMPLATES):
            if folder is not None and full.is_relative_to(folder.resolve()):
                return full.relative_to(folder.resolve()).as_posix()
        return shown


def _files(template_dir: Path | None) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for folder in (_OWN_TEMPLATES, template_dir):
        if folder is not None:
            paths = sorted(path for path in folder.iterdir() if path.suffix in (".typ", ".json"))
            files |= {path.name: path.read_bytes() for path in paths}
    return files


def _logo(template_dir: Path | None) -> str:
    names = ("logo.svg", "logo.png", "logo.jpg")
    return next((name for name in names if template_dir is not None and (template_dir / name).is_file()), "")


def _check_account(company: str, seller: Seller) -> None:
    try:
        polish_account(seller.bank_account) if seller.bank_account else None
    except ValueError as error:
        raise NeedsPerson(
            "render.account",
            f"The bank account of company {company!r} is wrong: {error}.",
            "Correct the account in the configuration: invoices would ask buyers to pay to it.",
            company=company,
        ) from error
