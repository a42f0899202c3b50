"""The limit of calls and the block (reference, section 2), with a clock that the tests move."""

from datetime import datetime
from pathlib import Path

import pytest

from pomost.sandbox.baselinker import Sandbox, Settings

from .conftest import START, Caller, Clock

# 1 791 183 000 is 2026-10-05 06:50:00 UTC, in Polish summer time 08:50:00.
BLOCKED = ("ERROR_BLOCKED_TOKEN", "Query limit exceeded, token blocked until 2026-10-05 09:00:00")


@pytest.fixture
def settings(clock: Clock) -> Settings:
    return Settings(clock=clock)


def test_the_101st_call_of_a_minute_blocks_the_token_for_ten_minutes(call: Caller, clock: Clock) -> None:
    for _ in range(100):
        call.done("getSeries")
    assert call.refused("getSeries") == BLOCKED
    clock.pass_s(599)
    assert call.refused("getSeries") == BLOCKED, "a call made while blocked does not prolong the block"
    clock.pass_s(1)
    call.done("getSeries")


def test_the_window_slides(call: Caller, clock: Clock) -> None:
    for _ in range(60):
        call.done("getSeries")
    clock.pass_s(30)
    for _ in range(40):
        call.done("getSeries")
    clock.pass_s(30)
    for _ in range(60):
        call.done("getSeries")
    assert call.refused("getSeries")[0] == "ERROR_BLOCKED_TOKEN"


def test_limit_window_and_block_are_settings(sandbox: Sandbox, call: Caller, clock: Clock) -> None:
    sandbox.configure(limit=2, window_s=10, block_s=20)
    call.done("getSeries")
    call.done("getSeries")
    assert call.refused("getSeries")[1].endswith("08:50:20")
    clock.pass_s(20)
    call.done("getSeries")
    sandbox.configure(limit=0)
    for _ in range(5):
        call.done("getSeries")


def test_by_setting_calls_while_blocked_prolong_the_block(
    sandbox: Sandbox, call: Caller, clock: Clock
) -> None:
    sandbox.configure(limit=1, block_prolongs=True)
    call.done("getSeries")
    call.refused("getSeries")
    clock.pass_s(300)
    assert call.refused("getSeries")[1].endswith("09:05:00")


def test_calls_refused_by_the_block_do_nothing_and_are_listed(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    sandbox.configure(limit=1)
    call.done("getSeries")
    call.refused("setOrderStatus", order_id=order_id, status_id=41003)
    assert [(c.method, c.outcome) for c in sandbox.calls()] == [
        ("getSeries", "SUCCESS"),
        ("setOrderStatus", "ERROR_BLOCKED_TOKEN"),
    ]
    assert (sandbox.writes(), sandbox.order(order_id)["order_status_id"]) == ([], 41001)


def test_the_time_in_the_message_is_polish_winter_time_in_winter(
    sandbox: Sandbox, call: Caller, clock: Clock
) -> None:
    winter = datetime.fromisoformat("2026-01-15T12:00:00+00:00").timestamp()
    clock.pass_s(winter - START)
    sandbox.configure(limit=1)
    call.done("getSeries")
    assert call.refused("getSeries")[1].endswith("until 2026-01-15 13:10:00")


def test_a_block_outlives_a_restart(tmp_path: Path, clock: Clock) -> None:
    answers = []
    for moment in (0, 100, 500):
        clock.pass_s(moment)
        with Sandbox(tmp_path / "shop.sqlite", Settings(clock=clock, limit=1)) as running:
            call = Caller(running)
            with call.http:
                if moment == 0:
                    call.done("getSeries")
                answers.append(call("getSeries").get("error_message"))
    assert answers == [BLOCKED[1], BLOCKED[1], None]
