"""Special orders: steps that take some lines of an order. Each line goes to one document, and none is lost in silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

import cel

from pomost.config.flow import Flow, Step
from pomost.flows.draft import compose
from pomost.ports import Json, NeedsPerson
from pomost.store.steps import StepRecord
from pomost.trade.count import count_lines
from pomost.trade.documents import KINDS, Draft, DraftLine
from pomost.trade.order import Order

REST = "rest"
"""The word for the lines that no other step takes."""
DECIDE = "lines"
"""What a person skips to let an order go on although lines of it are on no document."""


@lru_cache(maxsize=256)
def compiled(text: str) -> cel.Program:
    """The program that picks lines; raises ValueError with the place of the fault."""
    program = cel.compile(text)
    unknown = set(program.variables()) - {"line", "order"}
    if unknown:
        raise ValueError(
            f"unknown name {', '.join(sorted(unknown))}; lines are picked by what line and order hold"
        )
    return program


def has_lines(flow: Flow) -> bool:
    """Whether any step of the flow takes only some lines."""
    return any(step.lines for step in flow.step)


def key_of_line(line: DraftLine) -> str:
    """What a line is known by: the channel's id; delivery, which has none, by its SKU."""
    return line.order_line or f"sku:{line.sku}"


def taken_by(flow: Flow, order: Order) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """Step -> the keys of the lines that it takes, and those that no step takes.

    A line goes to the first step that takes it; ``rest`` steps come last. Raises NeedsPerson ``flow.condition-failed``,
    ``flow.condition-not-boolean``, and for an order that no document can carry.
    """
    steps = [step for step in flow.step if step.lines]
    steps.sort(key=lambda step: step.lines == REST)
    found: dict[str, set[str]] = {step.id: set() for step in steps}
    nobody: set[str] = set()
    lines = compose(order, flow, vat_decided=True).lines
    for line in lines:
        key = key_of_line(line)
        if any(key in keys for keys in found.values()):
            continue
        taker = next((step for step in steps if _takes(flow, step, line, order)), None)
        (found[taker.id] if taker else nobody).add(key)
    return {step: frozenset(keys) for step, keys in found.items()}, frozenset(nobody)


def _takes(flow: Flow, step: Step, line: DraftLine, order: Order) -> bool:
    if step.lines == REST:
        return True
    where = f'flow "{flow.name}", step "{step.id}", lines'
    facts = {
        "line": {
            "sku": line.sku,
            "name": line.name,
            "quantity": float(line.quantity),
            "price": float(line.price),
            "vat": line.vat.code,
            "service": line.service,
        },
        "order": {"status": order.status, "source": order.source, "wants_invoice": order.wants_invoice},
    }
    try:
        answer = compiled(step.lines).execute(facts)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise NeedsPerson(
            "flow.condition-failed",
            f"The condition of {where} can't be answered: {step.lines} ({error})",
            "Correct the condition in the flow.",
        ) from error
    if not isinstance(answer, bool):
        raise NeedsPerson(
            "flow.condition-not-boolean",
            f"The condition of {where} gives {answer!r} instead of true or false: {step.lines}",
            "Write a comparison.",
        )
    return answer


def is_empty(flow: Flow, step: Step, order: Order) -> bool:
    """Whether the step has nothing to make: no line of the order is for it, nor for any step that it is made from."""
    if not has_lines(flow):
        return False
    taken, _ = taken_by(flow, order)
    return _is_empty(flow, step, taken)


def _is_empty(flow: Flow, step: Step, taken: Mapping[str, frozenset[str]]) -> bool:
    if step.lines:
        return not taken[step.id]
    sources = [one for one in flow.step if one.id in step.source]
    return bool(sources) and all(_is_empty(flow, one, taken) for one in sources)


def lines_left(flow: Flow, order: Order, done: Mapping[str, StepRecord], *, ended: bool) -> list[str]:
    """Lines of the order that no document takes, by SKU; once the flow ``ended``, those that no document has.

    What a person skipped is decided and not left.
    """
    record = done.get(DECIDE)
    if not has_lines(flow) or (record is not None and record.state == "skipped"):
        return []
    taken, nobody = taken_by(flow, order)
    missing = set(nobody)
    if ended:
        for step, keys in taken.items():
            made = done.get(step)
            if made is not None and made.state == "skipped":
                continue
            missing |= keys - set(made.result.get("lines", ()) if made is not None else ())
    return [line.sku for line in compose(order, flow, vat_decided=True).lines if key_of_line(line) in missing]


def pick(flow: Flow, step: Step, order: Order, draft: Draft) -> Draft:
    """The draft with the lines that are the step's."""
    keys = taken_by(flow, order)[0][step.id]
    return replace(draft, lines=tuple(line for line in draft.lines if key_of_line(line) in keys))


def share_paid(flow: Flow, step: Step, order: Order, done: Mapping[str, StepRecord], draft: Draft) -> Draft:
    """The draft with its share of what was paid: no more than it is over, while other sales of the order are to come; the
    last one takes all that is left, so that what was paid stands on documents once."""
    if not KINDS[draft.kind].sale:
        return draft
    earlier = sum(
        (Decimal(str(record.result.get("paid", "0"))) for record in done.values() if record.state == "done"),
        Decimal(0),
    )
    left = max(order.payment.paid - earlier, Decimal(0))
    if any(_sells_later(flow, one, order, done) for one in flow.step if one.id != step.id):
        left = min(left, _total(flow, step, order))
    return replace(draft, paid=left)


def _sells_later(flow: Flow, step: Step, order: Order, done: Mapping[str, StepRecord]) -> bool:
    sells = any(kind in KINDS and KINDS[kind].sale for kind in step.kinds)
    return sells and step.id not in done and not is_empty(flow, step, order)


def _total(flow: Flow, step: Step, order: Order) -> Decimal:
    taken, _ = taken_by(flow, order)
    keys = _keys_of(flow, step, taken)
    lines = [line for line in compose(order, flow, vat_decided=True).lines if key_of_line(line) in keys]
    return count_lines(lines, order.basis).gross


def total_of(flow: Flow, step: Step, order: Order, lines: Sequence[DraftLine]) -> Decimal:
    """What the step's document is over, of the order's ``lines``."""
    keys = _keys_of(flow, step, taken_by(flow, order)[0])
    return count_lines([line for line in lines if key_of_line(line) in keys], order.basis).gross


def _keys_of(flow: Flow, step: Step, taken: Mapping[str, frozenset[str]]) -> frozenset[str]:
    if step.lines:
        return taken[step.id]
    sources = [one for one in flow.step if one.id in step.source]
    return frozenset(key for one in sources for key in _keys_of(flow, one, taken))


def note_lines(result: Json, step: Step, draft: Draft) -> None:
    """What the result of a document remembers where lines are divided: its lines, and the money that stands on it."""
    result["paid"] = str(draft.paid)
    if step.lines:
        # the order's total is no measure of a document over some of its lines
        result.pop("difference", None)
        result["lines"] = sorted({key_of_line(line) for line in draft.lines})


def faults(flow: Flow) -> Iterable[tuple[str, str, str]]:
    """Faults of ``lines`` and ``settles`` that can be seen without running: (step, what, advice)."""
    advances = [step.id for step in flow.step if step.issue == "FZAL"]
    for step in flow.step:
        if step.settles and step.issue != "FS":
            yield step.id, "only an FS settles advances", 'Write issue = "FS".'
        for other in step.settles:
            if other not in advances:
                yield step.id, f'settles names "{other}"', "Name earlier steps with issue = FZAL."
        if step.settles and has_lines(flow):
            yield step.id, "a flow can't both settle advances and divide lines", "Make two flows."
        if step.lines and (not step.issue or step.source or step.mirror or step.from_order or step.company):
            advice = "Name lines at the first document of a chain; its followers take what it has."
            yield step.id, "lines are picked from the order itself", advice
        if step.lines and step.lines != REST:
            try:
                compiled(step.lines)
            except ValueError as error:
                yield (
                    step.id,
                    f"lines can't be read: {error}",
                    "Lines are picked in CEL, or by the word rest.",
                )
    whole = [
        step.id
        for step in flow.step
        if step.issue and not step.lines and not step.source and not step.mirror and not step.from_order
    ]
    if has_lines(flow) and whole:
        yield whole[0], "it takes all lines, and other steps take some", "Give each such step its lines."
