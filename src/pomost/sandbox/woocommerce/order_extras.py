"""Notes of orders, mails on demand, and the temporary receipt (sections 5.6 and 10.3)."""

from pomost.sandbox.woocommerce import times
from pomost.sandbox.woocommerce.orders import find
from pomost.sandbox.woocommerce.protocol import Answer, Json, Refusal, Request, links, one_of, truth
from pomost.sandbox.woocommerce.state import Store

TEMPLATES = {
    "new_order": "New order",
    "customer_on_hold_order": "Order on-hold",
    "customer_processing_order": "Processing order",
    "customer_completed_order": "Completed order",
    "customer_refunded_order": "Refunded order",
    "customer_invoice": "Order details",
    "customer_note": "Customer note",
}


def _show(store: Store, request: Request, order_id: int, note: Json) -> Json:
    path = f"/orders/{order_id}/notes"
    return {
        "id": note["id"],
        "author": note["author"],
        "date_created": store.local(note["created"]),
        "date_created_gmt": times.gmt(note["created"]),
        "note": note["note"],
        "customer_note": note["customer_note"],
        "_links": links(
            request.base, f"{path}/{note['id']}", path, "GET", "DELETE", up=f"/orders/{order_id}"
        ),
    }


def notes(store: Store, request: Request, order_id: int) -> Answer:
    """Newest first; of one second the lower id first, as in the sample."""
    find(store, order_id)
    kind = one_of(request.params, "type", "any", ("any", "customer", "internal"))
    rows = sorted(store.notes.get(order_id, []), key=lambda note: (-int(note["created"]), note["id"]))
    chosen = [note for note in rows if kind == "any" or note["customer_note"] == (kind == "customer")]
    return Answer([_show(store, request, order_id, note) for note in chosen])


def _note(store: Store, order_id: int, number: int) -> Json:
    find(store, order_id)
    for note in store.notes.get(order_id, []):
        if note["id"] == number:
            return note
    raise Refusal(404, "woocommerce_rest_invalid_id", "Invalid resource ID.")


def read_note(store: Store, request: Request, order_id: int, number: int) -> Answer:
    return Answer(_show(store, request, order_id, _note(store, order_id, number)))


def add_note(store: Store, request: Request, order_id: int) -> Answer:
    """Moves no date and fires nothing; a note to the customer is mailed at once."""
    order = find(store, order_id)
    text = request.sent.get("note")
    if not isinstance(text, str) or not text:
        raise Refusal(400, "rest_missing_callback_param", "Missing parameter(s): note", params=["note"])
    customer = truth(request.sent.get("customer_note", False))
    author = "integrator" if truth(request.sent.get("added_by_user", False)) else "WooCommerce"
    note = store.note(order_id, text, customer, author)
    if customer:
        store.mail("customer_note", order, text)
    store.wrote("note", note["id"], "POST", {"order_id": order_id, **request.sent})
    return Answer(_show(store, request, order_id, note), 201)


def delete_note(store: Store, request: Request, order_id: int, number: int) -> Answer:
    note = _note(store, order_id, number)
    if not truth(request.params.get("force", False)):
        raise Refusal(501, "woocommerce_rest_trash_not_supported", "Order notes do not support trashing.")
    shown = _show(store, request, order_id, note)
    store.notes[order_id].remove(note)
    store.wrote("note", number, "DELETE", {"order_id": order_id})
    return Answer(shown)


def templates(store: Store, request: Request, order_id: int) -> Answer:
    find(store, order_id)
    return Answer([{"id": key, "title": title, "description": ""} for key, title in TEMPLATES.items()])


def send_email(store: Store, request: Request, order_id: int) -> Answer:
    """Mails the shop's own text, which is no tax invoice. The shape of the answer is not in the reference."""
    order = find(store, order_id)
    template = str(request.sent.get("template_id") or "")
    if template not in TEMPLATES:
        raise Refusal(
            400,
            "woocommerce_rest_invalid_email_template",
            f"{template} is not a valid template for this order.",
        )
    return _mailed(store, order, template, request)


def send_order_details(store: Store, request: Request, order_id: int) -> Answer:
    return _mailed(store, find(store, order_id), "customer_invoice", request)


def _mailed(store: Store, order: Json, template: str, request: Request) -> Answer:
    to = str(request.sent.get("email") or order["billing"]["email"])
    if not to:
        raise Refusal(400, "woocommerce_rest_missing_email", "Order does not have an email address.")
    store.mail(template, order, to=to)
    store.note(order["id"], f'Email template "{TEMPLATES[template]}" sent to {to}, via REST API.')
    store.wrote("mail", order["id"], "POST", {"template_id": template, "email": to})
    return Answer({"message": f'Email template "{TEMPLATES[template]}" sent to {to}.'})


def receipt(store: Store, request: Request, order_id: int) -> Answer:
    """A temporary link to a page that is no fiscal receipt."""
    find(store, order_id)
    return Answer(
        {
            "receipt_url": f"{request.base}/wc/file/transient/{store.token(32)}",
            "expiration_date": str(times.gmt(store.now() + 86_400))[:10],
        }
    )
