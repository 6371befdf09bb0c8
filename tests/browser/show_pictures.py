"""The pictures of docs/screens.md and docs/overlays.md, taken of a real server: `python -m tests.browser.show_pictures docs/pictures`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from tests.browser import chromium, scenery
from tests.browser.evening import clear
from tests.browser.hall import Contest, Hall
from tests.browser.screen import Screen

SIZE: ViewportSize = {"width": 1280, "height": 720}
SCENES: dict[str, dict[str, Any]] = {
    "lanes": {"lang": "zh"},
    "duel": {"lang": "en"},
    "head_to_head": {"lang": "both", "left": "B002", "right": "A006"},
    "spotlight": {"lang": "both", "contestant": "A003"},
    "countdown": {"lang": "both", "to": "end"},
    "ceremony": {"lang": "both", "step": 3},
}
OVERLAYS: dict[str, dict[str, Any]] = {
    "lower_third": {"contestant": "leader", "lang": "both"},
    "ranking": {"lang": "zh", "rows": 6},
    "clock": {"lang": "both"},
    "head_to_head": {"lang": "zh"},
    "ticker": {"lang": "en"},
}


def take(browser: Browser, hall: Hall, folder: Path) -> None:
    """All pictures, one after the other."""
    contest = scenery.played(hall, 24)

    def shoot(path: str, name: str, ready: str, told: bool = False) -> None:
        context = browser.new_context(viewport=SIZE, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce")
        screen = Screen(context.new_page(), hall.url).open(path)
        expect(screen.page.locator(ready).first).to_be_visible()
        if told:
            _happen(contest)
            expect(screen.page.locator(".ticker li.clear, .ticker li.first").first).to_be_visible()
        screen.rest()
        screen.page.screenshot(path=folder / f"{name}.png")
        context.close()

    for scene, options in SCENES.items():
        query = urlencode({"contest": contest.id, "scene": scene, **options})
        shoot(f"/screen?{query}", f"scene-{scene.replace('_', '-')}", ".screen main")
    shoot("/screen?lang=both", "screen-pairing", "[data-code]")
    for part, options in OVERLAYS.items():
        query = urlencode({"contest": contest.id, "part": part, **options})
        shoot(f"/overlay?{query}", f"overlay-{part.replace('_', '-')}", f"[data-overlay={part}] > *", part == "ticker")
    _reveal(hall, shoot)


def _happen(contest: Contest) -> None:
    done = {row["id"]: {stage for stage, cell in row["stages"].items() if cell["state"] == "cleared"} for row in contest.board()["rows"]}
    open_ = [(each, stage["id"]) for each in done for stage in scenery.STAGES if stage["id"] not in done[each]][:4]
    contest.tell(*(clear(each, stage, 5_000 + at * 20) for at, (each, stage) in enumerate(open_)))


def _reveal(hall: Hall, shoot: Any) -> None:
    people = scenery.people(9)
    contest = hall.contest(minutes_ago=119, people=people, stages=scenery.STAGES)
    story = scenery.story(people, scenery.STAGES, 6_800)
    contest.tell(*(each for each in story if each["at_s"] < 4_500))
    contest.order("freeze", minutes=20)
    contest.tell(*(each for each in story if each["at_s"] >= 4_500))
    contest.order("clock", action="end")
    contest.order("reveal", id="picture", step=1)
    shoot(f"/screen?contest={contest.id}&scene=reveal&lang=zh", "scene-reveal", ".reveal li")


def main(folder: Path) -> int:
    """Take all pictures into this folder."""
    chromium.borrow_node()
    hall = Hall()
    try:
        with sync_playwright() as playwright:
            flags = chromium.flags(is_root=os.geteuid() == 0)
            browser = playwright.chromium.launch(executable_path=str(chromium.provide()), args=flags)
            take(browser, hall, folder)
            browser.close()
    finally:
        hall.end()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")))
