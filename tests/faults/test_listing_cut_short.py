"""A listing of the channel's products that fails or is killed goes on from its last page. Counted at the channel."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest

from pomost.catalogue.linking import GOES_ON_S
from pomost.engine.catalogue import Prepared
from pomost.ports import Failure
from pomost.sandbox.baselinker import Sandbox
from tests.faults.conftest import DATABASES
from tests.faults.harness import Trial
from tests.house import House

METHOD = "getInventoryProductsList"
OFFER: dict[str, Any] = {"name": "sklep", "stock": [{}], "every_s": 0.1, "debounce_s": 0.0, "list_s": 1e6}


@pytest.fixture
def large(shop: Sandbox) -> Sandbox:
    """A shop whose products make ten pages."""
    shop.fill_catalogue(9_400)
    assert 9_000 < len(shop.products()) <= 10_000
    return shop


def outcomes(shop: Sandbox) -> list[str]:
    """Of the calls that asked for a page."""
    return [call.outcome for call in shop.calls(METHOD)]


def prepared(home: House) -> Prepared:
    (watcher,) = home.pomost.catalogues
    found = watcher.prepared()
    watcher.begin(found)
    return found


def failing_after(shop: Sandbox, pages: int) -> Callable[[], bool]:
    """To be asked after each page: once there were so many, the next call fails for good."""
    seen = 0

    def goes_on() -> bool:
        nonlocal seen
        seen += 1
        if seen == pages:
            shop.misbehave("error-not-done", method=METHOD, times="always", code="ERROR_UNKNOWN")
        return True

    return goes_on


@pytest.mark.parametrize("kind", DATABASES)
def test_a_listing_that_fails_at_page_7_of_10_goes_on_from_page_7(
    kind: str, large: Sandbox, house_on: Callable[..., House]
) -> None:
    home = house_on(kind, catalogue=[OFFER], stocked=False)
    linker = prepared(home).linker
    with pytest.raises(Failure):
        linker.link(failing_after(large, 6))
    large.behave()
    asked = len(outcomes(large))
    assert home.pomost.store.products.count(1)["all"] == 6_000

    found = linker.link()

    assert found.whole
    assert len(outcomes(large)) - asked == 4, "pages 7 to 10, and no other"
    assert home.pomost.store.products.count(1)["all"] == len(large.products())
    # none counts as missed: all were shown since the listing began
    lines = home.pomost.store.products.with_ids(1, [str(one) for one in large.products()])
    assert len(lines) == len(large.products())
    assert missed(home) == 0

    before = len(outcomes(large))
    linker.link()
    assert len(outcomes(large)) - before == 10, "a complete one begins at the first page"


def test_a_listing_that_was_cut_short_long_ago_begins_anew(
    large: Sandbox, house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = house(catalogue=[OFFER], stocked=False)
    linker = prepared(home).linker
    with pytest.raises(Failure):
        linker.link(failing_after(large, 6))
    large.behave()
    asked = len(outcomes(large))
    later = home.pomost.work.now() + GOES_ON_S + 1
    monkeypatch.setattr(linker, "_now", lambda: later)

    linker.link()

    assert len(outcomes(large)) - asked == 10
    assert missed(home) == 0


def test_a_second_listing_of_what_is_known_does_not_look_through_all_products_page_by_page(
    large: Sandbox, house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = house(catalogue=[OFFER])
    linker = prepared(home).linker
    linker.link()
    figures = home.pomost.store.figures
    looked: list[int] = []
    undecided = figures.undecided

    def counted(catalogue: int, what: Any, after: int, most: int) -> list[tuple[int, str]]:
        looked.append(after)
        return undecided(catalogue, what, after, most)

    monkeypatch.setattr(figures, "undecided", counted)
    linker.link()
    assert looked == [0], "once, at the end"


@pytest.mark.parametrize("kind", DATABASES)
def test_killed_after_a_page_the_next_process_goes_on_from_the_next_one(
    kind: str, trial: Callable[..., Trial], shop: Sandbox
) -> None:
    shop.fill_catalogue(3_400)
    one = trial(kind, catalogue=OFFER)
    one.arm("SIGKILL", "list:kept")
    child = one.start()
    one.until(lambda: child.poll() is not None)
    assert one.end(child) == -signal.SIGKILL
    assert outcomes(shop) == ["SUCCESS"]

    survivor = one.start()
    one.until(lambda: one.house.pomost.store.looks.cursor("sklep.listing") == {} and len(outcomes(shop)) >= 4)
    assert one.end(survivor) == 0
    assert outcomes(shop) == ["SUCCESS"] * 4
    assert one.house.pomost.store.products.count(1)["all"] == len(shop.products())
    assert missed(one.house) == 0


def missed(home: House) -> int:
    """Products that a complete listing did not show."""
    store = home.pomost.store
    with store.database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM products WHERE missed > 0").scalar_one())
