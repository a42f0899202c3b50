"""Stock and prices to a shop: one writer at a time, in batches, each product with its own answer."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from pomost.connectors.values import as_decimal, as_text
from pomost.connectors.woocommerce import errors
from pomost.connectors.woocommerce.batches import Batches
from pomost.connectors.woocommerce.catalogue_mapping import (
    PLACE,
    REGULAR,
    SALE,
    STOCKLESS,
    VARIABLE,
    Row,
    new_prices,
    pieces,
    product_gone,
    wrong_ids,
)
from pomost.connectors.woocommerce.client import WooCommerceClient
from pomost.connectors.woocommerce.product_reading import Products
from pomost.connectors.woocommerce.settings import Settings
from pomost.connectors.woocommerce.shop_terms import ShopTerms
from pomost.ports import Json, NeedsPerson, Priority
from pomost.ports.catalogue import Figures, Written

log = structlog.get_logger("pomost.catalogue")

UNNAMED = "The shop's answer does not name all products that were sent."
GONE = frozenset(
    {
        "woocommerce_rest_product_invalid_id",
        "woocommerce_rest_product_variation_invalid_id",
        "woocommerce_rest_invalid_product_id",
    }
)


@dataclass(slots=True)
class _Calls:
    """What is to be sent: path -> product number -> its body. ``told``: path and number -> the ids for which it is."""

    bodies: dict[str, dict[int, Json]] = field(default_factory=dict)
    told: dict[tuple[str, int], list[str]] = field(default_factory=dict)

    def add(self, parent: int, number: int, body: Json, product_id: str) -> None:
        path = f"products/{parent}/variations" if parent else "products"
        self.bodies.setdefault(path, {})[number] = {"id": number, **body}
        self.told.setdefault((path, number), []).append(product_id)


class FigureWriter:
    """Writes for one shop. One batch at a time, from whatever thread: two writers would overtake one another."""

    def __init__(
        self, settings: Settings, client: WooCommerceClient, products: Products, terms: ShopTerms
    ) -> None:
        self.batches = Batches(client, settings.batch)
        self._products = products
        self._terms = terms
        self._one = threading.Lock()
        self._flagged: set[int] = set()

    def write_stock(self, figures: Figures) -> Written:
        """One call for all products, one more for the variations of each parent; before, what the shop shows is read.

        What it shows already is not written: after a sale in the shop itself that is the rule, and a write would only wipe out the
        next one. Raises as calls do; InDoubt where the shop does not answer halves of a batch either: all is simply written again.
        """
        with self._one:
            calls, problems = _Calls(), wrong_ids(figures)
            shown = self._products.with_ids(one for one in figures if one not in problems)
            self._products.learn(
                {row.parent or row.number for row in shown.values() if row.parent or row.kind == VARIABLE}
            )
            for product_id, places in figures.items():
                if product_id in problems or PLACE not in places:
                    continue
                try:
                    quantity = pieces(product_id, places[PLACE])
                    self._add_stock(calls, product_id, shown.get(product_id), quantity)
                except NeedsPerson as refused:
                    problems[product_id] = str(refused)
            return self._send(calls, problems, Priority.STOCK)

    def write_prices(self, figures: Figures) -> Written:
        """Reads what the shop shows first: a sale price means nothing without the regular one, and what is so already is not sent.

        Raises as `write_stock`.
        """
        with self._one:
            calls, problems, terms = _Calls(), wrong_ids(figures), self._terms.now()
            shown = self._products.with_ids(one for one in figures if one not in problems)
            for product_id, places in figures.items():
                if product_id in problems or not {REGULAR, SALE} & set(places):
                    continue
                row = shown.get(product_id)
                try:
                    if row is None:
                        raise product_gone(product_id)
                    body = new_prices(row, places, terms)
                except NeedsPerson as refused:
                    problems[product_id] = str(refused)
                    continue
                if body:
                    calls.add(row.parent, row.number, dict(body), product_id)
            return self._send(calls, problems, Priority.CATALOGUE)

    def _add_stock(self, calls: _Calls, product_id: str, row: Row | None, quantity: int) -> None:
        """Raises NeedsPerson where the stock of a product is not its own."""
        if row is None:
            raise product_gone(product_id)
        if row.parent:
            self._of_variation(calls, row, quantity)
            return
        level = self._products.level(row.number)
        if row.kind in STOCKLESS or (level is not None and level.own):
            raise NeedsPerson(
                "woocommerce.no-own-stock",
                f"Product {product_id} has no stock of its own: what is sold are its parts.",
                "Link its variations to items instead, each with a SKU of its own.",
                product=product_id,
            )
        if not (row.managed and row.quantity == quantity):
            calls.add(0, row.number, _stock(quantity), product_id)

    def _of_variation(self, calls: _Calls, row: Row, quantity: int) -> None:
        level = self._products.level(row.parent)
        if level is None:
            raise product_gone(row.id)
        if level.both and row.parent not in self._flagged:
            self._flagged.add(row.parent)
            log.warning("stock-on-two-levels", product=row.parent, variations=level.own)
        same = row.quantity == quantity
        if not row.shares:
            if not (row.managed and same):
                calls.add(row.parent, row.number, _stock(quantity), row.id)
            return
        given = calls.bodies.get("products", {}).get(row.parent)
        if len(level.sharing) > 1 or (given is not None and given["stock_quantity"] != quantity):
            raise NeedsPerson(
                "woocommerce.shared-stock",
                f"Variation {row.id} sells from the stock of product {row.parent}, as others do.",
                "Switch stock management on at each variation in the shop, or link the product itself and not its variations.",
                product=row.id,
            )
        if not same or given is not None:
            calls.add(0, row.parent, _stock(quantity), row.id)

    def _send(self, calls: _Calls, problems: dict[str, str], priority: int) -> Written:
        uncertain = ""
        for path, bodies in calls.bodies.items():
            answers = self.batches.update(path, list(bodies.values()), priority)
            for number, body in bodies.items():
                answer = answers.get(number)
                if answer is None:
                    uncertain = UNNAMED
                    continue
                for product_id in calls.told[(path, number)]:
                    problem = self._refused(product_id, answer) or not_kept(product_id, body, answer)
                    if problem:
                        problems[product_id] = problem
        return Written(problems, uncertain)

    def _refused(self, product_id: str, answer: Json) -> str:
        error = answer.get("error")
        if not isinstance(error, dict):
            return ""
        code = as_text(error.get("code"))
        self._products.forget(product_id)
        if code in GONE:
            return str(product_gone(product_id))
        said = errors.shown(as_text(error.get("message")))
        return str(
            NeedsPerson(
                "woocommerce.item-refused",
                f"Product {product_id}: the shop did not take it ({code}): {said}",
                "Change what it names; what was not taken is tried again by itself.",
            )
        )


def not_kept(product_id: str, sent: Mapping[str, object], answer: Json) -> str:
    """What the shop took and yet does not show: it drops some things without a word. Empty where all is as it was sent."""
    if "stock_quantity" in sent and answer.get("manage_stock") is False:
        return str(
            NeedsPerson(
                "woocommerce.stock-off",
                f"Product {product_id}: the shop does not manage stock, so the quantity was dropped.",
                "Switch it on under WooCommerce, Settings, Products, Inventory.",
            )
        )
    wrong = [name for name, value in sent.items() if name in answer and not _same(value, answer[name])]
    if not wrong:
        return ""
    names = ", ".join(sorted(wrong))
    return str(
        NeedsPerson(
            "woocommerce.not-kept",
            f"Product {product_id}: the shop answered that all is well, and shows another {names} than was sent.",
            "Look for a plugin that changes prices or stock; what was not taken is tried again by itself.",
        )
    )


def _same(sent: object, shown: object) -> bool:
    if isinstance(sent, bool):
        return sent == shown
    try:
        # "" and null are no price, which is not the price 0
        if sent in ("", None) or shown in ("", None):
            return (sent in ("", None)) == (shown in ("", None))
        return as_decimal(sent) == as_decimal(shown)
    except ValueError:
        return sent == shown


def _stock(quantity: int) -> Json:
    return {"manage_stock": True, "stock_quantity": quantity}
