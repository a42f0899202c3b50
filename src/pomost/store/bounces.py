"""Mails that came back: kept on the order they belong to, together with the cursor of the mailbox."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import insert, select, update

from pomost.ports import Bounce, Json
from pomost.sql import Database
from pomost.store import schema
from pomost.store.claims import dump
from pomost.store.steps import notes


class Bounces:
    def __init__(self, database: Database) -> None:
        self._db = database

    def keep(self, source: str, bounces: Sequence[Bounce], cursor: Json, now: float) -> list[int]:
        """Writes those of our mails on their orders and the cursor of ``source``, in one transaction; gives the ids of cases
        to wake. A bounce is what a stranger wrote: one whose key and address are not those of a mail that was sent is
        passed over, and the same one is kept once."""
        woken: list[int] = []
        whole = True
        steps = schema.steps
        with self._db.writing() as connection:
            for bounce in bounces:
                row = connection.execute(
                    select(
                        steps.c.id,
                        steps.c.case_id,
                        steps.c.step,
                        steps.c.request,
                        steps.c.result,
                        steps.c.state,
                    )
                    .where(steps.c.key == bounce.key)
                    .with_for_update()
                ).first()
                sent = json.loads(row.request) if row is not None and row.request else {}
                if row is None or str(sent.get("to", "")).casefold() != bounce.address.casefold():
                    continue
                if row.state == "intended":
                    # its sending is not written down yet and would write over this: the mailbox is read again
                    whole = False
                    continue
                result = json.loads(row.result) if row.result else {}
                if bounce.reason in (result.get("bounced"), result.get("delayed")):
                    continue
                result["bounced" if bounce.final else "delayed"] = bounce.reason
                connection.execute(update(steps).where(steps.c.id == row.id).values(result=dump(result)))
                code = "mail.bounced" if bounce.final else "mail.delayed"
                note = (
                    "bounced" if bounce.final else "delayed",
                    row.step,
                    {"code": code, "text": bounce.reason},
                )
                connection.execute(insert(schema.events), notes(row.case_id, now, [note]))
                if bounce.final:
                    woken.append(row.case_id)
            if whole:
                connection.execute(
                    update(schema.looks)
                    .where(schema.looks.c.source == source)
                    .values(
                        cursor=dump(cursor), looked_at=now, found=schema.looks.c.found + len(woken), note=""
                    )
                )
        return woken
