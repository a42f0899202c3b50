"""Sending what was decided, in the channel's batches. Figures are absolute, so whatever is in doubt is sent again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from pomost.catalogue.offer import Offer
from pomost.ports import NeedsPerson
from pomost.ports.catalogue import Figures, Written
from pomost.store.figures import Unsent, What
from pomost.store.store import Store

MOST_HALVINGS = 24
"""Further calls for a batch that is refused as a whole: enough to find two bad products among a thousand."""


@dataclass(slots=True)
class Sent:
    """What came of sending. ``uncertain``: products of which the channel does not say whether it took them."""

    calls: int = 0
    products: int = 0
    problems: int = 0
    uncertain: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Budget:
    left: int = MOST_HALVINGS
    refused: NeedsPerson | None = field(default=None)


class Sender:
    """Sends unsent figures of one kind."""

    def __init__(
        self,
        store: Store,
        offer: Offer,
        what: What,
        now: Callable[[], float],
        at: Callable[[str], None] = lambda point: None,
    ) -> None:
        self._store = store
        self._offer = offer
        self._what = what
        self._now = now
        self._at = at
        channel = offer.channel
        self._write = channel.write_stock if what == "stock" else channel.write_prices

    def send(
        self,
        still_mine: Callable[[], bool] = lambda: True,
        told: Callable[[Sent], None] = lambda done: None,
    ) -> Sent:
        """Sends all that is unsent, in the order of products; ends early where ``still_mine`` says no. ``told`` gets what was
        done so far after each batch.

        A product that the channel does not take is kept with the reason, and the rest goes on. Raises what calls raise;
        what was not answered stays unsent.
        """
        done, after = Sent(), 0
        while still_mine():
            batch = self._store.figures.unsent(self._offer.id, self._what, after, self._offer.channel.batch)
            if not batch:
                break
            after = batch[-1].product
            self._at(f"{self._what}:intended")
            self._send(batch, done, _Budget())
            told(done)
        return done

    def _send(self, batch: Sequence[Unsent], done: Sent, budget: _Budget) -> None:
        try:
            done.calls += 1
            written = self._write(self._offer.catalogue, _by_product(batch))
        except NeedsPerson as refused:
            self._halve(batch, done, budget, refused)
            return
        self._at(f"{self._what}:made")
        self._keep(batch, written, done)

    def _halve(self, batch: Sequence[Unsent], done: Sent, budget: _Budget, refused: NeedsPerson) -> None:
        """A batch that is refused as a whole is halved until the product that is to blame stands alone."""
        numbers = list(dict.fromkeys(one.product for one in batch))
        if len(numbers) == 1:
            self._keep(batch, Written({batch[0].product_id: str(refused)}), done)
            return
        if budget.left < 2:
            # not a product but the whole is to blame
            raise refused
        budget.left -= 2
        first = set(numbers[: len(numbers) // 2])
        self._send([one for one in batch if one.product in first], done, budget)
        self._send([one for one in batch if one.product not in first], done, budget)

    def _keep(self, batch: Sequence[Unsent], written: Written, done: Sent) -> None:
        problems = {
            one.product: text for one in batch if (text := written.problems.get(one.product_id)) is not None
        }
        self._store.figures.answer(self._what, batch, problems, self._now())
        self._at(f"{self._what}:stored")
        done.products += len({one.product for one in batch})
        done.problems += len(problems)
        if written.uncertain:
            done.uncertain.update(one.product_id for one in batch if one.product not in problems)


def _by_product(batch: Sequence[Unsent]) -> Figures:
    figures: dict[str, dict[str, Decimal]] = {}
    for one in batch:
        figures.setdefault(one.product_id, {})[one.place] = one.figure
    return figures
