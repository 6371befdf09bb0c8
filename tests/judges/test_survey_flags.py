"""From records to questions about the whole contest: what is gathered, who takes part, and when a question stays the same question."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from contest_server.core.compiling import SURVEYS, compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import AttemptId, ContestantId, StageId, Status, VenueId
from contest_server.core.faults import DefinitionError
from contest_server.core.flags import Flag
from contest_server.core.judging import API_VERSION, Attempt, Doubt, Evidence, Finding, GivenMark, Opinion, Score, Step, Survey
from contest_server.core.rulebook import Rulebook
from contest_server.core.scoring import judge_cell
from contest_server.core.surveys import Memory, Surveyed, survey_flags, survey_of
from contest_server.core.totalling import record_of
from judges.catalogue import built_in

JUDGES = {judge.rule: judge for judge in built_in()}


@dataclass(frozen=True, slots=True)
class Nosy:
    """A third party's survey that does whatever `way` says, and a scorer that cannot tell what it saw."""

    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal = Decimal(0)
    way: str = "fails"

    def score(self, evidence: Evidence) -> Score:  # noqa: ARG002  the station's signature
        return Score(self.max, self.max, (Step("all", str(self.max)),))

    def marks_given(self, data: Mapping[str, Any]) -> Sequence[GivenMark]:  # noqa: ARG002
        raise KeyError("marks")

    def survey(self, board: Survey) -> Any:
        if self.way == "fails":
            raise ZeroDivisionError("no contestants")
        return {"names": [each.record.contestant for each in board.contenders]} if self.way == "wrong" else []


def document(**changes: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "contest": {"id": "cup", "name": "Cup"},
        "venues": [{"id": "yongjia"}, {"id": "yueqing"}],
        "contestants": [{"id": f"c{n}", "venue": "yongjia"} for n in range(1, 5)],
        "officials": [{"id": "R1", "recused": ["c1"]}],
        "stages": [{"id": "judged", "aspects": [{"id": "layout", "rule": "trimmed_mean", "max": 10, "field": "marks"}]}],
    } | changes


def book_of(judges: Mapping[str, Any] = JUDGES, **changes: Any) -> Rulebook:
    return compile_rulebook(read_definition(document(**changes)), judges)


def surveyed(book: Rulebook, who: str, data: Mapping[str, Any], status: Status = "ok", venue: str = "yongjia") -> Surveyed:
    attempt = Attempt(AttemptId(who), ContestantId(who), StageId("judged"), "accepted", 60_000, data=data, events=(f"{venue}/desk#1",))
    cell = judge_cell(attempt.contestant, [attempt], [], book.stages[attempt.stage]).result
    return Surveyed(record_of(attempt.contestant, VenueId(venue), {attempt.stage: cell}, book), status)


def flags(book: Rulebook, *people: Surveyed, memory: Memory | None = None) -> list[Flag]:
    return survey_flags(book, {each.record.contestant: each for each in people}, book.definition.officials, memory)


def board(book: Rulebook, *people: Surveyed) -> Survey:
    return survey_of(book, {each.record.contestant: each for each in people}, book.definition.officials, Memory())[0]


def marks(**given: Any) -> dict[str, Any]:
    return {"marks": [{"referee": name, "mark": mark} for name, mark in given.items()]}


HASH = "ab" * 32


def test_marks_become_shares_of_the_highest_with_their_distance_from_the_others() -> None:
    book = book_of()
    [panel] = board(book, surveyed(book, "c1", marks(R2="6", R1="8", R3="9.5"))).panels
    assert [(each.referee, each.share_ppm, each.gap_ppm) for each in panel.marks] == [
        ("R1", 800_000, 25_000), ("R2", 600_000, -275_000), ("R3", 950_000, 250_000),
    ]  # fmt: skip
    assert (panel.contestant, panel.stage, panel.aspect, panel.at_ms) == ("c1", "judged", "layout", 60_000)


def test_a_panel_without_marks_is_an_empty_panel() -> None:
    book = book_of()
    assert [each.marks for each in board(book, surveyed(book, "c1", {})).panels] == [()]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"sha256": HASH}, [("sha256", HASH)]),
        ({"photo_sha256": HASH.upper()}, [("photo_sha256", HASH)]),
        ({"files": [{"kind": "front", "sha256": HASH}, {"again": {"sha256": HASH}}]}, [("files", HASH)]),
        ({"files": {"front": [[{"sha256": HASH}]]}, "more": {"sha256": HASH}}, [("files", HASH), ("more", HASH)]),
        ({"sha256": "ab"}, []),
        ({"sha256": 7, "md5": HASH}, []),
        ({"sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}, []),  # of an empty file
    ],
)
def test_hashes_are_found_anywhere_in_the_evidence(data: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    book = book_of()
    assert [(each.field, each.sha256) for each in board(book, surveyed(book, "c1", data)).files] == expected


def test_evidence_that_never_ends_is_looked_through_to_a_depth() -> None:
    deep: dict[str, Any] = {"sha256": HASH}
    for _ in range(200):
        deep = {"below": deep}
    book = book_of()
    assert list(board(book, surveyed(book, "c1", deep)).files) == []


def test_guests_and_disqualified_contestants_take_no_part() -> None:
    book = book_of()
    statuses: list[Status] = ["ok", "guest", "dsq", "overtime"]
    people = [surveyed(book, f"c{n}", {"sha256": HASH}, status) for n, status in enumerate(statuses, start=1)]
    assert [each.record.contestant for each in board(book, *people).contenders] == ["c1", "c4"]
    assert [(flag.code, flag.contestant) for flag in flags(book, *people)][-2:] == [("same_evidence", "c1"), ("same_evidence", "c4")]


def test_names_that_several_venues_use_are_shared_unless_an_official_has_them() -> None:
    book = book_of()
    people = surveyed(book, "c1", marks(R1="8", R2="8", R3="8")), surveyed(book, "c2", marks(R1="8", R2="8", R4="8"), venue="yueqing")
    assert board(book, *people).shared_names == {"R2"}


def test_ranks_and_what_ranks_before_the_time() -> None:
    book = book_of(ranking=[{"by": "points"}, {"by": "countback"}, {"by": "time_ms", "unit": "second"}])
    rows: list[tuple[str, Status, tuple[int, ...], int]] = [
        ("c1", "ok", (0, -90, -90, 61), 61_500),
        ("c2", "ok", (0, -90, -90, 61), 61_200),
        ("c3", "ok", (0, -80, -80, 50), 50_100),
        ("c4", "overtime", (1, -99, -99, 10), 10_000),
    ]
    people = [Surveyed(surveyed(book, who, {}).record, status, key, time_ms) for who, status, key, time_ms in rows]
    found = board(book, *people).contenders
    assert [(each.rank, each.merits, each.time_ms) for each in found] == [
        (1, (0, -90, -90), 61_500), (1, (0, -90, -90), 61_200), (3, (0, -80, -80), 50_100), (None, (1, -99, -99), 10_000),
    ]  # fmt: skip


def test_the_same_question_keeps_its_key_while_its_figures_move() -> None:
    book = book_of()
    first = [flag for flag in flags(book, surveyed(book, "c1", marks(R1="8", R2="8", R3="8"))) if flag.code == "own_unit"]
    again = [flag for flag in flags(book, surveyed(book, "c1", marks(R1="2", R2="8", R3="8"))) if flag.code == "own_unit"]
    assert [flag.key for flag in first] == [flag.key for flag in again]
    assert first[0].severity == "block"
    assert first[0].suggestion
    late = [_late(book, at_ms) for at_ms in (700_000, 900_000)]
    assert late[0].detail != late[1].detail
    assert late[0].key == late[1].key
    book = book_of(officials=[{"id": "R2", "recused": ["c1"]}])
    other = [flag for flag in flags(book, surveyed(book, "c1", marks(R1="8", R2="8", R3="8"))) if flag.code == "own_unit"]
    assert other[0].key != first[0].key


def _late(book: Rulebook, at_ms: int) -> Flag:
    """The question about a mark that came at this moment."""
    rows = [{"referee": "R9", "mark": 8, "at_ms": at_ms}]
    [flag] = [flag for flag in flags(book, surveyed(book, "c1", {"marks": rows})) if flag.code == "late_mark"]
    return flag


def test_neither_the_order_of_the_records_nor_what_is_remembered_changes_a_question() -> None:
    book, memory = book_of(), Memory()
    people = [surveyed(book, f"c{n}", marks(R1="8", R2="8", R3="8") | {"sha256": HASH}) for n in range(1, 5)]
    asked = flags(book, *people, memory=memory)
    assert asked
    random.Random(5).shuffle(people)
    assert flags(book, *people) == asked
    assert flags(book, *people, memory=memory) == asked
    changed = [surveyed(book, "c1", marks(R2="8", R3="8", R4="8")), *(each for each in people if each.record.contestant != "c1")]
    assert flags(book, *changed, memory=memory) == flags(book, *changed)
    assert flags(book, *changed, memory=memory) != asked


def test_questions_are_asked_by_default_and_can_be_turned_off_or_set() -> None:
    assert {rule.name for rule in book_of().surveys} == {*SURVEYS, "backfilled"}
    assert {rule.name for rule in book_of(doubts_defaults={"off": list(SURVEYS)}).surveys} == {"backfilled"}
    [found] = [rule.judge for rule in book_of(doubts=[{"rule": "marks_due", "due_ms": 5}]).surveys if rule.name == "marks_due"]
    assert found.due_ms == 5
    [found] = [rule.judge for rule in book_of(rules=[{"rule": "photo_finish", "places": 3}]).surveys if rule.name == "photo_finish"]
    assert found.places == 3
    assert [rule.judge.late_after_ms for rule in book_of(clock={"late_after_s": 15}).surveys if rule.name == "backfilled"] == [15_000]
    assert [rule.judge.late_after_ms for rule in book_of().surveys if rule.name == "backfilled"] == [120_000]
    assert [rule for rule in book_of().doubts if hasattr(rule.judge, "survey")] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"doubts": [{"rule": "halo", "when": "cleared > 1"}]}, "always applies"),
        ({"doubts": [{"rule": "halo", "aspects": 1}]}, "at least 2"),
        ({"doubts": [{"rule": "halo", "aspect": 3}]}, "did you mean 'aspects'?"),
        ({"total": {"rule": "halo"}}, "it is a rule for survey"),
        ({"rules": [{"rule": "pace"}]}, "it is a rule for doubt"),
    ],
)
def test_a_survey_in_the_wrong_place_is_refused_in_words(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(DefinitionError, match=words.replace("?", r"\?")):
        book_of(**changes)


@pytest.mark.parametrize(("way", "detail"), [("fails", "ZeroDivisionError"), ("wrong", "answered dict")])
def test_a_survey_that_fails_asks_a_referee(way: str, detail: str) -> None:
    book = book_of({**JUDGES, "nosy": Nosy}, doubts=[{"rule": "nosy", "way": way}])
    [flag] = [flag for flag in flags(book, surveyed(book, "c1", {})) if flag.rule == "nosy"]
    assert (flag.code, flag.severity, flag.subject) == ("judge_failed", "review", "contest")
    assert detail in flag.detail


def test_a_scorer_that_cannot_tell_what_it_saw_is_one_question() -> None:
    stages = [{"id": "judged", "aspects": [{"id": "layout", "rule": "nosy", "max": 3}]}]
    book = book_of({**JUDGES, "nosy": Nosy}, stages=stages)
    found = flags(book, *(surveyed(book, f"c{n}", {}) for n in range(1, 4)))
    assert [(flag.code, flag.rule) for flag in found] == [("judge_failed", "nosy")]


def test_without_surveys_nothing_is_gathered() -> None:
    book = book_of(doubts_defaults={"off": [*SURVEYS, "backfilled"]})
    memory = Memory()
    assert flags(book, surveyed(book, "c1", marks(R1="8")), memory=memory) == []
    assert memory.seen == {}


def test_a_finding_is_no_opinion() -> None:
    from contest_server.core.answers import fault_of

    assert fault_of("survey", [Finding(Opinion(Doubt.INFO, "x"), "y")]) is None
    assert fault_of("survey", [Opinion(Doubt.INFO, "x")]) == "found something that is no finding"
    assert fault_of("survey", None) == "answered NoneType"
