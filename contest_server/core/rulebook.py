"""The rules of a contest, ready to call: a judge with its parameters, the rules of a stage by station, and all of them as one book."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from contest_server.core.conditions import Condition
from contest_server.core.definition import AspectDef, Definition, StageDef
from contest_server.core.facts import StageId
from contest_server.core.judging import StageView, Tally
from contest_server.core.tie_chain import Keys, Link, keys_by

JudgeClass = type[Any]
Judges = Mapping[str, JudgeClass]


@dataclass(frozen=True, slots=True)
class Rule:
    """A judge with the parameters a definition gave it, and the condition under which it applies (None: always)."""

    name: str
    judge: Any
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class StageRules:
    """All rules of one stage, by station. `compared` are aspects whose marks depend on the field."""

    view: StageView
    definition: StageDef
    scorers: tuple[tuple[AspectDef, Rule], ...]
    gates: tuple[Rule, ...]
    admits: tuple[Rule, ...]
    charges: tuple[Rule, ...]
    awards: tuple[Rule, ...]
    compared: tuple[tuple[AspectDef, Rule], ...] = ()
    questions: tuple[Rule, ...] = ()
    marked: Mapping[str, str] = field(default_factory=dict)
    """Aspects that referees mark (panel or double entry), each with the field of the evidence that their marks become."""

    plain: bool = field(init=False)
    """Whether no rule has a say in a cell's result: whoever clears the stage has its value."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "plain", not (self.admits or self.charges or self.definition.aspects))

    @property
    def names(self) -> frozenset[str]:
        """The names of all rules that judge this stage."""
        rules = (*self.gates, *self.admits, *self.charges, *self.awards)
        return frozenset(rule.name for rule in (*rules, *(rule for _, rule in (*self.scorers, *self.compared))))


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What the fold needs to judge: the definition and its rules, ready to call."""

    definition: Definition
    stages: Mapping[StageId, StageRules]
    doubts: tuple[Rule, ...]
    total: Rule
    links: tuple[Link, ...]
    views: tuple[StageView, ...]
    bonuses: tuple[Rule, ...] = ()
    conversions: tuple[Rule, ...] = ()
    surveys: tuple[Rule, ...] = ()
    gated: tuple[StageRules, ...] = field(init=False)
    """The stages that gates may close."""
    of_tally: Callable[[Tally], tuple[Decimal, int]] | None = field(init=False)
    """The total's short way, where nothing else has a say in points and time."""
    key_of: Keys = field(init=False)
    """What orders a contestant, by the tie chain (`links`)."""

    def __post_init__(self) -> None:
        judge = self.total.judge
        alone = not (self.bonuses or getattr(judge, "measures", ()))
        object.__setattr__(self, "gated", tuple(rules for rules in self.stages.values() if rules.gates))
        object.__setattr__(self, "of_tally", getattr(judge, "of_tally", None) if alone else None)
        object.__setattr__(self, "key_of", keys_by(self.links))
