"""The catalogues of the configuration, joined with the ERP and the channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pomost.catalogue.deciding import Decider, Pending, StockMaker
from pomost.catalogue.linking import Linker
from pomost.catalogue.offer import Offer
from pomost.catalogue.sending import Sender
from pomost.config.catalogue import Catalogue, CatalogueStock
from pomost.config.model import Config
from pomost.engine.catalogue import CatalogueWatcher, Line, Pace, Prepared
from pomost.flows.catalogue import resolve
from pomost.flows.pending import covered_by_others
from pomost.ports import NeedsPerson
from pomost.ports.catalogue import CatalogueChannel, CatalogueErp, Shelves
from pomost.store.store import Store
from pomost.trade.availability import Place, StockRule


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
    places = _places(config, entry, asked)
    flows = {flow.name: resolve(flow) for flow in config.flow}
    linked = {owner for owner, _ in places}
    covered = frozenset(owner for owner in linked if covered_by_others(flows, owner) & linked)
    return StockRule(
        tuple(places), asked.buffer, asked.share, asked.minimum, asked.maximum, asked.pack, covered
    )


def check_places(config: Config) -> list[tuple[str, NeedsPerson]]:
    """Warehouses of the ERP that catalogues name and that the configuration does not have, each with its place there."""
    found: list[tuple[str, NeedsPerson]] = []
    for number, entry in enumerate(config.catalogue, start=1):
        for asked in entry.stock:
            try:
                _places(config, entry, asked)
            except NeedsPerson as failure:
                found.append((f"catalogue[{number}].stock.warehouses", failure))
    return found


def _places(config: Config, entry: Catalogue, asked: CatalogueStock) -> list[Place]:
    """Company and warehouse of each warehouse that counts. Raises NeedsPerson ``catalogue.unknown-place``."""
    company = entry.company or config.company[0].code
    known = warehouses_of(config)
    places: list[Place] = []
    for text in asked.warehouses or known.get(company, ()):
        first, _, second = text.partition(":")
        owner, warehouse = (first, second) if second else (company, first)
        if warehouse not in known.get(owner, ()):
            names = ", ".join(f"{one}:{code}" for one, codes in known.items() for code in codes)
            raise NeedsPerson(
                "catalogue.unknown-place",
                f'Catalogue "{entry.name}": there is no warehouse "{warehouse}" of a company "{owner}".',
                f"Warehouses of the ERP: {names}.",
                name=entry.name,
                company=owner,
                warehouse=warehouse,
                names=names,
            )
        places.append((owner, warehouse))
    return list(dict.fromkeys(places))


def warehouses_of(config: Config) -> dict[str, list[str]]:
    """Company -> the codes of its warehouses."""
    return {
        company.code: [one.code for one in config.ledger.warehouses if one.company == company.code] or ["MAG"]
        for company in config.company
    }


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
