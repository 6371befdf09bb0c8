"""Codes are revealed as they were drawn, from the top layer down, and until then nobody's marks count."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given

from contest_server.core.acts import Marked
from contest_server.core.blind import Codes, commitment_of
from contest_server.core.contest import Contest
from contest_server.core.facts import Event, Fact
from contest_server.core.ids import ActId
from contest_server.core.questions import questions_of
from tests.contests import CUP, JUDGES, Json, adopted, document, entries, event, fold, standing
from tests.core.stated import drawn, marked, revealed
from tests.core.test_rulings import undo
from tests.strategies import DICE

LOWER = {"A1-07": "A1", "A1-22": "A2", "A1-31": "B1", "A1-40": "B2"}
"""Codes of layer 1."""
UPPER = {"B-1": "A1-22", "B-2": "A1-07", "B-3": "A1-40", "B-4": "A1-31"}
"""B-2 is A1's, B-1 is A2's."""
WIRED = [event(seq, at_s=10 * seq, contestant=who, stage="wiring", data={"mohm": "2"}) for seq, who in ((1, "A1"), (2, "A2"))]
PANEL = [marked(official, value, code="B-2") for official, value in (("R1", "2"), ("R2", "2"), ("R3", "3"))]
DRAWS = [drawn(1, LOWER), drawn(2, UPPER)]
REVEALS = [revealed(2, UPPER, 8_000), revealed(1, LOWER, 8_100)]


def judged_by_a_panel() -> Json:
    changed = document()
    aspect = {"id": "order", "rule": "judgement_0_3", "max": 3, "field": "order", "referees": 3, "panel": 3}
    changed["stages"][0]["aspects"].append(aspect)
    return changed


def marks(contest: Contest, contestant: str = "A1") -> list[str]:
    return [each.value for each in contest.office.marks_of(contestant, "wiring")]  # type: ignore[arg-type]


def judged(*facts: Fact) -> Contest:
    return fold([adopted(judged_by_a_panel()), *facts])


def step_by_step(*facts: Fact) -> Contest:
    """The same, judged after every entry, as a server does."""
    contest = Contest(CUP, JUDGES)
    for entry in entries([adopted(judged_by_a_panel()), *facts]):
        contest.advance(entry)
        contest.settle()
    return contest


def test_marks_under_codes_count_once_every_layer_is_revealed() -> None:
    for known in ([], DRAWS, [*DRAWS, REVEALS[0]], [*DRAWS, REVEALS[1]]):
        contest = judged(*WIRED, *PANEL, *known)
        assert marks(contest) == []
        assert contest.digest() == judged(*WIRED, *DRAWS).digest()
    contest = judged(*WIRED, *PANEL, *DRAWS, *REVEALS)
    assert (marks(contest), marks(contest, "A2")) == (["2", "2", "3"], [])
    assert contest.digest() != judged(*WIRED, *DRAWS).digest()


@given(DICE)
def test_the_order_in_which_events_marks_and_reveals_arrive_does_not_matter(dice: Random) -> None:
    others = [marked(official, "1", 120, code="B-1") for official in ("R1", "R2", "R3")]
    changed = marked("R1", "3", 130, code="B-1")
    acts: list[Fact] = [*PANEL, *others, changed, *DRAWS, *REVEALS, undo(changed.id, "u1")]
    usual = standing(judged(*WIRED, *acts))
    facts: list[Fact] = [*WIRED]
    for act in dice.sample(acts, len(acts)):
        facts.insert(dice.randint(0, len(facts)), act)
    assert [each for each in facts if isinstance(each, Event)] == WIRED, "a source is in its own order"
    assert standing(step_by_step(*facts)) == usual


def test_a_mark_that_is_undone_under_its_code_does_not_count() -> None:
    contest = judged(*WIRED, *PANEL, *DRAWS, *REVEALS, undo(f"{PANEL[0].id}", "u1"))
    assert marks(contest) == ["2", "3"]
    assert contest.digest() == judged(*WIRED, *PANEL[1:], *DRAWS, *REVEALS).digest()
    again = judged(*WIRED, *PANEL, *DRAWS, *REVEALS, undo(f"{PANEL[0].id}", "u1"), undo("u1", "u2", 300))
    assert again.digest() == judged(*WIRED, *PANEL, *DRAWS, *REVEALS).digest()


FORGED: list[dict[str, Any]] = [
    {"codes": {"A1-07": "A2", "A1-22": "A1", "A1-31": "B1", "A1-40": "B2"}},
    {"codes": LOWER | {"A1-99": "A1"}},
    {"codes": {"A1-07": "A1"}},
    {"codes": {}},
    {"codes": LOWER, "salt": "sugar"},
]


@pytest.mark.parametrize("forged", FORGED)
def test_what_was_not_drawn_opens_nothing_and_keeps_the_truth_from_nobody(forged: dict[str, Any]) -> None:
    false = revealed(1, **{"at_s": 8_050, "name": "forged", **forged})
    without = judged(*WIRED, *PANEL, *DRAWS, REVEALS[0], false)
    assert (without.office.codes.next_to_reveal, marks(without)) == (1, [])
    assert marks(judged(*WIRED, *PANEL, *DRAWS, REVEALS[0], false, REVEALS[1])) == ["2", "2", "3"]


def test_who_reveals_a_lower_layer_first_has_to_do_it_again() -> None:
    early = revealed(1, LOWER, 7_900)
    contest = judged(*WIRED, *PANEL, *DRAWS, early, REVEALS[0])
    assert (contest.office.codes.next_to_reveal, marks(contest)) == (1, [])
    assert marks(judged(*WIRED, *PANEL, *DRAWS, early, *REVEALS)) == ["2", "2", "3"]


def test_the_earliest_draw_of_a_layer_counts() -> None:
    other = drawn(1, {"A1-07": "B2"}, at_s=-50)
    assert marks(judged(*WIRED, *PANEL, other, *DRAWS, *REVEALS)) == ["2", "2", "3"]


def test_a_mark_under_a_code_of_a_lower_layer_is_the_same_contestants() -> None:
    """Marked before the upper layer was stuck over it."""
    contest = judged(*WIRED, marked("R1", "1", code="A1-07"), *DRAWS, *REVEALS)
    assert marks(contest) == ["1"]


def test_a_mark_under_a_code_that_nobody_drew_is_a_question_once_that_is_known() -> None:
    lost = marked("R3", "1", code="B-9")

    def asked(*facts: Fact) -> list[str]:
        return [str(flag.detail) for flag in questions_of(judged(*WIRED, lost, *facts)) if flag.code == "unknown_code"]

    assert asked() == asked(*DRAWS) == asked(*DRAWS, REVEALS[0]) == []
    assert asked(*DRAWS, *REVEALS) == ["R3 marked order under the code 'B-9', which was never drawn; the mark counts for nobody"]
    assert asked(*DRAWS, *REVEALS, undo(f"{lost.id}", "u1")) == []


def test_a_code_without_a_contestant_below_it_is_nobodys() -> None:
    torn = {"B-1": "A1-22", "B-2": "A1-99"}
    codes = Codes()
    for act in (drawn(1, LOWER), drawn(2, torn), revealed(2, torn, 8_000), REVEALS[1]):
        codes.take(act)
    assert [codes.contestant_of(marked("R1", "1", code=code)) for code in ("B-1", "B-2", "A1-40")] == ["A2", None, "B2"]


def test_a_commitment_is_to_the_codes_and_not_to_how_they_are_written_down() -> None:
    assert commitment_of("salt", LOWER) == commitment_of("salt", dict(reversed(LOWER.items())))
    assert len({commitment_of("salt", LOWER), commitment_of("salt", UPPER), commitment_of("pepper", LOWER)}) == 3


def test_a_mark_with_the_name_of_a_contestant_needs_no_code() -> None:
    contest = judged(*WIRED, *DRAWS, marked("R1", "1", contestant="A2"))
    assert marks(contest, "A2") == ["1"]
    assert isinstance(contest.office.acts[ActId("k-R1-A2-100")].act, Marked)
