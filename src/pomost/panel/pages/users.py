"""Users: who may sign in and as what. Every change ends the sessions of whom it is about."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from pomost.panel.web import Administrator, Visit
from pomost.ports import Failure
from pomost.store.people import User
from pomost.users import ROLES, add_user, change_role, let_in, let_out, new_link
from pomost.words import in_language

router = APIRouter()


@router.get("/users")
def users(visit: Administrator) -> Response:
    """Everybody, and the form for one more."""
    return _page(visit)


@router.post("/users/add")
def add(visit: Administrator) -> Response:
    """A new user; the link is shown this once."""
    name, role = visit.value("name"), visit.value("role")
    try:
        link = add_user(visit.pomost, name, role)
    except Failure as failure:
        said, advice = in_language(visit.language, failure.code, failure.text, failure.advice)
        return _page(visit, name=name, role=role, fault=f"{said} {advice}".strip(), code=failure.code)
    visit.audit("user.add", name, role=role)
    return _page(visit, link=link, link_of=name)


@router.post("/users/{user_id}/role")
def role(visit: Administrator, user_id: int) -> Response:
    """Another role."""
    user, wanted = _user(visit, user_id), visit.value("role")
    try:
        change_role(visit.pomost, user, wanted)
    except Failure as failure:
        return visit.refused(failure, to="/users")
    visit.audit("user.role", user.name, before=user.role, after=wanted)
    return visit.done("users.done.role", to="/users", name=user.name)


@router.post("/users/{user_id}/off")
def off(visit: Administrator, user_id: int) -> Response:
    """The user can't sign in any more."""
    user = _user(visit, user_id)
    try:
        let_out(visit.pomost, user)
    except Failure as failure:
        return visit.refused(failure, to="/users")
    visit.audit("user.off", user.name)
    return visit.done("users.done.off", to="/users", name=user.name)


@router.post("/users/{user_id}/on")
def on(visit: Administrator, user_id: int) -> Response:
    """The user may sign in again."""
    user = _user(visit, user_id)
    let_in(visit.pomost, user)
    visit.audit("user.on", user.name)
    return visit.done("users.done.on", to="/users", name=user.name)


@router.post("/users/{user_id}/link")
def link(visit: Administrator, user_id: int) -> Response:
    """A link for a new password; it is shown this once."""
    user = _user(visit, user_id)
    try:
        made = new_link(visit.pomost, user)
    except Failure as failure:
        return visit.refused(failure, to="/users")
    visit.audit("user.link", user.name)
    return _page(visit, link=made, link_of=user.name)


def _page(
    visit: Visit,
    link: str = "",
    link_of: str = "",
    name: str = "",
    role: str = "",
    fault: str = "",
    code: str = "",
) -> Response:
    return visit.page(
        "users/list.html",
        status=400 if fault else 200,
        active="users",
        users=visit.pomost.store.people.all(),
        roles=[(one, visit.say(f"users.roles.{one}")) for one in ROLES],
        link=link,
        link_of=link_of,
        name=name,
        role=role,
        fault=fault,
        code=code,
    )


def _user(visit: Visit, user_id: int) -> User:
    user = visit.pomost.store.people.by_id(user_id)
    if user is None:
        raise visit.missing()
    return user
