"""The messages as data: one TOML file per area, for each code the English templates with their Polish ones.

A template has ``{name}`` for each value, and doubled braces for braces. Names join the two languages and say which
phrases (phrases.toml) a value may be; that the source calls the value otherwise does no harm.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

ANY = "*"
"""In the place of a code: a text that goes with several codes, or with none."""
PART = re.compile(r"\{\{|\}\}|\{([a-z_][a-z_0-9]*)\}")


@dataclass(frozen=True)
class Template:
    """One English text with its Polish one."""

    code: str
    english: str
    polish: str

    @cached_property
    def weight(self) -> int:
        """Letters that have to be there: of two templates that match, the one with more is meant."""
        return len(PART.sub("", self.english))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What a text of this template looks like; made when it is first asked for."""
        made, end = "", 0
        for found in PART.finditer(self.english):
            made += re.escape(self.english[end : found.start()])
            made += f"(?P<{found.group(1)}>.*?)" if found.group(1) else re.escape(found.group(0)[0])
            end = found.end()
        return re.compile(made + re.escape(self.english[end:]), re.DOTALL)

    @cached_property
    def begin(self) -> str:
        """The words before the first value."""
        return PART.split(self.english, maxsplit=1)[0]

    def values(self, text: str) -> Mapping[str, str] | None:
        """What stands in the places of ``text``; None when it is another text."""
        if not text.startswith(self.begin):
            return None
        found = self.pattern.fullmatch(text)
        return found.groupdict() if found else None


def names(template: str) -> list[str]:
    """The names of the values of a template, in its order."""
    return [found.group(1) for found in PART.finditer(template) if found.group(1)]


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with its values in their places; braces in the values are left alone. KeyError without one."""

    def one(part: re.Match[str]) -> str:
        return values[part.group(1)] if part.group(1) else part.group(0)[0]

    return PART.sub(one, template)


def checked(code: str, english: str, polish: str) -> Template:
    """A template of the catalogue. ValueError when a value has no place in one of the languages."""
    if sorted(names(english)) != sorted(names(polish)) or len(set(names(english))) != len(names(english)):
        raise ValueError(f"{code}: the values of {english!r} and {polish!r} differ")
    return Template(code, english, polish)


@cache
def messages() -> Mapping[str, tuple[Template, ...]]:
    """All messages by code, those with the most words first; read once."""
    found: dict[str, list[Template]] = {}
    for file in sorted((files("pomost.words") / "messages").iterdir(), key=lambda one: one.name):
        for code, texts in tomllib.loads(file.read_text(encoding="utf-8")).items():
            found.setdefault(code, []).extend(checked(code, *pair) for pair in texts.items())
    return {code: _weighed(own) for code, own in found.items()}


@cache
def phrases() -> Mapping[str, tuple[Template, ...]]:
    """What a value of a certain name may say, by that name."""
    text = (files("pomost.words") / "phrases.toml").read_text(encoding="utf-8")
    return {
        name: _weighed([checked(name, *pair) for pair in own.items()])
        for name, own in tomllib.loads(text).items()
    }


@cache
def everywhere() -> tuple[Template, ...]:
    """All messages whatever their code, each once: for a text that was kept without its code."""
    once = {one.english: one for code, own in messages().items() if code != ANY for one in own}
    return _weighed([one for one in once.values() if one.weight >= 8])


def _weighed(templates: list[Template]) -> tuple[Template, ...]:
    return tuple(sorted(templates, key=lambda one: -one.weight))
