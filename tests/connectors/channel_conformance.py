"""What every sales channel must do, as tests to inherit.

A connector's test class inherits `ChannelConformance` and gives two fixtures: ``shop``, a `Shop` over a running
outside system that misbehaves on request, and ``channel``, the connector joined to it with a limit that does not
slow tests down. Connectors kept elsewhere may run it as well.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from pomost.ports import (
    FileToSend,
    InDoubt,
    Json,
    NeedsPerson,
    OutgoingOrder,
    ReturnSource,
    SalesChannel,
    Seen,
    StopConnection,
    TryAgain,
    WriteBack,
)

PDF = b"%PDF-1.7\n% a sample\n%%EOF\n"


class Shop(Protocol):
    """The outside system with its people and its moods."""

    statuses: tuple[str, str]
    """Two statuses that exist."""
    text_field: str
    file_field: str

    def order(self, count: int = 1) -> list[str]:
        """Buyers order and confirm; gives the ids."""
        ...

    def order_between_pages(self) -> str:
        """An order that becomes visible while a look turns its first page, in that page's last moment."""
        ...

    def give_back(self, external_id: str) -> str:
        """The buyer sends the order back; gives the return's id."""
        ...

    def move(self, external_id: str, status: str) -> None: ...

    def delete(self, external_id: str) -> None: ...

    def spoil(self, external_id: str) -> None:
        """The order gets content that can't be read."""
        ...

    def status_of(self, external_id: str) -> str: ...

    def text_of(self, external_id: str) -> str:
        """The content of ``text_field``."""
        ...

    def file_of(self, external_id: str) -> bytes | None: ...

    def writes_to(self, external_id: str) -> int:
        """How many writes to the order were carried out."""
        ...

    def answer_with_html(self, times: int) -> None:
        """The next answers are web pages with status 200; nothing is carried out."""
        ...

    def lose_next_answer(self) -> None:
        """The next call is carried out, and its connection is cut."""
        ...

    def with_wrong_token(self) -> SalesChannel:
        """Another channel to the same system; its token is "WRONG-TOKEN-1234567890"."""
        ...


def look(channel: SalesChannel, cursor: Json) -> tuple[list[Seen], list[str], Json]:
    """One whole look; every cursor goes through JSON, as the store would have it."""
    seen: list[Seen] = []
    gone: list[str] = []
    for page in channel.look(cursor):
        seen += page.seen
        gone += page.gone
        cursor = json.loads(json.dumps(page.cursor))
    return seen, gone, cursor


def ids(seen: list[Seen]) -> list[str]:
    return [one.external_id for one in seen]


class ChannelConformance:
    """Inherited by each channel's tests."""

    def test_it_implements_the_port(self, channel: SalesChannel) -> None:
        assert isinstance(channel, SalesChannel)

    def test_pain_19_all_of_more_than_two_pages_are_read(self, channel: SalesChannel, shop: Shop) -> None:
        _, _, cursor = look(channel, {})
        placed = shop.order(230)
        seen, _, _ = look(channel, cursor)
        assert sorted(ids(seen)) == sorted(placed)

    def test_pain_03_an_order_that_appears_between_two_pages_is_read(
        self, channel: SalesChannel, shop: Shop
    ) -> None:
        _, _, cursor = look(channel, {})
        placed = [*shop.order(120), shop.order_between_pages()]
        first, _, cursor = look(channel, cursor)
        second, _, _ = look(channel, cursor)
        assert set(ids(first) + ids(second)) == set(placed)

    def test_a_look_at_nothing_new_gives_nothing(self, channel: SalesChannel, shop: Shop) -> None:
        _, _, cursor = look(channel, {})
        shop.order(3)
        _, _, cursor = look(channel, cursor)
        seen, gone, _ = look(channel, cursor)
        assert (seen, gone) == ([], [])

    def test_a_look_broken_off_goes_on_where_its_last_page_was_kept(
        self, channel: SalesChannel, shop: Shop
    ) -> None:
        _, _, cursor = look(channel, {})
        placed = shop.order(230)
        pages = channel.look(cursor)
        first = next(pages)
        del pages
        seen, _, _ = look(channel, json.loads(json.dumps(first.cursor)))
        assert set(ids(list(first.seen)) + ids(seen)) == set(placed)

    def test_a_status_moved_by_people_is_seen(self, channel: SalesChannel, shop: Shop) -> None:
        _, _, cursor = look(channel, {})
        placed = shop.order(3)
        _, _, cursor = look(channel, cursor)
        shop.move(placed[1], shop.statuses[1])
        seen, _, _ = look(channel, cursor)
        assert [(one.external_id, one.order and one.order.status) for one in seen] == [
            (placed[1], shop.statuses[1])
        ]

    def test_a_deleted_order_is_said_to_be_gone(self, channel: SalesChannel, shop: Shop) -> None:
        _, _, cursor = look(channel, {})
        placed = shop.order(2)
        _, _, cursor = look(channel, cursor)
        shop.delete(placed[0])
        _, gone, _ = look(channel, cursor)
        assert gone == [placed[0]]

    def test_one_unreadable_order_is_kept_with_its_problem_among_good_ones(
        self, channel: SalesChannel, shop: Shop
    ) -> None:
        _, _, cursor = look(channel, {})
        placed = shop.order(3)
        shop.spoil(placed[1])
        seen, _, _ = look(channel, cursor)
        readable = {one.external_id: one.order is not None for one in seen}
        assert readable == {placed[0]: True, placed[1]: False, placed[2]: True}
        spoilt = next(one for one in seen if one.external_id == placed[1])
        assert isinstance(spoilt.problem, NeedsPerson)
        assert placed[1] in spoilt.problem.text
        assert spoilt.raw

    def test_the_kept_raw_form_reads_as_the_same_order(self, channel: SalesChannel, shop: Shop) -> None:
        shop_order = shop.order(1)[0]
        seen = channel.read(shop_order)
        assert seen is not None
        assert channel.parse(json.loads(json.dumps(seen.raw))) == seen.order

    def test_an_unknown_order_is_none(self, channel: SalesChannel) -> None:
        assert channel.read("999999999") is None

    def test_a_repeated_write_is_harmless_and_can_be_asked_for(
        self, channel: SalesChannel, shop: Shop
    ) -> None:
        order_id = shop.order(1)[0]
        what = WriteBack(
            order_id, "k-1", {shop.text_field: "FS 1/2026"}, FileToSend("FS-1.pdf", PDF), shop.file_field
        )
        assert not channel.is_written(what)
        channel.write(what)
        channel.write(what)
        assert channel.is_written(what)
        assert (shop.text_of(order_id), shop.file_of(order_id)) == ("FS 1/2026", PDF)

    def test_after_a_lost_answer_a_write_is_in_doubt_and_found_done(
        self, channel: SalesChannel, shop: Shop
    ) -> None:
        order_id = shop.order(1)[0]
        what = WriteBack(order_id, "k-2", {shop.text_field: "FS 2/2026"})
        assert not channel.is_written(what)
        shop.lose_next_answer()
        with pytest.raises(InDoubt):
            channel.write(what)
        assert channel.is_written(what)
        assert shop.writes_to(order_id) == 1

    def test_a_web_page_instead_of_an_answer_to_a_read_is_survived(
        self, channel: SalesChannel, shop: Shop
    ) -> None:
        order_id = shop.order(1)[0]
        shop.answer_with_html(1)
        seen = channel.read(order_id)
        assert seen is not None
        assert seen.external_id == order_id

    def test_web_pages_without_end_ask_to_try_again(self, channel: SalesChannel, shop: Shop) -> None:
        order_id = shop.order(1)[0]
        channel.read(order_id)
        shop.answer_with_html(1000)
        with pytest.raises(TryAgain):
            channel.read(order_id)

    def test_a_web_page_instead_of_an_answer_to_a_write_leaves_doubt(
        self, channel: SalesChannel, shop: Shop
    ) -> None:
        order_id = shop.order(1)[0]
        what = WriteBack(order_id, "k-3", {shop.text_field: "FS 3/2026"})
        assert not channel.is_written(what)
        shop.answer_with_html(1)
        with pytest.raises(InDoubt):
            channel.write(what)
        assert not channel.is_written(what)

    def test_a_wrong_token_stops_the_connection_and_stays_secret(self, shop: Shop) -> None:
        channel = shop.with_wrong_token()
        with pytest.raises(StopConnection) as caught:
            channel.read("1")
        told = f"{caught.value} {caught.value!r} {caught.value.facts} {channel!r}"
        assert "WRONG-TOKEN-1234567890" not in told

    def test_orders_are_moved_to_a_status_by_name(self, channel: SalesChannel, shop: Shop) -> None:
        placed = shop.order(3)
        channel.set_status(placed, shop.statuses[1])
        channel.set_status(placed, shop.statuses[1])
        assert [shop.status_of(order_id) for order_id in placed] == [shop.statuses[1]] * 3

    def test_an_unknown_status_is_refused_with_those_that_there_are(
        self, channel: SalesChannel, shop: Shop
    ) -> None:
        placed = shop.order(1)
        with pytest.raises(NeedsPerson, match=shop.statuses[0]):
            channel.set_status(placed, "no such status")

    def test_an_unknown_field_is_refused_with_those_that_there_are(
        self, channel: SalesChannel, shop: Shop
    ) -> None:
        order_id = shop.order(1)[0]
        with pytest.raises(NeedsPerson, match=shop.text_field):
            channel.write(WriteBack(order_id, "k-4", {"no such field": "x"}))

    @pytest.mark.parametrize("content", [b"", b"<html>"], ids=["0 bytes", "HTML"])
    def test_a_file_that_is_no_pdf_is_refused(
        self, channel: SalesChannel, shop: Shop, content: bytes
    ) -> None:
        order_id = shop.order(1)[0]
        with pytest.raises(NeedsPerson):
            channel.write(WriteBack(order_id, "k-5", {}, FileToSend("x.pdf", content), shop.file_field))
        assert shop.writes_to(order_id) == 0

    def test_orders_that_many_threads_move_are_all_moved(self, channel: SalesChannel, shop: Shop) -> None:
        placed = shop.order(12)
        with ThreadPoolExecutor(12) as pool:
            for done in [pool.submit(channel.set_status, [one], shop.statuses[1]) for one in placed]:
                done.result(30)
        assert [shop.status_of(order_id) for order_id in placed] == [shop.statuses[1]] * 12

    def test_one_order_that_is_gone_does_not_keep_the_others_from_being_moved(
        self, channel: SalesChannel, shop: Shop
    ) -> None:
        placed = shop.order(3)
        shop.delete(placed[1])
        with pytest.raises(NeedsPerson):
            channel.set_status(placed, shop.statuses[1])
        assert [shop.status_of(order_id) for order_id in (placed[0], placed[2])] == [shop.statuses[1]] * 2

    def test_a_placed_order_carries_our_reference_and_is_found_by_it(
        self, channel: SalesChannel, shop: Shop
    ) -> None:
        if "place" not in channel.capabilities():
            pytest.skip("this channel takes no orders")
        pattern = channel.read(shop.order(1)[0])
        assert pattern is not None
        assert pattern.order is not None
        before = datetime.now(UTC) - timedelta(days=1)
        assert channel.find_placed("ledger:7/place") is None
        placed = channel.place(OutgoingOrder("ledger:7/place", pattern.order, shop.statuses[0]))
        seen = channel.read(placed)
        assert seen is not None
        assert seen.marker == "ledger:7/place"
        assert [channel.find_placed("ledger:7/place"), channel.find_placed("ledger:7/place", before)] == [
            placed,
            placed,
        ]

    def test_returns_are_seen_once_and_read_again_from_what_was_kept(
        self, channel: SalesChannel, shop: Shop
    ) -> None:
        if "returns" not in channel.capabilities():
            pytest.skip("this channel knows no returns")
        assert isinstance(channel, ReturnSource)
        order_id = shop.order(1)[0]
        made = shop.give_back(order_id)
        pages = list(channel.look_returns({}))
        seen = [one for page in pages for one in page.seen]
        assert [(one.external_id, one.order_id) for one in seen] == [(made, order_id)]
        kept = json.loads(json.dumps(seen[0].raw))
        assert channel.parse_return(kept) == seen[0] == channel.read_return(made)
        again = channel.look_returns(json.loads(json.dumps(pages[-1].cursor)))
        assert [one for page in again for one in page.seen] == []

    def test_words_that_do_not_exist_are_named(self, channel: SalesChannel, shop: Shop) -> None:
        assert channel.check_words(shop.statuses, [shop.text_field, shop.file_field]) == []
        messages = channel.check_words(["no such status"], ["no such field"])
        assert len(messages) == 2
        assert "no such status" in messages[0]
        assert "no such field" in messages[1]
