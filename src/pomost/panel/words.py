"""Texts of the panel in Polish and English: one file for each area, one entry for each text, with its plural forms."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from babel import Locale

LANGUAGES = ("pl", "en")
_FORMS = {"pl": ("one", "few", "many"), "en": ("one", "other")}
"""Plural forms in the order in which a text lists them (CLDR)."""
Text = str | list[str]


@lru_cache(maxsize=1)
def texts() -> Mapping[str, Mapping[str, Text]]:
    """Every text by its key ``area.group.name``, with its languages."""
    found: dict[str, Mapping[str, Text]] = {}
    for file in sorted(files("pomost.panel").joinpath("words").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            _gather(found, file.name.removesuffix(".toml"), tomllib.loads(file.read_text("utf-8")))
    return found


def _gather(found: dict[str, Mapping[str, Text]], prefix: str, tree: Mapping[str, Any]) -> None:
    for key, value in tree.items():
        if set(value) == set(LANGUAGES):
            found[f"{prefix}.{key}"] = value
        else:
            _gather(found, f"{prefix}.{key}", value)


def text(language: str, key: str, **facts: object) -> str:
    """A text with its values filled in. Raises KeyError for a key that is not there: a slip of the programmer."""
    said = texts()[key][language]
    if isinstance(said, list):
        raise KeyError(f"{key} has plural forms: say how many")
    return said.format(**facts) if facts else said


def counted(language: str, key: str, n: int, **facts: object) -> str:
    """A text in the plural form that goes with ``n``; ``{n}`` in it is the number, grouped as usual."""
    said = texts()[key][language]
    if isinstance(said, str):
        raise KeyError(f"{key} has no plural forms")
    form = Locale.parse(language).plural_form(n)
    forms = _FORMS[language]
    chosen = said[forms.index(form) if form in forms else len(said) - 1]
    return chosen.format(n=grouped(language, n), **facts)


def grouped(language: str, n: int) -> str:
    """A whole number with its thousands parted."""
    return f"{n:,}" if language == "en" else f"{n:,}".replace(",", "\N{NO-BREAK SPACE}")
