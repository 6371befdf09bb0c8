"""A mark is one that its judge could take, on work that may be marked, by somebody who may mark it; all else is refused with its reason."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from contest_server.core.acts import Marked
from contest_server.core.contest import Contest
from contest_server.core.denials import Denied
from contest_server.core.facts import Fact, Finalised
from contest_server.core.ids import ActId, AttemptId, ContestantId, OfficialId, StageId
from contest_server.core.marking import mark
from tests.contests import START_US, adopted, document, event, fold
from tests.core.test_deciding import actor


def panel(*facts: Fact) -> Contest:
    """A panel of three marks the order of the wiring, 0 to 3 in whole marks; A1 and B2, for whom R1 is recused, have work there."""
    marked = document()
    marked["stages"][0]["aspects"].append({"id": "order", "rule": "judgement_0_3", "max": 3, "field": "order", "panel": 3})
    works = [event(number, stage="wiring", data={"mohm": "2"}, contestant=who) for number, who in enumerate(("A1", "B2"), 1)]
    return fold([adopted(marked), *works, *facts])


def given(official: str = "R2", **changes: Any) -> Marked:
    about = {"stage": StageId("wiring"), "aspect": "order", "value": "2", "contestant": ContestantId("A1"), "attempt": AttemptId("1")}
    return Marked(ActId(f"m-{official}"), START_US, OfficialId(official), **(about | changes))


def refused(contest: Contest, marked: Marked) -> str:
    with pytest.raises(Denied) as denied:
        mark(contest, actor(contest, marked.official), marked)
    return denied.value.code


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        ("0", True),
        ("3", True),
        ("2.0", True),
        ("2.5", False),
        ("4", False),
        ("-1", False),
        ("NaN", False),
        ("Infinity", False),
        ("２", False),
        ("٢", False),
        ("0_2", False),
    ],
)
def test_a_mark_that_its_rule_could_not_judge_completes_no_panel(value: str, taken: bool) -> None:
    contest, marked = panel(), given(value=value)
    if taken:
        assert mark(contest, actor(contest, "R2"), marked) == marked
    else:
        assert refused(contest, marked) == "bad_mark"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stage": StageId("nowhere")}, "unknown_stage"),
        ({"aspect": "safety"}, "bad_mark"),
        ({"attempt": None}, "bad_mark"),
        ({"contestant": None}, "bad_mark"),
        ({"official": OfficialId("R1"), "contestant": ContestantId("B2")}, "recused"),
    ],
)
def test_a_mark_on_what_cannot_be_marked_so_is_refused(changes: dict[str, Any], code: str) -> None:
    assert refused(panel(), msgspec.structs.replace(given(), **changes)) == code


def test_a_complete_panel_and_a_final_result_take_no_more_marks() -> None:
    full = panel(*(given(official) for official in ("R1", "R2", "R3")))
    assert refused(full, given("C1")) == "complete"
    assert refused(panel(Finalised()), given()) == "final"


def test_the_same_mark_sent_again_is_nothing_new_and_another_under_its_id_is_refused() -> None:
    contest = panel(given())
    assert mark(contest, actor(contest, "R2"), given()) is None
    assert refused(contest, given(value="1")) == "id_taken"
