"""Shipments that BaseLinker orders at couriers (reference, section 13).

Tests move parcels on by `track`, inside a transaction of the account.
"""

import base64
from typing import Any

from pomost.sandbox import carriers
from pomost.sandbox.baselinker.parameters import table
from pomost.sandbox.baselinker.protocol import Json, Refusal, invalid
from pomost.sandbox.baselinker.state import Account

PACKAGED, UNPACKAGED, PACKAGE_MOVED = 9, 10, 22
LABEL_CREATED, DELIVERED, CANCELLED = 1, 5, 10
COURIERS = {
    "inpostkurier": "InPost Kurier",
    "paczkomaty": "InPost Paczkomaty",
    "dpd": "DPD",
    "dhl": "DHL",
    "gls": "GLS",
}
LOCKERS = ("paczkomaty",)
ACCOUNTS = {"inpostkurier": [(4101, "Główne")], "paczkomaty": [(4102, "Główne"), (4103, "Drugie")]}
PACKAGE_FIELDS = ("weight", "length", "width", "height")
LISTED = (
    *("package_id", "courier_package_nr", "courier_inner_number", "courier_code", "courier_other_name"),
    *("account_id", "tracking_status_date", "tracking_delivery_days", "tracking_status", "package_type"),
    *("tracking_url", "is_return"),
)
MANY = 100

PARAMETERS = {
    "getCouriersList": (),
    "getCourierAccounts": table("courier_code text20!"),
    "getCourierFields": table("courier_code text20!"),
    "createPackage": table(
        "order_id int!, courier_code text20!, account_id int, fields list, packages list!"
    ),
    "createPackageManual": table(
        "order_id int!, courier_code text20!, package_number text40!, pickup_date int, return_shipment bool"
    ),
    "getLabel": table("courier_code text20!, package_id int, package_number text40"),
    "getOrderPackages": table("order_id int!"),
    "getCourierPackagesStatusHistory": table(f"package_ids ints{MANY}!"),
    "deleteCourierPackage": table(
        "courier_code text20!, package_id int, package_number text40, force_delete bool"
    ),
}


def track(account: Account, package_id: int, status: int) -> None:
    """The courier moves a parcel; ``status`` 0 to 13, or one that nobody knows."""
    package = account.record("package", package_id)
    package["tracking_status"] = status
    package["tracking_status_date"] = account.now()
    package["history"].append(
        {"tracking_status_date": account.now(), "courier_status_code": str(status), "tracking_status": status}
    )
    if status == DELIVERED:
        package["tracking_delivery_days"] = 1
    _save(account, package)
    account.log("order", PACKAGE_MOVED, package["order_id"], package_id)


def packages(account: Account, order_id: int | None = None) -> list[Json]:
    """Everything that was shipped, oldest first."""
    return account.records("package", owner_id=order_id)


def _save(account: Account, package: Json) -> None:
    account.save_record("package", package["package_id"], package, package["order_id"], package["date_add"])


def _known(courier_code: str) -> str:
    if courier_code not in COURIERS:
        raise invalid("courier_code")
    return courier_code


def get_couriers_list(account: Account, sent: Json) -> Json:
    return {"couriers": [{"code": code, "name": name} for code, name in COURIERS.items()]}


def get_courier_accounts(account: Account, sent: Json) -> Json:
    rows = ACCOUNTS.get(_known(sent["courier_code"]), [])
    return {"accounts": [{"id": number, "name": name} for number, name in rows]}


def _fields(courier_code: str) -> list[Json]:
    def field(name: str, kind: str, text: str, options: Any = (), value: str = "") -> Json:
        return {
            "id": name,
            "name": text,
            "type": kind,
            "desc": "",
            "options": options or [],
            "show_field": [],
            "value": value,
            "function": "",
        }

    fields = [
        field("cod", "text", "Pobranie"),
        field("insurance", "text", "Ubezpieczenie"),
        field("reference_number", "text", "Numer referencyjny"),
        field("package_description", "text", "Opis zawartości"),
    ]
    if courier_code in LOCKERS:
        sizes = {"A": "Gabaryt A", "B": "Gabaryt B", "C": "Gabaryt C"}
        fields.append(field("size_type", "select", "Gabaryt", sizes, "A"))
    return fields


def get_courier_fields(account: Account, sent: Json) -> Json:
    code = _known(sent["courier_code"])
    rows = [{"id": name, "name": name, "type": "text"} for name in PACKAGE_FIELDS]
    return {"multi_packages": int(code not in LOCKERS), "fields": _fields(code), "package_fields": rows}


def create_package(account: Account, sent: Json) -> Json:
    """A real shipment at the courier: each call makes one."""
    order, code = account.order(sent["order_id"]), _known(sent["courier_code"])
    accounts = [number for number, _ in ACCOUNTS.get(code, [])]
    if sent.get("account_id") and sent["account_id"] not in accounts:
        raise invalid("account_id")
    known = {row["id"] for row in _fields(code)}
    values: Json = {}
    for field in sent.get("fields", []):
        if field.get("id") not in known:
            raise invalid("fields", f"unknown field {field.get('id')}")
        values[field["id"]] = field.get("value")
    pieces = sent["packages"]
    if not pieces or not any(_positive(piece.get("weight")) for piece in pieces):
        raise invalid("packages", "the weight is required")
    if code in LOCKERS:
        if not order["delivery_point_id"]:
            raise _courier_error("Nie wybrano paczkomatu odbioru.")
        if len(pieces) > 1:
            raise _courier_error("Kurier nie obsługuje przesyłek wielopaczkowych.")
    elif not (order["delivery_address"] and order["delivery_postcode"]):
        raise _courier_error("Brak wymaganego adresu dostawy.")
    if not order["phone"]:
        raise _courier_error("Brak wymaganego numeru telefonu.")
    if values.get("cod") and _positive(values["cod"]) > _positive(values.get("insurance")):
        raise _courier_error("Nieprawidłowe ubezpieczenie: mniejsze od pobrania.")
    package_id = account.next_id("package")
    number = f"6200{package_id:020d}"
    account_id = sent.get("account_id") or next(iter(accounts), 0)
    shipped: Json = {"account_id": account_id, "values": values, "pieces": pieces}
    _shipped(account, order, package_id, code, number, LABEL_CREATED, shipped)
    return {
        "package_id": package_id,
        "package_number": number,
        "courier_inner_number": f"BL{package_id}",
    }


def _courier_error(message: str) -> Refusal:
    return Refusal("ERROR_COURIER", message)


def _positive(value: Any) -> float:
    try:
        return max(float(value), 0.0)
    except (TypeError, ValueError):
        return 0.0


def create_package_manual(account: Account, sent: Json) -> Json:
    """A shipment made elsewhere, told to BaseLinker."""
    order, package_id = account.order(sent["order_id"]), account.next_id("package")
    code = sent["courier_code"]
    manual = code not in COURIERS
    shipped: Json = {
        "courier_other_name": code if manual else "",
        "is_return": sent.get("return_shipment", False),
    }
    named = "other" if manual else code
    _shipped(account, order, package_id, named, sent["package_number"], 0, shipped)
    return {"package_id": package_id, "package_number": sent["package_number"]}


def _shipped(
    account: Account, order: Json, package_id: int, code: str, number: str, status: int, more: Json
) -> None:
    now = account.now()
    package: Json = {
        "package_id": package_id,
        "order_id": order["order_id"],
        "date_add": now,
        "courier_package_nr": number,
        "courier_inner_number": f"BL{package_id}",
        "courier_code": code,
        "courier_other_name": "",
        "account_id": 0,
        "tracking_status_date": now,
        "tracking_delivery_days": 0,
        "tracking_status": status,
        "package_type": 0,
        "tracking_url": f"https://tracking.example.com/{number}",
        "is_return": False,
        "history": [],
        "values": {},
        "pieces": [],
        **more,
    }
    _save(account, package)
    if not package["is_return"]:
        order["delivery_package_module"], order["delivery_package_nr"] = code, number
        account.save_order(order)
    account.log("order", PACKAGED, order["order_id"], package_id)
    changed = {"package_id": package_id, "courier_code": code, "delivery_package_nr": number}
    account.wrote(order["order_id"], changed)


def _found(account: Account, sent: Json) -> Json:
    if sent.get("package_id"):
        package = account.record("package", sent["package_id"])
    else:
        number = sent.get("package_number")
        matching = [one for one in packages(account) if number and one["courier_package_nr"] == number]
        if not matching:
            raise invalid("package_number")
        package = matching[-1]
    if package["courier_code"] != sent["courier_code"]:
        raise invalid("courier_code", "not of this package")
    return package


def get_label(account: Account, sent: Json) -> Json:
    package = _found(account, sent)
    if package["courier_code"] == "other":
        raise invalid("package_id", "made by hand, there is no label")
    lines = [COURIERS[package["courier_code"]], package["courier_package_nr"], f"BL {package['order_id']}"]
    content = carriers.pdf_label(lines, "A6", max(len(package["pieces"]), 1))
    return {"extension": "pdf", "label": base64.b64encode(content).decode()}


def get_order_packages(account: Account, sent: Json) -> Json:
    account.order(sent["order_id"])
    return {"packages": [{key: one[key] for key in LISTED} for one in packages(account, sent["order_id"])]}


def get_courier_packages_status_history(account: Account, sent: Json) -> Json:
    found = {one["package_id"]: one["history"] for one in packages(account)}
    return {"packages_history": {str(one): found[one] for one in sent["package_ids"] if one in found}}


def delete_courier_package(account: Account, sent: Json) -> Json:
    """The courier refuses once it has the parcel, unless it is to be forgotten here only."""
    package = _found(account, sent)
    if package["tracking_status"] > LABEL_CREATED and not sent.get("force_delete"):
        raise _courier_error("Nie można usunąć przesyłki: kurier już ją przyjął.")
    account.remove_record("package", package["package_id"])
    order = account.order(package["order_id"])
    left = packages(account, package["order_id"])
    last = left[-1] if left else {"courier_code": "", "courier_package_nr": ""}
    order["delivery_package_module"] = last["courier_code"]
    order["delivery_package_nr"] = last["courier_package_nr"]
    account.save_order(order)
    account.log("order", UNPACKAGED, package["order_id"], package["package_id"])
    account.wrote(package["order_id"], {"deleted_package_id": package["package_id"]})
    return {}


METHODS = {
    "getCouriersList": get_couriers_list,
    "getCourierAccounts": get_courier_accounts,
    "getCourierFields": get_courier_fields,
    "createPackage": create_package,
    "createPackageManual": create_package_manual,
    "getLabel": get_label,
    "getOrderPackages": get_order_packages,
    "getCourierPackagesStatusHistory": get_courier_packages_status_history,
    "deleteCourierPackage": delete_courier_package,
}
