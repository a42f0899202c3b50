"""The sandbox as a process of its own."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pomost.sandbox.apaczka.sandbox import Apaczka
from pomost.sandbox.apaczka.settings import Settings
from pomost.sandbox.running import serve


@dataclass
class Options:
    """How to start."""

    port: int = 0
    settings: Settings = field(default_factory=Settings)


def run(options: Options, ready: Callable[[], None] | None = None) -> None:
    """See `pomost.sandbox.running.serve`; the line has ``url``, ``app_id`` and ``app_secret``."""
    apaczka = Apaczka(options.settings, options.port)
    serve(apaczka, ready, app_id=apaczka.app_id, app_secret=apaczka.app_secret)


def _parser() -> argparse.ArgumentParser:
    usual = Settings()
    parser = argparse.ArgumentParser("python -m pomost.sandbox.apaczka", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 = any free port")
    add("--app-id", default=usual.app_id)
    add("--app-secret", default=usual.app_secret)
    add("--waybill-after", type=float, default=0.0, help="seconds until an order has its waybill number")
    add("--list-lag", type=float, default=0.0, help="seconds until the list of orders shows one")
    return parser


def options_from(arguments: Sequence[str] | None = None) -> Options:
    """Options from the command line."""
    given = _parser().parse_args(arguments)
    settings = Settings(
        app_id=given.app_id,
        app_secret=given.app_secret,
        waybill_s=given.waybill_after,
        list_lag_s=given.list_lag,
    )
    return Options(given.port, settings)
