"""The number of a printed receipt, for the channel's own receipt of the order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from pomost.ports import FiscalNumber
from pomost.store.steps import StepRecord


def fiscal_number(done: Mapping[str, StepRecord], name: str) -> FiscalNumber | None:
    """What the step ``name`` printed, all its parts together; None where nothing was printed.

    A receipt that a person found on the roll has no time of its own: it was printed when its step began, or soon after.
    """
    printed = [
        record
        for step, record in done.items()
        if (step == name or step.split("#")[0] == name)
        and record.state == "done"
        and record.result.get("receipt")
    ]
    if not printed:
        return None
    first = printed[0].result
    at = first.get("printed_at")
    return FiscalNumber(
        number=", ".join(str(record.result["receipt"]) for record in printed),
        printed_at=datetime.fromisoformat(at).astimezone()
        if at
        else datetime.fromtimestamp(printed[0].started_at, UTC),
        printer=str(first.get("printer", "")),
    )
