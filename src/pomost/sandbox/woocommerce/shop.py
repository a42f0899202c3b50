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

from pomost.sandbox.woocommerce import (
    buying,
    customers,
    furnishing,
    order_flow,
    order_view,
    orders,
    product_view,
    product_writing,
    refunds,
    shelves,
    stocking,
)
from pomost.sandbox.woocommerce.catalogue import CLASSES
from pomost.sandbox.woocommerce.delivery import Delivery, Queue
from pomost.sandbox.woocommerce.faults import Faults, Times
from pomost.sandbox.woocommerce.protocol import Json
from pomost.sandbox.woocommerce.server import CuttableProtocol, Server
from pomost.sandbox.woocommerce.settings import Settings
from pomost.sandbox.woocommerce.signing import Doorkeeper
from pomost.sandbox.woocommerce.state import Call, Mail, Store, Write

START_TIMEOUT_S = 20.0
KEPT_CALLS = 100_000


class Shop:
    """A WooCommerce shop served on 127.0.0.1 by a thread of this process; everything is in memory.

    ``seed`` drives the buyers; with 0 every order is the same plain one. An unknown order, product or SKU raises
    ``LookupError``, a wrong value ``ValueError``.
    """

    def __init__(self, settings: Settings | None = None, seed: int = 0, port: int = 0) -> None:
        self.settings = settings or Settings()
        self.store = Store(self.settings, seed)
        self.faults = Faults()
        self.door = Doorkeeper(self.settings)
        self.queue = Queue(self.store, self.faults)
        self._buyers = buying.Buyers(seed)
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
        self._calls.append(call)

    # buyers

    def place(self, orders: int = 1, **overrides: Any) -> list[int]:
        """Let buyers order at the checkout; the ids of their orders.

        Overrides: lines (pairs of SKU and pieces), nip, nip_key, want_invoice, want_key, locker, locker_key, payment
        (``przelewy24``, ``payu``, ``stripe``, ``cod``, ``bacs``, ``cheque``), paid, coupon, fee (gross, or name and gross;
        below zero a discount), currency, country, company, email, phone, first_name, last_name, address, city,
        postcode, shipping (``courier``, ``locker``, ``pickup``, ``free``, ``abroad``, ``none``, or a shipping line), status,
        note, customer_id, vat_exempt, created_via, meta, transaction_id.
        """
        found = []
        for _ in range(orders):
            with self.store.lock:
                wishes = self._buyers.wishes(self.store, overrides)
                found.append(int(buying.checkout(self.store, wishes)["id"]))
        return found

    def open_checkout(self, **overrides: Any) -> int:
        """A buyer opens the checkout: a ``checkout-draft`` that lists show. No webhook tells of it."""
        with self.store.lock:
            sent = buying.draft_of(self.store, overrides)
            return int(orders.make(self.store, sent, "store-api")["id"])

    def finish_checkout(self, order_id: int, **overrides: Any) -> int:
        """The buyer orders what was in the draft; the order keeps its id."""
        with self.store.lock:
            buying.checkout(self.store, overrides, self._order(order_id))
        return order_id

    def pay(self, order_id: int, transaction_id: str = "") -> None:
        """The operator confirms a payment, also of an order that was cancelled meanwhile.

        Cash on delivery is paid when the order is completed, which is done here.
        """
        with self.store.lock:
            order = self._order(order_id)
            if order["payment_method"] == "cod":
                order_flow.set_status(self.store, order, "completed")
            else:
                order_flow.payment_complete(self.store, order, transaction_id or f"PAY-{100_000 + order_id}")
            order_flow.saved(self.store, order)

    def cancel_unpaid(self, minutes: float = 60) -> list[int]:
        """What the shop does by itself: unpaid orders of the checkout older than the stock-hold time are cancelled."""
        with self.store.lock:
            late = [
                one["id"]
                for one in self.store.orders.values()
                if one["status"] == "pending"
                and one["created_via"] in ("store-api", "checkout")
                and one["created"] <= self.store.now() - minutes * 60
            ]
        for number in late:
            self.cancel(number)
        return late

    # people of the shop

    def set_status(self, order_id: int, status: str) -> None:
        with self.store.lock:
            order = self._order(order_id)
            if status not in self.store.statuses:
                raise ValueError(
                    f"The shop knows no status {status!r}; it knows {', '.join(self.store.statuses)}"
                )
            order_flow.set_status(self.store, order, status)
            order_flow.saved(self.store, order)

    def cancel(self, order_id: int) -> None:
        self.set_status(order_id, "cancelled")

    def edit(self, order_id: int, **fields: Any) -> None:
        """Change an order as a PUT would (``line_items``, ``billing``, ``meta_data``...), but by hand in the panel."""
        with self.store.lock:
            orders.change(self.store, self._order(order_id), fields)

    def refund(
        self,
        order_id: int,
        lines: dict[int | str, int] | None = None,
        amount: Decimal | str | None = None,
        restock: bool = True,
        reason: str = "",
    ) -> int:
        """Refund pieces by line id or SKU, or an amount only, or with neither all that is left; the refund's id."""
        with self.store.lock:
            order = self._order(order_id)
            sent: Json = {"api_refund": False, "api_restock": restock, "reason": reason}
            if lines:
                sent["line_items"] = [self._refunded(order, one, pieces) for one, pieces in lines.items()]
            if amount is not None or not lines:
                left = order_flow.left_to_refund(self.store, order)
                sent["amount"] = str(left if amount is None else amount)
            return int(refunds.make(self.store, order, sent)["id"])

    def _refunded(self, order: Json, named: int | str, pieces: int) -> Json:
        line = next(
            (one for one in order["lines"] if named in (one["id"], self._sku(one))),
            None,
        )
        if line is None:
            raise LookupError(f"Order {order['id']} has no line {named!r}")
        part = Decimal(pieces) / line["quantity"]
        cent = Decimal("0.01")
        return {
            "id": line["id"],
            "quantity": pieces,
            "refund_total": (line["total"] * part).quantize(cent),
            "refund_tax": [
                {"id": rate, "refund_total": (pair["total"] * part).quantize(cent)}
                for rate, pair in line["taxes"].items()
            ],
        }

    def _sku(self, line: Json) -> str:
        product = stocking.product_of(self.store, line)
        return str(product["sku"]) if product else ""

    def trash(self, order_id: int) -> None:
        with self.store.lock:
            order_flow.trash(self.store, self._order(order_id))

    def untrash(self, order_id: int) -> None:
        """Restore from the trash: reportedly ``order.updated`` and no ``order.restored`` (unconfirmed)."""
        with self.store.lock:
            order = self._order(order_id)
            if order["status"] != "trash":
                raise ValueError(f"Order {order_id} is not in the trash")
            order["status"] = order["before_trash"] or "pending"
            order_flow.saved(self.store, order)

    def delete(self, order_id: int) -> None:
        """Delete for good. No webhook tells of it."""
        with self.store.lock:
            order_flow.delete(self.store, self._order(order_id))

    def add_note(self, order_id: int, text: str, customer: bool = False) -> int:
        with self.store.lock:
            self._order(order_id)
            return int(self.store.note(order_id, text, customer, "admin")["id"])

    def add_product(
        self,
        sku: str,
        name: str = "",
        price: Decimal | str = "10.00",
        stock: int | None = 10,
        vat: str = "23",
        parent: str = "",
        **fields: Any,
    ) -> int:
        """Put in a product, or with ``parent`` (an SKU) a variation; ``fields`` as the API takes them. Its id."""
        sent: Json = {"sku": sku, "name": name or sku, "regular_price": str(price), "tax_class": CLASSES[vat]}
        if stock is not None:
            sent |= {"manage_stock": True, "stock_quantity": stock}
        with self.store.lock:
            above = self._product(parent) if parent else None
            product = product_writing.create(self.store, {**sent, **fields}, above)
            self.store.emit("product.created", product["id"])
            return int(product["id"])

    def edit_product(self, sku: str, **fields: Any) -> None:
        """Change a product or variation by hand: ``sku``, ``regular_price``, ``stock_quantity``, ``status``..."""
        with self.store.lock:
            product = self._product(sku)
            product_writing.write(self.store, product, fields)
            stocking.touched(self.store, product)

    def set_stock(self, sku: str, quantity: int) -> None:
        self.edit_product(sku, stock_quantity=quantity)

    def remove_product(self, sku: str, force: bool = True) -> None:
        """Delete a product for good, or move it to the trash."""
        with self.store.lock:
            product = self._product(sku)
            if force:
                product_writing.remove(self.store, product)
            else:
                product["status"] = "trash"
                self.store.emit("product.deleted", product["id"])

    def add_customer(self, email: str, role: str = "customer", **fields: Any) -> int:
        """An account; ``billing``, ``shipping``, ``first_name``, ``last_name``, ``meta_data`` as the API takes them."""
        with self.store.lock:
            customer = customers.blank(self.store, email, role)
            customers.write(self.store, customer, fields)
            self.store.customers[customer["id"]] = customer
            self.store.emit("customer.created", customer["id"])
            return int(customer["id"])

    def enable_gateway(self, name: str, enabled: bool = True) -> None:
        """Switch a payment method on or off, as the shop's owner does."""
        with self.store.lock:
            if name not in self.store.gateways:
                raise LookupError(f"The shop has no payment method {name!r}")
            self.store.gateways[name]["enabled"] = enabled

    def add_status(self, slug: str, name: str) -> None:
        """A status that a plugin adds."""
        with self.store.lock:
            self.store.statuses[slug] = name

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

    @property
    def gateway_refunds(self) -> list[tuple[int, Decimal]]:
        """Money that gateways really gave back: order and amount."""
        with self.store.lock:
            return list(self.store.gateway_refunds)

    def _order(self, order_id: int) -> Json:
        order = self.store.orders.get(order_id)
        if order is None:
            raise LookupError(f"The shop has no order {order_id}")
        return order

    def _product(self, sku: str) -> Json:
        product = self.store.products.get(self.store.by_sku.get(sku, 0))
        if product is None:
            raise LookupError(f"The shop has no product {sku!r}")
        return product

    # behaviour

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
    "refunds", "hooks", "writes", "calls", "deliveries", "mails", "gateway_refunds", "misbehave", "behave", "configure",
    "run_queue", "settle",
)  # fmt: skip
