"""`pomost stock` and `pomost prices`, as typed."""

from __future__ import annotations

from decimal import Decimal

from pomost.bootstrap import assemble
from pomost.config.load import load_config
from pomost.sandbox.woocommerce import Settings as WooSettings
from pomost.sandbox.woocommerce import Shop
from tests.cli.conftest import Desk
from tests.shelf import INVENTORY, Shelf

CATALOGUE = """
[[catalogue]]
name = "sklep"
[[catalogue.stock]]
buffer = 10
"""

PRICES = """
[[catalogue]]
name = "sklep"
[[catalogue.price]]
to = "Detaliczna EUR"
level = "DETAL"
ending = 0.99
"""


def test_push_compare_and_show_say_what_the_shop_has_and_why(desk: Desk) -> None:
    shop = desk.sandbox()
    desk.write(shop)
    desk.stock_up()
    file = desk.folder / "pomost.toml"
    file.write_text(file.read_text(encoding="utf-8") + CATALOGUE, encoding="utf-8")
    shelf = Shelf(shop)

    pushed = desk.run("stock", "push")
    assert pushed.returncode == 0, pushed.stdout + pushed.stderr
    assert "in 1 calls, problems: 0." in pushed.stdout
    assert shelf.stock("KUBEK-01") == 9_990

    shelf.set_stock("KUBEK-01", 17)
    compared = desk.run("stock", "compare")
    assert "different: 1." in compared.stdout
    assert "9990" in compared.stdout
    assert "17" in compared.stdout

    shown = desk.run("stock", "show", "KUBEK-01")
    for text in (
        "bl_20517: 9990",
        "10000 in stock - 0 reserved - 0 sold without a document = 10000",
        "buffer 10",
        "sent 9990",
        "the channel shows 17 now",
    ):
        assert text in shown.stdout, shown.stdout

    one = desk.run("stock", "push", "--sku", "KUBEK-01")
    assert "1 products sent in 1 calls" in one.stdout
    assert shelf.stock("KUBEK-01") == 9_990

    state = desk.run("stock")
    assert state.returncode == 0
    assert "sklep" in state.stdout

    unknown = desk.run("stock", "show", "NO-SUCH")
    assert 'no product has the SKU, EAN or id "NO-SUCH"' in unknown.stdout


def test_without_a_catalogue_it_says_what_is_missing(desk: Desk) -> None:
    desk.write(desk.sandbox(), language="pl")

    done = desk.run("stock", "push")

    assert done.returncode == 1
    assert "[[catalogue.stock]]" in done.stdout


def test_prices_are_pushed_compared_and_explained(desk: Desk) -> None:
    shop = desk.sandbox()
    desk.write(shop)
    pomost = assemble(load_config(desk.folder / "pomost.toml", desk.environment()))
    for sku, levels in (("KUBEK-01", {"DETAL": "43.10"}), ("KUBEK-02", {"HURT": "20.00"})):
        prices = {level: Decimal(price) for level, price in levels.items()}
        pomost.ledger.setup.put_item("main", sku, sku, "23", prices=prices)
    pomost.close()
    file = desk.folder / "pomost.toml"
    file.write_text(file.read_text(encoding="utf-8") + PRICES, encoding="utf-8")
    shelf = Shelf(shop)

    pushed = desk.run("prices", "push")
    assert "1 products sent in 1 calls, problems: 0." in pushed.stdout, pushed.stdout + pushed.stderr
    assert shelf.price("KUBEK-01", 21003) == 9.99

    shown = desk.run("prices", "show", "KUBEK-01")
    for text in (
        "21003: 9.99 EUR",
        "level DETAL: 10.02 gross",
        "43.10 PLN gross",
        "rate 0.232558 of",
        "ending 0.99",
        "sent 9.99",
    ):
        assert text in shown.stdout, shown.stdout
    without = desk.run("prices", "show", "KUBEK-02")
    assert "no price, nothing is sent" in without.stdout
    assert "the card has no price at the level DETAL" in without.stdout

    products = {str(shelf.row("KUBEK-01")["id"]): {"21003": 1}}
    shelf.call("updateInventoryProductsPrices", inventory_id=INVENTORY, products=products)
    compared = desk.run("prices", "compare")
    assert "different: 1." in compared.stdout
    state = desk.run("prices")
    assert state.returncode == 0
    assert "KUBEK-02" in state.stdout, "what has no price is named"
    assert "no price at" in " ".join(state.stdout.split())


def test_check_names_what_is_wrong_in_a_catalogue(desk: Desk) -> None:
    desk.write(desk.sandbox())
    file = desk.folder / "pomost.toml"
    right = file.read_text(encoding="utf-8")
    wrong = """
[[catalogue]]
name = "one"
channel = "woo"
[[catalogue]]
name = "one"
company = "other"
"""
    file.write_text(right + wrong, encoding="utf-8")
    offline = desk.run("check")
    for text in (
        'catalogue[1].channel: there is no connection "woo"',
        'catalogue[2].name: there is another catalogue "one"',
        'catalogue[2].company: there is no company "other"',
    ):
        assert text in offline.stdout, offline.stdout

    file.write_text(right + CATALOGUE + 'to = "Trzeci"\n', encoding="utf-8")
    online = desk.run("check", "--online")
    assert online.returncode == 2
    assert "Magazyn drugi (bl_20518)" in online.stdout


SHOP = """
[[woocommerce]]
name = "www"
url = "{url}"
key = "{key}"
secret = "{secret}"

[[catalogue]]
name = "www"
channel = "www"
[[catalogue.stock]]
buffer = 1
"""


def test_a_channel_that_fails_does_not_keep_the_others_from_being_sent_compared_and_shown(desk: Desk) -> None:
    account = desk.sandbox()
    desk.write(account, language="pl")
    desk.stock_up()
    file = desk.folder / "pomost.toml"
    with Shop(WooSettings(catalogue="shared"), seed=0) as shop:
        both = CATALOGUE + SHOP.format(url=shop.url, key=shop.key, secret=shop.secret)
        file.write_text(file.read_text(encoding="utf-8") + both, encoding="utf-8")
        account.misbehave("html-200", times="always")

        pushed = desk.run("stock", "push")
        assert "www: wysłano produktów: " in pushed.stdout, pushed.stdout + pushed.stderr
        assert "sklep: " in pushed.stdout
        assert "baselinker.answer-lost" in pushed.stdout
        assert pushed.returncode == 2
        assert shop.stock("KUBEK-01") == 9_999

        compared = desk.run("stock", "compare")
        assert (compared.returncode, "www: porównano" in compared.stdout) == (2, True), compared.stdout
        shown = desk.run("stock", "show", "KUBEK-01")
        assert (shown.returncode, "kanał pokazuje teraz 9999" in shown.stdout) == (2, True), shown.stdout

        account.behave()
        again = desk.run("stock", "push")
        assert again.returncode == 0
        assert Shelf(account).stock("KUBEK-01") == 9_990


def test_check_points_out_stock_that_goes_where_nobody_reads_the_orders(desk: Desk) -> None:
    desk.write(desk.sandbox(), language="pl")
    file = desk.folder / "pomost.toml"
    both = CATALOGUE + SHOP.format(url="http://127.0.0.1:1", key="ck_1", secret="cs_1")
    file.write_text(file.read_text(encoding="utf-8") + both, encoding="utf-8")

    said = desk.run("check")

    assert said.returncode == 0, "it may be meant so: orders of a shop may come through BaseLinker"
    assert "catalogue[2].stock: stan idzie do „www”" in said.stdout
    assert 'source = "www"' in said.stdout
    assert "catalogue[1]" not in said.stdout, "orders of BaseLinker are read"


def test_an_item_or_a_catalogue_that_is_not_there_is_named(desk: Desk) -> None:
    desk.write(desk.sandbox(), language="pl")
    file = desk.folder / "pomost.toml"
    file.write_text(file.read_text(encoding="utf-8") + CATALOGUE, encoding="utf-8")

    nothing = desk.run("stock", "push")
    assert nothing.returncode == 0
    assert "nie jest rozpoznany" in nothing.stdout
    assert "pomost import items" in nothing.stdout

    desk.stock_up()
    item = desk.run("stock", "push", "--sku", "NIEMA")
    assert item.returncode == 1
    assert "„NIEMA”" in item.stdout
    known = desk.run("stock", "push", "--sku", "KUBEK-01")
    assert known.returncode == 0
    assert "wysłano produktów: 1, " in known.stdout

    catalogue = desk.run("stock", "push", "--catalogue", "allegro")
    assert catalogue.returncode == 1
    assert "„allegro”" in catalogue.stdout
    assert "sklep" in catalogue.stdout
