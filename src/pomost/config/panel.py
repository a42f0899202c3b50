"""``[panel]``: who reaches the panel and for how long."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, field_validator

from pomost.config.parts import Part


class Panel(Part):
    """The web panel and the HTTP API."""

    public_url: str = Field(
        "",
        description="Address under which people reach the panel, e.g. https://pomost.example.com when a proxy stands before it; it is "
        "written into links. Empty: the address it listens on.",
    )
    hosts: tuple[str, ...] = Field(
        (),
        description="More names by which browsers may call the panel. Numbers of addresses, localhost and the host of public_url are "
        "always allowed; any other name is refused, so that a foreign page can't reach it under a name of its own.",
    )
    session_hours: float = Field(
        12.0, gt=0, le=720, description="Hours after which everybody must sign in again."
    )
    idle_hours: float = Field(
        4.0, gt=0, le=720, description="Hours without a click after which one must sign in again."
    )
    upload_mb: int = Field(25, ge=1, le=500, description="The largest file that may be sent, in megabytes.")

    @field_validator("public_url")
    @classmethod
    def whole_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("write the whole address, e.g. https://pomost.example.com")
        return url.rstrip("/")
