"""The definition of a contest: fixed before it starts, versioned when it changes. Refuses what contradicts itself, fault by fault.

The document comes from TOML (see `contest_server.intake`) and lives in the ledger as JSON, without the names of persons.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from contest_server.core.facts import Json

CONTESTANTS_MAX = 20_000
STAGES_MAX = 200
ASPECTS_MAX_PER_STAGE = 100
VENUES_MAX = 200
PERSONAL_FIELDS = ("name", "employer", "trade", "number", "photo")
"""Fields of a contestant that are kept beside the ledger, where they can be corrected and erased."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a document: where (a path such as `stages[2].aspects[0].max`, or "line 7"), and what was expected."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class DefinitionError(Exception):
    """The document cannot be adopted. `faults` names every one that was found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = list(faults)


Id = Annotated[str, StringConstraints(pattern=r"^[\w.:\-]{1,64}$")]


class Part(BaseModel):
    """A table of the document: nothing it does not know is accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Part):
    """A text in both languages; one string stands for both."""

    zh: str = Field(max_length=400)
    en: str = Field(max_length=400)


def _both(value: object) -> object:
    if isinstance(value, str):
        return {"zh": value, "en": value}
    if isinstance(value, dict) and len(value) == 1 and set(value) <= {"zh", "en"}:
        only = next(iter(value.values()))
        return {"zh": only, "en": only}
    return value


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError("must be a finite number")
    return value


Words = Annotated[Text, BeforeValidator(_both)]
Marks = Annotated[Decimal, Field(ge=0, le=1_000_000), AfterValidator(_finite)]


class RuleUse(BaseModel):
    """A rule by its name, with the rule's own parameters beside it.

    `when` is an expression: the rule applies only where it holds. `when_fields` are the fields of the evidence that it may name.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    rule: Id
    when: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    when_fields: list[Id] | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class AspectDef(RuleUse):
    """One thing that is scored in a stage."""

    id: Id
    max: Marks
    name: Words | None = None
    kind: Literal["measurement", "judgement"] = "measurement"
    criterion: Id | None = None
    abilities: list[Id] = []


class StageDef(Part):
    """A stage (关卡). It is worth `points` when cleared, or the sum of its aspects."""

    id: Id
    name: Words | None = None
    group: Id | None = None
    points: Marks | None = None
    pass_marks: Marks | None = None
    aspects: list[AspectDef] = Field(default=[], max_length=ASPECTS_MAX_PER_STAGE)
    rules: list[RuleUse] = []

    @property
    def value(self) -> Decimal:
        """The most this stage can bring, before awards."""
        if self.aspects:
            return sum((aspect.max for aspect in self.aspects), Decimal(0))
        return self.points if self.points is not None else Decimal(1)


class VenueDef(Part):
    id: Id
    name: Words | None = None
    colour: Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")] | None = None


class ContestantDef(Part):
    """A contestant. All but id, venue, team and status is personal and stays out of the ledger."""

    id: Id
    venue: Id | None = None
    status: Literal["ok", "guest"] = "ok"
    team: Id | None = None
    name: Words | None = None
    employer: Words | None = None
    trade: Words | None = None
    number: Annotated[str, StringConstraints(max_length=32)] | None = None
    photo: Annotated[str, StringConstraints(max_length=400)] | None = None


class ContestDef(Part):
    id: Id
    version: int = Field(default=1, ge=1, le=1_000_000)
    name: Words
    organiser: Words | None = None
    starts: datetime | None = None
    minutes: int | None = Field(default=None, ge=1, le=60 * 24 * 31)
    freeze_minutes: int | None = Field(default=None, ge=0)
    languages: list[Literal["zh", "en"]] = ["zh", "en"]


class ClockPolicy(Part):
    """How far a device's clock may be off, and what happens beyond that."""

    max_offset_ms: int = Field(default=500, ge=0, le=3_600_000)
    correct: bool = True
    late_after_s: int | None = Field(default=None, ge=1)


class Criterion(Part):
    """A node of the marking tree. A sub-criterion names its parent in its id: "B" has "B1", or "B.1"."""

    id: Id
    name: Words | None = None
    marks: Marks | None = None


class RankBy(Part):
    """One link of the tie chain: a measure, its direction, and the unit it is floored to before comparing."""

    by: Annotated[str, StringConstraints(pattern=r"^[\w.:\-]{1,80}$")]
    order: Literal["asc", "desc"] | None = None
    unit: Literal["ms", "second", "minute"] = "ms"

    @property
    def descending(self) -> bool:
        """Times rank ascending, everything else descending, unless the definition says otherwise."""
        return self.order == "desc" if self.order else not self.by.endswith("_ms")


class Ties(Part):
    """What a tie means. `play_off` asks for a play-off of ties at ranks up to this one; `medals` counts gold, silver and bronze; who is
    within `medal_delta` points of the first of a medal shares it.
    """

    play_off: int | None = Field(default=None, ge=1, le=1_000)
    medals: list[Annotated[int, Field(ge=0, le=1_000)]] = Field(default=[1, 1, 1], min_length=1, max_length=3)
    medal_delta: Marks = Decimal(0)


class DoubtDefaults(Part):
    off: list[Id] = []


class Definition(Part):
    """The whole document."""

    format: Literal[1]
    contest: ContestDef
    clock: ClockPolicy = ClockPolicy()
    venues: list[VenueDef] = Field(min_length=1, max_length=VENUES_MAX)
    contestants: list[ContestantDef] = Field(default=[], max_length=CONTESTANTS_MAX)
    stages: list[StageDef] = Field(min_length=1, max_length=STAGES_MAX)
    rules: list[RuleUse] = []
    doubts: list[RuleUse] = []
    doubts_defaults: DoubtDefaults = DoubtDefaults()
    total: RuleUse = RuleUse(rule="sum")
    conversions: list[RuleUse] | None = Field(default=None, max_length=20)
    ties: Ties | None = None
    criteria: list[Criterion] = []
    ranking: list[RankBy] = Field(default=[RankBy(by="points"), RankBy(by="time_ms")], min_length=1, max_length=12)


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
    """The document as the ledger keeps it: plain JSON values, decimals as strings, no names of persons."""
    document = definition.model_dump(mode="json", exclude_none=True)
    for contestant in document["contestants"]:
        for name in PERSONAL_FIELDS:
            contestant.pop(name, None)
    return plain(document)  # type: ignore[no-any-return]


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


def path_of(location: Sequence[str | int]) -> str:
    """`("stages", 2, "aspects", 0, "max")` as `stages[2].aspects[0].max`."""
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return path.lstrip(".") or "document"


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
    stages, groups = {stage.id for stage in definition.stages}, {stage.group for stage in definition.stages if stage.group}
    for index, link in enumerate(definition.ranking):
        kind, _, name = link.by.partition(":")
        if name and (kind, name) not in {*(("stage", stage) for stage in stages), *(("group", group) for group in groups)}:
            expected = f"stages are {_some(stages)}, groups are {_some(groups)}"
            yield Fault(f"ranking[{index}].by", f"{link.by!r} names no stage or group; {expected}")


def _contradictions(definition: Definition) -> Iterator[Fault]:
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


def _some(names: set[str]) -> str:
    return ", ".join(sorted(names)[:12]) + (", …" if len(names) > 12 else "") if names else "(none)"
