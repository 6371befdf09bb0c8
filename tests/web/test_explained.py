"""Why a score is what it is, at a stage where everybody's work is compared: found beside the desk, and never from behind a freeze."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from contest_server.core.explanation import explain
from contest_server.core.facts import ContestantId, Entry, Fact, Frozen, StageId
from contest_server.ledger.memory import MemoryLedger
from contest_server.ledger.people import MemoryPeople
from contest_server.live.desk import Desk
from contest_server.live.queues import ReviewQueue
from contest_server.live.settings import Settings
from contest_server.web import contests
from contest_server.web.contests import asked_lately, explained
from contest_server.web.errors import ApiError
from contest_server.web.own_result import _reasons
from contest_server.web.patience import AGAIN_AFTER_S, WAITS_S
from tests import clockwork
from tests.contests import CUP, JUDGES, START_US, adopted, document, event
from tests.web.places import served
from tests.web.stating import HERE, everybody_clears_the_quiz

A1, QUIZ = ContestantId("A1"), StageId("quiz")
STAGES = [
    {"id": "quiz", "aspects": [{"id": "a", "rule": "relative_time", "max": 10, "of": "contest"}]},
    {"id": "wiring", "aspects": [{"id": "b", "rule": "relative_time", "max": 10, "of": "contest"}]},
]


def opened(meanwhile: Callable[[Desk], object] = lambda _: None) -> tuple[Desk, list[str]]:
    """A desk with two who cleared a stage, and what was asked aside; `meanwhile` comes each time somebody asks."""
    desk = Desk(CUP, MemoryLedger(), MemoryPeople(), JUDGES, Settings(), lambda: START_US)
    asked: list[str] = []

    async def aside(work: Callable[..., Any], *inputs: Any) -> Any:
        found = work(*inputs)
        asked.append(type(found).__name__)
        meanwhile(desk)
        return found

    desk.queue = ReviewQueue(desk.contest, lambda: START_US, aside)
    enter(desk, adopted(document(stages=STAGES)), event(1, at_s=60), event(2, contestant="B1", at_s=90))
    enter(desk, event(3, stage="wiring", at_s=100))
    return desk, asked


def enter(desk: Desk, *facts: Fact) -> None:
    for fact in facts:
        desk.contest.advance(Entry(desk.contest.position + 1, START_US, "test", fact))
    desk.contest.settle()


async def test_what_judges_ask_about_everybody_is_found_aside_once_for_each_state_of_the_stage() -> None:
    desk, asked = opened()
    found = [await explained(desk, A1, QUIZ) for _ in range(3)]
    assert asked == ["Questions"]
    assert found[0] == found[2] == explain(desk.contest, A1, QUIZ)
    assert found[0] is not None
    assert [flag.code for flag in found[0].flags] == ["provisional"]
    enter(desk, event(4, contestant="A2", at_s=200))
    await explained(desk, A1, QUIZ)
    assert asked == ["Questions"] * 2


async def test_a_stage_that_there_is_not_has_no_explanation() -> None:
    desk, asked = opened()
    assert await explained(desk, A1, StageId("elsewhere")) is None
    assert asked == []


async def test_what_is_cleared_behind_a_freeze_that_comes_meanwhile_is_told_to_no_contestant() -> None:
    desk, _ = opened()
    assert [each["stage"] for each in await _reasons(desk, A1)] == ["quiz", "wiring"]
    desk, _ = opened(lambda desk: enter(desk, Frozen(20), event(9 + desk.contest.position, stage="wiring", at_s=999, attempt="2")))
    assert await _reasons(desk, A1) == []


async def test_of_a_frozen_board_nothing_is_asked_for_a_contestant() -> None:
    desk, asked = opened()
    enter(desk, Frozen(20))
    assert await _reasons(desk, A1) == []
    assert asked == []


async def test_who_may_not_look_behind_a_freeze_starts_no_work_there(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    async def counted(desk: Desk, contestant: ContestantId, stage: StageId) -> Any:
        begun.append(contestant)
        return await explained(desk, contestant, stage)

    monkeypatch.setattr(contests, "explained", counted)
    async with served() as place:
        await everybody_clears_the_quiz(place)
        await place.order("freeze", minutes=20)
        answer = await place.http.get(f"{place.url}{HERE}/scores/A1/quiz")
        assert (answer.status_code, answer.json()["code"], begun) == (403, "frozen", [])
        await place.get(f"{HERE}/scores/A1/quiz", "staff")
        assert begun == ["A1"]


async def test_a_freeze_that_comes_while_a_score_is_explained_keeps_it_from_the_public(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served() as place:

        async def frozen_meanwhile(desk: Desk, contestant: ContestantId, stage: StageId) -> Any:
            await place.order("freeze", minutes=20)
            return await explained(desk, contestant, stage)

        await everybody_clears_the_quiz(place)
        monkeypatch.setattr(contests, "explained", frozen_meanwhile)
        answer = await place.http.get(f"{place.url}{HERE}/scores/A1/quiz")
        assert (answer.status_code, answer.json()["code"]) == (403, "frozen")


def test_in_a_contest_that_never_rests_who_asks_for_all_questions_is_told_what_was_found_last() -> None:
    """It takes fifteen seconds to ask, and something is entered before each time that somebody does."""

    async def ask_again_and_again() -> None:
        desk = slow_desk()
        with pytest.raises(ApiError) as refused:
            await asked_lately(desk)
        assert (refused.value.status, now_s()) == (503, WAITS_S)
        for seq in range(4, 14):
            await asyncio.sleep(AGAIN_AFTER_S * 4)
            enter(desk, event(seq, contestant="A2", attempt=str(seq), at_s=100 + seq))
            since_s = now_s()
            position, found = await asked_lately(desk)
            assert now_s() - since_s == WAITS_S
            assert desk.contest.position - 3 <= position < desk.contest.position
            assert found

    clockwork.run(ask_again_and_again())


def test_what_the_queue_found_is_told_too_where_it_is_newer() -> None:
    async def ask_beside_referees() -> None:
        desk = slow_desk()
        running = asyncio.create_task(desk.queue.run())
        await desk.queue.fresh()
        enter(desk, event(4, contestant="A2", at_s=200))
        assert await asked_lately(desk) == desk.queue.asked_last
        await asyncio.sleep(60)
        enter(desk, event(5, contestant="A2", attempt="2", at_s=300))
        position, _ = await asked_lately(desk)
        assert position == desk.contest.position - 1, "the answer before went on being found"
        running.cancel()

    clockwork.run(ask_beside_referees())


def slow_desk() -> Desk:
    async def aside(work: Callable[..., Any], *inputs: Any) -> Any:
        await asyncio.sleep(5)
        return work(*inputs)

    desk, _ = opened()
    desk.queue = ReviewQueue(desk.contest, clockwork.now_us, aside)
    return desk


def now_s() -> float:
    return asyncio.get_running_loop().time()
