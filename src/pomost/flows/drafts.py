"""Order documents that were left in bufor: the ERP is asked what became of them.

Such a document holds nothing, so its goods are pending, also once its case is done. Whoever approves or removes it does so
in the ERP, without a word to us.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pomost.config.flow import Flow
from pomost.flows.between import company_of
from pomost.ports import Erp
from pomost.store.cases import Case
from pomost.store.steps import StepRecord
from pomost.store.store import Store
from pomost.trade.documents import KINDS

AT_ONCE = 200
REMOVED = "removed"
"""What became of a document that the ERP does not have any more."""


def waits_in_bufor(record: StepRecord) -> bool:
    """Whether the step's order document was left in bufor, and nothing is known to have become of it."""
    kind = KINDS.get(str(record.result.get("kind", "")))
    return (
        record.state == "done"
        and kind is not None
        and kind.reserves
        and state_of(record) == "bufor"
        and bool(record.result.get("id"))
    )


def state_of(record: StepRecord) -> str:
    """The state of the step's document: as it was made, or what is known to have become of it."""
    return str(record.result.get("became") or record.result.get("state", "approved"))


class Drafts:
    """Asks for the documents in bufor of pending goods, some cases a look, one after another."""

    def __init__(self, store: Store, erp: Erp, flows: Mapping[str, Flow], now: Callable[[], float]) -> None:
        self._store = store
        self._erp = erp
        self._flows = flows
        self._now = now
        self._after = 0

    def look(self) -> int:
        """Gives of how many documents it is known by now what became of them. Raises Failure."""
        found = self._store.steps.pending_in_bufor(self._after, AT_ONCE)
        self._after = found[-1][0].id if len(found) == AT_ONCE else 0
        return sum(self._ask(case, steps) for case, steps in found)

    def _ask(self, case: Case, steps: Mapping[str, StepRecord]) -> int:
        flow = self._flows.get(case.flow)
        known = 0
        for step in flow.step if flow is not None else ():
            for record in steps.values():
                if record.step.split("#")[0].split("~")[0] != step.id or not waits_in_bufor(record):
                    continue
                assert flow is not None
                document = self._erp.read(company_of(flow, step), str(record.result["id"]))
                state = REMOVED if document is None else document.state
                if state != "bufor":
                    self._store.steps.became(case.id, record.step, state, self._now())
                    known += 1
        return known
