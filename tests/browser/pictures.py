"""The pictures of docs/referees.md, taken of a real server: `python -m tests.browser.pictures docs/pictures` writes them again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser import evening
from tests.browser.evening import clear, outcome
from tests.browser.hall import Contest, Hall
from tests.browser.office import PASSWORDS, Desk, Referee, document
from tests.browser.screen import Screen
from tests.browser.studio import into_the_docs
from tests.browser.wording import Lang

DESK: ViewportSize = {"width": 1366, "height": 768}
TABLET: ViewportSize = {"width": 768, "height": 1024}
READINGS = ("1.02", "2.4", "0.97", "3.1", "1.04", "2.2", "0.6", "1.9", "1.01", "5.2", "2.8", "1.3")
MORE = ("周丽萍", "吴大勇", "连成刚", "卢俊峰", "胡亚楠", "汪志强")
MORE_EN = ("Zhou Liping", "Wu Dayong", "Lian Chenggang", "Lu Junfeng", "Hu Yanan", "Wang Zhiqiang")


def contest_of(hall: Hall) -> Contest:
    """An evening with enough in it to look at."""
    names = zip(MORE, MORE_EN, strict=True)
    more = [{"id": f"C{n}", "venue": evening.VENUES[n % 2]["id"], "name": {"zh": zh, "en": en}} for n, (zh, en) in enumerate(names, 1)]
    people = [each for each in evening.PEOPLE if each["id"] != "G1"] + more
    contest = hall.adopt(document("electricians") | {"contestants": people})
    hall.give_passwords("electricians", PASSWORDS)
    contest.tell(*(clear(each["id"], "insulation", 600 + 40 * n, mohm=READINGS[n]) for n, each in enumerate(people)))
    contest.tell(*(clear(each["id"], "wiring", 1_400 + 30 * n) for n, each in enumerate(people[:7])))
    contest.tell(clear("B2", "quiz", 1_900), outcome("pending", "A3", "final", 2_000))
    return contest


@contextmanager
def page(browser: Browser, hall: Hall, contest: Contest, lang: Lang, size: ViewportSize = DESK) -> Iterator[Referee]:
    """An official's page in a window of this size, dark in Chinese and light in English."""
    scheme: Literal["dark", "light"] = "dark" if lang == "zh" else "light"
    context = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", color_scheme=scheme, reduced_motion="reduce")
    try:
        yield Referee(Screen(context.new_page(), hall.url), contest, lang)
    finally:
        context.close()


def take(browser: Browser, hall: Hall, folder: Path) -> None:
    """All pictures, one after the other, of the same contest."""
    contest = contest_of(hall)

    def shoot(referee: Referee, name: str) -> None:
        referee.screen.rest()
        referee.page.screenshot(path=folder / f"{name}.png")

    with page(browser, hall, contest, "zh") as referee:
        referee.log_in("R1").open("A1", "insulation")
        shoot(referee, "referee-case")
        referee.page.locator("[data-part=timeline] h3").focus()
        shoot(referee, "referee-timeline")
    with page(browser, hall, contest, "en") as referee:
        referee.log_in("R1").open("A3", "insulation")
        referee.fill("o", "The photo shows 1.07 MΩ; the entry is wrong.", code="entry_error", marks="8")
        expect(referee.page.locator("[data-preview=here]")).to_be_visible()
        referee.page.locator(".preview h4").scroll_into_view_if_needed()
        shoot(referee, "referee-form")
        Desk(contest, "R2").rule("by-r2", "A3", "insulation", verb="override", marks="6")
        expect(referee.page.locator("[data-changed]")).to_be_visible()
        shoot(referee, "referee-changed")
    with page(browser, hall, contest, "zh", TABLET) as referee:
        referee.log_in("R2").page.keyboard.press("m")
        expect(referee.page.locator("[data-task]").first).to_be_visible()
        shoot(referee, "referee-marks")
    with page(browser, hall, contest, "en") as referee:
        referee.log_in("C1", "chief")
        expect(referee.page.locator("[data-reason]").first).to_be_visible()
        shoot(referee, "chief-overview")
    with page(browser, hall, contest, "zh") as referee:
        referee.screen.open("/why?contest=electricians&contestant=A1&stage=insulation&lang=zh")
        referee.page.locator("[data-event] [data-entry]").first.click()
        expect(referee.page.locator("[data-hash]").first).to_be_visible()
        shoot(referee, "why")
    with page(browser, hall, contest, "en") as referee:
        referee.log_in("R1").open("A1", "insulation")
        hall.shut()
        expect(referee.page.locator(".lost")).to_be_visible()
        referee.fill("c", "The photo shows 1.02 MΩ.").decide()
        expect(referee.letters).to_be_visible()
        shoot(referee, "referee-lost")
        hall.open()


if __name__ == "__main__":
    into_the_docs(take)
