"""The shop as a thread of this process, with what its buyers and people can do."""

import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from types import TracebackType
from typing import Any

import uvicorn

from pomost.sandbox.faults import Times
from pomost.sandbox.woocommerce import (
    furnishing,
    order_view,
    product_view,
    shelves,
    stocking,
    webhooks,
)
from pomost.sandbox.woocommerce.acts import Acts
from pomost.sandbox.woocommerce.crowd import Crowd
from pomost.sandbox.woocommerce.delivery import Delivery, Queue
from pomost.sandbox.woocommerce.faults import Faults
from pomost.sandbox.woocommerce.overview import overview
from pomost.sandbox.woocommerce.protocol import Json
from pomost.sandbox.woocommerce.server import CuttableProtocol, Server
from pomost.sandbox.woocommerce.settings import Settings
from pomost.sandbox.woocommerce.signing import Doorkeeper
from pomost.sandbox.woocommerce.state import Call, Mail, Store, Write

START_TIMEOUT_S = 20.0
KEPT_CALLS = 100_000


class Shop(Acts):
    """A WooCommerce shop served on 127.0.0.1 by a thread of this process; everything is in memory.

    ``seed`` drives the buyers; with 0 every order is the same plain one. An unknown order, product or SKU raises
    ``LookupError``, a wrong value ``ValueError``.
    """

    def __init__(self, settings: Settings | None = None, seed: int = 0, port: int = 0) -> None:
        self.settings = settings or Settings()
        super().__init__(Store(self.settings, seed), seed)
        self.faults = Faults()
        self.door = Doorkeeper(self.settings)
        self.queue = Queue(self.store, self.faults)
        self.crowd = Crowd(self)
        """The buyers that `start_buyers` lets in."""
        self._guard = threading.Lock()
        self._calls: deque[Call] = deque(maxlen=KEPT_CALLS)
        self._port = port
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.url = ""
        """Base of the shop; the API is below it at ``/wp-json/wc/v3``."""
        furnishing.furnish(self.store, seed)

    @property
    def key(self) -> str:
        return self.settings.key

    @property
    def secret(self) -> str:
        return self.settings.secret

    @property
    def read_key(self) -> str:
        return self.settings.read_key

    @property
    def read_secret(self) -> str:
        return self.settings.read_secret

    @property
    def clock(self) -> Callable[[], float]:
        """The shop's clock, in seconds since 1970; may be set."""
        return self.settings.now

    @clock.setter
    def clock(self, now: Callable[[], float]) -> None:
        self.settings.now = now

    # running

    def listen(self) -> tuple[uvicorn.Server, socket.socket]:
        """Take the port and build the server, without serving yet."""
        # Named as TCP, so that asyncio turns Nagle's algorithm off: it would cost 40 ms per answer.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(512)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}{self.settings.prefix}"
        self.store.base = self.url
        config = uvicorn.Config(
            Server(self),
            http=CuttableProtocol,
            loop="asyncio",
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="warning",
            timeout_graceful_shutdown=2,
            date_header=False,
            server_header=False,
        )
        return uvicorn.Server(config), listener

    def start(self) -> "Shop":
        """Serve from a daemon thread; returns when calls are answered. A stopped shop cannot start again."""
        self._server, listener = self.listen()
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="woocommerce-sandbox", daemon=True
        )
        self._thread.start()
        self.queue.start()
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("The WooCommerce sandbox did not start; see the log above")
            time.sleep(0.005)
        return self

    def stop(self) -> None:
        """Answer what is under way, then close the port."""
        self.crowd.stop()
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(START_TIMEOUT_S)
            self._server = self._thread = None
        self.queue.stop()

    def __enter__(self) -> "Shop":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def call_made(self, call: Call) -> None:
        with self._guard:
            self._calls.append(call)

    # looking

    def order(self, order_id: int) -> Json:
        """The order as the API shows it, to six places with ``dp``; what the shop holds, not what it answers."""
        with self.store.lock:
            return order_view.show(self.store, self._order(order_id), self.url)

    def orders(self) -> list[Json]:
        """All orders, oldest first, those in the trash too."""
        with self.store.lock:
            return [order_view.show(self.store, one, self.url) for one in self.store.orders.values()]

    def product(self, sku: str) -> Json:
        with self.store.lock:
            return product_view.show(self.store, self._product(sku), self.url)

    def stock(self, sku: str) -> int | None:
        """Pieces; of a variation whose parent holds the stock those of the parent; None where nobody counts."""
        with self.store.lock:
            held = stocking.holder(self.store, self._product(sku))
            return None if held is None else int(held["stock_quantity"])

    def stocks(self) -> dict[str, int]:
        """Pieces by SKU, of everything that is counted."""
        with self.store.lock:
            return {
                one["sku"]: int(one["stock_quantity"])
                for one in self.store.products.values()
                if one["manage_stock"] and one["sku"]
            }

    def notes(self, order_id: int) -> list[Json]:
        """Notes of an order, oldest first."""
        with self.store.lock:
            self._order(order_id)
            return [dict(one) for one in self.store.notes.get(order_id, [])]

    def refunds(self, order_id: int) -> list[Json]:
        with self.store.lock:
            numbers = self._order(order_id)["refunds"]
            return [order_view.show_refund(self.store, self.store.refunds[one], self.url) for one in numbers]

    def hooks(self) -> list[Json]:
        """Webhooks with what the API hides: ``secret`` and ``failures``."""
        with self.store.lock:
            return [dict(one) for one in self.store.hooks.values()]

    @property
    def writes(self) -> list[Write]:
        """What API calls changed, oldest first; what the shop's own people do is not among it."""
        with self.store.lock:
            return list(self.store.writes)

    @property
    def calls(self) -> list[Call]:
        """API calls, oldest first."""
        with self._guard:
            return list(self._calls)

    @property
    def deliveries(self) -> list[Delivery]:
        """Attempts to deliver webhooks, pings too, oldest first."""
        return list(self.queue.made)

    @property
    def mails(self) -> list[Mail]:
        """Mails that the shop sent."""
        with self.store.lock:
            return list(self.store.mails)

    def oversold(self) -> dict[str, int]:
        """Pieces that orders took beyond what was on stock at that moment, by SKU."""
        with self.store.lock:
            return dict(self.store.oversold)

    @property
    def gateway_refunds(self) -> list[tuple[int, Decimal]]:
        """Money that gateways really gave back: order and amount."""
        with self.store.lock:
            return list(self.store.gateway_refunds)

    def overview(self) -> Json:
        """How the shop stands (orders by status, the last ones, the last calls, webhooks, buyers), and which faults it knows."""
        return overview(self)

    # behaviour

    def start_buyers(self, rate: float = 6.0, count: int = 0) -> None:
        """Let buyers go on by themselves: so many things happen a minute, until ``count`` orders are placed (0: until
        `stop_buyers`). Those before stop."""
        self.crowd.start(rate, count)

    def stop_buyers(self) -> None:
        self.crowd.stop()

    def switch_hooks(self, on: bool) -> int:
        """Switch all webhooks off, as an update of the shop or its owner does, or on; how many changed."""
        return webhooks.switch(self.store, on)

    def misbehave(self, fault: str, path: str | None = None, times: Times = 1, **args: Any) -> None:
        """Ask for a fault (names in `pomost.sandbox.woocommerce.faults`); see `Faults.add`."""
        self.faults.add(fault, path, times, **args)

    def behave(self) -> None:
        """Withdraw all faults."""
        self.faults.clear()

    def configure(self, **changes: Any) -> None:
        """Change settings while it runs."""
        with self.store.lock:
            if unknown := sorted(set(changes) - set(vars(self.settings))):
                raise ValueError(f"The shop knows no setting {', '.join(unknown)}")
            before = {name: getattr(self.settings, name) for name in changes}
            for name, value in changes.items():
                setattr(self.settings, name, value)
            try:
                self.settings.__post_init__()
            except ValueError:
                for name, value in before.items():
                    setattr(self.settings, name, value)
                raise

    def run_queue(self) -> int:
        """Deliver at once all that waits, as a visit to the shop does; how many attempts were made."""
        return self.queue.run()

    def settle(self, timeout_s: float = 10.0) -> None:
        """Deliver until nothing waits. Raises ``TimeoutError``."""
        self.queue.settle(timeout_s)

    def ask(self, name: str, arguments: Json) -> Any:
        """Do the act, or tell the list, named so; for a shop in another process."""
        if name not in VERBS:
            raise LookupError(f"The shop knows no act {name!r}; it knows {', '.join(VERBS)}")
        found = getattr(self, name)
        return shelves.plain(found(**arguments) if callable(found) else found)


VERBS = (
    "place", "open_checkout", "finish_checkout", "pay", "cancel_unpaid", "set_status", "cancel", "edit", "refund",
    "trash", "untrash", "delete", "add_note", "add_product", "edit_product", "set_stock", "remove_product",
    "add_customer", "enable_gateway", "add_status", "order", "orders", "product", "stock", "stocks", "notes",
    "refunds", "hooks", "writes", "calls", "deliveries", "mails", "gateway_refunds", "oversold", "misbehave", "behave", "configure",
    "run_queue", "settle", "start_buyers", "stop_buyers", "switch_hooks", "overview",
)  # fmt: skip
