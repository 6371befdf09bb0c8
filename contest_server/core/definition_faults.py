"""What contradicts itself in a definition whose every value is well formed: ids used twice, names of nothing, what can never be reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from contest_server.core.definition import Definition, StageDef
from contest_server.core.faults import Fault
from contest_server.core.saying import Said


def faults_in(definition: Definition) -> Iterator[Fault]:
    """Every contradiction, with the path of its field."""
    yield from _duplicates(definition)
    yield from _references(definition)
    yield from _contradictions(definition)


def _duplicates(definition: Definition) -> Iterator[Fault]:
    tables: list[tuple[str, Sequence[Any]]] = [
        ("venues", definition.venues),
        ("contestants", definition.contestants),
        ("officials", definition.officials),
        ("stages", definition.stages),
        ("criteria", definition.criteria),
        *((f"stages[{n}].aspects", stage.aspects) for n, stage in enumerate(definition.stages)),
    ]
    for name, rows in tables:
        first: dict[str, int] = {}
        for index, row in enumerate(rows):
            if row.id in first:
                by = f"{name}[{first[row.id]}]"
                yield Fault(f"{name}[{index}].id", Said("{id!r} is used already by {by}", id=row.id, by=by), "duplicate_id")
            first.setdefault(row.id, index)


def _references(definition: Definition) -> Iterator[Fault]:
    venues = {venue.id for venue in definition.venues}
    for index, contestant in enumerate(definition.contestants):
        if contestant.venue is None and len(venues) > 1:
            yield Fault(f"contestants[{index}].venue", Said("missing; expected one of {venues}", venues=_some(venues)), "missing")
        elif contestant.venue is not None and contestant.venue not in venues:
            yield Fault(f"contestants[{index}].venue", _no_venue(contestant.venue, venues), "unknown_venue")
    yield from _references_of_officials(definition, venues)
    stages, groups = {stage.id for stage in definition.stages}, {stage.group for stage in definition.stages if stage.group}
    parts = {*(("stage", stage) for stage in stages), *(("group", group) for group in groups)}
    for index, link in enumerate(definition.ranking):
        kind, _, name = link.by.partition(":")
        if name and (kind.removesuffix("_ms"), name) not in parts:
            yield Fault(f"ranking[{index}].by", _no_stage(link.by, stages, groups), "unknown_stage")


def _references_of_officials(definition: Definition, venues: set[str]) -> Iterator[Fault]:
    contestants = {contestant.id for contestant in definition.contestants}
    for index, official in enumerate(definition.officials):
        if official.venue is not None and official.venue not in venues:
            yield Fault(f"officials[{index}].venue", _no_venue(official.venue, venues), "unknown_venue")
        for nth, recused in enumerate(official.recused):
            if recused not in contestants:
                unknown = Said("{recused!r} is not a contestant", recused=recused)
                yield Fault(f"officials[{index}].recused[{nth}]", unknown, "unknown_contestant")
        if official_key(official.id) in contestants:
            taken = Said("a contestant is called {key!r}; call one of them otherwise", key=official_key(official.id))
            yield Fault(f"officials[{index}].id", taken, "duplicate_id")


def _no_stage(by: str, stages: set[str], groups: set[str]) -> Said:
    known = {"stages": _some(stages), "groups": _some(groups)}
    return Said("{by!r} names no stage or group; stages are {stages}, groups are {groups}", by=by, **known)


def _no_venue(venue: str, venues: set[str]) -> Said:
    return Said("{venue!r} is not a venue; expected one of {venues}", venue=venue, venues=_some(venues))


def official_key(official: str) -> str:
    """How an official is called where contestants and other authors stand, too. No contestant may be called so."""
    return f"official:{official}"


def _contradictions(definition: Definition) -> Iterator[Fault]:
    yield from _panels_too_large(definition)
    yield from _impossible_entries(definition)
    contest = definition.contest
    if contest.starts is not None and contest.starts.tzinfo is None:
        yield Fault("contest.starts", Said("has no time zone; write for example 2026-11-22T09:00:00+08:00"), "no_zone")
    elif contest.starts is not None and not 1970 < contest.starts.year < 2255:
        yield Fault("contest.starts", Said("is out of range; expected a year from 1971 to 2254"), "bad_year")
    if contest.freeze_minutes and contest.minutes is None:
        unknown_end = Said("needs contest.minutes: the freeze is reckoned back from the end")
        yield Fault("contest.freeze_minutes", unknown_end, "freeze_without_end")
    if contest.freeze_minutes and contest.minutes and contest.freeze_minutes > contest.minutes:
        too_long = Said("is longer than the contest ({minutes} minutes)", minutes=contest.minutes)
        yield Fault("contest.freeze_minutes", too_long, "freeze_too_long")
    for index, stage in enumerate(definition.stages):
        yield from _contradictions_of_a_stage(f"stages[{index}]", stage)


def _contradictions_of_a_stage(where: str, stage: StageDef) -> Iterator[Fault]:
    if stage.aspects and stage.points is not None:
        both = Said("a stage has points or aspects, not both: the aspects' max add up")
        yield Fault(f"{where}.points", both, "points_and_aspects")
    if stage.pass_marks is not None and stage.pass_marks > stage.value:
        worth = Said("{wanted} cannot be reached: the stage is worth {worth}", wanted=str(stage.pass_marks), worth=str(stage.value))
        yield Fault(f"{where}.pass_marks", worth, "cannot_pass")


def _panels_too_large(definition: Definition) -> Iterator[Fault]:
    """Where nobody says who the referees are, nobody can say that there are too few."""
    referees = sum(official.role == "referee" for official in definition.officials)
    for index, stage in enumerate(definition.stages):
        for nth, aspect in enumerate(stage.aspects):
            if definition.officials and (aspect.panel or 0) > referees:
                too_large = Said(
                    "a panel of {panel} can never be complete: the number of referees is {count}", panel=aspect.panel, count=referees
                )
                yield Fault(f"stages[{index}].aspects[{nth}].panel", too_large, "panel_too_large")


def _impossible_entries(definition: Definition) -> Iterator[Fault]:
    for index, stage in enumerate(definition.stages):
        seen: set[str] = set()
        for nth, entry in enumerate(stage.entries):
            where = f"stages[{index}].entries[{nth}]"
            if entry.field in seen:
                yield Fault(f"{where}.field", Said("{field!r} is named twice", field=entry.field), "twice")
            seen.add(entry.field)
            if entry.min is not None and entry.max is not None and entry.min > entry.max:
                upside_down = Said("{min} is above max ({max}); nothing could be entered", min=str(entry.min), max=str(entry.max))
                yield Fault(f"{where}.min", upside_down, "nothing_fits")


def _some(names: set[str]) -> str:
    return ", ".join(sorted(names)[:12]) + (", …" if len(names) > 12 else "") if names else "(none)"
