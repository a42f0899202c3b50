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
from pomost.cli.words import console, failure_text, moment
from pomost.config.load import load_config
from pomost.ports import Failure
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
        "pushed": "{name}: wysłano produktów: {products}, zapytań: {calls}, problemów: {problems}.",
        "no-catalogue": "Żaden katalog z [[catalogue.{what}]] nie nazywa się „{name}”. Są: {names}.",
        "no-item": "{name}: żaden produkt kanału nie jest towarem „{sku}”; nic nie wysłano. Co nim jest: pomost {what} show {sku}",
        "none-known": "{name}: żaden z produktów kanału ({count}) nie jest rozpoznany, więc nie ma czego wysłać. Dodaj kartoteki z tymi samymi SKU: pomost import items",
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
        "no-catalogue": 'No catalogue with [[catalogue.{what}]] is called "{name}". There are: {names}.',
        "no-item": '{name}: no product of the channel is the item "{sku}"; nothing was sent. What it is: pomost {what} show {sku}',
        "none-known": "{name}: none of the channel's {count} products is known, so there is nothing to send. Add cards with the same SKUs: pomost import items",
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
    found = False

    def work(pomost: Pomost, name: str) -> None:
        nonlocal found
        texts = TEXTS[pomost.config.language]
        with shown_progress(texts["pushing"]) as report:
            pushed = push(pomost, what, sku=sku, catalogue=name, report=report)
        number = pomost.store.products.catalogue_id(name)
        if sku and not pomost.store.products.of_items(number, [sku]):
            console.print(texts["no-item"].format(name=name, sku=sku, what=_COMMANDS[what]), markup=False)
            return
        found = True
        for one in pushed:
            facts = {"products": one.products, "calls": one.calls, "problems": one.problems}
            console.print(texts["pushed"].format(name=name, **facts), markup=False)
        listed = pomost.store.products.count(number)
        if listed["all"] and not listed["linked"]:
            console.print(texts["none-known"].format(name=name, count=listed["all"]), markup=False)
        _raise_what_failed(pomost, what, name)

    _in_each(path, what, catalogue, work)
    if sku and not found:
        raise typer.Exit(1)


def compare_figures(path: Path, what: What, catalogue: str) -> None:
    """Reads what the channels show and names what differs."""

    def work(pomost: Pomost, name: str) -> None:
        texts = TEXTS[pomost.config.language]
        with shown_progress(texts["comparing"]) as report:
            compared = compare(pomost, what, catalogue=name, report=report)
        for one in compared:
            facts = {"products": one.products, "count": len(one.drifts)}
            console.print(texts["compared"].format(name=one.catalogue, **facts), markup=False)
            if one.drifts:
                console.print(_drift_table(one.drifts, texts["drift"].split("|")))
                console.print(texts["higher"], markup=False)

    _in_each(path, what, catalogue, work)


def show_product(
    path: Path, what: What, sku: str, catalogue: str, explain: Explain, reason: Reason = _as_it_is
) -> None:
    """One item in every catalogue: what it shall show, why, what was sent, what the channel shows now."""

    def work(pomost: Pomost, name: str) -> None:
        language = pomost.config.language
        texts = TEXTS[language]
        for watcher, line in lines_of(pomost, what, name):
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

    _in_each(path, what, catalogue, work)


_COMMANDS: Mapping[What, str] = {"stock": "stock", "price": "prices"}


def _in_each(path: Path, what: What, name: str, work: Callable[[Pomost, str], None]) -> None:
    """Does it for each catalogue (``name``: for this one) that has such figures. A channel that fails does not keep the
    others from theirs: what it said is told, and the command ends with 2."""
    pomost = assemble(load_config(path))
    language = pomost.config.language
    failed = False
    try:
        there = [one.name for one in pomost.config.catalogue if getattr(one, what)]
        if not there:
            console.print(TEXTS[language]["none"].format(what=what), markup=False)
            raise typer.Exit(1)
        if name and name not in there:
            facts = {"what": what, "name": name, "names": ", ".join(there)}
            console.print(TEXTS[language]["no-catalogue"].format(**facts), markup=False)
            raise typer.Exit(1)
        for one in [name] if name else there:
            try:
                work(pomost, one)
            except Failure as failure:
                failed = True
                text = f"{one}: {failure_text(language, failure)}"
                console.print(text, style="red", markup=False, highlight=False, soft_wrap=True)
    finally:
        pomost.close()
    if failed:
        raise typer.Exit(2)


def _raise_what_failed(pomost: Pomost, what: What, name: str) -> None:
    """Raises why prices were left out, such as a bank that does not answer."""
    for _, line in lines_of(pomost, what, name):
        if line.maker.failed is not None:
            raise line.maker.failed


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
