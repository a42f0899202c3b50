"""One payment and a sale in several parts, as an accountant would tell it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pomost.flows.dry_run import dry_run
from pomost.ledger import receive_draft
from pomost.reports import catalogue
from pomost.reports.report import Asked
from pomost.sandbox.baselinker import Sandbox
from pomost.trade.documents import CorrectionAsked, Document, Draft, LineChange
from tests.house import TODAY, House

D = Decimal
NIP = "1234563218"
IN_PARTS = {
    "preset": "",
    "take": 'order.status == "Nowe zamówienia"',
    "step": [
        {"id": "ro", "issue": "RO"},
        {"id": "sale", "issue": "FS", "source": ["ro"], "partial": "available", "moves_stock": True},
        {"id": "book", "book": {"document": "sale", "account": "PAYU"}},
        {"id": "sale-back", "write": {"fields": {"Numer FS/PA": "{sale.number}"}, "status": "Wysłane"}},
    ],
}
"""What is there is invoiced and issued at once, the rest when it comes."""


def bring(home: House, quantity: int, key: str) -> None:
    goods = {"KUBEK-1": (D(quantity), D("5.00"))}
    home.ledger.issue(receive_draft("main", "MAG", key, TODAY, goods))


def with_three_mugs(house: Callable[..., House]) -> House:
    home = house(stocked=False, flow=IN_PARTS)
    home.ledger.setup.add_items("main", [{"sku": "KUBEK-1", "name": "Kubek", "vat": "23"}])
    bring(home, 3, "first")
    return home


def five_mugs(shop: Sandbox, **more: Any) -> int:
    """130.00 for five mugs and 14.99 for delivery."""
    mugs = [{"sku": "KUBEK-1", "quantity": 5, "price_brutto": "26.00"}]
    return shop.place(lines=mugs, nip=NIP, **{"paid": True, "delivery_price": "14.99", **more})[0]


def sales(home: House, order: int) -> list[Document]:
    return [one for one in home.documents(order) if one.kind in ("FS", "PA", "FZAL")]


def entries(home: House, account: str = "PAYU") -> list[tuple[str, Decimal]]:
    return [(one.what, one.amount) for one in home.ledger.entries("main", account)]


def open_now(home: House) -> list[tuple[str, Decimal]]:
    return [(one.name, one.open) for one in home.ledger.open_payments("main")]


def refunds(home: House) -> list[tuple[Any, ...]]:
    """Of which document, how much, what of it is booked as paid back, and what is left."""
    asked = Asked(TODAY - timedelta(days=3), TODAY + timedelta(days=3650))
    report = catalogue.read(home.ledger, home.pomost.store, "refunds", asked, TODAY)
    places = [report.place(one) for one in ("of", "refund", "booked", "left")]
    return [tuple(row[place] for place in places) for row in report.rows]


def test_b01_a_part_that_comes_after_a_shortage_is_settled_with_what_is_left_of_the_payment(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = with_three_mugs(house)

    # A company orders five mugs and pays 144.99 at once. Three are there: they are invoiced and sent.
    order = five_mugs(shop)
    home.run_until(lambda: home.waits(order).get("code") == "ledger.not-in-stock")
    (first,) = sales(home, order)
    assert (first.number, first.gross) == ("FS/1/2026", D("92.99"))

    # All of the money is on the operator's account. The invoice has what it is worth; the rest is the buyer's.
    assert entries(home) == [("payment", D("144.99"))]
    assert home.ledger.settlement("main", first.key).paid == D("92.99")
    ((name, rest),) = open_now(home)
    assert (name, rest) == (first.buyer.shown_name, D("52.00"))

    # Two mugs come. The second invoice is settled with the rest, and nothing is booked again.
    bring(home, 2, "second")
    home.run_until_state(order, "done")
    first, second = sales(home, order)
    assert (second.number, second.gross, second.paid) == ("FS/2/2026", D("52.00"), D("52.00"))
    assert (first.paid, open_now(home)) == (D("92.99"), [])
    assert entries(home) == [("payment", D("144.99"))]
    assert shop.order(order)["status"] == "Wysłane"


def test_b01_what_was_paid_too_much_stays_open_with_the_buyers_name(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = with_three_mugs(house)
    bring(home, 2, "second")

    order = five_mugs(shop, paid=False)
    home.run_until(lambda: home.waits(order).get("code") == "booking.not-paid")
    shop.pay(order, "150.00")
    home.run_until_state(order, "done")

    (sale,) = sales(home, order)
    assert (sale.gross, sale.paid) == (D("144.99"), D("144.99"))
    assert open_now(home) == [(sale.buyer.shown_name, D("5.01"))]
    assert entries(home) == [("payment", D("150.00"))]


def test_b01_an_order_that_is_paid_later_is_settled_part_by_part_in_the_order_they_were_made(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = with_three_mugs(house)
    order = five_mugs(shop, paid=False)
    home.run_until(lambda: home.waits(order).get("code") == "ledger.not-in-stock")
    bring(home, 2, "second")
    home.run_until(lambda: home.waits(order).get("code") == "booking.not-paid")
    first, second = sales(home, order)
    assert (first.paid, second.paid) == (0, 0)

    shop.pay(order)
    home.run_until_state(order, "done")

    assert [one.paid for one in sales(home, order)] == [D("92.99"), D("52.00")]
    assert entries(home) == [("payment", D("144.99"))]


def test_b01_a_part_that_is_cancelled_or_corrected_gives_its_money_back_and_the_refund_is_in_the_report(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = with_three_mugs(house)
    order = five_mugs(shop)
    home.run_until(lambda: home.waits(order).get("code") == "ledger.not-in-stock")
    bring(home, 2, "second")
    home.run_until_state(order, "done")
    first, second = sales(home, order)
    assert refunds(home) == []

    # One mug of the first invoice comes back.
    mug = next(line for line in first.lines if line.sku == "KUBEK-1")
    asked = CorrectionAsked((LineChange(mug.id, D(1)),), "zwrot", agreed_on=TODAY, agreement="P/1")
    home.ledger.issue(Draft("FSK", "main", "fsk", TODAY, sources=(first.id,), correction=asked))
    assert home.ledger.settlement("main", first.key).paid == D("66.99")
    assert refunds(home) == [(first.number, D("26.00"), D("0.00"), D("26.00"))]

    # The second invoice is cancelled before anybody has it.
    home.ledger.cancel("main", second.key)
    assert open_now(home) == [(first.buyer.shown_name, D("78.00"))]
    assert set(refunds(home)) == {
        (first.number, D("26.00"), D("0.00"), D("26.00")),
        (second.number, D("52.00"), D("0.00"), D("52.00")),
    }

    # Both are paid back; nothing is owed to anybody.
    for one, amount in ((first, "26.00"), (second, "52.00")):
        home.ledger.pay_back("main", one.key, payment=f"r-{one.id}", amount=D(amount), on=TODAY)
    assert (refunds(home), open_now(home)) == ([], [])


def test_b01_advances_and_the_final_invoice_are_settled_by_one_payment(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    book = {"id": "book", "after": ["fs"], "book": {"document": "fs", "account": "P24"}}
    home = house(flow={"preset": "ro-fzal-fs", "step": [book]})
    mugs = [{"sku": "KUBEK-1", "quantity": 2, "price_brutto": "26.00"}]
    order = shop.place(lines=mugs, nip=NIP, paid=False, delivery_price="14.99")[0]

    # 30.00 are paid in advance and invoiced; packed, the rest is invoiced and still to be paid.
    shop.pay(order, "30.00")
    home.run_until(lambda: "FZAL" in home.kinds(order) and shop.order(order)["status"] == "W realizacji")
    shop.move(order, "Spakowane")
    home.run_until(lambda: "booking.not-paid" in str(home.waits(order)))
    advance, final = sales(home, order)
    assert (advance.paid, final.gross, final.paid) == (D("30.00"), D("36.99"), 0)

    # The rest is paid: all of it is on the account once, and each invoice has its part.
    shop.pay(order)
    home.run_until(lambda: home.state(order) == "done" and bool(entries(home, "P24")))
    assert entries(home, "P24") == [("payment", D("66.99"))]
    assert [one.paid for one in sales(home, order)] == [D("30.00"), D("36.99")]
    assert open_now(home) == []


def test_b01_an_order_whose_lines_are_divided_is_settled_by_one_payment(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    book = {
        "id": "book",
        "after": ["usl", "sale"],
        "book": {"document": "usl", "also": ["sale"], "account": "P24"},
    }
    home = house(flow={"preset": "special", "step": [book]})
    lines = [{"sku": "KUBEK-1", "quantity": 2}, {"sku": "USL-MONTAZ", "quantity": 1}]
    order = shop.place(lines=lines, nip=NIP, paid=True, delivery_price="14.99")[0]

    # The service is invoiced at once and settled at once.
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    home.run_until(lambda: [rest for _, rest in open_now(home)] == [D("66.99")])
    (service,) = sales(home, order)
    assert (service.gross, service.paid) == (D("180.00"), D("180.00"))

    # The goods follow.
    shop.move(order, "Spakowane")
    home.run_until(lambda: home.state(order) == "done" and open_now(home) == [])
    assert [one.paid for one in sales(home, order)] == [D("180.00"), D("66.99")]
    assert entries(home, "P24") == [("payment", D("246.99"))]


def test_b01_the_dry_run_says_what_would_be_settled(shop: Sandbox, house: Callable[..., House]) -> None:
    home = with_three_mugs(house)
    order = five_mugs(shop)
    home.run_until(lambda: home.waits(order).get("code") == "ledger.not-in-stock")
    home.pomost.stop()
    bring(home, 2, "second")

    case, steps = next(iter(home.pomost.lookers[0].preview(1)))
    result = dry_run(home.pomost.flows["sklep"], case, steps, home.ledger)

    assert ("book#2", "settle sale#2 with what is left of the payment") in [
        (line.step, line.act) for line in result.lines
    ]
