"""The envelope: parameters as data, checked as the real one would, and errors in its form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any


class Refusal(Exception):
    """An answer with status ERROR."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a method: its type, whether it must be there, and the longest text (0: any)."""

    type: str
    required: bool = False
    longest: int = 0


def integer(value: Any, name: str) -> int:
    """Integers arrive as numbers or as text."""
    if isinstance(value, bool) or value is None:
        raise Refusal("ERROR_PARAMETERS", f"Parameter {name} must be an integer")
    try:
        return int(str(value))
    except ValueError:
        raise Refusal("ERROR_PARAMETERS", f"Parameter {name} must be an integer") from None


def decimal(value: Any, name: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Refusal("ERROR_PARAMETERS", f"Parameter {name} must be a number") from None
    if not number.is_finite():
        raise Refusal("ERROR_PARAMETERS", f"Parameter {name} must be a number")
    return number


def boolean(value: Any) -> bool:
    """true, 1, "1" and "true" all appear in the documentation's own examples."""
    return value in (True, 1, "1", "true")


def number(value: Decimal) -> int | float:
    """As PHP writes it: whole numbers as integers."""
    return int(value) if value == value.to_integral_value() else float(value)


def check(
    given: Mapping[str, Any], table: Mapping[str, Parameter], *, strict: bool, cut: bool
) -> dict[str, Any]:
    """Parameters as the method takes them. Raises Refusal for what is missing or of a wrong type."""
    if strict and (unknown := sorted(set(given) - set(table))):
        raise Refusal("ERROR_UNKNOWN_PARAMETER", f"Unknown parameter: {', '.join(unknown)}")
    taken: dict[str, Any] = {}
    for name, parameter in table.items():
        if name not in given:
            if parameter.required:
                raise Refusal("ERROR_PARAMETERS", f"Missing parameter {name}")
            continue
        taken[name] = _value(given[name], name, parameter, cut)
    return taken


def _value(value: Any, name: str, parameter: Parameter, cut: bool) -> Any:
    if parameter.type == "int":
        return integer(value, name)
    if parameter.type == "float":
        return number(decimal(value, name))
    if parameter.type == "bool":
        return boolean(value)
    if parameter.type == "list":
        if not isinstance(value, list):
            raise Refusal("ERROR_PARAMETERS", f"Parameter {name} must be a list")
        return value
    if parameter.type == "map":
        if value == []:
            return {}
        if not isinstance(value, dict):
            raise Refusal("ERROR_PARAMETERS", f"Parameter {name} must be a map")
        return value
    text = "" if value is None else str(value)
    if parameter.longest and len(text) > parameter.longest:
        if not cut:
            raise Refusal(
                "ERROR_PARAMETERS", f"Parameter {name} is longer than {parameter.longest} characters"
            )
        text = text[: parameter.longest]
    return text


def text(longest: int, required: bool = False) -> Parameter:
    return Parameter("text", required, longest)


INT, NEED_INT = Parameter("int"), Parameter("int", True)
FLOAT, BOOL, LIST, MAP = Parameter("float"), Parameter("bool"), Parameter("list"), Parameter("map")

ADDRESS_FIELDS: dict[str, Parameter] = {
    "delivery_fullname": text(156),
    "delivery_company": text(156),
    "delivery_address": text(156),
    "delivery_postcode": text(100),
    "delivery_city": text(100),
    "delivery_state": text(35),
    "delivery_country_code": text(2),
    "delivery_point_id": text(40),
    "delivery_point_name": text(100),
    "delivery_point_address": text(100),
    "delivery_point_postcode": text(100),
    "delivery_point_city": text(100),
    "invoice_fullname": text(500),
    "invoice_company": text(500),
    "invoice_nip": text(100),
    "invoice_address": text(500),
    "invoice_postcode": text(20),
    "invoice_city": text(100),
    "invoice_state": text(35),
    "invoice_country_code": text(2),
}
ORDER_FIELDS: dict[str, Parameter] = {
    "admin_comments": text(200),
    "user_comments": text(510),
    "payment_method": text(30),
    "payment_method_cod": BOOL,
    "email": text(150),
    "phone": text(100),
    "user_login": text(30),
    "delivery_method": text(30),
    "delivery_price": FLOAT,
    **ADDRESS_FIELDS,
    "want_invoice": BOOL,
    "extra_field_1": text(50),
    "extra_field_2": text(50),
    "custom_extra_fields": MAP,
}
LINE_FIELDS: dict[str, Parameter] = {
    "storage": text(9),
    "storage_id": INT,
    "product_id": text(50),
    "variant_id": text(30),
    "auction_id": text(20),
    "name": text(200),
    "sku": text(50),
    "ean": text(32),
    "location": text(50),
    "warehouse_id": INT,
    "attributes": text(350),
    "price_brutto": FLOAT,
    "tax_rate": FLOAT,
    "quantity": INT,
    "weight": FLOAT,
}
METHODS: dict[str, dict[str, Parameter]] = {
    "getOrders": {
        "order_id": INT,
        "date_confirmed_from": INT,
        "date_from": INT,
        "id_from": INT,
        "get_unconfirmed_orders": BOOL,
        "status_id": INT,
        "filter_email": text(50),
        "filter_order_source": text(20),
        "filter_order_source_id": INT,
        "filter_shop_order_id": INT,
        "filter_external_order_id": text(50),
        "include_custom_extra_fields": BOOL,
        "include_commissions": BOOL,
        "include_connect_data": BOOL,
        "include_discounts_data": BOOL,
    },
    "getJournalList": {"last_log_id": INT, "logs_types": LIST, "order_id": INT},
    "getOrderStatusList": {},
    "getOrderExtraFields": {},
    "getOrderSources": {},
    "getOrdersByEmail": {"email": text(50, True)},
    "getOrdersByPhone": {"phone": text(50, True)},
    "getOrderTransactionData": {
        "order_id": NEED_INT,
        "include_complex_taxes": BOOL,
        "include_amazon_data": BOOL,
    },
    "getOrderPaymentsHistory": {"order_id": NEED_INT, "show_full_history": BOOL},
    "getOrderPickPackHistory": {"order_id": NEED_INT, "action_type": INT},
    "getOrderPrintoutTemplates": {},
    "addOrder": {
        "order_status_id": NEED_INT,
        "custom_source_id": INT,
        "date_add": NEED_INT,
        "currency": text(3, True),
        "paid": BOOL,
        "products": LIST,
        **ORDER_FIELDS,
    },
    "setOrderFields": {
        "order_id": NEED_INT,
        **ORDER_FIELDS,
        "pick_state": INT,
        "pack_state": INT,
        "star": INT,
    },
    "addOrderProduct": {"order_id": NEED_INT, **LINE_FIELDS},
    "setOrderProductFields": {"order_id": NEED_INT, "order_product_id": NEED_INT, **LINE_FIELDS},
    "deleteOrderProduct": {"order_id": NEED_INT, "order_product_id": NEED_INT},
    "setOrderPayment": {
        "order_id": NEED_INT,
        "payment_done": Parameter("float", True),
        "payment_date": NEED_INT,
        "payment_comment": text(30),
        "external_payment_id": text(30),
    },
    "setOrderStatus": {"order_id": NEED_INT, "status_id": NEED_INT},
    "setOrderStatuses": {"order_ids": Parameter("list", True), "status_id": NEED_INT},
    "deleteOrders": {"order_ids": Parameter("list", True)},
    "addOrderDuplicate": {"order_id": NEED_INT},
    "addOrderBySplit": {
        "order_id": NEED_INT,
        "items_to_split": Parameter("list", True),
        "delivery_cost_to_split": FLOAT,
    },
    "setOrdersMerge": {
        "main_order_id": NEED_INT,
        "order_ids_to_merge": Parameter("list", True),
        "merge_mode": text(20, True),
        "sum_delivery_costs": BOOL,
    },
    "getSeries": {},
    "addInvoice": {"order_id": NEED_INT, "series_id": INT, "vat_rate": text(10)},
    "getInvoices": {
        "invoice_id": INT,
        "order_id": INT,
        "date_from": INT,
        "id_from": INT,
        "series_id": INT,
        "get_external_invoices": BOOL,
        "get_government_data": BOOL,
    },
    "getInvoiceFile": {"invoice_id": NEED_INT, "get_external": BOOL},
    "addOrderInvoiceFile": {
        "invoice_id": NEED_INT,
        "file": text(0, True),
        "external_invoice_number": text(30),
    },
    "addInvoiceCorrection": {
        "original_invoice_id": INT,
        "return_order_id": INT,
        "series_id": INT,
        "date_sell": INT,
        "correcting_reason": INT,
        "correcting_items": INT,
        "correcting_data": INT,
        "items": LIST,
    },
    "addReceipt": {"order_id": NEED_INT, "series_id": INT},
    "getReceipt": {"receipt_id": INT, "order_id": INT},
    "getReceipts": {"series_id": INT, "id_from": INT, "date_from": INT, "date_to": INT},
    "getNewReceipts": {"series_id": INT, "id_from": INT},
    "setOrderReceipt": {
        "receipt_id": NEED_INT,
        "receipt_nr": text(20, True),
        "date": NEED_INT,
        "printer_error": BOOL,
        "printer_name": text(50),
    },
    "addOrderReceiptFile": {
        "receipt_id": NEED_INT,
        "file": text(0, True),
        "external_receipt_number": text(20),
    },
    "getOrderReturnJournalList": {"last_log_id": INT, "logs_types": LIST, "return_id": INT},
    "getOrderReturns": {
        "order_id": INT,
        "return_id": INT,
        "date_from": INT,
        "id_from": INT,
        "status_id": INT,
        "include_custom_extra_fields": BOOL,
    },
    "getOrderReturnStatusList": {},
    "addOrderReturn": {
        "order_id": INT,
        "status_id": NEED_INT,
        "reference_number": text(100),
        "date_add": NEED_INT,
        "currency": text(3, True),
        "refunded": BOOL,
        "admin_comments": text(200),
        "email": text(150),
        "phone": text(100),
        "products": LIST,
    },
    "setOrderReturnStatus": {"return_id": NEED_INT, "status_id": NEED_INT},
    "setOrderReturnRefund": {
        "return_id": NEED_INT,
        "order_refund_done": Parameter("float", True),
        "refund_date": NEED_INT,
        "refund_comment": text(50),
    },
}
"""Methods of the sandbox with their parameters (reference, sections 5 to 9)."""
