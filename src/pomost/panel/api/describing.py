"""What the API has: as OpenAPI for programs, and as a page for people that asks no outside host for anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from pomost.panel.web import Reader
from pomost.panel.words import text

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a model."""

    name: str
    type: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One address with a method."""

    method: str
    path: str
    about: str
    scope: str
    parameters: tuple[Field, ...]
    body: str
    answer: str


@router.get("/api/openapi.json", include_in_schema=False)
def openapi(request: Request) -> Response:
    """The description; it holds nothing that is not in the documentation of Pomost."""
    return JSONResponse(request.app.state.api.openapi())


@router.get("/api/docs", include_in_schema=False)
def docs(visit: Reader) -> Response:
    """The description as a page."""
    described: Mapping[str, Any] = visit.request.app.state.api.openapi()
    models = described["components"]["schemas"]
    return visit.page(
        "api/docs.html",
        active="tokens",
        operations=list(_operations(described)),
        models={
            name: (one.get("description", ""), tuple(_fields(one)))
            for name, one in sorted(models.items())
            if "ValidationError" not in name
        },
        server=described["servers"][0]["url"],
        about=text(visit.language, "api.docs.about"),
    )


def _operations(described: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            good = next(answer for status, answer in one["responses"].items() if status.startswith("2"))
            yield Operation(
                method.upper(),
                path,
                one.get("description", ""),
                str(one.get("x-scope", "")),
                tuple(
                    Field(
                        given["name"],
                        _type(given["schema"]),
                        bool(given.get("required")),
                        given.get("description", ""),
                    )
                    for given in one.get("parameters", ())
                ),
                _content(one.get("requestBody", {})),
                _content(good),
            )


def _content(part: Mapping[str, Any]) -> str:
    for kind, one in part.get("content", {}).items():
        return _type(one["schema"]) if one.get("schema") else str(kind)
    return ""


def _fields(model: Mapping[str, Any]) -> Iterator[Field]:
    needed = model.get("required", ())
    for name, one in model.get("properties", {}).items():
        yield Field(name, _type(one), name in needed, one.get("description", ""))


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f'"{one}"' for one in schema["enum"])
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}))}]"
    kind = str(schema.get("type", "any"))
    return f"{kind} ({schema['format']})" if schema.get("format") else kind
