"""What a look finds, and with how many calls."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pomost.connectors.baselinker import BaseLinkerChannel
from pomost.ports import FileToSend, InDoubt, WriteBack
from pomost.sandbox.baselinker import Sandbox
from tests.connectors.baselinker.surroundings import Clock, Looker

Join = Callable[..., BaseLinkerChannel]
JOURNAL = {"getJournalList": 1}


# fewest calls


def test_a_quiet_look_costs_one_call(looker: Looker) -> None:
    assert (looker.look(), looker.calls) == ([], JOURNAL)


def test_a_burst_of_new_orders_costs_one_page(looker: Looker, sandbox: Sandbox) -> None:
    placed = sandbox.place(30)
    assert (looker.look(), looker.calls) == (placed, {"getJournalList": 1, "getOrders": 1})


def test_orders_moved_together_are_read_by_their_status(looker: Looker, sandbox: Sandbox) -> None:
    placed = sandbox.place(30)
    looker.look()
    for order_id in placed:
        sandbox.move(order_id, "W realizacji")
    assert sorted(looker.look()) == placed
    assert looker.calls == {"getJournalList": 1, "getOrders": 1}


def test_orders_moved_on_before_they_were_read_are_found_all_the_same(
    looker: Looker, sandbox: Sandbox
) -> None:
    placed = sandbox.place(4)
    looker.look()
    for order_id in placed:
        sandbox.move(order_id, "W realizacji")
    sandbox.move(placed[1], "Spakowane")
    statuses = {int(one.external_id): one.order and one.order.status for one in looker.seen()}
    assert statuses == {
        placed[0]: "W realizacji",
        placed[1]: "Spakowane",
        placed[2]: "W realizacji",
        placed[3]: "W realizacji",
    }


def test_scattered_edits_are_read_in_windows_of_ids(looker: Looker, sandbox: Sandbox) -> None:
    placed = sandbox.place(60)
    looker.look()
    edited = placed[::7]
    for order_id in edited:
        sandbox.edit(order_id, admin_comments="pilne")
    assert (sorted(looker.look()), looker.calls) == (edited, {"getJournalList": 1, "getOrders": 1})


def test_one_edit_is_read_by_itself(looker: Looker, sandbox: Sandbox) -> None:
    placed = sandbox.place(3)
    looker.look()
    sandbox.edit(placed[1], invoice_nip="1234563218")
    (seen,) = looker.seen()
    assert seen.order is not None
    assert seen.order.buyer.tax_id == "1234563218"
    assert looker.calls == {"getJournalList": 1, "getOrders": 1}


def test_orders_far_apart_never_cost_more_calls_than_there_are(looker: Looker, sandbox: Sandbox) -> None:
    first = sandbox.place(1)[0]
    far = [sandbox.add_order({**sandbox.order(first), "order_id": first + 1_000_000 * n}) for n in (1, 2)]
    looker.look()
    for order_id in [first, *far]:
        sandbox.edit(order_id, admin_comments="x")
    assert sorted(looker.look()) == [first, *far]
    assert looker.calls["getOrders"] == 3


# our own writes


def test_our_own_writes_cause_no_reading(looker: Looker, sandbox: Sandbox) -> None:
    placed = sandbox.place(3)
    looker.look()
    channel = looker.channel
    channel.set_status([str(order_id) for order_id in placed], "Spakowane")
    channel.write(WriteBack(str(placed[0]), "k", {"Numer FS/PA": "FS 1"}))
    channel.write(
        WriteBack(
            str(placed[1]),
            "k",
            file=FileToSend("a.pdf", b"%PDF-1", "FS 2"),
            document_file="invoice",
            series="Faktury",
        )
    )
    assert (looker.look(), looker.calls) == ([], JOURNAL)
    assert channel.report().own_events == 4


def test_a_change_of_others_beside_our_own_is_read(looker: Looker, sandbox: Sandbox) -> None:
    order_id = sandbox.place(1)[0]
    looker.look()
    looker.channel.write(WriteBack(str(order_id), "k", {"Numer FS/PA": "FS 1"}))
    sandbox.edit(order_id, admin_comments="proszę poprawić")
    assert looker.look() == [order_id]


def test_a_write_that_failed_explains_nothing(looker: Looker, sandbox: Sandbox) -> None:
    order_id = sandbox.place(1)[0]
    looker.look()
    sandbox.misbehave("error-not-done", "setOrderFields", code="ERROR_X", message="no")
    with pytest.raises(InDoubt):
        looker.channel.write(WriteBack(str(order_id), "k", {"Numer FS/PA": "FS 1"}))
    sandbox.edit(order_id, admin_comments="x")
    assert looker.look() == [order_id]


def test_an_old_write_explains_no_later_change(looker: Looker, sandbox: Sandbox, clock: Clock) -> None:
    order_id = sandbox.place(1)[0]
    looker.look()
    looker.channel.set_status([str(order_id)], "Spakowane")
    looker.look()
    clock.go(250)
    sandbox.move(order_id, "Wysłane")
    sandbox.move(order_id, "Spakowane")
    assert looker.look() == [order_id]


# the traps of paging


@pytest.mark.parametrize("journal", ["auto", "off"])
def test_pain_03_a_page_border_inside_a_second_loses_nothing(
    join: Join, sandbox: Sandbox, clock: Clock, journal: str
) -> None:
    looker = Looker(join(journal=journal))
    looker.look()
    clock.go(1)
    placed = sandbox.place(70)
    clock.go(1)
    placed += sandbox.place(60)
    clock.go(1)
    placed += sandbox.place(70)
    assert sorted(looker.look()) == placed
    assert looker.look() == []


@pytest.mark.parametrize("journal", ["auto", "off"])
def test_pain_03_more_than_a_page_in_one_second_loses_nothing(
    join: Join, sandbox: Sandbox, clock: Clock, journal: str
) -> None:
    looker = Looker(join(journal=journal))
    looker.look()
    clock.go(1)
    placed = sandbox.place(330)
    clock.go(1)
    placed += sandbox.place(5)
    # what the journal has to say about them beyond its ten pages has them read once more
    assert sorted(set(looker.look())) == placed
    assert looker.look() == []


@pytest.mark.parametrize("journal", ["auto", "off"])
def test_pain_03_an_order_confirmed_late_in_a_second_already_read_is_found(
    join: Join, sandbox: Sandbox, journal: str
) -> None:
    looker = Looker(join(journal=journal))
    looker.look()
    first = sandbox.place(2)
    looker.look()
    late = sandbox.place(1)
    assert (looker.look(), looker.look()) == (late, [])
    assert first[-1] < late[0]


def test_pain_04_an_order_confirmed_behind_the_cursor_is_found_by_relisting(
    looker: Looker, sandbox: Sandbox, clock: Clock
) -> None:
    clock.go(100)
    sandbox.place(2)
    looker.look()
    second = int(clock.now) - 60
    late = sandbox.place(1, at=second)[0]
    sandbox.configure(journal=False)
    assert looker.look() == []
    clock.go(301)
    assert late in looker.look()


def test_pain_04_an_edit_that_the_journal_lost_is_found_by_relisting(
    looker: Looker, sandbox: Sandbox, clock: Clock
) -> None:
    order_id = sandbox.place(1)[0]
    looker.look()
    sandbox.configure(journal=False)
    sandbox.edit(order_id, admin_comments="zmiana")
    sandbox.configure(journal=True, journal_days=0)
    clock.go(301)
    seen = {one.external_id: one for one in looker.seen()}
    order = seen[str(order_id)].order
    assert order is not None
    assert order.seller_comments == "zmiana"


def test_pain_04_an_old_order_moved_into_a_watched_status_is_found_without_journal(
    join: Join, sandbox: Sandbox, clock: Clock
) -> None:
    looker = Looker(join(watched_statuses=("W realizacji",), journal="off"))
    looker.look()
    old = sandbox.place(1)[0]
    looker.look()
    clock.go(86_400)
    sandbox.place(1)
    looker.look()
    sandbox.move(old, "W realizacji")
    clock.go(31)
    assert looker.look() == [old]


def test_a_date_in_the_far_future_does_not_carry_the_cursor_away(
    looker: Looker, sandbox: Sandbox, clock: Clock
) -> None:
    strange = sandbox.place(1, at=int(clock.now) + 10**8)
    looker.look()
    clock.go(10)
    placed = sandbox.place(1)
    assert set(looker.look()) == {*strange, *placed}
    assert looker.cursor["second"] <= clock.now


# events out of order


@pytest.mark.parametrize("fault", ["journal-duplicates", "journal-out-of-order", "unknown-journal-types"])
def test_pain_20_the_journals_moods_change_nothing(looker: Looker, sandbox: Sandbox, fault: str) -> None:
    placed = sandbox.place(20)
    sandbox.move(placed[3], "Spakowane")
    sandbox.misbehave(fault, times="always")
    assert sorted(looker.look()) == placed
    assert looker.look() == []
    sandbox.move(placed[4], "Spakowane")
    assert (looker.look(), looker.look()) == ([placed[4]], [])


def test_pain_20_a_late_entry_with_an_old_number_is_made_good_by_relisting(
    looker: Looker, sandbox: Sandbox, clock: Clock
) -> None:
    placed = sandbox.place(2)
    looker.look()
    sandbox.misbehave("journal-late", seconds=20)
    sandbox.edit(placed[0], admin_comments="późno")
    sandbox.edit(placed[1], admin_comments="zaraz")
    assert looker.look() == [placed[1]]
    clock.go(301)
    assert placed[0] in looker.look()


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("page", [2, 7, 100])
def test_journals_of_every_page_size_are_read_to_the_end(
    looker: Looker, sandbox: Sandbox, inclusive: bool, page: int
) -> None:
    sandbox.configure(last_log_inclusive=inclusive, journal_page=page)
    placed = sandbox.place(12)
    found: list[int] = []
    for _ in range(60):
        found += looker.look()
    assert sorted(set(found)) == placed
    sandbox.move(placed[0], "Spakowane")
    found = []
    for _ in range(60):
        found += looker.look()
    assert found == [placed[0]]


def test_a_backlog_beyond_the_journals_page_is_drained(looker: Looker, sandbox: Sandbox) -> None:
    placed = sandbox.place(80)
    looker.look()
    for order_id in placed:
        sandbox.edit(order_id, admin_comments="a")
        sandbox.edit(order_id, admin_comments="b")
    assert sorted(looker.look()) == placed
    assert looker.calls["getOrders"] == 1


def test_a_very_long_backlog_is_heard_in_parts_and_read_between_them(
    looker: Looker, sandbox: Sandbox
) -> None:
    placed = sandbox.place(1)
    for round_ in range(12):
        for _ in range(100):
            sandbox.edit(placed[0], admin_comments=f"{round_}")
    last = sandbox.place(1)
    sandbox.edit(last[0], admin_comments="x")
    assert sorted(set(looker.look())) == [placed[0], last[0]]
    assert looker.calls["getJournalList"] == 13
    assert looker.calls["getOrders"] <= 5
    assert (looker.look(), looker.calls) == ([], JOURNAL)
