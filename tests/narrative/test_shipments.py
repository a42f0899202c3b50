"""A paid order is invoiced, booked, issued, labelled and followed, as a shop would tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from pomost.cli.decisions import skip_step
from pomost.flows.dry_run import dry_run
from pomost.ports import Json
from pomost.printing import content_of
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.shipx import ShipX
from pomost.store.prints import Print, Wanted
from tests.connectors.smtp.servers import Behaviour
from tests.edges import inpost_office, post_office, shipx
from tests.house import House

MUGS = [{"sku": "KUBEK-1", "quantity": 2}]
BUYER: Json = {
    "lines": MUGS,
    "paid": True,
    "email": "jan@example.com",
    "country": "PL",
    "currency": "PLN",
    "cod": False,
}
LOCKER = {"delivery_point_id": "WAW00T", "delivery_point_name": "Paczkomat WAW00T"}
DOOR = {"delivery_point_id": "", "delivery_point_name": ""}


@pytest.fixture
def inpost() -> Iterator[ShipX]:
    with inpost_office() as running:
        yield running


@pytest.fixture
def office() -> Iterator[tuple[Behaviour, Json]]:
    with post_office() as found:
        yield found


@pytest.fixture
def post(office: tuple[Behaviour, Json]) -> Behaviour:
    return office[0]


@pytest.fixture
def home(inpost: ShipX, office: tuple[Behaviour, Json], house: Callable[..., House]) -> Callable[..., House]:
    def build(*, carrier: Json | None = None, **wanted: Any) -> House:
        flow: Json = {"preset": "paid-fs-wz-ship", **wanted.pop("flow", {})}
        if flow["preset"] == "paid-fs-wz-ship":
            flow["words"] = {"track_s": "0.2", **flow.get("words", {})}
        return house(flow=flow, smtp=[office[1]], shipx=[shipx(inpost, **(carrier or {}))], **wanted)

    return build


def bought(shop: Sandbox, to: Json = LOCKER, **wanted: Any) -> int:
    """Somebody orders, and it is paid; the flow sees it with its point of collection."""
    order: int = shop.place(**{**BUYER, **wanted, "confirmed": False})[0]
    shop.edit(order, **to)
    shop.confirm(order)
    return order


def waiting(home: House) -> list[Print]:
    return home.pomost.store.prints.page(Wanted())


def text_of(home: House, entry: Print) -> str:
    return PdfReader(BytesIO(content_of(home.pomost, entry))).pages[0].extract_text()


def test_b01_a_paid_order_leaves_two_acts_to_people_print_the_label_and_pack(
    shop: Sandbox, inpost: ShipX, post: Behaviour, home: Callable[..., House]
) -> None:
    house = home(flow={"words": {"fee_percent": "1.9", "fee_fixed": "0.30"}})

    order = bought(shop)
    house.run_until(lambda: shop.order(order)["status"] == "W realizacji")

    # An FS for a person, no RO and no PA; the goods are issued.
    assert house.kinds(order) == ["FS", "WZ"]
    sale = house.documents(order)[0]
    assert (sale.state, house.ledger.stock("main", "KUBEK-1")["MAG"].quantity) == ("approved", 9_998)

    # What the operator took in is on its account, with its fee apart, and the FS is settled.
    settled = house.ledger.settlement("main", sale.key)
    paid = Decimal(str(shop.order(order)["payment_done"]))
    assert (settled.paid, settled.left, settled.settled) == (paid, 0, True)
    fee = round(paid * Decimal("0.019"), 2) + Decimal("0.30")
    assert [(one.what, one.amount) for one in house.ledger.entries("main", "PAYU")] == [
        ("payment", paid),
        ("fee", -fee),
    ]

    # One shipment to the buyer's locker; its label waits to be printed, once.
    [parcel] = inpost.shipments
    assert (parcel["service"], parcel["custom_attributes"]["target_point"]) == (
        "inpost_locker_standard",
        "WAW00T",
    )
    assert parcel["reference"] == f"baselinker:{order}/ship"
    assert parcel["cod"]["amount"] is None
    number = parcel["tracking_number"]
    [label] = waiting(house)
    assert (label.kind, label.title, label.order) == ("label", f"inpost {number}", str(order))
    assert number in text_of(house, label)

    # Shop and buyer have the number; the mail has the FS, which says that it is paid.
    assert shop.order(order)["extra_field_2"] == number
    [mail] = post.taken
    assert mail.recipients == ["jan@example.com"]
    body = mail.message.get_body(("plain",))
    assert body is not None
    assert f"Numer przesyłki: {number}" in body.get_content()
    [file] = mail.message.iter_attachments()
    assert str(file.get_filename()).startswith("FS FS_1_2026")

    # Packed and handed over: the shop says that it is sent.
    assert house.state(order) == "waiting"
    inpost.move(parcel["id"], "adopted_at_source_branch")
    house.run_until_state(order, "done")
    assert shop.order(order)["status"] == "Wysłane"
    assert (len(inpost.shipments), len(post.taken), len(waiting(house))) == (1, 1, 1)
