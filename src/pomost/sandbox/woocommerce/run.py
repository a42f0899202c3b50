"""The shop as a process of its own."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pomost.sandbox.woocommerce.settings import GATEWAYS, Settings
from pomost.sandbox.woocommerce.shop import Shop


@dataclass
class Options:
    """How to start."""

    port: int = 0
    orders: int = 0
    """Placed before the first call is answered."""
    seed: int = 0
    rate: float = 0.0
    """Orders per minute that buyers go on placing; 0: nobody orders."""
    settings: Settings = field(default_factory=Settings)


def run(options: Options, ready: Callable[[Shop], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT; must run in the main thread.

    ``ready`` is told the shop once its port is open; without it one JSON line with ``url``, ``key``, ``secret``, and
    ``pid`` goes to standard output. Raises ``OSError`` for a port that cannot be had, ``ValueError`` for wrong options.
    """
    shop = Shop(options.settings, options.seed, options.port)
    server, listener = shop.listen()
    shop.place(options.orders)

    # Good also before the server listens to signals itself; afterwards it raises them again, and a clean end shall
    # stay one.
    def end(number: int = 0, frame: object = None) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        shop.queue.start()
        if options.rate > 0:
            shop.start_buyers(options.rate)
        (ready or _announce)(shop)
        server.run(sockets=[listener])
    finally:
        shop.stop_buyers()
        shop.queue.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


def _announce(shop: Shop) -> None:
    line = {
        "url": shop.url,
        "key": shop.key,
        "secret": shop.secret,
        "read_key": shop.read_key,
        "read_secret": shop.read_secret,
        "pid": os.getpid(),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    usual = Settings()
    parser = argparse.ArgumentParser("python -m pomost.sandbox.woocommerce", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 = any free port")
    add("--orders", type=int, default=0, help="orders placed at the start")
    add("--seed", type=int, default=0, help="drives the buyers; 0 = all orders are the same plain one")
    add("--rate", type=float, default=0.0, help="orders per minute that buyers go on placing")
    add("--catalogue", choices=("own", "shared", "empty"), default=usual.catalogue)
    add("--products", type=int, default=0, help="goods generated beside the catalogue")
    add("--prefix", default="", help="subdirectory the shop lives in, such as /sklep")
    add(
        "--basic-over-http", action="store_true", help="accept keys on plain HTTP, which a real shop does not"
    )
    add("--behind-proxy", action="store_true", help="believe X-Forwarded-Proto: https")
    add("--net-prices", action="store_true", help="prices are typed without tax")
    add("--no-taxes", action="store_true", help="taxes are not calculated")
    add("--oss", action="store_true", help="foreign consumers pay the VAT of their country")
    add("--gateways", default=",".join(GATEWAYS), help="payment methods that are switched on")
    add("--delay", type=float, default=0.0, help="seconds that every call takes")
    return parser


def options_from(arguments: Sequence[str] | None = None) -> Options:
    """Options from the command line."""
    given = _parser().parse_args(arguments)
    settings = Settings(
        catalogue=given.catalogue,
        more_products=given.products,
        prefix=given.prefix,
        basic_over_http=given.basic_over_http,
        behind_proxy=given.behind_proxy,
        prices_include_tax=not given.net_prices,
        calc_taxes=not given.no_taxes,
        oss_rates=given.oss,
        gateways=tuple(name for name in given.gateways.split(",") if name),
        delay_s=given.delay,
    )
    return Options(given.port, given.orders, given.seed, given.rate, settings)
