"""A12: pro-forma and advance invoices, as an accountant would tell it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

from pomost.flows.dry_run import dry_run
from pomost.sandbox.baselinker import Sandbox
from pomost.trade.documents import CorrectionAsked, Document, Draft, LineChange
from tests.edges import post_office
from tests.house import TODAY, House
from tests.narrative.test_returns import call
from tests.render.test_renderer import text_of

D = Decimal
MUGS = [{"sku": "KUBEK-1", "quantity": 2}]
FLOW = {"preset": "fpf-fzal-fs"}
NIP = "1234563218"


def of_kind(home: House, order: int, kind: str) -> list[Document]:
    return [document for document in home.documents(order) if document.kind == kind]


def rows(document: Document) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    return [(row.vat.code, row.net, row.tax, row.gross) for row in document.vat_rows]


def test_a12_pro_forma_then_a_part_is_paid_then_the_final_invoice_over_the_rest(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)

    # A company orders two mugs for 66.99 with delivery and has not paid.
    order = shop.place(lines=MUGS, nip=NIP, paid=False, delivery_price="14.99")[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    assert home.kinds(order) == ["FPF"]

    # It pays 30.00: an advance invoice over that, counted from gross, 30.00 x 23 / 123 = 5.61.
    shop.pay(order, "30.00")
    home.run_until(lambda: bool(shop.file(order, "Faktura zaliczkowa PDF")))
    (advance,) = of_kind(home, order, "FZAL")
    assert (advance.number, advance.paid) == ("FZAL/1/2026", D("30.00"))
    assert rows(advance) == [("23", D("24.39"), D("5.61"), D("30.00"))]

    # The goods are packed.
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    assert home.kinds(order) == ["FPF", "FZAL", "WZ", "FS"]
    (final,) = of_kind(home, order, "FS")
    assert rows(final) == [("23", D("30.07"), D("6.92"), D("36.99"))]
    assert (final.whole_gross, final.paid) == (D("66.99"), D("0.00"))
    assert [one.number for one in final.settled] == ["FZAL/1/2026"]
    fields = shop.order(order)["custom_extra_fields"]
    assert fields["51031"] == "FPF/1/2026"
    assert fields["51033"] == "FZAL/1/2026"
    assert fields["51002"] == "FS/1/2026"
    assert shop.order(order)["status"] == "Wysłane"


def pay_and_wait(home: House, order: int, paid: str, advances: int) -> None:
    home.shop.pay(order, paid)
    home.run_until(lambda: len(of_kind(home, order, "FZAL")) == advances)


def ordered(home: House, **more: object) -> int:
    wanted = {"lines": MUGS, "nip": NIP, "paid": False, "delivery_price": "14.99", **more}
    order: int = home.shop.place(**wanted)[0]
    home.run_until(lambda: home.shop.order(order)["status"] == "W realizacji")
    return order


def packed(home: House, order: int) -> None:
    home.shop.move(order, "Spakowane")
    home.run_until_state(order, "done")


def at_noon(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp())


def test_a12_an_advance_carries_the_day_on_which_the_money_came(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    order = shop.place(lines=MUGS, nip=NIP, paid=False, delivery_price="14.99")[0]

    # Pomost does not run yet; 10.00 come on Friday and 20.00 on Monday.
    for day, paid in ((date(2026, 11, 20), 10), (date(2026, 11, 23), 30)):
        call(
            shop,
            "setOrderPayment",
            order_id=order,
            payment_done=paid,
            payment_date=at_noon(day),
            payment_comment="Przelew",
        )
    home.run_until(lambda: len(of_kind(home, order, "FZAL")) == 2)

    # On Wednesday each payment gets an invoice of its own, with its day (art. 106e sec. 1(6)).
    assert [(one.issued_on, one.sold_on, one.gross) for one in of_kind(home, order, "FZAL")] == [
        (TODAY, date(2026, 11, 20), D("10.00")),
        (TODAY, date(2026, 11, 23), D("20.00")),
    ]
    numbers = "FZAL/1/2026, FZAL/2/2026"
    home.run_until(lambda: shop.order(order)["custom_extra_fields"].get("51033") == numbers)
    home.run_until(lambda: "2026-11-23" in text_of(shop.file(order, "Faktura zaliczkowa PDF") or b""))


def test_a12_where_no_day_is_known_it_is_the_day_it_was_seen_paid(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={"preset": "ro-fzal-fs"})
    order = shop.place(lines=MUGS, nip=NIP, paid=True)[0]
    home.run_until(lambda: len(of_kind(home, order, "FZAL")) == 1)

    assert of_kind(home, order, "FZAL")[0].sold_on == TODAY


def test_a12_each_payment_has_an_advance_invoice_and_each_goes_to_the_buyer(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    order = ordered(home)
    home.run_until(lambda: home.waits(order).get("code") == "flow.waits-for-payment")

    pay_and_wait(home, order, "10.00", 1)
    pay_and_wait(home, order, "30.00", 2)
    home.run_until(
        lambda: shop.order(order)["custom_extra_fields"].get("51033") == "FZAL/1/2026, FZAL/2/2026"
    )
    packed(home, order)

    first, second = of_kind(home, order, "FZAL")
    assert (first.gross, second.gross) == (D("10.00"), D("20.00"))
    assert second.attributes["EARLIER_ADVANCES"] == "FZAL/1/2026"
    assert second.attributes["PROFORMA"] == "FPF/1/2026"
    (final,) = of_kind(home, order, "FS")
    assert [(one.number, one.gross) for one in final.settled] == [
        ("FZAL/1/2026", D("10.00")),
        ("FZAL/2/2026", D("20.00")),
    ]
    # VAT of all three together is the VAT of the sale, and each PDF was sent in a call of its own
    assert first.tax + second.tax + final.tax == D("12.53")
    files = [write for write in shop.writes(order) if "51034" in str(write.changed)]
    assert len(files) == 2


def test_a12_paid_in_full_the_last_advance_names_the_others_and_no_final_invoice_follows(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    order = ordered(home)
    pay_and_wait(home, order, "30.00", 1)
    pay_and_wait(home, order, "66.99", 2)
    packed(home, order)

    assert home.kinds(order) == ["FPF", "FZAL", "FZAL", "WZ"]
    assert of_kind(home, order, "FZAL")[1].attributes["EARLIER_ADVANCES"] == "FZAL/1/2026"
    # the number of the sale in BaseLinker is that of the invoices which document it
    assert shop.order(order)["custom_extra_fields"]["51002"] == "FZAL/1/2026, FZAL/2/2026"
    assert shop.order(order)["status"] == "Wysłane"


def test_a12_by_rule_a_final_invoice_over_nothing_closes_the_sale(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW, rules={"final_invoice": "always"})
    order = ordered(home)
    pay_and_wait(home, order, "66.99", 1)
    packed(home, order)

    (final,) = of_kind(home, order, "FS")
    assert (final.gross, final.whole_gross, final.tax) == (D("0.00"), D("66.99"), D("0.00"))


def test_a12_what_is_paid_too_much_is_shown_and_stands_on_the_advance(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    order = ordered(home)
    pay_and_wait(home, order, "70.00", 1)

    (advance,) = of_kind(home, order, "FZAL")
    assert (advance.gross, advance.paid) == (D("66.99"), D("70.00"))
    assert home.ledger.settlement("main", advance.key).refund == D("3.01")


def test_a12_an_order_with_two_rates_divides_the_payment_in_their_proportion(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={"preset": "ro-fzal-fs"})
    lines = [{"sku": "KUBEK-1", "quantity": 2}, {"sku": "SYROP-MAL", "quantity": 2}]
    order = ordered(home, lines=lines, delivery_price="0")
    pay_and_wait(home, order, "44.50", 1)
    packed(home, order)

    assert home.kinds(order) == ["RO", "FZAL", "WZ", "FS"]
    (advance,) = of_kind(home, order, "FZAL")
    (final,) = of_kind(home, order, "FS")
    assert rows(advance) == [
        ("23", D("21.14"), D("4.86"), D("26.00")),
        ("8", D("17.13"), D("1.37"), D("18.50")),
    ]
    assert rows(final) == [
        ("23", D("21.14"), D("4.86"), D("26.00")),
        ("8", D("17.13"), D("1.37"), D("18.50")),
    ]
    assert home.ledger.stock("main", "KUBEK-1")["MAG"].reserved == 0


def test_a12_an_order_that_was_never_paid_in_advance_gets_an_ordinary_invoice(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    order = ordered(home, cod=True)
    packed(home, order)

    assert home.kinds(order) == ["FPF", "WZ", "FS"]
    assert of_kind(home, order, "FS")[0].gross == D("66.99")

    # The courier's money comes later: it is no advance any more.
    shop.pay(order)
    other = shop.place(lines=MUGS, nip=NIP, paid=False)[0]
    home.run_until(lambda: home.kinds(other) == ["FPF"])
    assert home.kinds(order) == ["FPF", "WZ", "FS"]


def test_a12_cancelled_after_an_advance_it_is_corrected_to_zero_and_the_refund_is_named(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={"preset": "ro-fzal-fs"})
    order = ordered(home)
    pay_and_wait(home, order, "30.00", 1)
    home.run_until(lambda: bool(shop.file(order, "Faktura zaliczkowa PDF")))

    shop.cancel(order)
    home.run_until_state(order, "done")

    _, advance, correction = home.documents(order)
    assert (correction.kind, correction.gross) == ("FSK", D("-30.00"))
    assert correction.correction is not None
    assert correction.correction.of_number == advance.number
    assert correction.correction.reason == "Rezygnacja z zamówienia, zwrot zaliczki"
    assert correction.correction.refund == D("30.00")
    text = home.waits(order)["text"]
    assert "FZAL/1/2026 corrected to zero by FSK/1/2026" in text
    assert "RO/1/2026 cancelled (reservation released)" in text
    assert "To be refunded: 30 PLN" in text
    assert home.ledger.settlement("main", advance.key).refund == D("30.00")
    # The correction goes to the buyer as any other document does.
    fields = shop.order(order)["custom_extra_fields"]
    assert (fields["51016"], fields["51021"]) == ("FZAL/1/2026, RO/1/2026", "FSK/1/2026")
    assert (shop.file(order, "Korekta PDF") or b"").startswith(b"%PDF")


def test_a12_each_advance_of_a_cancelled_order_has_its_correction_sent(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={"preset": "ro-fzal-fs"})
    order = ordered(home)
    for count, paid in enumerate(("30.00", "50.00"), 1):
        pay_and_wait(home, order, paid, count)
    numbers = "FZAL/1/2026, FZAL/2/2026"
    home.run_until(lambda: shop.order(order)["custom_extra_fields"].get("51033") == numbers)
    home.run_until_state(order, "waiting")

    shop.cancel(order)
    home.run_until_state(order, "done")

    # The newer advance is corrected first; each correction has a file of its own, sent in a call of its own.
    corrections = of_kind(home, order, "FSK")
    assert [one.gross for one in corrections] == [D("-20.00"), D("-30.00")]
    assert shop.order(order)["custom_extra_fields"]["51021"] == "FSK/1/2026, FSK/2/2026"
    sent = [str(write.changed) for write in shop.writes(order) if "51022" in str(write.changed)]
    assert len(sent) == 2


def test_a12_the_correction_of_a_cancelled_advance_may_be_mailed(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    with post_office() as (post, account):
        mail = {"id": "cancel-mail", "after": ["cancel"], "mail": {"account": "smtp", "pdf": ["cancel"]}}
        home = house(flow={"preset": "ro-fzal-fs", "step": [mail]}, smtp=[account])
        order = ordered(home, email="jan@example.com")
        pay_and_wait(home, order, "30.00", 1)
        home.run_until(lambda: bool(shop.file(order, "Faktura zaliczkowa PDF")))
        assert post.taken == []

        shop.cancel(order)
        home.run_until_state(order, "done")

        (letter,) = post.taken
        names = [part.get_filename() for part in letter.message.iter_attachments()]
        assert names == ["FSK FSK_1_2026.pdf"]


def test_a12_cancelled_while_an_advance_is_made_it_is_found_and_undone(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    struck: list[str] = []

    def at(point: str) -> None:
        if point == "fzal:made" and not struck:
            struck.append(point)
            shop.cancel(shop.orders()[0]["order_id"])

    home = house(flow={"preset": "ro-fzal-fs"}, at=at)
    order = ordered(home)
    shop.pay(order, "30.00")
    home.run_until_state(order, "done")

    # Nobody had the advance yet: it is cancelled, no correction is needed and no file is sent.
    assert struck == ["fzal:made"]
    assert [(one.kind, one.state) for one in home.documents(order)] == [
        ("RO", "cancelled"),
        ("FZAL", "cancelled"),
    ]
    assert shop.file(order, "Korekta PDF") is None
    assert shop.file(order, "Faktura zaliczkowa PDF") is None


def test_a12_an_advance_corrected_by_a_clerk_leaves_more_for_the_final_invoice(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    order = ordered(home)
    pay_and_wait(home, order, "30.00", 1)
    (advance,) = of_kind(home, order, "FZAL")
    home.ledger.issue(
        Draft(
            "FSK",
            "main",
            "by-hand",
            TODAY,
            sources=(advance.id,),
            correction=CorrectionAsked(
                (LineChange(advance.lines[0].id, D(1)),), "Zwrot zaliczki", TODAY, "E-mail klienta"
            ),
        )
    )
    packed(home, order)

    (final,) = of_kind(home, order, "FS")
    assert (final.gross, final.settled) == (D("66.99"), ())


def test_a12_a_pro_forma_follows_the_order_until_something_was_sold(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    order = ordered(home)
    line = shop.order(order)["products"][0]["order_product_id"]
    shop.edit_line(order, line, quantity=3)
    home.run_until(lambda: of_kind(home, order, "FPF")[0].gross == D("92.99"))

    pay_and_wait(home, order, "30.00", 1)
    shop.edit_line(order, line, quantity=1)
    home.run_until_state(order, "person")
    assert home.waits(order)["code"] == "flow.changed-after-sale"


def test_a12_the_dry_run_says_what_would_be_invoiced(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow=FLOW)
    order = ordered(home)
    home.pomost.stop()
    shop.pay(order, "30.00")
    shop.move(order, "Spakowane")

    looker = home.pomost.lookers[0]
    case, steps = next(iter(looker.preview(1)))
    result = dry_run(home.pomost.flows["sklep"], case, steps, home.ledger)

    acts = {line.step: line.act for line in result.lines}
    assert acts["fzal"] == "FZAL over 30.00 PLN"
    assert acts["fs"] == "FS over 66.99 PLN, less advances of 30.00: 36.99"
    assert home.kinds(order) == ["FPF"]
