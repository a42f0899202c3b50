"""Where a look begins, what it does without journal, and what happens when things go wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from pomost.connectors.baselinker import BaseLinkerChannel
from pomost.ports import TryAgain
from pomost.sandbox.baselinker import Sandbox
from tests.connectors.baselinker.surroundings import Clock, Looker

Join = Callable[..., BaseLinkerChannel]
JOURNAL = {"getJournalList": 1}


# orders that beget others


def test_split_copy_and_merge_bring_new_orders_and_take_old_ones(looker: Looker, sandbox: Sandbox) -> None:
    lines = [
        {"sku": sku, "name": sku, "quantity": 2, "price_brutto": 10, "tax_rate": 23} for sku in ("A", "B")
    ]
    one, two, three = sandbox.place(3, lines=lines)
    looker.look()
    new = sandbox.split(one, {sandbox.order(one)["products"][0]["order_product_id"]: 1})
    assert sorted(looker.look()) == [one, new]
    copied = sandbox.copy(two)
    assert copied in looker.look()
    sandbox.merge(two, [three])
    assert (looker.look(), looker.gone) == ([two], [three])
    merged = sandbox.merge(one, [new], mode="technical_merge")
    assert sorted(looker.look()) == [one, new, merged]


def test_without_a_journal_an_order_gone_from_a_watched_status_is_asked_for(
    join: Join, sandbox: Sandbox, clock: Clock
) -> None:
    looker = Looker(join(watched_statuses=("Nowe zamówienia",), journal="off"))
    looker.look()
    stays, leaves, vanishes, ours = sandbox.place(4)
    looker.look()
    clock.go(31)
    looker.look()
    sandbox.move(leaves, "Anulowane")
    sandbox.remove(vanishes)
    looker.channel.set_status([str(ours)], "Spakowane")
    clock.go(31)
    statuses = {int(one.external_id): one.order and one.order.status for one in looker.seen()}
    assert statuses == {stays: "Nowe zamówienia", leaves: "Anulowane"}
    assert looker.gone == [vanishes]


def test_orders_that_were_moved_by_us_long_ago_are_not_asked_for_one_by_one(
    join: Join, sandbox: Sandbox, clock: Clock
) -> None:
    looker = Looker(join(watched_statuses=("Nowe zamówienia",), journal="off", relist_every_s=7200.0))
    looker.look()
    ours = sandbox.place(40)
    looker.look()
    clock.go(31)
    looker.look()
    clock.go(5)
    looker.channel.set_status(map(str, ours), "Spakowane")
    clock.go(600)
    assert (looker.look(), looker.gone) == ([], [])
    assert looker.calls == {"getOrders": 2}


def test_much_that_happened_is_heard_to_the_end_and_the_journal_not_taken_for_off(
    looker: Looker, sandbox: Sandbox, clock: Clock
) -> None:
    orders = sandbox.place(400)
    looker.look()
    for minute in range(6):
        for status in ("W realizacji", "Nowe zamówienia"):
            for order_id in orders:
                sandbox.move(order_id, status)
        late = sandbox.place(5)
        clock.go(60)
        assert set(late) <= set(looker.look()), minute
        assert looker.channel.report().journal == "on"
    assert looker.look() == []


# unconfirmed orders


def test_unconfirmed_orders_wait_for_their_buyer(looker: Looker, sandbox: Sandbox) -> None:
    order_id = sandbox.place(1, confirmed=False)[0]
    assert looker.look() == []
    assert looker.channel.report().left_unconfirmed == 1
    sandbox.confirm(order_id)
    assert looker.look() == [order_id]


def test_unconfirmed_orders_are_read_where_that_is_wanted(join: Join, sandbox: Sandbox) -> None:
    looker = Looker(join(unconfirmed=True))
    looker.look()
    order_id = sandbox.place(1, confirmed=False)[0]
    (seen,) = looker.seen()
    assert seen.order is not None
    assert (seen.order.id, seen.order.confirmed) == (str(order_id), False)


def test_without_journal_unconfirmed_orders_are_found_by_relisting(
    join: Join, sandbox: Sandbox, clock: Clock
) -> None:
    looker = Looker(join(unconfirmed=True, journal="off"))
    looker.look()
    order_id = sandbox.place(1, confirmed=False)[0]
    assert looker.look() == []
    clock.go(301)
    assert looker.look() == [order_id]


def test_orders_that_wait_for_their_buyer_already_are_found_by_the_first_look(
    join: Join, sandbox: Sandbox, clock: Clock
) -> None:
    order_id = sandbox.place(1, confirmed=False)[0]
    looker = Looker(join(unconfirmed=True, import_from=clock.moment() - timedelta(days=1)))
    assert looker.look() == [order_id]


# where it begins


def test_by_default_orders_of_before_are_left_alone_until_they_move(
    channel: BaseLinkerChannel, sandbox: Sandbox, clock: Clock
) -> None:
    old = sandbox.place(3)
    clock.go(3600)
    looker = Looker(channel)
    assert looker.look() == []
    sandbox.edit(old[0], admin_comments="x")
    assert looker.look() == []
    assert channel.report().left_older == 1
    clock.go(1)
    sandbox.move(old[1], "Spakowane")
    assert looker.look() == [old[1]]


def test_a_date_of_the_past_imports_from_there(join: Join, sandbox: Sandbox, clock: Clock) -> None:
    sandbox.place(2)
    clock.go(3600)
    wanted = sandbox.place(150)
    clock.go(3600)
    looker = Looker(join(import_from=clock.moment() - timedelta(hours=1)))
    assert looker.look() == wanted
    assert looker.look() == []


def test_the_first_look_reads_nothing_because_of_old_entries(
    join: Join, sandbox: Sandbox, clock: Clock
) -> None:
    for order_id in sandbox.place(120):
        sandbox.move(order_id, "Spakowane")
    clock.go(3600)
    looker = Looker(join())
    assert looker.look() == []
    assert looker.calls["getOrders"] == 1
    assert looker.cursor["journal"] == "on"


def test_after_days_away_everything_since_is_read_anew(
    looker: Looker, sandbox: Sandbox, clock: Clock
) -> None:
    known = sandbox.place(3)
    looker.look()
    sandbox.edit(known[0], admin_comments="wtedy")
    clock.go(4 * 86_400)
    new = sandbox.place(2)
    found = looker.look()
    assert {*known, *new} <= set(found)
    assert len(found) == len(set(found))


# the journal is not enabled


def test_pain_02_a_journal_that_is_not_enabled_is_noticed_and_done_without(
    channel: BaseLinkerChannel, sandbox: Sandbox, clock: Clock
) -> None:
    sandbox.configure(journal=False)
    looker = Looker(channel)
    looker.look()
    placed = sandbox.place(1)
    assert looker.look() == placed
    assert channel.report().journal == "unknown"
    clock.go(130)
    looker.look()
    assert channel.report().journal == "off"
    assert "not enabled" in channel.report().journal_note
    more = sandbox.place(2)
    assert looker.look() == more
    assert "getJournalList" not in looker.calls


def test_a_journal_enabled_later_is_used_again(
    channel: BaseLinkerChannel, sandbox: Sandbox, clock: Clock
) -> None:
    sandbox.configure(journal=False)
    looker = Looker(channel)
    looker.look()
    sandbox.place(1)
    looker.look()
    clock.go(130)
    looker.look()
    sandbox.configure(journal=True)
    clock.go(301)
    looker.look()
    assert channel.report().journal == "on"


def test_a_journal_that_is_refused_does_not_stop_new_orders(looker: Looker, sandbox: Sandbox) -> None:
    placed = sandbox.place(2)
    sandbox.misbehave("error-not-done", "getJournalList", code="ERROR_X", message="no journal for you")
    assert looker.look() == placed
    report = looker.channel.report()
    assert report.journal == "off"
    assert "no journal for you" in report.journal_note


def test_a_late_journal_is_not_taken_for_one_that_is_off(
    looker: Looker, sandbox: Sandbox, clock: Clock
) -> None:
    sandbox.misbehave("journal-late", times=3, seconds=90)
    clock.go(61)
    sandbox.place(1)
    looker.look()
    for _ in range(3):
        clock.go(60)
        looker.look()
    assert looker.channel.report().journal == "on"


def test_one_entry_that_the_journal_lost_does_not_make_it_off(
    looker: Looker, sandbox: Sandbox, clock: Clock
) -> None:
    known = sandbox.place(1)[0]
    looker.look()
    clock.go(61)
    sandbox.configure(journal=False)
    lost = sandbox.place(1)
    assert looker.look() == lost
    clock.go(30)
    # The sandbox keeps entries while its journal is off: this one stands for those that it really shows later.
    looker.cursor["log_id"] += 4
    sandbox.configure(journal=True)
    sandbox.edit(known, admin_comments="x")
    looker.look()
    clock.go(130)
    looker.look()
    assert looker.channel.report().journal == "on"


# when things go wrong


def test_what_was_yielded_before_a_failure_stays_valid(looker: Looker, sandbox: Sandbox) -> None:
    placed = sandbox.place(5)
    looker.look()
    for order_id in placed:
        sandbox.move(order_id, "W realizacji")
    fresh = sandbox.place(1)
    sandbox.misbehave("http-502", "getOrders", times="always", probability=1.0)
    with pytest.raises(TryAgain):
        looker.look()
    sandbox.behave()
    assert sorted(looker.look()) == [*placed, *fresh]


def test_hints_are_kept_until_their_orders_are_read(looker: Looker, sandbox: Sandbox) -> None:
    placed = sandbox.place(5)
    looker.look()
    for order_id in placed:
        sandbox.move(order_id, "W realizacji")
    fresh = sandbox.place(1)
    pages = looker.channel.look(looker.cursor)
    first = next(pages)
    assert [one.external_id for one in first.seen] == [str(fresh[0])]
    looker.cursor = first.cursor
    pages.close()
    assert set(looker.look()) >= set(placed)


def test_hints_of_a_look_broken_off_among_them_come_again(looker: Looker, sandbox: Sandbox) -> None:
    placed = sandbox.place(4)
    looker.look()
    for order_id, status in zip(placed, ["Spakowane", "Spakowane", "Wysłane", "Wysłane"], strict=True):
        sandbox.move(order_id, status)
    pages = looker.channel.look(looker.cursor)
    first = next(pages)
    assert len(first.seen) == 2
    pages.close()
    looker.cursor = first.cursor
    assert set(looker.look()) == set(placed)


def test_an_order_that_baselinker_refuses_to_show_does_not_hold_up_the_others(
    looker: Looker, sandbox: Sandbox
) -> None:
    placed = sandbox.place(2)
    looker.look()
    sandbox.edit(placed[0], admin_comments="x")
    sandbox.misbehave("error-not-done", "getOrders", order_id=placed[0], code="ERROR_X", message="broken")
    (seen,) = looker.seen()
    assert (seen.external_id, seen.order) == (str(placed[0]), None)
    assert seen.problem is not None
    assert "broken" in seen.problem.text
    assert looker.look() == []


@pytest.mark.parametrize("fault", ["strings-for-numbers", "lists-for-maps"])
def test_other_types_than_documented_change_nothing(looker: Looker, sandbox: Sandbox, fault: str) -> None:
    sandbox.misbehave(fault, times="always")
    placed = sandbox.place(3)
    assert looker.look() == placed
    sandbox.move(placed[0], "Spakowane")
    assert (looker.look(), looker.look()) == ([placed[0]], [])


def test_the_legacy_profile_is_read(looker: Looker, sandbox: Sandbox) -> None:
    sandbox.configure(profile="legacy", empty_maps_as_lists=False)
    placed = sandbox.place(2)
    orders = [one.order for one in looker.seen()]
    assert [order and order.id for order in orders] == [str(order_id) for order_id in placed]


def test_a_watched_status_that_does_not_exist_is_a_warning(join: Join, sandbox: Sandbox) -> None:
    looker = Looker(join(watched_statuses=("Nie ma takiego",)))
    looker.look()
    assert ["Nie ma takiego" in warning for warning in looker.channel.report().warnings] == [True]


def test_a_long_listing_is_spread_over_looks(join: Join, sandbox: Sandbox, clock: Clock) -> None:
    looker = Looker(join(watched_statuses=("Nowe zamówienia",), pages_per_look=2))
    looker.look()
    placed = sandbox.place(450)
    while looker.look():
        pass
    clock.go(7300)
    found: list[int] = []
    for _ in range(6):
        found += looker.look()
        assert looker.calls.get("getOrders", 0) <= 3
    assert not looker.cursor["listings"]
    assert set(found) == set(placed)


def test_listings_of_watched_statuses_leave_out_what_is_older_than_the_days_set(
    join: Join, sandbox: Sandbox, clock: Clock
) -> None:
    old = sandbox.place(90, status="Spakowane")
    clock.go(40 * 86_400)
    (recent,) = sandbox.place(1, status="Spakowane")
    clock.go(86_400)
    looker = Looker(
        join(journal="off", watched_statuses=("Spakowane",), import_from=clock.moment() - timedelta(days=2))
    )
    assert looker.look() == [recent]
    assert looker.cursor["floor"] == old[-1]
