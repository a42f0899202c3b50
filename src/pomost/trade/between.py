"""Prices between companies of one owner: what the one that holds the goods asks of the one that sells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Literal

from pomost.trade.documents import DraftLine
from pomost.trade.errors import Refused
from pomost.trade.order import Basis
from pomost.trade.vat import VatRate

_FOURTH = Decimal("0.0001")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """What one piece costs, with VAT ("gross") or without ("net")."""

    basis: Basis
    currency: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class PriceRule:
    """Where the prices between companies come from.

    ``order``: the customer's price. ``level``: a price level of the selling company's item cards. ``margin``: what the
    goods cost the selling company, and ``percent`` on top. ``fixed``: a list in the configuration.
    """

    by: Literal["order", "level", "margin", "fixed"]
    level: str = ""
    percent: Decimal = Decimal(0)

    @classmethod
    def of(cls, text: str) -> PriceRule:
        """From "order", "fixed", "level:HURT" or "margin:5"; raises Refused ``trade.unknown-price-rule``."""
        name, _, what = text.partition(":")
        if name == "order" and not what:
            return cls("order")
        if name == "fixed" and not what:
            return cls("fixed")
        if name == "level" and what:
            return cls("level", level=what)
        if name == "margin":
            try:
                percent = Decimal(what)
            except InvalidOperation:
                percent = Decimal("NaN")
            if percent.is_finite() and percent > -_HUNDRED:
                return cls("margin", percent=percent)
        raise Refused(
            "trade.unknown-price-rule",
            f"{text!r} is no rule for prices between companies.",
            "Write order, fixed, level:NAME or margin:PERCENT.",
        )


def lines_between(
    lines: Sequence[DraftLine],
    basis: Basis,
    rule: PriceRule,
    cards: Mapping[str, VatRate],
    prices: Mapping[str, UnitPrice],
) -> tuple[DraftLine, ...]:
    """The goods of a customer's order as one company sells them to the other: net, at the rates of its own cards.

    ``lines`` are those of the customer's document, with prices on ``basis``. Services stay behind: delivery and discounts
    are between the seller and the customer. ``prices`` by SKU are what the rule asks for: of the level, costs (net), or
    the fixed list; not used by the rule "order". Prices are rounded to 4 decimals, a half away from zero.

    Raises Refused ``trade.no-price-between`` naming all SKUs without a price in PLN, ``trade.no-goods-between`` where only
    services were ordered.
    """
    goods = [line for line in lines if not line.service]
    if not goods:
        raise Refused(
            "trade.no-goods-between",
            "Nothing but services was ordered, so that there is nothing to buy from the other company.",
            "Leave the step out for such orders (only_if).",
        )
    if rule.by != "order":
        missing = [
            line.sku for line in goods if (price := prices.get(line.sku)) is None or price.currency != "PLN"
        ]
        if missing:
            raise _no_price(rule, list(dict.fromkeys(missing)))
    return tuple(_between(line, basis, rule, cards.get(line.sku), prices) for line in goods)


def _between(
    line: DraftLine, basis: Basis, rule: PriceRule, card: VatRate | None, prices: Mapping[str, UnitPrice]
) -> DraftLine:
    vat = card or line.vat
    if rule.by == "order":
        # the customer's VAT is taken off at the customer's rate: what is left is what the goods were sold for
        net = _net(line.price, basis, line.vat)
    else:
        found = prices[line.sku]
        net = _net(found.price, found.basis, vat)
    if rule.by == "margin":
        net = net * (_HUNDRED + rule.percent) / _HUNDRED
    return replace(line, price=net.quantize(_FOURTH, ROUND_HALF_UP), vat=vat, notes="")


def _net(price: Decimal, basis: Basis, vat: VatRate) -> Decimal:
    return price if basis == "net" else price * _HUNDRED / (_HUNDRED + vat.percent)


def _no_price(rule: PriceRule, skus: list[str]) -> Refused:
    where = {
        "level": f"at the price level {rule.level}",
        "margin": "that says what it cost",
        "fixed": "in fixed_prices",
    }[rule.by]
    return Refused(
        "trade.no-price-between",
        f"There is no price in PLN {where} for {', '.join(skus)}.",
        "Receive the goods first." if rule.by == "margin" else "Add it.",
        skus=", ".join(skus),
    )
