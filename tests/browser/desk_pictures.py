"""The pictures of docs/venue-desk.md, taken of a real server: `python -m tests.browser.desk_pictures docs/pictures` writes them again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.desk import Desk, contest_of
from tests.browser.hall import Contest, Hall
from tests.browser.screen import Screen
from tests.browser.studio import into_the_docs
from tests.browser.wording import Lang

PHONE: ViewportSize = {"width": 360, "height": 740}
TABLET: ViewportSize = {"width": 1180, "height": 820}


@contextmanager
def desk(browser: Browser, hall: Hall, contest: Contest, lang: Lang, size: ViewportSize) -> Iterator[Desk]:
    """A device at the venue, let in, and working at station S1."""
    context = browser.new_context(
        viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", color_scheme="dark", reduced_motion="reduce", device_scale_factor=2
    )
    try:
        yield Desk(Screen(context.new_page(), hall.url), contest, lang).enter()
    finally:
        context.close()


def take(browser: Browser, hall: Hall, folder: Path) -> None:
    """All pictures, one after the other, of the same contest."""
    contest = contest_of(hall, "electricians")

    def shoot(at: Desk, name: str) -> None:
        at.screen.rest()
        at.page.screenshot(path=folder / f"{name}.png")

    with desk(browser, hall, contest, "zh", PHONE) as at:
        at.choose("A017", "insulation").do("start").click()
        at.reading("insulation_mohm").fill("2.4")
        at.reading("earth_ohm").fill("150")
        shoot(at, "desk-readings")
    with desk(browser, hall, contest, "en", TABLET) as at:
        at.page.locator('nav [data-tab="stations"]').click()
        at.page.locator('[data-station="S1"] [data-do="work-here"]').click()
        at.choose_from_people("A018", "wiring").do("call").click()
        at.do("start").click()
        at.choose("A017", "insulation").do("start").click()
        at.unsynced(0)
        at.reading("insulation_mohm").fill("2.4")
        at.reading("earth_ohm").fill("0.05")
        hall.shut()
        at.linked("waiting")
        at.do("clear").click()
        expect(at.entries("waiting")).to_have_count(1)
        shoot(at, "desk-offline")
    hall.open()
    with desk(browser, hall, contest, "zh", PHONE) as at:
        at.page.locator('nav [data-tab="stations"]').click()
        at.page.locator('[data-station="S2"] [data-do="work-here"]').click()
        at.choose_from_people("A019", "wiring").do("call").click()
        at.do("start").click()
        at.page.locator('nav [data-tab="stations"]').click()
        shoot(at, "desk-stations")


if __name__ == "__main__":
    into_the_docs(take)
