"""Forms made from the model of the configuration: what may stand in a table, of what kind it is, and what it means."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from pomost.config.editing import Place
from pomost.config.masking import HIDDEN, secret_names, with_password_of, without_password
from pomost.config.model import Config
from pomost.config.parts import Part

Kind = Literal[
    "text", "area", "number", "day", "choice", "flag", "lines", "pairs", "secret", "table", "tables", "other"
]
"""``area``: a text that may have several lines, as conditions do."""
SIMPLE: frozenset[Kind] = frozenset(
    {"text", "area", "number", "day", "choice", "flag", "lines", "pairs", "secret"}
)
CONDITIONS = frozenset({"when", "only_if", "take", "cancelled", "sold", "lines"})


@dataclass(frozen=True, slots=True)
class Field:
    """One setting. ``default`` is what holds while nothing is written; ``choices`` of a choice; ``model`` of a table;
    ``of_numbers``: the values of pairs, or of lines, are numbers."""

    name: str
    kind: Kind
    description: str
    required: bool
    default: str
    choices: tuple[str, ...] = ()
    model: type[Part] | None = None
    of_numbers: bool = False


def model_at(place: Place) -> type[Part]:
    """The model of the table at a place. Raises KeyError where there is no table."""
    model: type[Part] = Config
    many = False
    for part in place:
        if isinstance(part, int):
            if not many:
                raise KeyError(place)
            many = False
            continue
        field = next((one for one in fields_of(model) if one.name == part), None)
        if many or field is None or field.model is None:
            raise KeyError(place)
        model, many = field.model, field.kind == "tables"
    return model


def fields_of(model: type[Part]) -> list[Field]:
    """Every setting of a table, in the order of the model."""
    return [_field(name, info) for name, info in model.model_fields.items()]


def _field(name: str, info: FieldInfo) -> Field:
    kind, choices, model = _kind(info.annotation)
    if name in secret_names() and kind == "text":
        kind = "secret"
    elif name in CONDITIONS and kind == "text":
        kind = "area"
    required = info.is_required()
    default = (
        "" if required or kind in ("table", "tables") else _said(info.get_default(call_default_factory=True))
    )
    said = info.description or ((model.__doc__ or "").strip() if model is not None else "")
    return Field(name, kind, said, required, default, choices, model, _numbers(kind, info.annotation))


def _numbers(kind: Kind, annotation: Any) -> bool:
    """Whether pairs or lines hold numbers."""
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(one for one in get_args(annotation) if one is not type(None))
    inner = get_args(annotation)
    if kind == "pairs":
        return len(inner) == 2 and _kind(inner[1])[0] == "number"
    return kind == "lines" and _kind(inner[0])[0] == "number"


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
        return ("lines" if kind in ("text", "choice", "number") else "other"), (), None
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
        if issubclass(annotation, date):
            return "day", (), None
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
    if field.kind == "lines" and isinstance(value, list):
        return "\n".join(_quoted(str(one)) for one in value)
    return without_password(_said(tuple(value) if isinstance(value, list) else value))


def shown_pairs(value: Any) -> list[tuple[str, str]]:
    """Names with their values, of a field of pairs."""
    return [(str(name), str(one)) for name, one in value.items()] if isinstance(value, Mapping) else []


class Unreadable(ValueError):
    """A text of a form that can't stand in the file; the name of its field is the message."""


def read(field: Field, text: str, before: Any) -> Any:
    """A text of a form as value for the file: None takes the setting out, so that its default holds.

    What nobody touched stays letter by letter, although a form may show it a little differently; so does the password of
    an address, which is not shown. An empty secret keeps what is there. What is not of the right kind is left as text: the
    check of the file says what is wrong with it.
    """
    said = text.replace("\r\n", "\n")
    if field.kind == "secret":
        return said.strip() or before
    if before is not None and said.strip() == shown(field, before).strip():
        return before
    said = said.strip()
    if field.kind == "lines":
        typed = [_unquoted(line.strip()) for line in said.split("\n") if line.strip()]
        return [_number(one, None) for one in typed] if field.of_numbers and typed else typed or None
    if not said:
        return None
    if field.kind == "flag":
        return said == "true"
    if field.kind == "number":
        return _number(said, before)
    if field.kind == "day":
        return _day(said)
    said = with_password_of(said, before) if isinstance(before, str) else said
    if HIDDEN in said and without_password(said) == said:
        # the dots that stand for a password are none
        raise Unreadable(field.name)
    return said


def read_pairs(field: Field, given: Sequence[tuple[str, str]], before: Any) -> dict[str, Any] | None:
    """Names and values of a form; pairs without a name are left out, None: there are none. Raises Unreadable for a value
    without a name and for a name that stands twice. What nobody touched stays letter by letter."""
    old = (
        {_one_line(name): (name, value) for name, value in before.items()}
        if isinstance(before, Mapping)
        else {}
    )
    found: dict[str, Any] = {}
    for name, value in given:
        known = old.get(_one_line(name))
        if not name.strip():
            if value.strip():
                raise Unreadable(field.name)
            continue
        key = known[0] if known else name.strip()
        if key in found:
            raise Unreadable(field.name)
        if known and _one_line(str(known[1])) == _one_line(value):
            found[key] = known[1]
        else:
            found[key] = _number(value.strip(), None) if field.of_numbers else value.strip()
    return found or None


def _one_line(text: str) -> str:
    """As a browser sends a field of one line back."""
    return text.replace("\r", "").replace("\n", "").strip()


def _quoted(text: str) -> str:
    """An entry of a list as its line: in quotes where a plain line would lose something of it."""
    plain = text == text.strip() and text and "\n" not in text and not text.startswith('"')
    return text if plain else json.dumps(text, ensure_ascii=False)


def _unquoted(line: str) -> str:
    if len(line) > 1 and line.startswith('"') and line.endswith('"'):
        try:
            return str(json.loads(line))
        except ValueError:
            return line
    return line


def _number(said: str, before: Any) -> Any:
    """A number as it was typed, its decimal comma too; what is none stays text."""
    if isinstance(before, str):
        return said
    bare = said.replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace(",", ".")
    try:
        number = Decimal(bare)
    except InvalidOperation:
        return said
    if not number.is_finite() or len(bare) > 40 or abs(number) >= 10**18:
        return said
    return number if "." in f"{number:f}" else int(number)


def _day(said: str) -> Any:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return said
