"""The pictures of docs/control-room.md, of a real server: `python -m tests.browser.control_pictures docs/pictures` takes them again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.evening import clear
from tests.browser.hall import Contest, Hall
from tests.browser.screen import Screen
from tests.browser.studio import into_the_docs
from tests.browser.test_control import ControlRoom, opened
from tests.browser.wording import Lang

HALL: ViewportSize = {"width": 1920, "height": 1080}
PHONE: ViewportSize = {"width": 360, "height": 740}


@contextmanager
def window(browser: Browser, hall: Hall, size: ViewportSize, lang: Lang) -> Iterator[Screen]:
    """A window, dark in Chinese and light in English."""
    scheme: Literal["dark", "light"] = "dark" if lang == "zh" else "light"
    context = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", color_scheme=scheme, reduced_motion="reduce")
    try:
        yield Screen(context.new_page(), hall.url)
    finally:
        context.close()


def paired(room: ControlRoom, display: Screen, name: str) -> None:
    """Let a screen in, by the digits that it shows."""
    display.open("/screen")
    code = display.page.locator("[data-code]")
    expect(code).to_be_visible()
    fields = room.panel("screens").locator("form input")
    fields.nth(0).fill(code.get_attribute("data-code") or "")
    fields.nth(1).fill(name)
    room.page.locator("[data-do=pair]").click()
    expect(room.card(name).locator("h3")).to_have_attribute("data-lamp", "good")


def take(browser: Browser, hall: Hall, folder: Path) -> None:
    contest = opened(hall, "electricians")
    contest.tell(clear("A1", "quiz", 60), clear("B1", "wiring", 90), clear("A2", "wiring", 120), clear("B2", "quiz", 900))
    with window(browser, hall, HALL, "zh") as screen, window(browser, hall, HALL, "zh") as one, window(browser, hall, HALL, "zh") as other:
        room = ControlRoom(screen, contest, "zh").inside()
        paired(room, one, "一号厅 主屏")
        paired(room, other, "二号厅 左侧")
        room.card("二号厅 左侧").locator("[data-do=aim]").click()
        room.prepare("lanes").take()
        expect(room.card("二号厅 左侧").locator(".wait")).to_have_count(0)
        room.page.locator("select").first.select_option("default")
        room.prepare("duel")
        for scene in ("ranking", "lanes"):
            room.prepare(scene).page.locator("[data-do=add-step]").click()
        room.prepare("duel")
        shoot(room, folder / "control-room.png")
    with window(browser, hall, PHONE, "zh") as screen:
        shoot(ControlRoom(screen, contest, "zh").inside(), folder / "control-phone.png")
    _reveal(browser, hall, contest, folder)


def _reveal(browser: Browser, hall: Hall, contest: Contest, folder: Path) -> None:
    with window(browser, hall, HALL, "en") as screen:
        room = ControlRoom(screen, contest, "en").inside()
        room.twice("freeze")
        expect(room.page.locator("[data-freeze=frozen]")).to_be_visible()
        contest.tell(clear("A2", "quiz", 3_600))
        room.twice("end")
        expect(room.page.locator("[data-next]")).to_be_visible()
        room.prepare("reveal").take()
        expect(room.page.locator("button[data-scene=reveal].air")).to_be_visible()
        shoot(room, folder / "control-reveal.png")


def shoot(room: ControlRoom, file: Path) -> None:
    """Once the monitors show something, too."""
    for frame in room.page.frames[1:]:
        frame.wait_for_load_state("networkidle")
        expect(frame.locator("#app > *").first).to_be_visible()
    room.screen.rest()
    room.page.screenshot(path=file)


if __name__ == "__main__":
    into_the_docs(take)
