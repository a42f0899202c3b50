"""B04: what is printed for an order, as whoever packs would tell it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from pypdf import PdfReader

from pomost.config.flow import Flow
from pomost.ports import NeedsPerson
from pomost.printing import one_pdf, queue_document, queue_label
from pomost.sandbox.baselinker import Sandbox
from pomost.store.prints import Print, Wanted
from pomost.trade.card import Card
from tests.house import House

New = Callable[..., House]
BOTH = {"preset": "ro-fs-wz-at-once", "print": ["document", "packing"]}


def waiting(home: House) -> list[Print]:
    return home.pomost.store.prints.page(Wanted())


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def test_the_invoice_and_the_packing_list_wait_by_themselves_once_the_order_is_invoiced(
    house: New, shop: Sandbox
) -> None:
    home = house(flow=BOTH)
    first, second = shop.place(2)

    home.run_until(lambda: len(waiting(home)) == 4)

    numbers = {
        order: [one for one in home.documents(order) if one.kind in ("FS", "PA")] for order in (first, second)
    }
    assert [(one.kind, one.title, one.order) for one in waiting(home)] == [
        (kind, title, str(order))
        for order in (first, second)
        for kind, title in (
            ("document", numbers[order][0].number),
            ("packing", str(order)),
        )
    ]


def test_one_file_has_all_that_was_chosen_in_the_order_of_packing(house: New, shop: Sandbox) -> None:
    home = house(flow=BOTH)
    shop.place(2)
    home.run_until(lambda: len(waiting(home)) == 4)

    found = pages(one_pdf(home.pomost, waiting(home)))

    invoice, packing = waiting(home)[0], waiting(home)[1]
    assert len(found) == 4
    assert invoice.title in found[0]
    assert "Lista pakowa" in found[1]
    assert packing.title in found[1]


def test_the_packing_list_says_to_whom_what_and_where_it_lies(house: New, shop: Sandbox) -> None:
    home = house(flow=BOTH)
    lines = [{"sku": "KUBEK-1", "quantity": 2}]
    (order,) = shop.place(1, lines=lines)
    shop.edit(order, user_comments="Proszę zapakować na prezent")
    home.ledger.put_cards("main", [Card("KUBEK-1", attributes={"Lokalizacja": "A-12-3"})])
    home.run_until(lambda: len(waiting(home)) == 2)

    (text,) = pages(one_pdf(home.pomost, [waiting(home)[1]]))

    raw = shop.order(order)
    for said in (
        str(order),
        raw["delivery_fullname"],
        raw["delivery_address"],
        raw["delivery_method"],
        "KUBEK-1",
        "EAN 5900000000619",
        "A-12-3",
        "Proszę zapakować na prezent",
    ):
        assert said in text


def test_a_step_says_for_itself_what_is_printed(house: New) -> None:
    steps = [
        {"id": "ro", "issue": "RO", "print": ["packing"]},
        {"id": "sale", "issue": "FS/PA", "source": ["ro"], "print": []},
        {"id": "wz", "issue": "WZ", "source": ["sale"], "print": ["document"]},
    ]
    home = house(flow={**BOTH, "preset": "", "step": steps})
    home.shop.place(1)

    home.run_until(lambda: home.states() == {"done": 1})

    assert waiting(home)[0].title.startswith("WZ")
    assert [one.kind for one in waiting(home)] == ["document", "packing"]


def test_without_the_setting_nothing_is_put_in(house: New) -> None:
    home = house(flow={"preset": "ro-fs-wz-at-once"})
    home.shop.place(1)
    home.run_until(lambda: home.states() == {"done": 1})

    assert waiting(home) == []


def test_a_document_of_a_step_that_makes_none_can_not_be_printed() -> None:
    with pytest.raises(ValueError, match="makes no document"):
        Flow.model_validate(
            {
                "name": "f",
                "source": "s",
                "company": "m",
                "step": [{"id": "b", "write": {"status": "x"}, "print": ["document"]}],
            }
        )


def test_nothing_is_printed_where_one_of_the_chosen_can_not_be(house: New, shop: Sandbox) -> None:
    home = house(flow=BOTH)
    shop.place(1)
    home.run_until(lambda: len(waiting(home)) == 2)
    data = home.pomost.config.data_dir
    (data / "etykieta.pdf").write_bytes(b"to nie PDF")
    outside = data.parent / "obcy.pdf"
    outside.write_bytes(b"%PDF-1.4")
    for parcel, file in (
        ("1", "etykieta.pdf"),
        ("2", "nie-ma.pdf"),
        ("3", str(outside)),
        ("4", "../obcy.pdf"),
    ):
        queue_label(home.pomost.store, "main", parcel, file, 1.0)

    labels = home.pomost.store.prints.page(Wanted(kind="label"))
    refused = []
    for label in labels:
        with pytest.raises(NeedsPerson) as caught:
            one_pdf(home.pomost, [*waiting(home)[-2:], label])
        refused.append((label.title, caught.value.code, caught.value.text.split(": ")[1]))

    assert [code for _, code, _ in refused] == ["print.not-drawn"] * 4
    assert [why for title, _, why in refused if title in "34"] == ["its file is not in data_dir."] * 2


def test_a_document_is_put_in_by_hand_and_once_more_after_it_was_printed(house: New, shop: Sandbox) -> None:
    home = house()
    (order,) = shop.place(1)
    home.run_until(lambda: "RO" in home.kinds(order))
    document, store = home.documents(order)[0], home.pomost.store

    put = [queue_document(store, document, 1.0), queue_document(store, document, 2.0)]
    store.prints.printed([one.id for one in waiting(home)], "ania", 3.0)
    put.append(queue_document(store, document, 4.0))

    assert put == [True, False, True]
    assert len(pages(one_pdf(home.pomost, waiting(home)))) == 1
