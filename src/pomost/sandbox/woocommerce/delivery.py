"""The queue that delivers webhooks over real HTTP (sections 9.3 to 9.6)."""

import base64
import hashlib
import hmac
import ipaddress
import random
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

from pomost.sandbox.woocommerce import customers, order_view, product_view, shelves
from pomost.sandbox.woocommerce.faults import Faults
from pomost.sandbox.woocommerce.protocol import Json, Refusal, Request, encode
from pomost.sandbox.woocommerce.state import Store
from pomost.tls import trusted

PORTS = (80, 443, 8080)
TICK_S = 0.02
GONE = {
    "order": "woocommerce_rest_shop_order_invalid_id",
    "product": "woocommerce_rest_product_invalid_id",
    "customer": "woocommerce_rest_invalid_id",
    "coupon": "woocommerce_rest_shop_coupon_invalid_id",
}


@dataclass(frozen=True)
class Delivery:
    """One attempt. ``status`` 0: nobody answered, or the shop would not call there."""

    webhook_id: int
    topic: str
    resource_id: int
    url: str
    headers: dict[str, str]
    body: bytes
    status: int
    at: float
    fault: str = ""


@dataclass
class _Due:
    at: float
    hook_id: int
    topic: str
    number: int
    twice: bool = False


class Queue:
    """Waiting deliveries; a thread of its own takes them when they are due."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self.store, self.faults = store, faults
        self.made: list[Delivery] = []
        self._waiting: list[_Due] = []
        self._guard = threading.Lock()
        self._busy = threading.Lock()
        self._stop = threading.Event()
        self._chance = random.Random(0)
        self._thread: threading.Thread | None = None
        self._client: httpx2.Client | None = None
        store.emit = self.emit

    def start(self) -> None:
        self._thread = threading.Thread(target=self._go, name="woocommerce-queue", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5.0)
        if self._client is not None:
            self._client.close()

    def emit(self, topic: str, number: int) -> None:
        """Something happened. Held under the store's lock. What is already waiting for the same row stays one delivery."""
        hooks = self.store.hooks
        if topic == "ping":
            self._put(hooks[number], "ping", number)
            return
        for hook in list(hooks.values()):
            if hook["topic"] == topic and hook["status"] == "active":
                self._put(hook, topic, number)

    def _put(self, hook: Json, topic: str, number: int) -> None:
        wait = self.store.settings.webhook_delay_s if topic != "ping" else 0.0
        due = _Due(time.monotonic() + wait, hook["id"], topic, number)
        for rule in self.faults.due_for_topic(topic) if topic != "ping" else []:
            if rule.fault == "webhook-dropped":
                # The shop itself never knows.
                return
            if rule.fault == "webhook-disabled":
                hook["status"] = "disabled"
                return
            if rule.fault == "webhook-late":
                due.at += float(rule.args.get("seconds", 2.0))
            elif rule.fault == "webhook-doubled":
                due.twice = True
            elif rule.fault == "webhook-reordered":
                due.at += self._chance.uniform(0.05, float(rule.args.get("seconds", 0.5)))
        with self._guard:
            same = (due.hook_id, due.topic, due.number)
            if any((one.hook_id, one.topic, one.number) == same for one in self._waiting):
                return
            self._waiting.append(due)

    def waiting(self) -> int:
        with self._guard:
            return len(self._waiting)

    def run(self, all_of_them: bool = True) -> int:
        """Deliver what is due, or everything that waits; how many attempts were made."""
        with self._busy:
            with self._guard:
                now = time.monotonic()
                taken = [one for one in self._waiting if all_of_them or one.at <= now]
                self._waiting = [one for one in self._waiting if one not in taken]
            taken.sort(key=lambda one: one.at)
            return sum(self._deliver(one) for one in taken)

    def settle(self, timeout_s: float = 10.0) -> None:
        """Wait until nothing waits any more. Raises ``TimeoutError``."""
        deadline = time.monotonic() + timeout_s
        while True:
            self.run()
            with self._busy:
                if not self.waiting():
                    return
            if time.monotonic() > deadline:
                raise TimeoutError("The webhooks of the shop do not come to rest")

    def _go(self) -> None:
        while not self._stop.wait(TICK_S):
            if self.store.settings.action_scheduler and self._waiting:
                self.run(all_of_them=False)

    def _deliver(self, due: _Due) -> int:
        store = self.store
        with store.lock:
            hook = store.hooks.get(due.hook_id)
            # Events of a hook that was switched off meanwhile are lost.
            if hook is None or (hook["status"] != "active" and due.topic != "ping"):
                return 0
            url, second = hook["delivery_url"], int(store.now())
            headers, body = self._ping(hook) if due.topic == "ping" else self._message(hook, due, second)
        attempts = 2 if due.twice else 1
        for _ in range(attempts):
            status = self._post(url, headers, body)
            with store.lock:
                self._count(hook, due, status)
            self.made.append(
                Delivery(due.hook_id, due.topic, due.number, url, headers, body, status, store.now())
            )
        return attempts

    def _agent(self) -> str:
        settings = self.store.settings
        return f"WooCommerce/{settings.version} Hookshot (WordPress/{settings.wordpress})"

    def _ping(self, hook: Json) -> tuple[dict[str, str], bytes]:
        headers = {"User-Agent": self._agent(), "Content-Type": "application/x-www-form-urlencoded"}
        return headers, f"webhook_id={hook['id']}".encode()

    def _message(self, hook: Json, due: _Due, second: int) -> tuple[dict[str, str], bytes]:
        body = encode(self._payload(due))
        resource, _, event = due.topic.partition(".")
        signed = base64.b64encode(hmac.new(hook["secret"].encode(), body, hashlib.sha256).digest()).decode()
        # The same for every delivery of one webhook within a second.
        number = hmac.new(b"sandbox", f"{hook['id']}{second}".encode(), hashlib.md5).hexdigest()
        headers = {
            "User-Agent": self._agent(),
            "Content-Type": "application/json",
            "X-WC-Webhook-Source": f"{self.store.base}/",
            "X-WC-Webhook-Topic": due.topic,
            "X-WC-Webhook-Resource": resource,
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": signed,
            "X-WC-Webhook-ID": str(hook["id"]),
            "X-WC-Webhook-Delivery-ID": number,
        }
        return headers, body

    def _payload(self, due: _Due) -> Any:
        """The row as it is at this moment; an error object when it is gone."""
        store, base = self.store, self.store.base
        resource, _, event = due.topic.partition(".")
        if resource == "action":
            return {"action": event, "arg": due.number}
        if event == "deleted":
            return {"id": due.number}
        tables = {
            "order": store.orders,
            "product": store.products,
            "customer": store.customers,
            "coupon": store.coupons,
        }
        row = tables[resource].get(due.number)
        if row is None:
            return Refusal(404, GONE[resource], "Invalid ID.").body()
        if resource == "order":
            return order_view.show(store, row, base)
        if resource == "product":
            return product_view.show(store, row, base)
        request = Request("GET", "", [], {}, base=base)
        return (customers.show if resource == "customer" else shelves.show_coupon)(store, request, row)

    def _post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        if not self.store.settings.private_delivery and not _public(url):
            return 0
        if self._client is None:
            self._client = httpx2.Client(verify=trusted(), trust_env=False, follow_redirects=False)
        try:
            answer = self._client.post(
                url, content=body, headers=headers, timeout=self.store.settings.webhook_timeout_s
            )
        except (httpx2.HTTPError, OSError, ValueError):
            return 0
        return answer.status_code

    def _count(self, hook: Json, due: _Due, status: int) -> None:
        """200 to 302 is success. A failure is not repeated; one too many switches the hook off, and nobody is told."""
        if due.topic == "ping":
            # Shown in the admin screen only.
            return
        if 200 <= status <= 302:
            hook["failures"] = 0
        elif hook["failures"] > self.store.settings.webhook_failures:
            hook["status"] = "disabled"
        else:
            hook["failures"] += 1


def _public(url: str) -> bool:
    """Whether WordPress would call there without a filter."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if port not in PORTS or not parts.hostname or parts.hostname == "localhost":
        return False
    try:
        return not ipaddress.ip_address(parts.hostname).is_private
    except ValueError:
        return True
