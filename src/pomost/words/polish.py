"""A message that was raised in English, in the language of the person who reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pomost.words.catalogue import ANY, Template, everywhere, filled, messages, phrases

DEPTH = 3
"""Messages within messages: a doubt holds the failure that led to it."""
SENTENCE = re.compile(r"(?<=[.:);!?]) +")
INSIDE = re.compile(r"[.:);!?] +[A-Z]")
MAX_SENTENCES = 12


def in_language(language: str, code: str, text: str, advice: str = "") -> tuple[str, str]:
    """Text and advice of a message in ``language`` ("pl"; any other: as they are).

    A text without a translation comes back as it is: never an error, never lost. Values (numbers of documents, SKUs,
    answers of others) are passed through unchanged.
    """
    return one_text(language, text, code), one_text(language, advice, code)


def one_text(language: str, text: str, code: str = "") -> str:
    """One text in ``language``, also several messages in a row; without its code it is looked for among all."""
    if language != "pl" or not text:
        return text
    return _polish(code, text, DEPTH).text or text


@dataclass(frozen=True)
class _Said:
    """A Polish text, how many English letters it accounts for, and whether a value may hold another message."""

    text: str = ""
    weight: int = 0
    crowded: bool = False


NOTHING = _Said()


@lru_cache(maxsize=4096)
def _polish(code: str, text: str, depth: int) -> _Said:
    """The Polish text; NOTHING when there is none."""
    bare = text.strip()
    if not bare or depth == 0:
        return NOTHING
    whole = _whole(code, bare, depth)
    if whole.weight and not whole.crowded:
        return whole
    return max(whole, _in_parts(code, bare, depth), key=lambda one: one.weight)


def _whole(code: str, text: str, depth: int) -> _Said:
    """The text as one message: of its code first, then of those that go with any, then of all."""
    known = messages()
    for templates in (known.get(code, ()), known.get(ANY, ()), everywhere()):
        found = _first(templates, text, depth, code)
        if found.weight:
            return found
    return NOTHING


def _in_parts(code: str, text: str, depth: int) -> _Said:
    """Several messages in a row, as text and advice kept in one, parted so that the most words are known. What is
    unknown among them stays as it is: so does the name of a connection, which is put before the text."""
    starts = [0, *(found.end() for found in SENTENCE.finditer(text)), len(text)]
    if len(starts) < 3 or len(starts) > MAX_SENTENCES:
        return NOTHING
    best = [NOTHING] * len(starts)
    for place in range(len(starts) - 2, -1, -1):
        for end in range(place + 1, len(starts)):
            part = text[starts[place] : starts[end]].strip()
            found = _whole(code, part, depth)
            if not found.weight and end > place + 1:
                continue
            after = best[end]
            said = _Said(f"{found.text or part} {after.text}".strip(), found.weight + after.weight)
            if said.weight > best[place].weight or not best[place].text:
                best[place] = said
    return best[0] if best[0].weight else NOTHING


def _first(templates: Iterable[Template], text: str, depth: int, code: str) -> _Said:
    for template in templates:
        values = template.values(text)
        if values is not None:
            said = {name: _value(name, value, depth, code) for name, value in values.items()}
            return _Said(
                filled(template.polish, {name: one.text for name, one in said.items()}),
                max(template.weight, 1) + sum(one.weight for one in said.values()),
                any(INSIDE.search(value) for value in values.values()),
            )
    return NOTHING


def _value(name: str, value: str, depth: int, code: str) -> _Said:
    """A value: a phrase that its place knows, a message of its own, or what it is."""
    stem = name.rstrip("0123456789")
    said = phrase("pl", stem, value)
    if said == value and stem in INNER:
        found = _polish(code, value, depth - 1)
        return found if found.weight else _Said(value)
    return _Said(said)


def phrase(language: str, group: str, text: str) -> str:
    """A value that is one of the phrases of a group, or a list of them; any other comes back as it is."""
    own = phrases().get(group.rstrip("0123456789"), ()) if language == "pl" else ()
    if not own:
        return text
    between = ", " if group in COMMAS else "; "
    # what stands in brackets belongs to its phrase
    parts = re.split(rf"{between}(?![^()]*\))", text)
    return between.join(_phrase(own, part) for part in parts)


def _phrase(own: Iterable[Template], text: str) -> str:
    for template in own:
        values = template.values(text)
        if values is not None:
            return filled(
                template.polish, {name: phrase("pl", name, value) for name, value in values.items()}
            )
    return text


COMMAS = frozenset({"made", "effects", "shortage"})
"""Groups of phrases that are listed with commas; the others are with semicolons."""
INNER = frozenset({"message", "error", "refused", "refusal", "failure", "advice", "reason"})
"""Names of values that are messages of their own."""
