"""Money paid back for no goods: killed at every point, the prices of the sale are lowered once."""

from __future__ import annotations

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from pomost.sandbox.woocommerce import Settings, Shop
from tests.faults.conftest import QUICK_ON_SQLITE
from tests.faults.processes import end_child, kill_child, start_child
from tests.woo_house import RETURNS, SALE, WooHouse, woo_config

D = Decimal
POINTS = [
    *(f"correction:{point}" for point in ("intended", "made", "stored")),
    "goods:stored",
    *(f"back:{point}" for point in ("intended", "made", "stored")),
]
COMPANY = {"nip": "123-456-32-18", "company": "Kubkowo sp. z o.o.", "want_invoice": True}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    children: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        children.append(start_child(tmp_path))
        return children[-1]

    yield begin
    for one in children:
        kill_child(one)


@pytest.mark.parametrize("kind", QUICK_ON_SQLITE)
def test_killed_at_every_point_prices_are_lowered_once_and_by_what_was_paid_back(
    kind: str,
    start: Callable[[], subprocess.Popen[bytes]],
    tmp_path: Path,
    url_of: Callable[[str], str],
) -> None:
    url = url_of(kind)
    wanted = {
        "engine": {"lease_s": 0.5, "workers": 2},
        "flows": [SALE, RETURNS],
        "woocommerce": {"money_refunds": "spread"},
        **({"database": url, "ledger": url} if url else {}),
    }
    with Shop(Settings(catalogue="shared"), seed=0) as shop:
        home = WooHouse(tmp_path, shop, **wanted)
        config = woo_config(tmp_path, shop, **wanted)
        (tmp_path / "config.json").write_text(config.model_dump_json(exclude_unset=True))
        try:
            kills = []
            for point in POINTS:
                order = shop.place(
                    lines=[("KUBEK-1", 2), ("KSIAZKA-GOT", 1)],
                    payment="payu",
                    paid=True,
                    shipping="none",
                    **COMPANY,
                )[0]
                seller = start()
                until(lambda order=order: home.state(order) == "done", home)  # type: ignore[misc]
                end_child(seller)

                (tmp_path / "armed").write_text(f"SIGKILL {point}")
                refund = shop.refund(order, amount="20.00", reason="Rysa na kubku")
                first = start()
                kills += [point] if first.wait(40) == -signal.SIGKILL else []
                second = start()
                until(lambda order=order, refund=refund: home.state_of_return(order, refund) == "done", home)  # type: ignore[misc]
                end_child(second)

                assert Counter(home.kinds(order)) == Counter({"FS": 1, "WZ": 1, "FSK": 1}), point
                [correction] = [one for one in home.documents(order) if one.kind == "FSK"]
                assert correction.gross == D("-20.00"), point
                told = [one for one in shop.order(order)["meta_data"] if one["key"] == "_pomost_korekta"]
                assert [one["value"] for one in told] == [correction.number], point
            assert kills == POINTS, "every point must really have killed"
        finally:
            home.stop()


def until(true: Callable[[], bool], home: WooHouse, seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, (home.states(), home.waits())
        time.sleep(0.05)
