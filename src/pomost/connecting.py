"""What the other systems call things, for choosing on screen; and whether a connection answers at all."""

from __future__ import annotations

from dataclasses import dataclass, field

from pomost import channels
from pomost.bootstrap import Pomost
from pomost.carriers import ask_carriers
from pomost.config.model import Config
from pomost.devices import ask_devices
from pomost.ledger.reading.arranged import arranged
from pomost.ports import Failure, NeedsPerson
from pomost.ports.account import Vocabulary
from pomost.store.lists import Filter

RECENT = 200
"""Orders among which forms of payment and ways of delivery are looked for: channels have no list of them."""


@dataclass(frozen=True, slots=True)
class LedgerLists:
    """What the ledger has: of each company its warehouses and series; ``levels``: price levels of the company asked for."""

    companies: tuple[str, ...]
    warehouses: dict[str, tuple[str, ...]]
    series: dict[str, tuple[str, ...]]
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """How a test of a connection ended. ``found``: what was read, by the name of the list. ``failure``: why it does not work.
    ``unasked``: it could not be asked, because it is not what the running process works with."""

    connection: str
    kind: str
    failure: Failure | None = None
    found: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unasked: bool = False


def kind_of(config: Config, name: str) -> str:
    """Of what kind the connection is: "baselinker", "ledger", "smtp", "posnet", "shipx", "apaczka"; "" where there is none of this name."""
    kinds = {
        "ledger": [config.ledger.name],
        "smtp": [one.name for one in config.smtp],
        "posnet": [one.name for one in config.posnet],
        "shipx": [one.name for one in config.shipx],
        "apaczka": [one.name for one in config.apaczka],
    }
    return channels.kind_of(config, name) or next(
        (kind for kind, names in kinds.items() if name in names), ""
    )


def ask(config: Config, name: str, pomost: Pomost) -> Answer:
    """Asks one connection of ``config``, as it stands in the file: nothing is written, printed or sent there.

    Raises NeedsPerson ``config.unknown-source`` for a name that is none.
    """
    kind = kind_of(config, name)
    try:
        if name in channels.accounts(config):
            return Answer(name, kind, found=_as_found(channel_lists(config, name, pomost)))
        if kind == "ledger":
            if config.ledger.url != pomost.config.ledger.url:
                return Answer(name, kind, unasked=True)
            lists = ledger_lists(pomost)
            return Answer(
                name, kind, found={"companies": lists.companies, "warehouses": _flat(lists.warehouses)}
            )
        if kind in ("shipx", "apaczka"):
            shipx = tuple(one for one in config.shipx if one.name == name)
            apaczka = tuple(one for one in config.apaczka if one.name == name)
            wrong = ask_carriers(config.model_copy(update={"shipx": shipx, "apaczka": apaczka}))
            return Answer(
                name, kind, NeedsPerson(wrong[0].code, wrong[0].text, wrong[0].advice) if wrong else None
            )
        if kind in ("smtp", "posnet"):
            mails = tuple(one for one in config.smtp if kind == "smtp" and one.name == name)
            printers = tuple(one for one in config.posnet if kind == "posnet" and one.name == name)
            problems = ask_devices(config.model_copy(update={"smtp": mails, "posnet": printers}))
            if problems:
                first = problems[0]
                return Answer(name, kind, NeedsPerson(first.code, first.text, first.advice))
            return Answer(name, kind)
    except Failure as failure:
        return Answer(name, kind, failure)
    raise NeedsPerson(
        "config.unknown-source",
        f'there is no connection "{name}"',
        f"Connections: {', '.join(connections(config))}.",
    )


def connections(config: Config) -> list[str]:
    """All connections, as they are named in flows."""
    return [
        config.ledger.name,
        *channels.accounts(config),
        *(one.name for one in config.posnet),
        *(one.name for one in config.smtp),
        *(one.name for one in config.shipx),
        *(one.name for one in config.apaczka),
    ]


def channel_lists(config: Config, name: str, pomost: Pomost) -> Vocabulary:
    """Asks a channel, by a handful of calls through the limiter that its account shares. Raises what calls raise."""
    limiter = pomost.limiters.get(name) or channels.limiter_of(channels.accounts(config)[name], pomost.store)
    channel = channels.channel_of(config, name, limiter, {}, pomost.work.now)
    try:
        return channel.vocabulary()
    finally:
        channel.close()


def ledger_lists(pomost: Pomost, levels_of: str = "") -> LedgerLists:
    """Asks the running ledger; ``levels_of``: the company whose price levels are wanted too, which reads all its prices."""
    found = pomost.ledger.ask(arranged)
    levels = pomost.ledger.price_levels(levels_of) if levels_of in found.companies else ()
    return LedgerLists(found.companies, found.warehouses, found.series, levels)


def seen_in_orders(pomost: Pomost) -> dict[str, tuple[str, ...]]:
    """Forms of payment, ways of delivery and countries that newer orders have: the channels have no list of them."""
    found: dict[str, set[str]] = {"payments": set(), "deliveries": set(), "countries": set()}
    for line in pomost.store.lists.page(Filter(), most=RECENT).lines:
        order = pomost.store.cases.load(line.id).order
        if order is None:
            continue
        found["payments"].add(order.payment.method)
        found["deliveries"].add(order.delivery.method)
        found["countries"].add(order.delivery.to.address.country)
    return {name: tuple(sorted(values - {""})) for name, values in found.items()}


def _flat(by_company: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(f"{company}:{code}" for company, codes in by_company.items() for code in codes)


def _as_found(lists: Vocabulary) -> dict[str, tuple[str, ...]]:
    return {name: found for name in Vocabulary.__dataclass_fields__ if (found := getattr(lists, name))}
