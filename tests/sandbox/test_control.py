"""What is asked of a sandbox from another process, and what the faults of all sandboxes have in common."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from pomost.sandbox import control, faults
from pomost.sandbox.apaczka import Apaczka
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.depot import RemoteCarrier
from pomost.sandbox.shipx import ShipX
from pomost.sandbox.woocommerce import Shop

SANDBOXES: list[Callable[[], Any]] = [Sandbox, Shop, ShipX, Apaczka]


def host(url: str) -> str:
    return "/".join(url.split("/")[:3])


@pytest.mark.parametrize("make", SANDBOXES)
def test_every_sandbox_tells_how_it_stands_in_the_same_terms(make: Callable[[], Any]) -> None:
    with make() as sandbox:
        told = control.ask(sandbox.url, "overview", {})

    assert {
        "sandbox", "faults", "asked", "statuses", "calls", "last_minute", "now",
    } <= told.keys()  # fmt: skip
    assert told["asked"] == []
    for secret in ("token", "secret", "key", "app_secret"):
        if isinstance(found := getattr(sandbox, secret, None), str):
            assert found not in str(told)


@pytest.mark.parametrize("make", SANDBOXES)
def test_a_web_page_of_this_machine_can_ask_nothing(make: Callable[[], Any]) -> None:
    """A form or a script of another site can send these types without asking first."""
    with make() as sandbox:
        for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
            answer = httpx2.post(
                f"{host(sandbox.url)}/_sandbox/misbehave",
                content=b'{"fault": "cut-after"}',
                headers={"content-type": kind},
            )
            assert answer.status_code == 415
        assert control.ask(sandbox.url, "overview", {})["asked"] == []


@pytest.mark.parametrize("make", SANDBOXES)
def test_refusals_come_as_what_they_are(make: Callable[[], Any]) -> None:
    with make() as sandbox:
        with pytest.raises(LookupError, match="no act 'dance'"):
            control.ask(sandbox.url, "dance", {})
        with pytest.raises(ValueError, match="no fault 'meteor'"):
            control.ask(sandbox.url, "misbehave", {"fault": "meteor"})
        with pytest.raises(LookupError):
            control.ask(sandbox.url, "misbehave", {})
        url = sandbox.url
    with pytest.raises(OSError):
        control.ask(url, "overview", {}, timeout_s=2)


@pytest.mark.parametrize("make", SANDBOXES)
def test_faults_are_asked_for_counted_and_taken_back_from_outside(make: Callable[[], Any]) -> None:
    with make() as sandbox:
        control.ask(sandbox.url, "misbehave", {"fault": "cut-after", "times": 2})
        control.ask(sandbox.url, "misbehave", {"fault": "cut-before", "times": "always"})
        asked = control.ask(sandbox.url, "overview", {})["asked"]
        control.ask(sandbox.url, "behave", {})

        assert [(one["fault"], one["left"]) for one in asked] == [("cut-after", 2), ("cut-before", None)]
        assert control.ask(sandbox.url, "overview", {})["asked"] == []


def test_amounts_travel_as_texts_and_bytes_come_back_as_bytes() -> None:
    with ShipX() as inpost, pytest.raises(LookupError, match=r"no parcel 1\.50"):
        RemoteCarrier(inpost.url).deliver(parcel=Decimal("1.50"))
    with pytest.raises(TypeError, match="cannot be sent"):
        control.ask("http://127.0.0.1:9", "deliver", {"parcel": object()})
    status, content, _ = control.obeyed(lambda name, given: b"PDF", "file", "application/json", b"")
    assert (status, content) == (200, b'{"result": {"base64": "UERG"}}')


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff", b'{"no": 1}'])
def test_what_is_no_order_is_refused(body: bytes) -> None:
    status, _, _ = control.obeyed(lambda name, given: dict(**given)["yes"], "act", "application/json", body)

    assert status == 400


# faults


@dataclass
class Rule(faults.Rule):
    on: str = ""

    def where(self) -> dict[str, str]:
        return {"on": self.on}


class Faults(faults.Faults[Rule]):
    def add(
        self, fault: str, on: str = "", times: faults.Times = 1, chance: float = 1.0, **args: Any
    ) -> None:
        self._ask(Rule(fault, times, chance, random.Random(7), args, on))

    def due(self, on: str, one: bool = False) -> list[str]:
        return [rule.fault for rule in self._struck(lambda rule: rule.on in ("", on), one=one)]

    def drop(self, fault: str) -> None:
        self._withdraw(lambda rule: rule.fault == fault)


def book() -> Faults:
    return Faults(("hail", "rain"), ("seconds",))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"fault": "snow"}, "no fault 'snow'"),
        ({"fault": "rain", "times": 0}, "0 times"),
        ({"fault": "rain", "times": "often"}, "'often' times"),
        ({"fault": "rain", "chance": 1.5}, "probability 1.5"),
        ({"fault": "rain", "colour": "red"}, "colour"),
    ],
)
def test_what_no_sandbox_can_do_is_refused(wrong: dict[str, Any], why: str) -> None:
    weather = book()

    with pytest.raises(ValueError, match=why):
        weather.add(**wrong)

    assert weather.asked() == []


def test_a_fault_strikes_as_often_as_asked_where_it_was_asked_for() -> None:
    weather = book()
    weather.add("rain", on="here", times=2)
    weather.add("hail", times="always")

    assert weather.due("there") == ["hail"]
    assert weather.due("here") == ["rain", "hail"]
    assert weather.due("here", one=True) == ["rain"]
    assert weather.due("here", one=True) == ["hail"]
    assert weather.left() == 0
    assert weather.asked() == [{"fault": "hail", "on": "", "left": None, "probability": 1.0}]


def test_a_fault_by_chance_is_counted_only_when_it_strikes() -> None:
    weather = book()
    weather.add("rain", times=3, chance=0.4)

    struck = [bool(weather.due("here")) for _ in range(60)]

    assert sum(struck) == 3
    assert not all(struck[:3])
    assert weather.asked() == []


def test_some_or_all_are_withdrawn() -> None:
    weather = book()
    for fault in ("rain", "hail", "rain"):
        weather.add(fault)

    weather.drop("rain")
    assert [one["fault"] for one in weather.asked()] == ["hail"]
    weather.clear()
    assert weather.asked() == []
