"""Money: an amount in a currency, and the one rounding of money that Pomost uses (half away from zero)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from pomost.trade.errors import Refused

EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
"""The arithmetic of money: wide enough to be exact for any price x quantity, whatever the thread's own context."""

_CENT = Decimal("0.01")

_TOO_LARGE = 16
"""From this power of ten on nothing is an amount; what is below fits a 64-bit integer in 0.01s."""

_NO_MINOR_UNIT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_TWO_DECIMALS = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY "
    "COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR "
    "ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN "
    "MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS "
    "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG"
)

MINOR_UNITS: dict[str, int] = {
    **dict.fromkeys(_NO_MINOR_UNIT.split(), 0),
    **dict.fromkeys(_TWO_DECIMALS.split(), 2),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
}
"""Currencies of ISO 4217 and their decimals."""


def decimals_of(currency: str) -> int:
    """Decimals of a currency; raises Refused ``trade.unknown-currency`` for a code that ISO 4217 does not have."""
    try:
        return MINOR_UNITS[currency]
    except KeyError:
        raise Refused(
            "trade.unknown-currency",
            f"{currency!r} is not a currency code of ISO 4217.",
            "Use three capital letters, e.g. PLN or EUR.",
            currency=currency,
        ) from None


def round_money(amount: Decimal, currency: str = "PLN") -> Decimal:
    """``amount`` in whole minor units of ``currency``, a half away from zero: 0.005 -> 0.01, -0.005 -> -0.01."""
    return _in_steps(amount, Decimal(1).scaleb(-decimals_of(currency)))


def line_value(price: Decimal, quantity: Decimal) -> Decimal:
    """price x quantity rounded to 0.01, as a document's line has it."""
    return _in_steps(EXACT.multiply(check_amount(price), check_amount(quantity)), _CENT)


def to_units(amount: Decimal) -> int:
    """An amount of at most 2 decimals as whole 0.01s; ValueError when it has more."""
    units = amount.scaleb(2, EXACT)
    if units != units.to_integral_value():
        raise ValueError(f"{amount} has more than 2 decimals")
    return int(units)


def from_units(units: int) -> Decimal:
    """Whole 0.01s as an amount with 2 decimals."""
    return Decimal(units).scaleb(-2, EXACT)


def check_amount(amount: Decimal) -> Decimal:
    """``amount`` itself; raises Refused ``trade.not-a-number`` or ``trade.too-large`` (from 17 digits)."""
    if not amount.is_finite():
        raise Refused("trade.not-a-number", f"{amount} is not an amount.", "Correct the price or quantity.")
    if amount.adjusted() >= _TOO_LARGE:
        raise Refused(
            "trade.too-large",
            f"{amount:.3E} is too large for an amount.",
            "Correct the price or quantity.",
        )
    return amount


def _in_steps(amount: Decimal, step: Decimal) -> Decimal:
    return check_amount(amount).quantize(step, context=EXACT)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency. Unlike currencies never meet, and floats are refused (TypeError).

    An amount keeps the decimals it has; ``rounded`` gives whole minor units.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"an amount of money is a Decimal, not {type(self.amount).__name__}")
        check_amount(self.amount)
        decimals_of(self.currency)

    @property
    def rounded(self) -> Money:
        """The same in whole minor units of the currency (JPY none, PLN 2, KWD 3)."""
        return Money(round_money(self.amount, self.currency), self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(EXACT.add(self.amount, self._same_currency(other)), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(EXACT.subtract(self.amount, self._same_currency(other)), self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        if isinstance(factor, bool) or not isinstance(factor, Decimal | int):
            raise TypeError(f"money is multiplied by a Decimal or an int, not {type(factor).__name__}")
        return Money(EXACT.multiply(self.amount, Decimal(factor)), self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return Money(EXACT.minus(self.amount), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same_currency(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same_currency(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same_currency(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same_currency(other)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def _same_currency(self, other: Money) -> Decimal:
        if not isinstance(other, Money):
            raise TypeError(f"money meets money only, not {type(other).__name__}")
        if other.currency != self.currency:
            raise Refused(
                "trade.mixed-currencies",
                f"{self} and {other} are in different currencies.",
                "Convert one of them first, at a rate that you keep with it.",
            )
        return other.amount
