"""What the source says to people: every code with the texts and advice given with it, read without running anything.

A text is a template: f-strings keep their words and have a hole for each value. Names are followed to what is assigned
to them in the same function or module, parameters to the calls of their function, calls of functions of the same
module to what these return. What can't be followed is a hole as well; a text that is nothing but a hole is ``loose``.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pomost import ports

CODE = re.compile(r"[a-z]+\.[a-z][a-z-]+")
FAILURES = {
    name for name, kind in vars(ports).items() if isinstance(kind, type) and issubclass(kind, ports.Failure)
}
PLACES: dict[str, tuple[int, int, int | None]] = {
    **dict.fromkeys(FAILURES, (0, 1, 2)),
    "Waiting": (0, 1, 3),
    "WaitUntil": (0, 1, 3),
    "Refused": (0, 1, 2),
    "MissingSku": (0, 1, 2),
    "Wait": (1, 2, None),
}
"""Where code, text and advice stand among the arguments."""
DEPTH = 8
ANY = "*"
"""The code of a text that goes with whatever code its inner message has."""


@dataclass(frozen=True)
class Said:
    """One text or advice with its code. ``template`` has ``{name}`` for values; braces of the text are doubled."""

    code: str
    template: str
    module: str
    line: int

    @property
    def bare(self) -> str:
        return bare(self.template)

    @property
    def loose(self) -> bool:
        """It has no words of its own: everything comes from elsewhere."""
        return not re.search(r"[A-Za-z]{2}", self.bare.replace("{}", ""))


def bare(template: str) -> str:
    """The template without the names of its values: renaming a variable changes no message."""
    return re.sub(r"(?<!\{)\{[a-z_0-9]+\}", "{}", template)


Template = tuple["str | Hole", ...]


@dataclass(frozen=True)
class Hole:
    name: str


@dataclass
class Scope:
    """A function (or the module) with what its names stand for."""

    module: Module
    function: ast.FunctionDef | None
    bound: dict[str, tuple[ast.expr, Scope]] = field(default_factory=dict)


class Module:
    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.functions: dict[str, ast.FunctionDef] = {}
        self.inside: dict[ast.AST, ast.FunctionDef | None] = {}
        self.assigned: dict[tuple[ast.FunctionDef | None, str], list[ast.expr]] = {}
        self.calls: dict[str, list[ast.Call]] = {}
        self._walk(self.tree, None)

    def _walk(self, node: ast.AST, function: ast.FunctionDef | None) -> None:
        for child in ast.iter_child_nodes(node):
            self.inside[child] = function
            if isinstance(child, ast.FunctionDef):
                self.functions.setdefault(child.name, child)
                self._walk(child, child)
                continue
            if isinstance(child, ast.Assign):
                for target in child.targets:
                    self._assign(target, child.value, function)
            if isinstance(child, ast.AnnAssign) and child.value is not None:
                self._assign(child.target, child.value, function)
            if isinstance(child, ast.AugAssign) and isinstance(child.target, ast.Name):
                self.assigned.setdefault((function, child.target.id), []).append(child.value)
            if isinstance(child, ast.Call):
                self.calls.setdefault(called(child), []).append(child)
            self._walk(child, function)

    def _assign(self, target: ast.expr, value: ast.expr, function: ast.FunctionDef | None) -> None:
        if isinstance(target, ast.Name):
            self.assigned.setdefault((function, target.id), []).append(value)
        elif isinstance(target, ast.Tuple):
            for place, part in enumerate(target.elts):
                for values in alternatives(value):
                    if isinstance(values, ast.Tuple) and len(values.elts) == len(target.elts):
                        self._assign(part, values.elts[place], function)


def alternatives(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.IfExp):
        yield from alternatives(node.body)
        yield from alternatives(node.orelse)
    else:
        yield node


def called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def short(node: ast.expr) -> str:
    """A name for a value: the words of its expression that say what it is."""
    names = [
        part.id if isinstance(part, ast.Name) else part.attr
        for part in ast.walk(node)
        if isinstance(part, (ast.Name, ast.Attribute))
    ]
    skipped = {
        "join",
        "sorted",
        "str",
        "len",
        "strip",
        "get",
        "self",
        "cls",
        "repr",
        "type",
        "int",
        "max",
        "min",
        "next",
        "text",
        "list",
    }
    good = [name.strip("_").lower() for name in names if name not in skipped and not name.isupper()]
    return re.sub(r"[^a-z0-9_]", "", good[0]) if good else "value"


def texts(node: ast.expr, scope: Scope, depth: int = 0, seen: tuple[ast.AST, ...] = ()) -> list[Template]:
    """All templates that the expression may give."""
    hole: list[Template] = [(Hole(short(node)),)]
    if depth > DEPTH or node in seen:
        return hole
    seen = (*seen, node)

    def inner(part: ast.expr) -> list[Template]:
        return texts(part, scope, depth + 1, seen)

    if isinstance(node, ast.Constant):
        return [(node.value,)] if isinstance(node.value, str) else hole
    if isinstance(node, ast.JoinedStr):
        parts: list[list[Template]] = []
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                plain = value.conversion == -1 and value.format_spec is None
                found = inner(value.value) if plain else [(Hole(short(value.value)),)]
                # a value made of many alternatives elsewhere stays a value
                parts.append(found if len(found) <= 6 and worded(found) else [(Hole(short(value.value)),)])
            else:
                parts.append(inner(value))
        return [sum(one, ()) for one in itertools.product(*parts)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [left + right for left in inner(node.left) for right in inner(node.right)]
    if isinstance(node, ast.IfExp):
        return inner(node.body) + inner(node.orelse)
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        return [one for part in node.values for one in inner(part)]
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return among(node.value, scope, depth, seen) or hole
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            if node.func.attr in ("strip", "rstrip", "lstrip"):
                return inner(node.func.value)
            if node.func.attr == "get" and isinstance(node.func.value, ast.Name):
                return among(node.func.value, scope, depth, seen) or hole
        function = scope.module.functions.get(called(node))
        if function is not None:
            returned = [
                part.value
                for part in ast.walk(function)
                if isinstance(part, ast.Return) and part.value is not None
            ]
            inside = Scope(scope.module, function, bind(function, node, scope))
            found = [one for value in returned for one in texts(value, inside, depth + 1, seen)]
            return found if found and worded(found) else hole
        return hole
    if isinstance(node, ast.Name):
        if node.id in scope.bound:
            value, outer = scope.bound[node.id]
            return texts(value, outer, depth + 1, seen)
        given = scope.module.assigned.get((scope.function, node.id)) or scope.module.assigned.get(
            (None, node.id)
        )
        if given:
            # what is empty to begin with is said only once it has words
            worth = [one for one in given if not (isinstance(one, ast.Constant) and one.value == "")]
            found = [one for value in worth for one in inner(value)]
            return found if worded(found) else hole
    return hole


def among(name: ast.Name, scope: Scope, depth: int, seen: tuple[ast.AST, ...]) -> list[Template]:
    """The texts of a dict that is written out in the module."""
    found: list[Template] = []
    for value in scope.module.assigned.get((None, name.id), []) + scope.module.assigned.get(
        (scope.function, name.id), []
    ):
        if isinstance(value, ast.Dict):
            found += [one for part in value.values for one in texts(part, scope, depth + 1, seen)]
    return found


def worded(found: list[Template]) -> bool:
    return any(isinstance(part, str) and re.search("[A-Za-z]", part) for one in found for part in one)


def bind(function: ast.FunctionDef, call: ast.Call, scope: Scope) -> dict[str, tuple[ast.expr, Scope]]:
    names = [one.arg for one in function.args.posonlyargs + function.args.args]
    if names and names[0] in ("self", "cls"):
        names = names[1:]
    defaults = function.args.defaults
    bound: dict[str, tuple[ast.expr, Scope]] = dict(
        zip(names[len(names) - len(defaults) :], ((one, scope) for one in defaults), strict=False)
    )
    for one, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        if default is not None:
            bound[one.arg] = (default, scope)
    bound.update(zip(names, ((one, scope) for one in call.args), strict=False))
    bound.update({one.arg: (one.value, scope) for one in call.keywords if one.arg})
    return bound


def parameters(function: ast.FunctionDef) -> set[str]:
    return {one.arg for one in function.args.args + function.args.kwonlyargs + function.args.posonlyargs}


def scopes(node: ast.AST, used: set[str], module: Module, depth: int = 0) -> Iterator[Scope]:
    """The function around a node, once for each call of it where its parameters are what is said."""
    function = module.inside.get(node)
    if (
        function is None
        or function.name == "__init__"
        or depth > 3
        or not used & parameters(function)
        or not module.calls.get(function.name)
    ):
        yield Scope(module, function)
        return
    for call in module.calls[function.name]:
        more = {part.id for part in ast.walk(call) if isinstance(part, ast.Name)}
        for outer in scopes(call, more, module, depth + 1):
            yield Scope(module, function, bind(function, call, outer))


def rendered(template: Template) -> str:
    counted: dict[str, int] = {}
    said = ""
    for part in template:
        if isinstance(part, str):
            said += part.replace("{", "{{").replace("}", "}}")
        else:
            counted[part.name] = counted.get(part.name, 0) + 1
            said += "{" + part.name + (str(counted[part.name]) if counted[part.name] > 1 else "") + "}"
    return said.strip()


def said_in(module: Module) -> Iterator[Said]:
    for node in ast.walk(module.tree):
        given: tuple[ast.expr | None, list[ast.expr]] = (None, [])
        if isinstance(node, ast.Call):
            given = of_call(node, module)
        elif isinstance(node, ast.Dict):
            named = {
                key.value: value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            }
            if "code" in named and "text" in named:
                given = (named["code"], [named[key] for key in ("text", "advice") if key in named])
        code, expressions = given
        if code is None:
            continue
        used = {
            part.id for one in (code, *expressions) for part in ast.walk(one) if isinstance(part, ast.Name)
        }
        for scope in scopes(node, used, module):
            codes = [one[0] for one in texts(code, scope) if len(one) == 1 and isinstance(one[0], str)]
            for one in [one for one in codes if CODE.fullmatch(one)] or [ANY]:
                for expression in expressions:
                    for template in texts(expression, scope):
                        yield Said(one, rendered(template), module.name, node.lineno)


def of_call(node: ast.Call, module: Module) -> tuple[ast.expr | None, list[ast.expr]]:
    name = called(node)
    places = PLACES.get(name)
    if name == "Problem":
        places = (0, 2, 3) if module.name.startswith("connectors/posnet") else (0, 3, 4)
    if places is None:
        return None, []
    arguments = dict(enumerate(node.args))
    named = {one.arg: one.value for one in node.keywords}
    code = arguments.get(places[0], named.get("code"))
    found = [arguments.get(places[1], named.get("text"))]
    if places[2] is not None:
        found.append(arguments.get(places[2], named.get("advice")))
    return code, [one for one in found if one is not None]


def everything(root: Path) -> list[Said]:
    """All that the modules below ``root`` say, each template once per code."""
    found: dict[tuple[str, str], Said] = {}
    for path in sorted(one for one in root.rglob("*.py") if one.parent.name != "words"):
        module = Module(path, str(path.relative_to(root)))
        for said in said_in(module):
            if said.template:
                found.setdefault((said.code, said.bare), said)
    return list(found.values())
