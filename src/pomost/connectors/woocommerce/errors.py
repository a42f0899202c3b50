"""What a shop's answers mean, in one place: wire errors become failures by what comes next.

Decided by status and code only: messages are in the shop's language (reference, section 13).
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from pomost.ports import Failure, InDoubt, Json, NeedsPerson, StopConnection, TryAgain, WaitUntil

SHOWN = 200
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=30)
MAINTENANCE = "600"
"""The ``Retry-After`` that WordPress sends with 503 during any update (``wp_maintenance``), which takes some seconds."""
_EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
_KEYS = re.compile(r"\bc[ks]_[0-9A-Za-z]+|(?<=consumer_key=)[^&\s]+|(?<=consumer_secret=)[^&\s]+")
_TAGS = re.compile(r"<[^>]{0,500}>")


def shown(text: str) -> str:
    """The beginning of an answer as it may stand in a message: no keys, no e-mail addresses, no tags, one line."""
    clean = _KEYS.sub("***", _EMAIL.sub("***", html.unescape(_TAGS.sub(" ", text))))
    return " ".join(clean.split())[:SHOWN]


def not_sent(what: str, why: str) -> Failure:
    """The call never left: it may be repeated, also when it is a write."""
    return TryAgain(
        "woocommerce.unreachable",
        f"The shop can't be reached for {what}: {why}.",
        "Check the network and the address of the connection if this lasts.",
    )


def unclear(what: str, why: str, write: bool) -> Failure:
    """No usable answer came: a read may be repeated, after a write somebody has to look first."""
    if write:
        return InDoubt(
            "woocommerce.answer-lost",
            f"The shop gave no usable answer to {what}: {why}.",
            "It may have been carried out; Pomost looks before it repeats it.",
        )
    return TryAgain(
        "woocommerce.answer-lost",
        f"The shop gave no usable answer to {what}: {why}.",
        "If this lasts, look at the shop's error log and at plugins that guard it (firewall, cache).",
    )


def redirected(what: str, address: str) -> Failure:
    return StopConnection(
        "woocommerce.redirected",
        f"The shop sends {what} on to {shown(address)}: keys are lost on the way, so it is not followed.",
        "Write the address at which the shop really answers (https or http, with or without www) as url.",
    )


def no_api(what: str) -> Failure:
    return StopConnection(
        "woocommerce.no-api",
        f"Under the connection's address there is no WooCommerce API: {what} is not known there.",
        "Check url; in WordPress, Settings, Permalinks must be anything but plain; WooCommerce must be active.",
    )


def busy(until: datetime) -> WaitUntil:
    return WaitUntil(
        "woocommerce.busy",
        f"The shop's host asks for a pause until {until:%Y-%m-%d %H:%M:%S} UTC.",
        until,
        "Pomost goes on by itself; if it is often so, lower calls_per_minute or have the host allow Pomost's address.",
    )


def pause(retry_after: str, now: datetime, usual: timedelta) -> datetime:
    """When to call again: what ``Retry-After`` says (seconds or a date), else after ``usual``; half an hour at most."""
    text = retry_after.strip()
    wait = usual
    if text.isdecimal() and len(text) < 10:
        wait = timedelta(seconds=int(text))
    elif text:
        try:
            said = parsedate_to_datetime(text)
            wait = (said if said.tzinfo else said.replace(tzinfo=UTC)) - now
        except (ValueError, TypeError):
            wait = usual
    return now + min(max(wait, timedelta(seconds=1)), LONGEST_PAUSE)


def signed_out(what: str, status: int, code: str, said: str) -> Failure:
    """401 or 403 with a code of WooCommerce's."""
    if code == "woocommerce_rest_authentication_error":
        return StopConnection(
            "woocommerce.bad-key",
            f"The shop does not accept the keys for {what}: {said}",
            "Make new keys under WooCommerce, Settings, Advanced, REST API, with read and write permission; over http also "
            "compare the clocks of both machines.",
        )
    return StopConnection(
        "woocommerce.no-right",
        f"The shop refuses {what} ({status} {code}).",
        "The key may be wrong, its user may lack the right, or the host may strip the sign-in: run `pomost doctor`.",
    )


def guarded(what: str, status: int, said: str) -> Failure:
    """401, 403, 406 without a code of WooCommerce's: somebody stands before the shop."""
    return TryAgain(
        "woocommerce.guarded",
        f"Something before the shop refuses {what} (HTTP {status}): {said}",
        "Allow Pomost's address in the firewall or security plugin of the shop (Wordfence, mod_security, Cloudflare).",
    )


def refused(what: str, status: int, code: str, said: str) -> NeedsPerson:
    return NeedsPerson(
        "woocommerce.refused",
        f"The shop refused {what}: {status} {code} {said}".rstrip() + ".",
        "Change what it names, then repeat the step.",
        status=str(status),
        error_code=code,
    )


def gone(what: str) -> NeedsPerson:
    return NeedsPerson(
        "woocommerce.gone",
        f"The shop has no {what} any more.",
        "It was deleted there; skip the step if that is right.",
        error_code="gone",
    )


def cached(header: str) -> NeedsPerson:
    return NeedsPerson(
        "woocommerce.cached",
        f"Answers of the shop come from a cache ({header}): orders may be seen late or not at all.",
        "Leave /wp-json out of the cache of the shop, its host or its CDN.",
    )


def found_by_comparing(count: int) -> NeedsPerson:
    return NeedsPerson(
        "woocommerce.found-by-comparing",
        f"Changes of {count} orders were found by comparing only.",
        "Something changes orders past the shop's own date of change: a plugin, an import, or a cache.",
    )


def hooks_unseen(code: str) -> NeedsPerson:
    return NeedsPerson(
        "woocommerce.webhooks-unseen",
        f"The webhooks of the shop could not be looked at ({code}).",
        "The key needs write permission and the right to manage the shop; changes come by polling meanwhile.",
    )


def hooks_off(topics: str) -> NeedsPerson:
    return NeedsPerson(
        "woocommerce.webhooks-off",
        f"The shop had switched off its webhooks {topics}; they are switched on again.",
        "Look why it could not deliver: is Pomost's address reached from the shop, at all times?",
    )


def hooks_missed(count: int) -> NeedsPerson:
    return NeedsPerson(
        "woocommerce.webhooks-missed",
        f"{count} changes came by polling only, the webhooks did not tell of them.",
        "See whether the shop's cron runs (WooCommerce, Status, Scheduled Actions) and reaches Pomost's address.",
    )


def wrong_numbers(read: Json) -> str:
    """The fields that a refusal names."""
    data = read.get("data")
    named = data.get("params") if isinstance(data, dict) else None
    return ", ".join(sorted(str(name) for name in named)) if isinstance(named, dict) else ""
