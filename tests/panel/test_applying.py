"""Settings that were saved are made to hold: a real `pomost serve` begins anew by a button or a signal, or goes on as it was."""

from __future__ import annotations

import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from pomost.ledger import open_ledger
from pomost.sandbox.baselinker import Sandbox
from tests.panel.conftest import Desk, faults_of
from tests.panel.served import Served
from tests.panel.test_settings import FILE

needs_hang_up = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there is no such signal here")


@pytest.fixture
def served(tmp_path: Path, shop: Sandbox) -> Iterator[Served]:
    made = Served(tmp_path, shop)
    yield made
    made.close()


def test_the_button_ends_what_is_under_way_and_the_same_process_begins_anew_with_the_new_file(
    served: Served, shop: Sandbox
) -> None:
    administrator = served.administrator()
    shop.configure(delay_s=0.1)
    orders = shop.place(8, paid=True)
    served.until(lambda: shop.count("W realizacji") > 0)
    served.write('language = "pl"', 'language = "en"')
    assert "Zastosuj teraz" in administrator.get("/settings").text

    waits = administrator.post("/settings/apply", page="/settings")
    while_waiting = administrator.http.get(str(waits.url), headers={"hx-request": "true"})
    served.until(lambda: served.language() == "en")
    by_itself = administrator.http.get(str(waits.url), headers={"hx-request": "true"})
    comes_back = administrator.get(str(waits.url))

    assert waits.url.path == "/settings/applying"
    assert "Ta strona wróci sama" in waits.text
    assert (while_waiting.status_code, while_waiting.headers.get("hx-redirect")) == (204, None)
    assert by_itself.headers["hx-redirect"].startswith("/settings/applying?since=")
    assert comes_back.url.path == "/settings"
    assert "Nowe ustawienia działają" in comes_back.text, "nobody has to sign in again"
    assert "Zastosuj teraz" not in comes_back.text
    assert [one.who for one in served.store.audits.page() if one.act == "settings.apply"] == ["administrator"]
    served.until(lambda: [one.state for one in served.store.queries.all()] == ["waiting"] * len(orders))
    assert served.end() == 0
    ledger = open_ledger(f"sqlite:///{served.folder / 'ledger.db'}")
    made = Counter(one.foreign_number for one in ledger.documents("main", "RO"))
    ledger.close()
    assert made == Counter(str(order) for order in orders), "each order once, also those that were under way"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('preset = "ro-fs-wz"', 'preset = "nie-ma"', "nie-ma"),
        ('language = "pl"', 'language = "pl', "toml.io"),
        ('language = "pl"', 'language = "pl"\ndata_dir = "pomost.toml/nie-tu"', "nie da się tam nic zapisać"),
        (
            'language = "pl"',
            'language = "pl"\n[database]\nurl = "postgresql://kto:hasło-tajne@127.0.0.1:9/nic"\n',
            "tej bazy nie da się otworzyć",
        ),
    ],
    ids=["a preset that is not there", "no TOML", "a folder", "a database"],
)
def test_a_file_that_would_not_come_up_is_refused_and_all_goes_on_as_before(
    before: str, after: str, said: str, served: Served
) -> None:
    administrator = served.administrator()
    began = served.process.pid
    served.write(before, after)

    answer = administrator.post("/settings/apply", page="/settings")

    assert "Pomost by nie wystartował" in answer.text
    assert said in answer.text
    assert "hasło-tajne" not in answer.text
    time.sleep(2)
    assert served.process.poll() is None
    assert (served.process.pid, served.language()) == (began, "pl")
    assert [one.act for one in served.store.audits.page() if one.act == "settings.apply"] == []


def test_a_port_that_another_program_has_is_seen_before(served: Served) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        served.write(f"port = {served.url.rsplit(':', 1)[1]}", f"port = {other.getsockname()[1]}")

        answer = served.administrator().post("/settings/apply", page="/settings")

        assert "słucha już inny program" in answer.text
        assert served.language() == "pl"


@needs_hang_up
def test_a_hang_up_begins_anew_however_often_it_comes(served: Served) -> None:
    served.write('language = "pl"', 'language = "en"')

    for _ in range(5):
        served.process.send_signal(signal.SIGHUP)
        time.sleep(0.2)
    served.until(lambda: served.language() == "en")

    served.write('language = "en"', 'language = "pl"')
    served.process.send_signal(signal.SIGHUP)
    served.until(lambda: served.language() == "pl")
    assert served.end() == 0


@needs_hang_up
def test_a_hang_up_with_a_wrong_file_is_said_in_the_log_and_changes_nothing(served: Served) -> None:
    served.write('preset = "ro-fs-wz"', 'preset = "nie-ma"')

    served.process.send_signal(signal.SIGHUP)

    log = served.folder / "logs" / "pomost.log"
    served.until(lambda: log.is_file() and "serve.not-begun-anew" in log.read_text("utf-8"))
    assert served.language() == "pl"
    assert served.end() == 0


@needs_hang_up
def test_an_end_that_is_asked_for_meanwhile_is_an_end(served: Served, shop: Sandbox) -> None:
    shop.configure(delay_s=1.5)
    shop.place(4, paid=True)
    time.sleep(1)
    served.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)

    assert served.end() == 0


def test_a_panel_that_somebody_else_runs_says_that_it_can_t(
    panel: Callable[..., Desk], tmp_path: Path, shop: Sandbox
) -> None:
    file = tmp_path / "pomost.toml"
    file.write_text(FILE.format(url=shop.url), encoding="utf-8")
    administrator = panel(config_path=file).client("administrator")

    answer = administrator.post("/settings/apply", page="/settings")

    assert "nie da się stąd uruchomić od nowa" in answer.text
    assert administrator.get("/settings/applying").url.path == "/settings"


@pytest.mark.parametrize(
    ("language", "done"), [("pl", "Nowe ustawienia działają"), ("en", "The new settings hold")]
)
def test_the_page_comes_back_by_itself_in_a_browser(
    served: Served, browser_page: Callable[..., Page], language: str, done: str
) -> None:
    page = browser_page(served, "administrator", language, away=True)
    served.write("payment_days = 7", "payment_days = 14")
    page.goto("/settings")
    page.on("dialog", lambda asked: asked.accept())

    page.click("form[action='/settings/apply'] button")

    page.wait_for_url("**/settings/applying*")
    assert faults_of(page) == []
    page.wait_for_selector(f"text={done}", timeout=60_000)
    assert page.url.endswith("/settings")
