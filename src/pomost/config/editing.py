"""Changing ``pomost.toml`` piece by piece: comments, order and everything that is not touched stay as they are."""

from __future__ import annotations

import difflib
import hashlib
import os
import stat
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Item

from pomost.config.load import ConfigError, Problem

Place = tuple[str | int, ...]
SECRETS = frozenset({"token", "password", "secret"})
HIDDEN = "●●●"


class Draft:
    """A text of the configuration that is being changed. ``mark`` is that of the text it began as.

    Places are like ("flow", 0, "rules"); a place that is not there is refused with KeyError.
    """

    def __init__(self, text: str) -> None:
        try:
            self._document = tomlkit.parse(text)
        except TOMLKitError as error:
            problem = Problem("config.not-toml", "file", 0, str(error), "See toml.io.")
            raise ConfigError(Path("pomost.toml"), [problem]) from error
        self.before = text

    @property
    def text(self) -> str:
        return tomlkit.dumps(self._document)

    def get(self, place: Place) -> Any:
        """What stands at a place, as plain values."""
        found = self._at(place)
        return found.unwrap() if isinstance(found, Item) or hasattr(found, "unwrap") else found

    def count(self, place: Place) -> int:
        """How many tables an array at a place has; 0 where there is none."""
        try:
            found = self._at(place)
        except KeyError:
            return 0
        return len(found) if isinstance(found, list) else 0

    def put(self, place: Place, values: Mapping[str, Any]) -> None:
        """Sets the values of the table at a place, which is made where it is missing; None takes a value out."""
        table = self._table(place)
        for name, value in values.items():
            if value is None:
                if name in table:
                    del table[name]
            elif name not in table or _plain(table[name]) != value:
                table[name] = value

    def add(self, place: Place, values: Mapping[str, Any]) -> int:
        """Adds a table to the array at a place; gives its index."""
        if not place:
            raise KeyError(place)
        *above, name = place
        holder = self._table(tuple(above)) if above else self._document
        table = tomlkit.table()
        for key, value in values.items():
            table[key] = value
        if str(name) not in holder:
            holder[str(name)] = tomlkit.aot()
        holder[str(name)].append(table)
        return len(holder[str(name)]) - 1

    def remove(self, place: Place) -> None:
        """Takes a table out."""
        if not place:
            raise KeyError(place)
        *above, name = place
        holder: Any = self._at(tuple(above)) if above else self._document
        try:
            del holder[name]
        except (IndexError, KeyError, TypeError) as error:
            raise KeyError(place) from error
        if isinstance(holder, AoT) and not len(holder):
            self.remove(tuple(above))

    def _at(self, place: Place) -> Any:
        found: Any = self._document
        for part in place:
            try:
                found = found[part]
            except (KeyError, IndexError, TypeError) as error:
                raise KeyError(place) from error
        return found

    def _table(self, place: Place) -> Any:
        found: Any = self._document
        for part in place:
            if isinstance(part, str) and part not in found:
                found[part] = tomlkit.table()
            try:
                found = found[part]
            except (KeyError, IndexError, TypeError) as error:
                raise KeyError(place) from error
        if not isinstance(found, dict) and not hasattr(found, "items"):
            raise KeyError(place)
        return found


def _plain(value: Any) -> Any:
    return value.unwrap() if hasattr(value, "unwrap") else value


def mark_of(text: str) -> str:
    """By which it is seen whether the file was changed meanwhile."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def differences(before: str, after: str) -> list[str]:
    """Lines of a unified diff, without its two heads; secrets are hidden, and that they changed is still seen."""
    old, new = ([hidden(line) for line in text.splitlines()] for text in (before, after))
    return list(difflib.unified_diff(old, new, n=2, lineterm=""))[2:]


def hidden(line: str) -> str:
    """A line of the file whose secret is not shown; names of variables (env:NAME) are none."""
    name, equals, value = line.partition("=")
    key = name.strip().strip('"').rsplit(".", 1)[-1]
    said = value.strip().strip("\"'")
    if not equals or said.startswith("env:"):
        return line
    if key in SECRETS and said:
        return f"{name}= {HIDDEN} ({hashlib.sha256(said.encode()).hexdigest()[:6]})"
    return _without_password(line)


def _without_password(text: str) -> str:
    """An address like postgresql://user:password@host without its password."""
    head, at, tail = text.partition("@")
    scheme, slashes, who = head.partition("://")
    if not at or not slashes or ":" not in who:
        return text
    return f"{scheme}://{who.split(':', 1)[0]}:{HIDDEN}@{tail}"


def write_whole(path: Path, text: str) -> None:
    """The file is as before or wholly new, with the rights it had; never half of it."""
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o600
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def place_of(text: str) -> Place:
    """From "flow.0.rules"; an empty text is the file itself."""
    return tuple(int(part) if part.isdigit() else part for part in text.split(".") if part)


def name_of(place: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in place)
