"""Product cards of a shop: only what is named is written, and what the shop keeps besides stays.

A variation has a SKU, an EAN, a weight, a tax class, a description and one picture of its own; the rest is its parent's.
"""

from __future__ import annotations

import html
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from pomost.connectors.values import as_decimal, as_int, as_list, as_text
from pomost.connectors.woocommerce.card_groups import PARTED, Groups, Shelf
from pomost.connectors.woocommerce.catalogue_mapping import (
    STANDARD,
    Terms,
    ean_of,
    product_gone,
    text_of,
    whole_id,
)
from pomost.connectors.woocommerce.client import PER_PAGE, WooCommerceClient, in_parts
from pomost.connectors.woocommerce.errors import unclear
from pomost.connectors.woocommerce.product_reading import Products
from pomost.connectors.woocommerce.settings import Settings
from pomost.connectors.woocommerce.shop_terms import ShopTerms
from pomost.connectors.woocommerce.variations import check_free, choices_of, variable
from pomost.ports import Json, NeedsPerson, Priority
from pomost.ports.catalogue import CardRules, Kept
from pomost.trade.card import Card
from pomost.trade.vat import VatRate

FIELDS = frozenset(
    {
        "sku",
        "name",
        "description",
        "ean",
        "vat",
        "weight",
        "manufacturer",
        "category",
        "pictures",
        "attributes",
        "parent",
    }
)
ASKED = (
    "id,type,name,description,sku,global_unique_id,tax_status,tax_class,weight,categories,brands,images,image,attributes,parent_id,"
    "meta_data"
)
OF_THE_PARENT = ("name", "manufacturer", "category", "attributes")
ENABLED_LATER = "private"
"""A variation that is made is not ticked as enabled, as a product that is made is a draft: a person publishes it."""
MAKER = "Producent"
"""The attribute that names the manufacturer in a shop without brands."""
CORRECT = "Correct the card in the ERP; what changes is sent again."
SKU_TAKEN, NOT_MADE = "product_invalid_sku", "woocommerce_rest_product_not_created"
_GRAM = Decimal("0.001")


class Cards:
    """Cards of one shop."""

    def __init__(
        self, settings: Settings, client: WooCommerceClient, products: Products, terms: ShopTerms
    ) -> None:
        self._settings = settings
        self._client = client
        self._products = products
        self._terms = terms
        self._groups = Groups(client)
        self._category_key = f"_{settings.marker}_category"
        """Meta of a product with several categories: the one that the ERP gave it."""

    def read(self, ids: Collection[str]) -> dict[str, Card]:
        """What the shop shows, by id; what is gone is missing. What a variation has from its parent is shown with it."""
        terms = self._terms.now()
        below: dict[int, list[int]] = {}
        plain: set[int] = set()
        for one in ids:
            try:
                parent, number = whole_id(one)
            except ValueError:
                continue
            plain.add(parent or number)
            if parent:
                below.setdefault(parent, []).append(number)
        raws: dict[int, Json] = {}
        for some in in_parts(sorted(plain), PER_PAGE):
            asked = {"_fields": ASKED, "include": ",".join(map(str, some))}
            raws |= {_id(raw.get("id")): raw for raw in self._products.listed("products", asked)}
        found = {str(number): self._card(raw, terms) for number, raw in raws.items() if str(number) in ids}
        for parent, numbers in below.items():
            if parent not in raws:
                continue
            for some in in_parts(sorted(numbers), PER_PAGE):
                asked = {"_fields": ASKED, "include": ",".join(map(str, some))}
                for raw in self._products.listed(f"products/{parent}/variations", asked):
                    card = self._variation(raw, raws[parent], terms)
                    found[f"{parent}-{_id(raw.get('id'))}"] = card
        return found

    def put(self, product_id: str, card: Card, fields: Collection[str], rules: CardRules) -> Kept:
        """Changes a product, or makes a draft; of a card with ``parent`` a variation below it, not enabled yet. Making: a SKU that
        the shop has already is the product asked for. A product that is there stays below its parent.

        Raises NeedsPerson for what the shop would not take or cut; ``woocommerce.sku-in-trash`` where a product in the trash may hold
        the SKU; InDoubt.
        """
        if not product_id and card.parent and "parent" in fields:
            return self._make_below(card, fields, rules)
        parent, number = whole_id(product_id) if product_id else (0, 0)
        path = f"products/{parent}/variations" if parent else "products"
        raw: Json = {}
        if number:
            read = self._client.get(f"{path}/{number}", priority=Priority.CATALOGUE)
            if not isinstance(read, dict) or read.get("status") == "trash":
                raise product_gone(product_id)
            raw = read
        left: list[str] = []
        body = self._body(card, fields, rules, raw, bool(parent), left)
        if not number:
            if rules.choices is not None:
                body |= variable(body.get("attributes", ()), rules.choices)
            return self._make(card, {"type": "simple", "status": "draft", "name": card.sku, **body})
        if body:
            answer = self._client.put(f"{path}/{number}", body, Priority.CATALOGUE)
            left += _changed(body, answer)
        return Kept(product_id, self._not_written(card, left))

    # making

    def _make_below(self, card: Card, fields: Collection[str], rules: CardRules) -> Kept:
        """A variation of the product that ``card.parent`` is."""
        _, number = whole_id(card.parent or "")
        parent = self._client.get(f"products/{number}", priority=Priority.CATALOGUE)
        if not isinstance(parent, dict) or parent.get("status") == "trash":
            raise product_gone(str(number))
        path, choices = f"products/{number}/variations", choices_of(card, parent)
        asked: dict[str, str | int] = {"_fields": "id,attributes", "orderby": "id", "order": "asc"}
        sisters = [one for page in self._client.pages(path, asked, Priority.CATALOGUE) for one in page]
        if not self._products.with_sku(card.sku):
            check_free(card, parent, choices, sisters)
        own = [name for name in fields if name not in OF_THE_PARENT]
        body = {**self._body(card, own, rules, {}, True, []), "attributes": choices, "status": ENABLED_LATER}
        kept = self._make(card, body, number)
        self._products.forget(str(number))
        return kept

    def _make(self, card: Card, body: Json, parent: int = 0) -> Kept:
        asked = {**body, "sku": card.sku}
        path = f"products/{parent}/variations" if parent else "products"
        try:
            answer = self._client.post(path, asked, Priority.CATALOGUE)
        except NeedsPerson as refused:
            code = refused.facts.get("error_code", "")
            if code not in (SKU_TAKEN, NOT_MADE):
                raise
            return self._holder(card, refused.facts.get("resource_id", ""), refused)
        number = _id(answer.get("id"))
        if not number:
            raise unclear(f"POST {path}", "its answer has no id", True)
        return Kept(
            f"{parent}-{number}" if parent else str(number), self._not_written(card, _changed(asked, answer))
        )

    def _holder(self, card: Card, resource_id: str, refused: NeedsPerson) -> Kept:
        """The product that has this SKU already: the one to be linked, unless it is in the trash or called otherwise after all."""
        found = self._products.with_sku(card.sku)
        if len(found) == 1:
            return Kept(found[0].id)
        if len(found) > 1:
            ids = ", ".join(row.id for row in found)
            raise NeedsPerson(
                "woocommerce.sku-twice",
                f"Several products of the shop have the SKU {card.sku}: {ids}.",
                "Correct the one that is wrong; none is made.",
                sku=card.sku,
            ) from refused
        raw = (
            self._client.get(f"products/{resource_id}", priority=Priority.CATALOGUE)
            if resource_id.isdecimal()
            else None
        )
        if (
            isinstance(raw, dict)
            and raw.get("status") != "trash"
            and as_text(raw.get("sku")).strip() == card.sku
        ):
            above = _id(raw.get("parent_id")) if raw.get("type") == "variation" else 0
            return Kept(f"{above}-{resource_id}" if above else resource_id)
        raise NeedsPerson(
            "woocommerce.sku-in-trash",
            f"The shop makes no product with the SKU {card.sku}, and shows none that has it: one in the trash may hold it.",
            "Restore that product or delete it for good, then `pomost items push`.",
            sku=card.sku,
        ) from refused

    def _not_written(self, card: Card, left: list[str]) -> str:
        if not left:
            return ""
        names = ", ".join(dict.fromkeys(left))
        return str(
            NeedsPerson(
                "woocommerce.card-partly",
                f"Product {card.sku}: the shop did not take {names} as sent.",
                "A variation has its name, categories, manufacturer and attributes from its parent; names lose what looks like a tag; "
                "choices of variations are changed in the shop.",
                sku=card.sku,
            )
        )

    # writing

    def _body(
        self,
        card: Card,
        fields: Collection[str],
        rules: CardRules,
        raw: Json,
        is_variation: bool,
        left: list[str],
    ) -> Json:
        body: Json = {}
        attributes: dict[str, str] = {}
        for field in fields:
            value = getattr(card, field, None)
            if value is None or field not in FIELDS:
                continue
            if is_variation and field in OF_THE_PARENT:
                left.append(field)
            elif field in ("name", "description", "sku"):
                body[field] = value
            elif field == "ean":
                body["global_unique_id"] = value
            elif field == "weight":
                unit = self._terms.now().kilograms
                body["weight"] = format((value / unit).quantize(_GRAM).normalize(), "f")
            elif field == "vat":
                body |= self._tax(card, value)
            elif field == "category":
                body |= self._category(card, value, rules, raw)
            elif field == "manufacturer":
                if self._groups.has(Shelf.BRANDS):
                    make = rules.make_manufacturers
                    body["brands"] = [{"id": self._groups.number(Shelf.BRANDS, value, make, card.sku)}]
                else:
                    attributes[MAKER] = value
            elif field == "pictures":
                shown = [raw.get("image")] if is_variation else as_list(raw.get("images"))
                body |= _images(card, value, shown, is_variation)
            elif field == "attributes":
                attributes |= value
        if attributes:
            body["attributes"] = _attributes(attributes, as_list(raw.get("attributes")), left)
        return body

    def _tax(self, card: Card, vat: str) -> Json:
        """The tax class whose rate at home this is. A shop that reckons no taxes has none to write."""
        terms = self._terms.now()
        if not terms.taxed:
            return {}
        try:
            wanted = VatRate.of(vat)
        except ValueError as error:
            raise NeedsPerson(
                "woocommerce.card-bad-vat", f"Product {card.sku}: {error}.", CORRECT, sku=card.sku
            ) from error
        found = [
            name
            for name, rate in terms.rates.items()
            if rate is not None and _rate_code(rate) == _rate_code(wanted)
        ]
        if len(found) != 1:
            raise NeedsPerson(
                "woocommerce.no-tax-class",
                f"Product {card.sku}: the shop has not exactly one tax class with the VAT rate {wanted.code}.",
                "Make one under WooCommerce, Settings, Tax, or say in tax_classes which one it is: 0, zw, np and oo look alike there.",
                sku=card.sku,
            )
        return {"tax_status": "taxable", "tax_class": "" if found[0] == STANDARD else found[0]}

    def _category(self, card: Card, path: str, rules: CardRules, raw: Json) -> Json:
        """The ERP's category, in place of the one it gave before; others that the shop put the product into stay."""
        wanted = self._groups.number(Shelf.CATEGORIES, path, rules.make_categories, card.sku)
        before = self._main_category(raw)
        there = [_id(one.get("id")) for one in as_list(raw.get("categories")) if isinstance(one, dict)]
        kept = [one for one in there if one not in (wanted, before)]
        return {
            "categories": [{"id": one} for one in (wanted, *kept)],
            "meta_data": [{"key": self._category_key, "value": str(wanted)}],
        }

    # reading

    def _card(self, raw: Json, terms: Terms) -> Card:
        attributes = {
            text_of(one.get("name")): ", ".join(text_of(option) for option in as_list(one.get("options")))
            for one in as_list(raw.get("attributes"))
            if isinstance(one, dict)
        }
        brands = [text_of(one.get("name")) for one in as_list(raw.get("brands")) if isinstance(one, dict)]
        maker = attributes.pop(MAKER, "")
        return Card(
            sku=as_text(raw.get("sku")).strip(),
            name=text_of(raw.get("name")),
            description=as_text(raw.get("description")),
            ean=ean_of(raw, self._settings.ean_keys),
            vat=_vat(raw, terms),
            weight=_weight(raw, terms),
            manufacturer=brands[0] if brands else maker,
            category=self._groups.path(Shelf.CATEGORIES, self._main_category(raw)),
            pictures=tuple(address for one in as_list(raw.get("images")) if (address := _address(one))),
            attributes=attributes,
            parent="",
        )

    def _variation(self, raw: Json, parent: Json, terms: Terms) -> Card:
        above, own = self._card(parent, terms), self._card({**raw, "attributes": []}, terms)
        choices = {
            text_of(one.get("name")): text_of(one.get("option"))
            for one in as_list(raw.get("attributes"))
            if isinstance(one, dict)
        }
        address = _address(raw.get("image"))
        return Card(
            sku="" if own.sku == above.sku else own.sku,
            name=f"{above.name} - {own.name}" if own.name else above.name,
            description=own.description,
            ean="" if own.ean == above.ean else own.ean,
            vat=own.vat,
            weight=own.weight,
            manufacturer=above.manufacturer,
            category=above.category,
            pictures=(address,) if address else (),
            attributes={**(above.attributes or {}), **choices},
            parent=str(_id(parent.get("id"))),
        )

    def _main_category(self, raw: Json) -> int:
        """The one that the ERP gave it, else the lowest that the shop gave it; 0 where there is none."""
        there = [_id(one.get("id")) for one in as_list(raw.get("categories")) if isinstance(one, dict)]
        given = [
            _id(one.get("value"))
            for one in as_list(raw.get("meta_data"))
            if isinstance(one, dict) and one.get("key") == self._category_key
        ]
        return given[0] if given and given[0] in there else max(there, key=self._depth, default=0)

    def _depth(self, number: int) -> tuple[int, int]:
        return self._groups.path(Shelf.CATEGORIES, number).count(PARTED), -number


def _attributes(wanted: Mapping[str, str], shown: list[Any], left: list[str]) -> list[Json]:
    """All that the product has, since the list is replaced as a whole; the choices of variations are left alone."""
    kept = [one for one in shown if isinstance(one, dict)]
    rest = dict(wanted)
    found: list[Json] = []
    for one in kept:
        entry: Json = {
            name: one[name]
            for name in ("id", "name", "position", "visible", "variation", "options")
            if name in one
        }
        name = text_of(one.get("name"))
        if name in rest:
            value = rest.pop(name)
            same = ", ".join(text_of(option) for option in as_list(one.get("options"))) == value
            if one.get("variation") is True:
                left += [] if same else [name]
            elif not same:
                entry["options"] = [value]
        found.append(entry)
    return found + [
        {"name": name, "visible": True, "variation": False, "options": [value]}
        for name, value in rest.items()
    ]


def _images(card: Card, pictures: tuple[str, ...], shown: list[Any], is_variation: bool) -> Json:
    """Pictures that the shop has are named by their id, so that it does not fetch them once more."""
    there = {
        address: _id(one.get("id")) for one in shown if isinstance(one, dict) and (address := _address(one))
    }
    found: list[Json] = []
    for place, address in enumerate(pictures, start=1):
        if not address.startswith(("https://", "http://")):
            raise NeedsPerson(
                "woocommerce.bad-picture",
                f"Product {card.sku}, picture {place} is no address (https://...), from which the shop could fetch it.",
                CORRECT,
                sku=card.sku,
            )
        found.append({"id": there[address]} if there.get(address) else {"src": address})
    if is_variation:
        return {"image": found[0]} if found else {}
    return {"images": found}


def _changed(sent: Json, answer: Json) -> list[str]:
    """What the shop shows otherwise than it was sent, without a word."""
    found = []
    if (
        "name" in sent
        and "name" in answer
        and text_of(answer["name"]) != " ".join(html.unescape(sent["name"]).split())
    ):
        found.append("name")
    for key, name in (("sku", "sku"), ("global_unique_id", "ean"), ("tax_class", "vat")):
        if key in sent and key in answer and as_text(answer[key]).strip() != as_text(sent[key]).strip():
            found.append(name)
    return found


def _vat(raw: Json, terms: Terms) -> str | None:
    if as_text(raw.get("tax_status")) not in ("taxable", ""):
        return None
    rate = terms.rates.get(as_text(raw.get("tax_class")).strip() or STANDARD)
    return None if rate is None else _rate_code(rate)


def _rate_code(rate: VatRate) -> str:
    return VatRate(rate.percent, rate.special).code


def _weight(raw: Json, terms: Terms) -> Decimal | None:
    try:
        return as_decimal(raw.get("weight")) * terms.kilograms
    except ValueError:
        return None


def _address(image: Any) -> str:
    return as_text(image.get("src")).strip() if isinstance(image, dict) else ""


def _id(value: Any) -> int:
    try:
        return max(as_int(value), 0)
    except ValueError:
        return 0
