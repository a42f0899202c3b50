"""What fields of settings may offer: lists that are read from the other systems when a person asks for them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from pomost.config.editing import Place
from pomost.flows import catalogue
from pomost.panel.web import Visit
from pomost.ports import Failure

STATUSES = frozenset({"status", "short", "awaiting", "there"})
FIELDS = frozenset({"file_field", "marker_field", "date_field", "short_field"})


@dataclass(slots=True)
class Choices:
    """Lists by connection, as they were at a moment."""

    read_at: float = 0.0
    statuses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    places: dict[str, tuple[str, ...]] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read_choices(visit: Visit) -> Failure | None:
    """Asks each account for its lists; the failure of the first that does not answer. What was read before stays."""
    found = Choices(read_at=time.time())
    for name, channel in visit.pomost.channels.items():
        try:
            words = channel.vocabulary()
            for entry in visit.pomost.config.catalogue:
                if entry.channel == name:
                    shelves = channel.catalogue.shelves(entry.inventory)
                    found.places[entry.name] = tuple(shelves.warehouses.values())
                    found.groups[entry.name] = tuple(one.name for one in shelves.price_groups)
        except Failure as failure:
            return failure
        found.statuses[name] = words.statuses
        found.fields[name] = (*words.fields, *words.file_fields)
    visit.panel.choices = found
    return None


def choices_of(visit: Visit, place: Place, name: str) -> tuple[str, ...]:
    """What a field may be, as far as it is known: names of this file, and lists that were read."""
    config, read = visit.pomost.config, visit.panel.choices
    if name == "company":
        return tuple(company.code for company in config.company)
    if name in ("source", "channel"):
        return (*visit.pomost.channels, *((config.ledger.name,) if name == "source" else ()))
    if name == "preset":
        return tuple(catalogue.names())
    if name == "warehouse":
        return tuple(one.code for one in config.ledger.warehouses)
    if name == "series":
        return tuple(dict.fromkeys(one.code for one in config.ledger.series if one.code))
    if not isinstance(read, Choices):
        return ()
    known: dict[str, tuple[str, ...]] = {}
    if name in STATUSES:
        known = read.statuses
    elif name in FIELDS:
        known = read.fields
    elif place[:1] == ("catalogue",) and name == "to":
        known = read.places if "stock" in place else read.groups
    return tuple(dict.fromkeys(one for some in known.values() for one in some))
