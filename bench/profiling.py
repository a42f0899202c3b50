"""The CPU time of every function in every thread, by cProfile with the clock of each thread, so that waiting counts nothing.

A profiled run is slower by about a half, and functions that call many small ones look dearer than they are.
"""

from __future__ import annotations

import cProfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any

SHOWN = 60


class Profiler:
    """Profiles threads begun inside the ``with`` block; writes tables of own and of cumulative time to ``target``."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._profiles: list[cProfile.Profile] = []

    def __enter__(self) -> Profiler:
        threading.setprofile(self._begin)
        return self

    def _begin(self, *_event: Any) -> None:
        """Called in each new thread at its first call; enabling replaces this function by the profile."""
        profile = cProfile.Profile(time.thread_time)
        self._profiles.append(profile)
        profile.enable()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        threading.setprofile(None)
        sums: dict[str, list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
        for profile in self._profiles:
            for entry in profile.getstats():
                found = sums[_name(entry.code)]
                found[0] += entry.callcount
                found[1] += entry.inlinetime
                found[2] += entry.totaltime
        total = sum(own for _calls, own, _within in sums.values()) or 1.0
        lines = [f"CPU seconds of all threads: {total:.1f}"]
        for title, place in (("own time", 1), ("time with what it calls", 2)):
            lines += ["", f"{title}\n share  seconds      calls"]
            ordered = sorted(sums.items(), key=lambda item: -item[1][place])
            lines += [
                f"{row[place] / total:6.1%} {row[place]:8.2f} {row[0]:10.0f}  {name}"
                for name, row in ordered[:SHOWN]
            ]
        self._target.write_text("\n".join(lines) + "\n")


def _name(code: CodeType | str) -> str:
    if isinstance(code, str):
        return code
    return f"{'/'.join(Path(code.co_filename).parts[-2:])}:{code.co_firstlineno} {code.co_name}"
