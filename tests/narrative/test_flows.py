"""One story for each flow of the catalogue, as an accountant would tell it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from pomost.sandbox.baselinker import Sandbox
from pomost.trade.documents import Draft, DraftLine
from pomost.trade.order import Address, Party
from pomost.trade.vat import VatRate
from tests.house import TODAY, House

MUGS = [{"sku": "KUBEK-1", "quantity": 2}]


def fields(shop: Sandbox, order: int) -> dict[str, object]:
    names = {"51001": "RO", "51002": "FS/PA", "51003": "WZ", "51004": "PDF"}
    return {names[key]: value for key, value in shop.order(order)["custom_extra_fields"].items()}


def test_a03_company_buys_gets_ro_then_fs_and_wz_when_packed(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={"preset": "ro-fs-wz"})

    # A company orders two mugs and pays; delivery costs 14.99.
    order = shop.place(lines=MUGS, nip="123-456-32-18", paid=True, delivery_price="14.99")[0]
    home.run_until_state(order, "waiting")
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")

    # The goods are reserved, the number of the RO stands in BaseLinker, nothing has left the warehouse.
    assert home.kinds(order) == ["RO"]
    assert fields(shop, order) == {"RO": "RO/1/2026"}
    level = home.ledger.stock("main", "KUBEK-1")["MAG"]
    assert (level.quantity, level.reserved) == (10_000, 2)

    # The warehouse packs it.
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    # The invoice equals what was paid, to the grosz; the WZ took the goods; the PDF is in BaseLinker.
    _ro, invoice, issue = home.documents(order)
    assert (invoice.kind, invoice.number, invoice.gross) == ("FS", "FS/1/2026", Decimal("66.99"))
    assert [(row.vat.code, row.net, row.tax, row.gross) for row in invoice.vat_rows] == [
        ("23", Decimal("54.46"), Decimal("12.53"), Decimal("66.99"))
    ]
    assert invoice.paid == Decimal("66.99")
    assert issue.kind == "WZ"
    level = home.ledger.stock("main", "KUBEK-1")["MAG"]
    assert (level.quantity, level.reserved) == (9_998, 0)
    assert {"FS/PA": "FS/1/2026", "WZ": "WZ/1/2026"}.items() <= fields(shop, order).items()
    assert (shop.file(order, "Dokument PDF") or b"").startswith(b"%PDF")
    assert shop.order(order)["status"] == "Wysłane"


def test_a08_private_person_gets_a_receipt(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow={"preset": "ro-fs-wz-at-once"})
    order = shop.place(lines=MUGS, nip="", want_invoice=False, paid=True)[0]

    home.run_until_state(order, "done")

    assert home.kinds(order) == ["RO", "PA", "WZ"]


def test_a04_wz_when_packed_then_the_invoice_from_it(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow={"preset": "ro-wz-fs"})
    order = shop.place(lines=MUGS, nip="1234563218", paid=True)[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")

    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    reservation, issue, invoice = home.documents(order)
    assert [reservation.kind, issue.kind, invoice.kind] == ["RO", "WZ", "FS"]
    assert invoice.sources == (issue.id,)
    assert home.ledger.stock("main", "KUBEK-1")["MAG"].quantity == 9_998


def _ro_by_hand(home: House, wish: str) -> str:
    draft = Draft(
        kind="RO",
        company="main",
        key=f"by-hand-{wish}",
        issued_on=TODAY,
        basis="net",
        buyer=Party(
            name="Jan Testowy",
            company="Przykładowa Firma Sp. z o.o.",
            tax_id="1234563218",
            email="jan@example.com",
            address=Address("ul. Próbna 1", "00-001", "Warszawa", "", "PL"),
        ),
        lines=(DraftLine("KUBEK-1", "Kubek", Decimal(3), Decimal("20.00"), VatRate.of("23")),),
        attributes={"DO_BASELINKERA": wish},
    )
    return str(home.ledger.issue(draft).id)


def test_a05_ro_made_in_the_erp_goes_to_baselinker_and_comes_back_packed(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={"preset": "b2b-ro-fs-wz", "source": "ledger", "channel": "baselinker"})

    # A clerk makes two RO; only one carries the attribute that sends it to BaseLinker.
    kept, sent = _ro_by_hand(home, "NIE"), _ro_by_hand(home, "TAK")
    home.run_until(lambda: len(shop.orders()) == 1 and shop.orders()[0]["status"] == "W realizacji")
    order = int(shop.orders()[0]["order_id"])
    home.run_until(lambda: "51001" in shop.order(order)["custom_extra_fields"])
    assert shop.order(order)["products"][0]["price_brutto"] == 24.6
    assert home.waits(int(kept))["code"] == "flow.not-taken"

    shop.move(order, "Spakowane")
    home.run_until(lambda: home.state(int(sent)) == "done")

    sale = home.ledger.documents(kind="FS")
    assert [(document.number, document.net, document.gross) for document in sale] == [
        ("FS/1/2026", Decimal("60.00"), Decimal("73.80"))
    ]
    assert len(home.ledger.documents(kind="WZ")) == 1
    assert len(home.ledger.documents(kind="RO")) == 2
    assert shop.order(order)["status"] == "Wysłane"


def test_a06_wz_when_packed_invoice_when_collected(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow={"preset": "b2b-ro-wz-fs", "source": "ledger", "channel": "baselinker"})
    sent = _ro_by_hand(home, "TAK")
    home.run_until(lambda: len(shop.orders()) == 1)
    order = int(shop.orders()[0]["order_id"])
    shop.move(order, "Spakowane")
    home.run_until(lambda: "51003" in shop.order(order)["custom_extra_fields"])
    assert home.ledger.documents(kind="FS") == []

    shop.move(order, "Wysłane")
    home.run_until(lambda: home.state(int(sent)) == "done")

    assert [document.number for document in home.ledger.documents(kind="FS")] == ["FS/1/2026"]


def test_a07_xl_zs_then_fs_and_wz(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow={"preset": "zs-fs-wz"})
    order = shop.place(lines=MUGS, nip="1234563218", paid=True)[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    shop.move(order, "Spakowane")

    home.run_until_state(order, "done")

    assert home.kinds(order) == ["ZS", "FS", "WZ"]


def test_a07_xl_invoice_directly_issues_the_goods(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow={"preset": "fs"})
    order = shop.place(lines=MUGS, nip="1234563218", paid=True)[0]

    home.run_until_state(order, "done")

    assert home.kinds(order) == ["FS"]
    assert home.ledger.stock("main", "KUBEK-1")["MAG"].quantity == 9_998


def test_a07_xl_wz_directly(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow={"preset": "wz"})
    order = shop.place(lines=MUGS, paid=True)[0]

    home.run_until_state(order, "done")

    assert home.kinds(order) == ["WZ"]
    assert shop.order(order)["status"] == "Wysłane"


def test_euro_order_carries_the_rate_of_the_working_day_before(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={"preset": "fs"})
    line = {"sku": "KUBEK-1", "quantity": 1, "price_brutto": "11.90", "tax_rate": "19"}
    order = shop.place(lines=[line], currency="EUR", country="DE", nip="", delivery_price="0", paid=True)[0]

    home.run_until_state(order, "done")

    sale = home.documents(order)[0]
    assert (sale.currency, sale.gross, sale.rate) == ("EUR", Decimal("11.90"), Decimal("4.3000"))
    assert [row.vat.code for row in sale.vat_rows] == ["DE:19"]
    assert "2026-11-24" in sale.rate_note


def test_an_order_changed_after_the_ro_changes_the_ro(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house()
    order = shop.place(lines=MUGS, delivery_price="0", paid=True)[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    line = shop.order(order)["products"][0]["order_product_id"]

    shop.edit_line(order, line, quantity=5)
    home.run_until(lambda: home.documents(order)[0].lines[0].quantity == 5)
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    assert [document.gross for document in home.documents(order)] == [Decimal("130.00")] * 3
    assert next(document.number for document in home.documents(order)) == "RO/1/2026"


def test_an_order_changed_after_the_invoice_waits_for_a_person(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={"preset": "ro-fs-wz-at-once"})
    order = shop.place(lines=MUGS, nip="1234563218", paid=True)[0]
    home.run_until_state(order, "done")
    line = shop.order(order)["products"][0]["order_product_id"]

    shop.edit_line(order, line, quantity=5)
    home.run_until_state(order, "person")

    assert home.waits(order)["code"] == "flow.changed-after-sale"
    assert len(home.documents(order)) == 3


def test_partial_what_is_in_stock_leaves_first_and_the_rest_when_goods_arrive(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    steps = [
        {"id": "ro", "issue": "RO"},
        {"id": "wz", "issue": "WZ", "source": ["ro"], "partial": "available"},
        {"id": "sale", "issue": "FS/PA", "source": ["wz"]},
    ]
    home = house(
        stocked=False, flow={"preset": "", "take": 'order.status == "Nowe zamówienia"', "step": steps}
    )
    home.ledger.setup.add_items("main", [{"sku": "KUBEK-1", "name": "Kubek", "vat": "23"}])
    _receive(home, "KUBEK-1", 3, "first")
    order = shop.place(lines=[{"sku": "KUBEK-1", "quantity": 5}], nip="1234563218", delivery_price="0")[0]
    home.run_until(lambda: home.kinds(order).count("WZ") == 1)

    _receive(home, "KUBEK-1", 2, "second")
    home.run_until_state(order, "done")

    issues = [document for document in home.documents(order) if document.kind == "WZ"]
    assert [document.lines[0].quantity for document in issues] == [3, 2]
    sale = next(document for document in home.documents(order) if document.kind == "FS")
    assert sale.lines[0].quantity + sale.lines[1].quantity == 5
    assert home.ledger.stock("main", "KUBEK-1")["MAG"].quantity == 0


def _receive(home: House, sku: str, quantity: int, key: str) -> None:
    from pomost.ledger import receive_draft

    home.ledger.issue(receive_draft("main", "MAG", key, TODAY, {sku: (Decimal(quantity), Decimal("5"))}))
