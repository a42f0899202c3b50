"""``POST /<resource>/batch`` (section 4.5): not a transaction, and 200 also when items failed."""

from collections.abc import Callable
from typing import Any

from pomost.sandbox.woocommerce.protocol import Answer, Json, Refusal, Request
from pomost.sandbox.woocommerce.state import Store

Create = Callable[[Store, Request], Answer]
ById = Callable[[Store, Request, int], Answer]


class PartDone(Exception):
    """The host's time was over when part of the items had been written."""


def run(store: Store, request: Request, create: Create | None, update: ById, delete: ById) -> Answer:
    """Do creates, updates and deletes in this order. Items deleted in a batch go for good (as WooCommerce forces it)."""
    sent = request.sent
    lists = {name: sent[name] for name in ("create", "update", "delete") if isinstance(sent.get(name), list)}
    if sum(len(items) for items in lists.values()) > store.settings.batch_limit:
        raise Refusal(
            413,
            "woocommerce_rest_request_entity_too_large",
            f"Unable to accept more than {store.settings.batch_limit} items for this request.",
        )
    answer: Json = {}
    done = 0
    for name, items in lists.items():
        answer[name] = []
        for item in items:
            if request.stop_after is not None and done >= request.stop_after:
                raise PartDone
            answer[name].append(_one(store, request, name, item, create, update, delete))
            done += 1
    return Answer(answer)


def _number(item: Any) -> int:
    value: Any = item.get("id") if isinstance(item, dict) else item
    return int(value) if str(value).isdecimal() else 0


def _one(
    store: Store, request: Request, name: str, item: Any, create: Create | None, update: ById, delete: ById
) -> Any:
    number = 0 if name == "create" else _number(item)
    try:
        if name == "create" and create is not None:
            return create(store, request.inner("POST", dict(item))).data
        if name == "update":
            return update(store, request.inner("PUT", dict(item)), number).data
        return delete(store, request.inner("DELETE", {"force": True}), number).data
    except Refusal as refused:
        body = refused.body()
        if refused.code.endswith("_invalid_id"):
            # Alone it is 404, as an item of a batch 400.
            body["data"] = {"status": 400}
        return {"id": number, "error": body}
