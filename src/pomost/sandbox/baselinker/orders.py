"""Orders: reading and writing them (reference, sections 5 and 6)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pomost.sandbox.baselinker import state as defaults
from pomost.sandbox.baselinker.protocol import Refusal, decimal, integer, number
from pomost.sandbox.baselinker.state import Json, State

PAGE = 100
FILE_LIMIT = 2 * 1024 * 1024

ORDER_DEFAULTS: Json = {
    "shop_order_id": 0,
    "external_order_id": "",
    "order_source": "personal",
    "order_source_id": 0,
    "order_source_info": "-",
    "order_status_id": defaults.STATUSES[0][0],
    "confirmed": True,
    "user_login": "",
    "phone": "",
    "email": "",
    "user_comments": "",
    "admin_comments": "",
    "currency": "PLN",
    "payment_method": "",
    "payment_method_cod": "0",
    "payment_done": 0,
    "delivery_method_id": 0,
    "delivery_method": "",
    "delivery_price": 0,
    "delivery_package_module": "",
    "delivery_package_nr": "",
    **{
        f"{part}_{name}": ""
        for part in ("delivery", "invoice")
        for name in ("fullname", "company", "address", "city", "state", "postcode", "country_code", "country")
    },
    **{f"delivery_point_{name}": "" for name in ("id", "name", "address", "postcode", "city")},
    "invoice_nip": "",
    "want_invoice": "0",
    "extra_field_1": "",
    "extra_field_2": "",
    "custom_extra_fields": {},
    "order_page": "",
    "pick_state": 0,
    "pack_state": 0,
    "star": 0,
    "crm_client_id": 0,
}
LINE_DEFAULTS: Json = {
    "storage": "db",
    "storage_id": 30711,
    "product_id": "",
    "variant_id": "0",
    "name": "",
    "attributes": "",
    "sku": "",
    "ean": "",
    "location": "",
    "warehouse_id": 0,
    "auction_id": "0",
    "price_brutto": 0,
    "tax_rate": 23,
    "quantity": 1,
    "weight": 0,
    "bundle_id": 0,
}
GATED = ("custom_extra_fields", "commissions", "connect_data", "discounts")


class Orders:
    """The order methods. ``now`` gives Unix seconds."""

    def __init__(self, state: State, now: Callable[[], float], file_url: Callable[[int], str]) -> None:
        self._state = state
        self._now = now
        self._file_url = file_url
        self.journal_late_s = 0.0

    # --- reading -------------------------------------------------------------------------------------------------

    def get(self, p: Json) -> Json:
        where, values = ["1"], []
        tail = "ORDER BY date_confirmed, order_id LIMIT 100"
        if "order_id" in p:
            where.append("order_id = ?")
            values.append(p["order_id"])
        if not p.get("get_unconfirmed_orders"):
            where.append("confirmed = 1")
        for name, column in (
            ("date_confirmed_from", "date_confirmed"),
            ("date_from", "date_add"),
            ("id_from", "order_id"),
        ):
            if name in p:
                where.append(f"{column} >= ?")
                values.append(p[name])
        if "id_from" in p:
            tail = "ORDER BY order_id LIMIT 100"
        for name, column in (
            ("status_id", "status_id"),
            ("filter_email", "email"),
            ("filter_order_source", "source"),
            ("filter_order_source_id", "source_id"),
            ("filter_shop_order_id", "shop_order_id"),
            ("filter_external_order_id", "external_order_id"),
        ):
            if name in p:
                where.append(f"{column} = ?")
                values.append(p[name] if name == "status_id" else str(p[name]))
        found = self._state.orders(" AND ".join(where), tuple(values), tail)
        return {"orders": [self._shown(order, p) for order in found]}

    def _shown(self, order: Json, p: Json) -> Json:
        shown = {name: value for name, value in order.items() if name not in GATED}
        if p.get("include_custom_extra_fields"):
            shown["custom_extra_fields"] = order["custom_extra_fields"]
        if p.get("include_commissions"):
            shown["commissions"] = []
        if p.get("include_discounts_data"):
            shown["discounts"] = []
        return shown

    def by(self, column: str, value: str) -> Json:
        names = ("order_id", "order_status_id", "date_in_status", "date_add")
        found = [order for order in self._state.orders() if order[column] == value]
        return {"orders": [{name: str(order[name]) for name in names} for order in found]}

    # --- making --------------------------------------------------------------------------------------------------

    def add(self, order: Json, products: list[Any]) -> int:
        """Adds an order with every key that real answers have; gives its id."""
        now = int(self._now())
        order_id = int(order.get("order_id") or self._state.number("order", 218804100, 7))
        confirmed = bool(order.get("confirmed", True))
        full: Json = {
            **ORDER_DEFAULTS,
            "custom_extra_fields": {},
            "date_add": now,
            "date_in_status": now,
            "date_confirmed": now if confirmed else 0,
            "order_page": f"https://orders.example.com/{order_id}/",
            **order,
            "order_id": order_id,
        }
        full["products"] = [self._line(line) for line in products]
        self._state.save_order(full)
        self._log(1, order_id)
        if full["confirmed"]:
            self._log(2, order_id)
        if full["payment_done"]:
            self._log(3, order_id)
        return order_id

    def add_order(self, p: Json) -> Json:
        self._check_status(p["order_status_id"])
        products = p.pop("products", [])
        custom = p.pop("custom_extra_fields", {})
        paid = p.pop("paid", False)
        p.pop("custom_source_id", None)
        p["payment_method_cod"] = "1" if p.get("payment_method_cod") else "0"
        p["want_invoice"] = "1" if p.get("want_invoice") else "0"
        if not isinstance(products, list) or not products:
            raise Refusal("ERROR_PARAMETERS", "Parameter products must be a list with at least one product")
        order_id = self.add(p, products)
        order = self.must(order_id)
        order["custom_extra_fields"] = self._extra(order_id, {}, custom)
        if paid:
            order["payment_done"] = number(total(order))
        self._state.save_order(order)
        self._wrote(order_id, "addOrder", {"admin_comments": p.get("admin_comments", "")})
        return {"order_id": order_id}

    def _line(self, given: Json) -> Json:
        if not isinstance(given, dict):
            raise Refusal("ERROR_PARAMETERS", "A product must be a map")
        line = {**LINE_DEFAULTS, **given}
        line["order_product_id"] = int(given.get("order_product_id") or self._state.number("line", 611400100))
        line["quantity"] = integer(line["quantity"], "quantity")
        line["price_brutto"] = number(decimal(line["price_brutto"], "price_brutto"))
        line["tax_rate"] = number(decimal(line["tax_rate"], "tax_rate"))
        return line

    # --- writing -------------------------------------------------------------------------------------------------

    def set_fields(self, p: Json) -> Json:
        order = self.must(p.pop("order_id"))
        custom = p.pop("custom_extra_fields", None)
        changed = dict(p)
        for name in ("payment_method_cod", "want_invoice"):
            if name in p:
                p[name] = "1" if p[name] else "0"
        order.update(p)
        if custom is not None:
            order["custom_extra_fields"] = self._extra(
                order["order_id"], order["custom_extra_fields"], custom
            )
            changed["custom_extra_fields"] = {
                key: "(file)" if isinstance(value, dict) else value for key, value in custom.items()
            }
        self._state.save_order(order)
        self._log(11 if any(name.startswith("delivery_") for name in p) else 16, order["order_id"])
        self._wrote(order["order_id"], "setOrderFields", changed)
        return {}

    def _extra(self, order_id: int, before: Json, custom: Json) -> Json:
        after = dict(before) if isinstance(before, dict) else {}
        kinds = {str(field_id): editor for field_id, _name, editor in defaults.EXTRA_FIELDS}
        for key, value in custom.items():
            if str(key) not in kinds:
                raise Refusal("ERROR_PARAMETERS", f"Invalid extra field id {key}")
            if value == "":
                after.pop(str(key), None)
            elif kinds[str(key)] == "file":
                after[str(key)] = self._file(order_id, key, value)
            elif isinstance(value, dict):
                raise Refusal("ERROR_PARAMETERS", f"Extra field {key} takes text")
            else:
                after[str(key)] = str(value)
        return after

    def _file(self, order_id: int, key: str, value: Any) -> Json:
        if not isinstance(value, dict) or "title" not in value or "file" not in value:
            raise Refusal("ERROR_PARAMETERS", f"Extra field {key} takes title and file")
        content = file_content(str(value["file"]))
        file_id = self._state.save_file(f"order:{order_id}:{key}", str(value["title"])[:40], content)
        return {"title": str(value["title"])[:40], "url": self._file_url(file_id), "file_id": file_id}

    def add_line(self, p: Json) -> Json:
        order = self.must(p.pop("order_id"))
        line = self._line(p)
        order["products"].append(line)
        self._state.save_order(order)
        self._log(12, order["order_id"], line["order_product_id"])
        return {"order_product_id": line["order_product_id"]}

    def set_line(self, p: Json) -> Json:
        order = self.must(p.pop("order_id"))
        line = self._find_line(order, p.pop("order_product_id"))
        line.update(p)
        self._state.save_order(order)
        self._log(13, order["order_id"], line["order_product_id"])
        return {}

    def delete_line(self, p: Json) -> Json:
        order = self.must(p["order_id"])
        order["products"].remove(self._find_line(order, p["order_product_id"]))
        self._state.save_order(order)
        self._log(14, order["order_id"], p["order_product_id"])
        return {}

    def set_payment(self, p: Json) -> Json:
        order = self.must(p["order_id"])
        before = order["payment_done"]
        order["payment_done"] = p["payment_done"]
        self._state.save_order(order)
        self._state.save_thing(
            "payment",
            self._state.number("payment", 1),
            order["order_id"],
            {
                "paid_before": f"{before:.2f}",
                "paid_after": f"{p['payment_done']:.2f}",
                "total_price": f"{total(order):.2f}",
                "currency": order["currency"],
                "external_payment_id": p.get("external_payment_id", ""),
                "date": str(p["payment_date"]),
                "comment": p.get("payment_comment", ""),
            },
        )
        if Decimal(str(p["payment_done"])) >= total(order):
            self._log(3, order["order_id"])
        self._wrote(order["order_id"], "setOrderPayment", {"payment_done": p["payment_done"]})
        return {}

    def set_status(self, order_id: int, status_id: int, method: str) -> None:
        self._check_status(status_id)
        order = self.must(order_id)
        if order["order_status_id"] != status_id:
            order["order_status_id"] = status_id
            order["date_in_status"] = int(self._now())
            self._state.save_order(order)
            self._log(18, order_id, status_id)
        self._wrote(order_id, method, {"status_id": status_id})

    def confirm(self, order_id: int) -> None:
        order = self.must(order_id)
        order["confirmed"], order["date_confirmed"] = True, int(self._now())
        self._state.save_order(order)
        self._log(2, order_id)

    def remove(self, order_ids: list[Any]) -> Json:
        gone = []
        for value in order_ids:
            order_id = integer(value, "order_ids")
            if self._state.order(order_id) is not None:
                self._state.remove_order(order_id)
                self._log(4, order_id)
                gone.append(order_id)
        return {"deleted_order_ids": gone}

    def duplicate(self, order_id: int) -> Json:
        order = dict(self.must(order_id))
        products = order.pop("products")
        for name in ("order_id", "date_add", "date_confirmed", "date_in_status"):
            order.pop(name)
        copy = self.add(
            order, [{k: v for k, v in line.items() if k != "order_product_id"} for line in products]
        )
        self._log(17, order_id, copy)
        return {"order_id": copy}

    def split(self, p: Json) -> Json:
        order = self.must(p["order_id"])
        moved = []
        for item in p["items_to_split"]:
            line = self._find_line(order, integer(item["order_product_id"], "order_product_id"))
            quantity = integer(item["quantity"], "quantity")
            if not 0 < quantity <= line["quantity"]:
                raise Refusal("ERROR_PARAMETERS", "Quantity to split is greater than present")
            line["quantity"] -= quantity
            moved.append({**{k: v for k, v in line.items() if k != "order_product_id"}, "quantity": quantity})
        order["products"] = [line for line in order["products"] if line["quantity"]]
        cost = Decimal(str(p.get("delivery_cost_to_split", 0)))
        order["delivery_price"] = number(Decimal(str(order["delivery_price"])) - cost)
        self._state.save_order(order)
        fresh = {
            k: v
            for k, v in order.items()
            if k not in ("order_id", "products", "date_add", "date_confirmed", "date_in_status")
        }
        new_id = self.add({**fresh, "delivery_price": number(cost), "payment_done": 0}, moved)
        self._log(6, order["order_id"], new_id)
        return {"new_order_id": new_id}

    def merge(self, p: Json) -> Json:
        main = self.must(p["main_order_id"])
        for value in p["order_ids_to_merge"]:
            other = self.must(integer(value, "order_ids_to_merge"))
            main["products"] += other["products"]
            if p.get("sum_delivery_costs"):
                main["delivery_price"] = number(
                    Decimal(str(main["delivery_price"])) + Decimal(str(other["delivery_price"]))
                )
            main["payment_done"] = number(
                Decimal(str(main["payment_done"])) + Decimal(str(other["payment_done"]))
            )
            if p["merge_mode"] == "into_main_order":
                self._state.remove_order(other["order_id"])
            self._log(5, other["order_id"], main["order_id"])
        self._state.save_order(main)
        self._log(12, main["order_id"])
        return {"merged_order_id": main["order_id"]}

    # --- inside --------------------------------------------------------------------------------------------------

    def must(self, order_id: int) -> Json:
        order = self._state.order(order_id)
        if order is None:
            raise Refusal("ERROR_ORDER_ID", "Invalid order_id")
        return order

    @staticmethod
    def _find_line(order: Json, line_id: int) -> Json:
        for line in order["products"]:
            if line["order_product_id"] == line_id:
                found: Json = line
                return found
        raise Refusal("ERROR_PARAMETERS", "Invalid order_product_id")

    @staticmethod
    def _check_status(status_id: int) -> None:
        if status_id not in {known for known, _name in defaults.STATUSES}:
            raise Refusal("ERROR_STATUS_ID", "Invalid status_id")

    def _log(self, log_type: int, order_id: int, object_id: int = 0) -> None:
        self._state.log(log_type, order_id, object_id, self._now(), late_s=self.journal_late_s)

    def _wrote(self, order_id: int, method: str, changed: Json) -> None:
        self._state.note_write(order_id, method, self._now(), changed)


def total(order: Json) -> Decimal:
    """Lines and delivery, gross (reference, section 5.2)."""
    lines = sum(
        (Decimal(str(line["price_brutto"])) * int(line["quantity"]) for line in order["products"]), Decimal(0)
    )
    return lines + Decimal(str(order["delivery_price"]))


def file_content(text: str) -> bytes:
    """The bytes of ``data:BASE64``; a plus that became a space, or anything else broken, is refused."""
    if not text.startswith("data:"):
        raise Refusal("ERROR_PARAMETERS", "File must begin with data:")
    try:
        content = base64.b64decode(text.removeprefix("data:").split("base64,")[-1], validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("ERROR_PARAMETERS", "File is not valid base64") from None
    if not content or len(content) > FILE_LIMIT:
        raise Refusal("ERROR_PARAMETERS", "File is empty or larger than 2 MB")
    return content
