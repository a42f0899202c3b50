"""Every address of stock, work lists, acts and imports, and the role that it needs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pomost.panel.pages import acts, cards, imports, stock, worklists
from tests.panel.conftest import ROLES, Desk

ADDRESSES = {
    ("GET", "/stock"): "reader",
    ("GET", "/stock/{catalogue}/{sku:path}"): "reader",
    ("POST", "/stock/push"): "operator",
    ("POST", "/stock/again"): "operator",
    ("POST", "/stock/compare"): "operator",
    ("GET", "/stock/questions"): "reader",
    ("POST", "/stock/questions"): "operator",
    ("GET", "/stock/creations"): "reader",
    ("GET", "/stock/cards"): "reader",
    ("POST", "/stock/cards/again"): "operator",
    ("GET", "/work"): "reader",
    ("GET", "/work/{tab}"): "reader",
    ("POST", "/work/again"): "operator",
    ("GET", "/acts"): "reader",
    ("GET", "/acts/{act_id}"): "reader",
    ("GET", "/acts/{act_id}/events"): "reader",
    ("GET", "/imports"): "operator",
    ("POST", "/imports"): "operator",
    ("GET", "/imports/{name}"): "operator",
    ("POST", "/imports/{name}"): "operator",
    ("GET", "/imports/{name}/errors"): "operator",
}
FILLED = {
    "{catalogue}": "sklep",
    "{sku:path}": "KUBEK-01",
    "{tab}": "person",
    "{act_id}": "1",
    "{name}": "A" * 24,
}


def test_every_address_has_a_row() -> None:
    there = {
        (method, route.path)
        for area in (acts, cards, imports, stock, worklists)
        for route in area.router.routes
        for method in getattr(route, "methods", ())
        if method != "HEAD"
    }

    assert there == set(ADDRESSES)


def test_who_may_do_what(panel: Callable[..., Desk]) -> None:
    desk = panel(catalogue=[{"name": "sklep", "channel": "baselinker", "stock": [{}]}])
    clients = {role: desk.client(role) for role in ROLES}
    visitor = desk.client()
    for (method, path), needed in ADDRESSES.items():
        url = path
        for name, value in FILLED.items():
            url = url.replace(name, value)
        for role, client in clients.items():
            answer = client.get(url) if method == "GET" else client.post(url, page="/work")
            allowed = ROLES.index(role) >= ROLES.index(needed)
            assert (answer.status_code != 403) is allowed, (method, url, role, answer.status_code)
        answer = visitor.get(url) if method == "GET" else visitor.post(url)
        assert answer.url.path == "/login", (method, url)


@pytest.mark.parametrize("url", [path for (method, path) in ADDRESSES if method == "POST"])
def test_a_form_of_another_site_does_nothing(panel: Callable[..., Desk], url: str) -> None:
    operator = panel().client("operator")

    answer = operator.http.post(url.replace("{name}", "A" * 24), data={"csrf": "0.0", "catalogue": "sklep"})

    assert answer.status_code == 403
