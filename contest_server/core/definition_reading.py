"""Reading a definition: from a document to checked tables, and back to what the ledger keeps. Names every fault, not the first."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from pydantic import ValidationError

from contest_server.core.definition import (
    PERSONAL_FIELDS,
    ClockPolicy,
    ContestantDef,
    ContestDef,
    Criterion,
    Definition,
    DoubtDefaults,
    OfficialDef,
    Part,
    RankBy,
    RefereePolicy,
    StageDef,
    Text,
    Ties,
    VenueDef,
)
from contest_server.core.facts import Json
from contest_server.core.faults import DefinitionError, Fault, path_of


def read_definition(document: Mapping[str, Any]) -> Definition:
    """The definition that this document states.

    Raises:
        DefinitionError: with every fault of form, or else every contradiction, each with the path of its field.
    """
    try:
        definition = Definition.model_validate(dict(document))
    except ValidationError as error:
        raise DefinitionError([_fault(item) for item in error.errors()]) from None
    faults = [*_duplicates(definition), *_references(definition), *_contradictions(definition)]
    if faults:
        raise DefinitionError(faults)
    return definition


def ledger_document(definition: Definition) -> Json:
    """The document as the ledger keeps it: plain JSON values, decimals as strings, no names of persons.

    What came later into the format is left out where nobody asked for it, so that an older document keeps its digest.
    """
    document = definition.model_dump(mode="json", exclude_none=True)
    for person in (*document["contestants"], *document["officials"]):
        for name in PERSONAL_FIELDS:
            person.pop(name, None)
    for official, entry in zip(definition.officials, document["officials"], strict=True):
        entry["recused"] = recused_of(official, definition.contestants)
    document["referees"] = definition.referees.model_dump(mode="json")  # with its None: that is "never", not the default
    _leave_out_defaults(document, definition)
    return plain(document)  # type: ignore[no-any-return]


def recused_of(official: OfficialDef, contestants: Sequence[ContestantDef]) -> list[str]:
    """On whom an official never rules: who is named, and everybody with the same employer. Sorted."""
    own = _employers(official.employer)
    return sorted({*official.recused, *(each.id for each in contestants if own & _employers(each.employer))})


def _employers(text: Text | None) -> set[tuple[str, str]]:
    """An employer's name in each language, told apart from others whatever the case and the blanks around it."""
    names = {} if text is None else {"zh": text.zh, "en": text.en}
    return {(language, name.strip().casefold()) for language, name in names.items() if name.strip()}


def _leave_out_defaults(document: Json, definition: Definition) -> None:
    if not definition.officials:
        del document["officials"]
    if definition.referees == RefereePolicy():
        del document["referees"]
    for aspect in (aspect for stage in document["stages"] for aspect in stage["aspects"]):
        if not aspect["double_entry"]:
            del aspect["double_entry"]
    for stage in document["stages"]:
        if not stage["entries"]:
            del stage["entries"]


def plain(value: Any) -> Any:
    """Rule parameters may hold Decimals, dates and tuples: as JSON knows them."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (str, int, bool)) or value is None:
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def digest_of(document: Json) -> str:
    """SHA-256 of the canonical JSON (keys sorted), hexadecimal."""
    return hashlib.sha256(msgspec.json.encode(document, order="sorted")).hexdigest()


def _fault(item: Any) -> Fault:
    location = [step for step in item["loc"] if not str(step).startswith("function-")]
    where = path_of(location)
    if item["type"] == "extra_forbidden":
        return Fault(where, f"unknown key{_did_you_mean(location)}")
    if item["type"] == "missing":
        return Fault(where, "missing; this key is required")
    if item["type"] == "string_pattern_mismatch" and "colour" not in where:
        return Fault(where, f"{item['input']!r} is not an id: 1 to 64 letters, digits, '_', '-', '.' or ':', without blanks")
    shown = item["input"] if isinstance(item["input"], (str, int, float, bool, Decimal)) else type(item["input"]).__name__
    return Fault(where, f"{item['msg'][0].lower()}{item['msg'][1:]} (found {shown!r:.80})")


_TEXTS = ("name", "organiser", "employer", "trade")
_TABLES: dict[str, type[Part]] = {
    "contest": ContestDef,
    "clock": ClockPolicy,
    "venues": VenueDef,
    "contestants": ContestantDef,
    "officials": OfficialDef,
    "referees": RefereePolicy,
    "stages": StageDef,
    "ranking": RankBy,
    "criteria": Criterion,
    "doubts_defaults": DoubtDefaults,
    "ties": Ties,
}


def _did_you_mean(location: Sequence[str | int]) -> str:
    table: type[Part] = _TABLES.get(str(location[0]), Definition) if len(location) > 1 else Definition
    if len(location) > 1 and location[-2] in _TEXTS:
        table = Text
    near = difflib.get_close_matches(str(location[-1]), table.model_fields, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; expected one of {', '.join(table.model_fields)}"


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
                yield Fault(f"{name}[{index}].id", f"{row.id!r} is used already by {name}[{first[row.id]}]")
            first.setdefault(row.id, index)


def _references(definition: Definition) -> Iterator[Fault]:
    venues = {venue.id for venue in definition.venues}
    for index, contestant in enumerate(definition.contestants):
        if contestant.venue is None and len(venues) > 1:
            yield Fault(f"contestants[{index}].venue", f"missing; expected one of {_some(venues)}")
        elif contestant.venue is not None and contestant.venue not in venues:
            yield Fault(f"contestants[{index}].venue", f"{contestant.venue!r} is not a venue; expected one of {_some(venues)}")
    yield from _references_of_officials(definition, venues)
    stages, groups = {stage.id for stage in definition.stages}, {stage.group for stage in definition.stages if stage.group}
    for index, link in enumerate(definition.ranking):
        kind, _, name = link.by.partition(":")
        if name and (kind, name) not in {*(("stage", stage) for stage in stages), *(("group", group) for group in groups)}:
            expected = f"stages are {_some(stages)}, groups are {_some(groups)}"
            yield Fault(f"ranking[{index}].by", f"{link.by!r} names no stage or group; {expected}")


def _references_of_officials(definition: Definition, venues: set[str]) -> Iterator[Fault]:
    contestants = {contestant.id for contestant in definition.contestants}
    for index, official in enumerate(definition.officials):
        if official.venue is not None and official.venue not in venues:
            yield Fault(f"officials[{index}].venue", f"{official.venue!r} is not a venue; expected one of {_some(venues)}")
        for nth, recused in enumerate(official.recused):
            if recused not in contestants:
                yield Fault(f"officials[{index}].recused[{nth}]", f"{recused!r} is not a contestant")
        if official_key(official.id) in contestants:
            yield Fault(f"officials[{index}].id", f"a contestant is called {official_key(official.id)!r}; call one of them otherwise")


def official_key(official: str) -> str:
    """How an official is called where contestants and other authors stand, too. No contestant may be called so."""
    return f"official:{official}"


def _contradictions(definition: Definition) -> Iterator[Fault]:
    yield from _panels_too_large(definition)
    yield from _impossible_entries(definition)
    contest = definition.contest
    if contest.starts is not None and contest.starts.tzinfo is None:
        yield Fault("contest.starts", "has no time zone; write for example 2026-11-22T09:00:00+08:00")
    elif contest.starts is not None and not 1970 < contest.starts.year < 2255:
        yield Fault("contest.starts", "is out of range; expected a year from 1971 to 2254")
    if contest.freeze_minutes and contest.minutes is None:
        yield Fault("contest.freeze_minutes", "needs contest.minutes: the freeze is reckoned back from the end")
    if contest.freeze_minutes and contest.minutes and contest.freeze_minutes > contest.minutes:
        yield Fault("contest.freeze_minutes", f"is longer than the contest ({contest.minutes} minutes)")
    for index, stage in enumerate(definition.stages):
        if stage.aspects and stage.points is not None:
            yield Fault(f"stages[{index}].points", "a stage has points or aspects, not both: the aspects' max add up")
        if stage.pass_marks is not None and stage.pass_marks > stage.value:
            yield Fault(f"stages[{index}].pass_marks", f"{stage.pass_marks} cannot be reached: the stage is worth {stage.value}")


def _panels_too_large(definition: Definition) -> Iterator[Fault]:
    """Where nobody says who the referees are, nobody can say that there are too few."""
    referees = sum(official.role == "referee" for official in definition.officials)
    for index, stage in enumerate(definition.stages):
        for nth, aspect in enumerate(stage.aspects):
            if definition.officials and (aspect.panel or 0) > referees:
                yield Fault(
                    f"stages[{index}].aspects[{nth}].panel",
                    f"a panel of {aspect.panel} can never be complete: there are {referees} referees",
                )


def _impossible_entries(definition: Definition) -> Iterator[Fault]:
    for index, stage in enumerate(definition.stages):
        seen: set[str] = set()
        for nth, entry in enumerate(stage.entries):
            where = f"stages[{index}].entries[{nth}]"
            if entry.field in seen:
                yield Fault(f"{where}.field", f"{entry.field!r} is named twice")
            seen.add(entry.field)
            if entry.min is not None and entry.max is not None and entry.min > entry.max:
                yield Fault(f"{where}.min", f"{entry.min} is above max ({entry.max}); nothing could be entered")


def _some(names: set[str]) -> str:
    return ", ".join(sorted(names)[:12]) + (", …" if len(names) > 12 else "") if names else "(none)"
