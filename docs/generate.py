"""Makes docs/reference/configuration.md from the model: `python docs/generate.py`."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pomost.config.model import Config

TARGET = Path(__file__).resolve().parent / "reference" / "configuration.md"
HEAD = """# Configuration

Every setting of `pomost.toml`. This page is made from `src/pomost/config/` by `docs/generate.py`; do not edit
it. `pomost init` writes a commented file to begin with, `pomost check` says what is wrong in a file, with the line.

- Text of the form `env:NAME` is replaced by the environment variable `NAME`.
- Relative SQLite files and folders are taken from the folder of the file.
- An unknown setting is an error.
"""


def text_of(config: type[BaseModel] = Config) -> str:
    """The whole page."""
    parts = [HEAD]
    _add(parts, config, "", many=False, seen=set())
    return "\n".join(parts)


def _add(parts: list[str], model: type[BaseModel], place: str, *, many: bool, seen: set[str]) -> None:
    title = f"[[{place}]]" if many else f"[{place}]" if place else "Top of the file"
    if title in seen:
        return
    seen.add(title)
    parts.append(f"## `{title}`\n" if place else f"## {title}\n")
    parts.append(f"{(model.__doc__ or '').strip()}\n")
    inner: list[tuple[type[BaseModel], str, bool]] = []
    rows = ["| setting | type | default | meaning |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        below = _model_in(field.annotation)
        if below is not None:
            inner.append((below, f"{place}.{name}" if place else name, "tuple" in str(field.annotation)))
            continue
        rows.append(f"| `{name}` | {_type(field)} | {_default(field)} | {_cell(field.description or '')} |")
    if len(rows) > 2:
        parts.append("\n".join(rows) + "\n")
    for below, name, several in inner:
        _add(parts, below, name, many=several, seen=seen)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _model_in(part)
        if found is not None:
            return found
    return None


def _type(field: FieldInfo) -> str:
    text = _type_text(field.annotation)
    limits = [
        f"{sign} {value:g}"
        for item in field.metadata
        for sign, value in (
            ("≥", getattr(item, "ge", None)),
            (">", getattr(item, "gt", None)),
            ("≤", getattr(item, "le", None)),
        )
        if value is not None
    ]
    return _cell(", ".join([text, *limits]))


def _type_text(annotation: Any) -> str:
    text = str(annotation)
    arguments: tuple[Any, ...] = getattr(annotation, "__args__", ())
    if isinstance(annotation, types.UnionType):
        return _type_text(next(one for one in arguments if one is not type(None)))
    if text.startswith("tuple[typing.Literal"):
        return f"list of {_type_text(arguments[0])}"
    if "Literal" in text and "Union" not in text:
        return " or ".join(f'`"{value}"`' for value in arguments)
    if text.startswith("dict"):
        return f"table: {_type_text(arguments[0])} → {_type_text(arguments[1])}"
    if text.startswith("tuple") or "tuple[" in text:
        return "list of texts"
    return {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}.get(
        getattr(annotation, "__name__", ""),
        {"Decimal": "number", "Path": "path"}.get(annotation.__name__, "text"),
    )


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "not given"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple | dict):
        return "empty" if not value else _cell(f"`{value}`")
    return f"`{value}`" if isinstance(value, int | float) else _cell(f'`"{value}"`')


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    TARGET.write_text(text_of(), encoding="utf-8")
