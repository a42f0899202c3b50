"""The catalogues of the configuration, joined with the ERP and the channels."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

from pomost.catalogue.cards import CardKeeper, Owners
from pomost.catalogue.comparing import Comparer
from pomost.catalogue.deciding import Decider, Maker, Pending, StockMaker
from pomost.catalogue.linking import Linker
from pomost.catalogue.offer import Offer
from pomost.catalogue.ownership import wrong_cards
from pomost.catalogue.pricing import PriceMaker
from pomost.catalogue.sending import Sender
from pomost.config.catalogue import Catalogue, CataloguePrice, CatalogueStock
from pomost.config.load import Problem
from pomost.config.model import Config
from pomost.engine.catalogue import CatalogueWatcher, Line, Pace, Prepared
from pomost.flows.catalogue import resolve
from pomost.flows.pending import covered_by_others
from pomost.ports import Failure, NeedsPerson, RateSource
from pomost.ports.catalogue import CardRules, CatalogueChannel, CatalogueErp, PriceGroup, Shelves
from pomost.store.store import Store
from pomost.trade.availability import Place, StockRule
from pomost.trade.money import MINOR_UNITS
from pomost.trade.pricing import Ending, PriceRule, Promotion


def catalogue_watchers(
    config: Config,
    store: Store,
    erp: CatalogueErp,
    channels: Mapping[str, CatalogueChannel],
    pending: Pending,
    rates: RateSource,
    today: Callable[[], date],
    owner: str,
    now: Callable[[], float],
    at: Callable[[str], None],
) -> list[CatalogueWatcher]:
    """One for each catalogue of the configuration. Raises NeedsPerson for what can't work."""
    for wrong in wrong_cards(config):
        raise wrong
    return [
        CatalogueWatcher(
            store,
            entry.name,
            preparing(config, entry, store, erp, channels, pending, rates, today, now, at),
            owner,
            config.engine.lease_s,
            now,
            Pace(
                entry.every_s, entry.debounce_s, entry.list_s, entry.compare_s, entry.confirm_s, entry.retry_s
            ),
        )
        for entry in config.catalogue
    ]


def wrong_catalogues(config: Config) -> list[Problem]:
    """What is wrong in the catalogues of a configuration, seen without asking the channels."""
    channels = {account.name for account in config.accounts}
    companies = {company.code for company in config.company}
    found: list[Problem] = []
    names = [entry.name for entry in config.catalogue]
    for place, entry in enumerate(config.catalogue):
        where = f"catalogue[{place + 1}]"
        name, source, company = entry.name, entry.channel, entry.company
        if names.index(name) != place:
            found.append(
                Problem(
                    "config.same-catalogue",
                    f"{where}.name",
                    0,
                    f'there is another catalogue "{name}"',
                    "Give each one a name of its own.",
                )
            )
        if source not in channels:
            found.append(
                Problem(
                    "config.unknown-source",
                    f"{where}.channel",
                    0,
                    f'there is no connection "{source}"',
                    f"Connections: {', '.join(sorted(channels))}.",
                )
            )
        if company and company not in companies:
            found.append(
                Problem(
                    "config.unknown-company",
                    f"{where}.company",
                    0,
                    f'there is no company "{company}"',
                    f"Companies: {', '.join(sorted(companies))}.",
                )
            )
    return found


def doubtful_catalogues(config: Config) -> list[Problem]:
    """Catalogues that may be meant so and sell too much if they are not: stock is sent to a channel whose orders nobody
    reads."""
    read = {flow.source for flow in config.flow}
    return [
        Problem(
            "catalogue.orders-not-read",
            f"catalogue[{place}].stock",
            0,
            f'stock goes to "{entry.channel}", and no flow reads its orders: what is sold there is never taken off',
            f'Add a [[flow]] with source = "{entry.channel}", unless its orders come through another channel.',
        )
        for place, entry in enumerate(config.catalogue, start=1)
        if entry.stock and entry.channel not in read
    ]


def ask_shelves(config: Config, account: str, channel: CatalogueChannel) -> list[Problem]:
    """Warehouses and price groups that the account's catalogues do not have."""
    found = []
    for place, entry in enumerate(config.catalogue):
        if entry.channel == account:
            try:
                shelves = channel.shelves(entry.inventory)
                _stock_rules(config, entry, shelves)
                price_rules(entry, shelves)
            except Failure as fault:
                where = f"catalogue[{place + 1}]"
                found.append(Problem(fault.code, where, 0, fault.text, fault.advice))
    return found


def preparing(
    config: Config,
    entry: Catalogue,
    store: Store,
    erp: CatalogueErp,
    channels: Mapping[str, CatalogueChannel],
    pending: Pending,
    rates: RateSource,
    today: Callable[[], date],
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
        if entry.price:
            check_levels(entry, erp.price_levels(entry.company or config.company[0].code))
        offer = Offer(
            id=store.products.catalogue_id(entry.name),
            name=entry.name,
            company=entry.company or config.company[0].code,
            erp=erp,
            channel=channel,
            catalogue=shelves.id,
            match=entry.match,
            id_attribute=entry.id_attribute,
            stock=_stock_rules(config, entry, shelves),
            prices=price_rules(entry, shelves),
        )
        makers: list[Maker] = []
        if offer.stock:
            makers.append(StockMaker(offer, pending))
        if offer.prices:
            makers.append(PriceMaker(offer, rates, today, entry.rate_renewed, entry.rate_days_before))
        lines = [
            Line(
                maker.what,
                maker,
                Decider(store, offer, maker, now, at),
                Sender(store, offer, maker.what, now, at),
                Comparer(store, offer, maker.what, now),
            )
            for maker in makers
        ]
        deciders = [line.decider for line in lines]
        making_items = entry.cards is not None and entry.cards.create_items
        return Prepared(
            offer,
            lines,
            Linker(store, offer, deciders, now, making_items, at),
            _cards(entry, store, offer, deciders, now, at),
            store.pending.sweep,
            store.pending.ask_drafts,
        )

    return prepare


def _cards(
    entry: Catalogue,
    store: Store,
    offer: Offer,
    deciders: Sequence[Decider],
    now: Callable[[], float],
    at: Callable[[str], None],
) -> CardKeeper | None:
    asked = entry.cards
    if asked is None:
        return None
    rules = CardRules(
        asked.language,
        asked.make_categories,
        asked.make_manufacturers,
        asked.unit_attribute.strip(),
        asked.move_variants,
        share_attribute=asked.share_attribute.strip(),
    )
    owners = Owners(asked.to_channel, asked.to_erp, asked.create, asked.create_items, rules)
    return CardKeeper(store, offer, owners, deciders, now, entry.compare_s, at)


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


def price_rules(entry: Catalogue, shelves: Shelves) -> dict[str, PriceRule]:
    """Price group of the channel -> its rule."""
    found: dict[str, PriceRule] = {}
    for asked in entry.price:
        group = _price_group(entry, asked, shelves)
        if group.id in found:
            raise NeedsPerson(
                "catalogue.same-price-group",
                f'Catalogue "{entry.name}": the price group "{group.name}" is named twice.',
                "Leave one of the two.",
                name=entry.name,
                group=group.name,
            )
        if group.currency not in MINOR_UNITS:
            raise NeedsPerson(
                "catalogue.price-group-currency",
                f'Catalogue "{entry.name}": the price group "{group.name}" is in the currency "{group.currency}", which '
                "is not one of ISO 4217.",
                "Correct the currency of the group in the channel.",
                name=entry.name,
                group=group.name,
                currency=group.currency,
            )
        ending = None
        if asked.ending is not None:
            ending = Ending(asked.ending, asked.ending_step, asked.ending_to)
        found[group.id] = PriceRule(
            asked.level,
            group.currency,
            asked.percent,
            asked.addition,
            ending,
            asked.floor_level,
            asked.floor_percent,
            tuple(
                Promotion(one.name, one.first, one.last, one.percent, one.level, frozenset(one.skus))
                for one in asked.promotions
            ),
            asked.level_currencies,
        )
    return found


def check_levels(entry: Catalogue, levels: Collection[str]) -> None:
    """Raises NeedsPerson ``catalogue.unknown-price-level``. An ERP that has no prices at all yet may get them later."""
    asked = {
        level
        for one in entry.price
        for level in (one.level, one.floor_level, *(promotion.level for promotion in one.promotions))
        if level
    }
    for level in sorted(asked - set(levels) if levels else ()):
        names = ", ".join(levels)
        raise NeedsPerson(
            "catalogue.unknown-price-level",
            f'Catalogue "{entry.name}": no item has a price at the level "{level}".',
            f"Take one of these: {names}.",
            name=entry.name,
            level=level,
            names=names,
        )


def _price_group(entry: Catalogue, asked: CataloguePrice, shelves: Shelves) -> PriceGroup:
    writable = [one for one in shelves.price_groups if not one.derived]
    if not asked.to and writable:
        return writable[0]
    found = [one for one in writable if asked.to in (one.id, one.name)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{one.name} ({one.id}, {one.currency})" for one in writable)
    derived = [one for one in shelves.price_groups if one.derived and asked.to in (one.id, one.name)]
    if derived:
        raise NeedsPerson(
            "catalogue.derived-price-group",
            f'Catalogue "{entry.name}": the channel computes the prices of "{asked.to}" itself.',
            f"Take one of these: {names}.",
            name=entry.name,
            group=asked.to,
            names=names,
        )
    raise NeedsPerson(
        "catalogue.unknown-price-group",
        f'Catalogue "{entry.name}": "{shelves.name}" has not exactly one price group "{asked.to}".',
        f"Write the id of one of these: {names}.",
        name=entry.name,
        inventory=shelves.name,
        group=asked.to,
        names=names,
    )
