"""What a step that is done puts into the print queue. Pure: it is written in the same transaction as the end of the step."""

from __future__ import annotations

from pomost.config.flow import Flow, Step
from pomost.flows.between import company_of
from pomost.flows.plan import step_of
from pomost.ports import Json
from pomost.store.cases import Case
from pomost.store.prints import NewPrint, document_print, label_print, packing_print
from pomost.store.steps import Finished

FOR_BUYERS = frozenset({"FS", "PA", "FSK", "PAK", "FZAL", "FPF"})
"""Documents that lie in the parcel or are filed: printed where the flow says "document"."""
PACKED_WITH = frozenset({"FS", "PA", "WZ"})
"""The first of these puts the packing list in, where the flow says "packing"."""


def prints_of(flow: Flow, case: Case, finished: Finished) -> tuple[NewPrint, ...]:
    """A document that was made anew because the order changed is printed once more; the packing list with it."""
    step = step_of(flow, finished.step)
    if step is None or not (flow.print or step.print):
        return ()
    again = "~" in finished.step
    found: list[NewPrint] = []
    for result in _made(finished.result):
        if not _prints_document(flow, step, str(result["kind"])):
            continue
        what = (str(result["id"]), str(result["kind"]), str(result["number"]))
        found.append(document_print(company_of(flow, step), *what, case_id=case.id, again=again))
    if finished.result.get("label") and "label" in (flow.print if step.print is None else step.print):
        found.append(_label(case, finished.result))
    # goods that come back are not packed
    if case.order is not None and not case.order.of_order and _prints_packing(flow, step, finished.result):
        found.append(packing_print(case.company, case.id, case.number, again=again))
    return tuple(found)


def _made(result: Json) -> list[Json]:
    """The documents that the step made: its own, or the corrections of a step that cancels."""
    return [one for one in (result, *result.get("corrections", ())) if one.get("id") and one.get("kind")]


def _label(case: Case, result: Json) -> NewPrint:
    carrier, tracking = str(result["carrier"]), str(result["tracking"])
    title = f"{carrier} {tracking}".strip()
    return label_print(
        case.company, carrier, str(result["shipment"]), title, str(result["label"]), case_id=case.id
    )


def _prints_document(flow: Flow, step: Step, kind: str) -> bool:
    if step.print is not None:
        return "document" in step.print
    return "document" in flow.print and kind in FOR_BUYERS and company_of(flow, step) == flow.company


def _prints_packing(flow: Flow, step: Step, result: Json) -> bool:
    if step.print is not None:
        return "packing" in step.print
    return "packing" in flow.print and result.get("kind") in PACKED_WITH
