"""Parts of the board over somebody else's picture: transparent around them, in the place and the language that the address says."""

from __future__ import annotations

import struct
import zlib
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.browser import scenery
from tests.browser.conftest import Screens
from tests.browser.evening import clear
from tests.browser.hall import Contest, Hall
from tests.browser.screen import Screen
from tests.browser.wording import say

PARTS: dict[str, dict[str, Any]] = {
    "lower_third": {"contestant": "leader"},
    "ticker": {},
    "ranking": {},
    "clock": {},
    "head_to_head": {},
}


@pytest.fixture(scope="module")
def played(hall: Hall) -> Contest:
    return scenery.played(hall)


def over(screen: Screen, contest: Contest, part: str, **options: Any) -> Screen:
    query = urlencode({"contest": contest.id, "part": part, **(PARTS.get(part, {}) | options)})
    screen.open(f"/overlay?{query}")
    expect(screen.page.locator(f"[data-overlay={part}] > *").first).to_be_visible()
    screen.rest()
    return screen


def alpha_at(png: bytes, x: int, y: int) -> int:
    """How opaque a pixel of a PNG with eight bits a channel is."""
    width, _, depth, colours = struct.unpack(">IIBB", png[16:26])
    if colours == 2:
        return 255
    assert (depth, colours) == (8, 6)
    data, at = b"", 8
    while at < len(png):
        (size,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        data += png[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    raw, stride, above = zlib.decompress(data), width * 4, bytes(width * 4)
    for line in range(y + 1):
        begin = line * (stride + 1)
        above = _unfiltered(raw[begin], raw[begin + 1 : begin + 1 + stride], above)
    return above[x * 4 + 3]


def _unfiltered(kind: int, line: bytes, above: bytes) -> bytes:
    out = bytearray(line)
    for index, byte in enumerate(line):
        left, up, corner = (out[index - 4] if index >= 4 else 0), above[index], (above[index - 4] if index >= 4 else 0)
        guess = left + up - corner
        paeth = min((left, up, corner), key=lambda each: abs(guess - each))
        out[index] = (byte + (0, left, up, (left + up) // 2, paeth)[kind]) & 255
    return bytes(out)


@pytest.mark.parametrize("part", PARTS)
def test_whatever_is_no_part_of_it_is_transparent(hall: Hall, played: Contest, screens: Screens, part: str) -> None:
    screen = over(screens(hall.url, viewport={"width": 960, "height": 540}), played, part, x=10, y=30, w=60)
    box = screen.page.locator(f"[data-overlay={part}]").bounding_box()
    assert box is not None
    png = screen.page.screenshot(omit_background=True)
    assert [alpha_at(png, x, y) for x, y in ((3, 3), (950, 3), (3, 535), (950, 535))] == [0, 0, 0, 0]
    assert alpha_at(png, int(box["x"] + box["width"] / 2), int(box["y"] + box["height"] / 2)) > 200


@pytest.mark.parametrize("part", PARTS)
def test_it_stands_where_its_address_says_at_any_resolution(hall: Hall, played: Contest, screens: Screens, part: str) -> None:
    for width, height in ((1280, 720), (1920, 1080), (3840, 2160)):
        screen = over(screens(hall.url, viewport={"width": width, "height": height}), played, part, x=20, y=10, w=40)
        box = screen.page.locator("main").bounding_box()
        assert box is not None
        assert [round(box["x"] / width, 2), round(box["y"] / height, 2), round(box["width"] / width, 2)] == [0.2, 0.1, 0.4]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_speaks_the_language_that_its_address_says(hall: Hall, played: Contest, screens: Screens, lang: Any) -> None:
    screen = over(screens(hall.url), played, "ranking", lang=lang)
    first = played.board()["rows"][0]["id"]
    name = next(each["name"] for each in scenery.people(36) if each["id"] == first)
    expect(screen.text(say("ranking", lang))).to_be_visible()
    expect(screen.page.locator(f"[data-row={first}]")).to_contain_text(name[lang])


def test_the_ranking_has_as_many_rows_as_were_asked_for_in_their_order(hall: Hall, played: Contest, screens: Screens) -> None:
    screen = over(screens(hall.url), played, "ranking", rows=7)
    order = screen.page.locator("[data-row]").evaluate_all(
        "(rows) => rows.map((row) => [row.getBoundingClientRect().top, row.dataset.row]).sort((a, b) => a[0] - b[0]).map((one) => one[1])"
    )
    assert order == [row["id"] for row in played.board()["rows"][:7]]


def test_the_lower_third_comes_with_a_call_and_goes_with_it(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    screen = screens(hall.url)
    screen.page.clock.install()
    screen.open(f"/overlay?contest={contest.id}&part=lower_third&lang=zh")
    expect(screen.page.locator("[data-overlay=lower_third]")).to_be_attached()
    expect(screen.page.locator("[data-third]")).to_have_count(0)
    contest.tell(clear("A1", "quiz", 600))
    expect(screen.page.locator("[data-third=A1]")).to_contain_text("陈建国")
    for _ in range(3):
        screen.page.clock.fast_forward(6_000)
    expect(screen.page.locator("[data-third]")).to_have_count(0)


@pytest.mark.parametrize("query", ["", "?contest=nobody", "?contest=nobody&part=strobe"])
def test_an_address_that_asks_for_nothing_says_so(hall: Hall, screens: Screens, query: str) -> None:
    screen = screens(hall.url).open(f"/overlay{query}")
    expect(screen.page.get_by_role("alert")).to_be_visible()


def test_a_frozen_ranking_says_so_and_has_nothing_of_what_came_after(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    contest.tell(clear("A1", "quiz", 600))
    contest.order("freeze", minutes=20)
    contest.tell(clear("B1", "final", 5_000))
    screen = over(screens(hall.url), contest, "ranking", lang="zh", rows=3)
    expect(screen.text(say("rankingFrozen", "zh"))).to_be_visible()
    expect(screen.page.locator("[data-row]").first).to_be_visible()
    assert '"points":"20"' not in "".join(screen.heard)
