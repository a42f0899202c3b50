"""Sample persons, companies, places and sales sources that the buyers are made of."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Address:
    street: str
    city: str
    postcode: str
    country: str = "PL"
    state: str = ""


@dataclass(frozen=True)
class Company:
    name: str
    tax_number: str
    """Ten digits in Poland, elsewhere with the country's prefix; check digits are valid."""
    contact: str
    address: Address


@dataclass(frozen=True)
class Delivery:
    method_id: int
    method: str
    prices: tuple[Decimal, ...]


@dataclass(frozen=True)
class Source:
    """Where orders come from: a shop, a marketplace, or the seller's own hand."""

    code: str
    account: int
    payments: tuple[str, ...]
    courier: Delivery
    locker: Delivery | None = None
    cash: Delivery | None = None


def _prices(*texts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(text) for text in texts)


PERSONS = (
    "Anna Przykładowa",
    "Jan Testowy",
    "Piotr Próbny",
    "Ewa Wzorcowa",
    "Tomasz Wzór",
    "Maria Testowa",
    "Łucja Źródło-Przykładowa",
    "Krzysztof Niby-Kupujący",
)
LONG_PERSON = (
    "Anna Maria Magdalena Przykładowa-Wzorcowa-Testowa, do rąk własnych, klatka B, domofon 12, II piętro"
)
ADDRESSES = (
    Address("ul. Przykładowa 1/2", "Warszawa", "00-001"),
    Address("ul. Testowa 7", "Kraków", "30-001"),
    Address("Osiedle Przykładów 12 m. 3", "Poznań", "60-001"),
    Address("ul. Wzorcowa 44", "Gdańsk", "80-001"),
    Address("al. Próbna 101A", "Wrocław", "50-001"),
    Address("Wieś Testowa 8", "Wieś Testowa", "05-100"),
    Address("ul. Żółtej Łąki 3", "Łódź", "90-001"),
)
LOCKERS = (
    ("WAW00T", Address("ul. Punktowa 1", "Warszawa", "00-002")),
    ("KRA00T", Address("ul. Punktowa 9", "Kraków", "30-002")),
    ("GDA00T", Address("ul. Punktowa 5", "Gdańsk", "80-002")),
)
COMPANIES = (
    Company("Przykładowa Firma Sp. z o.o.", "1234563218", "Jan Testowy", ADDRESSES[0]),
    Company("Testowe Wnętrza S.A.", "1111111111", "Ewa Wzorcowa", ADDRESSES[3]),
    Company("Jan Próbny Usługi Wzorcowe", "2222222222", "Jan Próbny", ADDRESSES[4]),
    Company('Kawiarnia "Pod Wzorem" & Wspólnicy s.c.', "7777777777", "Maria Testowa", ADDRESSES[6]),
)
LONG_COMPANY = (
    "Przykładowe Przedsiębiorstwo Produkcyjno-Handlowo-Usługowe Artykułów Wyposażenia Kuchni i Warsztatu"
    " Spółka z ograniczoną odpowiedzialnością Spółka komandytowa w restrukturyzacji"
)
COMPANIES_ABROAD = (
    Company("Ukázková s.r.o.", "CZ00000019", "Petr Ukázkový", Address("Vzorová 100", "Brno", "602 00", "CZ")),
    Company(
        "Muster GmbH", "DE111111125", "Max Beispiel", Address("Musterstraße 12", "Berlin", "10115", "DE")
    ),
    Company("Beispiel KG", "ATU11111116", "Eva Muster", Address("Mustergasse 3", "Wien", "1010", "AT")),
    Company(
        "Esempio S.r.l.", "IT00000010017", "Mario Esempio", Address("Via Esempio 5", "Milano", "20121", "IT")
    ),
)
CONSUMERS_ABROAD = {
    "DE": ("Max Beispiel", Address("Musterstraße 12", "Berlin", "10115", "DE", "Berlin")),
    "AT": ("Eva Muster", Address("Mustergasse 3", "Wien", "1010", "AT")),
    "FR": ("Jean Exemple", Address("1 rue de l'Exemple", "Paris", "75001", "FR")),
    "CZ": ("Petr Ukázkový", Address("Vzorová 100", "Brno", "602 00", "CZ")),
}
EU = frozenset(
    {
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    }
)
COUNTRY_NAMES = {
    "PL": "Polska",
    "DE": "Niemcy",
    "CZ": "Czechy",
    "SK": "Słowacja",
    "FR": "Francja",
    "IT": "Włochy",
    "ES": "Hiszpania",
    "AT": "Austria",
    "NL": "Holandia",
    "BE": "Belgia",
    "PT": "Portugalia",
    "IE": "Irlandia",
    "LT": "Litwa",
    "NO": "Norwegia",
    "CH": "Szwajcaria",
    "JP": "Japonia",
    "AU": "Australia",
    "GB": "Wielka Brytania",
}
COURIER = Delivery(1203, "Kurier standard", _prices("15.99", "18.50"))
COURIER_CASH = Delivery(1207, "Kurier pobranie", _prices("22.50"))
COURIER_ABROAD = Delivery(1215, "Kurier międzynarodowy", _prices("9.90", "12.90"))
SOURCES = {
    "allegro": Source(
        "allegro",
        51877,
        ("Przelewy24", "PayU"),
        Delivery(904411, "Allegro Kurier DPD", _prices("14.99")),
        Delivery(904402, "Allegro Paczkomaty InPost", _prices("9.99", "12.49")),
        Delivery(904415, "Allegro Kurier DPD pobranie", _prices("19.99")),
    ),
    "erli": Source(
        "erli",
        3301,
        ("Przelew", "BLIK"),
        COURIER,
        Delivery(3305, "Paczkomat Erli", _prices("10.90")),
        COURIER_CASH,
    ),
    "shop": Source(
        "shop",
        8235,
        ("BLIK", "Karta płatnicza", "Przelew"),
        COURIER,
        Delivery(1204, "Paczkomat InPost", _prices("12.99")),
        COURIER_CASH,
    ),
    "personal": Source("personal", 1621, ("Przelew 14 dni", "Gotówka"), COURIER, None, COURIER_CASH),
    "amazon": Source("amazon", 7245, ("Amazon",), Delivery(0, "Std DE Dom", _prices("4.99", "7.49"))),
}
MARKETPLACES = ("allegro", "erli")
