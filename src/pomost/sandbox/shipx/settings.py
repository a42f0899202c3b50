"""How the account at InPost stands, and how fast its life goes on."""

import time
from collections.abc import Callable
from dataclasses import dataclass

LOCKERS = ("inpost_locker_standard", "inpost_locker_economy", "inpost_locker_pass_thru")
COURIERS = (
    "inpost_courier_standard",
    "inpost_courier_c2c",
    "inpost_courier_express_1000",
    "inpost_courier_palette",
)


@dataclass
class Settings:
    """``*_s`` are seconds after the order of a shipment (``list_lag_s``: until lists show it). ``money``: the account can
    pay (as it stands when the shipment is next looked at); ``courier_contract``: it has one; ``company_data``: it may collect money; ``address``: the organization shows one. ``closed_points`` exist no more;
    ``shut_points`` take no parcels now; any other code of the usual form does. ``cancel_selected``: offers that were selected may be cancelled, as the
    Polish page says and the real sandbox does not. ``clock_ahead_s`` is how far the ``Date`` header is off.
    """

    token: str = "shipx-sandbox-token"
    organization: int = 12345
    services: tuple[str, ...] = (*LOCKERS, *COURIERS)
    money: bool = True
    courier_contract: bool = True
    company_data: bool = True
    address: bool = True
    offers_prepared_s: float = 0.3
    offer_selected_s: float = 0.5
    confirmed_s: float = 1.1
    buying_s: float = 0.6
    offer_life_s: float = 300.0
    list_lag_s: float = 0.0
    cancel_selected: bool = False
    closed_points: tuple[str, ...] = ("XXX00X",)
    shut_points: tuple[str, ...] = ("ZZZ00Z",)
    clock_ahead_s: float = 0.0
    clock: Callable[[], float] = time.time

    def at_once(self) -> "Settings":
        """The same account, whose shipments are bought the moment they are ordered."""
        self.offers_prepared_s = self.offer_selected_s = self.confirmed_s = self.buying_s = 0.0
        return self
