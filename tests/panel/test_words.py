"""Every text of the panel is there in both languages, and each is used."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from pomost.panel.words import LANGUAGES, counted, text, texts

PANEL = Path(__file__).resolve().parents[2] / "src" / "pomost" / "panel"
USE = re.compile(r"""["']([a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)+)["']""")
BEGINNING = re.compile(
    r"""["']([a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)*\.)["']\s*(?:~|\+)|f["']([a-z][a-z0-9_.-]*[.-])\{"""
)


def _sources() -> str:
    files = [*PANEL.rglob("*.py"), *PANEL.rglob("*.html")]
    return "\n".join(file.read_text("utf-8") for file in files)


def test_every_text_has_both_languages_with_the_same_values() -> None:
    for key, said in texts().items():
        assert set(said) == set(LANGUAGES), key
        assert isinstance(said["pl"], list) == isinstance(said["en"], list), key
        if isinstance(said["pl"], list):
            assert (len(said["pl"]), len(said["en"])) == (3, 2), key
        names = [
            {
                name
                for one in ([form] if isinstance(form, str) else form)
                for _, name, _, _ in string.Formatter().parse(one)
                if name
            }
            for form in said.values()
        ]
        assert names[0] == names[1], key


def test_every_key_that_is_used_is_there() -> None:
    known = texts()
    areas = {key.split(".")[0] for key in known}
    called = re.findall(
        r"""(?:\bt|\bsay|t\.n|counted|done|refused)\(\s*["']([a-z0-9_.-]+)["'](?!\s*(?:~|\+))""", _sources()
    )

    assert {key for key in called if key.split(".")[0] in areas and key not in known} == set()


def test_no_text_is_left_that_nothing_uses() -> None:
    source = _sources()
    used = set(USE.findall(source))
    begun = tuple({one or other for one, other in BEGINNING.findall(source)})

    unused = {key for key in texts() if key not in used and not key.startswith(begun)}

    assert unused == set()


@pytest.mark.parametrize(
    ("n", "polish", "english"),
    [(1, "1 dzień", "1 day"), (2, "2 dni", "2 days"), (5, "5 dni", "5 days"), (22, "22 dni", "22 days")],
)
def test_plural_forms(n: int, polish: str, english: str) -> None:
    assert (counted("pl", "frame.time.days", n), counted("en", "frame.time.days", n)) == (polish, english)


def test_a_key_that_is_not_there_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        text("pl", "frame.nothing")
