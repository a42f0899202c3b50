"""Creating and updating a product card (reference, section 10.4): only what is sent changes, maps key by key."""

import json
import re
from typing import Any

from pomost.sandbox.baselinker import inventory_figures as goods
from pomost.sandbox.baselinker.inventory_figures import API, entry
from pomost.sandbox.baselinker.inventory_products import existing
from pomost.sandbox.baselinker.inventory_stock import grosze, pieces, shown_warnings, why_no_stock
from pomost.sandbox.baselinker.inventory_structure import (
    category_fits,
    inventory,
    storage_refusal,
    text_fields,
    why_not_priced,
)
from pomost.sandbox.baselinker.parameters import an_integer
from pomost.sandbox.baselinker.protocol import Json, Refusal, decode_file, invalid, money
from pomost.sandbox.baselinker.state import Account
from pomost.sandbox.baselinker.writing import SPECIAL_RATES

SKU_LIMIT, EAN_LIMIT, SHORT_TEXT, URL_LIMIT, TITLE_LIMIT, IMAGES = 50, 32, 200, 1000, 40, 16
LONG_KIND = 1
SIZES = ("height", "width", "length", "average_cost")
PLAIN = ("links", "suppliers", "ean_additional", "videos", "media_options", "star")
NEW: Json = {
    "parent_id": 0,
    "is_bundle": 0,
    "sku": "",
    "ean": "",
    "asin": "",
    "name": "",
    "category_id": 0,
    "manufacturer_id": 0,
    "tax_rate": 23,
    "weight": 0,
}


class _Card:
    """One card being written, with its warnings by field."""

    def __init__(self, account: Account, sent: Json) -> None:
        self.account, self.sent = account, sent
        self.shelf = inventory(account, sent["inventory_id"])
        self.warnings: dict[str, str] = {}
        self.entries: list[Json] = []
        number = sent.get("product_id", 0)
        self.new = not number
        if self.new:
            self.card: Json = {"product_id": account.next_id("product"), **NEW, "doc": {}}
            self.card["inventory_id"] = self.shelf["inventory_id"]
        else:
            self.card = existing(account, number)
            if self.card["inventory_id"] != self.shelf["inventory_id"]:
                raise storage_refusal(f"product {number} belongs to another inventory")
        self.doc: Json = self.card["doc"]
        self.number: int = self.card["product_id"]

    def warn(self, field: str, why: str) -> None:
        self.warnings[field] = f"{self.warnings[field]}; {why}" if field in self.warnings else why

    def cut(self, field: str, value: Any, limit: int) -> str:
        """The text within its limit; with the account's setting a longer one is refused."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise invalid(field, "text expected")
        text = str(value)
        if len(text) > limit:
            if self.account.settings.over_long == "refuse":
                raise invalid(field, f"longer than {limit} characters")
            self.warn(field, f"Cut to {limit} characters")
        return text[:limit]

    def columns(self) -> None:
        sent, card = self.sent, self.card
        for field, limit in (("sku", SKU_LIMIT), ("ean", EAN_LIMIT)):
            if field in sent:
                card[field] = self.cut(field, sent[field], limit)
        if "asin" in sent:
            card["asin"] = sent["asin"]
        if "tax_rate" in sent:
            rate = money(sent["tax_rate"])
            if not 0 <= rate <= 100 and rate not in SPECIAL_RATES:
                raise invalid("tax_rate", f"0 to 100 or one of {', '.join(map(str, SPECIAL_RATES))} expected")
            card["tax_rate"] = sent["tax_rate"]
        if "weight" in sent:
            card["weight"] = self._size("weight")
        if "category_id" in sent:
            if not category_fits(self.account, sent["category_id"], self.shelf["inventory_id"]):
                raise invalid("category_id", f"no category {sent['category_id']}")
            card["category_id"] = sent["category_id"]
        if "manufacturer_id" in sent:
            if sent["manufacturer_id"]:
                self.account.record("manufacturer", sent["manufacturer_id"])
            card["manufacturer_id"] = sent["manufacturer_id"]
        if "is_bundle" in sent:
            card["is_bundle"] = int(sent["is_bundle"])

    def parent(self) -> None:
        parent_id = self.sent.get("parent_id", self.card["parent_id"])
        if parent_id:
            above = self.account.goods.product(parent_id)
            if above is None or above["inventory_id"] != self.shelf["inventory_id"]:
                raise invalid("parent_id", f"no product {parent_id}")
            if above["parent_id"] or above["is_bundle"] or parent_id == self.number:
                raise invalid("parent_id", "a variant stands under a main product that is no bundle")
            if self.account.goods.variants([self.number]):
                raise invalid("parent_id", "a product with variants cannot be a variant")
        self.card["parent_id"] = parent_id

    def _size(self, field: str) -> int | float:
        value = round(money(self.sent[field]), 2)
        if not 0 <= value < 10**8:
            raise invalid(field, "a number from 0 with two decimals expected")
        return int(value) if value == int(value) else float(value)

    def rest(self) -> None:
        sent, doc = self.sent, self.doc
        for field in SIZES:
            if field in sent:
                doc[field] = self._size(field)
        for field in PLAIN:
            if field in sent and field != "links":
                doc[field] = sent[field]
        if "tags" in sent:
            tags = sent["tags"] or []
            if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
                raise invalid("tags", "a list of texts expected")
            doc["tags"] = list(dict.fromkeys(tags))
        if "links" in sent:
            doc.setdefault("links", {}).update(sent["links"])
            self.entries.append(entry(goods.LINKS))
        for key, place in sent.get("locations", {}).items():
            if key not in self.shelf["warehouses"]:
                self.warn("locations", f"Warehouse {key} does not belong to the inventory")
                continue
            before = doc.setdefault("locations", {}).get(key, "")
            doc["locations"][key] = str(place)
            self.entries.append(entry(goods.LOCATIONS, key, before, str(place)))

    def texts(self) -> None:
        known = text_fields(self.account)
        kinds = {f"extra_field_{f['extra_field_id']}": f for f in self.account.records("product_extra_field")}
        for key, value in self.sent.get("text_fields", {}).items():
            field, *narrowed = key.split("|")
            if field not in known or len(narrowed) > 2:
                self.warn("text_fields", f"There is no field {key}")
            elif narrowed and narrowed[0] not in self.shelf["languages"]:
                self.warn("text_fields", f"The inventory has no language {narrowed[0]}")
            else:
                self._text(key, field, kinds.get(field), value, default=narrowed == [])

    def _text(self, key: str, field: str, extra: Json | None, value: Any, *, default: bool) -> None:
        texts = self.doc.setdefault("text_fields", {})
        if extra is not None and extra["editor_type"] == "file" and value != "":
            if not isinstance(value, dict):
                self.warn("text_fields", f"The field {key} takes a title and a file")
                return
            try:
                limit = self.account.settings.file_limit_bytes
                content = decode_file(key, value.get("file"), limit)
            except Refusal as refusal:
                self.warn("text_fields", refusal.message)
                return
            title = self.cut("text_fields", value.get("title", ""), TITLE_LIMIT)
            self.account.keep_file("product", self.number, f"text_{key}", title, content)
            kept: Any = {"title": title, "bytes": len(content)}
        elif field == "features":
            if not isinstance(value, dict) and value not in ("", []):
                self.warn("text_fields", f"The field {key} takes an object")
                return
            kept = value or {}
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            short = field == "name" or (extra is not None and extra["kind"] != LONG_KIND)
            kept = self.cut("text_fields", value, SHORT_TEXT) if short else str(value)
        else:
            self.warn("text_fields", f"The field {key} takes text")
            return
        before = self.card["name"] if key == "name" else texts.get(key, "")
        if field == "name" and default:
            self.card["name"] = kept
        else:
            texts[key] = kept
        if before != kept:
            self.entries.append(entry(goods.TEXTS, key, before, kept))

    def images(self) -> None:
        for position, value in self.sent.get("images", {}).items():
            if not re.fullmatch(r"[0-9]{1,2}", position) or int(position) >= IMAGES:
                self.warn("images", f"Position {position} is not among 0 to {IMAGES - 1}")
                continue
            place, kept = str(int(position)), self.doc.setdefault("images", {})
            if value == "":
                kept.pop(place, None)
                self.account.drop_file("product", self.number, f"image_{place}")
            elif isinstance(value, str) and value.startswith("url:"):
                if not 4 < len(value) <= URL_LIMIT + 4:
                    self.warn(
                        "images", f"Position {position}: an address of up to {URL_LIMIT} characters expected"
                    )
                    continue
                self.account.drop_file("product", self.number, f"image_{place}")
                kept[place] = value[4:]
            else:
                try:
                    content = decode_file("images", value, self.account.settings.file_limit_bytes)
                except Refusal as refusal:
                    self.warn("images", f"Position {position}: {refusal.message}")
                    continue
                self.account.keep_file("product", self.number, f"image_{place}", "", content)
                kept[place] = ""
            self.entries.append(entry(goods.GALLERY, place))

    def parts(self) -> None:
        if "bundle_products" not in self.sent:
            return
        if not self.card["is_bundle"]:
            self.warn("bundle_products", "The product is no bundle")
            return
        wanted: dict[int, int] = {}
        kinds = self.account.goods.kinds(int(key) for key in self.sent["bundle_products"] if key.isdecimal())
        for key, value in self.sent["bundle_products"].items():
            kind = kinds.get(int(key)) if key.isdecimal() else None
            if kind is None or kind[0] != self.shelf["inventory_id"] or kind[2]:
                self.warn("bundle_products", f"Product {key} cannot be part of a bundle")
                continue
            quantity = an_integer("bundle_products", value)
            if quantity < 1:
                raise invalid("bundle_products", "at least 1 expected")
            wanted[int(key)] = quantity
        before = {str(part): count for part, count in self.account.goods.parts(self.number).items()}
        self.account.goods.put_parts(self.number, wanted)
        self.entries.append(entry(goods.BUNDLE, "", before, {str(part): n for part, n in wanted.items()}))

    def figures(self) -> None:
        """Prices and stock, once the card is there."""
        account, store = self.account, self.account.goods
        reasons = why_not_priced(account, self.shelf)
        priced: dict[int, int] = {}
        for group, value in self.sent.get("prices", {}).items():
            number = int(group) if group.isdecimal() else 0
            if number not in self.shelf["price_groups"] or number in reasons:
                self.warn("prices", reasons.get(number, f"price group {group} does not exist"))
                continue
            priced[number] = grosze(value)
        if priced:
            store.put_prices({self.number: priced}, API)
        counted: dict[str, int] = {}
        for key, value in self.sent.get("stock", {}).items():
            reason = why_no_stock(account, self.shelf, key)
            if reason is None and self.card["is_bundle"]:
                reason = "the stock of a bundle follows from its products"
            elif reason is None and store.variants([self.number]):
                reason = "the stock of a product with variants is that of its variants"
            if reason is not None:
                self.warn("stock", reason)
                continue
            counted[key] = pieces(value)
        if counted:
            store.put_stock({self.number: counted}, API)


def add_inventory_product(account: Account, sent: Json) -> Json:
    """Create without ``product_id``, else change what is sent; never the same thing twice recognised."""
    for field, value in sent.items():
        try:
            json.dumps(value, allow_nan=False)
        except ValueError:
            raise invalid(field, "a number expected, not NaN or infinity") from None
    card = _Card(account, sent)
    store, before = account.goods, card.card["parent_id"]
    card.columns()
    card.parent()
    card.rest()
    card.texts()
    card.images()
    store.save(card.card)
    card.parts()
    card.figures()
    for parent_id in {before, card.card["parent_id"]} - {0}:
        store.derive_parent(parent_id)
        if card.new or before != card.card["parent_id"]:
            store.log({parent_id: [entry(goods.VARIANTS, str(card.number))]}, API)
    if card.new:
        card.entries.insert(0, entry(goods.CREATED))
    if card.entries:
        store.log({card.number: card.entries}, API)
    store.wrote("card", {card.number: _noted(sent)})
    return {"product_id": card.number, "warnings": shown_warnings(account, card.warnings)}


def _noted(sent: Json) -> Json:
    """What was sent, without the content of pictures."""
    noted = {name: value for name, value in sent.items() if name not in ("inventory_id", "product_id")}
    if "images" in noted:
        noted["images"] = {p: v[:80] if isinstance(v, str) else v for p, v in noted["images"].items()}
    return noted


METHODS = {"addInventoryProduct": add_inventory_product}
