"""A bonus for the first clears that no later verdict takes back."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.facts import ContestantId
from contest_server.core.judging import Field
from judges.first_clear import FirstClear
from tests.judges.cases import made, refusal, stage

CLEARS = st.lists(st.integers(0, 9), max_size=9).map(lambda times: [(time, ContestantId(f"c{n}")) for n, time in enumerate(times)])


def award(clears: list[tuple[int, str]], pending_ms: int | None = None, value: str = "100", **more: object) -> dict[str, Decimal]:
    field = Field(stage(value=value), [(time, ContestantId(who)) for time, who in clears], pending_ms)
    return {str(who): bonus for who, bonus in made(FirstClear, **more).award(field).items()}


def test_the_first_three_get_five_three_and_one_percent_b4() -> None:
    assert award([(1, "a"), (2, "b"), (3, "c"), (4, "d")]) == {"a": 5, "b": 3, "c": 1}
    assert award([(1, "a")], value="12.5") == {"a": Decimal("0.625")}
    assert award([]) == {}


def test_equal_times_share_the_place_and_the_next_is_skipped() -> None:
    assert award([(1, "a"), (1, "b"), (2, "c"), (3, "d")]) == {"a": 5, "b": 5, "c": 1}
    assert award([(1, "a"), (2, "b"), (2, "c"), (3, "d")]) == {"a": 5, "b": 3, "c": 3}
    assert award([(1, "a"), (2, "b"), (3, "c"), (3, "d")]) == {"a": 5, "b": 3, "c": 1, "d": 1}


def test_nothing_is_given_at_or_after_the_earliest_unjudged_attempt() -> None:
    clears = [(1, "a"), (2, "b"), (3, "c")]
    assert award(clears, pending_ms=3) == {"a": 5, "b": 3}
    assert award(clears, pending_ms=2) == {"a": 5}
    assert award(clears, pending_ms=0) == {}


@given(clears=CLEARS, pending_ms=st.integers(0, 9), accepted=st.booleans())
def test_no_bonus_is_ever_taken_back_by_the_pending_verdict(
    clears: list[tuple[int, ContestantId]], pending_ms: int, accepted: bool
) -> None:
    judge, where = made(FirstClear), stage(value="100")
    before = judge.award(Field(where, sorted(clears), pending_ms))
    after = judge.award(Field(where, sorted([*clears, (pending_ms, ContestantId("new"))]) if accepted else sorted(clears)))
    assert before.items() <= after.items()


@given(clears=CLEARS)
def test_equal_times_get_equal_bonuses_and_earlier_ones_never_less(clears: list[tuple[int, ContestantId]]) -> None:
    bonus = made(FirstClear).award(Field(stage(value="100"), sorted(clears)))
    for time, who in clears:
        for other_time, other in clears:
            if time <= other_time:
                assert bonus.get(who, 0) >= bonus.get(other, 0)


def test_a_bonus_explains_itself() -> None:
    field = Field(stage(value="12.5"), [(1_000, ContestantId("a")), (2_000, ContestantId("b")), (2_000, ContestantId("c"))])
    judge = made(FirstClear)
    told = {who: [(str(step.what), str(step.result)) for step in judge.award_steps(field, ContestantId(who))] for who in "abcd"}
    assert told == {
        "a": [("place 1, cleared at 1 s: 0.05 × 12.5", "0.625")],
        "b": [("place 2, cleared at 2 s: 0.03 × 12.5", "0.375")],
        "c": [("place 2, cleared at 2 s: 0.03 × 12.5", "0.375")],
        "d": [],
    }


def test_impossible_shares_are_refused_in_words() -> None:
    assert "shares is empty" in refusal(FirstClear, shares=[])
    assert "must not get more" in refusal(FirstClear, shares=["0.01", "0.05"])
    assert "must not be above 1" in refusal(FirstClear, shares=["5"])
