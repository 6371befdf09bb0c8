"""A dry run is a contest like any other: the fold of its events. The same seed plays the same; every rule has something to judge."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from contest_server.builder.beginnings import beginnings
from contest_server.builder.checking import check
from contest_server.builder.dry_run import CONTESTANTS_MAX, DryRun, TooLargeToTry, dry_run
from contest_server.builder.gallery import trial_of
from contest_server.builder.gallery_files import read_gallery_file
from contest_server.builder.plausible import ATTEMPTS, at_time, evidence_for
from contest_server.builder.reports import report_of
from contest_server.builder.results import result_of
from contest_server.builder.stories import Happening, Story
from contest_server.builder.trials import Trial, play
from contest_server.core.contest import Contest
from contest_server.core.contest_flags import flags_of
from contest_server.core.definition_reading import digest_of, ledger_document
from contest_server.core.facts import Adopted, ContestId, Entry, Event, Fact
from contest_server.core.forms import form_of
from contest_server.core.rulebook import Rulebook
from contest_server.demo.dice import Dice
from contest_server.intake.toml_file import read_file
from tests.contests import JUDGES

TRIED = 40
ROOT = Path(__file__).parents[2]
DRAFTS: dict[str, Any] = {each["id"]: each["draft"] for each in beginnings()}


def book_of(draft: Any) -> Rulebook:
    checked = check(draft, JUDGES)
    assert checked.book is not None, checked.faults
    return checked.book


def books() -> dict[str, Rulebook]:
    written = {"insurance": "docs/examples/insurance_claims/contest.toml", "demo": "contest_server/demo/electricians.toml"}
    return {name: book_of(draft) for name, draft in DRAFTS.items()} | {
        name: read_file(ROOT / file, JUDGES) for name, file in written.items()
    }


BOOKS = books()


@pytest.fixture(params=sorted(BOOKS), scope="module")
def run(request: pytest.FixtureRequest) -> DryRun:
    return dry_run(BOOKS[request.param], JUDGES, seed=3)


def folded(run: DryRun, facts: list[Fact]) -> Contest:
    """By hand: adopt the definition, then enter the facts in this order."""
    document = ledger_document(run.definition)
    contest = Contest(ContestId(run.definition.contest.id), JUDGES)
    received = {id(each.fact): each.received_us for each in run.drafts}
    contest.advance(Entry(1, 0, "test", Adopted(1, digest_of(document), document)))
    for position, fact in enumerate(facts, start=2):
        contest.advance(Entry(position, received[id(fact)], "test", fact))
    contest.settle()
    return contest


# ---- it is a contest like any other ----------------------------------------------------------------------------------------------


def test_its_digest_is_that_of_the_fold_of_its_events_in_whatever_order_they_arrive(run: DryRun) -> None:
    facts = [each.fact for each in run.drafts]
    by_device = sorted(facts, key=lambda fact: (fact.source, fact.seq) if isinstance(fact, Event) else ("~", 0))
    random.Random(7).shuffle(facts)
    assert report_of(run)["digest"] == folded(run, by_device).digest()
    rows = folded(run, facts).rows
    assert {who: row.row.points for who, row in rows.items()} == {who: row.row.points for who, row in run.contest.rows.items()}


def test_every_source_numbers_its_events_from_one_without_a_gap(run: DryRun) -> None:
    numbers: dict[str, list[int]] = {}
    for each in run.drafts:
        if isinstance(each.fact, Event):
            numbers.setdefault(each.fact.source, []).append(each.fact.seq)
    assert all(sorted(seqs) == list(range(1, len(seqs) + 1)) for seqs in numbers.values())
    assert run.contest.unmatched == []


def test_no_judge_fails_and_hardly_anything_is_left_unjudged(run: DryRun) -> None:
    codes = Counter(flag.code for flag in flags_of(run.contest))
    assert codes["judge_failed"] == 0
    assert codes["not_judged"] <= len(run.contest.rows)


def test_the_same_seed_plays_the_same_and_another_another() -> None:
    book = BOOKS["three-stages"]
    digests = [dry_run(book, JUDGES, seed).contest.digest() for seed in (1, 1, 2)]
    assert digests[0] == digests[1] != digests[2]


# ---- the report ------------------------------------------------------------------------------------------------------------------


def test_the_report_says_what_the_contest_says(run: DryRun) -> None:
    report = report_of(run)
    assert [each["contestant"] for each in report["ranking"]] == list(run.contest.ranking)
    for stage in report["stages"]:
        assert stage["cleared"] + stage["held"] + stage["tried"] + stage["untouched"] == len(run.contest.rows)
        assert sum(bar["count"] for bar in stage["bars"]) == len(run.contest.rows) - stage["untouched"]
        told = [stage["min"], stage["median"], stage["highest"], *(bar[end] for bar in stage["bars"] for end in ("from", "to"))]
        assert all(Decimal(each) == Decimal(each).quantize(Decimal("0.01")) for each in told if each is not None), told
        if stage["median"] is not None:
            assert Decimal(stage["min"]) <= Decimal(stage["median"]) <= Decimal(stage["highest"])
    assert sum(each["count"] for each in report["flags"]) == len(flags_of(run.contest))
    ranked = [each for each in report["ranking"] if each["rank"] is not None]
    assert sum(each["count"] for each in report["decided_by"]) == len(ranked) - 1
    tied = {who for tie in report["ties"] for who in tie["contestants"]}
    ranks = Counter(each["rank"] for each in ranked)
    assert tied == {each["contestant"] for each in ranked if ranks[each["rank"]] > 1}


def test_ties_are_told_where_nothing_parts_anybody() -> None:
    draft = DRAFTS["race"] | {"ranking": [{"by": "stage:find"}]}
    report = report_of(dry_run(book_of(draft), JUDGES, 1))
    assert report["ties"]
    assert [each["by"] for each in report["decided_by"]][-1] == "tie"


def test_what_referees_give_by_hand_is_counted_and_judged() -> None:
    run = dry_run(BOOKS["judged-work"], JUDGES, 1)
    work = report_of(run)["work"]
    assert work["marks_due"] > 0
    assert any(row.row.points != "0" for row in run.contest.rows.values())
    assert "own_unit" not in work["by_code"], "nobody marks whom they are recused from"


def test_a_held_stage_is_rare_where_venues_look_at_what_is_passed() -> None:
    report = report_of(dry_run(BOOKS["race"], JUDGES, 1, CONTESTANTS_MAX))
    assert sum(stage["held"] for stage in report["stages"]) < CONTESTANTS_MAX // 10


# ---- size ------------------------------------------------------------------------------------------------------------------------


def test_contestants_are_invented_where_there_are_none_or_so_many_are_asked_for() -> None:
    draft = DRAFTS["three-stages"] | {"contestants": []}
    assert len(dry_run(book_of(draft), JUDGES, 1).contest.rows) == 24
    assert len(dry_run(BOOKS["three-stages"], JUDGES, 1, 7).contest.rows) == 7


@pytest.mark.parametrize(
    ("stages", "aspects", "contestants", "what"), [(1, 1, 201, "201 contestants"), (31, 1, 2, "31 stages"), (30, 11, 2, "330 aspects")]
)
def test_what_would_take_too_long_is_refused_with_its_limit(stages: int, aspects: int, contestants: int, what: str) -> None:
    aspect = {"rule": "check", "field": "ok", "max": 1}
    listed = [{"id": f"s{n}", "aspects": [{"id": f"a{m}", **aspect} for m in range(aspects)]} for n in range(stages)]
    with pytest.raises(TooLargeToTry, match=f"{what}; a dry run plays at most"):
        dry_run(book_of(DRAFTS["three-stages"] | {"stages": listed}), JUDGES, 1, contestants)


# ---- evidence --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(name for name, judge in JUDGES.items() if hasattr(judge, "score")))
def test_every_rule_that_scores_gets_evidence_that_it_can_judge(name: str) -> None:
    """With the options of its first example, of forty tries by people of every ability nearly all are judged, and the able have more."""
    judge = JUDGES[name]
    first = read_gallery_file(judge).examples[0]
    played = play(trial_of(first, name, judge), JUDGES)
    made = next(rule.judge for _, rule in played.contest.fields[played.trial.stage_id].rules.scorers)
    marks: dict[bool, list[Decimal]] = {True: [], False: []}
    for number in range(TRIED):
        able = number % 2 == 0
        story = Story(events=[Happening(kind="start", at_ms=0), *works(made, name, number, 0.95 if able else 0.1)])
        found = result_of(play(Trial(name, first.options, "aspect", story, first.max), JUDGES))
        if found["marks"] is not None:
            marks[able].append(Decimal(found["marks"]))
    assert len(marks[True]) + len(marks[False]) >= TRIED * 0.8
    if name not in ("attempt_decay", "deduction_ledger", "time_bands", "time_bonus"):  # those look at tries, breaches and times
        assert sum(marks[True]) / len(marks[True]) > sum(marks[False]) / len(marks[False])


def works(judge: Any, name: str, seed: int, ability: float) -> Iterator[Happening]:
    """As many attempts as the rule looks at."""
    for number in range(1, ATTEMPTS.get(name, 1) + 1):
        data = at_time(evidence_for(judge, name, Dice(seed, number), ability), 30_000)
        yield Happening(kind="clear", at_ms=60_000 * number, attempt=str(number), data=data)


@pytest.mark.parametrize("name", sorted(DRAFTS))
def test_in_an_example_everything_that_a_venue_enters_has_a_name_in_both_languages(name: str) -> None:
    """Sentences of rules and forms of desks say the names; without one they say the field's id."""
    bare = [each.wanted.field for stage in BOOKS[name].stages.values() for each in form_of(stage).fields if each.name is None]
    assert bare == []
