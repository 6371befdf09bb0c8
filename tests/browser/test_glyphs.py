"""Chinese letters are drawn by the font that comes with the pages, also in code. And no address is a dead end."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Screens
from tests.browser.hall import Hall
from tests.browser.office import office

CHINESE = re.compile(r"[\u4e00-\u9fff]")
TAG = """() => {
    const isChinese = (node) => node.nodeType === Node.TEXT_NODE && /[\\u4e00-\\u9fff]/.test(node.textContent);
    const found = [...document.querySelectorAll("body *")].filter((each) => [...each.childNodes].some(isChinese) && each.checkVisibility());
    return found.map((each, number) => { each.dataset.glyphs = number; return each.textContent; });
}"""
OWN_FONT = "Noto Sans SC"


def foreign(page: Page) -> list[str]:
    """Texts with Chinese letters that not the pages' own font draws, with what does."""
    page.wait_for_load_state("networkidle")  # slices of the font are fetched as their letters are first laid out
    page.evaluate("() => document.fonts.ready")
    texts: list[str] = page.evaluate(TAG)
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    found = []
    for number, text in enumerate(texts):
        node = session.send("DOM.querySelector", {"nodeId": root, "selector": f'[data-glyphs="{number}"]'})["nodeId"]
        fonts: list[dict[str, Any]] = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        own = sum(each["glyphCount"] for each in fonts if each["isCustomFont"] and each["familyName"].startswith(OWN_FONT))
        if own < len(CHINESE.findall(text)):
            found.append(f"{text!r}: {[each['familyName'] for each in fonts]}")
    session.detach()
    return found


def test_the_arithmetic_of_a_score_has_its_letters(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "glyphs")
    page = screens(hall.url).open(f"/why?contest={contest.id}&contestant=A1&stage=insulation&lang=zh").page
    expect(page.locator("code", has_text="成立").first).to_be_visible()
    assert foreign(page) == []


def test_an_address_that_leads_nowhere_leads_on(hall: Hall, screens: Screens) -> None:
    screen = screens(hall.url)
    screen.may_be_refused = "/no/such/page"
    page = screen.open("/no/such/page").page
    expect(page.get_by_role("heading", level=1)).to_contain_text("There is no such page")
    assert foreign(page) == []
    for address in page.locator("main a").evaluate_all("(links) => links.map(({ href }) => href)"):
        assert hall.http.get(address).status_code == 200, address


def test_a_screen_fetches_its_first_letters_while_it_still_asks_for_the_contest(hall: Hall, screens: Screens) -> None:
    """And none stands as a box meanwhile: each waits for its part of the font."""
    screen = screens(hall.url)
    screen.page.route("**/api/**", lambda _: None)  # is never answered
    screen.open("/screen?contest=never")
    screen.until("""document.fonts.check('1em "Noto Sans SC Variable"', "虚位以待剩余时间")""", True)
    assert "虚位以待" not in screen.page.locator("body").inner_text()
    screen.until("[...new Set([...document.fonts].map((face) => face.display))]", ["block"])
