"""The words by which people look for an order: its number, the buyer's names, e-mail, phone and tax number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from pomost.trade.order import Order, Party

LONGEST = 60
MOST = 32
"""Words kept of one order; a hostile one may have thousands."""
_APART = re.compile(r"[^\w@.+-]+")
_INNER = re.compile(r"[@.+_-]+")
_PLAIN = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe"})


def plain(text: str) -> str:
    """Small letters without accents: who writes "Lodz" finds "Łódź"."""
    small = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    return "".join(letter for letter in small if not unicodedata.combining(letter))


def words_in(text: str) -> Iterator[str]:
    """The words of a text, and the parts of those that are made of parts (an e-mail, a number with slashes)."""
    for word in _APART.split(plain(text)):
        whole = word.strip("@.+-_")
        if len(whole) > 1:
            yield whole[:LONGEST]
        parts = [part for part in _INNER.split(whole) if len(part) > 1]
        if len(parts) > 1:
            yield from (part[:LONGEST] for part in parts)


def words_of(order: Order | None, *more: str) -> tuple[str, ...]:
    """What an order is found by, each word once, at most ``MOST``; ``more`` are its id and number."""
    texts: Iterable[str] = more
    if order is not None:
        texts = (*more, *_of_party(order.buyer), *_of_party(order.delivery.to), order.external_id)
    found = dict.fromkeys(word for text in texts if text for word in words_in(text))
    return tuple(found)[:MOST]


def _of_party(party: Party) -> tuple[str, ...]:
    digits = "".join(letter for letter in party.phone if letter.isdigit())
    return (party.name, party.company, party.email, party.tax_id, digits[-9:])
