"""Another shipment of an order, which a person wished for: ``ship#2`` after ``ship``, and who is told of it. Pure.

What a step before has told of the first shipment it tells of the next one as well: the fields of a write that name the
shipment, and a mail whose note does. Such a part is named after the shipment that it tells of: ``sale-back#ship#2``. It moves
no status and sends no file of the channel once more.
"""

from __future__ import annotations

from collections.abc import Mapping

from pomost.config.flow import Flow, Step
from pomost.ports import Json
from pomost.store.steps import StepRecord

WISHED = "another"
"""In the result of a step whose shipment another one follows: who wished for it."""


def is_wished(result: Json) -> bool:
    """Whether another shipment follows the one of this result."""
    return bool(result.get(WISHED))


def is_telling(step: Step, name: str) -> bool:
    """Whether this part of a write or mail tells of another shipment."""
    return step.ship is None and "#" in name.removeprefix(step.id).removeprefix("#")


def goes_on(step: Step, name: str) -> bool:
    """What a person wished for, and what follows from it, waits for no condition: the order is past all of them."""
    return (step.ship is not None and name != step.id) or is_telling(step, name)


def open_part(flow: Flow, step: Step, done: Mapping[str, StepRecord], usual: str | None) -> str | None:
    """The name under which the step has to tell of another shipment now; else ``usual``."""
    told = done.get(step.id)
    if usual is not None or told is None or told.state != "done" or told.result.get("left_out"):
        return usual
    for ship in (one.id for one in flow.step if one.ship and tells_of(step, one.id)):
        latest = _latest(ship, done)
        if latest == ship:
            continue
        name = f"{step.id}#{latest}"
        record = done.get(name)
        if record is None or record.state in ("intended", "failed"):
            return name
    return usual


def tells_of(step: Step, ship: str) -> bool:
    """Whether the step puts anything of the shipment of ``ship`` into the channel or a mail."""
    if step.mail is not None:
        return _names(step.mail.note, ship)
    return step.write is not None and any(_names(text, ship) for text in step.write.fields.values())


def fields_of(step: Step, name: str) -> Mapping[str, str]:
    """The fields that this part of a write fills: all, or those that name the shipment that it tells of."""
    assert step.write is not None
    if not is_telling(step, name):
        return step.write.fields
    ship = name.split("#")[1]
    return {field: text for field, text in step.write.fields.items() if _names(text, ship)}


def _names(text: str, ship: str) -> bool:
    return f"{{{ship}." in text


def _latest(ship: str, done: Mapping[str, StepRecord]) -> str:
    """The last part of the step that ordered a shipment."""
    found = ship
    for name, record in done.items():
        if name.split("#")[0] == ship and record.state == "done" and record.result.get("shipment"):
            found = name
    return found
