"""Mails that carry documents: subject, text and HTML from templates that a user may replace.

See docs/how-to/mail-templates.md.
"""

from __future__ import annotations

import difflib
import re
import shutil
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jinja2 import (
    FunctionLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    meta,
    nodes,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from pomost.ports import NeedsPerson
from pomost.render.content import Language, Seller
from pomost.render.mail_content import NAMES, PARTS_OF, mail_content, sample_document
from pomost.trade.documents import KINDS, Document

_OWN = Path(__file__).parent / "mails"
_SPECIFIC = re.compile(r"(?P<kind>.+)\.(?P<language>pl|en)\.(?P<part>.+)")
_PARTS = ("subject.txt", "txt", "html")
_LAYOUT = "layout.html"
_ANY_KIND = "document"
_MISSING = re.compile(r"'(?P<name>\w+)' is undefined|has no attribute '(?P<attribute>\w+)'")
_PARTS_OF_ANY = frozenset().union(*PARTS_OF.values())
# A loop may call its line by any name, also by this one's.
_WHOLE = PARTS_OF.keys() - {"line"}
_BETWEEN_LANGUAGES = "\n* * *\n\n"
# What an expression in a template may raise besides the library's own errors.
_FAULTS = (
    TemplateError,
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    RecursionError,
)


@dataclass(frozen=True, slots=True)
class MailBody:
    """What a mail says. ``subject`` is one line; ``html`` is a whole page."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    source: str


class MailWriter:
    """Writes the mail that goes with a document; may be used by many threads at once.

    ``seller``: by company code. ``template_dir``: a folder whose ``.txt`` and ``.html`` files take the place of Pomost's
    own of the same name; it is read once, here. All templates are tried on a sample document at once.

    Raises NeedsPerson ``mail.template``: says file, line, and what to write.
    """

    def __init__(
        self, seller: Mapping[str, Seller], template_dir: Path | None = None, language: Language = "pl"
    ) -> None:
        self._sellers = dict(seller)
        self._language: Language = language
        self._dir = template_dir
        self._files = {**_read(_OWN), **(_read(template_dir) if template_dir is not None else {})}
        self._by_path = {str(file.path): name for name, file in self._files.items()}
        self._environment = ImmutableSandboxedEnvironment(
            loader=FunctionLoader(self._source),
            undefined=StrictUndefined,
            autoescape=lambda name: name is not None and name.endswith(".html"),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self._check()

    def write(self, document: Document, language: Language | None = None, template: str = "") -> MailBody:
        """The mail for this document; in "pl-en" Polish comes first, English below. ``template``: a kind of document in
        small letters or "document", to be used instead of the document's own kind.

        Raises NeedsPerson: ``mail.template``, and ``render.seller`` when the document's company is not known.
        """
        seller = self._sellers.get(document.company)
        if seller is None:
            raise NeedsPerson(
                "render.seller",
                f"{document.kind} {document.number} is of company {document.company!r}, whose name and address "
                "are not known, so no mail can be written.",
                f"Add the seller's data of company {document.company!r} to the configuration.",
                company=document.company,
            )
        return self._write(document, seller, language or self._language, template)

    def _write(self, document: Document, seller: Seller, language: Language, template: str = "") -> MailBody:
        words: tuple[Literal["pl", "en"], ...] = ("pl", "en") if language == "pl-en" else (language,)
        subjects, texts, pages = [], [], []
        values: dict[str, Any] = {}
        for word in words:
            values = mail_content(document, seller, word)
            subject, text, page = (
                self._set(self._template(template or document.kind, word, part), values) for part in _PARTS
            )
            subjects.append(" ".join(subject.split()))
            texts.append(text.strip() + "\n")
            pages.append(page)
        body = Markup("<hr>").join(Markup(page) for page in pages)
        title = " / ".join(dict.fromkeys(subjects))
        html = self._set(_LAYOUT, {**values, "language": words[0], "subject": title, "body": body})
        return MailBody(title, _BETWEEN_LANGUAGES.join(texts), html)

    def _template(self, kind: str, language: str, part: str) -> str:
        own = f"{kind.lower()}.{language}.{part}"
        return own if own in self._files else f"{_ANY_KIND}.{language}.{part}"

    def _source(self, name: str) -> tuple[str, str, None] | None:
        file = self._files.get(name)
        return (file.source, str(file.path), None) if file is not None else None

    def _set(self, name: str, values: Mapping[str, Any]) -> str:
        try:
            return self._environment.get_template(name).render(values)
        except _FAULTS as error:
            raise self._wrong(name, error) from error

    # Looking at templates before the first mail.

    def _check(self) -> None:
        for name in sorted(self._files):
            self._check_name(name)
            self._check_words(name)
        seller = next(iter(self._sellers.values()), Seller("Sklep"))
        for kind in (*KINDS, "?"):
            for paid in (False, True):
                self._write(sample_document(kind, paid=paid), seller, "pl-en")

    def _check_name(self, name: str) -> None:
        parts = _SPECIFIC.fullmatch(name)
        kinds = {_ANY_KIND, *(kind.lower() for kind in KINDS)}
        if parts and not (parts["kind"] in kinds and parts["part"] in _PARTS):
            raise NeedsPerson(
                "mail.template",
                f"No mail uses the template {self._files[name].path}.",
                "Name it KIND.LANGUAGE.PART: a kind of document in small letters or document; pl or en; "
                f"{', '.join(_PARTS)}. A file to be included has neither .pl. nor .en. in its name.",
                file=name,
            )

    def _check_words(self, name: str) -> None:
        """Names that no document has, also in branches that the sample does not take."""
        try:
            tree = self._environment.parse(self._files[name].source, name, str(self._files[name].path))
            undeclared = meta.find_undeclared_variables(tree)
        except TemplateSyntaxError as error:
            raise self._wrong(name, error) from error
        known = NAMES | {"subject", "body"} if name == _LAYOUT else NAMES
        missing = undeclared - known - set(self._environment.globals)
        for word, line in _words(tree):
            head, _, part = word.partition(".")
            if head in missing:
                raise self._unknown_word(name, head, line, known)
            if part and head in _WHOLE and part not in PARTS_OF[head]:
                raise self._unknown_word(name, word, line, PARTS_OF[head])

    # Saying what is wrong.

    def _wrong(self, name: str, error: Exception) -> NeedsPerson:
        line = 0
        if isinstance(error, TemplateSyntaxError):
            name, line = (error.name if error.name in self._files else name), error.lineno
        else:
            for frame in traceback.extract_tb(error.__traceback__):
                if frame.filename in self._by_path:
                    name, line = self._by_path[frame.filename], frame.lineno or 0
        if isinstance(error, TemplateNotFound):
            return self._failure(
                name, line, f"it includes {error.name}, which is not there", f"Add the file {error.name}"
            )
        said = (error.message if isinstance(error, TemplateError) else str(error)) or type(error).__name__
        missing = _MISSING.search(said)
        if missing and said.startswith("'None' has no"):
            return self._failure(
                name,
                line,
                f"not every document has what .{missing['attribute']} is asked of",
                "Put it between {% if recipient %} and {% endif %}",
            )
        if missing:
            known = _PARTS_OF_ANY if missing["attribute"] else NAMES
            return self._unknown_word(name, missing["name"] or missing["attribute"], line, known)
        return self._failure(name, line, said.rstrip("."), "Correct it")

    def _unknown_word(self, name: str, word: str, line: int, known: frozenset[str]) -> NeedsPerson:
        near = difflib.get_close_matches(word.rpartition(".")[2], sorted(known), n=1)
        advice = f"Write {near[0]}" if near else f"Write one of: {', '.join(sorted(known))}"
        return self._failure(name, line, f"there is no {word}", advice)

    def _failure(self, name: str, line: int, what: str, advice: str) -> NeedsPerson:
        file = self._files.get(name)
        own = file is None or file.path.parent == _OWN
        shown = name if file is None or own else str(file.path)
        back = "" if own else ", or delete the file to go back to Pomost's own"
        return NeedsPerson(
            "mail.template",
            f"The mail template {shown}{f', line {line}' if line else ''}, can't be used: {what}.",
            f"{advice}{back}.",
            file=name,
            line=str(line or ""),
        )


def copy_templates(folder: Path) -> list[Path]:
    """Puts Pomost's own mail templates into ``folder`` to be edited; gives those written.

    What is there already is left alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for source in sorted(_OWN.iterdir()):
        target = folder / source.name
        if source.suffix in (".txt", ".html") and not target.exists():
            shutil.copyfile(source, target)
            written.append(target)
    return written


def _read(folder: Path) -> dict[str, _File]:
    if not folder.is_dir():
        raise NeedsPerson(
            "mail.template",
            f"The folder of mail templates {folder} does not exist.",
            "Make it, or take the setting out to use Pomost's own templates.",
            file=str(folder),
        )
    return {
        path.name: _File(path, _text(path))
        for path in sorted(folder.iterdir())
        if path.suffix in (".txt", ".html") and path.is_file()
    }


def _text(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise NeedsPerson(
            "mail.template",
            f"The mail template {path}, line {line}, can't be used: it is not in UTF-8.",
            "Save it as UTF-8 text.",
            file=path.name,
            line=str(line),
        ) from error


def _words(tree: nodes.Template) -> Iterator[tuple[str, int]]:
    """Names that are read, and their parts as "seller.name", with their lines."""
    for part in tree.find_all(nodes.Getattr):
        if isinstance(part.node, nodes.Name):
            yield f"{part.node.name}.{part.attr}", part.lineno
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load":
            yield name.name, name.lineno
