"""A sampler of all threads: each stack weighs the CPU time that its thread used since the last sample, so that waiting
counts nothing. Samples fall where the interpreter lets another thread run; threads are switched oftener than usual
meanwhile, because otherwise they nearly always do so at a lock or at the database. A profiled run is slower."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType, TracebackType

EVERY_S = 0.01
SWITCH_S = 0.0002
SHOWN = 45


class Sampler:
    """Writes tables of own and of cumulative time, then folded stacks (for flame graphs), to ``target`` at the end."""

    def __init__(self, target: Path, every_s: float = EVERY_S) -> None:
        self._target, self._every_s = target, every_s
        self._stacks: Counter[tuple[str, ...]] = Counter()
        self._used: dict[int, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def __enter__(self) -> Sampler:
        self._switch_s = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_S)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        sys.setswitchinterval(self._switch_s)
        self._target.write_text(self._report())

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            for ident, frame in sys._current_frames().items():
                if ident == self._thread.ident:
                    continue
                try:
                    used = time.clock_gettime_ns(time.pthread_getcpuclockid(ident))
                except OSError:
                    continue  # it ended meanwhile
                spent = used - self._used.get(ident, used)
                self._used[ident] = used
                if spent:
                    self._stacks[_stack(frame)] += spent

    def _report(self) -> str:
        total = sum(self._stacks.values()) or 1
        own: Counter[str] = Counter()
        within: Counter[str] = Counter()
        for stack, spent in self._stacks.items():
            own[stack[-1]] += spent
            for name in set(stack):
                within[name] += spent
        lines = [f"CPU seconds of all threads: {total / 1e9:.1f}"]
        for title, table in (("own", own), ("with what it calls", within)):
            lines += ["", f"share   seconds  {title}"]
            lines += [
                f"{spent / total:6.1%} {spent / 1e9:8.2f}  {name}" for name, spent in table.most_common(SHOWN)
            ]
        lines += ["", "folded stacks, microseconds"]
        lines += [f"{';'.join(stack)} {spent // 1000}" for stack, spent in self._stacks.most_common()]
        return "\n".join(lines) + "\n"


def _stack(frame: FrameType | None) -> tuple[str, ...]:
    found: list[str] = []
    while frame is not None:
        code = frame.f_code
        found.append(f"{'/'.join(Path(code.co_filename).parts[-2:])}:{code.co_name}")
        frame = frame.f_back
    return tuple(reversed(found))
