"""Variations that are made: below the product of their main item, told apart by what a buyer chooses there. Pure.

A variation is told from its sisters by one option of each attribute that its product lets choose from. Two with the same
options are one to a buyer, of which he gets the first, so none is made where there is such a one already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pomost.connectors.values import as_int, as_list
from pomost.connectors.woocommerce.catalogue_mapping import VARIABLE, text_of
from pomost.ports import Json, NeedsPerson
from pomost.trade.card import Card


def choices_of(card: Card, parent: Json) -> list[Json]:
    """The options of a new variation below ``parent``: those that the attributes of its card name.

    Raises NeedsPerson ``woocommerce.not-variable``, ``woocommerce.no-choice``.
    """
    number = _id(parent.get("id"))
    if parent.get("type") != VARIABLE:
        raise NeedsPerson(
            "woocommerce.not-variable",
            f"Item {card.sku} is a variant, and product {number} of its main item has no variations in the shop.",
            "Make it a variable product there, with the attributes by which its variants differ; the next listing goes on.",
            sku=card.sku,
            product=str(number),
        )
    asked = [
        one
        for one in as_list(parent.get("attributes"))
        if isinstance(one, dict) and one.get("variation") is True
    ]
    if not asked:
        raise NeedsPerson(
            "woocommerce.no-choice",
            f"Item {card.sku} can't be a variation of product {number}, which lets nothing be chosen.",
            "Tick an attribute of that product as used for variations, with an option for each; the next listing goes on.",
            sku=card.sku,
            product=str(number),
        )
    found: list[Json] = []
    own = card.attributes or {}
    for one in asked:
        name = text_of(one.get("name"))
        options = [text_of(option) for option in as_list(one.get("options"))]
        value = " ".join(own.get(name, "").split())
        if value not in options:
            raise NeedsPerson(
                "woocommerce.no-choice",
                f'Item {card.sku}: its card says "{value}" for {name}, and product {number} lets choose from: '
                f"{', '.join(options)}.",
                "Correct the attribute of the card, or add the option to that product in the shop.",
                sku=card.sku,
                product=str(number),
            )
        named: Json = {"id": _id(one.get("id"))} if _id(one.get("id")) else {"name": name}
        found.append({**named, "option": value})
    return found


def check_free(card: Card, parent: Json, choices: Iterable[Json], sisters: Iterable[Json]) -> None:
    """Raises NeedsPerson ``woocommerce.choice-taken`` where a variation with these options is there already."""
    names = {_id(one.get("id")): text_of(one.get("name")) for one in as_list(parent.get("attributes"))}
    wanted = {one.get("name") or names.get(_id(one.get("id")), ""): one["option"] for one in choices}
    for sister in sisters:
        shown = {
            text_of(one.get("name")): text_of(one.get("option"))
            for one in as_list(sister.get("attributes"))
            if isinstance(one, dict)
        }
        # an option that a variation leaves open fits every one
        if all(shown.get(name, value) == value for name, value in wanted.items()):
            number = f"{_id(parent.get('id'))}-{_id(sister.get('id'))}"
            raise NeedsPerson(
                "woocommerce.choice-taken",
                f"Item {card.sku}: product {number} is a variation with the same options already.",
                "Give that one the SKU of the item, or correct its options or the attributes of the card; no second one is made.",
                sku=card.sku,
                product=number,
            )


def variable(attributes: Iterable[Json], choices: Mapping[str, tuple[str, ...]]) -> Json:
    """What makes a new product one with variations, beside its other ``attributes``."""
    kept = [one for one in attributes if one.get("name") not in choices]
    return {
        "type": VARIABLE,
        "attributes": [
            *kept,
            *(
                {"name": name, "visible": True, "variation": True, "options": list(options)}
                for name, options in choices.items()
            ),
        ],
    }


def _id(value: Any) -> int:
    try:
        return max(as_int(value), 0)
    except ValueError:
        return 0
