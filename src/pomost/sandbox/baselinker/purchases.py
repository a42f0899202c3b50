"""One order as a buyer places it, by chance or as wished."""

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pomost.sandbox.baselinker import people
from pomost.sandbox.baselinker.catalogue import ITEMS, Item
from pomost.sandbox.baselinker.mix import KINDS, MIX, SOURCE_KINDS, USUAL, Mix

Order = dict[str, Any]
"""A raw order as in ``getOrders``, without ids; the name of its status stands under ``status``."""
Amount = Decimal | int | str | float

WISHES = frozenset(
    {
        "lines",
        "nip",
        "company",
        "want_invoice",
        "currency",
        "status",
        "paid",
        "cod",
        "delivery_price",
        "confirmed",
        "at",
        "email",
        "country",
        "source",
    }
)
_SHAPING = WISHES - {"at", "status", "email", "source", "paid", "confirmed"}
_LINE_WISHES = frozenset(
    {
        "sku",
        "quantity",
        "price_brutto",
        "tax_rate",
        "name",
        "ean",
        "weight",
        "attributes",
        "location",
        "product_id",
        "auction_id",
    }
)
NEW = "Nowe zamówienia"
CENT = Decimal("0.01")
PLN_PER_UNIT = {"PLN": Decimal(1), "EUR": Decimal("4.30"), "GBP": Decimal(5), "USD": Decimal(4)}
"""Sample rates for prices of the catalogue in other currencies; a currency not listed counts as PLN."""
OSS: dict[str, tuple[int | Decimal, int | Decimal]] = {
    "DE": (19, 7),
    "AT": (20, 10),
    "FR": (20, Decimal("5.5")),
}
"""Standard and reduced VAT for consumers abroad; other countries count as below the threshold: Polish rates."""
REVERSE_CHARGE = Decimal("-0.03")
DISCOUNT_CODES = ("RABAT5", "RABAT10", "WIOSNA15")
REMARKS = ("Proszę dzwonić przed dostawą", "Proszę o szybką wysyłkę :)", 'Prezent – proszę bez cen & "metek"')
PRICE_OF_UNKNOWN = Decimal(10)
FIRST_SHOP_ORDER = 48_000


def money(value: Amount) -> Decimal:
    return Decimal(str(value))


def number(value: Decimal) -> int | float:
    """An amount as a JSON number that prints as it is meant: 15, 14.99."""
    return int(value) if value == value.to_integral_value() else float(value)


def total(order: Mapping[str, Any]) -> Decimal:
    """Gross value of the order: lines and delivery."""
    lines = sum((money(line["price_brutto"]) * line["quantity"] for line in order["products"]), Decimal(0))
    return lines + money(order["delivery_price"])


@dataclass(frozen=True)
class _Buyer:
    """Who buys and on what terms."""

    kind: str
    name: str
    company: str
    nip: str
    want_invoice: bool
    address: people.Address
    currency: str

    def rate_and_price(self, item: Item) -> tuple[Decimal, Decimal]:
        """VAT rate and unit price of an article for this buyer."""
        rate = Decimal(item.tax_rate)
        price = item.price_gross
        if self.kind == "company_abroad":
            price, rate = price / (1 + max(rate, Decimal(0)) / 100), REVERSE_CHARGE
        elif self.kind == "consumer_abroad" and self.address.country in OSS and rate >= 0:
            foreign = Decimal(OSS[self.address.country][0 if rate == 23 else 1])
            price, rate = price / (1 + rate / 100) * (1 + foreign / 100), foreign
        price /= PLN_PER_UNIT.get(self.currency, Decimal(1))
        return rate, max(CENT, price.quantize(CENT, ROUND_HALF_UP))


def make_order(
    rng: random.Random,
    now: int,
    serial: int | None = None,
    mix: Mix | None = None,
    items: Sequence[Item] = ITEMS,
    **wishes: Any,
) -> Order:
    """One order with all fields of ``getOrders``, ready for a sandbox that gives it its ids.

    Wishes: lines (maps with sku, and where wished quantity, price_brutto, tax_rate, name and other line fields), nip,
    company, want_invoice, currency, status (a name), paid (True, False or an amount), cod, delivery_price, confirmed,
    at, email, country (ISO-2), source (allegro, erli, shop, personal, amazon or any other code).

    A wished line with a SKU of ``items`` takes what it does not say from there; one with another SKU costs 10.00 with
    23 % VAT. ``nip`` is kept as written and makes the buyer a company that wants an invoice; with the prefix of
    another EU country the buyer is there and the charge reversed. ``company`` alone has no tax number. An order wished
    to be paid is confirmed unless wished otherwise.

    ``serial`` numbers the orders of one shop, so that its own order numbers differ; without it they come by chance.
    Without ``mix`` chance decides by `MIX`; but a wish that shapes the order (any except at, status, email, source,
    paid and confirmed) makes the rest of it usual (`USUAL`), so that it holds what was wished and no surprises.

    Raises ValueError for an unknown wish or a line that cannot be understood.
    """
    for name in wishes:
        if name not in WISHES:
            raise ValueError(f"A buyer has no wish {name!r}; known are {', '.join(sorted(WISHES))}")
    if mix is None:
        mix = USUAL if _SHAPING & wishes.keys() else MIX
    buyer = _buyer(rng, mix, wishes)
    source = _source(rng, mix, buyer, wishes)
    order = _frame(rng, now, serial, mix, buyer, source, wishes)
    if wishes.get("lines"):
        by_sku = {item.sku: item for item in items}
        order["products"] = [_wished_line(rng, buyer, source, by_sku, wish) for wish in wishes["lines"]]
    else:
        order["products"] = _chosen_lines(rng, mix, buyer, source, items)
        if rng.random() < mix.discount_line:
            _add_discount(rng, order)
    order["payment_done"] = number(_paid(rng, mix, order, wishes))
    return order


def _buyer(rng: random.Random, mix: Mix, wishes: Mapping[str, Any]) -> _Buyer:
    nip = wishes.get("nip")
    country = wishes.get("country") or _country_of(nip)
    kind = rng.choices(KINDS, [getattr(mix, name) for name in KINDS])[0]
    if nip:
        kind = "company_abroad" if country in people.EU - {"PL"} else "company"
    elif country and country != "PL":
        kind = "consumer_abroad"
    elif wishes.keys() & {"country", "nip", "company", "want_invoice", "cod"} and kind != "person":
        kind = "person"
    long = rng.random() < mix.long_name
    if kind in ("company", "company_abroad"):
        known = people.COMPANIES if kind == "company" else people.COMPANIES_ABROAD
        there = [company for company in known if country in ("", company.address.country)] or known
        chosen = rng.choice(there)
        name, company = chosen.contact, people.LONG_COMPANY if long else chosen.name
        nip = nip or (_as_people_write(rng, chosen.tax_number) if kind == "company" else chosen.tax_number)
        address = chosen.address
    else:
        company, nip = "", ""
        if kind == "consumer_abroad":
            name, address = people.CONSUMERS_ABROAD.get(country or "DE", people.CONSUMERS_ABROAD["DE"])
        else:
            name, address = rng.choice(people.PERSONS), rng.choice(people.ADDRESSES)
            name = people.LONG_PERSON if long else name
    if country and country != address.country:
        address = people.Address("1 Sample Street", "Sampletown", "00001", country)
    company = str(wishes.get("company", company))
    abroad = kind in ("consumer_abroad", "company_abroad")
    return _Buyer(
        kind,
        name,
        company,
        nip,
        bool(wishes.get("want_invoice", bool(company) or kind == "person_wants_invoice")),
        address,
        str(wishes.get("currency", "EUR" if abroad else "PLN")),
    )


def _country_of(nip: str | None) -> str:
    prefix = (nip or "").strip()[:2].upper().replace("EL", "GR")
    return prefix if prefix in people.EU else ""


def _as_people_write(rng: random.Random, nip: str) -> str:
    dashes = f"{nip[:3]}-{nip[3:6]}-{nip[6:8]}-{nip[8:]}"
    other_dashes = f"{nip[:3]}-{nip[3:5]}-{nip[5:7]}-{nip[7:]}"
    return rng.choice(
        (nip, dashes, other_dashes, dashes.replace("-", " "), f"PL{nip}", f"PL {dashes}", f" {nip} ")
    )


def _source(rng: random.Random, mix: Mix, buyer: _Buyer, wishes: Mapping[str, Any]) -> people.Source:
    kind = rng.choices(SOURCE_KINDS, [getattr(mix, name) for name in SOURCE_KINDS])[0]
    code = {"marketplace": rng.choice(people.MARKETPLACES), "shop": "shop", "manual": "personal"}[kind]
    if buyer.kind == "consumer_abroad":
        code = rng.choice(("amazon", "shop"))
    elif buyer.kind == "company_abroad":
        code = "personal" if kind == "manual" else "shop"
    code = str(wishes.get("source", code))
    plain = people.SOURCES["shop"]
    return people.SOURCES.get(code) or people.Source(code, 0, plain.payments, plain.courier, None, plain.cash)


def _frame(
    rng: random.Random,
    now: int,
    serial: int | None,
    mix: Mix,
    buyer: _Buyer,
    source: people.Source,
    wishes: Mapping[str, Any],
) -> Order:
    """The order without lines and payment."""
    at = int(wishes.get("at", now))
    # A marketplace knows of the purchase before the buyer has filled in the delivery form.
    added = at if "at" in wishes or source.code not in people.MARKETPLACES else at - rng.randint(0, 90)
    confirmed = bool(wishes.get("confirmed", rng.random() >= mix.unconfirmed or bool(wishes.get("paid"))))
    at_home = buyer.address.country == "PL" and buyer.kind not in ("consumer_abroad", "company_abroad")
    cod = bool(wishes.get("cod", at_home and source.cash is not None and rng.random() < mix.cod))
    locker = not cod and at_home and source.locker is not None and rng.random() < mix.locker
    if cod:
        delivery = source.cash or people.COURIER_CASH
    elif locker and source.locker is not None:
        delivery = source.locker
    else:
        delivery = source.courier if at_home or source.code == "amazon" else people.COURIER_ABROAD
    price = Decimal(0) if rng.random() < mix.free_delivery else rng.choice(delivery.prices)
    price = money(wishes.get("delivery_price", price))
    own_number = rng.randint(10_000, 99_999_999) if serial is None else FIRST_SHOP_ORDER + serial
    shop_order_id = own_number if source.code == "shop" else 0
    login = f"sample_buyer_{rng.randint(100, 99_999)}" if source.code in people.MARKETPLACES else ""
    payment = "Płatność przy odbiorze" if cod else rng.choice(source.payments)
    order: Order = {
        "order_id": 0,
        "shop_order_id": shop_order_id,
        "external_order_id": _external_id(rng, source.code, shop_order_id),
        "order_source": source.code,
        "order_source_id": source.account,
        "order_source_info": "-",
        "status": wishes.get("status", NEW),
        "order_status_id": 0,
        "confirmed": confirmed,
        "date_confirmed": at if confirmed else 0,
        "date_add": added,
        "date_in_status": at if confirmed else added,
        "user_login": login,
        "phone": _phone(rng) if at_home else "+49000000100",
        "email": str(wishes.get("email", _email(rng, buyer, login))),
        "user_comments": _remark(rng, buyer),
        "admin_comments": "Zamówienie telefoniczne" if source.code == "personal" else "",
        "currency": buyer.currency,
        "payment_method": payment,
        "payment_method_cod": "1" if cod else "0",
        "payment_done": 0,
        "delivery_method_id": delivery.method_id,
        "delivery_method": delivery.method,
        "delivery_price": number(price),
        "delivery_package_module": "",
        "delivery_package_nr": "",
    }
    order |= _side("delivery", buyer, buyer.company[:100])
    code, point = rng.choice(people.LOCKERS) if locker else ("", people.Address("", "", ""))
    order |= {
        "delivery_point_id": code,
        "delivery_point_name": f"Paczkomat {code}" if code else "",
        "delivery_point_address": point.street,
        "delivery_point_postcode": point.postcode,
        "delivery_point_city": point.city,
    }
    order |= _side("invoice", buyer, buyer.company[:200])
    return order | {
        "invoice_nip": buyer.nip,
        "want_invoice": "1" if buyer.want_invoice else "0",
        "extra_field_1": "",
        "extra_field_2": "",
        "custom_extra_fields": {},
        "order_page": f"https://orders.example.com/sample/{rng.getrandbits(40):010x}/",
        "pick_state": 0,
        "pack_state": 0,
        "star": 0,
        "crm_client_id": 0,
        "products": [],
    }


def _side(side: str, buyer: _Buyer, company: str) -> Order:
    address = buyer.address
    return {
        f"{side}_fullname": buyer.name[:100],
        f"{side}_company": company,
        f"{side}_address": address.street,
        f"{side}_city": address.city,
        f"{side}_state": address.state,
        f"{side}_postcode": address.postcode,
        f"{side}_country_code": address.country,
        f"{side}_country": people.COUNTRY_NAMES.get(address.country, address.country),
    }


def _external_id(rng: random.Random, code: str, shop_order_id: int) -> str:
    if code == "allegro":
        return str(uuid.UUID(int=rng.getrandbits(128), version=4))
    if code == "erli":
        return f"EX-{rng.randint(0, 99_999_999):08d}"
    if code == "amazon":
        return f"{rng.randint(0, 999):03d}-{rng.randint(0, 9_999_999):07d}-{rng.randint(0, 9_999_999):07d}"
    return str(shop_order_id) if shop_order_id else ""


def _phone(rng: random.Random) -> str:
    last = f"{rng.randint(0, 999):03d}"
    return rng.choice((f"+48500000{last}", f"500000{last}", f"+48 500 000 {last}"))


def _email(rng: random.Random, buyer: _Buyer, login: str) -> str:
    if login:
        return f"{login}+{rng.getrandbits(32):08x}@example.com"
    first, last = buyer.name.split()[0], buyer.name.split()[-1]
    plain = str.maketrans("ąćęłńóśźżß", "acelnoszzs")
    letters = f"{first}.{last}".lower().translate(plain)
    return "".join(c for c in letters if c.isascii() and (c.isalnum() or c in ".-")) + "@example.com"


def _remark(rng: random.Random, buyer: _Buyer) -> str:
    if buyer.want_invoice and rng.random() < 0.5:
        return "Prosimy o fakturę na firmę." if buyer.company else "Proszę o fakturę."
    return rng.choice(REMARKS) if rng.random() < 0.15 else ""


def _line(
    rng: random.Random, source: people.Source, item: Item, rate: Decimal, price: Decimal, quantity: int
) -> Order:
    marketplace = source.code not in ("shop", "personal")
    return {
        "storage": "db",
        "storage_id": 30711,
        "order_product_id": 0,
        "product_id": item.product_id,
        "variant_id": "0",
        "name": item.name,
        "attributes": "",
        "sku": item.sku,
        "ean": item.ean,
        "location": "",
        "warehouse_id": 20517 if item.product_id else 0,
        "auction_id": str(rng.randint(14_400_000_000, 14_499_999_999))
        if marketplace and item.product_id
        else "0",
        "price_brutto": number(price),
        "tax_rate": number(rate),
        "quantity": quantity,
        "weight": number(item.weight_kg),
        "bundle_id": 0,
    }


def _wished_line(
    rng: random.Random,
    buyer: _Buyer,
    source: people.Source,
    by_sku: Mapping[str, Item],
    wish: Mapping[str, Any],
) -> Order:
    unknown = wish.keys() - _LINE_WISHES
    if unknown:
        raise ValueError(
            f"A wished line has no {', '.join(sorted(unknown))}; known are {', '.join(sorted(_LINE_WISHES))}"
        )
    if "sku" not in wish:
        raise ValueError(f"The wished line {dict(wish)} has no sku; write one, or an empty text for none")
    sku, quantity = str(wish["sku"]), wish.get("quantity", 1)
    if isinstance(quantity, bool) or not isinstance(quantity, int):
        raise ValueError(f"The wished line {sku!r} has the quantity {quantity!r}; write a whole number")
    item = by_sku.get(sku) or _unknown_item(sku)
    rate, price = buyer.rate_and_price(item)
    line = _line(rng, source, item, rate, price, quantity)
    line |= {key: value for key, value in wish.items() if key not in ("sku", "quantity")}
    for key in ("price_brutto", "tax_rate", "weight"):
        line[key] = number(money(line[key]))
    return line


def _unknown_item(sku: str) -> Item:
    name = f"Towar {sku}" if sku else "Towar bez SKU"
    return Item(sku, "", name, PRICE_OF_UNKNOWN, "23", Decimal(0), 0, "")


def _chosen_lines(
    rng: random.Random, mix: Mix, buyer: _Buyer, source: people.Source, items: Sequence[Item]
) -> list[Order]:
    # Services are done at home only.
    choice: Sequence[Item] = [item for item in items if item.ean] if buyer.address.country != "PL" else items
    if not choice:
        raise ValueError(
            "Buyers find nothing to buy: items is empty or holds services only; give them some goods"
        )
    count = min(len(choice), rng.choices((1, 2, 3, 4, 5, 8), (48, 25, 13, 7, 5, 2))[0])
    percent_off = rng.choice((5, 10, 15)) if rng.random() < mix.discount_inside else 0
    lines = []
    for item in rng.sample(choice, count):
        rate, price = buyer.rate_and_price(item)
        price = max(CENT, (price * (100 - percent_off) / 100).quantize(CENT, ROUND_HALF_UP))
        quantity = (
            rng.randint(10, 200) if price < 1 else rng.choices((1, 2, 3, 4, 6, 12), (65, 18, 7, 5, 3, 2))[0]
        )
        lines.append(_line(rng, source, item, rate, price, quantity))
    if rng.random() < mix.unknown_sku:
        sku = f"NIEZNANY-{rng.randint(1, 9999):04d}"
        lines[0] |= {"sku": sku, "ean": "", "product_id": ""}
    if rng.random() < mix.long_name:
        lines[-1]["name"] = (f"{lines[-1]['name']} – " + "bardzo długi opis oferty, " * 6)[:130].rstrip()
    return lines


def _add_discount(rng: random.Random, order: Order) -> None:
    """Take 5 to 15 % off the dearest line's value, as a line of its own with that line's VAT."""
    dearest = max(order["products"], key=lambda line: money(line["price_brutto"]) * line["quantity"])
    code = rng.choice(DISCOUNT_CODES)
    percent = int(code.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    value = money(dearest["price_brutto"]) * dearest["quantity"] * percent / 100
    discount = max(CENT, value.quantize(CENT, ROUND_HALF_UP))
    order["extra_field_1"] = code
    order["products"].append(
        {
            **dearest,
            "storage": "shop",
            "storage_id": people.SOURCES["shop"].account,
            "product_id": "",
            "name": f"Rabat {code}",
            "sku": "",
            "ean": "",
            "warehouse_id": 0,
            "auction_id": "0",
            "price_brutto": number(-discount),
            "quantity": 1,
            "weight": 0,
        }
    )


def _paid(rng: random.Random, mix: Mix, order: Order, wishes: Mapping[str, Any]) -> Decimal:
    due, chance, part = total(order), rng.random(), rng.randint(10, 80)
    wish = wishes.get("paid")
    if isinstance(wish, bool):
        return due if wish else Decimal(0)
    if wish is not None:
        return money(wish)
    if order["payment_method_cod"] == "1" or not order["confirmed"] or chance < mix.unpaid:
        return Decimal(0)
    if chance < mix.unpaid + mix.partly_paid:
        return (due * part / 100).quantize(CENT)
    return due
