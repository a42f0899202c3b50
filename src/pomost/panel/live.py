"""Pages that follow live: a part of the page is sent again whenever it is different, by server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from pomost.panel.web import Visit

LOOK_S = 2.0
LONGEST_S = 600.0
"""Then the browser connects again, and who it is is checked anew."""
_BEAT_S = 20.0


def follow(visit: Visit, part: Callable[[], str], every_s: float = LOOK_S) -> StreamingResponse:
    """Sends what ``part`` gives now, and again when it gives something else, until the panel ends or nobody listens."""
    closing = visit.panel.closing

    async def events() -> AsyncIterator[str]:
        before = ""
        quiet = 0.0
        left = LONGEST_S
        while not closing.is_set() and left > 0:
            now = await run_in_threadpool(part)
            if now != before or quiet >= _BEAT_S:
                yield message(now) if now != before else ": still here\n\n"
                before, quiet = now, 0.0
            for _ in range(max(int(every_s / 0.25), 1)):
                if closing.is_set():
                    return
                await asyncio.sleep(0.25)
            quiet += every_s
            left -= every_s

    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)


def message(text: str) -> str:
    """An event without a name: those are the ones that htmx puts into the page."""
    lines = "".join(f"data: {line}\n" for line in text.splitlines())
    return (lines or "data:\n") + "\n"
