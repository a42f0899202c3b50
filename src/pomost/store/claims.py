"""The right to work on a case, and the texts in which the store keeps values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, select

from pomost.ports import Failure, Json
from pomost.store import schema
from pomost.trade.order import Order


class LostLease(Exception):
    """Somebody else works on this case by now: whatever was about to be written must not be."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a case; ``fence`` is checked by every write.

    Nobody else can have the case before ``until`` (Unix seconds); after it the store must be asked.
    """

    case_id: int
    fence: int
    woken: int
    owner: str
    until: float


# Statements of the paths that every order takes are built once: building one costs more than running it.
_HELD = select(schema.cases.c.woken).where(
    schema.cases.c.id == bindparam("b_case"), schema.cases.c.fence == bindparam("b_fence")
)
_LOCKED = _HELD.with_for_update()


def check(connection: Connection, claim: Claim, *, lock: bool = True) -> int:
    """How often the case was woken so far; the row stays locked unless this is only a look.

    Raises LostLease when it is somebody else's.
    """
    statement = _LOCKED if lock else _HELD
    woken = connection.execute(statement, {"b_case": claim.case_id, "b_fence": claim.fence}).scalar()
    if woken is None:
        raise LostLease(claim.case_id)
    return int(woken)


@lru_cache(maxsize=1)
def _orders() -> TypeAdapter[Order]:
    return TypeAdapter(Order)


def order_to_json(order: Order) -> str:
    return _orders().dump_json(order).decode()


def order_from_json(text: str) -> Order:
    return _orders().validate_json(text)


def dump(value: Any) -> str:
    """JSON with Decimals and dates as text."""
    return json.dumps(value, ensure_ascii=False, default=str, separators=(",", ":"))


def failure_to_json(failure: Failure) -> Json:
    return {
        "code": failure.code,
        "text": failure.text,
        "advice": failure.advice,
        "facts": failure.facts,
        "next": type(failure).__name__,
    }
