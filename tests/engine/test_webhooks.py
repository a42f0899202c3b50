"""Notices to programs outside: signed, at least once, in order, without private data; whatever the receiver does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from pomost.config.webhooks import EVENTS, Webhook
from pomost.engine.webhooks import WebhookSender
from pomost.signing import is_signed, signature
from tests.house import House
from tests.receiver import SECRET, Got, Receiver

Build = Callable[..., House]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as one:
        yield one


def done_order(house: House) -> int:
    """An order that went through the whole flow."""
    order = house.shop.place(paid=True)[0]
    house.run_until_state(order, "waiting")
    house.shop.move(order, "Spakowane")
    house.run_until_state(order, "done")
    return order


def test_what_happens_to_an_order_is_told_once_signed_and_in_order(house: Build, receiver: Receiver) -> None:
    built = house(webhook=[receiver.hook()])

    order = done_order(built)
    built.run_until(lambda: len(receiver.taken) == 4)

    assert [one.event for one in receiver.taken] == ["document.made"] * 3 + ["order.done"]
    made = [document.number for document in built.documents(order)]
    assert [one.body["document"]["number"] for one in receiver.taken[:3]] == made
    assert all(one.signed for one in receiver.got)
    assert len({one.id for one in receiver.got}) == len(receiver.got) == 4
    last = receiver.taken[-1].body
    assert (last["company"], last["order"]["number"], last["order"]["state"]) == ("main", str(order), "done")


def test_nothing_of_the_buyer_is_told(house: Build, receiver: Receiver) -> None:
    built = house(webhook=[receiver.hook()])

    order = done_order(built)
    built.run_until(lambda: len(receiver.taken) == 4)

    case = built.pomost.store.cases.load(built.line(order).id)
    assert case.order is not None
    buyer, to = case.order.buyer, case.order.delivery.to
    private = {
        text
        for party in (buyer, to)
        for text in (party.name, party.company, party.email, party.phone, party.tax_id, party.address.street)
        if len(text) > 3
    }
    assert private
    told = "\n".join(one.text for one in receiver.got)
    assert [text for text in private if text in told] == []


def test_only_what_was_asked_for_is_told(house: Build, receiver: Receiver) -> None:
    built = house(webhook=[receiver.hook(events=["order.done"])])

    done_order(built)
    built.run_until(lambda: bool(receiver.taken))
    time.sleep(0.6)

    assert [one.event for one in receiver.got] == ["order.done"]


def test_an_order_that_needs_a_person_is_told_with_the_code(house: Build, receiver: Receiver) -> None:
    built = house(webhook=[receiver.hook(events=["order.person"])])
    order = built.shop.place(paid=True, currency="USD")[0]

    built.run_until_state(order, "person")
    built.run_until(lambda: bool(receiver.taken))

    said = receiver.taken[0].body
    assert (said["event"], said["order"]["state"]) == ("order.person", "person")
    assert said["code"] == built.waits(order)["code"]


def test_without_a_receiver_nothing_is_written(house: Build) -> None:
    built = house()

    done_order(built)

    assert built.pomost.store.outbox.page() == []


def test_a_receiver_that_fails_is_asked_again_and_the_order_of_events_holds(
    house: Build, receiver: Receiver
) -> None:
    """500 until all is done, then a redirect (it is not followed) and no answer in time; all for the first notice."""
    refusals = iter([302, -1])

    def answer(got: Got) -> int:
        if len(receiver.got) == 1 or len(built.pomost.store.outbox.page()) < 4:
            return 500
        if got.body["event"] == "document.made" and got.body["document"]["kind"] == "RO":
            status = next(refusals, 200)
            if status < 0:
                time.sleep(0.8)
            return abs(status) if status > 0 else 200
        return 200

    receiver.answer = answer
    built = house(webhook=[receiver.hook()])
    quick(built)

    order = done_order(built)
    built.run_until(lambda: built.pomost.store.outbox.standing("magazyn").open == 0, seconds=60)

    kinds = [one.body.get("document", {}).get("kind", one.event) for one in receiver.got]
    tried = kinds.count("RO")
    assert tried >= 4
    assert kinds == ["RO"] * tried + [*built.kinds(order)[1:], "order.done"]
    assert len({one.id for one in receiver.got[:tried]}) == 1
    assert receiver.followed == []
    assert [one.attempts for one in built.pomost.store.outbox.page()] == [1, 1, 1, tried]


def test_of_one_order_only_the_oldest_notice_is_on_its_way_and_others_do_not_wait_for_it(
    house: Build,
) -> None:
    built = house()
    outbox = built.pomost.store.outbox
    outbox.wanted = {"magazyn": EVENTS}
    orders = built.shop.place(2, paid=True)
    built.run_until(lambda: built.states() == {"waiting": 2})
    for order in orders:
        built.shop.move(order, "Spakowane")
    built.run_until(lambda: built.states() == {"done": 2})
    now = time.time()

    first = outbox.take("magazyn", "me", 60, now, 20)
    assert len({one.case_id for one in first}) == len(first) == 2
    assert outbox.take("magazyn", "other", 60, now, 20) == []
    outbox.failed(first[0].id, "me", now + 3600, "HTTP 500")
    outbox.delivered(first[1].id, "me", now)

    late = [one for one in outbox.page() if one.case_id == first[0].case_id]
    assert {one.due_at for one in late} == {now + 3600}

    second = outbox.take("magazyn", "me", 60, now, 20)
    assert [one.case_id for one in second] == [first[1].case_id]
    # given up: those after it go on
    outbox.again(first[0].id, now)
    (again,) = outbox.take("magazyn", "me", 60, now, 20)
    assert again.id == first[0].id
    outbox.failed(again.id, "me", None, "HTTP 500")
    late = [one for one in outbox.page() if one.case_id == first[0].case_id and one.due_at is not None]
    assert [one.due_at for one in late] == [one.at for one in late]
    assert [one.case_id for one in outbox.take("magazyn", "me", 60, now, 20)] == [first[0].case_id]


def quick(built: House) -> None:
    """Repetitions without the long pauses."""
    (sender,) = built.pomost.senders
    failed = sender._outbox.failed

    def soon(delivery_id: int, owner: str, due_at: float | None, note: str) -> None:
        failed(delivery_id, owner, due_at and time.time() + 0.1, note)

    sender._outbox.failed = soon  # type: ignore[method-assign]


def test_a_slow_receiver_holds_up_neither_orders_nor_another_receiver(
    house: Build, receiver: Receiver
) -> None:
    def answer(got: Got) -> int:
        time.sleep(1.5)
        return 200

    with Receiver(answer) as slow:
        built = house(webhook=[receiver.hook(), slow.hook(name="wolny", timeout_s=5.0)])
        done_order(built)
        built.run_until(lambda: len(receiver.taken) == 4, seconds=4)

        assert len(slow.taken) < 4


def test_what_is_not_taken_is_given_up_in_the_end_and_a_person_sends_it_again(
    house: Build, receiver: Receiver
) -> None:
    receiver.answer = lambda got: 500
    built = house(webhook=[receiver.hook(give_up_hours=0.0001)])
    store = built.pomost.store
    store.outbox.test("magazyn", time.time())
    built.run_until(lambda: store.outbox.standing("magazyn").given_up == 1)
    (one,) = store.outbox.page(unsent=True)
    assert (one.state, one.note) == ("given-up", "HTTP 500")

    receiver.answer = lambda got: 204
    assert store.outbox.again(one.id, time.time())
    built.run_until(lambda: bool(receiver.taken))
    built.run_until(lambda: store.outbox.page()[0].state == "delivered")

    assert {got.id for got in receiver.got} == {"magazyn-1"}
    assert not store.outbox.again(one.id, time.time())


def test_two_senders_of_one_receiver_never_send_the_same_at_a_time(house: Build, receiver: Receiver) -> None:
    receiver.answer = lambda got: time.sleep(0.02) or 200  # type: ignore[func-returns-value]
    built = house(webhook=[receiver.hook()])
    pomost = built.pomost
    for _ in range(60):
        pomost.store.outbox.test("magazyn", time.time())
    other = WebhookSender(pomost.store.outbox, pomost.config.webhook[0], "another process", time.time)
    other.start()
    built.run_until(lambda: len(receiver.taken) >= 60)
    other.stop()
    time.sleep(0.3)

    assert len(receiver.got) == 60


def test_those_taken_long_ago_are_forgotten(house: Build, receiver: Receiver) -> None:
    built = house(webhook=[receiver.hook(keep_days=1)])
    outbox = built.pomost.store.outbox
    outbox.test("magazyn", time.time())
    built.run_until(lambda: bool(outbox.page() and outbox.page()[0].state == "delivered"))

    assert outbox.forget("magazyn", time.time() - 86_400) == 0
    assert outbox.forget("magazyn", time.time() + 1) == 1
    assert outbox.page() == []


@pytest.mark.parametrize(
    ("header", "now", "good"),
    [
        (signature(SECRET, 1_000, b"{}"), 1_000.0, True),
        (signature(SECRET, 1_000, b"{}"), 1_299.0, True),
        (signature(SECRET, 1_000, b"{}"), 1_301.0, False),
        (signature(SECRET, 1_400, b"{}"), 1_000.0, False),
        (signature("another secret", 1_000, b"{}"), 1_000.0, False),
        (signature(SECRET, 1_000, b"[]"), 1_000.0, False),
        ("", 1_000.0, False),
        ("t=1000,v1=", 1_000.0, False),
        ("t=1000,v1=" + "0" * 64, 1_000.0, False),
        ("t=１０００,v1=" + "0" * 64, 1_000.0, False),
    ],
)
def test_a_signature_is_of_the_body_the_secret_and_the_time(header: str, now: float, good: bool) -> None:
    assert is_signed(SECRET, header, b"{}", now) is good


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"url": "http://example.com/in"}, "write https"),
        ({"url": "ftp://127.0.0.1/in"}, "whole address"),
        ({"url": "https://user:word@example.com/"}, "whole address"),
        ({"secret": "short"}, "at least 16"),
        ({"events": []}, "at least 1"),
        ({"events": ["order.eaten"]}, "order.done"),
    ],
)
def test_a_receiver_that_is_not_safe_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Webhook.model_validate({"name": "x", "url": "https://example.com/in", "secret": SECRET, **wrong})
