"""The sandboxes: buyers, parcels, trouble and a look at their calls. Only where a connection leads to a sandbox on this machine:
what is asked of it can't reach a real account. What is on the page is what each sandbox offers (`pomost.panel.playing`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from pomost.panel.playing import KINDS, Field, Playable
from pomost.panel.web import Operator, Visit
from pomost.panel.words import texts

router = APIRouter()
TIMES = Field("times", usual="1", least="1", most="1000")
_NOT_NOTED = "text"
"""What is typed freely may name a person, and stays out of the audit trail."""


@router.get("/sandbox")
def sandboxes(visit: Operator) -> Response:
    """Every connection that is a sandbox, with what can be done; else how one is started."""
    asked = list(_connections(visit))
    found = [one for kind, name, url in asked if (one := kind.at(name, url)) is not None]
    answered = {(one.kind, one.name) for one in found}
    return visit.page(
        "sandbox/sandboxes.html",
        active="sandbox",
        sandboxes=found,
        silent=[name for kind, name, _ in asked if (kind.kind, name) not in answered],
        commands=[kind.command for kind in KINDS],
        fault_word=lambda fault: _fault_word(visit, fault),
        times=TIMES,
    )


@router.get("/sandbox/{kind}/{name}/state")
def state(visit: Operator, kind: str, name: str) -> Response:
    """How it stands now, as a part of the page."""
    return visit.part("sandbox/state.html", sandbox=_wanted(visit, kind, name))


@router.post("/sandbox/{kind}/{name}/acts/{act}")
def act(visit: Operator, kind: str, name: str, act: str) -> Response:
    """Does one of the acts that it offers."""
    sandbox = _wanted(visit, kind, name)
    form = sandbox.form_of(act)
    if form is None:
        raise visit.missing()
    try:
        read = {field: field.read(visit.value(field.name)) for field in form.fields}
    except ValueError:
        return visit.refused("sandbox.bad-number", to=_place(sandbox))
    values = {field.name: value for field, value in read.items() if value is not None}
    noted = {field.name: value for field, value in read.items() if field.sort != _NOT_NOTED}
    return _done(visit, sandbox, act, noted, lambda: sandbox.do(act, values))


@router.post("/sandbox/{kind}/{name}/trouble")
def trouble(visit: Operator, kind: str, name: str) -> Response:
    """Makes the sandbox do something wrong, as often as is asked."""
    sandbox = _wanted(visit, kind, name)
    fault, place = visit.value("fault"), visit.value("place")[:60]
    try:
        times = TIMES.read(visit.value("times"))
    except ValueError:
        times = None
    if fault not in sandbox.faults or times is None:
        return visit.refused("sandbox.bad-number", to=_place(sandbox))
    noted = {"fault": fault, "times": times}
    return _done(visit, sandbox, "misbehave", noted, lambda: sandbox.misbehave(fault, place, times))


@router.post("/sandbox/{kind}/{name}/behave")
def behave(visit: Operator, kind: str, name: str) -> Response:
    """Takes all faults back."""
    sandbox = _wanted(visit, kind, name)
    return _done(visit, sandbox, "behave", {}, sandbox.behave)


def _connections(visit: Visit) -> Iterator[tuple[type[Playable], str, str]]:
    """Those that may lead to a sandbox of this machine: its kind, name and address."""
    for kind in KINDS:
        for one in kind.connections(visit.pomost.config):
            if kind.may_be_at(one.url):
                yield kind, one.name, one.url


def _wanted(visit: Visit, kind: str, name: str) -> Playable:
    """The sandbox of a connection, asked anew before each act; anything else is a page that is not there."""
    for known, its_name, url in _connections(visit):
        if (known.kind, its_name) == (kind, name) and (sandbox := known.at(name, url)) is not None:
            return sandbox
    raise visit.missing()


def _done(
    visit: Visit, sandbox: Playable, act: str, noted: dict[str, Any], do: Callable[[], None]
) -> Response:
    try:
        do()
    except OSError:
        return visit.refused("sandbox.no-answer", to=_place(sandbox))
    except (LookupError, ValueError) as refused:
        return visit.refused("sandbox.refused", to=_place(sandbox), said=str(refused)[:300])
    visit.audit(f"sandbox.{act}", target=sandbox.name, kind=sandbox.kind, **noted)
    return visit.done(f"sandbox.done.{act}", to=_place(sandbox), **noted)


def _place(sandbox: Playable) -> str:
    return f"/sandbox#{quote(f'{sandbox.kind}-{sandbox.name}')}"


def _fault_word(visit: Visit, fault: str) -> str:
    """What a fault does; its own name where a newer sandbox knows one that this panel does not."""
    key = f"sandbox.faults.{fault}"
    return visit.say(key) if key in texts() else fault
