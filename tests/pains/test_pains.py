"""What users of such integrators suffer (shared list of pains, by number), and what Pomost shows instead."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox, Settings
from pomost.store.cases import Outcome
from pomost.store.claims import LostLease
from pomost.store.questions import Answered
from pomost.store.steps import Intention
from pomost.trade.card import Card
from pomost.trade.documents import Draft, DraftLine
from pomost.trade.order import Address, Party
from pomost.trade.vat import VatRate
from tests.house import TODAY, House
from tests.shelf import INVENTORY, MAIN, Shelf

AT_ONCE = {"preset": "ro-fs-wz-at-once"}
CARDS = {
    "name": "sklep",
    "every_s": 0.1,
    "debounce_s": 0.0,
    "list_s": 1.0,
    "compare_s": 1.0,
    "cards": {"to_channel": ["name"], "create": True},
}


def test_pain_01_a_lost_answer_makes_no_second_order(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow={"preset": "b2b-ro-fs-wz", "source": "ledger", "channel": "baselinker"})
    shop.misbehave("timeout-but-done", method="addOrder", times=1, seconds=0.2)
    buyer = Party(
        name="Jan Testowy",
        email="jan@example.com",
        address=Address("ul. Próbna 1", "00-001", "Warszawa", "", "PL"),
    )
    home.ledger.issue(
        Draft(
            kind="RO",
            company="main",
            key="by-hand",
            issued_on=TODAY,
            buyer=buyer,
            lines=(DraftLine("KUBEK-1", "Kubek", Decimal(2), Decimal("10.00"), VatRate.of("23")),),
            attributes={"DO_BASELINKERA": "TAK"},
        )
    )

    home.run_until(lambda: any(order["status"] == "W realizacji" for order in shop.orders()))

    assert shop.shop.faults.left() == 0, "the answer must really have been lost"
    assert len(shop.orders()) == 1
    assert [document.kind for document in home.ledger.documents() if document.kind != "PW"] == ["RO"]


def test_pain_02_every_order_seen_has_a_row_and_a_reason(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house()
    unclear = shop.place(status="Do wyjaśnienia")[0]
    unconfirmed = shop.place(confirmed=False)[0]
    shop.edit(unconfirmed, phone="+48500000199")

    home.run_until(lambda: home.state(unclear) == "waiting" and home.state(unconfirmed) == "waiting")

    assert home.waits(unclear)["code"] == "flow.not-taken"
    assert "Do wyjaśnienia" in home.waits(unclear)["text"]
    assert home.waits(unconfirmed)["code"] == "flow.unconfirmed"
    look = home.pomost.store.looks.all()[0]
    assert (look.source, look.looked_at is not None, look.stopped) == ("baselinker", True, "")
    assert look.found >= 2
    assert home.states() == {"waiting": len(shop.orders())}


def test_pain_03_orders_of_one_second_at_a_page_border_are_all_taken(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={"preset": "wz"}, baselinker={"journal": "off"})
    at = int(time.time()) - 100
    for second in (at, at + 1, at + 1, at + 2):
        shop.place(orders=60, at=second, paid=True)

    home.run_until(lambda: home.states() == {"done": 240}, 60)

    assert len(home.ledger.documents(kind="WZ")) == 240


def test_pain_03_more_orders_in_one_second_than_a_page_holds(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={"preset": "wz"}, baselinker={"journal": "off"})
    at = int(time.time()) - 100
    shop.place(orders=230, at=at, paid=True)
    shop.place(orders=5, at=at + 1, paid=True)

    home.run_until(lambda: home.states() == {"done": 235}, 60)

    assert len(home.ledger.documents(kind="WZ")) == 235


def test_pain_04_a_status_that_changes_long_after_confirmation_is_seen_without_the_journal(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(baselinker={"journal": "off", "relist_s": 1.0})
    order = shop.place(status="Do wyjaśnienia", at=int(time.time()) - 5 * 86400)[0]
    home.run_until_state(order, "waiting")
    shop.place(orders=3)

    shop.move(order, "Nowe zamówienia")

    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    assert home.kinds(order) == ["RO"]


def test_pain_05_an_unknown_item_waits_visibly_and_goes_on_by_itself(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=AT_ONCE)
    order = shop.place(lines=[{"sku": "NOWY-1", "quantity": 1, "price_brutto": 10}], paid=True)[0]
    home.run_until_state(order, "waiting")
    assert home.waits(order)["code"] == "ledger.unknown-item"
    assert "NOWY-1" in home.waits(order)["text"]
    assert home.documents(order) == []

    home.ledger.setup.add_items("main", [{"sku": "NOWY-1", "name": "Nowy towar", "vat": "23"}])
    home.run_until(lambda: home.waits(order).get("code") == "ledger.not-in-stock")
    home.ledger.issue(receive_draft("main", "MAG", "new", TODAY, {"NOWY-1": (Decimal(1), Decimal(5))}))
    home.run_until_state(order, "done")

    assert Counter(home.kinds(order)).total() == 3


def test_pain_06_work_of_a_process_that_died_is_freed_by_nobody_and_goes_on(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=AT_ONCE)
    order = shop.place(paid=True)[0]
    home.pomost.lookers[0].look_once()
    store = home.pomost.store
    dead = store.cases.claim("dead", 1, 1.0, time.time())[0]
    store.steps.write(dead, time.time(), intended=[Intention("ro", "baselinker:nothing-made/ro", "")])
    assert store.cases.claim("other", 1, 1.0, time.time()) == [], "it is held while the lease lasts"

    home.run_until_state(order, "done")

    assert Counter(home.kinds(order)).total() == 3
    assert shop.order(order)["status"] == "Wysłane"


def test_pain_07_a_worker_that_lost_its_lease_can_not_write(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=AT_ONCE)
    order = shop.place(paid=True)[0]
    store = home.pomost.store
    home.pomost.lookers[0].look_once()
    zombie = store.cases.claim("zombie", 1, 0.01, time.time())[0]
    taker = store.cases.claim("taker", 1, 60, time.time() + 1)[0]

    for write in (
        lambda: store.steps.still_mine(zombie),
        lambda: store.steps.write(zombie, time.time(), intended=[Intention("ro", "key", "{}")]),
        lambda: store.cases.release(zombie, Outcome("done", {}), time.time()),
    ):
        with pytest.raises(LostLease):
            write()
    assert store.steps.of_case(taker.case_id) == {}
    store.cases.release(taker, Outcome("waiting", {}, due_at=time.time()), time.time())
    home.run_until_state(order, "done")
    assert Counter(home.kinds(order)).total() == 3


def test_pain_08_an_operator_retries_and_skips_on_the_order_itself(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    """What `pomost retry` and `pomost skip` do; tests/cli types them."""
    home = house(flow=AT_ONCE, engine={"attempts": 2})
    shop.misbehave("http-502", method="setOrderFields", times="always")
    retried, skipped = shop.place(orders=2, paid=True)
    home.run_until(lambda: home.states() == {"person": 2})
    shop.behave()

    home.pomost.wake([home.line(retried).id])
    home.run_until_state(retried, "done")
    assert shop.writes(skipped) == [], "the other order is as it was"
    step = home.waits(skipped)["step"]
    waiting = home.line(skipped).id
    assert home.pomost.store.steps.decide(waiting, step, "skipped", "anna", time.time())
    home.pomost.wake([waiting])
    home.run_until_state(skipped, "done")

    assert shop.order(retried)["status"] == "Wysłane"
    assert shop.writes(skipped) == []
    assert [Counter(home.kinds(order)).total() for order in (retried, skipped)] == [3, 3]


def test_pain_08_an_order_that_was_mended_in_the_channel_goes_on_by_itself(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=AT_ONCE)
    order = shop.place(lines=[{"sku": "KUBEK-1", "quantity": -1}], paid=0)[0]
    home.run_until_state(order, "person")
    assert home.waits(order)["code"] == "trade.negative-quantity"

    line = shop.order(order)["products"][0]["order_product_id"]
    shop.edit_line(order, line, quantity=1)

    home.run_until_state(order, "done")
    assert Counter(home.kinds(order)).total() == 3


def test_pain_09_nothing_is_green_while_the_destination_failed(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=AT_ONCE, engine={"attempts": 3})
    shop.misbehave("http-502", method="setOrderFields", times="always")
    order = shop.place(paid=True)[0]

    home.run_until_state(order, "person")

    assert home.waits(order)["code"].startswith("baselinker.")
    assert home.states() == {"person": 1}
    assert shop.order(order)["custom_extra_fields"] in ({}, [])
    shop.behave()
    home.pomost.wake([home.line(order).id])
    home.run_until_state(order, "done")
    assert sorted(shop.order(order)["custom_extra_fields"]) == ["51001", "51002", "51003", "51004"]


def test_pain_10_a_blocked_token_pauses_everything_and_goes_on_by_itself(
    tmp_path: Path, house: Callable[..., House]
) -> None:
    with Sandbox(settings=Settings(limit=0, block_s=3), seed=7) as shop:
        home = house(shop=shop, flow=AT_ONCE)
        shop.misbehave("block-now", method="setOrderFields", times=1)
        orders = shop.place(orders=4, paid=True)

        home.run_until(lambda: home.states() == {"done": 4}, 40)

        assert [Counter(home.kinds(order)).total() for order in orders] == [3] * 4
        blocked = [call for call in shop.calls() if call.outcome == "ERROR_BLOCKED_TOKEN"]
        assert len(blocked) <= 16, "calls made while blocked may prolong the block"
        home.stop()


def test_pain_10_two_processes_together_keep_the_limit_before_it_is_hit(house: Callable[..., House]) -> None:
    with Sandbox(settings=Settings(limit=30, window_s=6), seed=7) as shop:
        wanted = {"flow": AT_ONCE, "baselinker": {"calls_per_minute": 260, "poll_s": 1.0}}
        homes = [house(shop=shop, **wanted), house(shop=shop, stocked=False, **wanted)]
        shop.place(orders=25, paid=True)
        homes[1].run_until(lambda: True)

        homes[0].run_until(lambda: homes[0].states() == {"done": 25}, 60)

        assert "ERROR_BLOCKED_TOKEN" not in {call.outcome for call in shop.calls()}
        assert len(homes[0].ledger.documents(kind="WZ")) == 25
        for home in homes:
            home.stop()


def test_pain_19_more_than_two_pages_and_a_page_that_shifts(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={"preset": "wz"})
    shop.place(orders=10, confirmed=False, paid=True)
    shop.place(orders=250, paid=True)
    shop.misbehave("shifting-page", times=3)

    home.run_until(lambda: home.states().get("done", 0) >= 250, 60)

    confirmed = [order for order in shop.orders() if order["confirmed"]]
    home.run_until(lambda: home.states().get("done", 0) >= len(confirmed), 30)
    issued = [document.foreign_number for document in home.ledger.documents(kind="WZ")]
    assert sorted(issued) == sorted(str(order["order_id"]) for order in confirmed)


def test_pain_20_paid_before_created_is_read_from_the_source(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=AT_ONCE)
    shop.misbehave("journal-out-of-order", method="getJournalList", times="always")
    order = shop.place(paid=False, cod=False)[0]
    shop.pay(order)

    home.run_until_state(order, "done")

    sale = next(document for document in home.documents(order) if document.kind in ("FS", "PA"))
    assert sale.paid == sale.gross


def test_pain_22_cancelled_after_documents_is_said_and_nothing_more_is_made(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house()
    order = shop.place(paid=True)[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")

    shop.cancel(order)
    home.run_until_state(order, "person")

    assert home.waits(order)["code"] == "flow.cancelled-after-documents"
    assert "RO/1/2026" in home.waits(order)["text"]
    assert home.kinds(order) == ["RO"]


def test_pain_23_of_two_products_with_one_sku_none_is_taken_until_a_person_says_which(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    shelf = Shelf(shop)
    first = str(shelf.row("KUBEK-01")["id"])
    second = shelf.call(
        "addInventoryProduct", inventory_id=INVENTORY, sku="KUBEK-01", text_fields={"name": "Ten sam?"}
    )["product_id"]
    home = house(catalogue=[{**CARDS, "stock": [{}]}])
    store = home.pomost.store
    number = store.products.catalogue_id("sklep")

    home.run_until(lambda: shelf.stock("KUBEK-02") == 10_000)
    home.run_until(lambda: store.questions.count(number) == 2)
    assert shelf.products()[first]["stock"][MAIN] == 240
    assert shelf.products()[str(second)]["stock"] == []

    store.questions.decide(number, first, Answered("link", "KUBEK-01"), "Anna", 0.0)
    store.questions.decide(number, str(second), Answered("ignore", ""), "Anna", 0.0)
    home.run_until(lambda: shelf.products()[first]["stock"][MAIN] == 10_000)

    listings = len(shop.calls("getInventoryProductsList"))
    home.run_until(lambda: len(shop.calls("getInventoryProductsList")) >= listings + 4)
    assert store.products.of_items(number, ["KUBEK-01"])["KUBEK-01"] == [
        line.id for line in store.products.with_ids(number, [first])
    ], "the answer survives listings"
    assert shelf.products()[str(second)]["stock"] == []
    assert len(shelf.products(filter_sku="KUBEK-01")) == 2, "and no third one is made"


def test_pain_24_an_item_of_which_the_shop_has_a_product_already_makes_no_second_one(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    shelf = Shelf(shop)
    home = house(catalogue=[{**CARDS, "list_s": 3600.0}])
    home.run_until(lambda: shop.calls("getInventoryProductsData") != [])
    # after the only listing somebody makes the product by hand, then the item comes into the ERP
    shelf.call("addInventoryProduct", inventory_id=INVENTORY, sku="NOWY-1", text_fields={"name": "Ze sklepu"})
    home.ledger.put_cards("main", [Card("NOWY-1", name="Z ERP", vat="23")])

    home.run_until(lambda: shelf.row("NOWY-1")["name"] == "Z ERP")

    assert len(shelf.products(filter_sku="NOWY-1")) == 1


def test_pain_24_a_product_that_was_made_and_then_deleted_in_the_shop_is_not_made_again(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    shelf = Shelf(shop)
    home = house(catalogue=[CARDS])
    home.ledger.put_cards("main", [Card("NOWY-1", name="Nowy", vat="23")])
    home.run_until(lambda: len(shelf.products(filter_sku="NOWY-1")) == 1)
    shelf.call("deleteInventoryProduct", product_id=shelf.row("NOWY-1")["id"])

    home.ledger.put_cards("main", [Card("NOWY-1", name="Nowy po zmianie"), Card("KUBEK-01", name="Kubek X")])
    home.run_until(lambda: shelf.row("KUBEK-01")["name"] == "Kubek X")
    listings = len(shop.calls("getInventoryProductsList"))
    home.run_until(lambda: len(shop.calls("getInventoryProductsList")) >= listings + 4)

    assert shelf.products(filter_sku="NOWY-1") == {}


def test_pain_27_a_retry_repeats_only_the_failed_step(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow=AT_ONCE)
    shop.misbehave("http-502", method="setOrderStatuses", times=2)
    order = shop.place(paid=True)[0]

    home.run_until_state(order, "done")

    case = home.line(order).id
    steps = home.pomost.store.steps.of_case(case)
    assert {name: record.attempts for name, record in steps.items() if name != "back"} == {
        "ro": 1,
        "sale": 1,
        "wz": 1,
    }
    assert [call.outcome for call in shop.calls("setOrderFields")] == ["SUCCESS"]
    assert [call.outcome for call in shop.calls("setOrderStatuses")] == ["http-502", "http-502", "SUCCESS"]
    assert Counter(home.kinds(order)).total() == 3


def test_one_bad_order_does_not_hide_the_good_ones(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow=AT_ONCE)
    bad = shop.place(paid=True)[0]
    order = shop.shop.account.order(bad)
    order["products"][0]["tax_rate"] = -7
    shop.shop.account.save_order(order)
    good = shop.place(paid=True)[0]

    home.run_until(lambda: home.state(good) == "done" and home.state(bad) == "person")

    assert home.waits(bad)["code"] == "baselinker.unknown-vat"


STOCK = {"name": "sklep", "stock": [{}], "every_s": 0.1, "debounce_s": 0.0}


def _corrected(home: House, shelf: Shelf) -> Callable[[], bool]:
    """The channel got a wrong figure by hand; the ERP's is the same as ever, and is decided once more."""
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)
    shelf.set_stock("KUBEK-01", 3)
    assert shelf.stock("KUBEK-01") == 3
    one = {"KUBEK-01": (Decimal(1), Decimal(5))}
    # one comes and one goes before anybody looks: the figure that is decided is the one that was sent last
    with home.pomost.store.database.paused():
        home.ledger.issue(receive_draft("main", "MAG", "in", TODAY, one))
        line = DraftLine("KUBEK-01", "Kubek", Decimal(1), Decimal(5), VatRate.of("np"))
        home.ledger.issue(Draft("RW", "main", "out", TODAY, basis="net", lines=(line,)))
    return lambda: shelf.stock("KUBEK-01") == 10_000


def test_pain_12_a_corrective_write_with_the_same_number_is_not_swallowed(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(catalogue=[STOCK])
    home.run_until(_corrected(home, Shelf(shop)))


def test_pain_12_with_writes_known_by_their_number_it_would_be_swallowed(
    shop: Sandbox, house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard switched off: a decision with the number that was sent last makes no new version."""
    home = house(catalogue=[STOCK])
    figures, decide = home.pomost.store.figures, home.pomost.store.figures.decide

    def by_number(catalogue: int, what: str, wanted: Any, now: float, **more: Any) -> int:
        with home.pomost.store.database.reading() as connection:
            rows = connection.execute(text("SELECT product, place, wanted FROM figures WHERE what = 'stock'"))
            known = {(row.product, row.place): Decimal(row.wanted) / 10_000 for row in rows}
        fresh = [one for one in wanted if known.get((one.product, one.place)) != one.figure]
        return decide(catalogue, what, fresh, now, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(figures, "decide", by_number)
    right = _corrected(home, Shelf(shop))
    time.sleep(1.5)
    assert not right(), "with the guard off the wrong figure stays; the test above would see it"


def test_pain_12_what_is_reserved_or_waits_is_taken_off_once(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home, shelf = house(catalogue=[STOCK]), Shelf(shop)
    bought = {"sku": "KUBEK-01", "quantity": 2, "price_brutto": 30}
    waiting = shop.place(lines=[bought, {"sku": "NOWY-1", "quantity": 1}], paid=True)[0]
    reserved = shop.place(lines=[bought], paid=True)[0]
    home.run_until_state(waiting, "waiting")
    home.run_until(lambda: home.kinds(reserved) == ["RO"])
    home.run_until(lambda: shelf.stock("KUBEK-01") == 9_996)
    shop.move(reserved, "Spakowane")
    home.run_until_state(reserved, "done")
    shop.cancel(waiting)
    home.run_until(lambda: shelf.stock("KUBEK-01") == 9_998)
