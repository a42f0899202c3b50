"""The sandbox as a process of its own."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pomost.sandbox.running import serve
from pomost.sandbox.shipx.sandbox import ShipX
from pomost.sandbox.shipx.settings import Settings


@dataclass
class Options:
    """How to start."""

    port: int = 0
    settings: Settings = field(default_factory=Settings)


def run(options: Options, ready: Callable[[], None] | None = None) -> None:
    """See `pomost.sandbox.running.serve`; the line has ``url``, ``token`` and ``organization``."""
    inpost = ShipX(options.settings, options.port)
    serve(inpost, ready, token=inpost.token, organization=inpost.organization)


def _parser() -> argparse.ArgumentParser:
    usual = Settings()
    parser = argparse.ArgumentParser("python -m pomost.sandbox.shipx", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 = any free port")
    add("--token", default=usual.token)
    add("--organization", type=int, default=usual.organization)
    add("--at-once", action="store_true", help="shipments are paid for the moment they are ordered")
    add("--no-money", action="store_true", help="the account is empty at the start")
    add("--no-contract", action="store_true", help="the organization has no contract for couriers")
    add("--list-lag", type=float, default=0.0, help="seconds until lists show a shipment")
    return parser


def options_from(arguments: Sequence[str] | None = None) -> Options:
    """Options from the command line."""
    given = _parser().parse_args(arguments)
    settings = Settings(
        token=given.token,
        organization=given.organization,
        money=not given.no_money,
        courier_contract=not given.no_contract,
        list_lag_s=given.list_lag,
    )
    return Options(given.port, settings.at_once() if given.at_once else settings)
