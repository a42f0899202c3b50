"""From an order to a shipment, and what is known of it: tables of cases."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.config.flow import Flow, Step
from pomost.config.shipping import BookRule, ShipStep
from pomost.flows.acts.booking import fee_of
from pomost.flows.acts.mailing import with_note
from pomost.flows.conditions import to_ask
from pomost.flows.devices import MailText
from pomost.flows.facts import condition_facts
from pomost.flows.faults import check_flow
from pomost.flows.shipments import (
    Wish,
    goods_weight,
    next_look,
    receiver_of,
    reference_of,
    shipment_of,
    shipments_of,
    undelivered,
    wish_of,
)
from pomost.ports import NeedsPerson
from pomost.ports.carrier import Parcel
from pomost.store.steps import StepRecord
from pomost.trade.order import Address, Delivery, Order, OrderLine, Party, Payment, PickupPoint
from pomost.trade.vat import VatRate

D = Decimal
BUYER = Party(
    name="Jan Testowy",
    email="jan@example.com",
    phone="600700800",
    address=Address("ul. Próbna 1", "00-001", "Warszawa", "", "PL"),
)


def order(**wanted: Any) -> Order:
    lines = (OrderLine("1", "KUBEK-1", "Kubek", D(2), D("26.00"), VatRate.of("23")),)
    return Order(
        **{
            "id": "7",
            "number": "7",
            "source": "shop",
            "status": "Nowe",
            "confirmed": True,
            "placed_at": datetime(2026, 11, 1, tzinfo=UTC),
            "confirmed_at": None,
            "currency": "PLN",
            "buyer": BUYER,
            "lines": lines,
            **wanted,
        }
    )


def step(**ship: Any) -> Step:
    return Step.model_validate({"id": "ship", "ship": {"carrier": "inpost", **ship}})


def wish(asked: Step, bought: Order) -> Wish | None:
    return wish_of(asked, to_ask(condition_facts(bought, "Nowe", {}, ("ship",))), "7")


RULES = [
    {"when": "order.total > 1000.0", "leave_out": True},
    {"when": 'order.point != ""', "service": "locker", "template": "small", "options": {"weekend": "yes"}},
    {"when": 'order.delivery_country == "DE"', "carrier": "apaczka", "service": "21", "weight_kg": "3"},
]
DEAR = (OrderLine("1", "STOL", "Stół", D(1), D("1500.00"), VatRate.of("23")),)
LOCKER = Delivery(to=BUYER, point=PickupPoint("WAW00T"))
ABROAD = Delivery(to=Party(address=Address("Teststr. 1", "10115", "Berlin", "", "DE")))


@pytest.mark.parametrize(
    ("bought", "expected"),
    [
        (order(lines=DEAR), None),
        (order(delivery=LOCKER), ("inpost", "locker", Parcel(D(1), template="small"), "yes")),
        (order(delivery=ABROAD), ("apaczka", "21", Parcel(D(3), template="large"), "no")),
        (order(), ("inpost", "courier", Parcel(D(1), template="large"), "no")),
    ],
    ids=["left out", "locker", "abroad", "no rule fits"],
)
def test_the_first_rule_that_fits_decides_and_the_step_fills_it_up(bought: Order, expected: Any) -> None:
    asked = step(service="courier", template="large", weight_kg="1", options={"weekend": "no"}, rules=RULES)

    found = wish(asked, bought)

    assert (found and (found.carrier, found.service, found.parcel, found.options["weekend"])) == expected


def test_a_rule_with_measures_has_no_size_by_name() -> None:
    found = wish(step(service="courier", template="large", rules=[{"size_mm": [10, 20, 30]}]), order())

    assert found is not None
    assert found.parcel == Parcel(None, 10, 20, 30)


def test_without_rule_and_service_a_person_is_asked() -> None:
    with pytest.raises(NeedsPerson) as refused:
        wish(step(rules=[{"when": 'order.point != ""', "service": "locker"}]), order())
    assert refused.value.code == "shipping.no-rule"


@pytest.mark.parametrize(
    ("asked", "payment", "cod", "insurance"),
    [
        ({}, Payment("przelew", False, D(0)), None, None),
        ({}, Payment("za pobraniem", True, D(0)), D("52.00"), None),
        ({}, Payment("za pobraniem", True, D("20.00")), D("32.00"), None),
        ({}, Payment("za pobraniem", True, D("52.00")), None, None),
        ({"cod": "never"}, Payment("za pobraniem", True, D(0)), None, None),
        ({"insurance": "total"}, Payment("PayU", False, D("52.00")), None, D("52.00")),
    ],
    ids=["transfer", "cod", "cod partly paid", "cod paid", "cod never", "insured"],
)
def test_what_is_collected_and_insured(
    asked: dict[str, Any], payment: Payment, cod: Decimal | None, insurance: Decimal | None
) -> None:
    own = step(service="courier", **asked)
    found = wish(own, order(payment=payment))
    assert found is not None
    assert own.ship is not None

    sent = shipment_of(own.ship, found, order(payment=payment), "shop:7/ship", None)

    assert (sent.cod, sent.insurance) == (cod, insurance)


def test_the_parcel_goes_to_the_delivery_address_and_what_it_lacks_is_the_buyers() -> None:
    to = Party(name="Ewa Wzorcowa", address=Address("ul. Inna 2", "30-001", "Kraków", "", "PL"))

    found = receiver_of(order(delivery=Delivery(to=to)))

    assert (found.name, found.address.city, found.email, found.phone) == (
        "Ewa Wzorcowa",
        "Kraków",
        "jan@example.com",
        "600700800",
    )
    assert receiver_of(order()).address.city == "Warszawa"


def test_a_weight_is_known_when_every_card_has_one() -> None:
    assert goods_weight(order(), {"KUBEK-1": D("0.35")}) == D("0.70")
    assert goods_weight(order(), {}) is None
    asked = ShipStep(carrier="inpost", weigh="cards", packaging_kg=D("0.2"), weight_kg=D(5))
    plain = Wish("inpost", "courier", Parcel(D(5)), False, {})
    assert shipment_of(asked, plain, order(), "abc", D("0.70")).parcels[0].weight_kg == D("0.900")
    assert shipment_of(asked, plain, order(), "abc", None).parcels[0].weight_kg == D(5)


@given(st.text(min_size=3, max_size=200), st.integers(1, 99))
def test_a_reference_is_one_that_every_carrier_takes_and_always_the_same(key: str, attempt: int) -> None:
    found = reference_of(key, attempt)

    assert 3 <= len(found) <= 50
    assert found == found.strip()
    assert found.isascii()
    assert found == reference_of(key, attempt)
    assert found != reference_of(key, attempt + 1)


def test_long_keys_that_differ_at_their_end_have_different_references() -> None:
    long = "baselinker-of-a-very-long-name:" + "9" * 60

    assert reference_of(f"{long}/ship", 1) != reference_of(f"{long}/ship#2", 1)
    assert reference_of("shop:7/ship", 1) == "shop:7/ship"
    assert reference_of("shop:7/ship", 2) == "shop:7/ship+2"


@pytest.mark.parametrize(("age", "pause"), [(0, 1), (1, 1), (2, 2), (4, 4), (8, 8), (100, 100), (5000, 300)])
def test_a_label_is_asked_for_after_1_2_4_8_seconds_and_then_slower(age: float, pause: float) -> None:
    assert next_look(1000.0, 1000.0 + age) == 1000.0 + age + pause


def done(**result: Any) -> dict[str, StepRecord]:
    return {"ship": StepRecord("ship", "done", "shop:7/ship", result={"shipment": "300", **result})}


def test_conditions_may_ask_for_a_shipment_before_there_is_one() -> None:
    assert shipments_of({}, ("ship",))["ship"]["state"] == ""
    assert shipments_of(done(state="at_point"), ("ship",))["ship"]["handed_over"] is True
    assert shipments_of(done(state="ready"))["ship"]["handed_over"] is False
    assert shipments_of(done(state="left-out"))["ship"]["handed_over"] is True
    texts = shipments_of(done(state="ready", tracking="62", tracking_url="https://x"))["ship"]
    assert (texts["number"], texts["tracking"], texts["url"]) == ("62", "62", "https://x")


@pytest.mark.parametrize(
    ("result", "asked"),
    [
        ({"state": "on_the_way"}, False),
        ({"state": "on_the_way", "problem": "not at home"}, True),
        ({"state": "delivered", "problem": "not at home"}, False),
        ({"state": "failed", "raw": "9"}, True),
        ({"state": "cancelled"}, True),
    ],
)
def test_a_parcel_that_does_not_arrive_is_for_a_person(result: dict[str, Any], asked: bool) -> None:
    assert bool(undelivered(done(**result))) is asked


@given(
    st.decimals("0.01", "100000", places=2),
    st.decimals("0", "99", places=2),
    st.decimals("0", "50", places=2),
)
def test_a_fee_is_in_whole_grosze_and_never_all_of_the_payment(
    paid: Decimal, percent: Decimal, fixed: Decimal
) -> None:
    fee = fee_of(BookRule(account="PAYU", fee_percent=percent, fee_fixed=fixed), paid)

    assert fee == round(fee, 2)
    assert 0 <= fee < paid


def test_a_note_stands_at_the_end_of_both_forms_of_a_mail_and_can_not_be_html() -> None:
    mail = MailText("FS", "Dzień dobry\n", "<html><body><p>Dzień dobry</p></body></html>")

    noted = with_note(mail, "Numer: <62>")

    assert noted.text == "Dzień dobry\n\nNumer: <62>\n"
    assert noted.html == "<html><body><p>Dzień dobry</p><p>Numer: &lt;62&gt;</p></body></html>"
    assert with_note(mail, "") == mail


def flow(*steps: dict[str, Any]) -> Flow:
    return Flow.model_validate({"name": "x", "source": "shop", "company": "main", "step": steps})


@pytest.mark.parametrize(
    "steps",
    [
        ({"id": "book", "book": {"document": "sale", "account": "BANK"}},),
        ({"id": "ro", "issue": "RO"}, {"id": "book", "book": {"document": "ro", "account": "BANK"}}),
        ({"id": "ship", "ship": {"carrier": "inpost", "rules": [{"when": "order.("}]}},),
        (
            {"id": "sale", "issue": "FS"},
            {"id": "book", "book": {"document": "sale", "rules": [{"account": "A", "when": "nothing.here"}]}},
        ),
    ],
    ids=["no such step", "an RO is not settled", "a rule that can't be read", "an unknown name"],
)
def test_faults_of_a_flow_are_seen_before_it_runs(steps: Any) -> None:
    assert [fault.code for fault in check_flow(flow(*steps))] == ["flow.faulty"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "book", "book": {"document": "sale"}},
        {"id": "sale", "issue": "FS", "print": ["label"]},
        {"id": "ship", "ship": {"carrier": "inpost"}, "book": {"document": "sale", "account": "A"}},
        {"id": "ship", "ship": {"carrier": "inpost", "track_s": 0}},
    ],
    ids=["no account", "a label of an invoice", "two acts", "no pace"],
)
def test_settings_that_can_not_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"book|label|exactly one|track_s"):
        Step.model_validate(wrong)
