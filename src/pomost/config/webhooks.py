"""``[[webhook]]``: who is told what happens; ``[[hint]]``: who may tell us that there is something new."""

from __future__ import annotations

import ipaddress
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from pomost.config.parts import Name, Part

Event = Literal["order.done", "order.person", "order.doubt", "order.stopped", "document.made"]
EVENTS: tuple[Event, ...] = ("order.done", "order.person", "order.doubt", "order.stopped", "document.made")
_SHORTEST = 16


def _secret(text: str) -> str:
    if len(text) < _SHORTEST:
        raise ValueError(f"write at least {_SHORTEST} characters that nobody can guess")
    return text


class Webhook(Part):
    """A program that is told what happens, by a signed POST of JSON; see docs/reference/api.md."""

    name: Name = Field(description="Name of the receiver, shown in the panel.")
    url: str = Field(
        description="Address to which it is sent: https, or http on this machine or in a private network."
    )
    secret: str = Field(
        description='What the signature is made with. Write "env:NAME", so that no secret stands in the file.'
    )
    events: tuple[Event, ...] = Field(EVENTS, min_length=1, description="What it is told.")
    timeout_s: float = Field(10.0, gt=0, le=60, description="Seconds that the receiver has for its answer.")
    give_up_hours: float = Field(
        72.0,
        gt=0,
        le=720,
        description="Hours for which a notice is repeated while the receiver does not take it; afterwards only a person sends it again.",
    )
    keep_days: int = Field(
        14, ge=1, le=365, description="Days for which notices that were taken stay listed."
    )

    @field_validator("url")
    @classmethod
    def reachable_safely(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
            raise ValueError("write the whole address, e.g. https://example.com/pomost")
        if parts.scheme == "http" and not _is_near(parts.hostname):
            raise ValueError("write https: what goes over other networks must not be read on the way")
        return url

    _long_secret = field_validator("secret")(_secret)


class Hint(Part):
    """A call from outside that there is something new at a source: POST /hooks/NAME, signed; the source is looked at at once."""

    name: Name = Field(description="Last part of the address /hooks/NAME.")
    source: Name = Field(description="Connection that is looked at then.")
    secret: str = Field(
        description='What the signature is made with. Write "env:NAME", so that no secret stands in the file.'
    )

    _long_secret = field_validator("secret")(_secret)


def _is_near(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_private and not address.is_unspecified
