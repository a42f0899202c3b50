"""Every message of the source has its Polish one, and every Polish one its message."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from pomost.config.model import Config
from pomost.words import in_language
from pomost.words.catalogue import ANY, Template, checked, filled, messages, names, phrases
from tests.words.sources import Said, bare, everything

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "pomost"
MESSAGES = SOURCE / "words" / "messages"
BY_HAND = {"by_hand.toml", "settings.toml"}
"""Files whose English is not a template of the source; what they hold is tested by name in test_polish.py and below."""
SAID = everything(SOURCE)
LOOSE = {
    ("carriers.py", ANY): "a failure of another part, handed on with its code; so in every module after it",
    (
        "checking.py",
        "config.unknown-word",
    ): "the channel's own text: baselinker.unknown-status or unknown-field",
    ("config/load.py", "config.missing"): "the description of the setting, in settings.toml",
    ("config/load.py", "config.wrong-value"): "as above, and the reason, in by_hand.toml",
    ("config/load.py", "config.not-toml"): "the text of the TOML reader, in by_hand.toml",
    ("flows/dry_run.py", ANY): "text and advice of a failure, put together",
    ("flows/dry_run.py", "ledger.unknown-item"): "in by_hand.toml",
    ("flows/plan.py", "flow.undone"): "what was undone, in by_hand.toml",
    ("flows/gathering.py", "flow.short"): "advice of a failure, handed on",
    ("flows/devices.py", ANY): "a failure of a device, with its name before it",
    ("devices.py", "config.unknown-company"): "none such, in by_hand.toml",
    ("devices.py", "config.unknown-printer"): "as above",
    ("devices.py", "config.unknown-mailer"): "as above",
    ("devices.py", "config.unknown-payment"): "as above",
    ("store/bounces.py", "mail.bounced"): "what the other mail server said",
    ("store/bounces.py", "mail.delayed"): "as above",
}
"""What can't be read from the source, and where its Polish comes from."""
SAMPLES = ("KUBEK-1", 'Żółta „łódź" 5', "FS/1/2026", "[x]", "it's {one}", "12.50", "a\\b*?", "ŁÓDŹ & Co")


def templates_of(file: Path) -> list[Template]:
    return [
        checked(code, *pair)
        for code, own in tomllib.loads(file.read_text(encoding="utf-8")).items()
        for pair in own.items()
    ]


CATALOGUE = [
    one for file in sorted(MESSAGES.glob("*.toml")) if file.name not in BY_HAND for one in templates_of(file)
]
ALL = [one for file in sorted(MESSAGES.glob("*.toml")) for one in templates_of(file)]


def key(one: Said | Template) -> tuple[str, str]:
    return one.code, one.bare if isinstance(one, Said) else bare(one.english)


def test_every_message_of_the_source_has_a_polish_one() -> None:
    known = {key(one) for one in CATALOGUE}
    missing = [one for one in SAID if not one.loose and key(one) not in known]

    assert [f"{one.module}:{one.line} {one.code}: {one.template}" for one in missing] == []


def test_every_polish_message_still_has_its_english_one() -> None:
    said = {key(one) for one in SAID}

    assert [key(one) for one in CATALOGUE if key(one) not in said] == []


def test_what_can_not_be_read_from_the_source_is_named() -> None:
    assert {(one.module, one.code) for one in SAID if one.loose} == set(LOOSE)


def test_no_message_stands_twice() -> None:
    keys = [key(one) for one in CATALOGUE]

    assert sorted(one for one in keys if keys.count(one) > 1) == []


def test_each_file_has_the_codes_of_its_area() -> None:
    wrong = [
        (file.name, one.code)
        for file in MESSAGES.glob("*.toml")
        if file.name not in BY_HAND
        for one in templates_of(file)
        if one.code.split(".")[0] != {"any": ANY}.get(file.stem, file.stem.partition("_")[0])
    ]

    assert wrong == []


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.code}: {one.english[:40]}")
def test_values_arrive_unchanged(one: Template) -> None:
    values = {name: SAMPLES[place % len(SAMPLES)] for place, name in enumerate(names(one.english))}
    for name in re.findall(r"\{(\w+)\} ?\{", one.english):
        # nobody could tell where the first of two values ends
        values[name] = "KUBEK-1"
    english = filled(one.english, values)

    found = one.values(english)
    assert found is not None
    assert filled(one.polish, found) == filled(one.polish, values)
    if one.code not in (ANY, "config.reason"):
        assert in_language("pl", one.code, english) == (filled(one.polish, values).strip(), "")
    assert in_language("en", one.code, english, english) == (english, english)


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.code}: {one.english[:40]}")
def test_polish_is_polish(one: Template) -> None:
    words = re.findall(r"[a-z']+", re.sub(r"\{[^}]*\}|`[^`]*`|\"[^\"]*\"", " ", one.polish.lower()))

    assert set(words) & {"the", "is", "of", "it", "can't", "this", "and", "or", "not"} == set()
    if one.code != "config.reason":
        assert one.polish[:1].islower() == one.english[:1].islower() or one.english.startswith(("{", '"'))


def test_phrases_have_the_same_values_in_both_languages() -> None:
    # read through the same check as messages: it raises
    assert phrases()
    assert all(own for own in phrases().values())


def test_a_phrase_belongs_to_a_value_of_some_message() -> None:
    used = {
        name.rstrip("0123456789") for own in messages().values() for one in own for name in names(one.english)
    }
    used |= {
        name.rstrip("0123456789") for own in phrases().values() for one in own for name in names(one.english)
    }

    assert set(phrases()) - used == {"act"}


def test_every_setting_is_described_in_polish() -> None:
    known = {one.english for one in templates_of(MESSAGES / "settings.toml")}
    said = {text.replace("{", "{{").replace("}", "}}") for text in descriptions(Config)}

    assert sorted(said - known) == []
    assert sorted(known - said) == []


def descriptions(model: Any, seen: frozenset[Any] = frozenset()) -> set[str]:
    """The descriptions of all settings of a model and of those within."""
    found: set[str] = set()
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        for part in getattr(model, "__args__", ()):
            found |= descriptions(part, seen)
        return found
    if model in seen:
        return found
    for field in model.model_fields.values():
        if field.description:
            found.add(field.description)
        found |= descriptions(field.annotation, seen | {model})
    return found
