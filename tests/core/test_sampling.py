"""Anybody who knows the seed can draw the sample again, and too many errors in it cannot be drawn away."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.acts import Rechecked, SetStatus
from contest_server.core.contest import Contest
from contest_server.core.facts import Event, Fact
from contest_server.core.ids import ContestantId
from contest_server.core.questions import questions_of
from contest_server.core.sampling import begun, draw, recheck_is_done, samples_of, too_many_errors
from tests.contests import Json, adopted, document, event, fold
from tests.core.stated import rechecked, sampled
from tests.core.test_rulings import ruling, undo
from tests.strategies import DICE, histories, in_some_order


def crowd(count: int, **policy: object) -> Json:
    """So many contestants, and no guest."""
    return document() | {"contestants": [{"id": f"X{n:03}", "venue": "yongjia"} for n in range(count)], "referees": policy, "officials": []}


def cleared(count: int) -> list[Fact]:
    """Everybody clears the quiz, one second after the other."""
    return [event(n + 1, contestant=f"X{n:03}", at_s=60 + n) for n in range(count)]


def field_of(count: int, *more: Fact, **policy: object) -> Contest:
    return fold([adopted(crowd(count, **policy)), *cleared(count), *more])


@given(st.integers(1, 60), st.integers(0, 5), st.integers(0, 100), st.text(max_size=5))
def test_the_first_places_and_at_least_so_many_per_cent_of_the_others_are_drawn(count: int, top: int, percent: int, seed: str) -> None:
    members = draw(field_of(count), seed, top, percent)
    first = {f"X{n:03}" for n in range(min(top, count))}
    assert first <= {*members}
    others = count - len(first)
    assert percent * others <= 100 * (len(members) - len(first)) < percent * others + 100, "and not one more than that takes"
    assert len({*members}) == len(members)


@given(histories(stories_max=8), DICE)
def test_the_order_of_arrival_draws_nobody_else(history: dict[str, list[Event]], dice: Random) -> None:
    one, other = (fold(in_some_order(history, dice)) for _ in range(2))
    assert draw(one, "seed", 1, 40) == draw(other, "seed", 1, 40)


def test_another_seed_draws_others_and_everybody_may_be_drawn() -> None:
    contest = field_of(20)
    samples = {seed: draw(contest, f"{seed}", 0, 10) for seed in range(200)}
    assert all(len(each) == 2 for each in samples.values())
    assert {who for each in samples.values() for who in each} == {f"X{n:03}" for n in range(20)}


def test_all_who_share_a_place_are_drawn_with_it() -> None:
    tied = [event(n + 1, contestant=f"X{n:03}", at_s=60) for n in range(4)]
    contest = fold([adopted(crowd(6)), *tied, event(5, contestant="X004", at_s=90)])
    assert draw(contest, "seed", 1, 0) == ("X000", "X001", "X002", "X003")


def test_guests_and_who_never_began_are_not_drawn() -> None:
    contest = fold([event(1, contestant="A1"), event(2, contestant="G1"), event(3, contestant="B1", at_s=5)])
    assert draw(contest, "seed", 0, 100) == ("A1", "B1")
    guest = ruling(SetStatus("guest"), contestant="B1", stage=None, attempt=None)
    assert begun(fold([event(1, contestant="A1"), event(2, contestant="B1", at_s=5), guest])) == ["A1"]


MEMBERS = [f"X{n:03}" for n in range(20)]


def shown(*more: Fact, percent: int = 5) -> Contest:
    return field_of(30, sampled(MEMBERS), *more, recheck_errors_percent=percent)


def done(contest: Contest) -> bool:
    return recheck_is_done(samples_of(contest), begun(contest))


def test_a_sample_is_through_when_every_member_was_rechecked() -> None:
    assert not recheck_is_done([], [])
    assert not done(shown())
    assert not done(shown(*map(rechecked, MEMBERS[1:])))
    assert done(shown(*map(rechecked, MEMBERS)))


@pytest.mark.parametrize(("wrong", "too_many"), [(0, False), (1, False), (2, True), (20, True)])
def test_the_share_of_errors_that_is_allowed_is_not_yet_too_much(wrong: int, too_many: bool) -> None:
    """5 % of 20 are 1."""
    contest = shown(*(rechecked(who, index >= wrong) for index, who in enumerate(MEMBERS)))
    [sample] = samples_of(contest)
    assert (sample.all_needed, sample.errors_percent, done(contest)) == (too_many, 5 * wrong, not too_many)
    assert ("recheck_errors" in {flag.code for flag in questions_of(contest)}) == too_many


WRONG = [rechecked(who, False) for who in MEMBERS[:2]]


def test_too_many_errors_are_told_before_the_sample_is_through() -> None:
    assert samples_of(shown(*WRONG))[0].all_needed


def test_a_later_recheck_does_not_take_an_error_back_but_undoing_the_first_does() -> None:
    rest = [rechecked(who) for who in MEMBERS[2:]]
    again = [rechecked(who, at_s=7_360, by="R3") for who in MEMBERS[:2]]
    contest = shown(*WRONG, *rest, *again)
    assert (samples_of(contest)[0].errors, done(contest)) == (2, False)
    taken_back = undo(WRONG[0].id, "u1", at_s=7_400)
    assert done(shown(*WRONG, *rest, *again, taken_back))
    assert not done(shown(*WRONG, *rest, taken_back)), "it was not rechecked then"


def test_drawing_another_sample_does_not_take_the_errors_of_the_first_away() -> None:
    other = sampled(["X029"], "n2", at_s=7_500)
    second = rechecked("X029", of="n2", at_s=7_510)
    assert done(shown(other, second)), "the latest sample counts"
    contest = shown(*WRONG, other, second)
    assert not done(contest)
    found = too_many_errors(samples_of(contest), begun(contest))
    assert found is not None
    assert found.drawn.id == "n1"


def test_once_everybody_was_rechecked_too_many_errors_are_no_question_any_more() -> None:
    everybody = [f"X{n:03}" for n in range(30)]
    others = [rechecked(who) for who in everybody if who not in MEMBERS[:2]]
    contest = shown(*WRONG, *others)
    assert done(contest)
    assert "recheck_errors" not in {flag.code for flag in questions_of(contest)}
    assert not done(shown(*WRONG, *others[:-1]))


def test_rechecks_are_counted_in_their_own_order_whatever_arrived_first() -> None:
    first, later = rechecked("X000", False, at_s=7_350), rechecked("X000", False, at_s=7_360, by="R3")
    for facts in ([first, later], [later, first]):
        found: Rechecked = samples_of(shown(*facts))[0].found[ContestantId("X000")]
        assert found.official == "R2"
