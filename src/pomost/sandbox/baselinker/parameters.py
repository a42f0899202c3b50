"""Parameters of every method as tables (reference, sections 5 to 9).

One line per parameter: name, type, ``!`` when required, ``*`` when the requirement is doubtful (enforced in strict
mode only). Types: ``int``, ``float``, ``bool``, ``text<limit>``, ``ints`` (list of int), ``list`` (of objects),
``map``, ``any``; the limit of ``ints`` and ``map`` is how many.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from pomost.sandbox.baselinker.protocol import Json, Refusal, invalid
from pomost.sandbox.baselinker.settings import Settings


@dataclass(frozen=True)
class Parameter:
    name: str
    kind: str
    limit: int
    required: bool
    doubtful: bool


def table(*texts: str) -> tuple[Parameter, ...]:
    """Read parameters from ``"order_id int!, name text30"``."""
    found = []
    for line in ",".join(texts).split(","):
        if not line.strip():
            continue
        name, kind = line.split()
        matched = re.fullmatch(r"(int|ints|float|bool|text|list|map|any)(\d*)([!*]?)", kind)
        if matched is None:
            raise ValueError(f"Parameter {name} has the unknown type {kind}")
        base, limit, mark = matched.groups()
        found.append(Parameter(name, base, int(limit or 0), mark == "!", mark == "*"))
    return tuple(found)


ADDRESSES = """
    delivery_company text156, delivery_state text35, delivery_point_id text40, delivery_point_name text100,
    delivery_point_address text100, delivery_point_postcode text100, delivery_point_city text100,
    invoice_fullname text500, invoice_company text500, invoice_address text500, invoice_nip text100,
    invoice_postcode text20, invoice_city text100, invoice_state text35, invoice_country_code text2,
    want_invoice bool, extra_field_1 text50, extra_field_2 text50, custom_extra_fields map,
    user_comments text510, admin_comments text200
"""
LINE = """
    storage text9, storage_id int, product_id text50, variant_id text30, auction_id text20, name text200,
    sku text50, ean text32, location text50, warehouse_id int, attributes text350, price_brutto float,
    tax_rate float, quantity int, weight float, bundle_id int
"""
RETURN_LINE = LINE + ", status_id int, return_reason_id int, order_product_id int"
RETURN_FIELDS = """
    admin_comments text200, email text150, phone text100, user_login text30, delivery_price float,
    delivery_fullname text100, delivery_company text100, delivery_address text100, delivery_postcode text100,
    delivery_city text100, delivery_state text20, delivery_country_code text2, extra_field_1 text50,
    extra_field_2 text50, custom_extra_fields map
"""
INVOICE_DATA = """
    invoice_fullname text200, invoice_company text200, invoice_address text250, invoice_postcode text20,
    invoice_city text100, invoice_state text35, invoice_country_code text2, invoice_nip text100
"""
STATUS_FIELDS = """
    status_id int, name text30!, short_name text17!, name_for_customer text250, color text7!, type int,
    group_id int, comments text200
"""

ORDER_LINE = table(LINE)
RETURN_ORDER_LINE = table(RETURN_LINE)
SPLIT_LINE = table("order_product_id int!, quantity int!")
CORRECTION_LINE = table(
    "item_name text200, item_sku text50, item_ean text32, item_quantity int, item_price_brutto float",
    "item_tax_rate float, order_product_id int",
)

PARAMETERS: dict[str, tuple[Parameter, ...]] = {
    "getOrders": table(
        "order_id int, date_confirmed_from int, date_from int, id_from int, get_unconfirmed_orders bool",
        "status_id int, filter_email text50, filter_order_source text20, filter_order_source_id int",
        "filter_shop_order_id int, filter_external_order_id text50, include_custom_extra_fields bool",
        "include_commissions bool, include_commission_data bool, include_connect_data bool",
        "include_discounts_data bool",
    ),
    "getOrderTransactionData": table("order_id int!, include_complex_taxes bool, include_amazon_data bool"),
    "getOrdersByEmail": table("email text50!"),
    "getOrdersByPhone": table("phone text50!"),
    "getOrderSources": (),
    "getOrderExtraFields": (),
    "getOrderStatusList": (),
    "getOrderStatusGroups": (),
    "addOrderStatus": table(STATUS_FIELDS),
    "deleteOrderStatus": table("status_id int!, target_status_id int!"),
    "addOrderStatusGroup": table("group_id int, name text30!"),
    "deleteOrderStatusGroup": table("group_id int!"),
    "getOrderPaymentsHistory": table("order_id int!, show_full_history bool"),
    "getOrderPickPackHistory": table("order_id int!, action_type int"),
    "getOrderPrintoutTemplates": (),
    "addOrder": table(
        "order_status_id int!, custom_source_id int, date_add int!, currency text3*, payment_method text30*",
        "payment_method_cod bool*, paid bool*, email text150*, phone text100*, user_login text30",
        "delivery_method text30*, delivery_price float*, delivery_fullname text156*, delivery_address text156*",
        "delivery_postcode text100*, delivery_city text100*, delivery_country_code text2*, products list*",
        ADDRESSES,
    ),
    "setOrderFields": table(
        "order_id int!, payment_method text30, payment_method_cod bool, email text150, phone text100",
        "user_login text30, delivery_method text30, delivery_price float, delivery_fullname text156",
        "delivery_address text156, delivery_postcode text100, delivery_city text100",
        "delivery_country_code text2, pick_state int, pack_state int, star int",
        ADDRESSES,
    ),
    "addOrderProduct": table("order_id int!", LINE),
    "setOrderProductFields": table("order_id int!, order_product_id int!", LINE),
    "deleteOrderProduct": table("order_id int!, order_product_id int!"),
    "setOrderPayment": table(
        "order_id int!, payment_done float!, payment_date int!, payment_comment text30!",
        "external_payment_id text30",
    ),
    "setOrderStatus": table("order_id int!, status_id int!"),
    "setOrderStatuses": table("order_ids ints!, status_id int!"),
    "deleteOrders": table("order_ids ints1000!"),
    "addOrderDuplicate": table("order_id int!"),
    "addOrderBySplit": table("order_id int!, items_to_split list!, delivery_cost_to_split float"),
    "setOrdersMerge": table(
        "main_order_id int!, order_ids_to_merge ints!, merge_mode text20!, sum_delivery_costs bool!"
    ),
    "runOrderMacroTrigger": table("order_id int!, trigger_id int!"),
    "getPickPackCarts": (),
    "getPickPackCartOrders": table("cart_id int!"),
    "getPickPackOrderCart": table("order_id int!"),
    "addPickPackCart": table("name text50!"),
    "addPickPackOrdersToCart": table("cart_id int!, order_ids ints20!"),
    "deletePickPackCart": table("cart_id int!"),
    "deletePickPackCartOrders": table("cart_id int!"),
    "deletePickPackOrderFromCart": table("order_id int!"),
    "getSeries": (),
    "addInvoice": table("order_id int!, series_id int*, vat_rate any"),
    "addInvoiceCorrection": table(
        "original_invoice_id int, return_order_id int, series_id int, date_sell int, correcting_reason int",
        "correcting_items bool, correcting_data bool, items list, fv_payment text100, fv_person text100",
        INVOICE_DATA,
    ),
    "getInvoices": table(
        "invoice_id int, order_id int, date_from int, id_from int, series_id int, get_external_invoices bool",
        "get_government_data bool",
    ),
    "getInvoiceFile": table("invoice_id int!, get_external bool"),
    "addOrderInvoiceFile": table("invoice_id int!, file any!, external_invoice_number text30!"),
    "getNewReceipts": table("series_id int, id_from int"),
    "setOrderReceipt": table(
        "receipt_id int!, receipt_nr text20!, date int!, printer_error bool, printer_name text50"
    ),
    "getReceipts": table("series_id int, id_from int, date_from int, date_to int"),
    "getReceipt": table("receipt_id int, order_id int"),
    "addReceipt": table("order_id int!, series_id int"),
    "addOrderReceiptFile": table("receipt_id int!, file any!, external_receipt_number text20!"),
    "getJournalList": table("last_log_id int, logs_types ints, order_id int"),
    "getOrderReturnJournalList": table("last_log_id int, logs_types ints, return_id int"),
    "getOrderReturns": table(
        "order_id int, return_id int, date_from int, id_from int, status_id int",
        "filter_order_return_source text20, filter_order_return_source_id int",
        "include_custom_extra_fields bool, include_connect_data bool",
    ),
    "addOrderReturn": table(
        "order_id int, status_id int!, custom_source_id int, reference_number text100, date_add int!",
        "currency text3!, refunded bool!, products list!, refund_account_number text50, refund_iban text34",
        "refund_swift text11",
        RETURN_FIELDS,
    ),
    "setOrderReturnFields": table("return_id int!", RETURN_FIELDS),
    "addOrderReturnProduct": table("return_id int!", RETURN_LINE),
    "setOrderReturnProductFields": table("return_id int!, order_return_product_id int!", RETURN_LINE),
    "deleteOrderReturnProduct": table("return_id int!, order_return_product_id int!"),
    "setOrderReturnRefund": table(
        "return_id int!, order_refund_done float!, refund_date int!, refund_comment text50!",
        "external_refund_id text50",
    ),
    "setOrderReturnStatus": table("return_id int!, status_id int!"),
    "setOrderReturnStatuses": table("return_ids ints!, status_id int!"),
    "getOrderReturnStatusList": (),
    "getOrderReturnProductStatuses": (),
    "getOrderReturnReasonsList": (),
    "getOrderReturnExtraFields": (),
    "getOrderReturnPaymentsHistory": table("return_id int!, show_full_history bool"),
    "runOrderReturnMacroTrigger": table("return_id int!, trigger_id int!"),
    "getOrderReturnStatusGroups": (),
    "addOrderReturnStatus": table(STATUS_FIELDS),
    "deleteOrderReturnStatus": table("status_id int!, target_status_id int!"),
    "addOrderReturnStatusGroup": table("group_id int, name text30!"),
    "deleteOrderReturnStatusGroup": table("group_id int!"),
}

LARGEST = 2**63 - 1
TRUE = (True, 1, "1", "true")
FALSE = (False, 0, "0", "false", "")


def checked(sent: Json, parameters: tuple[Parameter, ...], settings: Settings) -> Json:
    """The parameters with their documented types; only those that were sent.

    Raises ``Refusal`` for a missing, mistyped or (by setting) over-long or unknown one.
    """
    if settings.strict:
        known = {parameter.name for parameter in parameters}
        for name in sent:
            if name not in known:
                raise Refusal("ERROR_UNKNOWN_PARAMETER", f"Unknown parameter {name}")
    found: Json = {}
    for parameter in parameters:
        value = sent.get(parameter.name)
        if value is None:
            if parameter.required or (parameter.doubtful and settings.strict):
                raise invalid(parameter.name, "required")
            continue
        found[parameter.name] = _typed(parameter, value, settings)
    return found


def _typed(parameter: Parameter, value: Any, settings: Settings) -> Any:
    name, kind = parameter.name, parameter.kind
    if kind == "int":
        return an_integer(name, value)
    if kind == "bool":
        if isinstance(value, bool | int | str) and value in TRUE:
            return True
        if isinstance(value, bool | int | str) and value in FALSE:
            return False
        raise invalid(name, "true or false expected")
    if kind == "float":
        return an_amount(name, value)
    if kind == "text":
        return _text(parameter, value, settings)
    if kind == "ints":
        if not isinstance(value, list):
            raise invalid(name, "a list of integers expected")
        if parameter.limit and len(value) > parameter.limit:
            raise invalid(name, f"at most {parameter.limit} expected")
        return [an_integer(name, item) for item in value]
    if kind == "list":
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise invalid(name, "a list of objects expected")
        return value
    if kind == "map":
        if value in ([], ""):
            return {}
        if not isinstance(value, dict):
            raise invalid(name, "an object expected")
        if parameter.limit and len(value) > parameter.limit:
            raise invalid(name, f"at most {parameter.limit} expected")
        return value
    return value


def an_integer(name: str, value: Any) -> int:
    found: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        found = value
    elif (isinstance(value, float) and value.is_integer()) or (
        isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value)
    ):
        found = int(value)
    if found is None or not -LARGEST <= found <= LARGEST:
        raise invalid(name, "an integer expected")
    return found


def an_amount(name: str, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise invalid(name, "a number expected")
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        raise invalid(name, "a number expected") from None
    if not exact.is_finite():
        raise invalid(name, "a number expected")
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _text(parameter: Parameter, value: Any, settings: Settings) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise invalid(parameter.name, "text expected")
    text = str(value)
    if parameter.limit and len(text) > parameter.limit:
        if settings.over_long == "refuse":
            raise invalid(parameter.name, f"longer than {parameter.limit} characters")
        text = text[: parameter.limit]
    return text
