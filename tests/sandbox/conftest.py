"""A shop on a real port, a clock that tests can move, and a caller that speaks plain HTTP."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from pomost.sandbox.baselinker import Sandbox, Settings
from tests.aside import aside

START = 1_791_183_000.0
PDF = b"%PDF-1.4\n" + bytes(range(256)) * 4


@dataclass
class Clock:
    now: float = START

    def __call__(self) -> float:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Caller:
    """Calls methods as any program would."""

    sandbox: Sandbox
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=20))

    def post(self, method: str, **parameters: Any) -> httpx2.Response:
        form = {"method": method, "parameters": json.dumps(parameters)}
        return self.http.post(self.sandbox.url, headers={"X-BLToken": self.sandbox.token}, data=form)

    def __call__(self, method: str, **parameters: Any) -> dict[str, Any]:
        response = self.post(method, **parameters)
        assert response.status_code == 200
        answer: dict[str, Any] = response.json()
        return answer

    def done(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The answer of a call that must succeed, without its status."""
        answer = self(method, **parameters)
        assert answer.pop("status") == "SUCCESS", answer
        return answer

    def refused(self, method: str, **parameters: Any) -> tuple[str, str]:
        answer = self(method, **parameters)
        assert answer["status"] == "ERROR", answer
        return answer["error_code"], answer["error_message"]


def data(content: bytes = PDF) -> str:
    return "data:" + base64.b64encode(content).decode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(clock: Clock) -> Settings:
    return Settings(clock=clock, limit=0)


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[Sandbox]:
    with aside(Sandbox(settings=settings)) as running:
        yield running


@pytest.fixture
def call(sandbox: Sandbox) -> Iterator[Caller]:
    caller = Caller(sandbox)
    with caller.http:
        yield caller
