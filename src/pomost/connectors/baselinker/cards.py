"""Product cards of a BaseLinker catalogue (reference, sections 10.3 and 10.4): only what is named is written.

Limits of length are BaseLinker's; what it does with a longer text is not documented, so it is refused here, by product and
field.
"""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Collection, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pomost.connectors.baselinker.errors import unclear
from pomost.connectors.baselinker.inventory import Inventory
from pomost.connectors.baselinker.mapping import vat_from_wire, vat_to_wire
from pomost.connectors.baselinker.wire_types import as_decimal, as_int, as_map, as_text
from pomost.ports import Json, NeedsPerson
from pomost.ports.catalogue import CardRules, Kept
from pomost.trade.card import SIZES, Card
from pomost.trade.vat import VatRate

FIELDS = frozenset(
    {
        "sku",
        "name",
        "description",
        "ean",
        "vat",
        "weight",
        "height",
        "width",
        "length",
        "manufacturer",
        "category",
        "pictures",
        "attributes",
        "texts",
        "parent",
    }
)
NAME, SKU, EAN, ADDRESS = 200, 50, 32, 1000
PICTURES, PICTURE_BYTES = 16, 2 * 1024 * 1024
_KEPT_S = 60.0
_HUNDREDTH = Decimal("0.01")
_LARGEST = Decimal(10) ** 8
CORRECT = "Correct the card in the ERP; what changes is sent again."
_DATA = re.compile(r"data:(?:[a-z]+/[a-z0-9.+-]+)?(?:;[a-z0-9=-]+)*,?", re.IGNORECASE)


class Cards:
    """Cards of the catalogues of one account."""

    def __init__(self, calls: Inventory) -> None:
        self._calls = calls
        self._languages: dict[int, str] = {}
        self._paths: dict[int, tuple[float, dict[int, str]]] = {}
        self._makers: tuple[float, dict[int, str]] | None = None

    def read(self, inventory: int, ids: Collection[str], language: str) -> dict[str, Card]:
        rows = self._calls.get_inventory_products_data(inventory, [int(one) for one in ids])
        own = self._own(inventory, language)
        return {key: self._card(inventory, row, own) for key, row in rows.items()}

    def put(
        self,
        inventory: int,
        product_id: str,
        card: Card,
        fields: Collection[str],
        rules: CardRules,
        before: Card | None,
    ) -> Kept:
        asked: Json = {"inventory_id": inventory}
        if product_id:
            asked["product_id"] = int(product_id)
        else:
            asked["sku"] = _whole(card, "sku", card.sku, SKU)
        texts: Json = {}
        own = self._own(inventory, rules.language)
        for field in fields:
            self._put_field(inventory, field, card, rules, before, own, asked, texts)
        if texts:
            asked["text_fields"] = texts
        answer = self._calls.add_inventory_product(asked)
        try:
            number = str(as_int(answer["product_id"]))
        except (KeyError, ValueError) as error:
            if product_id:
                number = product_id
            else:
                raise unclear("addInventoryProduct", "its answer has no product_id", write=True) from error
        warnings = answer.get("warnings")
        if isinstance(warnings, dict) and warnings:
            said = "; ".join(f"{key}: {as_text(text)}" for key, text in warnings.items())
            refused = NeedsPerson(
                "baselinker.card-warning",
                f"Product {card.sku}: BaseLinker did not take all of the card: {said}.",
                CORRECT,
                sku=card.sku,
            )
            return Kept(number, str(refused))
        return Kept(number)

    def _put_field(
        self,
        inventory: int,
        field: str,
        card: Card,
        rules: CardRules,
        before: Card | None,
        own: str,
        asked: Json,
        texts: Json,
    ) -> None:
        value = getattr(card, field)
        if value is None:
            return
        if field == "sku":
            asked["sku"] = _whole(card, "sku", value, SKU)
        elif field == "ean":
            asked["ean"] = _whole(card, "ean", value, EAN)
        elif field in ("name", "description"):
            key = f"{field}|{own}" if own else field
            texts[key] = _whole(card, key, value, NAME) if field == "name" else value
        elif field == "vat":
            asked["tax_rate"] = vat_to_wire(_rate(card, value))
        elif field in SIZES:
            asked[field] = _size(card, field, value)
        elif field == "parent":
            asked["parent_id"] = int(value)
        elif field == "manufacturer":
            asked["manufacturer_id"] = self._manufacturer(card, value, rules)
        elif field == "category":
            asked["category_id"] = self._category(inventory, card, value, rules)
        elif field == "pictures":
            asked["images"] = _images(card, value, before)
        elif field == "attributes":
            # the object is replaced as a whole: what the channel has beyond ours is sent along
            texts["features"] = {**((before.attributes if before else None) or {}), **value}
        elif field == "texts":
            for (name, language), text in value.items():
                if name in ("name", "description"):
                    key = name if language == self._default(inventory) else f"{name}|{language}"
                    texts[key] = _whole(card, key, text, NAME) if name == "name" else text

    # reading

    def _card(self, inventory: int, row: Json, own: str) -> Card:
        texts = as_map(row.get("text_fields"))
        try:
            vat = vat_from_wire(as_decimal(row.get("tax_rate")), "").code
        except (KeyError, ValueError, NeedsPerson):
            vat = None
        images = as_map(row.get("images"))
        return Card(
            sku=as_text(row.get("sku")).strip(),
            name=as_text(texts.get(f"name|{own}" if own else "name")),
            description=as_text(texts.get(f"description|{own}" if own else "description")),
            ean=as_text(row.get("ean")),
            vat=vat,
            weight=_decimal(row.get("weight")),
            height=_decimal(row.get("height")),
            width=_decimal(row.get("width")),
            length=_decimal(row.get("length")),
            manufacturer=self._name_of(row.get("manufacturer_id")),
            category=self._path_of(inventory, row.get("category_id")),
            pictures=tuple(as_text(images[key]) for key in sorted(images, key=_place)),
            attributes={str(key): as_text(text) for key, text in as_map(texts.get("features")).items()},
            texts=self._texts(inventory, texts, own),
            parent=str(_id(row.get("parent_id")) or ""),
        )

    def _texts(self, inventory: int, texts: Mapping[str, Any], own: str) -> dict[tuple[str, str], str]:
        """Names and descriptions in all languages but that of the card itself."""
        found = {}
        for key, value in texts.items():
            name, _, language = str(key).partition("|")
            if name in ("name", "description") and "|" not in language and language != own:
                found[(name, language or self._default(inventory))] = as_text(value)
        return found

    def _own(self, inventory: int, language: str) -> str:
        """The language as it stands in the keys of texts: empty for the catalogue's default one."""
        return "" if language in ("", self._default(inventory)) else language

    def _default(self, inventory: int) -> str:
        if inventory not in self._languages:
            for row in self._calls.get_inventories():
                self._languages[as_int(row.get("inventory_id"))] = as_text(row.get("default_language"))
        return self._languages.get(inventory, "")

    # categories and manufacturers

    def _path_of(self, inventory: int, number: Any) -> str:
        found = _id(number)
        if not found:
            return ""
        paths = self._categories(inventory)
        return paths.get(found) or self._categories(inventory, anew=True).get(found, "")

    def _name_of(self, number: Any) -> str:
        found = _id(number)
        if not found:
            return ""
        return self._manufacturers().get(found) or self._manufacturers(anew=True).get(found, "")

    def _category(self, inventory: int, card: Card, path: str, rules: CardRules) -> int:
        path = "/".join(part for one in path.split("/") if (part := one.strip()))
        for anew in (False, True):
            found = [number for number, one in self._categories(inventory, anew=anew).items() if one == path]
            if len(found) == 1:
                return found[0]
        if found or not rules.make_categories:
            raise NeedsPerson(
                "baselinker.unknown-category",
                f'Product {card.sku}: BaseLinker has not exactly one category "{path}".',
                "Make it there, correct the card, or set make_categories.",
                sku=card.sku,
            )
        above, _, name = path.rpartition("/")
        parent = self._category(inventory, card, above, rules) if above else 0
        made = self._calls.add_inventory_category(inventory, _whole(card, "category", name, NAME), parent)
        self._paths.pop(inventory, None)
        return made

    def _manufacturer(self, card: Card, name: str, rules: CardRules) -> int:
        for anew in (False, True):
            found = [number for number, one in self._manufacturers(anew=anew).items() if one == name]
            if len(found) == 1:
                return found[0]
        if found or not rules.make_manufacturers:
            raise NeedsPerson(
                "baselinker.unknown-manufacturer",
                f'Product {card.sku}: BaseLinker has not exactly one manufacturer "{name}".',
                "Make it there, correct the card, or set make_manufacturers.",
                sku=card.sku,
            )
        made = self._calls.add_inventory_manufacturer(_whole(card, "manufacturer", name, NAME))
        self._makers = None
        return made

    def _categories(self, inventory: int, *, anew: bool = False) -> dict[int, str]:
        """Id -> path; a minute old at most."""
        at, paths = self._paths.get(inventory, (0.0, {}))
        if anew or not at or time.monotonic() - at > _KEPT_S:
            rows = {
                _id(row.get("category_id")): row for row in self._calls.get_inventory_categories(inventory)
            }
            paths = {number: _path(rows, number) for number in rows}
            self._paths[inventory] = (time.monotonic(), paths)
        return paths

    def _manufacturers(self, *, anew: bool = False) -> dict[int, str]:
        if anew or self._makers is None or time.monotonic() - self._makers[0] > _KEPT_S:
            rows = self._calls.get_inventory_manufacturers()
            named = {_id(row.get("manufacturer_id")): as_text(row.get("name")).strip() for row in rows}
            self._makers = (time.monotonic(), named)
        return self._makers[1]


def _path(rows: Mapping[int, Json], number: int) -> str:
    names: list[str] = []
    seen: set[int] = set()
    while number and number in rows and number not in seen:
        seen.add(number)
        names.insert(0, as_text(rows[number].get("name")).strip())
        number = _id(rows[number].get("parent_id"))
    return "/".join(names)


def _images(card: Card, pictures: tuple[str, ...], before: Card | None) -> Json:
    """Only positions that change; those that are too many so far are taken away."""
    shown = (before.pictures if before else None) or ()
    if len(pictures) > PICTURES:
        raise NeedsPerson(
            "baselinker.bad-picture",
            f"Product {card.sku}: {len(pictures)} pictures; BaseLinker takes {PICTURES}.",
            CORRECT,
        )
    found = {
        str(place): _image(card, place + 1, address)
        for place, address in enumerate(pictures)
        if place >= len(shown) or shown[place] != address
    }
    return found | {str(place): "" for place in range(len(pictures), min(len(shown), PICTURES))}


def _image(card: Card, place: int, address: str) -> str:
    if address.startswith("data:"):
        return _data(card, place, _DATA.sub("", address, count=1))
    if not re.match(r"https?://[^\s/]", address):
        raise NeedsPerson(
            "baselinker.bad-picture",
            f"Product {card.sku}, picture {place} is neither an address (https://...) nor data.",
            CORRECT,
        )
    if len(address) > ADDRESS:
        raise NeedsPerson(
            "baselinker.bad-picture",
            f"Product {card.sku}, picture {place}: its address has {len(address)} characters; BaseLinker takes {ADDRESS}.",
            CORRECT,
        )
    return f"url:{address}"


def _data(card: Card, place: int, content: str) -> str:
    try:
        size = len(base64.b64decode(content, validate=True))
    except (binascii.Error, ValueError):
        raise NeedsPerson(
            "baselinker.bad-picture", f"Product {card.sku}, picture {place} is not base64.", CORRECT
        ) from None
    if not size:
        raise NeedsPerson("baselinker.bad-picture", f"Product {card.sku}, picture {place} is empty.", CORRECT)
    if size > PICTURE_BYTES:
        raise NeedsPerson(
            "baselinker.bad-picture",
            f"Product {card.sku}, picture {place} has {size} bytes; BaseLinker takes {PICTURE_BYTES}.",
            CORRECT,
        )
    return f"data:{content}"


def _whole(card: Card, field: str, text: str, most: int) -> str:
    if len(text) > most:
        raise NeedsPerson(
            "baselinker.card-too-long",
            f"Product {card.sku}, {field}: {len(text)} characters; BaseLinker takes at most {most}.",
            "Shorten it in the ERP; it is not cut, since it would say something else.",
            sku=card.sku,
            field=field,
        )
    return text


def _rate(card: Card, text: str) -> VatRate:
    try:
        return VatRate.of(text)
    except ValueError as error:
        raise NeedsPerson(
            "baselinker.card-bad-vat",
            f"Product {card.sku}: {error}.",
            "Correct the card in the ERP.",
            sku=card.sku,
        ) from error


def _size(card: Card, field: str, value: Decimal) -> Decimal:
    """As BaseLinker keeps it: decimal(10,2), kg or cm."""
    if value < _LARGEST and (found := value.quantize(_HUNDREDTH, ROUND_HALF_UP)) < _LARGEST:
        return found
    raise NeedsPerson(
        "baselinker.card-too-large",
        f"Product {card.sku}, {field}: {value} is more than BaseLinker takes.",
        CORRECT,
        sku=card.sku,
        field=field,
    )


def _decimal(value: Any) -> Decimal | None:
    try:
        return as_decimal(value)
    except ValueError:
        return None


def _id(value: Any) -> int:
    try:
        return as_int(value)
    except ValueError:
        return 0


def _place(key: str) -> int:
    return int(key) if str(key).isdecimal() else 0
