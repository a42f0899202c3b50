"""Variants that stand elsewhere in the channel than the ERP says: told, never torn off, and made anew once a person removed them.

No channel here takes a variant out of its family: BaseLinker documents ``parent_id`` only for putting a product under
another one, and a variation of a shop is named by its parent. So the product stays, with its stock and its prices (the
goods are the same wherever they stand), and what is wrong is a problem of its card.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pomost.catalogue.offer import Offer
from pomost.catalogue.variants import main_product
from pomost.ports import NeedsPerson
from pomost.ports.catalogue import CARDS_AT_ONCE, CardRules
from pomost.store.anew import Missed
from pomost.store.cards import UnsentCard
from pomost.store.products import ProductLine
from pomost.store.store import Store
from pomost.trade.card import Card, Change, differing, print_of, tidy

FIELD = "parent"
LOOSE = frozenset({"", print_of(Card(""), FIELD)})
"""Prints of a product that is no variant in either system; any other one says that both once agreed on a main item."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Whether the ERP says which product is a variant of which: where it owns the field, or makes the products and nobody
    else owns it."""

    owned: bool
    watched: bool

    @classmethod
    def of(cls, to_channel: Sequence[str], to_erp: Sequence[str], create: bool) -> Watch:
        owned = FIELD in to_channel
        return cls(owned, owned or (create and FIELD not in to_erp))


def misplaced(watch: Watch, wanted: Card, shown: Card, prints: Mapping[str, str]) -> list[Change]:
    """Where the product stands elsewhere than ``wanted`` says; both cards tidy, with main items by SKU.

    A card that never named a main item says nothing; one that names none any more says that it is no variant (``after``
    is empty). Where the ERP does not own the field, only what it once said counts: of the products that it made.
    """
    agreed_before = prints.get(FIELD, "") not in LOOSE
    if not watch.watched or not (watch.owned or agreed_before):
        return []
    if wanted.parent:
        return differing(wanted, shown, [FIELD])
    if shown.parent and agreed_before:
        return [Change(FIELD, shown.parent, "")]
    return []


def agreed(watch: Watch, wanted: Card, shown: Card, prints: Mapping[str, str]) -> dict[str, str]:
    """What is to be remembered of a product that stands where it should: nothing while it does not."""
    if not watch.watched or (wanted.parent or None) != (shown.parent or None):
        return {}
    before, now = prints.get(FIELD, ""), print_of(wanted, FIELD) if wanted.parent else ""
    return {} if before == now or {before, now} <= LOOSE else {FIELD: now}


def place_for(
    store: Store, offer: Offer, rules: CardRules, line: ProductLine | UnsentCard, move: Change
) -> str:
    """The id of the main product under which this product goes. Raises NeedsPerson where a person has to put it there."""
    if not move.after:
        raise NeedsPerson(
            "catalogue.variant-taken-out",
            f"Item {line.item} is a variant of no item any more; in the channel its product {line.product_id} stands under "
            f"{move.before}.",
            "Delete the product there: with `create` it is made anew as one of its own, once. Or name the main item on the card again.",
            product=line.product_id,
            sku=line.item,
            before=move.before,
        )
    target = main_product(store, offer, line.item, move.after).product_id
    before = move.before or "-"
    if not offer.channel.moves_products:
        raise NeedsPerson(
            "catalogue.variant-elsewhere",
            f"Product {line.product_id} is to be a variant of {move.after}; in the channel it stands under {before}.",
            "Delete it there: with `create` it is made anew in its place, once. Or correct the main item on the card.",
            product=line.product_id,
            sku=line.item,
            main=move.after,
            before=before,
        )
    if not rules.move_variants:
        raise NeedsPerson(
            "catalogue.variant-elsewhere",
            f"Product {line.product_id} is to be a variant of {move.after}; in the channel it stands under {before}.",
            "Move it there by hand, or allow it: move_variants. Or delete it there: with `create` it is made anew in its place, once.",
            product=line.product_id,
            sku=line.item,
            main=move.after,
            before=before,
        )
    if store.products.parents(offer.id, [line.product_id]):
        raise NeedsPerson(
            "catalogue.variant-elsewhere",
            f"Product {line.product_id} is to be a variant of {move.after}, but it has variants in the channel itself.",
            "Move those first.",
            product=line.product_id,
            sku=line.item,
        )
    return target


class Removed:
    """Products that stood elsewhere than the ERP says and that a person removed from the channel: made anew, each once."""

    def __init__(
        self, store: Store, offer: Offer, watch: Watch, now: Callable[[], float], at: Callable[[str], None]
    ) -> None:
        self._store = store
        self._offer = offer
        self._watch = watch
        self._now = now
        self._at = at

    def take(self, still_mine: Callable[[], bool]) -> set[str]:
        """After a whole listing; gives the main items that lost a variant. Raises as calls do.

        A product that one listing did not show is asked for by its id: pages may shift while they are read. That its item has
        no product any more and that one is to be made is written in one transaction, so that a kill leaves both or none.
        """
        store, offer, after = self._store, self._offer, 0
        families: set[str] = set()
        while self._watch.watched and still_mine():
            missed = store.anew.missed(offer.id, after, CARDS_AT_ONCE)
            if not missed:
                break
            after = missed[-1].number
            above = self._items_above(missed)
            cards = offer.erp.cards(offer.company, {one.item for one in missed})
            wrong = [
                one for one in missed if one.item in cards and self._stood_wrong(one, cards[one.item], above)
            ]
            if not wrong:
                continue
            there = {one.id for one in offer.channel.read(offer.catalogue, [one.product_id for one in wrong])}
            gone = [one for one in wrong if one.product_id not in there]
            self._at("family:gone")
            if gone and still_mine():
                store.anew.begin(offer.id, gone, self._now())
                families |= {above[one.parent_id] for one in gone if above.get(one.parent_id)}
            self._at("family:begun")
        return families

    def _items_above(self, missed: Sequence[Missed]) -> dict[str, str]:
        """Id of a main product -> the item that it is, or empty."""
        ids = {one.parent_id for one in missed if one.parent_id}
        return {line.product_id: line.item for line in self._store.products.with_ids(self._offer.id, ids)}

    def _stood_wrong(self, one: Missed, card: Card, above: Mapping[str, str]) -> bool:
        """Whether the product stood elsewhere than its card says when it was listed last."""
        where = above.get(one.parent_id, "") or (f"#{one.parent_id}" if one.parent_id else None)
        return bool(misplaced(self._watch, tidy(card), Card(one.item, parent=where), one.prints))
