"""``pomost items change``: one change to many item cards of the ledger, shown first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, cast

import typer
from rich.markup import escape
from rich.table import Table

from pomost.bootstrap import assemble
from pomost.bulk import Attribute, Field, Outcome, Preview, apply, asking, preview, skus_in_file
from pomost.bulk.changing import ACTIVE, POINTS, STATUS, Change
from pomost.cli.importing import CompanyCode, which_company
from pomost.cli.words import console
from pomost.config.load import load_config
from pomost.ledger.bulk import Selection
from pomost.trade.pricing import Direction
from pomost.words import in_language

TEXTS: Mapping[str, Mapping[str, str]] = {
    "pl": {
        "chosen": "Wybrane towary: {count}, bez zmian: {same}", "changes": "Zmiany: {count}",
        "sku": "SKU", "name": "nazwa", "field": "pole", "before": "jest", "after": "będzie",
        "problems": "Nie można: {count}", "wrong": "co jest nie tak", "advice": "co zrobić", "more": "… i jeszcze {count}",
        "nothing": "Nic nie zapisano. Aby zapisać dokładnie to: --apply --only-if {mark}",
        "refused": "Nic nie zapisano, bo nie wszystko da się zmienić.",
        "impossible": "Nic nie zapisano; --apply nic nie zapisze, dopóki jest coś, czego nie można. Popraw to albo wybierz inne towary.",
        "written": "Zapisano zmian: {count}.",
    },
    "en": {
        "chosen": "Items chosen: {count}, unchanged: {same}", "changes": "Changes: {count}",
        "sku": "SKU", "name": "name", "field": "field", "before": "is", "after": "will be",
        "problems": "Impossible: {count}", "wrong": "what is wrong", "advice": "what to do", "more": "… and {count} more",
        "nothing": "Nothing is written. To write exactly this: --apply --only-if {mark}",
        "refused": "Nothing is written, since not all of it can be changed.",
        "impossible": "Nothing is written; --apply writes nothing either while something is impossible. Put it right or choose other items.",
        "written": "Changes written: {count}.",
    },
}  # fmt: skip

ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]


def change(
    skus: Annotated[Path | None, typer.Option("--skus", help="Choose: the SKUs in this file (.xlsx, .csv, .txt).")] = None,
    sku: Annotated[list[str] | None, typer.Option("--sku", help="Choose: this item; may be said several times.")] = None,
    name: Annotated[str, typer.Option(help="Choose: this is a part of the name.")] = "",
    group: Annotated[str, typer.Option(help="Choose: this group (a path, A/B) and those below.")] = "",
    brand: Annotated[str, typer.Option(help="Choose: this brand.")] = "",
    kind: Annotated[str, typer.Option(help="Choose: goods, service or compound.")] = "",
    having: Annotated[str, typer.Option("--with", help="Choose: this attribute, NAME=VALUE.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Choose: all items.")] = False,
    vat: Annotated[str | None, typer.Option("--set-vat", help="Change: the VAT rate.")] = None,
    set_brand: Annotated[str | None, typer.Option("--set-brand", help="Change: the brand; empty takes it off.")] = None,
    set_group: Annotated[str | None, typer.Option("--set-group", help="Change: the group, as a path A/B; empty takes it off.")] = None,
    unit: Annotated[str | None, typer.Option("--set-unit", help="Change: the unit.")] = None,
    parent: Annotated[str | None, typer.Option("--set-main", help="Change: the SKU of the main item of which they are variants; empty takes it off.")] = None,
    attribute: Annotated[list[str] | None, typer.Option("--set-attribute", help="Change: NAME=VALUE; an empty value takes it off. May be said several times.")] = None,
    status: Annotated[str | None, typer.Option("--set-status", help=f'Change: the attribute "{STATUS}".')] = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help=f'Change: the attribute "{ACTIVE}" (tak, nie).')] = None,
    points: Annotated[str | None, typer.Option("--set-points", help=f'Change: the attribute "{POINTS}".')] = None,
    level: Annotated[str, typer.Option("--price-level", help="Change: the prices at this level, by the following.")] = "",
    source: Annotated[str, typer.Option("--from-level", help="Reckon from this level; empty: from its own prices.")] = "",
    percent: Annotated[str, typer.Option(help="So many percent more; -10 is 10 less.")] = "0",
    addition: Annotated[str, typer.Option(help="And so much more, in the price's currency.")] = "0",
    ending: Annotated[str, typer.Option(help="Prices end so: 0.99; empty: to the grosz.")] = "",
    ending_step: Annotated[str, typer.Option(help="With 10 and the ending 9.99: 9.99, 19.99 ...")] = "1",
    ending_to: Annotated[Direction, typer.Option(help="To the nearest ending, up or down.")] = "nearest",
    apply_it: Annotated[bool, typer.Option("--apply", help="Write it; nothing at all when it can't be done for one.")] = False,
    only_if: Annotated[str, typer.Option(help="With --apply: only what the preview with this mark showed.")] = "",
    limit: Annotated[int, typer.Option(help="Rows shown at most.")] = 20,
    company: CompanyCode = "",
    path: ConfigPath = Path("pomost.toml"),
) -> None:  # fmt: skip
    """Change VAT, brand, group, attributes, status, points or prices of many items at once: a preview, then --apply."""
    chosen: dict[str, None] = dict.fromkeys(sku or ())
    if skus is not None:
        chosen.update(dict.fromkeys(skus_in_file(skus)))
    selection = Selection(
        tuple(chosen) if sku or skus is not None else None, name, group.strip("/"), brand, kind,
        _pair(having) if having else None, everything,
    )  # fmt: skip
    fields = {"vat": vat, "manufacturer": set_brand, "category": set_group, "unit": unit, "parent": parent}
    changes: list[Change] = [
        Field(cast(Literal["vat", "manufacturer", "category", "unit", "parent"], key), value)
        for key, value in fields.items()
        if value is not None
    ]
    changes += (Attribute(*_pair(one)) for one in attribute or ())
    changes += _flags(status, active, points)
    if prices := asking.price_step(level, source, percent, addition, ending, ending_step, ending_to):
        changes.append(prices)
    pomost = assemble(load_config(path))
    try:
        owner, language = which_company(pomost, company), pomost.config.language
        if apply_it:
            outcome = apply(pomost.ledger, owner, selection, changes, only_if=only_if)
        else:
            outcome = Outcome(preview(pomost.ledger, owner, selection, changes), False)
    finally:
        pomost.close()
    _print(outcome, language, limit, apply_it)
    if outcome.preview.problems:
        raise typer.Exit(1)


def _flags(status: str | None, active: bool | None, points: str | None) -> Iterator[Attribute]:
    if status is not None:
        yield asking.status(status)
    if active is not None:
        yield asking.active(active)
    if points is not None:
        yield asking.points(points)


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value.strip()


def _print(outcome: Outcome, language: str, limit: int, apply_it: bool) -> None:
    texts, seen = TEXTS[language], outcome.preview
    console.print(texts["chosen"].format(count=seen.chosen, same=seen.same), markup=False, style="bold")
    console.print(texts["changes"].format(count=len(seen.lines)), markup=False, style="bold")
    if seen.lines:
        table = Table(*(texts[one] for one in ("sku", "name", "field", "before", "after")))
        for line in seen.lines[:limit]:
            table.add_row(
                *(escape(one) for one in (line.sku, line.name, line.field, line.before, line.after))
            )
        console.print(table)
        _print_rest(len(seen.lines) - limit, texts)
    _print_problems(seen, language, limit)
    if outcome.written:
        text = texts["written"].format(count=len(seen.lines))
    elif apply_it:
        text = texts["refused"]
    else:
        text = texts["impossible"] if seen.problems else texts["nothing"].format(mark=seen.mark)
    console.print(text, markup=False, soft_wrap=True)


def _print_problems(seen: Preview, language: str, limit: int) -> None:
    if not seen.problems:
        return
    texts = TEXTS[language]
    console.print(texts["problems"].format(count=len(seen.problems)), markup=False, style="bold red")
    table = Table(texts["sku"], texts["wrong"], texts["advice"])
    for one in seen.problems[:limit]:
        text, advice = in_language(language, one.code, one.text, one.advice)
        table.add_row(escape(one.sku or "-"), escape(text), escape(advice))
    console.print(table)
    _print_rest(len(seen.problems) - limit, texts)


def _print_rest(count: int, texts: Mapping[str, str]) -> None:
    if count > 0:
        console.print(texts["more"].format(count=count), markup=False)
