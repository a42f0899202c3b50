"""What the services behind Apaczka would cost (reference, section 3.6): grosze, without a currency, perhaps as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pomost.connectors.apaczka.client import ApaczkaClient
from pomost.connectors.apaczka.mapping import needs_courier, order_to_wire, service_from_wire
from pomost.connectors.apaczka.settings import Settings
from pomost.ports import Json, NeedsPerson
from pomost.ports.carrier import Quote, ShipmentOrder


def quotes(
    client: ApaczkaClient,
    settings: Settings,
    rows: Mapping[str, Json],
    order: ShipmentOrder,
    now: datetime,
) -> tuple[Quote, ...]:
    """One call for the services that are handed over as the connection says, and one for those that send a courier in any
    case. Raises what Apaczka says when it offers no price at all."""
    groups: dict[bool, list[Json]] = {}
    for row in rows.values():
        if service_from_wire(row).to_point == bool(order.point):
            groups.setdefault(needs_courier(row), []).append(row)
    found: list[Quote] = []
    refused: NeedsPerson | None = None
    for group in groups.values():
        service = service_from_wire(group[0]).id
        sent = order_to_wire(replace(order, service=service), group[0], settings, now)
        sent.pop("service_id")
        try:
            table = client.valuation(sent, order.reference)
        except NeedsPerson as failure:
            refused = failure
            continue
        for row in group:
            quote = _quote(row, table.get(str(row.get("service_id"))))
            found += [quote] if quote is not None else []
    if refused is not None and not found:
        raise refused
    return tuple(sorted(found, key=lambda one: one.gross or one.net or Decimal(0)))


def _quote(row: Json, priced: Any) -> Quote | None:
    if not isinstance(priced, dict):
        return None
    net, gross = _zloty(priced.get("price")), _zloty(priced.get("price_gross"))
    service = service_from_wire(row)
    return Quote(service.id, service.name, net, gross) if net is not None or gross is not None else None


def _zloty(value: Any) -> Decimal | None:
    try:
        grosze = Decimal(str(value))
    except InvalidOperation:
        return None
    return grosze.scaleb(-2) if grosze.is_finite() and grosze >= 0 else None
