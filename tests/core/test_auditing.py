"""An audit comes to the same board from the facts alone, and names every act that should not have been possible."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from random import Random

import msgspec
import pytest
from hypothesis import given

from contest_server.core.actors import actor_of
from contest_server.core.acts import Act, Annul, Confirm, Override, Penalise, Ruled, Sampled, Seconded, Signed, TurnedAway
from contest_server.core.auditing import REMARKS, Auditor
from contest_server.core.deciding import basis_of, rule
from contest_server.core.facts import Entry, Event, Fact, Finalised
from contest_server.core.ids import ActId, ContestantId, OfficialId
from contest_server.core.judged_before import digest_of_result
from contest_server.words import CHINESE
from tests.contests import JUDGES, START_US, adopted, clock, document, event, fold
from tests.core.acting import acts
from tests.core.stated import published
from tests.core.test_judged_before import Otherwise
from tests.core.test_ruling_laws import woven
from tests.core.test_rulings import CLEAR, ruling, second
from tests.strategies import DICE, histories

TOLD: Sequence[Fact] = (adopted(), CLEAR, event(2, at_s=30, contestant="A2"), event(1, at_s=40, contestant="B1", source="yueqing/desk"))


def audited(facts: Sequence[Fact]) -> Auditor:
    auditor = Auditor(JUDGES)
    for position, fact in enumerate(facts, start=1):
        official = getattr(fact, "official", None)
        auditor.take(Entry(position, START_US + position, f"official:{official}" if official else "test", fact))
    return auditor


def found(facts: Sequence[Fact]) -> list[tuple[int, str]]:
    return [(each.position, each.code) for each in audited(facts).findings]


def allowed(facts: Sequence[Fact], wish: Ruled) -> Ruled:
    """The ruling as the server would have entered it after these facts."""
    contest = fold(facts)
    assert contest.definition is not None
    actor = actor_of(contest.definition, wish.official)
    assert actor is not None
    basis = basis_of(contest, wish.contestant, wish.stage) if wish.contestant and wish.stage else None
    decided = rule(contest, actor, wish, basis)
    assert decided is not None
    return decided


@given(histories(stories_max=5), acts(), DICE)
def test_an_audit_comes_to_the_same_board(history: dict[str, list[Event]], stated: list[Act], dice: Random) -> None:
    facts: list[Fact] = [adopted(), *woven(history, stated, dice)]  # the base of it is always there to rule on
    auditor, contest = audited(facts), fold(facts)
    assert auditor.digest() == contest.digest()
    ranks = [(row["rank"], row["contestant"], row["points"]) for row in auditor.ranking()]
    assert ranks == [(contest.ranking.rank_of(who), who, contest.rows[who].row.points) for who in contest.ranking]


def test_what_the_server_entered_has_no_findings() -> None:
    dear = allowed(TOLD, ruling(Annul()))
    assert dear.needs
    cheap = allowed([*TOLD, dear, second("r1")], ruling(Confirm(), "r2", "A2", at_s=300))
    assert not cheap.needs
    assert found([*TOLD, dear, second("r1"), cheap]) == []


def test_it_says_who_changed_what_when_and_why() -> None:
    changes = audited([*TOLD, allowed(TOLD, ruling(Annul())), second("r1")]).changes
    assert [(each.position, each.by, each.about) for each in changes] == [
        (1, "test", ""),
        (5, "official:R1", "A1/quiz/1"),
        (6, "official:R2", ""),
    ]
    assert changes[1].reason == "evidence_reviewed: seen on video"
    assert changes[1].moved == [], "it waits for a second person"
    assert changes[2].moved[0].startswith("A1: points 10.5 → 0, rank 1 → ")


def test_each_act_that_should_not_have_been_possible_is_found_and_nothing_else() -> None:
    cheat = ruling(Annul(), attempt="1")
    assert found([*TOLD, cheat]) == [(5, "second_person_missing")]
    dear = allowed(TOLD, cheat)
    assert found([*TOLD, dear, second("r1", official="R1")]) == [(6, "own_decision")]
    recused = ruling(Penalise(marks="1"), contestant="B2", stage=None, attempt=None, official="R1")
    assert found([*TOLD, recused]) == [(5, "recused")]
    assert found([*TOLD, ruling(Confirm(), official="X9")]) == [(5, "unknown_official")]
    assert found([*TOLD, ruling(Override(aspect="none", marks="1"))]) == [(5, "bad_ruling")]
    assert found([*TOLD, Finalised()]) == [(5, "finalised_early")]
    assert found([*TOLD, clock("end", -10), Finalised()]) == []
    signed = Signed(ActId("s"), START_US, OfficialId("R2"), ContestantId("A1"), "referee", "0" * 16)
    assert found([*TOLD, signed]) == [(5, "signature")]
    sample = Sampled(ActId("p"), START_US, OfficialId("C1"), "seed", 1, 0, (ContestantId("B1"),))
    assert found([*TOLD, sample]) == [(5, "sample")]
    assert found([*TOLD, msgspec.structs.replace(sample, members=(ContestantId("A1"),))]) == []


def test_an_answer_to_a_question_that_this_program_does_not_ask_is_told_and_accuses_nobody() -> None:
    assert found([*TOLD, msgspec.structs.replace(ruling(Confirm()), flags=("c2191f00",))]) == [(5, "not_asked")]
    assert "not_asked" in REMARKS


def test_an_entry_under_another_name_is_found() -> None:
    auditor = audited(TOLD)
    auditor.take(Entry(5, START_US, "official:R2", ruling(Confirm(), official="R1")))
    assert [each.code for each in auditor.findings] == ["author"]


def test_a_second_answer_to_what_does_not_wait_is_found() -> None:
    answer = Seconded(ActId("s9"), START_US, OfficialId("R2"), ActId("none"), True)
    assert found([*TOLD, answer]) == [(5, "unknown_act")]


def test_an_audit_tells_medals_and_what_was_made_of_the_standing() -> None:
    """Teams, a season and medals are results, too: whoever holds the export can reckon them."""
    people = [{"id": who, "venue": "yongjia", "team": team} for who, team in (("A1", "north"), ("A2", "north"), ("B1", "south"))]
    rules = [{"rule": "team", "size": 2}, {"rule": "venue_fairness", "reference": "yueqing"}, {"rule": "pass", "percent": 0}]
    ties = {"medals": [1, 1, 1]}
    auditor = audited([adopted(document(contestants=people, officials=[], conversions=rules, ties=ties)), CLEAR, event(2, contestant="A2")])
    points = {row["contestant"]: row["points"] for row in auditor.ranking()}
    assert {row["contestant"]: row["medal"] for row in auditor.ranking()} == {"A1": "silver", "A2": "gold", "B1": None}
    team, alone, no_scale, *passed = auditor.figures()
    assert (team.number, team.rule, team.who, team.value) == (1, "team", "north", str(Decimal(points["A1"]) + Decimal(points["A2"])))
    assert (alone.who, alone.value, alone.told) == ("south", "0", ("members here: 1; a team has 2",))
    assert (no_scale.rule, no_scale.who, no_scale.value) == ("venue_fairness", None, None), "a rule that fails is told, too"
    assert no_scale.told == ("nobody is ranked at yueqing, whose scale is the reference",)
    assert [(each.number, each.who, each.value) for each in passed] == [(3, who, "1") for who in ("A2", "A1", "B1")]


def test_every_entry_is_told_in_words() -> None:
    away = TurnedAway(START_US, OfficialId("R1"), "annul", "recused", "not yours")
    assert [each.what for each in audited([*TOLD, away]).changes] == ["adopted definition 1", "turned away"]


def test_a_published_result_that_this_program_judges_otherwise_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten years later nothing lies beside the export: what was published says itself what it was."""
    told = [*TOLD, msgspec.structs.replace(published(), result=digest_of_result(fold(TOLD)))]
    later = [*told, event(3, at_s=50, contestant="A1", stage="wiring", data={"mohm": "2"}), published("of an earlier version")]
    assert found(later) == [], "alike, whatever came after it"
    Otherwise(monkeypatch, "A2", 1).begin()
    assert found(later) == [(len(told), "judged_otherwise")]


def test_what_is_only_worth_knowing_is_a_remark_and_no_fault() -> None:
    away = TurnedAway(START_US, OfficialId("R1"), "confirm", "recused", "you are recused from B2", ContestantId("B2"))
    auditor = audited([*TOLD, away, msgspec.structs.replace(ruling(Confirm()), flags=("c2191f00",)), Finalised()])
    assert [each.code for each in auditor.faults] == ["finalised_early"]
    assert [each.code for each in auditor.remarks] == ["turned_away", "not_asked"]
    assert len(auditor.findings) == 3


def test_a_result_that_an_earlier_version_made_final_without_all_marks_is_a_remark_and_accuses_nobody() -> None:
    """Nothing forbade it then, and what was final stays so."""
    panel = document()
    panel["stages"][0]["aspects"].append({"id": "order", "rule": "judgement_0_3", "max": 3, "field": "order", "panel": 3})
    wired = event(1, stage="wiring", data={"mohm": "2"})
    auditor = audited([adopted(panel), wired, clock("end", -10), Finalised()])
    assert auditor.contest.final
    assert auditor.faults == []
    [remark] = auditor.remarks
    assert (remark.position, remark.code) == (4, "finalised_unmarked")
    assert remark.detail == "final without all marks; an earlier version allowed that: A1 at wiring: order: 0 of 3 marks are in"
    assert CHINESE.tell(remark.detail) == "缺少打分而成为最终成绩；旧版本允许这样做：A1/wiring：order：3 个分数中已有 0 个"


def test_what_else_was_in_the_way_of_a_final_result_without_all_marks_stays_a_fault() -> None:
    panel = document()
    panel["stages"][0]["aspects"].append({"id": "order", "rule": "judgement_0_3", "max": 3, "field": "order", "panel": 3})
    auditor = audited([adopted(panel), event(1, stage="wiring", data={"mohm": "2"}), Finalised()])
    assert [each.code for each in auditor.faults] == ["finalised_early"]
    assert [each.code for each in auditor.remarks] == ["finalised_unmarked"]
