"""Reading ``pomost.toml``: every fault with its place in the file and what to write instead."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pomost.config.model import Config


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of the file: a stable code, where it stands, what is wrong and what to write."""

    code: str
    place: str
    line: int
    text: str
    advice: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}, {self.place}" if self.line else self.place
        return f"{where}: {self.text}. {self.advice}".strip()


class ConfigError(Exception):
    """The configuration can't be used; ``problems`` say why."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        super().__init__("\n".join(f"{path}: {problem}" for problem in problems))
        self.path = path
        self.problems = problems


def load_config(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """The configuration in ``path``; raises ConfigError with every fault found.

    Text of the form "env:NAME" is replaced by the variable NAME, so that no secret stands in the file. Relative
    SQLite files and folders are taken from the folder of the file.
    """
    return parse_config(_text(path), path, environment)


def parse_config(text: str, path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """The same for a text that is not in the file (yet); ``path`` is where it will stand."""
    raw = parse_toml(text, path)
    problems: list[Problem] = []
    raw = _with_environment(raw, environment, (), text, problems)
    if problems:
        raise ConfigError(path, problems)
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(path, [_problem(item, raw, text) for item in error.errors()]) from error
    return _beside(config, path.resolve().parent)


def parse_toml(text: str, path: Path) -> dict[str, Any]:
    """The text as plain values; raises ConfigError ``config.not-toml`` with the line of the fault."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = int(match.group(1)) if (match := re.search(r"line (\d+)", str(error))) else 0
        raise ConfigError(
            path, [Problem("config.not-toml", "file", line, str(error), "See toml.io.")]
        ) from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        problem = Problem(
            "config.no-file", str(path), 0, "there is no such file", "Make one with `pomost init`."
        )
        raise ConfigError(path, [problem]) from error
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem(
            "config.unreadable", str(path), 0, f"it can't be read ({error})", "Save it as UTF-8 text."
        )
        raise ConfigError(path, [problem]) from error


def _with_environment(
    value: Any,
    environment: Mapping[str, str],
    place: tuple[str | int, ...],
    text: str,
    problems: list[Problem],
) -> Any:
    if isinstance(value, dict):
        return {
            key: _with_environment(item, environment, (*place, key), text, problems)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [
            _with_environment(item, environment, (*place, index), text, problems)
            for index, item in enumerate(value)
        ]
    if isinstance(value, str) and value.startswith("env:"):
        name = value.removeprefix("env:")
        if not environment.get(name):
            advice = f"Set it before starting, e.g. export {name}=..."
            problems.append(
                Problem(
                    "config.no-variable", _shown(place), line_of(text, place), f"{name} is not set", advice
                )
            )
        return environment.get(name, "")
    return value


def _problem(item: Any, raw: Any, text: str) -> Problem:
    place = tuple(item["loc"])
    line = line_of(text, place)
    kind = item["type"]
    if kind == "extra_forbidden":
        known = _known_names(place[:-1])
        return Problem(
            "config.unknown-setting",
            _shown(place),
            line,
            "there is no such setting",
            f"Known here: {', '.join(known)}.",
        )
    if kind == "missing":
        return Problem("config.missing", _shown(place), line, "it is missing", _described(place))
    message = re.sub(r"^Value error, ", "", item["msg"])
    shown = f" (it is {item.get('input')!r})" if _may_be_shown(place, item.get("input")) else ""
    return Problem("config.wrong-value", _shown(place), line, f"{message}{shown}", _described(place))


def _may_be_shown(place: tuple[str | int, ...], value: Any) -> bool:
    """Secrets are not, nor whole tables, which may hold some, nor addresses with a password in them."""
    if place and place[-1] in ("token", "password"):
        return False
    if isinstance(value, str):
        return len(value) < 500 and not re.search(r"//[^/@\s]*:[^@\s]*@", value)
    return not isinstance(value, (dict, list, tuple))


def _model_at(place: tuple[str | int, ...]) -> Any:
    """The model class that holds the setting at ``place``; None where it can't be told."""
    model: Any = Config
    for part in place:
        if isinstance(part, int):
            continue
        field = getattr(model, "model_fields", {}).get(part)
        if field is None:
            return None
        model = _inner(field.annotation)
    return model


def _inner(annotation: Any) -> Any:
    if hasattr(annotation, "model_fields"):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _inner(part)
        if found is not None:
            return found
    return None


def _known_names(place: tuple[str | int, ...]) -> list[str]:
    return list(getattr(_model_at(place), "model_fields", {}))


def _described(place: tuple[str | int, ...]) -> str:
    names = [part for part in place if isinstance(part, str)]
    field = getattr(_model_at(place[:-1]), "model_fields", {}).get(names[-1]) if names else None
    return str(field.description or "") if field else ""


def _shown(place: tuple[str | int, ...]) -> str:
    words = ""
    for part in place:
        words += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if words else str(part)
    return words or "file"


def line_of(text: str, place: tuple[str | int, ...]) -> int:
    """The line of a setting, or of the table it should stand in; 0 when it can't be told."""
    names = [part for part in place if isinstance(part, str)]
    wanted = [part for part in place if isinstance(part, int)]
    if not names:
        return 0
    best, table_line, count, inside = 0, 0, -1, False
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\[?\s*([\w.-]+)\s*\]?\]", line)
        if header:
            path = header.group(1).split(".")
            same = path == names[: len(path)]
            count += same and "[[" in line and len(path) == 1
            inside = same and (not wanted or count == wanted[0] or "[[" not in line)
            if inside:
                table_line = number
            continue
        if (inside or (table_line == 0 and len(names) == 1)) and re.match(
            rf"\s*\"?{re.escape(names[-1])}\"?\s*=", line
        ):
            best = number
            if inside:
                return best
    return best or table_line


def _beside(config: Config, folder: Path) -> Config:
    def placed(url: str) -> str:
        name = url.removeprefix("sqlite:///")
        if name == url or Path(name).is_absolute() or name == ":memory:":
            return url
        return f"sqlite:///{folder / name}"

    templates = config.templates
    if templates and not Path(templates).is_absolute():
        templates = str(folder / templates)
    return config.model_copy(
        update={
            "data_dir": folder / config.data_dir,
            "templates": templates,
            "posnet": tuple(one.beside(folder) for one in config.posnet),
            "smtp": tuple(one.beside(folder) for one in config.smtp),
            "database": config.database.model_copy(update={"url": placed(config.database.url)}),
            "ledger": config.ledger.model_copy(update={"url": placed(config.ledger.url)}),
        }
    )
