"""One call from its sign-in to its answer, without the network."""

from dataclasses import dataclass, field
from typing import Any

from pomost.sandbox.woocommerce import routes
from pomost.sandbox.woocommerce.protocol import (
    API,
    Answer,
    Json,
    Refusal,
    Request,
    as_list,
    encode,
    fields_of,
    php_params,
    read_body,
)
from pomost.sandbox.woocommerce.signing import ERROR, Doorkeeper, Who
from pomost.sandbox.woocommerce.state import Store

REFUSED = {
    "GET": ("woocommerce_rest_cannot_view", "Sorry, you cannot list resources."),
    "POST": ("woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources."),
    "PUT": ("woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource."),
    "DELETE": ("woocommerce_rest_cannot_delete", "Sorry, you are not allowed to delete this resource."),
}
NAMESPACES = ("oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wc-analytics", "wc/store/v1", "wp/v2")


@dataclass
class Reply:
    status: int
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)
    user: str = ""


def _index(store: Store, request: Request) -> Json:
    return {
        "name": "Sklep testowy",
        "description": "",
        "url": request.base,
        "home": request.base,
        "gmt_offset": "1",
        "timezone_string": store.settings.zone,
        "namespaces": list(NAMESPACES),
        "authentication": [],
        "routes": {route.address: {"namespace": "wc/v3"} for route in routes.of(store)},
    }


def _namespace(store: Store, request: Request) -> Json:
    shapes: Json = {API: {"namespace": "wc/v3", "methods": ["GET"]}}
    for route in routes.of(store):
        if not route.address.startswith(API):
            continue
        shapes[route.address] = {
            "namespace": "wc/v3",
            "methods": sorted(route.methods),
            "endpoints": [{"methods": [method], "args": {}} for method in sorted(route.methods)],
        }
    return {"namespace": "wc/v3", "routes": shapes, "_links": {"up": [{"href": f"{request.base}/wp-json/"}]}}


def _permit(who: Who, request: Request, needs_person: bool) -> None:
    if not who.name or (needs_person and not who.person):
        method = request.method
        # The reference names cannot_view for "no key" without naming the method; the shop has one code per act.
        code, text = REFUSED.get(method, REFUSED["GET"])
        if needs_person:
            code, text = "rest_cannot_create", "Sorry, you are not allowed to do that."
        raise Refusal(401, code, text)
    if request.method != "GET" and not who.writes:
        raise Refusal(401, ERROR, "The API key provided does not have write permissions.")


def _answered(
    store: Store, door: Doorkeeper, request: Request, signed_url: str, keys_work: bool
) -> tuple[Answer, Who]:
    if request.path in ("/", ""):
        return Answer(_index(store, request)), Who()
    # The keys are good for wc/ and wc- only.
    for_keys = keys_work and request.path.startswith(("/wc/", "/wc-"))
    who = door.who(request, signed_url) if for_keys or request.path.startswith("/wp/") else Who()
    if request.path == API:
        return Answer(_namespace(store, request)), who
    found = routes.find(store, request.path, request.method)
    if found is None:
        raise Refusal(404, "rest_no_route", "No route was found matching the URL and request method.")
    _permit(who, request, needs_person=request.path.startswith("/wp/"))
    request.sent = read_body(request.body, request.headers.get("content-type", ""))
    request.params = {**php_params(request.query), **request.sent}
    act, named = found
    answer: Answer = act(store, request, *named)
    return answer, who


def reply(store: Store, door: Doorkeeper, request: Request, signed_url: str, keys_work: bool = True) -> Reply:
    """The answer to a call; never raises `Refusal`."""
    user = ""
    with store.lock:
        try:
            answer, who = _answered(store, door, request, signed_url, keys_work)
            user = who.name
            data: Any = answer.data
            status, headers = answer.status, dict(answer.headers)
            if isinstance(wished := php_params(request.query).get("_fields"), str | list):
                data = fields_of(data, [str(one) for one in as_list(wished)])
        except Refusal as refused:
            data, status, headers = refused.body(), refused.status, {}
        content = encode(data)
    headers["Content-Type"] = "application/json; charset=UTF-8"
    headers["X-Robots-Tag"] = "noindex"
    headers["Access-Control-Expose-Headers"] = "X-WP-Total, X-WP-TotalPages, Link"
    if user:
        headers["Cache-Control"] = "no-cache, must-revalidate, max-age=0, no-store, private"
        headers["Expires"] = "Wed, 11 Jan 1984 05:00:00 GMT"
    return Reply(status, content, headers, user)
