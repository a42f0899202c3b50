"""Goods of an order that lie in several warehouses: what is moved to the one that issues, and what is short.

The ERP says what the order's documents hold and where it lies for them (``Erp.wants``); ``trade.allocation`` decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pomost.config.flow import Flow, Step
from pomost.flows.between import company_of
from pomost.flows.draft import source_ids
from pomost.flows.plan import Todo
from pomost.ports import Erp, Json, NeedsPerson, Waiting
from pomost.store.cases import Case
from pomost.store.steps import StepRecord
from pomost.trade.allocation import Allocation, Move, Want, allocate, lacks_text, need_text
from pomost.trade.documents import Draft, DraftLine
from pomost.trade.vat import VatRate


def nothing_moved(name: str) -> Json:
    """The result of an MM step, or of its last part, for which nothing had to be moved."""
    return {"kind": "MM", "rest": False, **({} if "#" in name else {"number": ""})}


@dataclass(frozen=True, slots=True)
class Gathering:
    """Where the goods of an order lie and what follows. ``warehouse``: the one that issues."""

    company: str
    warehouse: str
    sources: tuple[str, ...]
    givers: tuple[str, ...]
    wants: tuple[Want, ...]
    allocation: Allocation

    @property
    def moves(self) -> tuple[Move, ...]:
        return self.allocation.moves

    def need(self, known: str) -> str:
        """What to wait for, for the ERP; see ``allocation.need_text``."""
        return need_text(self.sources, self.warehouse, self.givers, known)

    def draft(self, step: Step, case: Case, *, key: str, today: date) -> Draft:
        """The MM from the first warehouse that gives."""
        place = self.moves[0].place
        return Draft(
            kind="MM",
            company=self.company,
            key=key,
            issued_on=today,
            warehouse=place,
            target=self.warehouse,
            series=step.series,
            basis="net",
            lines=tuple(self._lines(place)),
            sources=self.sources,
            foreign_number=case.order.id if case.order else "",
            attributes={"ORDER_ID": case.external_id},
            approve=step.approve,
        )

    def _lines(self, place: str) -> list[DraftLine]:
        known = {want.item: want for want in self.wants}
        return [
            DraftLine(
                sku=move.item,
                name=known[move.item].name,
                quantity=move.quantity,
                price=Decimal(0),
                vat=VatRate.of("23"),
                unit=known[move.item].unit,
                source_line=known[move.item].lines[0],
            )
            for move in self.moves
            if move.place == place
        ]


def look(erp: Erp, flow: Flow, step: Step, case: Case, done: Mapping[str, StepRecord]) -> Gathering:
    """Where the goods lie now, and who gives what. Raises NeedsPerson ``flow.document-vanished``."""
    company = company_of(flow, step)
    sources = tuple(dict.fromkeys(source_ids(step, case, done)))
    warehouse = step.warehouse or (flow.warehouse if company == flow.company else "")
    if not warehouse and sources:
        document = erp.read(company, sources[0])
        if document is None:
            raise NeedsPerson(
                "flow.document-vanished",
                f"The order document of {case.number} is not in the ERP any more.",
                "Restore it, or skip the step.",
            )
        warehouse = document.warehouse
    givers = step.gather_from or _givers(flow, step, warehouse)
    wants = erp.wants(company, sources, warehouse, givers)
    allocation = allocate(wants, one_if_possible=flow.rules.gather == "one-warehouse")
    return Gathering(company, warehouse, sources, givers, wants, allocation)


def _givers(flow: Flow, step: Step, warehouse: str) -> tuple[str, ...]:
    """A check counts with what an MM of the flow would bring, and without an MM with its own warehouse alone."""
    if step.check is None:
        return ()
    mover = next((one for one in flow.step if one.issue == "MM"), None)
    return (warehouse,) if mover is None else mover.gather_from


def gather(erp: Erp, flow: Flow, step: Step, case: Case, done: Mapping[str, StepRecord]) -> Gathering:
    """What an MM step moves now; with nothing to move and nothing short the step is done.

    Raises Waiting ``flow.short``: with ``partial = "wait"`` while anything is short, with "available" once nothing more
    can be moved.
    """
    found = look(erp, flow, step, case, done)
    if found.allocation.lacks and (step.partial == "wait" or not found.moves):
        raise waiting(case, found, "moves" if step.partial == "available" else found.allocation.verdict)
    return found


def waiting(case: Case, found: Gathering, known: str) -> Waiting:
    """Why an order waits for goods, and until when as far as that is known."""
    day = found.allocation.due_on
    until = f" They are to come on {day}." if day else ""
    return Waiting(
        "flow.short",
        f"Order {case.number}: warehouse {found.warehouse} and those that give to it are short of "
        f"{found.allocation.text}.{until}",
        (found.need(known),),
        "Receive the goods; it then goes on by itself, the oldest order first.",
        company=found.company,
        lacks=lacks_text((lack.item, lack.quantity) for lack in found.allocation.lacks),
    )


def pretend_gathering(
    flow: Flow, case: Case, steps: Mapping[str, StepRecord], todo: Todo, erp: Erp
) -> tuple[str, StepRecord]:
    """For the dry run: what would be moved, or what would be said of the order. An order document that is only pretended
    holds nothing yet, so of its goods nothing can be said."""
    record = StepRecord(todo.name, "done", "", result=nothing_moved(todo.name))
    if "?" in source_ids(todo.step, case, steps):
        return ("stock is checked" if todo.step.check else "MM for what lies elsewhere"), record
    found = look(erp, flow, todo.step, case, steps)
    check = todo.step.check
    if check is not None:
        if found.allocation.lacks:
            status = check.awaiting if found.allocation.due_on and check.awaiting else check.short
            raise _would_wait(case, found, status)
        return "the goods are there" + (f'; status "{check.there}"' if check.there else ""), record
    if found.allocation.lacks and todo.step.partial == "wait":
        raise waiting(case, found, "")
    parts = [f"{move.quantity.normalize():f} {move.item} from {move.place}" for move in found.moves]
    result = {**record.result, "number": "MM/?" if parts else ""}
    text = f"MM to {found.warehouse}: {', '.join(parts)}" if parts else "nothing has to be moved"
    return text, StepRecord(todo.name, "done", "", result=result)


def _would_wait(case: Case, found: Gathering, status: str) -> Waiting:
    failure = waiting(case, found, "")
    return Waiting(
        "flow.short", f'{failure.text} The order would be moved to "{status}".', failure.needs, failure.advice
    )
