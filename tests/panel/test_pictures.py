"""Pictures of the panel. POMOST_PICTURES=1 puts those of the README into docs/pictures."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.panel.conftest import PICTURES, Desk

PAGES = {
    "start": "/",
    "orders": "/orders",
    "order": "/orders/1",
    "document": "/documents/3",
    "flow": "/flows/sklep",
}


def test_pictures_of_the_panel_with_a_days_work(
    panel: Callable[..., Desk], browser_page: Callable[..., Page], tmp_path: Path
) -> None:
    desk = panel()
    shop, house = desk.house.shop, desk.house
    shop.place(9, paid=True)
    house.run_until(lambda: house.states() == {"waiting": 9})
    shop.move_all("W realizacji", "Spakowane")
    house.run_until(lambda: house.states() == {"done": 9})
    odd = shop.place(2, paid=True)
    for line in shop.order(odd[0])["products"]:
        shop.edit_line(odd[0], line["order_product_id"], sku="NIEZNANY-SKU")
    house.run_until(lambda: sum(house.states().values()) == 11 and house.states()["done"] == 9)
    folder = PICTURES if os.environ.get("POMOST_PICTURES") else tmp_path
    folder.mkdir(exist_ok=True)
    page = browser_page(desk, "administrator", "pl", viewport={"width": 1200, "height": 780})

    for name, url in PAGES.items():
        answer = page.goto(url)
        assert answer is not None
        assert answer.status == 200
        page.screenshot(path=str(folder / f"{name}.png"))
        assert (folder / f"{name}.png").stat().st_size > 10_000
