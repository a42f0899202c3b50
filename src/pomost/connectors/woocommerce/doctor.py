"""Looks over a shop as it stands: what it must have for orders to come through, and what it must not. Nothing is changed there.

Each check says that all is well, what to be aware of, or what must be mended; the words for people stand on the command line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx2

from pomost.connectors.values import as_list, as_map, as_text
from pomost.connectors.woocommerce.client import USER_AGENT, WooCommerceClient, signature
from pomost.connectors.woocommerce.payments import active
from pomost.connectors.woocommerce.settings import Settings
from pomost.connectors.woocommerce.webhooks import TOPICS
from pomost.ports import CallLimiter, Failure, Json, NeedsPerson, Priority, StopConnection
from pomost.ports.account import Finding

OLDEST, HPOS_SINCE = (5, 8), (8, 2)
SKEW_S, SKEW_MOST_S = 60.0, 900.0
"""A clock so far off is worth a look; OAuth refuses from the second on."""
LOOKED_AT = 30
NOBODY = 999_999_999_999
INVOICE_META = re.compile(
    r"_wcpdf_|_bewpi_|fakturownia|infakt|wfirma|ifirma|wpdesk_invoice|_invoice_number|faktura_number"
)
INVOICE_PLUGINS = re.compile(r"pdf-invoices|invoice|faktur|infakt|wfirma|ifirma", re.IGNORECASE)
PORTS = (None, 80, 443, 8080)


class Doctor:
    """Looks over one shop, check by check; later ones are left out where the shop does not answer at all."""

    def __init__(
        self,
        settings: Settings,
        client: WooCommerceClient,
        limiter: CallLimiter,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._client = client
        self._limiter = limiter
        self._clock = clock
        self._status: Json = {}
        self._cached = ""

    def look(self) -> Iterator[Finding]:
        """All checks, the plainest first. Failures of the shop are findings; nothing is raised for them."""
        address = self._address()
        yield address
        if address.verdict == "fault":
            return
        keys = self._reads()
        yield keys
        if keys.verdict == "fault":
            return
        for check in (
            self._writes, self._versions, self._orders_kept, self._clocks, self._changes, self._sources, self._refunds,
            self._caches, self._taxes, self._payments, self._stock, self._invoices, self._webhooks,
        ):  # fmt: skip
            try:
                yield from check()
            except Failure as failure:
                yield Finding(check.__name__.removeprefix("_"), "warning", failure=failure)

    # address and keys

    def _address(self) -> Finding:
        url = urlsplit(self._settings.url)
        try:
            spaces = [as_text(one) for one in as_list(self._client.index().get("namespaces"))]
        except Failure as failure:
            if failure.code == "woocommerce.no-api" and self._answers_plainly():
                return Finding("address", "fault", "permalinks")
            return Finding("address", "fault", failure=failure)
        if "wc/v3" not in spaces:
            return Finding("address", "fault", "no-woocommerce")
        if url.scheme != "https" and not _is_near(url.hostname or ""):
            return Finding("address", "warning", "http")
        return Finding("address", "ok", facts={"url": self._settings.url})

    def _answers_plainly(self) -> bool:
        """Whether WordPress answers at the address that it has with plain permalinks."""
        try:
            answer = httpx2.get(
                f"{self._settings.url.rstrip('/')}/?rest_route=/",
                headers={"User-Agent": USER_AGENT},
                timeout=self._settings.timeout_s,
            )
            return "namespaces" in as_map(answer.json())
        except (httpx2.HTTPError, ValueError):
            return False

    def _reads(self) -> Finding:
        try:
            self._client.page("orders", {"per_page": 1, "_fields": "id"}, Priority.CHECKS)
        except StopConnection as failure:
            if self._client.sign_in == "basic" and self._reads_by_query():
                return Finding("keys", "fault", "stripped")
            return Finding("keys", "fault", failure=failure)
        except Failure as failure:
            return Finding("keys", "fault", failure=failure)
        if self._client.sign_in == "query":
            return Finding("keys", "warning", "query")
        return Finding("keys", "ok", facts={"sign_in": self._client.sign_in})

    def _reads_by_query(self) -> bool:
        """Whether the same keys are good in the address: then the host strips the header."""
        other = WooCommerceClient(replace(self._settings, sign_in="query"), self._limiter, self._clock)
        try:
            other.page("orders", {"per_page": 1, "_fields": "id"}, Priority.CHECKS)
        except Failure:
            return False
        finally:
            other.close()
        return True

    def _writes(self) -> Iterator[Finding]:
        """A change of an order that is not there: a key that may not write is refused before that is found."""
        try:
            self._client.put(f"orders/{NOBODY}", {}, Priority.CHECKS)
        except StopConnection as failure:
            yield Finding("writing", "fault", "read-only", {"code": failure.code})
            return
        except NeedsPerson:
            pass
        yield Finding("writing", "ok")

    # the shop

    def _versions(self) -> Iterator[Finding]:
        self._status = as_map(self._client.get("system_status", priority=Priority.CHECKS))
        environment = as_map(self._status.get("environment"))
        version = as_text(environment.get("version"))
        facts = {"version": version, "wordpress": as_text(environment.get("wp_version"))}
        found = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
        yield Finding("versions", "fault" if found and found < OLDEST else "ok", "", facts)

    def _orders_kept(self) -> Iterator[Finding]:
        settings = as_map(self._status.get("settings"))
        if "HPOS_enabled" in settings:
            yield Finding("orders", "ok" if settings["HPOS_enabled"] else "warning")

    def _clocks(self) -> Iterator[Finding]:
        skew = self._client.clock_skew_s or 0.0
        facts = {"seconds": str(round(skew))}
        if abs(skew) < SKEW_S:
            yield Finding("clock", "ok", "", facts)
        else:
            refused = abs(skew) >= SKEW_MOST_S and self._client.sign_in == "oauth"
            yield Finding("clock", "fault" if refused else "warning", "", facts)

    def _changes(self) -> Iterator[Finding]:
        query = {"modified_after": "2999-01-01T00:00:00Z", "dates_are_gmt": "true"}
        yield Finding("changes", "fault" if self._lists(query) else "ok")

    def _sources(self) -> Iterator[Finding]:
        yield Finding(
            "sources", "warning" if self._lists({"created_via": f"{self._settings.marker}-none"}) else "ok"
        )

    def _lists(self, query: Mapping[str, str]) -> bool:
        rows = self._client.page("orders", {**query, "per_page": 1, "_fields": "id"}, Priority.CHECKS)
        self._cached = self._cached or self._client.cached
        return bool(rows)

    def _refunds(self) -> Iterator[Finding]:
        try:
            self._client.page("refunds", {"per_page": 1, "_fields": "id"}, Priority.CHECKS)
        except (StopConnection, NeedsPerson):
            yield Finding("refunds", "warning")
        else:
            yield Finding("refunds", "ok")

    def _caches(self) -> Iterator[Finding]:
        for _ in range(2):
            self._client.get("orders", {"per_page": 1, "_fields": "id"}, Priority.CHECKS)
            self._cached = self._cached or self._client.cached
        yield Finding("cache", "warning" if self._cached else "ok", "", {"header": self._cached})

    def _taxes(self) -> Iterator[Finding]:
        tax, general = self._options("tax"), self._options("general")
        currency = general.get("woocommerce_currency", "")
        if general.get("woocommerce_calc_taxes") == "no":
            known = bool(self._settings.no_tax_rate)
            yield Finding(
                "taxes", "warning" if known else "fault", "off", {"rate": self._settings.no_tax_rate}
            )
        elif tax.get("woocommerce_prices_include_tax") == "no":
            yield Finding("taxes", "warning", "net")
        else:
            yield Finding("taxes", "ok", "", {"currency": currency})
        if tax.get("woocommerce_tax_round_at_subtotal") == "yes":
            yield Finding("rounding", "warning")

    def _payments(self) -> Iterator[Finding]:
        found = active(self._client)
        wrong = [one for one in found if one.id in self._settings.unconfirmed_methods]
        named = ", ".join(f"{one.title or one.id} ({one.id})" for one in (wrong or found))
        if not wrong:
            yield Finding("payments", "ok", "", {"methods": named})
        elif self._settings.refuses_unconfirmed:
            yield Finding("payments", "fault", "", {"methods": named})
        else:
            yield Finding("payments", "ok", "reserved", {"methods": named})

    def _stock(self) -> Iterator[Finding]:
        is_off = self._options("products").get("woocommerce_manage_stock") == "no"
        yield Finding("stock", "warning" if is_off else "ok")

    def _invoices(self) -> Iterator[Finding]:
        """Two sources of invoices for one sale: by the plugins that are active, and by what they left in recent orders."""
        query: dict[str, str | int] = {"per_page": LOOKED_AT, "_fields": "id,meta_data"}
        rows = self._client.page("orders", query, Priority.CHECKS)
        keys = {
            as_text(one.get("key"))
            for row in rows
            for one in as_list(row.get("meta_data"))
            if isinstance(one, dict) and INVOICE_META.search(as_text(one.get("key")))
        }
        plugins = {
            as_text(one.get("name")) or as_text(one.get("plugin"))
            for one in as_list(self._status.get("active_plugins"))
            if isinstance(one, dict) and INVOICE_PLUGINS.search(f"{one.get('plugin')} {one.get('name')}")
        }
        if keys or plugins:
            yield Finding("invoices", "warning", "", {"found": ", ".join(sorted(keys | plugins))})
        else:
            yield Finding("invoices", "ok")

    # webhooks

    def _webhooks(self) -> Iterator[Finding]:
        settings = self._settings
        if not settings.webhooks:
            yield Finding("webhooks", "ok", "unwanted")
            return
        if not settings.webhook_url or not settings.webhook_secret:
            yield Finding("webhooks", "fault", "unset")
            return
        own = {
            as_text(row.get("topic")): as_text(row.get("status"))
            for rows in self._client.pages("webhooks", {"status": "all"}, Priority.CHECKS)
            for row in rows
            if as_text(row.get("delivery_url")) == settings.webhook_url
        }
        off = [topic for topic in TOPICS if own.get(topic) not in ("active", None)]
        missing = [topic for topic in TOPICS if topic not in own]
        if off:
            yield Finding("webhooks", "fault", "off", {"topics": ", ".join(off)})
        elif missing:
            yield Finding("webhooks", "warning", "missing", {"topics": ", ".join(missing)})
        else:
            yield Finding("webhooks", "ok")
        yield self._receiver()

    def _receiver(self) -> Finding:
        """Whether Pomost answers at the address that the shop delivers to, and takes its secret. Asked from here: that the shop reaches
        it too is known once an order comes by a webhook."""
        url, facts = self._settings.webhook_url, {"url": self._settings.webhook_url}
        parts = urlsplit(url)
        body = b"{}"
        try:
            answer = httpx2.post(
                url,
                content=body,
                headers={
                    "User-Agent": USER_AGENT,
                    "Content-Type": "application/json",
                    "X-WC-Webhook-Signature": signature(self._settings.webhook_secret, body),
                },
                timeout=self._settings.timeout_s,
            )
        except httpx2.HTTPError as error:
            return Finding("receiver", "fault", "", {**facts, "why": type(error).__name__})
        if answer.status_code != 200:
            return Finding("receiver", "fault", "", {**facts, "why": f"HTTP {answer.status_code}"})
        if _is_near(parts.hostname or "") or parts.port not in PORTS:
            return Finding("receiver", "warning", "near", facts)
        return Finding("receiver", "ok", "", facts)

    def _options(self, group: str) -> dict[str, str]:
        rows: Any = self._client.get(f"settings/{group}", priority=Priority.CHECKS)
        return {
            as_text(row.get("id")): as_text(row.get("value"))
            for row in as_list(rows)
            if isinstance(row, dict)
        }


def _is_near(host: str) -> bool:
    """Whether the host is this machine or in a private network, as far as its name tells."""
    if host == "localhost" or host.endswith((".local", ".localhost", ".lan", ".test")):
        return True
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host
