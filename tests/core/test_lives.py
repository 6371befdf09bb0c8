"""A result is provisional while anything is open about it, and goes on only one step at a time."""

from __future__ import annotations

from typing import Any

import msgspec

from contest_server.core.acts import Annul, Appealed, AppealMoved, Confirm, Published, Signed, Step
from contest_server.core.contest import Contest
from contest_server.core.corrections import digest_of_row
from contest_server.core.facts import Fact, Finalised
from contest_server.core.ids import ActId, ContestantId, OfficialId, StageId
from contest_server.core.lives import life_of, progress_of
from contest_server.core.questions import questions_of
from tests.contests import START_US, adopted, clock, document, event, fold, tried
from tests.core.test_rulings import CLEAR, ruling

HOUR_US = 3_600_000_000
A1, QUIZ = ContestantId("A1"), StageId("quiz")
C1 = OfficialId("C1")


def life(contest: Contest, later_us: int = HOUR_US) -> str:
    flags = [flag for flag in questions_of(contest) if flag.contestant == A1 and flag.stage in (QUIZ, None)]
    return life_of(contest, A1, QUIZ, START_US + later_us, flags)


def progress(*facts: Fact) -> str:
    return progress_of(fold(facts), A1, QUIZ, START_US + HOUR_US)


def published(name: str = "p1", at_us: int = START_US) -> Published:
    return Published(ActId(name), at_us, C1)


def signed(contest: Contest, role: Any = "referee") -> Signed:
    return Signed(ActId(f"s-{role}"), START_US, C1, A1, role, digest_of_row(contest.rows[A1]))


def test_a_result_goes_from_provisional_to_final() -> None:
    policy = {"appeal_minutes": 30, "sign_off": ["referee"]}
    rules = adopted(document(referees=policy))
    assert life(fold([rules, tried(1, "pending", at_s=10)])) == "provisional"
    facts: list[Fact] = [rules, tried(1, "pending", at_s=10), tried(2, "accepted", at_s=20)]
    assert life(fold(facts)) == "accepted"
    facts.append(published())
    assert life(fold(facts)) == "published", "not signed"
    facts.append(signed(fold(facts)))
    assert life(fold(facts), 29 * 60_000_000) == "published", "the window is open"
    assert life(fold(facts)) == "official"
    assert life(fold([*facts, Finalised()])) == "final"
    assert life(fold([*facts, ruling(Annul(), needs=("x",))])) == "provisional", "a ruling waits"
    appeal = Appealed(ActId("a1"), START_US, C1, A1, "the clock was wrong", QUIZ)
    assert life(fold([*facts, appeal])) == "provisional"
    turned_down = AppealMoved(ActId("m1"), START_US, C1, ActId("a1"), "dismissed", "no evidence")
    assert life(fold([*facts, appeal, turned_down])) == "official"


def test_what_changed_after_publication_is_no_longer_the_published_result() -> None:
    more = event(2, at_s=5, attempt="0")
    assert life(fold([CLEAR, published()])) == "official"
    assert life(fold([CLEAR, published(), more, event(3, at_s=6, stage="wiring", data={"mohm": "2"})])) in ("accepted", "provisional")


def test_a_doubtful_result_is_provisional_until_its_questions_are_answered() -> None:
    facts: list[Fact] = [CLEAR, event(2, at_s=12, attempt="2")]
    contest = fold(facts)
    assert life(contest) == "provisional"
    keys = tuple(flag.key for flag in questions_of(contest) if flag.severity != "info")
    assert keys
    assert life(fold([*facts, msgspec.structs.replace(ruling(Confirm()), flags=keys)])) == "accepted"
    assert life(fold([*facts, msgspec.structs.replace(ruling(Confirm()), flags=("other",))])) == "provisional"


def test_an_attempt_that_was_annulled_is_decided_and_nothing_is_open_about_what_counts() -> None:
    facts: list[Fact] = [CLEAR, ruling(Annul()), event(2, at_s=120, attempt="2")]
    assert life(fold(facts)) == "accepted"
    assert life(fold([*facts, published()])) == "official"
    assert life(fold([*facts, event(3, at_s=125, attempt="3"), published()])) == "provisional", "a second clear is a question"


def test_what_somebody_still_works_at_is_not_accepted_before_the_contest_is_over() -> None:
    start = event(1, "start", at_s=5)
    assert life(fold([start])) == "provisional"
    assert life(fold([start]), 3 * HOUR_US) == "accepted", "it came to nothing"


def test_a_question_of_a_survey_keeps_the_result_provisional_too() -> None:
    """The same photo from A1 and B1."""
    photo = {"photo_sha256": "ab" * 32}
    facts: list[Fact] = [event(1, at_s=10, data=photo)]
    assert life(fold(facts)) == "accepted"
    assert life(fold([*facts, event(1, contestant="B1", at_s=90, data=photo, source="yueqing/desk")])) == "provisional"


def test_where_a_contestant_is() -> None:
    def step(to: Any, name: str, at_s: float) -> Fact:
        return ruling(Step(to), name, attempt=None, at_s=at_s)

    start = event(1, "start", at_s=5)
    assert progress() == "registered"
    assert progress(step("called", "r1", 1)) == "called"
    assert progress(step("ready", "r2", 2), step("called", "r1", 1)) == "ready"
    assert progress(step("called", "r1", 1), start) == "running"
    assert progress(start, clock("pause", 60)) == "paused"
    assert progress(start, tried(2, "pending", at_s=9)) == "finished"
    told = [start, event(2, at_s=9)]
    assert progress(*told) == "scored"
    assert progress(*told, signed(fold(told))) == "confirmed"
    assert progress(*told, Finalised()) == "final"
