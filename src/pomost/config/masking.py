"""The file with its secrets taken out, for showing. Where one can't be sure to find them all, nothing is shown."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import tomlkit
from pydantic import BaseModel
from tomlkit.exceptions import TOMLKitError

from pomost.config.model import Config

HIDDEN = "●●●"
_PASSWORD = re.compile(r"(//[^/@\s:]*:)([^@\s]+)(@)")
"""The password of an address as postgresql://USER:PASSWORD@HOST."""
_SHORTEST = 4
"""A secret that is shorter is not looked for elsewhere: it would be found in every word."""


@lru_cache(maxsize=1)
def secret_names() -> frozenset[str]:
    """Settings that hold secrets, by their name, wherever they stand."""
    return frozenset(_secrets_of(Config, set()))


def _secrets_of(model: type[BaseModel], seen: set[type]) -> Iterator[str]:
    if model in seen:
        return
    seen.add(model)
    for name, field in model.model_fields.items():
        if not field.repr:
            yield name
        for inner in _models_in(field.annotation):
            yield from _secrets_of(inner, seen)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models_in(part)


def without_password(text: str, label: str = HIDDEN) -> str:
    """An address whose password is not shown."""
    return _PASSWORD.sub(lambda found: f"{found[1]}{label}{found[3]}", text)


def with_password_of(text: str, known: str) -> str:
    """An address as a person sent it back: where its password is still hidden, that of ``known`` is put in."""
    old = _PASSWORD.search(known)
    if old is None:
        return text
    return _PASSWORD.sub(
        lambda found: f"{found[1]}{old[2] if found[2] == HIDDEN else found[2]}{found[3]}", text
    )


class Mask:
    """Hides secrets, each behind a label of its own: in two texts the same label is the same secret."""

    def __init__(self) -> None:
        self._labels: dict[str, str] = {}

    def _label(self, secret: str) -> str:
        return self._labels.setdefault(secret, f"{HIDDEN} {len(self._labels) + 1}")

    def text(self, text: str) -> str | None:
        """The text without its secrets; None where it is no TOML, so that they can't be told from the rest."""
        try:
            tomllib.loads(text)
            document = tomlkit.parse(text)
        except (ValueError, TOMLKitError, RecursionError):
            return None
        self._hide(document)
        shown = self._in_comments(tomlkit.dumps(document))
        return self.anywhere(shown)

    def anywhere(self, text: str) -> str:
        """Hides secrets that are known by now wherever they stand, as in a message."""
        for secret, label in sorted(self._labels.items(), key=lambda one: -len(one[0])):
            if len(secret) >= _SHORTEST:
                text = text.replace(secret, label)
        return without_password(text)

    def difference(self, old: str, new: str) -> list[str] | None:
        """What changes between two texts, without secrets; None where one of them can't be read."""
        shown = self.text(old), self.text(new)
        if shown[0] is None or shown[1] is None:
            return None
        return list(difflib.unified_diff(shown[0].splitlines(), shown[1].splitlines(), n=2, lineterm=""))[2:]

    def _hide(self, node: Any) -> None:
        pairs = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in list(pairs):
            if isinstance(value, (dict, list)):
                if isinstance(key, str) and key in secret_names():
                    node[key] = self._label(str(value))
                else:
                    self._hide(value)
            elif isinstance(value, str):
                shown = self._shown(key, str(value))
                if shown != value:
                    node[key] = shown
            elif isinstance(key, str) and key in secret_names():
                node[key] = self._label(str(value))

    def _shown(self, key: Any, value: str) -> str:
        if value.startswith("env:"):
            return value
        if isinstance(key, str) and key in secret_names() and value:
            return self._label(value)
        found = _PASSWORD.search(value)
        if found:
            return without_password(value, self._label(found[2]))
        return value

    def _in_comments(self, text: str) -> str:
        """Settings that were commented out may hold secrets too."""
        names = "|".join(map(re.escape, sorted(secret_names())))
        pattern = re.compile(
            rf"""(#[^\n]*?["']?\b(?:{names})["']?\s*=\s*)(?!["']?env:)("[^"\n]*"|'[^'\n]*'|[^\n]*)"""
        )
        return pattern.sub(lambda found: f'{found[1]}"{self._label(found[2])}"', text)


def differences(before: str, after: str) -> list[str] | None:
    """Lines of a unified diff, without its two heads, all secrets hidden; that one changed is still seen. None where a
    text is no TOML: then secrets can't be told from the rest."""
    return Mask().difference(before, after)


def hidden(text: str) -> str:
    """A text of the file whose secrets are not shown; names of variables (env:NAME) are none."""
    return Mask().text(text) or HIDDEN
