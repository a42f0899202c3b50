"""Reading orders and the account's lists (reference, section 5)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pomost.sandbox.baselinker import defaults
from pomost.sandbox.baselinker.protocol import Json, invalid, money
from pomost.sandbox.baselinker.state import Account

PAGE = 100
GATED = {
    "include_custom_extra_fields": "custom_extra_fields",
    "include_commissions": "commissions",
    "include_commission_data": "commission",
    "include_connect_data": "connect_data",
    "include_discounts_data": "discounts",
}
GATED_EMPTY: dict[str, Any] = {
    "custom_extra_fields": {},
    "commissions": [],
    "commission": {"net": 0, "gross": 0, "currency": ""},
    "connect_data": {"connect_integration_id": 0, "connect_contractor_id": 0, "connect_sale_id": 0},
    "discounts": [],
}


def total(order: Mapping[str, Any]) -> Decimal:
    """Gross value of the order: lines and delivery."""
    lines = sum((money(line["price_brutto"]) * line["quantity"] for line in order["products"]), Decimal(0))
    return lines + money(order["delivery_price"])


def shown_fields(account: Account, owner: str, owner_id: int, fields: Json) -> Json:
    """Extra fields as they are read: an uploaded file becomes its title and address."""
    return {
        field: {"title": value["title"], "url": f"{account.base_url}/files/{owner}/{owner_id}/{field}"}
        if isinstance(value, dict) and "url" not in value
        else value
        for field, value in fields.items()
    }


def _shown(account: Account, order: Json, sent: Json) -> Json:
    for flag, key in GATED.items():
        if sent.get(flag):
            order.setdefault(key, GATED_EMPTY[key])
            if key == "custom_extra_fields":
                order[key] = shown_fields(account, "order", order["order_id"], order[key])
        else:
            order.pop(key, None)
    return order


def get_orders(account: Account, sent: Json) -> Json:
    comparisons = {
        "order_id": "order_id = ?",
        "date_confirmed_from": "date_confirmed >= ?",
        "date_from": "date_add >= ?",
        "id_from": "order_id >= ?",
        "status_id": "status_id = ?",
        "filter_email": "email = ?",
        "filter_order_source": "source = ?",
        "filter_order_source_id": "source_id = ?",
        "filter_external_order_id": "external_order_id = ?",
    }
    if "filter_order_source_id" in sent and "filter_order_source" not in sent:
        raise invalid("filter_order_source", "needed by filter_order_source_id")
    conditions = [(text, sent[name]) for name, text in comparisons.items() if name in sent]
    if "filter_shop_order_id" in sent:
        conditions.append(("shop_order_id = ?", str(sent["filter_shop_order_id"])))
    if not sent.get("get_unconfirmed_orders"):
        conditions.append(("confirmed = ?", 1))
    if "date_confirmed_from" in sent:
        ascending_by = "date_confirmed, order_id"
    elif "date_from" in sent:
        ascending_by = "date_add, order_id"
    else:
        ascending_by = "order_id"
    found = account.orders(conditions, ascending_by, PAGE)
    return {"orders": [_shown(account, order, sent) for order in found]}


def _by(account: Account, column: str, value: str, keys: tuple[str, ...]) -> Json:
    found = account.orders([(f"{column} = ?", value)], "order_id", PAGE)
    return {"orders": [{key: str(order[key]) for key in keys} for order in found]}


BRIEF = ("order_id", "order_status_id", "date_in_status", "date_add")


def get_orders_by_email(account: Account, sent: Json) -> Json:
    return _by(account, "email", sent["email"], BRIEF)


def get_orders_by_phone(account: Account, sent: Json) -> Json:
    return _by(account, "phone", sent["phone"], (*BRIEF, "delivery_fullname", "delivery_company"))


def get_order_sources(account: Account, sent: Json) -> Json:
    return {"sources": defaults.SOURCES}


def get_order_extra_fields(account: Account, sent: Json) -> Json:
    return {"extra_fields": account.records("extra_field")}


def get_order_status_list(account: Account, sent: Json) -> Json:
    return {"statuses": account.records("status")}


def get_order_transaction_data(account: Account, sent: Json) -> Json:
    order = account.order(sent["order_id"])
    answer: Json = {
        "currency": order["currency"],
        "fulfillment_shipments": [],
        "ship_date_from": "",
        "ship_date_to": "",
        "delivery_date_from": "",
        "delivery_date_to": "",
        "marketplace_transaction_id": order["external_order_id"],
        "account_id": order["order_source_id"],
        "transaction_date": order["date_add"],
    }
    if sent.get("include_complex_taxes"):
        answer["order_items"] = [
            {
                "itemId": str(line["order_product_id"]),
                "outerItemId": f"p{line['sku']}",
                "shipping": {
                    "netValue": 0,
                    "taxValue": 0,
                    "grossValue": 0,
                    "currency": order["currency"],
                    "taxes": [],
                },
                "taxes": [{"code": "VAT", "value": 0, "rate": line["tax_rate"]}],
            }
            for line in order["products"]
        ]
    return answer


def get_order_payments_history(account: Account, sent: Json) -> Json:
    account.order(sent["order_id"])
    payments = account.records("payment", owner_id=sent["order_id"])
    if not sent.get("show_full_history"):
        payments = [payment for payment in payments if payment["external_payment_id"]]
    return {"payments": payments}


def get_order_pick_pack_history(account: Account, sent: Json) -> Json:
    account.order(sent["order_id"])
    history = account.records("pick_pack", owner_id=sent["order_id"])
    wanted = sent.get("action_type")
    return {"history": [entry for entry in history if wanted is None or entry["action_type"] == wanted]}


def get_order_printout_templates(account: Account, sent: Json) -> Json:
    return {
        "printouts": [
            {"printout_id": 1, "name": "Lista kompletacyjna", "file_format": "PDF", "language": "PL"}
        ]
    }


METHODS = {
    "getOrders": get_orders,
    "getOrdersByEmail": get_orders_by_email,
    "getOrdersByPhone": get_orders_by_phone,
    "getOrderSources": get_order_sources,
    "getOrderExtraFields": get_order_extra_fields,
    "getOrderStatusList": get_order_status_list,
    "getOrderTransactionData": get_order_transaction_data,
    "getOrderPaymentsHistory": get_order_payments_history,
    "getOrderPickPackHistory": get_order_pick_pack_history,
    "getOrderPrintoutTemplates": get_order_printout_templates,
}
