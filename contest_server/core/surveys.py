"""Surveys of the whole contest: what all records hold is gathered, and every survey rule is asked. Refuses to change a mark."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from contest_server.core.acts import Status
from contest_server.core.asking import ask
from contest_server.core.definition import OfficialDef
from contest_server.core.flags import KEY_CHARS, SEVERITY, Flag
from contest_server.core.ids import ContestantId, StageId, VenueId
from contest_server.core.judging import (
    ZERO,
    Attempt,
    Contender,
    ContestantRecord,
    Doubt,
    Finding,
    OfficialView,
    Opinion,
    Panel,
    Survey,
    SurveyedAspect,
    Total,
)
from contest_server.core.ranking import NOT_COMPETING, Key
from contest_server.core.rulebook import Rule, Rulebook
from contest_server.core.saying import Said
from contest_server.core.sights import Sight, sight_of
from contest_server.core.tie_chain import Link, measure_names

MEDALS_USUAL = 3


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A contestant's record, with status, place in the order (the key of their row) and the time of their total."""

    record: ContestantRecord
    status: Status = "ok"
    key: Key = ()
    time_ms: int = 0


@dataclass(slots=True)
class Memory:
    """What was seen in attempts that have not changed since. Good for one rulebook at a time; forgetting it changes no answer."""

    book: Rulebook | None = None
    seen: dict[tuple[ContestantId, StageId], tuple[Attempt, Sight]] = field(default_factory=dict)

    def sight(self, book: Rulebook, record: ContestantRecord, attempt: Attempt) -> Sight:
        if self.book is not book:
            self.book, self.seen = book, {}
        place = record.contestant, attempt.stage
        known = self.seen.get(place)
        if known is None or known[0] is not attempt:
            known = self.seen[place] = attempt, sight_of(book, record, attempt)
        return known[1]


def survey_flags(
    book: Rulebook, records: Mapping[ContestantId, Surveyed], officials: Iterable[OfficialDef], memory: Memory | None = None
) -> list[Flag]:
    """Every question of the survey rules, rule by rule. The same records give the same questions, in whatever order they come."""
    if not book.surveys:
        return []
    board, failed = survey_of(book, records, officials, memory or Memory())
    found = [_failure(name, reason) for name, reason in sorted(failed.items())]
    for rule in book.surveys:
        answer = ask(rule, "survey", board)
        findings = [Finding(answer, "contest")] if isinstance(answer, Opinion) else answer
        found += [_flag(rule, each, each.events or _events(records, each)) for each in findings]
    return found


def survey_of(
    book: Rulebook, records: Mapping[ContestantId, Surveyed], officials: Iterable[OfficialDef], memory: Memory
) -> tuple[Survey, dict[str, str]]:
    """The view that survey rules get of everybody who competes, and which scorers could not tell what they saw."""
    competing = [each for _, each in sorted(records.items()) if each.status not in NOT_COMPETING]
    sights = [
        memory.sight(book, each.record, cell.deciding)
        for each in competing
        for cell in each.record.cells.values()
        if cell.deciding is not None
    ]
    views = {each.id: OfficialView(each.id, each.role, _venue(each), frozenset(map(ContestantId, each.recused))) for each in officials}
    panels = [panel for sight in sights for panel in sight.panels]
    ties = book.definition.ties
    board = Survey(
        contenders=_contenders(book, competing),
        stages=book.views,
        venues=[VenueId(venue.id) for venue in book.definition.venues],
        officials=views,
        aspects=[
            SurveyedAspect(stage, aspect.id, rule.name, rule.judge, aspect.panel)
            for stage, rules in book.stages.items()
            for aspect, rule in rules.scorers
        ],
        panels=panels,
        sheets=[sheet for sight in sights for sheet in sight.sheets],
        files=[file for sight in sights for file in sight.files],
        prized={stage for stage, rules in book.stages.items() if rules.awards or rules.compared},
        medals=sum(ties.medals) if ties else MEDALS_USUAL,
        shared_names=_shared_names(panels, views),
        latest_ms=max(_moments(competing, panels), default=0),
    )
    return board, {name: reason for sight in sights for name, reason in sight.failed}


def _venue(official: OfficialDef) -> VenueId | None:
    return None if official.venue is None else VenueId(official.venue)


def _contenders(book: Rulebook, competing: Sequence[Surveyed]) -> list[Contender]:
    ranked = sorted(each.key for each in competing if each.status == "ok" and each.key)
    known = measure_names(None)
    place, width = next(((n, link) for n, link in _places(book.links) if link.by.endswith("_ms") and link.by in known), (None, None))
    found = []
    for each in competing:
        rank = bisect_left(ranked, each.key) + 1 if each.status == "ok" and each.key else None
        if place is None or width is None or not each.key:
            found.append(Contender(each.record, rank))
        else:
            time_ms = width.measure(Total(ZERO, each.time_ms), each.record)
            found.append(Contender(each.record, rank, each.key[:place], time_ms))
    return found


def _places(links: Sequence[Link]) -> Iterator[tuple[int, Link]]:
    """Where in a key the values of each link begin; the status comes first."""
    place = 1
    for link in links:
        yield place, link
        place += link.width


def _shared_names(panels: Sequence[Panel], officials: Mapping[str, OfficialView]) -> set[str]:
    """Names of referees, no official's, that devices of several venues use."""
    home: dict[str, VenueId | None] = {}
    shared = set()
    for panel in panels:
        for mark in panel.marks:
            if home.setdefault(mark.referee, panel.venue) != panel.venue and mark.referee not in officials:
                shared.add(mark.referee)
    return shared


def _moments(competing: Sequence[Surveyed], panels: Sequence[Panel]) -> Iterator[int]:
    for each in competing:
        yield from (cell.deciding.time_ms for cell in each.record.cells.values() if cell.deciding is not None)
    yield from (mark.at_ms for panel in panels for mark in panel.marks if mark.at_ms is not None)


# ---- questions -------------------------------------------------------------------------------------------------------------------


def _events(records: Mapping[ContestantId, Surveyed], found: Finding) -> Sequence[str]:
    """Those of the attempt that counts, where a question is about one contestant's work at one stage."""
    if found.contestant is None or found.stage is None or found.contestant not in records:
        return ()
    cell = records[found.contestant].record.cells.get(found.stage)
    return () if cell is None or cell.deciding is None else cell.deciding.events


def _flag(rule: Rule, found: Finding, events: Sequence[str]) -> Flag:
    """The key leaves the figures out: they move with every mark, and the question is the same."""
    opinion = found.opinion
    code, severity = opinion.code or rule.name, SEVERITY[opinion.doubt.value]
    return Flag(
        code=code,
        severity=severity,
        rule=rule.name,
        contestant=found.contestant,
        stage=found.stage,
        subject=found.subject,
        detail=opinion.detail,
        threshold=opinion.threshold,
        seen=opinion.seen,
        events=tuple(events),
        suggestion=opinion.suggestion,
        key=_key([code, severity, rule.name, found.contestant, found.stage, found.subject]),
    )


def _key(said: Sequence[Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:KEY_CHARS]


def _failure(name: str, reason: str) -> Flag:
    """A scorer that cannot tell surveys what it saw is a question, not a silence."""
    detail = Said("rule {name} could not tell surveys what it saw: {reason}", name=name, reason=reason)
    return Flag("judge_failed", SEVERITY[Doubt.QUESTIONABLE.value], name, None, None, "contest", detail)
