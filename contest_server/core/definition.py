"""The definition of a contest: fixed before it starts, versioned when it changes. Refuses what contradicts itself, fault by fault.

The document comes from TOML (see `contest_server.intake`) and lives in the ledger as JSON, without the names of persons.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from contest_server.core.saying import Said

CONTESTANTS_MAX = 20_000
STAGES_MAX = 200
ASPECTS_MAX_PER_STAGE = 100
ENTRIES_MAX_PER_STAGE = 200
VENUES_MAX = 200
OFFICIALS_MAX = 1_000
PERSONAL_FIELDS = ("name", "employer", "trade", "number", "photo")
"""Fields of a contestant or official that are kept beside the ledger, where they can be corrected and erased."""


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
        raise ValueError(Said("must be a finite number"))
    return value


Whole = Annotated[int, Field(strict=True)]
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
    panel: Annotated[int, Field(strict=True, ge=1, le=50)] | None = None
    """So many referees mark it, each alone: nobody sees the others' marks, and nothing counts, until all are in."""
    double_entry: bool = False
    """Two persons enter the value, each alone; it counts once both agree."""


class EntryDef(Part):
    """What a venue's form says beside a field. Outside of `min` to `max` nothing is entered by hand; judges do not look here."""

    field: Id
    name: Words | None = None
    unit: Annotated[str, StringConstraints(min_length=1, max_length=16)] | None = None
    min: Annotated[Decimal, AfterValidator(_finite)] | None = None
    max: Annotated[Decimal, AfterValidator(_finite)] | None = None
    places: Whole | None = Field(default=None, ge=0, le=9)


class StageDef(Part):
    """A stage (关卡). It is worth `points` when cleared, or the sum of its aspects."""

    id: Id
    name: Words | None = None
    group: Id | None = None
    points: Marks | None = None
    pass_marks: Marks | None = None
    aspects: list[AspectDef] = Field(default=[], max_length=ASPECTS_MAX_PER_STAGE)
    rules: list[RuleUse] = []
    entries: list[EntryDef] = Field(default=[], max_length=ENTRIES_MAX_PER_STAGE)

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
    version: Whole = Field(default=1, ge=1, le=1_000_000)
    name: Words
    organiser: Words | None = None
    starts: datetime | None = None
    minutes: Whole | None = Field(default=None, ge=1, le=60 * 24 * 31)
    freeze_minutes: Whole | None = Field(default=None, ge=0)
    languages: list[Literal["zh", "en"]] = ["zh", "en"]
    theme: Id | None = None
    """The folder of the server's themes that its pages wear; without it, the one that is called like the contest."""


class ClockPolicy(Part):
    """How far a device's clock may be off, and what happens beyond that."""

    max_offset_ms: Whole = Field(default=500, ge=0, le=3_600_000)
    correct: bool = True
    late_after_s: Whole | None = Field(default=None, ge=1)


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
    def is_time(self) -> bool:
        """Whether the measure is a time: its own name ends in _ms. What a stage or a group is called says nothing."""
        return self.by.partition(":")[0].endswith("_ms")

    @property
    def descending(self) -> bool:
        """Times rank ascending, everything else descending, unless the definition says otherwise."""
        return self.order == "desc" if self.order else not self.is_time


class Ties(Part):
    """What a tie means. `play_off` asks for a play-off of ties at ranks up to this one; `medals` counts gold, silver and bronze; who is
    within `medal_delta` points of the first of a medal shares it.
    """

    play_off: Whole | None = Field(default=None, ge=1, le=1_000)
    medals: list[Annotated[int, Field(ge=0, le=1_000)]] = Field(default=[1, 1, 1], min_length=1, max_length=3)
    medal_delta: Marks = Decimal(0)


class OfficialDef(Part):
    """An official. Name and employer are personal and stay out of the ledger; `recused` are contestants on whom the official never rules.

    Contestants of the official's own employer are added to `recused` by themselves.
    """

    id: Id
    role: Literal["chief", "referee"] = "referee"
    venue: Id | None = None
    recused: list[Id] = Field(default=[], max_length=CONTESTANTS_MAX)
    name: Words | None = None
    employer: Words | None = None


class RefereePolicy(Part):
    """When a ruling needs a second person, what a result needs before it is official, and how much is rechecked.

    `second_points` and `second_ranks` are changes from which on a second person is asked (none: never for that reason).
    """

    second_points: Marks | None = Decimal(5)
    second_ranks: Whole | None = Field(default=3, ge=1)
    second_medals: bool = True
    fresh_login_minutes: Whole = Field(default=15, ge=1, le=24 * 60)
    appeal_minutes: Whole | None = Field(default=None, ge=1, le=60 * 24 * 31)
    sign_off: list[Literal["contestant", "referee", "chief"]] = []
    recheck_top: Whole = Field(default=3, ge=0, le=1_000)
    recheck_percent: Whole = Field(default=15, ge=0, le=100)
    recheck_errors_percent: Whole = Field(default=5, ge=0, le=100)
    recheck_required: bool = False
    handover_required: bool = False


class DoubtDefaults(Part):
    off: list[Id] = []


class Definition(Part):
    """The whole document."""

    format: Literal[1]
    contest: ContestDef
    clock: ClockPolicy = ClockPolicy()
    venues: list[VenueDef] = Field(min_length=1, max_length=VENUES_MAX)
    contestants: list[ContestantDef] = Field(default=[], max_length=CONTESTANTS_MAX)
    officials: list[OfficialDef] = Field(default=[], max_length=OFFICIALS_MAX)
    referees: RefereePolicy = RefereePolicy()
    stages: list[StageDef] = Field(min_length=1, max_length=STAGES_MAX)
    rules: list[RuleUse] = []
    doubts: list[RuleUse] = []
    doubts_defaults: DoubtDefaults = DoubtDefaults()
    total: RuleUse = RuleUse(rule="sum")
    conversions: list[RuleUse] | None = Field(default=None, max_length=20)
    ties: Ties | None = None
    criteria: list[Criterion] = []
    ranking: list[RankBy] = Field(default=[RankBy(by="points"), RankBy(by="time_ms")], min_length=1, max_length=12)
