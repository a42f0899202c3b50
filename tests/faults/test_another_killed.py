"""The program is killed at every point of another shipment; at the carrier there is one, and everybody was told once."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from pomost.reshipping import order_another
from pomost.store.prints import Wanted
from tests.faults.conftest import QUICK_ON_SQLITE
from tests.faults.harness import Trial

POINTS = [
    "ship:intended",
    "ship:made",
    "ship:labelled",
    "ship#2:stored",
    "sale-back#ship#2:intended",
    "sale-back#ship#2:made",
    "sale-back#ship#2:moved",
    "sale-back#ship#2:stored",
]
TOLD = ("ship#2", "mail#ship#2", "sale-back#ship#2")


def came_back(trial: Trial) -> int:
    """An order was sent, and its parcel is back; gives the case."""
    trial.run([])
    [parcel] = trial.inpost.shipments
    trial.inpost.move(parcel["id"], "returned_to_sender")
    [line] = trial.house.pomost.store.queries.all()
    [watcher] = trial.house.pomost.parcels
    end = time.monotonic() + 20
    while trial.house.pomost.store.shipments.of_case(line.id)[0].state != "returned":
        assert time.monotonic() < end, "nobody saw that it is back"
        watcher.look_once()
        time.sleep(0.1)
    return int(line.id)


def sent_again(trial: Trial, case: int, points: list[str]) -> None:
    """Another shipment is asked for, and a process after the other killed."""
    order_another(trial.house.pomost, case, "", "ola")

    def is_told() -> bool:
        steps = trial.house.pomost.store.steps.of_case(case)
        return all(name in steps and steps[name].state == "done" for name in TOLD)

    for point in [*points, ""]:
        trial.arm("SIGKILL", point)
        child = trial.start()
        trial.until(lambda child=child: child.poll() is not None or is_told())  # type: ignore[misc]
        if trial.end(child) == -signal.SIGKILL:
            trial.kills.append(point)


def assert_one_more(trial: Trial) -> None:
    first, second = trial.inpost.shipments
    assert second["reference"] == f"{first['reference']}+2"
    labels = trial.house.pomost.store.prints.page(Wanted(kind="label"))
    assert sorted(one.title for one in labels) == sorted(
        f"inpost {one['tracking_number']}" for one in (first, second)
    )
    assert trial.shop.order(trial.channel_order())["extra_field_2"] == second["tracking_number"]
    assert len(trial.post.taken) == 2, "one mail for each shipment"


@pytest.mark.parametrize("kind", QUICK_ON_SQLITE)
def test_killed_at_every_point_one_more_shipment_is_ordered(kind: str, trial: Callable[..., Trial]) -> None:
    one = trial(kind, preset="paid-fs-wz-ship")
    case = came_back(one)

    sent_again(one, case, POINTS)

    assert one.kills == POINTS, "every point must really have killed"
    assert_one_more(one)
    assert one.documents().total() == 2, "no document for the second shipment"
    assert one.asked_a_person() == []


@pytest.mark.parametrize("kind", QUICK_ON_SQLITE)
def test_without_the_question_to_the_carrier_a_kill_orders_a_third(
    kind: str, trial: Callable[..., Trial]
) -> None:
    """The detector is proved: with the guard off the same trial finds it."""
    one = trial(kind, preset="paid-fs-wz-ship")
    case = came_back(one)
    one.guards_off = True

    sent_again(one, case, ["ship:made"])

    assert one.kills == ["ship:made"]
    with pytest.raises(ValueError, match="too many values"):
        assert_one_more(one)
