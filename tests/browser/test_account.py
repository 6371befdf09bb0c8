"""The page of accounts: somebody logs in, lets others in, pairs a screen; and the screen shows the contest that it was told."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from playwright.sync_api import expect

from contest_server.core.roles import Scope
from contest_server.live.now import now_us
from tests.browser.conftest import Screens
from tests.browser.evening import clear
from tests.browser.hall import Hall
from tests.browser.office import PASSWORDS, Desk, document
from tests.browser.screen import Screen
from tests.browser.test_keys_and_ears import faults
from tests.browser.test_referee_looks import OUTSIDE, SIZES, SMALL, THEMES_OF
from tests.browser.wording import LANGS, Lang, say

PASSWORD = "a good password"


def admin_of(hall: Hall) -> None:
    """An administrator, called boss."""
    accounts = hall._stores.accounts
    hall._do(accounts.add("boss", "Tang Yu", now_us()))
    hall._do(accounts.set_password("boss", PASSWORD, now_us()))
    hall._do(accounts.grant("boss", "admin", Scope(), now_us()))


def log_in(screen: Screen, account: str = "boss", password: str = PASSWORD, lang: Lang = "en") -> None:
    screen.page.get_by_label(say("account", lang), exact=True).fill(account)
    screen.page.get_by_label(say("password", lang), exact=True).fill(password)
    screen.page.get_by_role("button", name=say("logIn", lang)).click()


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


def test_an_administrator_makes_an_official_s_password_and_they_come_in_with_it(own_hall: Hall, screens: Screens) -> None:
    admin_of(own_hall)
    own_hall.contest()
    contest = own_hall.adopt(document("officials"))
    desk, door = screens(own_hall.url), screens(own_hall.url)
    desk.may_be_refused = door.may_be_refused = ("/api/me", "/api/login", f"/{contest.id}/me")
    desk.open(f"/account?contest={contest.id}&lang=en")
    log_in(desk)
    part = desk.page.locator("[data-part=passwords]")
    expect(part.locator("select")).to_have_value(contest.id)
    line = part.locator("[data-official=R1]")
    make = line.get_by_role("button")
    make.click()
    expect(line.locator("[data-secret]")).to_have_count(0)
    make.and_(desk.page.locator("[aria-disabled=false]")).click()
    expect(line.locator(".note")).to_contain_text("R1 Hu Jing")
    door.open(f"/referee?contest={contest.id}&lang=en")
    door.page.locator("select").select_option("R1")
    door.page.locator("input[type=password]").fill(line.locator("[data-secret]").inner_text())
    door.page.keyboard.press("Enter")
    expect(door.page.locator("header .link")).to_have_attribute("data-link", "live")


def test_a_token_says_whose_it_is_and_leads_to_the_desk(own_hall: Hall, screens: Screens) -> None:
    admin_of(own_hall)
    contest = own_hall.contest()
    screen = screens(own_hall.url)
    screen.may_be_refused = ("/api/me", "/api/login")
    screen.open("/account?lang=en")
    log_in(screen)
    screen.page.get_by_label(say("tokenVenue", "en"), exact=True).select_option("yueqing")
    screen.page.get_by_role("button", name=say("tokenIssue", "en")).click()
    note = screen.page.locator(".note").filter(has=screen.page.locator("[data-secret]"))
    expect(note).to_contain_text("Yueqing")
    expect(note.get_by_role("link")).to_have_attribute("href", f"./desk?contest={contest.id}&venue=yueqing&lang=en")


def test_a_contestant_sees_the_own_published_result_and_appeals(own_hall: Hall, screens: Screens) -> None:
    contest = own_hall.adopt(document("own"))
    contest.tell(clear("A1", "quiz", 600))
    own_hall.give_passwords(contest.id, PASSWORDS)
    accounts = own_hall._stores.accounts
    own_hall._do(accounts.add("chen", "Chen Jianguo", now_us()))
    own_hall._do(accounts.set_password("chen", PASSWORD, now_us()))
    own_hall._do(accounts.grant("chen", "contestant", Scope(contest=contest.id, contestant="A1"), now_us()))
    screen = screens(own_hall.url)
    screen.may_be_refused = ("/api/me", "/api/login")
    screen.open("/account?lang=en")
    log_in(screen, "chen")
    own = screen.page.locator("[data-part=own]")
    expect(own.get_by_role("heading", level=2)).to_contain_text("Chen Jianguo")
    expect(own).to_contain_text(say("ownNotPublished", "en"))
    own.get_by_text(say("ownAppeal", "en"), exact=True).click()
    own.get_by_label(say("fieldStage", "en")).select_option("quiz")
    own.get_by_label(say("appealText", "en")).fill("The meter was past its calibration.")
    own.locator("[data-do=appeal]").click()
    expect(own.locator("[data-appeal]")).to_contain_text("The meter was past its calibration.")
    chief = Desk(contest, "C1")
    assert [each["contestant"] for each in chief.get("/appeals")["appeals"]] == ["A1"]
    chief.post("/publish", id="publish-1")
    screen.page.reload()
    expect(own.locator(".result")).to_contain_text(say("rankN", "en", n=1))


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_runs_out_nothing_is_too_small_and_nothing_grave_is_wrong(own_hall: Hall, screens: Screens, lang: Lang) -> None:
    admin_of(own_hall)
    own_hall.adopt(document("looks"))
    own_hall._do(own_hall._stores.accounts.grant("boss", "contestant", Scope(contest="looks", contestant="A1"), now_us()))
    screen = screens(own_hall.url, viewport=SIZES["phone"], reduced_motion="reduce")
    screen.may_be_refused = ("/api/me", "/api/login")
    screen.open(f"/account?lang={lang}")
    log_in(screen, lang=lang)
    screen.page.get_by_role("button", name=say("tokenIssue", lang), exact=True).click()
    expect(screen.page.locator("[data-secret]")).to_be_visible()
    for summary in screen.page.locator("summary").all():
        summary.click()
    screen.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    for size in SIZES.values():
        screen.page.set_viewport_size(size)
        screen.rest()
        assert screen.page.evaluate(OUTSIDE) == [], size
        assert screen.page.evaluate(SMALL) == [], size
    for theme in THEMES_OF[lang]:
        screen.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        screen.rest()
        assert faults(screen) == [], theme
