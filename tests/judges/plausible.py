"""A plausible contest of several venues, made by a seed: abilities, referees, panels, a quiz, photographs, readings and times with honest
noise, and faults planted into it. What was planted is all that may be found.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp
from typing import Any

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition import Definition
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import AttemptId, ContestantId, StageId, VenueId
from contest_server.core.flags import Flag
from contest_server.core.judging import Attempt, CellResult
from contest_server.core.rulebook import Rulebook
from contest_server.core.scoring import judge_cell
from contest_server.core.surveys import Memory, Surveyed, survey_flags
from contest_server.core.totalling import record_of
from judges.catalogue import built_in

JUDGES = {judge.rule: judge for judge in built_in()}
ASPECTS = ("layout", "workmanship", "safety", "tidiness", "report")
ITEMS = tuple(f"q{number}" for number in range(1, 21))
CHOICES = "ABCD"
DAMAGE = {"bumper": "replace", "headlight": "replace", "fender": "repair", "bonnet": "repair", "grille": "replace", "door": "paint"}
FAULTS = {"K1": "coil open", "F2": "fuse blown", "S3": "contact welded", "X4": "wire loose"}
STAGES = ("quiz", "judged", "measured", "photos", "damage", "faults")
SURVEYED = frozenset({
    "own_unit", "missing_mark", "late_mark", "referee_outlier", "referee_severity", "severity_drift", "halo", "same_evidence",
    "photo_finish", "far_faster_than_field", "backfilled", "wrong_key", "venue_difference",
})  # fmt: skip

Data = dict[str, Any]


@dataclass(frozen=True)
class Work:
    """What one contestant handed in at one stage: the evidence, and when."""

    data: Data
    start_ms: int
    time_ms: int
    late_ms: int = 300
    error_ms: int = 8
    offset_ms: int = 12


@dataclass
class Plausible:
    """A contest as its events told it. `work` is by contestant and stage; `key` holds the quiz's answers as the definition has them.

    `noise` and `bias` are the scatter of marks and of referees' severity, as shares of the highest mark; `easier` is by venue, in standard
    deviations of ability.
    """

    seed: int
    venues: Sequence[str] = ("yongjia", "yueqing")
    per_venue: int = 40
    referees: int = 5
    coarse: bool = False
    noise: float = 0.04
    bias: float = 0.01
    easier: Mapping[str, float] = field(default_factory=dict)
    work: dict[tuple[str, str], Work] = field(default_factory=dict)
    home: dict[str, str] = field(default_factory=dict)
    key: dict[str, str] = field(default_factory=dict)
    recused: dict[str, list[str]] = field(default_factory=dict)

    def panel_of(self, venue: str) -> list[str]:
        return [f"{venue}-R{number}" for number in range(1, self.referees + 1)]

    def edit(self, who: str, stage: str, change: Callable[[Data], Data] = dict, **more: Any) -> None:
        known = self.work[who, stage]
        self.work[who, stage] = replace(known, **{"data": change(known.data), **more})


def plausible(seed: int, **shape: Any) -> Plausible:
    """The contest without a fault."""
    made, dice = Plausible(seed, **shape), random.Random(seed)
    truth = {item: dice.choice(CHOICES) for item in ITEMS}
    made.key = dict(truth)
    hard = {item: dice.gauss(0, 0.7) for item in ITEMS}
    for number, venue in enumerate(made.venues):
        bias = {name: dice.gauss(0, made.bias) for name in made.panel_of(venue)}
        made.recused |= {name: [] for name in bias}
        for place in range(1, made.per_venue + 1):
            who = f"{'ABCDEFGH'[number]}{place:03}"
            made.home[who] = venue
            ability = dice.gauss(0, 1) + made.easier.get(venue, 0)
            hands_in = {
                "quiz": {"answers": {item: _answer(dice, truth[item], ability, hard[item]) for item in ITEMS}},
                "judged": _marks(dice, made, ability, bias),
                "measured": _readings(dice, ability),
                "photos": {"files": [_photo(dice, kind) for kind in ("front", "plate", "damage")]},
                "damage": _damage(dice, ability),
                "faults": _faults(dice, ability),
            }
            _hand_in(dice, made, who, ability, hands_in)
    return made


def _hand_in(dice: random.Random, made: Plausible, who: str, ability: float, hands_in: Mapping[str, Data]) -> None:
    now_ms = dice.randrange(60_000)
    for stage, data in hands_in.items():
        took_ms = int(600_000 * dice.lognormvariate(-0.08 * ability, 0.22))
        start_ms, now_ms = now_ms, now_ms + took_ms
        late_ms = dice.randrange(30, 2_000)
        made.work[who, stage] = Work(data, start_ms, now_ms, late_ms, dice.randrange(2, 25), dice.randrange(-40, 40))
        now_ms += dice.randrange(5_000, 90_000)


def _answer(dice: random.Random, right: str, ability: float, hard: float) -> str:
    chance = 0.25 + 0.75 / (1 + exp(-(1.0 + 0.9 * ability - hard)))
    return right if dice.random() < chance else dice.choice([each for each in CHOICES if each != right])


def _marks(dice: random.Random, made: Plausible, ability: float, bias: Mapping[str, float]) -> Data:
    data: Data = {}
    for aspect in ASPECTS:
        merit = 0.74 + 0.07 * ability + dice.gauss(0, 0.04)
        data[aspect] = [
            {"referee": name, "mark": _mark(merit + lean + dice.gauss(0, made.noise), made.coarse)} for name, lean in bias.items()
        ]
    return data


def _mark(share: float, coarse: bool) -> str:
    return str(round(3 * min(1, max(0, share)))) if coarse else str(round(200 * min(1, max(0, share))) / 2)


def lowered(mark: str, by: float, coarse: bool = False) -> str:
    """The mark, lower by this share of the highest."""
    return _mark(float(mark) / (3 if coarse else 100) - by, coarse)


def _readings(dice: random.Random, ability: float) -> Data:
    return {"coil_ohm": f"{500 + dice.gauss(0, max(1.5, 4 - ability)):.1f}", "control_v": f"{24 + dice.gauss(0, 0.4):.2f}"}


def _photo(dice: random.Random, kind: str) -> Data:
    return {"kind": kind, "bytes": dice.randrange(50_000, 900_000), "sha256": hashlib.sha256(dice.randbytes(16)).hexdigest()}


def _damage(dice: random.Random, ability: float) -> Data:
    chance = 1 / (1 + exp(-(1.3 + 0.8 * ability)))
    rows = []
    for item, action in DAMAGE.items():
        if dice.random() < 0.5 + chance / 2:
            done = action if dice.random() < chance else dice.choice(["repair", "replace", "paint"])
            rows.append({"item": item, "action": done})
    rows += [{"item": extra, "action": "repair"} for extra in ("mirror", "wheel", "roof") if dice.random() < 0.08]
    return {"items": rows}


def _faults(dice: random.Random, ability: float) -> Data:
    chance = 1 / (1 + exp(-(1.0 + 0.8 * ability)))
    rows = [
        {"at": at, "cause": cause if dice.random() < chance else dice.choice(["worn", "dirty"])}
        for at, cause in FAULTS.items()
        if dice.random() < 0.4 + chance / 2
    ]
    return {"found": rows + [{"at": extra, "cause": "worn"} for extra in ("B7", "C8") if dice.random() < 0.08]}


# ---- the definition, and what is asked ---------------------------------------------------------------------------------------------


def definition_of(made: Plausible) -> Definition:
    panel = {"rule": "judgement_0_3", "spread": 3} if made.coarse else {"rule": "trimmed_mean", "drop": 1, "out_of": 100}
    aspects = {
        "quiz": [{"id": "answers", "rule": "quiz", "max": 20, "field": "answers",
                  "items": [{"item": item, "key": [key], "marks": 1} for item, key in made.key.items()]}],
        "judged": [{"id": name, "max": 8, "field": name, "kind": "judgement", **panel} for name in ASPECTS],
        "measured": [
            {"id": "coil", "rule": "tolerance_linear", "max": 5, "field": "coil_ohm", "nominal": 500, "full": 1, "zero": 9},
            {"id": "control", "rule": "tolerance_linear", "max": 5, "field": "control_v", "nominal": 24, "full": "0.2", "zero": 1}],
        "photos": [{"id": "files", "rule": "evidence_complete", "max": 10, "field": "files",
                    "required": [{"kind": "front"}, {"kind": "plate"}, {"kind": "damage"}]}],
        "damage": [{"id": "items", "rule": "set_match", "max": 12, "field": "items",
                    "reference": [{"item": item, "action": action} for item, action in DAMAGE.items()]}],
        "faults": [{"id": "found", "rule": "fault_finding", "max": 8, "field": "found", "false_positive": "0.5",
                    "faults_planted": [{"at": at, "cause": cause, "locate": 1, "explain": 1} for at, cause in FAULTS.items()]}],
    }  # fmt: skip
    return read_definition({
        "format": 1,
        "contest": {"id": "plausible", "name": "Plausible", "starts": "2026-11-22T09:00:00+08:00", "minutes": 300},
        "venues": [{"id": venue} for venue in made.venues],
        "contestants": [{"id": who, "venue": venue} for who, venue in made.home.items()],
        "officials": [{"id": name, "venue": name.partition("-")[0], "recused": several} for name, several in made.recused.items()],
        "stages": [{"id": stage, "aspects": aspects[stage]} for stage in STAGES],
    })  # fmt: skip


class Floor:
    """Judges a contest and variants of it; what is the same in two of them is judged once."""

    def __init__(self) -> None:
        self._books: dict[str, Rulebook] = {}
        self._cells: dict[tuple[str, str], tuple[Work, str, CellResult]] = {}
        self._memory = Memory()

    def flags(self, made: Plausible) -> list[Flag]:
        """What the surveys ask."""
        definition = definition_of(made)
        key = repr(sorted(made.key.items()))
        book = self._books.get(key) or self._books.setdefault(key, compile_rulebook(definition, JUDGES))
        records = {}
        for who, venue in made.home.items():
            cells = {StageId(stage): self._cell(made, who, stage, key, book) for stage in STAGES}
            record = record_of(ContestantId(who), VenueId(venue), cells, book)
            points = sum(cell.points for cell in cells.values())
            time_ms = max(cell.clear_ms or 0 for cell in cells.values())
            records[record.contestant] = Surveyed(record, "ok", (0, -int(points * 1_000_000), time_ms), time_ms)
        return survey_flags(book, records, definition.officials, self._memory)

    def _cell(self, made: Plausible, who: str, stage: str, key: str, book: Rulebook) -> CellResult:
        work, known = made.work[who, stage], self._cells.get((who, stage))
        if known is not None and known[0] is work and (known[1] == key or stage != "quiz"):
            return known[2]
        attempt = attempt_of(made, who, stage)
        result = judge_cell(attempt.contestant, [attempt], [], book.stages[attempt.stage]).result
        self._cells[who, stage] = work, key, result
        return result


def flags_of(made: Plausible) -> list[Flag]:
    return Floor().flags(made)


def source_of(made: Plausible, who: str) -> str:
    """The device at which somebody works all day: a venue has three."""
    return f"{made.home[who]}/desk-{1 + int(who[1:]) % 3}"


def attempt_of(made: Plausible, who: str, stage: str) -> Attempt:
    work = made.work[who, stage]
    return Attempt(
        id=AttemptId(f"{who}-{stage}"), contestant=ContestantId(who), stage=StageId(stage), outcome="accepted", time_ms=work.time_ms,
        start_ms=work.start_ms, error_ms=work.error_ms, offset_ms=work.offset_ms, late_ms=work.late_ms, data=work.data,
        events=(f"{source_of(made, who)}#{100 * int(who[1:]) + STAGES.index(stage)}",),
    )  # fmt: skip


def said(flags: Sequence[Flag]) -> list[tuple[str, str | None, str | None, str]]:
    """The surveys' questions as code, contestant, stage and subject, in order."""
    return sorted(((f.code, f.contestant, f.stage, f.subject) for f in flags if f.code in SURVEYED), key=str)
