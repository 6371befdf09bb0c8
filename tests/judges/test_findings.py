"""What contestants declare, list, photograph, do and answer, against what was there."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_server.core.judging import MissingEvidence, Score
from judges.amount_band import AmountBand
from judges.evidence_complete import EvidenceComplete
from judges.fault_finding import FaultFinding
from judges.procedure_order import ProcedureOrder
from judges.quiz import Quiz
from judges.set_match import SetMatch
from tests.judges.cases import codes, evidence, made, marks, refusal

PLANTED = [
    {"at": "K1", "cause": "coil open", "locate": 2, "explain": 1, "repair": 1},
    {"at": "F2", "cause": "fuse blown", "locate": 2, "explain": 1, "repair": 1},
]


def faults(**more: Any) -> FaultFinding:
    return made(FaultFinding, **{"max": 8, "field": "found", "faults_planted": PLANTED, "false_positive": 1, **more})


def said(at: str, cause: str | None = None, repaired: bool = False, ms: int | None = None) -> dict[str, Any]:
    return {"at": at, "cause": cause, "repaired": repaired, "ms": ms}


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ([said("K1", "coil open", True), said("F2", "fuse blown", True)], 8),
        ([said("K1", "coil open"), said("F2")], 5),  # 2 + 1, and 2
        ([said("K1", "fuse blown", True)], 3),  # located and repaired, the wrong cause
        ([said("K1"), said("X9")], 1),  # 2 - 1
        ([said("X8"), said("X9"), said("K1")], 0),  # 2 - 2
        ([said("X7"), said("X8"), said("X9"), said("K1")], 0),  # 2 - 3, not below 0
        ([said("K1", "coil open"), said("K1", "fuse blown")], 2),  # guessing both causes is neither
        ([said("K1", "coil open"), said("K1", "coil open", True)], 4),  # said again, and repaired later
        ([], 0),
    ],
)
def test_fault_finding_vectors_a12(declared: list[dict[str, Any]], expected: int) -> None:
    assert marks(faults().score(evidence({"found": declared}))) == expected


def test_a_fault_declared_before_any_measurement_is_a_question() -> None:
    judge = faults(measured_field="measured_ms")
    early = [said("K1", ms=900), said("F2", ms=5_000)]
    assert codes(judge.score(evidence({"found": early, "measured_ms": 1_000})).opinions) == ["declared_before_measurement"]
    assert codes(judge.score(evidence({"found": early[1:], "measured_ms": 1_000})).opinions) == []
    assert codes(judge.score(evidence({"found": early})).opinions) == ["declared_before_measurement"] * 2, "nobody ever measured"


def test_faults_found_one_after_the_other_at_once_are_a_question() -> None:
    judge = faults(least_ms=2_000)
    [opinion] = judge.score(evidence({"found": [said("K1", ms=3_000), said("F2", ms=4_999)]})).opinions
    assert (opinion.code, opinion.threshold, opinion.seen) == ("implausibly_fast", 2_000, 1_999)
    assert codes(judge.score(evidence({"found": [said("K1", ms=3_000), said("F2", ms=5_000)]})).opinions) == []


def test_the_first_fault_is_held_against_the_start_and_the_question_says_so() -> None:
    [opinion] = faults(least_ms=2_000).score(evidence({"found": [said("K1", ms=500)]})).opinions
    assert (opinion.code, opinion.seen) == ("implausibly_fast", 500)
    assert str(opinion.detail) == "the first fault was declared 0.5 s after the start; below 2 s is impossible"


DAMAGE = [{"item": item, "action": action} for item, action in zip("abcdef", ["replace"] * 3 + ["repair"] * 3, strict=True)]


def damage(**more: Any) -> SetMatch:
    return made(SetMatch, **{"max": 30, "field": "items", "reference": DAMAGE, **more})


def items(*pairs: str) -> dict[str, Any]:
    return {"items": [{"item": pair[0], "action": "replace" if pair[1] == "+" else "repair"} for pair in pairs]}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (("a+", "b+", "c+", "d-", "e+", "x+"), "20"),  # 4 · 5 + 1 · 5 · .5 - 1 · 5 · .5: the catalogue's
        (("a+", "b+", "c+", "d-", "e-", "f-"), "30"),
        (("a-", "b-", "c-"), "7.5"),  # 3 · 5 · .5
        (("x+", "y+", "z+"), "0"),  # -7.5, not below 0
        (("a+", "x+"), "2.5"),
        (("a+", "a+"), "5"),
        (("a+", "a-"), "2.5"),  # both actions are not the right one
        ((), "0"),
    ],
)
def test_set_match_vectors_a13(found: tuple[str, ...], expected: str) -> None:
    assert marks(damage().score(evidence(items(*found)))) == Decimal(expected)


def test_shares_that_do_not_end_are_rounded_once() -> None:
    # 10 / 3 · 2 = 6.6667, not 2 · 3.3333
    judge = made(SetMatch, max=10, field="items", reference=DAMAGE[:3])
    assert marks(judge.score(evidence(items("a+", "b+")))) == Decimal("6.6667")


def test_somebody_who_claims_everything_is_asked_about() -> None:
    assert codes(damage().score(evidence(items("a+", "w+", "x+"))).opinions) == []
    [opinion] = damage().score(evidence(items("a+", "w+", "x+", "y+"))).opinions
    assert (opinion.code, opinion.threshold, opinion.seen) == ("over_claim", 2, 3)


@given(found=st.lists(st.sampled_from(["a+", "a-", "b+", "d-", "x+", "y-"]), max_size=8), seed=st.integers(0, 99))
def test_the_order_of_a_list_decides_nothing(found: list[str], seed: int) -> None:
    shuffled = random.Random(seed).sample(found, len(found))
    assert damage().score(evidence(items(*found))) == damage().score(evidence(items(*shuffled)))


BANDS = [{"percent": 3, "share": 1}, {"percent": 5, "share": "0.8"}, {"percent": 10, "share": "0.5"}]


def amount(**more: Any) -> AmountBand:
    return made(AmountBand, **{"max": 1, "field": "cny", "reference": 8600, "bands": BANDS, **more})


@pytest.mark.parametrize(
    ("cny", "expected"),
    [
        ("8858", "1"),
        ("8859", ".8"),
        ("9030", ".8"),
        ("9031", ".5"),
        ("9460", ".5"),
        ("9461", "0"),
        ("8342", "1"),  # 8600 - 258, the lower edge
        ("8341.99", ".8"),
        ("7740", ".5"),  # 8600 - 860
        ("7739.99", "0"),
    ],
)
def test_amount_band_vectors_a14(cny: str, expected: str) -> None:
    assert marks(amount().score(evidence({"cny": cny}))) == Decimal(expected)


@pytest.mark.parametrize(
    ("cny", "asked"),
    [("86000", True), ("860", True), ("94600", True), ("94601", False), ("86", True), ("860000", True), ("20000", False), ("9461", False)],
)
def test_a_slipped_decimal_point_is_a_question(cny: str, asked: bool) -> None:
    assert codes(amount().score(evidence({"cny": cny})).opinions) == (["decimal_slip"] if asked else [])


def test_an_amount_near_an_edge_is_a_question_where_that_is_wanted() -> None:
    assert codes(amount(near=10).score(evidence({"cny": "8850"})).opinions) == ["edge_of_tolerance"]
    assert codes(amount(near=10).score(evidence({"cny": "8800"})).opinions) == []


SAFETY = ["停电", "验电", "接地", "挂牌", "遮栏"]


def procedure(**more: Any) -> ProcedureOrder:
    steps = [{"step": name, "marks": 2} for name in SAFETY]
    critical = [{"before": "停电", "then": "验电"}, {"before": "验电", "then": "接地"}]
    return made(ProcedureOrder, **{"max": 10, "field": "done", "steps_due": steps, "critical": critical, **more})


@pytest.mark.parametrize(
    ("done", "expected", "questions"),
    [
        (SAFETY, 10, []),
        (["停电", "验电", "接地", "遮栏", "挂牌"], 8, ["out_of_order"]),  # 遮栏 was done before 挂牌
        (["停电", "验电", "接地"], 6, ["missing_step"] * 2),
        (["停电", "接地", "挂牌", "遮栏"], 0, ["missing_step", "propose_disqualification"]),  # earthed without proving dead
        (["停电", "接地", "验电", "挂牌", "遮栏"], 0, ["out_of_order", "propose_disqualification"]),
        (["停电", "验电", "验电", "接地", "挂牌", "遮栏", "拍照"], 10, []),
        (["停电"], 2, ["missing_step"] * 4),
    ],
)
def test_procedure_order_vectors_a15(done: list[str], expected: int, questions: list[str]) -> None:
    found = procedure().score(evidence({"done": done}))
    assert (marks(found), codes(found.opinions)) == (Decimal(expected), questions)


def test_a_partial_order_asks_only_for_what_it_names() -> None:
    steps = [
        {"step": "a", "marks": 1},
        {"step": "b", "marks": 1, "after": ["a"]},
        {"step": "c", "marks": 1},
        {"step": "d", "marks": 1, "after": ["b"]},
    ]
    judge = made(ProcedureOrder, max=4, field="done", steps_due=steps, order="partial")
    assert marks(judge.score(evidence({"done": ["c", "a", "b", "d"]}))) == 4
    assert marks(judge.score(evidence({"done": ["d", "a", "b", "c"]}))) == 3, "d belongs after b, and so after a"
    assert "would have to come before itself" in refusal(
        ProcedureOrder,
        max=2,
        field="f",
        order="partial",
        steps_due=[{"step": "a", "marks": 1, "after": ["b"]}, {"step": "b", "marks": 1, "after": ["a"]}],
    )


def test_times_decide_the_order_and_two_steps_at_once_are_a_question() -> None:
    rows = [{"step": name, "ms": ms} for name, ms in zip(SAFETY, [0, 5_000, 5_400, 9_000, 20_000], strict=True)]
    judge = procedure(least_ms=500)
    found = judge.score(evidence({"done": rows[::-1]}))
    assert (marks(found), codes(found.opinions)) == (Decimal(10), ["implausibly_fast"])
    assert [(opinion.threshold, opinion.seen) for opinion in found.opinions] == [(500, 400)]


@pytest.mark.parametrize("least_ms", [0, 500])
def test_no_two_steps_are_less_than_no_time_apart(least_ms: int) -> None:
    """Where not all steps have a time, their order is that of the list, and the times may run backwards in it."""
    rows = [{"step": SAFETY[0], "ms": 9_000}, SAFETY[1], {"step": SAFETY[2], "ms": 5_000}, *SAFETY[3:]]
    found = procedure(least_ms=least_ms).score(evidence({"done": rows}))
    assert (marks(found), codes(found.opinions)) == (Decimal(10), [])


def photo(kind: str, size: int = 5_000, sha256: str = "", at_ms: int | None = None) -> dict[str, Any]:
    return {"kind": kind, "bytes": size, "sha256": sha256, "at_ms": at_ms}


def photos(**more: Any) -> EvidenceComplete:
    required = [{"kind": "front"}, {"kind": "plate"}, {"kind": "damage", "count": 2}]
    return made(EvidenceComplete, **{"max": 4, "field": "files", "required": required, "least_bytes": 1_000, **more})


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([photo("front"), photo("plate"), photo("damage"), photo("damage")], "4"),
        ([photo("front"), photo("damage"), photo("damage"), photo("damage")], "3"),  # a third one does not stand for the plate
        ([photo("front", 999), photo("plate", 1_000)], "1"),
        ([photo("damage", sha256="aa"), photo("damage", sha256="AA")], "1"),  # the same file
        ([photo("selfie")], "0"),
        ([], "0"),
    ],
)
def test_evidence_complete_vectors_a16(files: list[dict[str, Any]], expected: str) -> None:
    assert marks(photos().score(evidence({"files": files}))) == Decimal(expected)


def test_a_share_of_files_is_rounded_once() -> None:
    judge = made(EvidenceComplete, max=1, field="files", required=[{"kind": "a"}, {"kind": "b"}, {"kind": "c"}])
    assert marks(judge.score(evidence({"files": [photo("a"), photo("b")]}))) == Decimal("0.6667")


def test_a_file_from_another_time_is_a_question() -> None:
    judge = photos(window_s=10)
    files = [photo("front", at_ms=1_999), photo("plate", at_ms=2_000), photo("damage", at_ms=70_001), photo("damage")]
    found = judge.score(evidence({"files": files}, start_ms=12_000, time_ms=60_000))
    assert codes(found.opinions) == ["file_outside_window", "file_outside_window", "file_time_unknown"]
    assert marks(found) == 4, "it counts until a referee rules"


def test_a_file_that_is_not_there_takes_nothing_from_the_same_file_that_is() -> None:
    broken_off, whole = photo("front", 0, sha256="aa"), photo("front", sha256="aa")
    assert marks(photos().score(evidence({"files": [broken_off, whole]}))) == 1, "sent again, in whole"
    assert marks(photos().score(evidence({"files": [photo("selfie", sha256="aa"), whole]}))) == 1, "nobody asked for the other kind"
    assert marks(photos().score(evidence({"files": [whole, photo("plate", sha256="aa")]}))) == 1, "the same file is not two"


def test_only_a_file_that_counts_is_asked_when_it_was_made() -> None:
    wrong = [photo("front", 0, at_ms=-1), photo("selfie", at_ms=-1), photo("plate", 0)]
    found = photos(window_s=10).score(evidence({"files": [*wrong, photo("front", at_ms=20_000)]}, start_ms=12_000, time_ms=60_000))
    assert (marks(found), codes(found.opinions)) == (1, [])


ITEMS = [{"item": "1", "key": ["B"], "marks": 2}, {"item": "2", "key": ["A", "B", "C"], "marks": 6}]


def quiz(**more: Any) -> Quiz:
    return made(Quiz, **{"max": 8, "field": "answers", "items": ITEMS, **more})


@pytest.mark.parametrize(
    ("first", "second", "multiple", "expected"),
    [
        ("B", ["A", "B", "C"], "all_or_zero", 8),
        ("B", ["A", "B"], "all_or_zero", 2),
        ("A", ["A", "B"], "partial_0.5", 3),  # 2 of 3 keys: half of 6
        ("A", ["A", "B", "D"], "partial_0.5", 0),  # any wrong choice
        ("A", ["A"], "per_option", 2),  # 1 / 3 of 6
        ("B", ["A", "C"], "per_option", 6),  # 2 + 4
        ("B", ["A", "C", "D"], "per_option", 2),
        ("", [], "per_option", 0),
        (" B ", ["C", "B", "A", "A"], "all_or_zero", 8),
    ],
)
def test_quiz_vectors_a17(first: str, second: list[str], multiple: str, expected: int) -> None:
    assert marks(quiz(multiple=multiple).score(evidence({"answers": {"1": first, "2": second}}))) == expected


def test_an_answer_that_was_not_sent_is_not_judged_and_an_empty_one_is_wrong() -> None:
    with pytest.raises(MissingEvidence, match="2 has no answer"):
        quiz().score(evidence({"answers": {"1": "B"}}))
    with pytest.raises(MissingEvidence, match="2 has no answer"):
        quiz().score(evidence({"answers": {"1": "B", "2": None}}))


def test_answers_that_are_too_fast_or_too_slow_are_questions() -> None:
    judge = quiz(times_field="seconds", least_s=2, most_s=120)
    answers = {"1": "B", "2": ["A", "B", "C"]}
    found = judge.score(evidence({"answers": answers, "seconds": {"1": "1.9", "2": 121}}))
    assert [(opinion.code, opinion.threshold, opinion.seen) for opinion in found.opinions] == [
        ("answer_time", "2", "1.9"),
        ("answer_time", "120", "121"),
    ]
    assert [str(opinion.detail) for opinion in found.opinions] == [
        "1 was answered in 1.9 s; below 2 s is unusual",
        "2 was answered in 121 s; above 120 s is unusual",
    ]
    assert codes(judge.score(evidence({"answers": answers, "seconds": {"1": 2, "2": 120}})).opinions) == []


@pytest.mark.parametrize(
    ("seconds", "unknown"), [(None, "1, 2"), ("n/a", "1, 2"), ({"1": "3"}, "2"), ({"1": "3", "2": "fast"}, "2"), ({"1": "3", "2": 3}, "")]
)
def test_times_that_nobody_knows_are_a_question_and_cost_no_marks(seconds: Any, unknown: str) -> None:
    data = {"answers": {"1": "B", "2": ["A", "B", "C"]}, "seconds": seconds}
    found = quiz(times_field="seconds", least_s=2).score(evidence(data))
    assert marks(found) == 8
    assert [(opinion.code, opinion.seen) for opinion in found.opinions] == ([("answer_time_unknown", unknown)] if unknown else [])
    assert quiz(times_field="seconds").score(evidence(data)).opinions == (), "no time is unusual"


def test_where_nothing_was_answered_nobody_asks_how_long_it_took() -> None:
    found = quiz(times_field="seconds", least_s=2).score(evidence({"answers": {"1": "", "2": []}}))
    assert (marks(found), found.opinions) == (0, ())


def test_a_blank_around_a_right_choice_of_the_key_changes_nothing() -> None:
    judge = quiz(max=2, items=[{"item": "1", "key": [" B"], "marks": 2}])
    assert marks(judge.score(evidence({"answers": {"1": "B "}}))) == 2


@pytest.mark.parametrize("judge", [faults(), damage(), amount(), procedure(), photos(), quiz()], ids=lambda judge: judge.rule)
@pytest.mark.parametrize("value", [None, "n/a", 7.5, [7], [None], [{}], [[]], {"1": {}}, [{"at": 1}], "NaN"])
def test_what_is_no_evidence_is_not_judged(judge: Any, value: Any) -> None:
    if value == 7.5 and isinstance(judge, AmountBand):
        assert judge.score(evidence({judge.field: value})).marks is not None, "to this judge alone it is an amount"
        return
    for data in ({}, {judge.field: value}):
        with pytest.raises(MissingEvidence):
            judge.score(evidence(data))


@given(
    junk=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda below: (
            st.lists(below, max_size=3)
            | st.dictionaries(
                st.sampled_from(["at", "cause", "item", "action", "kind", "bytes", "step", "ms", "1", "2"]), below, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_any_evidence_is_judged_or_missing_and_nothing_else(junk: Any) -> None:
    for judge in (faults(measured_field="m", least_ms=1), damage(), amount(), procedure(least_ms=1), photos(window_s=1), quiz()):
        try:
            found = judge.score(evidence({judge.field: junk}))
        except MissingEvidence:
            continue
        assert isinstance(found, Score)
        assert found.marks is not None
        assert 0 <= found.marks <= found.maximum


def test_impossible_findings_are_refused_in_words() -> None:
    assert "add up to 8, but max is 9" in refusal(FaultFinding, max=9, field="f", faults_planted=PLANTED)
    assert "reference is empty" in refusal(SetMatch, max=9, field="f", reference=[])
    assert "a more than once" in refusal(SetMatch, max=9, field="f", reference=[DAMAGE[0]] * 2)
    assert "need an amount above 0" in refusal(AmountBand, max=9, field="f", reference=0, bands=BANDS)
    assert "shares must not grow" in refusal(AmountBand, max=9, field="f", reference=1, bands=BANDS[::-1])
    assert "接電 is not a step" in refusal(
        ProcedureOrder, max=2, field="f", steps_due=[{"step": "a", "marks": 2}], critical=[{"before": "接電", "then": "a"}]
    )
    assert "counts files from 1" in refusal(EvidenceComplete, max=2, field="f", required=[{"kind": "a", "count": 0}])
    assert "is empty; give at least one right answer" in refusal(Quiz, max=2, field="f", items=[{"item": "1", "key": [], "marks": 2}])
