"""Net amounts and their VAT as the shop reckons them: kept with six places, summed from what was rounded per line."""

from collections.abc import Iterable
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from pomost.sandbox.woocommerce.protocol import Json

ZERO = Decimal(0)
SIX = Decimal("0.000001")
CENT = Decimal("0.01")


def number(value: Any) -> Decimal:
    """An amount as the API takes it: text with a point or a comma, or a JSON number. Raises ``ValueError``."""
    if isinstance(value, bool) or value is None:
        raise ValueError(f"{value!r} is no amount")
    text = str(value).strip().replace(",", ".")
    try:
        found = Decimal(text or "0")
    except ArithmeticError:
        raise ValueError(f"{value!r} is no amount") from None
    if not found.is_finite():
        raise ValueError(f"{value!r} is no amount")
    return found


def six(value: Decimal) -> Decimal:
    return value.quantize(SIX, ROUND_HALF_UP)


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def tax_cents(value: Decimal, inclusive: bool) -> Decimal:
    """VAT in cents: of prices typed gross the half is rounded down, so that net and VAT still make the gross."""
    return value.quantize(CENT, ROUND_HALF_DOWN if inclusive else ROUND_HALF_UP)


def shown(value: Decimal, places: int = 2) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"


def shown_tax(value: Decimal, inclusive: bool, places: int = 2) -> str:
    mode = ROUND_HALF_DOWN if inclusive else ROUND_HALF_UP
    return f"{value.quantize(Decimal(1).scaleb(-places), mode):f}"


def trimmed(value: Decimal) -> str:
    """As in ``taxes``: without closing zeros."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def net_of(gross: Decimal, rate: Decimal) -> Decimal:
    return six(gross * 100 / (100 + rate))


def tax_of(net: Decimal, rate: Decimal) -> Decimal:
    return six(net * rate / 100)


def split(amount: Decimal, weights: list[Decimal]) -> list[Decimal]:
    """The amount in cents, shared by weight; the last cents go to the first lines, as coupons of the basket do."""
    whole = sum(weights, ZERO)
    if not whole:
        return [ZERO for _ in weights]
    amount = min(amount, whole)
    shares = [(amount * weight / whole).quantize(CENT, "ROUND_FLOOR") for weight in weights]
    left = amount - sum(shares, ZERO)
    for place in range(len(shares)):
        if left <= 0:
            break
        step = min(CENT, left, weights[place] - shares[place])
        shares[place] += step
        left -= step
    return shares


def line_tax(line: Json, which: str) -> Decimal:
    return sum((pair[which] for pair in line["taxes"].values() if pair[which] is not None), ZERO)


def tax_sum(lines: Iterable[Json], rate: int, inclusive: bool, at_subtotal: bool) -> Decimal:
    """VAT of one rate over lines: rounded per line, or once at the end where the shop says so."""
    each = [line["taxes"][rate]["total"] for line in lines if rate in line["taxes"]]
    if at_subtotal:
        return tax_cents(sum(each, ZERO), inclusive)
    return sum((tax_cents(tax, inclusive) for tax in each), ZERO)
