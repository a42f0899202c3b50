"""BaseLinker's orders in the language of trade."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from pomost.connectors.baselinker.mapping import (
    Words,
    marker_for,
    marker_of,
    order_from_wire,
    order_to_wire,
    seen_from_wire,
    vat_from_wire,
)
from pomost.ports import NeedsPerson
from pomost.trade.order import Address, Delivery, Order, OrderLine, Party, Payment, PickupPoint
from pomost.trade.vat import VatRate
from tests.connectors.baselinker.surroundings import sample

WORDS = Words({410001: "Nowe", 410002: "Do wysłania", 410004: "Spakowane"}, {"135": "Rodzaj", "196": "Zgoda"})
TOTALS = {
    "218804101": ("523.97", "PLN"),
    "218804118": ("148.89", "PLN"),
    "218804133": ("151.50", "PLN"),
    "218804134": ("67.98", "PLN"),
    "218804160": ("64.89", "EUR"),
    "218804177": ("207.35", "PLN"),
    "218804190": ("1240.00", "EUR"),
    "218804205": ("2006.00", "PLN"),
}


def raw(order_id: int = 218804101) -> dict[str, Any]:
    page = sample("getOrders_page.json")["orders"]
    return next(order for order in page if order["order_id"] == order_id)


def read(order_id: int = 218804101, **changes: Any) -> Order:
    return order_from_wire({**raw(order_id), **changes}, WORDS)


def test_the_totals_of_the_sample_page_are_those_of_its_description() -> None:
    orders = [order_from_wire(one, WORDS) for one in sample("getOrders_page.json")["orders"]]
    assert {one.id: (str(one.total), one.currency) for one in orders} == TOTALS


def test_an_order_of_a_company_is_mapped_whole() -> None:
    home = Address("ul. Przykładowa 1/2", "00-001", "Warszawa", "", "PL")
    party = Party(
        name="Jan Testowy",
        company="Przykładowa Firma Sp. z o.o.",
        email="sample101+0f6a1c20@example.com",
        phone="+48500000101",
        address=home,
    )
    assert read() == Order(
        id="218804101",
        number="218804101",
        source="allegro",
        status="Do wysłania",
        confirmed=True,
        placed_at=datetime.fromtimestamp(1791183491, UTC),
        confirmed_at=datetime.fromtimestamp(1791183760, UTC),
        currency="PLN",
        buyer=Party(party.name, party.company, "123-456-32-18", party.email, party.phone, home),
        lines=(
            OrderLine(
                "611400101",
                "TST-DRILL-650",
                "Wiertarka testowa 650 W",
                Decimal(1),
                Decimal("399.0"),
                VatRate(Decimal(23)),
                ean="5900000000015",
                warehouse="bl_20517",
            ),
            OrderLine(
                "611400102",
                "TST-BITS-13",
                "Zestaw wierteł testowych 13 szt.",
                Decimal(2),
                Decimal("54.99"),
                VatRate(Decimal(23)),
                ean="5900000000022",
                warehouse="bl_20517",
            ),
        ),
        delivery=Delivery("Allegro Kurier DPD", Decimal("14.99"), party),
        payment=Payment("Przelewy24", False, Decimal("523.97")),
        wants_invoice=True,
        comments="Prosimy o fakturę na firmę.",
        external_id="0f6a1c20-a0c1-11f1-9b3e-4d1f00000101",
        extra={
            "order_source_id": "51877",
            "user_login": "sample_buyer_101",
            "order_page": "https://orders.example.com/218804101/sample101/",
        },
    )


def test_a_parcel_locker_stands_beside_the_buyers_own_address() -> None:
    order = read(218804134)
    original = raw(218804134)
    assert order.delivery.point == PickupPoint(
        original["delivery_point_id"],
        original["delivery_point_name"],
        Address(
            original["delivery_point_address"],
            original["delivery_point_postcode"],
            original["delivery_point_city"],
            "",
            "PL",
        ),
    )
    assert order.delivery.to.address.street == original["delivery_address"]


def test_extra_fields_go_by_their_names_and_files_by_their_address() -> None:
    extra = read(218804177).extra
    assert {name: extra[name] for name in ("Rodzaj", "172", "Zgoda")} == {
        "Rodzaj": "B2C",
        "172": "1791244800",
        "Zgoda": "https://files.example.com/order_extra_files/sample/zgoda.pdf",
    }


@pytest.mark.parametrize(
    ("rate", "country", "code"),
    [
        pytest.param("23", "PL", "23", id="polish"),
        pytest.param("23.0", "", "23", id="no-country"),
        pytest.param("20", "PL", "20", id="no-polish-rate-but-polish-delivery"),
        pytest.param("19", "DE", "DE:19", id="german-OSS"),
        pytest.param("5.5", "FR", "FR:5.5", id="decimals-OSS"),
        pytest.param("23", "DE", "23", id="polish-rate-abroad"),
        pytest.param("0", "CZ", "0", id="zero"),
        pytest.param("-1", "PL", "zw", id="exempt"),
        pytest.param("-0.02", "CZ", "np", id="not-subject"),
        pytest.param("-0.03", "CZ", "oo", id="reverse-charge"),
        pytest.param("-0.030", "CZ", "oo", id="reverse-charge-with-zeros"),
    ],
)
def test_vat_rates(rate: str, country: str, code: str) -> None:
    assert vat_from_wire(Decimal(rate), country).code == code


@pytest.mark.parametrize("rate", ["-7", "101", "NaN", "-0.01"])
def test_a_rate_that_means_nothing_is_never_guessed(rate: str) -> None:
    one = raw()
    one["products"][1]["tax_rate"] = rate
    with pytest.raises(NeedsPerson) as caught:
        order_from_wire(one, WORDS)
    assert caught.value.code == "baselinker.unknown-vat"
    assert "218804101" in caught.value.text
    assert "line 2" in caught.value.text


def stringly(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: stringly(item) for key, item in value.items()}
    if isinstance(value, list):
        return [stringly(item) for item in value]
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


@pytest.mark.parametrize("order_id", [int(order_id) for order_id in TOTALS])
def test_numbers_as_text_make_the_same_order(order_id: int) -> None:
    assert order_from_wire(stringly(raw(order_id)), WORDS) == read(order_id)


@pytest.mark.parametrize("empty", [[], {}, "", None], ids=["list", "map", "text", "null"])
def test_every_way_to_send_an_empty_map_is_taken(empty: Any) -> None:
    assert read(custom_extra_fields=empty) == read()


@pytest.mark.parametrize(
    "field",
    ["star", "crm_client_id", "delivery_method_id", "delivery_state", "custom_extra_fields", "shop_order_id"],
)
def test_fields_that_older_answers_lack_may_be_missing(field: str) -> None:
    one = raw()
    del one[field]
    assert order_from_wire(one, WORDS) == read()


def test_unknown_fields_are_ignored() -> None:
    assert read(brand_new_field={"a": [1]}) == read()


def test_an_order_of_ids_only_is_read() -> None:
    order = order_from_wire({"order_id": "7"}, WORDS)
    assert (order.id, order.confirmed, order.lines, order.currency, order.total) == (
        "7",
        False,
        (),
        "PLN",
        Decimal(0),
    )


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        pytest.param("payment_done", "", Decimal(0), id="empty"),
        pytest.param("payment_done", "50", Decimal(50), id="text"),
        pytest.param("payment_done", -3, Decimal(-3), id="negative"),
    ],
)
def test_amounts_are_the_channels_word(field: str, value: Any, expected: Decimal) -> None:
    assert read(**{field: value}).payment.paid == expected


def test_what_no_database_takes_is_left_out() -> None:
    seen = seen_from_wire({**raw(), "user_comments": "a\x00b \ud800 ż"}, WORDS)
    assert seen.order is not None
    assert seen.order.comments == "ab \ufffd ż"
    assert seen.raw["user_comments"] == "ab \ufffd ż"


def test_nan_passes_as_the_channels_word() -> None:
    assert read(delivery_price="NaN").delivery.price.is_nan()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payment_done", "ten"),
        ("delivery_price", "Infinity"),
        ("delivery_price", "sNaN"),
        ("delivery_price", Decimal("1E+999999999")),
        ("date_confirmed", 10**30),
        ("order_id", "abc"),
        ("order_id", "1.5"),
        ("products", ["no line"]),
        ("order_status_id", {"a": 1}),
    ],
)
def test_what_cant_be_read_is_named_without_its_content(field: str, value: Any) -> None:
    seen = seen_from_wire({**raw(), field: value}, WORDS)
    assert seen.order is None
    assert seen.problem is not None
    assert seen.problem.code == "baselinker.unreadable"
    assert field in seen.problem.text
    assert "example.com" not in str(seen.problem)


@pytest.mark.parametrize(
    ("flag", "wants"),
    [("1", True), (1, True), (True, True), ("0", False), (0, False), ("", False), (None, False)],
)
def test_flags_in_all_their_spellings(flag: Any, wants: bool) -> None:
    assert read(want_invoice=flag).wants_invoice is wants


def test_without_billing_data_the_recipient_is_the_buyer() -> None:
    order = read(invoice_fullname="", invoice_company="", invoice_address="", invoice_nip="PL 123")
    assert order.buyer.name == order.delivery.to.name
    assert order.buyer.tax_id == "PL 123"


def test_an_order_without_currency_takes_the_default_one() -> None:
    assert order_from_wire({**raw(), "currency": ""}, Words(default_currency="EUR")).currency == "EUR"


def test_repeated_line_ids_are_told_apart() -> None:
    one = raw()
    one["products"][1]["order_product_id"] = one["products"][0]["order_product_id"]
    assert [line.id for line in order_from_wire(one, WORDS).lines] == ["611400101", "611400101/2"]


def test_the_kept_raw_form_is_json_to_the_digit_and_knows_its_names() -> None:
    seen = seen_from_wire(raw(218804177), WORDS)
    kept = json.loads(json.dumps(seen.raw))
    assert kept["products"][0]["price_brutto"] == "120.0"
    assert order_from_wire(kept, Words()) == seen.order


def test_a_status_without_a_name_shows_its_number() -> None:
    assert order_from_wire(raw(218804133), WORDS).status == "#410003"


# to the wire


def test_an_order_made_elsewhere_becomes_an_order_of_baselinker() -> None:
    wire = order_to_wire(read(218804177), 410001, marker_for("k 1"), "admin_comments", 1621)
    assert wire["admin_comments"].startswith("pomost:k%201")
    assert wire["custom_source_id"] == 1621
    assert wire["order_status_id"] == 410001
    assert [
        (line["sku"], line["quantity"], line["price_brutto"], line["tax_rate"]) for line in wire["products"]
    ] == [(line.sku, int(line.quantity), line.price, line.vat.percent) for line in read(218804177).lines]


def test_net_prices_become_gross_and_special_rates_their_numbers() -> None:
    lines = (
        OrderLine("1", "A", "A", Decimal(1), Decimal("10.00"), VatRate(Decimal(23))),
        OrderLine("2", "B", "B", Decimal(1), Decimal("7.77"), VatRate(Decimal(8))),
        OrderLine("3", "C", "C", Decimal(1), Decimal("5.00"), VatRate(Decimal(0), "oo")),
    )
    base = read()
    order = Order(**{name: getattr(base, name) for name in base.__slots__} | {"lines": lines, "basis": "net"})
    wire = order_to_wire(order, 1, "pomost:k", "extra_field_2")
    assert [(line["price_brutto"], line["tax_rate"]) for line in wire["products"]] == [
        (Decimal("12.30"), Decimal(23)),
        (Decimal("8.39"), Decimal(8)),
        (Decimal("5.00"), Decimal("-0.03")),
    ]
    assert (wire["extra_field_2"], wire["admin_comments"]) == ("pomost:k", "")


def test_parts_of_a_piece_are_refused() -> None:
    base = read()
    line = OrderLine("1", "KABEL", "Kabel", Decimal("1.5"), Decimal(1), VatRate(Decimal(23)), unit="m")
    order = Order(**{name: getattr(base, name) for name in base.__slots__} | {"lines": (line,)})
    with pytest.raises(NeedsPerson, match="KABEL") as caught:
        order_to_wire(order, 1, "pomost:k", "admin_comments")
    assert caught.value.code == "baselinker.parts-of-a-piece"


@pytest.mark.parametrize("key", ["acme:ZS/1/2026", "firma 1:ZS 7", "zażółć", "a%b"])
def test_a_marker_gives_its_key_back_whatever_stands_around_it(key: str) -> None:
    assert marker_of({"admin_comments": f"Uwaga {marker_for(key)} proszę dzwonić"}) == key
    assert marker_of({"extra_field_2": marker_for(key)}) == key


def test_an_order_of_others_has_no_marker() -> None:
    assert marker_of(raw()) == ""
