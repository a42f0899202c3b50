"""`pomost serve` as a process that is told to end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pomost.sandbox.baselinker import Sandbox
from pomost.store.store import open_store
from tests.house import House, config_for

ROOT = Path(__file__).resolve().parents[2]
SERVE = """
import sys
from pathlib import Path
from pomost.bootstrap import assemble
from pomost.config.model import Config
from pomost.panel.serve import serve
sys.exit(serve(assemble(Config.model_validate_json(Path(sys.argv[1]).read_text()))))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_lets_the_work_under_way_be_finished(
    number: signal.Signals, shop: Sandbox, tmp_path: Path
) -> None:
    House(tmp_path, shop).stop()
    shop.place(12)
    shop.configure(delay_s=0.1)
    file = tmp_path / "config.json"
    file.write_text(config_for(tmp_path, shop.url, port=0).model_dump_json())
    child = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(file)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stderr=subprocess.PIPE,
    )
    try:
        end = time.monotonic() + 60
        while not shop.count("W realizacji") and time.monotonic() < end:
            time.sleep(0.02)
        child.send_signal(number)
        _, told = child.communicate(timeout=60)
    finally:
        child.kill()
    store = open_store(f"sqlite:///{tmp_path / 'pomost.db'}")
    lines = store.queries.all()
    begun = [step.state for line in lines for step in store.steps.of_case(line.id).values()]
    store.close()

    assert child.returncode == 0, told.decode()
    assert shop.count("W realizacji") > 0
    assert set(begun) == {"done"}
