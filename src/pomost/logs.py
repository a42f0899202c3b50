"""The log, set up in one place: JSON lines below data_dir/logs, warnings on the console, nothing personal in either.

What may be written is listed (``WORDS``, ``NUMBERS``): a value under any other key is masked, whatever it is, and so is what
looks like an e-mail, a phone or tax number, an account or a token anywhere. Of an exception its type and the places in the code
are written, not its message: nobody can say what is in that.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Any

import structlog

from pomost.config.logs import Logs
from pomost.ports import Failure

FOLDER, NAME = "logs", "pomost.log"
MASK = "***"
LEVELS = ("debug", "info", "warning", "error", "critical")
CONNECTIONS = (
    "source",
    "connection",
    "channel",
    "printer",
    "mailer",
    "catalogue",
    "watcher",
    "webhook",
    "carrier",
)
"""Keys under which a connection stands."""
WORDS = frozenset(
    {
        *CONNECTIONS,
        "code", "command", "company", "currency", "error", "event", "flow", "item", "kind", "level", "logger", "method", "path",
        "place", "state", "step", "trace", "what", "why",
    }
)  # fmt: skip
"""Keys whose values are words of ours or names of things; what looks personal in them is masked all the same."""
NUMBERS = frozenset(
    {
        "act",
        "at",
        "case",
        "fiscal_number",
        "given_up",
        "id",
        "items",
        "job",
        "number",
        "order",
        "product",
        "seen",
        "uid",
        "variations",
        "wanted",
    }
)
"""Keys whose values are numbers and ids: long digits in them are no phone."""
LONGEST = 500
_LONGEST_TRACE = 8_000
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<=://)[^/\s@]+(?=@)",
        r"[^\s@<>\"'=:,;/]+@[^\s@<>\"',;]+",
        r"\b\d{4,}-\d{4,}-[A-Za-z0-9]{8,}",
        r"\b[A-Za-z]{2}\d{2}[ ]?(?:\d{4}[ ]?){4,7}\d{0,4}",
        r"[A-Za-z0-9+_=-]{32,}",
    )
)
_DIGITS = re.compile(r"\+?\d(?:[ .\-()]{0,2}\d){8,}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LINES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]+")
Event = MutableMapping[str, Any]


def masked(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event with everything masked that may be personal or secret."""
    return {_key(key): _masked_value(key, value) for key, value in event.items()}


def _key(key: str) -> str:
    return key if key in WORDS or key in NUMBERS else text_masked(key)[:40]


def _masked_value(key: str, value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if key in NUMBERS:
        return value if isinstance(value, int | float) else text_masked(str(value), digits=False)
    if key not in WORDS:
        return MASK
    if key == "trace":
        return _LINES.sub(" ", str(value))[:_LONGEST_TRACE]
    return text_masked(str(value))


def text_masked(text: str, *, digits: bool = True) -> str:
    """One line of a text, cut to ``LONGEST``, without what looks like personal data or a secret."""
    text = _CONTROL.sub(" ", text[: 4 * LONGEST])
    for pattern in _PATTERNS:
        text = pattern.sub(MASK, text)
    return (_DIGITS.sub(MASK, text) if digits else text)[:LONGEST]


def trace_of(error: BaseException) -> str:
    """The types of an exception and its causes with the places in the code; of a failure of ours also its code."""
    parts: list[str] = []
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen and len(parts) < 8:
        seen.add(id(one))
        name = f"{type(one).__name__} {one.code}" if isinstance(one, Failure) else type(one).__name__
        parts.append("\n".join([name, *(f"  {place}" for place in _places(one.__traceback__))]))
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n".join(parts)


def _places(trace: TracebackType | None) -> Iterator[str]:
    frames = list(walk_tb(trace))
    for frame, line in frames[-30:]:
        file = frame.f_code.co_filename.replace("\\", "/")
        for mark in ("/site-packages/", "/src/", "/lib/"):
            file = file.rpartition(mark)[2]
        yield f"{file}:{line} {frame.f_code.co_name}"


class LogFile:
    """Appends lines; a new file is begun after so many bytes, and only so many files are kept. Several processes may write
    to the same one. What can't be written is lost: the work goes on."""

    def __init__(self, folder: Path, file_bytes: int, files: int) -> None:
        self.folder = folder
        self._most = file_bytes
        self._files = files
        self._guard = threading.Lock()
        self._handle: int | None = None
        self._inode = 0
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def path(self) -> Path:
        return self.folder / NAME

    def write(self, line: bytes) -> None:
        with self._guard:
            try:
                os.write(self._ready(len(line)), line)
            except OSError as error:
                self._close()
                sys.stderr.write(f"the log can't be written: {type(error).__name__}\n")

    def close(self) -> None:
        with self._guard:
            self._close()

    def _ready(self, length: int) -> int:
        try:
            stat = os.stat(self.path)
        except FileNotFoundError:
            stat = None
        if stat is not None and stat.st_size and stat.st_size + length > self._most:
            self._rotate()
            stat = None
        if self._handle is None or stat is None or stat.st_ino != self._inode:
            self._close()
            # only its owner may read it: there is nothing personal in it, but who talks to whom is nobody's business
            self._handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
            self._inode = os.fstat(self._handle).st_ino
        return self._handle

    def _rotate(self) -> None:
        self._close()
        with _alone(self.folder / ".rotating"):
            # another process may have done it while this one waited
            if not self.path.exists() or self.path.stat().st_size < self._most // 2:
                return
            for number in range(self._files - 1, 0, -1):
                older = self.folder / f"{NAME}.{number}"
                newer = self.folder / (f"{NAME}.{number - 1}" if number > 1 else NAME)
                if newer.exists():
                    newer.replace(older)
            if self._files == 1:
                self.path.unlink()

    def _close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
        self._handle = None


class _alone:
    """Only one process at a time is within; where the system can't say so, none waits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def __enter__(self) -> None:
        try:
            import fcntl
        except ImportError:
            return
        self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o640)
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            os.close(self._handle)


class _Sink:
    """What structlog writes to: the file, and the console from warnings on."""

    def __init__(self, name: str) -> None:
        self.name = name

    def msg(self, event: Mapping[str, Any]) -> None:
        _put(event)

    debug = info = warning = error = critical = exception = log = failure = fatal = warn = msg


class _Records(logging.Handler):
    """Records of other libraries: their constant text only, for what was filled into it may be anything."""

    def emit(self, record: logging.LogRecord) -> None:
        event: Event = {"event": str(record.msg), "logger": record.name, "level": record.levelname.lower()}
        if record.exc_info and record.exc_info[1]:
            event["trace"] = trace_of(record.exc_info[1])
        _put(masked(_stamped(None, "", event)))


_file: LogFile | None = None
_console = structlog.dev.ConsoleRenderer(colors=False)
_records = _Records(logging.WARNING)


def _put(event: Mapping[str, Any]) -> None:
    if _file is not None:
        _file.write((json.dumps(event, ensure_ascii=False, default=str) + "\n").encode())
    if event.get("level") in ("warning", "error", "critical"):
        rest = {key: value for key, value in event.items() if key not in ("at", "trace", "logger")}
        said = _console(None, "", {"timestamp": event.get("at", ""), **rest})
        trace = event.get("trace")
        sys.stderr.write(f"{said}\n{trace}\n" if trace else f"{said}\n")


def _stamped(_: Any, __: str, event: Event) -> Event:
    return {"at": datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"), **event}


def _traced(_: Any, __: str, event: Event) -> Event:
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()[1]
    elif isinstance(given, tuple):
        given = given[1]
    if isinstance(given, BaseException):
        event["trace"] = trace_of(given)
    return event


def _named(logger: Any, _: str, event: Event) -> Event:
    event["logger"] = getattr(logger, "name", "")
    return event


def _last(_: Any, __: str, event: Event) -> Any:
    return (masked(event),), {}


def to_console(level: str = "warning") -> None:
    """Warnings and errors on standard error, no file: for commands that answer and end."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _named,
            _traced,
            _stamped,
            _last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *names: _Sink(str(names[0]) if names else ""),
        cache_logger_on_first_use=False,
    )


def start(data_dir: Path, wanted: Logs) -> None:
    """Writes into data_dir/logs too, also what other libraries warn of. For processes that go on."""
    global _file
    stop()
    _file = LogFile(data_dir / FOLDER, wanted.file_mb * 1_000_000, wanted.files)
    to_console(wanted.level)
    logging.getLogger().addHandler(_records)


def stop() -> None:
    """Back to the console alone."""
    global _file
    if _file is not None:
        _file.close()
        _file = None
    logging.getLogger().removeHandler(_records)
    to_console()
