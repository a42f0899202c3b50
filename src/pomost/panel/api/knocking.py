"""What all addresses share that programs without a token may call: bodies as far as they may be long, and how strangers are refused."""

from __future__ import annotations

from typing import NoReturn

from fastapi import Request

from pomost.bootstrap import Pomost
from pomost.panel.api.access import Refusal
from pomost.ports import NeedsPerson


async def body_within(request: Request, longest: int) -> bytes:
    """The raw bytes that were sent; of what is longer only so much that ``check_length`` sees it."""
    got = bytearray()
    async for part in request.stream():
        got += part
        if len(got) > longest:
            break
    return bytes(got)


def check_length(body: bytes, longest: int) -> None:
    """Raises Refusal for a body that is too long for a hint."""
    if len(body) > longest:
        raise Refusal(413, NeedsPerson("api.too-long", "That is too long for a hint.", "Send an empty body."))


def refuse_knock(pomost: Pomost, address: str, why: NeedsPerson, *, counts: bool) -> NoReturn:
    """Raises the refusal of a call whose signature is not good; ``counts``: it is an attempt, of which a few make the address wait.

    Called once it is known that the call is no good one: those never wait for the bad ones of others behind the same address.
    """
    throttles, now, key = pomost.store.throttles, pomost.work.now(), f"hook:{address}"
    wait = throttles.wait_s((key,), now)
    if wait > 0:
        raise Refusal(
            429,
            NeedsPerson("api.slow-down", "Too many attempts failed.", "Wait as long as Retry-After says."),
            wait,
        )
    if counts:
        throttles.failed((key,), now)
    raise Refusal(401, why)
