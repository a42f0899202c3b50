"""Settings: forms over ``pomost.toml`` with the checks of the command line, a preview, a history and a way back.

A change is drafted first: checked, shown as a difference, and compared for the orders that wait. Only then is it saved. The
running process keeps the configuration it was started with; the pages say so.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from pomost.checking import check
from pomost.config.editing import Draft, Place, mark_of, name_of, place_of, read_file
from pomost.config.forms import Field, Unreadable, fields_of, model_at
from pomost.config.history import Changed, History
from pomost.config.load import ConfigError, Problem, parse_config
from pomost.config.masking import Mask, differences
from pomost.config.model import Config
from pomost.connecting import ask, connections
from pomost.panel.pages.choices import choices_at, preset_words, read_choices, words_of_conditions
from pomost.panel.pages.settings_form import NEW, is_new, of_model, rows_of, values_of
from pomost.panel.web import Administrator, Visit
from pomost.ports import Failure
from pomost.previewing import preview
from pomost.words import in_language, one_text, phrase

router = APIRouter()
_SHOWN = 20
_shown: OrderedDict[str, str] = OrderedDict()
"""Texts that forms were made from, by their marks: they tell what somebody else changed meanwhile."""
_keeping = threading.Lock()


def history_of(visit: Visit) -> History:
    return History(visit.pomost.config.data_dir / "settings-history")


def _file(visit: Visit) -> Path | None:
    path = visit.config_path
    return path if path is not None and path.is_file() else None


@router.get("/settings")
def sections(visit: Administrator) -> Response:
    """Every table of the file, and what can be added; a file that can't be read with what is wrong in it."""
    path = _file(visit)
    if path is None:
        return visit.page("settings/none.html", active="settings")
    return _sections(visit, path)


@router.get("/settings/edit")
def edit_page(visit: Administrator, place: str = "") -> Response:
    """The form of one table."""
    path = _file(visit)
    if path is None:
        return visit.page("settings/none.html", active="settings")
    try:
        draft = Draft(read_file(path))
    except ConfigError:
        return _sections(visit, path, 409)
    return _form(visit, draft, _place(visit, place), None, [], 200)


@router.post("/settings/edit")
def edit(visit: Administrator) -> Response:
    """Drafts a change, and shows what it does; a wrong one is shown again with what is wrong."""
    path = _file(visit)
    if path is None:
        return visit.page("settings/none.html", active="settings")
    before, asked = read_file(path), _place(visit, visit.value("place"))
    try:
        now = Draft(before)
    except ConfigError:
        return _sections(visit, path, 409)
    mark = visit.value("mark")
    if mark and mark != mark_of(before):
        # what the form shows is no longer true: it would undo what somebody else did
        said = [("", visit.say("settings.edit.changed"), "config.changed")]
        with _keeping:
            older = _shown.get(mark)
        lines = differences(older, before) if older is not None else None
        return _form(visit, now, asked, None, said, 409, lines)
    try:
        draft = Draft(before)
        values = values_of(draft, asked, visit.form())
        if is_new(asked):
            filled = {name: one for name, one in values.items() if one is not None}
            place: Place = (*asked[:-1], draft.add(asked[:-1], filled))
        else:
            place = asked
            draft.put(place, values)
        text = draft.text
    except KeyError:
        raise visit.missing() from None
    except Unreadable as fault:
        said = [("", visit.say("settings.edit.unreadable", field=str(fault)), "")]
        return _form(visit, now, asked, visit.form(), said, 400)
    except ConfigError as error:
        return _form(visit, now, asked, visit.form(), [_said(visit, one) for one in error.problems], 400)
    config, problems = _problems(visit, text, path)
    if config is None:
        return _form(visit, now, asked, visit.form(), problems, 400)
    return _drafted(visit, text, before, name_of(place))


@router.post("/settings/remove")
def remove(visit: Administrator) -> Response:
    """Drafts that a table is taken out."""
    path = _file(visit)
    if path is None:
        return visit.page("settings/none.html", active="settings")
    before, place = read_file(path), _place(visit, visit.value("place"))
    try:
        draft = Draft(before)
        draft.remove(place)
        text = draft.text
    except KeyError:
        raise visit.missing() from None
    except ConfigError as error:
        said = " ".join(_said(visit, one)[1] for one in error.problems)
        return visit.refused("settings.remove.refused", to="/settings", fault=said)
    config, problems = _problems(visit, text, path)
    if config is None:
        said = " ".join(one for _, one, _ in problems)
        return visit.refused("settings.remove.refused", to="/settings", fault=said)
    return _drafted(visit, text, before, f"- {name_of(place)}")


@router.post("/settings/undo")
def undo(visit: Administrator) -> Response:
    """Drafts that an earlier version is brought back."""
    path = _file(visit)
    number = visit.value("version")
    is_number = number.isascii() and number.isdigit() and len(number) < 7
    text = history_of(visit).text_of(int(number)) if is_number else None
    if path is None or text is None:
        raise visit.missing()
    config, problems = _problems(visit, text, path)
    if config is None:
        said = " ".join(one for _, one, _ in problems)
        return visit.refused("settings.remove.refused", to="/settings", fault=said)
    return _drafted(visit, text, read_file(path), f"undo {number}")


@router.get("/settings/draft/{name}")
def draft_page(visit: Administrator, name: str) -> Response:
    """What a drafted change does to the file, and to the orders that wait."""
    found, path = history_of(visit).drafted(name), _file(visit)
    if found is None or path is None:
        raise visit.missing()
    text, before, what = found
    current = read_file(path)
    config, problems = _problems(visit, text, path)
    return visit.page(
        "settings/draft.html",
        active="settings",
        name=name,
        what=what,
        lines=differences(current, text),
        outdated=mark_of(current) != before,
        problems=problems,
        effect=preview(visit.pomost, config) if config is not None else None,
        said=lambda one: _act_or_wait(visit.language, one),
    )


@router.post("/settings/save")
def save(visit: Administrator) -> Response:
    """Saves a drafted change, unless the file was written by somebody else meanwhile."""
    found, path = history_of(visit).drafted(visit.value("draft")), _file(visit)
    if found is None or path is None:
        raise visit.missing()
    text, before, what = found
    if _problems(visit, text, path)[0] is None:
        return visit.refused("settings.save.wrong", to=f"/settings/draft/{visit.value('draft')}")
    try:
        version = history_of(visit).save(path, text, before, visit.who, what, visit.now())
    except Changed:
        return visit.refused("settings.save.changed", to=f"/settings/draft/{visit.value('draft')}")
    except OSError as error:
        fault = error.strerror or type(error).__name__
        return visit.refused(
            "settings.save.not-written", to=f"/settings/draft/{visit.value('draft')}", path=path, fault=fault
        )
    history_of(visit).drop(visit.value("draft"))
    visit.audit("settings.save", what, version=version.number)
    return visit.done("settings.save.done", to="/settings", version=version.number)


@router.get("/settings/version/{number}")
def version_page(visit: Administrator, number: int) -> Response:
    """What a version changed against the one before, with its secrets hidden."""
    history = history_of(visit)
    text = history.text_of(number)
    if text is None:
        raise visit.missing()
    lines = differences(history.text_of(number - 1) or "", text)
    return visit.page("settings/version.html", active="settings", number=number, lines=lines)


@router.post("/settings/test")
def test_connections(visit: Administrator) -> Response:
    """Asks every connection of the file as it is now; nothing is made, printed or sent."""
    path = _file(visit)
    if path is None:
        return visit.page("settings/none.html", active="settings")
    config, problems = _problems(visit, read_file(path), path)
    if config is not None:
        problems = [_said(visit, one) for one in check(config, online=True)]
    visit.audit("settings.test")
    return visit.page("settings/tested.html", active="settings", problems=problems, answer=None)


@router.post("/settings/test/{connection}")
def test_connection(visit: Administrator, connection: str) -> Response:
    """Asks one connection of the file as it is now, and shows what it answers with."""
    path = _file(visit)
    if path is None:
        return visit.page("settings/none.html", active="settings")
    config, problems = _problems(visit, read_file(path), path)
    answer = None
    if config is not None:
        if connection not in connections(config):
            raise visit.missing()
        answer = ask(config, connection, visit.pomost)
        if answer.failure is not None:
            failure = answer.failure
            fault = Problem(failure.code, connection, 0, failure.text, failure.advice)
            problems = [_said(visit, fault)]
    visit.audit("settings.test", connection)
    return visit.page("settings/tested.html", active="settings", problems=problems, answer=answer)


@router.post("/settings/choices")
def choices(visit: Administrator) -> Response:
    """Reads the lists of the other systems from which fields offer what there is."""
    to = f"/settings/edit?place={quote(name_of(_place(visit, visit.value('place'))))}"
    fault = read_choices(visit)
    if fault is not None:
        return visit.refused(fault, to=to)
    return RedirectResponse(to, 303)


def _drafted(visit: Visit, text: str, before: str, what: str) -> Response:
    if text == before:
        return visit.done("settings.edit.same", to="/settings")
    name = history_of(visit).draft(text, mark_of(before), what)
    return RedirectResponse(f"/settings/draft/{name}", 303)


def _sections(visit: Visit, path: Path, status: int = 200) -> Response:
    text = read_file(path)
    tables = []
    config, problems = _problems(visit, text, path)
    try:
        draft: Draft | None = Draft(text)
    except ConfigError as error:
        draft, problems = None, problems or [_said(visit, one) for one in error.problems]
    for field in fields_of(Config) if draft is not None else ():
        said = one_text(visit.language, field.description, "config.setting")
        if field.kind == "table":
            tables.append((field.name, said, [(field.name, field.name)], False))
        elif field.kind == "tables" and draft is not None:
            rows = [
                (f"{field.name}.{index}", _title(draft, (field.name, index)))
                for index in range(draft.count((field.name,)))
            ]
            tables.append((field.name, said, rows, True))
    return visit.page(
        "settings/sections.html",
        active="settings",
        status=status,
        path=path,
        tables=tables,
        readable=draft is not None,
        connections=connections(config) if config is not None else (),
        versions=list(reversed(history_of(visit).all()))[:50],
        current=mark_of(text),
        marks=history_of(visit).mark,
        problems=problems,
        stale=_is_stale(visit, path),
        can_apply=visit.panel.restarting is not None,
    )


def _place(visit: Visit, text: str) -> Place:
    try:
        return place_of(text)
    except KeyError:
        raise visit.missing() from None


def _form(
    visit: Visit,
    draft: Draft,
    place: Place,
    form: FormData | None,
    problems: Sequence[tuple[str, str, str]],
    status: int,
    meanwhile: Sequence[str] | None = None,
) -> Response:
    """``form``: what was sent and refused. ``meanwhile``: what somebody else changed in the file."""
    try:
        fields = fields_of(model_at(of_model(place)))
        if place and isinstance(place[-1], int):
            draft.get(place)
        rows = rows_of(draft, place, choices_at(visit, draft, place), preset_words(draft, place), form)
        inner = [] if is_new(place) else _inner(draft, place, fields)
    except KeyError:
        raise visit.missing() from None
    mark = mark_of(draft.before)
    with _keeping:
        _shown[mark] = draft.before
        while len(_shown) > _SHOWN:
            _shown.popitem(last=False)
    return visit.page(
        "settings/edit.html",
        active="settings",
        status=status,
        place=name_of(place),
        mark=mark,
        rows=rows,
        inner=inner,
        problems=problems,
        meanwhile=meanwhile,
        above=_above(place),
        is_new=is_new(place),
        removable=bool(place) and isinstance(place[-1], int),
        conditions=words_of_conditions(visit, draft, place),
        say_setting=lambda text: one_text(visit.language, text, "config.setting"),
    )


def _inner(draft: Draft, place: Place, fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Tables within this one, with their addresses."""
    found = []
    for field in fields:
        own = name_of((*place, field.name))
        if field.kind == "table":
            found.append({"field": field, "rows": [(own, field.name)], "add": "", "other": False})
        elif field.kind == "tables":
            rows = [
                (f"{own}.{index}", _title(draft, (*place, field.name, index)))
                for index in range(draft.count((*place, field.name)))
            ]
            found.append({"field": field, "rows": rows, "add": f"{own}.{NEW}", "other": False})
        elif field.kind == "other":
            found.append({"field": field, "rows": [], "add": "", "other": True})
    return found


def _title(draft: Draft, place: Place) -> str:
    said = draft.get(place)
    names = [str(said[name]) for name in ("name", "code", "id", "issue", "preset", "to") if said.get(name)]
    return " · ".join(names) or f"{place[-2]} {int(place[-1]) + 1}"


def _above(place: Place) -> str:
    """The table in which this one stands; empty: the whole file."""
    cut = place[:-2] if (place and not isinstance(place[-1], str)) or place[-1:] == (NEW,) else place[:-1]
    return name_of(cut)


def _problems(visit: Visit, text: str, path: Path) -> tuple[Config | None, list[tuple[str, str, str]]]:
    """The configuration that a text means, or why there is none: (place, text with advice, code) each, without secrets."""
    mask = Mask()
    readable = mask.text(text) is not None
    try:
        text.encode("utf-8")
        config = parse_config(text, path)
        found = check(config)
    except UnicodeEncodeError as error:
        said_so = f"it can't be read ({error})"
        found = [Problem("config.unreadable", "file", 0, said_so, "Save it as UTF-8 text.")]
        config = None
    except ConfigError as error:
        config, found = None, error.problems
    except Failure as failure:
        config, found = None, [Problem(failure.code, "file", 0, failure.text, failure.advice)]
    said = [_said(visit, problem) for problem in found]
    if readable:
        said = [(place, mask.anywhere(one), code) for place, one, code in said]
    return (None if found else config), said


def _said(visit: Visit, problem: Problem) -> tuple[str, str, str]:
    text, advice = in_language(visit.language, problem.code, problem.text, problem.advice)
    return problem.place, f"{text.removesuffix('.')}. {advice}".strip(), problem.code


def _act_or_wait(language: str, text: str) -> str:
    """What a flow would do or wait for, in the language of the reader."""
    act = phrase(language, "act", text)
    return act if act != text else one_text(language, text)


def _is_stale(visit: Visit, path: Path) -> bool:
    """Whether the file was saved after this process read it."""
    return path.stat().st_mtime > visit.panel.begun_at
