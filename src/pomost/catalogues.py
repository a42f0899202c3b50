"""The catalogues of the configuration, joined with the ERP and the channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from pomost.catalogue.deciding import Decider, Pending, StockMaker
from pomost.catalogue.linking import Linker
from pomost.catalogue.offer import Offer
from pomost.catalogue.sending import Sender
from pomost.config.catalogue import Catalogue, CatalogueStock
from pomost.config.model import Config
from pomost.engine.catalogue import CatalogueWatcher, Line, Pace, Prepared
from pomost.ports import NeedsPerson
from pomost.ports.catalogue import CatalogueChannel, CatalogueErp, Shelves
from pomost.store.store import Store
from pomost.trade.availability import StockRule


def catalogue_watchers(
    config: Config,
    store: Store,
    erp: CatalogueErp,
    channels: Mapping[str, CatalogueChannel],
    pending: Pending,
    owner: str,
    now: Callable[[], float],
    at: Callable[[str], None],
) -> list[CatalogueWatcher]:
    """One for each catalogue of the configuration. Raises NeedsPerson ``catalogue.unknown-channel``."""
    return [
        CatalogueWatcher(
            store,
            entry.name,
            preparing(config, entry, store, erp, channels, pending, now, at),
            owner,
            now,
            Pace(entry.every_s, entry.debounce_s, entry.list_s, entry.compare_s),
        )
        for entry in config.catalogue
    ]


def preparing(
    config: Config,
    entry: Catalogue,
    store: Store,
    erp: CatalogueErp,
    channels: Mapping[str, CatalogueChannel],
    pending: Pending,
    now: Callable[[], float],
    at: Callable[[str], None] = lambda point: None,
) -> Callable[[], Prepared]:
    """What asks the channel for its warehouses and gives the parts that keep a catalogue up to date."""
    if entry.channel not in channels:
        raise NeedsPerson(
            "catalogue.unknown-channel",
            f'Catalogue "{entry.name}": there is no connection "{entry.channel}".',
            f"Connections with a catalogue: {', '.join(channels)}.",
            name=entry.name,
            channel=entry.channel,
            names=", ".join(channels),
        )
    channel = channels[entry.channel]

    def prepare() -> Prepared:
        shelves = channel.shelves(entry.inventory)
        offer = Offer(
            id=store.products.catalogue_id(entry.name),
            name=entry.name,
            company=entry.company or config.company[0].code,
            erp=erp,
            channel=channel,
            catalogue=shelves.id,
            match=entry.match,
            stock=_stock_rules(config, entry, shelves),
        )
        lines = []
        if offer.stock:
            maker = StockMaker(offer, pending)
            decider = Decider(store, offer, maker, now)
            lines.append(Line("stock", maker.companies, decider, Sender(store, offer, "stock", now, at)))
        linker = Linker(store, offer, [line.decider for line in lines], now)
        return Prepared(offer, lines, linker, store.pending.sweep)

    return prepare


def _stock_rules(config: Config, entry: Catalogue, shelves: Shelves) -> dict[str, StockRule]:
    """Warehouse key of the channel -> its rule."""
    return {_warehouse(entry, asked, shelves): _stock_rule(config, entry, asked) for asked in entry.stock}


def _stock_rule(config: Config, entry: Catalogue, asked: CatalogueStock) -> StockRule:
    company = entry.company or config.company[0].code
    own = [one.code for one in config.ledger.warehouses if one.company == company] or ["MAG"]
    places = []
    for text in asked.warehouses or own:
        first, _, second = text.partition(":")
        places.append((first, second) if second else (company, first))
    return StockRule(tuple(places), asked.buffer, asked.share, asked.minimum, asked.maximum, pack=Decimal(1))


def _warehouse(entry: Catalogue, asked: CatalogueStock, shelves: Shelves) -> str:
    if not asked.to and shelves.warehouses:
        return next(iter(shelves.warehouses))
    found = [key for key, name in shelves.warehouses.items() if asked.to in (key, name)]
    if len(found) != 1:
        names = ", ".join(f"{name} ({key})" for key, name in shelves.warehouses.items())
        raise NeedsPerson(
            "catalogue.unknown-warehouse",
            f'Catalogue "{entry.name}": "{shelves.name}" has not exactly one warehouse "{asked.to}".',
            f"Write the id of one of these: {names}.",
            name=entry.name,
            inventory=shelves.name,
            warehouse=asked.to,
            names=names,
        )
    return found[0]
