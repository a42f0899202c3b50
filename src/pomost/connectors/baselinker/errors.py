"""What BaseLinker's refusals mean, in one place: wire errors become failures by what comes next.

Codes and texts: docs/connectors/baselinker.md. BaseLinker publishes no list of its codes; unknown ones are taken as
refusals that a person has to look at, and after a write as a doubt.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pomost.ports import Failure, InDoubt, NeedsPerson, StopConnection, TryAgain, WaitUntil

POLISH_TIME = ZoneInfo("Europe/Warsaw")
TOKEN_CODES = frozenset(
    {
        "ERROR_BAD_TOKEN",
        "ERROR_EMPTY_TOKEN",
        "ERROR_NO_TOKEN",
        "ERROR_INVALID_TOKEN",
        "ERROR_AUTH_TOKEN",
    }
)
LIMIT_CODES = frozenset(
    {
        "ERROR_BLOCKED_TOKEN",
        "ERROR_RATE_LIMIT",
        "ERROR_REQUEST_LIMIT",
        "ERROR_TOO_MANY_REQUESTS",
        "ERROR_QUERY_LIMIT",
        "ERROR_REQUESTS_LIMIT_EXCEEDED",
    }
)
ACCOUNT_CODES = frozenset({"ERROR_USER_ACCOUNT_BLOCKED", "ERROR_ACCOUNT_BLOCKED"})
UNCLEAR_CODES = frozenset({"ERROR_INTERNAL", "ERROR_INTERNAL_SERVER", "ERROR_DATABASE", "ERROR_UNKNOWN"})
"""Answers that say that something broke on the way, so nobody knows how far the call got."""

_TELLS_WHAT = re.compile(
    r"invalid|incorrect|missing|required|unknown|not found|does not exist|not allowed|too long|already"
    r"|niepraw|błędn|brak|wymagan|nieznan|nie istnieje|nie znaleziono|za dług|już",
    re.IGNORECASE,
)
_NAMES_WHAT = re.compile(r"^ERROR_(UNKNOWN_METHOD|PARSE_JSON_PARAMETERS|PARAMETERS?|INVALID_\w+|\w+_ID)$")
"""Refusals that say what is wrong with a call were made before anything was done. Of any other error after a write
nobody knows that: BaseLinker publishes no list of its codes."""

LIMIT_TEXT = "query limit exceeded"
USUAL_BLOCK = timedelta(minutes=11)
LONGEST_BLOCK = timedelta(minutes=15)
ACCOUNT_BLOCK = timedelta(minutes=30)
CLOCK_DIFFERENCE = timedelta(seconds=30)
"""A block that ended this recently by our clock is believed: the two clocks may differ a little."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
SHOWN_TEXT = 300


@dataclass(frozen=True, slots=True)
class BlockRules:
    """How the end of a block is read. Neither the zone nor the usual length is documented."""

    zone: ZoneInfo = POLISH_TIME
    usual: timedelta = USUAL_BLOCK


def blocked_until(message: str, now: datetime, rules: BlockRules = BlockRules()) -> datetime:
    """The end of a block, from BaseLinker's words (local time, without zone) as UTC.

    The usual length from ``now`` when the words hold no time or one that lies outside the next quarter of an hour.
    """
    found = _MOMENT.search(message)
    if found:
        try:
            local = datetime.strptime(found.group(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=rules.zone)
        except ValueError:
            return now + rules.usual
        # In the night when the clocks go back an hour comes twice; only one of the two lies close to now.
        for fold in (0, 1):
            moment = local.replace(fold=fold).astimezone(UTC)
            if -CLOCK_DIFFERENCE <= moment - now <= LONGEST_BLOCK:
                return max(moment, now)
    return now + rules.usual


def without_secrets(text: str, token: str) -> str:
    """The text without the token and without e-mail addresses, short enough for one line."""
    clean = text.replace(token, "***") if token else text
    return " ".join(_EMAIL.sub("***", clean).split())[:SHOWN_TEXT]


def unclear(method: str, what: str, write: bool) -> Failure:
    """No usable answer came: a read may be repeated, after a write somebody has to look first."""
    if write:
        return InDoubt(
            "baselinker.answer-lost",
            f"BaseLinker gave no usable answer to {method}: {what}.",
            "It may have been carried out; Pomost looks before it repeats it.",
            method=method,
        )
    return TryAgain(
        "baselinker.answer-lost", f"BaseLinker gave no usable answer to {method}: {what}.", method=method
    )


def not_sent(method: str, what: str) -> Failure:
    """The call never left: it may be repeated, also when it is a write."""
    return TryAgain(
        "baselinker.unreachable",
        f"BaseLinker can't be reached for {method}: {what}.",
        "Check the network and the address of the connection if this lasts.",
        method=method,
    )


def bad_address(method: str, status: int) -> Failure:
    return StopConnection(
        "baselinker.bad-address",
        f"Under the connection's address there is no BaseLinker API: HTTP {status} to {method}.",
        "Use https://api.baselinker.com/connector.php.",
        method=method,
    )


def blocked(until: datetime) -> WaitUntil:
    return WaitUntil(
        "baselinker.blocked",
        f"BaseLinker has blocked this token until {until:%Y-%m-%d %H:%M:%S} UTC, as it saw too many calls.",
        until,
        "Pomost goes on by itself afterwards; give it a token that no other program uses.",
    )


def limit_hit(message: str, now: datetime, rules: BlockRules = BlockRules()) -> WaitUntil:
    """The limit was exceeded; ``until`` carries some seconds more, so that not everybody returns in the same one."""
    return blocked(blocked_until(message, now, rules) + timedelta(seconds=random.uniform(0.5, 3)))


def refusal(
    method: str,
    code: str,
    message: str,
    token: str,
    now: datetime,
    write: bool,
    rules: BlockRules = BlockRules(),
) -> Failure:
    """The failure for an answer with status ERROR."""
    shown = without_secrets(message, token)
    if code in TOKEN_CODES:
        return StopConnection(
            "baselinker.bad-token",
            f"BaseLinker does not accept the token of this connection ({code}).",
            "Make a new one in the panel under My account, API, and put it into the configuration.",
            method=method,
        )
    if code in ACCOUNT_CODES:
        until = now + ACCOUNT_BLOCK
        return WaitUntil(
            "baselinker.account-blocked",
            f"BaseLinker says that the account is blocked: {shown}",
            until,
            "Look into the panel; Pomost tries again in half an hour.",
            method=method,
        )
    if code in LIMIT_CODES or LIMIT_TEXT in message.lower():
        return limit_hit(message, now, rules)
    if code in UNCLEAR_CODES:
        return unclear(method, f"{code} {shown}".strip(), write)
    if write and not (_NAMES_WHAT.match(code) or _TELLS_WHAT.search(message)):
        return InDoubt(
            "baselinker.error-after-write",
            f"BaseLinker answered {method} with an error of unknown meaning: {code} {shown}".strip() + ".",
            "It may have been carried out; Pomost looks before it repeats it.",
            method=method,
            error_code=code,
            answer=shown,
        )
    return NeedsPerson(
        "baselinker.refused",
        f"BaseLinker refused {method}: {code} {shown}".strip() + ".",
        "Change what it names, then repeat the step.",
        method=method,
        error_code=code,
        answer=shown,
    )
