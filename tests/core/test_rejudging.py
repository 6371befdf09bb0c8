"""What a rejudging is said to change is what it changes, while the contest goes on; and what it leaves out is said."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest_server.core import rejudging as rejudging_
from contest_server.core.acts import Act, Override, Remove
from contest_server.core.effects import effect_between, picture_of
from contest_server.core.facts import Adopted, Event, Fact, Scope
from contest_server.core.ids import ContestantId, SourceId, StageId, VenueId
from contest_server.core.rejudging import Rejudging, same_effect
from tests.contests import START_US, Json, adopted, clock, document, entries, event, fold, folded
from tests.core.acting import acts
from tests.core.test_ruling_laws import woven
from tests.core.test_rulings import ruling
from tests.strategies import DICE, histories

SCOPES = st.sampled_from(
    [
        None,
        Scope(contestants=(ContestantId("A1"),)),
        Scope(stages=(StageId("quiz"),)),
        Scope(venues=(VenueId("yueqing"),)),
        Scope(rules=("first_clear",)),
        Scope(devices=(SourceId("yongjia/desk"),)),
        Scope(outcomes=("rejected",)),
        Scope(from_us=START_US + 3_000_000),
        Scope(to_us=START_US + 5_000_000, stages=(StageId("quiz"),)),
        Scope(stages=(StageId("wiring"), StageId("quiz")), venues=(VenueId("yongjia"),)),
    ]
)


def second_version(**changes: Any) -> Json:
    """Another quiz, another insulation limit, and the final without its gate."""
    changed = document(version=2, **changes)
    changed["stages"][0]["aspects"][0]["limit"] = "0.1"
    changed["stages"][1]["points"] = 30
    changed["stages"][2]["rules"] = changed["stages"][2]["rules"][1:]
    return changed


def under(scope: Scope | None) -> Adopted:
    return msgspec.structs.replace(adopted(second_version()), scope=scope)


@given(histories(stories_max=6), acts(), SCOPES, DICE, st.floats(0, 1))
def test_the_preview_is_what_applying_leads_to(
    history: dict[str, list[Event]], stated: list[Act], scope: Scope | None, dice: Random, seen: float
) -> None:
    facts: list[Fact] = [adopted(), *woven(history, stated, dice)]
    cut = 1 + int(seen * (len(facts) - 1))
    contest = folded(entries(facts[:cut]))
    rejudging = Rejudging(contest, under(scope))
    rejudging.replay(lambda: True)
    for entry in entries(facts[cut:], after=cut):
        contest.advance(entry)
        contest.settle()
    rejudging.follow(contest)
    before = contest.digest()
    effect = rejudging.effect(contest)
    assert contest.digest() == before, "a preview changes nothing"
    applied = folded(entries([*facts, under(scope)]))
    assert effect.digest == applied.digest()
    changed = {row.contestant for row in effect.rows}
    for who, row in applied.rows.items():
        assert who in changed or contest.rows[who].row.points == row.row.points


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(stories_max=6), acts(), SCOPES, DICE)
def test_in_pieces_and_again_and_again_it_is_the_same_preview(
    monkeypatch: pytest.MonkeyPatch, history: dict[str, list[Event]], stated: list[Act], scope: Scope | None, dice: Random
) -> None:
    """What was compared before is not compared again; who applies may come in between; what is agreed to is the text of all changes."""
    monkeypatch.setattr(rejudging_, "CHANGES_A_PIECE", 2)
    monkeypatch.setattr(rejudging_, "FOLLOWED_A_PIECE", 1)
    facts: list[Fact] = [adopted(), *woven(history, stated, dice)]
    contest = folded(entries(facts[:1]))
    rejudging = Rejudging(contest, under(scope))
    rejudging.replay(lambda: True)
    coming = iter(entries(facts[1:], after=1))
    while (entry := next(coming, None)) is not None:
        contest.advance(entry)
        contest.settle()
        if dice.random() < 0.3:
            true = folded(entries([*facts[: entry.position], under(scope)])).digest()
            for _ in rejudging.following(contest):
                if dice.random() < 0.2:
                    rejudging.follow(contest)
                    assert rejudging.effect(contest).digest == true, "who comes in between sees all of it, too"
            shown = rejudging.effect(contest)
            assert shown.digest == true
            assert shown == effect_between(picture_of(contest), picture_of(rejudging.shadow))
            assert same_effect(shown) == sha256(msgspec.json.encode((shown.rows, shown.cells, shown.first))).hexdigest()
    rejudging.follow(contest)
    assert rejudging.effect(contest).digest == folded(entries([*facts, under(scope)])).digest()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(histories(stories_max=6), acts(), SCOPES, DICE)
def test_of_several_who_look_at_once_each_sees_the_whole(
    monkeypatch: pytest.MonkeyPatch, history: dict[str, list[Event]], stated: list[Act], scope: Scope | None, dice: Random
) -> None:
    """While the contest goes on, and some of them go away before they are through."""
    monkeypatch.setattr(rejudging_, "FOLLOWED_A_PIECE", 1)
    facts: list[Fact] = [adopted(), *woven(history, stated, dice)]
    contest = folded(entries(facts[:1]))
    rejudging = Rejudging(contest, under(scope))
    rejudging.replay(lambda: True)
    coming, looking = iter(entries(facts[1:], after=1)), list[Iterator[None]]()
    while (entry := next(coming, None)) is not None:
        contest.advance(entry)
        contest.settle()
        looking += [rejudging.following(contest)] * (dice.random() < 0.3)
        for each in [dice.choice(looking) for _ in range(9 if looking else 0)]:
            if each in looking and (dice.random() < 0.05 or next(each, "through") == "through"):
                looking.remove(each)
                rejudging.follow(contest)
                assert rejudging.effect(contest).digest == folded(entries([*facts[: entry.position], under(scope)])).digest()
    rejudging.follow(contest)
    assert rejudging.effect(contest).digest == folded(entries([*facts, under(scope)])).digest()


def test_what_is_left_out_is_found_in_pieces() -> None:
    told = [event(1, at_s=10), event(2, at_s=30, contestant="A2")]
    contest = fold(told)
    rejudging = Rejudging(contest, under(Scope(venues=(VenueId("yueqing"),))))
    rejudging.replay(lambda: True)
    pieces = list(rejudging.leaving_out(contest))
    assert pieces.count(None) == len(rejudging.shadow.sheets)
    assert [each for each in pieces if each is not None] == rejudging.left_out(contest) != []


def test_what_is_left_out_is_said_with_the_reason() -> None:
    told = [event(1, at_s=10), event(2, at_s=30, contestant="A2"), event(1, at_s=40, contestant="B1", source="yueqing/desk")]
    contest = fold([*told, ruling(Override(marks="7"))])
    rejudging = Rejudging(contest, under(Scope(venues=(VenueId("yongjia"),))))
    rejudging.replay(lambda: True)
    said = {(each.stage, each.count, each.why.partition(":")[0].partition(",")[0]) for each in rejudging.left_out(contest)}
    assert said == {("quiz", 1, "outside the filter"), ("quiz", 1, "set by a ruling")}


def test_events_that_the_new_definition_does_not_know_are_said() -> None:
    fewer = second_version()
    fewer["stages"] = fewer["stages"][:1]
    fewer["officials"] = []
    contest = fold([event(1, at_s=10)])
    rejudging = Rejudging(contest, adopted(fewer))
    rejudging.replay(lambda: True)
    assert [(each.stage, each.count) for each in rejudging.left_out(contest)] == [(None, 1)]


def test_a_replay_that_is_stopped_says_how_far_it_came() -> None:
    contest = fold([event(1, at_s=10)])
    rejudging = Rejudging(contest, under(None))
    rejudging.replay(lambda: False)
    assert (rejudging.done, rejudging.all) == (0, 3)


def test_what_was_agreed_to_is_the_changes_not_what_others_do_meanwhile() -> None:
    told = [event(1, at_s=10), event(2, at_s=30, contestant="A2")]
    contest = fold(told)
    rejudging = Rejudging(contest, under(Scope(contestants=(ContestantId("A1"),))))
    rejudging.replay(lambda: True)
    agreed = same_effect(rejudging.effect(contest))
    contest.advance(entries([event(1, "note", None, None, None, source="yueqing/desk")], after=contest.position)[0])
    contest.settle()
    rejudging.follow(contest)
    assert same_effect(rejudging.effect(contest)) == agreed
    contest.advance(entries([event(3, at_s=20, contestant="A1", stage="wiring", data={"mohm": "0.4"})], after=contest.position)[0])
    contest.settle()
    rejudging.follow(contest)
    assert same_effect(rejudging.effect(contest)) != agreed


def test_when_work_was_decided_is_its_own_moment_whatever_clock_stood_still() -> None:
    """Of work of the 80th second, whose contestant has 40 s given back, what is rejudged from the 60th second on is rejudged."""
    first, later = (adopted(document(stages=[{"id": "quiz", "points": points}])) for points in (1, 9))
    timed: Any = msgspec.structs.replace(later, version=2, scope=Scope(from_us=START_US + 60_000_000))
    given_back = ruling(Remove(START_US + 10_000_000, START_US + 50_000_000), "r1", "A1", None, None)
    for taken in ([], [given_back]):
        contest = folded(entries([first, clock("start", 0), event(1, at_s=80), *taken, timed]))
        assert contest.rows[ContestantId("A1")].row.points == "9"
    paused = [clock("pause", 50), event(1, at_s=55), timed, clock("resume", 58)]
    assert folded(entries([first, clock("start", 0), *paused])).rows[ContestantId("A1")].row.points == "1"
