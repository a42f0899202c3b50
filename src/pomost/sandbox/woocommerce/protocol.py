"""How the shop speaks: requests as PHP reads them, answers as it encodes them, and its errors."""

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

Json = dict[str, Any]
API = "/wc/v3"


class Refusal(ValueError):
    """An error answer: status, code and message as in section 13 of the reference.

    An act of the shop's people that the shop refuses raises it, too.
    """

    def __init__(self, status: int, code: str, message: str, bare: bool = False, **data: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.data: Any = status if bare else {"status": status, **data}

    def body(self) -> Json:
        return {"code": self.code, "message": self.message, "data": self.data}


def wrong_value(name: str, why: str) -> Refusal:
    """400 for a wrong value of a known parameter."""
    return Refusal(
        400,
        "rest_invalid_param",
        f"Invalid parameter(s): {name}",
        params={name: why},
        details={name: {"code": "rest_invalid_param", "message": why, "data": None}},
    )


@dataclass
class Request:
    """One call, after the route was found."""

    method: str
    path: str
    """Below ``/wp-json``."""
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes = b""
    secure: bool = False
    """What PHP believes about HTTPS."""
    base: str = ""
    """Address of the shop as it knows itself."""
    host: str = ""
    params: Json = field(default_factory=dict)
    """Query and body together; the body wins."""
    sent: Json = field(default_factory=dict)
    """The body alone."""
    legacy: bool = False
    in_batch: bool = False
    sent_method: str = ""
    """As it came, before any override; that one is signed."""
    stop_after: int | None = None
    """The host's time is over after so many items of a batch."""

    def inner(self, method: str, params: Json) -> "Request":
        """One item of a batch."""
        return Request(
            method, self.path, [], self.headers, secure=self.secure, base=self.base, params=params, sent=params,
            legacy=self.legacy, in_batch=True,
        )  # fmt: skip


@dataclass
class Answer:
    data: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


_BRACKETS = re.compile(r"\[([^\]]*)\]")


def php_params(pairs: list[tuple[str, str]]) -> Json:
    """The pairs as PHP reads them: ``a[]`` and ``a[0]`` make lists, of equal names the last wins."""
    found: Json = {}
    for key, value in pairs:
        name, bracket, _ = key.partition("[")
        if bracket and _BRACKETS.search(key):
            many = found.setdefault(name, [])
            if isinstance(many, list):
                many.append(value)
        else:
            found[name] = value
    return found


def read_query(raw: str) -> list[tuple[str, str]]:
    return parse_qsl(raw, keep_blank_values=True)


def read_body(body: bytes, kind: str) -> Json:
    """The parameters in a body; raises `Refusal` for broken JSON."""
    if not body:
        return {}
    if "json" in kind:
        try:
            found = json.loads(body, parse_float=Decimal)
        except ValueError:
            raise Refusal(400, "rest_invalid_json", "Invalid JSON body passed.") from None
        return found if isinstance(found, dict) else {}
    if "form" in kind:
        return php_params(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return {}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} cannot be encoded")


def encode(value: Any) -> bytes:
    """JSON with the escapes of PHP: slashes and everything outside ASCII."""
    # A slash can only stand within a text of JSON, so that all of them may be escaped at once.
    return json.dumps(value, separators=(",", ":"), default=_plain).replace("/", "\\/").encode("ascii")


def truth(value: Any) -> bool:
    """How WordPress reads a yes or no."""
    if isinstance(value, str):
        return value.lower() not in ("", "0", "false", "no")
    return bool(value)


def as_list(value: Any) -> list[Any]:
    """``1,2,3``, ``["1", "2"]`` or one value, as a list."""
    if value is None or value == "":
        return []
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [value]


def ids(params: Json, name: str) -> list[int]:
    """A parameter that is a list of numbers."""
    found = []
    for place, value in enumerate(as_list(params.get(name))):
        if not re.fullmatch(r"-?\d+", str(value)):
            raise wrong_value(name, f"{name}[{place}] is not of type integer.")
        found.append(int(value))
    return found


def whole(params: Json, name: str, usual: int, least: int, most: int | None = None) -> int:
    """A number in a query; raises 400 when it is none or out of range."""
    value = params.get(name)
    if value is None:
        return usual
    if not re.fullmatch(r"-?\d+", str(value)):
        raise wrong_value(name, f"{name} is not of type integer.")
    number = int(value)
    if number < least or (most is not None and number > most):
        between = (
            f"between {least} (inclusive) and {most} (inclusive)"
            if most
            else f"greater than or equal to {least}"
        )
        raise wrong_value(name, f"{name} must be {between}")
    return number


def one_of(params: Json, name: str, usual: str, allowed: tuple[str, ...]) -> str:
    value = str(params.get(name, usual))
    if value not in allowed:
        raise wrong_value(name, f"{name} is not one of {', '.join(allowed)}.")
    return value


def fields_of(data: Any, wished: list[str]) -> Any:
    """The answer cut to ``_fields``; ``line_items.total`` reaches into lists."""
    if not wished:
        return data
    if isinstance(data, list):
        return [fields_of(item, wished) for item in data]
    if not isinstance(data, dict):
        return data
    below: dict[str, list[str]] = {}
    for name in wished:
        first, _, rest = name.partition(".")
        below.setdefault(first, []).append(rest)
    return {
        key: value if "" in below[key] else fields_of(value, below[key])
        for key, value in data.items()
        if key in below
    }


def hints(base: str, path: str, *methods: str) -> Json:
    """An entry ``self`` of ``_links``."""
    allow = list(methods or ("GET", "POST", "PUT", "PATCH", "DELETE"))
    return {"href": f"{base}/wp-json{API}{path}", "targetHints": {"allow": allow}}


def links(base: str, path: str, collection: str, *methods: str, up: str = "") -> Json:
    found: Json = {
        "self": [hints(base, path, *methods)],
        "collection": [{"href": f"{base}/wp-json{API}{collection}"}],
    }
    if up:
        found["up"] = [{"href": f"{base}/wp-json{API}{up}"}]
    return found
