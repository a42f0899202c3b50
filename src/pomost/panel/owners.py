"""Which process does a long act: so that the next one sees at its start that it died, without waiting until it is silent.

A process is known by its number within the machine's start and its namespace of numbers. Where these can't be read (not
Linux), and for processes elsewhere, silence tells, as ``store.acts`` says.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from pomost.store.acts import Acts

RUN = secrets.token_hex(8)
"""Of this start: a process that began anew keeps its number."""


def place() -> str:
    """Within what a process number means one process; empty where nobody can say."""
    try:
        started = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{started}:{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def mark() -> dict[str, str]:
    """Kept with an act of this process."""
    return {"place": place(), "pid": str(os.getpid()), "run": RUN}


def is_dead(owner: Mapping[str, str]) -> bool:
    """Whether it is sure that the process does not live any more."""
    if not owner.get("place") or owner["place"] != place():
        return False
    if owner["pid"] == str(os.getpid()):
        return owner["run"] != RUN
    return not Path("/proc", owner["pid"]).exists()


def end_those_of_the_dead(acts: Acts) -> None:
    """Acts whose process is dead were cut off."""
    acts.cut_dead(is_dead)
