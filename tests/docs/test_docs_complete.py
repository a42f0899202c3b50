"""The documentation says all that the code says, and nothing else."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from click import Command, Group

from pomost import ports
from pomost.cli.main import app
from pomost.flows import catalogue

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
CODE = re.compile(r"[a-z]+\.[a-z][a-z-]+")
FAILURES = {
    name for name, kind in vars(ports).items() if isinstance(kind, type) and issubclass(kind, ports.Failure)
}
PLACE_OF_CODE = {**dict.fromkeys(FAILURES, 0), "Refused": 0, "MissingSku": 0, "Problem": 0, "Wait": 1}
PAGES = (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))


def codes_in(path: Path) -> Iterator[str]:
    """Codes given to failures, refusals, problems and waits, and those under "code" in a dict."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assigned = [
        (target.id, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    for node in ast.walk(tree):
        given: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            place = PLACE_OF_CODE.get(name)
            if place is not None and len(node.args) > place:
                given.append(node.args[place])
        if isinstance(node, ast.Dict):
            given += [
                value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant) and key.value == "code"
            ]
        for expression in list(given):
            if isinstance(expression, ast.Name):
                given += [value for name, value in assigned if name == expression.id]
        for expression in given:
            for part in ast.walk(expression):
                if (
                    isinstance(part, ast.Constant)
                    and isinstance(part.value, str)
                    and CODE.fullmatch(part.value)
                ):
                    yield part.value


def commands(group: Group, before: str = "pomost") -> Iterator[str]:
    for name, command in group.commands.items():
        yield from _below(command, f"{before} {name}")


def _below(command: Command, name: str) -> Iterator[str]:
    if hasattr(command, "commands"):
        for inner, below in command.commands.items():
            yield from _below(below, f"{name} {inner}")
    else:
        yield name


def test_every_error_code_is_listed_and_every_listed_code_exists() -> None:
    used = {code for path in (ROOT / "src").rglob("*.py") for code in codes_in(path)}
    rows = re.findall(
        r"^\| `([^`]+)` \|", (DOCS / "reference" / "errors.md").read_text(encoding="utf-8"), re.M
    )

    assert sorted(rows) == sorted(used)


def test_the_configuration_page_is_what_the_model_says() -> None:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)

    assert generate.TARGET.read_text(encoding="utf-8") == generate.text_of(), "run python docs/generate.py"


@pytest.mark.parametrize("preset", catalogue.names())
def test_every_preset_is_explained(preset: str) -> None:
    assert f"`{preset}`" in (DOCS / "explanation" / "flows.md").read_text(encoding="utf-8")


def test_every_command_is_named() -> None:
    text = " ".join(" ".join(page.read_text(encoding="utf-8").split()) for page in PAGES)
    group = typer.main.get_command(app)

    assert [name for name in commands(group) if name not in text] == []  # type: ignore[arg-type]


def test_every_module_of_the_catalogue_is_there() -> None:
    page = (DOCS / "reference" / "catalogue.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split(" | ")] for line in page.splitlines() if "| `" in line]
    modules = [name for row in rows for name in re.findall(r"`([a-z_/.-]+)`", row[2])]

    assert len(rows) == 40
    assert [name for name in modules if not (ROOT / "src" / "pomost" / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []
