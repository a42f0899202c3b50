"""What buyers order and what they do afterwards."""

import itertools
import json
import random
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from stdnum.eu import vat
from stdnum.pl import nip

from pomost.sandbox.baselinker import catalogue
from pomost.sandbox.baselinker.buyers import MIX, WAITS, Buyers, Event, Mix, make_order

NOW = 1_791_200_000
ORDER_FIELDS = """
order_id shop_order_id external_order_id order_source order_source_id order_source_info order_status_id confirmed
date_confirmed date_add date_in_status user_login phone email user_comments admin_comments currency payment_method
payment_method_cod payment_done delivery_method_id delivery_method delivery_price delivery_package_module
delivery_package_nr delivery_fullname delivery_company delivery_address delivery_city delivery_state delivery_postcode
delivery_country delivery_country_code delivery_point_id delivery_point_name delivery_point_address
delivery_point_postcode delivery_point_city invoice_fullname invoice_company invoice_nip invoice_address
invoice_postcode invoice_city invoice_state invoice_country invoice_country_code want_invoice extra_field_1
extra_field_2 custom_extra_fields order_page pick_state pack_state star crm_client_id products status
"""
LINE_FIELDS = """
storage storage_id order_product_id product_id variant_id name attributes sku ean location warehouse_id auction_id
price_brutto tax_rate quantity weight bundle_id
"""
LENGTHS = {
    "delivery_fullname": 100,
    "delivery_company": 100,
    "invoice_fullname": 200,
    "invoice_company": 200,
    "delivery_method": 100,
    "external_order_id": 50,
    "email": 150,
    "extra_field_1": 50,
}


def bought(n: int = 500, seed: int = 0, **wishes: Any) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    return [make_order(rng, NOW + second, **wishes) for second in range(n)]


def one(**wishes: Any) -> dict[str, Any]:
    return make_order(random.Random(5), NOW, **wishes)


def worth(order: dict[str, Any]) -> Decimal:
    lines = sum(
        (Decimal(str(line["price_brutto"])) * line["quantity"] for line in order["products"]), Decimal(0)
    )
    return lines + Decimal(str(order["delivery_price"]))


def discounts(order: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for line in order["products"] if line["price_brutto"] < 0]


def rates(order: dict[str, Any]) -> set[float]:
    return {line["tax_rate"] for line in order["products"]}


def undercut(order: dict[str, Any]) -> bool:
    """All goods cost less than in the catalogue."""
    return order["currency"] == "PLN" and all(
        Decimal(str(line["price_brutto"])) < catalogue.BY_SKU[line["sku"]].price_gross
        for line in order["products"]
        if line["sku"]
    )


# one order


def test_the_same_seed_gives_the_same_orders_and_another_seed_others() -> None:
    assert bought(100, seed=1) == bought(100, seed=1)
    assert bought(100, seed=1) != bought(100, seed=2)


def test_orders_and_lines_have_all_fields_of_the_reference() -> None:
    for order in bought(200):
        assert sorted(order) == sorted(ORDER_FIELDS.split())
        assert [sorted(line) for line in order["products"]] == [sorted(LINE_FIELDS.split())] * len(
            order["products"]
        )
        assert (order["order_id"], {line["order_product_id"] for line in order["products"]}) == (0, {0})


KINDS = {
    "marketplace": lambda o: o["order_source"] in ("allegro", "erli"),
    "own shop": lambda o: o["order_source"] == "shop" and o["shop_order_id"] > 0,
    "by hand": lambda o: o["order_source"] == "personal",
    "NIP of digits only": lambda o: o["invoice_nip"].isdigit(),
    "NIP with dashes": lambda o: "-" in o["invoice_nip"],
    "NIP with spaces": lambda o: " " in o["invoice_nip"].strip(),
    "NIP with prefix": lambda o: o["invoice_nip"].startswith("PL"),
    "company wants an invoice": lambda o: o["invoice_company"] and o["want_invoice"] == "1",
    "person with receipt": lambda o: not o["invoice_nip"] and o["want_invoice"] == "0",
    "invoice without NIP": lambda o: not o["invoice_nip"] and o["want_invoice"] == "1",
    "cash on delivery": lambda o: o["payment_method_cod"] == "1" and o["payment_done"] == 0,
    "parcel locker": lambda o: o["delivery_point_id"] and o["delivery_point_name"].startswith("Paczkomat"),
    "OSS 19": lambda o: (o["currency"], o["delivery_country_code"]) == ("EUR", "DE") and 19 in rates(o),
    "OSS 7": lambda o: (o["currency"], o["delivery_country_code"]) == ("EUR", "DE") and 7 in rates(o),
    "reverse charge": lambda o: o["currency"] == "EUR" and o["invoice_nip"] and rates(o) == {-0.03},
    "several rates": lambda o: len(rates(o) & {23, 8, 5, 0, -1}) > 2,
    **{f"VAT {rate}": lambda o, rate=rate: rate in rates(o) for rate in (23, 8, 5, 0, -1)},
    "discount as a line": lambda o: (
        [(line["sku"], line["product_id"]) for line in discounts(o)] == [("", "")]
    ),
    "discount in the prices": undercut,
    "free delivery": lambda o: o["delivery_price"] == 0,
    "paid delivery": lambda o: o["delivery_price"] > 0,
    "unconfirmed": lambda o: not o["confirmed"] and o["date_confirmed"] == 0,
    "unpaid": lambda o: o["confirmed"] and o["payment_method_cod"] == "0" and o["payment_done"] == 0,
    "partly paid": lambda o: 0 < Decimal(str(o["payment_done"])) < worth(o),
    "paid": lambda o: Decimal(str(o["payment_done"])) == worth(o),
    "long company": lambda o: len(o["invoice_company"]) > 150,
    "long person": lambda o: len(o["invoice_fullname"]) > 90,
    "long article": lambda o: any(len(line["name"]) > 120 for line in o["products"]),
    "confirmed after it was made": lambda o: 0 < o["date_add"] < o["date_confirmed"],
    "many pieces": lambda o: any(line["quantity"] >= 10 for line in o["products"]),
}


@pytest.fixture(scope="module")
def five_hundred() -> list[dict[str, Any]]:
    return bought(500)


@pytest.mark.parametrize("kind", KINDS)
def test_among_500_orders_there_is(kind: str, five_hundred: list[dict[str, Any]]) -> None:
    assert any(KINDS[kind](order) for order in five_hundred)


def test_unknown_articles_are_ordered_only_when_the_mix_says_so(five_hundred: list[dict[str, Any]]) -> None:
    def unknown(orders: list[dict[str, Any]]) -> int:
        skus = [line["sku"] for order in orders for line in order["products"] if line["sku"]]
        return sum(sku not in catalogue.BY_SKU for sku in skus)

    assert unknown(five_hundred) == 0
    assert unknown(bought(50, mix=Mix(unknown_sku=1))) == 50


def test_all_tax_numbers_are_valid(five_hundred: list[dict[str, Any]]) -> None:
    for order in five_hundred:
        number = order["invoice_nip"]
        if number:
            abroad = order["invoice_country_code"] != "PL"
            assert vat.is_valid(number) if abroad else nip.is_valid(number.strip().removeprefix("PL"))


def test_amounts_print_as_they_are_meant_and_no_order_is_worth_less_than_nothing(
    five_hundred: list[dict[str, Any]],
) -> None:
    for order in five_hundred:
        again = json.loads(json.dumps(order), parse_float=Decimal, parse_int=Decimal)
        amounts = [
            again["payment_done"],
            again["delivery_price"],
            *(line["price_brutto"] for line in again["products"]),
        ]
        assert all(amount == amount.quantize(Decimal("0.01")) for amount in amounts)
        assert 0 <= again["payment_done"] <= worth(order)
        assert worth(order) > 0


def test_texts_fit_the_fields_and_people_are_samples(five_hundred: list[dict[str, Any]]) -> None:
    for order in five_hundred:
        assert [key for key, most in LENGTHS.items() if len(order[key]) > most] == []
        assert [line["name"] for line in order["products"] if len(line["name"]) > 130] == []
        assert order["email"].endswith("@example.com")


def test_times_lie_behind_the_clock_and_agree(five_hundred: list[dict[str, Any]]) -> None:
    for second, order in enumerate(five_hundred):
        assert NOW + second - 90 <= order["date_add"] <= NOW + second
        if order["confirmed"]:
            assert order["date_confirmed"] == order["date_in_status"] == NOW + second


def test_a_discount_line_carries_the_rate_of_the_dearest_line(five_hundred: list[dict[str, Any]]) -> None:
    with_discount = [order for order in five_hundred if discounts(order)]
    assert len(with_discount) > 10
    for order in with_discount:
        goods = [line for line in order["products"] if line["price_brutto"] > 0]
        dearest = max(goods, key=lambda line: Decimal(str(line["price_brutto"])) * line["quantity"])
        assert discounts(order)[0]["tax_rate"] == dearest["tax_rate"]
        assert discounts(order)[0]["name"] == f"Rabat {order['extra_field_1']}"


# wishes


def test_wished_lines_take_from_the_catalogue_what_they_do_not_say() -> None:
    order = one(
        lines=[
            {"sku": "KUBEK-01", "quantity": 2},
            {"sku": "KAWA-1KG", "price_brutto": Decimal("0.10"), "tax_rate": "5.5", "name": "Kawa"},
            {"sku": "NIE-MA", "quantity": 3},
        ],
        delivery_price="9.99",
    )
    keys = ("sku", "name", "price_brutto", "tax_rate", "quantity", "ean", "product_id")
    assert [tuple(line[key] for key in keys) for line in order["products"]] == [
        ("KUBEK-01", "Kubek ceramiczny 350 ml, biały", 29.95, 23, 2, "5900000000015", "700200301"),
        ("KAWA-1KG", "Kawa", 0.1, 5.5, 1, "5900000000411", "700200341"),
        ("NIE-MA", "Towar NIE-MA", 10, 23, 3, "", ""),
    ]
    assert order["payment_done"] == 99.99


def test_what_is_not_wished_stays_usual_in_an_order_with_wished_lines() -> None:
    for order in bought(300, lines=[{"sku": "KUBEK-01"}]):
        seen = (order["confirmed"], order["currency"], order["want_invoice"], order["invoice_nip"])
        assert seen == (True, "PLN", "0", "")
        assert order["payment_method_cod"] == "0"
        assert Decimal(str(order["payment_done"])) == worth(order)
        assert [line["price_brutto"] for line in order["products"]] == [29.95]


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        pytest.param(
            {"nip": "123-456-32-18"},
            {
                "invoice_nip": "123-456-32-18",
                "want_invoice": "1",
                "invoice_country_code": "PL",
                "currency": "PLN",
            },
            id="NIP makes a company",
        ),
        pytest.param(
            {"nip": "1234563218", "company": "Wzór S.A.", "want_invoice": False},
            {"invoice_nip": "1234563218", "invoice_company": "Wzór S.A.", "want_invoice": "0"},
            id="NIP on a receipt",
        ),
        pytest.param(
            {"nip": "", "want_invoice": True},
            {"invoice_nip": "", "invoice_company": "", "want_invoice": "1"},
            id="invoice without NIP",
        ),
        pytest.param(
            {"company": "Wzór S.A."},
            {
                "invoice_company": "Wzór S.A.",
                "delivery_company": "Wzór S.A.",
                "invoice_nip": "",
                "want_invoice": "1",
            },
            id="company without NIP",
        ),
        pytest.param(
            {"nip": "DE111111125"},
            {
                "invoice_country_code": "DE",
                "currency": "EUR",
                "want_invoice": "1",
                "invoice_company": "Muster GmbH",
            },
            id="tax number of Germany",
        ),
        pytest.param(
            {"country": "FR"},
            {
                "delivery_country_code": "FR",
                "delivery_country": "Francja",
                "currency": "EUR",
                "invoice_nip": "",
            },
            id="consumer in France",
        ),
        pytest.param(
            {"country": "JP"}, {"invoice_country_code": "JP", "invoice_country": "Japonia"}, id="far away"
        ),
        pytest.param({"currency": "GBP"}, {"currency": "GBP", "delivery_country_code": "PL"}, id="currency"),
        pytest.param({"status": "W realizacji"}, {"status": "W realizacji"}, id="status"),
        pytest.param({"paid": False}, {"payment_done": 0}, id="unpaid"),
        pytest.param({"paid": "12.30"}, {"payment_done": 12.3}, id="partly paid"),
        pytest.param({"paid": Decimal(0)}, {"payment_done": 0}, id="paid nothing"),
        pytest.param(
            {"cod": True},
            {"payment_method_cod": "1", "payment_done": 0, "delivery_point_id": "", "confirmed": True},
            id="cash on delivery",
        ),
        pytest.param(
            {"cod": True, "paid": "5"}, {"payment_method_cod": "1", "payment_done": 5}, id="cod, part paid"
        ),
        pytest.param({"delivery_price": "7.77"}, {"delivery_price": 7.77}, id="delivery price"),
        pytest.param(
            {"confirmed": False},
            {"confirmed": False, "date_confirmed": 0, "payment_done": 0},
            id="unconfirmed",
        ),
        pytest.param({"at": NOW - 5}, {"date_add": NOW - 5, "date_in_status": NOW - 5}, id="time"),
        pytest.param({"email": "jan@example.com"}, {"email": "jan@example.com"}, id="e-mail"),
        pytest.param(
            {"source": "allegro"},
            {"order_source": "allegro", "order_source_id": 51877, "shop_order_id": 0},
            id="source",
        ),
        pytest.param({"source": "ebay"}, {"order_source": "ebay", "order_source_id": 0}, id="another source"),
    ],
)
def test_a_wish_is_fulfilled(wishes: dict[str, Any], expected: dict[str, Any]) -> None:
    for order in bought(60, **wishes):
        assert {key: order[key] for key in expected} == expected


def test_an_order_wished_to_be_paid_is_confirmed_and_paid_whatever_chance_says() -> None:
    for order in bought(200, paid=True):
        assert order["confirmed"]
        assert Decimal(str(order["payment_done"])) == worth(order)


@pytest.mark.parametrize(
    ("wishes", "price", "rate"),
    [
        pytest.param({}, 29.95, 23, id="at home"),
        # 29.95 / 1.23 = 24.35 net = 5.66 EUR
        pytest.param({"nip": "CZ00000019"}, 5.66, -0.03, id="reverse charge: net"),
        pytest.param({"country": "DE"}, 6.74, 19, id="OSS: net with German VAT"),
        pytest.param({"country": "JP"}, 6.97, 23, id="no OSS rate known: as at home, in EUR"),
        pytest.param({"country": "DE", "currency": "PLN"}, 28.98, 19, id="OSS in PLN"),
    ],
)
def test_the_price_of_an_article_follows_the_buyer(wishes: dict[str, Any], price: float, rate: float) -> None:
    (line,) = one(lines=[{"sku": "KUBEK-01"}], **wishes)["products"]
    assert (line["price_brutto"], line["tax_rate"]) == (price, rate)


def test_numbered_orders_of_one_shop_have_numbers_of_their_own() -> None:
    rng = random.Random(1)
    orders = [make_order(rng, NOW, serial, source="shop") for serial in range(300)]
    assert [order["shop_order_id"] for order in orders] == [48_000 + serial for serial in range(300)]
    assert [order["external_order_id"] for order in orders] == [str(48_000 + serial) for serial in range(300)]


def test_a_large_catalogue_can_be_bought_from() -> None:
    items = catalogue.many(1000, seed=1)
    skus = {line["sku"] for order in bought(50, items=items) for line in order["products"] if line["sku"]}
    assert len(skus) > 50
    assert skus <= {item.sku for item in items}


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        pytest.param(
            {"colour": "red"}, "A buyer has no wish 'colour'; known are at, cod, company", id="wish"
        ),
        pytest.param(
            {"lines": [{"sku": "A", "size": 1}]}, "A wished line has no size; known are", id="field"
        ),
        pytest.param(
            {"lines": [{"quantity": 1}]}, "has no sku; write one, or an empty text for none", id="no SKU"
        ),
        pytest.param(
            {"lines": [{"sku": "A", "quantity": 1.5}]}, "quantity 1.5; write a whole number", id="quantity"
        ),
        pytest.param({"items": ()}, "Buyers find nothing to buy", id="empty shop"),
    ],
)
def test_what_cannot_be_understood_is_refused(wishes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        one(**wishes)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        pytest.param({"cod": 1.5}, "cod is 1.5; write a number from 0 to 1", id="share"),
        pytest.param({"person": -1}, "person is -1; write a number 0 or more", id="weight"),
        pytest.param(
            {"marketplace": 0, "shop": 0, "manual": 0}, "all of marketplace, shop, manual are 0", id="none"
        ),
        pytest.param({"cancels": 0.6, "returns": 0.6}, "together more than 1", id="too much happens"),
    ],
)
def test_an_impossible_mix_is_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Mix(**wrong)


# what happens over time

BUSY = Mix(
    unconfirmed=0.2,
    unpaid=0.2,
    partly_paid=0.1,
    edits_line=0.1,
    edits_address=0.1,
    cancels=0.1,
    returns=0.1,
    splits=0.1,
    merges=0.1,
    copies=0.1,
)


def happened(n: int = 4000, seed: int = 1, mix: Mix = BUSY, **more: Any) -> list[Event]:
    waits = dict.fromkeys(WAITS, (10.0, 600.0))
    return list(itertools.islice(Buyers(seed, mix, 60, NOW, waits=waits, **more), n))


def test_events_come_in_the_order_of_time_and_all_acts_occur() -> None:
    events = happened()
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert events[0].at > NOW
    assert {event.act for event in events} == {"place", *WAITS}


def test_the_same_seed_gives_the_same_events_and_another_seed_others() -> None:
    assert happened(300, seed=1) == happened(300, seed=1)
    assert happened(300, seed=1) != happened(300, seed=2)


def test_it_does_not_matter_at_which_speed_events_are_taken() -> None:
    slow, fast = Buyers(3, MIX, 30, NOW), Buyers(3, MIX, 30, NOW)
    by_minute = [event for minute in range(1, 121) for event in slow.due(NOW + 60 * minute)]
    at_once = fast.due(NOW + 7200)
    assert by_minute == at_once
    assert sum(event.act == "place" for event in at_once) > 3000
    assert slow.due(NOW + 7200) == []


def test_the_rate_is_kept_on_average() -> None:
    placed = [event for event in Buyers(1, MIX, 10, NOW).due(NOW + 100 * 60) if event.act == "place"]
    assert 900 < len(placed) < 1100


def test_orders_are_dated_when_they_are_placed() -> None:
    for event in happened(500):
        if event.act == "place":
            assert event.at - 92 < event.args["order"]["date_add"] <= event.at


def story_of(events: list[Event]) -> tuple[list[dict[str, Any]], dict[int, list[Event]]]:
    """The orders placed, and what happened to each; being merged into another counts as a happening."""
    orders: list[dict[str, Any]] = []
    stories: dict[int, list[Event]] = {}
    for event in events:
        if event.act == "place":
            orders.append(event.args["order"])
            continue
        for nth in (event.args["nth"], *event.args.get("others", [])):
            assert nth < len(orders), "an act comes before its order"
            stories.setdefault(nth, []).append(event)
    return orders, stories


def test_every_act_makes_sense_for_its_order() -> None:
    orders, stories = story_of(happened())
    for nth, events in stories.items():
        order, acts = orders[nth], Counter(event.act for event in events)
        assert max(acts.values()) == 1
        assert len(acts - Counter(["confirm", "pay"])) <= 1, "at most one thing becomes of an order"
        assert acts["confirm"] == (not order["confirmed"])
        paid = order["payment_method_cod"] == "1" or Decimal(str(order["payment_done"])) == worth(order)
        assert not (paid and acts["pay"]), "nobody pays twice"
        if acts["return_goods"]:
            assert paid or acts["pay"], "nobody returns what is not paid"
        order_of_acts = [event.act for event in events if event.act in ("confirm", "pay")]
        assert order_of_acts == sorted(order_of_acts)
        assert [event.act for event in events][: len(order_of_acts)] == order_of_acts, "settled first"


def test_lines_that_are_edited_split_and_returned_are_in_the_order() -> None:
    orders, stories = story_of(happened())
    checked = Counter[str]()
    for nth, events in stories.items():
        products = orders[nth]["products"]
        goods = sum(line["quantity"] for line in products if line["sku"])
        for event in events:
            for line, quantity in event.args.get("lines", {}).items():
                assert products[line]["sku"]
                assert 1 <= quantity <= products[line]["quantity"]
            if event.act == "split":
                assert sum(event.args["lines"].values()) < goods, "something stays behind"
            if event.act == "edit_line":
                before = products[event.args["line"]]
                assert before["sku"]
                assert abs(event.args["quantity"] - before["quantity"]) == 1
                assert event.args["quantity"] >= 1
            checked[event.act] += 1
    assert min(checked[act] for act in ("split", "edit_line", "return_goods")) > 20


def test_merged_orders_are_of_one_buyer_and_can_be_sent_together() -> None:
    events = happened()
    orders, _ = story_of(events)
    merges = [event.args for event in events if event.act == "merge"]
    assert len(merges) > 20
    same = (
        "email",
        "delivery_address",
        "delivery_point_id",
        "currency",
        "payment_method_cod",
        "order_source",
        "invoice_nip",
    )
    for merge in merges:
        main, (other,) = orders[merge["nth"]], (orders[nth] for nth in merge["others"])
        assert [main[key] for key in same] == [other[key] for key in same]
        assert (main["confirmed"], other["confirmed"]) == (True, True)
        for order in (main, other):
            assert Decimal(str(order["payment_done"])) == worth(order)


def test_waits_are_kept() -> None:
    orders, stories = story_of(
        happened(mix=Mix(unconfirmed=0, unpaid=0, partly_paid=0, cancels=0.5, merges=0))
    )
    cancelled = [(nth, event) for nth, events in stories.items() for event in events if event.act == "cancel"]
    assert len(cancelled) > 500
    for nth, event in cancelled:
        assert 10 <= event.at - orders[nth]["date_in_status"] < 601


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        pytest.param(
            {"rate_per_minute": 0}, "cannot place 0 orders per minute; write more than 0", id="rate"
        ),
        pytest.param(
            {"waits": {"sleep": (1, 2)}}, "Nobody waits for sleep; known are confirm, pay", id="wait"
        ),
        pytest.param(
            {"waits": {"pay": (2, 1)}}, r"pay waits \(2, 1\); write seconds, least before most", id="order"
        ),
    ],
)
def test_impossible_buyers_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Buyers(1, **wrong)
