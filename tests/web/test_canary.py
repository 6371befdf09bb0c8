"""What is not published is nowhere: every way to ask without a login, or as a screen, is walked for a value behind the freeze."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import APIWebSocketRoute

from contest_server.core.roles import ACTIONS
from contest_server.core.times import text_of_us
from contest_server.ledger.urls import open_stores
from contest_server.live.now import now_us
from contest_server.live.settings import Settings
from contest_server.web.app import create_app
from contest_server.web.openapi import routes_of
from contest_server.web.rights import needed_by
from contest_server.web.statistics import FRESH_US
from tests.contests import CUP, JUDGES, START_US
from tests.web.places import Place, clear, served
from tests.web.screening import HERE, assign, pair, screen

CANARY_MS, CANARY_TEXT, EVIDENCE = "3777777", "1:02:57", "kanarienvogel"
CANARY_AT = "02:02:57.777Z"
SCREEN = "hall 2, left"
PUBLIC_SOCKETS = {"/api/contests/{contest}/board", "/api/contests/{contest}/screens/me"}
"""Those that `everything_heard` listens to. Whoever adds one that a screen or anybody may open adds it there too."""
PARTS: dict[str, list[str]] = {
    "contest": [CUP], "venue": ["yongjia", "yueqing"], "contestant": ["A1", "B1"], "stage": ["quiz", "wiring"], "name": ["logo.png"],
    "layer": ["1"], "token": ["0"], "account": ["nobody"], "grant_id": ["0"], "code": ["000000"], "official": ["R1"], "station": ["S1"],
}  # fmt: skip
POSITIONS = range(1, 8)
LAST = POSITIONS[-1]
QUERIES = {"history": [f"?at={at}" for at in POSITIONS] + [f"?at={LAST}&after={at}" for at in POSITIONS]}
VIEWS: tuple[dict[str, str], ...] = ({}, {"view": "top:2"}, {"view": "venue:yueqing"}, {"audience": "public"})


def application() -> FastAPI:
    return create_app(open_stores("memory:"), JUDGES, Settings(), now_us)


def asked() -> Iterator[str]:
    """Every address that can be read, by every route that there is, with whatever stands in this contest for its parts."""
    for path, methods, _ in routes_of(application()):
        if "get" not in methods or path.startswith("/metrics"):
            continue
        choices = [PARTS.get(name, [str(at) for at in POSITIONS]) for name in re.findall(r"{(\w+)[^}]*}", path)]
        for values in itertools.product(*choices):
            filled = re.sub(r"{(\w+)[^}]*}", "{}", path).format(*values)
            yield from (filled + query for query in QUERIES.get(path.rpartition("/")[2], [""]))


async def everything_answered(place: Place) -> dict[str, str]:
    """All that anybody without a login, or with a screen's token, is answered: by address."""
    found = {}
    for path in asked():
        for who in (None, SCREEN):
            answer = await place.http.get(f"{place.url}{path}", headers=place.bearer(who))
            found[f"{path} {who} {answer.status_code}"] = answer.text
    return found


async def everything_heard(place: Place) -> dict[str, str]:
    """The first words of each socket that they may open; a display's are the whole board."""
    found = {}
    for number, query in enumerate(VIEWS):
        async with place.display(**query) as display:
            found[f"board {number}"] = str(await display.hear("frame"))
    async with screen(place) as paired:
        found["screens/me"] = str(await paired.program())
    return found


def with_canary(told: dict[str, str]) -> set[str]:
    return {where for where, text in told.items() if any(canary in text for canary in (CANARY_MS, CANARY_TEXT, EVIDENCE))}


def test_every_socket_that_a_screen_or_anybody_may_open_is_listened_to() -> None:
    sockets = {}
    for path, _, route in routes_of(application()):
        needs = needed_by(route)
        if isinstance(route, APIWebSocketRoute) and needs is not None:
            sockets[path] = ACTIONS[needs.action]
    assert {path for path, rule in sockets.items() if rule.is_public or "display" in rule.roles} == PUBLIC_SOCKETS


async def test_a_value_behind_the_freeze_is_answered_and_told_nowhere_and_everywhere_after_it() -> None:
    ahead_us = 0

    def clock() -> int:
        return now_us() + ahead_us

    async with served(clock=clock) as place, place.venue("yueqing") as venue, place.venue() as other:
        await place.order("clock", action="start", at=text_of_us(START_US))
        await other.send(clear(1, "A1"))
        await place.order("freeze", minutes=20)
        await venue.send(clear(1, "B1", at=CANARY_AT, data={"remark": EVIDENCE}))
        left = await pair(place)
        await assign(place, left, "spotlight", contestant="B1")
        answered = await everything_answered(place)
        assert with_canary(answered | await everything_heard(place)) == set()
        assert sum(" None 200" in where for where in answered) >= 30, "the walk gets somewhere"
        assert CANARY_MS in str(await place.board("staff", audience="staff")), "and the value is there"
        await place.order("thaw")
        ahead_us += 2 * FRESH_US  # statistics are reckoned once a second
        seen = with_canary(await everything_answered(place) | await everything_heard(place))
        for where in ("/board None", f"/history?at={LAST} None", "/scores/B1/quiz None", "/statistics None"):
            assert any(f"{HERE}{where}" in one for one in seen), where
        assert {"board 0", "board 2"} <= seen
