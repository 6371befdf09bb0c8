"""What a ruling about everybody would change is the same whether it is found out in pieces, while the contest goes on, or at once."""

from __future__ import annotations

import gc
from itertools import islice
from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest_server.core import remaking, supposing
from contest_server.core.acts import Act, Confirm, Remove, Ruled
from contest_server.core.contest import Contest
from contest_server.core.effects import effect_of
from contest_server.core.facts import Entry, Event, Fact
from contest_server.core.ids import VenueId
from contest_server.core.sheet import Sheet
from contest_server.core.supposing import Supposition, ToBeSupposed, supposed_effect
from tests.contests import START_US, adopted, clock, entries, event, fold, folded, standing
from tests.core.acting import acts
from tests.core.test_rejudging import second_version
from tests.core.test_ruling_laws import judged_by_a_panel, woven
from tests.core.test_rulings import ruling, undo
from tests.strategies import DICE, histories

STOPPED = ruling(Remove(START_US + 1_000_000, START_US + 3_000_000), "stop", None, None, None)
FOR_ALL = ruling(Remove(START_US, START_US + 2_000_000), "x1", None, None, None)
FOR_A_VENUE = ruling(Remove(START_US, START_US + 2_000_000, VenueId("yueqing")), "x1", None, None, None)


@pytest.fixture(autouse=True)
def _everything_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remaking, "AT_ONCE_MAX", 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(stories_max=6), acts(), st.sampled_from((FOR_ALL, FOR_A_VENUE, undo("stop", "x1"))), DICE)
def test_in_pieces_or_at_once_it_is_the_same_effect(
    history: dict[str, list[Event]], stated: list[Act], supposed: Ruled, dice: Random
) -> None:
    facts: list[Fact] = [adopted(judged_by_a_panel()), clock("start", 0), STOPPED, *woven(history, stated, dice)]
    cut = dice.randint(3, len(facts))
    contest, supposition = folded(entries(facts[:cut])), Supposition(supposed)
    coming, was_long = iter(entries(facts[cut:], after=cut)), False

    def take(entry: Entry) -> bool:
        is_long = remaking.is_long(contest, entry.fact)
        contest.advance(entry)
        contest.settle()
        return is_long

    for _ in supposition.pieces(contest):
        if dice.random() < 0.5 and (entry := next(coming, None)) is not None:
            was_long |= take(entry)
    for entry in coming:
        was_long |= take(entry)
    before = standing(contest)
    try:
        effect = supposition.effect(contest)
    except ToBeSupposed:
        assert was_long, "everybody was judged again meanwhile"
        return
    assert not was_long, "that would have been done at one go"
    at_last = msgspec.structs.replace(supposed, at_us=START_US + 1_000_000_000)
    assert effect == effect_of(contest, [at_last]), "whenever it was supposed, it comes after all that was stated"
    assert standing(contest) == before


SOME: list[Fact] = [adopted(), clock("start", 0), event(1), event(2, contestant="B1", at_s=4)]


@pytest.mark.parametrize("supposed", [FOR_ALL, FOR_A_VENUE, undo("r1")])
def test_what_is_about_everybody_has_to_be_supposed_first(supposed: Ruled) -> None:
    contest = fold([*SOME, ruling(Remove(START_US, START_US + 2_000_000), "r1", None, None, None)])
    with pytest.raises(ToBeSupposed):
        supposed_effect(contest, supposed, None)
    with pytest.raises(ToBeSupposed):
        supposed_effect(contest, supposed, Supposition(supposed))
    other = Supposition(ruling(Remove(START_US, START_US + 9), "x1", None, None, None))
    for _ in other.pieces(contest):
        pass
    with pytest.raises(ToBeSupposed):
        supposed_effect(contest, supposed, other)


def test_what_is_about_one_contestant_is_found_out_at_once() -> None:
    contest = fold(SOME)
    assert supposed_effect(contest, ruling(Confirm()), None).rows == []


def test_where_too_much_happened_since_it_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supposing, "FOLLOWS_AT_ONCE_MAX", 1)
    for more in ([event(3), event(4)], [adopted(second_version())]):
        contest, supposition = fold(SOME), Supposition(FOR_ALL)
        for _ in supposition.pieces(contest):
            pass
        assert supposition.effect(contest).rows
        for entry in entries(more, after=contest.position):
            contest.advance(entry)
            contest.settle()
        with pytest.raises(ToBeSupposed):
            supposition.effect(contest)


@pytest.mark.parametrize("fact", [clock("pause", 1), clock("start", 1), ruling(Remove(START_US, START_US + 9), "r1", None, None, None)])
def test_what_takes_long_is_not_taken_in_at_one_go(fact: Fact) -> None:
    """Asked before it is taken in: a pause of the past that stands already moves nothing any more."""
    for cut in (0, 2):
        contest, supposition = fold(SOME), Supposition(FOR_ALL)
        for count, _ in enumerate(supposition.pieces(contest)):
            if count == cut:
                advance(contest, fact)
        if not cut:
            advance(contest, event(3))
        with pytest.raises(ToBeSupposed):
            supposition.effect(contest)


def test_the_same_ruling_may_be_entered_while_it_is_supposed() -> None:
    contest, supposition = fold(SOME), Supposition(msgspec.structs.replace(FOR_ALL, needs=("a second person",)))
    for _ in supposition.pieces(contest):
        pass
    assert supposition.effect(contest).rows
    advance(contest, FOR_ALL)
    with pytest.raises(ToBeSupposed):
        supposition.effect(contest)


def advance(contest: Contest, fact: Fact) -> None:
    contest.advance(entries([fact], after=contest.position)[0])
    contest.settle()


def test_it_is_freed_while_it_is_let_go_not_at_the_end_of_it() -> None:
    def shadows() -> int:
        return sum(isinstance(each, Sheet) and all(each is not own for own in contest.sheets.values()) for each in gc.get_objects())

    gc.collect()
    contest, supposition = fold(SOME), Supposition(FOR_ALL)
    before = shadows()
    for _ in supposition.pieces(contest):
        pass
    held = shadows()
    going = supposition.let_go()
    for _ in islice(going, len(contest.fields) + len(contest.sheets) - 1):
        pass
    assert held - before == len(contest.sheets) > 2
    assert shadows() - before <= 1
    for _ in going:
        pass
    assert shadows() == before


def test_it_is_let_go_in_pieces_and_the_contest_is_untouched() -> None:
    contest, supposition = fold(SOME), Supposition(FOR_ALL)
    pieces = sum(1 for _ in supposition.pieces(contest))
    assert pieces > len(contest.sheets)
    assert sum(1 for _ in supposition.let_go()) == 2 * len(contest.sheets) + len(contest.fields)
    assert standing(contest) == standing(fold(SOME))
