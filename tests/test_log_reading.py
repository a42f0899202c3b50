"""The log is read from its end, a bounded part at a time, and nothing is missed or shown twice."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pomost.log_reading import BLOCK, Found, Sought, end_of, files, following, page, whole
from pomost.logs import NAME, LogFile


def at(number: int) -> str:
    return f"2026-11-28T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.000000Z"


def line(number: int, **more: Any) -> bytes:
    said = {"at": at(number), "level": "info", "event": f"e{number}", **more}
    return (json.dumps(said, ensure_ascii=False) + "\n").encode()


def events(found: Found) -> list[str]:
    return [one.event for one in found.lines]


def all_pages(folder: Path, sought: Sought, most: int, **more: Any) -> list[str]:
    found, after = [], ""
    while True:
        one = page(folder, sought, after, most, **more)
        found += events(one)
        after = one.after
        if not after:
            return found


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 3 * BLOCK), max_size=12),
    parts=st.integers(1, 3),
    most=st.integers(1, 7),
    tail=st.binary(max_size=20),
)
def test_pages_together_are_the_whole_log_newest_first(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], parts: int, most: int, tail: bytes
) -> None:
    folder = tmp_path_factory.mktemp("logs")
    written = [line(number, x="x" * size) for number, size in enumerate(sizes)]
    share = len(written) // parts + 1
    pieces = [written[begin : begin + share] for begin in range(0, len(written), share)]
    for number, piece in enumerate(reversed(pieces)):
        name = NAME if number == 0 else f"{NAME}.{number}"
        (folder / name).write_bytes(b"".join(piece) + (tail.replace(b"\n", b"") if number == 0 else b""))

    assert all_pages(folder, Sought(), most) == [f"e{number}" for number in reversed(range(len(sizes)))]


def test_filters_narrow_it(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(
        line(1, case=7, code="baselinker.no-answer", source="bl")
        + line(2, case=8, level="error", source="bl.returns")
        + line(3, printer="kasa", level="warning", note="ŻÓŁW")
        + b"no json at all\n[1]\n"
    )
    for sought, wanted in {
        Sought(): ["e3", "e2", "e1"],
        Sought(text="żółw"): ["e3"],
        Sought(level="warning"): ["e3", "e2"],
        Sought(cases=frozenset({7})): ["e1"],
        Sought(cases=frozenset()): [],
        Sought(connection="bl"): ["e2", "e1"],
        Sought(connection="kasa"): ["e3"],
        Sought(code="baselinker."): ["e1"],
        Sought(code="e2"): ["e2"],
        Sought(since=at(2)): ["e3", "e2"],
        Sought(until=at(2)): ["e2", "e1"],
        Sought(since=at(2), until=at(2)): ["e2"],
    }.items():
        assert events(page(tmp_path, sought)) == wanted, sought


def test_a_text_with_polish_letters_is_found_as_it_is_written(tmp_path: Path) -> None:
    file = LogFile(tmp_path, 1_000_000, 2)
    file.write((json.dumps({"at": at(1), "event": "Żółw"}, ensure_ascii=False) + "\n").encode())
    file.close()

    assert events(page(tmp_path, Sought(text="żółw"))) == ["Żółw"]


def test_a_page_reads_a_bounded_part_and_says_from_where_it_goes_on(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(
        line(1, note="igła") + b"".join(line(n, x="x" * 900) for n in range(2, 2_000))
    )

    first = page(tmp_path, Sought(text="igła"), budget=100_000)

    assert (events(first), first.cut) == ([], True)
    assert all_pages(tmp_path, Sought(text="igła"), 10, budget=100_000) == ["e1"]


def test_a_log_of_hundreds_of_megabytes_is_opened_at_once(tmp_path: Path) -> None:
    block = b"".join(line(n, x="x" * 900) for n in range(1_000))
    with (tmp_path / NAME).open("wb") as file:
        for _ in range(200):
            file.write(block)
        file.write(line(5_000))
    began = time.monotonic()

    newest = page(tmp_path, Sought())
    by_time = page(tmp_path, Sought(until=at(0)), most=1)
    nothing = page(tmp_path, Sought(text="nie ma tego"))

    assert events(newest)[0] == "e5000"
    assert len(newest.lines) == 100
    assert by_time.lines
    assert nothing.cut
    assert time.monotonic() - began < 5


def test_following_gives_each_line_once_also_over_a_new_file(tmp_path: Path) -> None:
    file = LogFile(tmp_path, 500, 5)
    file.write(line(0))
    place, seen = end_of(tmp_path), []
    for number in range(1, 40):
        file.write(line(number))
        if number % 3 == 0:
            lines, place = following(tmp_path, Sought(), place)
            seen += [one.event for one in lines]
    file.close()

    assert len(files(tmp_path)) > 2
    assert seen == [f"e{number}" for number in range(1, 40)]


def test_a_line_that_is_half_written_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(line(1))
    place = end_of(tmp_path)
    with (tmp_path / NAME).open("ab") as file:
        file.write(line(2)[:10])
        file.flush()
        first, place = following(tmp_path, Sought(), place)
        file.write(line(2)[10:])
    second, place = following(tmp_path, Sought(), place)

    assert ([one.event for one in first], [one.event for one in second]) == ([], ["e2"])


@pytest.mark.parametrize("place", ["", "x", "1-2-3", "-", "9" * 60, "0-99999999", "²-1"])
def test_a_place_that_is_none_does_no_harm(tmp_path: Path, place: str) -> None:
    (tmp_path / NAME).write_bytes(line(1))

    before = page(tmp_path, Sought(), place).lines
    after, _ = following(tmp_path, Sought(), place)

    assert [one.event for one in before] == (["e1"] if place == "" else [])
    assert [one.event for one in after] == ["e1"]


def test_the_download_is_everything_oldest_first(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.10").write_bytes(line(1))
    (tmp_path / f"{NAME}.2").write_bytes(line(2))
    (tmp_path / NAME).write_bytes(line(3))
    (tmp_path / "pomost.log.bak").write_bytes(b"not ours")

    assert b"".join(whole(tmp_path)) == line(1) + line(2) + line(3)


def test_no_log_at_all_is_an_empty_one(tmp_path: Path) -> None:
    assert page(tmp_path, Sought()) == Found()
    assert end_of(tmp_path) == ""
    assert following(tmp_path, Sought(), "") == ([], "")
    assert list(whole(tmp_path)) == []
