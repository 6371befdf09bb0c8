"""What `make test-endurance` measures with: it sees a page that keeps what it was told, and lets one be that does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import endurance, evening
from tests.browser.conftest import Screens
from tests.browser.endurance.__main__ import asked_of
from tests.browser.endurance.feed import story
from tests.browser.endurance.gauge import Gauge, watched
from tests.browser.endurance.trend import LIMITS, SLACK, TooShort, grows, slope_of
from tests.browser.hall import Contest, Hall
from tests.browser.screen import LIMIT_MS

BARE = (Path(endurance.__file__).parent / "bare.js").read_text(encoding="utf-8")
LEAK = """(_) => {
    window.kept = [];
    const set = Map.prototype.set;
    Map.prototype.set = function (...row) { kept.push(Array(5_000).fill(row), document.createElement("p")); return set.apply(this, row); };
}"""
"""What a page of a careless author does: whatever it merges is kept beside, with an element that stands nowhere."""
LOOKS, UPDATES_A_LOOK = 9, 30


def test_growth_is_told_from_swaying() -> None:
    sways = [(at, 5e6 + (at * 7_919 % 13) * 20_000) for at in range(0, 4_000, 100)]
    leaks = [(at, held + 400 * at) for at, held in sways]
    flat = [(at, 1e6) for at, _ in sways]
    assert not grows("heap", sways, flat)
    assert grows("heap", leaks, flat)
    assert not grows("heap", leaks, leaks), "what the bare page grows by as well is the board itself"
    assert slope_of(leaks).middle == pytest.approx(400, rel=0.1)


def test_what_is_less_than_the_slack_in_all_is_no_growth_and_a_handful_of_samples_says_nothing() -> None:
    for what, limit in LIMITS.items():
        updates = round(SLACK[what] / (4 * limit))
        for times, wanted in ((2, False), (8, True)):
            samples = [(at * updates // 20, times * limit * at * updates / 20) for at in range(1, 21)]
            assert grows(what, samples, [(at, 0.0) for at, _ in samples]) is wanted, (what, times)
    with pytest.raises(TooShort):
        slope_of([(at, 1.0) for at in range(5)])


@pytest.mark.parametrize("asked", ["--minutes 0", "--minutes 1000", "--rate 99", "--contestants 0", "--slow 21", "--pages ranking,strobe"])
def test_what_is_out_of_bounds_is_refused(asked: str) -> None:
    with pytest.raises(SystemExit):
        asked_of(asked.split())


def test_every_stage_of_everybody_is_begun_failed_at_and_cleared_in_that_order() -> None:
    told = list(story(["A", "B"], ["x", "y"]))
    for who in ("A", "B"):
        for stage in ("x", "y"):
            assert [one["kind"] for one in told if (one["contestant"], one["stage"]) == (who, stage)] == ["start", "attempt", "clear"]


def opened(screens: Screens, hall: Hall, contest: Contest, name: str) -> Gauge:
    screen = screens(hall.url, bypass_csp=True)
    screen.may_be_refused = "/favicon.ico"
    page = screen.page
    gauge = watched(name, page, 1)
    page.goto(f"{hall.url}/health/live")
    if name == "leaking":
        page.evaluate(LEAK, None)
    page.evaluate(BARE, contest.id)
    return gauge


def test_a_page_that_keeps_what_it_was_told_is_seen_to_grow_and_its_neighbour_is_not(hall: Hall, screens: Screens) -> None:
    people, stages = evening.crowd(30), evening.course(6)
    contest = hall.contest(people=people, stages=stages)
    tidy, twin, leaking = (opened(screens, hall, contest, name) for name in ("tidy", "twin", "leaking"))
    happening = list(story([each["id"] for each in people], [each["id"] for each in stages]))
    for gauge in (tidy, twin, leaking):
        gauge.begin()
    for look in range(1, LOOKS + 1):
        positions = [contest.tell(one) for one in happening[(look - 1) * UPDATES_A_LOOK : look * UPDATES_A_LOOK]]
        for gauge in (tidy, twin, leaking):
            gauge.page.wait_for_function("(position) => window.painted >= position", arg=positions[-1], timeout=LIMIT_MS)
            gauge.look(look * UPDATES_A_LOOK)
    assert [what for what in LIMITS if grows(what, twin.kept[what], tidy.kept[what])] == []
    assert [what for what in LIMITS if grows(what, leaking.kept[what], tidy.kept[what])] == ["heap", "nodes"]
