"""A WooCommerce shop: killed at every point, answered wrongly in every way, each order has its documents once."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pomost.sandbox.woocommerce import Settings, Shop
from tests.aside import aside
from tests.faults.conftest import QUICK_ON_SQLITE
from tests.faults.processes import end_child, kill_child, start_child
from tests.faults.woo import WooHouse, woo_config
from tests.nursery import Child

POINTS = [
    *(f"{step}:{point}" for step in ("sale", "wz") for point in ("intended", "made", "stored")),
    *(f"back:{point}" for point in ("intended", "made", "moved", "stored")),
]
ONCE = Counter({"FS": 1, "WZ": 1})
FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("too-many-requests", {"retry_after": 1}),
    ("maintenance", {"retry_after": 1}),
    ("server-error", {}),
    ("firewall", {}),
    ("gateway-timeout", {"seconds": 0.0}),
    ("cut-before", {}),
    ("cut-after", {}),
    ("html-200", {}),
    ("bom", {}),
    ("php-warning", {}),
    ("empty-body", {}),
    ("truncated-json", {}),
]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Child]]:
    children: list[Child] = []

    def begin() -> Child:
        children.append(start_child(tmp_path))
        return children[-1]

    yield begin
    for one in children:
        kill_child(one)


@pytest.fixture
def woo() -> Iterator[Shop]:
    with aside(Shop(Settings(), seed=0)) as shop:
        yield shop


@pytest.fixture
def home(woo: Shop, tmp_path: Path, url_of: Callable[[str], str]) -> Iterator[Callable[..., WooHouse]]:
    made: list[WooHouse] = []

    def make(kind: str = "sqlite", **wanted: Any) -> WooHouse:
        if url := url_of(kind):
            wanted |= {"database": url, "ledger": url}
        wanted = {"engine": {"lease_s": 0.5, "workers": 2}, **wanted}
        made.append(WooHouse(tmp_path, woo, **wanted))
        (tmp_path / "config.json").write_text(
            woo_config(tmp_path, woo, **wanted).model_dump_json(exclude_unset=True)
        )
        return made[-1]

    yield make
    for one in made:
        one.stop()


def until(true: Callable[[], bool], home: WooHouse, seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, (home.states(), home.waits())
        time.sleep(0.05)


def completions(woo: Shop, order: int) -> int:
    """How often the API moved the order: each time the shop mails its buyer."""
    return sum(1 for one in woo.writes if one.id == order and one.changed.get("status") == "completed")


@pytest.mark.parametrize("kind", QUICK_ON_SQLITE)
def test_killed_at_every_point_an_order_has_its_documents_once_and_its_buyer_one_mail(
    kind: str,
    home: Callable[..., WooHouse],
    woo: Shop,
    start: Callable[[], Child],
    tmp_path: Path,
) -> None:
    house = home(kind)
    kills = []

    for point in POINTS:
        (order,) = woo.place(1, paid=True)
        (tmp_path / "armed").write_text(f"SIGKILL {point}")
        first = start()
        kills += [point] if first.wait(40) == -signal.SIGKILL else []
        second = start()
        until(lambda order=order: house.state(order) == "done", house)  # type: ignore[misc]
        end_child(second)

        assert Counter(house.kinds(order)) == ONCE, point
        assert len(house.meta(order, "_pomost_fs")) == 1, point
        assert completions(woo, order) == 1, point

    assert kills == POINTS, "every point must really have killed"


@pytest.mark.parametrize("fault", [one[0] for one in FAULTS])
def test_whatever_the_host_answers_an_order_has_its_documents_once(
    fault: str, home: Callable[..., WooHouse], woo: Shop
) -> None:
    house = home()
    orders = woo.place(3, paid=True)
    arguments = dict(FAULTS)[fault]
    woo.misbehave(fault, path="*orders*", times=6, probability=0.5, seed=3, **arguments)

    house.run_until(lambda: house.states() == {"done": 3}, 60)

    assert woo.faults.left() < 6, "the fault must really have struck"
    for order in orders:
        assert Counter(house.kinds(order)) == ONCE
        assert house.meta(order, "_pomost_fs") == [house.documents(order)[0].number]
        assert completions(woo, order) == 1
