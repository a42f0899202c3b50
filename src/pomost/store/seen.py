"""Keeping what was seen at a source: new cases, changed ones, and orders that we placed there ourselves.

A page is kept with a handful of statements, however many orders it holds: while it is written, others wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from pomost.ports import Seen
from pomost.sql import insert_unless_there
from pomost.store import schema
from pomost.store.claims import dump, failure_to_json, order_to_json
from pomost.store.steps import notes
from pomost.trade.finding import words_of

cases, links = schema.cases, schema.links

_LINKED = select(links.c.external_id, links.c.case_id).where(
    links.c.channel == bindparam("b_source"), links.c.external_id.in_(bindparam("b_ids", expanding=True))
)
_MARKED = select(schema.steps.c.key, schema.steps.c.case_id).where(
    schema.steps.c.key.in_(bindparam("b_keys", expanding=True))
)
_KNOWN = select(cases.c.id, cases.c.external_id, cases.c.raw, cases.c.gone, cases.c.problem).where(
    cases.c.company == bindparam("b_company"),
    cases.c.source == bindparam("b_source"),
    cases.c.kind == bindparam("b_kind"),
    cases.c.external_id.in_(bindparam("b_ids", expanding=True)),
)
_NEW = insert(cases).returning(cases.c.id, cases.c.status, cases.c.external_id)
_CHANGED = (
    update(cases)
    .where(cases.c.id == bindparam("b_id"))
    .values(
        version=cases.c.version + 1,
        woken=cases.c.woken + 1,
        attempts=0,
        gone=0,
        **{
            name: bindparam(name)
            for name in ("raw", "parsed", "problem", "number", "status", "changed_at", "due_at")
        },
    )
)


@dataclass(frozen=True, slots=True)
class Whose:
    """Where something was seen, and the flow that takes it; without a flow only orders of ours matter there."""

    source: str
    company: str
    kind: str
    flow: str


def keep(connection: Connection, whose: Whose, seen: Sequence[Seen], now: float) -> list[int]:
    """Stores what was seen; gives the ids of the cases that are new or changed."""
    if not seen:
        return []
    by_id = {one.external_id: one for one in seen}
    placed = _placed_by_us(connection, whose.source, by_id)
    touched = [
        case_id
        for external_id, case_id in placed.items()
        if _keep_status(connection, case_id, by_id[external_id], now)
    ]
    own = [one for one in by_id.values() if one.external_id not in placed]
    return touched + _keep_own(connection, whose, own, now) if own and whose.flow else touched


def mark_gone(connection: Connection, whose: Whose, gone: Sequence[str], now: float) -> list[int]:
    """What the source says no longer exists; gives the ids of the cases for which that is news."""
    ids = list(
        connection.execute(
            update(cases)
            .where(
                cases.c.company == whose.company,
                cases.c.source == whose.source,
                cases.c.external_id.in_(gone),
                cases.c.gone == 0,
            )
            .values(gone=1, due_at=now, changed_at=now, woken=cases.c.woken + 1)
            .returning(cases.c.id)
        ).scalars()
    )
    _note(connection, now, [(case_id, "gone", {}) for case_id in ids])
    return ids


def wake_asked(connection: Connection, whose: Whose, external_ids: Sequence[str], now: float) -> list[int]:
    """Wakes cases that a person was asked about, and that may go on by what is known now."""
    if not external_ids:
        return []
    return list(
        connection.execute(
            update(cases)
            .where(
                cases.c.source == whose.source,
                cases.c.external_id.in_(external_ids),
                cases.c.state == "person",
            )
            .values(due_at=now, woken=cases.c.woken + 1)
            .returning(cases.c.id)
        ).scalars()
    )


def _placed_by_us(connection: Connection, source: str, by_id: dict[str, Seen]) -> dict[str, int]:
    """External id -> case of the orders that we placed at this source ourselves, known by a link or by their marker."""
    found: dict[str, int] = {
        row.external_id: row.case_id
        for row in connection.execute(_LINKED, {"b_source": source, "b_ids": list(by_id)})
    }
    markers = {one.marker: one.external_id for one in by_id.values() if one.marker}
    keys = [marker for marker, external_id in markers.items() if external_id not in found]
    if keys:
        for row in connection.execute(_MARKED, {"b_keys": keys}).all():
            external_id = markers[row.key]
            found[external_id] = row.case_id
            connection.execute(
                insert_unless_there(connection, links).values(
                    channel=source, external_id=external_id, case_id=row.case_id
                )
            )
    return found


def _keep_status(connection: Connection, case_id: int, seen: Seen, now: float) -> bool:
    """Of an order that we placed only the status matters to its case. Gives whether it changed."""
    status = seen.order.status if seen.order else ""
    changed = connection.execute(
        update(cases)
        .where(cases.c.id == case_id, cases.c.status != status)
        .values(status=status, changed_at=now, due_at=now, woken=cases.c.woken + 1, attempts=0)
    ).rowcount
    if changed:
        _note(connection, now, [(case_id, "changed", {"status": status})])
    return bool(changed)


def _keep_own(connection: Connection, whose: Whose, seen: Sequence[Seen], now: float) -> list[int]:
    known = {
        row.external_id: row
        for row in connection.execute(
            _KNOWN,
            {
                "b_company": whose.company,
                "b_source": whose.source,
                "b_kind": whose.kind,
                "b_ids": [one.external_id for one in seen],
            },
        )
    }
    by_external = {one.external_id: one for one in seen}
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for one in seen:
        raw, row = dump(one.raw), known.get(one.external_id)
        problem = dump(failure_to_json(one.problem)) if one.problem else ""
        if row is not None and row.raw == raw and not row.gone and row.problem == problem:
            continue
        values = {
            "raw": raw,
            "parsed": order_to_json(one.order) if one.order else "",
            "problem": problem,
            "number": one.order.number if one.order else one.external_id,
            "status": one.order.status if one.order else "",
            "changed_at": now,
            "due_at": now,
        }
        if row is not None:
            changed.append({**values, "b_id": row.id})
            continue
        new.append(
            {
                **values,
                "company": whose.company,
                "source": whose.source,
                "kind": whose.kind,
                "external_id": one.external_id,
                "flow": whose.flow,
                "seen_at": now,
                "since": now,
            }
        )
    entries: list[tuple[int, str, dict[str, Any]]] = []
    ids = {one.external_id: known[one.external_id].id for one in seen if one.external_id in known}
    if new:
        for row in connection.execute(_NEW, new):
            entries.append((row.id, "seen", {"status": row.status}))
            ids[row.external_id] = row.id
    if changed:
        connection.execute(_CHANGED, changed)
        entries += [(one["b_id"], "changed", {"status": one["status"]}) for one in changed]
    _note(connection, now, entries)
    touched = [case_id for case_id, _what, _data in entries]
    of_case = {case_id: by_id for by_id, case_id in ids.items()}
    words: dict[int, Sequence[str]] = {}
    for case_id in touched:
        one = by_external[of_case[case_id]]
        words[case_id] = words_of(one.order, one.external_id, one.order.number if one.order else "")
    _keep_words(connection, words)
    return touched


def keep_words(connection: Connection, case_id: int, words: Sequence[str]) -> None:
    """By which a case is found besides; words of an order as it was before stay, for somebody may look for them."""
    _keep_words(connection, {case_id: words})


def _keep_words(connection: Connection, words: Mapping[int, Sequence[str]]) -> None:
    rows = [{"word": word, "case_id": case_id} for case_id, own in words.items() for word in own]
    if rows:
        # in the order of the index, so that its pages are touched once
        rows.sort(key=lambda row: (row["word"], row["case_id"]))
        connection.execute(insert_unless_there(connection, schema.finds), rows)


def _note(connection: Connection, now: float, entries: Sequence[tuple[int, str, dict[str, Any]]]) -> None:
    rows = [row for case_id, what, data in entries for row in notes(case_id, now, [(what, "", data)])]
    if rows:
        connection.execute(insert(schema.events), rows)
