"""Forms made from the model of the configuration: what may stand in a table, of what kind it is, and what it means."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from pomost.config.editing import SECRETS, Place
from pomost.config.model import Config
from pomost.config.parts import Part

Kind = Literal["text", "number", "choice", "flag", "lines", "pairs", "secret", "table", "tables", "other"]
SIMPLE: frozenset[Kind] = frozenset({"text", "number", "choice", "flag", "lines", "pairs", "secret"})


@dataclass(frozen=True, slots=True)
class Field:
    """One setting. ``default`` is what holds while nothing is written; ``choices`` of a choice; ``model`` of a table."""

    name: str
    kind: Kind
    description: str
    required: bool
    default: str
    choices: tuple[str, ...] = ()
    model: type[Part] | None = None


def model_at(place: Place) -> type[Part]:
    """The model of the table at a place. Raises KeyError where there is no table."""
    model: type[Part] = Config
    for part in place:
        if isinstance(part, int):
            continue
        field = next((one for one in fields_of(model) if one.name == part), None)
        if field is None or field.model is None:
            raise KeyError(place)
        model = field.model
    return model


def fields_of(model: type[Part]) -> list[Field]:
    """Every setting of a table, in the order of the model."""
    return [_field(name, info) for name, info in model.model_fields.items()]


def _field(name: str, info: FieldInfo) -> Field:
    kind, choices, model = _kind(info.annotation)
    if name in SECRETS and kind == "text":
        kind = "secret"
    required = info.is_required()
    default = (
        "" if required or kind in ("table", "tables") else _said(info.get_default(call_default_factory=True))
    )
    said = info.description or ((model.__doc__ or "").strip() if model is not None else "")
    return Field(name, kind, said, required, default, choices, model)


def _kind(annotation: Any) -> tuple[Kind, tuple[str, ...], type[Part] | None]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kind(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        inner = [one for one in get_args(annotation) if one is not type(None)]
        return _kind(inner[0]) if len(inner) == 1 else ("other", (), None)
    if origin is Literal:
        return "choice", tuple(str(one) for one in get_args(annotation)), None
    if origin is tuple:
        kind, _, model = _kind(get_args(annotation)[0])
        if model is not None:
            return "tables", (), model
        return ("lines" if kind in ("text", "choice") else "other"), (), None
    if origin is dict:
        key, value = get_args(annotation)
        simple = _kind(key)[0] == "text" and _kind(value)[0] in ("text", "number")
        return ("pairs" if simple else "other"), (), None
    if isinstance(annotation, type):
        if issubclass(annotation, Part):
            return "table", (), annotation
        if issubclass(annotation, bool):
            return "flag", (), None
        if issubclass(annotation, (int, float, Decimal)):
            return "number", (), None
        if issubclass(annotation, (str, Path)):
            return "text", (), None
    return "other", (), None


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "\n".join(str(one) for one in value)
    if isinstance(value, Mapping):
        return "\n".join(f"{key} = {one}" for key, one in value.items())
    return "" if value is None else str(value)


def shown(field: Field, value: Any) -> str:
    """A value of the file as text of its field; of a secret only the name of its variable."""
    if value is None:
        return ""
    if field.kind == "secret":
        return str(value) if str(value).startswith("env:") else ""
    return _said(tuple(value) if isinstance(value, list) else value)


class Unreadable(ValueError):
    """A text of a form that can't stand in the file; the name of its field is the message."""


def read(field: Field, text: str, before: Any) -> Any:
    """A text of a form as value for the file: None takes the setting out, so that its default holds.

    An empty secret keeps what is there. What is not of the right kind is left as text: the check of the file says what is
    wrong with it.
    """
    said = text.replace("\r\n", "\n").strip()
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in said) or len(said) > 20_000:
        raise Unreadable(field.name)
    if field.kind == "secret":
        return said or before
    if field.kind == "lines":
        return [line.strip() for line in said.split("\n") if line.strip()] or None
    if field.kind == "pairs":
        return _pairs(field, said)
    if not said:
        return None
    if field.kind == "flag":
        return said == "true"
    if field.kind == "number":
        return _number(said, before)
    return said


def _number(said: str, before: Any) -> Any:
    if isinstance(before, str):
        return said
    try:
        return int(said)
    except ValueError:
        pass
    try:
        return float(said.replace(",", "."))
    except ValueError:
        return said


def _pairs(field: Field, said: str) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for line in said.split("\n"):
        if not line.strip():
            continue
        key, equals, value = line.partition("=")
        if not equals or not key.strip():
            raise Unreadable(field.name)
        found[key.strip()] = value.strip()
    return found or None
