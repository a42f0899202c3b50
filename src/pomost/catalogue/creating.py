"""Making what is missing on one side: products for items, item cards for products. Each once.

A product is made in three moves: it is written down that it may be there from now on, the channel is asked whether it is
there, and only then it is made. Whoever goes on after a kill or a lost answer therefore finds it. The product of a main
item is made before those of its variants, in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pomost.catalogue.deciding import AT_ONCE
from pomost.catalogue.offer import Offer
from pomost.catalogue.variants import items_of_parents, main_product
from pomost.ports import InDoubt, Json, NeedsPerson
from pomost.ports.catalogue import CARDS_AT_ONCE, CardRules, Product
from pomost.store.births import Birth
from pomost.store.products import ProductLine
from pomost.store.store import Store
from pomost.trade.card import Card, print_of, says_yes, tidy
from pomost.trade.units import unit_read, unit_written, without_unit
from pomost.trade.variants import choices_among

FIRST_FIELDS = ("name", "ean", "vat", "weight", "parent")
"""Fields that a new product is given whoever owns them later."""


@dataclass(slots=True)
class _Round:
    """One go through what is to be made. ``seen``: items that were dealt with in it."""

    still_mine: Callable[[], bool]
    seen: set[str] = field(default_factory=set)
    made: int = 0


class Creator:
    def __init__(
        self,
        store: Store,
        offer: Offer,
        fields: Sequence[str],
        rules: CardRules,
        now: Callable[[], float],
        at: Callable[[str], None],
    ) -> None:
        self._store = store
        self._offer = offer
        self._fields = [
            name
            for name in dict.fromkeys([*fields, *FIRST_FIELDS])
            if (name in offer.channel.card_fields and name != "sku")
            or (name == "unit" and rules.unit_attribute)
        ]
        self.families: set[str] = set()
        """Main items whose products got variants; whoever tells the stock of these empties it."""
        self._rules = rules
        self._now = now
        self._at = at

    # products for items

    def items_without_product(self) -> Iterator[list[str]]:
        """The SKUs of all items for which a product would be made, some at a time."""
        cursor: Json = {}
        more = True
        while more:
            touched = self._offer.erp.touched(self._offer.company, "card", cursor, AT_ONCE)
            yield self.without_product(touched.skus)
            cursor, more = touched.cursor, touched.more

    def without_product(self, skus: Collection[str]) -> list[str]:
        """Those that are no product yet, are goods to be shown there, and of whose key no product is a question or was left out."""
        offer, store = self._offer, self._store
        linked = store.products.of_items(offer.id, skus)
        some = [sku for sku in skus if sku not in linked]
        states = store.births.states(offer.id, some)
        some = [sku for sku in some if states.get(sku) != "made"]
        stocked = offer.erp.on_hand(offer.company, some)
        some = self._shared([sku for sku in some if sku in stocked and stocked[sku].parts])
        if offer.match == "ean":
            eans = {sku: card.ean or "" for sku, card in offer.erp.cards(offer.company, some).items()}
            taken = {line.ean for line in store.products.same(offer.id, "ean", eans.values())}
            return [sku for sku in some if eans.get(sku, "") not in taken]
        if offer.match == "sku":
            taken = {line.sku for line in store.products.same(offer.id, "sku", some)}
            return [sku for sku in some if sku not in taken]
        return some

    def _shared(self, skus: Sequence[str]) -> list[str]:
        """Those of which the card says that they are to be shown in the channel; all where no attribute says so."""
        attribute, offer = self._rules.share_attribute, self._offer
        if not attribute or not skus:
            return list(skus)
        cards = offer.erp.cards(offer.company, skus)
        return [sku for sku in skus if sku in cards and says_yes(cards[sku], attribute)]

    def make_products(self, still_mine: Callable[[], bool]) -> int:
        """Makes a product for each item that is noted. One that can't be made is kept with the reason."""
        going, after = _Round(still_mine), ""
        while still_mine():
            births = self._store.births.next(self._offer.id, after, CARDS_AT_ONCE, self._now())
            if not births:
                break
            after = births[-1].item
            cards = self._offer.erp.cards(self._offer.company, [birth.item for birth in births])
            for birth in births:
                self._try(birth, cards.get(birth.item), going)
        return going.made

    def _try(self, birth: Birth, card: Card | None, going: _Round) -> None:
        if birth.item in going.seen:
            return
        going.seen.add(birth.item)
        try:
            going.made += self._make(birth, card, going)
        except NeedsPerson as refused:
            self._store.births.refused(self._offer.id, birth, str(refused))
        except InDoubt as doubt:
            self._store.births.doubt(self._offer.id, birth, str(doubt), self._now())

    def _make(self, birth: Birth, card: Card | None, going: _Round) -> int:
        store, offer = self._store, self._offer
        if card is None or store.products.of_items(offer.id, [birth.item]):
            # the listing found it meanwhile
            store.births.made(offer.id, birth, "", "", self._now())
            return 0
        card = without_unit(tidy(card), self._rules.unit_attribute)
        self._check_key(card)
        if not birth.intended and not self._shared([card.sku]):
            raise NeedsPerson(
                "catalogue.not-shared",
                f"Item {card.sku} is not to be shown in the channel: its attribute {self._rules.share_attribute} does not say tak.",
                "Nothing is to be done, or set that attribute.",
                sku=card.sku,
            )
        problem, prints = "", {}
        # what was begun may be there, whatever became of its main item meanwhile: that is looked for first
        parent = "" if birth.intended else self._main(card, going)
        store.births.intend(offer.id, birth)
        self._at("card:intended")
        product = already_there(self, birth, card)
        if product is None:
            parent = parent or self._main(card, going)
            if not going.still_mine():
                return 0
            given, fields = unit_written(
                replace(card, parent=parent or None), self._fields, self._rules.unit_attribute
            )
            rules = replace(self._rules, choices=self._choices(card.sku))
            kept = offer.channel.put_card(offer.catalogue, "", given, fields, rules)
            problem = kept.problem
            prints = {name: print_of(card, name) for name in self._fields}
            product = Product(kept.id, card.sku, card.ean or "", card.name or "", parent)
        self._at("card:made")
        if offer.match == "id":
            own = Card(birth.item, attributes={offer.id_attribute: product.id})
            offer.erp.put_cards(offer.company, [own])
        store.products.keep(offer.id, [product], {product.id: birth.item}, self._now())
        numbers = [line.id for line in store.products.with_ids(offer.id, [product.id])]
        store.cards.keep_prints(offer.id, numbers, prints, self._now())
        store.births.made(offer.id, birth, product.id, problem, self._now())
        self._at("card:stored")
        if product.parent_id and card.parent:
            self.families.add(card.parent)
        variants = offer.erp.variants(offer.company, [birth.item]).get(birth.item, ())
        self._wake(variants)
        # those that are products stand elsewhere: where they could go is known by now
        elsewhere = store.products.of_items(offer.id, variants)
        store.cards.decide(offer.id, [one for some in elsewhere.values() for one in some], self._now())
        return 1

    def _main(self, card: Card, going: _Round) -> str:
        """The id of the product under which a variant stands, made first where it may be; empty for what is no variant.

        Raises NeedsPerson where there is none, InDoubt while it is not known what came of it.
        """
        store, offer, main = self._store, self._offer, card.parent
        if not main or "parent" not in self._fields:
            return ""
        if not store.products.of_item(offer.id, main):
            if main not in store.births.states(offer.id, [main]):
                store.births.want(offer.id, self.without_product([main]), self._now(), again=False)
            noted = store.births.one(offer.id, main, self._now())
            if noted is not None and noted[1]:
                self._try(noted[0], offer.erp.cards(offer.company, [main]).get(main), going)
            if store.births.one(offer.id, main, self._now()) and not store.products.of_item(offer.id, main):
                raise InDoubt(
                    "catalogue.main-being-made",
                    f"Item {card.sku} is a variant of {main}, whose product is being made.",
                    sku=card.sku,
                    main=main,
                )
        return main_product(store, offer, card.sku, main).product_id

    def _choices(self, sku: str) -> Mapping[str, tuple[str, ...]] | None:
        """By what the variants of a main item differ; None for an item that has none."""
        offer = self._offer
        variants = offer.erp.variants(offer.company, [sku]).get(sku, ())
        return choices_among(offer.erp.cards(offer.company, variants).values()) if variants else None

    def _wake(self, skus: Collection[str]) -> None:
        """Variants that could not be made as long as their main item was no product."""
        store, offer = self._store, self._offer
        asleep = [
            sku for sku in self.without_product(skus) if store.births.one(offer.id, sku, self._now()) is None
        ]
        store.births.want(offer.id, asleep, self._now(), again=True)

    def wake_variants(self) -> None:
        """After a listing: variants that could not be made and whose main item is a product by now are due again."""
        store, offer, after = self._store, self._offer, ""
        while refused := store.births.refused_ones(offer.id, after, AT_ONCE):
            after = refused[-1]
            cards = offer.erp.cards(offer.company, refused)
            mains = {sku: card.parent for sku, card in cards.items() if card.parent}
            there = store.products.of_items(offer.id, set(mains.values()))
            self._wake([sku for sku, main in mains.items() if main in there])

    def _check_key(self, card: Card) -> None:
        """By EAN only: a product would not be known again without it, nor with that of several items."""
        offer = self._offer
        if offer.match != "ean":
            return
        if not card.ean:
            raise NeedsPerson(
                "catalogue.no-key",
                f"Item {card.sku} has no EAN, by which its product would be known again; none is made.",
                "Give it one.",
                sku=card.sku,
            )
        items = offer.erp.find_items(offer.company, "ean", [card.ean]).get(card.ean, ())
        if len(items) > 1:
            raise NeedsPerson(
                "catalogue.ambiguous",
                f"Several items have the ean {card.ean}: {', '.join(items)}; no product is made for any.",
                "Correct the one that is wrong.",
                sku=card.sku,
            )

    def find(self, birth: Birth, card: Card) -> Product | None:
        """The product of this item, asked of the channel now. Raises NeedsPerson where it is not clear."""
        offer = self._offer
        found = {one.id: one for one in offer.channel.find_products(offer.catalogue, sku=card.sku)}
        if offer.match == "ean" and card.ean:
            by_ean = {one.id: one for one in offer.channel.find_products(offer.catalogue, ean=card.ean)}
            parents = self._store.products.parents(offer.id, by_ean)
            found |= {one.id: one for one in by_ean.values() if one.sku or one.id not in parents}
        answers = self._store.questions.answers(offer.id, found)
        kept = self._store.products.with_ids(offer.id, found)
        others = {line.product_id for line in kept if line.item not in ("", birth.item)}
        mine = [
            one
            for one in found.values()
            if one.id not in answers
            and one.id not in others
            and (birth.intended or offer.match == "sku" or (offer.match == "ean" and one.ean == card.ean))
        ]
        if not found:
            return None
        if len(found) == 1 and mine:
            return mine[0]
        raise NeedsPerson(
            "catalogue.taken",
            f"Item {birth.item}: the channel has products with its SKU or EAN already: {', '.join(sorted(found))}.",
            "Decide which it is: `pomost items link PRODUCT SKU`, `pomost items ignore PRODUCT`; none is made.",
            sku=birth.item,
        )

    # items for products

    def products_without_item(self) -> Iterator[list[ProductLine]]:
        """Products for which a card would be made, at most ``CARDS_AT_ONCE`` at a time. A main product may come twice."""
        after = 0
        while lines := self._store.products.unlinked(self._offer.id, after, CARDS_AT_ONCE // 2):
            after = lines[-1].id
            yield self._mains_first([line for line in lines if self._may_be_made(line)])

    def _mains_first(self, lines: list[ProductLine]) -> list[ProductLine]:
        """The products, each after the main product whose variant it is, where that is no item yet either."""
        above = {line.parent_id for line in lines if line.parent_id}
        mains = self._store.products.unlinked(self._offer.id, 0, CARDS_AT_ONCE, above) if above else []
        first = [main for main in mains if self._may_be_made(main)]
        return list({line.id: line for line in (*first, *lines)}.values())

    def _may_be_made(self, line: ProductLine) -> bool:
        return bool(line.sku) and (self._offer.match != "ean" or bool(line.ean))

    def make_items(self, still_mine: Callable[[], bool]) -> int:
        """Makes a card in the ERP for each product that is no item of it; by SKU, so doing it twice changes nothing."""
        made, offer = 0, self._offer
        dealt_with: set[int] = set()
        for some in self.products_without_item():
            lines = [line for line in some if line.id not in dealt_with]
            dealt_with.update(line.id for line in lines if not line.parent_id)
            if not lines or not still_mine():
                continue
            known = offer.erp.cards(offer.company, {line.sku for line in lines})
            ids = [line.product_id for line in lines]
            shown = offer.channel.read_cards(offer.catalogue, ids, self._rules.language)
            asked: dict[str, str] = {}
            mains = dict(items_of_parents(self._store, offer, shown.values()))
            for line in lines:
                if line.product_id not in shown:
                    continue
                card = tidy(shown[line.product_id])
                main = mains.get(card.parent or "")
                try:
                    self._make_item(line, replace(card, parent=main), line.sku in known)
                    mains[line.product_id] = line.sku
                    made += 1
                except NeedsPerson as refused:
                    asked[line.product_id] = str(refused)
            self._store.questions.ask(offer.id, asked, self._now())
        return made

    def _make_item(self, line: ProductLine, shown: Card, known: bool) -> None:
        offer = self._offer
        if known and offer.match != "sku":
            raise NeedsPerson(
                "catalogue.item-there",
                f"Product {line.product_id} is no item by its {offer.match}, but there is an item {line.sku}.",
                "Link it: `pomost items link PRODUCT SKU`, or correct the one that is wrong.",
            )
        shown = unit_read(shown, self._rules.unit_attribute)
        attributes = dict(shown.attributes or {})
        if offer.match == "id":
            attributes[offer.id_attribute] = line.product_id
        card = Card(
            line.sku,
            name=shown.name,
            description=shown.description,
            ean=shown.ean,
            unit=shown.unit,
            vat=shown.vat,
            weight=shown.weight,
            height=shown.height,
            width=shown.width,
            length=shown.length,
            manufacturer=shown.manufacturer,
            category=shown.category,
            pictures=shown.pictures,
            attributes=attributes or None,
            texts=shown.texts,
            parent=shown.parent,
        )
        offer.erp.put_cards(offer.company, [card])
        self._store.products.relink({line.id: line.sku})


def already_there(creator: Creator, birth: Birth, card: Card) -> Product | None:
    """The look before a product is made; a place of its own, so that a test can do without it."""
    return creator.find(birth, card)
