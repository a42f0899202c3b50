"""A refund of money that waits for a person: decided in the panel and on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import typer

from pomost.cli.decisions import spread_refund
from pomost.sandbox.woocommerce import Settings, Shop
from tests.panel.conftest import Desk
from tests.woo_house import RETURNS, SALE, WooHouse


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop(Settings(catalogue="shared"), seed=0) as running:
        yield running


@pytest.fixture
def home(shop: Shop, tmp_path: Path) -> Iterator[WooHouse]:
    made = WooHouse(tmp_path, shop, flows=[SALE, RETURNS])
    yield made
    made.stop()


def asked(shop: Shop, home: WooHouse) -> tuple[int, int]:
    """An order with a receipt, and a refund of 5.00 that waits for a person."""
    order = shop.place(lines=[("KUBEK-1", 2)], payment="payu", paid=True, shipping="none")[0]
    home.run_until_state(order, "done")
    refund = shop.refund(order, amount="5.00", reason="Rysa")
    home.run_until(lambda: home.state_of_return(order, refund) == "person")
    return order, refund


def test_the_operator_has_it_spread_where_he_sees_that_it_waits(shop: Shop, home: WooHouse) -> None:
    order, refund = asked(shop, home)
    case = home.return_line(order, refund).id
    desk = Desk(home)
    desk.start()
    try:
        reader, operator = desk.client("reader"), desk.client("operator")
        page = f"/orders/{case}"
        assert "Obniż ceny sprzedaży" not in reader.get(page).text
        assert "Obniż ceny sprzedaży" in operator.get(page).text

        said = operator.post(f"{page}/spread", page=page)
        home.run_until(lambda: home.state_of_return(order, refund) == "done")
        again = operator.post(f"{page}/spread", page=page)
    finally:
        desk.stop()

    assert "ceny zostaną obniżone" in said.text
    assert "decide.nothing-to-spread" in again.text or "nie czeka na decyzję" in again.text
    assert home.kinds(order) == ["PA", "WZ", "PAK"]
    assert "order.spread" in [one.act for one in home.pomost.store.audits.page()]


def test_on_the_command_line_it_is_decided_once(
    shop: Shop, home: WooHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    order, refund = asked(shop, home)
    line = home.return_line(order, refund)

    spread_refund(home.pomost, line, "ksiegowa")
    home.run_until(lambda: home.state_of_return(order, refund) == "done")

    assert [one.gross for one in home.documents(order) if one.kind == "PAK"] == [Decimal("-5.00")]
    assert "money" in capsys.readouterr().out
    home.pomost.stop()  # a command that fails closes all it had, which nothing may use any more
    with pytest.raises(typer.Exit):
        spread_refund(home.pomost, home.return_line(order, refund), "ksiegowa")
