"""What all acts share: what they reach for, our references, and what is known after a doubt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from pomost.config.flow import Flow
from pomost.flows.devices import Devices
from pomost.flows.shipments import Carriers
from pomost.ports import Erp, Failure, NeedsPerson, RateSource, SalesChannel
from pomost.store.cases import Case
from pomost.store.steps import StepRecord
from pomost.store.store import Store
from pomost.trade.documents import Document
from pomost.trade.order import Party

Render = Callable[[Document], bytes]


@dataclass(frozen=True, slots=True)
class Hands:
    """What acts reach for. ``today`` gives the business date; ``now`` Unix seconds."""

    store: Store
    erp: Erp
    channel: SalesChannel | None
    channel_name: str
    render: Render
    rates: RateSource
    today: Callable[[], date]
    now: Callable[[], float]
    keep_file: Callable[[Document, bytes], str]
    at: Callable[[str], None]
    parties: Mapping[str, Party] = field(default_factory=dict)
    """The companies of the configuration as they stand on each other's documents."""
    devices: Devices = field(default_factory=Devices)
    carriers: Carriers = field(default_factory=Carriers)


def key_of(case: Case, step: str) -> str:
    """Our reference of a step's effect, the same in every repetition."""
    return f"{case.source}:{case.external_id}/{step}"


def party_of(hands: Hands, company: str) -> Party:
    """A company as it stands on documents of another; raises NeedsPerson ``flow.company-without-nip``."""
    party = hands.parties.get(company, Party())
    if not party.tax_id:
        raise NeedsPerson(
            "flow.company-without-nip",
            f'Company "{company}" trades with another company and has no tax number in the configuration.',
            "Set nip in its [[company]] table.",
        )
    return party


class NotDone(Failure):
    """After a doubt the other side says that nothing was done: the step may simply be repeated."""

    def __init__(self, cause: Failure) -> None:
        super().__init__(cause.code, cause.text, cause.advice, **cause.facts)


def channel_of(hands: Hands, flow: Flow) -> SalesChannel:
    """The channel that the flow writes to; raises NeedsPerson where none is named."""
    if hands.channel is None:
        raise NeedsPerson(
            "flow.no-channel",
            f'The flow "{flow.name}" writes to a channel, and none is named.',
            "Set channel = ...",
        )
    return hands.channel


def placed_id(done: Mapping[str, StepRecord]) -> str:
    """The channel's id of the order that a step before placed there; raises NeedsPerson."""
    for record in done.values():
        if record.state == "done" and record.result.get("placed"):
            return str(record.result["placed"])
    raise NeedsPerson(
        "flow.not-placed",
        "The order is not in the channel, so nothing can be written to it.",
        "Add a place step before.",
    )
