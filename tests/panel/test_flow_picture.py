"""A flow as a picture: every step once, behind those that it comes after."""

from __future__ import annotations

import pytest

from pomost.config.flow import Flow
from pomost.flows.catalogue import names, resolve
from pomost.flows.undoing import after, undoing_steps
from pomost.panel.pages.flow_picture import HEIGHT, WIDTH, picture_of


def preset(name: str) -> Flow:
    return resolve(Flow(name="f", source="baselinker", company="main", preset=name))


@pytest.mark.parametrize("name", names())
def test_every_flow_of_the_catalogue_can_be_drawn(name: str) -> None:
    flow = preset(name)
    picture = picture_of(flow, {}, frozenset())
    places = {box.step: box for box in picture.boxes}

    assert [box.step for box in picture.boxes] == [step.id for step in flow.step]
    assert len({(box.x, box.y) for box in picture.boxes}) == len(flow.step)
    assert all(box.x + WIDTH <= picture.width and box.y + HEIGHT <= picture.height for box in picture.boxes)
    for index, step in enumerate(flow.step):
        assert all(places[other].x < places[step.id].x for other in after(flow, index))
    assert len(picture.arrows) == sum(len(after(flow, index)) for index in range(len(flow.step)))
    assert all(box.what for box in picture.boxes)


def test_steps_that_go_side_by_side_stand_one_above_another() -> None:
    places = {box.step: (box.x, box.y) for box in picture_of(preset("ro-fs-wz"), {}, frozenset()).boxes}

    assert places["ro-back"][0] == places["sale"][0]
    assert places["ro-back"][1] != places["sale"][1]


def test_orders_and_undoing_steps_are_marked() -> None:
    flow = preset("ro-fs-wz-cancel")
    undoing = frozenset(step.id for step in undoing_steps(flow))
    boxes = {box.step: box for box in picture_of(flow, {"sale": 3}, undoing).boxes}

    assert boxes["sale"].standing == 3
    assert {name for name, box in boxes.items() if box.undoes} == undoing != set()


def test_a_flow_without_steps_or_with_steps_that_are_not_there_breaks_nothing() -> None:
    empty = Flow(name="f", source="baselinker", company="main")
    lost = Flow.model_validate(
        {"name": "f", "source": "b", "company": "m", "step": [{"id": "a", "issue": "RO", "after": ["gone"]}]}
    )

    assert picture_of(empty, {}, frozenset()).boxes == ()
    assert len(picture_of(lost, {}, frozenset()).boxes) == 1
