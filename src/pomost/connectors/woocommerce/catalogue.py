"""The products of a shop with their stock, prices and cards; implements `ports.catalogue.CatalogueChannel`.

A shop's stock is one absolute figure, which its own sales lower at once; whoever writes it wipes out what was bought since he
reckoned (reference, section 7.4). So one writes at a time, whole pieces only, after all that orders need, and nothing is read and
added.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pomost.connectors.woocommerce import cards
from pomost.connectors.woocommerce.catalogue_mapping import (
    CATALOGUE,
    PLACE,
    REGULAR,
    SALE,
    prices_of,
    product_of,
    stock_of,
)
from pomost.connectors.woocommerce.client import WooCommerceClient
from pomost.connectors.woocommerce.figures_writing import FigureWriter
from pomost.connectors.woocommerce.product_reading import Products
from pomost.connectors.woocommerce.settings import Settings
from pomost.connectors.woocommerce.shop_terms import ShopTerms
from pomost.ports import NeedsPerson
from pomost.ports.catalogue import (
    FROM_THE_FIRST,
    CardRules,
    Figures,
    Kept,
    PriceGroup,
    Product,
    Reached,
    Shelves,
    Written,
)
from pomost.trade.card import Card


class WooCommerceCatalogue:
    """The products of one shop; may be shared by any number of threads."""

    def __init__(self, settings: Settings, client: WooCommerceClient) -> None:
        self.batch = settings.batch
        self._name = settings.name
        self._terms = ShopTerms(settings, client)
        self._products = Products(settings, client)
        self._writer = FigureWriter(settings, client, self._products, self._terms)
        self._cards = cards.Cards(settings, client, self._products, self._terms)

    def shelves(self, catalogue: str) -> Shelves:
        """A shop has one catalogue ("default"), one stock ("shop") and two price groups ("regular", "sale").

        Raises NeedsPerson ``woocommerce.unknown-catalogue``.
        """
        if catalogue not in ("", CATALOGUE, self._name):
            raise NeedsPerson(
                "woocommerce.unknown-catalogue",
                f'A WooCommerce shop has one catalogue; there is no "{catalogue}".',
                'Leave inventory out, or write "default".',
                inventory=catalogue,
            )
        currency = self._terms.now(anew=True).currency
        groups = tuple(PriceGroup(one, one, currency) for one in (REGULAR, SALE))
        return Shelves(CATALOGUE, self._name, {PLACE: PLACE}, groups)

    def products(self, catalogue: str, after: Reached = FROM_THE_FIRST) -> Iterator[tuple[Product, ...]]:
        """By id, each with its variations after it. Whatever is deleted meanwhile hides no other; what is added comes last."""
        terms = self._terms.now()
        for rows in self._products.walk(after):
            yield tuple(product_of(row, terms) for row in rows)

    def stock(self, catalogue: str) -> Iterator[Figures]:
        """A product whose stock nobody manages shows one without end (`catalogue_mapping.ENDLESS`), since that is what it sells."""
        for rows in self._products.walk():
            yield {row.id: stock_of(row) for row in rows}

    def prices(self, catalogue: str) -> Iterator[Figures]:
        """Gross, also where the shop's prices are typed net; without a sale price the one in the group "sale" is the regular one."""
        terms = self._terms.now()
        for rows in self._products.walk():
            yield {row.id: prices_of(row, terms) for row in rows}

    def read(self, catalogue: str, ids: Collection[str]) -> Iterator[Product]:
        terms = self._terms.now()
        for row in self._products.with_ids(ids).values():
            yield product_of(row, terms)

    def write_stock(self, catalogue: str, figures: Figures) -> Written:
        """See `figures_writing.FigureWriter.write_stock`."""
        return self._writer.write_stock(figures)

    def write_prices(self, catalogue: str, figures: Figures) -> Written:
        """See `figures_writing.FigureWriter.write_prices`."""
        return self._writer.write_prices(figures)

    card_fields = cards.FIELDS
    mains_hold_stock = True
    # a variation is named by its parent, in every call
    moves_products = False

    def find_products(self, catalogue: str, sku: str = "", ean: str = "") -> tuple[Product, ...]:
        """By SKU the shop is asked. By EAN all its products are read, every ten minutes at most."""
        terms = self._terms.now()
        found = self._products.with_sku(sku) if sku else self._products.with_ean(ean)
        return tuple(product_of(row, terms) for row in found)

    def read_cards(self, catalogue: str, ids: Collection[str], language: str = "") -> Mapping[str, Card]:
        """Texts are in the shop's one language, whatever ``language`` says."""
        return self._cards.read(ids)

    def put_card(
        self,
        catalogue: str,
        product_id: str,
        card: Card,
        fields: Collection[str],
        rules: CardRules,
        before: Card | None = None,
    ) -> Kept:
        """See `cards.Cards.put`. What is made is a draft, which a person publishes."""
        return self._cards.put(product_id, card, fields, rules)
