"""What `pomost stock` and `pomost prices` have in common: state, push, compare, and finding a product."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from pomost.bootstrap import Pomost, assemble
from pomost.cli.bars import shown_progress
from pomost.cli.words import console, moment
from pomost.config.load import load_config
from pomost.engine.catalogue import CatalogueWatcher, Line
from pomost.showing.acting import compare, push
from pomost.showing.looking import Explain, find_products, lines_of, look_at
from pomost.store.figures import Drift, FigureLine, What
from pomost.words import one_text

ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
Chosen = Annotated[str, typer.Option("--catalogue", help="Only this catalogue of the configuration.")]
DEFAULT = Path("pomost.toml")
MOST_CARRIED = 1_000

TEXTS: Mapping[str, Mapping[str, str]] = {
    "pl": {
        "none": "W konfiguracji nie ma [[catalogue]] z [[catalogue.{what}]].",
        "columns": "katalog|produkty|rozpoznane|liczby|niewysłane|z problemem|w wariantach|ostatnio|uwaga",
        "carried": "stan jest w wariantach produktu; nie jest wysyłany, nie trzeba nic robić",
        "pushed": "{name}: wysłano {products} produktów w {calls} zapytaniach, problemów: {problems}.",
        "compared": "{name}: porównano {products} produktów, różnych: {count}.",
        "pushing": "wysyłam", "comparing": "porównuję",
        "drift": "produkt|towar|miejsce|powinno być|jest",
        "higher": "Stan zawyżony i każda cena zostaną wysłane ponownie zaraz, stan zaniżony po sprawdzeniu, czy nie przyszło zamówienie.",
        "unknown": "{name}: żaden produkt nie ma SKU, EAN ani id „{sku}”. Nowe produkty kanału pokażą się po listowaniu.",
        "unlinked": "nierozpoznany: firma {company} nie ma kartoteki {sku}",
        "sent": "wysłano {sent} ({moment})", "unsent": "jeszcze niewysłane", "never": "nigdy nie wysłano",
        "seen": "kanał pokazywał {seen} ({moment})", "now": "kanał pokazuje teraz {now}",
    },
    "en": {
        "none": "The configuration has no [[catalogue]] with [[catalogue.{what}]].",
        "columns": "catalogue|products|known|figures|unsent|with a problem|in variants|last|note",
        "carried": "carried by its variants: none is sent, nothing is to be done",
        "pushed": "{name}: {products} products sent in {calls} calls, problems: {problems}.",
        "compared": "{name}: {products} products compared, different: {count}.",
        "pushing": "sending", "comparing": "comparing",
        "drift": "product|item|place|should be|is",
        "higher": "Stock that is too high and prices are sent again at once, stock that is too low after a look whether an order came.",
        "unknown": '{name}: no product has the SKU, EAN or id "{sku}". New products of the channel appear once they are listed.',
        "unlinked": "not known: company {company} has no card {sku}",
        "sent": "sent {sent} ({moment})", "unsent": "not sent yet", "never": "never sent",
        "seen": "the channel showed {seen} ({moment})", "now": "the channel shows {now} now",
    },
}  # fmt: skip


Reason = Callable[[str, str], str]
"""Puts a problem as it is kept into words of the language."""


def _as_it_is(language: str, problem: str) -> str:
    return one_text(language, problem)


def print_state(path: Path, what: What, reason: Reason = _as_it_is, *, carried: bool = False) -> None:
    """How many figures there are, are not sent yet, were not taken, are those of variants (``carried``: which); without a call."""
    pomost = assemble(load_config(path))
    texts = TEXTS[pomost.config.language]
    looks = {look.source: look for look in pomost.store.looks.all()}
    table = Table(*texts["columns"].split("|"))
    asked = [one for one in pomost.config.catalogue if getattr(one, what)]
    for entry in asked:
        number = pomost.store.products.catalogue_id(entry.name)
        listed = pomost.store.products.count(number)
        count = pomost.store.figures.count(number, what)
        look = looks.get(f"{entry.name}.catalogue"[:40])
        figures = (count["all"], count["unsent"], count["problem"], count["carried"])
        note = one_text(pomost.config.language, look.note) if look else ""
        seen = (moment(look.looked_at) if look and look.looked_at else "-", note)
        table.add_row(entry.name, *(str(one) for one in (listed["all"], listed["linked"], *figures, *seen)))
        for product_id, item, place, why in pomost.store.figures.problems(number, what, 20):
            table.add_row("", product_id, item, place, "", "", "", "", reason(pomost.config.language, why))
        for product_id, item, place in pomost.store.carried.products(number, MOST_CARRIED) if carried else ():
            table.add_row("", product_id, item, place, "", "", "", "", texts["carried"])
    if asked:
        console.print(table)
    else:
        console.print(texts["none"].format(what=what), markup=False)
    pomost.close()


def push_figures(path: Path, what: What, sku: str, catalogue: str) -> None:
    """Reckons anew and sends now, whatever was sent before."""
    pomost = assemble(load_config(path))
    texts = TEXTS[pomost.config.language]
    _ask_for_lines(pomost, what, catalogue)
    with shown_progress(texts["pushing"]) as report:
        pushed = push(pomost, what, sku=sku, catalogue=catalogue, report=report)
    for one in pushed:
        facts = {"products": one.products, "calls": one.calls, "problems": one.problems}
        console.print(texts["pushed"].format(name=one.catalogue, **facts), markup=False)
    pomost.close()


def compare_figures(path: Path, what: What, catalogue: str) -> None:
    """Reads what the channels show and names what differs."""
    pomost = assemble(load_config(path))
    texts = TEXTS[pomost.config.language]
    _ask_for_lines(pomost, what, catalogue)
    with shown_progress(texts["comparing"]) as report:
        compared = compare(pomost, what, catalogue=catalogue, report=report)
    for one in compared:
        facts = {"products": one.products, "count": len(one.drifts)}
        console.print(texts["compared"].format(name=one.catalogue, **facts), markup=False)
        if one.drifts:
            console.print(_drift_table(one.drifts, texts["drift"].split("|")))
            console.print(texts["higher"], markup=False)
    pomost.close()


def show_product(
    path: Path, what: What, sku: str, catalogue: str, explain: Explain, reason: Reason = _as_it_is
) -> None:
    """One item in every catalogue: what it shall show, why, what was sent, what the channel shows now."""
    pomost = assemble(load_config(path))
    language = pomost.config.language
    texts = TEXTS[language]
    for watcher, line in _ask_for_lines(pomost, what, catalogue):
        products = find_products(pomost, watcher, sku)
        if not products:
            console.print(texts["unknown"].format(name=watcher.catalogue, sku=sku), markup=False)
        for view in look_at(pomost, watcher, line, products, explain, language, ask=True):
            product = view.product
            head = f"{watcher.catalogue}: {product.product_id}  {product.sku}  {product.name}"
            console.print(head, markup=False, style="bold")
            if not product.item:
                company = watcher.prepared().offer.company
                why = texts["unlinked"].format(company=company, sku=product.sku)
                console.print(f"  {product.problem or why}", markup=False)
                continue
            for place in view.places:
                one = place.explained
                console.print(f"  {one.place}: {one.figure}", markup=False, style="bold")
                for text in (*one.why, *_sent(texts, place.state, place.now)):
                    console.print(f"    {reason(language, text)}", markup=False)
    pomost.close()


def _ask_for_lines(pomost: Pomost, what: What, name: str) -> list[tuple[CatalogueWatcher, Line]]:
    """The catalogues with such figures; ends the command where there are none."""
    found = lines_of(pomost, what, name)
    if not found:
        console.print(TEXTS[pomost.config.language]["none"].format(what=what), markup=False)
        pomost.close()
        raise typer.Exit(1)
    return found


def _sent(texts: Mapping[str, str], figure: FigureLine | None, now: Decimal | None) -> list[str]:
    found = []
    if figure is not None and figure.carried:
        found.append(texts["carried"])
    elif figure is None or figure.sent is None:
        found.append(texts["never"])
    else:
        found.append(texts["sent"].format(sent=figure.sent, moment=moment(figure.sent_at or 0.0)))
    if figure is not None and figure.version > figure.done:
        found.append(texts["unsent"])
    if figure is not None and figure.problem:
        found.append(figure.problem)
    if figure is not None and figure.seen is not None and figure.seen_at is not None:
        found.append(texts["seen"].format(seen=figure.seen, moment=moment(figure.seen_at)))
    if now is not None:
        found.append(texts["now"].format(now=now))
    return found


def _drift_table(drifts: Sequence[Drift], columns: Sequence[str]) -> Table:
    table = Table(*columns)
    for one in drifts:
        table.add_row(one.product_id, one.item, one.place, str(one.wanted), str(one.seen))
    return table


def add_commands(app: typer.Typer, what: What, explain: Explain, reason: Reason = _as_it_is) -> None:
    """The commands that stock and prices have alike: state, push, compare, show."""

    @app.callback(invoke_without_command=True)
    def state(
        context: typer.Context,
        carried: Annotated[
            bool, typer.Option(help="Name main products, too, whose stock is that of their variants.")
        ] = False,
        path: ConfigPath = DEFAULT,
    ) -> None:
        """How many figures there are, are not sent yet, were not taken; works without the channel."""
        if context.invoked_subcommand is None:
            print_state(path, what, reason, carried=carried)

    @app.command()
    def push(
        sku: Annotated[str, typer.Option(help="Only this item of the ERP.")] = "",
        catalogue: Chosen = "",
        path: ConfigPath = DEFAULT,
    ) -> None:
        """Reckons all anew and sends it now, whatever was sent before. Harmless beside a running Pomost."""
        push_figures(path, what, sku, catalogue)

    @app.command()
    def compare(catalogue: Chosen = "", path: ConfigPath = DEFAULT) -> None:
        """Reads what the channels show and names what differs; a running Pomost puts it right."""
        compare_figures(path, what, catalogue)

    @app.command()
    def show(sku: str, catalogue: Chosen = "", path: ConfigPath = DEFAULT) -> None:
        """One item everywhere: what each channel shows, what it should show, and how that came about."""
        show_product(path, what, sku, catalogue, explain, reason)
