"""What the shop sells at the start: the goods of the samples, or those of the BaseLinker sandbox."""

from dataclasses import dataclass
from decimal import Decimal

from pomost.sandbox.baselinker import catalogue as shared
from pomost.sandbox.woocommerce.settings import Settings


@dataclass(frozen=True)
class Good:
    sku: str
    name: str
    price: Decimal
    """As typed; gross where the shop types gross."""
    vat: str
    stock: int | None
    """None: stock is not managed (services)."""
    weight: str = ""
    ean: str = ""
    category: str = "Inne"
    sale: Decimal | None = None


CLASSES = {"23": "", "8": "vat-8", "5": "vat-5", "0": "vat-0", "zw": "zwolnione"}
"""Tax class by Polish rate. Exempt goods have a class of their own without any rate (section 6.2)."""

# sku | name | price | VAT | stock | weight | category | sale price
_TABLE = """
TOW-0001 | Kabel USB-C 1 m | 29.99 | 23 | 80 | 0.05 | Elektronika |
TOW-0002 | Ładowarka sieciowa 65 W | 149.00 | 23 | 40 | 0.20 | Elektronika |
TOW-0003 | Słuchawki bezprzewodowe | 219.90 | 23 | 22 | 0.40 | Elektronika | 199.90
TOW-0004 | Mysz optyczna | 59.00 | 23 | 60 | 0.15 | Elektronika |
TOW-0005 | Klawiatura mechaniczna | 349.00 | 23 | 25 | 0.95 | Elektronika |
TOW-0006 | Kamera internetowa | 189.99 | 23 | 18 | 0.20 | Elektronika |
TOW-0007 | Hub USB 4 porty | 79.90 | 23 | 33 | 0.10 | Elektronika |
TOW-0008 | Powerbank &amp; kabel | 129.00 | 23 | 27 | 0.45 | Elektronika |
TOW-0009 | Lampka LED na biurko | 99.90 | 23 | 19 | 0.80 | Elektronika |
TOW-0010 | Uchwyt do telefonu | 24.99 | 23 | 70 | 0.12 | Akcesoria |
TOW-0011 | Etui na tablet | 69.00 | 23 | 28 | 0.25 | Akcesoria |
TOW-0012 | Podkładka pod mysz | 19.90 | 23 | 90 | 0.18 | Akcesoria |
TOW-0013 | Torba na laptopa | 139.00 | 23 | 16 | 0.90 | Akcesoria |
TOW-0014 | Plecak miejski | 189.00 | 23 | 21 | 0.85 | Akcesoria |
TOW-0015 | Kubek termiczny | 49.00 | 23 | 55 | 0.35 | Dom |
TOW-0016 | Długopis żelowy | 3.49 | 23 | 500 | 0.02 | Biuro |
TOW-0017 | Zeszyt A5 w kratkę | 6.50 | 23 | 300 | 0.20 | Biuro |
TOW-0018 | Papier ksero A4, 500 kartek | 24.49 | 23 | 120 | 2.50 | Biuro |
TOW-0019 | Podręcznik rachunkowości | 89.00 | 5 | 34 | 0.70 | Książki |
TOW-0020 | Atlas grzybów (książka) | 54.90 | 5 | 26 | 0.90 | Książki |
TOW-0021 | Kuchnia polska (książka) | 79.00 | 5 | 23 | 1.10 | Książki |
TOW-0022 | Kawa ziarnista 1 kg | 84.99 | 23 | 48 | 1.00 | Spożywcze |
TOW-0023 | Herbata czarna 100 g | 14.99 | 23 | 75 | 0.12 | Spożywcze |
TOW-0024 | Mąka pszenna 1 kg | 3.99 | 5 | 200 | 1.00 | Spożywcze |
TOW-0025 | Miód lipowy 900 g | 47.50 | 5 | 44 | 1.25 | Spożywcze |
TOW-0026 | Woda źródlana 1,5 l | 2.49 | 8 | 400 | 1.52 | Spożywcze |
TOW-0027 | Przyprawa do grilla 45 g | 5.79 | 8 | 130 | 0.06 | Spożywcze |
TOW-0028 | Lekarstwo ziołowe | 23.99 | 8 | 60 | 0.10 | Zdrowie |
TOW-0029 | Usługa grawerowania | 15.00 | 23 | | | Usługi |
"""
SHIRT, SHIRT_NAME, SHIRT_PRICE = "KOSZ", "Koszulka bawełniana", Decimal("59.00")
SIZES, COLOURS = ("S", "M", "L", "XL"), (("BIA", "biały"), ("CZA", "czarny"))


def _ean(number: int) -> str:
    digits = f"59{number:010d}"
    odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
    return f"{digits}{-(odd + 3 * even) % 10}"


def _own() -> tuple[Good, ...]:
    found = []
    for place, row in enumerate(_TABLE.strip().splitlines(), 1):
        sku, name, price, vat, stock, weight, category, sale = (cell.strip() for cell in row.split("|"))
        pieces, reduced = int(stock) if stock else None, Decimal(sale) if sale else None
        found.append(Good(sku, name, Decimal(price), vat, pieces, weight, _ean(place), category, reduced))
    return tuple(found)


OWN = _own()


def _as_good(item: shared.Item) -> Good:
    managed = bool(item.ean)
    weight = f"{item.weight_kg:f}" if managed else ""
    return Good(
        item.sku, item.name.replace("&", "&amp;"), item.price_gross, item.vat, item.stock if managed else None,
        weight, item.ean, "Sklep",
    )  # fmt: skip


def goods(settings: Settings, seed: int) -> list[Good]:
    """The simple goods a new shop has; the T-shirt is added where the catalogue is the shop's own or shared."""
    chosen = {"own": list(OWN), "shared": [_as_good(item) for item in shared.ITEMS], "empty": []}
    more = [_as_good(item) for item in shared.each(settings.more_products, seed)]
    return chosen[settings.catalogue] + more
