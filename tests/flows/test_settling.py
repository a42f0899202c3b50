"""Which documents a payment settles, and when: of the flow, the order and what was done alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pomost.config.flow import Flow
from pomost.flows.catalogue import resolve
from pomost.flows.faults import check_flow
from pomost.flows.plan import Plan, plan
from pomost.store.steps import StepRecord
from tests.flows.test_pending import BOUGHT, case

SALE = {"id": "sale", "issue": "FS", "source": ["ro"], "partial": "available", "moves_stock": True}
BOOK = {"id": "book", "book": {"document": "sale", "account": "PAYU"}}
BACK = {"id": "back", "write": {"status": "Wysłane"}}


def flow(*steps: dict[str, Any], preset: str = "") -> Flow:
    own = steps or ({"id": "ro", "issue": "RO"}, SALE, BOOK, BACK)
    return resolve(
        Flow.model_validate(
            {"name": "sklep", "source": "baselinker", "company": "main", "preset": preset, "step": list(own)}
        )
    )


def done(**records: Any) -> dict[str, StepRecord]:
    """Steps in the order in which they were done: ro, sale=(id, rest), book=[parts]. ``_2`` is the second part."""
    found: dict[str, StepRecord] = {}
    for name, what in records.items():
        step = name.replace("_", "#")
        result: dict[str, Any] = {"parts": what}
        if isinstance(what, tuple):
            result = {"id": what[0], "kind": "FS", "number": f"FS/{what[0]}", "rest": what[1]}
        if isinstance(what, str):
            found[step] = StepRecord(step, what, "")
            continue
        found[step] = StepRecord(step, "done", "", result=result)
    return found


def asked(records: dict[str, StepRecord], *, paid: bool = True) -> Plan:
    bought = BOUGHT
    total = bought.total
    payment = replace(bought.payment, paid=total if paid else Decimal(0))
    return plan(flow(), case(replace(bought, payment=payment)), records)


RO = {"ro": ("1", False)}


@pytest.mark.parametrize(
    ("records", "ready"),
    [
        # what is made is settled before the next part, which may have to wait for goods
        ({**RO, "sale": ("2", True)}, ["book", "sale#2"]),
        ({**RO, "sale": ("2", True), "book": ["sale"]}, ["sale#2"]),
        ({**RO, "sale": ("2", True), "book": ["sale"], "sale_2": ("3", True)}, ["book#2", "sale#3"]),
        ({**RO, "sale": ("2", True), "book": ["sale"], "sale_2": ("3", False)}, ["book#2"]),
        (
            {**RO, "sale": ("2", True), "book": ["sale"], "sale_2": ("3", False), "book_2": ["sale#2"]},
            ["back"],
        ),
        # cut short, it goes on
        ({**RO, "sale": ("2", True), "book": "intended"}, ["book", "sale#2"]),
        # a person settled it
        ({**RO, "sale": ("2", False), "book": "skipped"}, ["back"]),
    ],
    ids=["first", "waits for more", "second", "last", "all", "cut", "skipped"],
)
def test_each_part_is_settled_when_it_is_made(records: dict[str, Any], ready: list[str]) -> None:
    assert [todo.name for todo in asked(done(**records)).ready] == ready


def test_until_it_is_paid_nothing_is_settled_and_the_parts_are_made_all_the_same() -> None:
    found = asked(done(**RO, sale=("2", True)), paid=False)

    assert [todo.name for todo in found.ready] == ["sale#2"]

    unpaid = asked(done(**RO, sale=("2", False)), paid=False)
    assert (unpaid.ready, [wait.code for wait in unpaid.waits]) == (
        (),
        ["booking.not-paid", "flow.waits-for-step"],
    )


def test_while_parts_are_to_come_later_steps_wait() -> None:
    found = asked(done(**RO, sale=("2", True), book=["sale"]))

    assert [(wait.step, wait.code) for wait in found.waits] == [
        ("book", "flow.waits-for-parts"),
        ("back", "flow.waits-for-step"),
    ]


def test_what_was_booked_before_there_were_parts_is_not_settled_again() -> None:
    before = {
        **done(**RO, sale=("2", False)),
        "book": StepRecord("book", "done", "", result={"settled": True}),
    }

    assert [todo.name for todo in asked(before).ready] == ["back"]


@pytest.mark.parametrize(
    ("book", "text"),
    [
        ({"document": "nothing"}, 'what the step "nothing" makes can\'t be settled'),
        ({"document": "ro"}, 'what the step "ro" makes can\'t be settled'),
        ({"document": "usl", "also": ["ro"]}, 'what the step "ro" makes can\'t be settled'),
        ({"document": "usl"}, '"sale" sells some of the lines and is not settled'),
        ({"document": "sale"}, '"usl" sells some of the lines and is not settled'),
    ],
)
def test_a_flow_that_would_leave_a_sale_unsettled_is_refused(book: dict[str, Any], text: str) -> None:
    faults = check_flow(flow({"id": "book", "book": {"account": "P24", **book}}, preset="special"))

    assert any(text in one.text for one in faults), faults


def test_a_flow_that_settles_all_its_sales_is_none() -> None:
    both = {"document": "usl", "also": ["sale"], "account": "P24"}
    assert check_flow(flow({"id": "book", "book": both}, preset="special")) == []
    final = {"document": "fs", "account": "P24"}
    assert check_flow(flow({"id": "book", "book": final}, preset="ro-fzal-fs")) == []


def test_one_payment_settles_the_sales_of_one_company() -> None:
    other = {"id": "other", "issue": "FS", "company": "hurt", "prices": "order"}
    steps = (
        {"id": "sale", "issue": "FS"},
        other,
        {"id": "book", "book": {"document": "sale", "also": ["other"], "account": "P"}},
    )
    assert any("sells for another company" in one.text for one in check_flow(flow(*steps)))


def test_goods_that_another_company_issues_are_issued_there_by_a_step() -> None:
    own = flow(
        {"id": "ro", "issue": "RO"}, {"id": "sale", "issue": "FS", "source": ["ro"], "issued_by": "hurt"}
    )

    (fault,) = check_flow(own)

    assert 'no step issues the goods in company "hurt"' in fault.text
