"""The sandbox as a thread of this process, and the verbs it shares with one in another process."""

import socket
import threading
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn

from pomost.sandbox.baselinker.desk import Shop
from pomost.sandbox.baselinker.protocol import Json
from pomost.sandbox.baselinker.server import CuttableProtocol, Server
from pomost.sandbox.baselinker.settings import Settings
from pomost.sandbox.faults import Times

START_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Write:
    """One change that the API made to an order: ``changed`` holds the new values."""

    method: str
    at: float
    changed: Json
    order_id: int = 0


@dataclass(frozen=True)
class Call:
    """One API call; ``outcome`` is ``SUCCESS``, an error code, or the name of the fault that hit it."""

    method: str
    at: float
    token: str
    outcome: str


@dataclass(frozen=True)
class ProductWrite:
    """One change that the API made to a product: ``changed`` holds the new values, figures by warehouse or group."""

    product_id: int
    kind: str
    method: str
    at: float
    changed: Json


def _by_number(found: Any) -> dict[int, Any]:
    # Over HTTP the numbers travel as texts.
    return {int(number): value for number, value in found.items()}


class Verbs:
    """What can be asked of a sandbox, wherever it runs.

    An unknown order, line or status raises ``LookupError``, a wrong value ``ValueError``.
    """

    url: str
    token: str

    def ask(self, name: str, arguments: Json) -> Any:
        """Do the act ``name``; given by the two kinds of sandbox."""
        raise LookupError(f"Ask a Sandbox or RemoteSandbox, not {type(self).__name__}")

    def add_order(self, order: Json) -> int:
        """Put in a raw order as in ``getOrders``; missing keys get defaults, ``status`` may be a name."""
        return int(self.ask("add_order", {"order": order}))

    def place(self, orders: int = 1, **overrides: Any) -> list[int]:
        """Let buyers order.

        Overrides: lines, nip, want_invoice, currency, status, paid, cod, delivery_price, confirmed, at, email,
        company, country, source. They are confirmed unless wished otherwise.
        """
        return list(self.ask("place", {"orders": orders, **overrides}))

    def live(
        self, seconds: float, rate: float = 6.0, speed: float = 1.0, mix: dict[str, float] | None = None
    ) -> int:
        """Let so many seconds of the buyers' time pass at once: they order ``rate`` times a minute and later pay,
        change, cancel and return, ``speed`` times sooner than people do.

        ``mix`` changes how often they do what (fields of ``mix.Mix``). The number of things that happened; the same
        seed and arguments give the same ones.
        """
        return int(self.ask("live", {"seconds": seconds, "rate": rate, "speed": speed, "mix": mix}))

    def start_buyers(self, rate: float = 6.0, count: int = 0, speed: float = 60.0) -> None:
        """Let buyers go on ordering by themselves, ``rate`` times a minute, until ``count`` orders are placed (0: until
        ``stop_buyers``)."""
        self.ask("start_buyers", {"rate": rate, "count": count, "speed": speed})

    def stop_buyers(self) -> None:
        """Those that ``start_buyers`` sent stop."""
        self.ask("stop_buyers", {})

    def overview(self) -> Json:
        """How the shop stands (orders by status, the last calls, faults asked for, the block) and which faults it knows."""
        return dict(self.ask("overview", {}))

    def replay(self, path: str, vat_rate: Decimal | int = 20, recent: bool = False) -> int:
        """Place the orders of a CSV file of real ones (see ``replay``) that are not there yet; how many those were.

        With ``recent`` they are moved in time together, so that the last one is confirmed now.
        """
        return int(self.ask("replay", {"path": str(path), "vat_rate": vat_rate, "recent": recent}))

    def count(self, status: int | str) -> int:
        """How many orders are in a status."""
        return int(self.ask("count", {"status": status}))

    def move_all(self, before: int | str, after: int | str, older_than_s: float = 0) -> int:
        """The staff move every order that has been in one status for so long to another; gives how many."""
        return int(self.ask("move_all", {"before": before, "after": after, "older_than_s": older_than_s}))

    def order(self, order_id: int) -> Json:
        """The whole truth about an order: all fields, the name of its status, its extra fields."""
        return dict(self.ask("order", {"order_id": order_id}))

    def orders(self) -> list[Json]:
        return list(self.ask("orders", {}))

    def move(self, order_id: int, status: int | str) -> None:
        self.ask("move", {"order_id": order_id, "status": status})

    def edit(self, order_id: int, **fields: Any) -> None:
        self.ask("edit", {"order_id": order_id, **fields})

    def edit_line(self, order_id: int, line_id: int, **fields: Any) -> None:
        self.ask("edit_line", {"order_id": order_id, "line_id": line_id, **fields})

    def add_line(self, order_id: int, **line: Any) -> int:
        return int(self.ask("add_line", {"order_id": order_id, **line}))

    def remove_line(self, order_id: int, line_id: int) -> None:
        self.ask("remove_line", {"order_id": order_id, "line_id": line_id})

    def cancel(self, order_id: int) -> None:
        self.ask("cancel", {"order_id": order_id})

    def confirm(self, order_id: int) -> None:
        self.ask("confirm", {"order_id": order_id})

    def pay(self, order_id: int, amount: Decimal | float | str | None = None) -> None:
        """Set the total paid to ``amount``; without one the order is paid in full."""
        self.ask("pay", {"order_id": order_id, "amount": None if amount is None else str(amount)})

    def split(self, order_id: int, lines: dict[int, int]) -> int:
        """Split off quantities by line id; the id of the new order."""
        return int(self.ask("split", {"order_id": order_id, "lines": lines}))

    def merge(self, main: int, others: list[int], mode: str = "into_main_order") -> int:
        """Merge others into ``main``, or all into a new order with ``technical_merge``; the merged order's id."""
        return int(self.ask("merge", {"main": main, "others": others, "mode": mode}))

    def copy(self, order_id: int) -> int:
        return int(self.ask("copy", {"order_id": order_id}))

    def remove(self, order_id: int) -> None:
        self.ask("remove", {"order_id": order_id})

    def return_goods(self, order_id: int, lines: dict[int, int]) -> int:
        """The buyer sends back quantities by line id; the id of the return."""
        return int(self.ask("return_goods", {"order_id": order_id, "lines": lines}))

    def move_return(self, return_id: int, status: int | str) -> None:
        """Staff move a return to a status, by id or name."""
        self.ask("move_return", {"return_id": return_id, "status": status})

    def invoices(self, order_id: int) -> list[Json]:
        return list(self.ask("invoices", {"order_id": order_id}))

    def receipts(self, order_id: int) -> list[Json]:
        return list(self.ask("receipts", {"order_id": order_id}))

    def returns(self, order_id: int) -> list[Json]:
        return list(self.ask("returns", {"order_id": order_id}))

    def invoice_file(self, invoice_id: int) -> bytes | None:
        """The file put in place of the invoice by ``addOrderInvoiceFile``."""
        found = self.ask("invoice_file", {"invoice_id": invoice_id})
        return None if found is None else bytes(found)

    def receipt_file(self, receipt_id: int) -> bytes | None:
        found = self.ask("receipt_file", {"receipt_id": receipt_id})
        return None if found is None else bytes(found)

    def writes(self, order_id: int | None = None) -> list[Write]:
        """What API calls changed, oldest first; edits made by the shop's own people are not among them."""
        return [Write(**write) for write in self.ask("writes", {"order_id": order_id})]

    def calls(self, method: str | None = None) -> list[Call]:
        return [Call(**call) for call in self.ask("calls", {"method": method})]

    def file(self, order_id: int, field: int | str) -> bytes | None:
        """The content of a file-type extra field given by id or name."""
        found = self.ask("file", {"order_id": order_id, "field": field})
        return None if found is None else bytes(found)

    # products

    def product(self, product_id: int | None = None, sku: str | None = None) -> Json:
        """The whole truth about a product, by id, or by SKU in the default inventory: card, stock, prices."""
        return dict(self.ask("product", {"product_id": product_id, "sku": sku}))

    def products(self, inventory_id: int | None = None) -> list[int]:
        """The ids of all products of an inventory, variants too."""
        return list(self.ask("products", {"inventory_id": inventory_id}))

    def stock(self, product_id: int) -> dict[str, int]:
        """Pieces by warehouse key."""
        return dict(self.product(product_id)["stock"])

    def prices(self, product_id: int) -> Json:
        """Gross prices by price group."""
        return dict(self.product(product_id)["prices"])

    def figures(self, what: str = "stock", inventory_id: int | None = None) -> dict[int, Json]:
        """The stock, or with ``what="prices"`` the prices, of every product of an inventory."""
        return _by_number(self.ask("figures", {"what": what, "inventory_id": inventory_id}))

    def set_stock(self, product_id: int, quantity: int, warehouse: str | None = None) -> None:
        """Somebody corrects a figure by hand in the panel; without a warehouse in the default one."""
        self.ask("set_stock", {"product_id": product_id, "quantity": quantity, "warehouse": warehouse})

    def set_price(self, product_id: int, price: Decimal | float | str, group: int | None = None) -> None:
        """Somebody changes a price by hand in the panel; without a group in the default one."""
        self.ask("set_price", {"product_id": product_id, "price": str(price), "group": group})

    def remove_product(self, product_id: int) -> None:
        """Somebody deletes a product, with its variants, in the panel."""
        self.ask("remove_product", {"product_id": product_id})

    def fill_catalogue(self, products: int, seed: int = 0) -> int:
        """Put the articles of ``catalogue.many(products, seed)`` into the default inventory; how many it then has."""
        return int(self.ask("fill_catalogue", {"products": products, "seed": seed}))

    def product_file(self, product_id: int, field: int | str) -> bytes | None:
        """The picture at a writing position (0 to 15), or the file of a text field given by its key."""
        found = self.ask("product_file", {"product_id": product_id, "field": field})
        return None if found is None else bytes(found)

    def product_writes(self, product_id: int | None = None, kind: str | None = None) -> list[ProductWrite]:
        """What API calls wrote to products, oldest first; ``kind``: stock, prices, card, deleted, trigger."""
        found = self.ask("product_writes", {"product_id": product_id, "kind": kind})
        return [ProductWrite(**write) for write in found]

    def write_counts(self, kind: str = "stock") -> dict[int, int]:
        """How often API calls wrote to each product that was written at all."""
        return _by_number(self.ask("write_counts", {"kind": kind}))

    def sales(self, order_id: int | None = None) -> list[Json]:
        """What orders took from the stock: order_id, product_id, warehouse, quantity, and what was free before."""
        return list(self.ask("sales", {"order_id": order_id}))

    def oversold(self) -> dict[int, int]:
        """Pieces ordered beyond what was free at that moment, by product."""
        return _by_number(self.ask("oversold", {}))

    # behaviour

    def misbehave(
        self,
        fault: str,
        method: str | None = None,
        times: Times = 1,
        order_id: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
        **args: Any,
    ) -> None:
        """Ask for a fault (names in `pomost.sandbox.baselinker.faults`); see `Faults.add`."""
        asked: Json = {"method": method, "times": times, "order_id": order_id, "probability": probability}
        self.ask("misbehave", {"fault": fault, **asked, "seed": seed, **args})

    def behave(self) -> None:
        """Withdraw all faults."""
        self.ask("behave", {})

    def configure(self, **changes: Any) -> None:
        """Change settings while it runs."""
        self.ask("configure", changes)


class Sandbox(Verbs):
    """A BaseLinker account served on 127.0.0.1 by a thread of this process.

    ``path`` is the state file; without it everything is kept in memory and lost at the end. ``seed`` drives the
    buyers; with 0 every order is the same plain one.
    """

    def __init__(
        self, path: Path | None = None, settings: Settings | None = None, port: int = 0, seed: int = 0
    ) -> None:
        self.settings = settings or Settings()
        self.shop = Shop(path, self.settings, seed)
        self._port = port
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.url = ""

    @property
    def token(self) -> str:  # type: ignore[override]
        return self.settings.token

    def listen(self) -> tuple[uvicorn.Server, socket.socket]:
        """Take the port and build the server, without serving yet."""
        # Named as TCP, so that asyncio turns Nagle's algorithm off: it would cost 40 ms per answer.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(512)
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.url, self.shop.account.base_url = f"{base}/connector.php", base
        config = uvicorn.Config(
            Server(self.shop),
            http=CuttableProtocol,
            loop="asyncio",
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="warning",
            timeout_graceful_shutdown=2,
        )
        return uvicorn.Server(config), listener

    def start(self) -> "Sandbox":
        """Serve from a daemon thread; returns when calls are answered. A stopped sandbox cannot start again."""
        self._server, listener = self.listen()
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="baselinker-sandbox", daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("The BaseLinker sandbox did not start; see the log above")
            time.sleep(0.005)
        return self

    def stop(self) -> None:
        """Answer what is under way, then close the port and the state file."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(START_TIMEOUT_S)
            self._server = self._thread = None
        self.shop.crowd.stop()
        self.shop.crowd.join(START_TIMEOUT_S)
        self.shop.account.close()

    def __enter__(self) -> "Sandbox":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def ask(self, name: str, arguments: Json) -> Any:
        return self.shop.act(name, arguments)
