"""The flows of the catalogue: presets in TOML, filled in with the words of an account, and printed for editing."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

from pydantic import ValidationError

from pomost.config.flow import Flow, Step
from pomost.ports import NeedsPerson

_FOLDER = resources.files("pomost.flows") / "presets"


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """The presets, in alphabetical order."""
    return tuple(
        sorted(file.name.removesuffix(".toml") for file in _FOLDER.iterdir() if file.name.endswith(".toml"))
    )


@lru_cache(maxsize=64)
def text_of(preset: str) -> str:
    """The preset as it is written; raises NeedsPerson when there is none of this name."""
    if preset not in names():
        raise NeedsPerson(
            "flow.unknown-preset", f'There is no flow "{preset}".', f"Presets: {', '.join(names())}."
        )
    return (_FOLDER / f"{preset}.toml").read_text(encoding="utf-8")


def resolve(flow: Flow) -> Flow:
    """The flow with the steps of its preset; steps of its own replace those of the preset."""
    if not flow.preset:
        return flow
    raw = tomllib.loads(text_of(flow.preset))
    words: dict[str, str] = dict(raw.get("words", {}))
    unknown = sorted(set(flow.words) - set(words))
    if unknown:
        raise NeedsPerson(
            "flow.unknown-word",
            f'Flow "{flow.name}": {", ".join(unknown)} is no word of the preset "{flow.preset}".',
            f"Its words: {', '.join(words)}.",
        )
    words.update(flow.words)
    filled = _fill(raw, words)
    own = {step.id: step for step in flow.step}
    try:
        steps = tuple(
            own.pop(item["id"]) if item["id"] in own else Step.model_validate(item) for item in filled["step"]
        )
    except ValidationError as error:
        raise NeedsPerson(
            "flow.faulty", f'Flow "{flow.name}": {error}', "Correct the words of the preset."
        ) from error
    return flow.model_copy(
        update={
            "kind": filled.get("kind", flow.kind),
            "take": flow.take or filled.get("take", ""),
            "cancelled": flow.cancelled or filled.get("cancelled", ""),
            "step": (*steps, *own.values()),
        }
    )


def _fill(value: Any, words: dict[str, str]) -> Any:
    """Replaces {word}; names with a dot ({sale.number}) are filled in when the step is done."""
    if isinstance(value, str):
        return re.sub(r"\{([a-z_]+)\}", lambda match: words.get(match.group(1), match.group(0)), value)
    if isinstance(value, list):
        return [_fill(item, words) for item in value]
    if isinstance(value, dict):
        return {_fill(key, words): _fill(item, words) for key, item in value.items()}
    return value


def words_of(preset: str) -> dict[str, str]:
    """The words of a preset with what they are where nobody says otherwise; raises NeedsPerson when there is none."""
    found: dict[str, str] = dict(tomllib.loads(text_of(preset)).get("words", {}))
    return found


def steps_of(preset: str) -> tuple[str, ...]:
    """The names of the steps of a preset, in order; raises NeedsPerson when there is none."""
    return tuple(str(step["id"]) for step in tomllib.loads(text_of(preset)).get("step", ()))
