"""What a dry run came to: the ranking, how the marks of each stage are spread, what was asked, what decided, what referees had to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any

from contest_server.builder.drafts import rulebook_of
from contest_server.builder.dry_run import DryRun, dry_run
from contest_server.builder.results import shown
from contest_server.builder.simulation import MINUTES
from contest_server.builder.words import both, said, words
from contest_server.core.contest import Contest
from contest_server.core.contest_flags import flags_of
from contest_server.core.facts import StageId
from contest_server.core.flags import Flag
from contest_server.core.judging import ZERO
from contest_server.core.reviews import cases_of
from contest_server.core.rows import plain_decimal
from contest_server.core.rulebook import Judges
from contest_server.core.saying import half_up
from contest_server.core.tie_chain import COUNTBACKS

BARS = 10
PLACES_TOLD = 2
FLAGS_TOLD_MAX, NAMES_TOLD_MAX = 60, 5

Document = dict[str, Any]


def played(draft: Mapping[str, Any], seed: int, contestants: int | None, judges: Judges) -> dict[str, Any]:
    """The report of a dry run, for a process of its own. Raises TooLargeToTry, DefinitionError."""
    return report_of(dry_run(rulebook_of(draft, judges), judges, seed, contestants))


def report_of(run: DryRun) -> Document:
    """The ranking, the marks by stage, the questions, the ties, and the work of the referees."""
    contest, definition = run.contest, run.definition
    flags = flags_of(contest)
    points = sorted(Decimal(row.row.points) for row in contest.rows.values())
    return {
        "seed": run.seed,
        "contestants": len(definition.contestants),
        "stages_count": len(definition.stages),
        "events": len(run.drafts),
        "took_ms": run.took_ms,
        "digest": contest.digest(),
        "ranking": _ranking(run),
        "stages": [_stage(run, index) for index in range(len(definition.stages))],
        "totals": _spread(points),
        "flags": _flags(flags),
        "ties": _ties(contest),
        "decided_by": _decided_by(contest),
        "work": _work(run, flags),
    }


def _ranking(run: DryRun) -> list[Document]:
    people = {each.id: each for each in run.definition.contestants}
    found = []
    for who in run.contest.ranking:
        row, person = run.contest.rows[who].row, people[who]
        name, rank = words(person.name), run.contest.ranking.rank_of(who)
        place = {"rank": rank, "contestant": who, "name": name, "venue": person.venue}
        found.append({**place, "points": row.points, "time_ms": row.time_ms, "cleared": row.cleared})
    return found


def _stage(run: DryRun, index: int) -> Document:
    """How the marks of a stage are spread over everybody; who never began has none."""
    definition = run.definition.stages[index]
    stage, states = StageId(definition.id), Counter[str]()
    marks: list[Decimal] = []
    for row in run.contest.rows.values():
        mark = row.row.stages.get(stage)
        states["untouched" if mark is None else mark.state] += 1
        if mark is not None:
            marks.append(Decimal(mark.points))
    assert run.contest.bench is not None, "a dry run has a definition"
    most = run.contest.bench.book.stages[stage].view.value
    return {
        "id": definition.id,
        "name": words(definition.name),
        "max": plain_decimal(most),
        "cleared": states["cleared"],
        "held": states["held"],
        "tried": sum(states.values()) - states["cleared"] - states["held"] - states["untouched"],
        "untouched": states["untouched"],
        **_spread(sorted(marks)),
        "bars": _bars(marks, max([most, *marks])),
    }


def _spread(ordered: Sequence[Decimal]) -> Document:
    if not ordered:
        return {"min": None, "median": None, "highest": None}
    middle = Fraction(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return {"min": _rounded(ordered[0]), "median": _rounded(middle), "highest": _rounded(ordered[-1])}


def _rounded(figure: Decimal | Fraction) -> str:
    """A figure for people who compare: to two places. What counts is said in full in the ranking."""
    return plain_decimal(half_up(Fraction(figure), PLACES_TOLD))


def _bars(marks: Sequence[Decimal], most: Decimal) -> list[Document]:
    """How many have marks in each tenth, from 0 to the most; its upper end belongs to the last one."""
    width = most / BARS if most else Decimal(1)
    counts = Counter(min(BARS - 1, int(max(ZERO, mark) / width)) for mark in marks)
    return [{"from": _rounded(width * n), "to": _rounded(width * (n + 1)), "count": counts[n]} for n in range(BARS)]


def _flags(flags: Sequence[Flag]) -> list[Document]:
    """Questions by what they ask, the most serious and most frequent first."""
    grouped: dict[tuple[str, str, str], list[Flag]] = {}
    for flag in flags:
        grouped.setdefault((flag.severity, flag.code, flag.rule), []).append(flag)
    order = {"block": 0, "review": 1, "info": 2}
    found = sorted(grouped.items(), key=lambda item: (order[item[0][0]], -len(item[1]), item[0]))
    return [
        {
            "code": code,
            "rule": rule,
            "severity": severity,
            "count": len(same),
            "detail": both(same[0].detail),
            "suggestion": both(same[0].suggestion),
            "threshold": shown(same[0].threshold),
            "seen": shown(same[0].seen),
            "contestants": list(dict.fromkeys(str(each.contestant) for each in same if each.contestant))[:NAMES_TOLD_MAX],
            "stages": list(dict.fromkeys(str(each.stage) for each in same if each.stage))[:NAMES_TOLD_MAX],
        }
        for (severity, code, rule), same in found[:FLAGS_TOLD_MAX]
    ]


def _ties(contest: Contest) -> list[Document]:
    """Who shares a rank in the end."""
    ranked = [(contest.ranking.rank_of(who), who) for who in contest.ranking]
    found = [(rank, [who for _, who in same]) for rank, same in groupby(ranked, key=lambda each: each[0]) if rank is not None]
    return [{"rank": rank, "contestants": same} for rank, same in found if len(same) > 1]


def _decided_by(contest: Contest) -> list[Document]:
    """Which link of the tie chain parts neighbours, in the chain's order; `tie`: none does."""
    assert contest.bench is not None, "a dry run has a definition"
    names = ["status"]
    for link in contest.bench.book.links:
        names += [link.by] * (link.width if link.by in COUNTBACKS else 1)
    keys = [contest.rows[who].row.key for who in contest.ranking if contest.ranking.rank_of(who) is not None]
    counts = Counter(_parted(first, second, names) for first, second in pairwise(keys))
    return [{"by": name, "count": counts[name]} for name in [*dict.fromkeys(names), "tie"] if counts[name]]


def _parted(first: Sequence[int], second: Sequence[int], names: Sequence[str]) -> str:
    return next((name for name, one, other in zip(names, first, second, strict=False) if one != other), "tie")


# ---- what referees would have had to do ------------------------------------------------------------------------------------------


def _work(run: DryRun, flags: Sequence[Flag]) -> Document:
    cases = cases_of(run.contest)
    blocking = sum(each.severity == "block" for each in cases)
    marks = _marks_due(run)
    minutes = run.definition.contest.minutes or MINUTES
    return {
        "cases": len(cases),
        "blocking": blocking,
        "by_code": dict(Counter(code for case in cases for code in case.codes).most_common()),
        "marks_due": marks,
        "information": sum(flag.severity == "info" for flag in flags),
        "sentences": [each["message"] for each in _sentences(len(cases), blocking, marks, minutes)],
    }


def _marks_due(run: DryRun) -> int:
    """How many marks and second entries officials give by hand."""
    return sum(
        (2 if aspect.double_entry else aspect.panel or 0) * run_count
        for stage, run_count in ((each, _begun(run, each.id)) for each in run.definition.stages)
        for aspect in stage.aspects
    )


def _begun(run: DryRun, stage: str) -> int:
    return sum(StageId(stage) in row.row.stages for row in run.contest.rows.values())


def _sentences(cases: int, blocking: int, marks: int, minutes: int) -> list[Document]:
    found: list[Document] = []
    if cases:
        each = max(1, round(minutes / cases))
        zh = f"裁判要处理 {cases} 个疑问，平均每 {each} 分钟一个"
        found.append(said("work", "cases", zh, f"referees look at {cases} cases, one in about {each} min"))
    else:
        found.append(said("work", "no_cases", "没有要裁判处理的疑问", "nothing is left for referees to decide"))
    if blocking:
        zh = f"其中 {blocking} 个在裁决之前不计分"
        found.append(said("work", "blocking", zh, f"{blocking} of them do not count before a ruling"))
    if marks:
        found.append(said("work", "marks", f"裁判要打 {marks} 个分", f"referees give {marks} marks by hand"))
    return found
