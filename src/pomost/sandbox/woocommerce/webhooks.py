"""``/webhooks`` as a resource (section 9.1 to 9.3)."""

import re
import secrets
from typing import Any

from pomost.sandbox.woocommerce import listing
from pomost.sandbox.woocommerce.protocol import (
    Answer,
    Json,
    Refusal,
    Request,
    links,
    one_of,
    truth,
    wrong_value,
)
from pomost.sandbox.woocommerce.state import Store

RESOURCES, EVENTS = ("coupon", "customer", "order", "product"), ("created", "updated", "deleted", "restored")
STATUSES = ("active", "paused", "disabled")
HOOKS = {
    "order.created": ["woocommerce_new_order"],
    "order.updated": ["woocommerce_update_order", "woocommerce_order_refunded"],
    "order.deleted": ["wp_trash_post", "woocommerce_trash_order"],
    "order.restored": ["untrashed_post", "woocommerce_untrash_order"],
    "product.created": ["woocommerce_process_product_meta", "woocommerce_new_product", "woocommerce_new_product_variation"],
    "product.updated": ["woocommerce_process_product_meta", "woocommerce_update_product", "woocommerce_update_product_variation"],
    "product.deleted": ["wp_trash_post"],
    "product.restored": ["untrashed_post"],
    "customer.created": ["user_register", "woocommerce_created_customer", "woocommerce_new_customer"],
    "customer.updated": ["profile_update", "woocommerce_update_customer"],
    "customer.deleted": ["delete_user"],
    "coupon.created": ["woocommerce_process_shop_coupon_meta", "woocommerce_new_coupon"],
    "coupon.updated": ["woocommerce_process_shop_coupon_meta", "woocommerce_update_coupon"],
    "coupon.deleted": ["wp_trash_post"],
    "coupon.restored": ["untrashed_post"],
}  # fmt: skip
"""The samples prove those of order.deleted; the others are as WooCommerce's source has them."""


def _known(topic: str) -> bool:
    resource, _, event = topic.partition(".")
    if resource == "action":
        return bool(re.fullmatch(r"[a-z0-9_]+", event))
    return resource in RESOURCES and event in EVENTS


def _find(store: Store, number: int) -> Json:
    hook = store.hooks.get(number)
    if hook is None:
        # The reference is silent about the code.
        raise Refusal(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
    return hook


def show(store: Store, request: Request, hook: Json) -> Json:
    """Neither the secret nor the counter of failures is told."""
    resource, _, event = hook["topic"].partition(".")
    return {
        "id": hook["id"],
        "name": hook["name"],
        "status": hook["status"],
        "topic": hook["topic"],
        "resource": resource,
        "event": event,
        "hooks": [event] if resource == "action" else HOOKS.get(hook["topic"], []),
        "delivery_url": hook["delivery_url"],
        **store.dates(hook, "created", "modified"),
        "_links": links(request.base, f"/webhooks/{hook['id']}", "/webhooks"),
    }


def _address(sent: Json) -> str:
    url = sent.get("delivery_url")
    if not isinstance(url, str) or not re.match(r"https?://[^/\s]+", url):
        raise Refusal(
            400,
            "woocommerce_rest_shop_webhook_invalid_delivery_url",
            "Webhook delivery URL must be a valid URL starting with http:// or https://.",
        )
    return url


def _topic(sent: Json) -> str:
    topic = str(sent.get("topic") or "")
    if not _known(topic):
        code = "woocommerce_rest_shop_webhook_invalid_topic"
        raise Refusal(400, code, "Webhook topic is required and must be valid.")
    return topic


def _status(sent: Json) -> str:
    status = str(sent.get("status") or "active")
    if status not in STATUSES:
        raise wrong_value("status", f"status is not one of {', '.join(STATUSES)}.")
    return status


def listed(store: Store, request: Request) -> Answer:
    status = one_of(request.params, "status", "all", ("all", *STATUSES))
    rows = [hook for hook in store.hooks.values() if status in ("all", hook["status"])]
    rows = listing.by_ids(request, rows)
    if text := listing.words(request):
        rows = [hook for hook in rows if text in hook["name"].lower()]
    rows = listing.ordered(request, rows)
    return listing.page(request, rows, lambda hook: show(store, request, hook))


def create(store: Store, request: Request) -> Answer:
    """An address that nobody answers is accepted, too. Without a secret the shop makes one up that nobody can read."""
    sent = request.sent
    topic, url, status = _topic(sent), _address(sent), _status(sent)
    now = store.now()
    hook: Json = {
        "id": next(store.hook_ids), "name": str(sent.get("name") or f"Webhook created on {store.local(now)}"),
        "status": status, "topic": topic, "delivery_url": url, "secret": str(sent.get("secret") or secrets.token_hex(25)),
        "created": now, "modified": None, "failures": 0,
    }  # fmt: skip
    store.hooks[hook["id"]] = hook
    store.emit("ping", hook["id"])
    store.wrote("webhook", hook["id"], "POST", _without_secret(sent))
    return Answer(show(store, request, hook), 201)


def _without_secret(sent: Json) -> Json:
    return {key: value for key, value in sent.items() if key not in ("secret", "id")}


def read(store: Store, request: Request, number: int) -> Answer:
    return Answer(show(store, request, _find(store, number)))


def update(store: Store, request: Request, number: int) -> Answer:
    """A change of the address is followed by a ping; nothing else is."""
    hook, sent = _find(store, number), request.sent
    changes: dict[str, Any] = {}
    if "topic" in sent:
        changes["topic"] = _topic(sent)
    if "delivery_url" in sent:
        changes["delivery_url"] = _address(sent)
    if "status" in sent:
        changes["status"] = _status(sent)
    if sent.get("name"):
        changes["name"] = str(sent["name"])
    if sent.get("secret"):
        changes["secret"] = str(sent["secret"])
    moved = changes.get("delivery_url", hook["delivery_url"]) != hook["delivery_url"]
    if changes.get("status") == "active" and hook["status"] != "active":
        # Not in the reference: without this, a hook that is switched on again would stop at its next failure.
        hook["failures"] = 0
    hook.update(changes, modified=store.now())
    if moved:
        store.emit("ping", number)
    store.wrote("webhook", number, "PUT", _without_secret(sent))
    return Answer(show(store, request, hook))


def switch(store: Store, on: bool) -> int:
    """All of them by hand, on the admin screen; how many changed."""
    wished = "active" if on else "disabled"
    with store.lock:
        found = [hook for hook in store.hooks.values() if hook["status"] != wished]
        for hook in found:
            hook.update(status=wished, failures=0, modified=store.now())
    return len(found)


def delete(store: Store, request: Request, number: int) -> Answer:
    hook = _find(store, number)
    if not truth(request.params.get("force", False)):
        raise Refusal(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
    shown = show(store, request, hook)
    del store.hooks[number]
    store.wrote("webhook", number, "DELETE", {})
    return Answer(shown)
