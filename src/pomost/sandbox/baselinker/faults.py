"""Misbehaviour on request: what networks, gateways and BaseLinker itself have been seen to do."""

import copy
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pomost.sandbox import faults
from pomost.sandbox.baselinker.protocol import Json
from pomost.sandbox.faults import Times

# Faults of the connection. True: the call is done all the same.
CONNECTION: dict[str, bool] = {
    "delay": True,
    "http-502": False,
    "html-200": False,
    "cut-before": False,
    "cut-after": True,
    "timeout-but-done": True,
    "error-but-done": True,
    "error-not-done": False,
    "block-now": False,
    "empty-body": True,
    "truncated-json": True,
}
CONTENT = (
    "shifting-page",
    "journal-duplicates",
    "journal-late",
    "journal-out-of-order",
    "strings-for-numbers",
    "lists-for-maps",
    "unknown-journal-types",
    "partial-batch",
    "silent-partial",
    "product-gone",
    "stock-drift",
)
PRODUCTS = ("partial-batch", "silent-partial", "product-gone", "stock-drift", "shifting-page")
BATCHES = ("updateInventoryProductsStock", "updateInventoryProductsPrices")
PAGED = ("getOrders", "getInventoryProductsList", "getInventoryProductsStock", "getInventoryProductsPrices")
JOURNAL = ("journal-duplicates", "journal-out-of-order", "unknown-journal-types")
FAULTS = (*CONNECTION, *CONTENT)
# What faults can be told besides when they strike; each heeds those that make sense for it.
ARGUMENTS = ("seconds", "done", "code", "message", "back_s", "log_type", "products", "count", "by", "how")
UNKNOWN_TYPE = 99


@dataclass
class Rule(faults.Rule):
    """One fault: which calls it hits (None: any) and how often."""

    method: str | None = None
    order_id: int | None = None

    @property
    def touches_products(self) -> bool:
        return self.fault in PRODUCTS

    def where(self) -> Json:
        return {"method": self.method or ""}

    def hits(self, method: str, order_ids: list[int], product_ids: list[int]) -> bool:
        if self.method is not None and self.method != method:
            return False
        if self.fault in JOURNAL and method != "getJournalList":
            return False
        if self.fault == "shifting-page" and method not in PAGED:
            return False
        if self.touches_products and not self._reaches(method, product_ids):
            return False
        return self.order_id is None or self.order_id in order_ids

    def _reaches(self, method: str, product_ids: list[int]) -> bool:
        """Whether a fault of products makes sense for this call."""
        if self.fault == "shifting-page":
            return True
        if self.fault == "stock-drift":
            return "Inventory" in method or self.method is not None
        if self.fault != "product-gone" and method not in BATCHES:
            return False
        chosen = self.args.get("products")
        return bool(product_ids) and (not chosen or not {int(n) for n in chosen}.isdisjoint(product_ids))

    @property
    def done(self) -> bool:
        return bool(self.args.get("done", CONNECTION.get(self.fault, True)))


class Faults(faults.Faults[Rule]):
    """The faults asked for and still due."""

    def __init__(self) -> None:
        super().__init__(FAULTS, ARGUMENTS)

    def add(
        self,
        fault: str,
        method: str | None = None,
        times: Times = 1,
        order_id: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
        **args: Any,
    ) -> Rule:
        """Ask for a fault.

        ``times`` is a number, or ``"always"`` or None for every call; ``probability`` hits a part of the calls, the
        same ones for the same ``seed``.

        Raises ``ValueError`` for an unknown fault, an unknown argument, or a wrong number.
        """
        return self._ask(Rule(fault, times, probability, random.Random(seed), args, method, order_id))

    def due(self, method: str, order_ids: list[int], product_ids: list[int]) -> list[Rule]:
        """The faults that hit this call; each is counted."""
        return self._struck(
            lambda rule: rule.fault != "journal-late" and rule.hits(method, order_ids, product_ids)
        )

    def lateness(self, method: str, order_id: int) -> float:
        """Seconds by which the next journal entry of this order becomes visible late."""
        hit = self._struck(lambda rule: rule.fault == "journal-late" and rule.hits(method, [order_id], []))
        return max((float(rule.args.get("seconds", 5.0)) for rule in hit), default=0.0)


def named_orders(parameters: Json) -> list[int]:
    """The orders that a call names, for faults meant for one order."""
    named: list[Any] = [parameters.get("order_id"), parameters.get("main_order_id")]
    many = parameters.get("order_ids")
    if isinstance(many, list):
        named.extend(many)
    return [int(value) for value in named if str(value).isdecimal()]


def named_products(parameters: Json) -> list[int]:
    """The products of the catalogue that a call names, for faults that befall one of them."""
    many = parameters.get("products")
    named: list[Any] = [parameters.get("product_id"), *(many if isinstance(many, dict | list) else [])]
    return [int(value) for value in named if re.fullmatch("[0-9]{1,18}", str(value))]


def strings_for_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: strings_for_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [strings_for_numbers(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def lists_for_maps(value: Any) -> Any:
    """Every map keyed by ids becomes the list of its values, as PHP does with keys 0, 1, 2..."""
    if isinstance(value, dict):
        if all(key.isdigit() for key in value):
            return [lists_for_maps(item) for item in value.values()]
        return {key: lists_for_maps(item) for key, item in value.items()}
    if isinstance(value, list):
        return [lists_for_maps(item) for item in value]
    return value


def _duplicated(answer: Json, rule: Rule) -> Json:
    return {**answer, "logs": [log for log in answer["logs"] for _ in range(2)]}


def _out_of_order(answer: Json, rule: Rule) -> Json:
    logs = list(answer["logs"])
    rule.chance.shuffle(logs)
    if len(logs) > 1 and logs == answer["logs"]:
        logs.reverse()
    return {**answer, "logs": logs}


def _unknown_types(answer: Json, rule: Rule) -> Json:
    log_type = rule.args.get("log_type", UNKNOWN_TYPE)
    logs = [log for log in answer["logs"] for log in (log, {**log, "log_type": log_type})]
    return {**answer, "logs": logs}


DISTORTIONS: dict[str, Callable[[Json, Rule], Json]] = {
    "journal-duplicates": _duplicated,
    "journal-out-of-order": _out_of_order,
    "unknown-journal-types": _unknown_types,
    "strings-for-numbers": lambda answer, rule: dict(strings_for_numbers(answer)),
    "lists-for-maps": lambda answer, rule: dict(lists_for_maps(answer)),
}


def distorted(answer: Json, due: list[Rule], slip_in: Callable[[int], None]) -> Json:
    """The answer as the due faults make it. ``slip_in(second)`` lets an order be confirmed in that second."""
    for rule in due:
        if rule.fault == "shifting-page" and answer.get("orders"):
            slip_in(answer["orders"][-1]["date_confirmed"] - int(rule.args.get("back_s", 0)))
        elif rule.fault in DISTORTIONS and (answer.get("logs") or "for-" in rule.fault):
            answer = DISTORTIONS[rule.fault](copy.deepcopy(answer), rule)
    return answer
