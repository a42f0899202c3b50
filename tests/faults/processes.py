"""Processes of the trials: each is a Pomost of its own, and none outlives its test."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from tests.nursery import Child, start


def start_child(folder: Path, *modes: str) -> Child:
    """A Pomost in a process of its own, see ``tests.faults.child``."""
    return start("tests.faults.child", str(folder), *modes)


def end_child(child: Child, seconds: float = 60.0) -> int:
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


def kill_child(child: Child) -> None:
    """Ends it at once."""
    child.kill()
    child.wait(20)
