"""A sandbox that is played with from the panel: what it offers and how it stands, in terms that the page can draw.

A further kind of sandbox is one module beside this one, a subclass of `Playable` that stands in ``playing.KINDS``. It says where
its connections stand in the configuration, and makes facts, lists and forms of the overview that its sandbox tells. Its texts are
in ``words/sandbox.toml``.
"""

from __future__ import annotations

import ipaddress
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Literal, Protocol, Self
from urllib.parse import urlsplit

from pomost.config.model import Config
from pomost.sandbox import control

Json = dict[str, Any]
How = Literal["text", "code", "number", "when", "good", "bad", "warn", "said", "said-bad"]
Sort = Literal["whole", "number", "money", "text", "id", "choice"]
PROBE_S = 3.0
ACT_S = 60.0
LONGEST = 200
SHOWN_ROWS = 15
_ID = re.compile(r"[A-Za-z0-9._/-]{1,60}")


class Connection(Protocol):
    """What each connection of the configuration has."""

    @property
    def name(self) -> str: ...

    @property
    def url(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Cell:
    """One value and how it is shown; ``said``: the value is a text under ``sandbox.said``, filled with ``facts``."""

    value: Any
    how: How = "text"
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    """A line about how the sandbox stands: its label under ``sandbox.facts``, its values, and what is said without any
    (under ``sandbox.said``)."""

    key: str
    cells: tuple[Cell, ...]
    none: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its caption under ``sandbox.sheets``, its columns under ``sandbox.columns``."""

    key: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of those to be chosen from: a name of the sandbox's own, or with ``said`` a text under ``sandbox.choices``."""

    value: str
    said: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """What is asked for before an act; its label is under ``sandbox.fields`` by ``label``, else ``name``."""

    name: str
    sort: Sort = "whole"
    usual: str = ""
    least: str = ""
    most: str = ""
    required: bool = True
    choices: tuple[Choice, ...] = ()
    """For ``choice`` the only ones; else suggestions."""
    label: str = ""

    def read(self, given: str) -> Any:
        """The value that was typed; None where it may be left out and was. Raises ``ValueError``."""
        if not given:
            if self.required:
                raise ValueError(self.name)
            return None
        if self.sort in ("whole", "number", "money"):
            return self._amount(given)
        if self.sort == "choice" and given not in {one.value for one in self.choices}:
            raise ValueError(self.name)
        if len(given) > LONGEST or (self.sort == "id" and not _ID.fullmatch(given)):
            raise ValueError(self.name)
        return given

    def _amount(self, given: str) -> int | float | str:
        try:
            found = Decimal(given.replace(",", "."))
        except InvalidOperation:
            raise ValueError(self.name) from None
        if not found.is_finite():
            raise ValueError(self.name)
        if (self.least and found < Decimal(self.least)) or (self.most and found > Decimal(self.most)):
            raise ValueError(self.name)
        if self.sort == "number":
            return float(found)
        places = 0 if self.sort == "whole" else 2
        if found != round(found, places):
            raise ValueError(self.name)
        return int(found) if self.sort == "whole" else str(found)


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done; its button is under ``sandbox.acts``, what is said afterwards under ``sandbox.done``."""

    name: str
    weight: Literal["", "main", "danger"] = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Acts that need the same fields."""

    acts: tuple[Act, ...]
    fields: tuple[Field, ...] = ()


class Playable(ABC):
    """A connection that leads to a sandbox. Each of ``facts``, ``sheets`` and ``forms`` is as it was when it was asked."""

    kind: ClassVar[str]
    """As its overview tells it, in addresses and in the configuration."""
    command: ClassVar[str]
    """What starts one."""
    path: ClassVar[re.Pattern[str]]
    """Of the addresses that such a connection may have."""
    where: ClassVar[str]
    """The argument of a fault that says which calls it hits."""

    def __init__(self, name: str, url: str, state: Json) -> None:
        self.name = name
        self.url = url
        self.state = state
        self.faults = tuple(str(one) for one in state["faults"])
        self.facts = (*self.stands(), self._trouble())
        self.sheets = tuple(self.lists())
        self.forms = tuple(self.offers())
        self.places = tuple(sorted({self.place_of(call) for call in state["calls"]}))

    # what a kind says

    @classmethod
    @abstractmethod
    def connections(cls, config: Config) -> Sequence[Connection]:
        """Those of the configuration that may lead to one."""

    @abstractmethod
    def stands(self) -> Sequence[Fact]:
        """How it stands."""

    @abstractmethod
    def lists(self) -> Sequence[Sheet]:
        """What it holds, and its last calls."""

    @abstractmethod
    def offers(self) -> Sequence[Form]:
        """What can be done."""

    @abstractmethod
    def place_of(self, call: Json) -> str:
        """The name of a call by which faults find it."""

    def do(self, act: str, values: Json) -> None:
        """Does an act that it offers. Raises ``LookupError`` or ``ValueError`` with its reason for refusing, ``OSError``
        when it does not answer."""
        self.ask(act, **values)

    # what all share

    @classmethod
    def may_be_at(cls, url: str) -> bool:
        """Whether such a sandbox of this machine may be there; nothing else is ever asked."""
        return is_of_this_machine(url) and cls.path.fullmatch(urlsplit(url).path) is not None

    @classmethod
    def at(cls, name: str, url: str) -> Self | None:
        """The sandbox there; None where the address is another machine's, or what answers is none of this kind."""
        if not cls.may_be_at(url):
            return None
        try:
            state = control.ask(url, "overview", {}, PROBE_S)
            return cls(name, url, state) if state["sandbox"] == cls.kind else None
        except (OSError, LookupError, ValueError, TypeError, AttributeError):
            return None

    def ask(self, act: str, /, **arguments: Any) -> Any:
        return control.ask(self.url, act, arguments, ACT_S)

    def form_of(self, act: str) -> Form | None:
        """The form with this act; None where it is not on offer."""
        return next((form for form in self.forms if act in {one.name for one in form.acts}), None)

    def misbehave(self, fault: str, place: str, times: int) -> None:
        """Asks for a fault; "" is in any call. Raises as `do`."""
        only = {self.where: place} if place else {}
        self.ask("misbehave", fault=fault, times=times, **only)

    def behave(self) -> None:
        """Takes all faults back. Raises as `do`."""
        self.ask("behave")

    def _trouble(self) -> Fact:
        cells = []
        for one in self.state["asked"]:
            left = "∞" if one["left"] is None else str(one["left"])
            parts = [one["fault"], one[self.where], left]
            cells.append(Cell(" · ".join(str(part) for part in parts if part), "warn"))
        return Fact("trouble-left", tuple(cells), "no-trouble")


def is_of_this_machine(url: str) -> bool:
    """Whether the address is one of this machine's own: a loopback number or localhost, without TLS, as a sandbox prints it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "http" or parts.username or parts.query or parts.fragment:
            return False
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# what several kinds show alike


def buyers_fact(told: Json) -> Fact:
    """Whether buyers order by themselves."""
    if told["running"]:
        facts = {"rate": told["rate"], "placed": told["placed"], "count": told["count"] or "∞"}
        cell = Cell("ordering", "said", facts)
    else:
        cell = Cell("quiet", "said", {"placed": told["placed"]})
    return Fact("buyers", (cell, *([Cell(told["error"], "bad")] if told["error"] else [])))


def calls_fact(state: Json, limit: int = 0) -> Fact:
    """How many calls there were within a minute, of those allowed."""
    of = [Cell("of-limit", "said", {"limit": limit})] if limit else []
    return Fact("calls-minute", (Cell(int(state["last_minute"]), "number"), *of))


def by_status(state: Json, what: str) -> Sheet:
    """How many orders or parcels are in each status that has any."""
    rows = [
        (Cell(one["name"]), Cell(int(one[what]), "number")) for one in state["statuses"] if int(one[what])
    ]
    return Sheet(f"{what}-by-status", ("status", what), tuple(rows))


def calls_sheet(state: Json, rows: Sequence[tuple[str, str, bool]]) -> Sheet:
    """The last calls. ``rows``: for each its name, its outcome and whether that is good."""
    made = [
        (Cell(float(call["at"]), "when"), Cell(name, "code"), Cell(outcome, "good" if good else "bad"))
        for call, (name, outcome, good) in zip(state["calls"], rows, strict=True)
    ]
    return Sheet("last-calls", ("at", "call", "outcome"), tuple(made[:SHOWN_ROWS]))


MOST_ORDERS = 500
MOST_RATE = 600
ORDERS = Field("orders", usual="10", least="1", most=str(MOST_ORDERS))
BUYERS = Form(
    (Act("start_buyers"),),
    (
        Field("rate", "number", "6", "0.1", str(MOST_RATE)),
        Field("count", "whole", "0", "0", "100000"),
    ),
)
STOP = Form((Act("stop_buyers"),))
