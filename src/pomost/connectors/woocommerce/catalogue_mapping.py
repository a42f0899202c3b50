"""Products of a shop in the language of the catalogue. Pure: no call is made here.

A variation can be written only below its parent, so its id has both numbers: ``40-41``. Nothing has to be remembered or asked for
to find its way back, in whatever process.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pomost.connectors.values import as_decimal, as_int, as_list, as_text
from pomost.ports import Json, NeedsPerson
from pomost.ports.catalogue import Product
from pomost.trade.vat import VatRate

CATALOGUE, PLACE = "default", "shop"
"""A shop has one catalogue and one stock."""
REGULAR, SALE = "regular", "sale"
"""Its price groups."""
FIELDS = (
    "id,name,type,parent_id,sku,global_unique_id,manage_stock,stock_quantity,stock_status,regular_price,sale_price,tax_status,"
    "tax_class"
)
"""What is asked of a product that is listed: a tenth of what the shop would send."""
STANDARD = "standard"
"""The standard tax class has no name on products and this one in the list of rates."""
ENDLESS = Decimal(999_999_999)
"""What a product shows whose stock nobody manages and that is in stock: it sells without end."""
VARIABLE, VARIATION = "variable", "variation"
STOCKLESS = frozenset({"grouped", "external"})
_CENT, _FOURTH = Decimal("0.01"), Decimal("0.0001")
_MOST = Decimal(2**31 - 1)


@dataclass(frozen=True, slots=True)
class Row:
    """A product or variation as the shop shows it. ``tax`` is its tax class, "" the standard one, None where it is not taxed;
    prices are as typed. ``shares``: a variation whose stock is its parent's."""

    number: int
    parent: int
    kind: str
    name: str
    sku: str
    ean: str
    managed: bool
    shares: bool
    quantity: Decimal | None
    in_stock: bool
    regular: Decimal | None
    sale: Decimal | None
    tax: str | None

    @property
    def id(self) -> str:
        return f"{self.parent}-{self.number}" if self.parent else str(self.number)


@dataclass(frozen=True, slots=True)
class Level:
    """Where the stock of a product with variations is kept: ``managed`` by itself, by ``own`` of them, and which ones share its own."""

    managed: bool = False
    own: int = 0
    sharing: tuple[int, ...] = ()

    @property
    def both(self) -> bool:
        """Managed by the product and by its variations: the shop then shows the state of the product for all."""
        return self.managed and self.own > 0


@dataclass(frozen=True, slots=True)
class Terms:
    """What the shop says of its prices, taxes and units. ``net``: its prices are typed net. ``rates``: tax class -> the rate that holds
    at home; None where there is not exactly one. ``kilograms``: what one unit of weight is."""

    currency: str
    net: bool = False
    taxed: bool = True
    rates: Mapping[str, VatRate | None] = field(default_factory=dict)
    kilograms: Decimal = Decimal(1)

    def gross(self, typed: Decimal, tax: str | None) -> Decimal | None:
        """What the buyer pays; None where the rate is not certain."""
        factor = self._factor(tax)
        if not self.net:
            return typed
        return None if factor is None else (typed * factor).quantize(_CENT, ROUND_HALF_UP)

    def typed(self, gross: Decimal, tax: str | None) -> Decimal | None:
        """What is to be typed so that the buyer pays ``gross``: net prices have four places, so that none is lost on the way back."""
        factor = self._factor(tax)
        if not self.net:
            return gross
        return None if factor is None else (gross / factor).quantize(_FOURTH, ROUND_HALF_UP)

    def _factor(self, tax: str | None) -> Decimal | None:
        if tax is None:
            return Decimal(1)
        rate = self.rates.get(tax or STANDARD)
        return None if rate is None else 1 + rate.percent / 100


def whole_id(product_id: str) -> tuple[int, int]:
    """The numbers of a product (0 where it has no parent) and its own: ("40-41") -> (40, 41). Raises ValueError."""
    parent, dash, number = product_id.partition("-")
    texts = (parent, number) if dash else (parent,)
    if not all(text.isascii() and text.isdecimal() and len(text) < 19 for text in texts):
        raise ValueError(product_id)
    return (int(parent), int(number)) if dash else (0, int(parent))


def row_of(raw: Json, parent: Row | None = None, ean_keys: Iterable[str] = ()) -> Row | None:
    """None for what is no product. A variation without SKU or EAN shows its parent's: it has none."""
    number = _number(raw.get("id"))
    if not number:
        return None
    kind = as_text(raw.get("type")) or (VARIATION if parent else "simple")
    above = parent.number if parent else (_number(raw.get("parent_id")) if kind == VARIATION else 0)
    name, sku, ean = text_of(raw.get("name")), as_text(raw.get("sku")).strip(), ean_of(raw, ean_keys)
    if parent is not None:
        name = f"{parent.name} - {name}" if name else parent.name
        sku = "" if sku == parent.sku else sku
        ean = "" if ean == parent.ean else ean
    manages = raw.get("manage_stock")
    taxable = as_text(raw.get("tax_status")) in ("taxable", "")
    return Row(
        number,
        above,
        VARIATION if above else kind,
        name,
        sku,
        ean,
        manages is True,
        manages == "parent",
        _amount(raw.get("stock_quantity")),
        as_text(raw.get("stock_status")) != "outofstock",
        _amount(raw.get("regular_price")),
        _amount(raw.get("sale_price")),
        as_text(raw.get("tax_class")).strip() if taxable else None,
    )


def ean_of(raw: Json, keys: Iterable[str]) -> str:
    """The shop's own field, else the first filled one of the plugins' meta keys."""
    found = as_text(raw.get("global_unique_id")).strip()
    if found:
        return found
    meta = {
        as_text(one.get("key")): one.get("value")
        for one in as_list(raw.get("meta_data"))
        if isinstance(one, dict)
    }
    return next((text for key in keys if (text := as_text(meta.get(key)).strip())), "")


def text_of(value: Any) -> str:
    """A name on one line; the shop keeps names with HTML entities."""
    return " ".join(html.unescape(as_text(value)).split())


def level_of(row: Row, variations: Iterable[Row] = ()) -> Level:
    below = list(variations)
    return Level(
        row.managed,
        sum(1 for one in below if one.managed),
        tuple(one.number for one in below if one.shares),
    )


def stock_of(row: Row) -> dict[str, Decimal]:
    """Where nobody manages the stock it is endless or nothing; of a parent without own stock nothing is said."""
    if row.kind in STOCKLESS or (row.kind == VARIABLE and not row.managed):
        return {}
    if row.managed or row.shares:
        return {} if row.quantity is None else {PLACE: row.quantity}
    return {PLACE: ENDLESS if row.in_stock else Decimal(0)}


def prices_of(row: Row, terms: Terms) -> dict[str, Decimal]:
    """Gross. Where there is no sale price, a sale would cost what it costs anyway."""
    if row.kind in (VARIABLE, "grouped") or row.regular is None:
        return {}
    regular = terms.gross(row.regular, row.tax)
    sale = regular if row.sale is None else terms.gross(row.sale, row.tax)
    return {} if regular is None or sale is None else {REGULAR: regular, SALE: sale}


def product_of(row: Row, terms: Terms) -> Product:
    return Product(
        row.id,
        row.sku,
        row.ean,
        row.name,
        str(row.parent) if row.parent else "",
        stock_of(row),
        prices_of(row, terms),
    )


def wrong_ids(ids: Iterable[str]) -> dict[str, str]:
    """Those that are no ids of a shop's products, with why."""
    found: dict[str, str] = {}
    for product_id in ids:
        try:
            whole_id(product_id)
        except ValueError:
            found[product_id] = str(_bad_id(product_id))
    return found


def pieces(product_id: str, figure: Decimal) -> int:
    """Raises NeedsPerson for what is no whole number: a shop counts in pieces, and takes nothing for none."""
    if not figure.is_finite() or figure != figure.to_integral_value():
        raise NeedsPerson(
            "woocommerce.not-whole",
            f"Product {product_id}: a shop counts in whole pieces, and {figure} is none.",
            "Set pack of this stock, or keep the item in a unit that is sold in pieces.",
            product=product_id,
        )
    if abs(figure) > _MOST:
        raise NeedsPerson(
            "woocommerce.not-whole",
            f"Product {product_id}: {figure} pieces are more than a shop can count.",
            "Set maximum of this stock.",
            product=product_id,
        )
    return int(figure)


def price_text(amount: Decimal) -> str:
    """As a shop reads it: with a point, at least two places, no more than are needed."""
    text = format(amount.normalize(), "f")
    places = len(text.partition(".")[2])
    return format(amount, f".{max(places, 2)}f")


def new_prices(row: Row, wanted: Mapping[str, Decimal], terms: Terms) -> dict[str, str]:
    """What is to be sent so that the shop shows ``wanted`` (gross): nothing where it does; both prices together, where one would undo
    the other. A sale price that is the regular one ends the sale.

    Raises NeedsPerson where the shop would drop it without a word.
    """
    if row.kind in (VARIABLE, "grouped"):
        raise NeedsPerson(
            "woocommerce.no-own-price",
            f"Product {row.id} has no price of its own: what is sold are its parts.",
            "Link its variations to items instead, each with a SKU of its own.",
            product=row.id,
        )
    regular = _typed(row, wanted[REGULAR], row.regular, terms) if REGULAR in wanted else row.regular
    body: dict[str, str] = {}
    if regular is not None and regular != row.regular:
        body["regular_price"] = price_text(regular)
    if SALE in wanted:
        sale: Decimal | None = _typed(row, wanted[SALE], row.sale, terms)
        usual = None if regular is None else terms.gross(regular, row.tax)
        if usual is None:
            raise NeedsPerson(
                "woocommerce.no-regular-price",
                f"Product {row.id} has no regular price, without which the shop drops a sale price.",
                "Give its item a price at the level of the regular price.",
                product=row.id,
            )
        if wanted[SALE] > usual:
            raise NeedsPerson(
                "woocommerce.sale-not-lower",
                f"Product {row.id}: its sale price {price_text(wanted[SALE])} is above its regular price {price_text(usual)}, so the "
                "shop would drop it without a word.",
                "Correct one of the two price levels or their rules.",
                product=row.id,
            )
        sale = None if wanted[SALE] == usual else sale
    else:
        # what the shop would drop without a word is taken away in so many words
        sale = row.sale if row.sale is None or regular is None or row.sale < regular else None
    if sale != row.sale:
        body["sale_price"] = "" if sale is None else price_text(sale)
    return body


def _typed(row: Row, gross: Decimal, shown: Decimal | None, terms: Terms) -> Decimal:
    """What is to be typed; what is shown already where it comes to the same."""
    if not gross.is_finite() or gross < 0:
        raise NeedsPerson(
            "woocommerce.bad-price",
            f"Product {row.id}: {gross} is no price.",
            "Correct the price level or its rules.",
            product=row.id,
        )
    if shown is not None and terms.gross(shown, row.tax) == gross:
        return shown
    found = terms.typed(gross, row.tax)
    if found is None:
        raise NeedsPerson(
            "woocommerce.net-price",
            f"Product {row.id}: the shop's prices are typed net, and the VAT rate of its tax class "
            f'"{row.tax or STANDARD}" is not certain, so its net price is not either.',
            "Leave one rate for that class and the shop's country under WooCommerce, Settings, Tax, name it in tax_classes, or have "
            "prices typed with tax.",
            product=row.id,
        )
    return found


def product_gone(product_id: str) -> NeedsPerson:
    return NeedsPerson(
        "woocommerce.product-gone",
        f"The shop has no product {product_id} any more.",
        "If it was deleted there, nothing is to be done.",
        product=product_id,
    )


def _bad_id(product_id: str) -> NeedsPerson:
    return NeedsPerson(
        "woocommerce.bad-product-id",
        f"{product_id!r} is no product of a WooCommerce shop.",
        "Write 13 for a product, 40-41 for variation 41 of product 40.",
        product=product_id,
    )


def _number(value: Any) -> int:
    try:
        return max(as_int(value), 0)
    except ValueError:
        return 0


def _amount(value: Any) -> Decimal | None:
    if value in (None, "", [], {}):
        return None
    try:
        found = as_decimal(value)
    except ValueError:
        return None
    return None if found.is_nan() else found
