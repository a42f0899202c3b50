"""The file of settings is changed piece by piece: what was asked for, and nothing else."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pomost.cli.setup import TEMPLATE
from pomost.config.editing import Draft, mark_of, place_of, read_file, write_whole
from pomost.config.history import BY_HAND, Changed, History
from pomost.config.load import ConfigError
from pomost.config.masking import Mask, differences, hidden, secret_names, with_password_of, without_password

COMMENTS = [line.partition("#")[2] for line in TEMPLATE.splitlines() if "#" in line]
NICE = st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp"))
TEXTS = st.text(NICE, max_size=40)
NAMES = st.text(NICE, min_size=1, max_size=12)
VALUES = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(TEXTS, max_size=4),
    st.dictionaries(NAMES, TEXTS, max_size=4),
)
PLACES = st.sampled_from(
    [
        (),
        ("engine",),
        ("baselinker", 0),
        ("flow", 0),
        ("flow", 0, "rules"),
        ("flow", 0, "words"),
        ("panel",),
        ("smtp", 0),
    ]
)
QUICK = settings(max_examples=75, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WITH_MAIL = TEMPLATE + '\n[[smtp]]\nhost = "h" # h\n'


def expected(before: dict[str, Any], place: tuple[str | int, ...], values: dict[str, Any]) -> dict[str, Any]:
    found: Any = before
    for part in place:
        found = found[part] if isinstance(part, int) else found.setdefault(part, {})
    found.update(values)
    return before


@QUICK
@given(PLACES, st.dictionaries(NAMES, VALUES, max_size=4))
def test_what_is_put_is_what_is_read_and_every_comment_stays(
    place: tuple[str | int, ...], values: dict[str, Any]
) -> None:
    plain = tomllib.loads(WITH_MAIL)
    held: Any = plain
    for part in place:
        held = held[part] if isinstance(part, int) else held.get(part, {})
    # a whole table that becomes a plain value takes its comments with it
    values = {name: value for name, value in values.items() if not isinstance(held.get(name), (dict, list))}
    draft = Draft(WITH_MAIL)

    draft.put(place, values)

    assert tomllib.loads(draft.text) == expected(plain, place, values)
    for comment in COMMENTS:
        assert comment in draft.text


@QUICK
@given(st.dictionaries(NAMES, TEXTS, max_size=6), st.dictionaries(NAMES, TEXTS, max_size=6))
def test_pairs_are_changed_one_by_one(first: dict[str, str], second: dict[str, str]) -> None:
    draft = Draft(TEMPLATE)

    draft.put(("flow", 0, "rules"), {"aliases": first})
    draft.put(("flow", 0, "rules"), {"aliases": second})

    assert tomllib.loads(draft.text)["flow"][0]["rules"]["aliases"] == second


@QUICK
@given(
    st.lists(
        st.tuples(st.sampled_from("abcr"), st.dictionaries(st.sampled_from(["x", "y"]), TEXTS)), max_size=12
    )
)
def test_tables_come_and_go(acts: list[tuple[str, dict[str, str]]]) -> None:
    draft, steps = Draft(TEMPLATE), []
    for act, values in acts:
        if act == "r" and steps:
            draft.remove(("flow", 0, "step", 0))
            steps.pop(0)
        else:
            assert draft.add(("flow", 0, "step"), values) == len(steps)
            steps.append(values)

    assert tomllib.loads(draft.text)["flow"][0].get("step", []) == steps
    for comment in COMMENTS:
        assert comment in draft.text


@pytest.mark.parametrize(
    ("text", "place", "values"),
    [
        ("a.b = 1\n", ("a",), {"c": 2}),
        ("a = { b = 1 }\n", ("a",), {"c": 2}),
        ("[a.b]\nx = 1\n[c]\n[a.d]\ny = 2\n", ("a",), {"z": 3}),
        ("[a.b]\nx = 1\n[c]\n[a.d]\ny = 2\n", ("a", "d"), {"y": 3}),
        ("[[a]]\n[a.b]\nx = 1\n[[a]]\n", ("a", 1, "b"), {"x": 2}),
        ("a = [{ b = 1 }, { b = 2 }]\n", ("a", 1), {"b": 3}),
        ("# only a comment", (), {"port": 1}),
        ("", ("engine",), {"workers": 1}),
        ("[a]\n# end", ("a",), {"x": 1}),
        ("[a]\nx = 1 # no line end", ("a",), {"y": 1}),
    ],
)
def test_every_way_to_write_a_table(text: str, place: tuple[str | int, ...], values: dict[str, Any]) -> None:
    """It says afterwards what was asked for, and its comments are there."""
    draft = Draft(text)
    draft.put(place, values)
    after = draft.text
    assert tomllib.loads(after) == expected(tomllib.loads(text), place, values)
    assert text.partition("#")[2].strip() in after


def test_a_new_setting_stands_behind_the_settings_of_its_table_and_not_behind_the_comments_on_the_next() -> (
    None
):
    draft = Draft(TEMPLATE)

    draft.put(("baselinker", 0), {"timeout_s": 20.0})
    draft.put((), {"port": 8081})

    lines = draft.text.splitlines()
    assert lines.index("timeout_s = 20.0") < lines.index("# drugie konto / a second account")
    assert lines.index("port = 8081") < lines.index("[database]")


@pytest.mark.parametrize(
    "bad", ["a\x00b", "\x7f", "\x1b[2J", "\u2028", "\ud800", "x" * 30_000, 2**70, ["a\x00"], {"a\x00": "b"}]
)
def test_values_that_are_no_settings_are_refused(bad: Any) -> None:
    draft = Draft(TEMPLATE)

    with pytest.raises(ConfigError) as refused:
        draft.put(("company", 0), {"name": bad})

    assert refused.value.problems[0].code == "config.bad-text"
    assert draft.text == TEMPLATE


@pytest.mark.parametrize("bad", ["flow.²", "flow.٣", "flow." + "9" * 50, "." * 600, ".a" * 20])
def test_names_of_places_that_are_none(bad: str) -> None:
    draft = Draft(TEMPLATE)
    with pytest.raises(KeyError):
        draft.get(place_of(bad))


# secrets

S = "q9-Very-Secret!"


@pytest.mark.parametrize(
    "text",
    [
        f'token = "{S}"',
        f"token = '{S}'",
        f'token = """\n{S}"""',
        f'"token" = "{S}"',
        f'a.token = "{S}"',
        f'[[smtp]]\nbounces = {{ host = "h", password = "{S}" }}',
        f'baselinker = [{{ name = "a", token = "{S}" }}]',
        f'[unknown.place]\npassword = "{S}"',
        f'token = ["{S}"]',
        f'password = {{ x = "{S}" }}',
        f'#token = "{S}"',
        f"x = 1 # password = '{S}'",
        f"# token={S}",
        f'token = "{S}" # was once {S}!',
        f'token = "{S}"\nnote = "the token is {S}"',
        f'url = "postgresql://user:{S}@host/db"',
        f'# url = "postgresql://user:{S}@host/db"',
        f'password = "{S}" \\n',
    ],
)
def test_no_secret_is_shown_however_it_is_written(text: str) -> None:
    shown = hidden(text)

    assert S not in shown
    for lines in (
        differences(text, ""),
        differences("", text),
        differences(text, text.replace(S, "other-secret")),
    ):
        assert S not in "\n".join(lines or [])
        assert "other-secret" not in "\n".join(lines or [])


@QUICK
@given(
    st.text(NICE, min_size=4, max_size=30).filter(lambda text: text.strip() == text and text not in TEMPLATE)
)
def test_no_token_is_ever_shown(token: str) -> None:
    draft = Draft(TEMPLATE)
    draft.put(("baselinker", 0), {"token": token})
    if token.startswith("env:"):
        return

    lines = differences(TEMPLATE, draft.text)

    assert lines
    assert token not in "\n".join(line for line in lines if line.startswith(("+", "-")))


def test_the_same_secret_is_known_by_its_label_and_another_one_is_told_apart() -> None:
    mask = Mask()

    first, second, third = (mask.text(f'token = "{one}"') for one in ("aaaa1", "aaaa1", "bbbb2"))

    assert first == second != third
    assert differences('token = "a1"', 'token = "b2"')
    assert differences('token = "a1"', 'token = "a1"') == []


def test_names_of_variables_are_no_secrets() -> None:
    assert hidden('token = "env:POMOST_BL_TOKEN"') == 'token = "env:POMOST_BL_TOKEN"'
    assert secret_names() >= {"token", "password"}


def test_an_address_keeps_the_password_that_is_not_shown() -> None:
    known = "postgresql://a:geheim@h/d"
    shown = without_password(known)

    assert "geheim" not in shown
    assert with_password_of(shown.replace("/d", "/e"), known) == "postgresql://a:geheim@h/e"
    assert with_password_of("postgresql://a:new@h/d", known) == "postgresql://a:new@h/d"


# versions


def test_a_version_is_kept_only_when_the_file_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, history = tmp_path / "pomost.toml", History(tmp_path / "settings-history")
    path.write_text("a = 1\n")
    history.save(path, "a = 2\n", mark_of("a = 1\n"), "ewa", "a", 1.0)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    real = write_whole
    monkeypatch.setattr(
        "pomost.config.history.write_whole", lambda to, text: full() if to == path else real(to, text)
    )
    with pytest.raises(OSError, match="No space"):
        history.save(path, "a = 3\n", mark_of("a = 2\n"), "ewa", "a", 2.0)

    assert [one.number for one in history.all()] == [1, 2]
    assert path.read_text() == "a = 2\n"
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_who_wrote_meanwhile_is_not_overwritten_and_gets_a_version(tmp_path: Path) -> None:
    path, history = tmp_path / "pomost.toml", History(tmp_path / "settings-history")
    path.write_text("a = 1\n")
    history.save(path, "a = 2\n", mark_of("a = 1\n"), "ewa", "a", 1.0)
    path.write_text("a = 9\n")

    with pytest.raises(Changed):
        history.save(path, "a = 3\n", mark_of("a = 2\n"), "ewa", "a", 2.0)
    history.save(path, "a = 3\n", mark_of("a = 9\n"), "ewa", "a", 3.0)

    assert [(one.who, one.what, history.text_of(one.number)) for one in history.all()] == [
        ("", "", "a = 1\n"),
        ("ewa", "a", "a = 2\n"),
        ("", BY_HAND, "a = 9\n"),
        ("ewa", "a", "a = 3\n"),
    ]


def test_rights_line_ends_and_strange_bytes_of_a_file_stay(tmp_path: Path) -> None:
    path = tmp_path / "pomost.toml"
    path.write_bytes(b"a = 1\r\n# \xff\r\n")
    path.chmod(0o640)

    write_whole(path, read_file(path))

    assert path.read_bytes() == b"a = 1\r\n# \xff\r\n"
    assert path.stat().st_mode & 0o777 == 0o640


def test_only_the_owner_reads_versions_and_drafts(tmp_path: Path) -> None:
    path, history = tmp_path / "pomost.toml", History(tmp_path / "settings-history")
    path.write_text("a = 1\n")
    history.save(path, "a = 2\n", mark_of("a = 1\n"), "ewa", "a", 1.0)
    history.draft("a = 3\n", mark_of("a = 2\n"), "a")

    assert {one.stat().st_mode & 0o077 for one in history.folder.iterdir()} == {0}
    assert history.folder.stat().st_mode & 0o077 == 0
