"""Shipments that BaseLinker orders at its own couriers, behind the port of carriers.

BaseLinker takes receiver, phone and point from its own order and knows no reference of ours. What was made is found
again by the order and the courier: so that this is certain, a second shipment of an order at one courier has to be
wished (option ``another``), or the ones before it are named (`ShipmentOrder.earlier`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from pomost.connectors.baselinker.client import Wire, utc_now
from pomost.connectors.baselinker.packages import Packages
from pomost.connectors.baselinker.shipping_words import (
    fields_to_wire,
    packages_to_wire,
    shipment_from_wire,
)
from pomost.connectors.baselinker.wire_types import as_text
from pomost.connectors.carriers import failures, rules
from pomost.ports import Failure, InDoubt, Json, NeedsPerson
from pomost.ports.carrier import Label, LabelFormat, Service, Shipment, ShipmentOrder, checked_label

LOCKERS = frozenset({"paczkomaty"})
"""Couriers that deliver to points; the point stands in BaseLinker's order."""


class BaseLinkerShipping:
    """The couriers of one BaseLinker account; implements `pomost.ports.carrier.Carrier`.

    ``wire`` is the one that everything with the same token shares: it is not closed here. A shipment's id is
    "ORDER/COURIER/PACKAGE". A service is a courier's code ("inpostkurier"), or the code and one of the accounts with it
    ("inpostkurier:4101"). ``settle_s``: how long a call whose answer was lost may still be under way.
    """

    def __init__(
        self,
        wire: Wire,
        *,
        name: str = "baselinker",
        clock: Callable[[], datetime] = utc_now,
        settle_s: float = 60.0,
        weight_kg: Decimal = Decimal(1),
    ) -> None:
        self._name = name
        self._packages = Packages(wire)
        self._clock = clock
        self._settle = timedelta(seconds=settle_s)
        self._weight = weight_kg

    @property
    def name(self) -> str:
        return self._name

    def capabilities(self) -> frozenset[str]:
        return frozenset({"cancel", "cod", "insurance", "points"})

    def services(self) -> tuple[Service, ...]:
        couriers = self._packages.get_couriers_list()
        found = ((as_text(row.get("code")), as_text(row.get("name"))) for row in couriers)
        return tuple(Service(code, name or code, code in LOCKERS) for code, name in found if code)

    def create(self, order: ShipmentOrder) -> str:
        courier, account = _service(order.service)
        order_id = self._order_id(order)
        known = self._packages.get_courier_fields(courier)
        fields = fields_to_wire(order, known)
        pieces = packages_to_wire(order, known, self._weight)
        known_before = set(self._at(order_id, courier))
        if self._new(order, order_id, courier, known_before) and not rules.yes(order.options, "another"):
            raise self._named(
                NeedsPerson(
                    "carrier.shipped-already",
                    f"Order {order_id} has a shipment with the courier {courier} already.",
                    "Delete it in BaseLinker, or order another one by the option another.",
                    order=str(order_id),
                )
            )
        try:
            made = self._packages.create_package(order_id, courier, fields, pieces, account)
        except InDoubt as doubt:
            # Couriers refuse in words of their own. BaseLinker has answered, so that its own list is complete.
            if (
                doubt.code == "baselinker.error-after-write"
                and not set(self._at(order_id, courier)) - known_before
            ):
                said = doubt.facts.get("answer", "")
                raise self._named(failures.courier_refused(order.reference, courier, said)) from doubt
            raise
        package_id = as_text(made.get("package_id"))
        if not package_id.isdecimal() or package_id == "0":
            raise self._named(failures.unclear("createPackage", "its answer has no package_id", write=True))
        return f"{order_id}/{courier}/{package_id}"

    def find(self, order: ShipmentOrder, since: datetime | None) -> str | None:
        courier, _ = _service(order.service)
        order_id = self._order_id(order)
        found = self._new(order, order_id, courier, self._at(order_id, courier))
        if len(found) > 1:
            raise self._named(failures.found_twice(order.reference, found))
        if found:
            return f"{order_id}/{courier}/{found[0]}"
        if since is not None and self._clock() < since + self._settle:
            raise self._named(failures.find_later(order.reference, since + self._settle))
        return None

    def read(self, external_id: str) -> Shipment:
        order_id, _, package_id = self._parts(external_id)
        for row in self._packages.get_order_packages(order_id):
            if as_text(row.get("package_id")) == package_id:
                return shipment_from_wire(row, external_id)
        raise self._named(failures.not_found(external_id))

    def label(self, external_id: str, format: LabelFormat = "pdf") -> Label:
        """In the format that is set in BaseLinker for the courier."""
        _, courier, package_id = self._parts(external_id)
        if not self.read(external_id).label_ready:
            raise self._named(failures.label_not_yet(external_id))
        answer = self._packages.get_label(courier, int(package_id))
        extension = as_text(answer.get("extension")).lower()
        try:
            content = base64.b64decode(as_text(answer.get("label")), validate=False)
        except (binascii.Error, ValueError):
            content = b""
        if content and extension not in ("", format, "html"):
            raise self._named(
                NeedsPerson(
                    "carrier.other-format",
                    f"BaseLinker gives labels of the courier {courier} as {extension}, and {format} was asked for.",
                    "Change the format in BaseLinker, in the settings of the courier, or ask for that one.",
                    shipment=external_id,
                )
            )
        return checked_label(content, format, extension)

    def cancel(self, external_id: str) -> bool:
        """A cancelled shipment is gone from BaseLinker."""
        order_id, courier, package_id = self._parts(external_id)
        if package_id not in self._at(order_id, courier):
            return True
        try:
            self._packages.delete_courier_package(courier, int(package_id))
        except NeedsPerson as refused:
            if package_id not in self._at(order_id, courier):
                return True
            state = self.read(external_id).state
            raise self._named(failures.cannot_cancel(external_id, state)) from refused
        return True

    def check(self) -> tuple[Failure, ...]:
        try:
            if not self._packages.get_couriers_list():
                return (self._named(failures.no_contract()),)
        except Failure as failure:
            return (failure,)
        return ()

    def close(self) -> None:
        """The wire belongs to the channel."""

    def _at(self, order_id: int, courier: str) -> list[str]:
        """The packages of an order at a courier that are no returns."""
        return [
            as_text(row.get("package_id"))
            for row in self._packages.get_order_packages(order_id)
            if as_text(row.get("courier_code")) == courier and not _is_return(row)
        ]

    @staticmethod
    def _new(order: ShipmentOrder, order_id: int, courier: str, packages: Iterable[str]) -> list[str]:
        """Those that are none of the shipments that the order had before."""
        return [one for one in packages if f"{order_id}/{courier}/{one}" not in order.earlier]

    def _order_id(self, order: ShipmentOrder) -> int:
        if not order.order_id.isdecimal():
            raise self._named(
                NeedsPerson(
                    "carrier.no-order",
                    f"Shipment {order.reference} belongs to no order of BaseLinker.",
                    "Ship it with another carrier, or by hand.",
                    reference=order.reference,
                )
            )
        return int(order.order_id)

    def _parts(self, external_id: str) -> tuple[int, str, str]:
        order_id, _, rest = external_id.partition("/")
        courier, _, package_id = rest.rpartition("/")
        if not order_id.isdecimal() or not courier or not package_id.isdecimal():
            raise self._named(failures.not_found(external_id))
        return int(order_id), courier, package_id

    def _named(self, failure: Failure) -> Failure:
        failure.name_connection(self._name)
        return failure


def _service(service: str) -> tuple[str, int | None]:
    code, _, account = service.partition(":")
    return code, int(account) if account.isdecimal() else None


def _is_return(row: Json) -> bool:
    return as_text(row.get("is_return")) in ("1", "true", "True") or as_text(row.get("package_type")) in (
        "1",
        "3",
    )
