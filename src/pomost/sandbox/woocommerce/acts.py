"""What buyers and the people of the shop can do."""

from decimal import Decimal
from typing import Any

from pomost.sandbox.woocommerce import (
    buying,
    customers,
    order_flow,
    orders,
    product_writing,
    refunds,
    stocking,
)
from pomost.sandbox.woocommerce.catalogue import CLASSES
from pomost.sandbox.woocommerce.protocol import Json
from pomost.sandbox.woocommerce.state import Store


class Acts:
    """Verbs of a shop. An unknown order, product or SKU raises ``LookupError``, a wrong value ``ValueError``."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store = store
        self._buyers = buying.Buyers(seed)

    # buyers

    def place(self, orders: int = 1, **overrides: Any) -> list[int]:
        """Let buyers order at the checkout; the ids of their orders.

        Overrides: lines (pairs of SKU and pieces, or line items as the API takes them), nip, nip_key, want_invoice, want_key, locker, locker_key, payment
        (``przelewy24``, ``payu``, ``stripe``, ``cod``, ``bacs``, ``cheque``), paid, coupon, fee (gross, or name and gross;
        below zero a discount), currency, country, company, email, phone, first_name, last_name, address, city,
        postcode, shipping (``courier``, ``locker``, ``pickup``, ``free``, ``abroad``, ``none``, or a shipping line), status,
        note, customer_id, vat_exempt, created_via, meta, transaction_id.
        """
        found = []
        for _ in range(orders):
            with self.store.lock:
                wishes = self._buyers.wishes(self.store, overrides)
                found.append(int(buying.checkout(self.store, wishes)["id"]))
        return found

    def open_checkout(self, **overrides: Any) -> int:
        """A buyer opens the checkout: a ``checkout-draft`` that lists show. No webhook tells of it."""
        with self.store.lock:
            sent = buying.draft_of(self.store, overrides)
            return int(orders.make(self.store, sent, "store-api")["id"])

    def finish_checkout(self, order_id: int, **overrides: Any) -> int:
        """The buyer orders what was in the draft; the order keeps its id."""
        with self.store.lock:
            buying.checkout(self.store, overrides, self._order(order_id))
        return order_id

    def pay(self, order_id: int, transaction_id: str = "") -> None:
        """The operator confirms a payment, also of an order that was cancelled meanwhile.

        Cash on delivery is paid when the order is completed, which is done here.
        """
        with self.store.lock:
            order = self._order(order_id)
            if order["payment_method"] == "cod":
                order_flow.set_status(self.store, order, "completed")
            else:
                order_flow.payment_complete(self.store, order, transaction_id or f"PAY-{100_000 + order_id}")
            order_flow.saved(self.store, order)

    def cancel_unpaid(self, minutes: float = 60) -> list[int]:
        """What the shop does by itself: unpaid orders of the checkout older than the stock-hold time are cancelled."""
        with self.store.lock:
            late = [
                one["id"]
                for one in self.store.orders.values()
                if one["status"] == "pending"
                and one["created_via"] in ("store-api", "checkout")
                and one["created"] <= self.store.now() - minutes * 60
            ]
        for number in late:
            self.cancel(number)
        return late

    # people of the shop

    def set_status(self, order_id: int, status: str) -> None:
        with self.store.lock:
            order = self._order(order_id)
            if status not in self.store.statuses:
                raise ValueError(
                    f"The shop knows no status {status!r}; it knows {', '.join(self.store.statuses)}"
                )
            order_flow.set_status(self.store, order, status)
            order_flow.saved(self.store, order)

    def cancel(self, order_id: int) -> None:
        self.set_status(order_id, "cancelled")

    def edit(self, order_id: int, **fields: Any) -> None:
        """Change an order as a PUT would (``line_items``, ``billing``, ``meta_data``...), but by hand in the panel."""
        with self.store.lock:
            orders.change(self.store, self._order(order_id), fields)

    def refund(
        self,
        order_id: int,
        lines: dict[int | str, int] | None = None,
        amount: Decimal | str | None = None,
        restock: bool = True,
        reason: str = "",
    ) -> int:
        """Refund pieces by line id or SKU, or an amount only, or with neither all that is left; the refund's id."""
        with self.store.lock:
            order = self._order(order_id)
            sent: Json = {"api_refund": False, "api_restock": restock, "reason": reason}
            if lines:
                sent["line_items"] = [self._refunded(order, one, pieces) for one, pieces in lines.items()]
            if amount is not None or not lines:
                left = order_flow.left_to_refund(self.store, order)
                sent["amount"] = str(left if amount is None else amount)
            return int(refunds.make(self.store, order, sent)["id"])

    def _refunded(self, order: Json, named: int | str, pieces: int) -> Json:
        line = next(
            (one for one in order["lines"] if named in (one["id"], self._sku(one))),
            None,
        )
        if line is None:
            raise LookupError(f"Order {order['id']} has no line {named!r}")
        part = Decimal(pieces) / line["quantity"]
        cent = Decimal("0.01")
        return {
            "id": line["id"],
            "quantity": pieces,
            "refund_total": (line["total"] * part).quantize(cent),
            "refund_tax": [
                {"id": rate, "refund_total": (pair["total"] * part).quantize(cent)}
                for rate, pair in line["taxes"].items()
            ],
        }

    def _sku(self, line: Json) -> str:
        product = stocking.product_of(self.store, line)
        return str(product["sku"]) if product else ""

    def trash(self, order_id: int) -> None:
        with self.store.lock:
            order_flow.trash(self.store, self._order(order_id))

    def untrash(self, order_id: int) -> None:
        """Restore from the trash: reportedly ``order.updated`` and no ``order.restored`` (unconfirmed)."""
        with self.store.lock:
            order = self._order(order_id)
            if order["status"] != "trash":
                raise ValueError(f"Order {order_id} is not in the trash")
            order["status"] = order["before_trash"] or "pending"
            order_flow.saved(self.store, order)

    def delete(self, order_id: int) -> None:
        """Delete for good. No webhook tells of it."""
        with self.store.lock:
            order_flow.delete(self.store, self._order(order_id))

    def add_note(self, order_id: int, text: str, customer: bool = False) -> int:
        with self.store.lock:
            self._order(order_id)
            return int(self.store.note(order_id, text, customer, "admin")["id"])

    def add_product(
        self,
        sku: str,
        name: str = "",
        price: Decimal | str = "10.00",
        stock: int | None = 10,
        vat: str = "23",
        parent: str = "",
        **fields: Any,
    ) -> int:
        """Put in a product, or with ``parent`` (an SKU) a variation; ``fields`` as the API takes them. Its id."""
        sent: Json = {"sku": sku, "name": name or sku, "regular_price": str(price), "tax_class": CLASSES[vat]}
        if stock is not None:
            sent |= {"manage_stock": True, "stock_quantity": stock}
        with self.store.lock:
            above = self._product(parent) if parent else None
            product = product_writing.create(self.store, {**sent, **fields}, above)
            self.store.emit("product.created", product["id"])
            return int(product["id"])

    def edit_product(self, product: str, **fields: Any) -> None:
        """Change a product or variation, named by its SKU, by hand: ``sku``, ``regular_price``, ``stock_quantity``, ``status``..."""
        with self.store.lock:
            found = self._product(product)
            product_writing.write(self.store, found, fields)
            stocking.touched(self.store, found)

    def set_stock(self, sku: str, quantity: int) -> None:
        self.edit_product(sku, stock_quantity=quantity)

    def remove_product(self, sku: str, force: bool = True) -> None:
        """Delete a product for good, or move it to the trash."""
        with self.store.lock:
            product = self._product(sku)
            if force:
                product_writing.remove(self.store, product)
            else:
                product["status"] = "trash"
                self.store.emit("product.deleted", product["id"])

    def add_customer(self, email: str, role: str = "customer", **fields: Any) -> int:
        """An account; ``billing``, ``shipping``, ``first_name``, ``last_name``, ``meta_data`` as the API takes them."""
        with self.store.lock:
            customer = customers.blank(self.store, email, role)
            customers.write(self.store, customer, fields)
            self.store.customers[customer["id"]] = customer
            self.store.emit("customer.created", customer["id"])
            return int(customer["id"])

    def enable_gateway(self, name: str, enabled: bool = True) -> None:
        """Switch a payment method on or off, as the shop's owner does."""
        with self.store.lock:
            if name not in self.store.gateways:
                raise LookupError(f"The shop has no payment method {name!r}")
            self.store.gateways[name]["enabled"] = enabled

    def add_status(self, slug: str, name: str) -> None:
        """A status that a plugin adds."""
        with self.store.lock:
            self.store.statuses[slug] = name

    def _order(self, order_id: int) -> Json:
        order = self.store.orders.get(order_id)
        if order is None:
            raise LookupError(f"The shop has no order {order_id}")
        return order

    def _product(self, sku: str) -> Json:
        product = self.store.products.get(self.store.by_sku.get(sku, 0))
        if product is None:
            raise LookupError(f"The shop has no product {sku!r}")
        return product
