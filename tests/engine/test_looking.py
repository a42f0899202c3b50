"""Looks keep their pace while there is little to do and leave the account to other work while there is much."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from pomost.engine.looking import Looker, Watched
from pomost.ports import Json, Page, Seen
from pomost.store.store import Store, open_store
from pomost.trade.order import Order
from tests import tables


class Still:
    """A source in which nothing happens."""

    def look(self, cursor: Json) -> Iterator[Page]:
        yield Page((), {"looks": cursor.get("looks", 0) + 1})

    def read(self, external_id: str) -> Seen | None:
        return None

    def parse(self, raw: Json) -> Order:
        raise ValueError("there are no orders here")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tables.lay(tmp_path / "pomost.db", "store"), durable=False)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("busy_s", "pause"),
    [
        pytest.param(0.0, 6.0, id="nothing to do"),
        pytest.param(4.0, 6.0, id="less than a pause"),
        pytest.param(24.0, 18.0, id="some work"),
        pytest.param(900.0, 60.0, id="more than enough"),
    ],
)
def test_a_look_is_put_off_while_other_work_fills_the_limit(
    store: Store, busy_s: float, pause: float
) -> None:
    watched = Watched("shop", Still(), "main", "order", "", 6.0, 60.0, lambda: busy_s)
    looker = Looker(store, watched, "me", lambda ids: None, itertools.count(1.0).__next__)

    looker.look_once()

    assert looker._pause() == pause
    assert store.looks.all()[0].cursor == {"looks": 1}
