"""The carriers of a configuration, built and asked. A further carrier is its folder of connectors, its table in the
configuration, and one function here; a channel that has couriers of its own is a carrier under its own name."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pomost.channels import couriers_of, with_couriers
from pomost.config.carriers import Apaczka, ShipX
from pomost.config.flow import Flow
from pomost.config.load import Problem
from pomost.config.model import Config
from pomost.connectors.apaczka import ApaczkaCarrier
from pomost.connectors.apaczka import Settings as ApaczkaSettings
from pomost.connectors.shipx import Settings as ShipXSettings
from pomost.connectors.shipx import ShipXCarrier
from pomost.engine.limiter import AccountLimiter
from pomost.flows.shipments import Carriers
from pomost.ports import Failure
from pomost.ports.account import ChannelAccount
from pomost.store.store import Store, open_store


def carrier_limiters_of(config: Config, store: Store) -> dict[str, AccountLimiter]:
    """The one door to each carrier; those that are reached through a channel have that of the channel."""
    return {one.name: AccountLimiter(store.limits, one.name, one.calls_per_minute) for one in _own(config)}


def carriers_of(
    config: Config,
    limiters: Mapping[str, AccountLimiter],
    channels: Mapping[str, ChannelAccount],
    now: Callable[[], float],
    hear: Callable[[str], Callable[[Failure | None], None]] | None = None,
) -> Carriers:
    """All that are configured, and the couriers of channels; nothing is called yet. ``hear``: by the name of a carrier, who is
    told how it answers."""

    def clock() -> datetime:
        return datetime.fromtimestamp(now(), UTC)

    known = couriers_of(config, channels, now)
    for shipx in config.shipx:
        inpost = known[shipx.name] = ShipXCarrier(_shipx(shipx), limiters[shipx.name], clock)
        if hear:
            inpost.client.heard = hear(shipx.name)
    for apaczka in config.apaczka:
        settings = replace(_apaczka(apaczka), kept_in=str(config.data_dir / "carriers"))
        broker = known[apaczka.name] = ApaczkaCarrier(settings, limiters[apaczka.name], clock)
        if hear:
            broker.client.heard = hear(apaczka.name)

    def keep(company: str, carrier: str, name: str, content: bytes) -> str:
        return keep_label(config.data_dir, company, carrier, name, content)

    return Carriers(known, keep)


def keep_label(data_dir: Path, company: str, carrier: str, name: str, content: bytes) -> str:
    """Keeps a label under labels/COMPANY/CARRIER/; written whole or not at all. Gives its path below ``data_dir``."""
    ending = "zpl" if content.lstrip().startswith(b"^XA") else "pdf"
    place = Path("labels") / company / carrier / f"{re.sub(r'[^A-Za-z0-9_-]+', '_', name)}.{ending}"
    path = data_dir / place
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / f".{path.stem}.{os.getpid()}.{time.monotonic_ns()}.part"
    part.write_bytes(content)
    part.replace(path)
    return str(place)


def _shipx(asked: ShipX) -> ShipXSettings:
    return ShipXSettings(
        token=asked.token,
        organization=asked.organization,
        name=asked.name,
        url=asked.url,
        buying=asked.buying,
        size=asked.size,
        courier_mm=asked.courier_mm,
        weight_kg=asked.weight_kg,
        locker_sending=asked.locker_sending,
        courier_sending=asked.courier_sending,
        label_type=asked.label_type,
        zpl_dpi=asked.zpl_dpi,
        points_url=asked.points_url,
        pickup_street=asked.pickup_street,
        pickup_postcode=asked.pickup_postcode,
        pickup_city=asked.pickup_city,
        settle_s=asked.settle_s,
        timeout_s=asked.timeout_s,
        connect_timeout_s=asked.connect_timeout_s,
    )


def _apaczka(asked: Apaczka) -> ApaczkaSettings:
    return ApaczkaSettings(
        app_id=asked.app_id,
        app_secret=asked.app_secret,
        sender_name=asked.sender_name,
        sender_street=asked.sender_street,
        sender_postcode=asked.sender_postcode,
        sender_city=asked.sender_city,
        sender_phone=asked.sender_phone,
        sender_email=asked.sender_email,
        name=asked.name,
        url=asked.url,
        sender_country=asked.sender_country,
        sender_contact=asked.sender_contact,
        bank_account=asked.bank_account,
        pickup=asked.pickup,
        pickup_from=asked.pickup_from,
        pickup_to=asked.pickup_to,
        late_pickup=asked.late_pickup,
        check_hours=asked.check_hours,
        package_type=asked.package_type,
        parcel_cm=asked.parcel_cm,
        weight_kg=asked.weight_kg,
        zebra=asked.zebra,
        push_url=asked.push_url,
        settle_s=asked.settle_s,
        recheck_s=asked.recheck_s,
        timeout_s=asked.timeout_s,
        connect_timeout_s=asked.connect_timeout_s,
    )


def _own(config: Config) -> tuple[ShipX | Apaczka, ...]:
    """Connections to carriers that are no channels."""
    return (*config.shipx, *config.apaczka)


def carrier_names(config: Config) -> tuple[str, ...]:
    """Everything that a ship step may name."""
    return (*(one.name for one in _own(config)), *with_couriers(config))


def missing_carriers(config: Config, where: str, flow: Flow) -> list[Problem]:
    """Carriers that steps name and that are not there."""
    known = set(carrier_names(config))
    found: list[Problem] = []
    for step in flow.step:
        if step.ship is None:
            continue
        asked = [step.ship.carrier, *(rule.carrier for rule in step.ship.rules if rule.carrier)]
        found += [
            Problem(
                "config.unknown-carrier",
                f"{where}, step {step.id}",
                0,
                f'there is no carrier "{name}"',
                f"Carriers: {', '.join(sorted(known)) or 'none'}.",
            )
            for name in dict.fromkeys(asked)
            if name not in known
        ]
    return found


def wrong_carriers(config: Config) -> list[Problem]:
    """Names that two connections have."""
    taken = [account.name for account in config.accounts]
    found: list[Problem] = []
    for one in _own(config):
        if one.name in taken:
            found.append(
                Problem(
                    "config.same-name",
                    f'connection "{one.name}"',
                    0,
                    f'another connection is called "{one.name}" too',
                    "Give each connection a name of its own.",
                )
            )
        taken.append(one.name)
    return found


def ask_carriers(config: Config) -> list[Problem]:
    """Asks each carrier whether it lets us in and what it sells; nothing is ordered."""
    found: list[Problem] = []
    with _asked(config) as carriers:
        for name, carrier in carriers.known.items():
            try:
                failures: Iterable[Failure] = carrier.check()
            except Failure as failure:
                failures = (failure,)
            found += [Problem(one.code, name, 0, one.text, one.advice) for one in failures]
    return found


@contextmanager
def _asked(config: Config) -> Iterator[Carriers]:
    store = open_store("sqlite://")
    carriers = carriers_of(config, carrier_limiters_of(config, store), {}, time.time)
    try:
        yield carriers
    finally:
        for carrier in carriers.known.values():
            carrier.close()
        store.close()
