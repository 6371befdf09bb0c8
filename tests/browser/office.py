"""A contest with referees, and an official at a page: what a person does there, by key or by hand. It knows no more than can be seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Locator, Request, expect

from tests.browser import evening
from tests.browser.evening import Json, clear, outcome
from tests.browser.hall import Contest, Hall, begun
from tests.browser.screen import Screen
from tests.browser.wording import Lang

PASSWORDS: Mapping[str, str] = {"C1": "chief-secret-1", "R1": "referee-secret-1", "R2": "referee-secret-2", "R3": "referee-secret-3"}
OFFICIALS: list[Json] = [
    {"id": "C1", "role": "chief", "name": {"zh": "周明", "en": "Zhou Ming"}},
    {"id": "R1", "venue": "yongjia", "name": {"zh": "胡静", "en": "Hu Jing"}},
    {"id": "R2", "venue": "yueqing", "name": {"zh": "金海", "en": "Jin Hai"}},
    {"id": "R3", "name": {"zh": "林若溪", "en": "Lin Ruoxi"}, "recused": ["A2"]},
]
INSULATION: Json = {
    "id": "insulation",
    "name": {"zh": "绝缘测试", "en": "Insulation test"},
    "aspects": [
        {
            "id": "resistance",
            "name": {"zh": "绝缘电阻", "en": "Resistance"},
            "rule": "threshold",
            "field": "mohm",
            "limit": 1,
            "max": 8,
            "uncertainty": "0.05",
        },
        {
            "id": "workmanship",
            "name": {"zh": "工艺", "en": "Workmanship"},
            "rule": "judgement_0_3",
            "kind": "judgement",
            "field": "work",
            "max": 4,
            "panel": 3,
        },
    ],
}


def document(contest: str, minutes_ago: float = 90, **referees: Any) -> Json:
    """The evening's contest with officials, and a stage whose reading may lie on an edge."""
    base = evening.document(contest, begun(minutes_ago), stages=[INSULATION, *evening.STAGES])
    return base | {"officials": OFFICIALS, "referees": {"second_points": "5", "second_ranks": 9, "second_medals": False} | referees}


def office(hall: Hall, contest: str, **referees: Any) -> Contest:
    """A contest whose officials can log in, with three questions in it: two readings on the edge, and a verdict that is pending."""
    opened = hall.adopt(document(contest, **referees))
    hall.give_passwords(opened.id, PASSWORDS)
    opened.tell(
        clear("A1", "insulation", 600, mohm="1.02"),
        clear("B1", "insulation", 700, mohm="1.04"),
        clear("A2", "insulation", 800, mohm="2.4"),
        clear("B2", "quiz", 900),
        outcome("pending", "A3", "final", 1_000),
    )
    return opened


class Desk:
    """An official over HTTP, to look at what is on record and to act beside the page."""

    def __init__(self, contest: Contest, official: str) -> None:
        self.contest, self._http = contest, contest.http
        answer = self._http.post(f"{contest.path}/login", json={"official": official, "password": PASSWORDS[official]})
        assert answer.status_code == 200, answer.text
        self._http.cookies.clear()
        self._headers = {"Authorization": f"Bearer {answer.json()['token']}"}

    def get(self, path: str) -> Any:
        answer = self._http.get(f"{self.contest.path}{path}", headers=self._headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> Json:
        answer = self._http.post(f"{self.contest.path}{path}", headers=self._headers, json=body)
        assert answer.status_code in (200, 202), answer.text
        told: Json = answer.json()
        return told

    def rulings(self) -> list[Json]:
        """All rulings on record, the oldest first."""
        return sorted(self.get("/rulings")["rulings"], key=lambda each: int(each["position"]))

    def rule(self, act: str, contestant: str, stage: str, **action: Any) -> Json:
        """A ruling on the case as it is now."""
        case = self.get(f"/cases/{contestant}/{stage}")
        attempt = case["explanation"]["attempts"][-1]["id"]
        keys = [flag["key"] for flag in case["flags"] if flag["severity"] != "info" and not flag["answer"]]
        return self.post(
            "/rulings",
            id=act,
            contestant=contestant,
            stage=stage,
            attempt=attempt,
            action=action,
            code="checked",
            reason="looked at the photo",
            basis=case["basis"],
            flags=keys,
            appeal=None,
        )


class Referee:
    """An official at the console."""

    def __init__(self, screen: Screen, contest: Contest, lang: Lang = "en") -> None:
        self.screen, self.page, self.contest, self.lang = screen, screen.page, contest, lang
        screen.may_be_refused = ("/me", "/rulings", "/login", "/login/fresh")

    def log_in(self, official: str, page: str = "referee", more: str = "") -> Referee:
        """Come in by the form, as anybody does."""
        self.screen.open(f"/{page}?contest={self.contest.id}&lang={self.lang}{more}")
        self.page.locator("select").select_option(official)
        self.page.locator("input[type=password]").fill(PASSWORDS[official])
        self.page.keyboard.press("Enter")
        expect(self.page.locator("header .link")).to_have_attribute("data-link", "live")
        return self

    def case(self, contestant: str, stage: str) -> Locator:
        return self.page.locator(f'[data-case="{contestant} {stage}"]')

    def open(self, contestant: str, stage: str) -> Referee:
        self.case(contestant, stage).click()
        expect(self.page.locator("[data-part=questions]")).to_be_visible()
        return self

    def fill(self, deed: str, reason: str, code: str = "checked", **fields: str) -> Referee:
        """Open the form of a verb by its letter and fill it in, by hand."""
        self.page.keyboard.press(deed)
        self.page.locator("[data-field=code]").select_option(code)
        self.page.locator("[data-field=reason]").fill(reason)
        for name, value in fields.items():
            self.page.locator(f"[data-field={name}]").fill(value)
        return self

    def decide(self) -> Referee:
        """Press the button, once it may be pressed."""
        expect(self.button).to_have_attribute("aria-disabled", "false")
        self.button.click()
        return self

    @property
    def button(self) -> Locator:
        return self.page.locator("[data-decide]")

    @property
    def form(self) -> Locator:
        return self.page.locator("[data-form]")

    @property
    def letters(self) -> Locator:
        """What is not sent."""
        return self.page.locator("[data-letter]")

    @property
    def acknowledged(self) -> Locator:
        return self.page.locator(".last")

    @property
    def posts(self) -> list[str]:
        """Every ruling that left this page."""
        return self._posts

    def watch_posts(self) -> Referee:
        """Note from here on what is sent that writes anything."""
        self._posts: list[str] = []
        quiet = ("/rulings/preview", "/login", "/login/fresh")

        def noted(request: Request) -> None:
            if request.method == "POST" and not request.url.endswith(quiet):
                self._posts.append(request.url)

        self.page.on("request", noted)
        return self
