"""Each field of a card has one owner, and what says which item a product is has none."""

from __future__ import annotations

from pomost.config.model import Config
from pomost.ports import NeedsPerson


def wrong_cards(config: Config) -> list[NeedsPerson]:
    """What can't work in ``[catalogue.cards]``, for all catalogues together."""
    found: list[NeedsPerson] = []
    owned: dict[tuple[str, str], str] = {}
    for entry in config.catalogue:
        if entry.cards is None:
            continue
        company = entry.company or config.company[0].code
        keys = {entry.match} & set(entry.cards.to_channel)
        for field in dict.fromkeys(entry.cards.to_erp):
            if field in entry.cards.to_channel:
                found.append(
                    NeedsPerson(
                        "config.card-owner",
                        f'Catalogue "{entry.name}": "{field}" stands in to_channel and in to_erp.',
                        "Leave it in one of them.",
                    )
                )
            if field in ("sku", entry.match):
                keys.add(field)
            other = owned.setdefault((company, field), entry.name)
            if other != entry.name:
                found.append(
                    NeedsPerson(
                        "config.card-owner",
                        f'Catalogue "{entry.name}": "{field}" of company {company} belongs to "{other}" already.',
                        "A field of an item has one owner: take it out of one to_erp.",
                    )
                )
        if (
            "unit" in (*entry.cards.to_channel, *entry.cards.to_erp)
            and not entry.cards.unit_attribute.strip()
        ):
            found.append(
                NeedsPerson(
                    "config.card-unit",
                    f'Catalogue "{entry.name}": "unit" has an owner, and no attribute shows it in the channel.',
                    'Name one: unit_attribute = "Jednostka".',
                )
            )
        found += [
            NeedsPerson(
                "config.card-owner",
                f'Catalogue "{entry.name}": "{field}" says which item a product is, so it can\'t be written there.',
                "Leave it out.",
            )
            for field in sorted(keys)
        ]
    return found
