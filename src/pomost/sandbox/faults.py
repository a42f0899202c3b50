"""Faults on request, as sandboxes keep them: which, how often, by what chance. Each sandbox says which calls they hit."""

import random
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

Json = dict[str, Any]
Times = int | Literal["always"] | None
ALWAYS: Literal["always"] = "always"


@dataclass
class Rule:
    """One fault that was asked for, and how often it is still to strike. A sandbox adds which calls it hits."""

    fault: str
    left: Times = 1
    probability: float = 1.0
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    args: dict[str, Any] = field(default_factory=dict)

    def strikes(self) -> bool:
        """Whether it strikes a call that it hits; counted when it does."""
        if self.left == 0 or (self.probability < 1 and self.chance.random() >= self.probability):
            return False
        if isinstance(self.left, int):
            self.left -= 1
        return True

    def where(self) -> Json:
        """Which calls it hits, as an overview tells it."""
        return {}


R = TypeVar("R", bound=Rule)


class Faults(Generic[R]):
    """The faults asked for and still due. Asked from any thread."""

    def __init__(
        self, known: Collection[str], arguments: Collection[str] | None = None, whose: str = "sandbox"
    ) -> None:
        self.known = tuple(known)
        self._arguments = arguments
        self._whose = whose
        self._rules: list[R] = []
        self._guard = threading.Lock()

    def _ask(self, rule: R) -> R:
        """Raises ``ValueError`` for an unknown fault, an unknown argument, or a wrong number."""
        fault, times = rule.fault, rule.left
        if fault not in self.known:
            raise ValueError(f"The {self._whose} knows no fault {fault!r}; it knows {', '.join(self.known)}")
        if self._arguments is not None and (unknown := sorted(rule.args.keys() - set(self._arguments))):
            raise ValueError(f"No fault takes {', '.join(unknown)}; known are {', '.join(self._arguments)}")
        if times is not None and times != ALWAYS and (not isinstance(times, int) or times < 1):
            raise ValueError(f'The fault {fault} cannot strike {times!r} times; write 1 or more, or "always"')
        if not 0 <= rule.probability <= 1:
            raise ValueError(
                f"The fault {fault} has the probability {rule.probability}; write a number from 0 to 1"
            )
        with self._guard:
            self._rules.append(rule)
        return rule

    def asked(self) -> list[Json]:
        """The faults that are still to come: which, where, and how often (None: always)."""
        with self._guard:
            return [
                {
                    "fault": rule.fault,
                    **rule.where(),
                    "left": rule.left if isinstance(rule.left, int) else None,
                    "probability": rule.probability,
                }
                for rule in self._rules
            ]

    def left(self) -> int:
        """How many strikes that were asked for a number of times are still to come."""
        with self._guard:
            return sum(rule.left for rule in self._rules if isinstance(rule.left, int))

    def clear(self) -> None:
        """Withdraw all."""
        self._withdraw(lambda rule: True)

    def _withdraw(self, which: Callable[[R], bool]) -> None:
        with self._guard:
            self._rules = [rule for rule in self._rules if not which(rule)]

    def _struck(self, hits: Callable[[R], bool], *, one: bool = False) -> list[R]:
        """Those that hit a call and strike it, each counted; ``one``: only the first of them."""
        if not self._rules:
            return []
        found: list[R] = []
        with self._guard:
            for rule in self._rules:
                if hits(rule) and rule.strikes():
                    found.append(rule)
                    if one:
                        break
            self._rules = [rule for rule in self._rules if rule.left != 0]
        return found
