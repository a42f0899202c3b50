"""``pomost stock``: what the channels show of the stock, and why."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from pomost.bootstrap import Pomost, assemble
from pomost.catalogue.deciding import StockMaker
from pomost.cli.words import console, moment
from pomost.config.load import load_config
from pomost.engine.catalogue import CatalogueWatcher, Line
from pomost.store.figures import Drift, FigureLine
from pomost.store.products import ProductLine
from pomost.trade.availability import Reckoning, StockRule

stock_app = typer.Typer(help="Stock in the channels: state, push, compare, show.")
ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
Chosen = Annotated[str, typer.Option("--catalogue", help="Only this catalogue of the configuration.")]
DEFAULT = Path("pomost.toml")

TEXTS = {
    "pl": {
        "none": "W konfiguracji nie ma [[catalogue]] ze stanami ([[catalogue.stock]]).",
        "columns": ("katalog", "produkty", "rozpoznane", "liczby", "niewysłane", "z problemem", "ostatnio", "uwaga"),
        "pushed": "{name}: wysłano {products} produktów w {calls} zapytaniach, problemów: {problems}.",
        "compared": "{name}: porównano {products} produktów, różnych: {count}.",
        "drift": ("produkt", "towar", "magazyn kanału", "powinno być", "jest"),
        "higher": "Zawyżone zostaną wysłane ponownie zaraz, zaniżone po sprawdzeniu, czy nie przyszło zamówienie.",
        "unknown": "{name}: żaden produkt nie ma SKU, EAN ani id „{sku}”. Nowe produkty kanału pokażą się po listowaniu.",
        "unlinked": "nierozpoznany: firma {company} nie ma kartoteki {sku}",
        "service": "usługa, bez stanu",
        "formula": "{stock} na stanie - {reserved} zarezerwowane - {pending} sprzedane bez dokumentu = {free}",
        "limited": "ogranicza składnik {part}",
        "buffer": "zapas {number}", "share": "udział {number} %", "minimum": "minimum {number}", "maximum": "maksimum {number}",
        "sent": "wysłano {sent} ({moment})", "unsent": "jeszcze niewysłane", "never": "nigdy nie wysłano",
        "seen": "kanał pokazywał {seen} ({moment})", "now": "kanał pokazuje teraz {now}",
    },
    "en": {
        "none": "The configuration has no [[catalogue]] with stock ([[catalogue.stock]]).",
        "columns": ("catalogue", "products", "known", "figures", "unsent", "with a problem", "last", "note"),
        "pushed": "{name}: {products} products sent in {calls} calls, problems: {problems}.",
        "compared": "{name}: {products} products compared, different: {count}.",
        "drift": ("product", "item", "channel's warehouse", "should be", "is"),
        "higher": "Those too high are sent again at once, those too low after a look whether an order came.",
        "unknown": '{name}: no product has the SKU, EAN or id "{sku}". New products of the channel appear once they are listed.',
        "unlinked": "not known: company {company} has no card {sku}",
        "service": "a service, without stock",
        "formula": "{stock} in stock - {reserved} reserved - {pending} sold without a document = {free}",
        "limited": "limited by the component {part}",
        "buffer": "buffer {number}", "share": "share {number} %", "minimum": "minimum {number}", "maximum": "maximum {number}",
        "sent": "sent {sent} ({moment})", "unsent": "not sent yet", "never": "never sent",
        "seen": "the channel showed {seen} ({moment})", "now": "the channel shows {now} now",
    },
}  # fmt: skip


@stock_app.callback(invoke_without_command=True)
def state(context: typer.Context, path: ConfigPath = DEFAULT) -> None:
    """How many figures there are, are not sent yet, were not taken; works without the channel."""
    if context.invoked_subcommand is not None:
        return
    pomost = assemble(load_config(path))
    texts = TEXTS[pomost.config.language]
    looks = {look.source: look for look in pomost.store.looks.all()}
    table = Table(*texts["columns"])
    for entry in pomost.config.catalogue:
        number = pomost.store.products.catalogue_id(entry.name)
        products, known = pomost.store.products.counts(number)
        count = pomost.store.figures.count(number, "stock")
        look = looks.get(f"{entry.name}.catalogue"[:40])
        figures = (count["all"], count["unsent"], count["problem"])
        seen = (moment(look.looked_at) if look and look.looked_at else "-", look.note if look else "")
        table.add_row(entry.name, *(str(one) for one in (products, known, *figures, *seen)))
        for product_id, item, place, why in pomost.store.figures.problems(number, "stock", 20):
            table.add_row("", product_id, item, place, "", "", "", why)
    if pomost.config.catalogue:
        console.print(table)
    else:
        console.print(texts["none"], markup=False)
    pomost.close()


@stock_app.command()
def push(
    sku: Annotated[str, typer.Option(help="Only this item of the ERP.")] = "",
    catalogue: Chosen = "",
    path: ConfigPath = DEFAULT,
) -> None:
    """Reckons the stock anew and sends it now, whatever was sent before. Harmless beside a running Pomost."""
    pomost = assemble(load_config(path))
    texts = TEXTS[pomost.config.language]
    for watcher, line in _lines(pomost, catalogue):
        watcher.prepared().linker.link()
        if sku:
            line.decider.decide([sku])
        else:
            for _ in line.decider.take_all():
                pass
        done = line.sender.send()
        console.print(
            str(texts["pushed"]).format(
                name=watcher.catalogue, products=done.products, calls=done.calls, problems=done.problems
            ),
            markup=False,
        )
    pomost.close()


@stock_app.command()
def compare(catalogue: Chosen = "", path: ConfigPath = DEFAULT) -> None:
    """Reads what the channels show and names what differs; a running Pomost puts it right."""
    pomost = assemble(load_config(path))
    texts = TEXTS[pomost.config.language]
    for watcher, line in _lines(pomost, catalogue):
        found = line.comparer.compare()
        drifts = sorted((*found.corrected, *found.suspects), key=lambda one: one.item)
        console.print(
            str(texts["compared"]).format(name=watcher.catalogue, products=found.products, count=len(drifts)),
            markup=False,
        )
        if drifts:
            console.print(_drift_table(drifts, texts["drift"]))
            console.print(texts["higher"], markup=False)
    pomost.close()


@stock_app.command()
def show(sku: str, catalogue: Chosen = "", path: ConfigPath = DEFAULT) -> None:
    """One item everywhere: what each channel shows, what it should show, and how that came about."""
    pomost = assemble(load_config(path))
    texts = TEXTS[pomost.config.language]
    for watcher, line in _lines(pomost, catalogue):
        offer = watcher.prepared().offer
        products = pomost.store.products.find(offer.id, sku)
        if not products:
            watcher.prepared().linker.link()
            products = pomost.store.products.find(offer.id, sku)
        if not products:
            console.print(str(texts["unknown"]).format(name=watcher.catalogue, sku=sku), markup=False)
        shown = {
            one.id: one for one in offer.channel.read(offer.catalogue, [one.product_id for one in products])
        }
        assert isinstance(line.maker, StockMaker)
        for product in products:
            own = shown.get(product.product_id)
            _show(pomost, watcher, line.maker, product, dict(own.stock) if own else {})
    pomost.close()


def _show(
    pomost: Pomost,
    watcher: CatalogueWatcher,
    maker: StockMaker,
    product: ProductLine,
    shown: dict[str, Decimal],
) -> None:
    texts = TEXTS[pomost.config.language]
    offer = watcher.prepared().offer
    head = f"{watcher.catalogue}: {product.product_id}  {product.sku}  {product.name}"
    console.print(head, markup=False, style="bold")
    if not product.item:
        why = str(texts["unlinked"]).format(company=offer.company, sku=product.sku)
        console.print(f"  {product.problem or why}", markup=False)
        return
    figures = {one.place: one for one in pomost.store.figures.of_product(product.id) if one.what == "stock"}
    reckoned = maker.reckon([product.item]).get(product.item)
    if reckoned is None:
        console.print(f"  {texts['service']}", markup=False)
        return
    for place, one in reckoned.items():
        console.print(f"  {place}: {one.figure}", markup=False, style="bold")
        for text in _why(texts, one, offer.stock[place], figures.get(place), shown.get(place)):
            console.print(f"    {text}", markup=False)


def _why(
    texts: Mapping[str, object],
    one: Reckoning,
    rule: StockRule,
    figure: FigureLine | None,
    now: Decimal | None,
) -> list[str]:
    def text(key: str, **facts: object) -> str:
        return str(texts[key]).format(**facts)

    free = one.stock - one.reserved - one.pending
    sums = {"stock": one.stock, "reserved": one.reserved, "pending": one.pending, "free": free}
    found = [
        text(
            "formula",
            **{name: f"{number:.4g}" if number % 1 else f"{number:f}" for name, number in sums.items()},
        )
    ]
    if one.limited_by:
        found.append(text("limited", part=one.limited_by))
    rules = (("buffer", rule.buffer, 0), ("share", rule.share, 100), ("minimum", rule.minimum, 0))
    found += [text(key, number=number) for key, number, usual in rules if number != usual]
    if rule.maximum is not None:
        found.append(text("maximum", number=rule.maximum))
    if figure is None or figure.sent is None:
        found.append(text("never"))
    else:
        found.append(text("sent", sent=figure.sent, moment=moment(figure.sent_at or 0.0)))
    if figure is not None and figure.version > figure.done:
        found.append(text("unsent"))
    if figure is not None and figure.problem:
        found.append(figure.problem)
    if figure is not None and figure.seen is not None and figure.seen_at is not None:
        found.append(text("seen", seen=figure.seen, moment=moment(figure.seen_at)))
    if now is not None:
        found.append(text("now", now=now))
    return found


def _lines(pomost: Pomost, name: str) -> list[tuple[CatalogueWatcher, Line]]:
    found = [
        (watcher, line)
        for watcher in pomost.catalogues
        if name in ("", watcher.catalogue)
        for line in watcher.prepared().lines
        if line.what == "stock"
    ]
    if not found:
        console.print(TEXTS[pomost.config.language]["none"], markup=False)
        pomost.close()
        raise typer.Exit(1)
    return found


def _drift_table(drifts: list[Drift], columns: object) -> Table:
    assert isinstance(columns, tuple)
    table = Table(*columns)
    for one in drifts:
        table.add_row(one.product_id, one.item, one.place, str(one.wanted), str(one.seen))
    return table
