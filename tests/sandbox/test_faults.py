"""Every fault that can be asked for, over real connections."""

from typing import Any

import httpx2
import pytest

from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.baselinker.faults import CONNECTION, FAULTS

from .conftest import Caller, Clock

IN_WORK = 41003


def kind_of_answer(call: Caller, order_id: int) -> str:
    try:
        response = call.post("setOrderStatus", order_id=order_id, status_id=IN_WORK)
    except httpx2.RemoteProtocolError:
        return "closed"
    if response.headers["content-type"] == "text/html":
        return f"html {response.status_code}"
    if not response.content:
        return "empty"
    try:
        answer = response.json()
    except ValueError:
        return "broken"
    return str(answer.get("error_code", answer["status"]))


CASES: list[Any] = [
    ("delay", {"seconds": 0.01}, "SUCCESS", True),
    ("http-502", {}, "html 502", False),
    ("http-502", {"done": True}, "html 502", True),
    ("html-200", {}, "html 200", False),
    ("cut-before", {}, "closed", False),
    ("cut-after", {}, "closed", True),
    ("timeout-but-done", {"seconds": 0.05}, "closed", True),
    ("error-but-done", {"code": "ERROR_X"}, "ERROR_X", True),
    ("error-not-done", {"code": "ERROR_X"}, "ERROR_X", False),
    ("block-now", {}, "ERROR_BLOCKED_TOKEN", False),
    ("empty-body", {}, "empty", True),
    ("truncated-json", {}, "broken", True),
]


@pytest.mark.parametrize(
    ("fault", "args", "seen", "done"), CASES, ids=[f"{c[0]}-{'done' if c[3] else 'not-done'}" for c in CASES]
)
def test_a_connection_fault_shows_one_thing_and_does_another(
    sandbox: Sandbox, call: Caller, fault: str, args: dict[str, Any], seen: str, done: bool
) -> None:
    order_id = sandbox.place()[0]
    sandbox.misbehave(fault, **args)
    assert kind_of_answer(call, order_id) == seen
    assert [w.method for w in sandbox.writes(order_id)] == (["setOrderStatus"] if done else [])
    assert (sandbox.order(order_id)["status"] == "W realizacji") is done
    sandbox.configure(block_s=0)
    assert len(sandbox.calls()) == 1


def test_every_connection_fault_has_a_case() -> None:
    assert {case[0] for case in CASES} == set(CONNECTION)


def test_a_fault_hits_only_its_method_its_order_and_its_times(sandbox: Sandbox, call: Caller) -> None:
    hit, spared = sandbox.place(2)
    sandbox.misbehave("http-502", method="setOrderStatus", times=2, order_id=hit)
    call.done("getOrders", order_id=hit)
    assert kind_of_answer(call, spared) == "SUCCESS"
    assert [kind_of_answer(call, hit) for _ in range(3)] == ["html 502", "html 502", "SUCCESS"]
    outcomes = [c.outcome for c in sandbox.calls("setOrderStatus")]
    assert outcomes == ["SUCCESS", "http-502", "http-502", "SUCCESS"]


def test_always_lasts_until_the_sandbox_behaves(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    sandbox.misbehave("empty-body", times="always")
    assert [kind_of_answer(call, order_id) for _ in range(3)] == ["empty"] * 3
    sandbox.behave()
    assert kind_of_answer(call, order_id) == "SUCCESS"


def test_a_probability_hits_the_same_calls_for_the_same_seed(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    runs = []
    for seed in (7, 7, 8):
        sandbox.misbehave("http-502", times="always", probability=0.5, seed=seed)
        runs.append([kind_of_answer(call, order_id) for _ in range(20)])
        sandbox.behave()
    assert runs[0] == runs[1] != runs[2]
    assert set(runs[0]) == {"html 502", "SUCCESS"}


def test_an_unknown_fault_is_refused_with_the_known_names(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="knows no fault 'cut'; it knows delay, http-502"):
        sandbox.misbehave("cut")
    assert len(FAULTS) == len(set(FAULTS)) == 22


def test_a_shifting_page_confirms_an_order_in_the_border_second(sandbox: Sandbox, call: Caller) -> None:
    waiting = sandbox.place(confirmed=False)[0]
    placed = sandbox.place(100, at=1_791_183_000)
    sandbox.misbehave("shifting-page")
    page = call.done("getOrders", date_confirmed_from=1)["orders"]
    assert [order["order_id"] for order in page] == placed
    border = page[-1]["date_confirmed"]
    assert sandbox.order(waiting)["date_confirmed"] == border
    assert call.done("getOrders", date_confirmed_from=border + 1) == {"orders": []}
    again = call.done("getOrders", date_confirmed_from=border)["orders"]
    assert again[0]["order_id"] == waiting


def entries(call: Caller) -> list[tuple[int, int]]:
    return [(log["log_id"], log["log_type"]) for log in call.done("getJournalList")["logs"]]


def test_journal_entries_come_twice_or_out_of_order_or_with_unknown_types(
    sandbox: Sandbox, call: Caller
) -> None:
    sandbox.place()
    plain = entries(call)
    sandbox.misbehave("journal-duplicates")
    assert entries(call) == [entry for entry in plain for _ in range(2)]
    sandbox.misbehave("journal-out-of-order")
    shuffled = entries(call)
    assert (shuffled != plain, sorted(shuffled) == plain) == (True, True)
    sandbox.misbehave("unknown-journal-types")
    assert {kind for _, kind in entries(call)} == {1, 2, 3, 99}
    assert entries(call) == plain


def test_a_late_entry_appears_later_with_its_old_number(sandbox: Sandbox, call: Caller, clock: Clock) -> None:
    one, two = sandbox.place(2)
    sandbox.misbehave("journal-late", seconds=30)
    sandbox.move(one, "Wysłane")
    sandbox.move(two, "Wysłane")
    assert [number for number, _ in entries(call)] == [1, 2, 3, 4, 5, 6, 8]
    clock.pass_s(30)
    assert [number for number, _ in entries(call)] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_numbers_come_as_strings_and_maps_as_lists(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    sandbox.misbehave("strings-for-numbers")
    order = call.done("getOrders")["orders"][0]
    assert (order["order_id"], order["delivery_price"], order["confirmed"]) == (str(order_id), "14.99", True)
    sandbox.edit(order_id, custom_extra_fields={"51001": "RO 1"})
    sandbox.misbehave("lists-for-maps")
    order = call.done("getOrders", include_custom_extra_fields=True)["orders"][0]
    assert order["custom_extra_fields"] == ["RO 1"]


def test_a_shifting_page_lets_a_new_order_in_when_none_waits(sandbox: Sandbox, call: Caller) -> None:
    placed = sandbox.place(100, at=1_791_183_000)
    sandbox.misbehave("shifting-page", back_s=5)
    assert [order["order_id"] for order in call.done("getOrders", date_confirmed_from=1)["orders"]] == placed
    first = call.done("getOrders", date_confirmed_from=1)["orders"][0]
    assert (first["order_id"] > placed[-1], first["date_confirmed"]) == (True, 1_791_183_000 - 5)


def test_none_is_always(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    sandbox.misbehave("http-502", times=None)
    assert [kind_of_answer(call, order_id) for _ in range(3)] == ["html 502"] * 3


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        pytest.param({"second": 3}, "No fault takes second; known are seconds, done", id="argument"),
        pytest.param({"times": 0}, "cannot strike 0 times; write 1 or more", id="never"),
        pytest.param({"times": "often"}, "cannot strike 'often' times", id="word"),
        pytest.param(
            {"probability": 2}, "has the probability 2; write a number from 0 to 1", id="probability"
        ),
    ],
)
def test_a_fault_that_could_not_strike_is_refused_at_once(
    sandbox: Sandbox, asked: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        sandbox.misbehave("delay", **asked)
