"""What happened to a case, and how it stands: words of the history in both languages."""

from __future__ import annotations

EVENTS = {
    "seen": "zobaczone",
    "changed": "zmienione",
    "gone": "zniknęło",
    "intended": "zamierzone",
    "done": "zrobione",
    "failed": "nie udało się",
    "doubt": "wątpliwość",
    "skipped": "pominięte",
    "waiting": "czeka",
    "retrying": "ponawiane",
    "person": "człowiek",
    "stopped": "zatrzymane",
    "new": "nowe",
    "person-skipped": "człowiek: pominąć",
    "person-done": "człowiek: stało się",
    "person-failed": "człowiek: nie stało się",
    "person-another": "człowiek: kolejna przesyłka",
    "edited": "poprawione",
    "spread": "obniżyć ceny",
    "became": "dokument z bufora",
    "shipment": "przesyłka",
}
"""What a line of the history says, in Polish; in English it is the key itself."""


def event_word(language: str, what: str) -> str:
    """A word of the history; one that is not known comes back as it is."""
    return EVENTS.get(what, what) if language == "pl" else what


FIELDS = {
    "status": "status",
    "kind": "rodzaj",
    "number": "numer",
    "gross": "brutto",
    "currency": "waluta",
    "difference": "różnica",
    "vat": "VAT",
    "left": "zostaje",
    "refund": "do zwrotu",
    "fields": "pola",
    "file": "plik",
    "code": "kod",
    "text": "opis",
    "advice": "co zrobić",
    "placed": "złożone",
    "who": "kto",
    "tracking": "numer przesyłki",
    "carrier": "przewoźnik",
    "state": "stan",
    "booked": "zaksięgowano",
    "account": "konto",
    "fee": "prowizja",
}
"""What a line of the history tells besides, in Polish; in English it is the key itself."""


def field_word(language: str, name: str) -> str:
    """The name of a value in the history; one that is not known comes back as it is."""
    return FIELDS.get(name, name) if language == "pl" else name
