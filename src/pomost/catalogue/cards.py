"""Item cards between the ERP and a channel: each field goes from its owner to the other side, and no other field is touched.

What a product shows is read before anything is written, so only what differs is sent; a call whose answer was lost is
therefore repeated harmlessly. Making a product is not repeatable, see ``creating``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pomost.catalogue.creating import Creator
from pomost.catalogue.deciding import AT_ONCE, Decider
from pomost.catalogue.families import Removed, Watch, agreed, misplaced, place_for
from pomost.catalogue.offer import Offer
from pomost.catalogue.variants import items_of_parents
from pomost.ports import InDoubt, NeedsPerson
from pomost.ports.catalogue import CARDS_AT_ONCE, CardRules
from pomost.store.cards import CardAnswer, UnsentCard
from pomost.store.products import ProductLine
from pomost.store.store import Store
from pomost.trade.card import Card, Change, differing, fields_of, print_of, tidy
from pomost.trade.units import unit_read, unit_shown, unit_written, without_unit


@dataclass(frozen=True, slots=True)
class Owners:
    """Who owns which field, and what may be made."""

    to_channel: tuple[str, ...] = ()
    to_erp: tuple[str, ...] = ()
    create: bool = False
    create_items: bool = False
    rules: CardRules = field(default_factory=CardRules)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a product and its item say otherwise. ``out``: to the channel, ``back``: to the ERP; None: not there."""

    line: ProductLine | UnsentCard
    wanted: Card | None
    shown: Card | None
    out: list[Change] = field(default_factory=list)
    """``parent`` says before: the item that the main product is, or "#" and the id of one that is none."""
    back: list[Change] = field(default_factory=list)
    agreed: dict[str, str] = field(default_factory=dict)
    """Prints to be kept though nothing is sent."""


class CardKeeper:
    """Keeps the cards of one offer."""

    def __init__(
        self,
        store: Store,
        offer: Offer,
        owners: Owners,
        deciders: Sequence[Decider],
        now: Callable[[], float],
        compare_s: float,
        at: Callable[[str], None] = lambda point: None,
    ) -> None:
        self._store = store
        self._offer = offer
        self.owners = owners
        self.creator = Creator(store, offer, owners.to_channel, owners.rules, now, at)
        self._watch = Watch.of(owners.to_channel, owners.to_erp, owners.create)
        self._removed = Removed(store, offer, self._watch, now, at)
        self._deciders = deciders
        self._now = now
        self._compare_s = compare_s
        self._next_compare: float | None = None
        self._cursor = f"{offer.name}.card.{offer.company}"[:40]
        self._compared = f"{offer.name}.card-compare"[:40]

    def begin(self) -> None:
        """Changes from before the first listing need not be taken one by one: every product is looked at once."""
        self._store.looks.begin(self._cursor, self._offer.erp.position(self._offer.company))
        self._store.looks.begin(self._compared, {"at": self._now()})

    def listed(self, still_mine: Callable[[], bool]) -> None:
        """After a listing: new products are looked at, and what has no counterpart is noted if it may be made."""
        self.take_undecided()
        if self.owners.create:
            self.creator.families |= self._removed.take(still_mine)
            self.creator.wake_variants()
            for some in self.creator.items_without_product():
                self._store.births.want(self._offer.id, some, self._now(), again=False)
                if not still_mine():
                    return
        if self.owners.create_items:
            self.creator.make_items(still_mine)

    def take_undecided(self) -> None:
        """Makes products due that became an item and were not looked at since."""
        after = 0
        while numbers := self._store.cards.undecided(self._offer.id, after, AT_ONCE):
            after = numbers[-1]
            self._store.cards.decide(self._offer.id, numbers, self._now())

    def work(self, still_mine: Callable[[], bool]) -> int:
        """Takes what changed in the ERP, puts it into the channel and back; gives how many products changed."""
        self._compare_in_time()
        self._take_changes()
        changed = self.send(still_mine)
        if self.owners.create and self.creator.make_products(still_mine):
            changed += 1
            self.take_undecided()
            for decider in self._deciders:
                decider.take_undecided()
        self._tell_families()
        return changed

    def _tell_families(self) -> None:
        """Main products that got or lost variants: whether they have a stock of their own is decided anew."""
        families, self.creator.families = self.creator.families, set()
        if families:
            for decider in self._deciders:
                decider.decide(families)

    def _compare_in_time(self) -> None:
        """Makes all due when the last full comparison, by whatever process, is too long ago."""
        now = self._now()
        if self._next_compare is None:
            last = self._store.looks.cursor(self._compared).get("at", now)
            self._next_compare = float(last) + self._compare_s
        if now >= self._next_compare:
            self._store.cards.decide_all(self._offer.id, now, cursor=(self._compared, {"at": now}))
            self._next_compare = now + self._compare_s

    def _take_changes(self) -> None:
        offer, more = self._offer, True
        while more:
            cursor = self._store.looks.cursor(self._cursor)
            touched = offer.erp.touched(offer.company, "card", cursor, AT_ONCE)
            if not touched.skus:
                return
            if self.owners.create:
                # before the cursor: noting one twice does no harm
                new = self.creator.without_product(touched.skus)
                self._store.births.want(offer.id, new, self._now(), again=True)
            products = self._store.products.of_items(offer.id, touched.skus)
            numbers = [number for some in products.values() for number in some]
            self._store.cards.decide(offer.id, numbers, self._now(), cursor=(self._cursor, touched.cursor))
            more = touched.more

    def send(self, still_mine: Callable[[], bool]) -> int:
        """Brings every card that is due to what its owners say. A product that is refused is kept with the reason."""
        changed, after = 0, 0
        while still_mine():
            due = self._store.cards.unsent(self._offer.id, after, CARDS_AT_ONCE, self._now())
            if not due:
                break
            after = due[-1].product
            answers: list[CardAnswer] = []
            try:
                for one in self.compared(due):
                    assert isinstance(one.line, UnsentCard)
                    changed += bool(one.out or one.back)
                    try:
                        answers.append(CardAnswer(one.line, *self._settle(one)))
                    except NeedsPerson as refused:
                        answers.append(CardAnswer(one.line, {}, str(refused)))
                    except InDoubt as doubt:
                        # the others go on; this one is compared again, which shows what came of it
                        self._store.cards.doubt(one.line, str(doubt), self._now())
            finally:
                self._store.cards.answer(answers, self._now())
        return changed

    def _settle(self, one: Difference) -> tuple[dict[str, str], str]:
        """Gives the prints of what was sent and what was not taken. Raises as calls do, and NeedsPerson."""
        offer, line = self._offer, one.line
        if one.shown is None:
            raise NeedsPerson(
                "catalogue.product-gone",
                f"The channel does not show product {line.product_id}, which is item {line.item}.",
                "If it was deleted there, nothing is to be done.",
                product=line.product_id,
                sku=line.item,
            )
        if one.wanted is None:
            raise NeedsPerson(
                "catalogue.item-gone",
                f"Company {offer.company} has no item {line.item}, which product {line.product_id} was linked to.",
                "Link the product to another item, or ignore it.",
                product=line.product_id,
                sku=line.item,
            )
        problem, out, moved = "", one.out, ""
        if one.back:
            if len(self._store.products.of_items(offer.id, [line.item]).get(line.item, ())) > 1:
                raise NeedsPerson(
                    "catalogue.several-products",
                    f"Item {line.item} is several products, so none of them can own fields of its card.",
                    "Link one of them only, or let the ERP own the fields.",
                    sku=line.item,
                )
            fields = fields_of(one.back)
            own = {name: getattr(one.shown, name) for name in fields}
            offer.erp.put_cards(offer.company, [replace(Card(line.item), **own)])
        move = next((change for change in out if change.field == "parent"), None)
        if move is not None:
            try:
                moved = place_for(self._store, offer, self.owners.rules, line, move)
            except NeedsPerson as refused:
                # the rest of the card is not held up by it
                problem = str(refused)
                out = [change for change in out if change is not move]
        if out:
            fields = fields_of(out)
            wanted = replace(_only(one.wanted, out), parent=moved or None)
            given, named = unit_written(wanted, fields, self.owners.rules.unit_attribute)
            shown = unit_shown(one.shown, self.owners.rules.unit_attribute)
            kept = offer.channel.put_card(
                offer.catalogue, line.product_id, given, named, self.owners.rules, shown
            )
            if moved and move is not None:
                self._moved(line, moved, move)
            problem = " ".join(filter(None, (problem, kept.problem)))
            return {**one.agreed, **{name: print_of(one.wanted, name) for name in fields}}, problem
        return one.agreed, problem

    def _moved(self, line: ProductLine | UnsentCard, target: str, move: Change) -> None:
        number = line.product if isinstance(line, UnsentCard) else line.id
        self._store.products.move(number, target)
        self.creator.families |= {move.before, move.after} - {""}

    def compared(self, lines: Sequence[ProductLine | UnsentCard]) -> Iterator[Difference]:
        """What these products, at most ``CARDS_AT_ONCE``, and their items say otherwise; asks the channel once."""
        offer = self._offer
        known = offer.erp.cards(offer.company, {line.item for line in lines})
        ids = [line.product_id for line in lines]
        shown = offer.channel.read_cards(offer.catalogue, ids, self.owners.rules.language)
        mains = items_of_parents(self._store, offer, shown.values())
        unit = self.owners.rules.unit_attribute
        # a product that was not decided of has none
        kept = self._store.anew.prints([line.id for line in lines if isinstance(line, ProductLine)])
        for line in lines:
            card, showing = known.get(line.item), shown.get(line.product_id)
            if card is None or showing is None:
                yield Difference(line, card, showing)
                continue
            wanted, have = without_unit(tidy(card), unit), unit_read(tidy(showing), unit)
            main = mains.get(have.parent or "")
            # what stands under a product that is no item tells the ERP nothing
            theirs = replace(have, parent=main)
            have = replace(have, parent=main or (f"#{have.parent}" if have.parent else None))
            prints = line.prints if isinstance(line, UnsentCard) else kept.get(line.id, {})
            out = [
                change
                for change in differing(
                    wanted, have, [one for one in self.owners.to_channel if one != "parent"]
                )
                if not (change.field == "pictures" and _pictures_are_ours(wanted, have, prints))
            ]
            out += misplaced(self._watch, wanted, have, prints)
            back = differing(theirs, wanted, self.owners.to_erp)
            yield Difference(line, wanted, have, out, back, agreed(self._watch, wanted, have, prints))


def _pictures_are_ours(wanted: Card, shown: Card, prints: object) -> bool:
    """Whether the channel shows what was sent, under addresses of its own."""
    sent = prints.get("pictures") if isinstance(prints, dict) else None
    return sent == print_of(wanted, "pictures") and len(wanted.pictures or ()) == len(shown.pictures or ())


def _only(wanted: Card, changes: Sequence[Change]) -> Card:
    """The card with those texts in other languages only that change."""
    if not wanted.texts:
        return wanted
    keys = {change.field.partition(".")[2] for change in changes if change.field.startswith("texts.")}
    return replace(wanted, texts={key: text for key, text in wanted.texts.items() if "|".join(key) in keys})
