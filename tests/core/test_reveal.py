"""The reveal: from the bottom up, step by step. Whoever is not revealed yet is seen as at the freeze, whatever is shown of others."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given

from contest_server.core.acts import Annul, Penalise, Ruled, Undo
from contest_server.core.audience import first_clears_for, frozen_notice, row_for
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId, Entry, Event, Fact, Frozen, StageId, Thawed, Unveiled, Veiled
from contest_server.core.ids import ActId, AttemptId, OfficialId
from contest_server.core.rows import Row
from contest_server.core.unveiling import CannotReveal, next_step, public_ranking, unveil, veil
from tests.contests import START_US, adopted, clock, document, entries, event, fold, tried
from tests.core.acting import acts
from tests.strategies import DICE, histories, in_some_order

OVER_US = START_US + 3 * 3_600_000_000


def public(contest: Contest) -> dict[ContestantId, Row]:
    everybody = {*contest.rows, *(contest.frozen.rows if contest.frozen else ())}
    seen = {who: row_for(contest, who, "public") for who in everybody}
    return {who: row.row for who, row in seen.items() if row is not None}


def enter(contest: Contest, facts: Sequence[Fact]) -> set[ContestantId]:
    for entry in entries(facts, after=contest.position):
        contest.advance(entry)
    return contest.settle()


def cup(*after_freeze: Event) -> Contest:
    """B1 leads at the freeze, then A1, then A2; B2 has nothing."""
    begun = [event(1, contestant="B1", at_s=10), event(2, contestant="A1", at_s=20), event(3, contestant="A2", at_s=30)]
    return fold([clock("start", 0), *begun, Frozen(20), *after_freeze, clock("end", 7_000)])


LATE = (
    event(4, contestant="A2", stage="wiring", data={"mohm": "2"}, at_s=6_000, attempt="w"),
    tried(5, "rejected", contestant="A1", stage="wiring", at_s=6_001, attempt="w"),
)


def walked(contest: Contest) -> list[str]:
    """The contestants in the order in which steps reveal them."""
    order: list[str] = []
    for number in range(20):
        step = next_step(contest)
        if step is None:
            return order
        order.append(step.contestant)
        enter(contest, unveil(contest, f"s{number}", OVER_US))
    raise AssertionError("the reveal does not end")


def test_it_goes_from_the_bottom_up_and_whoever_climbs_is_not_met_again() -> None:
    contest = cup(*LATE)
    assert walked(contest) == ["A2", "A1", "B1"], "A2 is third at the freeze, and first in truth; B2 and the guest have nothing to reveal"
    assert public(contest) == {who: row.row for who, row in contest.rows.items()}
    assert list(public_ranking(contest)) == list(contest.ranking)


def test_the_best_have_a_step_of_their_own_even_if_nothing_is_hidden() -> None:
    assert walked(cup()) == ["A2", "A1", "B1"]


def test_who_came_back_to_what_the_public_sees_hides_nothing() -> None:
    """B2, who is fourth, was penalised after the freeze, and the penalty was undone."""
    about: Any = {"at_us": START_US + 6_000_000_000, "official": OfficialId("C1"), "code": "other", "reason": "seen on video"}
    fine = Ruled(id=ActId("r1"), action=Penalise(marks="2"), contestant=ContestantId("B2"), **about)
    contest = cup()
    enter(contest, [event(1, contestant="B2", at_s=40, source="yueqing/late"), Thawed(), Frozen(20), fine])
    assert walked(contest) == ["B2", "A2", "A1", "B1"]
    contest = cup()
    enter(contest, [event(1, contestant="B2", at_s=40, source="yueqing/late"), Thawed(), Frozen(20), fine])
    enter(contest, [Ruled(id=ActId("u1"), action=Undo(ActId("r1")), **about)])
    assert walked(contest) == ["A2", "A1", "B1"]


def test_who_is_unveiled_again_was_unveiled_by_the_first_step() -> None:
    contest = cup(*LATE)
    enter(contest, [Unveiled("s1", ContestantId("A2")), Unveiled("s2", ContestantId("A2"))])
    assert [each.id for each in contest.unveiled.values()] == ["s1"]


def test_who_was_passed_is_revealed_with_the_step_and_taken_back_with_it() -> None:
    contest = cup(*LATE)
    facts = unveil(contest, "s1", OVER_US)
    assert [each.contestant for each in facts if isinstance(each, Unveiled)] == ["G1", "B2", "A2"]
    before = public(contest)
    assert "A2" in enter(contest, facts)
    assert public(contest) != before
    assert "A2" in enter(contest, veil(contest, "s2", OVER_US))
    assert public(contest) == before
    assert contest.unveiled == {}


@given(histories(), DICE)
def test_nothing_of_those_who_are_not_revealed_is_seen(history: dict[str, list[Event]], dice: Random) -> None:
    """Two contests that differ only in what somebody did after the freeze look alike until that one is revealed."""
    facts = in_some_order(history, dice)
    cut = dice.randint(0, len(facts))
    contest = fold([*_begin(), *facts[:cut], Frozen(20), *facts[cut:], clock("end", 7_000)])
    frozen = {who: row.row for who, row in fold([*_begin(), *facts[:cut]]).rows.items()}
    for number in range(20):
        for who, row in public(contest).items():
            if who not in contest.unveiled:
                assert (row.points, row.key, row.cleared, row.time_ms) == _figures(frozen[who])
            else:
                assert row == contest.rows[who].row
        for stage, (who_first, _) in first_clears_for(contest, "public").items():
            frozen_first = contest.frozen.first if contest.frozen else {}
            assert stage in frozen_first or all(each in contest.unveiled for each in who_first)
        if next_step(contest) is None:
            break
        enter(contest, unveil(contest, f"s{number}", OVER_US))
    assert public(contest) == {who: row.row for who, row in contest.rows.items()}
    assert first_clears_for(contest, "public") == contest.first_clears()


def _begin() -> list[Fact]:
    return [clock("start", 0)]


def _figures(row: Row) -> tuple[object, ...]:
    return (row.points, row.key, row.cleared, row.time_ms)


def test_a_first_clear_is_named_only_once_its_holder_is_revealed() -> None:
    contest = fold(
        [clock("start", 0), event(1, contestant="B1", at_s=1, stage="wiring"), Frozen(20), event(2, contestant="A1"), clock("end", 9)]
    )
    assert StageId("quiz") not in first_clears_for(contest, "public")
    enter(contest, [Unveiled("s1", ContestantId("B2"))])
    assert StageId("quiz") not in first_clears_for(contest, "public")
    enter(contest, [Unveiled("s2", ContestantId("A1"))])
    assert first_clears_for(contest, "public")[StageId("quiz")] == ((ContestantId("A1"),), 0)


def firsts_seen(contest: Contest) -> dict[StageId, tuple[tuple[ContestantId, ...], int]]:
    """By an oracle that knows nothing but the rows that the public sees: who is marked as the first there. Those who are revealed are
    believed; of the others, as at the freeze, only who is the first at the same time.
    """
    found: dict[StageId, tuple[tuple[ContestantId, ...], int]] = {}
    marked: dict[StageId, list[tuple[bool, int, ContestantId]]] = {}
    for who, row in public(contest).items():
        for stage, mark in row.stages.items():
            if mark.first and mark.ms is not None:
                marked.setdefault(stage, []).append((who in contest.unveiled and who in contest.rows, mark.ms, who))
    for stage, several in marked.items():
        surely = [each for each in several if each[0]]
        ms = min(each[1] for each in surely or several)
        found[stage] = tuple(sorted(who for _, when, who in several if when == ms)), ms
    return found


@given(histories(), acts(), DICE)
def test_first_clears_tell_during_a_reveal_what_the_rows_tell_and_nothing_else(
    history: dict[str, list[Event]], stated: list[Fact], dice: Random
) -> None:
    """Whatever became of the first ones since the freeze: annulled, disqualified, overtaken by what arrived late, joined by others."""
    facts = in_some_order(history, dice)
    cut = dice.randint(0, len(facts))
    contest = fold([*_begin(), *facts[:cut], Frozen(20), *facts[cut:], *stated, clock("end", 7_000)])
    order = [*contest.rows]
    dice.shuffle(order)
    for number, who in enumerate(["", *order]):
        if who:
            enter(contest, [Unveiled(f"s{number}", ContestantId(who))])
        seen = first_clears_for(contest, "public")
        assert seen == firsts_seen(contest)
        true = contest.first_clears()
        for stage, (named, _) in seen.items():
            revealed = {each for each in named if each in contest.unveiled}
            assert revealed <= {*true.get(stage, ((), 0))[0]}, "who is revealed is named only where they were the first"
    assert first_clears_for(contest, "public") == contest.first_clears()


def test_that_somebody_who_is_not_revealed_was_as_early_is_not_told() -> None:
    """A1 and B1 cleared the quiz in the same second after the freeze: with A1 alone revealed, A1 was the first, as without B1."""
    both = [event(1, contestant="A1", at_s=50), event(1, contestant="B1", at_s=50, source="yueqing/desk")]
    for late in (both, both[:1]):
        contest = fold([clock("start", 0), Frozen(20), *late, clock("end", 7_000)])
        enter(contest, [Unveiled("s1", ContestantId("A1"))])
        assert first_clears_for(contest, "public") == {StageId("quiz"): ((ContestantId("A1"),), 50_000)}


def test_of_two_firsts_at_the_freeze_the_one_who_is_revealed_and_was_not_is_named_no_more() -> None:
    both = [event(1, contestant="A1", at_s=50), event(1, contestant="B1", at_s=50, source="yueqing/desk")]
    about: Any = {"at_us": START_US + 6_000_000_000, "official": OfficialId("C1"), "code": "other", "reason": "seen on video"}
    annulled = Ruled(id=ActId("r1"), action=Annul(), contestant=ContestantId("A1"), stage=StageId("quiz"), attempt=AttemptId("1"), **about)
    contest = fold([clock("start", 0), *both, Frozen(20), annulled, clock("end", 7_000)])
    quiz = StageId("quiz")
    assert first_clears_for(contest, "public")[quiz][0] == ("A1", "B1")
    enter(contest, [Unveiled("s1", ContestantId("A1"))])
    assert first_clears_for(contest, "public")[quiz][0] == ("B1",)


def test_who_left_the_definition_is_still_the_first_as_at_the_freeze() -> None:
    contest = fold([clock("start", 0), event(1, contestant="A2", at_s=50), Frozen(20), clock("end", 7_000)])
    smaller = document(2, contestants=[{"id": "A1", "venue": "yongjia"}, {"id": "B1", "venue": "yueqing"}])
    enter(contest, [adopted(smaller), Unveiled("s1", ContestantId("A2"))])
    assert first_clears_for(contest, "public") == firsts_seen(contest) == {StageId("quiz"): ((ContestantId("A2"),), 50_000)}


def test_the_same_step_sent_twice_is_made_once() -> None:
    contest = cup(*LATE)
    enter(contest, unveil(contest, "s1", OVER_US))
    assert unveil(contest, "s1", OVER_US) == []
    enter(contest, veil(contest, "s2", OVER_US))
    assert veil(contest, "s2", OVER_US) == []
    assert unveil(contest, "s1", OVER_US) == [], "not even after it was taken back: it was another press of a key"


@pytest.mark.parametrize(
    ("code", "contest", "at_us", "expected"),
    [
        ("not_ended", fold([clock("start", 0), Frozen(20)]), START_US + 60_000_000, None),
        ("not_frozen", fold([clock("start", 0), clock("end", 9)]), OVER_US, None),
        ("next_is_another", cup(*LATE), OVER_US, "B1"),
    ],
)
def test_a_step_is_refused_by_name(code: str, contest: Contest, at_us: int, expected: str | None) -> None:
    with pytest.raises(CannotReveal) as refused:
        unveil(contest, "s1", at_us, expected)
    assert refused.value.code == code


def test_there_is_an_end_in_both_directions() -> None:
    contest = cup()
    with pytest.raises(CannotReveal, match="nobody is revealed"):
        veil(contest, "s", OVER_US)
    walked(contest)
    with pytest.raises(CannotReveal, match="everybody is revealed"):
        unveil(contest, "again", OVER_US)


def test_the_thaw_ends_it_and_a_new_freeze_begins_with_nobody_revealed() -> None:
    contest = cup(*LATE)
    enter(contest, unveil(contest, "s1", OVER_US))
    enter(contest, [Thawed(), Frozen(1)])
    assert contest.unveiled == {}
    assert (frozen_notice(contest) or {})["revealed"] == {"count": 0, "last": []}


def test_outside_a_freeze_and_of_strangers_it_changes_nothing() -> None:
    contest = fold([clock("start", 0), event(1)])
    digest = contest.digest()
    enter(contest, [Unveiled("s1", ContestantId("A1")), Veiled("s2", ContestantId("A1")), Unveiled("s3", ContestantId("stranger"))])
    assert (contest.digest(), contest.unveiled) == (digest, {})
    frozen = cup(*LATE)
    before = public(frozen)
    enter(frozen, [Unveiled("s4", ContestantId("stranger")), Veiled("s5", ContestantId("B2"))])
    assert public(frozen) == before


def test_the_score_itself_is_not_touched() -> None:
    contest, other = cup(*LATE), cup(*LATE)
    walked(contest)
    assert contest.digest() == other.digest()


def test_who_left_the_definition_since_stays_as_at_the_freeze() -> None:
    contest = cup(*LATE)
    smaller = document(2, contestants=[{"id": "A1", "venue": "yongjia"}, {"id": "B1", "venue": "yueqing"}])
    contest.advance(Entry(contest.position + 1, 0, "test", adopted(smaller)))
    contest.settle()
    before = public(contest)[ContestantId("A2")]
    enter(contest, [Unveiled("s1", ContestantId("A2"))])
    assert public(contest)[ContestantId("A2")] == before
    walked(contest)
