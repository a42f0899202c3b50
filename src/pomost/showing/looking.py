"""One product in a catalogue: what it shall show at each place and why, what was sent, what the channel shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pomost.bootstrap import Pomost
from pomost.engine.catalogue import CatalogueWatcher, Line
from pomost.store.figures import FigureLine, What
from pomost.store.products import ProductLine


@dataclass(frozen=True, slots=True)
class Explained:
    """What a place of the channel shall show, and why, in words."""

    place: str
    figure: str
    why: tuple[str, ...]


Explain = Callable[[str, CatalogueWatcher, Line, ProductLine], Sequence[Explained]]
"""Language, catalogue, kind of figures and product -> its places."""


@dataclass(frozen=True, slots=True)
class PlaceView:
    """``state``: the figure as it is kept, None where none was decided. ``now``: what the channel shows, where it was asked."""

    explained: Explained
    state: FigureLine | None
    now: Decimal | None


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product; without places where it is no item of the ERP."""

    product: ProductLine
    places: tuple[PlaceView, ...]


def lines_of(pomost: Pomost, what: What, name: str = "") -> list[tuple[CatalogueWatcher, Line]]:
    """The catalogues (all, or the one with this name) that have such figures. Asks the channels for their warehouses the first
    time; raises Failure."""
    return [
        (watcher, line)
        for watcher in pomost.catalogues
        if name in ("", watcher.catalogue)
        for line in watcher.prepared().lines
        if line.what == what
    ]


def look_at(
    pomost: Pomost,
    watcher: CatalogueWatcher,
    line: Line,
    products: Sequence[ProductLine],
    explain: Explain,
    language: str,
    *,
    ask: bool,
) -> list[ProductView]:
    """Explains these products; ``ask``: the channel is asked what it shows now. Raises Failure."""
    line.maker.grounds({})
    offer = watcher.prepared().offer
    shown = {}
    if ask:
        shown = {one.id: one for one in offer.channel.read(offer.catalogue, [p.product_id for p in products])}
    found = []
    for product in products:
        if not product.item:
            found.append(ProductView(product, ()))
            continue
        states = {
            one.place: one for one in pomost.store.figures.of_product(product.id) if one.what == line.what
        }
        own = shown.get(product.product_id)
        now: Mapping[str, Decimal] = {}
        if own is not None:
            now = own.stock if line.what == "stock" else own.prices
        found.append(
            ProductView(
                product,
                tuple(
                    PlaceView(one, states.get(one.place), now.get(one.place))
                    for one in explain(language, watcher, line, product)
                ),
            )
        )
    return found


def find_products(pomost: Pomost, watcher: CatalogueWatcher, sku: str) -> list[ProductLine]:
    """Products with this SKU, EAN or id; the channel's products are listed where none is known."""
    prepared = watcher.prepared()
    found = pomost.store.products.find(prepared.offer.id, sku)
    if not found:
        prepared.linker.link()
        found = pomost.store.products.find(prepared.offer.id, sku)
    return found
