"""Goods: what lies where, in which lots, and for whom it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, delete, insert, select, update

from pomost.ledger import schema
from pomost.ports import NeedsPerson, Waiting
from pomost.sql import insert_unless_there
from pomost.trade.count import round_cent
from pomost.trade.documents import KINDS

stock, lots, moves, reservations = schema.stock, schema.lots, schema.moves, schema.reservations
documents, lines = schema.documents, schema.lines
Place = tuple[int, str]
"""An item's id and a warehouse."""


@dataclass(frozen=True, slots=True)
class Goods:
    """One line that moves goods: quantity of an item, and the order line whose reservation it uses up."""

    line_id: int
    item_id: int
    sku: str
    quantity: Decimal
    root_line: int | None = None
    unit_cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Level:
    """Stock of an item in a warehouse. ``available`` is what a new buyer can have."""

    quantity: Decimal
    reserved: Decimal

    @property
    def available(self) -> Decimal:
        return self.quantity - self.reserved


class Stock:
    """Moves of goods in one company, inside the caller's transaction."""

    def __init__(self, connection: Connection, warehouse: str, *, method: str, negative: bool) -> None:
        self._connection = connection
        self._warehouse = warehouse
        self._method = method
        self._negative = negative

    def levels(self, item_ids: Sequence[int]) -> dict[int, Level]:
        """Levels of items, locked in the order of their ids until the transaction ends: two writers never oversell."""
        ids = sorted(set(item_ids))
        query = (
            select(stock.c.item_id, stock.c.quantity, stock.c.reserved)
            .where(stock.c.item_id.in_(ids), stock.c.warehouse == self._warehouse)
            .order_by(stock.c.item_id)
            .with_for_update()
        )
        rows = self._connection.execute(query).all()
        if len(rows) < len(ids):
            self._connection.execute(
                insert_unless_there(self._connection, stock),
                [
                    {
                        "item_id": item_id,
                        "warehouse": self._warehouse,
                        "quantity": Decimal(0),
                        "reserved": Decimal(0),
                    }
                    for item_id in ids
                ],
            )
            rows = self._connection.execute(query).all()
        return {row.item_id: Level(row.quantity, row.reserved) for row in rows}

    def reserve(self, goods: Sequence[Goods]) -> None:
        """Keeps goods for an order. More than there is may be kept: the shortage shows as negative availability."""
        if not goods:
            return
        self.levels([line.item_id for line in goods])
        self._connection.execute(
            insert(reservations),
            [
                {
                    "line_id": line.line_id,
                    "item_id": line.item_id,
                    "warehouse": self._warehouse,
                    "quantity": line.quantity,
                }
                for line in goods
            ],
        )
        self._change(_sums((line.item_id, line.quantity) for line in goods), "reserved")

    def release(self, line_ids: Sequence[int]) -> None:
        """Gives up what is still kept for these order lines."""
        rows = self._connection.execute(
            select(reservations).where(reservations.c.line_id.in_(line_ids))
        ).all()
        if not rows:
            return
        for warehouse in sorted({row.warehouse for row in rows}):
            sums = _sums((row.item_id, -row.quantity) for row in rows if row.warehouse == warehouse)
            self._change(sums, "reserved", warehouse)
        self._connection.execute(delete(reservations).where(reservations.c.line_id.in_(line_ids)))

    def keep_again(self, goods: Sequence[Goods]) -> None:
        """After ``put_back``: what order lines still ask for and nobody took is kept for them again."""
        roots = sorted({line.root_line for line in goods if line.root_line})
        if not roots:
            return
        asked = self._connection.execute(
            select(
                lines.c.id,
                lines.c.item_id,
                lines.c.sku,
                lines.c.quantity,
                documents.c.kind,
                documents.c.state,
            )
            .join(documents, documents.c.id == lines.c.document_id)
            .where(lines.c.id.in_(roots), documents.c.warehouse == self._warehouse)
        ).all()
        taken = dict.fromkeys(roots, Decimal(0))
        for row in self._connection.execute(
            select(lines.c.root_line, moves.c.quantity)
            .join(lines, lines.c.id == moves.c.line_id)
            .where(lines.c.root_line.in_(roots))
        ):
            taken[row.root_line] += row.quantity
        again = [
            Goods(row.id, row.item_id, row.sku, row.quantity - taken[row.id])
            for row in asked
            if KINDS[row.kind].reserves and row.state == "approved" and row.quantity > taken[row.id]
        ]
        self.release([line.line_id for line in again])
        self.reserve(again)

    def issuable(self, goods: Sequence[Goods]) -> dict[int, Decimal]:
        """How much of each line can be issued now: what is kept for others is not free.

        Where more is kept than there is, who came first is served first: later reservations do not hold up earlier.
        """
        levels = self.levels([line.item_id for line in goods])
        own = self._own_reservations(goods)
        left: dict[int, Decimal] = {}
        for line in goods:
            if line.item_id not in left:
                level = levels[line.item_id]
                # two lines may come from one order line: its reservation counts once
                roots = {other.root_line for other in goods if other.item_id == line.item_id}
                kept = sum((own.get(root or 0, Decimal(0)) for root in roots), Decimal(0))
                free = min(level.quantity, level.available + kept)
                wanted = sum((other.quantity for other in goods if other.item_id == line.item_id), Decimal(0))
                if free < wanted and all(own.get(root or 0) for root in roots):
                    free = level.quantity - self._kept_earlier(line.item_id, own, roots)
                left[line.item_id] = free
        found: dict[int, Decimal] = {}
        for line in goods:
            found[line.line_id] = (
                line.quantity if self._negative else max(min(line.quantity, left[line.item_id]), Decimal(0))
            )
            left[line.item_id] -= found[line.line_id]
        return found

    def issue(self, goods: Sequence[Goods]) -> dict[int, Decimal]:
        """Takes goods out by lots; gives the cost of each line. Raises Waiting when something is short."""
        if not goods:
            return {}
        can = self.issuable(goods)
        short = [line for line in goods if can[line.line_id] < line.quantity]
        if short:
            self._raise_short(short, can)
        costs = {line.line_id: self._take_from_lots(line) for line in goods}
        self._change(_sums((line.item_id, -line.quantity) for line in goods), "quantity")
        self._use_reservations(goods)
        return costs

    def receive(self, goods: Sequence[Goods], on: date) -> None:
        """Puts goods in, each line as a lot of its own."""
        if not goods:
            return
        self.levels([line.item_id for line in goods])
        self._connection.execute(
            insert(lots),
            [
                {
                    "item_id": line.item_id,
                    "warehouse": self._warehouse,
                    "line_id": line.line_id,
                    "received_on": on,
                    "quantity": line.quantity,
                    "left": line.quantity,
                    "unit_cost": line.unit_cost,
                }
                for line in goods
            ],
        )
        self._change(_sums((line.item_id, line.quantity) for line in goods), "quantity")

    def put_back(self, goods: Sequence[Goods]) -> None:
        """Undoes an issue: what these lines themselves took returns to the lots it came from."""
        if not goods:
            return
        self.levels([line.item_id for line in goods])
        item_of = {line.line_id: line.item_id for line in goods}
        ids = list(item_of)
        rows = self._connection.execute(select(moves).where(moves.c.line_id.in_(ids))).all()
        for row in rows:
            if row.lot_id is not None:
                self._connection.execute(
                    update(lots).where(lots.c.id == row.lot_id).values({"left": lots.c.left + row.quantity})
                )
        self._connection.execute(delete(moves).where(moves.c.line_id.in_(ids)))
        self._change(_sums((item_of[row.line_id], row.quantity) for row in rows), "quantity")

    def take_back(self, goods: Sequence[Goods]) -> None:
        """Undoes what these lines themselves received; raises NeedsPerson when some of it was issued already."""
        ids = [line.line_id for line in goods]
        rows = self._connection.execute(select(lots).where(lots.c.line_id.in_(ids))).all()
        if any(row.left != row.quantity for row in rows):
            raise NeedsPerson(
                "ledger.already-issued",
                "Goods of this receipt were issued already.",
                "Make a correction instead.",
            )
        self.levels([line.item_id for line in goods])
        self._connection.execute(update(lots).where(lots.c.line_id.in_(ids)).values({"left": Decimal(0)}))
        self._change(_sums((row.item_id, -row.quantity) for row in rows), "quantity")

    def _take_from_lots(self, line: Goods) -> Decimal:
        newest_first = self._method == "LIFO"
        order = (
            (lots.c.received_on.desc(), lots.c.id.desc()) if newest_first else (lots.c.received_on, lots.c.id)
        )
        rows = self._connection.execute(
            select(lots.c.id, lots.c.left, lots.c.unit_cost)
            .where(
                lots.c.item_id == line.item_id, lots.c.warehouse == self._warehouse, lots.c.left > Decimal(0)
            )
            .order_by(*order)
        ).all()
        average = None
        if self._method == "AVCO" and rows:
            average = sum((row.left * row.unit_cost for row in rows), Decimal(0)) / sum(
                (row.left for row in rows), Decimal(0)
            )
            # what stays is worth the average too, or the next issue would count the dear lots twice
            self._connection.execute(
                update(lots).where(lots.c.id.in_([row.id for row in rows])).values(unit_cost=average)
            )
        wanted, cost, taken = line.quantity, Decimal(0), []
        for row in rows:
            if not wanted:
                break
            part = min(row.left, wanted)
            part_cost = round_cent(part * (row.unit_cost if average is None else average))
            taken.append({"line_id": line.line_id, "lot_id": row.id, "quantity": part, "cost": part_cost})
            self._connection.execute(
                update(lots).where(lots.c.id == row.id).values({"left": row.left - part})
            )
            wanted -= part
            cost += part_cost
        if wanted:
            taken.append({"line_id": line.line_id, "lot_id": None, "quantity": wanted, "cost": Decimal(0)})
        self._connection.execute(insert(moves), taken)
        return cost

    def _own_reservations(self, goods: Sequence[Goods]) -> dict[int, Decimal]:
        roots = [line.root_line for line in goods if line.root_line]
        if not roots:
            return {}
        rows = self._connection.execute(
            select(reservations.c.line_id, reservations.c.quantity).where(
                reservations.c.line_id.in_(roots), reservations.c.warehouse == self._warehouse
            )
        )
        return {row.line_id: row.quantity for row in rows}

    def _kept_earlier(self, item_id: int, own: Mapping[int, Decimal], roots: Iterable[int | None]) -> Decimal:
        last = max(root for root in roots if root)
        rows = self._connection.execute(
            select(reservations.c.quantity).where(
                reservations.c.item_id == item_id,
                reservations.c.warehouse == self._warehouse,
                reservations.c.line_id < last,
                reservations.c.line_id.not_in(list(own)),
            )
        ).scalars()
        return sum(rows, Decimal(0))

    def _use_reservations(self, goods: Sequence[Goods]) -> None:
        own = self._own_reservations(goods)
        used: list[tuple[int, Decimal]] = []
        for line in goods:
            kept = own.get(line.root_line or 0)
            if not kept:
                continue
            part = min(kept, line.quantity)
            own[line.root_line or 0] = kept - part
            used.append((line.item_id, -part))
            if part == kept:
                self._connection.execute(delete(reservations).where(reservations.c.line_id == line.root_line))
            else:
                self._connection.execute(
                    update(reservations)
                    .where(reservations.c.line_id == line.root_line)
                    .values(quantity=kept - part)
                )
        self._change(_sums(used), "reserved")

    def _change(self, sums: Mapping[int, Decimal], column: str, warehouse: str = "") -> None:
        for item_id, quantity in sorted(sums.items()):
            self._connection.execute(
                update(stock)
                .where(stock.c.item_id == item_id, stock.c.warehouse == (warehouse or self._warehouse))
                .values({column: stock.c[column] + quantity})
            )

    def _raise_short(self, short: Sequence[Goods], can: Mapping[int, Decimal]) -> None:
        parts = [
            f"{line.sku}: {line.quantity.normalize():f} asked, {can[line.line_id].normalize():f} free"
            for line in short
        ]
        raise Waiting(
            "ledger.not-in-stock",
            f"Not enough goods in warehouse {self._warehouse}: {'; '.join(parts)}.",
            tuple(f"stock:{line.sku}@{self._warehouse}" for line in short),
            "It goes on by itself when goods arrive.",
        )


def _sums(pairs: Iterable[tuple[int, Decimal]]) -> dict[int, Decimal]:
    sums: dict[int, Decimal] = {}
    for item_id, quantity in pairs:
        sums[item_id] = sums.get(item_id, Decimal(0)) + quantity
    return {item_id: quantity for item_id, quantity in sums.items() if quantity}
