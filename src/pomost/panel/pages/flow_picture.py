"""A flow as an SVG: a box for each step, arrows from the steps that come before it, and how many orders stand there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pomost.config.flow import Flow, Step
from pomost.flows.undoing import after

WIDTH, HEIGHT = 200, 64
ACROSS, DOWN = 52, 20
EDGE = 6
_HEAD = 7
_LONG = 26


@dataclass(frozen=True, slots=True)
class Box:
    """``what``: what the step does, in a few letters. ``waits``: what it waits for. ``standing``: orders that wait at it."""

    x: int
    y: int
    step: str
    what: str
    waits: str
    standing: int
    undoes: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """``path`` and ``head`` are what an SVG draws."""

    path: str
    head: str


@dataclass(frozen=True, slots=True)
class Picture:
    """``width`` and ``height`` in pixels."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def picture_of(flow: Flow, standing: Mapping[str, int], undoing: frozenset[str]) -> Picture:
    """Steps from left to right, each behind those that it comes after; what may go side by side stands one above another."""
    before = {step.id: after(flow, index) for index, step in enumerate(flow.step)}
    column: dict[str, int] = {}
    for step in flow.step:
        column[step.id] = 1 + max((column.get(other, -1) for other in before[step.id]), default=-1)
    rows: dict[int, int] = {}
    boxes: dict[str, Box] = {}
    for step in flow.step:
        row = rows.setdefault(column[step.id], 0)
        rows[column[step.id]] += 1
        boxes[step.id] = Box(
            EDGE + column[step.id] * (WIDTH + ACROSS),
            EDGE + row * (HEIGHT + DOWN),
            step.id,
            _cut(what_of(step)),
            _cut(step.when),
            standing.get(step.id, 0),
            step.id in undoing,
        )
    arrows = tuple(
        _arrow(boxes[other], boxes[step.id])
        for step in flow.step
        for other in before[step.id]
        if other in boxes
    )
    width = (max(column.values(), default=0) + 1) * (WIDTH + ACROSS) - ACROSS
    height = max(rows.values(), default=1) * (HEIGHT + DOWN) - DOWN
    return Picture(width + 2 * EDGE, height + 2 * EDGE, tuple(boxes.values()), arrows)


def what_of(step: Step) -> str:
    """What a step does, in the words of the file: kinds of documents, statuses, names."""
    if step.write:
        written = [*step.write.fields, step.write.file_field or step.write.document_file]
        status = f"→ {step.write.status}" if step.write.status else ""
        return status or ", ".join(filter(None, written))
    if step.place:
        return f"{step.place} → {step.status}"
    if step.mail:
        return f"@ {', '.join(step.mail.pdf)}"
    if step.ship:
        return f"▣ {step.ship.carrier}"
    if step.book:
        return f"= {step.book.document}"
    return step.issue or step.correct or step.fiscalise or (step.check.short if step.check else "") or "✕"


def _arrow(source: Box, target: Box) -> Arrow:
    x1, y1 = source.x + WIDTH, source.y + HEIGHT // 2
    x2, y2 = target.x - _HEAD, target.y + HEIGHT // 2
    bend = max((x2 - x1) // 2, 12)
    return Arrow(
        f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}",
        f"M{x2} {y2 - 5}L{x2 + _HEAD} {y2}L{x2} {y2 + 5}Z",
    )


def _cut(text: str) -> str:
    text = " ".join(text.split()).replace("order.status == ", "").replace("order.status in ", "")
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
