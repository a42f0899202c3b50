"""The form of one table of the settings: what it shows, and what was typed into it as values for the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from pomost.config.editing import Draft, Place
from pomost.config.forms import SIMPLE, Field, fields_of, model_at, read, read_pairs, shown, shown_pairs
from pomost.config.masking import without_password

NEW = "new"
_BLANK = 3
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Row:
    """One field of a form. ``written``: it stands in the file. ``offered``: what it may be, as far as that is known; of pairs
    ``names`` what their names may be, and ``ours`` what holds for a name that has no value here."""

    field: Field
    text: str
    written: bool
    offered: Sequence[str] = ()
    pairs: Sequence[tuple[str, str]] = ()
    names: Sequence[str] = ()
    ours: Mapping[str, str] | None = None


def rows_of(
    draft: Draft,
    place: Place,
    offered: Mapping[str, Sequence[str]],
    words: Mapping[str, str],
    form: FormData | None = None,
) -> list[Row]:
    """The fields of a table. ``form``: what was sent and refused, shown again. ``words``: those of the flow's preset, each
    of which gets a line of its own."""
    found = []
    for field in fields_of(model_at(of_model(place))):
        if field.kind not in SIMPLE:
            continue
        value = value_at(draft, place, field.name)
        text, pairs = shown(field, value), shown_pairs(value)
        if form is not None and field.kind == "secret":
            text = ""
        elif form is not None:
            text = without_password(str(form.get(f"v.{field.name}", text)))
            pairs = given_pairs(form, field.name) or pairs
        ours = words if field.name == "words" else None
        if field.kind == "pairs":
            known = {name for name, _ in pairs}
            pairs = [pair for pair in pairs if any(pair)]
            pairs += [(word, "") for word in ours or () if word not in known]
            pairs += [("", "")] * _BLANK
        names = offered.get(f"{field.name}.names", ())
        found.append(Row(field, text, value is not None, offered.get(field.name, ()), pairs, names, ours))
    return found


def values_of(draft: Draft, place: Place, form: FormData) -> dict[str, Any]:
    """What was sent, as values of the table; fields that were not sent are left out. Raises Unreadable, and KeyError where
    there is no such table."""
    found: dict[str, Any] = {}
    for field in fields_of(model_at(of_model(place))):
        before = value_at(draft, place, field.name)
        if field.kind == "pairs":
            pairs = given_pairs(form, field.name)
            if pairs:
                # a word of the preset without a value keeps what the preset says
                given = [pair for pair in pairs if field.name != "words" or pair[1].strip()]
                found[field.name] = read_pairs(field, given, before)
        elif field.kind == "secret" and form.get(f"clear.{field.name}"):
            found[field.name] = None
        elif field.kind in SIMPLE and isinstance(text := form.get(f"v.{field.name}"), str):
            found[field.name] = read(field, text, before)
    return found


def given_pairs(form: FormData, name: str) -> list[tuple[str, str]]:
    """Names and values that were sent for a field of pairs, those without either among them."""
    found = []
    for number in range(_MOST):
        key, value = form.get(f"k.{name}.{number}"), form.get(f"p.{name}.{number}")
        if not isinstance(key, str) or not isinstance(value, str):
            break
        found.append((key, value))
    return found


def of_model(place: Place) -> Place:
    """The place in the model: a table that is not there yet stands at the place of its array."""
    return place[:-1] if is_new(place) else place


def is_new(place: Place) -> bool:
    return bool(place) and place[-1] == NEW


def value_at(draft: Draft, place: Place, name: str) -> Any:
    """What stands in the file; None where nothing does."""
    try:
        return None if is_new(place) else draft.get((*place, name))
    except KeyError:
        return None
