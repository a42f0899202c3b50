"""Main items and their variants, of one company."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection, select

from pomost.ledger import schema
from pomost.ledger.companies import Company
from pomost.ports import NeedsPerson
from pomost.trade.variants import Wrong, wrong_parents

_CHUNK = 500
_item = schema.item


def variants(connection: Connection, company: Company, skus: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """SKU of a main item -> the SKUs of its variants; nothing for items that have none."""
    found: dict[str, list[str]] = {}
    for some in _chunks(skus):
        query = select(_item.c.parent, _item.c.sku).where(
            # as the index of these says it
            _item.c.parent.is_not(None),
            _item.c.company_id == company.id,
            _item.c.parent.in_(some),
        )
        for row in connection.execute(query.order_by(_item.c.sku)):
            found.setdefault(row.parent, []).append(row.sku)
    return {sku: tuple(own) for sku, own in found.items()}


def refused_parents(
    connection: Connection, company: Company, asked: Mapping[str, str], new: Iterable[str] = ()
) -> dict[str, NeedsPerson]:
    """SKU -> why it can't be a variant of the item that is asked (SKU -> main item, empty: none any more).

    ``new``: items that are made together with it.
    """
    parents = {parent for parent in asked.values() if parent}
    if not parents:
        return {}
    before: dict[str, str] = {}
    known: set[str] = set(new)
    for some in _chunks({*asked, *parents}):
        query = select(_item.c.sku, _item.c.parent)
        query = query.where(_item.c.company_id == company.id, _item.c.sku.in_(some))
        for row in connection.execute(query):
            known.add(row.sku)
            before[row.sku] = row.parent or ""
    for sku, own in variants(connection, company, asked).items():
        before.update(dict.fromkeys(own, sku))
    wrong = wrong_parents(asked, before, known)
    return {sku: bad_parent(company.code, sku, asked[sku], why) for sku, why in wrong.items()}


def lock_families(connection: Connection, company: Company) -> None:
    """Until the transaction ends nobody else changes which items are variants: what a main item is was looked up before."""
    query = select(schema.company.c.id).where(schema.company.c.id == company.id)
    connection.execute(query.with_for_update(key_share=True))


def bad_parent(company: str, sku: str, parent: str, why: Wrong) -> NeedsPerson:
    """``ledger.bad-parent`` with what is wrong."""
    if why == "itself":
        return NeedsPerson(
            "ledger.bad-parent", f"Item {sku} can't be a variant of itself.", "Name its main item."
        )
    if why == "unknown":
        return NeedsPerson(
            "ledger.bad-parent",
            f"Item {sku} can't be a variant of {parent}: company {company} has no such item.",
            "Correct the SKU of the main item, or make its card first.",
        )
    if why == "variant":
        return NeedsPerson(
            "ledger.bad-parent",
            f"Item {sku} can't be a variant of {parent}, which is a variant itself.",
            "Name the main item of both.",
        )
    return NeedsPerson(
        "ledger.bad-parent",
        f"Item {sku} can't be a variant of {parent}: it has variants of its own.",
        "Give its variants another main item first.",
    )


def _chunks(values: Iterable[str]) -> Iterator[Sequence[str]]:
    whole = sorted(set(values))
    return (whole[start : start + _CHUNK] for start in range(0, len(whole), _CHUNK))
