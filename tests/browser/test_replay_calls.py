"""A contest played at sixty times its speed: each clear, first clear and change at the top is called out once, as the ledger tells it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.browser import evening, scenery
from tests.browser.conftest import Screens
from tests.browser.hall import Contest, Hall, begun
from tests.browser.screen import Screen

Call = tuple[str, str, str | None]

MINUTES = 20
SPEED = 60
STEP_MS = 400
STEPS_MOST = 400
FEED_MS = 1_500
"""The feed moves on no faster than that: it is for reading."""
CALLS = """window.calls = [];
new MutationObserver((records) => {
    for (const node of records.flatMap((record) => [...record.addedNodes]))
        for (const call of node instanceof Element ? [node, ...node.querySelectorAll("*")].filter((one) => one.matches("[data-call]")) : [])
            calls.push([call.dataset.call, call.dataset.contestantCalled, call.dataset.stageCalled ?? null]);
}).observe(document, {childList: true, subtree: true});"""
"""Every call that came into the feed since the page was loaded."""


def simulated(hall: Hall) -> Contest:
    """Twelve contestants, six stages, all of it within twenty minutes; entered into the ledger as it happened."""
    people, start = scenery.people(12), begun(90)
    document = evening.document("sixty-times", start, people=people, stages=scenery.STAGES)
    return hall.past(document, scenery.story(people, scenery.STAGES, MINUTES * 60))


def called_for(contest: Contest) -> Counter[Call]:
    """What has to be called out, by the ledger's own timeline: a first clear is called as that, and not as a clear besides."""
    answer = contest.http.get(f"{contest.path}/timeline")
    assert answer.status_code == 200, answer.text
    told = [(each["kind"], each["contestant"], each.get("stage")) for each in answer.json()["moments"]]
    firsts = {(who, stage) for kind, who, stage in told if kind == "first"}
    return Counter(each for each in told if each[0] != "clear" or each[1:] not in firsts)


class Projector:
    """The page's clock, which goes on in steps only; each step waits until the page's questions about the past are answered."""

    def __init__(self, screen: Screen) -> None:
        self._page, self._asked, self._answered = screen.page, 0, 0
        screen.page.on("request", lambda request: self._count(request.url, 1, 0))
        screen.page.on("requestfinished", lambda request: self._count(request.url, 0, 1))
        screen.page.clock.install()
        screen.page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))

    def _count(self, url: str, asked: int, answered: int) -> None:
        if "/history" in url:
            self._asked, self._answered = self._asked + asked, self._answered + answered

    def step(self, ms: int = STEP_MS) -> None:
        self._page.clock.run_for(ms)
        while self._page.evaluate("0") or self._asked > self._answered:
            self._page.wait_for_timeout(1)

    def play(self) -> None:
        """Until the tape is at its end, and what was there last has gone through the feed."""
        for _ in range(STEPS_MOST):
            self.step()
            if self._page.locator("[data-replay=still] output").count():
                break
        else:
            raise AssertionError("the tape does not end")
        for _ in range(10):
            self.step(FEED_MS)


def test_each_call_of_a_contest_is_called_out_once_at_sixty_times_the_speed(hall: Hall, screens: Screens) -> None:
    contest = simulated(hall)
    wanted = called_for(contest)
    assert {kind for kind, _, _ in wanted} == {"clear", "first", "lead"}
    assert sum(count for (kind, _, _), count in wanted.items() if kind == "lead") >= 3
    screen = screens(hall.url)
    screen.page.add_init_script(CALLS)
    projector = Projector(screen)
    screen.open(f"/screen?contest={contest.id}&scene=replay&speed={SPEED}&lang=zh")
    expect(screen.page.locator("header")).to_be_attached()
    projector.play()
    found = Counter(tuple(call) for call in screen.page.evaluate("calls"))
    assert found - wanted == Counter(), "called out, though it was not so, or twice"
    assert wanted - found == Counter(), "never called out"
    screen.page.clock.resume()
    ends = [[row["id"], row["points"]] for row in contest.board()["rows"]]
    screen.until("seen.rows().slice(0, 3).map(({id, figure}) => [id, figure])", ends[:3])
    screen.until(f"seen.rows().length > 6 && seen.rows().every((row) => ({json.dumps(dict(ends))})[row.id] === row.figure)", True)
