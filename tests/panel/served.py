"""`pomost serve` as a real process that tests talk to over HTTP, send signals to, and kill."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx2

from pomost.panel.security.passwords import hashed
from pomost.sandbox.baselinker import Sandbox
from pomost.store.store import open_store
from tests import nursery
from tests.house import House
from tests.nursery import Child
from tests.panel.conftest import PASSWORD, Client
from tests.panel.test_settings import FILE

ROOT = Path(__file__).resolve().parents[2]


class Served:
    """`pomost serve` as its own process, with an administrator of that name."""

    def __init__(self, folder: Path, shop: Sandbox, more: str = "", *, forked: bool = False) -> None:
        """``forked``: from a process that has imported everything; such a one can't begin itself anew."""
        self._forked = forked
        House(folder, shop).stop()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.file = folder / "pomost.toml"
        text = FILE.format(url=shop.url).replace(
            'token = "very-secret-token-123"',
            f'token = "{shop.token}"\npoll_s = 0.1\nimport_from = "2010-01-01"',
        )
        self.file.write_text(f"port = {port}\n{text}{more}", encoding="utf-8")
        self.store = open_store(f"sqlite:///{folder / 'pomost.db'}")
        user = self.store.people.add("administrator", "administrator", time.time())
        assert user is not None
        secret = self.store.people.invite(user, time.time() + 60)
        assert self.store.people.accept(secret, hashed(PASSWORD), time.time())
        self.start()

    def start(self) -> None:
        words = ["serve", "-c", str(self.file)]
        self.process: Child | subprocess.Popen[bytes]
        if self._forked:
            self.process = nursery.start("tests.cli.command", *words, folder=self.folder)
        else:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pomost", *words],
                env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
            )
        self.until(lambda: self.language() != "")

    def kill(self) -> None:
        """As a failure of power does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)

    def language(self) -> str:
        """In which it speaks to somebody who says nothing: the file decides. Empty while it does not answer."""
        try:
            said = httpx2.get(f"{self.url}/login", timeout=10).text
        except httpx2.TransportError:
            return ""
        return "en" if '<html lang="en"' in said else "pl"

    def write(self, before: str, after: str) -> None:
        text = self.file.read_text("utf-8")
        assert before in text
        self.file.write_text(text.replace(before, after, 1), encoding="utf-8")

    def administrator(self) -> Client:
        made = Client(self.url)
        assert made.sign_in("administrator").status_code == 200
        return made

    def until(self, true: Callable[[], bool], seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert self.process.poll() is None, "it ended"
            assert time.monotonic() < end, "it did not come to it"
            time.sleep(0.1)

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(60)

    def close(self) -> None:
        self.process.kill()
        self.process.wait(20)
        self.store.close()
