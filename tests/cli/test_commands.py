"""The command line as a user types it, each command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def pomost(*words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(REPO / "src"), "COLUMNS": "200", **environment}
    return subprocess.run(
        [sys.executable, "-m", "pomost", *words],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_demo_takes_every_order_through_and_says_what_was_made(tmp_path: Path) -> None:
    done = pomost("demo", "--orders", "6", "--folder", "demo", folder=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((tmp_path / "demo" / "pdf").rglob("*.pdf"))) == 6
    for word in ("RO", "WZ", "pomost.db"):
        assert word in done.stdout


def test_the_file_of_init_is_right_once_the_token_is_there(tmp_path: Path) -> None:
    assert pomost("init", folder=tmp_path).returncode == 0

    without = pomost("check", folder=tmp_path)
    given = pomost("check", folder=tmp_path, POMOST_BL_TOKEN="x")

    assert without.returncode == 2
    assert "POMOST_BL_TOKEN is not set" in without.stdout
    assert given.returncode == 0, given.stdout


def test_check_says_the_line_the_setting_and_what_is_known(tmp_path: Path) -> None:
    pomost("init", folder=tmp_path)
    file = tmp_path / "pomost.toml"
    lines = file.read_text(encoding="utf-8").replace("poll_s = 6.0", "pol_s = 6.0").splitlines()
    file.write_text("\n".join(lines), encoding="utf-8")
    line = 1 + next(place for place, text in enumerate(lines) if text.startswith("pol_s"))

    wrong = pomost("check", folder=tmp_path, POMOST_BL_TOKEN="x")

    assert wrong.returncode == 2
    assert f"line {line}, baselinker[1].pol_s: there is no such setting" in wrong.stdout
    assert "poll_s" in wrong.stdout
