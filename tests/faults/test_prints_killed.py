"""The program is killed at every point of every step: each print waits once, and none is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pomost.store.prints import Wanted
from tests.faults.conftest import DATABASES
from tests.faults.harness import Trial, points_of


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[] if kind == "sqlite" else [pytest.mark.slow]) for kind in DATABASES]
)
def test_killed_at_every_point_each_print_is_in_the_queue_once(
    kind: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, flow={"print": ["document", "packing"]})
    points = points_of("ro-fs-wz")

    one.run(points)

    assert one.kills == points
    found = one.house.pomost.store.prints.page(Wanted())
    sale = [
        document for document in one.house.documents(one.channel_order()) if document.kind in ("FS", "PA")
    ]
    assert [(entry.kind, entry.document) for entry in found] == [("document", sale[0].id), ("packing", "")]
