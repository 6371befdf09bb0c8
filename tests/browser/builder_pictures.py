"""The pictures of docs/builder.md, of a real server: `python -m tests.browser.builder_pictures docs/pictures` takes them again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.hall import Hall
from tests.browser.screen import Screen
from tests.browser.studio import into_the_docs
from tests.browser.test_builder import FAULTY, PLANTED, Builder
from tests.browser.wording import Lang

HALL: ViewportSize = {"width": 1600, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}


@contextmanager
def window(browser: Browser, hall: Hall, size: ViewportSize, lang: Lang) -> Iterator[Builder]:
    """A window, dark in Chinese and light in English, with somebody at it who makes a contest."""
    scheme: Literal["dark", "light"] = "dark" if lang == "zh" else "light"
    context = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", color_scheme=scheme, reduced_motion="reduce")
    try:
        yield Builder(Screen(context.new_page(), hall.url), hall, lang).enter().rules()
    finally:
        context.close()


def take(browser: Browser, hall: Hall, folder: Path) -> None:
    with window(browser, hall, HALL, "zh") as builder:
        builder.begin().go("stages").page.locator("[data-stage='2'] [data-do=stage]").click()
        builder.do("toggle").first.click()
        expect(builder.page.locator("[data-play] [data-marks]")).to_be_visible()
        builder.page.locator("[data-aspect='0']").evaluate("(aspect) => aspect.scrollIntoView()")
        shoot(builder, folder / "builder-stages.png")
        builder.do("add-aspect").click()
        expect(builder.page.locator("[data-rule]").first).to_be_visible()
        shoot(builder, folder / "builder-gallery.png")
        builder.page.keyboard.press("Escape")
        builder.go("trial").page.get_by_role("textbox").fill("60")
        builder.do("run").click()
        expect(builder.page.locator("[data-trial]")).to_be_visible()
        shoot(builder, folder / "builder-trial.png")
    _list(browser, hall, folder)


def _list(browser: Browser, hall: Hall, folder: Path) -> None:
    with window(browser, hall, HALL, "en") as builder:
        builder.go("venues").do("add-venue").click()
        builder.name("venues[0].name", "永嘉", "Yongjia")
        builder.go("contestants")
        builder.hand_in("people.csv", FAULTY.encode())
        expect(builder.page.locator("[data-cell-fault]")).to_have_count(len(PLANTED))
        shoot(builder, folder / "builder-contestants.png")
    with window(browser, hall, PHONE, "zh") as builder:
        builder.begin().go("order")
        shoot(builder, folder / "builder-phone.png")


def shoot(builder: Builder, file: Path) -> None:
    builder.screen.rest()
    builder.page.screenshot(path=file)


if __name__ == "__main__":
    into_the_docs(take)
