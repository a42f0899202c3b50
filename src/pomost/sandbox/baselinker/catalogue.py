"""What the sample shop sells: kitchen, home, books and tools, with a few services.

Names are generic and EANs are sample numbers with valid check digits.
The same items can seed an ERP (`as_dicts`), so that orders find their goods there.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

EXEMPT = "zw"


@dataclass(frozen=True)
class Item:
    """One article. ``price_gross`` is the price of one piece in PLN with VAT."""

    sku: str
    ean: str
    """EAN-13 with a valid check digit; empty for services."""
    name: str
    price_gross: Decimal
    vat: str
    """Polish rate: "23", "8", "5", "0" or "zw" (exempt)."""
    weight_kg: Decimal
    """Of one piece; 0 for services."""
    stock: int
    product_id: str
    """Id in the BaseLinker catalogue."""

    @property
    def tax_rate(self) -> int:
        """The rate as BaseLinker writes it: percent, or -1 for exempt."""
        return -1 if self.vat == EXEMPT else int(self.vat)


# sku | name | gross price | VAT | weight in kg | stock
_TABLE = """
KUBEK-01 | Kubek ceramiczny 350 ml, biały | 29.95 | 23 | 0.35 | 240
KUBEK-02 | Kubek ceramiczny 350 ml, granatowy | 29.95 | 23 | 0.35 | 180
KUBEK-TERM-500 | Kubek termiczny stalowy 500 ml | 64.90 | 23 | 0.38 | 95
FILIZ-06 | Filiżanki do espresso, komplet 6 szt. | 119.00 | 23 | 1.20 | 40
TALERZ-27 | Talerz obiadowy 27 cm | 24.50 | 23 | 0.72 | 320
TALERZ-19 | Talerz deserowy 19 cm | 16.90 | 23 | 0.41 | 300
MISKA-3L | Miska stalowa z pokrywką 3 l | 54.99 | 23 | 0.65 | 85
GARNEK-5L | Garnek emaliowany 5 l | 139.00 | 23 | 2.10 | 45
PATEL-28 | Patelnia nieprzywierająca 28 cm | 129.90 | 23 | 1.15 | 70
PATEL-ZEL-24 | Patelnia żeliwna 24 cm | 159.00 | 23 | 2.60 | 25
NOZ-SZEF-20 | Nóż szefa kuchni 20 cm | 189.00 | 23 | 0.24 | 60
NOZ-OBIER | Nożyk do obierania | 19.99 | 23 | 0.06 | 210
DESKA-DAB | Deska do krojenia dębowa 40 × 28 cm | 89.00 | 23 | 1.80 | 55
WAGA-KUCH | Waga kuchenna elektroniczna do 5 kg | 59.90 | 23 | 0.45 | 80
KAWIARKA-6 | Kawiarka aluminiowa na 6 filiżanek | 94.50 | 23 | 0.78 | 50
CZAJNIK-17 | Czajnik elektryczny 1,7 l | 149.00 | 23 | 1.05 | 38
BLENDER-800 | Blender ręczny 800 W | 219.00 | 23 | 1.40 | 30
LUNCH-BOX | Pojemnik na żywność szklany 1 l | 34.90 | 23 | 0.62 | 150
RECZNIK-70 | Ręcznik bawełniany 70 × 140 cm | 49.90 | 23 | 0.55 | 120
OBRUS-LN | Obrus lniany 140 × 200 cm | 159.90 | 23 | 0.68 | 22
POSCIEL-160 | Pościel satynowa 160 × 200 cm | 249.00 | 23 | 1.60 | 28
LAMPA-BIUR | Lampka biurkowa LED | 129.00 | 23 | 1.10 | 48
SWIECA-SOJ | Świeca sojowa 220 g | 39.00 | 23 | 0.48 | 160
KOSZ-WIKL | Kosz wiklinowy 40 cm | 79.00 | 23 | 0.90 | 33
REGAL-5P | Regał metalowy 5 półek | 250.00 | 23 | 12.50 | 18
STOL-DAB | Stół dębowy 140 × 80 cm | 1199.00 | 23 | 38.50 | 6
KRZESLO-SZ | Krzesło tapicerowane, szare | 189.50 | 23 | 7.25 | 36
ZEGAR-30 | Zegar ścienny 30 cm | 69.90 | 23 | 0.80 | 44
RAMKA-1318 | Ramka na zdjęcie 13 × 18 cm | 18.49 | 23 | 0.30 | 130
DONICZKA-15 | Doniczka ceramiczna 15 cm | 22.90 | 23 | 0.85 | 140
WIERT-650 | Wiertarka udarowa 650 W | 399.00 | 23 | 2.40 | 20
WIERTLA-13 | Zestaw wierteł do metalu 13 szt. | 54.99 | 23 | 0.60 | 75
MLOTEK-500 | Młotek ślusarski 500 g | 37.50 | 23 | 0.72 | 66
WKRETAK-ZES | Wkrętaki precyzyjne, komplet 24 szt. | 79.99 | 23 | 0.52 | 58
KLUCZE-12 | Klucze płasko-oczkowe 6-22 mm, 12 szt. | 119.90 | 23 | 1.90 | 34
MIARA-5M | Miara zwijana 5 m | 21.00 | 23 | 0.22 | 190
POZIOM-60 | Poziomnica aluminiowa 60 cm | 64.00 | 23 | 0.48 | 42
WKRET-440 | Wkręty do drewna 4 × 40 mm, 200 szt. | 17.77 | 23 | 0.66 | 260
KOLKI-08 | Kołki rozporowe 8 mm, 1 szt. | 0.33 | 23 | 0.01 | 5000
TASMA-50 | Taśma pakowa 50 mm × 60 m | 6.99 | 23 | 0.18 | 400
KAWA-1KG | Kawa ziarnista 1 kg | 99.90 | 23 | 1.00 | 110
HERB-100 | Herbata liściasta czarna 100 g | 24.90 | 23 | 0.12 | 170
SYROP-MAL | Syrop malinowy 430 ml | 18.50 | 8 | 0.75 | 96
PIEPRZ-MLYN | Pieprz czarny w młynku 45 g | 12.99 | 8 | 0.14 | 150
CYNAMON-20 | Cynamon mielony 20 g | 4.49 | 8 | 0.03 | 220
MUSZTARDA | Musztarda gruboziarnista 200 g | 8.79 | 8 | 0.32 | 140
BAZYLIA-DON | Bazylia w doniczce | 11.90 | 8 | 0.35 | 60
TERMOMETR | Termometr medyczny elektroniczny | 29.99 | 8 | 0.05 | 72
MIOD-LIP | Miód lipowy 900 g | 49.00 | 5 | 1.25 | 84
OLIWA-500 | Oliwa z oliwek extra virgin 500 ml | 44.90 | 5 | 0.95 | 64
KSIAZKA-GOT | Kuchnia domowa krok po kroku (książka) | 59.90 | 5 | 0.95 | 45
KSIAZKA-KAWA | Przepisy kawowe (książka) | 23.49 | 5 | 0.40 | 52
KSIAZKA-DREW | Stolarstwo dla początkujących (książka) | 73.00 | 5 | 0.80 | 31
KSIAZKA-OGR | Ogród na balkonie (książka) | 39.90 | 5 | 0.55 | 39
KSIAZKA-DZI | Małe eksperymenty w kuchni (książka dla dzieci) | 34.99 | 5 | 0.48 | 57
MONITOR-SZK | Monitor interaktywny 65 cali dla szkół | 6490.00 | 0 | 42.00 | 3
TABLET-SZK | Tablet edukacyjny dla szkół | 899.00 | 0 | 0.60 | 12
SZKOL-BHP | Szkolenie zawodowe z obsługi elektronarzędzi | 320.00 | zw | 0 | 999
UBEZP-PACZ | Ubezpieczenie przesyłki do 5000 zł | 9.00 | zw | 0 | 999
USL-MONTAZ | Montaż mebli u klienta | 180.00 | 8 | 0 | 999
KUBEK-1 | Kubek ceramiczny 200 ml, mały | 26.00 | 23 | 0.28 | 260
"""
BOOK, SERVICE = "książka", ("SZKOL-", "UBEZP-", "USL-")
FIRST_PRODUCT_ID = 700_200_301
LARGEST = 1_000_000


def _ean(number: int, book: bool) -> str:
    digits = f"97883000{number:04d}" if book else f"59{number:010d}"
    odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
    return f"{digits}{-(odd + 3 * even) % 10}"


def _read(table: str) -> Iterable[Item]:
    for number, row in enumerate(table.strip().splitlines()):
        sku, name, price, vat, weight, stock = (cell.strip() for cell in row.split("|"))
        code = "" if sku.startswith(SERVICE) else _ean(number + 1, BOOK in name)
        product_id = str(FIRST_PRODUCT_ID + number)
        yield Item(sku, code, name, Decimal(price), vat, Decimal(weight), int(stock), product_id)


ITEMS: tuple[Item, ...] = tuple(_read(_TABLE))
BY_SKU = {item.sku: item for item in ITEMS}


def as_dicts(items: Iterable[Item] = ITEMS) -> list[dict[str, Any]]:
    """The items as plain maps (keys as the fields of `Item`, amounts as Decimal), to seed an ERP with."""
    return [asdict(item) for item in items]


def many(n: int, seed: int = 0) -> tuple[Item, ...]:
    """A catalogue of ``n`` articles, each a numbered variant of one of `ITEMS`; the same for the same arguments.

    SKUs look like ``KUBEK-01-000123``; SKU, EAN and product id are unique, also against `ITEMS`. At most a million.
    """
    return tuple(each(n, seed))


def each(n: int, seed: int = 0) -> Iterator[Item]:
    """The articles of `many` one by one."""
    if not 0 <= n <= LARGEST:
        raise ValueError(f"A catalogue of {n} items cannot be made; ask for 0 to {LARGEST}")
    return _each(n, seed)


def _each(n: int, seed: int) -> Iterator[Item]:
    chance = random.Random(seed)
    goods = [item for item in ITEMS if item.ean]
    for number in range(n):
        model = chance.choice(goods)
        grosze = max(1, int(model.price_gross * 100) * chance.randint(60, 180) // 100)
        # Books too take the general range: the small one for books has no room for so many.
        code = _ean(10_000 + number, book=False)
        yield Item(
            f"{model.sku}-{number + 1:06d}",
            code,
            f"{model.name}, wariant {number + 1}",
            Decimal(grosze).scaleb(-2),
            model.vat,
            model.weight_kg,
            chance.randint(0, 500),
            str(FIRST_PRODUCT_ID + 10_000 + number),
        )
