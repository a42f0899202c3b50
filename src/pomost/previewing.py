"""What another configuration would change for the orders that are not finished: both flows are asked by the dry run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from pomost.bootstrap import Pomost
from pomost.config.flow import Flow
from pomost.config.model import Config
from pomost.flows.catalogue import resolve
from pomost.flows.dry_run import dry_run
from pomost.ports import Failure
from pomost.store.cases import Case
from pomost.store.lists import Filter
from pomost.store.overview import UNFINISHED
from pomost.store.steps import StepRecord

MOST = 500
LONGEST_S = 10.0


@dataclass(frozen=True, slots=True)
class Difference:
    """One order for which something else would come next; each side is lines of (step, text)."""

    case_id: int
    number: str
    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """``looked``: orders that were compared; ``cut``: there are more."""

    looked: int
    cut: bool
    differences: tuple[Difference, ...]


def preview(pomost: Pomost, config: Config) -> Preview:
    """Compares what comes next for unfinished orders, at most ``MOST`` of them and for ``LONGEST_S`` seconds."""
    flows = {flow.name: resolve(flow) for flow in config.flow}
    found: list[Difference] = []
    end = time.monotonic() + LONGEST_S
    looked = 0
    for case_id in _unfinished(pomost):
        if looked == MOST or time.monotonic() > end:
            return Preview(looked, True, tuple(found))
        looked += 1
        case, steps = pomost.store.cases.load_with_steps(case_id)
        old, new = pomost.flows.get(case.flow), flows.get(case.flow)
        if old == new:
            continue
        before, after = (_next(pomost, flow, case, steps) for flow in (old, new))
        if before != after:
            found.append(Difference(case.id, case.number, before, after))
    return Preview(looked, False, tuple(found))


def _unfinished(pomost: Pomost) -> Iterator[int]:
    for state in UNFINISHED:
        yield from pomost.store.lists.ids(Filter(state=state), MOST + 1)


def _next(
    pomost: Pomost, flow: Flow | None, case: Case, steps: dict[str, StepRecord]
) -> tuple[tuple[str, str], ...]:
    if flow is None:
        return (("", f'There is no flow "{case.flow}" any more.'),)
    if case.order is None:
        return ()
    try:
        found = dry_run(flow, case, steps, pomost.ledger, pomost.store)
    except Failure as failure:
        return (("", failure.text),)
    lines = [(line.step, line.act) for line in found.lines]
    return tuple(lines + [(wait.step, wait.text) for wait in found.waits])
