"""What a buyer brings to the checkout: the plain buyer, and the varied ones that a seed makes."""

import random
from decimal import Decimal
from typing import Any

from pomost.sandbox.baselinker import people
from pomost.sandbox.woocommerce import money, order_flow, order_lines, orders, stocking
from pomost.sandbox.woocommerce.furnishing import GATEWAYS
from pomost.sandbox.woocommerce.protocol import Json
from pomost.sandbox.woocommerce.state import Store

NIP_KEYS = (
    "_billing_nip", "billing_nip", "nip", "NIP", "_nip", "nip_number", "_billing_vat_number", "vat_number",
    "billing_vat", "_billing_vat_id", "_polski_billing_nip", "_wc_other/sklep/nip", "_wc_billing/sklep/nip",
)  # fmt: skip
WISH_KEYS = ("_billing_faktura", "_billing_want_invoice", "_invoice_request", "_wants_invoice")
LOCKERS = {
    "POZ08A": "Stacja paliw, ul. Głogowska 1, 60-702 Poznań",
    "KRA010": "ul. Lea 2, 30-048 Kraków",
    "WAW124M": "ul. Puławska 20, 02-512 Warszawa",
    "DAB01BAPP": "ul. Kościuszki 3, 41-300 Dąbrowa Górnicza",
}
LOCKER_KEYS = (
    "_parcel_machine_id", "_furgonetkaPoint", "_paczkomat_id", "Wybrany paczkomat", "apaczka_delivery_point",
    "shipping_line", "address",
)  # fmt: skip
SHIPPING: dict[str, tuple[str, str, str, str]] = {
    "courier": ("flat_rate", "1", "Kurier", "12.19"),
    "locker": ("flat_rate", "2", "InPost Paczkomat", "10.56"),
    "pickup": ("local_pickup", "3", "Odbiór osobisty", "0.00"),
    "free": ("free_shipping", "4", "Darmowa dostawa", "0.00"),
    "abroad": ("flat_rate", "5", "DHL", "9.90"),
}
"""method_id, instance_id, title, net price."""
HOLD_S = 3600.0
OFFLINE = {"cod": "processing", "bacs": "on-hold", "cheque": "on-hold"}
"""Status that a checkout gives at once to what is not paid online."""
WISHES = (
    "lines", "nip", "nip_key", "want_invoice", "want_key", "locker", "locker_key", "payment", "paid", "coupon", "fee",
    "currency", "country", "company", "email", "phone", "first_name", "last_name", "address", "city", "postcode",
    "shipping", "status", "note", "customer_id", "vat_exempt", "created_via", "meta", "transaction_id",
)  # fmt: skip
PLAIN: Json = {
    "first_name": "Jan", "last_name": "Kowalski", "company": "", "address_1": "ul. Zielona 7", "address_2": "",
    "city": "Poznań", "state": "", "postcode": "60-001", "country": "PL", "email": "jan.kowalski@example.com",
    "phone": "600000002",
}  # fmt: skip


def locker_meta(key: str, code: str) -> list[Json]:
    """How a plugin writes a parcel locker into the meta of an order."""
    text = LOCKERS.get(code, f"Paczkomat {code}")
    found: dict[str, list[tuple[str, Any]]] = {
        "_parcel_machine_id": [("_parcel_machine_id", code), ("_parcel_machine_desc", text)],
        "_furgonetkaPoint": [
            ("_furgonetkaPoint", code),
            ("_furgonetkaPointName", f"Paczkomat {code}, {text}"),
            ("_furgonetkaService", "inpost"),
        ],
        "_paczkomat_id": [("_paczkomat_id", code)],
        "Wybrany paczkomat": [("Wybrany paczkomat", f"{code}, {text}")],
        "apaczka_delivery_point": [
            ("apaczka_delivery_point", {"apm_access_point_id": code, "apm_foreign_access_point_id": code, "apm_supplier": "INPOST",
                                        "apm_name": text, "apm_country_code": "PL"})
        ],
    }  # fmt: skip
    return [{"key": name, "value": value} for name, value in found.get(key, [(key, code)])]


def checkout(store: Store, wishes: Json, draft: Json | None = None) -> Json:
    """Order as a buyer does at the block checkout. Raises ``ValueError`` for an unknown wish or SKU."""
    if unknown := sorted(wishes.keys() - set(WISHES)):
        raise ValueError(f"No buyer wishes {', '.join(unknown)}; they know {', '.join(WISHES)}")
    payment = str(wishes.get("payment", "przelewy24"))
    online = payment not in OFFLINE
    sent = _sent(store, wishes, payment)
    if not store.settings.sell_beyond_stock:
        _in_stock(store, wishes.get("lines") or _plain_lines(store))
    created_via = str(wishes.get("created_via", "store-api"))
    order = (
        orders.make(store, sent, created_via, checkout=True)
        if draft is None
        else _from_draft(store, draft, sent)
    )
    if wishes.get("paid", online and "status" not in wishes):
        transaction = str(wishes.get("transaction_id") or f"{payment.upper()[:3]}-{100_000 + order['id']}")
        order_flow.payment_complete(store, order, transaction)
    elif not online:
        order_flow.set_status(store, order, OFFLINE[payment])
    if wishes.get("status"):
        order_flow.set_status(store, order, str(wishes["status"]))
    store.mail("new_order", order, to=order_flow.ADMIN)
    return order


def _from_draft(store: Store, draft: Json, sent: Json) -> Json:
    """The basket at the checkout becomes the order with the same id."""
    draft["lines"], draft["shipping_lines"], draft["fee_lines"] = [], [], []
    orders.change(store, draft, {key: value for key, value in sent.items() if key != "status"})
    order_flow.checkout_traces(store, draft)
    draft["status"] = "pending"
    order_flow.saved(store, draft, created=True)
    return draft


def _address(wishes: Json) -> Json:
    address = dict(PLAIN)
    for wish, name in (("address", "address_1"), ("company", "company"), ("country", "country"), ("email", "email"),
                       ("phone", "phone"), ("first_name", "first_name"), ("last_name", "last_name"), ("city", "city"),
                       ("postcode", "postcode")):  # fmt: skip
        if wish in wishes:
            address[name] = wishes[wish]
    return address


def _sent(store: Store, wishes: Json, payment: str) -> Json:
    billing = _address(wishes)
    shipping = {key: value for key, value in billing.items() if key != "email"}
    meta = [{"key": key, "value": value} for key, value in dict(wishes.get("meta") or {}).items()]
    if wishes.get("nip"):
        meta.append({"key": wishes.get("nip_key", "_billing_nip"), "value": wishes["nip"]})
    if "want_invoice" in wishes:
        # An unticked box is written, too.
        key = wishes.get("want_key", "_billing_faktura")
        meta.append({"key": key, "value": "1" if wishes["want_invoice"] else "0"})
    if wishes.get("vat_exempt"):
        meta.append({"key": "is_vat_exempt", "value": "yes"})
    line_meta: list[Json] = []
    if locker := wishes.get("locker"):
        key = str(wishes.get("locker_key", "_parcel_machine_id"))
        if key == "shipping_line":
            line_meta = [{"key": "Punkt odbioru", "value": f"{locker}, {LOCKERS.get(locker, '')}"}]
        elif key == "address":
            shipping["company"] = f"Punkt odbioru: {locker} (INPOST)"
        else:
            meta += locker_meta(key, str(locker))
    sent: Json = {
        "billing": billing,
        "shipping": shipping,
        "payment_method": payment,
        "payment_method_title": GATEWAYS.get(payment, payment),
        "currency": wishes.get("currency", store.settings.currency),
        "customer_note": wishes.get("note", ""),
        "customer_id": wishes.get("customer_id", 0),
        "meta_data": meta,
        "line_items": [_line(store, one) for one in wishes.get("lines") or _plain_lines(store)],
        "shipping_lines": _shipping(wishes, line_meta),
        "fee_lines": _fees(store, wishes),
    }
    if coupon := wishes.get("coupon"):
        sent["coupon_lines"] = [{"code": coupon}]
    return sent


def _plain_lines(store: Store) -> list[tuple[str, int]]:
    first = next((one for one in store.products.values() if one["type"] == "simple"), None)
    if first is None:
        raise ValueError("The shop sells nothing; add a product, or say which lines the buyer orders")
    return [(first["sku"], 1)]


def _line(store: Store, wished: Any) -> Json:
    """A pair of SKU and pieces, or a line as the API takes it (a bundle's free part, an engraving...)."""
    if isinstance(wished, dict):
        return wished
    sku, pieces = wished
    product = store.products.get(store.by_sku.get(sku, 0))
    if product is None:
        raise ValueError(f"The shop sells no {sku!r}")
    if product["type"] == "variation":
        return {"product_id": product["parent_id"], "variation_id": product["id"], "quantity": pieces}
    return {"product_id": product["id"], "quantity": pieces}


def _shipping(wishes: Json, line_meta: list[Json]) -> list[Json]:
    usual = "locker" if wishes.get("locker") else "courier"
    wished = wishes.get("shipping", usual)
    if wished in (None, "none", ""):
        return []
    if isinstance(wished, dict):
        return [{**wished, "meta_data": line_meta + list(wished.get("meta_data") or [])}]
    if wished not in SHIPPING:
        raise ValueError(f"Nobody delivers by {wished!r}; known are {', '.join(SHIPPING)}")
    method, instance, title, price = SHIPPING[wished]
    return [
        {
            "method_id": method,
            "instance_id": instance,
            "method_title": title,
            "total": price,
            "meta_data": line_meta,
        }
    ]


def _fees(store: Store, wishes: Json) -> list[Json]:
    """A gross amount, or pairs of a name and a gross amount; below zero it is a discount."""
    fee = wishes.get("fee")
    if fee is None:
        return []
    many = fee if isinstance(fee, list) else [fee]
    found = []
    for one in many:
        name, gross = one if isinstance(one, tuple | list) else ("Opłata za pobranie", one)
        net = money.net_of(Decimal(str(gross)), order_lines.base_percent(store, ""))
        found.append({"name": name, "total": f"{net:f}", "tax_class": ""})
    return found


class OutOfStock(ValueError):
    """The checkout refuses: the stock does not hold what the buyer wishes."""


def _in_stock(store: Store, lines: list[Any]) -> None:
    """Raises `OutOfStock` for what the checkout would refuse."""
    for sku, pieces in (one for one in lines if not isinstance(one, dict)):
        product = store.products[store.by_sku[sku]]
        left = on_stock(store, product)
        if left is not None and pieces > left:
            raise OutOfStock(f"{sku}: {pieces} wished, {left} on stock")


def on_stock(store: Store, product: Json) -> int | None:
    """Pieces a buyer can get; None where there is no bound."""
    held = stocking.holder(store, product)
    if held is None or held["backorders"] != "no":
        return None
    return max(0, int(held["stock_quantity"]) - _reserved(store, held))


def _reserved(store: Store, held: Json) -> int:
    """Pieces that unpaid orders of the checkout hold for an hour; ``stock_quantity`` does not show them."""
    since = store.now() - HOLD_S
    waiting = (one for one in store.orders.values() if one["status"] == "pending" and one["created"] > since)
    found = 0
    for order in waiting:
        for line in order["lines"]:
            product = stocking.product_of(store, line)
            if product is not None and stocking.holder(store, product) is held:
                found += line["quantity"]
    return found


class Buyers:
    """Varied buyers; the same seed makes the same ones. With seed 0 every buyer is the plain one."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._plain = seed == 0
        self._met = 0

    def wishes(self, store: Store, overrides: Json) -> Json:
        """What the next buyer wishes, but for what is said of them."""
        if self._plain:
            return dict(overrides)
        self._met += 1
        chance = self._chance
        kind = chance.choices(["person", "company", "abroad", "company abroad"], [70, 22, 4, 4])[0]
        made = {"person": self._person, "company": self._company}.get(kind, self._abroad)(kind)
        made["lines"] = self._lines(store)
        made["payment"] = chance.choices(
            ["przelewy24", "payu", "stripe", "cod", "bacs"], [35, 25, 12, 18, 10]
        )[0]
        if made["payment"] == "cod":
            made["fee"] = Decimal("5.00")
        elif chance.random() < 0.05:
            made["fee"] = ("Program lojalnościowy", Decimal("-10.00"))
        if made["payment"] not in OFFLINE:
            made["paid"] = chance.random() < 0.93
        if chance.random() < 0.2:
            made["coupon"] = chance.choice(["RABAT10", "MINUS20"])
        if kind in ("person", "company") and chance.random() < 0.45:
            made["locker"] = chance.choice(sorted(LOCKERS))
            made["locker_key"] = chance.choice(LOCKER_KEYS)
        elif kind in ("person", "company"):
            made["shipping"] = chance.choices(["courier", "pickup", "free"], [80, 10, 10])[0]
        if made.get("locker") and made.get("phone", "").startswith("+49"):
            made["phone"] = "600000003"
        return made | overrides

    def _lines(self, store: Store) -> list[tuple[str, int]]:
        chance = self._chance
        sold = [
            one for one in store.products.values()
            if one["sku"] and one["status"] == "publish" and one["type"] in ("simple", "variation")
        ]  # fmt: skip
        if not sold:
            raise ValueError("The shop sells nothing; add a product, or say which lines the buyer orders")
        chosen = chance.sample(sold, min(len(sold), chance.choices([1, 2, 3, 4, 7], [40, 28, 17, 10, 5])[0]))
        wished = [(one, chance.choices([1, 2, 3, 5, 9], [60, 20, 10, 7, 3])[0]) for one in chosen]
        if store.settings.sell_beyond_stock:
            return [(one["sku"], pieces) for one, pieces in wished]
        left = [(one["sku"], pieces, on_stock(store, one)) for one, pieces in wished]
        got = [(sku, pieces if most is None else min(pieces, most)) for sku, pieces, most in left]
        if not any(pieces for _, pieces in got):
            raise OutOfStock("Nothing of what the buyer chose is on stock")
        return [(sku, pieces) for sku, pieces in got if pieces]

    def _person(self, kind: str) -> Json:
        first, _, last = self._chance.choice(people.PERSONS).partition(" ")
        address = self._chance.choice(people.ADDRESSES)
        number = self._met
        found: Json = {
            "first_name": first, "last_name": last, "email": f"kupujacy{number}@example.com",
            "phone": self._chance.choice([f"600 000 {number % 1000:03d}", f"+48600000{number % 1000:03d}", f"0048600000{number % 1000:03d}"]),
            "address": address.street, "city": address.city, "postcode": address.postcode,
        }  # fmt: skip
        if self._chance.random() < 0.15:
            found["note"] = self._chance.choice(
                ["proszę dzwonić", "Zostawić u <sąsiada> & ochrony", "na prezent"]
            )
        return found

    def _company(self, kind: str) -> Json:
        firm = self._chance.choice(people.COMPANIES)
        found = self._person(kind) | {
            "company": firm.name, "nip": self._written(firm.tax_number), "nip_key": self._chance.choice(NIP_KEYS),
            "address": firm.address.street, "city": firm.address.city, "postcode": firm.address.postcode,
        }  # fmt: skip
        if self._chance.random() < 0.7:
            found |= {"want_invoice": self._chance.random() < 0.9, "want_key": self._chance.choice(WISH_KEYS)}
        return found

    def _written(self, nip: str) -> str:
        """The same number as people write it."""
        spelled = (
            nip,
            f"{nip[:3]}-{nip[3:6]}-{nip[6:8]}-{nip[8:]}",
            f"PL{nip}",
            f"{nip[:3]} {nip[3:6]} {nip[6:8]} {nip[8:]}",
        )
        return self._chance.choice(spelled)

    def _abroad(self, kind: str) -> Json:
        if kind == "abroad":
            country = self._chance.choice(sorted(people.CONSUMERS_ABROAD))
            name, address = people.CONSUMERS_ABROAD[country]
            firm_name, more = "", {}
        else:
            firm = self._chance.choice(people.COMPANIES_ABROAD)
            name, address, firm_name = firm.contact, firm.address, firm.name
            more = {"nip": firm.tax_number, "nip_key": "_billing_vat_number", "vat_exempt": True}
        first, _, last = name.partition(" ")
        return {
            "first_name": first, "last_name": last, "company": firm_name, "address": address.street,
            "city": address.city, "postcode": address.postcode, "country": address.country, "currency": "EUR",
            "email": f"buyer{self._met}@example.com", "phone": "+49000000101", "shipping": "abroad", **more,
        }  # fmt: skip


def draft_of(store: Store, wishes: Json) -> Json:
    """What the block checkout writes as soon as it is opened."""
    lines = wishes.get("lines") or _plain_lines(store)
    return {"status": "checkout-draft", "line_items": [_line(store, one) for one in lines]}
