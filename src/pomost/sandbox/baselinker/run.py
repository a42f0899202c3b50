"""Running the sandbox as a process of its own: with buyers who go on ordering and staff who go on packing."""

from __future__ import annotations

import json
import os
import random
import threading
from dataclasses import dataclass
from pathlib import Path

from pomost.sandbox.baselinker.engine import Settings
from pomost.sandbox.baselinker.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Options:
    """How the process is run. ``rate`` is orders per minute that buyers go on placing; ``pack_after_s`` 0: nobody packs."""

    port: int = 0
    state: str = ""
    orders: int = 0
    seed: int = 1
    rate: float = 0.0
    delay_s: float = 0.0
    limit: int = 100
    block_s: float = 600.0
    journal: bool = True
    replay: str = ""
    pack_after_s: float = 0.0
    token: str = Settings().token


def run(options: Options) -> None:
    """Serves until told to stop; prints one line of JSON (url, token, pid) when it answers."""
    settings = Settings(
        token=options.token,
        limit=options.limit,
        block_s=options.block_s,
        delay_s=options.delay_s,
        journal=options.journal,
    )
    sandbox = Sandbox(Path(options.state) if options.state else None, settings, seed=options.seed)
    if options.orders and not sandbox.orders():
        sandbox.place(options.orders)
    if options.replay:
        sandbox.replay(options.replay)
    stop = threading.Event()

    def ready() -> None:
        print(json.dumps({"url": sandbox.url, "token": sandbox.token, "pid": os.getpid()}), flush=True)
        if options.rate:
            threading.Thread(target=_buy, args=(sandbox, options, stop), daemon=True).start()
        if options.pack_after_s:
            threading.Thread(target=_pack, args=(sandbox, options, stop), daemon=True).start()

    try:
        sandbox.serve(options.port, ready)
    finally:
        stop.set()


def _buy(sandbox: Sandbox, options: Options, stop: threading.Event) -> None:
    rng = random.Random(options.seed)
    while not stop.wait(rng.expovariate(options.rate / 60.0)):
        sandbox.place()


def _pack(sandbox: Sandbox, options: Options, stop: threading.Event) -> None:
    """Staff pack what has been in progress for long enough, and deliver what was sent."""
    while not stop.wait(min(options.pack_after_s, 1.0) / 2):
        now = sandbox.engine.now()
        for order in sandbox.orders():
            if order["order_status_id"] == 410003 and now - order["date_in_status"] >= options.pack_after_s:
                sandbox.move(order["order_id"], "Spakowane")
