"""What can be chosen about the sandbox: each guess of the reference has its switch here."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

DEFAULT_TOKEN = "1000001-2000001-SANDBOX0TOKEN0SANDBOX0TOKEN0SANDBOX0TOKEN0SANDBOX0TOKEN0SANDBOX"


@dataclass
class Settings:
    """Behaviour of one sandbox; may be changed while it runs (`Sandbox.configure`).

    Defaults are what the reference calls documented or most likely. Times are in seconds.
    """

    token: str = DEFAULT_TOKEN
    limit: int = 100
    """Calls allowed per sliding window and token; 0 = no limit."""
    window_s: float = 60
    block_s: float = 600
    """How long the token stays blocked after the first call beyond the limit."""
    block_prolongs: bool = False
    """A call made while blocked starts the block anew."""
    strict: bool = False
    """Refuse unknown parameters and enforce the doubtful requirements (``yes*`` in the reference)."""
    journal: bool = True
    """False = journal not enabled on the account: it answers SUCCESS with an empty list."""
    journal_page: int = 100
    journal_days: float = 3
    last_log_inclusive: bool = True
    profile: Literal["modern", "legacy"] = "modern"
    """``legacy`` sends source, storage and line ids as strings and a missing shop order id as ``""``."""
    empty_maps_as_lists: bool = True
    """Empty maps arrive as ``[]``, as PHP encodes them."""
    over_long: Literal["cut", "refuse"] = "cut"
    delay_s: float = 0.0
    """Time every call takes before it is done."""
    file_limit_bytes: int = 2 * 1024 * 1024
    paid_books_payment: bool = True
    """``addOrder`` with ``paid`` books the full payment (one integration found it ignored)."""
    stock_follows_orders: bool = True
    """What buyers order leaves the stock of the catalogue at once (or is reserved where the catalogue reserves)."""
    sell_beyond_stock: bool = True
    """Buyers also get what the stock no longer holds; without, they order no more than it shows."""
    empty_warnings: Literal["text", "list", "map"] = "text"
    """How ``warnings`` arrives when there are none: ``""``, ``[]`` or ``{}``."""
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        for name, (least, whole) in NUMBERS.items():
            value = getattr(self, name)
            number = isinstance(value, int) or (isinstance(value, float) and not whole)
            if not number or isinstance(value, bool) or not value >= least:
                kind = "whole number" if whole else "number"
                raise ValueError(f"Sandbox setting {name} is {value!r}; write a {kind} from {least}")
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                allowed = " or ".join(repr(choice) for choice in choices)
                raise ValueError(f"Sandbox setting {name} is {getattr(self, name)!r}; write {allowed}")
        if not isinstance(self.token, str) or not self.token:
            raise ValueError("Sandbox setting token is empty or no text; write the token that callers send")


# The least value, and whether it is a whole number.
NUMBERS: dict[str, tuple[float, bool]] = {
    "limit": (0, True),
    "window_s": (0, False),
    "block_s": (0, False),
    "journal_page": (1, True),
    "journal_days": (0, False),
    "delay_s": (0, False),
    "file_limit_bytes": (1, True),
}
YES_NO = (True, False)
CHOICES: dict[str, tuple[object, ...]] = {
    "profile": ("modern", "legacy"),
    "over_long": ("cut", "refuse"),
    "empty_warnings": ("text", "list", "map"),
    **dict.fromkeys(
        (
            "block_prolongs",
            "strict",
            "journal",
            "last_log_inclusive",
            "empty_maps_as_lists",
            "paid_books_payment",
            "stock_follows_orders",
            "sell_beyond_stock",
        ),
        YES_NO,
    ),
}
