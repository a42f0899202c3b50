"""What `pomost check` says of printers and mail accounts, with and without asking them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pomost.checking import check
from pomost.config.load import ConfigError, load_config
from pomost.config.model import Config
from pomost.devices import ask_devices
from pomost.sandbox.posnet import Emulator
from tests.connectors.smtp.servers import Behaviour, free_port, mail_server
from tests.edges import posnet, smtp
from tests.house import config_for

PRINTER = {"name": "posnet", "company": "main", "host": "127.0.0.1"}
ACCOUNT = {"name": "smtp", "host": "127.0.0.1", "sender": "faktury@example.com"}


def config(folder: Path, preset: str = "", step: Any = (), **wanted: Any) -> Config:
    flow = {"preset": preset or "ro-fs-wz", "step": list(step)}
    return config_for(folder, "http://127.0.0.1:1", flow=flow, **wanted)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"preset": "ro-pa-fiscal-wz", "posnet": [PRINTER]}, None),
        ({"preset": "ro-pa-fiscal-wz"}, "config.unknown-printer"),
        ({"preset": "ro-pa-fiscal-wz", "posnet": [{**PRINTER, "name": "kasa"}]}, "config.unknown-printer"),
        ({"posnet": [{**PRINTER, "company": "hurt"}]}, "config.unknown-company"),
        ({"posnet": [{**PRINTER, "host": ""}]}, "posnet.no-address"),
        ({"posnet": [{**PRINTER, "serial_port": "COM3"}]}, "posnet.no-address"),
        ({"posnet": [{**PRINTER, "payments": {"Raty": "gold"}}]}, "config.unknown-payment"),
        ({"preset": "ro-fs-wz-mail", "smtp": [ACCOUNT]}, None),
        ({"preset": "ro-fs-wz-mail"}, "config.unknown-mailer"),
        ({"smtp": [{**ACCOUNT, "sender": "nobody"}]}, "smtp.settings"),
        ({"smtp": [{**ACCOUNT, "templates": "nowhere"}]}, "mail.template"),
        (
            {"step": [{"id": "x", "fiscalise": "gone", "printer": "posnet"}], "posnet": [PRINTER]},
            "flow.faulty",
        ),
        ({"step": [{"id": "x", "fiscalise": "sale"}]}, "flow.faulty"),
        (
            {"step": [{"id": "x", "fiscalise": "ro-back", "printer": "posnet"}], "posnet": [PRINTER]},
            "flow.faulty",
        ),
        ({"step": [{"id": "x", "mail": {"pdf": ["gone"]}}], "smtp": [ACCOUNT]}, "flow.faulty"),
    ],
)
def test_what_is_wrong_with_devices_is_said_before_anything_runs(
    wanted: dict[str, Any], code: str | None, tmp_path: Path
) -> None:
    assert {problem.code for problem in check(config(tmp_path, **wanted))} == ({code} if code else set())


def test_the_printer_of_another_company_is_no_printer_for_a_document(tmp_path: Path) -> None:
    companies = [{"code": "main", "name": "A"}, {"code": "hurt", "name": "B"}]
    found = config(tmp_path, "ro-pa-fiscal-wz", company=companies, posnet=[{**PRINTER, "company": "hurt"}])

    assert [problem.code for problem in check(found)] == ["config.other-company"]


def test_asked_online_a_printer_and_a_server_that_are_ready_say_nothing(tmp_path: Path) -> None:
    behaviour = Behaviour()
    with Emulator(tmp_path / "memory.db") as emulator, mail_server(behaviour) as port:
        ready = config(tmp_path, posnet=[posnet(emulator)], smtp=[smtp(port)])
        assert ask_devices(ready) == []
        emulator.take_paper()
        assert [problem.code for problem in ask_devices(ready)] == ["posnet.no-paper"]
        assert emulator.receipts() == []
    assert behaviour.taken == []


def test_asked_online_what_is_away_is_said_with_its_name(tmp_path: Path) -> None:
    away = config(tmp_path, posnet=[{**PRINTER, "port": free_port()}], smtp=[smtp(free_port())])

    assert [(problem.place, problem.code) for problem in ask_devices(away)] == [
        ("posnet", "posnet.unreachable"),
        ("smtp", "smtp.unreachable"),
    ]


FILE = """
[[company]]
code = "main"
name = "Sklep"
[[smtp]]
host = "127.0.0.1"
sender = "faktury@example.com"
user = "faktury"
password = {password}
templates = "mails"
[smtp.bounces]
host = "127.0.0.1"
password = "env:POMOST_MAILBOX"
[[posnet]]
company = "main"
host = "127.0.0.1"
register_file = "kasa.db"
"""


def test_passwords_come_from_the_environment_and_are_shown_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "pomost.toml"
    file.write_text(FILE.format(password='"env:POMOST_SMTP"'), encoding="utf-8")

    found = load_config(file, {"POMOST_SMTP": "tajne-1", "POMOST_MAILBOX": "tajne-2"})

    [account] = found.smtp
    assert account.password == "tajne-1"
    assert account.bounces is not None
    assert account.bounces.password == "tajne-2"
    assert "tajne" not in repr(found)
    assert account.templates == str(tmp_path / "mails")
    assert found.posnet[0].register_file == str(tmp_path / "kasa.db")


def test_a_password_of_the_wrong_type_is_not_repeated_in_the_message(tmp_path: Path) -> None:
    file = tmp_path / "pomost.toml"
    file.write_text(FILE.format(password="123456789"), encoding="utf-8")

    with pytest.raises(ConfigError) as raised:
        load_config(file, {"POMOST_MAILBOX": "x"})

    assert "123456789" not in str(raised.value)
    assert "smtp[1].password" in str(raised.value)
