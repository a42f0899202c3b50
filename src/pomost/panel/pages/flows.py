"""Flows as pictures: each step with when, what and then, and how many orders stand there now."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response

from pomost.config.flow import Flow, Step
from pomost.flows.undoing import after, undoing_steps
from pomost.panel.pages.flow_picture import picture_of
from pomost.panel.web import Reader, Visit
from pomost.store.lists import Filter
from pomost.store.overview import UNFINISHED

router = APIRouter()
_COUNTED = 2_000


@dataclass(frozen=True, slots=True)
class Drawn:
    """A step as it is drawn. ``standing``: orders whose first wait is at it."""

    step: Step
    what: tuple[tuple[str, str], ...]
    after: tuple[str, ...]
    undoes: bool
    standing: int


@router.get("/flows")
def flows(visit: Reader) -> Response:
    """Every flow of this Pomost."""
    return visit.page("flows/list.html", active="flows", flows=list(visit.pomost.flows.values()))


@router.get("/flows/{name}")
def flow(visit: Reader, name: str) -> Response:
    """One flow."""
    found = visit.pomost.flows.get(name)
    if found is None:
        raise visit.missing()
    standing = _standing(visit, name)
    undoing = {step.id for step in undoing_steps(found)}
    drawn = [
        Drawn(step, tuple(_what(step)), after(found, index), step.id in undoing, standing[step.id])
        for index, step in enumerate(found.step)
    ]
    place = _place(visit, found)
    picture = picture_of(found, standing, frozenset(undoing))
    return visit.page(
        "flows/flow.html", active="flows", flow=found, drawn=drawn, place=place, picture=picture
    )


def _standing(visit: Visit, name: str) -> Counter[str]:
    """Step -> unfinished orders of the flow that wait at it, at most ``_COUNTED`` of each state looked at."""
    found: Counter[str] = Counter()
    for state in UNFINISHED:
        after_id: int | None = None
        looked = 0
        while looked < _COUNTED:
            page = visit.pomost.store.lists.page(Filter(state=state, flow=name), after_id, 500)
            for line in page.lines:
                # parts and amendments of a step (ro~1a2b, sale#2) stand at the step
                found[str(line.waits.get("step", "")).split("~")[0].split("#")[0]] += 1
            looked += len(page.lines)
            if page.following is None:
                break
            after_id = page.following
    return found


def _what(step: Step) -> list[tuple[str, str]]:
    """What a step does, as (key of words, value)."""
    found: list[tuple[str, str]] = []
    for key, value in (
        ("issue", step.issue),
        ("correct", step.correct),
        ("cancel", ", ".join(step.cancel)),
        ("fiscalise", step.fiscalise),
        ("place", step.status if step.place else ""),
        ("source", ", ".join(step.source)),
        ("status", step.write.status if step.write else ""),
        ("fields", ", ".join(step.write.fields) if step.write else ""),
        ("file", (step.write.file_field or step.write.document_file) if step.write else ""),
        ("mail", "✓" if step.mail else ""),
        ("ship", step.ship.carrier if step.ship else ""),
        ("book", step.book.document if step.book else ""),
        ("check", "✓" if step.check else ""),
    ):
        if value:
            found.append((key, str(value)))
    return found


def _place(visit: Visit, flow: Flow) -> str:
    """Where it stands in the file, for its link to the settings."""
    names = [one.name for one in visit.pomost.config.flow]
    return f"flow.{names.index(flow.name)}" if flow.name in names else ""
