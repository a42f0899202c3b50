"""Lines of orders: how they are written, what they cost, and the sums over them (sections 5.5, 5.6 and 6)."""

import json
from decimal import Decimal
from typing import Any

from pomost.sandbox.woocommerce import money, product_view, stocking
from pomost.sandbox.woocommerce.money import ZERO
from pomost.sandbox.woocommerce.protocol import Json, Refusal, wrong_value
from pomost.sandbox.woocommerce.state import Store, write_meta

KINDS = {
    "line_items": "lines",
    "shipping_lines": "shipping_lines",
    "fee_lines": "fee_lines",
    "coupon_lines": "coupon_lines",
}
NAMING = {
    "line_items": "product_id",
    "shipping_lines": "method_id",
    "fee_lines": "name",
    "coupon_lines": "code",
}


def vat_exempt(order: Json) -> bool:
    return any(entry["key"] == "is_vat_exempt" and entry["value"] == "yes" for entry in order["meta"])


def rates(store: Store, country: str, tax_class: str) -> list[Json]:
    wished = tax_class or "standard"
    return [one for one in store.rates.values() if one["country"] == country and one["class"] == wished]


def order_rates(store: Store, order: Json, tax_class: str) -> list[Json]:
    """The rates that an order pays: none where taxes are off, the buyer exempt, or the country has none."""
    if not store.settings.calc_taxes or vat_exempt(order):
        return []
    country = order["shipping"]["country"] or order["billing"]["country"] or store.settings.country
    return rates(store, country, tax_class)


def base_percent(store: Store, tax_class: str) -> Decimal:
    """The VAT within prices typed gross: that of the shop's own country, whoever buys."""
    if not store.settings.calc_taxes:
        return ZERO
    return sum((Decimal(one["rate"]) for one in rates(store, store.settings.country, tax_class)), ZERO)


def net_price(store: Store, product: Json, quantity: int) -> Decimal:
    """The net value of so many pieces at the price of now."""
    typed = Decimal(product_view.price(store, product) or "0") * quantity
    if not store.settings.prices_include_tax or product["tax_status"] != "taxable":
        return money.six(typed)
    return money.net_of(typed, base_percent(store, product["tax_class"]))


def product_line(store: Store, product: Json, quantity: int) -> Json:
    """A new line of a product, with what is frozen in it."""
    parent = store.products.get(product["parent_id"]) if product["type"] == "variation" else None
    name, choices = product["name"], []
    if parent:
        name = f"{parent['name']} - {product_view.name_of_choices(product)}"
        choices = [store.item_meta(one["slug"], one["option"], one["name"]) for one in product["choices"]]
    value = net_price(store, product, quantity)
    return {
        "id": next(store.items), "name": name, "product_id": parent["id"] if parent else product["id"],
        "variation_id": product["id"] if parent else 0, "quantity": quantity, "tax_class": product["tax_class"],
        "tax_status": product["tax_status"], "subtotal": value, "total": value, "taxes": {}, "meta": choices,
        "parent_name": parent["name"] if parent else None,
    }  # fmt: skip


def _amount(sent: Json, name: str) -> Decimal:
    try:
        return money.six(money.number(sent[name]))
    except ValueError:
        raise wrong_value(name, f"{name} is not an amount.") from None


def _pieces(sent: Json) -> int:
    value = sent.get("quantity", 1)
    text = str(value)
    if not text.lstrip("-").isdecimal():
        raise wrong_value("line_items", "line_items[0][quantity] is not of type integer.")
    return int(text)


def _new_line(store: Store, sent: Json) -> Json:
    quantity = _pieces(sent)
    number = sent.get("variation_id") or sent.get("product_id")
    sku = str(sent.get("sku") or "")
    product = store.products.get(store.by_sku.get(sku, 0)) if sku else None
    if not number and not sku:
        raise Refusal(400, "woocommerce_rest_required_product_reference", "Product ID or SKU is required.")
    if product is None and number:
        product = store.products.get(int(number)) if str(number).isdecimal() else None
        if product is None and not sku:
            # The reference is silent about an unknown id; WooCommerce refuses to set it.
            raise Refusal(400, "order_item_product_invalid_product_id", "Invalid product ID")
    if product is not None:
        return product_line(store, product, quantity)
    # An unknown SKU is taken: a nameless line that costs nothing.
    return {
        "id": next(store.items), "name": "", "product_id": 0, "variation_id": 0, "quantity": quantity, "tax_class": "",
        "tax_status": "taxable", "subtotal": ZERO, "total": ZERO, "taxes": {}, "meta": [], "parent_name": None,
    }  # fmt: skip


def _write_line(store: Store, order: Json, line: Json, sent: Json, new: bool) -> None:
    if not new:
        wished = sent.get("variation_id") or sent.get("product_id")
        if wished and wished != (line["variation_id"] or line["product_id"]) and wished in store.products:
            fresh = product_line(store, store.products[wished], line["quantity"])
            line.update({key: value for key, value in fresh.items() if key not in ("id", "meta")})
        if "quantity" in sent:
            # The money stays as it was.
            line["quantity"] = _pieces(sent)
            stocking.adjust(store, order, line, line["quantity"])
    for name in ("subtotal", "total"):
        if name in sent:
            line[name] = _amount(sent, name)
    for name in ("name", "tax_class"):
        if sent.get(name) is not None:
            line[name] = str(sent[name])
    write_meta(line["meta"], sent.get("meta_data"), store.item_meta)


def _new_shipping(store: Store) -> Json:
    return {
        "id": next(store.items), "method_title": "", "method_id": "", "instance_id": "", "total": ZERO, "taxes": {},
        "meta": [], "tax_class": "", "tax_status": "taxable",
    }  # fmt: skip


def _new_fee(store: Store) -> Json:
    return {
        "id": next(store.items), "name": "", "tax_class": "", "tax_status": "taxable", "total": ZERO, "taxes": {},
        "meta": [],
    }  # fmt: skip


def _write_other(store: Store, line: Json, sent: Json) -> None:
    for name in ("method_title", "method_id", "instance_id", "name", "tax_class", "tax_status"):
        if name in line and sent.get(name) is not None:
            line[name] = str(sent[name])
    if "total" in sent:
        line["total"] = _amount(sent, "total")
    elif sent.get("amount") and "name" in line:
        line["total"] = _amount(sent, "amount")
    write_meta(line["meta"], sent.get("meta_data"), store.item_meta)


def coupon_by_code(store: Store, code: str) -> Json | None:
    live = (one for one in store.coupons.values() if one["status"] != "trash")
    return next((one for one in live if one["code"].lower() == code.lower()), None)


def _new_coupon(store: Store, sent: Json) -> Json:
    code = str(sent.get("code") or "")
    coupon = coupon_by_code(store, code)
    if coupon is None:
        raise Refusal(400, "woocommerce_rest_invalid_coupon", f'Coupon "{code}" does not exist!')
    coupon["usage_count"] += 1
    nominal = Decimal(coupon["amount"])
    plain = int(nominal) if nominal == int(nominal) else float(nominal)
    told = json.dumps([coupon["id"], coupon["code"], coupon["discount_type"], plain], separators=(",", ":"))
    return {
        "id": next(store.items), "code": coupon["code"], "discount_type": coupon["discount_type"],
        "nominal_amount": nominal, "discount": ZERO, "discount_tax": ZERO,
        "meta": [store.item_meta("coupon_info", told)],
    }  # fmt: skip


def _is_gone(kind: str, sent: Json) -> bool:
    named = NAMING[kind]
    return (named in sent and sent[named] is None) or (
        kind == "line_items" and sent.get("quantity", 1) in (0, "0")
    )


def write(store: Store, order: Json, sent: Json) -> bool:
    """Change the lines by what was sent; whether anything was. A line without an id is a new one."""
    touched = coupons = False
    for kind, name in KINDS.items():
        if not isinstance(sent.get(kind), list):
            continue
        touched = True
        for entry in sent[kind]:
            if isinstance(entry, dict):
                coupons |= _write_entry(store, order, kind, name, entry)
    if touched:
        if coupons:
            _apply_coupons(store, order)
        reckon(store, order)
    return touched


def _write_entry(store: Store, order: Json, kind: str, name: str, entry: Json) -> bool:
    """Write one line; whether coupons must be applied anew."""
    lines: list[Json] = order[name]
    if entry.get("id"):
        line = next((one for one in lines if str(one["id"]) == str(entry["id"])), None)
        if line is None:
            raise Refusal(
                400,
                "woocommerce_rest_invalid_item_id",
                "Order item ID provided is not associated with order.",
            )
        if _is_gone(kind, entry):
            if kind == "line_items":
                stocking.adjust(store, order, line, 0)
            lines.remove(line)
            return kind == "coupon_lines"
        if kind == "line_items":
            _write_line(store, order, line, entry, new=False)
        elif kind != "coupon_lines":
            _write_other(store, line, entry)
        return False
    if _is_gone(kind, entry):
        return False
    if kind == "line_items":
        line = _new_line(store, entry)
        _write_line(store, order, line, entry, new=True)
        lines.append(line)
        # Whether an added line takes stock at once is not in the reference; WooCommerce adjusts every line it saves.
        stocking.adjust(store, order, line, line["quantity"])
    elif kind == "coupon_lines":
        if not any(one["code"].lower() == str(entry.get("code", "")).lower() for one in lines):
            lines.append(_new_coupon(store, entry))
        return True
    else:
        line = _new_shipping(store) if kind == "shipping_lines" else _new_fee(store)
        _write_other(store, line, entry)
        lines.append(line)
    return False


def _apply_coupons(store: Store, order: Json) -> None:
    """Discounts are reckoned on the typed (gross) value in cents, and their net part leaves the line."""
    lines = order["lines"]
    percents = [
        base_percent(store, line["tax_class"]) if order["prices_include_tax"] else ZERO for line in lines
    ]
    for line in lines:
        line["total"] = line["subtotal"]
    for coupon in order["coupon_lines"]:
        values = [
            money.cents(line["total"] * (100 + percent) / 100)
            for line, percent in zip(lines, percents, strict=True)
        ]
        shares = _shares(coupon, lines, values)
        nets = []
        for line, percent, share in zip(lines, percents, shares, strict=True):
            net = money.net_of(share, percent)
            line["total"] = max(line["total"] - net, ZERO)
            nets.append(net)
        coupon["discount"] = sum((money.cents(net) for net in nets), ZERO)
        # An exempt buyer saves no VAT.
        exempt = vat_exempt(order) or not store.settings.calc_taxes
        taxes = [money.cents(share - net) for share, net in zip(shares, nets, strict=True)]
        coupon["discount_tax"] = ZERO if exempt else sum(taxes, ZERO)


def _shares(coupon: Json, lines: list[Json], values: list[Decimal]) -> list[Decimal]:
    amount = Decimal(coupon["nominal_amount"])
    if coupon["discount_type"] == "percent":
        return [money.cents(value * amount / 100) for value in values]
    if coupon["discount_type"] == "fixed_product":
        return [min(amount * line["quantity"], value) for line, value in zip(lines, values, strict=True)]
    return money.split(amount, values)


def _shipping_class(store: Store, order: Json) -> str:
    """Shipping follows the goods: standard where one of them is, else the first class among theirs."""
    found = [line["tax_class"] for line in order["lines"] if line["tax_status"] == "taxable"]
    if not found or "" in found:
        return ""
    return next((name for name in store.classes if name in found), "")


def _tax(store: Store, order: Json, line: Json, tax_class: str, for_shipping: bool = False) -> None:
    if line["tax_status"] != "taxable":
        line["taxes"] = {}
        return
    found: dict[int, Any] = {}
    for rate in order_rates(store, order, tax_class):
        if for_shipping and not rate["shipping"]:
            continue
        percent = Decimal(rate["rate"])
        subtotal = money.tax_of(line["subtotal"], percent) if "subtotal" in line else None
        found[rate["id"]] = {"total": money.tax_of(line["total"], percent), "subtotal": subtotal}
    line["taxes"] = found


def reckon(store: Store, order: Json) -> None:
    """VAT of every line, the tax lines, and the sums of the order."""
    _bound_discounts(order)
    for line in (*order["lines"], *order["fee_lines"]):
        _tax(store, order, line, line["tax_class"])
    for line in order["shipping_lines"]:
        _tax(store, order, line, _shipping_class(store, order), for_shipping=True)
    total_up(store, order)


def _bound_discounts(order: Json) -> None:
    """A fee below zero takes no more than the order is worth (as WooCommerce has it; the reference is silent)."""
    worth = sum((line["total"] for line in (*order["lines"], *order["shipping_lines"])), ZERO)
    for fee in order["fee_lines"]:
        if fee["total"] < 0:
            fee["total"] = max(fee["total"], -worth)
        worth += fee["total"]


def total_up(store: Store, order: Json) -> None:
    """Tax lines and sums from the lines as they are."""
    inclusive, late = order["prices_include_tax"], store.settings.round_at_subtotal
    goods, shipping = [*order["lines"], *order["fee_lines"]], order["shipping_lines"]
    known = {line["rate_id"]: line["id"] for line in order["tax_lines"]}
    order["tax_lines"] = []
    for rate_id in dict.fromkeys(rate for line in (*goods, *shipping) for rate in line["taxes"]):
        rate = store.rates.get(rate_id, {"country": "", "name": "", "priority": 1, "rate": "0"})
        order["tax_lines"].append(
            {
                "id": known.get(rate_id) or next(store.items),
                "code": f"{rate['country']}-{rate['name'].upper()}-{rate['priority']}",
                "rate_id": rate_id,
                "label": rate["name"],
                "percent": rate["rate"],
                "tax": money.tax_sum(goods, rate_id, inclusive, late),
                "shipping_tax": money.tax_sum(shipping, rate_id, inclusive, late),
            }
        )
    each = (lambda lines: money.cents(sum((one["total"] for one in lines), ZERO))) if late else _rounded
    lines = order["lines"]
    before = sum((line["subtotal"] - line["total"] for line in lines), ZERO)
    before_tax = sum((money.line_tax(one, "subtotal") - money.line_tax(one, "total") for one in lines), ZERO)
    cart_tax = sum((line["tax"] for line in order["tax_lines"]), ZERO)
    shipping_tax = sum((line["shipping_tax"] for line in order["tax_lines"]), ZERO)
    shipping_total = each(shipping)
    order["sums"] = {
        "discount_total": money.cents(before),
        "discount_tax": money.cents(before_tax),
        "shipping_total": shipping_total,
        "shipping_tax": shipping_tax,
        "cart_tax": cart_tax,
        "total": max(each(goods) + shipping_total + cart_tax + shipping_tax, ZERO),
        "total_tax": cart_tax + shipping_tax,
    }


def _rounded(lines: list[Json]) -> Decimal:
    return sum((money.cents(line["total"]) for line in lines), ZERO)
