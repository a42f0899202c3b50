"""B01 in a WooCommerce shop: paid there, the order needs two acts of people, print the label and pack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from pomost.ports import Json
from pomost.sandbox.shipx import ShipX
from pomost.sandbox.woocommerce import Settings, Shop
from pomost.store.prints import Wanted
from tests.connectors.smtp.servers import Behaviour
from tests.edges import inpost_office, post_office, shipx
from tests.house import House

MUG = "KUBEK-01"
WORDS = {
    "new": "processing",
    "packing": "processing",
    "sent": "completed",
    "cancelled": "cancelled",
    "file_field": "",
    "pdf_of": "",
    "tracking_field": "Numer przesyłki",
    "track_s": "0.2",
}


@pytest.fixture
def www() -> Iterator[Shop]:
    with Shop(Settings()) as running:
        running.add_product(MUG, "Kubek", "30.75", stock=100, status="publish")
        yield running


@pytest.fixture
def inpost() -> Iterator[ShipX]:
    with inpost_office() as running:
        yield running


@pytest.fixture
def post() -> Iterator[tuple[Behaviour, Json]]:
    with post_office() as found:
        yield found


@pytest.fixture
def home(
    www: Shop, inpost: ShipX, post: tuple[Behaviour, Json], house: Callable[..., House]
) -> Callable[..., House]:
    def build(**flow: Any) -> House:
        woo = {
            "name": "woo",
            "url": www.url,
            "key": www.key,
            "secret": www.secret,
            "calls_per_minute": 0,
            "poll_s": 0.1,
            "import_from": "2010-01-01",
            "buyer_note_fields": ["Numer przesyłki"],
        }
        own = {"name": "www", "source": "woo", "company": "main", "preset": "paid-fs-wz-ship", "words": WORDS}
        return house(woocommerce=[woo], flows=[{**own, **flow}], smtp=[post[1]], shipx=[shipx(inpost)])

    return build


def test_b01_paid_in_the_shop_to_a_locker(
    www: Shop, inpost: ShipX, post: tuple[Behaviour, Json], home: Callable[..., House]
) -> None:
    house = home(words={**WORDS, "fee_percent": "1.9"})

    (order,) = www.place(
        lines=[(MUG, 2)], payment="payu", locker="WAW00T", phone="600700800", email="jan@example.com"
    )
    house.run_until(lambda: bool(post[0].taken))

    # An FS straight away, settled by what the operator took in; the goods are issued.
    assert house.kinds(order) == ["FS", "WZ"]
    sale = house.documents(order)[0]
    settled = house.ledger.settlement("main", sale.key)
    assert (settled.paid, settled.left) == (Decimal(str(www.order(order)["total"])), 0)
    assert [one.what for one in house.ledger.entries("main", "PAYU")] == ["payment", "fee"]

    # The shipment to the locker, its label, and the number in the shop and with the buyer.
    [parcel] = inpost.shipments
    number = parcel["tracking_number"]
    assert parcel["custom_attributes"]["target_point"] == "WAW00T"
    assert [one.title for one in house.pomost.store.prints.page(Wanted())] == [f"inpost {number}"]
    house.run_until(lambda: any(number in str(note) for note in notes(www, order)))
    assert number in post[0].taken[0].message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert www.order(order)["status"] == "processing"

    # Handed over, the order is completed.
    inpost.move(parcel["id"], "dispatched_by_sender")
    house.run_until(lambda: www.order(order)["status"] == "completed")
    house.run_until_state(order, "done")
    assert len(inpost.shipments) == 1


def notes(www: Shop, order: int) -> list[Any]:
    return [one for one in www.notes(order) if one["customer_note"]]


def test_an_order_that_nobody_has_paid_waits_untouched(
    www: Shop, inpost: ShipX, home: Callable[..., House]
) -> None:
    """A transfer, which no operator confirms: such a shop must not use this flow for it."""
    house = home()

    (order,) = www.place(lines=[(MUG, 1)], payment="bacs")
    (paid,) = www.place(lines=[(MUG, 1)], payment="przelewy24", phone="600700800")
    house.run_until(lambda: house.kinds(paid) == ["FS", "WZ"])

    assert house.kinds(order) == []
    assert www.order(order)["status"] == "on-hold"


def test_a_company_s_wrong_nip_is_asked_about_before_its_invoice_is_made(
    www: Shop, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home()

    (wrong,) = www.place(
        lines=[(MUG, 1)], payment="payu", phone="600700800", company="Firma", nip="1234563219"
    )
    (right,) = www.place(
        lines=[(MUG, 1)], payment="payu", phone="600700800", company="Firma", nip="PL 123-456-32-18"
    )
    house.run_until(lambda: house.kinds(right) == ["FS", "WZ"])
    house.run_until(lambda: bool(house.waits(wrong)) or bool(house.kinds(wrong)))
    assert (house.waits(wrong).get("code"), house.kinds(wrong)) == ("flow.wrong-tax-number", [])

    # The buyer wrote the number; corrected in the shop, the order goes on by itself.
    www.edit(wrong, meta_data=[{"key": "_billing_nip", "value": "123-456-32-18"}])
    house.run_until(lambda: house.kinds(wrong) == ["FS", "WZ"])


def test_an_order_that_was_refunded_is_moved_to_no_other_status(
    www: Shop, inpost: ShipX, home: Callable[..., House]
) -> None:
    """The shop would mail "completed" to a buyer who has the money back, and count the sale."""
    house = home()
    (order,) = www.place(lines=[(MUG, 1)], payment="payu", phone="600700800", email="jan@example.com")
    (other,) = www.place(lines=[(MUG, 1)], payment="payu", phone="600700800", email="jan@example.com")
    house.run_until(lambda: all("sent" in str(house.waits(one)) for one in (order, other)))

    www.set_status(order, "refunded")
    house.run_until(lambda: house.line(order).status == "refunded")
    for parcel in inpost.shipments:
        inpost.move(parcel["id"], "dispatched_by_sender")
    house.run_until(lambda: www.order(other)["status"] == "completed")
    house.run_until_state(order, "done")

    assert www.order(order)["status"] == "refunded"
