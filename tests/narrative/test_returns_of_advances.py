"""A12, A19: goods come back that were paid in advance, as an accountant would tell it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pomost.flows.dry_run import dry_run
from pomost.sandbox.baselinker import Sandbox
from pomost.trade.documents import CorrectionAsked, Document, Draft, LineChange
from tests.house import TODAY, House

D = Decimal
MUGS = [{"sku": "KUBEK-1", "quantity": 2}]
RETURNS = {
    "name": "zwroty",
    "source": "baselinker",
    "company": "main",
    "preset": "returns",
    "rules": {"return_reason": "Odstąpienie od umowy"},
}
NIP = "1234563218"


def home_of(house: Callable[..., House], preset: str = "fpf-fzal-fs", **sales: Any) -> House:
    flow = {"name": "sklep", "source": "baselinker", "company": "main", "preset": preset, **sales}
    return house(flows=[flow, RETURNS], baselinker={"returns_s": 0.1})


def sold(home: House, *payments: str, **more: Any) -> int:
    """Two mugs at 26.00 with delivery at 14.99 (66.99 in all), paid as told, packed and sent."""
    wanted = {"lines": MUGS, "nip": NIP, "paid": False, "delivery_price": "14.99", **more}
    order: int = home.shop.place(**wanted)[0]
    home.run_until(lambda: home.shop.order(order)["status"] == "W realizacji")
    for count, paid in enumerate(payments, 1):
        home.shop.pay(order, paid)
        home.run_until(lambda count=count: len(of_kind(home, order, "FZAL")) == count)  # type: ignore[misc]
    home.shop.move(order, "Spakowane")
    home.run_until_state(order, "done")
    return order


def send_back(home: House, order: int, quantity: int = 1, nth: int = 0) -> int:
    line = home.shop.order(order)["products"][nth]["order_product_id"]
    found: int = home.shop.return_goods(order, {line: quantity})
    home.shop.move_return(found, "Przyjęte")
    return found


def of_kind(home: House, order: int, *kinds: str) -> list[Document]:
    return [document for document in home.documents(order) if document.kind in kinds]


def corrections(home: House, order: int) -> list[tuple[str, Decimal, Decimal]]:
    """What each FSK corrects, its gross and its tax."""
    return [
        (one.correction.of_number, one.gross, one.tax)
        for one in of_kind(home, order, "FSK")
        if one.correction
    ]


def taxes(home: House, order: int) -> tuple[Decimal, Decimal]:
    """Gross and tax of everything the buyer got."""
    found = of_kind(home, order, "FZAL", "FS", "FSK")
    return sum((one.gross for one in found), D(0)), sum((one.tax for one in found), D(0))


def test_a19_what_the_final_invoice_charges_bears_the_return_alone(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = home_of(house)

    # 30.00 were paid in advance, the final invoice charges the other 36.99. One mug of 26.00 comes back.
    order = sold(home, "30.00")
    home.run_until_state(send_back(home, order), "done")

    # The final invoice can bear it; the advance is not touched.
    assert corrections(home, order) == [("FS/1/2026", D("-26.00"), D("-4.87"))]
    assert taxes(home, order) == (D("40.99"), D("7.66"))
    assert len(of_kind(home, order, "WZK")) == 1


def test_a19_what_the_final_invoice_can_not_bear_goes_to_the_newest_advance_first(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = home_of(house)

    # 40.00 and 20.00 were paid in advance, the final invoice charges 6.99.
    order = sold(home, "40.00", "60.00")
    found = send_back(home, order)
    home.run_until_state(found, "done")

    # Of 26.00 the final invoice bears 6.99, the newest advance all its 19.01 that it has to; the first none.
    assert [one[:2] for one in corrections(home, order)] == [
        ("FS/1/2026", D("-6.99")),
        ("FZAL/2/2026", D("-19.01")),
    ]
    # What is left of all invoices is, to the grosz and with its tax, an invoice over one mug and delivery.
    assert taxes(home, order) == (D("40.99"), D("7.66"))
    final, last = of_kind(home, order, "FSK")
    assert [(one.number, one.gross) for one in final.settled] == [("FZAL/2/2026", D("-19.01"))]
    assert last.correction is not None
    assert (last.correction.reason, last.correction.refund) == ("Inny", D("19.01"))
    advances = home.ledger.advances("main", [one.id for one in of_kind(home, order, "FZAL")])
    assert [one.gross for one in advances] == [0, 0], "nothing of the advances is left over"
    # Both corrections go to the buyer, each with a PDF of its own.
    assert shop.order(order)["custom_extra_fields"]["51021"] == "FSK/1/2026, FSK/2/2026"
    assert len([one for one in shop.writes(order) if "51022" in str(one.changed)]) == 2

    # The other mug comes back as well, and with it delivery: now the first advance bears the rest.
    home.run_until_state(send_back(home, order), "done")
    assert [one[:2] for one in corrections(home, order)[2:]] == [
        ("FS/1/2026", D("0.00")),
        ("FZAL/2/2026", D("-0.99")),
        ("FZAL/1/2026", D("-40.00")),
    ]
    assert taxes(home, order) == (0, 0)

    # A third mug was never sold.
    third = send_back(home, order)
    home.run_until_state(third, "person")
    assert home.waits(third)["code"] == "trade.return-more-than-left"
    assert len(of_kind(home, order, "FSK")) == 5


def test_a19_where_advances_cover_everything_they_alone_are_corrected(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = home_of(house, "ro-fzal-fs")

    # All was paid before the goods left, in two parts, so there is no final invoice.
    order = sold(home, "46.99", "66.99")
    assert of_kind(home, order, "FS") == []
    home.run_until_state(send_back(home, order), "done")

    # Of the mug's 26.00 the second advance bears its 20.00 and the first the other 6.00.
    assert [one[:2] for one in corrections(home, order)] == [
        ("FZAL/2/2026", D("-20.00")),
        ("FZAL/1/2026", D("-6.00")),
    ]
    assert taxes(home, order) == (D("40.99"), D("7.66"))
    # The first of them says which goods came back, as the advances say which were ordered.
    first, second = of_kind(home, order, "FSK")
    assert [(line.sku, line.quantity, line.gross) for line in first.ordered] == [("KUBEK-1", -1, D("-26.00"))]
    assert second.ordered == ()
    assert home.ledger.stock("main", "KUBEK-1")["MAG"].quantity == 9_999

    # The other mug, and delivery with it.
    home.run_until_state(send_back(home, order), "done")
    assert corrections(home, order)[2][:2] == ("FZAL/1/2026", D("-40.99"))
    assert taxes(home, order) == (0, 0)
    assert home.ledger.stock("main", "KUBEK-1")["MAG"].quantity == 10_000

    third = send_back(home, order)
    home.run_until_state(third, "person")
    assert home.waits(third)["code"] == "trade.return-more-than-left"


def test_a19_each_rate_is_taken_off_by_itself(shop: Sandbox, house: Callable[..., House]) -> None:
    home = home_of(house)
    lines = [{"sku": "KUBEK-1", "quantity": 2}, {"sku": "SYROP-MAL", "quantity": 2}]

    # 52.00 at 23 % and 37.00 at 8 %; 80.10 (nine tenths) were paid, so the FS charges 5.20 and 3.70.
    order = sold(home, "80.10", lines=lines, delivery_price="0")
    home.run_until_state(send_back(home, order, nth=1), "done")

    # One syrup of 18.50 comes back: nothing changes at 23 %.
    final, advance = of_kind(home, order, "FSK")
    assert [(row.vat.code, row.gross) for row in final.vat_rows] == [("8", D("-3.70"))]
    assert [(row.vat.code, row.gross) for row in advance.vat_rows] == [("8", D("-14.80"))]


def test_a19_a_final_invoice_over_nothing_bears_nothing(shop: Sandbox, house: Callable[..., House]) -> None:
    home = home_of(house, rules={"final_invoice": "always"})
    order = sold(home, "66.99")

    home.run_until_state(send_back(home, order), "done")

    # It says what came back; the money is the advance's.
    assert [one[:2] for one in corrections(home, order)] == [
        ("FS/1/2026", D("0.00")),
        ("FZAL/1/2026", D("-26.00")),
    ]
    assert taxes(home, order) == (D("40.99"), D("7.66"))


def test_a19_a_return_after_a_clerk_lowered_the_price_takes_no_more_than_is_left(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = home_of(house)
    order = sold(home, "40.00", "60.00")
    (final,) = of_kind(home, order, "FS")
    # The mugs had scratches: 20.00 instead of 26.00 each. That is more than the 6.99 the FS charges.
    home.ledger.issue(
        Draft(
            "FSK",
            "main",
            "by-hand",
            TODAY,
            sources=(final.id,),
            correction=CorrectionAsked(
                (LineChange(final.lines[0].id, price=D("20.00")),), "Rabat", TODAY, "E-mail klienta"
            ),
        )
    )

    home.run_until_state(send_back(home, order), "done")

    # One mug at its new price comes back, all of it off the newest advance. What the clerk gave back to it before
    # (5.01) is the clerk's to correct.
    assert [one[:2] for one in corrections(home, order)] == [
        ("FS/1/2026", D("-6.99")),
        ("FS/1/2026", D("0.00")),
        ("FZAL/2/2026", D("-14.99")),
        ("FZAL/1/2026", D("-5.01")),
    ]
    advances = home.ledger.advances("main", [one.id for one in of_kind(home, order, "FZAL")])
    assert sum(one.gross for one in advances) == D("5.01")


def test_a19_goods_that_come_back_before_the_final_invoice_wait_for_it(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = home_of(house)
    order = shop.place(lines=MUGS, nip=NIP, paid=False, delivery_price="14.99")[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    shop.pay(order, "30.00")
    home.run_until(lambda: len(of_kind(home, order, "FZAL")) == 1)

    found = send_back(home, order)
    home.run_until_state(found, "person")

    assert home.waits(found)["code"] == "trade.return-before-final"
    assert of_kind(home, order, "FSK") == []


def test_a19_the_dry_run_names_the_advances_that_would_be_corrected(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = home_of(house)
    order = sold(home, "46.99", "66.99")
    home.pomost.stop()
    send_back(home, order)
    [looker] = [one for one in home.pomost.lookers if one.watched.kind == "return"]

    [(case, steps)] = list(looker.preview(10))
    found = dry_run(home.pomost.flows["zwroty"], case, steps, home.ledger)

    assert found.lines[0].act == "FSK to FZAL/2/2026 over -20.00 PLN; FSK to FZAL/1/2026 over -6.00 PLN"


def test_a19_two_returns_at_once_take_each_zloty_off_once(shop: Sandbox, house: Callable[..., House]) -> None:
    home = home_of(house)
    lines = [{"sku": "KUBEK-1", "quantity": 4}]
    order = sold(home, "50.00", "118.99", lines=lines)

    found = [send_back(home, order) for _ in range(3)]
    for one in found:
        home.run_until_state(one, "done")

    # Three of four mugs came back: 78.00, the newest advance of 68.99 first.
    assert taxes(home, order)[0] == D("40.99")
    by_advance = {one.number: one.gross for one in of_kind(home, order, "FZAL")}
    for number, gross, _ in corrections(home, order):
        by_advance[number] += gross
    assert by_advance == {"FZAL/1/2026": D("40.99"), "FZAL/2/2026": D("0.00")}
    assert len(of_kind(home, order, "WZK")) == 3
