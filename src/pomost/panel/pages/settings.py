"""Settings: forms over ``pomost.toml`` with the checks of the command line, a preview, a history and a way back.

A change is drafted first: checked, shown as a difference, and compared for the orders that wait. Only then is it saved. The
running process keeps the configuration it was started with; the pages say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from pomost.checking import check
from pomost.config.editing import Draft, Place, differences, mark_of, name_of, place_of
from pomost.config.forms import SIMPLE, Field, Unreadable, fields_of, model_at, read, shown
from pomost.config.history import Changed, History
from pomost.config.load import ConfigError, Problem, parse_config
from pomost.config.model import Config
from pomost.panel.pages.choices import choices_of, read_choices
from pomost.panel.web import Administrator, Visit
from pomost.previewing import preview
from pomost.words import in_language, one_text

router = APIRouter()
NEW = "new"


def history_of(visit: Visit) -> History:
    return History(visit.pomost.config.data_dir / "settings-history")


def _file(visit: Visit) -> Path | None:
    path = visit.config_path
    return path if path is not None and path.is_file() else None


@router.get("/settings")
def sections(visit: Administrator) -> Response:
    """Every table of the file, and what can be added."""
    path = _file(visit)
    if path is None:
        return visit.page("settings/none.html", active="settings")
    draft = Draft(path.read_text("utf-8"))
    tables = []
    for field in fields_of(Config):
        said = one_text(visit.language, field.description, "config.setting")
        if field.kind == "table":
            tables.append((field.name, said, [(field.name, field.name)], False))
        elif field.kind == "tables":
            rows = [
                (f"{field.name}.{index}", _title(draft, (field.name, index)))
                for index in range(draft.count((field.name,)))
            ]
            tables.append((field.name, said, rows, True))
    return visit.page(
        "settings/sections.html",
        active="settings",
        path=path,
        tables=tables,
        versions=list(reversed(history_of(visit).all()))[:50],
        problems=_problems(visit, path.read_text("utf-8"), path)[1],
        stale=_is_stale(visit, path),
    )


@router.get("/settings/edit")
def edit_page(visit: Administrator, place: str = "") -> Response:
    """The form of one table."""
    path = _file(visit)
    if path is None:
        return visit.page("settings/none.html", active="settings")
    return _form(visit, Draft(path.read_text("utf-8")), place_of(place), {}, [], 200)


@router.post("/settings/edit")
def edit(visit: Administrator) -> Response:
    """Drafts a change, and shows what it does; a wrong one is shown again with what is wrong."""
    path = _file(visit)
    if path is None:
        return visit.page("settings/none.html", active="settings")
    before = path.read_text("utf-8")
    draft, place = Draft(before), place_of(visit.value("place"))
    given = {name: str(value) for name, value in visit.form().items() if name.startswith("v.")}
    try:
        fields = [field for field in fields_of(model_at(_of_model(place))) if field.kind in SIMPLE]
        values = {}
        for field in fields:
            if f"v.{field.name}" in given:
                values[field.name] = read(field, given[f"v.{field.name}"], _value(draft, place, field.name))
        if place and place[-1] == NEW:
            index = draft.add(place[:-1], {name: one for name, one in values.items() if one is not None})
            place = (*place[:-1], index)
        else:
            draft.put(place, values)
    except KeyError:
        raise visit.missing() from None
    except Unreadable as fault:
        said = [("", visit.say("settings.edit.unreadable", field=str(fault)), "")]
        return _form(visit, Draft(before), place_of(visit.value("place")), given, said, 400)
    config, problems = _problems(visit, draft.text, path)
    if config is None:
        return _form(visit, Draft(before), place_of(visit.value("place")), given, problems, 400)
    return _drafted(visit, draft.text, before, name_of(place))


@router.post("/settings/remove")
def remove(visit: Administrator) -> Response:
    """Drafts that a table is taken out."""
    path = _file(visit)
    if path is None:
        return visit.page("settings/none.html", active="settings")
    before = path.read_text("utf-8")
    draft, place = Draft(before), place_of(visit.value("place"))
    try:
        draft.remove(place)
    except KeyError:
        raise visit.missing() from None
    config, problems = _problems(visit, draft.text, path)
    if config is None:
        said = " ".join(text for _, text, _ in problems)
        return visit.refused("settings.remove.refused", to="/settings", fault=said)
    return _drafted(visit, draft.text, before, f"- {name_of(place)}")


@router.post("/settings/undo")
def undo(visit: Administrator) -> Response:
    """Drafts that an earlier version is brought back."""
    path = _file(visit)
    number = visit.value("version")
    text = history_of(visit).text_of(int(number)) if number.isdigit() and len(number) < 7 else None
    if path is None or text is None:
        raise visit.missing()
    config, problems = _problems(visit, text, path)
    if config is None:
        said = " ".join(one for _, one, _ in problems)
        return visit.refused("settings.remove.refused", to="/settings", fault=said)
    return _drafted(visit, text, path.read_text("utf-8"), f"undo {number}")


@router.get("/settings/draft/{name}")
def draft_page(visit: Administrator, name: str) -> Response:
    """What a drafted change does to the file, and to the orders that wait."""
    found, path = history_of(visit).drafted(name), _file(visit)
    if found is None or path is None:
        raise visit.missing()
    text, before, what = found
    current = path.read_text("utf-8")
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
        said=lambda one: one_text(visit.language, one),
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
    config, problems = _problems(visit, path.read_text("utf-8"), path)
    if config is not None:
        problems = [_said(visit, one) for one in check(config, online=True)]
    visit.audit("settings.test")
    return visit.page("settings/tested.html", active="settings", problems=problems)


@router.post("/settings/choices")
def choices(visit: Administrator) -> Response:
    """Reads the lists of the other systems from which fields offer what there is."""
    place = visit.value("place")
    fault = read_choices(visit)
    if fault is not None:
        return visit.refused(fault, to=f"/settings/edit?place={place}")
    return RedirectResponse(f"/settings/edit?place={name_of(place_of(place))}", 303)


def _drafted(visit: Visit, text: str, before: str, what: str) -> Response:
    if text == before:
        return visit.done("settings.edit.same", to="/settings")
    name = history_of(visit).draft(text, mark_of(before), what)
    return RedirectResponse(f"/settings/draft/{name}", 303)


def _form(
    visit: Visit,
    draft: Draft,
    place: Place,
    given: dict[str, str],
    problems: Sequence[tuple[str, str, str]],
    status: int,
) -> Response:
    try:
        fields = fields_of(model_at(_of_model(place)))
        if place and place[-1] != NEW and isinstance(place[-1], int):
            draft.get(place)
    except KeyError:
        raise visit.missing() from None
    rows = []
    for field in fields:
        if field.kind in SIMPLE:
            value = _value(draft, place, field.name)
            text = given.get(
                f"v.{field.name}", "" if field.kind == "secret" and given else shown(field, value)
            )
            offered = choices_of(visit, place, field.name)
            rows.append((field, text, value is not None, offered))
    inner = [] if place and place[-1] == NEW else _inner(draft, place, fields)
    return visit.page(
        "settings/edit.html",
        active="settings",
        status=status,
        place=name_of(place),
        rows=rows,
        inner=inner,
        problems=problems,
        above=_above(place),
        is_new=bool(place) and place[-1] == NEW,
        removable=bool(place) and isinstance(place[-1], int),
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


def _of_model(place: Place) -> Place:
    return place[:-1] if place and place[-1] == NEW else place


def _value(draft: Draft, place: Place, name: str) -> Any:
    if place and place[-1] == NEW:
        return None
    try:
        return draft.get((*place, name))
    except KeyError:
        return None


def _problems(visit: Visit, text: str, path: Path) -> tuple[Config | None, list[tuple[str, str, str]]]:
    """The configuration that a text means, or why there is none: (place, text with advice, code) each."""
    try:
        config = parse_config(text, path)
    except ConfigError as error:
        return None, [_said(visit, problem) for problem in error.problems]
    found = check(config)
    return (None if found else config), [_said(visit, problem) for problem in found]


def _said(visit: Visit, problem: Problem) -> tuple[str, str, str]:
    text, advice = in_language(visit.language, problem.code, problem.text, problem.advice)
    return problem.place, f"{text.removesuffix('.')}. {advice}".strip(), problem.code


def _is_stale(visit: Visit, path: Path) -> bool:
    """Whether the file was saved after this process read it."""
    return path.stat().st_mtime > visit.panel.begun_at
