"""Returns, and what can be asked about the account."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from pomost.connectors.baselinker import BaseLinkerChannel
from pomost.connectors.baselinker.mapping import return_from_wire, return_with_names
from pomost.ports import Json, NeedsPerson, ReturnLine, ReturnSeen, ReturnSource, SalesChannel, StopConnection
from pomost.ports.catalogue import CatalogueChannel
from pomost.sandbox.baselinker import Sandbox
from pomost.trade.vat import VatRate
from tests.connectors.baselinker.surroundings import sample


def look(channel: BaseLinkerChannel, cursor: Json) -> tuple[list[ReturnSeen], Json]:
    seen: list[ReturnSeen] = []
    for page in channel.look_returns(cursor):
        seen += page.seen
        cursor = json.loads(json.dumps(page.cursor))
    return seen, cursor


def test_the_sample_returns_are_read() -> None:
    first, second = (
        return_from_wire(
            return_with_names(raw, {31001: "Nowe zwroty"}, {1005: "Pomyłka", 1002: "Odstąpienie"})
        )
        for raw in sample("getOrderReturns.json")["returns"]
    )
    assert (first.external_id, first.order_id, first.status, first.number) == (
        "771201",
        "218804101",
        "Nowe zwroty",
        "RMA/0001",
    )
    assert first.lines == (
        ReturnLine(
            "9920101",
            "611400102",
            "TST-BITS-13",
            "Zestaw wierteł testowych 13 szt.",
            Decimal(1),
            Decimal("54.99"),
            VatRate(Decimal(23)),
            "Pomyłka",
        ),
    )
    assert (second.refunded, second.state, second.status) == (Decimal("59.9"), 1, "#31004")


def test_bank_data_are_not_kept() -> None:
    raw = {**sample("getOrderReturns.json")["returns"][0], "refund_iban": "PL00", "order_return_iban": "PL00"}
    assert "PL00" not in json.dumps(return_from_wire(return_with_names(raw, {}, {})).raw)


def test_a_return_that_cant_be_read_is_kept_with_its_problem() -> None:
    raw = sample("getOrderReturns.json")["returns"][0]
    seen = return_from_wire(return_with_names({**raw, "products": ["x"]}, {}, {}))
    assert seen.problem is not None
    assert (seen.external_id, seen.lines) == ("771201", ())


def test_pain_19_all_returns_are_read_once_and_changed_ones_again(
    channel: BaseLinkerChannel, sandbox: Sandbox
) -> None:
    made = []
    for order_id in sandbox.place(130):
        line = sandbox.order(order_id)["products"][0]["order_product_id"]
        made.append(str(sandbox.return_goods(order_id, {line: 1})))
    seen, cursor = look(channel, {})
    assert [one.external_id for one in seen] == made
    assert (seen[0].status, seen[0].lines[0].quantity) == ("Nowe zwroty", Decimal(1))
    assert look(channel, cursor)[0] == []
    channel.client.set_order_return_status(int(made[3]), 31002)
    seen, cursor = look(channel, cursor)
    assert [(one.external_id, one.status) for one in seen] == [(made[3], "Przyjęte")]


def test_a_return_that_changes_while_new_ones_are_listed_is_read_again(
    channel: BaseLinkerChannel, sandbox: Sandbox
) -> None:
    [order_id] = sandbox.place()
    line = sandbox.order(order_id)["products"][0]["order_product_id"]
    made = sandbox.return_goods(order_id, {line: 1})
    pages = channel.look_returns({})
    first = next(pages)
    channel.client.set_order_return_status(made, 31002)
    *_, last = pages

    assert [one.status for one in first.seen] == ["Nowe zwroty"]
    assert [one.status for one in look(channel, last.cursor)[0]] == ["Przyjęte"]


def test_watched_returns_are_seen_whatever_the_journal_leaves_out(
    join: Callable[..., BaseLinkerChannel], sandbox: Sandbox
) -> None:
    channel = join(watched_return_statuses=("Przyjęte", "Nie ma takiego"))
    [order_id] = sandbox.place()
    line = sandbox.order(order_id)["products"][0]["order_product_id"]
    made = sandbox.return_goods(order_id, {line: 1})
    _, cursor = look(channel, {})
    channel.client.set_order_return_status(made, 31002)
    told = channel.client.get_order_return_journal_list(0)
    cursor["log_id"] = max(entry["log_id"] for entry in told)

    seen, cursor = look(channel, cursor)
    assert [(one.external_id, one.status) for one in seen] == [(str(made), "Przyjęte")]
    assert look(channel, cursor)[0] == seen, "it is listed until it leaves the status"


def test_the_account_tells_its_words(channel: BaseLinkerChannel) -> None:
    words = channel.vocabulary()
    assert words == replace(
        words,
        fields=(
            *("Numer RO", "Numer FS/PA", "Numer WZ", "Numer MM", "Planowana dostawa", "Brakujący towar"),
            *("Anulowane dokumenty", "Numer korekty", "Numer pro formy", "Numer faktury zaliczkowej"),
            "Numer dokumentu usługi",
            *("extra_field_1", "extra_field_2"),
        ),
        file_fields=(
            *("Dokument PDF", "Korekta PDF", "Pro forma PDF", "Faktura zaliczkowa PDF"),
            "Dokument usługi PDF",
        ),
    )
    assert words.statuses[:2] == ("Nowe zamówienia", "Do wyjaśnienia")
    assert "sample_seller" in words.sources
    assert "Przyjęte" in words.return_statuses
    assert words.inventories
    assert words.warehouses
    assert words.price_groups


def test_health_says_why_it_is_bad(join: Callable[..., BaseLinkerChannel]) -> None:
    assert join().health().ok
    bad = join(token="WRONG").health()
    assert not bad.ok
    assert isinstance(bad.problem, StopConnection)


def test_the_settings_do_not_show_their_token(channel: BaseLinkerChannel, sandbox: Sandbox) -> None:
    assert sandbox.token not in f"{channel.settings!r} {channel!r} {channel.client!r}"


def test_the_capabilities_are_those_of_the_port(channel: BaseLinkerChannel) -> None:
    assert isinstance(channel, SalesChannel)
    assert isinstance(channel, ReturnSource)
    assert channel.capabilities() == {
        "fields",
        "status",
        "file-field",
        "document-file",
        "receipt-number",
        "place",
        "journal",
        "returns",
        "payments",
        "stock",
        "prices",
        "cards",
    }
    assert isinstance(channel.catalogue, CatalogueChannel)


def test_returns_are_moved_by_name_many_in_one_call(channel: BaseLinkerChannel, sandbox: Sandbox) -> None:
    made = []
    for order_id in sandbox.place(3):
        line = sandbox.order(order_id)["products"][0]["order_product_id"]
        made.append(str(sandbox.return_goods(order_id, {line: 1})))
    statuses = [str(row["name"]) for row in channel.client.get_order_return_status_list()]
    channel.set_return_status(made, statuses[1])
    channel.set_return_status(made, statuses[1])
    found = [channel.read_return(one) for one in made]
    assert [one.status if one else "" for one in found] == [statuses[1]] * 3
    assert channel.client.calls["setOrderReturnStatuses"] == 2


def test_an_unknown_status_of_returns_is_refused_with_those_that_there_are(
    channel: BaseLinkerChannel,
) -> None:
    known = str(channel.client.get_order_return_status_list()[0]["name"])
    with pytest.raises(NeedsPerson, match=known) as caught:
        channel.set_return_status(["1"], "no such status")
    assert caught.value.code == "baselinker.unknown-return-status"


def test_a_return_that_is_not_there_is_none(channel: BaseLinkerChannel) -> None:
    assert channel.read_return("999999999") is None
