"""The sandbox as a process of its own."""

import argparse
import json
import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pomost.sandbox.baselinker.sandbox import Sandbox
from pomost.sandbox.baselinker.settings import Settings


@dataclass
class Options:
    """How to start: ``orders`` are placed before the first call is answered (state file new or not)."""

    port: int = 0
    state: Path | None = None
    orders: int = 0
    seed: int = 0
    settings: Settings = field(default_factory=Settings)
    rate: float = 0.0
    """Orders per minute that buyers go on placing."""
    pack_after_s: float = 0.0
    """Seconds after which the staff pack what is in progress; 0: nobody packs."""
    replay: str = ""
    """A CSV file of real orders to place at the start."""


def run(options: Options, ready: Callable[[Sandbox], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT; must run in the main thread.

    ``ready`` is told the sandbox once its port is open; without it one JSON line with ``url``, ``token`` and ``pid``
    goes to standard output.
    """
    sandbox = Sandbox(options.state, options.settings, options.port, options.seed)
    server, listener = sandbox.listen()
    if options.orders:
        sandbox.place(options.orders)
    if options.replay:
        sandbox.replay(options.replay)

    # Good also before the server listens to signals itself; afterwards it raises them again, and a clean end shall
    # stay one.
    def end(number: int, frame: object) -> None:
        server.should_exit = True

    stop = threading.Event()
    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        (ready or _announce)(sandbox)
        for work in (_buy, _pack):
            threading.Thread(target=work, args=(sandbox, options, stop), daemon=True).start()
        server.run(sockets=[listener])
    finally:
        stop.set()
        for number, handler in before.items():
            signal.signal(number, handler)
        sandbox.shop.account.close()


def _buy(sandbox: Sandbox, options: Options, stop: threading.Event) -> None:
    chance = random.Random(options.seed)
    while options.rate and not stop.wait(chance.expovariate(options.rate / 60)):
        sandbox.place()


def _pack(sandbox: Sandbox, options: Options, stop: threading.Event) -> None:
    while options.pack_after_s and not stop.wait(min(options.pack_after_s, 1.0) / 2):
        sandbox.move_all("W realizacji", "Spakowane", options.pack_after_s)


def _announce(sandbox: Sandbox) -> None:
    line = {"url": sandbox.url, "token": sandbox.token, "pid": os.getpid()}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def options_from(arguments: Sequence[str] | None = None) -> Options:
    """Options from the command line."""
    usual = Settings()
    parser = argparse.ArgumentParser("python -m pomost.sandbox.baselinker", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 = any free port")
    parser.add_argument("--state", type=Path, help="file that keeps the account; without it only in memory")
    parser.add_argument("--orders", type=int, default=0, help="orders placed at the start")
    parser.add_argument("--seed", type=int, default=0, help="drives the buyers, 0 = every order the same")
    parser.add_argument("--rate", type=float, default=0.0, help="orders per minute that buyers go on placing")
    parser.add_argument(
        "--pack-after", type=float, default=0.0, help="seconds after which the staff pack, 0 = never"
    )
    parser.add_argument("--replay", default="", help="CSV file of real orders to place at the start")
    parser.add_argument("--token", default=usual.token)
    parser.add_argument("--delay", type=float, default=usual.delay_s, help="seconds that every call takes")
    parser.add_argument("--limit", type=int, default=usual.limit, help="calls per window, 0 = no limit")
    parser.add_argument("--window", type=float, default=usual.window_s, help="seconds")
    parser.add_argument("--block", type=float, default=usual.block_s, help="seconds")
    parser.add_argument("--strict", action="store_true", help="refuse unknown parameters")
    parser.add_argument("--no-journal", action="store_true", help="journal not enabled on the account")
    parser.add_argument("--journal-page", type=int, default=usual.journal_page)
    parser.add_argument("--last-log-exclusive", action="store_true")
    parser.add_argument("--profile", choices=("modern", "legacy"), default=usual.profile)
    parser.add_argument("--over-long", choices=("cut", "refuse"), default=usual.over_long)
    parser.add_argument("--empty-maps-as-maps", action="store_true")
    given = parser.parse_args(arguments)
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
    )
    return Options(
        given.port,
        given.state,
        given.orders,
        given.seed,
        settings,
        given.rate,
        given.pack_after,
        given.replay,
    )
