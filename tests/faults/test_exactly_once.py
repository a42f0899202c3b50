"""I01: the program is killed at every point of every step; one document and one write each, none lost."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from pomost.config.model import Flow
from pomost.flows.catalogue import names
from pomost.sandbox.baselinker import Sandbox
from pomost.sql import Database
from tests.faults.harness import Trial, points_of

EXPECTED = {
    "ro-fs-wz": (["RO", "SALE", "WZ"], ["51001", "51002", "51003", "51004"]),
    "ro-fs-wz-at-once": (["RO", "SALE", "WZ"], ["51001", "51002", "51003", "51004"]),
    "ro-wz-fs": (["RO", "SALE", "WZ"], ["51001", "51002", "51003", "51004"]),
    "b2b-ro-fs-wz": (["RO", "SALE", "WZ"], ["51001", "51002", "51003", "51004"]),
    "b2b-ro-wz-fs": (["RO", "SALE", "WZ"], ["51001", "51002", "51003", "51004"]),
    "zs-fs-wz": (["ZS", "SALE", "WZ"], ["51001", "51002", "51003", "51004"]),
    "zs-wz-fs": (["ZS", "SALE", "WZ"], ["51001", "51002", "51003", "51004"]),
    "fs": (["SALE"], ["51002", "51004"]),
    "wz": (["WZ"], ["51003"]),
}
QUICK = ("ro-fs-wz",)


def _points(preset: str) -> list[str]:
    return points_of(Flow(name="sklep", source="baselinker", company="main", preset=preset))


def test_every_preset_has_its_expectation() -> None:
    assert set(EXPECTED) == set(names())


@pytest.mark.parametrize(
    "preset", [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.slow]) for name in EXPECTED]
)
def test_killed_at_every_point_each_effect_is_there_once(preset: str, shop: Sandbox, tmp_path: Path) -> None:
    trial = Trial(tmp_path, shop, preset)
    points = _points(preset)

    trial.run(points)

    kinds, fields = EXPECTED[preset]
    made = Counter({"SALE" if kind in ("FS", "PA") else kind: n for kind, n in trial.documents().items()})
    assert made == Counter(kinds)
    assert trial.field_writes() == Counter(fields)
    assert set(trial.status_writes().values()) <= {1}
    assert trial.kills == points, "every point must really have killed"
    trial.close()


def test_without_unique_key_and_look_up_a_kill_makes_a_second_document(shop: Sandbox, tmp_path: Path) -> None:
    """The detector is proved: with the guards off the same trial finds the duplicate."""
    trial = Trial(tmp_path, shop, "ro-fs-wz", guards_off=True)
    ledger = Database(trial.config.ledger.url)
    with ledger.writing() as connection:
        connection.execute(text("DROP INDEX uq_led_document_key"))
    ledger.close()

    trial.run(["ro:made"])

    assert trial.documents()["RO"] == 2
    trial.close()
