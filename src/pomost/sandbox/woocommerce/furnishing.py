"""How a new shop is furnished: rates, goods, coupons, a customer, statuses and settings."""

from decimal import Decimal

from pomost.sandbox.woocommerce import catalogue, product_writing, terms
from pomost.sandbox.woocommerce.protocol import Json
from pomost.sandbox.woocommerce.state import Store

STATUSES = {
    "pending": "Pending payment",
    "processing": "Processing",
    "on-hold": "On hold",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
    "failed": "Failed",
    "checkout-draft": "Draft",
}
CLASSES = {"vat-8": "VAT 8%", "vat-5": "VAT 5%", "vat-0": "VAT 0%", "zwolnione": "Zwolnione"}
RATES = (("23", "standard"), ("8", "vat-8"), ("5", "vat-5"), ("0", "vat-0"))
OSS = (("DE", "19", "MwSt."), ("CZ", "21", "DPH"), ("FR", "20", "TVA"), ("AT", "20", "USt."))
GATEWAYS = {
    "bacs": "Przelew bankowy",
    "cheque": "Czek",
    "cod": "Za pobraniem",
    "przelewy24": "Przelewy24",
    "payu": "PayU",
    "stripe": "Karta",
}
ZONES = (
    (0, "Miejsca nieobjęte strefami", ()),
    (1, "Polska", ((1, "flat_rate", "Kurier", "12.19"), (2, "flat_rate", "InPost Paczkomat", "10.56"),
                   (3, "local_pickup", "Odbiór osobisty", "0.00"), (4, "free_shipping", "Darmowa dostawa", "0.00"))),
    (2, "Unia Europejska", ((5, "flat_rate", "DHL", "9.90"),)),
)  # fmt: skip


def rate(store: Store, country: str, percent: str, name: str, tax_class: str) -> Json:
    number = next(store.rate_ids)
    row = {
        "id": number, "country": country, "state": "", "postcode": "", "city": "", "rate": f"{Decimal(percent):.4f}",
        "name": name, "priority": 1, "compound": False, "shipping": True, "order": 0, "class": tax_class,
        "postcodes": [], "cities": [],
    }  # fmt: skip
    store.rates[number] = row
    return row


def coupon(store: Store, code: str, amount: str, kind: str) -> Json:
    number, now = next(store.posts), store.now()
    row = {
        "id": number, "code": code, "amount": amount, "status": "publish", "created": now, "modified": now,
        "discount_type": kind, "description": "", "expires": None, "usage_count": 0, "meta": [],
    }  # fmt: skip
    store.coupons[number] = row
    return row


def good(store: Store, one: catalogue.Good) -> Json:
    sent: Json = {
        "name": one.name, "sku": one.sku, "regular_price": f"{one.price:.2f}",
        "tax_class": catalogue.CLASSES[one.vat], "weight": one.weight, "global_unique_id": one.ean,
        "virtual": one.stock is None,
    }  # fmt: skip
    if one.sale is not None:
        sent["sale_price"] = f"{one.sale:.2f}"
    if one.stock is not None:
        sent |= {"manage_stock": True, "stock_quantity": one.stock}
    product = product_writing.create(store, sent)
    product["categories"] = [terms.of_name(store, "categories", one.category)]
    return product


def shirt(store: Store) -> None:
    """A variable product whose eight variations hold price and stock."""
    colours = [name for _, name in catalogue.COLOURS]
    choices = [("Rozmiar", list(catalogue.SIZES)), ("Kolor", colours)]
    attributes = [
        {"name": name, "options": options, "visible": True, "variation": True} for name, options in choices
    ]
    parent = product_writing.create(
        store,
        {"name": catalogue.SHIRT_NAME, "type": "variable", "sku": catalogue.SHIRT, "attributes": attributes},
    )
    parent["categories"] = [terms.of_name(store, "categories", "Odzież")]
    for code, colour in catalogue.COLOURS:
        for place, size in enumerate(catalogue.SIZES):
            chosen = [{"name": "Rozmiar", "option": size}, {"name": "Kolor", "option": colour}]
            sent = {
                "sku": f"{catalogue.SHIRT}-{code}-{size}", "regular_price": f"{catalogue.SHIRT_PRICE:.2f}",
                "manage_stock": True, "stock_quantity": 5 + 3 * place, "attributes": chosen,
            }  # fmt: skip
            product_writing.create(store, sent, parent)


def _options(store: Store) -> None:
    settings = store.settings
    yes = {True: "yes", False: "no"}
    groups: dict[str, dict[str, str]] = {
        "general": {
            "woocommerce_store_address": "ul. Przykładowa 1",
            "woocommerce_store_city": "Warszawa",
            "woocommerce_default_country": settings.country,
            "woocommerce_store_postcode": "00-001",
            "woocommerce_calc_taxes": yes[settings.calc_taxes],
            "woocommerce_enable_coupons": "yes",
            "woocommerce_currency": settings.currency,
            "woocommerce_currency_pos": "right_space",
            "woocommerce_price_thousand_sep": " ",
            "woocommerce_price_decimal_sep": ",",
            "woocommerce_price_num_decimals": "2",
        },
        "tax": {
            "woocommerce_prices_include_tax": yes[settings.prices_include_tax],
            "woocommerce_tax_based_on": "shipping",
            "woocommerce_shipping_tax_class": "inherit",
            "woocommerce_tax_round_at_subtotal": yes[settings.round_at_subtotal],
            "woocommerce_tax_display_shop": "incl",
            "woocommerce_tax_display_cart": "incl",
            "woocommerce_tax_total_display": "itemized",
        },
        "products": {
            "woocommerce_weight_unit": "kg",
            "woocommerce_dimension_unit": "cm",
            "woocommerce_manage_stock": "yes",
            "woocommerce_hold_stock_minutes": "60",
            "woocommerce_notify_low_stock_amount": "2",
            "woocommerce_notify_no_stock_amount": "0",
        },
    }
    store.options = {group: dict(values) for group, values in groups.items()}


def furnish(store: Store, seed: int) -> None:
    """Put in what a shop has before its first order; its orders then begin at 51, as those of the samples."""
    settings = store.settings
    store.statuses = dict(STATUSES)
    store.classes = dict(CLASSES)
    for percent, tax_class in RATES:
        rate(store, settings.country, percent, f"VAT {percent}%", tax_class)
    if settings.oss_rates:
        for country, percent, name in OSS:
            for _, tax_class in RATES:
                rate(store, country, percent, f"{name} {percent}%", tax_class)
    store.gateways = {
        name: {"id": name, "title": title, "enabled": name in settings.gateways, "order": place}
        for place, (name, title) in enumerate(GATEWAYS.items())
    }
    _options(store)
    for one in catalogue.goods(settings, seed):
        good(store, one)
    if settings.catalogue != "empty":
        shirt(store)
    coupon(store, "RABAT10", "10.00", "percent")
    coupon(store, "MINUS20", "20.00", "fixed_cart")
