"""Templates: what they may use, in the language of the visit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, lru_cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from pomost import __version__
from pomost.panel import formats
from pomost.panel.navigation import MENU, may
from pomost.panel.words import counted, grouped, text
from pomost.words import event_word, field_word, in_language, one_text

if TYPE_CHECKING:
    from pomost.panel.web import Visit


class Said:
    """``t("key", fact=...)`` in templates; ``t.n("key", count)`` for plural forms."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **facts: object) -> str:
        return text(self.language, key, **facts)

    def n(self, key: str, count: int, **facts: object) -> str:
        return counted(self.language, key, count, **facts)


def why(language: str, wait: Mapping[str, Any]) -> dict[str, str]:
    """What a case waits for: its text and advice in the language, and the code."""
    code = str(wait.get("code", ""))
    said, advice = in_language(language, code, str(wait.get("text", "")), str(wait.get("advice", "")))
    return {"text": said, "advice": advice, "code": code, "step": str(wait.get("step", ""))}


@cache
def environment() -> Environment:
    """Strict: a name that is not there is an error, and everything is escaped. What it has compiled serves every panel."""
    made = Environment(
        loader=PackageLoader("pomost.panel", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def spoken(function: Any) -> Any:
        @pass_context
        def inner(context: Context, *given: Any, **named: Any) -> Any:
            return function(context["visit"].language, *given, **named)

        return inner

    made.filters.update(
        money=spoken(formats.money),
        number=spoken(grouped),
        quantity=spoken(formats.decimal),
        when=spoken(formats.when),
        day=spoken(formats.day),
        lasting=spoken(formats.lasting),
        percent=spoken(lambda language, value: f"{formats.decimal(language, round(Decimal(value), 1))} %"),
    )
    made.globals.update(
        static=static_address, version=__version__, zip_same=lambda many: [(one, one) for one in many]
    )
    return made


def context_for(visit: Visit) -> dict[str, Any]:
    """What every template has."""
    language = visit.language
    role = visit.user.role if visit.user else ""
    menu = [
        (group, [entry for entry in entries if role and may(role, entry.role)]) for group, entries in MENU
    ]
    return {
        "visit": visit,
        "user": visit.user,
        "t": Said(language),
        "event": partial(event_word, language),
        "field_word": partial(field_word, language),
        "message": partial(one_text, language),
        "why": partial(why, language),
        "menu": [(group, entries) for group, entries in menu if entries],
        "csrf": visit.mark(),
        "here": visit.here,
        "ago": lambda moment: formats.lasting(language, visit.now() - moment) if moment else "–",
        "active": "",
        "notice": None,
        "title": "",
    }


@lru_cache(maxsize=64)
def static_address(name: str) -> str:
    """The address of a file of ours, which changes with its content: browsers may keep it for ever."""
    content = files("pomost.panel").joinpath("static", name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"
