"""Looking whether what cases wait for is there by now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from pomost.engine.watcher import Watcher
from pomost.ports import Erp
from pomost.store.store import Store


class NeedsWatcher(Watcher):
    """Wakes cases that wait for an item or for goods when these appear, oldest first."""

    def __init__(
        self,
        store: Store,
        erps: Mapping[str, tuple[str, Erp]],
        wake: Callable[[Iterable[int]], None],
        now: Callable[[], float],
        every_s: float,
    ) -> None:
        super().__init__("needs", every_s)
        self._store = store
        self._erps = erps
        self._wake = wake
        self._now = now

    def look_once(self) -> int:
        """Gives how many cases were woken."""
        needs = self._store.cases.needs()
        if not needs:
            return 0
        found: set[int] = set()
        for name, (company, erp) in self._erps.items():
            prefix = f"{name}|"
            own = [need.removeprefix(prefix) for need in needs if need.startswith(prefix)]
            if own:
                for need in erp.present(company, own):
                    found.update(needs[prefix + need])
        cases = sorted(found)
        if cases:
            self._store.cases.wake(cases, self._now())
            self._wake(cases)
        return len(cases)
