"""The seller's people."""

import random

import pytest

from pomost.sandbox.baselinker.staff import Staff

START = 1_791_200_000


def test_staff_packs_what_has_waited_long_enough_and_leaves_everything_else() -> None:
    orders = [
        (1, "W realizacji", START),
        (2, "W realizacji", START + 1),
        (3, "Nowe zamówienia", START - 90_000),
        (4, "Spakowane", START - 90_000),
        (5, "W realizacji", START - 50),
    ]
    assert Staff(1, after_s=600).moves(orders, START + 600) == [(5, "Spakowane"), (1, "Spakowane")]


def test_carriers_deliver_what_was_sent() -> None:
    carriers = Staff.deliverers(1, after_s=(100, 100), share=1)
    assert carriers.moves([(1, "Wysłane", START), (2, "W realizacji", START)], START + 100) == [
        (1, "Doręczone")
    ]


def test_nobody_is_moved_before_the_least_time_and_all_are_after_the_most() -> None:
    staff = Staff(7, after_s=(600, 7200))
    orders = [(order_id, "W realizacji", START) for order_id in range(300)]
    moved = [len(staff.moves(orders, START + seconds)) for seconds in (599, 3900, 7200)]
    assert moved[0] == 0
    assert 100 < moved[1] < 200
    assert moved[2] == 300


def test_the_share_that_nobody_deals_with_stays_for_good() -> None:
    staff = Staff(7, after_s=10, share=0.8)
    orders = [(order_id, "W realizacji", START) for order_id in range(1000)]
    assert 750 < len(staff.moves(orders, START + 10)) < 850
    assert staff.moves(orders, START + 10) == staff.moves(orders, START + 10**9)


def test_it_does_not_matter_in_which_order_or_how_often_staff_is_asked() -> None:
    orders = [(order_id, "W realizacji", START + order_id) for order_id in range(200)]
    shuffled = random.Random(1).sample(orders, len(orders))
    staff = Staff(3, share=0.5)
    first = staff.moves(orders, START + 3000)
    staff.moves(shuffled[:50], START + 9000)
    assert Staff(3, share=0.5).moves(shuffled, START + 3000) == staff.moves(shuffled, START + 3000) == first
    assert Staff(4, share=0.5).moves(orders, START + 3000) != first


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        pytest.param({"share": 1.1}, "share is 1.1; write a number from 0 to 1", id="share"),
        pytest.param({"after_s": -1}, "after_s is -1; write seconds, least before most", id="negative time"),
        pytest.param({"after_s": (9, 3)}, r"after_s is \(9, 3\); write seconds", id="times turned round"),
        pytest.param({"packs_to": "W realizacji"}, "to itself; write two statuses", id="same status"),
    ],
)
def test_impossible_staff_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Staff(1, **wrong)  # type: ignore[arg-type]
