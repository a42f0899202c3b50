"""Processes of the trials: each is a Pomost of its own, and none outlives its test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def start_child(folder: Path, *modes: str) -> subprocess.Popen[bytes]:
    """A Pomost in a process of its own, see ``tests.faults.child``."""
    environment = {**os.environ, "PYTHONPATH": f"{REPO / 'src'}{os.pathsep}{REPO}"}
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.faults.child", str(folder), *modes]
    return subprocess.Popen(command, cwd=REPO, env=environment)


def end_child(child: subprocess.Popen[bytes], seconds: float = 60.0) -> int:
    """Stops it unless it is dead already; gives how it ended. One that does not stop says where each thread stands."""
    if child.poll() is None:
        child.terminate()
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGABRT)
        child.wait(20)
        raise AssertionError(
            f"process {child.pid} did not stop in {seconds} s: see its threads above"
        ) from None


def kill_child(child: subprocess.Popen[bytes]) -> None:
    """Ends it at once."""
    if child.poll() is None:
        child.kill()
    child.wait(20)
