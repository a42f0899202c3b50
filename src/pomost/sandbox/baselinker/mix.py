"""How often buyers are of which kind, and what they do after ordering."""

from dataclasses import dataclass, fields

KINDS = ("person", "person_wants_invoice", "company", "consumer_abroad", "company_abroad")
SOURCE_KINDS = ("marketplace", "shop", "manual")
STORIES = ("edits_line", "edits_address", "cancels", "returns", "splits", "merges", "copies")
"""What can happen to an order later; at most one of them does."""


@dataclass(frozen=True)
class Mix:
    """How often buyers are of which kind.

    The fields up to ``manual`` are weights against each other: who buys, then where a buyer at home does. The others
    are shares from 0 to 1 of the orders to which they can apply.
    """

    person: float = 66
    """A private person, who gets a receipt."""
    person_wants_invoice: float = 6
    """A private person who asks for an invoice and has no tax number."""
    company: float = 18
    """A Polish company with a valid NIP, written in one of the ways people write it."""
    consumer_abroad: float = 7
    """A consumer in Germany paying in EUR, with German VAT (OSS)."""
    company_abroad: float = 3
    """A company elsewhere in the EU, paying in EUR, with reverse charge."""
    marketplace: float = 55
    shop: float = 35
    manual: float = 10

    cod: float = 0.10
    locker: float = 0.45
    free_delivery: float = 0.25
    discount_line: float = 0.08
    """A discount as a line with a negative price and without SKU."""
    discount_inside: float = 0.06
    """A discount already taken off the unit prices."""
    unconfirmed: float = 0.05
    unpaid: float = 0.07
    partly_paid: float = 0.03
    unknown_sku: float = 0.0
    """One line of the order has a SKU that no catalogue knows."""
    long_name: float = 0.03

    confirms: float = 0.95
    """Of the unconfirmed orders, how many are confirmed later."""
    pays: float = 0.80
    """Of the orders not paid in full, how many are paid later."""
    edits_line: float = 0.03
    edits_address: float = 0.04
    cancels: float = 0.04
    returns: float = 0.03
    splits: float = 0.02
    merges: float = 0.02
    copies: float = 0.01

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self)):
            value = getattr(self, name)
            top = None if name in KINDS or name in SOURCE_KINDS else 1
            if value < 0 or (top is not None and value > top):
                allowed = "0 or more" if top is None else "from 0 to 1"
                raise ValueError(f"Mix: {name} is {value}; write a number {allowed}")
        for names in (KINDS, SOURCE_KINDS):
            if not any(getattr(self, name) for name in names):
                raise ValueError(f"Mix: all of {', '.join(names)} are 0; give at least one of them a weight")
        if sum(getattr(self, name) for name in STORIES) > 1:
            raise ValueError(f"Mix: {', '.join(STORIES)} are together more than 1; lower some of them")


MIX = Mix()
USUAL = Mix(
    person_wants_invoice=0,
    company=0,
    consumer_abroad=0,
    company_abroad=0,
    cod=0,
    free_delivery=0,
    discount_line=0,
    discount_inside=0,
    unconfirmed=0,
    unpaid=0,
    partly_paid=0,
    long_name=0,
)
"""Private persons at home who have confirmed and paid: what an order is where its wishes say nothing else."""
