"""The page of accounts: somebody logs in, lets others in, pairs a screen; and the screen shows the contest that it was told."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from contest_server.core.roles import Scope
from contest_server.live.now import now_us
from tests.browser.conftest import Screens
from tests.browser.hall import Hall
from tests.browser.screen import Screen
from tests.browser.wording import say

PASSWORD = "a good password"


def admin_of(hall: Hall) -> None:
    """An administrator, called boss."""
    accounts = hall._stores.accounts
    hall._do(accounts.add("boss", "Tang Yu", now_us()))
    hall._do(accounts.set_password("boss", PASSWORD, now_us()))
    hall._do(accounts.grant("boss", "admin", Scope(), now_us()))


def log_in(screen: Screen, account: str = "boss", password: str = PASSWORD) -> None:
    screen.page.get_by_label(say("account", "en"), exact=True).fill(account)
    screen.page.get_by_label(say("password", "en"), exact=True).fill(password)
    screen.page.get_by_role("button", name=say("logIn", "en")).click()


def test_somebody_logs_in_and_a_wrong_password_is_named(own_hall: Hall, screens: Screens) -> None:
    admin_of(own_hall)
    screen = screens(own_hall.url)
    screen.may_be_refused = ("/api/me", "/api/login")
    screen.open("/account?lang=en")
    log_in(screen, password="not this one")
    expect(screen.page.get_by_role("alert")).to_be_visible()
    log_in(screen)
    expect(screen.text(say("accountYours", "en"))).to_be_visible()
    screen.page.reload()
    expect(screen.text(say("accountYours", "en"))).to_be_visible()
    screen.page.get_by_role("button", name=say("logOut", "en")).click()
    expect(screen.text(say("accountLogIn", "en"))).to_be_visible()


def test_an_administrator_lets_a_director_in(own_hall: Hall, screens: Screens) -> None:
    admin_of(own_hall)
    contest = own_hall.contest()
    screen = screens(own_hall.url)
    screen.may_be_refused = ("/api/me", "/api/login")
    screen.open("/account?lang=en")
    log_in(screen)
    expect(screen.text(say("accountYours", "en"))).to_be_visible()  # the form to log in asks for an account, too
    page = screen.page
    page.get_by_label(say("account", "en"), exact=True).fill("lin.mei")
    page.get_by_label(say("accountName", "en"), exact=True).fill("<img src=x onerror=alert(1)> 林梅")
    page.get_by_role("button", name=say("accountAdd", "en")).click()
    password = page.locator("code[data-secret]").inner_text()
    item = page.locator("li[data-account='lin.mei']")
    expect(item).to_contain_text("<img src=x onerror=alert(1)> 林梅")
    item.get_by_text(say("accountChange", "en"), exact=True).click()
    item.get_by_label(say("accountRole", "en")).select_option("director")
    item.get_by_label(say("contest", "en")).select_option(contest.id)
    item.get_by_role("button", name=say("accountGrant", "en")).click()
    expect(item).to_contain_text(f"{say('role_director', 'en')}: Two Cities Cup")
    answer = own_hall.http.post("/api/login", json={"account": "lin.mei", "password": password})
    assert [each["role"] for each in answer.json()["grants"]] == ["director"]


def test_a_screen_is_paired_by_the_digits_that_it_shows(own_hall: Hall, screens: Screens) -> None:
    admin_of(own_hall)
    contest = own_hall.contest()
    wall, desk = screens(own_hall.url), screens(own_hall.url)
    desk.may_be_refused = ("/api/me", "/api/login")
    wall.open("/screen?pair=1")
    shown = wall.page.locator("[data-code]")
    expect(shown).to_have_text(re.compile(r"^\d{3} \d{3}$"))
    desk.open("/account?lang=en")
    log_in(desk)
    desk.page.get_by_label(say("pairCode", "en")).fill(shown.inner_text())
    desk.page.get_by_label(say("pairName", "en")).fill("hall 2, left")
    desk.page.get_by_role("button", name=say("pairConfirm", "en"), exact=True).click()
    expect(desk.text(say("pairDone", "en", name="hall 2, left"))).to_be_visible()
    expect(wall.plate("A1")).to_be_visible()
    token = wall.page.evaluate("JSON.parse(localStorage.getItem('contest/display')).token")
    me = own_hall.http.get(f"/api/contests/{contest.id}/displays/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["name"] == "hall 2, left"
    wall.page.reload()
    expect(wall.plate("A1")).to_be_visible()
    assert not [url for url in wall.requests if token in url], "no secret stands in an address"
