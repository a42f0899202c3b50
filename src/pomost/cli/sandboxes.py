"""``pomost sandbox --kind``: the sandboxes beside BaseLinker's, each by its own ``run`` module."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module

import typer


class Kind(StrEnum):
    """What can be run on this machine, by the name of its package in ``pomost.sandbox``."""

    BASELINKER = "baselinker"
    WOOCOMMERCE = "woocommerce"
    SHIPX = "shipx"
    APACZKA = "apaczka"


PORTS = {Kind.WOOCOMMERCE: 8091, Kind.SHIPX: 8092, Kind.APACZKA: 8093}
TAKEN = {Kind.WOOCOMMERCE: ("port", "orders", "rate", "delay", "seed", "products")}
"""Options of the command that a kind knows too; the others know the port only."""


def run_kind(kind: Kind, context: typer.Context) -> None:
    """Runs a sandbox that is not BaseLinker's until it is told to end. Raises ``typer.BadParameter`` for an option of the
    command that this kind does not know, ``OSError`` and ``ValueError`` as the sandbox does."""
    taken = TAKEN.get(kind, ("port",))
    given = [name for name in context.params if _typed(context, name)]
    if strange := [name for name in given if name not in (*taken, "kind")]:
        options = ", ".join("--" + name.replace("_", "-") for name in strange)
        raise typer.BadParameter(
            f"The sandbox {kind} has no {options}; all that it has: python -m pomost.sandbox.{kind} --help"
        )
    values = {name: context.params[name] for name in taken}
    if "port" not in given:
        values["port"] = PORTS[kind]
    words = [word for name, value in values.items() for word in (f"--{name}", str(value))]
    module = import_module(f"pomost.sandbox.{kind}.run")
    module.run(module.options_from(words))


def _typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
