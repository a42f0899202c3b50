"""How the price of a product comes about, in words of a language."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pomost.catalogue.pricing import PriceMaker
from pomost.engine.catalogue import CatalogueWatcher, Line
from pomost.showing.looking import Explained
from pomost.store.products import ProductLine

TEXTS = {
    "pl": {
        "level": "poziom {level}: {base} brutto w walucie grupy",
        "promotion": "promocja {promotion}", "percent": "{number} %", "addition": "dodatek {number}",
        "ending": "końcówka {number}",
        "no-level": "kartoteka nie ma ceny na poziomie {level}",
        "no-rate": "brak kursu między walutą poziomu {level} a {currency}; gdy bank go poda, cena zostanie wysłana; walutę poziomu inną niż PLN i niż waluta grupy wpisz w level_currencies",
        "not-positive": "wychodzi zero albo mniej",
        "below-floor": "wychodzi {offered}, mniej niż dolna granica {floor}",
        "no-vat": "kartoteka nie ma stawki VAT, a cena na poziomie {level} jest netto",
        "no-floor": "na poziomie dolnej granicy {level} nie ma ceny",
        "too-large": "kwota jest za duża",
        "erp": "w ERP: {price} {currency} {basis}",
        "gross": "brutto", "net": "netto",
        "rate": "kurs {rate} z dnia {day}",
        "none": "bez ceny, nic nie jest wysyłane",
    },
    "en": {
        "level": "level {level}: {base} gross in the group's currency",
        "promotion": "promotion {promotion}", "percent": "{number} %", "addition": "addition {number}",
        "ending": "ending {number}",
        "no-level": "the card has no price at the level {level}",
        "no-rate": "there is no rate between the currency of the level {level} and {currency}; once the bank has it the price is sent; a currency of the level other than PLN and that of the group is named in level_currencies",
        "not-positive": "it comes to zero or less",
        "below-floor": "it comes to {offered}, less than the floor {floor}",
        "no-vat": "the card has no VAT rate and the price at the level {level} is net",
        "no-floor": "there is no price at the floor level {level}",
        "too-large": "the amount is too large",
        "erp": "in the ERP: {price} {currency} {basis}",
        "gross": "gross", "net": "net",
        "rate": "rate {rate} of {day}",
        "none": "no price, nothing is sent",
    },
}  # fmt: skip


def reason_of_price(language: str, problem: str) -> str:
    """A problem of a price as kept in the store, in words: our own reason, or what the channel said."""
    if not problem.startswith("{"):
        return problem
    try:
        facts = json.loads(problem)
        return TEXTS[language][facts["why"]].format_map({"floor": "", "offered": "", **facts})
    except (ValueError, KeyError, TypeError):
        return problem


def explain_price(
    language: str, watcher: CatalogueWatcher, line: Line, product: ProductLine
) -> Sequence[Explained]:
    """For each price group: the price, and how it is made of level, rate, promotion, rule, ending and floor."""
    texts = TEXTS[language]
    maker, offer = line.maker, watcher.prepared().offer
    assert isinstance(maker, PriceMaker)
    found = []
    for place, one in maker.price([product.item]).get(product.item, {}).items():
        rule = offer.prices[place]
        level = rule.floor_level if one.why == "no-floor" else one.level
        facts = {"level": level, "floor": one.floor, "currency": rule.currency, "offered": one.offered}
        why = []
        if one.given is not None:
            given = one.given
            why.append(
                texts["erp"].format(price=given.price, currency=given.currency, basis=texts[given.basis])
            )
        if one.base:
            why.append(texts["level"].format(level=one.level, base=one.base))
        if one.exchange != 1:
            why.append(texts["rate"].format(rate=f"{one.exchange:.6f}", day=maker.rate_day()))
        if one.promotion:
            why.append(texts["promotion"].format(promotion=one.promotion))
        if rule.percent:
            why.append(texts["percent"].format(number=f"{rule.percent:+f}"))
        if rule.addition:
            why.append(texts["addition"].format(number=f"{rule.addition:+f}"))
        if rule.ending is not None:
            why.append(texts["ending"].format(number=rule.ending.last))
        if one.why is not None:
            why.append(texts[one.why].format(**facts))
        shown = f"{one.figure} {rule.currency}" if one.figure is not None else texts["none"]
        found.append(Explained(place, shown, tuple(why)))
    return found
