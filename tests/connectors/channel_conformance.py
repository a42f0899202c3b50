"""I07: what any sales channel must pass. A connector's test class inherits this and gives two fixtures:

``channel`` (the connector, talking to a sandbox or a test account over HTTP) and ``account`` (an ``Account`` below,
by which the tests place orders, cause trouble and look at the truth).
"""

from __future__ import annotations

from typing import Protocol

import pytest

from pomost.ports import FileToSend, InDoubt, NeedsPerson, SalesChannel, StopConnection, WriteBack

PDF = FileToSend("FS 1.pdf", b"%PDF-1.7 sample", "FS/1/2026")


class Account(Protocol):
    """The other side of a channel, as tests hold it."""

    statuses: tuple[str, str]
    text_field: str
    file_field: str

    def place(self, orders: int) -> list[str]: ...
    def spoil(self, order_id: str) -> None: ...
    def trouble(self, kind: str, act: str) -> None: ...
    def status(self, order_id: str) -> str: ...
    def text(self, order_id: str) -> str: ...
    def writes(self, order_id: str) -> int: ...
    def revoke(self) -> None: ...


class ChannelConformance:
    def _all(self, channel: SalesChannel) -> list[str]:
        return [seen.external_id for page in channel.look({}) for seen in page.seen]

    def test_more_than_two_pages_are_read(self, channel: SalesChannel, account: Account) -> None:
        placed = account.place(230)

        assert sorted(set(self._all(channel))) == sorted(placed)

    def test_a_second_look_from_the_cursor_finds_only_what_is_new(
        self, channel: SalesChannel, account: Account
    ) -> None:
        account.place(3)
        cursor = [page.cursor for page in channel.look({})][-1]
        (fresh,) = account.place(1)

        found = {seen.external_id for page in channel.look(cursor) for seen in page.seen}

        assert fresh in found

    def test_the_stored_raw_form_reads_the_same_again(self, channel: SalesChannel, account: Account) -> None:
        (order,) = account.place(1)
        seen = channel.read(order)

        assert seen is not None
        assert seen.order is not None
        assert channel.parse(seen.raw) == seen.order

    def test_one_bad_order_among_good_ones_is_seen_with_its_problem(
        self, channel: SalesChannel, account: Account
    ) -> None:
        good, bad = account.place(2)
        account.spoil(bad)

        seen = {one.external_id: one for page in channel.look({}) for one in page.seen}

        assert seen[good].order is not None
        assert seen[bad].order is None
        assert isinstance(seen[bad].problem, NeedsPerson)

    def test_an_unknown_order_is_none(self, channel: SalesChannel, account: Account) -> None:
        assert channel.read("1") is None

    def test_a_write_repeated_leaves_the_same(self, channel: SalesChannel, account: Account) -> None:
        (order,) = account.place(1)
        what = WriteBack(order, "key", {account.text_field: "RO/1/2026"}, PDF, account.file_field)

        assert not channel.is_written(what)
        channel.write(what)
        channel.write(what)

        assert channel.is_written(what)
        assert account.text(order) == "RO/1/2026"

    def test_a_lost_answer_is_a_doubt_that_can_be_looked_up(
        self, channel: SalesChannel, account: Account
    ) -> None:
        (order,) = account.place(1)
        what = WriteBack(order, "key", {account.text_field: "RO/1/2026"})
        account.trouble("done-but-lost", "write")

        with pytest.raises(InDoubt):
            channel.write(what)

        assert channel.is_written(what)
        assert account.writes(order) == 1

    def test_html_instead_of_json_after_a_write_is_a_doubt(
        self, channel: SalesChannel, account: Account
    ) -> None:
        (order,) = account.place(1)
        what = WriteBack(order, "key", {account.text_field: "RO/1/2026"})
        account.trouble("html", "write")

        with pytest.raises(InDoubt):
            channel.write(what)

        assert not channel.is_written(what)

    def test_an_unknown_field_or_status_is_named_with_those_that_exist(
        self, channel: SalesChannel, account: Account
    ) -> None:
        (order,) = account.place(1)

        with pytest.raises(NeedsPerson, match=account.text_field):
            channel.write(WriteBack(order, "key", {"Nie ma takiego pola": "x"}))
        with pytest.raises(NeedsPerson, match=account.statuses[0]):
            channel.set_status([order], "Nie ma takiego statusu")

    @pytest.mark.parametrize("content", [b"", b"<html>"], ids=["0 bytes", "HTML"])
    def test_a_file_that_is_no_pdf_is_refused(
        self, channel: SalesChannel, account: Account, content: bytes
    ) -> None:
        (order,) = account.place(1)

        with pytest.raises(NeedsPerson):
            channel.write(WriteBack(order, "key", {}, FileToSend("x.pdf", content), account.file_field))

        assert account.writes(order) == 0

    def test_statuses_of_many_orders_are_set(self, channel: SalesChannel, account: Account) -> None:
        orders = account.place(3)

        channel.set_status(orders, account.statuses[1])

        assert [account.status(order) for order in orders] == [account.statuses[1]] * 3

    def test_a_wrong_token_stops_the_connection_and_is_not_shown(
        self, channel: SalesChannel, account: Account
    ) -> None:
        account.revoke()

        with pytest.raises(StopConnection) as raised:
            list(channel.look({}))

        assert "SANDBOX" not in str(raised.value)
