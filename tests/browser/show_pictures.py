"""The pictures of docs/screens.md and docs/overlays.md, taken of a real server: `python -m tests.browser.show_pictures docs/pictures`."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser import scenery
from tests.browser.evening import clear
from tests.browser.hall import Contest, Hall
from tests.browser.screen import Screen
from tests.browser.studio import into_the_docs
from tests.browser.test_nothing_cut import many_venues

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
MARK = Path(__file__).parents[2] / "scoreboard_ui" / "public" / "desk-192.png"
THEME = """\
[colours]
accent = "#ffb454"
background = "#120a1e"
floor = "#1c1130"
plate = "#221538"
plate_high = "#2f1e4b"

[images]
logo = "logo.png"
background = "hall.png"
sponsors = ["sponsor.png", "logo.png"]
"""


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
    towers = many_venues(hall)
    shoot(f"/screen?contest={towers.id}&scene=duel&lang=both", "scene-duel-many", ".towers li")
    worn = hall.contest(people=scenery.people(24), stages=scenery.STAGES, theme="picture")
    worn.tell(*scenery.story(scenery.people(24), scenery.STAGES, 4_800))
    shoot(f"/screen?contest={worn.id}&lang=zh", "screen-theme", ".plate")
    shoot(f"/screen?contest={worn.id}&scene=countdown&to=end&lang=en", "screen-theme-countdown", ".screen main")


def theme(folder: Path) -> Path:
    """A theme as an organiser may hand one in: own colours, a logo, a background, and a sponsor. Returns the folder of themes."""
    worn = folder / "picture"
    worn.mkdir()
    (worn / "theme.toml").write_text(THEME, encoding="utf-8")
    mark = MARK.read_bytes()
    for name in ("logo.png", "sponsor.png"):
        (worn / name).write_bytes(mark)
    (worn / "hall.png").write_bytes(dusk(480, 270))
    return folder


def dusk(width: int, height: int) -> bytes:
    """A PNG of an evening sky: eight bits a channel, every line unfiltered."""
    lines = b"".join(
        b"\0" + bytes(each for x in range(width) for each in (40 + 90 * y // height, 20 + 24 * x // width, 90 - 50 * y // height))
        for y in range(height)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")


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


if __name__ == "__main__":
    with TemporaryDirectory() as themes:
        into_the_docs(take, str(theme(Path(themes))))
