"""Whose certificates our clients trust, with a real server and a real authority."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import trustme
from pytest_httpserver import HTTPServer

from pomost.connectors.nbp.client import Client
from pomost.ports import TryAgain
from pomost.tls import trusted

DAY = date(2026, 11, 25)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def bank(authority: trustme.CA) -> Iterator[HTTPServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with HTTPServer(host="localhost", ssl_context=context) as server:
        server.expect_request(f"/exchangerates/rates/a/eur/{DAY}/").respond_with_json(
            {"rates": [{"mid": 4.25}]}
        )
        yield server


@pytest.fixture
def known(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine knows the authority."""
    authority.cert_pem.write_to_path(tmp_path / "authorities.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authorities.pem"))


@pytest.fixture
def begun_anew() -> Iterator[None]:
    """As in a process that begins: which authorities there are is read once."""
    trusted.cache_clear()
    yield
    trusted.cache_clear()


def test_a_server_with_a_certificate_of_an_authority_that_the_machine_knows_is_believed(
    bank: HTTPServer, known: None, begun_anew: None
) -> None:
    assert Client(bank.url_for("")).rate("EUR", DAY)["rates"] == [{"mid": Decimal("4.25")}]


def test_one_that_nobody_vouches_for_is_told_nothing(bank: HTTPServer, begun_anew: None) -> None:
    with pytest.raises(TryAgain) as failure:
        Client(bank.url_for("")).rate("EUR", DAY)

    assert failure.value.code == "nbp.unreachable"
    assert bank.log == []


def test_one_that_shows_the_certificate_of_another_is_told_nothing(
    bank: HTTPServer, known: None, begun_anew: None
) -> None:
    with pytest.raises(TryAgain):
        Client(bank.url_for("").replace("localhost", "127.0.0.1")).rate("EUR", DAY)

    assert bank.log == []
