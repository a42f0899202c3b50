"""``pomost items`` as typed: what would change, what is asked, what a person decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from pomost.bootstrap import assemble
from pomost.config.load import load_config
from pomost.trade.card import Card
from tests.cli.conftest import Desk
from tests.postgres import empty_database

CARDS = """
[[catalogue]]
name = "sklep"
{more}
[catalogue.cards]
to_channel = ["name", "weight"]
to_erp = ["description"]
create = {create}
"""


def prepared(desk: Desk, *, create: bool = False, more: str = "", database: str = "") -> None:
    """The sample shop, its items in the ledger, one of them with another name, and one more."""
    shop = desk.sandbox()
    desk.write(shop, database=database)
    file = desk.folder / "pomost.toml"
    file.write_text(file.read_text() + CARDS.format(create=str(create).lower(), more=more))
    desk.stock_up()
    put(desk.folder, Card("KUBEK-01", name="Kubek [red]duży[/red]"), Card("NOWY-1", name="Nowy", vat="23"))


def put(folder: Path, *cards: Card) -> None:
    pomost = assemble(load_config(folder / "pomost.toml", {"POMOST_BL_TOKEN": "x"}))
    pomost.ledger.put_cards("main", cards)
    pomost.close()


def test_the_preview_says_field_by_field_what_would_change_and_changes_nothing(desk: Desk) -> None:
    prepared(desk)

    first = desk.run("items", "preview")
    again = desk.run("items", "preview", "--sku", "KUBEK-01")

    assert first.returncode == 0, first.stdout + first.stderr
    line = next(line for line in first.stdout.splitlines() if "KUBEK-01" in line)
    for word in ("name -> channel", "Kubek ceramiczny 350 ml, biały", "Kubek [red]duży[/red]"):
        assert word in line
    assert "would create (create = false)" in next(
        line for line in first.stdout.splitlines() if "NOWY-1" in line
    )
    assert "KUBEK-02 " not in first.stdout
    assert "name -> channel" in again.stdout, "nothing was sent meanwhile"
    assert "NOWY-1" not in again.stdout


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_push_sends_makes_what_is_turned_on_and_compare_is_content(
    kind: str, desk: Desk, request: pytest.FixtureRequest
) -> None:
    if kind == "postgres":
        with empty_database(request.getfixturevalue("postgres")) as url:
            push_and_compare(desk, url)
    else:
        push_and_compare(desk, "")


def push_and_compare(desk: Desk, database: str) -> None:
    prepared(desk, create=True, database=database)

    pushed = desk.run("items", "push")
    compared = desk.run("items", "compare")
    preview = desk.run("items", "preview")
    state = desk.run("items")
    shown = desk.run("items", "show", "NOWY-1")

    assert pushed.returncode == 0, pushed.stdout + pushed.stderr
    assert "Both sides say the same." in compared.stdout
    assert "NOWY-1" not in preview.stdout
    assert state.returncode == 0
    assert "sklep" in state.stdout
    name = next(line for line in shown.stdout.splitlines() if " name " in line)
    assert name.count("Nowy") == 2, "on both sides"
    assert "ERP" in name
    assert "nobody" in next(line for line in shown.stdout.splitlines() if "manufacturer" in line)


def test_what_is_unclear_is_shown_and_decided(desk: Desk) -> None:
    prepared(desk, more='match = "ean"')
    put(desk.folder, Card("KUBEK-X", name="Drugi", vat="23", ean="5900000000008"))
    put(desk.folder, Card("KUBEK-01", ean="5900000000008"))
    shown = desk.run("items", "show", "KUBEK-02")
    product = next(word for word in shown.stdout.split() if word.isdigit() and len(word) >= 4)
    put(desk.folder, Card("KUBEK-02B", name="Podobny", vat="23", ean=ean_of(desk.folder, "KUBEK-02")))
    desk.run("items", "push")

    asked = desk.run("items")
    linked = desk.run("items", "link", product, "KUBEK-02B")
    after = desk.run("items")
    ignored = desk.run("items", "ignore", product)

    assert f"? {product}: Product {product} may be several items" in asked.stdout, asked.stdout
    assert linked.stdout.strip() == f"{product} is item KUBEK-02B."
    assert f"? {product}" not in after.stdout
    assert ignored.stdout.strip() == f"{product} is left alone."


def ean_of(folder: Path, sku: str) -> str:
    pomost = assemble(load_config(folder / "pomost.toml", {"POMOST_BL_TOKEN": "x"}))
    ean = pomost.ledger.cards("main", [sku])[sku].ean
    pomost.close()
    return str(ean)


def test_what_is_not_there_is_said_in_a_sentence(desk: Desk) -> None:
    prepared(desk)

    product = desk.run("items", "ignore", "KUBEK-01")
    other = desk.run("items", "--catalogue", "inny")

    assert (product.returncode, product.stderr) == (2, "")
    assert "No product with the id KUBEK-01 was listed." in product.stdout
    assert (other.returncode, other.stderr) == (2, "")
    assert 'no catalogue "inny"' in other.stdout


def test_a_field_with_two_owners_is_found_by_check(desk: Desk) -> None:
    prepared(desk)
    file = desk.folder / "pomost.toml"
    file.write_text(file.read_text().replace('to_erp = ["description"]', 'to_erp = ["name"]'))

    checked = desk.run("check")

    assert checked.returncode == 2
    assert '"name" stands in to_channel and in to_erp' in checked.stdout


def test_what_a_shop_calls_a_product_does_not_move_the_terminal(desk: Desk) -> None:
    prepared(desk)
    put(desk.folder, Card("KUBEK-02", name="Kubek \x1b[2J\x07 zły"))

    shown = desk.run("items", "preview", "--sku", "KUBEK-02")

    assert "Kubek [2J zły" in shown.stdout
    assert "\x1b[2J" not in shown.stdout
