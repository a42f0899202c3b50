"""The journal read as hints, from answers that the sandbox does not give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from pomost.connectors.baselinker import BaseLinkerClient
from pomost.connectors.baselinker.journal import EDITED, MOVED, Event, Journal, OwnWrites
from tests.connectors.baselinker.surroundings import NoLimit, sample


@pytest.fixture
def journal(httpserver: HTTPServer) -> Iterator[Journal]:
    client = BaseLinkerClient("T", httpserver.url_for("/c"), limiter=NoLimit())
    yield Journal(client, OwnWrites())
    client.close()


def logs(httpserver: HTTPServer, *entries: Any) -> None:
    httpserver.expect_request("/c").respond_with_json({"status": "SUCCESS", "logs": list(entries)})


def entry(**changes: Any) -> dict[str, Any]:
    return {"log_id": 1, "log_type": 16, "order_id": 7, "object_id": 0, "date": 1791183760, **changes}


def test_the_sample_journal_is_heard_whole(httpserver: HTTPServer, journal: Journal) -> None:
    answer = sample("getJournalList.json")
    logs(httpserver, *answer["logs"])
    heard = journal.listen(0, [])
    assert heard.events == len({row["log_id"] for row in answer["logs"]})
    assert heard.last_id == max(row["log_id"] for row in answer["logs"])
    assert heard.orders == {row["order_id"] for row in answer["logs"]}


@pytest.mark.parametrize("kind", [5, 6, 17], ids=["merged", "split", "copied"])
def test_an_entry_that_names_another_order_hints_at_both(
    httpserver: HTTPServer, journal: Journal, kind: int
) -> None:
    logs(httpserver, entry(log_type=kind, object_id=8))
    assert set(journal.listen(0, []).hints) == {7, 8}


@pytest.mark.parametrize("kind", [7, 8, 9, 10, 15, 19, 20, 22])
def test_documents_and_shipments_ask_for_no_reading(
    httpserver: HTTPServer, journal: Journal, kind: int
) -> None:
    logs(httpserver, entry(log_type=kind))
    heard = journal.listen(0, [])
    assert (heard.hints, heard.orders, heard.last_id) == ({}, {7}, 1)


def test_unknown_entries_ask_for_reading(httpserver: HTTPServer, journal: Journal) -> None:
    logs(httpserver, entry(log_type=97))
    assert set(journal.listen(0, []).hints) == {7}


def test_the_id_is_taken_under_both_of_its_names(httpserver: HTTPServer, journal: Journal) -> None:
    row = entry()
    row["id"] = str(row.pop("log_id") + 40)
    logs(httpserver, row)
    assert journal.listen(0, []).last_id == 41


def test_entries_that_cant_be_read_are_passed_over(httpserver: HTTPServer, journal: Journal) -> None:
    logs(httpserver, "x", entry(order_id="?"), entry(order_id=0), entry(log_id=2))
    heard = journal.listen(0, [])
    assert (set(heard.hints), heard.last_id) == ({7}, 2)


def test_known_entries_are_not_heard_again(httpserver: HTTPServer, journal: Journal) -> None:
    logs(httpserver, entry(log_id=1), entry(log_id=2, order_id=8))
    assert set(journal.listen(1, [1]).hints) == {8}


def test_writes_are_forgotten_once_their_echo_can_not_come_any_more() -> None:
    now = [1000.0]
    own = OwnWrites(lambda: now[0])
    own.note([7, 8], MOVED, 41004)
    now[0] += 100
    own.note([8], MOVED, 41005)
    now[0] += 100
    own.note([9], EDITED)
    assert not own.explain(Event(1, MOVED, 8, 41004, 1000))
    assert own.explain(Event(2, MOVED, 8, 41005, 1100))
    assert set(own._notes) == {9}


def test_moves_are_known_for_an_hour() -> None:
    now = [1000.0]
    own = OwnWrites(lambda: now[0])
    own.note([7, 8], MOVED, 41004)
    now[0] += 3000
    own.note([8], MOVED, 41005)
    assert [own.moved_since(order, 1000) for order in (7, 8, 9)] == [True, True, False]
    assert [own.moved_since(order, 1001) for order in (7, 8)] == [False, True]
    now[0] += 700
    own.note([9], EDITED)
    assert [own.moved_since(order, 1000) for order in (7, 8)] == [False, True]


def test_each_write_explains_one_entry_of_its_kind_and_time() -> None:
    own = OwnWrites(lambda: 1000.0)
    own.note([7], MOVED, 41004)
    assert not own.explain(Event(1, MOVED, 7, 41005, 1000))
    assert not own.explain(Event(2, MOVED, 8, 41004, 1000))
    assert not own.explain(Event(3, 16, 7, 0, 1000))
    assert not own.explain(Event(4, MOVED, 7, 41004, 2000))
    assert own.explain(Event(5, MOVED, 7, 41004, 1001))
    assert not own.explain(Event(6, MOVED, 7, 41004, 1001))
