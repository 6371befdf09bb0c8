"""Yes-or-no questions: a missing answer is never "no"."""

from __future__ import annotations

import itertools

import pytest

from contest_server.core.judging import MissingEvidence
from contest_server.words import CHINESE
from judges.check import Check
from judges.checklist import Checklist
from tests.judges.cases import codes, evidence, made, marks, refusal

ITEMS = [{"field": "helmet", "marks": "2", "critical": True}, {"field": "gloves", "marks": "1"}, {"field": "mat", "marks": "1"}]
NAMES = ("helmet", "gloves", "mat")
ANSWERS = list(itertools.product((True, False), repeat=3))


def test_check_a1() -> None:
    judge = made(Check, max="3", field="lit")
    assert marks(judge.score(evidence({"lit": True}))) == 3
    assert marks(judge.score(evidence({"lit": False}))) == 0


def test_a_question_may_expect_no() -> None:
    judge = made(Check, max="3", field="damaged", expected=False)
    assert marks(judge.score(evidence({"damaged": False}))) == 3
    assert marks(judge.score(evidence({"damaged": True}))) == 0


@pytest.mark.parametrize("expected", [True, False])
@pytest.mark.parametrize("data", [{}, {"lit": None}, {"lit": "true"}, {"lit": 1}, {"lit": 0}, {"lit": ""}])
def test_a_missing_answer_is_not_judged(data: dict[str, object], expected: bool) -> None:
    with pytest.raises(MissingEvidence, match="lit: "):
        made(Check, max="3", field="lit", expected=expected).score(evidence(data))


@pytest.mark.parametrize("answers", ANSWERS)
def test_a_checklist_adds_what_holds_and_a_critical_item_decides_all_a2(answers: tuple[bool, bool, bool]) -> None:
    score = made(Checklist, max="4", items=ITEMS).score(evidence(dict(zip(NAMES, answers, strict=True))))
    helmet, gloves, mat = answers
    assert marks(score) == (2 + gloves + mat if helmet else 0)
    assert codes(score.opinions) == ([] if helmet else ["critical_failed"])


@pytest.mark.parametrize("answers", ANSWERS)
@pytest.mark.parametrize("k", [1, 2, 3])
def test_all_or_nothing_and_k_of_n_give_all_or_none(answers: tuple[bool, bool, bool], k: int) -> None:
    items = [{"field": name} for name in NAMES]
    seen = evidence(dict(zip(NAMES, answers, strict=True)))
    assert marks(made(Checklist, max="4", items=items, mode="k_of_n", k=k).score(seen)) == (4 if sum(answers) >= k else 0)
    assert marks(made(Checklist, max="4", items=items, mode="all_or_nothing").score(seen)) == (4 if all(answers) else 0)


@pytest.mark.parametrize("missing", NAMES)
def test_one_missing_answer_leaves_the_list_unjudged_even_where_a_critical_item_failed(missing: str) -> None:
    answers = {name: False for name in NAMES if name != missing}
    with pytest.raises(MissingEvidence, match=missing):
        made(Checklist, max="4", items=ITEMS).score(evidence(answers))


def test_all_missing_answers_are_named_together() -> None:
    with pytest.raises(MissingEvidence, match=r"gloves: .*; mat: ") as missing:
        made(Checklist, max="4", items=ITEMS).score(evidence({"helmet": True}))
    assert CHINESE.tell(missing.value.why) == "gloves：没有上传数值；mat：没有上传数值"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"max": "5"}, "marks add up to 4, but max is 5"),
        ({"items": []}, "at least one item"),
        ({"items": [ITEMS[1], ITEMS[1]], "max": "2"}, "gloves more than once"),
        ({"mode": "k_of_n"}, "needs k between 1 and 3"),
        ({"mode": "k_of_n", "k": 4}, "needs k between 1 and 3"),
        ({"k": 2}, 'k belongs to mode "k_of_n"'),
    ],
)
def test_impossible_lists_are_refused_in_words(wrong: dict[str, object], words: str) -> None:
    assert words in refusal(Checklist, **{"max": "4", "items": ITEMS, **wrong})
