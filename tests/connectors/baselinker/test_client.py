"""The wire: what goes out, and what each kind of answer means."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pomost.connectors.baselinker import BaseLinkerClient
from pomost.connectors.baselinker.errors import blocked_until, refusal
from pomost.connectors.baselinker.lengths import fit
from pomost.ports import Failure, InDoubt, NeedsPerson, StopConnection, TryAgain, WaitUntil
from pomost.sandbox.baselinker import Sandbox
from tests.connectors.baselinker.surroundings import Clock, NoLimit, sample

TOKEN = "3000-1-SECRETSECRETSECRET"
NOW = datetime(2026, 10, 5, 14, 30, tzinfo=UTC)


@pytest.fixture
def client(httpserver: HTTPServer) -> Iterator[BaseLinkerClient]:
    made = BaseLinkerClient(
        TOKEN, httpserver.url_for("/connector.php"), limiter=NoLimit(), timeout_s=2, clock=lambda: NOW
    )
    yield made
    made.close()


def answers(httpserver: HTTPServer, body: Any, status: int = 200) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    httpserver.expect_request("/connector.php").respond_with_data(
        text, status, content_type="application/json"
    )


def test_a_call_is_a_form_with_the_token_in_its_header(
    httpserver: HTTPServer, client: BaseLinkerClient
) -> None:
    got: list[Request] = []

    def handle(request: Request) -> Response:
        request.get_data()
        got.append(request)
        return Response('{"status": "SUCCESS"}')

    httpserver.expect_request("/connector.php").respond_with_handler(handle)
    client.call("setOrderFields", {"order_id": 1, "admin_comments": "a+b ż"}, write=True)
    form = parse_qs(got[0].get_data(as_text=True), strict_parsing=True)
    assert got[0].method == "POST"
    assert got[0].mimetype == "application/x-www-form-urlencoded"
    assert got[0].headers["X-BLToken"] == TOKEN
    assert form == {
        "method": ["setOrderFields"],
        "parameters": ['{"order_id":1,"admin_comments":"a+b ż"}'],
    }


def test_amounts_come_and_go_without_binary_floats(httpserver: HTTPServer, client: BaseLinkerClient) -> None:
    answers(httpserver, '{"status": "SUCCESS", "a": 0.1, "b": 54.99, "c": NaN, "d": 7}')
    got = client.call("getOrders", {"payment_done": Decimal("54.90")})
    assert (got["a"], got["b"], str(got["c"]), got["d"]) == (Decimal("0.1"), Decimal("54.99"), "NaN", 7)
    sent = parse_qs(httpserver.log[0][0].get_data(as_text=True))["parameters"][0]
    assert sent == '{"payment_done":"54.90"}'


UNREADABLE = [
    pytest.param("<html>Bad gateway</html>", 502, id="502"),
    pytest.param("<html>Bad gateway</html>", 200, id="html-200"),
    pytest.param("", 200, id="empty"),
    pytest.param('{"status": "SUCC', 200, id="truncated"),
    pytest.param("[]", 200, id="a-list"),
    pytest.param("{}", 200, id="no-status"),
    pytest.param("[" * 100_000, 200, id="too-deep"),
    pytest.param('{"status": "ERROR", "error_code": "ERROR_INTERNAL_SERVER"}', 200, id="internal-error"),
]


@pytest.mark.parametrize(("body", "status"), UNREADABLE)
def test_a_read_without_usable_answer_is_tried_a_few_times_and_then_later(
    httpserver: HTTPServer, client: BaseLinkerClient, body: str, status: int
) -> None:
    answers(httpserver, body, status)
    with pytest.raises(TryAgain) as caught:
        client.call("getOrders")
    assert caught.value.code == "baselinker.answer-lost"
    assert client.calls == {"getOrders": 3}


@pytest.mark.parametrize(("body", "status"), UNREADABLE)
def test_a_write_without_usable_answer_is_in_doubt_and_never_repeated(
    httpserver: HTTPServer, client: BaseLinkerClient, body: str, status: int
) -> None:
    answers(httpserver, body, status)
    with pytest.raises(InDoubt) as caught:
        client.call("addOrder", write=True)
    assert caught.value.code == "baselinker.answer-lost"
    assert client.calls == {"addOrder": 1}


@pytest.mark.parametrize(
    ("fault", "arguments"),
    [("cut-before", {}), ("cut-after", {}), ("timeout-but-done", {"seconds": 3})],
    ids=["cut-before", "cut-after", "time-out"],
)
def test_a_lost_connection_leaves_a_write_in_doubt(
    sandbox: Sandbox, fault: str, arguments: dict[str, float]
) -> None:
    order_id = sandbox.place(1)[0]
    client = BaseLinkerClient(sandbox.token, sandbox.url, limiter=NoLimit(), timeout_s=0.5)
    sandbox.misbehave(fault, **arguments)
    with pytest.raises(InDoubt):
        client.set_order_fields(order_id, admin_comments="x")
    client.close()


def test_a_server_that_is_not_there_was_never_asked() -> None:
    client = BaseLinkerClient(TOKEN, "http://127.0.0.1:9/connector.php", limiter=NoLimit())
    with pytest.raises(TryAgain) as caught:
        client.call("addOrder", write=True)
    assert caught.value.code == "baselinker.unreachable"
    client.close()


@pytest.mark.parametrize("status", [301, 404, 405])
def test_a_wrong_address_stops_the_connection(
    httpserver: HTTPServer, client: BaseLinkerClient, status: int
) -> None:
    httpserver.expect_request("/connector.php").respond_with_data("", status, headers={"Location": "/x"})
    with pytest.raises(StopConnection) as caught:
        client.call("getOrders")
    assert caught.value.code == "baselinker.bad-address"


@pytest.mark.parametrize(
    ("code", "message", "kind", "our_code"),
    [
        ("ERROR_BAD_TOKEN", f"Token {TOKEN} is wrong", StopConnection, "baselinker.bad-token"),
        ("ERROR_EMPTY_TOKEN", "No user token provided.", StopConnection, "baselinker.bad-token"),
        ("ERROR_BLOCKED_TOKEN", "Query limit exceeded, token blocked until", WaitUntil, "baselinker.blocked"),
        ("", "Query limit exceeded, token blocked", WaitUntil, "baselinker.blocked"),
        ("ERROR_RATE_LIMIT", "slow down", WaitUntil, "baselinker.blocked"),
        ("ERROR_USER_ACCOUNT_BLOCKED", "User blocked", WaitUntil, "baselinker.account-blocked"),
        ("ERROR_UNKNOWN_METHOD", "Unknown", NeedsPerson, "baselinker.refused"),
        ("ERROR_STORAGE_ID", f"Bad storage, {TOKEN}, anna@example.com", NeedsPerson, "baselinker.refused"),
        ("", "Invalid order_id", NeedsPerson, "baselinker.refused"),
    ],
)
@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
def test_each_refusal_says_what_comes_next_and_keeps_secrets(
    httpserver: HTTPServer,
    client: BaseLinkerClient,
    caplog: pytest.LogCaptureFixture,
    code: str,
    message: str,
    kind: type[Failure],
    our_code: str,
    write: bool,
) -> None:
    caplog.set_level(logging.DEBUG)
    answers(httpserver, {"status": "ERROR", "error_code": code, "error_message": message})
    with pytest.raises(kind) as caught:
        client.call("setOrderFields", write=write)
    assert caught.value.code == our_code
    assert client.calls == {"setOrderFields": 1}
    told = f"{caught.value} {caught.value!r} {caught.value.facts} {client!r} {caplog.text}"
    assert TOKEN not in told
    assert "anna@example.com" not in told


def test_the_sample_of_a_block_is_understood() -> None:
    answer = sample("error_blocked_token.json")
    failure = refusal(
        "getOrders",
        answer["error_code"],
        answer["error_message"],
        TOKEN,
        datetime(2026, 10, 5, 14, 33, tzinfo=UTC),
        False,
    )
    assert isinstance(failure, WaitUntil)
    end = datetime(2026, 10, 5, 14, 42, 18, tzinfo=UTC)
    assert end < failure.until < end + timedelta(seconds=5)


@pytest.mark.parametrize(
    ("now", "text", "until"),
    [
        pytest.param("2026-10-05 14:35:00", "2026-10-05 16:42:18", "2026-10-05 14:42:18", id="summer"),
        pytest.param("2026-12-05 15:35:00", "2026-12-05 16:42:18", "2026-12-05 15:42:18", id="winter"),
        pytest.param(
            "2026-10-25 00:30:00", "2026-10-25 02:40:00", "2026-10-25 00:40:00", id="first-2-oclock"
        ),
        pytest.param(
            "2026-10-25 01:30:00", "2026-10-25 02:40:00", "2026-10-25 01:40:00", id="second-2-oclock"
        ),
        pytest.param("2026-10-05 14:42:30", "2026-10-05 16:42:18", "2026-10-05 14:42:30", id="just-over"),
        pytest.param("2026-10-05 14:00:00", "2026-10-05 16:42:18", "2026-10-05 14:11:00", id="too-far"),
        pytest.param("2026-10-05 15:00:00", "2026-10-05 16:42:18", "2026-10-05 15:11:00", id="long-past"),
        pytest.param("2026-10-05 14:00:00", "2026-13-45 99:00:00", "2026-10-05 14:11:00", id="no-date"),
        pytest.param("2026-10-05 14:00:00", "a while", "2026-10-05 14:11:00", id="no-time-at-all"),
    ],
)
def test_the_end_of_a_block_is_polish_time(now: str, text: str, until: str) -> None:
    moment, end = (datetime.fromisoformat(word).replace(tzinfo=UTC) for word in (now, until))
    assert blocked_until(f"Query limit exceeded, token blocked until {text}", moment) == end


def test_pain_10_a_block_stops_everybody_with_the_token(sandbox: Sandbox, clock: Clock) -> None:
    told: list[datetime] = []

    class Shared(NoLimit):
        def block(self, until: datetime) -> None:
            told.append(until)
            super().block(until)

    client = BaseLinkerClient(sandbox.token, sandbox.url, limiter=Shared(), clock=clock.moment)
    sandbox.misbehave("block-now")
    with pytest.raises(WaitUntil) as caught:
        client.get_orders()
    assert told == [caught.value.until]
    assert timedelta(minutes=9) < caught.value.until - clock.moment() < timedelta(minutes=11)
    client.close()


def test_http_429_is_a_block(httpserver: HTTPServer, client: BaseLinkerClient) -> None:
    answers(httpserver, "slow down", 429)
    with pytest.raises(WaitUntil) as caught:
        client.call("addOrder", write=True)
    assert caught.value.until >= NOW + timedelta(minutes=11)


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        (lambda client: client.get_orders(), {"status": "SUCCESS"}),
        (lambda client: client.get_invoices(order_id=1), {"status": "SUCCESS", "invoices": None}),
        (lambda client: client.get_journal_list(0), {"status": "SUCCESS", "logs": 7}),
    ],
)
def test_a_success_without_its_list_is_no_answer(
    httpserver: HTTPServer, client: BaseLinkerClient, method: Callable[[BaseLinkerClient], Any], answer: Any
) -> None:
    answers(httpserver, answer)
    with pytest.raises(TryAgain):
        method(client)


def test_a_made_order_without_its_number_is_in_doubt(
    httpserver: HTTPServer, client: BaseLinkerClient
) -> None:
    answers(httpserver, {"status": "SUCCESS"})
    with pytest.raises(InDoubt):
        client.add_order({})


def test_long_texts_are_cut_also_inside_lists() -> None:
    asked = {"payment_method": "x" * 40, "products": [{"name": "n" * 300, "sku": "S"}], "order_id": 1}
    assert fit(asked) == {
        "payment_method": "x" * 30,
        "products": [{"name": "n" * 200, "sku": "S"}],
        "order_id": 1,
    }


@pytest.mark.parametrize("field", ["extra_field_1", "external_invoice_number", "external_receipt_number"])
def test_the_number_of_a_document_is_never_cut(
    field: str, httpserver: HTTPServer, client: BaseLinkerClient
) -> None:
    with pytest.raises(NeedsPerson) as caught:
        client.call("setOrderFields", {field: "FS/" + "1" * 60}, write=True)
    assert caught.value.code == "baselinker.too-long"
    assert not client.calls
