"""The picture of docs/spectators.md, four phones side by side: `python -m tests.browser.live_pictures docs/pictures` takes it again."""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser import scenery
from tests.browser.hall import Contest, Hall
from tests.browser.screen import Screen
from tests.browser.studio import into_the_docs
from tests.browser.wording import Lang, say

PHONE: ViewportSize = {"width": 360, "height": 740}
TABLE: ViewportSize = {"width": 1_560, "height": 780}
FOLLOWED = ("A003", "B005")
LAID = """<body style="margin:0;padding:20px;display:flex;gap:26px;background:#2b3a5c">{}</body>"""
LAID_PHONE = """<img style="border-radius:12px" width="360" height="740" src="data:image/png;base64,{}">"""


def phone(browser: Browser, hall: Hall, contest: Contest, lang: Lang) -> Page:
    """The spectators' page of somebody who follows two."""
    context = browser.new_context(viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce", color_scheme="dark")
    screen = Screen(context.new_page(), hall.url).open(f"/live?contest={contest.id}&lang={lang}")
    for who in FOLLOWED:
        line = screen.page.locator(f'[data-part=board] li[data-contestant="{who}"]')
        line.locator("[aria-pressed]").click()
    expect(screen.page.locator("[data-part=mine] li")).to_have_count(len(FOLLOWED))
    screen.page.evaluate("scrollTo(0, 0)")
    return screen.page


def taken(page: Page) -> str:
    page.evaluate("scrollTo(0, 0)")
    page.evaluate("() => Promise.allSettled([document.fonts.ready, ...document.getAnimations().map(({finished}) => finished)])")
    shot = base64.b64encode(page.screenshot()).decode()
    page.context.close()
    return LAID_PHONE.format(shot)


def take(browser: Browser, hall: Hall, folder: Path) -> None:
    contest = scenery.played(hall, 30)
    phones = [taken(phone(browser, hall, contest, "zh"))]
    page = phone(browser, hall, contest, "en")
    page.locator('[data-part=board] li[aria-posinset="2"] .who').click()
    expect(page.get_by_role("dialog")).to_be_visible()
    phones.append(taken(page))
    page = phone(browser, hall, contest, "zh")
    page.get_by_role("button", name=say("liveStages", "zh"), exact=True).click()
    expect(page.locator(".stage").first).to_be_visible()
    phones.append(taken(page))
    page = phone(browser, hall, contest, "zh")
    contest.order("freeze", minutes=20)
    expect(page.get_by_text(say("rankingFrozen", "zh")).or_(page.locator("[data-mood=frozen]")).first).to_be_attached()
    page.wait_for_function("document.body.innerText.includes('20')")
    phones.append(taken(page))
    table = browser.new_context(viewport=TABLE).new_page()
    table.set_content(LAID.format("".join(phones)))
    table.screenshot(path=folder / "live.png")
    table.context.close()


if __name__ == "__main__":
    into_the_docs(take)
