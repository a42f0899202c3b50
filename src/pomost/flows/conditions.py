"""Conditions of flows in CEL, compiled once; errors say which step and what to write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import cel

from pomost.ports import NeedsPerson

NAMES = ("order", "docs", "ships")
_MACRO = r"\.(?:exists|exists_one|all|map|filter)\(\s*{name}\s*,"


@lru_cache(maxsize=512)
def compiled(text: str) -> cel.Program:
    """The program of ``text``; raises ValueError with the place of the fault."""
    program = cel.compile(text)
    unknown = {name for name in program.variables() if not _is_loop_variable(name, text)} - set(NAMES)
    if unknown:
        raise ValueError(f"unknown name {', '.join(sorted(unknown))}; a condition may use {', '.join(NAMES)}")
    return program


def _is_loop_variable(name: str, text: str) -> bool:
    """Whether ``name`` is what a macro such as ``order.lines.exists(line, ...)`` calls its element."""
    return re.search(_MACRO.format(name=re.escape(name)), text) is not None


def to_ask(facts: Mapping[str, Any]) -> cel.Context:
    """The facts in the form that conditions are asked about; made once for many conditions, for it costs the most."""
    return cel.Context(variables=dict(facts))


def holds(text: str, facts: cel.Context, where: str) -> bool:
    """Whether the condition is true for ``facts`` (see ``to_ask``); raises NeedsPerson when it can't be answered."""
    if not text:
        return True
    try:
        answer = compiled(text).execute(facts)
    except KeyError as error:
        raise NeedsPerson(
            "flow.condition-unknown-name",
            f"The condition of {where} asks for {error}, which this order does not have: {text}",
            "Use has(docs.STEP) before docs.STEP.number, or correct the name.",
        ) from error
    except (TypeError, ValueError, RuntimeError) as error:
        raise NeedsPerson(
            "flow.condition-failed",
            f"The condition of {where} can't be answered: {text} ({error})",
            "Correct the condition in the flow.",
        ) from error
    if not isinstance(answer, bool):
        raise NeedsPerson(
            "flow.condition-not-boolean",
            f"The condition of {where} gives {answer!r} instead of true or false: {text}",
            "Write a comparison.",
        )
    return answer
