"""A rule tried: a small contest around it, folded by the fold that every server has. Nothing is stored, nothing is imitated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal, get_args

from contest_server.builder.stories import STAGE, STARTS, VENUE, Happening, Story, facts_of, people_of
from contest_server.core.compiling import ALWAYS_ASKED, IN_A_STAGE, IN_AN_ASPECT, IN_DOUBTS, compile_rulebook
from contest_server.core.contest import Contest
from contest_server.core.definition import Definition
from contest_server.core.definition_reading import digest_of, ledger_document, read_definition
from contest_server.core.facts import Adopted, ContestId, Draft, Entry, StageId
from contest_server.core.faults import DefinitionError, Fault
from contest_server.core.rulebook import JudgeClass, Judges

Place = Literal["aspect", "stage", "everywhere", "doubts", "total", "conversions"]
PLACES: tuple[Place, ...] = get_args(Place)
ASPECT = "aspect"
CONTEST = ContestId("trial")
MINUTES = 600
_STATIONS: Mapping[Place, Sequence[str]] = {
    "aspect": IN_AN_ASPECT,
    "stage": IN_A_STAGE,
    "everywhere": (*IN_A_STAGE, "bonus"),
    "doubts": IN_DOUBTS,
    "total": ("total",),
    "conversions": ("convert",),
}


def places_of(judge: JudgeClass) -> list[Place]:
    """Where a definition may name the rule, the most usual first."""
    return [place for place in PLACES if any(hasattr(judge, station) for station in _STATIONS[place]) and _is_usual(judge, place)]


def _is_usual(judge: JudgeClass, place: Place) -> bool:
    """A scorer that also asks about a stage stands in an aspect, where it asks by itself."""
    return place == "aspect" or not any(hasattr(judge, station) for station in IN_AN_ASPECT)


@dataclass(frozen=True, slots=True)
class Trial:
    """A rule with its options, where it stands, and what happens. `max` is for aspects."""

    rule: str
    options: Mapping[str, Any]
    place: Place
    story: Story
    max: Decimal | str | int | None = None

    @property
    def stage(self) -> str:
        """The stage that the result is told of."""
        return self.story.at or (str(self.story.stages[0].get("id", STAGE)) if self.story.stages else STAGE)

    @property
    def stage_id(self) -> StageId:
        return StageId(self.stage)

    @property
    def where(self) -> str:
        """The path of the rule in `document`."""
        index = next((n for n, each in enumerate(self.story.stages) if each.get("id") == self.stage), 0)
        stage = self.story.stages[index] if self.story.stages else {}
        nth = {"aspect": len(stage.get("aspects", ())), "stage": len(stage.get("rules", ())), "everywhere": len(self.story.rules)}
        paths: dict[Place, str] = {"aspect": f"stages[{index}].aspects", "stage": f"stages[{index}].rules", "everywhere": "rules"}
        return (
            f"{paths[self.place]}[{nth[self.place]}]" if self.place in paths else "total" if self.place == "total" else f"{self.place}[0]"
        )

    def document(self) -> dict[str, Any]:
        """The definition of the small contest."""
        story = self.story
        stages = [dict(each) for each in story.stages] or [{"id": STAGE, **({} if self.place == "aspect" else {"points": 10})}]
        use = {"rule": self.rule, **self.options}
        document: dict[str, Any] = {
            "format": 1,
            "contest": {"id": CONTEST, "name": "Trial", "starts": STARTS, "minutes": MINUTES},
            "venues": story.venues or [{"id": VENUE}],
            "contestants": people_of(story),
            "stages": stages,
            "rules": list(story.rules),
            "doubts_defaults": {"off": [name for name in ALWAYS_ASKED if name != self.rule]},
        }
        told = {"officials": story.officials, "ranking": story.ranking, "criteria": story.criteria}
        document |= {key: value for key, value in told.items() if value}
        document |= {key: value for key, value in (("total", story.total), ("ties", story.ties), ("clock", story.clock)) if value}
        self._put(use, document, next((each for each in stages if each.get("id") == self.stage), stages[0]))
        return document

    def _put(self, use: dict[str, Any], document: dict[str, Any], stage: dict[str, Any]) -> None:
        match self.place:
            case "aspect":
                stage["aspects"] = [*stage.get("aspects", ()), {"id": ASPECT, "max": 10 if self.max is None else self.max, **use}]
            case "stage":
                stage["rules"] = [*stage.get("rules", ()), use]
            case "everywhere":
                document["rules"] = [*document["rules"], use]
            case "total":
                document["total"] = use
            case _:
                document[self.place] = [use]


@dataclass(frozen=True, slots=True)
class Played:
    """A trial after its last event."""

    trial: Trial
    definition: Definition
    contest: Contest


def play(trial: Trial, judges: Judges) -> Played:
    """The small contest, folded.

    Raises:
        DefinitionError: the options do not fit; places are options of the rule ("limit", "bands[1].share"), or parts of the story.
    """
    try:
        definition = compile_rulebook(read_definition(trial.document()), judges).definition
    except DefinitionError as error:
        raise DefinitionError([_told(fault, trial) for fault in error.faults]) from None
    venues = {each.id: each.venue or definition.venues[0].id for each in definition.contestants}
    return Played(trial, definition, fold(definition, list(facts_of(trial.story, trial.stage, venues)), judges))


def fold(definition: Definition, drafts: Sequence[Draft], judges: Judges) -> Contest:
    """The contest after these facts, in this order."""
    document = ledger_document(definition)
    contest = Contest(ContestId(definition.contest.id), judges)
    contest.advance(Entry(1, 0, "builder", Adopted(definition.contest.version, digest_of(document), document)))
    for position, draft in enumerate(drafts, start=2):
        contest.advance(Entry(position, draft.received_us, draft.author, draft.fact))
    contest.settle()
    return contest


def _told(fault: Fault, trial: Trial) -> Fault:
    """The fault by the option's own path."""
    where = fault.where.removeprefix(trial.where).lstrip(".")
    if fault.where in (f"{trial.where.partition('.')[0]}.{trial.rule}", f"{trial.place}.{trial.rule}", trial.where):
        where = "rule"
    return replace(fault, where=where or "rule")


def simple_story(
    data: Mapping[str, Any], tries: int = 1, elapsed_ms: int = 60_000, violations: Sequence[str] = (), is_cleared: bool = True
) -> Story:
    """One contestant starts, is rejected `tries` - 1 times, breaches rules, and clears the stage with this evidence."""
    begins_ms = 60_000
    events = [Happening(kind="start", at_ms=begins_ms)]
    events += [Happening(kind="rejected", at_ms=begins_ms + elapsed_ms * n // tries, attempt=str(n)) for n in range(1, tries)]
    events += [Happening(kind="violation", at_ms=begins_ms + elapsed_ms // 2, data={"code": code}) for code in violations]
    last = Happening(kind="clear" if is_cleared else "rejected", at_ms=begins_ms + elapsed_ms, attempt=str(tries), data=dict(data))
    return Story(events=[*events, last])
