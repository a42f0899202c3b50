"""Documents of the ledger: the list, one with its chain, its PDF, mailing and printing it again."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from pomost.bootstrap import pdf_path
from pomost.flows.devices import masked
from pomost.ledger.reading import chain as chains
from pomost.ledger.reading import contractors, items
from pomost.ledger.reading import documents as reading
from pomost.ledger.reading.paging import id_of
from pomost.panel.pages.chain_picture import picture_of
from pomost.panel.pages.lists import address, companies_of, day_of, neighbours, turn_of
from pomost.panel.web import Operator, Reader, Visit
from pomost.papers import mail_by_hand, paper_of, state_of
from pomost.ports import Failure
from pomost.printing import queue_document
from pomost.trade.documents import KINDS, Document
from pomost.words import in_language

router = APIRouter()

LINES = 500
"""Lines of a document that are shown at once."""


@dataclass(frozen=True, slots=True)
class _Found:
    id: int
    document: Document
    row: reading.DocumentRow


class Once:
    """Forms that were sent: a second click on the same button does nothing more."""

    def __init__(self, most: int = 10_000) -> None:
        self._lock = threading.Lock()
        self._used: OrderedDict[str, None] = OrderedDict()
        self._most = most

    def take(self, mark: str) -> bool:
        """Whether the mark is new; from now on it is not."""
        with self._lock:
            if mark in self._used:
                return False
            self._used[mark] = None
            while len(self._used) > self._most:
                self._used.popitem(last=False)
            return True


_mailed = Once()


@router.get("/documents")
def documents(
    visit: Reader,
    company: str = "",
    kind: str = "",
    state: str = "",
    series: str = "",
    since: Annotated[str, Query(alias="from")] = "",
    to: str = "",
    contractor: str = "",
    number: str = "",
    text: str = "",
    partly: int = 0,
    after: str = "",
    before: str = "",
) -> Response:
    """The newest documents first, as the filters in the address say."""
    filters = {
        "company": company,
        "kind": kind,
        "state": state,
        "series": series,
        "from": since,
        "to": to,
        "contractor": contractor,
        "number": number,
        "text": text,
        "partly": "1" if partly else "",
    }
    contractor_id = id_of(contractor) if contractor else None
    asked = reading.DocumentsAsked(
        company=company,
        kind=kind,
        state=state,
        series=series,
        first_day=day_of(since),
        last_day=day_of(to),
        contractor=-1 if contractor and contractor_id is None else contractor_id,
        number=number,
        text=text,
        partly=bool(partly),
    )
    ledger = visit.pomost.ledger
    page, used, of = ledger.ask(
        lambda connection: (
            reading.list_documents(connection, asked, turn_of(after, before)),
            reading.series_in_use(connection),
            contractors.contractors_of(connection, [contractor_id]) if contractor_id else (),
        )
    )
    following, previous = neighbours("/documents", filters, page)
    return visit.page(
        "documents/list.html",
        active="documents",
        found=page,
        filters=filters,
        next=following,
        previous=previous,
        **companies_of(visit, company),
        kinds=[(one, f"{one} – {_kind_name(visit, one)}") for one in _kinds_of(used, kind)],
        states=[(one, visit.say(f"documents.state.{one}")) for one in reading.STATES],
        series=[(one, one) for one in sorted({one.series for one in used} | {series}) if one],
        contractor=of[0] if of else None,
        partly=address("/documents", {**filters, "partly": 1}),
        without_contractor=address("/documents", {**filters, "contractor": ""}),
        bad_days=[name for name in ("from", "to") if filters[name] and day_of(filters[name]) is None],
    )


@router.get("/documents/{id}")
def document(visit: Reader, id: str, part: int = 1) -> Response:
    """One document: lines, VAT, payments, its chain, its PDF."""
    found = _find(visit, id)
    ledger, own = visit.pomost.ledger, found.document
    chain, paid, same_order, cards = ledger.ask(
        lambda connection: (
            chains.chain_of(connection, found.id),
            reading.payments_of(connection, found.id),
            reading.of_order(connection, own.foreign_number) if own.foreign_number else (),
            items.item_ids(connection, own.company, sorted({line.sku for line in own.lines})),
        )
    )
    in_chain = {box.id for box in chain.boxes}
    pieces = max(-(-len(own.lines) // LINES), 1)
    part = min(max(part, 1), pieces)
    path = pdf_path(visit.pomost.config.data_dir, own)
    kept = state_of(path)
    return visit.page(
        "documents/document.html",
        active="documents",
        id=found.id,
        doc=own,
        row=found.row,
        kind=KINDS[own.kind],
        kind_name=_kind_name(visit, own.kind),
        lines=own.lines[(part - 1) * LINES : part * LINES],
        first_line=(part - 1) * LINES,
        part=part,
        pieces=pieces,
        corrected=dict(zip((line.id for line in own.lines), own.correction.lines, strict=False))
        if own.correction
        else {},
        line_attributes=ledger.line_attributes(str(found.id)),
        cards=cards,
        paid=paid,
        picture=picture_of(chain, found.id),
        chain=chain,
        same_order=[one for one in same_order if one.id not in in_chain],
        kept=kept,
        kept_at=path.stat().st_mtime if kept == "kept" else None,
        accounts=[(name, name) for name in sorted(visit.pomost.devices.mails)],
        once=secrets.token_urlsafe(12),
    )


@router.get("/documents/{id}/pdf")
def pdf(visit: Reader, id: str, again: int = 0) -> Response:
    """The document's PDF, shown by the browser: the one that was kept, else drawn from the ledger."""
    found = _find(visit, id)
    path = pdf_path(visit.pomost.config.data_dir, found.document)
    try:
        paper = paper_of(path, found.document, visit.pomost.render, again=bool(again))
    except Failure as failure:
        # shown in the frame of the document's page, where no whole page may be
        said, advice = in_language(visit.language, failure.code, failure.text, failure.advice)
        answer = visit.download(
            "why.txt", f"{said}\n{advice}\n".encode(), "text/plain; charset=utf-8", inline=True
        )
        answer.status_code = 409
        return answer
    answer = visit.download(_file_name(found.document), paper.content, "application/pdf", inline=True)
    answer.headers["X-Pomost-Kept"] = paper.kept
    return answer


@router.post("/documents/{id}/mail")
def mail(visit: Operator, id: str) -> Response:
    """Mails the document once more, because somebody asked for it."""
    found = _find(visit, id)
    back = f"/documents/{found.id}"
    mails = visit.pomost.devices.mails
    if not mails:
        return visit.refused("documents.mail.no-account", to=back)
    account = visit.value("account") or next(iter(mails))
    to, once = visit.value("to"), visit.value("once") or secrets.token_urlsafe(12)
    own = found.document
    key = f"{own.company}:{own.id}:mail-by-hand:{hashlib.sha256(once.encode()).hexdigest()[:16]}"
    if not _mailed.take(f"{key}:{to}"):
        return visit.refused("documents.mail.already", to=back)
    if not to:
        return visit.refused("documents.mail.no-address", to=back)
    try:
        content = paper_of(pdf_path(visit.pomost.config.data_dir, own), own, visit.pomost.render).content
        visit.audit("document.mail", target=own.number, to=masked(to), account=account)
        mail_by_hand(visit.pomost.devices, account, own, content, to, key)
    except Failure as failure:
        visit.audit("document.mail-failed", target=own.number, code=failure.code)
        return visit.refused(failure, to=back)
    return visit.done("documents.mail.sent", to=back, number=own.number, address=masked(to))


@router.post("/documents/{id}/print")
def print_out(visit: Operator, id: str) -> Response:
    """Puts the document into the queue of what is to be printed."""
    found = _find(visit, id)
    back = f"/documents/{found.id}"
    if not queue_document(visit.pomost.store, found.document, visit.now()):
        return visit.refused("documents.print.waits-already", to=back, number=found.document.number)
    visit.audit("document.print", target=found.document.number)
    return visit.done("documents.print.queued", to=back, number=found.document.number)


def _find(visit: Visit, text: str) -> _Found:
    """The document of an address; the page "there is no such thing" for one that is not there."""
    document_id = id_of(text)
    if document_id is None:
        raise visit.missing()
    ledger = visit.pomost.ledger
    rows = ledger.ask(lambda connection: reading.rows_of(connection, [document_id]))
    own = ledger.read(rows[0].company, str(document_id)) if rows else None
    if own is None:
        raise visit.missing()
    return _Found(document_id, own, rows[0])


def _file_name(document: Document) -> str:
    return f"{document.kind} {document.number}.pdf".replace("/", "_")


def _kind_name(visit: Visit, kind: str) -> str:
    one = KINDS[kind]
    return one.name_pl if visit.language == "pl" else one.name_en


def _kinds_of(used: list[reading.SeriesRow], chosen: str) -> list[str]:
    """Kinds of which there are documents, in the order of the trade; the one that is chosen is among them."""
    there = {one.kind for one in used} | {chosen}
    return [kind for kind in KINDS if kind in there]
