"""What products are grouped and described by: categories and brands, which have a place in a tree, tags, attributes and their terms.

The reference names them as fields of a product and in the list of what has batches (sections 4.5 and 7.1), and their names as
escaped (section 2). What it leaves open is answered as WooCommerce's own documentation has it: a name that its parent has
already is refused with ``term_exists``, and deleting wants ``force``.
"""

from collections.abc import Callable

from pomost.sandbox.woocommerce import listing
from pomost.sandbox.woocommerce.product_writing import clean_name, slug
from pomost.sandbox.woocommerce.protocol import Answer, Json, Refusal, Request, one_of, truth, whole
from pomost.sandbox.woocommerce.state import Store

SHELVES = ("categories", "brands", "tags")
TREES = ("categories", "brands")
ORDERS = ("id", "include", "name", "slug", "term_group", "description", "count")
ATTRIBUTES = "attributes"


def find(store: Store, shelf: str, number: int) -> Json:
    term = store.terms[shelf].get(number)
    if term is None:
        raise Refusal(404, "woocommerce_rest_term_invalid", "Resource does not exist.")
    return term


def of_name(store: Store, shelf: str, name: str, parent: int = 0) -> int:
    """The group of this name; made by the shop's people where it is missing."""
    wanted = clean_name(name)
    for number, one in store.terms[shelf].items():
        if (one["name"], one["parent"]) == (wanted, parent):
            return number
    return int(_new(store, shelf, wanted, parent)["id"])


def shown(store: Store, product: Json, shelf: str) -> list[Json]:
    """As a product shows its groups."""
    there = store.terms[shelf]
    return [
        {key: there[one][key] for key in ("id", "name", "slug")} for one in product[shelf] if one in there
    ]


def _new(store: Store, shelf: str, name: str, parent: int) -> Json:
    number = next(store.term_ids)
    base = slug(name) or str(number)
    taken = {one["slug"] for one in store.terms[shelf].values()}
    own, place = base, 2
    while own in taken:
        own, place = f"{base}-{place}", place + 1
    term: Json = {"id": number, "name": name, "slug": own, "parent": parent, "description": ""}
    store.terms[shelf][number] = term
    return term


def _show(store: Store, shelf: str, term: Json) -> Json:
    used = sum(1 for one in store.products.values() if term["id"] in one.get(shelf, ()))
    found = {key: term[key] for key in ("id", "name", "slug")}
    if shelf in TREES:
        found["parent"] = term["parent"]
    return {**found, "description": term["description"], "count": used}


def _write(store: Store, shelf: str, term: Json | None, sent: Json) -> Json:
    """Makes a group, or changes ``term``; raises before anything is changed."""
    if term is None and not str(sent.get("name") or "").strip():
        raise Refusal(400, "rest_missing_callback_param", "Missing parameter(s): name", params=["name"])
    name = clean_name(str(sent["name"])) if "name" in sent else str((term or {})["name"])
    parent = int(sent.get("parent") or 0) if "parent" in sent else int((term or {}).get("parent", 0))
    if shelf not in TREES:
        parent = 0
    if parent and parent not in store.terms[shelf]:
        raise Refusal(400, "woocommerce_rest_term_invalid", "Parent term does not exist.")
    for number, one in store.terms[shelf].items():
        if (one["name"], one["parent"]) == (name, parent) and (term is None or number != term["id"]):
            raise Refusal(
                400,
                "term_exists",
                "A term with the name provided already exists with this parent.",
                resource_id=number,
            )
    made = term if term is not None else _new(store, shelf, name, parent)
    made |= {"name": name, "parent": parent}
    if sent.get("slug"):
        made["slug"] = slug(str(sent["slug"]))
    if "description" in sent:
        made["description"] = str(sent["description"] or "")
    return made


class Shelf:
    """The acts of one kind of group, for the routes."""

    def __init__(self, name: str) -> None:
        self.name = name

    def listed(self, store: Store, request: Request) -> Answer:
        rows = list(store.terms[self.name].values())
        params = request.params
        if text := listing.words(request):
            rows = [one for one in rows if text in str(one["name"]).lower()]
        if self.name in TREES and params.get("parent") not in (None, ""):
            parent = whole(params, "parent", 0, 0)
            rows = [one for one in rows if one["parent"] == parent]
        if params.get("slug"):
            rows = [one for one in rows if one["slug"] == params["slug"]]
        if truth(params.get("hide_empty", False)):
            rows = [one for one in rows if _show(store, self.name, one)["count"]]
        return _page(request, listing.by_ids(request, rows), lambda one: _show(store, self.name, one))

    def create(self, store: Store, request: Request) -> Answer:
        term = _write(store, self.name, None, request.sent)
        store.wrote(self.name, term["id"], "POST", request.sent)
        return Answer(_show(store, self.name, term), 201)

    def read(self, store: Store, request: Request, number: int) -> Answer:
        return Answer(_show(store, self.name, find(store, self.name, number)))

    def update(self, store: Store, request: Request, number: int) -> Answer:
        term = _write(store, self.name, find(store, self.name, number), request.sent)
        store.wrote(self.name, number, "PUT", request.sent)
        return Answer(_show(store, self.name, term))

    def delete(self, store: Store, request: Request, number: int) -> Answer:
        """For good only. Products lose it; what stood below it moves up."""
        term = find(store, self.name, number)
        if not truth(request.params.get("force", False)):
            raise Refusal(501, "woocommerce_rest_trash_not_supported", "Resource does not support trashing.")
        answer = _show(store, self.name, term)
        del store.terms[self.name][number]
        for one in store.terms[self.name].values():
            if one["parent"] == number:
                one["parent"] = term["parent"]
        for product in store.products.values():
            product[self.name] = [one for one in product.get(self.name, ()) if one != number]
        store.wrote(self.name, number, "DELETE", {})
        return Answer(answer)


class Attributes(Shelf):
    """Attributes of the whole shop; a product may have attributes of its own besides, which are on no list."""

    def __init__(self) -> None:
        super().__init__(ATTRIBUTES)

    def listed(self, store: Store, request: Request) -> Answer:
        rows = sorted(store.terms[ATTRIBUTES].values(), key=lambda one: str(one["name"]))
        return Answer([_attribute(one) for one in rows])

    def create(self, store: Store, request: Request) -> Answer:
        term = _write(store, ATTRIBUTES, None, request.sent)
        term["slug"] = f"pa_{term['slug'].removeprefix('pa_')}"
        store.terms.setdefault(_terms_of(term["id"]), {})
        store.wrote(ATTRIBUTES, term["id"], "POST", request.sent)
        return Answer(_attribute(term), 201)

    def read(self, store: Store, request: Request, number: int) -> Answer:
        return Answer(_attribute(find(store, ATTRIBUTES, number)))

    def update(self, store: Store, request: Request, number: int) -> Answer:
        super().update(store, request, number)
        return self.read(store, request, number)

    def delete(self, store: Store, request: Request, number: int) -> Answer:
        answer = self.read(store, request, number)
        if not truth(request.params.get("force", False)):
            raise Refusal(501, "woocommerce_rest_trash_not_supported", "Resource does not support trashing.")
        del store.terms[ATTRIBUTES][number]
        store.terms.pop(_terms_of(number), None)
        store.wrote(ATTRIBUTES, number, "DELETE", {})
        return answer


class OfAttribute:
    """The terms of one attribute: the values that it may have."""

    def listed(self, store: Store, request: Request, attribute: int) -> Answer:
        return self._shelf(store, attribute).listed(store, request)

    def create(self, store: Store, request: Request, attribute: int) -> Answer:
        return self._shelf(store, attribute).create(store, request)

    def read(self, store: Store, request: Request, attribute: int, number: int) -> Answer:
        return self._shelf(store, attribute).read(store, request, number)

    def update(self, store: Store, request: Request, attribute: int, number: int) -> Answer:
        return self._shelf(store, attribute).update(store, request, number)

    def delete(self, store: Store, request: Request, attribute: int, number: int) -> Answer:
        return self._shelf(store, attribute).delete(store, request, number)

    def _shelf(self, store: Store, attribute: int) -> Shelf:
        find(store, ATTRIBUTES, attribute)
        store.terms.setdefault(_terms_of(attribute), {})
        return Shelf(_terms_of(attribute))


def _terms_of(attribute: int) -> str:
    return f"{ATTRIBUTES}/{attribute}"


def _attribute(term: Json) -> Json:
    return {
        "id": term["id"],
        "name": term["name"],
        "slug": term["slug"],
        "type": "select",
        "order_by": "menu_order",
        "has_archives": False,
    }


def _page(request: Request, rows: list[Json], show: Callable[[Json], Json]) -> Answer:
    """By name, rising, unless asked otherwise: alone of the lists but that of customers."""
    by = one_of(request.params, "orderby", "name", ORDERS)
    down = one_of(request.params, "order", "asc", ("asc", "desc")) == "desc"
    if by == "include":
        place = {str(one): at for at, one in enumerate(str(request.params.get("include", "")).split(","))}
        rows = sorted(rows, key=lambda one: place.get(str(one["id"]), len(place)))
    else:
        rows = sorted(
            rows,
            key=lambda one: one["id"] if by == "id" else str(one.get(by, one["name"])).lower(),
            reverse=down,
        )
    return listing.page(request, rows, show)


CATEGORIES, BRANDS, TAGS = (Shelf(one) for one in SHELVES)
OWN_ATTRIBUTES, OF_ATTRIBUTE = Attributes(), OfAttribute()
