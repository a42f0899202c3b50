"""The sandbox as a process of its own."""

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from pomost.sandbox.baselinker.life import work
from pomost.sandbox.baselinker.sandbox import Sandbox
from pomost.sandbox.baselinker.settings import Settings
from pomost.sandbox.baselinker.staff import DELIVERED, IN_PROGRESS, PACKED, SENT, Staff

TICK_S = 0.1


@dataclass
class Options:
    """How to start.

    ``orders`` are placed in an empty account before the first call is answered; a state file that has orders keeps
    them and gets no more, so that a sandbox can be started again with the same options.
    """

    port: int = 0
    state: Path | None = None
    orders: int = 0
    seed: int = 0
    settings: Settings = field(default_factory=Settings)
    rate: float = 0.0
    """Orders per minute that buyers go on placing; 0: nobody orders, and nobody comes back to an order."""
    pack_after_s: float = 0.0
    """Seconds after which the staff pack what is in progress; 0: nobody packs."""
    replay: str = ""
    """A CSV file of real orders to place at the start; those that are there already are left out."""
    speed: float = 1.0
    """How many times sooner than in real life buyers pay, change, cancel and return."""
    send_after_s: float = 0.0
    deliver_after_s: float = 0.0
    staff_share: float = 1.0
    """From 0 to 1: the part of orders that the staff deal with; the others stay where they are."""
    unknown_sku: float = 0.0
    """From 0 to 1: the part of orders with an article that no catalogue knows."""
    products: int = 0
    """Generated articles put into the catalogue at the first start, beside those of the sample shop."""
    replay_recent: bool = False
    """Replayed orders are moved in time, so that the last one is confirmed now."""

    def staff(self) -> list[Staff]:
        """Who moves orders on, and when."""
        after = [
            (IN_PROGRESS, PACKED, self.pack_after_s),
            (PACKED, SENT, self.send_after_s),
            (SENT, DELIVERED, self.deliver_after_s),
        ]
        return [Staff(self.seed, *way, share=self.staff_share) for way in after if way[2] > 0]


def run(options: Options, ready: Callable[[Sandbox], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT; must run in the main thread.

    ``ready`` is told the sandbox once its port is open; without it one JSON line with ``url``, ``token`` and ``pid``
    goes to standard output. Raises ``OSError`` for a port or file that cannot be had, ``ValueError`` for wrong options
    or a file that cannot be replayed.
    """
    staff = options.staff()
    sandbox = Sandbox(options.state, options.settings, options.port, options.seed)
    server, listener = sandbox.listen()
    if options.products and len(sandbox.products()) < options.products:
        sandbox.fill_catalogue(options.products)
    if not sandbox.shop.account.orders([], "order_id", 1):
        sandbox.place(options.orders)
    if options.replay:
        sandbox.replay(options.replay, recent=options.replay_recent)

    # Good also before the server listens to signals itself; afterwards it raises them again, and a clean end shall
    # stay one.
    def end(number: int = 0, frame: object = None) -> None:
        server.should_exit = True

    stop = threading.Event()
    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    with ThreadPoolExecutor(1, "baselinker-life") as people:
        try:
            passing = people.submit(_pass_time, sandbox, options, staff, stop)
            # A life that breaks off ends the server too; the cause is raised below.
            passing.add_done_callback(lambda _: end())
            (ready or _announce)(sandbox)
            server.run(sockets=[listener])
        finally:
            stop.set()
            for number, handler in before.items():
                signal.signal(number, handler)
    sandbox.shop.crowd.stop()
    sandbox.shop.crowd.join(5.0)
    sandbox.shop.account.close()
    passing.result()


def _pass_time(sandbox: Sandbox, options: Options, staff: list[Staff], stop: threading.Event) -> None:
    """Let buyers and staff act as the seconds pass."""
    mix = {"unknown_sku": options.unknown_sku}
    then = time.monotonic()
    while not stop.wait(TICK_S):
        now = time.monotonic()
        if options.rate > 0:
            sandbox.live(now - then, options.rate, options.speed, mix)
        work(sandbox.shop, staff)
        then = now


def _announce(sandbox: Sandbox) -> None:
    line = {"url": sandbox.url, "token": sandbox.token, "pid": os.getpid()}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    usual = Settings()
    parser = argparse.ArgumentParser("python -m pomost.sandbox.baselinker", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 = any free port")
    add("--state", type=Path, help="file that keeps the account; without it only in memory")
    add("--orders", type=int, default=0, help="orders placed at the first start")
    add("--products", type=int, default=0, help="articles generated for the catalogue, up to 1000000")
    add("--seed", type=int, default=0, help="drives the buyers; 0 = orders of --orders are all the same")
    add("--rate", type=float, default=0.0, help="orders per minute that buyers go on placing")
    add("--speed", type=float, default=1.0, help="how many times sooner buyers pay, change, cancel, return")
    add("--unknown-sku", type=float, default=0.0, help="part of their orders with an unknown article, 0 to 1")
    add("--pack-after", type=float, default=0.0, help="seconds after which the staff pack, 0 = never")
    add("--send-after", type=float, default=0.0, help="seconds after which they send, 0 = never")
    add("--deliver-after", type=float, default=0.0, help="seconds after which it arrives, 0 = never")
    add("--staff-share", type=float, default=1.0, help="part of orders that the staff deal with, 0 to 1")
    add("--replay", default="", help="CSV file of real orders to place at the start")
    add("--replay-recent", action="store_true", help="moved in time, the last order confirmed now")
    add("--stock-stays", action="store_true", help="orders do not lower the stock of the catalogue")
    add("--sell-within-stock", action="store_true", help="buyers get no more than the stock shows")
    add("--token", default=usual.token)
    add("--delay", type=float, default=usual.delay_s, help="seconds that every call takes")
    add("--limit", type=int, default=usual.limit, help="calls per window, 0 = no limit")
    add("--window", type=float, default=usual.window_s, help="seconds")
    add("--block", type=float, default=usual.block_s, help="seconds")
    add("--strict", action="store_true", help="refuse unknown parameters")
    add("--no-journal", action="store_true", help="journal not enabled on the account")
    add("--journal-page", type=int, default=usual.journal_page)
    add("--last-log-exclusive", action="store_true")
    add("--profile", choices=("modern", "legacy"), default=usual.profile)
    add("--over-long", choices=("cut", "refuse"), default=usual.over_long)
    add("--empty-maps-as-maps", action="store_true")
    return parser


def options_from(arguments: Sequence[str] | None = None) -> Options:
    """Options from the command line."""
    given = _parser().parse_args(arguments)
    settings = Settings(
        token=given.token,
        limit=given.limit,
        window_s=given.window,
        block_s=given.block,
        strict=given.strict,
        journal=not given.no_journal,
        journal_page=given.journal_page,
        last_log_inclusive=not given.last_log_exclusive,
        profile=given.profile,
        over_long=given.over_long,
        empty_maps_as_lists=not given.empty_maps_as_maps,
        delay_s=given.delay,
        stock_follows_orders=not given.stock_stays,
        sell_beyond_stock=not given.sell_within_stock,
    )
    return Options(
        port=given.port,
        state=given.state,
        orders=given.orders,
        seed=given.seed,
        settings=settings,
        rate=given.rate,
        pack_after_s=given.pack_after,
        replay=given.replay,
        speed=given.speed,
        send_after_s=given.send_after,
        deliver_after_s=given.deliver_after,
        staff_share=given.staff_share,
        unknown_sku=given.unknown_sku,
        replay_recent=given.replay_recent,
        products=given.products,
    )
