"""Which act makes a document of which kind."""

from __future__ import annotations

from collections.abc import Callable

from pomost.config.flow import Flow
from pomost.flows.acts.document import do_document
from pomost.flows.acts.gathering import do_gather
from pomost.flows.acts.hands import Hands
from pomost.flows.acts.internal import do_internal
from pomost.flows.acts.invoicing import do_advance, do_final
from pomost.flows.acts.making import do_making
from pomost.flows.files import ADVANCE
from pomost.flows.internal import INTERNAL
from pomost.flows.plan import Todo
from pomost.flows.progress import Progress

_MAKERS: dict[str, Callable[[Hands, Flow, Progress, Todo], None]] = {
    ADVANCE: do_advance,
    "MM": do_gather,
    "PWP": do_making,
    **dict.fromkeys(INTERNAL, do_internal),
}


def do_issue(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """Makes the document of a step, exactly once."""
    make = _MAKERS.get(todo.step.issue, do_final if todo.step.settles else do_document)
    make(hands, flow, progress, todo)
