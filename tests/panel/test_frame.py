"""Signing in, languages, themes, and what is refused before any page is reached."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from pomost.panel.pages.account import first_link
from tests.panel.conftest import PASSWORD, Client, Desk, faults_of

Panel = Callable[..., Desk]
FORM = {"content-type": "multipart/form-data; boundary=xx"}
PART = b'--xx\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'


def test_whoever_is_not_signed_in_comes_to_the_form_and_from_there_to_where_he_wanted(panel: Panel) -> None:
    visitor = panel().client()

    asked = visitor.get("/?from=letter")
    assert asked.url.path == "/login"
    entered = visitor.post("/login", name="reader", password=PASSWORD, to="/?from=letter")

    assert str(entered.url).endswith("/?from=letter")


def test_a_wrong_password_is_refused_without_saying_what_was_wrong(panel: Panel) -> None:
    desk = panel()

    said = [desk.client().sign_in(name, "to nie to hasło").text for name in ("reader", "nikt taki")]

    assert all("Nazwa lub hasło się nie zgadza." in one for one in said)


def test_after_five_failures_even_the_right_password_has_to_wait(panel: Panel) -> None:
    visitor = panel().client()

    answers = [visitor.sign_in("reader", "zgaduję").status_code for _ in range(5)]
    then = visitor.sign_in("reader")

    assert answers == [401] * 5
    assert then.status_code == 429
    assert "Spróbuj ponownie" in then.text


def test_the_first_start_gives_a_link_that_is_good_once(panel: Panel) -> None:
    desk = panel()
    people = desk.pomost.store.people
    for user in people.all():
        people.change(user.id, password="")
    path = first_link(desk.pomost).split("/", 3)[3]
    visitor = desk.client()

    page = visitor.get(f"/{path}")
    short = visitor.post(f"/{path}", page=f"/{path}", password="krótkie", again="krótkie")
    taken = visitor.post(f"/{path}", page=f"/{path}", password=PASSWORD, again=PASSWORD)
    again = visitor.get(f"/{path}")

    assert page.status_code == 200
    assert "za krótkie" in short.text
    assert "Hasło ustawione" in taken.text
    assert again.status_code == 404
    assert visitor.sign_in("admin").url.path == "/"
    assert first_link(desk.pomost) == ""


def test_a_form_of_another_site_is_refused_and_nothing_is_done(panel: Panel) -> None:
    desk = panel()
    reader = desk.client("reader")

    for mark in ("", "0000.ffff", desk.client("operator").mark("/")):
        assert reader.http.post("/logout", data={"csrf": mark}).status_code == 403

    assert reader.get("/").url.path == "/"


def test_a_session_ends_with_signing_out_and_its_cookie_is_worth_nothing_then(panel: Panel) -> None:
    reader = panel().client("reader")
    cookie = reader.http.cookies["pomost_session"]

    reader.post("/logout", page="/")
    reader.http.cookies.set("pomost_session", cookie)

    assert reader.get("/").url.path == "/login"


@pytest.mark.parametrize("host", ["evil.example", "pomost.evil.example:8080", "[bad", ""])
def test_a_foreign_name_does_not_reach_the_panel(panel: Panel, host: str) -> None:
    assert panel().client().get("/login", headers={"host": host}).status_code in (400, 421)


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_out_of_the_panel(panel: Panel, to: str) -> None:
    desk = panel()

    entered = desk.client().post("/login", name="reader", password=PASSWORD, to=to)

    assert str(entered.url) == f"{desk.url}/"


def test_more_than_may_be_sent_is_refused_whether_its_length_is_said_or_not(panel: Panel) -> None:
    visitor = panel().client()
    much = b"a" * 1_000_000

    said = visitor.http.post("/login", content=much * 26)
    unsaid = visitor.http.post("/login", content=iter([PART, *[much] * 26]), headers=FORM)

    assert (said.status_code, unsaid.status_code) == (413, 413)


def test_every_answer_carries_the_headers_that_keep_foreign_scripts_out(panel: Panel) -> None:
    reader = panel().client("reader")

    for url in ("/", "/login", "/nowhere", "/static/panel.css"):
        headers = reader.get(url).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_pages_have_no_script_or_style_of_their_own(panel: Panel) -> None:
    reader = panel().client("reader")

    for url in ("/", "/login", "/nowhere"):
        text = reader.get(url).text
        assert not re.search(r"<style|style=|\son\w+=|<script(?! src=\"/static/)", text)


def test_static_files_are_ours_only(panel: Panel) -> None:
    visitor = panel().client()

    for name in ("..%2Fserve.py", "%2e%2e/serve.py", "nothing.css", "../words/frame.toml"):
        assert visitor.get(f"/static/{name}").status_code == 404


def test_health_tells_strangers_only_that_it_lives(panel: Panel) -> None:
    visitor: Client = panel().client()

    near = visitor.get("/health").json()
    through_a_proxy = visitor.get("/health", headers={"x-forwarded-for": "203.0.113.9"}).json()

    assert near["status"] == "ok"
    assert "sources" in near
    assert set(through_a_proxy) == {"status", "version"}
    assert visitor.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"}).url.path == "/login"


@pytest.mark.parametrize(("language", "head"), [("pl", "Jak to wygląda teraz"), ("en", "How it stands now")])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_frame_in_a_browser(
    panel: Panel, browser_page: Callable[..., Page], language: str, head: str, theme: str
) -> None:
    page = browser_page(panel(), "administrator", language, color_scheme=theme)

    assert page.inner_text("h1") == head
    assert faults_of(page) == []
    # the other language at any time, on the same page
    page.click("button[name=language]")
    page.wait_for_load_state()
    assert page.inner_text("h1") != head
    page.goto("/login?to=/")
    assert page.url.endswith("/")


def test_on_a_phone_the_menu_opens_by_a_button_and_nothing_is_wider_than_the_screen(
    panel: Panel, browser_page: Callable[..., Page]
) -> None:
    page = browser_page(panel(), "operator", "pl", viewport={"width": 360, "height": 740})

    assert not page.is_visible("nav.menu")
    page.click(".menu-button")
    assert page.is_visible("nav.menu")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert faults_of(page) == []


def test_the_keyboard_reaches_the_content_at_once(panel: Panel, browser_page: Callable[..., Page]) -> None:
    page = browser_page(panel(), "reader", "en")
    page.goto("/")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"


@pytest.mark.parametrize("address", ["/nie-ma-takiej", "/orders/abc", "/orders/999999", "/settings"])
def test_a_page_of_error_keeps_the_menu_and_its_buttons_work(panel: Panel, address: str) -> None:
    reader = panel().client("reader")

    said = reader.get(address)

    assert said.status_code in (400, 403, 404)
    assert 'href="/documents"' in said.text
    assert "Wyloguj" in said.text
    changed = reader.post("/preferences", page=address, language="en", to="/orders")
    assert changed.status_code == 200
    assert "Sign out" in changed.text


@pytest.mark.parametrize(
    "kind", ["orders/{}/edit", "documents/{}", "users/{}/off", "webhooks/again/{}", "acts/{}"]
)
def test_a_number_that_no_database_takes_is_the_number_of_nothing(panel: Panel, kind: str) -> None:
    administrator = panel().client("administrator")
    address = "/" + kind.format("9" * 20)
    posted = kind.startswith(("users", "webhooks"))

    said = administrator.post(address, page="/account") if posted else administrator.get(address)

    assert said.status_code == 404
    assert "Nie ma takiej strony" in said.text


def test_when_the_session_ended_behind_an_open_form_one_is_told_and_comes_back_to_it(panel: Panel) -> None:
    desk = panel()
    operator = desk.client("operator")
    mark = operator.mark("/account")
    operator.http.cookies.delete("pomost_session")

    said = operator.http.post(
        "/account/password", data={"csrf": mark}, headers={"referer": f"{desk.url}/account?from=letter"}
    )

    assert said.url.path == "/login"
    assert "Sesja się skończyła. Nic nie zrobiono" in said.text
    entered = operator.post(
        "/login", page=str(said.url), name="operator", password=PASSWORD, to=said.url.params["to"]
    )
    assert str(entered.url) == f"{desk.url}/account?from=letter"


def test_from_a_foreign_page_one_does_not_come_back_to_it(panel: Panel) -> None:
    said = panel().client().http.post("/orders/1/retry", headers={"referer": "https://zly.example/orders"})

    assert said.url.params["to"] == "/"


def test_the_language_of_a_page_that_a_form_gave_is_changed_where_the_form_stood(panel: Panel) -> None:
    desk = panel()
    reader = desk.client("reader")

    said = reader.http.post(
        "/account/password",
        data={"csrf": reader.mark("/account")},
        headers={"referer": f"{desk.url}/account"},
    )

    assert said.status_code == 400
    assert 'name="to" value="/account"' in said.text


def test_without_scripts_the_menu_of_a_phone_stands_open(
    panel: Panel, browser_page: Callable[..., Page]
) -> None:
    page = browser_page(
        panel(), "reader", "pl", viewport={"width": 360, "height": 740}, java_script_enabled=False
    )

    assert page.is_visible("nav.menu")
    assert not page.is_visible(".menu-button")
