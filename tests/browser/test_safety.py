"""What somebody else wrote is text on the screen, whatever it looks like; and the page runs and fetches its own things only."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import evening
from tests.browser.conftest import Screens
from tests.browser.evening import clear
from tests.browser.hall import Hall

HOSTILE = (
    "<img src=x onerror=seen.ran=1>",
    "=cmd|' /C calc'!A0",
    "<script>seen.ran=1</script>",
    "{{constructor.constructor('seen.ran=1')()}}",
    '"><svg onload=seen.ran=1>',
    "javascript:seen.ran=1",
)


def test_whatever_a_name_says_it_is_text(hall: Hall, screens: Screens) -> None:
    tag = HOSTILE[0]
    people = [
        {"id": f"H{number}", "venue": "yongjia", "name": {"zh": name, "en": name}, "employer": name, "number": name[:32]}
        for number, name in enumerate(HOSTILE)
    ]
    stages = [{"id": "quiz", "name": {"zh": tag, "en": tag}, "points": "5"}, {"id": "final", "name": {"zh": HOSTILE[2], "en": HOSTILE[2]}}]
    venues = [{"id": "yongjia", "name": {"zh": tag, "en": tag}}, {"id": "yueqing", "name": {"zh": HOSTILE[4], "en": HOSTILE[4]}}]
    contest = hall.contest(people=people, stages=stages, venues=venues, name={"zh": tag, "en": tag}, organiser=tag)
    screen = screens(hall.url).watch(contest.id)
    for number, name in enumerate(HOSTILE):
        expect(screen.plate(f"H{number}").locator(".name")).to_have_text(name)
    contest.tell(clear("H0", "quiz", 600))
    expect(screen.page.locator('[data-callout="first"] .name')).to_have_text(tag)
    expect(screen.page.locator('[data-callout="first"] .what')).to_contain_text(tag)
    expect(screen.page.get_by_role("heading", level=1)).to_have_text(tag)
    assert screen.page.title() == tag
    assert screen.page.locator("img, svg, #app script").count() == 0
    assert screen.page.evaluate("seen.ran === undefined")


def test_whatever_the_address_asks_for_is_text(hall: Hall, screens: Screens) -> None:
    screen = screens(hall.url)
    screen.may_be_refused = "onerror%3Dseen.ran%3D1%3E"
    screen.open("/screen?contest=%3Cimg src=x onerror=seen.ran=1%3E&lang=en&theme=%22%3E%3Csvg onload=seen.ran=1%3E")
    expect(screen.page.get_by_role("alert")).to_contain_text(HOSTILE[0])
    assert screen.page.locator("img, svg, #app script").count() == 0
    assert screen.page.evaluate("seen.ran === undefined")


@pytest.mark.parametrize("path", ["/", "/screen"])
def test_a_page_brings_a_policy_and_no_script_of_its_own(hall: Hall, path: str) -> None:
    answer = hall.http.get(path)
    policy = dict(part.split(maxsplit=1) for part in answer.headers["content-security-policy"].split("; "))
    scripts = policy.get("script-src", policy["default-src"]).split()
    assert scripts == ["'self'"], "no inline scripts, no eval, nobody else's"
    assert policy["base-uri"] == "'none'"
    assert re.findall(r"<script(?![^>]*\ssrc=)|\son\w+=|javascript:", answer.text) == []
    assert re.findall(r"""(?:src|href)=["'](?!\./)""", answer.text) == [], "its own things only"


def test_the_policy_holds_in_the_browser(hall: Hall, screens: Screens) -> None:
    """An inline script that got into the page after all does not run, and the tests would notice it."""
    screen = screens(hall.url).watch(hall.contest().id)
    with screen.complaining() as complaints:
        screen.page.evaluate(
            """() => {
                const script = document.createElement("script");
                script.textContent = "seen.ran = 1";
                document.body.append(script);
            }"""
        )
        screen.until("seen.violations.length", 1)
    assert screen.page.evaluate("seen.ran === undefined")
    assert [text for text in complaints if "Content Security Policy" in text] != []


def test_a_whole_evening_stays_at_its_origin(hall: Hall, screens: Screens) -> None:
    """Every page of every test is held to this; here it is seen that there was something to hold."""
    contest = hall.contest()
    contest.tell(*(clear(person["id"], "quiz", 600) for person in evening.PEOPLE))
    screen = screens(hall.url).watch(contest.id)
    expect(screen.cell("B2", "quiz")).to_have_attribute("data-look", "first")
    screen.rest()
    assert any(url.endswith(".woff2") for url in screen.requests), "the letters come along"
    assert len(screen.sockets) == 1
    origin = hall.url.removeprefix("http://")
    assert all(f"//{origin}/" in url for url in [*screen.requests, *screen.sockets])
