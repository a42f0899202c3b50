"""Who may use the panel: users, their sessions and invitations, tokens of programs, and failed sign-ins.

Secrets are kept as their SHA-256 only: they are long and random, so no slow hash is needed. Passwords are not kept here in
the clear either: they come hashed.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from pomost.sql import Database
from pomost.store import panel_schema as schema

users, sessions, invitations, tokens = schema.users, schema.sessions, schema.invitations, schema.tokens
_SEEN_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in. ``password`` is a hash; empty until the invitation is used."""

    id: int
    name: str
    role: str
    password: str
    active: bool
    made_at: float
    signed_in_at: float | None


@dataclass(frozen=True, slots=True)
class Token:
    """The right of a program to do what its scopes say; the secret itself is shown once, when it is made."""

    id: int
    name: str
    scopes: tuple[str, ...]
    made_by: str
    made_at: float
    used_at: float | None
    revoked_at: float | None


def print_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret() -> str:
    return secrets.token_urlsafe(32)


class _LastAdministrator(Exception):
    """Takes a change back."""


class People:
    def __init__(self, database: Database) -> None:
        self._db = database

    # users

    def all(self) -> list[User]:
        with self._db.reading() as connection:
            return [_user(row) for row in connection.execute(select(users).order_by(users.c.name))]

    def named(self, name: str) -> User | None:
        with self._db.reading() as connection:
            row = connection.execute(select(users).where(users.c.name == name)).first()
        return _user(row) if row else None

    def by_id(self, user_id: int) -> User | None:
        with self._db.reading() as connection:
            row = connection.execute(select(users).where(users.c.id == user_id)).first()
        return _user(row) if row else None

    def any(self) -> bool:
        """Whether there is a user at all."""
        with self._db.reading() as connection:
            return connection.execute(select(users.c.id).limit(1)).first() is not None

    def add(self, name: str, role: str, now: float) -> int | None:
        """A user without a password; None when the name is taken."""
        with self._db.writing() as connection:
            if connection.execute(select(users.c.id).where(users.c.name == name)).first():
                return None
            values = {"name": name, "role": role, "made_at": now, "active": 1, "password": ""}
            return int(connection.execute(insert(users).values(values).returning(users.c.id)).scalar_one())

    def change(self, user_id: int, **values: Any) -> bool:
        """Changes role, password or whether a user is active; ends their sessions.

        The last active administrator stays one: False, and nothing is changed.
        """
        try:
            with self._db.writing() as connection:
                connection.execute(update(users).where(users.c.id == user_id).values(**values))
                left = connection.execute(
                    select(func.count()).where(users.c.role == "administrator", users.c.active == 1)
                ).scalar_one()
                if not left:
                    raise _LastAdministrator
                connection.execute(delete(sessions).where(sessions.c.user_id == user_id))
        except _LastAdministrator:
            return False
        return True

    # sessions

    def sign_in(self, user_id: int, now: float) -> str:
        """A new session; gives its secret."""
        secret = new_secret()
        with self._db.writing() as connection:
            row = {"secret": print_of(secret), "user_id": user_id, "made_at": now, "seen_at": now}
            connection.execute(insert(sessions).values(row))
            connection.execute(update(users).where(users.c.id == user_id).values(signed_in_at=now))
        return secret

    def signed_in(self, secret: str, now: float, idle_s: float, most_s: float) -> User | None:
        """Whose session it is, unless it is too old, was idle too long, or its user may not sign in any more."""
        mark = print_of(secret)
        query = (
            select(users, sessions.c.made_at.label("begun_at"), sessions.c.seen_at)
            .join(sessions, sessions.c.user_id == users.c.id)
            .where(sessions.c.secret == mark, users.c.active == 1)
        )
        with self._db.reading() as connection:
            row = connection.execute(query).first()
        if row is None or now - row.seen_at > idle_s or now - row.begun_at > most_s:
            return None
        if now - row.seen_at > _SEEN_EVERY_S:
            with self._db.writing() as connection:
                connection.execute(update(sessions).where(sessions.c.secret == mark).values(seen_at=now))
        return _user(row)

    def sign_out(self, secret: str) -> None:
        with self._db.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.secret == print_of(secret)))

    # invitations

    def invite(self, user_id: int, until: float) -> str:
        """A secret by which a user sets a password, once; earlier ones of the same user are void."""
        secret = new_secret()
        with self._db.writing() as connection:
            connection.execute(delete(invitations).where(invitations.c.user_id == user_id))
            row = {"secret": print_of(secret), "user_id": user_id, "until": until}
            connection.execute(insert(invitations).values(row))
        return secret

    def invited(self, secret: str, now: float) -> User | None:
        """Whom the invitation is for, while it is good."""
        query = (
            select(users)
            .join(invitations, invitations.c.user_id == users.c.id)
            .where(invitations.c.secret == print_of(secret), invitations.c.until > now, users.c.active == 1)
        )
        with self._db.reading() as connection:
            row = connection.execute(query).first()
        return _user(row) if row else None

    def accept(self, secret: str, password: str, now: float) -> User | None:
        """Uses an invitation up and sets the password (a hash); None when somebody else was quicker."""
        mark = print_of(secret)
        with self._db.writing() as connection:
            user_id = connection.execute(
                delete(invitations)
                .where(invitations.c.secret == mark, invitations.c.until > now)
                .returning(invitations.c.user_id)
            ).scalar()
            if user_id is None:
                return None
            connection.execute(update(users).where(users.c.id == user_id).values(password=password))
            connection.execute(delete(sessions).where(sessions.c.user_id == user_id))
        return self.by_id(user_id)

    # tokens

    def add_token(self, name: str, scopes: tuple[str, ...], made_by: str, now: float) -> str:
        """A new token; gives its secret, which is not kept."""
        secret = f"pomost_{new_secret()}"
        row = {"name": name, "scopes": " ".join(scopes), "made_by": made_by, "made_at": now}
        with self._db.writing() as connection:
            connection.execute(insert(tokens).values(secret=print_of(secret), **row))
        return secret

    def tokens(self) -> list[Token]:
        with self._db.reading() as connection:
            return [_token(row) for row in connection.execute(select(tokens).order_by(tokens.c.id))]

    def token(self, secret: str, now: float) -> Token | None:
        """The token whose secret this is, unless it was revoked; notes the use once a minute."""
        query = select(tokens).where(tokens.c.secret == print_of(secret), tokens.c.revoked_at.is_(None))
        with self._db.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        if row.used_at is None or now - row.used_at > _SEEN_EVERY_S:
            with self._db.writing() as connection:
                connection.execute(update(tokens).where(tokens.c.id == row.id).values(used_at=now))
        return _token(row)

    def revoke(self, token_id: int, now: float) -> bool:
        with self._db.writing() as connection:
            done = connection.execute(
                update(tokens)
                .where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
                .values(revoked_at=now)
            )
            return bool(done.rowcount)


def _user(row: Any) -> User:
    return User(row.id, row.name, row.role, row.password, bool(row.active), row.made_at, row.signed_in_at)


def _token(row: Any) -> Token:
    return Token(
        row.id, row.name, tuple(row.scopes.split()), row.made_by, row.made_at, row.used_at, row.revoked_at
    )
