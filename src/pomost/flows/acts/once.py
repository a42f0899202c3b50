"""Making a document exactly once: the intention is written, the document made, what came of it read back.

After any doubt the ERP is asked whether our reference is there before anything is repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from pydantic import TypeAdapter

from pomost.flows.acts.hands import Hands, NotDone, key_of
from pomost.flows.plan import Todo
from pomost.flows.progress import Progress
from pomost.ports import InDoubt, Json, NeedsPerson
from pomost.store.cases import Case
from pomost.store.steps import Intention
from pomost.trade.documents import Document, Draft


@lru_cache(maxsize=1)
def _drafts() -> TypeAdapter[Draft]:
    return TypeAdapter(Draft)


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
