"""A shipment in ShipX's words: against the samples, the table of statuses, and every text that people write."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.connectors.carriers import rules
from pomost.connectors.shipx import Settings
from pomost.connectors.shipx.errors import leaves, refusal
from pomost.connectors.shipx.mapping import (
    COMPANY,
    NAME,
    STREET,
    address_to_wire,
    names_to_wire,
    shipment_from_wire,
    shipment_to_wire,
)
from pomost.connectors.shipx.statuses import STATES, state_of
from pomost.ports.carrier import Parcel, ShipmentOrder, ShipmentState
from pomost.sandbox.shipx.statuses import NAMES
from pomost.trade.order import Address, Party

SETTINGS = Settings("token", 12345)
LEFT = {"other", "missing", "oversized"}


def courier(**changes: Any) -> ShipmentOrder:
    to = Party(
        "Bartosz Wymyślony",
        "Warsztat Leśny",
        "",
        "bartosz@example.com",
        "512 333 444",
        Address("Sosnowa 14/3", "10001", "Olsztyn", country="PL"),
    )
    asked = {"to": to, "parcels": (Parcel(Decimal("6.5"), 400, 300, 200),), **changes}
    return ShipmentOrder("PM-0000019", "inpost_courier_standard", **asked)


def test_a_courier_with_cod_is_written_as_in_the_reference() -> None:
    order = courier(cod=Decimal("249.90"), comment="Faktura w paczce", options={"services": "sms, email"})
    sent = json.loads(json.dumps(shipment_to_wire(order, SETTINGS), default=float))
    assert sent == {
        "receiver": {
            "company_name": "Warsztat Leśny",
            "first_name": "Bartosz",
            "last_name": "Wymyślony",
            "email": "bartosz@example.com",
            "phone": "512333444",
            "address": {
                "street": "Sosnowa",
                "building_number": "14/3",
                "city": "Olsztyn",
                "post_code": "10-001",
                "country_code": "PL",
            },
        },
        "parcels": [
            {
                "id": "1",
                "dimensions": {"length": 400, "width": 300, "height": 200, "unit": "mm"},
                "weight": {"amount": 6.5, "unit": "kg"},
                "is_non_standard": False,
            }
        ],
        "service": "inpost_courier_standard",
        "reference": "PM-0000019",
        "cod": {"amount": 249.9, "currency": "PLN"},
        "insurance": {"amount": 249.9, "currency": "PLN"},
        "additional_services": ["sms", "email"],
        "custom_attributes": {"sending_method": "dispatch_order"},
        "comments": "Faktura w paczce",
    }


def test_the_insurance_covers_what_is_collected() -> None:
    assert shipment_to_wire(courier(cod=Decimal(100), insurance=Decimal(40)), SETTINGS)["insurance"] == {
        "amount": Decimal(100),
        "currency": "PLN",
    }
    assert shipment_to_wire(courier(insurance=Decimal(40)), SETTINGS)["insurance"]["amount"] == 40


@pytest.mark.parametrize(
    ("parcel", "odd"),
    [
        (Parcel(None, 1200, 500, 500), False),
        (Parcel(None, 1201, 100, 100), True),
        (Parcel(None, 1000, 800, 401), True),
    ],
)
def test_big_parcels_are_non_standard(parcel: Parcel, odd: bool) -> None:
    assert shipment_to_wire(courier(parcels=(parcel,)), SETTINGS)["parcels"][0]["is_non_standard"] is odd


def test_every_status_of_inpost_has_its_state() -> None:
    assert len(NAMES) == 53
    assert set(NAMES) - set(STATES) == LEFT
    assert set(STATES) <= set(NAMES)
    assert {state_of(name) for name in (*LEFT, "new_in_2027")} == {ShipmentState.UNKNOWN}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("offer_selected", ShipmentState.ORDERED),
        ("confirmed", ShipmentState.READY),
        ("dispatched_by_sender", ShipmentState.COLLECTED),
        ("out_for_delivery", ShipmentState.ON_THE_WAY),
        ("avizo", ShipmentState.AT_POINT),
        ("undelivered", ShipmentState.ON_THE_WAY),
        ("delivered", ShipmentState.DELIVERED),
        ("returned_to_sender", ShipmentState.RETURNED),
        ("canceled", ShipmentState.CANCELLED),
    ],
)
def test_states(status: str, state: ShipmentState) -> None:
    assert state_of(status) == state


def test_a_parcel_that_was_not_delivered_asks_for_a_person_and_goes_on() -> None:
    now = shipment_from_wire({"id": 1, "status": "undelivered_wrong_address", "tracking_number": "6"})
    assert (now.state, now.state.terminal) == (ShipmentState.ON_THE_WAY, False)
    assert now.problem is not None
    assert now.problem.code == "carrier.delivery-problem"


def test_a_shipment_that_nobody_offers_to_carry_has_failed() -> None:
    offer = {"status": "unavailable", "unavailability_reasons": [{"key": "no_contract", "message": "x"}]}
    now = shipment_from_wire({"id": 1, "status": "offers_prepared", "offers": [offer]})
    assert now.state == ShipmentState.FAILED
    assert now.problem is not None
    assert "no_contract" in now.problem.text


def test_refusals_name_fields_and_never_what_was_sent() -> None:
    details = {
        "receiver": [{"phone": ["invalid"], "email": ["halina@example.com_is_wrong"]}],
        "parcels": [{"0": {"weight": [{"amount": ["too_small"]}]}}],
    }
    assert sorted(leaves(details)) == [
        "parcels.0.weight.amount: too_small",
        "receiver.email: …",
        "receiver.phone: invalid",
    ]


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (401, "token_invalid", "carrier.bad-key"),
        (403, "forbidden", "carrier.wrong-account"),
        (404, "resource_not_found", "carrier.not-found"),
        (400, "no_carriers", "carrier.no-contract"),
        (400, "missing_trucker_id", "carrier.not-served"),
        (400, "carrier_unavailable", "carrier.not-served"),
        (400, "offer_expired", "carrier.no-offer"),
        (400, "validation_failed", "carrier.refused"),
        (422, "validation_failed", "carrier.refused"),
        (400, "something_new", "carrier.refused"),
    ],
)
def test_what_errors_mean(status: int, error: str, code: str) -> None:
    assert refusal("create", status, {"error": error, "details": None}).code == code


PHONES = [
    ("511222333", "511222333"),
    ("511-222-333", "511222333"),
    ("+48 511 222 333", "511222333"),
    ("0048511222333", "511222333"),
    ("48511222333", "511222333"),
    ("(48) 511 222 333", "511222333"),
    ("22 123 45 67", "221234567"),
    ("+420 601 123 456", None),
    ("011222333", None),
    ("51122233", None),
    ("5112223334", None),
    ("tel. 511", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "phone"), PHONES)
def test_phones(text: str, phone: str | None) -> None:
    assert rules.polish_phone(text) == phone


@given(st.from_regex(r"[1-9][0-9]{8}", fullmatch=True), st.sampled_from(["", "+48", "0048", "48"]), st.data())
def test_a_polish_phone_is_the_same_however_it_is_written(
    digits: str, prefix: str, data: st.DataObject
) -> None:
    noise = data.draw(st.lists(st.sampled_from(["", " ", "-", ".", "("]), min_size=9, max_size=9))
    written = prefix + "".join(mark + digit for mark, digit in zip(noise, digits, strict=True))
    assert rules.polish_phone(written) == digits


@given(st.text(max_size=40))
def test_a_phone_is_nine_digits_or_none(text: str) -> None:
    phone = rules.polish_phone(text)
    assert phone is None or re.fullmatch(r"[1-9]\d{8}", phone)


@given(st.text(max_size=80), st.integers(5, 60))
def test_a_cut_text_fits_and_is_the_beginning(text: str, length: int) -> None:
    short = rules.cut(text, length)
    assert len(short) <= length
    assert " ".join(text.split()).startswith(short)
    assert short or not text.strip()


@given(st.text(max_size=80))
def test_names_fit_on_the_label(name: str) -> None:
    first, last = rules.first_and_last(name, NAME)
    assert len(first) + len(last) <= NAME
    sent = names_to_wire(Party(name=name, company=name))
    assert len(sent.get("company_name", "")) <= COMPANY
    assert ("first_name" in sent) == ("last_name" in sent)


@pytest.mark.parametrize(
    ("name", "parted"),
    [
        ("Halina Przykładna", ("Halina", "Przykładna")),
        ("Halina Maria Przykładna", ("Halina", "Przykładna")),
        ("Ewa Maria Lis", ("Ewa", "Maria Lis")),
        ("Aleksandra Maria Skłodowska-Curie", ("Aleksan", "Skłodowska-Cur")),
        ("Halina", ("Halina", "")),
        ("", ("", "")),
    ],
)
def test_first_and_last_names(name: str, parted: tuple[str, str]) -> None:
    found = rules.first_and_last(name, NAME)
    assert sum(map(len, found)) <= NAME
    assert found == parted


def test_a_person_with_one_name_stands_as_a_company() -> None:
    assert names_to_wire(Party(name="Halina")) == {"company_name": "Halina"}


@pytest.mark.parametrize(
    ("line", "parted"),
    [
        ("Polna 2/3", ("Polna", "2/3")),
        ("ul. Polna 2 / 3", ("ul. Polna", "2/3")),
        ("ul. 3 Maja 12A", ("ul. 3 Maja", "12A")),
        ("Aleja Jana Pawła II 5 m. 7", ("Aleja Jana Pawła II", "5m.7")),
        ("Polna, 2", ("Polna", "2")),
        ("Zagórze", None),
        ("12", None),
    ],
)
def test_street_and_number(line: str, parted: tuple[str, str] | None) -> None:
    assert rules.street_and_number(line) == parted


@given(
    st.from_regex(r"[A-Za-zŁ ]{1,90}", fullmatch=True), st.from_regex(r"\d{1,3}(/\d{1,3})?", fullmatch=True)
)
def test_the_number_of_a_house_is_never_cut(street: str, number: str) -> None:
    sent = address_to_wire(Party(address=Address(f"x{street} {number}", "90-001", "Łódź")))
    assert sent["building_number"] == number
    assert len(sent["street"]) + 1 + len(number) <= STREET


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("90001", "PL", "90-001"),
        (" 90 001 ", "", "90-001"),
        ("90-001", "PL", "90-001"),
        ("10115", "DE", "10115"),
    ],
)
def test_postcodes(text: str, country: str, code: str) -> None:
    assert rules.postcode(text, country) == code
