"""What every carrier must do, as tests to inherit.

A connector's test class inherits `CarrierConformance` and gives two fixtures: ``depot``, a `Depot` over a running carrier
that misbehaves on request, and ``carrier``, the connector joined to it with a limit that does not slow tests down. Both
live by one clock that only the tests move. Connectors kept elsewhere may run it as well.
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

import pypdf
import pytest

from pomost.ports import InDoubt, NeedsPerson, StopConnection, TryAgain, WaitUntil
from pomost.ports.carrier import PDF, Carrier, Parcel, ShipmentOrder, ShipmentState
from pomost.trade.order import Address, Party

WRONG_KEY = "WRONG-KEY-1234567890"
HALINA = Party(
    name="Halina Przykładna",
    email="halina@example.com",
    phone="+48 511 222 333",
    address=Address("Polna 2/3", "95-100", "Zgierz", country="PL"),
)
PERSONAL = ("Halina", "Przykładna", "halina@example.com", "511222333", "511 222 333", "Polna", "Zgierz")
MORNING = datetime(2026, 10, 5, 8, 0, tzinfo=UTC).timestamp()


class Clock:
    """Stands still until it is moved; carrier and connector share it."""

    def __init__(self, now: float = MORNING) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def go(self, seconds: float) -> None:
        self.now += seconds


class NoLimit:
    """Grants everything at once; keeps what it was told of blocks."""

    def __init__(self) -> None:
        self.blocked_until: datetime | None = None

    def acquire(self, priority: int) -> None:
        """Nobody waits."""

    def block(self, until: datetime) -> None:
        self.blocked_until = until


def shipment(reference: str = "PM-0000017", service: str = "", **changes: Any) -> ShipmentOrder:
    """A small parcel for Halina."""
    asked: dict[str, Any] = {
        "to": HALINA,
        "parcels": (Parcel(Decimal("1.2"), 400, 300, 150),),
        "content": "Kubki",
        **changes,
    }
    return ShipmentOrder(reference, service, **asked)


class Depot(Protocol):
    """The carrier with its moods."""

    clock: Clock
    reads_receiver: bool
    """Whether the receiver goes with the order; else the carrier has it already."""

    def order(self, reference: str = "PM-0000017", **changes: Any) -> ShipmentOrder:
        """A shipment to a door that the carrier takes."""
        ...

    def bought(self) -> int:
        """How many shipments were ordered and are in force."""
        ...

    def ordered(self) -> int:
        """How many calls to order one arrived."""
        ...

    def move(self, external_id: str, state: ShipmentState) -> None:
        """The parcel moves; UNKNOWN is a status that nobody knows."""
        ...

    def misbehave(self, fault: str, on: str, times: int = 1) -> None:
        """``cut-before``, ``cut-after``, ``html`` (nothing done) or ``empty`` at the next so many calls to create, read
        or label."""
        ...

    def behave(self) -> None:
        """No more faults."""
        ...

    def with_wrong_key(self) -> Carrier:
        """Another connection to the same carrier; its key is `WRONG_KEY`."""
        ...


class CarrierConformance:
    """Inherit, and give ``depot`` and ``carrier``."""

    def ready(self, carrier: Carrier, depot: Depot, **changes: Any) -> str:
        """A shipment whose label can be had."""
        external_id = carrier.create(depot.order(**changes))
        depot.clock.go(5)
        return external_id

    def test_it_is_a_carrier_and_names_what_it_can_do(self, carrier: Carrier) -> None:
        assert isinstance(carrier, Carrier)
        assert carrier.name
        assert {"cod", "insurance"} <= carrier.capabilities()

    def test_services_are_told_with_their_names(self, carrier: Carrier, depot: Depot) -> None:
        found = carrier.services()
        assert all(service.id and service.name for service in found)
        assert any(service.to_point for service in found)
        assert any(not service.to_point for service in found)
        assert carrier.check() == ()

    def test_a_shipment_is_ordered_labelled_and_delivered(self, carrier: Carrier, depot: Depot) -> None:
        external_id = self.ready(carrier, depot)
        now = carrier.read(external_id)
        assert (now.state, now.label_ready, now.problem) == (ShipmentState.READY, True, None)
        assert now.external_id == external_id
        assert now.tracking_number
        for state in (ShipmentState.COLLECTED, ShipmentState.ON_THE_WAY, ShipmentState.DELIVERED):
            depot.move(external_id, state)
            assert carrier.read(external_id).state == state
        assert carrier.read(external_id).state.terminal
        assert depot.bought() == 1

    def test_the_label_is_a_pdf_with_the_tracking_number(self, carrier: Carrier, depot: Depot) -> None:
        external_id = self.ready(carrier, depot)
        label = carrier.label(external_id)
        assert label.media_type == PDF
        text = pypdf.PdfReader(io.BytesIO(label.content)).pages[0].extract_text()
        assert carrier.read(external_id).tracking_number in text

    def test_a_label_may_be_asked_for_again(self, carrier: Carrier, depot: Depot) -> None:
        external_id = self.ready(carrier, depot)
        assert carrier.label(external_id) == carrier.label(external_id)
        assert depot.bought() == 1

    def test_an_order_whose_answer_was_lost_is_found_and_bought_once(
        self, carrier: Carrier, depot: Depot
    ) -> None:
        order, since = depot.order(), depot.clock.moment()
        depot.misbehave("cut-after", "create")
        with pytest.raises(InDoubt):
            carrier.create(order)
        depot.clock.go(10)
        found = carrier.find(order, since)
        assert found is not None
        assert carrier.read(found).state in (ShipmentState.ORDERED, ShipmentState.READY)
        assert (depot.bought(), depot.ordered()) == (1, 1)

    def test_an_order_that_never_arrived_is_missed_only_when_the_list_can_be_trusted(
        self, carrier: Carrier, depot: Depot
    ) -> None:
        order, since = depot.order(), depot.clock.moment()
        depot.misbehave("cut-before", "create")
        with pytest.raises(InDoubt):
            carrier.create(order)
        asked = 0
        while True:
            try:
                found = carrier.find(order, since)
                break
            except WaitUntil as later:
                asked += later.code == "carrier.find-later"
                depot.clock.go(later.until.timestamp() - depot.clock.now)
        assert found is None
        assert asked >= 1
        assert depot.clock.now >= since.timestamp() + 60
        carrier.create(order)
        assert depot.bought() == 1

    def test_an_order_answered_with_a_web_page_is_in_doubt(self, carrier: Carrier, depot: Depot) -> None:
        depot.misbehave("html", "create")
        with pytest.raises(InDoubt):
            carrier.create(depot.order())
        assert depot.ordered() == 1

    def test_two_shipments_with_one_reference_are_for_a_person(self, carrier: Carrier, depot: Depot) -> None:
        order = depot.order()
        carrier.create(order)
        carrier.create(order)
        with pytest.raises(NeedsPerson) as refused:
            carrier.find(order, None)
        assert refused.value.code == "carrier.found-twice"

    def test_what_was_never_ordered_long_ago_is_not_there(self, carrier: Carrier, depot: Depot) -> None:
        assert carrier.find(depot.order("PM-0000099"), None) is None

    @pytest.mark.parametrize("fault", ["html", "empty"])
    def test_a_label_that_is_none_is_refused_and_asked_for_again(
        self, carrier: Carrier, depot: Depot, fault: str
    ) -> None:
        external_id = self.ready(carrier, depot)
        depot.misbehave(fault, "label", times=3)
        with pytest.raises(TryAgain):
            carrier.label(external_id)
        depot.behave()
        assert carrier.label(external_id).content.startswith(b"%PDF-")

    def test_a_web_page_instead_of_a_shipment_is_asked_for_again(
        self, carrier: Carrier, depot: Depot
    ) -> None:
        external_id = self.ready(carrier, depot)
        depot.misbehave("html", "read")
        assert carrier.read(external_id).state == ShipmentState.READY

    def test_an_unknown_status_leaves_a_shipment_where_it_was(self, carrier: Carrier, depot: Depot) -> None:
        external_id = self.ready(carrier, depot)
        depot.move(external_id, ShipmentState.UNKNOWN)
        now = carrier.read(external_id)
        assert now.state == ShipmentState.UNKNOWN
        assert not now.state.terminal
        assert now.raw_status

    def test_what_the_carrier_has_collected_is_not_cancelled(self, carrier: Carrier, depot: Depot) -> None:
        external_id = self.ready(carrier, depot)
        depot.move(external_id, ShipmentState.COLLECTED)
        with pytest.raises(NeedsPerson) as refused:
            carrier.cancel(external_id)
        assert refused.value.code == "carrier.cannot-cancel"
        assert depot.bought() == 1

    def test_an_id_that_the_carrier_does_not_know(self, carrier: Carrier, depot: Depot) -> None:
        for strange in ("999999999", "not an id", ""):
            with pytest.raises(NeedsPerson) as refused:
                carrier.read(strange)
            assert refused.value.code == "carrier.not-found"

    def test_a_wrong_key_stops_the_connection_and_stands_in_no_message(self, depot: Depot) -> None:
        stranger = depot.with_wrong_key()
        with pytest.raises(StopConnection) as stopped:
            stranger.create(depot.order())
        (problem,) = stranger.check()
        assert isinstance(problem, StopConnection)
        assert WRONG_KEY not in f"{stopped.value} {problem} {stranger!r}"
        assert depot.bought() == 0

    @pytest.mark.parametrize("phone", ["", "12345", "call me", "+48 000 000 000"])
    def test_a_phone_that_is_none_is_refused_before_anything_is_sent(
        self, carrier: Carrier, depot: Depot, phone: str
    ) -> None:
        if not depot.reads_receiver:
            pytest.skip("the carrier has the receiver already")
        to = Party(HALINA.name, email=HALINA.email, phone=phone, address=HALINA.address)
        with pytest.raises(NeedsPerson) as refused:
            carrier.create(depot.order(to=to))
        assert refused.value.code == "carrier.bad-phone"
        assert depot.ordered() == 0

    def test_an_unknown_option_is_refused_before_anything_is_sent(
        self, carrier: Carrier, depot: Depot
    ) -> None:
        with pytest.raises(NeedsPerson) as refused:
            carrier.create(depot.order(options={"teleport": "yes"}))
        assert refused.value.code == "carrier.unknown-option"
        assert depot.ordered() == 0

    def test_no_failure_names_the_receiver(self, carrier: Carrier, depot: Depot) -> None:
        with pytest.raises(NeedsPerson) as refused:
            carrier.create(depot.order(cod=Decimal("0.50")))
        told = [str(refused.value), json.dumps(refused.value.facts)]
        depot.misbehave("html", "create")
        with pytest.raises(InDoubt) as doubt:
            carrier.create(depot.order())
        told += [str(doubt.value), json.dumps(doubt.value.facts)]
        assert [word for word in PERSONAL if any(word in text for text in told)] == []

    def test_money_is_collected_to_the_grosz_and_insured(self, carrier: Carrier, depot: Depot) -> None:
        external_id = self.ready(carrier, depot, cod=Decimal("249.90"))
        assert self.money_of(depot, external_id) == (Decimal("249.9"), Decimal("249.9"))

    def money_of(self, depot: Any, external_id: str) -> tuple[Decimal, Decimal]:
        """What the carrier was told to collect and to insure."""
        raise NotImplementedError
