"""Making a document: the intention is written, the document made, what came of it read back.

After any doubt the ERP is asked whether our reference is there before anything is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from pydantic import TypeAdapter

from pomost.config.flow import Flow
from pomost.flows.acts.hands import Hands, NotDone, key_of, party_of
from pomost.flows.advances import advance_ids, settling
from pomost.flows.between import goods_for_other, is_for_other, mirrored, mirrored_documents, sold_to
from pomost.flows.draft import VAT_DIFFERS, draft_document, skus_of
from pomost.flows.duplicates import check_duplicate
from pomost.flows.gathering import gather, look, nothing_moved
from pomost.flows.internal import INTERNAL, internal_draft, lines_left
from pomost.flows.lines import has_lines, note_lines, pick, share_paid
from pomost.flows.making import with_components
from pomost.flows.plan import Todo
from pomost.flows.progress import Progress
from pomost.ports import InDoubt, Json, NeedsPerson, Waiting
from pomost.store.cases import Case
from pomost.store.steps import Finished, Intention
from pomost.trade.corrections import Standing
from pomost.trade.currency_rate import rate_day
from pomost.trade.documents import Document, Draft


@lru_cache(maxsize=1)
def _drafts() -> TypeAdapter[Draft]:
    return TypeAdapter(Draft)


def do_document(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """Makes the document of a step, exactly once."""
    if todo.step.issue in INTERNAL:
        _do_internal(hands, flow, progress, todo)
        return
    if todo.step.issue == "MM":
        _do_gather(hands, flow, progress, todo)
        return
    case = progress.case
    draft, document = make_once(
        hands, progress, todo, lambda key: _fresh_draft(hands, flow, progress, todo, key)
    )
    result = _document_result(hands, case, draft, document, todo.step.mirror)
    if has_lines(flow):
        note_lines(result, todo.step, draft)
    progress.finish(Finished(todo.name, result))


def _do_internal(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    case = progress.case
    order = case.order
    assert order is not None

    def fresh(key: str) -> Draft:
        standings: Sequence[Standing] = ()
        if todo.step.issue == "PW":
            progress.flush()
            standings = hands.erp.standings(flow.company, order.of_order or order.id)
        return internal_draft(flow, todo.step, case, progress.done, standings, key=key, today=hands.today())

    draft, document = make_once(hands, progress, todo, fresh)
    result = made_result(document)
    result["print"] = case.content
    result["lines"] = [line.order_line for line in draft.lines]
    result["rest"] = lines_left(flow, todo.step, order, progress.done, draft)
    progress.finish(Finished(todo.name, result))


def _do_gather(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """One MM from each warehouse that gives, each a part of the step."""
    record = progress.done.get(todo.name)
    gathering = None
    if record is None or record.state != "intended" or not record.request_text:
        progress.flush()
        gathering = gather(hands.erp, flow, todo.step, progress.case, progress.done)
        if not gathering.moves:
            progress.intend([Intention(todo.name, key_of(progress.case, todo.name), "")])
            hands.at(f"{todo.step.id}:intended")
            progress.finish(Finished(todo.name, nothing_moved(todo.name)))
            return

    def fresh(key: str) -> Draft:
        assert gathering is not None
        return gathering.draft(todo.step, progress.case, key=key, today=hands.today())

    try:
        _, document = make_once(hands, progress, todo, fresh)
    except Waiting as failure:
        # somebody took the goods since: another warehouse may have them, so it is decided anew at once
        raise NotDone(failure) from failure
    result = made_result(document)
    # whether other warehouses have to give too is asked anew, for goods come and go
    left = look(hands.erp, flow, todo.step, progress.case, progress.done).allocation
    result["rest"] = bool(left.moves or left.lacks)
    progress.finish(Finished(todo.name, result))


def make_once(
    hands: Hands, progress: Progress, todo: Todo, fresh: Callable[[str], Draft]
) -> tuple[Draft, Document]:
    """What was asked for and what was made: by this run or by the one before that got as far as the intention.

    ``fresh`` gives the draft for the key of the step, where no run before this one intended it.
    """
    case = progress.case
    key = key_of(case, todo.name)
    record = progress.done.get(todo.name)
    if record is not None and record.state == "intended" and record.request_text:
        # a run before this one got as far as the intention: the same request again, after a look
        draft = _drafts().validate_json(record.request_text)
        document = hands.erp.find(draft.company, key) if not todo.amends else None
    else:
        draft, document = fresh(key), None
        progress.intend([Intention(todo.name, key, _drafts().dump_json(draft).decode())])
    hands.at(f"{todo.step.id}:intended")
    try:
        if document is None:
            progress.still_mine()
            document = _make(hands, case, draft, todo)
    except InDoubt as failure:
        document = _look_after_doubt(hands, draft, key, todo)
        if document is None:
            raise NotDone(failure) from failure
    hands.at(f"{todo.step.id}:made")
    _compare(draft, document)
    progress.made[document.id] = document
    return draft, document


def _fresh_draft(hands: Hands, flow: Flow, progress: Progress, todo: Todo, key: str) -> Draft:
    case = progress.case
    assert case.order is not None
    rate = None
    today = hands.today()
    if case.order.currency != "PLN":
        progress.flush()
        rate = hands.rates.rate(case.order.currency, rate_day(today))
    item_vat = None
    step = todo.step
    makes_anew = not step.source and not step.from_order and not step.mirror
    if makes_anew:
        progress.flush()
        check_duplicate(hands.store, flow, case, progress.done)
        if not is_for_other(flow, step):
            item_vat = hands.erp.item_vat(flow.company, skus_of(case.order, flow))
    draft = draft_document(
        flow, step, case, progress.done, key=key, today=today, rate=rate, item_vat=item_vat
    )
    if is_for_other(flow, step):
        lines = goods_for_other(case.order, flow, step, hands.erp)
        return sold_to(draft, party_of(hands, flow.company), case.order, step, lines)
    if step.mirror:
        progress.flush()
        documents = mirrored_documents(flow, step, progress.done, hands.erp)
        return mirrored(draft, party_of(hands, documents[0].company), documents)
    if makes_anew:
        draft = with_components(draft, case.order, flow, hands.erp)
    if step.settles:
        progress.flush()
        ids = advance_ids(flow, step, progress.done)
        read = [hands.erp.read(flow.company, one) for one in ids]
        return settling(draft, case.order, tuple(one for one in read if one is not None))
    if has_lines(flow):
        draft = pick(flow, step, case.order, draft) if step.lines else draft
        return share_paid(flow, step, case.order, progress.done, draft)
    return draft


def _make(hands: Hands, case: Case, draft: Draft, todo: Todo) -> Document:
    if todo.amends:
        return hands.erp.amend(draft.company, key_of(case, todo.amends), draft)
    return hands.erp.issue(draft)


def _look_after_doubt(hands: Hands, draft: Draft, key: str, todo: Todo) -> Document | None:
    if todo.amends:
        return None
    return hands.erp.find(draft.company, key)


def _compare(draft: Draft, document: Document) -> None:
    """What came back must be what was asked for: a correction that became an ordinary invoice is no success."""
    if document.kind != draft.kind:
        raise NeedsPerson(
            "flow.other-kind-made",
            f"A {draft.kind} was asked for, and {document.kind} {document.number} was made.",
            "Look at the document in the ERP and correct it there.",
        )


def _document_result(hands: Hands, case: Case, draft: Draft, document: Document, mirror: str) -> Json:
    assert case.order is not None
    result = made_result(document)
    if not draft.sources and not mirror:
        result["print"] = case.content
        if VAT_DIFFERS in draft.attributes:
            result["vat"] = draft.attributes[VAT_DIFFERS]
        if document.whole_gross != case.order.total and draft.company == case.company:
            result["difference"] = str(case.order.total - document.whole_gross)
    if draft.partial and draft.sources:
        sources = [hands.erp.read(draft.company, source) for source in draft.sources]
        result["rest"] = any(
            line.realised < line.quantity
            for source in sources
            if source is not None
            for line in source.lines
            if not line.service
        )
    return result


def made_result(document: Document) -> Json:
    """What every step that makes a document remembers of it."""
    return {
        "id": document.id,
        "kind": document.kind,
        "number": document.number,
        "state": document.state,
        "net": str(document.net),
        "gross": str(document.gross),
        "currency": document.currency,
        "key": document.key,
    }
