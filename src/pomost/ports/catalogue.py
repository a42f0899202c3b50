"""The catalogue: what an ERP knows of its items, and where channels show it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol, runtime_checkable

from pomost.ports.failures import Json
from pomost.trade.availability import OnHand
from pomost.trade.between import UnitPrice
from pomost.trade.card import Card

Stream = Literal["stock", "card"]
"""What changed of an item: what lies in stock or is reserved; or its card, prices among it."""
Figures = Mapping[str, Mapping[str, Decimal]]
"""Product id -> place (a warehouse or a price group of the channel) -> figure."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Items that changed, in the order of their last change. ``cursor`` may be kept once they were dealt with.

    ``more``: whether further ones are known already.
    """

    skus: tuple[str, ...]
    cursor: Json
    more: bool = False


@runtime_checkable
class CatalogueErp(Protocol):
    """An ERP that tells which items changed. Capability "catalogue"."""

    def touched(self, company: str, stream: Stream, cursor: Json, most: int) -> Touched:
        """Items that changed after ``cursor`` ({}: all there are), at most about ``most``. A kit changes with its parts.

        No change is ever passed over; the same one may be told twice.
        """
        ...

    def position(self, company: str) -> Json:
        """A cursor: what changes from now on comes after it."""
        ...

    def sharing(self, company: str, skus: Iterable[str]) -> Collection[str]:
        """All items that take goods of the same kind: ``skus``, their parts, and every kit that has one of these in it."""
        ...

    def on_hand(self, company: str, skus: Iterable[str]) -> Mapping[str, OnHand]:
        """What lies in stock of those ``skus`` that have a card, and of the parts of the kits among them."""
        ...

    def prices(self, company: str, skus: Iterable[str]) -> Mapping[str, Mapping[str, UnitPrice]]:
        """The prices of each of ``skus`` by price level."""
        ...

    def price_levels(self, company: str) -> tuple[str, ...]:
        """The price levels that any item has a price at."""
        ...

    def cards(self, company: str, skus: Iterable[str]) -> Mapping[str, Card]:
        """The cards of those ``skus`` that have one."""
        ...

    def put_cards(self, company: str, cards: Iterable[Card]) -> None:
        """Makes or changes cards by SKU; a field that is None stays as it is. Raises NeedsPerson."""
        ...

    def variants(self, company: str, skus: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """The SKUs of the variants of those ``skus`` that are main items."""
        ...

    def find_items(self, company: str, key: str, values: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """The SKUs of the items whose EAN or SKU (``key`` "ean", "sku"), or whose attribute ``key``, is one of ``values``."""
        ...


@dataclass(frozen=True, slots=True)
class Product:
    """A product as a channel shows it; ``parent_id`` of a variant."""

    id: str
    sku: str
    ean: str
    name: str
    parent_id: str = ""
    stock: Mapping[str, Decimal] = field(default_factory=dict)
    prices: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a listing came: so many pages were read, the last product was this one. A channel goes on from either."""

    pages: int = 0
    product: str = ""


FROM_THE_FIRST = Reached()


@dataclass(frozen=True, slots=True)
class PriceGroup:
    """A price list of the channel. ``derived``: computed by the channel from another one, never written."""

    id: str
    name: str
    currency: str
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Shelves:
    """What a catalogue of the channel has: ids -> names of its warehouses, and its price groups."""

    id: str
    name: str
    warehouses: Mapping[str, str]
    price_groups: tuple[PriceGroup, ...]
    languages: tuple[str, ...] = ()
    default_language: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a batch. ``problems``: product id -> why its figure was not taken; the rest was taken.

    ``uncertain``: why it is not known whether all were taken; a comparison will tell.
    """

    problems: Mapping[str, str] = field(default_factory=dict)
    uncertain: str = ""


CARDS_AT_ONCE = 100
"""Cards that are read in one call."""


@dataclass(frozen=True, slots=True)
class CardRules:
    """How cards are put: the language of names, and whether categories and manufacturers are made where missing.

    ``unit_attribute``: the attribute under which the unit is shown; empty: it is not. ``move_variants``: whether a product
    that is there is put under another main product. ``choices``: of a product that is made for a main item, by which
    attributes its variants differ, each with its values; None for what has no variants. ``share_attribute``: the attribute
    of an item that says whether a product is made for it; empty: for all.
    """

    language: str = ""
    make_categories: bool = False
    make_manufacturers: bool = False
    unit_attribute: str = ""
    move_variants: bool = False
    choices: Mapping[str, tuple[str, ...]] | None = None
    share_attribute: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A card that was put. ``problem``: what of it the channel did not take, though the product is there."""

    id: str
    problem: str = ""


@runtime_checkable
class CatalogueChannel(Protocol):
    """A channel with a catalogue. Capabilities "catalogue", "stock", "prices", "cards".

    ``batch`` is the largest number of products in one call. Figures are absolute: writing them again is harmless, and so
    is repeating a call whose answer was lost.
    """

    @property
    def batch(self) -> int: ...

    def shelves(self, catalogue: str) -> Shelves:
        """The catalogue with this name or id; empty: the default one. Raises NeedsPerson naming those that there are."""
        ...

    def products(self, catalogue: str, after: Reached = FROM_THE_FIRST) -> Iterator[tuple[Product, ...]]:
        """All products and variants, page by page, in an order that lasts; ``after``: how far an earlier listing came."""
        ...

    def stock(self, catalogue: str) -> Iterator[Figures]:
        """The channel's own figures of stock, page by page."""
        ...

    def prices(self, catalogue: str) -> Iterator[Figures]:
        """The channel's own gross prices, page by page."""
        ...

    def read(self, catalogue: str, ids: Collection[str]) -> Iterator[Product]:
        """These products and variants as they are now; nothing for those that are gone."""
        ...

    def write_stock(self, catalogue: str, figures: Figures) -> Written:
        """One call: the quantity of each product at each of the places named. Raises as calls do."""
        ...

    def write_prices(self, catalogue: str, figures: Figures) -> Written:
        """One call: the gross price of each product in each of the price groups named."""
        ...

    @property
    def card_fields(self) -> frozenset[str]:
        """The fields of a card that this channel has."""
        ...

    @property
    def mains_hold_stock(self) -> bool:
        """Whether a product with variants can hold the stock of them all, where none of these is an item."""
        ...

    @property
    def moves_products(self) -> bool:
        """Whether a product that is there can be put under another main product at all. Taken out of it is none anywhere."""
        ...

    def find_products(self, catalogue: str, sku: str = "", ean: str = "") -> tuple[Product, ...]:
        """The products and variants with exactly this SKU or EAN, asked of the channel now."""
        ...

    def read_cards(self, catalogue: str, ids: Collection[str], language: str = "") -> Mapping[str, Card]:
        """What the channel shows of these products, at most ``CARDS_AT_ONCE``; those that it does not have are missing.

        ``language``: that of ``Card.name`` and ``Card.description``; empty: the catalogue's default one. ``Card.parent`` is
        the channel's id of the main product, here and in ``put_card``.
        """
        ...

    def put_card(
        self,
        catalogue: str,
        product_id: str,
        card: Card,
        fields: Collection[str],
        rules: CardRules,
        before: Card | None = None,
    ) -> Kept:
        """Changes ``fields`` of a product, or makes one where ``product_id`` is empty.

        ``before``: what the channel shows so far, of which attributes and languages that ``card`` does not name stay.
        Making is not repeatable: after InDoubt look for it with ``find_products``.
        """
        ...
