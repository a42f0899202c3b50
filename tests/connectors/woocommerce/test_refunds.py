"""Refunds of a shop as returns: found, divided over the order's lines, deleted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.connectors.woocommerce import Settings, WooCommerceChannel
from pomost.connectors.woocommerce.refund_mapping import refund_from_wire
from pomost.ports import Json, ReturnSeen, ReturnSource
from pomost.sandbox.woocommerce import Settings as ShopSettings
from pomost.sandbox.woocommerce import Shop, routes
from tests.aside import aside

D = Decimal
SETTINGS = Settings("sklep", "https://sklep.example.com", "ck_x", "cs_x")


class NoLimit:
    def acquire(self, priority: int) -> None:
        pass

    def block(self, until: datetime) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[Shop]:
    with aside(Shop(ShopSettings(catalogue="shared"), seed=0)) as running:
        yield running


@pytest.fixture
def channel(shop: Shop) -> Iterator[WooCommerceChannel]:
    made = channel_of(shop)
    yield made
    made.close()


def channel_of(shop: Shop, known: Callable[[], list[str]] = list, **settings: Any) -> WooCommerceChannel:
    wanted = {"import_from": datetime(2010, 1, 1, tzinfo=UTC), "overlap_s": 2.0, **settings}
    return WooCommerceChannel(
        Settings("sklep", shop.url, shop.key, shop.secret, **wanted),
        NoLimit(),
        known_returns=lambda since: dict.fromkeys(known(), "refunded"),
    )


def look(channel: WooCommerceChannel, cursor: Json) -> tuple[list[ReturnSeen], list[str], Json]:
    seen: list[ReturnSeen] = []
    gone: list[str] = []
    for page in channel.look_returns(cursor):
        seen += page.seen
        gone += page.gone
        cursor = json.loads(json.dumps(page.cursor))
    return seen, gone, cursor


def without_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop before about 9.0, which has no list of all refunds."""
    monkeypatch.setattr(routes, "ROUTES", [one for one in routes.ROUTES if one.address != "/wc/v3/refunds"])


def place(shop: Shop, **wanted: Any) -> int:
    return shop.place(**{"lines": [("KUBEK-1", 2)], "payment": "payu", "paid": True, **wanted})[0]


def test_it_is_a_source_of_returns(channel: WooCommerceChannel) -> None:
    assert isinstance(channel, ReturnSource)
    assert "returns" in channel.capabilities()


@pytest.mark.parametrize("legacy", [False, True])
def test_a_refund_is_found_once_and_read_again_without_a_call(
    shop: Shop, channel: WooCommerceChannel, monkeypatch: pytest.MonkeyPatch, legacy: bool
) -> None:
    if legacy:
        without_list(monkeypatch)
    order, other = place(shop), place(shop)
    assert look(channel, {})[0] == []
    refund = shop.refund(order, {"KUBEK-1": 1}, reason="Za mały")

    seen, _, cursor = look(channel, {})

    assert channel._refunds._has_list is not legacy
    assert [(one.external_id, one.order_id, one.status) for one in seen] == [
        (f"{order}-{refund}", str(order), "refunded")
    ]
    [line] = seen[0].lines
    assert (line.order_line, line.sku, line.quantity) == (
        str(shop.order(order)["line_items"][0]["id"]),
        "KUBEK-1",
        1,
    )
    assert line.price * line.quantity == D(shop.refunds(order)[0]["amount"])
    assert (line.reason, seen[0].delivery, seen[0].refunded) == ("Za mały", 0, 0)
    assert channel.parse_return(json.loads(json.dumps(seen[0].raw))) == seen[0]
    assert channel.read_return(f"{order}-{refund}") == seen[0]
    assert look(channel, cursor)[0] == []
    # nothing of the buyer is kept with it
    raw = json.dumps(seen[0].raw)
    assert shop.order(order)["billing"]["email"] not in raw
    # a change of the order is none of its refund
    shop.edit(order, meta_data=[{"key": "x", "value": "y"}])
    shop.edit(other, meta_data=[{"key": "x", "value": "y"}])
    again, _, _ = look(channel, cursor)
    assert [one for one in again if one != seen[0]] == []


def test_what_was_refunded_before_the_beginning_is_left_alone(shop: Shop) -> None:
    order = place(shop)
    shop.refund(order, {"KUBEK-1": 1})
    channel = channel_of(shop, import_from=datetime(2099, 1, 1, tzinfo=UTC))
    assert look(channel, {})[0] == []
    channel.close()


@pytest.mark.parametrize("legacy", [False, True])
def test_a_deleted_refund_is_found_by_comparing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, legacy: bool
) -> None:
    if legacy:
        without_list(monkeypatch)
    order = place(shop)
    first, second = (shop.refund(order, {"KUBEK-1": 1}) for _ in range(2))
    channel = channel_of(shop, lambda: [f"{order}-{first}", f"{order}-{second}"], compare_every_s=0.0)
    _, gone, cursor = look(channel, {})
    assert gone == []
    channel.client.delete(f"orders/{order}/refunds/{first}")
    _, gone, cursor = look(channel, cursor)
    assert gone == [f"{order}-{first}"]
    assert channel.read_return(f"{order}-{first}") is None
    # the whole order goes to the trash, with its refunds
    shop.trash(order)
    assert channel.read_return(f"{order}-{second}") is None
    channel.close()


def test_the_money_that_the_gateway_gave_back_is_told(shop: Shop, channel: WooCommerceChannel) -> None:
    order = place(shop)
    line = shop.order(order)["line_items"][0]["id"]
    body = {"amount": "26.00", "api_refund": True, "line_items": [{"id": line, "quantity": 1, "refund_total": "21.14",
            "refund_tax": [{"id": 1, "refund_total": "4.86"}]}]}  # fmt: skip
    channel.client.post(f"orders/{order}/refunds", body)
    [seen] = look(channel, {})[0]
    assert seen.refunded == D("26.00")


def test_many_refunds_at_once_are_all_found(shop: Shop, channel: WooCommerceChannel) -> None:
    orders = shop.place(orders=120, lines=[("KUBEK-1", 1)], payment="payu", paid=True)
    wanted = {f"{order}-{shop.refund(order, {'KUBEK-1': 1})}" for order in orders}
    seen, _, _ = look(channel, {})
    assert {one.external_id for one in seen} == wanted


# dividing, without a shop


def order_of(pieces: int, gross: Decimal, shipping: Decimal = D(0), fee: Decimal = D(0)) -> Json:
    def amounts(value: Decimal) -> Json:
        net = (value / D("1.23")).quantize(D("0.01"))
        return {
            "total": str(net),
            "total_tax": str(value - net),
            "taxes": [{"id": 1, "total": str(value - net)}],
        }

    return {
        "id": 60,
        "number": "60",
        "status": "processing",
        "currency": "PLN",
        "total": str(gross + shipping + fee),
        "tax_lines": [{"rate_id": 1, "rate_code": "PL-VAT 23%-1", "rate_percent": 23}],
        "line_items": [
            {"id": 39, "sku": "A", "name": "A", "quantity": pieces, "tax_class": "", **amounts(gross)}
        ],
        "shipping_lines": [{"id": 40, "method_id": "flat_rate", **amounts(shipping)}] if shipping else [],
        "fee_lines": [{"id": 41, "name": "Pakowanie", "tax_class": "", **amounts(fee)}] if fee else [],
    }


def refund_of(number: int, pieces: int, paid: Decimal, **more: Any) -> Json:
    names = {"key": "_refunded_item_id", "value": "39"}
    lines = [{"id": 1, "quantity": -pieces, "total": str(-paid), "total_tax": "0.00", "meta_data": [names]}]
    return {
        "id": number,
        "date_created_gmt": "2026-11-22T04:18:18",
        "amount": str(paid),
        "reason": "",
        "line_items": lines if pieces or paid else [],
        **more,
    }


def part(kind: str, of: int, paid: str) -> Json:
    names = {"key": "_refunded_item_id", "value": str(of)}
    return {kind: [{"id": 9, "total": f"-{paid}", "total_tax": "0.00", "meta_data": [names]}]}


def seen_of(order: Json, *refunds: Json) -> ReturnSeen:
    raw = {"order": order, "refund": refunds[-1], "earlier": list(refunds[:-1])}
    return refund_from_wire(raw, SETTINGS)


@given(
    st.integers(2, 40),
    st.integers(1, 100_000),
    st.lists(st.integers(1, 5), min_size=1, max_size=8),
)
def test_what_comes_back_bit_by_bit_is_worth_what_the_shop_pays(
    pieces: int, cents: int, parts: list[int]
) -> None:
    """The shop refunds pieces at the line's share, rounded; the last refund takes the rest."""
    gross = D(cents).scaleb(-2)
    order, refunds, left, unpaid = order_of(pieces, gross), [], pieces, gross
    taken: dict[str, Decimal] = {}
    for number, wanted in enumerate(parts, start=1):
        back = min(wanted, left)
        if not back:
            break
        left -= back
        paid = unpaid if not left else min(unpaid, (gross * back / pieces).quantize(D("0.01")))
        unpaid -= paid
        refunds.append(refund_of(number, back, paid))
        if not paid:
            # nothing is paid back: the shop shows pieces for 0.00
            return
        seen = seen_of(order, *refunds)
        assert seen.problem is None, seen.problem
        assert sum(line.quantity for line in seen.lines) == back
        assert abs(sum(line.price * line.quantity for line in seen.lines) - paid) <= D("0.01") * number
        for line in seen.lines:
            taken[line.order_line] = taken.get(line.order_line, D(0)) + line.quantity
    if not left:
        # no piece was taken twice, and all of them are worth the whole line
        assert sum(taken.values()) == pieces


def test_all_at_once_is_the_whole_line_to_the_grosz() -> None:
    seen = seen_of(order_of(3, D("10.00")), refund_of(1, 3, D("10.00")))
    assert [(line.order_line, line.quantity, line.price) for line in seen.lines] == [
        ("39", 2, D("3.33")),
        ("39/2", 1, D("3.34")),
    ]


@pytest.mark.parametrize(
    ("refund", "code"),
    [
        (refund_of(1, 1, D("9.00")), "woocommerce.refund-differs"),
        (refund_of(1, 3, D("20.00")), "woocommerce.refund-differs"),
        (
            refund_of(1, 0, D(0), amount="7.00", **part("shipping_lines", 40, "7.00")),
            "woocommerce.refund-part",
        ),
        (
            refund_of(1, 0, D(0), amount="1.00", **part("fee_lines", 77, "1.00")),
            "woocommerce.refund-line-unknown",
        ),
        (refund_of(1, 1, D("10.00"), amount={"a": "b"}), "woocommerce.refund-unreadable"),
        (refund_of(1, 1, D("10.00"), date_created_gmt="yesterday"), "woocommerce.refund-unreadable"),
    ],
)
def test_what_is_no_return_of_goods_is_for_a_person(refund: Json, code: str) -> None:
    seen = seen_of(order_of(2, D("20.00"), D("15.00"), D("5.00")), refund)
    assert seen.problem is not None
    assert (seen.problem.code, seen.lines) == (code, ())


MONEY = [
    # (refund, code of the question, lines: order line, pieces, cheaper)
    pytest.param(
        refund_of(1, 0, D(0), amount="5.00"), "woocommerce.refund-money-only", [], id="an-amount-only"
    ),
    pytest.param(
        refund_of(1, 0, D("5.00")),
        "woocommerce.refund-part",
        [("39", D(0), D("5.00"))],
        id="a-part-of-a-price",
    ),
    pytest.param(
        refund_of(1, 1, D("10.00"), amount="12.00"),
        "woocommerce.refund-differs",
        [("39", D(1), D(0))],
        id="more-than-its-lines",
    ),
    pytest.param(
        refund_of(1, 1, D("12.00")),
        "woocommerce.refund-differs",
        [("39", D(1), D(0))],
        id="more-than-the-piece-cost",
    ),
    pytest.param(
        refund_of(1, 0, D(0), amount="1.00", **part("fee_lines", 41, "1.00")),
        "woocommerce.refund-part",
        [("fee-41", D(0), D("1.00"))],
        id="a-part-of-a-fee",
    ),
]
SPREAD = replace(SETTINGS, money_refunds="spread")


def goods(seen: ReturnSeen) -> list[tuple[str, Decimal, Decimal]]:
    return [(line.order_line, line.quantity, line.cheaper) for line in seen.lines]


@pytest.mark.parametrize(("refund", "code", "lines"), MONEY)
def test_money_beyond_whole_pieces_is_a_question_that_can_be_answered(
    refund: Json, code: str, lines: list[tuple[str, Decimal, Decimal]]
) -> None:
    seen = seen_of(order_of(2, D("20.00"), D("15.00"), D("5.00")), refund)
    assert seen.problem is not None
    assert (seen.problem.code, goods(seen), seen.amount) == (code, lines, D(refund["amount"]))


@pytest.mark.parametrize(("refund", "code", "lines"), MONEY)
def test_where_money_is_spread_nobody_is_asked(
    refund: Json, code: str, lines: list[tuple[str, Decimal, Decimal]]
) -> None:
    raw = {"order": order_of(2, D("20.00"), D("15.00"), D("5.00")), "refund": refund, "earlier": []}
    seen = refund_from_wire(raw, SPREAD)
    assert (seen.problem, goods(seen), seen.amount) == (None, lines, D(refund["amount"]))


@pytest.mark.parametrize("settings", [SETTINGS, SPREAD])
@pytest.mark.parametrize(
    ("refund", "code"),
    [
        (refund_of(1, 0, D(0), amount="40.01"), "woocommerce.refund-differs"),
        (refund_of(1, 0, D(0), amount="0.00"), "woocommerce.refund-money-only"),
        (refund_of(1, 1, D("10.00"), amount="9.00"), "woocommerce.refund-differs"),
    ],
)
def test_what_the_shop_can_not_mean_is_never_spread(settings: Settings, refund: Json, code: str) -> None:
    order = order_of(2, D("20.00"), D("15.00"), D("5.00"))
    seen = refund_from_wire({"order": order, "refund": refund, "earlier": []}, settings)
    assert seen.problem is not None
    if settings is SPREAD:
        assert (seen.problem.code, seen.amount) == (code, None)
    assert (seen.lines, seen.amount) == ((), None)


def test_after_money_was_paid_back_a_refund_says_its_amount_and_goods_may_be_worth_less() -> None:
    order, money = order_of(3, D("30.00")), refund_of(1, 0, D(0), amount="3.00")
    for settings in (SETTINGS, SPREAD):
        one = refund_from_wire(
            {"order": order, "refund": refund_of(2, 1, D("10.00")), "earlier": [money]}, settings
        )
        assert (one.problem, goods(one), one.amount) == (None, [("39", D(1), D(0))], D("10.00"))
        rest = refund_from_wire(
            {"order": order, "refund": refund_of(2, 3, D("27.00")), "earlier": [money]}, settings
        )
        assert (rest.problem, goods(rest), rest.amount) == (None, [("39", D(3), D(0))], D("27.00"))


def test_delivery_and_a_fee_come_back_whole() -> None:
    more = {**part("shipping_lines", 40, "15.00"), **part("fee_lines", 41, "5.00")}
    seen = seen_of(
        order_of(2, D("20.00"), D("15.00"), D("5.00")), refund_of(1, 0, D(0), amount="20.00", **more)
    )
    assert (seen.delivery, [line.order_line for line in seen.lines]) == (D("15.00"), ["fee-41"])


def test_the_rest_by_status_is_all_that_is_left() -> None:
    order = order_of(3, D("10.00"), D("15.00"), D("5.00"))
    first = refund_of(1, 1, D("3.33"))
    rest = refund_of(2, 0, D(0), amount="26.67")
    seen = seen_of(order, first, rest)
    assert seen.problem is None
    assert [(line.order_line, line.quantity) for line in seen.lines] == [
        ("39", 1),
        ("39/2", 1),
        ("fee-41", 1),
    ]
    assert seen.delivery == D("15.00")
