"""``pomost stock``: what the channels show of the stock, and why."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from pomost.bootstrap import Pomost
from pomost.catalogue.deciding import StockMaker
from pomost.cli.figures import add_commands
from pomost.engine.catalogue import CatalogueWatcher, Line
from pomost.store.products import ProductLine

stock_app = typer.Typer(help="Stock in the channels: state, push, compare, show.")

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


def _explain(
    pomost: Pomost, watcher: CatalogueWatcher, line: Line, product: ProductLine
) -> Sequence[tuple[str, str, Sequence[str]]]:
    texts = TEXTS[pomost.config.language]
    maker, offer = line.maker, watcher.prepared().offer
    assert isinstance(maker, StockMaker)
    reckoned = maker.reckon([product.item]).get(product.item)
    if reckoned is None:
        return [("-", texts["service"], ())]
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
        found.append((place, str(one.figure), why))
    return found


add_commands(stock_app, "stock", _explain)
