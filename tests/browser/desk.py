"""A venue's operator at the desk: the contest they work at, and their hands on the page."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, expect

from tests.browser import evening
from tests.browser.evening import Json
from tests.browser.hall import Contest, Hall, begun
from tests.browser.screen import Screen

PEOPLE: list[Json] = [
    {"id": "A017", "venue": "yongjia", "number": "17", "name": {"zh": "陈建国", "en": "Chen Jianguo"}, "employer": "永嘉供电"},
    {"id": "A018", "venue": "yongjia", "number": "18", "name": {"zh": "厉俊杰", "en": "Li Junjie"}, "employer": "瓯江电气"},
    {"id": "A019", "venue": "yongjia", "number": "19", "name": {"zh": "潘若彤", "en": "Pan Ruotong"}, "employer": "楠溪机电"},
    {"id": "A020", "venue": "yongjia", "number": "20", "name": {"zh": "周丽萍", "en": "Zhou Liping"}, "employer": "永嘉供电"},
    {"id": "A021", "venue": "yongjia", "number": "21", "name": {"zh": "吴大勇", "en": "Wu Dayong"}, "employer": "瓯江电气"},
    {"id": "B030", "venue": "yueqing", "number": "30", "name": {"zh": "朱振华", "en": "Zhu Zhenhua"}},
]
STAGES: list[Json] = [
    {
        "id": "insulation",
        "name": {"zh": "绝缘与接地测试", "en": "Insulation & earth test"},
        "entries": [
            {"field": "insulation_mohm", "max": "2000", "places": 2, "name": {"zh": "绝缘电阻", "en": "Insulation resistance"}},
            {"field": "earth_ohm", "max": "100", "places": 3, "name": {"zh": "接地电阻", "en": "Earth resistance"}},
        ],
        "aspects": [
            {"id": "insulation", "rule": "threshold", "max": 6, "field": "insulation_mohm", "limit": 1},
            {"id": "earth", "rule": "threshold", "max": 5, "field": "earth_ohm", "operator": "<=", "limit": "0.1"},
            {
                "id": "record",
                "rule": "check",
                "max": 3,
                "field": "record_complete",
                "name": {"zh": "测试记录完整", "en": "Test record complete"},
            },
            {
                "id": "conduct",
                "rule": "deduction_ledger",
                "max": 5,
                "deductions": [{"code": "no_helmet", "marks": 5, "zh": "未戴安全帽", "en": "No helmet"}, {"code": "untidy", "marks": 1}],
            },
        ],
    },
    {"id": "wiring", "name": {"zh": "配盘接线", "en": "Panel wiring"}, "points": "20"},
    {"id": "power_up", "name": {"zh": "通电调试", "en": "Power-up"}, "points": "20"},
]
VENUE = "yongjia"
DUE_WITHIN_MS = 10_000
"""By then an entry has left, which can be taken back for three seconds, and who is away has tried again."""
STANDS_WITHIN_MS = 15_000
"""The page's clock is stopped so far ahead: this machine may take so long to stop it, and the page does not take it for a silence."""
_SCAN = """(text) => {
    for (const key of [...text, "Enter"]) {
        const target = document.activeElement ?? document.body;
        const goes = target.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
        if (!goes || key.length > 1 || !("value" in target)) continue;
        target.value += key;
        target.dispatchEvent(new InputEvent("input", {bubbles: true}));
    }
}"""
"""What a hand scanner does to the page, at its speed however busy this machine is."""


def contest_of(hall: Hall, name: str, minutes_ago: float = 30) -> Contest:
    """A contest whose stages want readings, with numbers on the bibs."""
    return hall.adopt(evening.document(name, begun(minutes_ago), people=PEOPLE, stages=STAGES))


class Desk:
    """One device at the venue. `about` are the tools that the page shows beside its words."""

    def __init__(self, screen: Screen, contest: Contest, lang: str = "en") -> None:
        self.screen, self.page, self.contest, self.lang = screen, screen.page, contest, lang
        self.path = f"/desk?contest={contest.id}&venue={VENUE}&lang={lang}"

    def open(self) -> Desk:
        self.screen.open(self.path)
        return self

    def enter(self) -> Desk:
        """Let this device in with the venue's token, which is given once."""
        self.open()
        self.do("by-token").click()
        self.page.locator("[data-field=token]").fill(self.contest.keys[VENUE])
        self.page.keyboard.press("Enter")
        self.linked("live")
        expect(self.person("A017")).to_be_visible()
        return self

    def linked(self, how: str) -> None:
        expect(self.state).to_have_attribute("data-link", how)

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Inside, the page's clock stands, so that nothing leaves however slow this machine is; afterwards whatever is due is done.

        The clock has to be installed before the page is opened.
        """
        self.page.clock.pause_at((self.page.evaluate("Date.now()") + STANDS_WITHIN_MS) / 1_000)
        yield
        self.page.clock.resume()
        self.page.clock.fast_forward(DUE_WITHIN_MS)

    def unsynced(self, count: int) -> None:
        expect(self.state).to_have_attribute("data-unsynced", str(count))

    def acknowledged(self, count: int) -> None:
        """Wait until the server has so many. That nothing is unsynced says less: it was so before, too."""
        expect(self.state.locator("[data-acknowledged]")).to_have_attribute("data-acknowledged", str(count))

    @property
    def state(self) -> Locator:
        return self.page.locator(".state")

    def do(self, what: str) -> Locator:
        return self.page.locator(f'[data-do="{what}"]').locator("visible=true").first

    def person(self, contestant: str) -> Locator:
        return self.page.locator(f'[data-contestant="{contestant}"]')

    def choose(self, contestant: str, stage: str) -> Desk:
        if self.do("back").is_visible():
            self.do("back").click()
        self.person(contestant).click()
        self.page.locator(f'.stages [data-stage="{stage}"]').click()
        return self

    def choose_from_people(self, contestant: str, stage: str) -> Desk:
        self.page.locator('nav [data-tab="people"]').click()
        return self.choose(contestant, stage)

    def reading(self, field: str) -> Locator:
        return self.page.locator(f'[data-reading="{field}"]')

    def scan(self, text: str) -> None:
        """By a hand scanner, which types into whatever has the focus, and ends with Enter."""
        self.page.evaluate(_SCAN, text)

    def entries(self, state: str | None = None) -> Locator:
        return self.page.locator("[data-entry]" if state is None else f'[data-entry][data-state="{state}"]')

    def keep_shell(self) -> None:
        """Wait until the page would open without a network."""
        self.page.evaluate("() => navigator.serviceWorker.ready.then((kept) => kept.active !== null)")
        self.screen.until("document.readyState", "complete")


def stored(contest: Contest) -> list[Json]:
    """Every event that the ledger has of the desks of this venue, in the order of the ledger."""
    headers = {"Authorization": f"Bearer {contest.keys['staff']}"}
    found: list[Json] = []
    for position in itertools.count(1):
        answer = contest.http.get(f"{contest.path}/entries/{position}", headers=headers)
        if answer.status_code == 404:
            return found
        fact = answer.json()["fact"]
        if fact["type"] == "event" and fact["source"].startswith(f"{VENUE}/desk-"):
            found.append(fact)
    raise AssertionError("a ledger ends")
