"""The review queue is made once for however many look, says something only when it says something else, and never holds up the desk."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from contest_server.core.contest import Contest
from contest_server.core.facts import Fact
from contest_server.core.flags import Flag
from contest_server.core.ids import ContestantId, OfficialId, StageId
from contest_server.core.questions import questions_of
from contest_server.core.reviews import Case, cases_of, grouped
from contest_server.core.surveys import survey_flags
from contest_server.live import queues
from contest_server.live.queues import LOOK_EVERY_S, ReviewQueue
from tests import clockwork
from tests.contests import Json, adopted, document, entries, event, fold, tried

TWICE = [event(1, at_s=5), event(2, at_s=9, attempt="2")]


def enter(contest: Contest, *facts: Fact) -> None:
    for entry in entries(facts, after=contest.position):
        contest.advance(entry)
    contest.settle()


async def at_once(work: Callable[..., Any], *given: Any) -> Any:
    """In place of a thread, which knows no virtual time."""
    return work(*given)


def queue_of(contest: Contest) -> ReviewQueue:
    return ReviewQueue(contest, clockwork.now_us, at_once)


@asynccontextmanager
async def kept(contest: Contest) -> AsyncIterator[ReviewQueue]:
    """The queue of this contest while somebody looks."""
    queue = queue_of(contest)
    running = asyncio.create_task(queue.run())
    try:
        with queue.watching():
            yield queue
    finally:
        running.cancel()


def said(queue: ReviewQueue) -> Json:
    return json.loads(queue.text)  # type: ignore[no-any-return]


def test_nobody_is_first_before_somebody_has_something() -> None:
    pending = tried(1, "pending", contestant="B1", source="yueqing/desk", at_s=3, stage="final")
    assert {case.rank for case in cases_of(fold([pending])) if case.contestant == "B1"} == {None}
    cleared = event(1, at_s=5)
    assert {case.rank for case in cases_of(fold([pending, cleared])) if case.contestant == "B1"} == {2}


def test_a_case_says_the_points_that_the_board_says_with_what_is_awarded() -> None:
    """A second clear of a stage that A1 was the first to clear: ten marks, and half a mark for being first."""
    contest = fold(TWICE)
    case = next(each for each in cases_of(contest) if each.contestant == "A1")
    assert (case.points, case.maximum) == ("10.5", "10")
    assert case.points == contest.rows[ContestantId("A1")].row.stages[StageId("quiz")].points


def test_the_queue_holds_the_cases_of_the_contest_in_their_order() -> None:
    async def look() -> None:
        contest = fold([*TWICE, tried(1, "pending", contestant="B1", source="yueqing/desk", at_s=3, stage="final")])
        async with kept(contest) as queue:
            await queue.fresh()
            assert [each["key"] for each in said(queue)["cases"]] == [each.key for each in cases_of(contest)]
            assert said(queue)["total"] == len(cases_of(contest)) > 0
            assert await queue.questions() == questions_of(contest)

    clockwork.run(look())


def test_who_would_wait_longer_gets_what_was_found_before_or_learns_that_nothing_was(monkeypatch: pytest.MonkeyPatch) -> None:
    async def look() -> None:
        now_s = asyncio.get_running_loop().time

        async def slow(work: Callable[..., Any], *given: Any) -> Any:
            await asyncio.sleep(5)
            return work(*given)

        contest = fold(TWICE)
        queue = ReviewQueue(contest, clockwork.now_us, slow)
        running = asyncio.create_task(queue.run())
        with queue.watching():
            assert not await queue.fresh(2)
            assert now_s() == 2
            await asyncio.sleep(60)
            assert await queue.fresh(2), "it was found all the same"
            before, before_s = queue.revision, now_s()
            enter(contest, event(3, contestant="A2", at_s=5), event(4, contestant="A2", at_s=9, attempt="2"))
            assert await queue.fresh(0), "what was there before can be shown"
            assert (queue.revision, now_s()) == (before, before_s)
            assert await queue.fresh()
            assert queue.revision > before
        running.cancel()

    monkeypatch.setattr(queues, "SURVEY_REST_FOR_WORK", 0)  # which rests in real time
    clockwork.run(look())


def test_what_says_nothing_else_is_not_said_again() -> None:
    async def look() -> None:
        contest = fold(TWICE)
        async with kept(contest) as queue:
            await queue.fresh()
            enter(contest, event(3, "note"))
            await queue.fresh()
            assert queue.revision == 1, "the position alone is no news"
            enter(contest, event(4, contestant="A2", at_s=5), event(5, contestant="A2", at_s=9, attempt="2"))
            await queue.fresh()
            assert (queue.revision, said(queue)["revision"], said(queue)["position"]) == (2, 2, contest.position)

    clockwork.run(look())


def test_however_many_ask_the_cases_are_made_once() -> None:
    made: list[int] = []

    def counted(contest: Contest, flags: Sequence[Flag]) -> Iterator[Case]:
        made.append(contest.position)
        return grouped(contest, flags)

    async def look() -> None:
        contest = fold(TWICE)
        async with kept(contest) as queue:
            await asyncio.gather(*(queue.fresh() for _ in range(100)))
            assert len(made) == 1
            await asyncio.gather(*(queue.fresh() for _ in range(100)))
            assert len(made) == 1, "nothing moved"
            enter(contest, event(3, contestant="A2", at_s=5))
            await asyncio.gather(*(queue.fresh() for _ in range(100)))
            assert len(made) == 2

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queues, "grouped", counted)
        clockwork.run(look())


def test_while_events_pour_in_it_is_made_at_most_twice_a_second() -> None:
    async def look() -> None:
        contest = fold(TWICE)
        async with kept(contest) as queue:
            await queue.fresh()
            before_s, revision, seq = asyncio.get_running_loop().time(), queue.revision, 3
            while asyncio.get_running_loop().time() < before_s + 10:
                enter(contest, event(seq, contestant="A2", attempt=str(seq), at_s=seq))
                seq += 1
                await asyncio.sleep(0.05)
            assert 1 < queue.revision - revision <= 10 / LOOK_EVERY_S + 1

    clockwork.run(look())


def test_while_nobody_looks_nothing_is_made() -> None:
    async def look() -> None:
        contest = fold(TWICE)
        queue = queue_of(contest)
        running = asyncio.create_task(queue.run())
        await asyncio.sleep(60)
        assert (queue.revision, queue.text) == (0, "")
        running.cancel()

    clockwork.run(look())


def test_a_look_is_told_and_forgotten_thirty_seconds_after_it_was_said_last() -> None:
    async def look() -> None:
        async with kept(fold(TWICE)) as queue:
            await queue.fresh()
            queue.leases.look(OfficialId("R2"), (ContestantId("A1"), StageId("quiz")), clockwork.now_us())
            await asyncio.sleep(1)
            assert said(queue)["leases"] == [{"official": "R2", "contestant": "A1", "stage": "quiz"}]
            await asyncio.sleep(28)
            assert said(queue)["leases"] != []
            await asyncio.sleep(2)
            assert said(queue)["leases"] == []

    clockwork.run(look())


def test_who_waits_is_let_go_when_the_desk_closes() -> None:
    async def look() -> None:
        queue = queue_of(fold(TWICE))
        waiting = asyncio.create_task(queue.fresh())
        await asyncio.sleep(1)
        assert not waiting.done()
        queue.close()
        await waiting

    clockwork.run(look())


def test_a_queue_that_cannot_be_made_does_not_end_the_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a fault")

    async def look() -> None:
        contest = fold(TWICE)
        async with kept(contest) as queue:
            with monkeypatch.context() as patch:
                patch.setattr(queues, "grouped", broken)
                await queue.fresh()
                assert queue.text == ""
            await asyncio.sleep(LOOK_EVERY_S)
            await queue.fresh()
            assert said(queue)["total"] == len(cases_of(contest))

    clockwork.run(look())


def test_where_a_look_failed_nobody_takes_what_was_asked_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a fault")

    async def look() -> None:
        contest = fold(TWICE)
        async with kept(contest) as queue:
            await queue.fresh()
            assert list(queue.asked or ()) == questions_of(contest) != []
            enter(contest, event(3, contestant="A2", at_s=5))
            with monkeypatch.context() as patch:
                patch.setattr(queues, "grouped", broken)
                await queue.fresh()
                assert not queue.asked
            await asyncio.sleep(LOOK_EVERY_S)
            await queue.fresh()
            assert list(queue.asked or ()) == questions_of(contest)

    clockwork.run(look())


def test_of_many_cases_the_first_500_are_shown_and_all_are_counted() -> None:
    people = [{"id": f"C{n:03}", "venue": "yongjia"} for n in range(600)]
    twice = [
        event(2 * n + k, contestant=f"C{n:03}", at_s=n + 5 * k, attempt=str(k), source="yongjia/desk") for n in range(600) for k in (1, 2)
    ]

    async def look() -> None:
        contest = fold([adopted(document(contestants=people)), *twice])
        async with kept(contest) as queue:
            await queue.fresh()
            assert (len(said(queue)["cases"]), said(queue)["total"]) == (500, len(cases_of(contest)))
            assert said(queue)["total"] >= 600

    clockwork.run(look())


def test_cases_are_opened_one_after_the_other_without_asking_about_the_whole_contest_each_time() -> None:
    asked: list[int] = []

    async def aside(work: Callable[..., Any], *given: Any) -> Any:
        if work is survey_flags:
            asked.append(contest.position)
            await asyncio.sleep(1)
        return work(*given)

    async def look() -> None:
        queue = ReviewQueue(contest, clockwork.now_us, aside)
        for seq in range(3, 28):
            enter(contest, event(seq, contestant="A2", attempt=str(seq), at_s=seq))
            found = await queue.questions(lately=True)
            assert seq == 3 or f"attempt {seq}" in {flag.subject for flag in found}, "those about one's own work are of now"
            await asyncio.sleep(1)

    contest = fold(TWICE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queues, "perf_counter", lambda: asyncio.get_running_loop().time())
        clockwork.run(look())
    assert len(asked) == 2, "a second's work is done every twenty-one seconds"


def test_what_a_rule_asks_of_everybody_at_a_stage_is_asked_aside_and_only_of_stages_that_moved() -> None:
    asked: list[Any] = []

    async def aside(work: Callable[..., Any], *given: Any) -> Any:
        asked.append(work)
        return work(*given)

    async def look() -> None:
        queue = ReviewQueue(contest, clockwork.now_us, aside)
        for more, stages in (
            ([], 2),
            ([event(3, contestant="A2", stage="fast", at_s=30)], 1),
            ([event(4, contestant="A2", stage="plain", at_s=40)], 0),
        ):
            enter(contest, *more)
            asked.clear()
            assert await queue.questions() == questions_of(contest)
            assert len([work for work in asked if work is not survey_flags]) == stages

    compared = [{"id": "time", "rule": "relative_time", "max": 10}]
    stages = [{"id": "fast", "aspects": compared}, {"id": "long", "aspects": compared}, {"id": "plain", "points": 1}]
    contest = fold([adopted(document(stages=stages)), event(1, stage="fast", at_s=5), event(2, stage="long", at_s=9)])
    clockwork.run(look())


def test_however_many_ask_about_a_stage_that_moved_it_is_asked_aside_once() -> None:
    asked: list[int] = []

    async def aside(work: Callable[..., Any], *given: Any) -> Any:
        found = work(*given)
        asked.append(contest.position)
        await asyncio.sleep(1)
        return found

    async def look() -> None:
        queue = ReviewQueue(contest, clockwork.now_us, aside)
        found = await asyncio.gather(*(queue.about_stage(StageId("fast")) for _ in range(20)))
        assert (len(asked), len({id(each) for each in found})) == (1, 1)
        await queue.about_stage(StageId("fast"))
        assert len(asked) == 1, "nothing moved"

    stages = [{"id": "fast", "aspects": [{"id": "time", "rule": "relative_time", "max": 10}]}]
    contest = fold([adopted(document(stages=stages)), event(1, stage="fast", at_s=5)])
    clockwork.run(look())


def test_who_asks_about_a_stage_after_it_moved_gets_nothing_of_before_and_two_are_never_asked_at_once() -> None:
    asked: list[int] = []
    under_way = 0

    async def aside(work: Callable[..., Any], *given: Any) -> Any:
        nonlocal under_way
        under_way += 1
        assert under_way == 1
        found = work(*given)
        asked.append(contest.fields[fast].changes)
        await asyncio.sleep(1)
        under_way -= 1
        return found

    async def look() -> None:
        queue = ReviewQueue(contest, clockwork.now_us, aside)
        first = asyncio.create_task(queue.about_stage(fast))
        await asyncio.sleep(0.5)
        enter(contest, event(2, contestant="A2", stage="fast", at_s=9))
        later = await asyncio.gather(*(queue.about_stage(fast) for _ in range(20)))
        assert asked == [asked[0], contest.fields[fast].changes]
        assert all(each is later[0] is not first.result() for each in later)
        assert later[0] is contest.fields[fast].opinions()

    fast = StageId("fast")
    stages = [{"id": "fast", "aspects": [{"id": "time", "rule": "relative_time", "max": 10}]}]
    contest = fold([adopted(document(stages=stages)), event(1, stage="fast", at_s=5)])
    clockwork.run(look())
