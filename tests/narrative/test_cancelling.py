"""A16: orders that are cancelled or deleted, as an accountant would tell it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal

import pytest

from pomost.flows.dry_run import dry_run
from pomost.sandbox.baselinker import Sandbox
from pomost.trade.documents import Draft
from pomost.words import one_text
from tests.faults.harness import points_of
from tests.house import TODAY, House

MUGS = [{"sku": "KUBEK-1", "quantity": 2}]
FLOW = {"preset": "ro-fs-wz-cancel"}
NO_PDF = [
    {"id": "ro", "issue": "RO", "when": 'order.status == "Nowe zamówienia"'},
    {"id": "sale", "issue": "FS/PA", "source": ["ro"], "when": 'order.status == "Spakowane"'},
    {"id": "wz", "issue": "WZ", "source": ["sale"]},
    {"id": "cancel", "cancel": ["ro", "sale", "wz"]},
    {
        "id": "cancel-back",
        "write": {"fields": {"Anulowane dokumenty": "{cancel.number}"}, "status": "Do wyjaśnienia"},
    },
]
OWN = {
    "preset": "",
    "take": 'order.status in ["Nowe zamówienia", "Spakowane"]',
    "cancelled": 'order.status == "Anulowane"',
    "step": NO_PDF,
}


def states(home: House, order: int) -> list[tuple[str, str]]:
    return [(document.number, document.state) for document in home.documents(order)]


def stock(home: House) -> tuple[Decimal, Decimal]:
    level = home.ledger.stock("main", "KUBEK-1")["MAG"]
    return level.quantity, level.reserved


def note(shop: Sandbox, order: int) -> object:
    return shop.order(order)["custom_extra_fields"].get("51016")


def test_a16_cancelled_after_the_reservation_the_goods_are_free_again(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)

    # A buyer orders and pays; the goods are reserved.
    order = shop.place(lines=MUGS, paid=True, delivery_price="14.99")[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    assert stock(home) == (10_000, 2)

    # The buyer changes their mind.
    shop.cancel(order)
    home.run_until_state(order, "done")

    # The RO is cancelled, its number stands in BaseLinker, and the money to be given back is named.
    assert states(home, order) == [("RO/1/2026", "cancelled")]
    assert stock(home) == (10_000, 0)
    assert note(shop, order) == "RO/1/2026"
    assert shop.order(order)["status"] == "Anulowane"
    waits = home.waits(order)
    assert waits["code"] == "flow.undone"
    assert "RO/1/2026 cancelled (reservation released)" in waits["text"]
    assert "To be refunded: 66.99 PLN" in waits["text"]


def test_a16_what_was_paid_for_an_order_that_was_cancelled_at_once_is_named(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)

    # It was paid, and cancelled before anything was made of it: no document will tell of the money.
    order = shop.place(lines=MUGS, nip="1234563218", paid=True, delivery_price="0", status="Anulowane")[0]
    home.run_until(lambda: home.waits(order).get("code") == "flow.cancelled")

    assert home.kinds(order) == []
    text = home.waits(order)["text"]
    assert text == "The order was cancelled before any document. To be refunded: 52 PLN."


def test_a16_what_is_paid_after_an_order_was_undone_is_named_too(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    order = shop.place(lines=MUGS, nip="1234563218", paid=False, delivery_price="0")[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    shop.cancel(order)
    home.run_until(lambda: home.waits(order).get("code") == "flow.undone")
    assert "refunded" not in home.waits(order)["text"]

    # The bank's transfer was under way all the while.
    shop.pay(order, "52.00")
    home.run_until(lambda: "refunded" in home.waits(order)["text"])

    said = home.waits(order)["text"]
    assert said == (
        "The order was cancelled: RO/1/2026 cancelled (reservation released). "
        "Paid since, to be refunded too: 52 PLN."
    )
    assert one_text("pl", said, "flow.undone") == (
        "Zamówienie anulowano: RO/1/2026 anulowany (rezerwacja zwolniona). "
        "Wpłynęło później, także do zwrotu: 52 PLN."
    )


def test_a16_cancelled_after_the_invoice_that_nobody_has_yet(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=OWN)
    order = shop.place(lines=MUGS, nip="1234563218", paid=False, cod=True, delivery_price="0")[0]
    home.run_until_state(order, "waiting")
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")
    assert stock(home) == (9_998, 0)

    shop.cancel(order)
    home.run_until(lambda: home.waits(order).get("code") == "flow.undone")

    # Everything is cancelled, the later documents first, and the goods are back.
    assert states(home, order) == [
        ("RO/1/2026", "cancelled"),
        ("FS/1/2026", "cancelled"),
        ("WZ/1/2026", "cancelled"),
    ]
    assert stock(home) == (10_000, 0)
    assert note(shop, order) == "WZ/1/2026, FS/1/2026, RO/1/2026"
    assert shop.order(order)["status"] == "Do wyjaśnienia"
    assert home.waits(order)["text"] == (
        "The order was cancelled: WZ/1/2026 cancelled (goods back in stock); FS/1/2026 cancelled; "
        "RO/1/2026 cancelled (reservation released)."
    )


def test_a16_an_invoice_that_the_buyer_has_is_corrected_and_not_cancelled(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    order = shop.place(lines=MUGS, nip="1234563218", paid=True)[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    shop.cancel(order)
    home.run_until_state(order, "person")

    # Nothing is undone by halves: the person reads what is to be done with each document.
    waits = home.waits(order)
    assert waits["code"] == "flow.cannot-undo"
    assert "FS/1/2026: it was sent to the buyer" in waits["text"]
    assert "cancel WZ/1/2026; correct FS/1/2026 to zero; cancel RO/1/2026" in waits["advice"]
    assert {state for _, state in states(home, order)} == {"approved"}

    # They do it and say so.
    store = home.pomost.store
    store.steps.decide(home.line(order).id, "cancel", "skipped", "Jan", 0.0)
    home.pomost.wake([home.line(order).id])
    home.run_until_state(order, "done")
    assert home.waits(order)["text"] == "Cancelled; settled by a person."


def test_a16_a_receipt_that_was_given_out_is_never_cancelled(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=OWN)
    order = shop.place(lines=MUGS, nip="", want_invoice=False, paid=True)[0]
    home.run_until_state(order, "waiting")
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    shop.cancel(order)
    home.run_until_state(order, "person")

    assert "PA/1/2026: it was given out as a fiscal receipt" in home.waits(order)["text"]
    assert {state for _, state in states(home, order)} == {"approved"}


def test_a16_documents_in_bufor_are_deleted_and_their_numbers_used_again(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    steps = [
        {**step, "approve": False} if step["id"] == "wz" else {**step, "source": []} for step in NO_PDF[:1]
    ] + [
        {"id": "wz", "issue": "WZ", "source": ["ro"], "approve": False},
        {"id": "cancel", "cancel": ["ro", "wz"]},
    ]
    home = house(flow={**OWN, "step": steps})
    first = shop.place(lines=MUGS, paid=True)[0]
    home.run_until_state(first, "done")
    assert states(home, first) == [("RO/1/2026", "approved"), ("WZ/1/2026", "bufor")]

    shop.cancel(first)
    home.run_until(lambda: home.waits(first).get("code") == "flow.undone")
    assert states(home, first) == [("RO/1/2026", "cancelled")]
    assert stock(home) == (10_000, 0)

    second = shop.place(lines=MUGS, paid=True)[0]
    home.run_until_state(second, "done")
    assert states(home, second) == [("RO/2/2026", "approved"), ("WZ/1/2026", "bufor")]


def test_a16_what_a_clerk_made_from_a_document_holds_all_of_them(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    order = shop.place(lines=MUGS, paid=True)[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    reservation = home.documents(order)[0]
    by_hand = home.ledger.issue(
        Draft(kind="WZ", company="main", key="by-hand", issued_on=TODAY, sources=(reservation.id,))
    )

    shop.cancel(order)
    home.run_until_state(order, "person")
    assert "documents were made from it by somebody else" in home.waits(order)["text"]

    # The clerk takes theirs back, and the order is tried again.
    home.ledger.cancel("main", by_hand.key)
    home.pomost.wake([home.line(order).id])
    home.run_until_state(order, "done")
    assert {state for _, state in states(home, order)} == {"cancelled"}


def test_a16_an_order_deleted_in_baselinker_is_undone_and_not_written_to(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    order = shop.place(lines=MUGS, paid=True)[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    calls = len(shop.calls("setOrderFields"))

    shop.remove(order)
    home.run_until_state(order, "done")

    assert states(home, order) == [("RO/1/2026", "cancelled")]
    assert len(shop.calls("setOrderFields")) == calls


def test_a16_by_rule_a_deleted_order_waits_for_a_person(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow=FLOW, rules={"when_gone": "ask"})
    order = shop.place(lines=MUGS, paid=True)[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")

    shop.remove(order)
    home.run_until_state(order, "person")

    assert home.waits(order)["code"] == "flow.gone-after-documents"
    assert states(home, order) == [("RO/1/2026", "approved")]


def test_a16_an_order_that_comes_back_waits_for_a_person(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow=FLOW)
    order = shop.place(lines=MUGS, paid=True)[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    shop.cancel(order)
    home.run_until_state(order, "done")

    shop.move(order, "Spakowane")
    home.run_until_state(order, "person")

    assert home.waits(order)["code"] == "flow.revived"
    assert states(home, order) == [("RO/1/2026", "cancelled")]


def test_a16_the_dry_run_says_what_would_be_undone(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow=FLOW)
    order = shop.place(lines=MUGS, paid=False, cod=True)[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    home.pomost.stop()
    shop.cancel(order)

    looker = home.pomost.lookers[0]
    case, steps = next(iter(looker.preview(1)))
    result = dry_run(home.pomost.flows["sklep"], case, steps, home.ledger)

    assert [(line.step, line.act) for line in result.lines] == [
        ("cancel", "undo: The order was cancelled: RO/1/2026 cancelled (reservation released)."),
        ("cancel-back", "Anulowane dokumenty := RO/1/2026"),
    ]
    assert states(home, order) == [("RO/1/2026", "approved")]


MAKING = [point for point in points_of("ro-fs-wz-cancel") if not point.startswith("cancel")]


@pytest.mark.parametrize("how", ["cancel", "remove"])
@pytest.mark.parametrize("point", MAKING)
def test_a16_cancelled_at_any_moment_of_issuing_all_is_undone_or_a_person_has_the_whole(
    point: str, how: str, shop: Sandbox, house: Callable[..., House]
) -> None:
    """Never half, never lost: whatever was made is cancelled, or all of it stands and somebody is told why."""
    struck: list[int] = []
    one_hand = threading.Lock()  # the packer looks and moves before the buyer cancels, or not at all

    def strike(at: str) -> None:
        with one_hand:
            if at == point and not struck:
                struck.append(order)
                shop.cancel(order) if how == "cancel" else shop.remove(order)

    home = house(flow=FLOW, at=strike)
    order = shop.place(lines=MUGS, nip="1234563218", paid=True)[0]

    def at_rest() -> bool:
        with one_hand:
            if not struck and shop.order(order)["status"] == "W realizacji":
                shop.move(order, "Spakowane")
        code = home.waits(order).get("code")
        return bool(struck) and code in ("flow.undone", "flow.cannot-undo", "flow.cancelled")

    home.run_until(at_rest)

    found = {state for _, state in states(home, order)}
    if home.waits(order)["code"] == "flow.cannot-undo":
        assert found == {"approved"}
        assert point.startswith("sale-back"), "only once the buyer has the invoice"
        assert stock(home) == (9_998, 0)
    else:
        assert found <= {"cancelled"}
        assert stock(home) == (10_000, 0)
    if how == "cancel":
        assert shop.order(order)["status"] == "Anulowane", "our own write must not hide that it was cancelled"
