"""Signing in and out, invitations, and the choices of language and theme."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from pomost.bootstrap import Pomost
from pomost.panel.security import passwords
from pomost.panel.web import SESSION, THEMES, Reader, Visit, Visitor, own_address
from pomost.panel.words import LANGUAGES
from pomost.users import invite

router = APIRouter()
FIRST_USER = "admin"


@router.get("/login")
def sign_in_page(visit: Visitor, to: str = "/") -> Response:
    """The form; somebody who is signed in goes on."""
    if visit.user is not None:
        return RedirectResponse(own_address(to), 303)
    return visit.page("account/login.html", to=own_address(to), name="", fault="")


@router.post("/login")
def sign_in(visit: Visitor) -> Response:
    """A new session, or the form again with what is wrong; after a few failures there is a wait."""
    name, password = visit.value("name")[:80], str(visit.form().get("password", ""))
    to = own_address(visit.value("to", "/"))
    store, now = visit.pomost.store, visit.now()
    keys = (f"name:{name.casefold()}", f"address:{visit.address}")

    def again(fault: str, status: int) -> Response:
        return visit.page("account/login.html", status=status, to=to, name=name, fault=fault)

    wait = store.throttles.wait_s(keys, now)
    if wait > 0:
        return again(visit.say("account.login.wait", seconds=int(wait) + 1), 429)
    user = store.people.named(name)
    right = passwords.matches(user.password if user else "", password)
    if user is None or not right or not user.active:
        store.throttles.failed(keys, now)
        store.audits.note(now, "", "sign-in.failed", name if user else "", {}, visit.address)
        return again(visit.say("account.login.wrong"), 401)
    store.throttles.passed(keys[:1])
    secret = store.people.sign_in(user.id, now)
    store.audits.note(now, user.name, "sign-in", "", {}, visit.address)
    answer = RedirectResponse(to, 303)
    set_session(visit, answer, secret)
    return answer


def set_session(visit: Visit, answer: Response, secret: str) -> None:
    """The cookie of a session: no script reads it, and it does not come with forms of other sites."""
    most = int(visit.pomost.config.panel.session_hours * 3600)
    answer.set_cookie(SESSION, secret, max_age=most, httponly=True, samesite="lax", secure=visit.is_secure)


@router.post("/logout")
def sign_out(visit: Reader) -> Response:
    """Ends the session, here and in the store."""
    visit.pomost.store.people.sign_out(visit.secret)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(SESSION)
    return answer


@router.get("/invitation/{secret}")
def invitation_page(visit: Visitor, secret: str) -> Response:
    """Where whoever got the link chooses a password."""
    user = visit.pomost.store.people.invited(secret, visit.now())
    status = 200 if user else 404
    return visit.page("account/invitation.html", status=status, invited=user, fault="", link=secret)


@router.post("/invitation/{secret}")
def accept(visit: Visitor, secret: str) -> Response:
    """Sets the password; the link is good once."""
    people, now = visit.pomost.store.people, visit.now()
    user = people.invited(secret, now)
    password = str(visit.form().get("password", ""))
    fault = passwords.fault_of(password, user.name) if user else ""
    if user and not fault and password != str(visit.form().get("again", "")):
        fault = "account.password.differs"
    if user is None or fault:
        said = visit.say(fault) if fault else ""
        return visit.page(
            "account/invitation.html", status=400 if user else 404, invited=user, fault=said, link=secret
        )
    if people.accept(secret, passwords.hashed(password), now) is None:
        return visit.page("account/invitation.html", status=404, invited=None, fault="", link=secret)
    visit.pomost.store.audits.note(now, user.name, "password.set", user.name, {}, visit.address)
    return visit.done("account.invitation.done", to="/login")


@router.get("/account")
def own(visit: Reader) -> Response:
    """One's own account: who one is, and the form for another password."""
    return visit.page("account/own.html", fault="")


@router.post("/account/password")
def change_password(visit: Reader) -> Response:
    """Another password for oneself, told the old one. All sessions end, and a new one begins here."""
    assert visit.user is not None
    user, now, store = visit.user, visit.now(), visit.pomost.store
    form = visit.form()
    old, password = str(form.get("old", "")), str(form.get("password", ""))

    def again(fault: str, status: int, **facts: object) -> Response:
        return visit.page("account/own.html", status=status, fault=visit.say(fault, **facts))

    # who found a session open must not be able to guess the password here
    keys = (f"name:{user.name.casefold()}", f"address:{visit.address}")
    wait = store.throttles.wait_s(keys, now)
    if wait > 0:
        return again("account.login.wait", 429, seconds=int(wait) + 1)
    if not passwords.matches(user.password, old):
        store.throttles.failed(keys, now)
        visit.audit("password.refused", user.name)
        return again("account.own.wrong", 400)
    fault = passwords.fault_of(password, user.name)
    if not fault and password != str(form.get("again", "")):
        fault = "account.password.differs"
    if fault:
        return again(fault, 400)
    store.people.change(user.id, password=passwords.hashed(password))
    secret = store.people.sign_in(user.id, now)
    visit.audit("password.changed", user.name)
    answer = visit.done("account.own.done", to="/account")
    set_session(visit, answer, secret)
    return answer


@router.post("/preferences")
def prefer(visit: Visitor) -> Response:
    """Language and theme, kept by the browser; back to where one was."""
    answer = RedirectResponse(own_address(visit.value("to", "/")), 303)
    language, theme = visit.value("language"), visit.value("theme")
    if language in LANGUAGES:
        visit.remember(answer, language=language)
    if theme in THEMES:
        visit.remember(answer, theme=theme)
    return answer


def first_link(pomost: Pomost) -> str:
    """While nobody has a password: the link of the first administrator, who is made at the first start. Else empty."""
    people = pomost.store.people
    if any(user.password for user in people.all()):
        return ""
    user = people.named(FIRST_USER)
    user_id = user.id if user else people.add(FIRST_USER, "administrator", pomost.work.now())
    return invite(pomost, user_id) if user_id else ""
