"""The sandbox as people and tests hold it: start it, place orders, move them, make it misbehave, look at the truth."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import uvicorn

from pomost.sandbox.baselinker import buyers, replay
from pomost.sandbox.baselinker import state as defaults
from pomost.sandbox.baselinker.engine import Engine, Settings
from pomost.sandbox.baselinker.faults import Fault
from pomost.sandbox.baselinker.orders import total
from pomost.sandbox.baselinker.protocol import number
from pomost.sandbox.baselinker.server import Server
from pomost.sandbox.baselinker.state import Json


@dataclass(frozen=True, slots=True)
class Write:
    """One write to an order: which method, when, what was changed."""

    method: str
    at: float
    changed: Json


def _status_id(status: str | int) -> int:
    if isinstance(status, int):
        return status
    for status_id, name in defaults.STATUSES:
        if name == status:
            return status_id
    raise ValueError(f'There is no status "{status}".')


class Sandbox:
    """A BaseLinker on this machine. ``path`` keeps its state in a file; without it, it forgets."""

    def __init__(
        self,
        path: Path | None = None,
        settings: Settings | None = None,
        now: Callable[[], float] | None = None,
        seed: int = 1,
    ) -> None:
        self.settings = settings or Settings()
        self.engine = Engine(path, self.settings, lambda: self.base, *([now] if now else []))
        self.base = ""
        self._random = random.Random(seed)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    # --- running -------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"{self.base}/connector.php"

    @property
    def token(self) -> str:
        return self.settings.token

    def start(self, port: int = 0) -> Self:
        """Serves on 127.0.0.1 in a thread of its own; gives itself once calls are answered."""
        listening = self._bind(port)
        ready = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(listening, ready), name="baselinker-sandbox", daemon=True
        )
        self._thread.start()
        if not ready.wait(15):
            raise RuntimeError("the sandbox did not start within 15 seconds")
        return self

    def _bind(self, port: int) -> socket.socket:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(512)
        self.base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        return listening

    def _run(self, listening: socket.socket, ready: threading.Event) -> None:
        config = uvicorn.Config(
            Server(self.engine, self.act),
            log_level="error",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)

        async def serve() -> None:
            assert self._server is not None
            task = asyncio.ensure_future(self._server.serve(sockets=[listening]))
            while not self._server.started and not task.done():
                await asyncio.sleep(0.005)
            ready.set()
            await task

        asyncio.run(serve())

    def serve(self, port: int, ready: Callable[[], None]) -> None:
        """Serves in this thread until the process is told to stop (SIGTERM, SIGINT)."""
        listening = self._bind(port)
        ready()
        config = uvicorn.Config(
            Server(self.engine, self.act), log_level="error", access_log=False, lifespan="off"
        )
        uvicorn.Server(config).run(sockets=[listening])

    def stop(self) -> None:
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(10)
        self.engine.state.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    # --- acts, also over HTTP ------------------------------------------------------------------------------------

    def act(self, name: str, arguments: Json | None = None) -> Any:
        """Does an act by name: what the control address does for sandboxes in other processes."""
        if name not in ACTS:
            raise ValueError(f'There is no act "{name}". Acts: {", ".join(ACTS)}.')
        return getattr(self, name)(**(arguments or {}))

    def place(self, orders: int = 1, **wanted: Any) -> list[int]:
        """Buyers place orders now; see ``buyers.make_order`` for what can be wanted, and ``status``."""
        status = wanted.pop("status", None)
        placed = []
        with self.engine.state.lock:
            for _each in range(orders):
                serial = self.engine.state.number("serial", 1)
                order = buyers.make_order(
                    self._random,
                    int(self.engine.now()),
                    serial,
                    **json.loads(json.dumps(wanted, default=str)),
                )
                if status is not None:
                    order["order_status_id"] = _status_id(status)
                placed.append(self.add_order(order))
        return placed

    def add_order(self, order: Json) -> int:
        """Adds an order in the form of getOrders as it is."""
        body = dict(order)
        products = body.pop("products")
        with self.engine.state.lock:
            return self.engine.orders.add(body, products)

    def replay(self, path: str, vat_rate: int = 20) -> int:
        """Places the orders of a CSV file; gives how many."""
        with self.engine.state.lock:
            return sum(1 for order in replay.read_orders(Path(path), vat_rate) if self.add_order(order))

    def move(self, order_id: int, status: str | int) -> None:
        """The seller's staff move an order to a status."""
        with self.engine.state.lock:
            self.engine.orders.set_status(order_id, _status_id(status), "staff")

    def move_all(self, from_status: str, to_status: str, limit: int = 100000) -> int:
        """Staff move every order of one status to another; gives how many."""
        with self.engine.state.lock:
            ids = [
                o["order_id"]
                for o in self.engine.state.orders(
                    "status_id = ?", (_status_id(from_status),), "ORDER BY order_id"
                )
            ]
            for order_id in ids[:limit]:
                self.engine.orders.set_status(order_id, _status_id(to_status), "staff")
        return len(ids[:limit])

    def edit(self, order_id: int, **fields: Any) -> None:
        """Somebody edits an order's data in the panel."""
        with self.engine.state.lock:
            order = self.engine.orders.must(order_id)
            order.update(fields)
            self.engine.state.save_order(order)
            self.engine.state.log(16, order_id, 0, self.engine.now())

    def edit_line(self, order_id: int, line_id: int, **fields: Any) -> None:
        with self.engine.state.lock:
            self.engine.orders.set_line({"order_id": order_id, "order_product_id": line_id, **fields})

    def cancel(self, order_id: int) -> None:
        self.move(order_id, "Anulowane")

    def confirm(self, order_id: int) -> None:
        with self.engine.state.lock:
            self.engine.orders.confirm(order_id)

    def pay(self, order_id: int, amount: Any = None) -> None:
        with self.engine.state.lock:
            order = self.engine.orders.must(order_id)
            paid = number(total(order) if amount is None else Decimal(str(amount)))
            self.engine.orders.set_payment(
                {"order_id": order_id, "payment_done": paid, "payment_date": int(self.engine.now())}
            )

    def remove(self, order_id: int) -> None:
        with self.engine.state.lock:
            self.engine.orders.remove([order_id])

    def split(self, order_id: int, line_id: int, quantity: int) -> int:
        with self.engine.state.lock:
            items = [{"order_product_id": line_id, "quantity": quantity}]
            return int(
                self.engine.orders.split({"order_id": order_id, "items_to_split": items})["new_order_id"]
            )

    def merge(self, main: int, others: list[int]) -> int:
        with self.engine.state.lock:
            p = {
                "main_order_id": main,
                "order_ids_to_merge": others,
                "merge_mode": "into_main_order",
                "sum_delivery_costs": True,
            }
            return int(self.engine.orders.merge(p)["merged_order_id"])

    def copy(self, order_id: int) -> int:
        with self.engine.state.lock:
            return int(self.engine.orders.duplicate(order_id)["order_id"])

    def return_goods(self, order_id: int, line_id: int, quantity: int) -> int:
        with self.engine.state.lock:
            order = self.engine.orders.must(order_id)
            line = next(line for line in order["products"] if line["order_product_id"] == line_id)
            p = {
                "order_id": order_id,
                "status_id": defaults.RETURN_STATUSES[0][0],
                "date_add": int(self.engine.now()),
                "currency": order["currency"],
                "products": [{**line, "quantity": quantity}],
            }
            return int(self.engine.papers.add_return(p)["return_id"])

    # --- the truth -----------------------------------------------------------------------------------------------

    def order(self, order_id: int) -> Json:
        """Everything about an order, the name of its status and its fields by name included."""
        with self.engine.state.lock:
            order = self.engine.orders.must(order_id)
        order["status"] = dict(defaults.STATUSES)[order["order_status_id"]]
        names = {str(key): name for key, name, _editor in defaults.EXTRA_FIELDS}
        custom = order["custom_extra_fields"] or {}
        order["fields"] = {names[key]: value for key, value in custom.items()}
        return order

    def orders(self) -> list[Json]:
        with self.engine.state.lock:
            return list(self.engine.state.orders(tail="ORDER BY order_id"))

    def count(self, status: str) -> int:
        with self.engine.state.lock:
            row = self.engine.state.db.execute(
                "SELECT count(*) FROM orders WHERE status_id = ?", (_status_id(status),)
            ).fetchone()
        return int(row[0])

    def file(self, order_id: int, field: str) -> bytes | None:
        """The file in an extra field of an order."""
        value = self.order(order_id)["fields"].get(field)
        found = self.engine.state.file(value["file_id"]) if value else None
        return found[1] if found else None

    def writes(self, order_id: int) -> list[Write]:
        """Every write to an order, those of the staff left out."""
        with self.engine.state.lock:
            rows = self.engine.state.db.execute(
                "SELECT method, at, changed FROM writes WHERE order_id = ? AND method != 'staff' ORDER BY id",
                (order_id,),
            ).fetchall()
        return [Write(row[0], row[1], json.loads(row[2])) for row in rows]

    def writes_list(self, order_id: int) -> list[Json]:
        return [{"method": w.method, "at": w.at, "changed": w.changed} for w in self.writes(order_id)]

    def calls(self, method: str | None = None) -> int:
        """How many calls came, of a method or of all."""
        with self.engine.state.lock:
            row = self.engine.state.db.execute(
                "SELECT count(*) FROM calls WHERE ? IS NULL OR method = ?", (method, method)
            ).fetchone()
        return int(row[0])

    def calls_by_method(self) -> dict[str, int]:
        with self.engine.state.lock:
            rows = self.engine.state.db.execute(
                "SELECT method, count(*) FROM calls GROUP BY method"
            ).fetchall()
        return {row[0]: row[1] for row in rows}

    def outcomes(self) -> dict[str, int]:
        with self.engine.state.lock:
            rows = self.engine.state.db.execute(
                "SELECT outcome, count(*) FROM calls GROUP BY outcome"
            ).fetchall()
        return {row[0]: row[1] for row in rows}

    def invoices(self, order_id: int) -> list[Json]:
        with self.engine.state.lock:
            return self.engine.state.things("invoice", order_id)

    def receipts(self, order_id: int) -> list[Json]:
        with self.engine.state.lock:
            return self.engine.state.things("receipt", order_id)

    def returns(self, order_id: int) -> list[Json]:
        with self.engine.state.lock:
            return self.engine.state.things("return", order_id)

    # --- trouble -------------------------------------------------------------------------------------------------

    def misbehave(
        self,
        fault: str,
        method: str | None = None,
        times: int | None = 1,
        share: float = 1.0,
        seconds: float = 1.0,
        order_id: int | None = None,
    ) -> None:
        """From now on this goes wrong; see ``faults.FAULTS``. ``times`` None: always."""
        self.engine.faults.add(Fault(fault, method, times, share, seconds, order_id))

    def behave(self) -> None:
        self.engine.faults.clear()

    def struck(self) -> dict[str, int]:
        """How often each fault struck."""
        return dict(self.engine.faults.struck)


ACTS = (
    "place", "add_order", "replay", "move", "move_all", "edit", "edit_line", "cancel", "confirm", "pay", "remove",
    "split", "merge", "copy", "return_goods", "order", "orders", "count", "writes_list", "calls", "calls_by_method",
    "outcomes", "invoices", "receipts", "returns", "misbehave", "behave", "struck",
)  # fmt: skip


class RemoteSandbox:
    """The same acts on a sandbox in another process: ``RemoteSandbox(url).place(orders=3)``."""

    def __init__(self, url: str) -> None:
        self._base = url.removesuffix("/connector.php")

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)

        def act(**arguments: Any) -> Any:
            body = json.dumps(arguments, default=str).encode()
            request = urllib.request.Request(f"{self._base}/_sandbox/{name}", data=body, method="POST")
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read())

        return act
