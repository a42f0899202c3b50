"""What of an order is pending, case by case, as the store knows the case and its steps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pomost.config.flow import Flow
from pomost.flows.catalogue import names, resolve
from pomost.flows.pending import covered_by_others, pending_rule
from pomost.store.cases import Case
from pomost.store.steps import StepRecord
from pomost.trade.order import Order
from tests.trade.orders import line, order

BOUGHT = order(line("KUBEK", "2", id="1"), line("TALERZ", "1", id="2"), status="Nowe zamówienia")
WHOLE = {("main", "KUBEK"): Decimal(2), ("main", "TALERZ"): Decimal(1)}


def flow(preset: str = "ro-fs-wz", **more: Any) -> Flow:
    given = {"name": "sklep", "source": "shop", "company": "main", "preset": preset, **more}
    return resolve(Flow.model_validate(given))


def case(bought: Order | None = BOUGHT, **more: Any) -> Case:
    given: dict[str, Any] = {
        "id": 1,
        "company": "main",
        "source": "shop",
        "kind": "order",
        "external_id": "1",
        "flow": "sklep",
        "number": "1",
        "status": bought.status if bought else "",
        "version": 1,
        "gone": False,
        "state": "new",
        "attempts": 0,
        "order": bought,
        "raw_text": "{}",
        "problem": {},
    }
    return Case(**{**given, **more})


def made(
    step: str,
    kind: str = "RO",
    lines: Mapping[str, str] | None = None,
    sources: tuple[str, ...] = (),
    of: Order = BOUGHT,
    state: str = "done",
    company: str = "main",
    moves_stock: bool = False,
    **result: Any,
) -> StepRecord:
    """``lines``: line of the order -> quantity."""
    draft = {
        "kind": kind,
        "company": company,
        "moves_stock": moves_stock,
        "sources": list(sources),
        "lines": [{"order_line": one, "quantity": quantity} for one, quantity in (lines or {}).items()],
    }
    given = {"id": f"id-{step}", "kind": kind, "number": f"{kind}/1", "state": "approved"}
    if not sources:
        given["print"] = case(of).content
    record = StepRecord(step, state, f"key/{step}", json.dumps(draft), {**given, **result})
    return record if state == "done" else replace(record, result={})


def pending(what: Flow, known: Case, *steps: StepRecord) -> Mapping[tuple[str, str], Decimal]:
    return pending_rule({what.name: what})(known, {one.step: one for one in steps})


ALL = {"1": "2", "2": "1"}
MORE = order(line("KUBEK", "5", id="1"), line("TALERZ", "1", id="2"), status="Nowe zamówienia")


def test_an_order_that_was_seen_counts_whole() -> None:
    assert pending(flow(), case()) == WHOLE


@pytest.mark.parametrize(
    ("what", "known"),
    [
        ("cancelled", case(status="Anulowane")),
        ("deleted or merged in the channel", case(gone=True)),
        ("over long before we saw it", case(status="Wysłane")),
        ("unreadable: there is nothing to count", case(None)),
        ("a return", case(kind="return")),
        ("the ERP's own order holds its goods itself", case(kind="erp-order")),
        ("of a flow that is no more", case(flow="inny")),
        ("done, and nothing has changed", case(state="done")),
    ],
)
def test_what_does_not_count(what: str, known: Case) -> None:
    assert pending(flow(), known) == {}, what


@pytest.mark.parametrize("state", ["new", "waiting", "retrying", "doubt", "person", "stopped"])
def test_it_counts_however_long_it_waits_and_whatever_for(state: str) -> None:
    assert pending(flow(), case(state=state, status="Do wyjaśnienia")) == WHOLE


def test_a_reservation_holds_its_lines_and_those_after_it_change_nothing() -> None:
    reserved = made("ro", lines=ALL)
    assert pending(flow(), case(), reserved) == {}
    sale = made("sale", "FS", sources=("id-ro",))
    assert pending(flow(), case(), reserved, sale, made("wz", "WZ", sources=("id-sale",))) == {}


@pytest.mark.parametrize("state", ["intended", "failed", "doubt"])
def test_what_is_not_certain_to_exist_holds_nothing(state: str) -> None:
    assert pending(flow(), case(), made("ro", lines=ALL, state=state)) == WHOLE


def test_a_reservation_in_bufor_holds_nothing_a_goods_issue_in_bufor_does() -> None:
    assert pending(flow(), case(), made("ro", lines=ALL, state="done", number="RO/1")) == {}
    draft = made("ro", lines=ALL)
    draft.result["state"] = "bufor"
    assert pending(flow(), case(), draft) == WHOLE
    issue = made("wz", "WZ", lines=ALL)
    issue.result["state"] = "bufor"
    assert pending(flow("wz"), case(), issue) == {}


@pytest.mark.parametrize(
    ("became", "of_an_open_order", "of_one_that_is_done"),
    [("", WHOLE, WHOLE), ("approved", {}, {}), ("removed", WHOLE, {}), ("cancelled", WHOLE, {})],
)
def test_what_was_left_in_bufor_counts_until_it_is_approved_or_removed(
    became: str, of_an_open_order: Any, of_one_that_is_done: Any
) -> None:
    draft = made("ro", lines=ALL, state="done")
    draft.result["state"] = "bufor"
    if became:
        draft.result["became"] = became
    assert pending(flow(), case(), draft) == of_an_open_order
    assert pending(flow(), case(state="done"), draft) == of_one_that_is_done
    assert pending(flow(), case(state="done", status="Anulowane"), draft) == {}
    assert pending(flow(), case(state="done", gone=True), draft) == {}


def test_an_invoice_that_moves_no_goods_holds_nothing_until_its_goods_issue() -> None:
    steps = [{"id": "sale", "issue": "FS"}, {"id": "wz", "issue": "WZ", "source": ["sale"]}]
    own = flow("", step=steps)
    sale = made("sale", "FS", lines=ALL)
    assert pending(own, case(), sale) == WHOLE
    assert pending(own, case(), sale, made("wz", "WZ", sources=("id-sale",))) == {}
    part = made("wz", "WZ", sources=("id-sale",), rest=True)
    assert pending(own, case(), sale, part) == WHOLE, "which lines went out is not known here"
    assert pending(flow("fs"), case(), made("sale", "PA", lines=ALL, moves_stock=True)) == {}


def test_an_edited_order_counts_by_its_newest_quantities() -> None:
    assert pending(flow(), case(MORE))[("main", "KUBEK")] == 5
    reserved = made("ro", lines=ALL)
    assert pending(flow(), case(MORE), reserved) == {("main", "KUBEK"): 3}
    amended = made("ro~abc", lines={"1": "5", "2": "1"}, of=MORE)
    assert pending(flow(), case(MORE), reserved, amended) == {}
    assert pending(flow(), case(MORE), reserved, replace(amended, state="intended")) == {("main", "KUBEK"): 3}


def test_an_order_edited_after_all_was_done_counts_again_by_what_was_added() -> None:
    steps = made("ro", lines=ALL), made("sale", "FS", sources=("id-ro",))
    assert pending(flow(), case(MORE, state="person"), *steps) == {("main", "KUBEK"): 3}
    assert pending(flow(), case(MORE, state="done"), *steps) == {("main", "KUBEK"): 3}
    left = StepRecord(f"change~{case(MORE).content[:8]}", "skipped", "")
    assert pending(flow(), case(MORE, state="done"), *steps, left) == {}, "a person leaves it as it is"


def test_documents_over_some_lines_hold_those() -> None:
    own = flow("special")
    assert pending(own, case(), made("ro", lines={"1": "2"})) == {("main", "TALERZ"): 1}


def test_a_kit_sold_as_its_components_is_held_as_a_whole() -> None:
    parts = made("ro", lines={"1:KUBEK-A": "4", "1:KUBEK-B": "2", "2": "1"})
    assert pending(flow(), case(), parts) == {}
    assert pending(flow(), case(MORE), parts)[("main", "KUBEK")] == 5, "of an older order: not certain"


def test_a_step_that_a_person_skipped_or_that_undoes_leaves_nothing_pending() -> None:
    assert pending(flow(), case(), StepRecord("ro", "skipped", "")) == {}
    own = flow("ro-fs-wz-cancel")
    undone = StepRecord("cancel", "intended", "")
    assert pending(own, case(), made("ro", lines=ALL), undone) == {}


def test_names_of_the_channel_are_those_of_the_erp_and_services_take_no_goods() -> None:
    rules = {"aliases": {"KUBEK": "KUBEK-1"}, "service_skus": ["TALERZ"]}
    assert pending(flow(rules=rules), case()) == {("main", "KUBEK-1"): 2}
    odd = order(line("", "1", id="1"), line("RABAT", "1", price="-5", id="2"), line("X", "0", id="3"))
    assert pending(flow(), case(odd)) == {}


def test_both_companies_owe_the_goods_where_both_reserve_them() -> None:
    own = flow("two-companies-ro", words={"second": "hurt"})
    hurt = {("hurt", sku): n for (_, sku), n in WHOLE.items()}
    assert pending(own, case()) == WHOLE | hurt
    assert pending(own, case(), made("ro", lines=ALL)) == hurt
    both = made("ro", lines=ALL), made("second-ro", lines=ALL, company="hurt")
    assert pending(own, case(), *both) == {}


def test_an_order_of_one_company_is_covered_where_all_its_flows_reserve_in_the_other() -> None:
    linked = flow("two-companies-ro")
    assert covered_by_others({"a": linked}, "main") == {"hurt"}
    assert covered_by_others({"a": linked, "b": flow()}, "main") == frozenset()
    assert covered_by_others({"a": linked}, "hurt") == frozenset()


def test_a_word_of_ones_own_says_what_counts() -> None:
    own = flow(sold="order.confirmed")
    assert pending(own, case(replace(BOUGHT, confirmed=False))) == {}
    assert pending(own, case()) == WHOLE
    assert pending(flow(sold="order.nothing"), case()) == WHOLE, "what can't be answered counts"


@pytest.mark.parametrize("preset", [name for name in names() if flow(name).kind == "order"])
def test_every_preset_of_orders_counts_what_it_takes(preset: str) -> None:
    counted = {sku for _, sku in pending(flow(preset), case())}
    assert counted == {"KUBEK", "TALERZ"}
