"""What the sandboxes of carriers share: parcels that are moved, an account that runs dry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pomost.panel.playing.playable import (
    SHOWN_ROWS,
    Act,
    Cell,
    Choice,
    Fact,
    Field,
    Form,
    Json,
    Playable,
    Sheet,
    by_status,
    calls_fact,
    calls_sheet,
)


class Carrier(Playable):
    """See `Playable`; a carrier says its kind, its path and its connections."""

    where: ClassVar[str] = "on"

    def stands(self) -> Sequence[Fact]:
        money = Cell("has-money", "said") if self.state["money"] else Cell("no-money", "said-bad")
        return (Fact("money", (money,)), calls_fact(self.state))

    def lists(self) -> Sequence[Sheet]:
        parcels = [
            (
                Cell(one["id"], "code"),
                Cell(one["number"] or "–", "code"),
                Cell(one["reference"] or "–"),
                Cell(one["status"]),
            )
            for one in self.state["parcels"][:SHOWN_ROWS]
        ]
        calls = [
            (call["name"], call["outcome"], call["outcome"].isdecimal() and int(call["outcome"]) < 400)
            for call in self.state["calls"]
        ]
        return (
            by_status(self.state, "parcels"),
            Sheet("last-parcels", ("parcel", "label", "reference", "status"), tuple(parcels)),
            calls_sheet(self.state, calls),
        )

    def offers(self) -> Sequence[Form]:
        seen = tuple(
            Choice(str(one["id"]), about=f"{one['status']} {one['number']}") for one in self.state["parcels"]
        )
        statuses = tuple(Choice(str(one)) for one in self.state["known_statuses"])
        any_of_them = Field("parcel", "id", required=False, choices=seen, label="parcel-or-all")
        return (
            Form((Act("move_on", "main"), Act("deliver"), Act("refuse"), Act("send_back")), (any_of_them,)),
            Form(
                (Act("move"),),
                (Field("parcel", "id", choices=seen), Field("status", "choice", choices=statuses)),
            ),
            Form((Act("take_money", "danger"), Act("give_money"))),
        )

    def place_of(self, call: Json) -> str:
        return str(call["name"])
