"""A shipment in Apaczka's words: signatures of the reference, grosze, centimetres, times and statuses."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.connectors.apaczka.errors import refusal, told
from pomost.connectors.apaczka.mapping import (
    centimetres,
    grosze,
    is_ours,
    kilograms,
    made_at,
    needs_courier,
    next_working_day,
    service_from_wire,
    shipment_from_wire,
)
from pomost.connectors.apaczka.signing import signature
from pomost.connectors.carriers import rules
from pomost.ports.carrier import ShipmentState

APP, SECRET, EXPIRES = "1000001_sample.app", "sample-secret-not-real", "1789380000"


@pytest.mark.parametrize(
    ("route", "request_text", "signed"),
    [
        ("service_structure/", "{}", "72f8e667f393466ba365626f1d64f621b3e27c52b7d1bcc745854b2bb06fd02d"),
        ("service_structure/", "[]", "9d2514a682db7342099403b7478caf86427e4a023df384bb12d39e887a55617d"),
        (
            "orders/",
            '{"page":1,"limit":25}',
            "68e62f09b148ced8c171b12dd84a76ca41c68cecbd2e73e848fe7d74ff3cf380",
        ),
    ],
)
def test_signatures_are_those_of_the_reference(route: str, request_text: str, signed: str) -> None:
    assert signature(APP, SECRET, route, request_text, EXPIRES) == signed


@given(st.decimals(min_value=0, max_value=9_999_999, places=2))
def test_grosze_are_exact(amount: Decimal) -> None:
    assert Decimal(grosze(amount)) == amount * 100


@given(st.integers(1, 100_000))
def test_centimetres_are_never_too_few(mm: int) -> None:
    assert 0 <= centimetres(mm) * 10 - mm < 10


@given(st.decimals(min_value=Decimal("0.001"), max_value=1000, places=3))
def test_kilograms_have_one_decimal_and_are_never_too_few(weight: Decimal) -> None:
    sent = Decimal(str(kilograms(weight)))
    assert Decimal(0) <= sent - weight < Decimal("0.1") or sent == Decimal("0.1")
    assert sent == sent.quantize(Decimal("0.1"))


@pytest.mark.parametrize(
    ("status", "waybill", "state", "label"),
    [
        ("NEW", "", ShipmentState.ORDERED, False),
        ("new", "0001U", ShipmentState.READY, True),
        ("SENT", "0001U", ShipmentState.COLLECTED, True),
        ("IN_TRANSIT", "0001U", ShipmentState.ON_THE_WAY, True),
        ("ON_THE_WAY", "0001U", ShipmentState.ON_THE_WAY, True),
        ("OUT_FOR_DELIVERY", "0001U", ShipmentState.ON_THE_WAY, True),
        ("DELIVERED", "0001U", ShipmentState.DELIVERED, True),
        ("RETURNED", "0001U", ShipmentState.RETURNED, True),
        ("CANCELLED", "0001U", ShipmentState.CANCELLED, False),
        ("SOMETHING", "0001U", ShipmentState.UNKNOWN, True),
        (None, None, ShipmentState.UNKNOWN, False),
    ],
)
def test_states(status: str | None, waybill: str | None, state: ShipmentState, label: bool) -> None:
    now = shipment_from_wire({"id": 1, "status": status, "waybill_number": waybill, "tracking_url": False})
    assert (now.external_id, now.state, now.label_ready, now.tracking_url) == ("1", state, label, "")


@pytest.mark.parametrize(
    ("row", "to_point", "fetched"),
    [
        ({"door_to_door": "1"}, False, True),
        ({"door_to_door": 1, "point_to_door": 1}, False, False),
        ({"door_to_point": "1", "point_to_point": "1"}, True, False),
        ({"door_to_point": "1"}, True, True),
        ({"point_to_point": "1", "pickup_courier": "2"}, True, True),
    ],
)
def test_what_a_service_wants(row: dict[str, object], to_point: bool, fetched: bool) -> None:
    assert service_from_wire({"service_id": 1, **row}).to_point is to_point
    assert needs_courier(row) is fetched


def test_times_are_those_of_warsaw() -> None:
    assert made_at({"created": "2026-09-14 10:20:31"}) == datetime(2026, 9, 14, 8, 20, 31, tzinfo=UTC)
    assert made_at({"created": "2026-12-14 10:20:31"}) == datetime(2026, 12, 14, 9, 20, 31, tzinfo=UTC)
    assert made_at({"created": ""}) is None


def test_in_the_hour_that_comes_twice_the_later_moment_is_taken() -> None:
    found = made_at({"created": "2026-10-25 02:30:00"})
    assert found is not None
    assert found.astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "following"),
    [
        (date(2026, 10, 5), date(2026, 10, 6)),
        (date(2026, 10, 9), date(2026, 10, 12)),
        (date(2026, 11, 10), date(2026, 11, 12)),
        (date(2026, 12, 23), date(2026, 12, 28)),
    ],
)
def test_the_courier_comes_on_a_working_day(day: date, following: date) -> None:
    assert next_working_day(day) == following


def test_our_reference_begins_the_comment() -> None:
    assert is_ours({"comment": "PM-17"}, "PM-17")
    assert is_ours({"comment": "PM-17 szkło"}, "PM-17")
    assert not is_ours({"comment": "PM-170"}, "PM-17")
    assert not is_ours({"comment": "szkło PM-17"}, "PM-17")
    assert not is_ours({}, "PM-17")


@pytest.mark.parametrize(
    ("message", "write", "code"),
    [
        ("Nieprawidłowa sygnatura.", False, "carrier.bad-key"),
        ("Order not found.", False, "carrier.not-found"),
        ("Brak wyceny dla podanych parametrów zamówienia.", True, "carrier.refused"),
        ("Coś poszło nie tak", True, "carrier.error-after-order"),
        ("Coś poszło nie tak", False, "carrier.refused"),
        ("", True, "carrier.error-after-order"),
    ],
)
def test_what_prose_means(message: str, write: bool, code: str) -> None:
    assert refusal("x", message, about="PM-17", request={}, write=write).code == code


@given(st.emails(), st.from_regex(r"\d{9,14}", fullmatch=True))
def test_prose_never_shows_addresses_and_numbers(email: str, phone: str) -> None:
    shown = told(f"Zły adres {email} lub numer {phone}.")
    assert email not in shown
    assert phone not in shown


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("+48 511 222 333", "511222333"),
        ("511222333", "511222333"),
        ("+420 601 123 456", "+420601123456"),
        ("00420601123456", "+420601123456"),
        ("12345", None),
    ],
)
def test_phones_of_the_world(text: str, phone: str | None) -> None:
    assert rules.any_phone(text) == phone
