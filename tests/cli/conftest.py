"""The program as a user has it: a folder, a BaseLinker in a process of its own, commands in processes of their own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from pomost.bootstrap import assemble
from pomost.config.load import load_config
from pomost.sandbox.baselinker import RemoteSandbox
from tests import nursery
from tests.house import stock_up

REPO = Path(__file__).resolve().parents[2]
FILE = """language = "{language}"
port = {port}
data_dir = "."
[database]
url = "{database}"
[ledger]
url = "{ledger}"
[engine]
sweep_s = 0.1
lease_s = 2.0
[[company]]
code = "main"
name = "Sklep Przykładowy sp. z o.o."
nip = "1234563218"
[[baselinker]]
name = "baselinker"
token = "env:POMOST_BL_TOKEN"
url = "{shop}"
calls_per_minute = 0
poll_s = 0.2
import_from = "2010-01-01"
[rates]
source = "fixed"
fixed = {{ EUR = "4.30" }}
[[flow]]
name = "sklep"
source = "baselinker"
company = "main"
warehouse = "MAG"
preset = "ro-fs-wz"
"""


class Desk:
    """A folder with a pomost.toml, the shop that it names, and every process started from there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._running: list[subprocess.Popen[str]] = []
        self._shops: list[nursery.Child] = []
        self._shop: RemoteSandbox | None = None

    def environment(self, **more: str) -> dict[str, str]:
        usual = {"PYTHONPATH": str(REPO / "src"), "COLUMNS": nursery.WIDTH, "PYTHONUNBUFFERED": "1"}
        return {**os.environ, **usual, "POMOST_BL_TOKEN": "sandbox-token", **more}

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """One command, to its end."""
        given = self.environment(**environment)
        code, said, errors = nursery.run(
            "tests.cli.command", *words, seconds=120, folder=self.folder, environment=given
        )
        return subprocess.CompletedProcess(["pomost", *words], code, said, errors)

    def run_anew(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The same in a process that begins with nothing, as a user's does."""
        return subprocess.run(
            [sys.executable, "-m", "pomost", *words],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=120,
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        """One command that goes on; ended with the test at the latest."""
        process = subprocess.Popen(
            [sys.executable, "-m", "pomost", *words],
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._running.append(process)
        return process

    def sandbox(self, *words: str) -> RemoteSandbox:
        """`pomost sandbox` with a free port, no buyers and no staff."""
        quiet = ("--rate", "0", "--pack-after", "0", "--limit", "0", "--seed", "0")
        command = ("tests.cli.command", "sandbox", "--port", "0", *quiet, *words)
        shop = nursery.start(*command, pipes=True, folder=self.folder, environment=self.environment())
        self._shops.append(shop)
        assert shop.stdout is not None
        ready = json.loads(shop.stdout.readline())
        return RemoteSandbox(ready["url"], ready["token"])

    def write(self, shop: RemoteSandbox, *, database: str = "", language: str = "en") -> None:
        """The file that a user would have written."""
        text = FILE.format(
            language=language,
            port=self.port,
            shop=shop.url,
            database=database or "sqlite:///pomost.db",
            ledger=database or "sqlite:///ledger.db",
        )
        text = text.replace('"env:POMOST_BL_TOKEN"', f'"{shop.token}"')
        (self.folder / "pomost.toml").write_text(text, encoding="utf-8")

    def stock_up(self) -> None:
        """Puts the sample shop's items into the ledger that the file names, with goods."""
        pomost = assemble(load_config(self.folder / "pomost.toml", self.environment()))
        stock_up(pomost)
        pomost.close()

    def get(self, path: str) -> str:
        """What the running `pomost serve` answers; empty while nobody listens."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return str(answer.read().decode())
        except URLError:
            return ""

    def end(self, process: subprocess.Popen[str], number: int) -> tuple[int, str]:
        """Sends the signal; gives how it ended and all that it said."""
        process.send_signal(number)
        said, _ = process.communicate(timeout=60)
        return process.returncode, said

    def close(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=20)
        for shop in self._shops:
            shop.close()


def until(true: Callable[[], bool], seconds: float = 60.0, tell: Callable[[], object] = lambda: "") -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"it did not happen within {seconds} s: {tell()}")
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    one = Desk(tmp_path)
    yield one
    one.close()
