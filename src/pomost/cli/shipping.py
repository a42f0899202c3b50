"""``pomost carriers`` and ``pomost ship``: points, prices, couriers who collect, and another shipment of an order."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pomost import collecting, reshipping
from pomost.bootstrap import Pomost, assemble
from pomost.cli.words import case_table, console, failure_text, tell
from pomost.collecting import Preview
from pomost.config.load import load_config
from pomost.connectors.carriers.collecting import no_points
from pomost.ports.carrier import PickupWindow, Points, Quote
from pomost.quoting import query_of, quotes_for
from pomost.store.pickups import PickupRow
from pomost.store.queries import CaseLine

carriers_app = typer.Typer(
    no_args_is_help=True, help="Carriers: points, prices of an order, couriers who collect parcels."
)
ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
DEFAULT = Path("pomost.toml")
TEXTS: Mapping[str, Mapping[str, str]] = {
    "pl": {
        "points": "kod|rodzaj|adres|opis|pobranie|przyjmuje|odległość",
        "quotes": "przewoźnik|usługa|nazwa|netto|brutto|podana",
        "parcels": "zamówienie|przesyłka|numer|uwaga",
        "yes": "tak", "no": "nie", "unknown": "?",
        "no-points": "Nie ma takich punktów.",
        "no-quotes": "{carrier}: żadna usługa nie ma ceny dla tego zamówienia.",
        "figure": "podana: przewoźnik nie mówi, czy z VAT.",
        "at-a-point": "oddawana w punkcie",
        "called-already": "kurier już zamówiony",
        "not-ready": "nie czeka na kuriera",
        "not-known": "przewoźnik jej nie zna",
        "nothing": "Żadna paczka nie czeka na kuriera.",
        "would": "Kurier „{carrier}” {day} {start}-{end}: paczek {count}, przyjazdów {groups}.",
        "sure-pickup": "Zamówić kuriera?",
        "called": "Zamówiono: wezwanie {number}, u przewoźnika {external}.",
        "left": "Nic nie zamówiono.",
        "settled-yes": "Wezwanie {number}: kurier został zamówiony.",
        "settled-no": "Wezwanie {number}: kuriera nie zamówiono; paczki czekają dalej.",
        "again": "Zamówienie {order}: poprzednia przesyłka {number} ({carrier}, {state}).",
        "collects": "Poprzednia może pobrać pieniądze, więc nowa ich nie pobierze.",
        "sure-again": "Zamówić kolejną przesyłkę?",
        "wished": "Działający Pomost zamówi kolejną przesyłkę zamówienia {order}.",
        "only-again": "Pierwszą przesyłkę zamawia przepływ. Kolejną: --again.",
        "one-of": "Podaj --cancel albo --keep, nie oba.",
    },
    "en": {
        "points": "code|kind|address|about|COD|open|distance",
        "quotes": "carrier|service|name|net|gross|figure",
        "parcels": "order|shipment|number|note",
        "yes": "yes", "no": "no", "unknown": "?",
        "no-points": "There are no such points.",
        "no-quotes": "{carrier}: no service has a price for this order.",
        "figure": "figure: the carrier does not say whether VAT is in it.",
        "at-a-point": "handed over at a point",
        "called-already": "has a courier already",
        "not-ready": "does not wait for a courier",
        "not-known": "the carrier does not know it",
        "nothing": "No parcel waits for a courier.",
        "would": 'Courier of "{carrier}" on {day} {start}-{end}: parcels {count}, visits {groups}.',
        "sure-pickup": "Call the courier?",
        "called": "Called: call {number}, at the carrier {external}.",
        "left": "Nobody was called, nothing was ordered.",
        "settled-yes": "Call {number}: the courier was called.",
        "settled-no": "Call {number}: nobody was called; the parcels go on waiting.",
        "again": "Order {order}: the shipment before is {number} ({carrier}, {state}).",
        "collects": "The one before may collect money, so the new one collects none.",
        "sure-again": "Order another shipment?",
        "wished": "A running Pomost orders another shipment of order {order}.",
        "only-again": "The flow orders the first shipment. Another one: --again.",
        "one-of": "Give --cancel or --keep, not both.",
    },
}  # fmt: skip


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[Pomost, Mapping[str, str]]]:
    pomost = assemble(load_config(path))
    try:
        yield pomost, TEXTS[pomost.config.language]
    finally:
        pomost.close()


@carriers_app.command("points")
def points(
    name: Annotated[str, typer.Argument(help="Connection to the carrier.")],
    query: Annotated[str, typer.Argument(help="Code of a point, a postcode, or a town.")],
    service: Annotated[
        str, typer.Option(help="Service whose points are meant; needed where each has its own (Apaczka).")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=50, help="At most so many.")] = 10,
    path: ConfigPath = DEFAULT,
) -> None:
    """Lockers and points by code, near a postcode, or in a town; the nearest first."""
    with _opened(path) as (pomost, words):
        carrier = pomost.carriers.carrier(name)
        if not isinstance(carrier, Points):
            raise no_points(name, "its API gives none")
        found = carrier.points(query_of(query, service, limit))
        table = _table(words["points"])
        for one in found:
            address = f"{one.address.street}, {one.address.postcode} {one.address.city}"
            cod = "unknown" if one.cod is None else "yes" if one.cod else "no"
            away = "" if one.distance_m is None else f"{one.distance_m} m"
            cells = (
                one.code,
                one.kind,
                address,
                one.name,
                words[cod],
                words["yes" if one.open else "no"],
                away,
            )
            table.add_row(*map(escape, cells))
    console.print(table if found else words["no-points"])
    if not found:
        raise typer.Exit(1)


@carriers_app.command("quote")
def quote(order: str, path: ConfigPath = DEFAULT) -> None:
    """What each service of each carrier would cost for an order. Nothing is ordered."""
    with _opened(path) as (pomost, words):
        found = quotes_for(pomost, _one(pomost, order).id)
        table, figure = _table(words["quotes"]), False
        for said in found:
            for one in said.quotes:
                table.add_row(*map(escape, (said.carrier, one.service, one.name)), *_amounts(one))
                figure = figure or one.charge is not None
        if table.row_count:
            console.print(table)
        if figure:
            _say(words["figure"])
        for said in found:
            if said.failure is not None:
                _say(failure_text(pomost.config.language, said.failure), "yellow")
            elif not said.quotes:
                _say(words["no-quotes"].format(carrier=said.carrier), "yellow")


@carriers_app.command("pickup")
def pickup(
    name: Annotated[str, typer.Argument(help="Connection to the carrier.")],
    day: Annotated[str, typer.Option("--date", help="Day, as 2026-11-30; empty: today.")] = "",
    start: Annotated[str, typer.Option("--from", help="From when parcels wait.")] = collecting.FROM,
    end: Annotated[str, typer.Option("--to", help="Until when they wait.")] = collecting.UNTIL,
    yes: Yes = False,
    path: ConfigPath = DEFAULT,
    who: str = "operator",
) -> None:
    """Calls a courier for the parcels that have a label and wait, without one called before. Shows them first."""
    with _opened(path) as (pomost, words):
        window = collecting.window_of(pomost, day, start, end)
        found = collecting.preview(pomost, name)
        _show(found, words)
        if not found.parcels:
            _say(words["nothing"])
            raise typer.Exit(1)
        _say(_would(found, window, words))
        if not (yes or typer.confirm(words["sure-pickup"])):
            _say(words["left"])
            raise typer.Exit(1)
        only = {one.row.external_id for one in found.parcels}
        for made in collecting.order(pomost, name, window, who, only):
            _say(words["called"].format(number=made.id, external=made.external_id or "-"), "green")


@carriers_app.command("settle-pickup")
def settle_pickup(
    number: Annotated[int, typer.Argument(help="Number of the call.")],
    happened: Annotated[bool, typer.Option("--happened/--did-not-happen", help="What you found there.")],
    path: ConfigPath = DEFAULT,
    who: str = "operator",
) -> None:
    """Decides a call for a courier whose answer was lost: it was made, or it was not."""
    with _opened(path) as (pomost, words):
        row: PickupRow = collecting.settle(pomost, number, happened, who)
        _say(words["settled-yes" if happened else "settled-no"].format(number=row.id))


def ship(
    order: str,
    again: Annotated[
        bool, typer.Option("--again", help="Another shipment after the one that there is.")
    ] = False,
    step: Annotated[str, typer.Option(help="The step of the shipment, where the flow has several.")] = "",
    cancel: Annotated[
        bool, typer.Option("--cancel", help="The shipment before is alive: cancel it first.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="The shipment before is alive: keep it beside the new one.")
    ] = False,
    yes: Yes = False,
    path: ConfigPath = DEFAULT,
    who: str = "operator",
) -> None:
    """Has the flow order another shipment of an order, once; channel and buyer are told of it."""
    with _opened(path) as (pomost, words):
        if not again or (cancel and keep):
            _say(words["one-of" if again else "only-again"], "red")
            raise typer.Exit(2)
        line = _one(pomost, order)
        for one in reshipping.earlier_of(pomost, line.id):
            if step in ("", one.row.step.split("#")[0]):
                facts = {"number": one.number, "carrier": one.row.carrier, "state": one.row.state.value}
                _say(words["again"].format(order=line.number, **facts))
                if one.collects and not cancel:
                    _say(words["collects"], "yellow")
        if not (yes or typer.confirm(words["sure-again"])):
            _say(words["left"])
            raise typer.Exit(1)
        before: reshipping.Before = "cancel" if cancel else "keep" if keep else ""
        reshipping.order_another(pomost, line.id, step, who, before)
        _say(words["wished"].format(order=line.number), "green")


def _one(pomost: Pomost, order: str) -> CaseLine:
    found = pomost.store.queries.find(order)
    if len(found) == 1:
        return found[0]
    tell(pomost.config.language, "several" if found else "unseen", order=order)
    if found:
        console.print(case_table(found, pomost.config.language))
    raise typer.Exit(1)


def _show(found: Preview, words: Mapping[str, str]) -> None:
    table = _table(words["parcels"])
    for one in found.parcels:
        table.add_row(*map(escape, (one.order, one.row.external_id, one.row.tracking)), "")
    for one, why in found.left:
        table.add_row(*map(escape, (one.order, one.row.external_id, one.row.tracking)), words[why])
    if table.row_count:
        console.print(table)


def _would(found: Preview, window: PickupWindow, words: Mapping[str, str]) -> str:
    return words["would"].format(
        carrier=found.carrier,
        day=window.day,
        start=f"{window.start:%H:%M}",
        end=f"{window.end:%H:%M}",
        count=len(found.parcels),
        groups=len(found.groups),
    )


def _amounts(one: Quote) -> tuple[str, str, str]:
    return _amount(one.net, one), _amount(one.gross, one), _amount(one.charge, one)


def _amount(value: Decimal | None, one: Quote) -> str:
    return "" if value is None else f"{value:.2f} {one.currency}"


def _table(columns: str) -> Table:
    table = Table()
    for title in columns.split("|"):
        table.add_column(title, overflow="fold")
    return table


def _say(text: str, style: str = "") -> None:
    console.print(text, style=style or None, markup=False, highlight=False, soft_wrap=True)
