"""What is written into the log: lines of JSON, nothing personal and no secrets, bounded in size."""

from __future__ import annotations

import ast
import json
import logging
import multiprocessing
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from pomost import logs
from pomost.config.logs import Logs
from pomost.ports import NeedsPerson

SOURCE = Path(__file__).resolve().parents[1] / "src" / "pomost"
EMAIL, PHONE, NIP, PERSON = (
    "łucja.żółć+sklep@poczta.example.pl",
    "+48 600 100 200",
    "123-456-32-18",
    "Łucja Żółć",
)
TOKEN = "1000001-2000001-ABCDEF0123456789ABCDEF"
HIDDEN = {"problem"}
"""Keys that the source gives and that are masked on purpose: what a stranger wrote."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    logs.start(tmp_path, Logs())
    yield tmp_path / logs.FOLDER
    logs.stop()


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / logs.NAME).read_text("utf-8").splitlines()]


def test_a_line_says_when_how_bad_what_and_of_which_order(folder: Path) -> None:
    log = structlog.get_logger("pomost.engine")
    with structlog.contextvars.bound_contextvars(case=7, source="baselinker"):
        log.warning("look-failed", code="baselinker.no-answer")
    log.debug("not this")

    (line,) = lines(folder)

    assert line.pop("at").endswith("Z")
    assert line == {
        "case": 7, "source": "baselinker", "code": "baselinker.no-answer", "event": "look-failed",
        "level": "warning", "logger": "pomost.engine",
    }  # fmt: skip


@pytest.mark.parametrize("secret", [EMAIL, PHONE, "600100200", "600-100-200", "(48) 600 100 200", NIP, "PL1234563218", TOKEN,
    "61 1090 1014 0000 0712 1981 2874", "PL61109010140000071219812874", "a8f5f167f44f4964e6c998dee827110c", "90010112345"])  # fmt: skip
@pytest.mark.parametrize("key", ["event", "error", "what", "path", "code", "source"])
def test_what_looks_personal_is_masked_under_every_key(folder: Path, secret: str, key: str) -> None:
    said = {"event": "x", key: f"przed {secret} po"}

    structlog.get_logger().error(**said)

    text = (folder / logs.NAME).read_text("utf-8")
    assert secret not in text
    assert logs.MASK in text


@pytest.mark.parametrize(
    "key",
    ["name", "buyer", "password", "token", "authorization", "email", "to", "text", "problem", "anything"],
)
def test_what_is_not_listed_is_masked_whatever_it_is(folder: Path, key: str) -> None:
    for value in (PERSON, 600100200, {"name": PERSON}, [PERSON], b"x", object()):
        structlog.get_logger().error("x", **{key: value})

    assert {line[key] for line in lines(folder)} == {logs.MASK}


def test_a_name_can_not_come_in_as_a_key(folder: Path) -> None:
    structlog.get_logger().error("x", **{EMAIL: 1, "k" * 500: 1})

    text = (folder / logs.NAME).read_text("utf-8")
    assert EMAIL not in text
    assert "k" * 50 not in text


def test_ids_and_numbers_of_documents_stay_readable(folder: Path) -> None:
    structlog.get_logger().info(
        "step-done", case=123456789012, order="218900001", number="FS/12/2026", product=2685123456
    )

    (line,) = lines(folder)

    assert (line["case"], line["order"], line["number"], line["product"]) == (
        123456789012, "218900001", "FS/12/2026", 2685123456,
    )  # fmt: skip


def test_of_an_exception_its_message_is_not_written(folder: Path) -> None:
    try:
        try:
            raise ValueError(f"buyer {PERSON} {EMAIL}")
        except ValueError as cause:
            raise NeedsPerson("flow.short", f"Order of {PERSON}") from cause
    except NeedsPerson:
        structlog.get_logger().exception("unexpected", case=1)

    (line,) = lines(folder)

    assert "NeedsPerson flow.short" in line["trace"]
    assert "ValueError" in line["trace"]
    assert "test_logs.py" in line["trace"]
    assert PERSON not in str(line)
    assert "poczta" not in str(line)


def test_other_libraries_say_their_constant_text_only(folder: Path) -> None:
    logging.getLogger("other").warning("mail to %s failed", EMAIL)
    logging.getLogger("other").error("odd name: %(n)s", {"n": PERSON}, exc_info=ValueError(PERSON))
    logging.getLogger("other").info("chatter")

    found = lines(folder)

    assert [line["event"] for line in found] == ["mail to %s failed", "odd name: %(n)s"]
    assert PERSON not in str(found)
    assert found[1]["trace"] == "ValueError"


def test_the_console_gets_warnings_without_anything_personal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    structlog.get_logger("x").info("quiet")
    structlog.get_logger("x").error("loud", error=EMAIL, name=PERSON)

    said = capsys.readouterr()

    assert said.out == ""
    assert "loud" in said.err
    assert "quiet" not in said.err
    assert EMAIL not in said.err
    assert PERSON not in said.err


@given(st.text(max_size=300))
def test_nothing_breaks_a_line(text: str) -> None:
    said = json.dumps(logs.masked({"event": text, text: text, "case": text}), ensure_ascii=False)

    assert len(said.splitlines()) == 1


def test_no_more_than_so_many_files_of_a_size_are_kept(tmp_path: Path) -> None:
    file = logs.LogFile(tmp_path, 1_000, 3)
    for number in range(200):
        file.write(b'{"n": %d, "x": "%s"}\n' % (number, b"x" * 80))
    file.close()

    names = sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("."))
    assert names == ["pomost.log", "pomost.log.1", "pomost.log.2"]
    assert all(path.stat().st_size <= 1_000 for path in tmp_path.iterdir())
    kept = [
        json.loads(line)["n"]
        for name in reversed(names)
        for line in (tmp_path / name).read_bytes().splitlines()
    ]
    assert kept == list(range(200 - len(kept), 200))


def _write_much(folder: Path, mark: int) -> None:
    file = logs.LogFile(folder, 20_000, 50)
    for number in range(1_000):
        file.write(b'{"w": %d, "n": %d}\n' % (mark, number))
    file.close()


def test_two_processes_write_into_the_same_files_and_lose_nothing(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    children = [spawn.Process(target=_write_much, args=(tmp_path, mark)) for mark in (1, 2)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)

    found = [
        json.loads(line) for path in tmp_path.glob("pomost.log*") for line in path.read_bytes().splitlines()
    ]
    assert len(found) == 2_000
    assert {(one["w"], one["n"]) for one in found} == {(mark, n) for mark in (1, 2) for n in range(1_000)}


def test_a_full_disk_does_not_stop_the_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = logs.LogFile(tmp_path, 1_000_000, 3)
    (tmp_path / logs.NAME).mkdir()

    file.write(b"{}\n")

    assert "can't be written" in capsys.readouterr().err


def test_every_key_that_the_source_logs_is_listed() -> None:
    used: dict[str, str] = {}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in ("log", "_log")
            ):
                used |= {key.arg: path.name for key in node.keywords if key.arg and key.arg != "exc_info"}

    assert {key: file for key, file in used.items() if key not in logs.WORDS | logs.NUMBERS | HIDDEN} == {}
