"""A shipment in BaseLinker's words and back; pure (reference, section 13).

Couriers have fields of their own, told by ``getCourierFields``; a shipment's options fill them by their ids.
"""

from __future__ import annotations

from decimal import Decimal

from pomost.connectors.baselinker.wire_types import as_flag, as_list, as_text
from pomost.connectors.carriers import failures, rules
from pomost.ports import Json, NeedsPerson
from pomost.ports.carrier import Shipment, ShipmentOrder, ShipmentState

OPTIONS = {
    "another": "yes: one more shipment of an order at the same courier",
    "cod_field": "id of the courier's field for the amount to be collected (cod)",
    "insurance_field": "id of the courier's field for the insured value (insurance)",
    "reference_field": "id of the courier's field for our reference (reference_number)",
    "content_field": "id of the courier's field for the content (package_description)",
    "size_field": "id of the courier's field for the size (size_type)",
}
_USUAL = {
    "cod": "cod",
    "insurance": "insurance",
    "reference": "reference_number",
    "content": "package_description",
    "size": "size_type",
}
_SIZES = {"small": "A", "medium": "B", "large": "C", "xlarge": "D"}
_STATES = {
    1: ShipmentState.READY,
    2: ShipmentState.COLLECTED,
    3: ShipmentState.ON_THE_WAY,
    4: ShipmentState.ON_THE_WAY,
    5: ShipmentState.DELIVERED,
    6: ShipmentState.RETURNED,
    7: ShipmentState.AT_POINT,
    8: ShipmentState.AT_POINT,
    9: ShipmentState.FAILED,
    10: ShipmentState.CANCELLED,
    11: ShipmentState.ON_THE_WAY,
    12: ShipmentState.ON_THE_WAY,
    13: ShipmentState.ON_THE_WAY,
}
"""Of tracking statuses; 0 is unknown to BaseLinker itself."""
_PROBLEMS = {3: "not_delivered", 9: "lost", 12: "exception"}


def fields_to_wire(order: ShipmentOrder, known: Json) -> list[Json]:
    """The courier's fields that are filled. Raises NeedsPerson for one that this courier does not have."""
    ids = [as_text(row.get("id")) for row in as_list(known.get("fields")) if isinstance(row, dict)]
    rules.check_order(order, [*OPTIONS, *ids])
    values = {name: text for name, text in order.options.items() if name not in OPTIONS}
    amounts = {"cod": order.cod, "insurance": rules.insured(order)}
    for what, amount in amounts.items():
        if amount is not None:
            values[_field(order, what, ids, needed=what == "cod")] = format(amount, "f")
    texts = {"reference": order.reference, "content": order.content, "size": _size(order)}
    for what, text in texts.items():
        if text:
            values.setdefault(_field(order, what, ids, needed=False), text)
    values.pop("", None)
    return [{"id": name, "value": text} for name, text in values.items()]


def _size(order: ShipmentOrder) -> str:
    template = order.parcels[0].template.strip()
    return _SIZES.get(template.lower(), template.upper())


def _field(order: ShipmentOrder, what: str, ids: list[str], *, needed: bool) -> str:
    """The id of the courier's field for something; "" where it has none and none is needed."""
    named = order.options.get(f"{what}_field", "")
    wanted = order.options.get(f"{what}_field", _USUAL[what])
    if wanted in ids:
        return wanted
    if needed or named:
        raise _no_field(order, wanted, ids)
    return ""


def _no_field(order: ShipmentOrder, wanted: str, ids: list[str]) -> NeedsPerson:
    return NeedsPerson(
        "carrier.no-field",
        f'Shipment {order.reference}: the courier {order.service} has no field "{wanted}" in BaseLinker; it has '
        f"{', '.join(ids)}.",
        "Name the right one in the options of the step, as cod_field.",
        reference=order.reference,
    )


def packages_to_wire(order: ShipmentOrder, known: Json, weight_kg: Decimal) -> list[Json]:
    """Parcels by the courier's own names of measures; cm and kg."""
    if len(order.parcels) > 1 and not as_flag(known.get("multi_packages")):
        raise NeedsPerson(
            "carrier.one-parcel",
            f"Shipment {order.reference}: the courier {order.service} takes one parcel in a shipment.",
            "Order one shipment for each parcel, or choose another courier.",
            reference=order.reference,
        )
    ids = [as_text(row.get("id")) for row in as_list(known.get("package_fields")) if isinstance(row, dict)]
    pieces = []
    for parcel in order.parcels:
        measures = {
            "weight": parcel.weight_kg or weight_kg,
            "length": _centimetres(parcel.length_mm),
            "width": _centimetres(parcel.width_mm),
            "height": _centimetres(parcel.height_mm),
        }
        pieces.append(
            {
                name: measures[what]
                for name in ids or ["weight"]
                for what in measures
                if name.endswith(what) and measures[what] is not None
            }
        )
    return pieces


def _centimetres(mm: int | None) -> Decimal | None:
    return None if mm is None else Decimal(-(-mm // 10))


def shipment_from_wire(row: Json, external_id: str) -> Shipment:
    """A package. One without a tracking status yet is left where it was."""
    raw = as_text(row.get("tracking_status"))
    status = int(raw) if raw.isdecimal() else -1
    number = as_text(row.get("courier_package_nr"))
    state = _STATES.get(status, ShipmentState.UNKNOWN)
    return Shipment(
        external_id=external_id,
        state=state,
        tracking_number=number,
        tracking_url=as_text(row.get("tracking_url")),
        raw_status=raw,
        label_ready=bool(number) and state != ShipmentState.CANCELLED,
        problem=failures.delivery_problem(_PROBLEMS[status]) if status in _PROBLEMS else None,
    )
