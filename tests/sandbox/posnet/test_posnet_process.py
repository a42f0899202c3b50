"""The emulator as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.sandbox.posnet.wire import Wire

REPO = Path(__file__).resolve().parents[3]


def test_it_sells_until_it_is_told_to_end_and_goes_on_with_its_memory(tmp_path: Path) -> None:
    answers = []
    for _ in range(2):
        command = [sys.executable, "-m", "pomost.sandbox.posnet", "--file", str(tmp_path / "memory.db")]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(REPO / "src")}
        ) as process:
            assert process.stdout is not None
            ports = json.loads(process.stdout.readline())
            with Wire(ports["port"]) as wire, Wire(ports["second_port"]) as other:
                assert wire.sell(("X", 0, 100)) == 0
                answers.append([part for part in other.ask("scnt") if part.startswith("bn")])
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0

    assert answers == [["bn1"], ["bn2"]]
