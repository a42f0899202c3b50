"""Which files a write sends: a step that made several documents for the buyer has one PDF for each. Pure.

One call of a channel takes one file, so such a write has parts: fzal-back#2 sends fzal#2, and cancel-back#2 the second of the
corrections that the cancel step made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pomost.config.flow import Flow, Step
from pomost.store.steps import StepRecord

ADVANCE = "FZAL"


def made_parts(step: Step, done: Mapping[str, StepRecord]) -> list[str]:
    """Names of the parts of the step that made a document, in the order they were made."""
    return [
        name
        for name, record in done.items()
        if name.split("#")[0] == step.id and record.state == "done" and record.result.get("id")
    ]


def maker_of(flow: Flow, step: Step) -> Step | None:
    """The step whose documents this write sends one by one: one that makes advances, corrects or cancels."""
    if step.write is None or not step.write.pdf:
        return None
    maker = next((one for one in flow.step if one.id == step.write.pdf), None)
    return maker if maker is not None and (maker.issue == ADVANCE or maker.correct or maker.cancel) else None


def open_write(flow: Flow, step: Step, done: Mapping[str, StepRecord], usual: str | None) -> str | None:
    """The name under which a write is to be done now: the first part whose file was not sent, else ``usual``.

    With no file yet a write waits for an advance; other writes have something to say all the same.
    """
    maker = maker_of(flow, step)
    if maker is None:
        return usual
    parts = _parts(maker, done)
    if not parts:
        return None if maker.issue == ADVANCE else usual
    for part in parts:
        record = done.get(step.id + part)
        if record is None or record.state in ("intended", "failed"):
            return step.id + part
    return None


def file_record(step: Step, name: str, done: Mapping[str, StepRecord]) -> StepRecord | None:
    """The record of the document whose file the part ``name`` of the write ``step`` sends; None where there is none."""
    assert step.write is not None
    _, mark, part = name.partition("#")
    if mark and not part.isdecimal():
        # it tells of another shipment, and of no document
        return None
    made = done.get(step.write.pdf)
    if made is not None and "corrections" in made.result:
        found = corrections_of(made)
        index = int(part) - 1 if mark else 0
        return found[index] if index < len(found) else None
    return done.get(part_of(name, step.write.pdf))


def part_of(name: str, maker: str) -> str:
    """The part of the step ``maker`` that the part ``name`` of a write belongs to: fzal#2 for fzal-back#2."""
    _, mark, part = name.partition("#")
    return f"{maker}{mark}{part}"


def corrections_of(record: StepRecord) -> list[StepRecord]:
    """What a cancel step made for the buyer, as if each were a step of its own."""
    return [replace(record, result=one) for one in record.result.get("corrections", ())]


def _parts(maker: Step, done: Mapping[str, StepRecord]) -> list[str]:
    if maker.cancel:
        record = done.get(maker.id)
        made = corrections_of(record) if record is not None and record.state == "done" else []
        return ["" if index == 0 else f"#{index + 1}" for index in range(len(made))]
    return [name.removeprefix(maker.id) for name in made_parts(maker, done)]
