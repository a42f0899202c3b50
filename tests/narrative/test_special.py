"""A13: special orders, whose lines go to documents of their own, as an accountant would tell it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pomost.config.flow import Flow
from pomost.flows.catalogue import resolve
from pomost.flows.dry_run import dry_run
from pomost.flows.faults import check_flow
from pomost.sandbox.baselinker import Sandbox
from tests.house import House

D = Decimal
FLOW = {"preset": "special"}
MUG, SERVICE = {"sku": "KUBEK-1", "quantity": 2}, {"sku": "USL-MONTAZ", "quantity": 1}
NIP = "1234563218"


def test_a13_the_service_is_invoiced_in_its_own_series_and_the_goods_go_their_usual_way(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)

    # Two mugs (52.00), their assembly (180.00) and delivery (14.99), all paid.
    order = shop.place(lines=[MUG, SERVICE], nip=NIP, paid=True, delivery_price="14.99")[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")

    # The service is invoiced at once; the goods and their delivery are reserved.
    service, reservation = home.documents(order)
    assert (service.number, service.gross, service.paid) == ("FS/1/USL/2026", D("180.00"), D("180.00"))
    assert [line.sku for line in service.lines] == ["USL-MONTAZ"]
    assert [line.sku for line in reservation.lines] == ["KUBEK-1", "TRANSPORT"]

    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    # The rest has an invoice of the usual series, and the money is on both of them once.
    _, _, sale, issue = home.documents(order)
    assert (sale.number, sale.gross, sale.paid) == ("FS/1/2026", D("66.99"), D("66.99"))
    assert issue.kind == "WZ"
    fields = shop.order(order)["custom_extra_fields"]
    assert (fields["51035"], fields["51002"]) == ("FS/1/USL/2026", "FS/1/2026")
    assert shop.file(order, "Dokument usługi PDF") != shop.file(order, "Dokument PDF")
    assert shop.order(order)["status"] == "Wysłane"


@pytest.mark.parametrize(
    ("lines", "kinds"), [([MUG], ["RO", "FS", "WZ"]), ([SERVICE], ["FS"])], ids=["goods", "service"]
)
def test_a13_an_order_of_one_kind_has_documents_of_that_kind_only(
    shop: Sandbox, house: Callable[..., House], lines: list[dict[str, Any]], kinds: list[str]
) -> None:
    home = house(flow=FLOW)
    order = shop.place(lines=lines, nip=NIP, paid=True, delivery_price="0")[0]
    goods = "RO" in kinds
    home.run_until(
        lambda: shop.order(order)["status"] == "W realizacji" if goods else home.state(order) == "done"
    )
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    assert home.kinds(order) == kinds


def test_a13_what_was_paid_too_much_stands_on_the_last_document(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    order = shop.place(lines=[MUG, SERVICE], nip=NIP, paid=False, delivery_price="0")[0]
    shop.pay(order, "240.00")
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    sales = [document for document in home.documents(order) if document.kind == "FS"]
    assert sum(document.paid for document in sales) == D("240.00")


PICKY = {
    "preset": "",
    "take": 'order.status == "Nowe zamówienia"',
    "step": [{"id": "usl", "issue": "FS", "lines": 'line.sku.startsWith("USL-")'}],
}


def test_a13_lines_that_no_document_takes_are_said_before_anything_is_made(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=PICKY)
    order = shop.place(lines=[MUG, SERVICE], nip=NIP, paid=True, delivery_price="14.99")[0]
    home.run_until_state(order, "person")

    waits = home.waits(order)
    assert waits["code"] == "flow.lines-left"
    assert "No document takes KUBEK-1, TRANSPORT" in waits["text"]
    assert home.kinds(order) == []

    # Somebody decides that it is well so.
    line = home.line(order)
    home.pomost.store.steps.decide(line.id, "lines", "skipped", "Jan", 0.0)
    home.pomost.wake([line.id])
    home.run_until_state(order, "done")
    assert [document.gross for document in home.documents(order)] == [D("180.00")]


def test_a13_lines_of_a_step_that_was_left_out_are_said_in_the_end(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    steps = [
        {**PICKY["step"][0], "only_if": "order.wants_invoice"},
        {"id": "wz", "issue": "WZ", "lines": "rest"},
    ]  # type: ignore[index]
    home = house(flow={**PICKY, "step": steps})
    order = shop.place(lines=[MUG, SERVICE], nip="", want_invoice=False, paid=True)[0]
    home.run_until_state(order, "person")

    assert home.kinds(order) == ["WZ"]
    assert "No document takes USL-MONTAZ" in home.waits(order)["text"]


def test_a13_a_document_by_rule_has_a_series_of_its_own(shop: Sandbox, house: Callable[..., House]) -> None:
    steps = [
        {"id": "big", "issue": "FS", "series": "DUZE", "only_if": "order.total > 1000.0"},
        {"id": "small", "issue": "FS", "only_if": "order.total <= 1000.0"},
    ]
    home = house(flow={**PICKY, "step": steps})
    big = shop.place(lines=[{"sku": "KUBEK-1", "quantity": 50}], nip=NIP, paid=True, delivery_price="0")[0]
    small = shop.place(lines=[MUG], nip=NIP, paid=True, delivery_price="0")[0]
    home.run_until_state(big, "done")
    home.run_until_state(small, "done")

    assert [document.number for document in home.documents(big)] == ["FS/1/DUZE/2026"]
    assert [document.number for document in home.documents(small)] == ["FS/1/2026"]


def test_a13_the_dry_run_says_which_document_is_over_how_much(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    shop.place(lines=[MUG, SERVICE], nip=NIP, paid=True, delivery_price="14.99")
    case, steps = next(iter(home.pomost.lookers[0].preview(1)))
    result = dry_run(home.pomost.flows["sklep"], case, steps, home.ledger)

    acts = {line.step: line.act for line in result.lines}
    assert (acts["usl"], acts["ro"]) == ("FS over 180.00 PLN", "RO over 66.99 PLN")
    assert home.ledger.count_documents().keys() == {("main", "PW", "approved")}


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([{"id": "a", "issue": "FS", "lines": "line.sku ="}], "lines can't be read"),
        ([{"id": "a", "issue": "FS", "lines": "docs.b.total > 1.0"}], "unknown name docs"),
        ([{"id": "a", "issue": "FS", "lines": "rest"}, {"id": "b", "issue": "WZ"}], "it takes all lines"),
        (
            [
                {"id": "a", "issue": "RO", "lines": "rest"},
                {"id": "b", "issue": "FS", "source": ["a"], "lines": "rest"},
            ],
            "picked from the order itself",
        ),
        (
            [{"id": "a", "issue": "FZAL"}, {"id": "b", "issue": "FS/PA", "settles": ["a"]}],
            "only an FS settles",
        ),
        ([{"id": "a", "issue": "RO"}, {"id": "b", "issue": "FS", "settles": ["a"]}], 'settles names "a"'),
    ],
)
def test_a13_faults_are_seen_before_anything_runs(steps: list[dict[str, Any]], says: str) -> None:
    flow = Flow.model_validate({"name": "f", "source": "baselinker", "company": "main", "step": steps})

    assert any(says in fault.text for fault in check_flow(flow))


@pytest.mark.parametrize("preset", ["special", "fpf-fzal-fs", "ro-fzal-fs"])
def test_the_presets_have_no_faults(preset: str) -> None:
    flow = Flow.model_validate({"name": "f", "source": "baselinker", "company": "main", "preset": preset})

    assert check_flow(resolve(flow)) == []
