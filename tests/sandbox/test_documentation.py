"""The page about the sandbox names everything that can be asked of it."""

from dataclasses import fields
from pathlib import Path

import pytest

from pomost.sandbox.baselinker import Settings, defaults
from pomost.sandbox.baselinker.desk import ACTS
from pomost.sandbox.baselinker.faults import FAULTS

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
NAMES = [*FAULTS, *ACTS, *(setting.name for setting in fields(Settings))]


@pytest.mark.parametrize("name", NAMES)
def test_faults_verbs_and_settings_are_documented(name: str) -> None:
    assert f"`{name}`" in PAGE or f"`{name}=" in PAGE


def test_the_ids_of_the_account_are_documented() -> None:
    rows = [*defaults.STATUSES, *defaults.EXTRA_FIELDS, *((r[0], r[2]) for r in defaults.SERIES)]
    words = " ".join(PAGE.split())
    assert [row[:2] for row in rows if f"{row[1]} {row[0]}" not in words] == []
