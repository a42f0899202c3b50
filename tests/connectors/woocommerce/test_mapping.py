"""Orders of a WooCommerce shop in the language of trade: totals to the grosz, tax numbers, lockers, what can't be read."""

from __future__ import annotations

import copy
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.config.woocommerce import INVOICE_KEYS, NIP_KEYS, POINT_KEYS
from pomost.connectors.woocommerce import Settings
from pomost.connectors.woocommerce.mapping import (
    LEFT_OUT,
    line_ids,
    order_from_wire,
    seen_from_wire,
    shared_out,
)
from pomost.ports import NeedsPerson
from pomost.trade.money import line_value
from pomost.trade.vat import VatRate

SAMPLES = (
    Path(os.environ.get("POMOST_SHARED", Path(__file__).parents[4] / "shared"))
    / "reference/samples/woocommerce"
)
pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not here")
SETTINGS = Settings(
    "sklep",
    "https://sklep.example.com",
    "ck_x",
    "cs_x",
    nip_keys=NIP_KEYS,
    invoice_keys=INVOICE_KEYS,
    point_keys=POINT_KEYS,
)
D = Decimal
ORDERS = (
    "order_cod_three_rates_fee", "order_company_nip", "order_coupon", "order_paid_locker", "order_partially_refunded",
)  # fmt: skip


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"), parse_float=Decimal)


def with_settings(**changes: Any) -> Settings:
    from dataclasses import replace

    return replace(SETTINGS, **changes)


@pytest.mark.parametrize("name", ORDERS)
def test_the_total_is_the_shops_to_the_grosz(name: str) -> None:
    raw = sample(name)

    order = order_from_wire(raw, SETTINGS)

    assert order.total == D(raw["total"])
    assert all(line.price == line.price.quantize(D("0.01")) for line in order.lines)


@pytest.mark.parametrize("name", ORDERS)
def test_each_line_has_the_value_that_the_shop_gives_it(name: str) -> None:
    raw = sample(name)
    order = order_from_wire(raw, SETTINGS)

    for line in raw["line_items"]:
        own = [one for one in order.lines if one.id.split("/")[0] == str(line["id"])]
        assert sum(line_value(one.price, one.quantity) for one in own) == D(line["total"]) + D(
            line["total_tax"]
        )
        assert sum(one.quantity for one in own) == line["quantity"]


def test_a_line_that_a_coupon_made_uneven_becomes_two() -> None:
    """71.71 net and 16.49 tax are 88.20 for two pieces: 44.10 each; 12 pens for 41.88 are 3.49 each."""
    assert shared_out(D("88.20"), D(2)) == ((D(2), D("44.10")),)
    assert shared_out(D("88.11"), D(2)) == ((D(1), D("44.05")), (D(1), D("44.06")))
    assert line_ids("39", D("88.11"), D(2)) == (("39", D(1), D("44.05")), ("39/2", D(1), D("44.06")))
    assert shared_out(D("100.00"), D(3)) == ((D(2), D("33.33")), (D(1), D("33.34")))


def test_parts_of_a_piece_that_come_to_no_whole_grosz_are_refused() -> None:
    assert shared_out(D("10.00"), D("2.5")) == ((D("2.5"), D("4.00")),)
    assert shared_out(D("0.01"), D("2.5")) is None
    assert shared_out(D("5.00"), D(0)) is None
    assert shared_out(D(0), D(0)) == ((D(0), D("0.00")),)


@given(st.integers(-(10**7), 10**7), st.integers(1, 10_000))
def test_what_is_shared_out_comes_together_again(grosze: int, pieces: int) -> None:
    gross = D(grosze) / 100
    shares = shared_out(gross, D(pieces))

    assert shares is not None
    assert sum(quantity * price for quantity, price in shares) == gross
    assert sum(quantity for quantity, _ in shares) == pieces
    assert all(quantity > 0 for quantity, _ in shares)


def test_a_paid_order_to_a_locker() -> None:
    order = order_from_wire(sample("order_paid_locker"), SETTINGS)

    assert (order.status, order.is_paid, order.payment.method) == ("processing", True, "Przelewy24")
    assert order.extra["payment_method"] == "przelewy24"
    assert order.extra["shipping_method"] == "flat_rate:2"
    assert order.delivery.point is not None
    assert (order.delivery.point.code, order.delivery.point.name[:12]) == ("POZ08A", "Stacja paliw")
    assert [(line.sku, line.vat.code, line.price) for line in order.lines] == [
        ("TOW-0001", "23", D("29.99")),
        ("TOW-0019", "5", D("89.00")),
    ]
    assert (order.delivery.price, order.delivery.vat) == (D("12.99"), VatRate.of("23"))
    assert order.placed_at.isoformat() == "2026-11-22T04:18:17+00:00"


def test_cash_on_delivery_is_not_paid_and_its_fee_is_a_line() -> None:
    order = order_from_wire(sample("order_cod_three_rates_fee"), SETTINGS)

    assert order.payment.cash_on_delivery
    assert order.payment.paid == 0
    fee = order.lines[-1]
    assert (fee.sku, fee.name, fee.price, fee.vat.code) == ("OPLATA", "Opłata za pobranie", D("5.01"), "23")
    assert {line.vat.code for line in order.lines} == {"23", "8", "5"}


def test_a_negative_fee_is_a_discount() -> None:
    raw = sample("order_cod_three_rates_fee")
    (fee,) = raw["fee_lines"]
    raw["total"] = str(D(raw["total"]) - 2 * (D(fee["total"]) + D(fee["total_tax"])))
    fee["total"], fee["total_tax"] = f"-{fee['total']}", f"-{fee['total_tax']}"

    order = order_from_wire(raw, SETTINGS)

    assert (order.lines[-1].sku, order.lines[-1].price) == ("RABAT", D("-5.01"))
    assert order.total == D(raw["total"])


def test_a_company_with_its_tax_number_and_its_wish() -> None:
    order = order_from_wire(sample("order_company_nip"), SETTINGS)

    assert order.buyer.tax_id == "1234563218"
    assert order.wants_invoice
    assert order.extra["tax_number_key"] == "_billing_nip"


@pytest.mark.parametrize(
    ("meta", "number"),
    [
        ([{"key": "_billing_nip", "value": ""}, {"key": "nip", "value": " 999-200-00-18 "}], "999-200-00-18"),
        ([{"key": "_wc_billing/sklep/nip", "value": "9992000018"}], "9992000018"),
        ([{"key": "_wc_other/eu/company-VAT", "value": "DE999999999"}], "DE999999999"),
        ([{"key": "_wc_points_earned", "value": "9992000018"}], ""),
        ([{"key": "nip", "value": ["x"]}, {"key": "vat_number", "value": 9992000018}], "9992000018"),
    ],
)
def test_tax_numbers_are_found_where_plugins_put_them(meta: list[Any], number: str) -> None:
    raw = {**sample("order_paid_locker"), "meta_data": meta}

    assert order_from_wire(raw, SETTINGS).buyer.tax_id == number


@pytest.mark.parametrize(
    ("meta", "code"),
    [
        ([{"key": "_furgonetkaPoint", "value": "KRA010"}], "KRA010"),
        ([{"key": "Wybrany paczkomat", "value": "DAB01BAPP, Polna 3, Dąbrowa"}], "DAB01BAPP"),
        ([{"key": "Wybrany paczkomat", "value": "Paczkomat WAW124M Warszawa"}], "WAW124M"),
        (
            [
                {
                    "key": "apaczka_delivery_point",
                    "value": '{"apm_access_point_id":"POP-1","apm_supplier":"DPD"}',
                }
            ],
            "POP-1",
        ),
        ([{"key": "apaczka_delivery_point", "value": {"apm_foreign_access_point_id": "POZ08A"}}], "POZ08A"),
        ([{"key": "apaczka_delivery_point", "value": "{broken"}], ""),
        ([{"key": "_wc_points_earned", "value": "POZ08A"}], ""),
    ],
)
def test_lockers_are_found_where_plugins_put_them(meta: list[Any], code: str) -> None:
    raw = {**sample("order_company_nip"), "meta_data": meta}

    point = order_from_wire(raw, SETTINGS).delivery.point

    assert (point.code if point else "") == code


def test_a_locker_written_over_the_address_is_found() -> None:
    raw = sample("order_company_nip")
    raw["shipping"] = {**raw["shipping"], "first_name": "Jan", "company": "Punkt odbioru: BYD117M (INPOST)"}

    point = order_from_wire(raw, SETTINGS).delivery.point

    assert point is not None
    assert point.code == "BYD117M"


def test_without_a_shipping_address_the_buyers_holds() -> None:
    raw = sample("order_company_nip")
    raw["shipping"] = []

    order = order_from_wire(raw, SETTINGS)

    assert order.delivery.to.address == order.buyer.address


def test_nothing_tells_what_a_line_without_tax_is() -> None:
    raw = sample("order_eur_vat_exempt")

    with pytest.raises(NeedsPerson) as asked:
        order_from_wire(raw, SETTINGS)

    assert asked.value.code == "woocommerce.no-rate"
    exempt = order_from_wire(raw, with_settings(exempt_rate="0"))
    assert ({line.vat.code for line in exempt.lines}, exempt.currency) == ({"0"}, "EUR")
    classes = order_from_wire(raw, with_settings(tax_classes={"standard": "np"}))
    assert {line.vat.code for line in classes.lines} == {"np"}


def test_a_foreign_rate_names_its_country() -> None:
    raw = sample("order_company_nip")
    raw["tax_lines"][0]["rate_code"], raw["tax_lines"][0]["rate_percent"] = "DE-MWST 19%-1", 19

    assert order_from_wire(raw, SETTINGS).lines[0].vat.code == "DE:19"


def test_parts_that_do_not_come_to_the_total_hold_the_order() -> None:
    raw = {**sample("order_company_nip"), "total": "1339.98"}

    with pytest.raises(NeedsPerson) as asked:
        order_from_wire(raw, SETTINGS)

    assert asked.value.code == "woocommerce.total-differs"
    assert "1339.99" in asked.value.text


def test_two_taxes_on_one_line_hold_the_order() -> None:
    raw = sample("order_company_nip")
    raw["tax_lines"].append({**raw["tax_lines"][0], "rate_id": 9})
    raw["line_items"][0]["taxes"].append({"id": 9, "total": "0.00"})

    with pytest.raises(NeedsPerson) as asked:
        order_from_wire(raw, SETTINGS)

    assert asked.value.code == "woocommerce.several-rates"


def test_a_rate_that_does_not_apply_is_no_second_one() -> None:
    raw = sample("order_company_nip")
    raw["tax_lines"].append({**raw["tax_lines"][0], "rate_id": 9})
    raw["line_items"][0]["taxes"].append({"id": 9, "total": ""})

    assert order_from_wire(raw, SETTINGS).lines[0].vat.code == "23"


def test_a_line_whose_product_is_deleted_stays_with_its_money() -> None:
    raw = sample("order_company_nip")
    raw["line_items"][0].update(product_id=0, sku=None)

    order = order_from_wire(raw, SETTINGS)

    assert (order.lines[0].sku, order.lines[0].name) == ("", "Klawiatura mechaniczna")
    assert order.total == D(raw["total"])


def test_our_own_writes_and_what_is_personal_are_not_kept() -> None:
    raw = sample("order_paid_locker")
    later = {
        **copy.deepcopy(raw),
        "date_modified_gmt": "2026-11-23T00:00:00",
        "customer_ip_address": "192.0.2.1",
    }

    assert seen_from_wire(raw, SETTINGS).raw == seen_from_wire(later, SETTINGS).raw
    assert not LEFT_OUT & seen_from_wire(raw, SETTINGS).raw.keys()


def test_names_come_without_entities() -> None:
    raw = sample("order_company_nip")
    raw["line_items"][0]["name"] = "Powerbank &amp; kabel"

    assert order_from_wire(raw, SETTINGS).lines[0].name == "Powerbank & kabel"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("total", "dużo"),
        ("line_items", [{"id": 1, "quantity": "NaN", "total": "Infinity"}]),
        ("date_created_gmt", "wczoraj"),
        ("billing", {"first_name": {"x": 1}}),
        ("tax_lines", [7]),
        ("id", "abc"),
    ],
)
def test_garbage_is_kept_with_its_problem_and_takes_nothing_down(name: str, value: Any) -> None:
    raw = {**sample("order_company_nip"), name: value}

    seen = seen_from_wire(raw, SETTINGS)

    assert seen.raw[name] is not None
    assert seen.order is not None or (
        seen.problem is not None and seen.problem.code.startswith("woocommerce.")
    )
