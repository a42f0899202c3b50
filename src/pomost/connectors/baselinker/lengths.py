"""How long a text may be that is written to BaseLinker (reference of the API, addOrder and setOrderFields).

What BaseLinker does with a longer one is not documented, so texts are cut here. What must stay whole to mean
anything, above all the number of a document, is refused instead.
"""

from __future__ import annotations

from typing import Any

from pomost.ports import Json, NeedsPerson

CUT: dict[str, int] = {
    "payment_method": 30,
    "payment_comment": 30,
    "user_comments": 510,
    "admin_comments": 200,
    "user_login": 30,
    "delivery_method": 30,
    "delivery_fullname": 100,
    "delivery_company": 100,
    "delivery_address": 156,
    "delivery_city": 100,
    "delivery_state": 20,
    "delivery_point_name": 100,
    "delivery_point_address": 100,
    "delivery_point_city": 100,
    "invoice_fullname": 100,
    "invoice_company": 100,
    "invoice_address": 100,
    "invoice_city": 100,
    "invoice_state": 35,
    "name": 200,
    "attributes": 350,
    "refund_comment": 50,
    "title": 40,
    "printer_name": 50,
}
WHOLE: dict[str, int] = {
    "external_invoice_number": 30,
    "external_receipt_number": 20,
    "receipt_nr": 20,
    "extra_field_1": 50,
    "extra_field_2": 50,
    "email": 150,
    "phone": 100,
    "currency": 3,
    "delivery_postcode": 100,
    "delivery_country_code": 2,
    "delivery_point_id": 40,
    "delivery_point_postcode": 100,
    "invoice_nip": 100,
    "invoice_postcode": 20,
    "invoice_country_code": 2,
    "external_payment_id": 30,
    "external_refund_id": 50,
    "reference_number": 100,
    "sku": 50,
    "ean": 32,
    "location": 50,
}


def fit(parameters: Json) -> Json:
    """The parameters with texts that BaseLinker will take; also inside lists and maps.

    Raises NeedsPerson ``baselinker.too-long`` for one that may not be cut.
    """
    return {name: _fit(name, value) for name, value in parameters.items()}


def _fit(name: str, value: Any) -> Any:
    if isinstance(value, str):
        if len(value) > WHOLE.get(name, len(value)):
            raise NeedsPerson(
                "baselinker.too-long",
                f"BaseLinker takes at most {WHOLE[name]} characters for {name}; this one has {len(value)}.",
                "It is not cut, since it would mean something else: shorten it or choose another field.",
                field=name,
            )
        return value[: CUT.get(name, len(value))]
    if isinstance(value, dict):
        return fit(value)
    if isinstance(value, list):
        return [_fit("", item) if isinstance(item, str) else _fit(name, item) for item in value]
    return value
