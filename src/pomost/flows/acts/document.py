"""A document of the order itself, made from the order, from documents before it or as the mirror of another company's."""

from __future__ import annotations

from pomost.config.flow import Flow
from pomost.flows.acts.hands import Hands, party_of
from pomost.flows.acts.once import made_result, make_once
from pomost.flows.advances import advance_ids, settling
from pomost.flows.between import goods_for_other, is_for_other, mirrored, mirrored_documents, sold_to
from pomost.flows.draft import VAT_DIFFERS, draft_document, skus_of
from pomost.flows.duplicates import check_duplicate
from pomost.flows.lines import has_lines, note_lines, pick, share_paid
from pomost.flows.making import with_components
from pomost.flows.plan import Todo
from pomost.flows.progress import Progress
from pomost.flows.settling import unpaid_if_booked
from pomost.ports import Json
from pomost.store.cases import Case
from pomost.store.steps import Finished
from pomost.trade.currency_rate import rate_day
from pomost.trade.documents import Document, Draft


def do_document(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """Makes the document of a step, exactly once."""
    case = progress.case
    draft, document = make_once(
        hands, progress, todo, lambda key: _fresh_draft(hands, flow, progress, todo, key)
    )
    result = _document_result(hands, case, draft, document, todo.step.mirror)
    if has_lines(flow):
        note_lines(result, todo.step, draft)
    progress.finish(Finished(todo.name, result))


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
        return unpaid_if_booked(
            flow, step, settling(draft, case.order, tuple(one for one in read if one is not None))
        )
    if has_lines(flow):
        draft = pick(flow, step, case.order, draft) if step.lines else draft
        return unpaid_if_booked(flow, step, share_paid(flow, step, case.order, progress.done, draft))
    return draft


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
