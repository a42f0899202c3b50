"""Flows that sell straight from the payment: nobody looks at an order between its payment and its invoice. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pomost.config.flow import Flow
from pomost.store.steps import StepRecord
from pomost.trade.documents import KINDS
from pomost.trade.order import Order

DECIDE = "payment"
"""The name under which a person accepts an order whose payment no operator confirms."""
_BY_PAYMENT = re.compile(r'paid|"processing"')


def sells_straight(flow: Flow) -> bool:
    """Whether the flow makes a sale with nothing awaited but the payment. A condition that awaits anything else (packed, sent,
    completed) is an act of a person, who sees by then whether money came."""
    if flow.kind != "order":
        return False
    for step in flow.step:
        if step.cancel:
            continue
        if step.when and not _BY_PAYMENT.search(step.when):
            return False
        if any(kind in KINDS and KINDS[kind].sale for kind in step.kinds):
            return True
    return False


def refuses_unconfirmed(flow: Flow) -> bool:
    """Whether orders whose payment no operator confirms wait for a person in this flow."""
    return flow.rules.unconfirmed_payment == "ask" and sells_straight(flow)


def is_unconfirmed(flow: Flow, order: Order, done: Mapping[str, StepRecord]) -> bool:
    """Whether ``order`` waits so now: nothing was made of it yet, and nobody has accepted it."""
    if not order.payment.unconfirmed or not refuses_unconfirmed(flow):
        return False
    decided = done.get(DECIDE)
    made = any(record.state != "skipped" for record in done.values())
    return not made and (decided is None or decided.state != "skipped")
