"""B03: a flow that sells straight from the payment is refused while the shop offers a payment that nobody confirms.

The channel looks too, at each comparison, and reports its connection as faulty; orders so paid wait in ``flows.plan``.
"""

from __future__ import annotations

from pomost.config.load import Problem
from pomost.ports import SalesChannel
from pomost.ports.account import OffersPayments


def ask_payments(name: str, channel: SalesChannel) -> list[Problem]:
    """A problem for each such form of payment; asks the shop. Raises what calls raise."""
    if not isinstance(channel, OffersPayments):
        return []
    return [Problem(one.code, name, 0, one.text, one.advice) for one in channel.unconfirmed_payments()]
