"""A09: two companies of one owner: one sells in the channel, the other holds the goods."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pomost.checking import check
from pomost.flows.dry_run import dry_run
from pomost.ledger import receive_draft
from pomost.ports import NeedsPerson
from pomost.sandbox.baselinker import Sandbox
from pomost.trade.documents import Document, Draft, DraftLine
from pomost.trade.order import Party
from pomost.trade.vat import VatRate
from tests.house import TODAY, House, config_for

COMPANIES = [
    {"code": "main", "name": "Sklep Przykładowy sp. z o.o.", "nip": "1234563218"},
    {"code": "hurt", "name": "Hurtownia Przykładowa sp. z o.o.", "nip": "5252248481"},
]
MUGS = [{"sku": "KUBEK-1", "quantity": 2, "price_brutto": "30.75"}]
PURCHASE = {"preset": "two-companies-purchase"}


def two_companies(house: Callable[..., House], *, price: str = "15.00", **wanted: Any) -> House:
    """Company main sells and has nothing; company hurt has ten mugs that cost 8.00 each."""
    home = house(stocked=False, company=COMPANIES, **wanted)
    card = {"sku": "KUBEK-1", "name": "Kubek", "vat": "23"}
    home.ledger.setup.add_items("main", [card])
    levels = {"HURT": Decimal(price)} if price else {}
    home.ledger.setup.add_items("hurt", [{**card, "prices": levels}])
    receive(home, 10)
    return home


def receive(home: House, quantity: int, key: str = "opening") -> None:
    goods = {"KUBEK-1": (Decimal(quantity), Decimal("8.00"))}
    home.ledger.issue(receive_draft("hurt", "MAG", key, TODAY, goods))


def made(home: House, company: str) -> list[Document]:
    return [document for document in home.ledger.documents(company) if document.kind != "PW"]


def held(home: House, company: str) -> tuple[Decimal, Decimal]:
    level = home.ledger.stock(company, "KUBEK-1")["MAG"]
    return level.quantity, level.reserved


def test_a09_the_goods_are_bought_from_the_other_company_for_the_order(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = two_companies(house, flow=PURCHASE)

    # A customer orders two mugs at 30.75 and pays; the price between the companies is 15.00 with VAT.
    order = shop.place(lines=MUGS, nip="", want_invoice=False, paid=True, delivery_price="14.99")[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")

    # The wholesaler reserved them for the shop, invoiced them and issued them.
    reservation, invoice, issue = made(home, "hurt")
    assert [reservation.number, invoice.number, issue.number] == ["RO/1/2026", "FS/1/2026", "WZ/1/2026"]
    assert (invoice.buyer.company, invoice.buyer.tax_id) == ("Sklep Przykładowy sp. z o.o.", "1234563218")
    assert (invoice.basis, invoice.net, invoice.tax, invoice.gross) == (
        "net",
        Decimal("24.39"),
        Decimal("5.61"),
        Decimal("30.00"),
    )
    assert (issue.sources, invoice.paid) == ((invoice.id,), 0)
    assert held(home, "hurt") == (8, 0)

    # The shop booked the same amounts as a purchase, and received the goods at that cost.
    own, purchase, receipt = made(home, "main")
    assert [own.kind, purchase.kind, receipt.kind] == ["RO", "FZ", "PZ"]
    assert (purchase.net, purchase.tax, purchase.gross) == (invoice.net, invoice.tax, invoice.gross)
    assert (purchase.buyer.company, purchase.foreign_number) == (
        "Hurtownia Przykładowa sp. z o.o.",
        "FS/1/2026",
    )
    assert receipt.sources == (purchase.id,)
    assert home.ledger.stock("main", "KUBEK-1")["MAG"].value == Decimal("24.39")
    assert held(home, "main") == (2, 2)

    # Packed, they are sold to the customer out of what was received.
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")
    assert [document.kind for document in made(home, "main")] == ["RO", "FZ", "PZ", "PA", "WZ"]
    sale = made(home, "main")[3]
    assert (sale.gross, sale.buyer.name) == (Decimal("76.49"), "Anna Przykładowa")
    assert held(home, "main") == (0, 0)
    assert len(made(home, "hurt")) == 3
    assert shop.order(order)["custom_extra_fields"]["51001"] == "RO/1/2026, RO/1/2026"


def test_a09_only_the_ro_goes_to_the_company_that_sends_the_goods(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = two_companies(house, flow={"preset": "two-companies-ro"})
    order = shop.place(lines=MUGS, nip="1234563218", paid=True, delivery_price="0")[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")

    # The wholesaler's RO: bought by the shop, sent to the customer.
    (reservation,) = made(home, "hurt")
    assert (reservation.kind, reservation.buyer.company) == ("RO", "Sklep Przykładowy sp. z o.o.")
    assert reservation.recipient is not None
    assert reservation.recipient.name == "Anna Przykładowa"
    assert held(home, "hurt") == (10, 2)

    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")
    assert [document.kind for document in made(home, "hurt")] == ["RO", "WZ"]
    assert [document.kind for document in made(home, "main")] == ["RO", "FS"]
    assert held(home, "hurt") == (8, 0)
    assert shop.order(order)["status"] == "Wysłane"
    # no goods of the shop's ever leave: with its invoice its own reservation is over
    assert held(home, "main") == (0, 0)


def test_a09_the_shops_own_goods_are_free_again_once_the_other_companys_were_sold(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = two_companies(house, flow={"preset": "two-companies-ro"})
    goods = {"KUBEK-1": (Decimal(3), Decimal("9.00"))}
    home.ledger.issue(receive_draft("main", "MAG", "own", TODAY, goods))

    # The shop has three mugs of its own. Two are ordered, which the wholesaler sends.
    order = shop.place(lines=MUGS, nip="1234563218", paid=True, delivery_price="14.99")[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    assert (held(home, "main"), held(home, "hurt")) == ((3, 2), (10, 2))

    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    # All three may be sold: the order is realised in both companies, and the shop's shelf was not touched.
    assert (held(home, "main"), held(home, "hurt")) == ((3, 0), (8, 0))
    reservation, invoice = (one for one in made(home, "main"))
    assert [line.realised for line in reservation.lines] == [line.quantity for line in reservation.lines]
    assert home.ledger.stock("main", "KUBEK-1")["MAG"].value == Decimal("27.00")
    home.ledger.issue(
        Draft(
            kind="WZ", company="main", key="counter", issued_on=TODAY, buyer=Party(name="Jan"),
            lines=(DraftLine("KUBEK-1", "Kubek", Decimal(3), Decimal(9), VatRate.of("23")),),
        )
    )  # fmt: skip

    # Nothing more can be issued for the invoice here.
    with pytest.raises(NeedsPerson, match="issued by another company"):
        home.ledger.issue(Draft("WZ", "main", "again", TODAY, sources=(invoice.id,)))


def test_a09_an_invoice_that_is_cancelled_reserves_the_goods_again(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    no_pdf = {"id": "sale-back", "write": {"status": "Wysłane"}}
    cancel = {"id": "cancel", "cancel": ["ro", "second-ro", "second-wz", "sale"], "after": []}
    home = two_companies(house, flow={"preset": "two-companies-ro", "step": [no_pdf, cancel]})
    order = shop.place(lines=MUGS, nip="1234563218", paid=True, delivery_price="0")[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")
    assert held(home, "main") == (0, 0)

    shop.cancel(order)
    home.run_until(lambda: home.waits(order).get("code") == "flow.undone")

    assert {one.state for company in ("main", "hurt") for one in made(home, company)} == {"cancelled"}
    assert (held(home, "main"), held(home, "hurt")) == ((0, 0), (10, 0))


@pytest.mark.parametrize(
    ("rule", "more", "net"),
    [
        ("level:HURT", {}, "12.1951"),
        ("margin:5", {}, "8.40"),
        ("order", {}, "25"),
        ("fixed", {"fixed_prices": {"KUBEK-1": "9.99"}}, "9.99"),
    ],
    ids=["level", "margin", "order", "fixed"],
)
def test_a09_the_price_between_the_companies_follows_the_rule(
    rule: str, more: dict[str, Any], net: str, shop: Sandbox, house: Callable[..., House]
) -> None:
    step = {"id": "second-ro", "issue": "RO", "company": "hurt", "prices": rule, **more}
    home = two_companies(house, flow={**PURCHASE, "step": [step]})
    shop.place(lines=MUGS, paid=True)

    home.run_until(lambda: len(made(home, "hurt")) == 3)

    assert [document.lines[0].price for document in made(home, "hurt")] == [Decimal(net)] * 3


def test_a09_an_item_that_the_other_company_does_not_know_is_named_and_waited_for(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    step = {"id": "second-ro", "issue": "RO", "company": "hurt", "prices": "order"}
    home = two_companies(house, flow={**PURCHASE, "step": [step]})
    home.ledger.setup.add_items("main", [{"sku": "NOWY-1", "name": "Nowy", "vat": "23"}])
    order = shop.place(lines=[{"sku": "NOWY-1", "quantity": 1, "price_brutto": "10"}], paid=True)[0]
    home.run_until_state(order, "waiting")
    home.run_until(lambda: home.waits(order).get("code") == "ledger.unknown-item")
    assert "company hurt has no item card for NOWY-1" in home.waits(order)["text"]

    home.ledger.setup.add_items("hurt", [{"sku": "NOWY-1", "name": "Nowy", "vat": "23"}])

    home.run_until(lambda: [document.kind for document in made(home, "hurt")] == ["RO", "FS"])
    home.run_until(lambda: home.waits(order).get("code") == "ledger.not-in-stock")
    assert made(home, "main")[-1].kind == "RO", "nothing is booked as bought before it was issued"


def test_a09_a_price_that_is_missing_is_asked_for(shop: Sandbox, house: Callable[..., House]) -> None:
    home = two_companies(house, flow=PURCHASE, price="")
    order = shop.place(lines=MUGS, paid=True)[0]

    home.run_until_state(order, "person")

    waits = home.waits(order)
    assert waits["code"] == "trade.no-price-between"
    assert "company hurt: There is no price in PLN at the price level HURT for KUBEK-1." in waits["text"]


def test_a09_one_wz_for_the_several_invoices_of_an_order_in_parts(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    fs = {
        "id": "second-fs",
        "issue": "FS",
        "company": "hurt",
        "source": ["second-ro"],
        "partial": "available",
    }
    home = two_companies(house, flow={**PURCHASE, "step": [fs]})
    many = [{"sku": "KUBEK-1", "quantity": 12, "price_brutto": "30.75"}]
    shop.place(lines=many, paid=True)
    # Ten are there and twelve are ordered: they are invoiced in two parts, and leave together.
    home.run_until(lambda: [one.kind for one in made(home, "hurt")] == ["RO", "FS", "FS"])

    receive(home, 2, "later")
    home.run_until(lambda: len(made(home, "hurt")) == 4)

    _, first, second, issue = made(home, "hurt")
    assert [one.lines[0].quantity for one in (first, second)] == [10, 2]
    assert issue.sources == (first.id, second.id)
    home.run_until(lambda: "PZ" in [one.kind for one in made(home, "main")])
    purchase = next(one for one in made(home, "main") if one.kind == "FZ")
    assert purchase.foreign_number == "FS/1/2026, FS/2/2026"
    assert purchase.gross == first.gross + second.gross


def test_a09_one_wz_for_invoices_of_several_orders(shop: Sandbox, house: Callable[..., House]) -> None:
    """The wholesaler's staff may issue the goods of several invoices at once: they have one buyer, the shop."""
    home = two_companies(house, flow={**PURCHASE, "preset": "", "step": [
        {"id": "ro", "issue": "RO"},
        {"id": "second-ro", "issue": "RO", "company": "hurt", "prices": "order"},
        {"id": "second-fs", "issue": "FS", "company": "hurt", "source": ["second-ro"]},
    ]})  # fmt: skip
    orders = shop.place(lines=MUGS, paid=True, orders=3)
    home.run_until(lambda: all(home.state(order) == "done" for order in orders))
    invoices = tuple(one.id for one in made(home, "hurt") if one.kind == "FS")

    issue = home.ledger.issue(
        Draft(kind="WZ", company="hurt", key="by-hand", issued_on=TODAY, sources=invoices)
    )

    assert (issue.sources, held(home, "hurt")) == (invoices, (4, 0))


def test_a09_an_order_changed_before_the_sale_changes_the_ro_of_both(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = two_companies(house, flow={"preset": "two-companies-ro"})
    order = shop.place(lines=MUGS, paid=True)[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    line = shop.order(order)["products"][0]["order_product_id"]

    shop.edit_line(order, line, quantity=5)

    home.run_until(lambda: [made(home, one)[0].lines[0].quantity for one in ("main", "hurt")] == [5, 5])
    assert held(home, "hurt") == (10, 5)


def test_a09_cancelled_all_documents_of_both_companies_are_undone(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    cancel = {
        "id": "cancel",
        "cancel": ["ro", "second-ro", "second-fs", "second-wz", "fz", "pz", "sale", "wz"],
        "after": [],
    }
    home = two_companies(house, flow={**PURCHASE, "step": [cancel]})
    order = shop.place(lines=MUGS, paid=True)[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")

    shop.cancel(order)
    home.run_until_state(order, "done")

    assert {one.state for company in ("main", "hurt") for one in made(home, company)} == {"cancelled"}
    assert (held(home, "main"), held(home, "hurt")) == ((0, 0), (10, 0))
    assert "PZ/1/2026 cancelled (received goods taken out)" in home.waits(order)["text"]


def test_a09_goods_that_were_bought_and_are_sold_already_are_a_persons_matter(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    cancel = {"id": "cancel", "cancel": ["ro", "second-ro", "second-fs", "second-wz", "fz", "pz"]}
    home = two_companies(house, flow={**PURCHASE, "step": [{**cancel, "after": []}]})
    order = shop.place(lines=MUGS, paid=True)[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    line = DraftLine("KUBEK-1", "Kubek", Decimal(1), Decimal(9), VatRate.of("23"))
    home.ledger.setup.add_items("main", [])
    home.ledger.cancel("main", made(home, "main")[0].key)
    home.ledger.issue(
        Draft(kind="RW", company="main", key="shelf", issued_on=TODAY, lines=(line,), buyer=Party())
    )

    shop.cancel(order)
    home.run_until_state(order, "person")

    assert "PZ/1/2026: goods that it received were issued since" in home.waits(order)["text"]
    assert {one.state for one in made(home, "hurt")} == {"approved"}


def test_a09_the_dry_run_names_the_company_of_each_document(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = two_companies(house, flow=PURCHASE)
    shop.place(lines=MUGS, nip="1234563218", paid=True, delivery_price="0")

    case, steps = next(iter(home.pomost.lookers[0].preview(1)))
    result = dry_run(home.pomost.flows["sklep"], case, steps, home.ledger)

    assert [(line.step, line.act) for line in result.lines] == [
        ("ro", "RO over 61.50 PLN"),
        ("second-ro", "RO over 30.00 PLN in hurt"),
        ("second-fs", "FS over 30.00 PLN in hurt"),
        ("second-wz", "WZ over 30.00 PLN in hurt"),
        ("fz", "FZ over 30.00 PLN"),
        ("pz", "PZ over 30.00 PLN"),
        ("ro-back", 'Numer RO := RO/?, RO/?; status "W realizacji"'),
    ]
    assert home.ledger.documents("main") == []


@pytest.mark.parametrize(
    ("step", "code", "text"),
    [
        ({"company": "trzecia"}, "config.unknown-company", 'there is no company "trzecia"'),
        ({"company": "hurt"}, "flow.faulty", "no prices"),
        ({"mirror": "nothing"}, "flow.faulty", 'mirror names "nothing"'),
    ],
)
def test_what_can_not_work_is_said_before(
    step: dict[str, str], code: str, text: str, shop: Sandbox, tmp_path: Any
) -> None:
    flow = {"preset": "", "step": [{"id": "ro", "issue": "RO", **step}]}

    problems = check(config_for(tmp_path, shop.url, company=COMPANIES, flow=flow))

    assert any(problem.code == code and text in problem.text for problem in problems)
