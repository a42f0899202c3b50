"""How the figure of stock of a product comes about, in words of a language and as the rows it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pomost.bootstrap import Pomost
from pomost.catalogue.deciding import StockMaker
from pomost.catalogue.offer import Offer
from pomost.engine.catalogue import CatalogueWatcher, Line
from pomost.showing.looking import Explained
from pomost.store.products import ProductLine
from pomost.store.shelf import SoldLine

TEXTS = {
    "pl": {
        "service": "usługa, bez stanu",
        "formula": "{stock} na stanie - {reserved} zarezerwowane - {pending} sprzedane bez dokumentu = {free}",
        "limited": "ogranicza składnik {part}",
        "buffer": "zapas {number}", "share": "udział {number} %", "minimum": "minimum {number}", "maximum": "maksimum {number}",
    },
    "en": {
        "service": "a service, without stock",
        "formula": "{stock} in stock - {reserved} reserved - {pending} sold without a document = {free}",
        "limited": "limited by the component {part}",
        "buffer": "buffer {number}", "share": "share {number} %", "minimum": "minimum {number}", "maximum": "maximum {number}",
    },
}  # fmt: skip


def explain_stock(
    language: str, watcher: CatalogueWatcher, line: Line, product: ProductLine
) -> Sequence[Explained]:
    """For each place of the channel: the figure, and how it is made of stock, reservations, pending goods and rules."""
    texts = TEXTS[language]
    maker, offer = line.maker, watcher.prepared().offer
    assert isinstance(maker, StockMaker)
    reckoned = maker.reckon([product.item]).get(product.item)
    if reckoned is None:
        return [Explained("-", texts["service"], ())]
    found = []
    for place, one in reckoned.items():
        rule = offer.stock[place]
        sums = {"stock": one.stock, "reserved": one.reserved, "pending": one.pending}
        sums["free"] = one.stock - one.reserved - one.pending
        shown = {name: f"{number:.4g}" if number % 1 else f"{number:f}" for name, number in sums.items()}
        why = [texts["formula"].format(**shown)]
        if one.limited_by:
            why.append(texts["limited"].format(part=one.limited_by))
        rules = (("buffer", rule.buffer, 0), ("share", rule.share, 100), ("minimum", rule.minimum, 0))
        why += [texts[key].format(number=number) for key, number, usual in rules if number != usual]
        if rule.maximum is not None:
            why.append(texts["maximum"].format(number=rule.maximum))
        found.append(Explained(place, str(one.figure), tuple(why)))
    return found


@dataclass(frozen=True, slots=True)
class HeldRow:
    """What lies of one part in one warehouse, and how much of it is reserved. ``counts``: a rule of the offer names it."""

    company: str
    warehouse: str
    sku: str
    quantity: Decimal
    reserved: Decimal
    counts: bool


@dataclass(frozen=True, slots=True)
class Account:
    """What an item is made of (itself, or the components of a kit), where that lies, and which orders have sold it."""

    parts: tuple[tuple[str, Decimal], ...]
    held: tuple[HeldRow, ...]
    sold: tuple[SoldLine, ...]
    companies: tuple[str, ...]


def account_of(pomost: Pomost, offer: Offer, sku: str) -> Account:
    """Read from the ledger and the store now; without a call to the channel."""
    known = offer.erp.on_hand(offer.company, [sku]).get(sku)
    parts = known.parts if known is not None else ()
    counted = {place for rule in offer.stock.values() for place in rule.warehouses}
    rows = []
    for company in offer.companies:
        for part, on_hand in sorted(offer.erp.on_hand(company, [one for one, _ in parts]).items()):
            rows += [
                HeldRow(company, code, part, held.quantity, held.reserved, (company, code) in counted)
                for code, held in sorted(on_hand.held.items())
            ]
    sold = pomost.store.shelf.sold(offer.companies, offer.erp.sharing(offer.company, [sku]))
    return Account(tuple(parts), tuple(rows), tuple(sold), offer.companies)
