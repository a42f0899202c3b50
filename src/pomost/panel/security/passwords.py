"""Passwords: kept as argon2id hashes, never in the clear."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 200
"""A hash of a text without an end would be work for an attacker's asking."""
_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody has this password")


def hashed(password: str) -> str:
    return _hasher.hash(password)


def matches(hash_: str, password: str) -> bool:
    """Whether it is the password. Takes as long for somebody who is not there, so that names can't be guessed."""
    if len(password) > LONGEST:
        return False
    try:
        return _hasher.verify(hash_ or _NOBODY, password) and bool(hash_)
    except (VerificationError, InvalidHashError):
        return False


def fault_of(password: str, name: str) -> str:
    """Why a password can't be taken, as a key of words; empty when it can."""
    if len(password) < SHORTEST:
        return "account.password.short"
    if len(password) > LONGEST:
        return "account.password.long"
    if len(set(password)) < 4 or name.casefold() in password.casefold():
        return "account.password.easy"
    return ""
