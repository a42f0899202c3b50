"""``pomost items``: item cards on both sides, what would change, and what a person decides."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pomost.bootstrap import Pomost, assemble
from pomost.catalogue.cards import CardKeeper, Difference
from pomost.cli.bars import followed, shown_progress
from pomost.cli.words import console
from pomost.config.load import load_config
from pomost.engine.catalogue import CatalogueWatcher, Prepared
from pomost.ports import NeedsPerson
from pomost.ports.catalogue import CARDS_AT_ONCE
from pomost.showing.acting import make_cards_due
from pomost.showing.cards import as_the_erp_says, ignore_product, link_product, missing_products
from pomost.store.products import ProductLine
from pomost.trade.card import CARD_FIELDS, Change, shown_text, tidy, without_control
from pomost.words import one_text

app = typer.Typer(help="Item cards in the channels: state, preview, push, compare, show, link, ignore.")
ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
Entry = Annotated[str, typer.Option("--catalogue", help="One catalogue of the configuration; empty: all.")]
Sku = Annotated[str, typer.Option("--sku", help="One item only.")]
Limit = Annotated[int, typer.Option(help="Rows shown at most.")]
DEFAULT = Path("pomost.toml")
SHOWN_CHARACTERS = 200


@contextlib.contextmanager
def _catalogues(path: Path, name: str) -> Iterator[tuple[Pomost, list[CatalogueWatcher]]]:
    pomost = assemble(load_config(path))
    try:
        found = [one for one in pomost.catalogues if name in ("", one.catalogue)]
        if not found:
            names = ", ".join(one.catalogue for one in pomost.catalogues) or "-"
            raise NeedsPerson(
                "catalogue.unknown-catalogue",
                f'The configuration has no catalogue "{name}".',
                f"Those that it has: {names}.",
            )
        yield pomost, found
    finally:
        pomost.close()


def _one(pomost: Pomost, found: list[CatalogueWatcher]) -> CatalogueWatcher:
    if len(found) > 1:
        names = ", ".join(one.catalogue for one in found)
        raise NeedsPerson(
            "catalogue.which-catalogue",
            "There are several catalogues; a decision is for one of them.",
            f"Add --catalogue with one of these: {names}.",
        )
    return found[0]


def _listed(pomost: Pomost, watcher: CatalogueWatcher) -> Prepared:
    """The parts of a catalogue, whose products have been listed at least once."""
    prepared = watcher.prepared()
    if not pomost.store.products.count(prepared.offer.id)["all"]:
        prepared.linker.link()
    return prepared


def _keepers(
    pomost: Pomost, found: list[CatalogueWatcher]
) -> Iterator[tuple[CatalogueWatcher, Prepared, CardKeeper]]:
    for watcher in found:
        prepared = _listed(pomost, watcher)
        if prepared.cards is not None:
            yield watcher, prepared, prepared.cards


@app.callback(invoke_without_command=True)
def state(context: typer.Context, path: ConfigPath = DEFAULT, catalogue: Entry = "") -> None:
    """How many products are items, which cards are not sent or not taken, and what is asked."""
    if context.invoked_subcommand is not None:
        return
    with _catalogues(path, catalogue) as (pomost, found):
        store, language = pomost.store, pomost.config.language
        table = Table()
        for title in (
            "catalogue",
            "products",
            "items",
            "cards",
            "unsent",
            "problems",
            "to create",
            "questions",
        ):
            table.add_column(title, justify="left" if title == "catalogue" else "right")
        lists: list[str] = []
        for watcher in found:
            number = store.products.catalogue_id(watcher.catalogue)
            products, cards = store.products.count(number), store.cards.count(number)
            births = store.births.count(number)
            figures = (
                products["all"],
                products["linked"],
                cards["all"],
                cards["unsent"],
                cards["problem"] + births["problem"],
                births["unsent"],
                store.questions.count(number),
            )
            table.add_row(watcher.catalogue, *map(str, figures))
            lists += [
                f"? {one.product_id}: {one_text(language, one.text)}"
                for one in store.questions.open(number, 50)
            ]
            lists += [
                f"! {product} {item}: {one_text(language, why)}"
                for product, item, why in store.cards.problems(number, 50)
            ]
            lists += [
                f"! {item}: {one_text(language, why)}" for item, why in store.births.problems(number, 50)
            ]
        console.print(table)
        for line in lists:
            _say(line)


@app.command()
def preview(path: ConfigPath = DEFAULT, sku: Sku = "", catalogue: Entry = "", limit: Limit = 200) -> None:
    """What would be created and changed, field by field. Nothing is written to either side."""
    with _catalogues(path, catalogue) as (pomost, found):
        table = _changes_table()
        for watcher, prepared, keeper in _keepers(pomost, found):
            for one in _differences(pomost, prepared, keeper, sku):
                if table.row_count >= limit:
                    break
                _add(table, watcher.catalogue, one)
            for item in missing_products(keeper, sku):
                if table.row_count >= limit:
                    break
                what = "create product" if keeper.owners.create else "would create (create = false)"
                cards = prepared.offer.erp.cards(prepared.offer.company, [item])
                name = shown_text(cards[item].name) if item in cards else ""
                table.add_row(watcher.catalogue, "", _cell(item), what, "", _cell(name))
            for line in _foreign(keeper, sku):
                if table.row_count >= limit:
                    break
                what = "create item" if keeper.owners.create_items else "no item (create_items = false)"
                table.add_row(watcher.catalogue, line.product_id, _cell(line.sku), what, "", _cell(line.name))
        _show(table, "Nothing would be created or changed.", limit)


@app.command()
def compare(path: ConfigPath = DEFAULT, sku: Sku = "", catalogue: Entry = "", limit: Limit = 200) -> None:
    """What products and items that are linked say otherwise now. Nothing is written to either side."""
    with _catalogues(path, catalogue) as (pomost, found):
        table = _changes_table()
        for watcher, prepared, keeper in _keepers(pomost, found):
            for one in _differences(pomost, prepared, keeper, sku):
                if table.row_count >= limit:
                    break
                _add(table, watcher.catalogue, one)
        _show(table, "Both sides say the same.", limit)


@app.command()
def push(path: ConfigPath = DEFAULT, sku: Sku = "", catalogue: Entry = "") -> None:
    """Sends cards now, whatever was sent before; a Pomost that is running does it, else this command."""
    with _catalogues(path, catalogue) as (pomost, found):
        for watcher, prepared, _ in _keepers(pomost, found):
            number = prepared.offer.id
            due = make_cards_due(pomost, prepared, sku)
            with (
                shown_progress(watcher.catalogue) as report,
                followed(report, due, partial(pomost.store.shelf.unsent_cards, number)),
            ):
                watcher.look_once()
            left = pomost.store.cards.count(number)
            _say(f"{watcher.catalogue}: {due} due, {left['unsent']} unsent, {left['problem']} with a problem")


@app.command()
def show(sku: str, path: ConfigPath = DEFAULT, catalogue: Entry = "") -> None:
    """One card on both sides, and who owns each field."""
    with _catalogues(path, catalogue) as (pomost, found):
        for watcher in found:
            prepared = _listed(pomost, watcher)
            offer, keeper = prepared.offer, prepared.cards
            card = offer.erp.cards(offer.company, [sku]).get(sku)
            lines = pomost.store.products.find(offer.id, sku)
            ids = [line.product_id for line in lines][:CARDS_AT_ONCE]
            language = keeper.owners.rules.language if keeper else ""
            shown = offer.channel.read_cards(offer.catalogue, ids, language) if ids else {}
            cards = as_the_erp_says(pomost.store, prepared, shown)
            if card is None and not lines:
                _say(f"{watcher.catalogue}: neither the ERP nor the channel has {sku}.")
            table = Table(title=escape(watcher.catalogue))
            for title in ("field", "owner", f"ERP {offer.company}", *(f"product {one}" for one in ids)):
                table.add_column(escape(title))
            for name in ("sku", *CARD_FIELDS):
                owner = ""
                if keeper is not None:
                    owner = "ERP" if name in keeper.owners.to_channel else owner
                    owner = "channel" if name in keeper.owners.to_erp else owner
                sides = [card, *(cards.get(one) for one in ids)]
                values = [shown_text(getattr(tidy(one), name)) if one else "-" for one in sides]
                table.add_row(name, owner or "nobody", *map(_cell, values))
            console.print(table)
            for line in lines:
                linked = f"is item {line.item}" if line.item else "is no item"
                problem = one_text(pomost.config.language, pomost.store.cards.problem_of(line.id))
                _say(f"product {line.product_id} {linked} {problem}".rstrip())


@app.command()
def link(
    product: str, sku: str, path: ConfigPath = DEFAULT, catalogue: Entry = "", who: str = "operator"
) -> None:
    """Decides that a product is this item; it stays so whatever is listed later."""
    with _catalogues(path, catalogue) as (pomost, found):
        watcher = _one(pomost, found)
        prepared = _listed(pomost, watcher)
        link_product(pomost, prepared, product, sku, who)
        _say(f"{product} is item {sku}.")


@app.command()
def ignore(product: str, path: ConfigPath = DEFAULT, catalogue: Entry = "", who: str = "operator") -> None:
    """Decides that a product is left alone: it gets no figures and no card."""
    with _catalogues(path, catalogue) as (pomost, found):
        prepared = _listed(pomost, _one(pomost, found))
        ignore_product(pomost, prepared, product, who)
        _say(f"{product} is left alone.")


def _differences(pomost: Pomost, prepared: Prepared, keeper: CardKeeper, sku: str) -> Iterator[Difference]:
    """Of linked products, those that are not as their owners say."""
    store, offer, after = pomost.store, prepared.offer, 0
    while True:
        if sku:
            lines = [one for one in store.products.find(offer.id, sku) if one.item == sku and one.id > after]
        else:
            lines = store.products.linked(offer.id, after, CARDS_AT_ONCE)
        if not lines:
            return
        after = lines[-1].id
        yield from (one for one in keeper.compared(lines[:CARDS_AT_ONCE]) if one.out or one.back)


def _foreign(keeper: CardKeeper, sku: str) -> Iterator[ProductLine]:
    for some in keeper.creator.products_without_item():
        yield from (line for line in some if sku in ("", line.sku))


def _changes_table() -> Table:
    table = Table()
    for title in ("catalogue", "product", "item", "change", "from", "to"):
        table.add_column(title, overflow="fold")
    return table


def _add(table: Table, name: str, one: Difference) -> None:
    sides: list[tuple[str, list[Change]]] = [("channel", one.out), ("ERP", one.back)]
    for side, changes in sides:
        for change in changes:
            what = f"{change.field} -> {side}"
            table.add_row(
                name,
                one.line.product_id,
                _cell(one.line.item),
                _cell(what),
                _cell(change.before),
                _cell(change.after),
            )


def _show(table: Table, nothing: str, limit: int) -> None:
    if not table.row_count:
        _say(nothing)
        return
    console.print(table)
    if table.row_count >= limit:
        _say(f"Only the first {limit} rows; --limit shows more.")


def _cell(text: str) -> str:
    """A text of the shop, without markup and not longer than a cell."""
    text = without_control(text)
    short = text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
    return escape(short)


def _say(text: str) -> None:
    console.print(without_control(text), markup=False, highlight=False, soft_wrap=True)
