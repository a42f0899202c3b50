"""What can be chosen about the shop: each place where the reference is silent or unsure has its switch here."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

KEY = "ck_" + "5a9d0b0c0ffee0000001" * 2
SECRET = "cs_" + "5a9d0b0c0ffee0000002" * 2
READ_KEY = "ck_" + "5a9d0b0c0ffee0000003" * 2
READ_SECRET = "cs_" + "5a9d0b0c0ffee0000004" * 2
GATEWAYS = ("przelewy24", "payu", "stripe", "cod", "bacs")


@dataclass
class Settings:
    """Behaviour of one shop; may be changed while it runs (`Shop.configure`).

    Defaults are what was measured, or else what the reference calls most likely. Times are in seconds.
    """

    key: str = KEY
    secret: str = SECRET
    read_key: str = READ_KEY
    """A key that may only read."""
    read_secret: str = READ_SECRET
    app_user: str = "integrator"
    app_password: str = "abcd EFGH 1234 ijkl MNOP 5678"
    """A WordPress application password; good wherever Basic is."""
    basic_over_http: bool = False
    """Accept Basic and keys in the query on plain HTTP. A real shop does not."""
    behind_proxy: bool = False
    """Believe ``X-Forwarded-Proto: https``. Without, such a call is plain HTTP to the shop."""
    prefix: str = ""
    """The subdirectory the shop lives in, such as ``/sklep``."""
    pretty_permalinks: bool = True
    zone: str = "Europe/Warsaw"
    currency: str = "PLN"
    country: str = "PL"
    prices_include_tax: bool = True
    """How prices of products are typed. Amounts of order lines are net in both cases."""
    calc_taxes: bool = True
    round_at_subtotal: bool = False
    oss_rates: bool = False
    """Foreign consumers pay the VAT of their country (DE 19 %, CZ 21 %, FR 20 %, AT 20 %); without, none."""
    brands: bool = False
    """The shop has a list of brands (newer ones). The reference names them as a field of products only."""
    catalogue: Literal["own", "shared", "empty"] = "own"
    """``own``: 29 goods and a T-shirt in 8 variations; ``shared``: the goods of the BaseLinker sandbox by the same SKU."""
    gateways: tuple[str, ...] = GATEWAYS
    """Payment methods that are switched on at the start."""
    refunding_gateways: tuple[str, ...] = ("stripe", "payu")
    """Gateways that give money back when a refund asks them (``api_refund``); the others answer 500."""
    modified_filters: bool = True
    """False: a shop before 5.8, which ignores ``modified_after`` and ``modified_before`` without a word."""
    created_via_filter: bool = True
    """The filter ``created_via`` is a recent addition (unconfirmed since when); False ignores it."""
    batch_limit: int = 100
    unknown_id_on_put: int = 404
    """Status for a PUT to an unknown id. The reference gives 404 without naming the method; batches say 400."""
    version: str = "9.9.5"
    wordpress: str = "6.8.7"
    hpos: bool = True
    """Only told in ``system_status``: how legacy order storage behaves is unconfirmed, so it is not imitated."""
    more_products: int = 0
    """Generated goods put in beside the catalogue at the start."""
    webhook_delay_s: float = 0.05
    """How long the queue waits before it delivers: quick changes within it become one delivery."""
    webhook_timeout_s: float = 60.0
    webhook_failures: int = 5
    """A failure when the counter stands above this switches the webhook off: with 5, the seventh in a row."""
    draft_webhooks: bool = False
    """Older versions reportedly send ``order.created`` for a basket at the checkout."""
    private_delivery: bool = True
    """The shop has the filter that allows delivery to private addresses and odd ports; False makes those fail."""
    action_scheduler: bool = True
    """False: nobody drives the queue, nothing is delivered until `Shop.run_queue`."""
    sell_beyond_stock: bool = True
    """Buyers also get what the stock no longer holds. False: the checkout refuses, as a real one does one order at a
    time; the API never checks."""
    numbering: str = ""
    """The pattern of a numbering plugin, such as ``ZAM/{id}/2026``; ``search`` does not find such numbers."""
    host_rate: float = 0.0
    """Calls per second that the host lets through; beyond it answers 429. 0: the shop itself has no limit."""
    host_burst: int = 20
    """How many calls may come at once before that."""
    delay_s: float = 0.0
    """Time every call takes before it is done."""
    now: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        for name in ("delay_s", "host_rate", "webhook_delay_s", "webhook_timeout_s"):
            value = getattr(self, name)
            if not isinstance(value, int | float) or isinstance(value, bool) or not value >= 0:
                raise ValueError(f"Shop setting {name} is {value!r}; write a number from 0")
        for name in ("batch_limit", "host_burst", "webhook_failures", "more_products"):
            number = getattr(self, name)
            if not isinstance(number, int) or isinstance(number, bool) or number < 0:
                raise ValueError(f"Shop setting {name} is {number!r}; write a whole number from 0")
        if self.catalogue not in ("own", "shared", "empty"):
            raise ValueError(
                f"Shop setting catalogue is {self.catalogue!r}; write 'own', 'shared' or 'empty'"
            )
        if self.prefix and (not self.prefix.startswith("/") or self.prefix.endswith("/")):
            raise ValueError(f"Shop setting prefix is {self.prefix!r}; write it like '/sklep'")
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"Shop setting zone is {self.zone!r}; write one like 'Europe/Warsaw'") from None
