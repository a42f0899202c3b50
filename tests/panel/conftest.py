"""A panel over real HTTP on a free port of this machine, people who are signed in, and a real browser."""

from __future__ import annotations

import re
import shutil
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from argon2 import PasswordHasher
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from pomost.bootstrap import Pomost
from pomost.panel.app import make_app
from pomost.panel.serve import Server
from pomost.sandbox.baselinker import Sandbox
from tests.house import House

PASSWORD = "cztery zwykłe słowa razem"
ROLES = ("reader", "operator", "administrator")
# as argon2 makes it of little work: hundreds sign in, and how hard ours is to guess is tested where it is made
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"


class Client:
    """Somebody at the panel without a browser: follows redirects, sends the mark of the forms as a browser would."""

    def __init__(self, url: str, language: str = "pl") -> None:
        self.http = httpx2.Client(
            base_url=url, follow_redirects=True, timeout=30, headers={"accept-language": language}
        )

    def get(self, url: str, **more: Any) -> httpx2.Response:
        return self.http.get(url, **more)

    def post(self, url: str, files: Any = None, page: str = "/login", **fields: Any) -> httpx2.Response:
        """Sends a form as it stands on ``page``: with the mark that it carries."""
        return self.http.post(url, data={"csrf": self.mark(page), **fields}, files=files)

    def mark(self, page: str = "/login") -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(page).text)
        assert found, f"no form with a mark on {page}"
        return found[1]

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx2.Response:
        return self.post("/login", name=name, password=password)


class Desk:
    """A House with a running panel. The work itself runs by the House's ``run_until``."""

    def __init__(self, house: House, config_path: Path | None = None) -> None:
        self.house = house
        self.pomost: Pomost = house.pomost
        self.app = make_app(self.pomost, config_path)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.server = Server(self.app, "127.0.0.1", port)
        self._thread = threading.Thread(target=self.server.run, name="panel")
        for role in ROLES:
            user_id = self.pomost.store.people.add(role, role, time.time())
            assert user_id is not None
            self.pomost.store.people.change(user_id, password=_HASH) or self._set(user_id)

    def _set(self, user_id: int) -> None:
        # while there is no administrator yet, a change is refused: as the link of an invitation would set it
        secret = self.pomost.store.people.invite(user_id, time.time() + 60)
        assert self.pomost.store.people.accept(secret, _HASH, time.time())

    def start(self) -> None:
        self._thread.start()
        end = time.monotonic() + 20
        while not self.server.started and time.monotonic() < end:
            time.sleep(0.01)

    def client(self, role: str = "", language: str = "pl") -> Client:
        """Somebody with a role, signed in; without one: a visitor."""
        made = Client(self.url, language)
        if role:
            assert made.sign_in(role).status_code == 200
        return made

    def stop(self) -> None:
        self.server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive(), "the panel does not end"


@pytest.fixture
def panel(house: Callable[..., House]) -> Iterator[Callable[..., Desk]]:
    """Makes a panel: ``panel(flow={...})`` takes what ``house`` takes, and ``config_path``."""
    made: list[Desk] = []

    def build(config_path: Path | None = None, **wanted: Any) -> Desk:
        desk = Desk(house(**wanted), config_path)
        made.append(desk)
        desk.start()
        return desk

    yield build
    for desk in made:
        desk.stop()


# for one module only: while Playwright runs, its event loop keeps other tests from starting one of their own
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        said = "NO BROWSER: the tests of the panel in a browser did not run. Install chromium (apt install chromium)."
        warnings.warn(said, stacklevel=1)
        pytest.skip(said)
    with sync_playwright() as player:
        started = player.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A page of a real browser, signed in through the form: ``browser_page(desk, "operator", "pl")``. A fault of a script, or
    anything that the page's own policy refuses, fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def build(
        desk: Desk, role: str = "administrator", language: str = "pl", *, away: bool = False, **more: Any
    ) -> Page:
        context = browser.new_context(base_url=desk.url, locale=language, **more)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        # away: nobody answers for a while, which is what the test is about
        known = "Failed to fetch" if away else "\0"
        page.on(
            "console",
            lambda said: (
                faults.append(said.text) if said.type == "error" and known not in said.text else None
            ),
        )
        if role:
            page.goto("/login")
            page.fill("#f-name", role)
            page.fill("#f-password", PASSWORD)
            page.click("main button.main")
            page.wait_for_selector("nav.menu", state="attached")
        return page

    yield build
    for context in contexts:
        context.close()
    # pages that are shown with 4xx on purpose are said to be faults by the browser
    assert [fault for fault in faults if "Failed to load resource" not in fault] == []


def faults_of(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, one line for each kind of fault."""
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['id']}: {one['help']} ({', '.join(str(node['target']) for node in one['nodes'][:3])})"
        for one in found
    ]


__all__ = ["PASSWORD", "PICTURES", "Client", "Desk", "Sandbox", "faults_of"]
