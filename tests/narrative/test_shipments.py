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
from pomost.ports import Json, NeedsPerson
from pomost.printing import content_of, one_pdf
from pomost.sandbox.apaczka import Apaczka
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
        if flow["preset"]:
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
    printed = PdfReader(BytesIO(file.get_payload(decode=True))).pages[0].extract_text()  # type: ignore[arg-type]
    assert "Zapłacono w całości" in printed

    # Packed and handed over: the shop says that it is sent.
    assert house.state(order) == "waiting"
    inpost.move(parcel["id"], "adopted_at_source_branch")
    house.run_until_state(order, "done")
    assert shop.order(order)["status"] == "Wysłane"
    assert (len(inpost.shipments), len(post.taken), len(waiting(house))) == (1, 1, 1)


def own(step: Json | None = None, *more: Json, **flow: Any) -> Json:
    """A flow of its own: an invoice and a shipment."""
    ship = {"carrier": "inpost", "service": "inpost_courier_standard", "track_s": 0.2, **(step or {})}
    return {
        "preset": "",
        "take": 'order.status == "Nowe zamówienia"',
        "cancelled": 'order.status == "Anulowane"',
        "step": [
            {"id": "sale", "issue": "FS"},
            {"id": "ship", "ship": ship, "print": ["label"]},
            *more,
        ],
        **flow,
    }


def bought_of(inpost: ShipX) -> list[Json]:
    return [one for one in inpost.shipments if one["tracking_number"]]


def retry(home: House, order: int) -> None:
    home.pomost.wake([home.line(order).id])


def test_a_company_with_an_address_gets_an_fs_and_a_courier_insured_for_what_it_bought(
    shop: Sandbox, inpost: ShipX, post: Behaviour, home: Callable[..., House]
) -> None:
    house = home(flow={"words": {"insurance": "total"}})

    order = bought(shop, DOOR, nip="123-456-32-18")
    house.run_until(lambda: shop.order(order)["status"] == "W realizacji")

    [sale, _] = house.documents(order)
    assert (sale.kind, sale.buyer.tax_id) == ("FS", "123-456-32-18")
    [parcel] = inpost.shipments
    assert parcel["service"] == "inpost_courier_standard"
    assert Decimal(str(parcel["insurance"]["amount"])) == sale.gross
    assert parcel["receiver"]["email"] == "jan@example.com"
    assert parcel["receiver"]["address"]["city"] == shop.order(order)["delivery_city"]


def test_of_an_order_paid_on_delivery_the_carrier_collects_what_is_owed(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(flow=own())

    order = bought(shop, DOOR, paid=False, cod=True)
    house.run_until_state(order, "done")

    [parcel] = inpost.shipments
    assert Decimal(str(parcel["cod"]["amount"])) == house.documents(order)[0].gross
    # what is not insured for at least that, the carrier would not collect
    assert parcel["insurance"]["amount"] == parcel["cod"]["amount"]


def test_rules_choose_service_and_size_weight_is_that_of_the_item_cards(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    rules = [
        {"when": "order.total > 1000000.0", "leave_out": True},
        {"when": 'order.lines.exists(line, line.sku == "KUBEK-1")', "service": "inpost_courier_c2c"},
    ]
    house = home(flow=own({"service": "", "weigh": "cards", "packaging_kg": "0.2", "rules": rules}))
    cards = house.ledger.cards("main", ["KUBEK-1"])
    house.ledger.put_cards("main", [type(cards["KUBEK-1"])("KUBEK-1", weight=Decimal("0.35"))])

    order = bought(shop, DOOR)
    house.run_until_state(order, "done")

    [parcel] = inpost.shipments
    assert parcel["service"] == "inpost_courier_c2c"
    assert Decimal(str(parcel["parcels"][0]["weight"]["amount"])) == Decimal("0.9")


def test_an_order_that_a_rule_leaves_out_is_not_shipped_and_one_without_a_rule_waits_for_a_person(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    rules = [{"when": 'order.point != ""', "leave_out": True}]
    sent = {
        "id": "sent",
        "write": {"fields": {"extra_field_2": "nr {ship.tracking}"}, "status": "Wysłane"},
        "when": "ships.ship.handed_over",
    }
    house = home(flow=own({"service": "", "rules": rules}, sent))

    collected, other = bought(shop, LOCKER), bought(shop, DOOR)
    house.run_until_state(collected, "done")
    house.run_until_state(other, "person")

    assert (shop.order(collected)["status"], shop.order(collected)["extra_field_2"]) == ("Wysłane", "nr ")
    assert house.waits(other)["code"] == "shipping.no-rule"
    assert inpost.shipments == []


@pytest.mark.parametrize("fault", ["cut-after", "html-503-but-done", "html-200-but-done", "empty-body"])
def test_an_answer_that_is_lost_orders_no_second_shipment(
    fault: str, shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(flow=own())
    inpost.settings.list_lag_s = 0.3
    inpost.misbehave(fault, "create")

    order = bought(shop, DOOR)
    house.run_until_state(order, "done")

    assert len(inpost.shipments) == 1
    assert len(inpost.calls("create")) == 1
    assert [one.title for one in waiting(house)] == [f"inpost {bought_of(inpost)[0]['tracking_number']}"]


@pytest.mark.parametrize("fault", ["cut-before", "html-503", "limit"])
def test_what_never_arrived_is_ordered_again_once_the_list_can_be_trusted(
    fault: str, shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(flow=own())
    inpost.misbehave(fault, "create", **({"seconds": 1} if fault == "limit" else {}))

    order = bought(shop, DOOR)
    house.run_until_state(order, "done")

    assert len(inpost.shipments) == 1


def test_a_shipment_that_is_not_paid_for_is_bought_once_somebody_has_topped_up(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    inpost.settings.money = False
    house = home(flow=own())

    order = bought(shop, DOOR)
    house.run_until_state(order, "person")
    assert house.waits(order)["code"] == "carrier.payment-failed"
    assert (len(inpost.shipments), bought_of(inpost), waiting(house)) == (1, [], [])

    inpost.settings.money = True
    retry(house, order)
    house.run_until_state(order, "done")
    assert len(inpost.shipments) == len(bought_of(inpost)) == len(waiting(house)) == 1


def test_a_phone_that_is_none_is_put_right_on_the_order_before_anything_is_ordered(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(flow=own())

    order = bought(shop, {**DOOR, "phone": "brak"})
    house.run_until_state(order, "person")
    assert house.waits(order)["code"] == "carrier.bad-phone"
    assert inpost.shipments == []

    # The invoice has the former phone on it: somebody says that it may stay as it is.
    shop.edit(order, phone="600 700 800")
    house.run_until(lambda: house.waits(order)["code"] == "flow.changed-after-sale")
    skip_step(house.pomost, house.line(order), house.waits(order)["step"], "ola")
    house.run_until_state(order, "done")
    [parcel] = inpost.shipments
    assert parcel["receiver"]["phone"] == "600700800"


def test_a_label_that_is_none_is_asked_for_again(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(flow=own())
    inpost.misbehave("html-200", "label")
    inpost.misbehave("zpl-for-pdf", "label")

    order = bought(shop, DOOR)
    house.run_until_state(order, "done")

    [label] = waiting(house)
    assert bought_of(inpost)[0]["tracking_number"] in text_of(house, label)


def test_a_parcel_is_followed_until_it_is_delivered_and_unknown_words_move_nothing(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    delivered = {
        "id": "delivered",
        "write": {"status": "Doręczone"},
        "when": 'ships.ship.state == "delivered"',
    }
    house = home(flow=own(None, delivered))
    order = bought(shop, DOOR)
    house.run_until(lambda: bool(waiting(house)))
    [row] = house.pomost.store.shipments.of_case(house.line(order).id)

    def raw() -> str:
        return house.pomost.store.shipments.of_case(row.case_id)[0].raw

    inpost.move(row.external_id, "stolen_by_a_fox")
    house.run_until(lambda: raw() == "stolen_by_a_fox")
    assert house.pomost.store.shipments.of_case(row.case_id)[0].state == "ready"
    assert (house.state(order), shop.order(order)["status"]) == ("waiting", "Nowe zamówienia")

    # Nobody was at home: somebody has to speak with the buyer; the parcel is followed further.
    inpost.move(row.external_id, "undelivered_wrong_address")
    house.run_until_state(order, "person")
    assert house.waits(order)["code"] == "shipping.not-delivered"

    inpost.move(row.external_id, "delivered")
    house.run_until_state(order, "done")
    assert shop.order(order)["status"] == "Doręczone"
    [row] = house.pomost.store.shipments.of_case(row.case_id)
    assert (row.state, row.due_at, row.delivered_at is None) == ("delivered", None, False)


def test_what_a_carrier_pushes_is_a_hint_to_look(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    handed = {"id": "sent", "write": {"status": "Wysłane"}, "when": "ships.ship.handed_over"}
    house = home(flow=own({"track_s": 3600}, handed))
    order = bought(shop, DOOR)
    house.run_until(lambda: bool(waiting(house)))
    [parcel] = inpost.shipments
    carrier: Any = house.pomost.carriers.known["inpost"]
    [watcher] = house.pomost.parcels

    # It is said that the parcel is delivered, and that is not so: nothing moves.
    said = (
        f'{{"organization_id": 12345, "payload": {{"shipment_id": {parcel["id"]}, "status": "delivered"}}}}'
    )
    assert watcher.hint("inpost", said.encode(), carrier.pushed) == 1
    assert watcher.hint("inpost", b"nonsense", carrier.pushed) == 0
    assert watcher.look_once() == 0

    inpost.move(parcel["id"], "collected_from_sender")
    assert watcher.hint("inpost", said.encode(), carrier.pushed) == 1
    house.run_until_state(order, "done")
    assert shop.order(order)["status"] == "Wysłane"


CANCEL = {"id": "cancel", "after": [], "cancel": ["sale", "ship"], "when": 'order.status == "Anulowane"'}


def test_an_order_that_is_cancelled_before_it_was_handed_over_has_its_shipment_cancelled(
    shop: Sandbox, home: Callable[..., House]
) -> None:
    """By a courier of BaseLinker, which takes shipments back."""
    house = home(flow=own({"carrier": "baselinker", "service": "inpostkurier"}, CANCEL))
    order = bought(shop, DOOR)
    house.run_until_state(order, "done")
    assert shop.order(order)["delivery_package_nr"] == waiting(house)[0].title.removeprefix("baselinker ")

    shop.cancel(order)
    house.run_until(lambda: house.waits(order).get("code") == "flow.undone")

    assert [one.state for one in house.documents(order)] == ["cancelled"]
    assert waiting(house) == []
    assert len(shop.calls("deleteCourierPackage")) == 1
    assert "shipment" in house.waits(order)["text"]


def test_a_shipment_that_the_carrier_does_not_take_back_is_for_a_person(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(flow=own(None, CANCEL))
    order = bought(shop, DOOR)
    house.run_until_state(order, "done")

    shop.cancel(order)
    house.run_until_state(order, "person")
    assert house.waits(order)["code"] == "shipping.not-cancelled"
    assert [one.state for one in house.documents(order)] == ["approved"]

    # Somebody has held the parcel back.
    skip_step(house.pomost, house.line(order), "ship~cancel", "ola")
    house.run_until(lambda: house.waits(order).get("code") == "flow.undone")
    assert [one.state for one in house.documents(order)] == ["cancelled"]


def test_of_a_parcel_that_is_gone_nothing_is_undone_by_itself(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(flow=own(None, CANCEL))
    order = bought(shop, DOOR)
    house.run_until_state(order, "done")
    inpost.move(inpost.shipments[0]["id"], "collected_from_sender")

    shop.cancel(order)
    house.run_until_state(order, "person")

    assert house.waits(order)["code"] == "shipping.handed-over"
    assert [one.state for one in house.documents(order)] == ["approved"]


def test_cancelled_while_the_label_was_awaited_the_order_leaves_no_shipment_behind(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    """The account lets shipments wait until they are bought, and gives them back until then."""
    inpost.settings.offer_selected_s = 60.0
    house = home(flow=own(None, CANCEL), carrier={"buying": "by-hand"})
    order = bought(shop, DOOR)
    house.run_until(lambda: house.waits(order).get("code") == "shipping.label-later")

    shop.cancel(order)
    house.run_until(lambda: house.waits(order).get("code") == "flow.undone")

    assert [one["status"] for one in inpost.shipments] == ["canceled"]
    assert [one.state for one in house.documents(order)] == ["cancelled"]


def test_a_wrong_token_stops_no_other_step_and_is_for_a_person(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home(flow=own(), carrier={"token": "wrong"})

    order = bought(shop, DOOR)
    house.run_until_state(order, "person")

    assert house.waits(order)["code"] == "carrier.bad-key"
    assert house.kinds(order) == ["FS"]


def test_through_apaczka_a_courier_is_ordered_once_its_answer_is_lost(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    with Apaczka() as depot:
        connection = {
            "app_id": depot.app_id,
            "app_secret": depot.app_secret,
            "url": depot.url,
            "sender_name": "Sklep Przykładowy",
            "sender_street": "Tkacka 7B",
            "sender_postcode": "90-156",
            "sender_city": "Łódź",
            "sender_phone": "500100200",
            "sender_email": "magazyn@example.com",
            "settle_s": 0.2,
            "recheck_s": 0.2,
            "calls_per_minute": 0,
        }
        home = house(flow=own({"carrier": "apaczka", "service": "21"}), apaczka=[connection])
        depot.misbehave("cut-after", "create")

        order = bought(shop, DOOR)
        home.run_until_state(order, "done")

        assert len(depot.shipments) == 1
        assert [one.kind for one in waiting(home)] == ["label"]
        home.stop()


def test_the_dry_run_says_where_the_payment_is_booked_and_how_it_is_shipped(
    shop: Sandbox, inpost: ShipX, home: Callable[..., House]
) -> None:
    house = home()
    order = bought(shop)

    [looker] = house.pomost.lookers
    [(case, steps)] = [one for one in looker.preview(10) if one[0].external_id == str(order)]
    found = dry_run(house.pomost.flows["sklep"], case, steps, house.ledger)

    paid = shop.order(order)["payment_done"]
    acts = {line.step: line.act for line in found.lines}
    assert acts["book"] == f"book {Decimal(str(paid)):.2f} PLN on PAYU"
    assert acts["ship"] == "ship by inpost (inpost_locker_standard) to WAW00T"
    assert found.waits[0].step == "sent"
    assert inpost.shipments == []


def test_a_label_in_zpl_waits_for_the_print_agent_and_goes_into_no_common_pdf(
    shop: Sandbox, inpost: ShipX, post: Behaviour, home: Callable[..., House]
) -> None:
    steps = [
        {"id": "sale", "issue": "FS", "when": "order.is_paid"},
        {
            "id": "ship",
            "ship": {
                "carrier": "inpost",
                "service": "inpost_locker_standard",
                "template": "small",
                "label": "zpl",
            },
            "print": ["label"],
        },
    ]
    house = home(flow={"preset": "", "step": steps})

    order = bought(shop)
    house.run_until(lambda: house.state(order) == "done")

    [label] = waiting(house)
    content = content_of(house.pomost, label)
    assert label.file.endswith(".zpl")
    assert content.startswith(b"^XA")
    assert inpost.shipments[0]["tracking_number"].encode() in content
    with pytest.raises(NeedsPerson) as refused:
        one_pdf(house.pomost, [label])
    assert refused.value.code == "print.not-drawn"
    assert "ZPL" in refused.value.text
