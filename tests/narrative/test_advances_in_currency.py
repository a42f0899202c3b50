"""A12: advances in euro, each at the NBP rate of the working day before its payment, as an accountant would tell it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pomost.sandbox.baselinker import Sandbox
from pomost.trade.documents import Document
from tests.house import TODAY, House
from tests.narrative.test_advances import at_noon
from tests.narrative.test_returns import call

D = Decimal
TABLE = {"2026-11-19": "4.2731", "2026-11-20": "4.3119", "2026-11-24": "4.2008"}
"""Thursday, Friday and Tuesday; the payments come on Friday and Monday, the final invoice is of Wednesday."""


class Bank(BaseHTTPRequestHandler):
    """The NBP's table A of three days."""

    def do_GET(self) -> None:
        day = self.path.split("/")[-2]
        rate = {"no": f"A/{day}", "effectiveDate": day, "mid": float(TABLE.get(day, "0"))}
        body = json.dumps({"rates": [rate]}).encode()
        self.send_response(200 if day in TABLE else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def bank() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bank)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/api"
    server.shutdown()
    server.server_close()


def of_kind(home: House, order: int, *kinds: str) -> list[Document]:
    return [document for document in home.documents(order) if document.kind in kinds]


def test_a12_each_advance_has_the_rate_before_its_payment_and_what_comes_back_the_same(
    shop: Sandbox, house: Callable[..., House], bank: str
) -> None:
    sales = {"name": "sklep", "source": "baselinker", "company": "main", "preset": "ro-fzal-fs"}
    returns = {
        "name": "zwroty",
        "source": "baselinker",
        "company": "main",
        "preset": "returns",
        "rules": {"return_reason": "Zwrot"},
    }
    home = house(flows=[sales, returns], baselinker={"returns_s": 0.1}, rates={"source": "nbp", "url": bank})
    mugs = [{"sku": "KUBEK-1", "quantity": 3, "price_brutto": "12.30", "tax_rate": "23"}]

    # 36.90 EUR; 10.00 came on Friday the 20th, 20.00 more on Monday the 23rd.
    order = shop.place(lines=mugs, currency="EUR", nip="1234563218", paid=False, delivery_price="0")[0]
    for day, paid in ((date(2026, 11, 20), 10), (date(2026, 11, 23), 30)):
        call(
            shop,
            "setOrderPayment",
            order_id=order,
            payment_done=paid,
            payment_date=at_noon(day),
            payment_comment="",
        )
    home.run_until(lambda: len(of_kind(home, order, "FZAL")) == 2)
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    # Each has the rate of the working day before its own payment, the final invoice that before its own day.
    found = of_kind(home, order, "FZAL", "FS")
    assert [(one.sold_on, one.gross, one.rate) for one in found] == [
        (date(2026, 11, 20), D("10.00"), D("4.2731")),
        (date(2026, 11, 23), D("20.00"), D("4.3119")),
        (TODAY, D("6.90"), D("4.2008")),
    ]
    assert "2026-11-19" in found[0].rate_note
    # Of 1.87, 3.74 and 1.29 EUR of tax (6.90 in all) each is turned into PLN by itself.
    assert [home.ledger.in_pln("main", one.key)[1] for one in found] == [D("7.99"), D("16.13"), D("5.42")]

    # All three mugs come back, two and one: each correction has the rate of what it corrects, and nothing is left.
    line = shop.order(order)["products"][0]["order_product_id"]
    for quantity in (2, 1):
        back = shop.return_goods(order, {line: quantity})
        shop.move_return(back, "Przyjęte")
        home.run_until_state(back, "done")
    corrections = of_kind(home, order, "FSK")
    by_number = {one.number: one for one in found}
    assert [one.correction and one.correction.of_number for one in corrections] == [
        "FS/1/2026",
        "FZAL/2/2026",
        "FS/1/2026",
        "FZAL/2/2026",
        "FZAL/1/2026",
    ]
    assert all(one.rate == by_number[one.correction.of_number].rate for one in corrections if one.correction)
    for whole in found:
        own = [whole, *(one for one in corrections if one.correction and one.correction.of_id == whole.id)]
        assert sum(one.gross for one in own) == 0
        assert sum(home.ledger.in_pln("main", one.key)[1] for one in own) == 0
