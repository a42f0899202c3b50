"""The journal (reference, section 8) with the switches for what nobody knows about it."""

from typing import Any

from pomost.sandbox.baselinker import Sandbox

from .conftest import START, Caller, Clock

DAY = 86400


def logs(call: Caller, **parameters: Any) -> list[dict[str, int]]:
    found: list[dict[str, int]] = call.done("getJournalList", **parameters)["logs"]
    return found


def test_an_entry_has_the_documented_fields_and_ids_ascend(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    found = logs(call)
    first = {"log_id": 1, "log_type": 1, "order_id": order_id, "object_id": 0, "date": int(START)}
    assert found[0] == first
    assert [log["log_id"] for log in found] == [1, 2, 3]


def test_switched_off_it_is_empty_but_successful(sandbox: Sandbox, call: Caller) -> None:
    sandbox.place()
    sandbox.configure(journal=False)
    assert call("getJournalList", last_log_id=0) == {"status": "SUCCESS", "logs": []}


def test_last_log_id_is_inclusive_or_exclusive_by_setting(sandbox: Sandbox, call: Caller) -> None:
    sandbox.place()
    assert [log["log_id"] for log in logs(call, last_log_id=2)] == [2, 3]
    sandbox.configure(last_log_inclusive=False)
    assert [log["log_id"] for log in logs(call, last_log_id=2)] == [3]


def test_pages_have_the_set_size(sandbox: Sandbox, call: Caller) -> None:
    sandbox.place(3)
    sandbox.configure(journal_page=4)
    assert [log["log_id"] for log in logs(call)] == [1, 2, 3, 4]
    assert [log["log_id"] for log in logs(call, last_log_id=5)] == [5, 6, 7, 8]


def test_types_and_order_narrow_it(sandbox: Sandbox, call: Caller) -> None:
    one, two = sandbox.place(2)
    sandbox.move(two, "Wysłane")
    assert [(log["log_type"], log["order_id"]) for log in logs(call, logs_types=[1, 18])] == [
        (1, one),
        (1, two),
        (18, two),
    ]
    assert {log["order_id"] for log in logs(call, order_id=one)} == {one}


def test_entries_older_than_three_days_are_gone(sandbox: Sandbox, call: Caller, clock: Clock) -> None:
    old = sandbox.place()[0]
    clock.pass_s(3 * DAY)
    assert {log["order_id"] for log in logs(call)} == {old}
    clock.pass_s(1)
    new = sandbox.place()[0]
    assert {log["order_id"] for log in logs(call)} == {new}
