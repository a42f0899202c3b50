"""Users, tokens and the audit trail in the panel: given, changed, taken away, and written down."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page

from tests.panel.conftest import PASSWORD, Client, Desk, faults_of

Panel = Callable[..., Desk]


def user_id(desk: Desk, name: str) -> int:
    user = desk.pomost.store.people.named(name)
    assert user is not None
    return user.id


def link_in(text: str) -> str:
    """The path of the one-time link on a page."""
    found = re.search(r'id="link">https?://[^/]+(/invitation/[\w-]+)<', text)
    assert found, "no link on the page"
    return found[1]


def test_a_new_user_gets_a_link_that_is_shown_once_and_signs_in_with_the_password_set_there(
    panel: Panel,
) -> None:
    desk = panel()
    boss = desk.client("administrator")

    shown = boss.post("/users/add", page="/users", name="Żaneta K.", role="operator")
    link = link_in(shown.text)
    visitor = desk.client()
    visitor.post(link, page=link, password=PASSWORD, again=PASSWORD)
    entered = visitor.sign_in("Żaneta K.")

    assert entered.url.path == "/"
    assert "/invitation/" not in boss.get("/users").text
    assert link.rsplit("/", 1)[1] not in str(desk.pomost.store.audits.page())


@pytest.mark.parametrize(
    ("name", "role", "code"),
    [
        ("reader", "reader", "user.name-taken"),
        ("READER", "reader", "user.name-taken"),
        ("", "reader", "user.bad-name"),
        ("a\nb", "reader", "user.bad-name"),
        ("<b>", "reader", "user.bad-name"),
        ("x" * 81, "reader", "user.bad-name"),
        ("nowy", "root", "user.bad-role"),
    ],
)
def test_what_is_no_user_is_refused(panel: Panel, name: str, role: str, code: str) -> None:
    desk = panel()
    before = desk.pomost.store.people.all()

    said = desk.client("administrator").post("/users/add", page="/users", name=name, role=role)

    assert code in said.text
    assert [one.name for one in desk.pomost.store.people.all()] == [one.name for one in before]


def test_another_role_ends_the_sessions_and_holds_at_the_next_sign_in(panel: Panel) -> None:
    desk = panel()
    boss, operator = desk.client("administrator"), desk.client("operator")

    boss.post(f"/users/{user_id(desk, 'operator')}/role", page="/users", role="reader")

    assert operator.get("/").url.path == "/login"
    operator.sign_in("operator")
    assert operator.get("/orders/999/edit").status_code == 403


def test_who_is_let_out_is_out_at_once_and_links_given_before_are_void(panel: Panel) -> None:
    desk = panel()
    boss, reader = desk.client("administrator"), desk.client("reader")
    number = user_id(desk, "reader")
    link = link_in(boss.post(f"/users/{number}/link", page="/users").text)

    boss.post(f"/users/{number}/off", page="/users")

    assert reader.get("/").url.path == "/login"
    assert desk.client().sign_in("reader").status_code == 401
    assert desk.client().get(link).status_code == 404
    assert "user.inactive" in boss.post(f"/users/{number}/link", page="/users").text
    boss.post(f"/users/{number}/on", page="/users")
    assert desk.client().sign_in("reader").url.path == "/"


def test_the_last_administrator_stays_one(panel: Panel) -> None:
    desk = panel()
    boss = desk.client("administrator")
    number = user_id(desk, "administrator")

    for path, fields in ((f"/users/{number}/off", {}), (f"/users/{number}/role", {"role": "reader"})):
        assert "user.last-administrator" in boss.post(path, page="/users", **fields).text

    assert boss.get("/users").status_code == 200


def test_a_link_for_a_new_password_leaves_the_old_one_until_it_is_used(panel: Panel) -> None:
    desk = panel()
    boss = desk.client("administrator")
    number = user_id(desk, "reader")
    first = link_in(boss.post(f"/users/{number}/link", page="/users").text)
    second = link_in(boss.post(f"/users/{number}/link", page="/users").text)
    reader = desk.client("reader")

    assert desk.client().get(first).status_code == 404
    desk.client().post(second, page=second, password="zupełnie inne hasło", again="zupełnie inne hasło")

    assert reader.get("/").url.path == "/login"
    assert desk.client().sign_in("reader").status_code == 401
    assert desk.client().sign_in("reader", "zupełnie inne hasło").url.path == "/"


def test_ones_own_password_is_changed_by_who_knows_the_old_one(panel: Panel) -> None:
    desk = panel()
    here, elsewhere = desk.client("reader"), desk.client("reader")
    new = "pięć zupełnie nowych słów"

    wrong = here.post("/account/password", page="/account", old="nie to", password=new, again=new)
    short = here.post("/account/password", page="/account", old=PASSWORD, password="x", again="x")
    differs = here.post("/account/password", page="/account", old=PASSWORD, password=new, again=new + "!")
    done = here.post("/account/password", page="/account", old=PASSWORD, password=new, again=new)

    assert [one.status_code for one in (wrong, short, differs)] == [400, 400, 400]
    assert "Hasło zmienione" in done.text
    assert here.get("/account").url.path == "/account"
    assert elsewhere.get("/account").url.path == "/login"
    assert desk.client().sign_in("reader").status_code == 401


def test_who_finds_an_open_session_can_not_guess_the_password_there(panel: Panel) -> None:
    reader = panel().client("reader")

    answers = [
        reader.post(
            "/account/password", page="/account", old=f"zgaduję {n}", password="x", again="x"
        ).status_code
        for n in range(6)
    ]

    assert answers == [400] * 5 + [429]


def test_a_token_is_shown_once_says_when_it_was_used_and_is_worth_nothing_once_revoked(panel: Panel) -> None:
    desk = panel()
    boss = desk.client("administrator")

    nothing = boss.post("/tokens/add", page="/tokens", name="magazyn")
    shown = boss.post("/tokens/add", page="/tokens", name="magazyn", scope=["read", "print", "everything"])
    secret = re.search(r'id="secret">(pomost_[\w-]+)<', shown.text)
    assert secret
    (token,) = desk.pomost.store.people.tokens()

    assert "co najmniej jeden zakres" in nothing.text
    assert token.scopes == ("read", "print")
    assert secret[1] not in boss.get("/tokens").text
    assert desk.pomost.store.people.token(secret[1], time.time()) is not None
    assert desk.pomost.store.people.tokens()[0].used_at is not None
    boss.post(f"/tokens/{token.id}/revoke", page="/tokens")
    assert desk.pomost.store.people.token(secret[1], time.time()) is None


def test_the_audit_trail_has_every_act_and_gives_back_what_is_asked_for(panel: Panel) -> None:
    desk = panel()
    note = desk.pomost.store.audits.note
    now = time.time()
    for number in range(120):
        note(
            now - 3 * 86_400 if number < 60 else now,
            "=cmd|calc",
            f"order.{number % 2}",
            f"zamówienie {number}",
            {},
            "",
        )
    boss = desk.client("administrator")

    first = boss.get("/audit?who=%3Dcmd%7Ccalc")
    older = re.search(r'href="(/audit\?[^"]*before=\d+)"', first.text)
    assert older
    second = boss.get(older[1].replace("&amp;", "&"))
    polish_day = datetime.fromtimestamp(now - 3 * 86_400, ZoneInfo("Europe/Warsaw")).date()
    day = boss.get(f"/audit.csv?who=%3Dcmd%7Ccalc&day={polish_day}")
    text = boss.get("/audit.csv?text=WIENIE 11&act=order.1")

    assert ">zamówienie 119<" in first.text
    assert ">zamówienie 69<" not in first.text
    assert ">zamówienie 69<" in second.text
    assert 58 <= day.text.count("order.") <= 62
    assert "\n2" in day.text
    assert ";'=cmd|calc;" in day.text
    assert sorted(re.findall(r"zamówienie (\d+)", text.text)) == ["11", "111", "113", "115", "117", "119"]
    assert "audit" not in [one.act for one in desk.pomost.store.audits.page()]


def test_every_act_on_users_and_tokens_is_noted_without_any_secret(panel: Panel) -> None:
    desk = panel()
    boss = desk.client("administrator")
    number = user_id(desk, "reader")

    made = [boss.post("/users/add", page="/users", name="anna", role="reader").text]
    for act, fields in (("role", {"role": "operator"}), ("off", {}), ("on", {}), ("link", {})):
        made.append(boss.post(f"/users/{number}/{act}", page="/users", **fields).text)
    made.append(boss.post("/tokens/add", page="/tokens", name="magazyn", scope=["read"]).text)
    boss.post("/tokens/1/revoke", page="/tokens")

    noted = [one for one in reversed(desk.pomost.store.audits.page()) if one.act not in ("sign-in",)]
    assert [one.act for one in noted] == [
        "user.add", "user.role", "user.off", "user.on", "user.link", "token.add", "token.revoke",
    ]  # fmt: skip
    assert {(one.who, one.address) for one in noted} == {("administrator", "127.0.0.1")}
    secrets = re.findall(r"/invitation/([\w-]+)<|>(pomost_[\w-]{20,})<", "".join(made))
    assert len(secrets) == 3
    assert [one for pair in secrets for one in pair if one and one in str(noted)] == []


def test_what_others_wrote_never_becomes_a_part_of_the_page(panel: Panel) -> None:
    desk = panel()
    evil = "<script>alert(1)</script>"
    order = desk.house.shop.place(paid=True)[0]
    desk.house.shop.edit(order, invoice_fullname=evil, user_comments=evil)
    desk.house.run_until(lambda: desk.house.states() == {"waiting": 1})
    boss = desk.client("administrator")
    boss.post("/tokens/add", page="/tokens", name=evil, scope=["read"])
    desk.pomost.store.audits.note(time.time(), evil, evil, evil, {evil: evil}, evil)
    (line,) = desk.pomost.store.queries.find(str(order))

    pages = [
        "/",
        "/orders",
        f"/orders/{line.id}",
        "/documents",
        "/contractors",
        "/tokens",
        "/audit",
        "/users",
    ]
    said = {url: boss.get(url).text for url in [*pages, f"/orders?text={evil}", f"/audit?who={evil}"]}
    said["refused"] = boss.post("/users/add", page="/users", name=evil, role="reader").text

    assert [url for url, text in said.items() if evil in text] == []
    assert "&lt;script&gt;" in said["/audit"]
    assert "&lt;script&gt;" in said[f"/orders/{line.id}"]


@pytest.mark.parametrize("language", ["pl", "en"])
def test_an_administrator_adds_a_user_and_a_token_in_a_browser(
    panel: Panel, browser_page: Callable[..., Page], language: str
) -> None:
    desk = panel()
    page = browser_page(desk, "administrator", language)
    page.goto("/users")
    page.fill("#f-name", "anna")
    page.select_option("#f-role", "reader")
    page.click("main button.main")
    assert "/invitation/" in page.inner_text("#link")
    assert faults_of(page) == []
    page.goto("/tokens")
    page.fill("#f-name", "magazyn")
    page.check("input[value=read]")
    page.click("main button.main")
    assert page.inner_text("#secret").startswith("pomost_")
    assert faults_of(page) == []
    for url in ("/audit", "/account"):
        page.goto(url)
        assert faults_of(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    for url in ("/users", "/tokens", "/audit", "/account"):
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, url


__all__ = ["Client"]


def test_a_user_who_was_not_added_is_still_in_the_form_with_what_is_wrong(panel: Panel) -> None:
    boss = panel().client("administrator")

    said = boss.post("/users/add", page="/users", name="Reader", role="administrator")

    assert said.status_code == 400
    field = re.search(r'<input id="f-name"[^>]*>', said.text)
    assert field
    assert 'value="Reader"' in field[0]
    assert 'aria-invalid="true"' in field[0]
    assert "już jest" in said.text
    assert re.search(r'<select id="f-role".*?<option value="administrator" selected>', said.text, re.DOTALL)
