"""What InPost's services would cost (reference, section 2.7: ``calculate``).

The form of the answer is known from public clients only, and whether VAT is in its figure from nobody: an answer of another
form gives no price, and the figure is shown as what it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from pomost.connectors.shipx.client import ShipXClient
from pomost.connectors.shipx.mapping import is_locker, shipment_to_wire
from pomost.connectors.shipx.settings import Settings
from pomost.ports import NeedsPerson
from pomost.ports.carrier import Quote, Service, ShipmentOrder

FIGURE = "calculated_charge_amount"


def quotes(
    client: ShipXClient, settings: Settings, services: Iterable[Service], order: ShipmentOrder
) -> tuple[Quote, ...]:
    """One call for each service that goes where the order goes, so that what one can't carry spoils no other."""
    found = []
    for service in services:
        if is_locker(service.id) != bool(order.point):
            continue
        try:
            body = shipment_to_wire(replace(order, service=service.id), settings)
            body.pop("only_choice_of_offer", None)
            answer = client.calculate({"shipments": [{"id": service.id, **body}]}, order.reference)
        except NeedsPerson:
            continue
        charge = _figure(answer)
        if charge is not None:
            found.append(Quote(service.id, service.name, charge=charge))
    return tuple(sorted(found, key=lambda one: one.charge or Decimal(0)))


def _figure(answer: Any) -> Decimal | None:
    row = answer[0] if isinstance(answer, list) and answer else None
    value = row.get(FIGURE) if isinstance(row, dict) else None
    if value is None or isinstance(value, bool):
        return None
    try:
        figure = Decimal(str(value))
    except InvalidOperation:
        return None
    return figure if figure.is_finite() and figure >= 0 else None
