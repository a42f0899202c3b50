"""Changing ``pomost.toml`` piece by piece: comments, order, line ends and all that is not touched stay as they are.

Places are like ("flow", 0, "rules"). Whatever is written is read back by another parser before it counts: a text that
would not say exactly what was asked for is never given out.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, Float, InlineTable, Item, Table, Trivia

from pomost.config.load import ConfigError, Problem, parse_toml

Place = tuple[str | int, ...]
LONGEST = 20_000
"""Characters of one text, and entries of one list: more is a slip or an attack."""
DEEPEST = 12
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What no setting has in it, and what editors show as nothing at all."""


def _refused(problem: Problem) -> ConfigError:
    return ConfigError(Path("pomost.toml"), [problem])


def _not_editable() -> ConfigError:
    text = "this change can't be written without touching other settings"
    return _refused(Problem("config.not-editable", "file", 0, text, "Make it in an editor."))


class Draft:
    """A text of the configuration that is being changed. ``before`` is the text it began as.

    A place that is not there is refused with KeyError. Raises ConfigError ``config.not-toml`` for a text that is none,
    ``config.not-editable`` for a change that can't be written, ``config.bad-text`` for a value that is no setting.
    """

    def __init__(self, text: str) -> None:
        self.before = text
        self._crlf = "\r\n" in text
        text = text.replace("\r\n", "\n")
        self._plain: dict[str, Any] = parse_toml(text, Path("pomost.toml"))
        try:
            self._document = tomlkit.parse(text)
        except (TOMLKitError, RecursionError) as error:
            raise _not_editable() from error

    @property
    def text(self) -> str:
        """The whole file as it would be."""
        text = tomlkit.dumps(self._document)
        try:
            same = tomllib.loads(text) == self._plain
        except ValueError:
            same = False
        if not same:
            raise _not_editable()
        return text.replace("\n", "\r\n") if self._crlf else text

    def get(self, place: Place) -> Any:
        """What stands at a place, as plain values."""
        found: Any = self._plain
        for part in place:
            if isinstance(part, int) != isinstance(found, list):
                raise KeyError(place)
            try:
                found = found[part]
            except (KeyError, IndexError, TypeError) as error:
                raise KeyError(place) from error
        return found

    def count(self, place: Place) -> int:
        """How many tables an array at a place has; 0 where there is none."""
        try:
            found = self.get(place)
        except KeyError:
            return 0
        return len(found) if isinstance(found, list) else 0

    def put(self, place: Place, values: Mapping[str, Any]) -> None:
        """Sets the values of the table at a place, which is made where it is missing; None takes a value out."""
        for name, value in values.items():
            if value is None:
                if self._has((*place, name)):
                    self._unset((*place, name))
            else:
                self._set((*place, name), value)
        self._table(place)

    def add(self, place: Place, values: Mapping[str, Any]) -> int:
        """Adds a table to the array at a place; gives its index."""
        if not place or isinstance(place[-1], int):
            raise KeyError(place)
        plain = {str(name): _checked(value) for name, value in values.items()}
        parent, name = self._table(place[:-1]), str(place[-1])
        known = parent.get(name)
        if isinstance(known, Array):
            inline = tomlkit.inline_table()
            for key, value in values.items():
                inline.append(str(key), _item(value))
            known.append(inline)
        elif known is not None and not isinstance(known, AoT):
            raise KeyError(place)
        else:
            table = tomlkit.table()
            for key, value in values.items():
                table.append(str(key), _item(value))
            if isinstance(known, AoT):
                _part(known)
                known.append(table)
            else:
                made = tomlkit.aot()
                made.append(table)
                _put(parent, name, made)
        holder = _made(self._plain, place[:-1]).setdefault(name, [])
        holder.append(plain)
        return len(holder) - 1

    def remove(self, place: Place) -> None:
        """Takes a table out."""
        if not place:
            raise KeyError(place)
        self.get(place)
        self._unset(place)

    def _has(self, place: Place) -> bool:
        try:
            self.get(place)
        except KeyError:
            return False
        return True

    def _set(self, place: Place, value: Any) -> None:
        plain = _checked(value)
        there = self._has(place)
        known = self.get(place) if there else None
        if there and known == plain and type(known) is type(plain):
            return
        if isinstance(plain, dict) and isinstance(known, dict):
            # name by name, so that comments between them stay
            for gone in [name for name in known if name not in plain]:
                self._unset((*place, gone))
            for name, inner in dict(value).items():
                self._set((*place, str(name)), inner)
            return
        _put(self._table(place[:-1]), str(place[-1]), _item(value))
        _made(self._plain, place[:-1])[str(place[-1])] = plain

    def _unset(self, place: Place) -> None:
        holder: Any = self._at(place[:-1])
        del holder[place[-1]]
        parent: Any = self.get(place[:-1])
        del parent[place[-1]]
        if isinstance(place[-1], int) and not parent:
            # an empty array of tables has no text of its own
            self._unset(place[:-1])

    def _at(self, place: Place) -> Any:
        found: Any = self._document
        for part in place:
            found = found[part]
        return found

    def _table(self, place: Place) -> Any:
        """The table at a place, made where it is missing."""
        found: Any = self._document
        for depth, part in enumerate(place):
            here = place[: depth + 1]
            if isinstance(part, str) and not self._has(here):
                if not isinstance(self.get(place[:depth]), dict):
                    raise KeyError(place)
                _put(
                    found, part, tomlkit.inline_table() if isinstance(found, InlineTable) else tomlkit.table()
                )
                _made(self._plain, here)
            if not isinstance(self.get(here), (dict, list)):
                raise KeyError(place)
            found = found[part]
        if not isinstance(self.get(place), dict):
            raise KeyError(place)
        return found


def _put(table: Any, name: str, item: Item) -> None:
    """Sets a value; a new one stands behind the last setting of its table, before blank lines and other tables."""
    if name in table or not isinstance(table, (Table, tomlkit.TOMLDocument)):
        # one line, or a table that is written in several places
        table[name] = item
        return
    if isinstance(item, (Table, AoT)):
        _part(table)
        table.append(name, item)
        return
    container = table.value if isinstance(table, Table) else table
    last = None
    for key, known in container.body:
        if key is not None and not isinstance(known, (Table, AoT)) and not key.is_dotted():
            last = key
    if last is None:
        table.append(name, item) if not container.body else container._insert_at(0, name, item)
        return
    container._insert_after(last, name, item)


def _part(table: Any) -> None:
    """A blank line before what comes next, where the text does not end with one."""
    container: Any = table
    while isinstance(container, (AoT, Table, tomlkit.TOMLDocument)):
        if isinstance(container, AoT):
            container = container.body[-1]
            continue
        body = container.value.body if isinstance(container, Table) else container.body
        if not body:
            return
        last = body[-1][1]
        if isinstance(last, (Table, AoT)):
            container = last
            continue
        if not last.as_string().endswith("\n\n") and last.as_string().strip("\n"):
            (container.value if isinstance(container, Table) else container).append(None, tomlkit.nl())
        return


def _made(plain: dict[str, Any], place: Place) -> Any:
    found: Any = plain
    for part in place:
        found = found[part] if isinstance(part, int) else found.setdefault(part, {})
    return found


def _item(value: Any) -> Item:
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return Float(float(value), Trivia(), text) if "." in text else tomlkit.integer(text)
    if isinstance(value, Mapping):
        inline = tomlkit.inline_table()
        for name, inner in value.items():
            inline.append(str(name), _item(inner))
        return inline
    if isinstance(value, (list, tuple)):
        array = tomlkit.array()
        for inner in value:
            array.append(_item(inner))
        return array
    made: Item = tomlkit.item(value)
    return made


def _checked(value: Any) -> Any:
    """The value as TOML gives it back."""
    if isinstance(value, str):
        if _CONTROL.search(value):
            raise _refused(
                Problem(
                    "config.bad-text",
                    "file",
                    0,
                    "a text has a control character in it",
                    "Type it instead of pasting it.",
                )
            )
        if len(value) > LONGEST:
            raise _too_long()
        return value
    if isinstance(value, Mapping):
        return {_checked(str(name)): _checked(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        if len(value) > LONGEST:
            raise _too_long()
        return [_checked(inner) for inner in value]
    if isinstance(value, Decimal):
        return float(value) if "." in f"{value:f}" else int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**63:
        raise _too_long()
    return value


def _too_long() -> ConfigError:
    advice = f"At most {LONGEST} characters are taken."
    return _refused(Problem("config.bad-text", "file", 0, "a value is too long", advice))


def read_file(path: Path) -> str:
    """The file as it is, line ends and all; what is no UTF-8 in it comes through `write_whole` unharmed."""
    return path.read_bytes().decode("utf-8", "surrogateescape")


def mark_of(text: str) -> str:
    """By which it is seen whether the file was changed meanwhile."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def write_whole(path: Path, text: str) -> None:
    """The file is as before or wholly new, with the rights it had; never half of it."""
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o600
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def place_of(text: str) -> Place:
    """From "flow.0.rules"; an empty text is the file itself. Raises KeyError for what can be no place."""
    parts = [part for part in text[:500].split(".") if part]
    if len(parts) > DEEPEST or len(text) > 500:
        raise KeyError(text[:500])
    return tuple(int(part) if re.fullmatch("[0-9]{1,6}", part) else part for part in parts)


def name_of(place: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in place)
