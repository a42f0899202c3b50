"""`pomost sandbox --kind`: every sandbox by one command."""

from __future__ import annotations

import json
import signal
from typing import Any

import pytest

from pomost.cli.sandboxes import PORTS, Kind
from pomost.panel.playing import KINDS
from pomost.sandbox import control
from tests.cli.conftest import Desk


@pytest.mark.parametrize(
    ("kind", "words", "told"),
    [
        (Kind.WOOCOMMERCE, ("--orders", "2", "--rate", "0"), {"key", "secret", "read_key", "read_secret"}),
        (Kind.SHIPX, (), {"token", "organization"}),
        (Kind.APACZKA, (), {"app_id", "app_secret"}),
    ],
)
def test_a_sandbox_of_every_kind_is_run(
    desk: Desk, kind: Kind, words: tuple[str, ...], told: set[str]
) -> None:
    process = desk.start("sandbox", "--kind", kind, "--port", "0", *words)
    assert process.stdout is not None
    ready: dict[str, Any] = json.loads(process.stdout.readline())

    state = control.ask(ready["url"], "overview", {})

    assert set(ready) == {"url", "pid", *told}
    assert state["sandbox"] == kind
    assert sum(one.get("orders", 0) for one in state["statuses"]) == (2 if words else 0)
    assert desk.end(process, signal.SIGTERM)[0] == 0


def test_an_option_that_a_kind_does_not_know_is_refused_and_says_where_all_are(desk: Desk) -> None:
    for kind, option in (("shipx", "--orders"), ("apaczka", "--seed"), ("woocommerce", "--limit")):
        wrong = desk.run("sandbox", "--kind", kind, "--port", "0", option, "3")
        said = " ".join((wrong.stdout + wrong.stderr).replace("│", " ").split())

        assert wrong.returncode == 2
        assert f"has no {option}" in said
        assert f"pomost.sandbox.{kind}" in said


def test_what_a_sandbox_can_not_do_is_said_without_a_trace(desk: Desk) -> None:
    wrong = desk.run("sandbox", "--kind", "woocommerce", "--port", "0", "--products", "-1")

    assert wrong.returncode == 2
    assert "more_products" in wrong.stdout
    assert "Traceback" not in wrong.stdout + wrong.stderr


def test_each_kind_has_a_port_of_its_own_and_is_what_the_panel_plays_with() -> None:
    assert len({8090, *PORTS.values()}) == len(Kind)
    assert [kind.kind for kind in KINDS] == list(Kind)
    for kind in KINDS:
        assert kind.command.removeprefix("pomost sandbox") in ("", f" --kind {kind.kind}")
