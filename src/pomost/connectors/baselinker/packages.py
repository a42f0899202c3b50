"""BaseLinker's methods for shipments at couriers, one thin function each (reference, section 13)."""

from __future__ import annotations

from typing import Any

from pomost.connectors.baselinker.calls import given, rows
from pomost.connectors.baselinker.client import Wire
from pomost.connectors.baselinker.wire_types import as_map
from pomost.ports import Json, Priority

HISTORY = 100
"""So many packages one call tells the history of."""


class Packages:
    """The methods on a wire that is shared with everything else of the account."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    def get_couriers_list(self) -> list[Json]:
        """Rows: code, name."""
        return self._rows("getCouriersList", "couriers")

    def get_courier_accounts(self, courier_code: str) -> list[Json]:
        """Rows: id, name."""
        return self._rows("getCourierAccounts", "accounts", {"courier_code": courier_code})

    def get_courier_fields(self, courier_code: str) -> Json:
        """multi_packages, fields, package_fields."""
        return self.wire.call("getCourierFields", {"courier_code": courier_code})

    def create_package(
        self,
        order_id: int,
        courier_code: str,
        fields: list[Json],
        packages: list[Json],
        account_id: int | None = None,
    ) -> Json:
        """Not repeatable: each call orders a shipment. package_id, package_number, courier_inner_number."""
        asked = given(
            order_id=order_id,
            courier_code=courier_code,
            account_id=account_id,
            fields=fields,
            packages=packages,
        )
        return self.wire.call("createPackage", asked, Priority.WRITE_BACK, write=True)

    def create_package_manual(
        self, order_id: int, courier_code: str, package_number: str, **more: Any
    ) -> Json:
        """Tells of a shipment that was made elsewhere. Not repeatable. ``more``: pickup_date, return_shipment."""
        asked = given(order_id=order_id, courier_code=courier_code, package_number=package_number, **more)
        return self.wire.call("createPackageManual", asked, Priority.WRITE_BACK, write=True)

    def get_label(self, courier_code: str, package_id: int) -> Json:
        """extension, and label in base64."""
        asked = {"courier_code": courier_code, "package_id": package_id}
        return self.wire.call("getLabel", asked, Priority.WRITE_BACK)

    def get_order_packages(self, order_id: int) -> list[Json]:
        """Rows as in the reference: package_id, courier_package_nr, courier_code, tracking_status, tracking_url, ..."""
        return self._rows("getOrderPackages", "packages", {"order_id": order_id})

    def get_courier_packages_status_history(self, package_ids: list[int]) -> Json:
        """Package id -> rows of its history; at most 100 packages."""
        answer = self.wire.call("getCourierPackagesStatusHistory", {"package_ids": package_ids})
        return as_map(answer.get("packages_history"))

    def delete_courier_package(self, courier_code: str, package_id: int) -> None:
        """Refused once the courier has the parcel; repeating is harmless."""
        asked = {"courier_code": courier_code, "package_id": package_id}
        self.wire.call("deleteCourierPackage", asked, Priority.WRITE_BACK)

    def _rows(self, method: str, key: str, asked: Json | None = None) -> list[Json]:
        return rows(method, self.wire.call(method, asked), key)
