"""Who may sign in to the panel: added, given a role, let out and in again; by the panel and on the command line."""

from __future__ import annotations

import re

from pomost.bootstrap import Pomost
from pomost.ports import NeedsPerson
from pomost.store.people import User

ROLES = ("reader", "operator", "administrator")
"""Each may do all that those before it may."""
INVITATION_S = 48 * 3600.0
_NAME = re.compile(r"[^\W_][\w .@+-]{0,78}[\w.@+-]|[^\W_]")


def add_user(pomost: Pomost, name: str, role: str) -> str:
    """A new user; gives the link by which they set a password, once, within two days.

    Raises NeedsPerson for a name that is taken or can't be one, and for a role that there is not.
    """
    if not _NAME.fullmatch(name):
        raise NeedsPerson(
            "user.bad-name",
            f'"{name[:80]}" can\'t be the name of a user.',
            "Use up to 80 letters, digits, blanks and the signs . @ + - _ and begin with a letter or a digit.",
        )
    _check(role)
    taken = any(one.name.casefold() == name.casefold() for one in pomost.store.people.all())
    user_id = None if taken else pomost.store.people.add(name, role, pomost.work.now())
    if user_id is None:
        raise NeedsPerson("user.name-taken", f'There is a user "{name}" already.', "Choose another name.")
    return invite(pomost, user_id)


def change_role(pomost: Pomost, user: User, role: str) -> None:
    """Gives another role and ends the user's sessions. Raises NeedsPerson: the last administrator stays one."""
    _check(role)
    _change(pomost, user, role=role)


def let_out(pomost: Pomost, user: User) -> None:
    """The user can't sign in any more; sessions end at once. Raises NeedsPerson for the last administrator."""
    _change(pomost, user, active=0)


def let_in(pomost: Pomost, user: User) -> None:
    """The user may sign in again, with the password as it was."""
    _change(pomost, user, active=1)


def new_link(pomost: Pomost, user: User) -> str:
    """A link by which a user sets a new password, once; earlier links are void. The old password works until then.

    Raises NeedsPerson for a user who was let out: the link would lead nowhere.
    """
    if not user.active:
        raise NeedsPerson(
            "user.inactive", f'User "{user.name}" may not sign in.', "Let the user in again first."
        )
    return invite(pomost, user.id)


def user_named(pomost: Pomost, name: str) -> User:
    """Raises NeedsPerson when there is no such user."""
    user = pomost.store.people.named(name)
    if user is None:
        known = ", ".join(one.name for one in pomost.store.people.all()) or "-"
        raise NeedsPerson("user.unknown", f'There is no user "{name}".', f"Users: {known}.")
    return user


def invite(pomost: Pomost, user_id: int) -> str:
    """A link by which a user sets a password once, good for two days."""
    secret = pomost.store.people.invite(user_id, pomost.work.now() + INVITATION_S)
    return f"{address_of(pomost)}/invitation/{secret}"


def address_of(pomost: Pomost) -> str:
    """The address of the panel, as it is written into links."""
    config = pomost.config
    if config.panel.public_url:
        return config.panel.public_url
    host = "127.0.0.1" if config.host in ("0.0.0.0", "::", "") else config.host
    return f"http://{f'[{host}]' if ':' in host else host}:{config.port}"


def _check(role: str) -> None:
    if role not in ROLES:
        raise NeedsPerson("user.bad-role", f'There is no role "{role}".', f"Roles: {', '.join(ROLES)}.")


def _change(pomost: Pomost, user: User, **values: object) -> None:
    if not pomost.store.people.change(user.id, **values):
        raise NeedsPerson(
            "user.last-administrator",
            f'"{user.name}" is the last administrator who may sign in.',
            "Make somebody else an administrator first.",
        )
