"""A definition with its judges: every rule found, every parameter checked. Refuses a definition that names what is not there."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

from pydantic import TypeAdapter, ValidationError

from contest_server.core.conditions import Condition, condition_of
from contest_server.core.definition import AspectDef, Definition, RuleUse, StageDef
from contest_server.core.expression import ExpressionFault
from contest_server.core.facts import StageId
from contest_server.core.faults import DefinitionError, Fault, path_of
from contest_server.core.judging import STATIONS, AspectView, StageView, Tally
from contest_server.core.saying import Said, Text
from contest_server.core.tie_chain import Keys, Link, keys_by, measure_names
from contest_server.core.wrong_values import raised, wrong_value

JudgeClass = type[Any]
Judges = Mapping[str, JudgeClass]
STAGE_STATIONS = ("gate", "admit", "charge", "award")
IN_A_STAGE = (*STAGE_STATIONS, "question")
IN_AN_ASPECT = ("score", "compare")
IN_DOUBTS = ("doubt", "survey")
IN_RULES = (*IN_A_STAGE, "bonus", "survey")
SURVEYS = (
    "own_unit", "marks_due", "referee_outlier", "referee_severity", "severity_drift", "halo", "same_evidence", "photo_finish",
    "field_pace", "wrong_key", "venue_fairness",
)  # fmt: skip
"""The surveys that are asked in every contest, besides `backfilled`, whose limit is the clock policy's."""
BACKFILLED_AFTER_S = 120
BAD_OPTION = "bad_option"
"""The code of what a rule itself finds wrong with its parameters, or with the stages that it is used on."""
_ADAPTERS: WeakKeyDictionary[JudgeClass, TypeAdapter[Any]] = WeakKeyDictionary()


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


def compile_rulebook(definition: Definition, judges: Judges) -> Rulebook:
    """The rulebook of this definition.

    Raises:
        DefinitionError: naming each unknown rule, each parameter that does not fit, and what each rule itself finds wrong.
    """
    faults: list[Fault] = []
    stages = {StageId(stage.id): _stage(index, stage, definition, judges, faults) for index, stage in enumerate(definition.stages)}
    usual = _rules("doubts_defaults", _default_doubts(definition, judges), IN_DOUBTS, judges, faults)
    asked = (*usual, *_rules("doubts", definition.doubts, IN_DOUBTS, judges, faults))
    total = _rule("total", _with_criteria(definition), ("total",), judges, faults)
    links = tuple(Link.of(link, len(definition.stages)) for link in definition.ranking)
    everywhere = tuple(_rules("rules", definition.rules, IN_RULES, judges, []))
    doubts, bonuses, surveys = _with("doubt", asked), _with("bonus", everywhere), _with("survey", (*asked, *everywhere))
    conversions = tuple(_rules("conversions", definition.conversions or [], ("convert",), judges, faults))
    if faults or total is None:
        raise DefinitionError(faults)
    views = tuple(rules.view for rules in stages.values())
    book = Rulebook(definition, stages, doubts, total, links, views, bonuses, conversions, surveys)
    faults = [*_own_faults(book), *_unknown_measures(book)]
    if faults:
        raise DefinitionError(faults)
    return book


def _with(station: str, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if hasattr(rule.judge, station))


def _stage(index: int, stage: StageDef, definition: Definition, judges: Judges, faults: list[Fault]) -> StageRules:
    where = f"stages[{index}]"
    aspects = []
    for number, aspect in enumerate(stage.aspects):
        rule = _rule(f"{where}.aspects[{number}]", aspect, IN_AN_ASPECT, judges, faults)
        if rule is not None:
            aspects.append((aspect, rule))
    rules = [
        *_rules("rules", definition.rules, IN_RULES, judges, faults if index == 0 else []),
        *_rules(f"{where}.rules", stage.rules, IN_A_STAGE, judges, faults),
    ]
    by_station = {station: tuple(rule for rule in rules if hasattr(rule.judge, station)) for station in IN_A_STAGE}
    scorers, compared = (tuple(each for each in aspects if hasattr(each[1].judge, station)) for station in IN_AN_ASPECT)
    faults.extend(_out_of_reach(where, stage, [aspect for aspect, _ in compared]))
    view = StageView(
        id=StageId(stage.id),
        index=index,
        value=stage.value,
        pass_marks=stage.pass_marks,
        group=stage.group,
        aspects=tuple(AspectView(a.id, a.rule, a.max, a.kind, a.criterion, tuple(a.abilities)) for a in stage.aspects),
    )
    marked = {a.id: str(rule.judge.field) for a, rule in aspects if (a.panel or a.double_entry) and hasattr(rule.judge, "field")}
    faults.extend(
        Fault(
            f"{where}.aspects[{number}].panel",
            Said("rule {rule!r} has no `field` that the referees' marks could become", rule=a.rule),
            "no_field",
        )
        for number, a in enumerate(stage.aspects)
        if (a.panel or a.double_entry) and a.id not in marked and a.id in {known.id for known, _ in aspects}
    )
    questions = tuple(rule for rule in (*(rule for _, rule in aspects), *rules) if hasattr(rule.judge, "question"))
    return StageRules(
        view,
        stage,
        scorers,
        by_station["gate"],
        by_station["admit"],
        by_station["charge"],
        by_station["award"],
        compared,
        questions,
        marked,
    )


def _out_of_reach(where: str, stage: StageDef, compared: Sequence[AspectDef]) -> Iterator[Fault]:
    """Who passes is decided before anybody is compared with others."""
    own = stage.value - sum((aspect.max for aspect in compared), Decimal(0))
    if compared and stage.pass_marks is not None and stage.pass_marks > own:
        names, marks = [aspect.id for aspect in compared], str(stage.pass_marks)
        late = Said("{marks} cannot be reached without {names}, which compare those who passed", marks=marks, names=names)
        yield Fault(f"{where}.pass_marks", late, "cannot_pass")


def _rules(where: str, uses: Sequence[RuleUse], stations: Sequence[str], judges: Judges, faults: list[Fault]) -> Iterator[Rule]:
    for index, use in enumerate(uses):
        rule = _rule(f"{where}[{index}]", use, stations, judges, faults)
        if rule is not None:
            yield rule


def _rule(where: str, use: RuleUse, stations: Sequence[str], judges: Judges, faults: list[Fault]) -> Rule | None:
    cls = judges.get(use.rule)
    if cls is None:
        faults.append(Fault(f"{where}.rule", _no_rule(use.rule, stations, judges), "unknown_rule"))
        return None
    if not any(hasattr(cls, station) for station in stations):
        has = [station for station in STATIONS if hasattr(cls, station)]
        expected = " or ".join(stations)
        place = Said("{rule!r} cannot stand here: it is a rule for {has}, expected {expected}", rule=use.rule, has=has, expected=expected)
        faults.append(Fault(f"{where}.rule", place, "wrong_place"))
        return None
    when = _condition(where, use, cls, faults)
    parameters, names = use.parameters, [each.name for each in fields(cls)]
    if isinstance(use, AspectDef) and "max" in names:
        parameters["max"] = use.max
    unknown = [name for name in parameters if name not in names]
    if unknown:
        faults.extend(Fault(f"{where}.{name}", _no_parameter(use.rule, name, names), "unknown_option") for name in unknown)
        return None
    try:
        return Rule(use.rule, _adapter(cls).validate_python((parameters,))[0], when)
    except ValidationError as error:
        faults.extend(_parameter_fault(where, item) for item in error.errors())
    except Exception as error:  # noqa: BLE001 - a third party's code may raise anything, and the definition is refused by name
        faults.append(Fault(where, _failed(use.rule, error), BAD_OPTION))
    return None


def _failed(rule: str, error: Exception) -> Said:
    return Said("rule {rule!r} failed while it was read: {error:.400}", rule=rule, error=f"{type(error).__name__}: {error}")


def _condition(where: str, use: RuleUse, cls: JudgeClass, faults: list[Fault]) -> Condition | None:
    if use.when is None:
        if use.when_fields:
            faults.append(Fault(f"{where}.when_fields", Said("names fields for a condition, but there is no `when`"), "no_when"))
        return None
    try:
        return condition_of(use.when, use.when_fields or (), [station for station in STATIONS if hasattr(cls, station)])
    except ExpressionFault as fault:
        faults.append(Fault(f"{where}.when", fault.detail, BAD_OPTION))
        return None


def _no_rule(name: str, stations: Sequence[str], judges: Judges) -> Said:
    near = difflib.get_close_matches(name, judges, n=1)
    if near:
        return Said("no rule is called {rule!r}; did you mean {near!r}?", rule=name, near=near[0])
    known = sorted(each for each, judge in judges.items() if any(hasattr(judge, station) for station in stations))
    return Said("no rule is called {rule!r}; expected one of {known}", rule=name, known=known)


def _no_parameter(rule: str, name: str, names: Sequence[str]) -> Said:
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return Said("rule {rule!r} has no such parameter; did you mean {near!r}?", rule=rule, near=near[0])
    if not names:
        return Said("rule {rule!r} has no such parameter; it has none", rule=rule)
    return Said("rule {rule!r} has no such parameter; it has {names}", rule=rule, names=list(names))


def _adapter(cls: JudgeClass) -> TypeAdapter[Any]:
    if cls not in _ADAPTERS:
        # Only through a container does a plain dataclass, and what is nested in it, refuse keys it does not know.
        _ADAPTERS[cls] = TypeAdapter(tuple[cls], config={"extra": "forbid"})  # type: ignore[valid-type]
    return _ADAPTERS[cls]


def parameter_schema(cls: JudgeClass) -> dict[str, Any]:
    """JSON Schema of a rule's parameters, for documentation and for the page that builds a contest."""
    return TypeAdapter(cls).json_schema()


def _parameter_fault(where: str, item: Any) -> Fault:
    path = f"{where}.{path_of(item['loc'][1:])}" if item["loc"][1:] else where
    if item["type"] == "unexpected_keyword_argument":
        return Fault(path, Said("the rule has no such parameter"), "unknown_option")
    if item["type"] == "missing":
        return Fault(path, Said("missing; the rule requires it"), "missing")
    if item["type"] == "value_error":
        return Fault(path, raised(item["ctx"]["error"]), BAD_OPTION)
    found = item["input"]
    shown = "" if isinstance(found, (dict, list, tuple)) else f" (found {str(found)[:80]!r})"
    return wrong_value(path, item, f"{item['msg']}{shown}")


def _with_criteria(definition: Definition) -> RuleUse:
    """The total with the definition's marking tree, which stands in a table of its own."""
    if not definition.criteria:
        return definition.total
    criteria = [{"id": each.id} | ({} if each.marks is None else {"marks": each.marks}) for each in definition.criteria]
    return RuleUse.model_validate({"criteria": criteria, "rule": definition.total.rule, **definition.total.parameters})


def _default_doubts(definition: Definition, judges: Judges) -> list[RuleUse]:
    """The questions that are asked in every contest, unless a definition sets them itself or turns them off."""
    clock = definition.clock
    defaults = [
        RuleUse.model_validate({"rule": "pace"}),
        RuleUse.model_validate({"rule": "sequence"}),
        RuleUse.model_validate({"rule": "duplicate"}),
        RuleUse.model_validate({"rule": "clock", "max_offset_ms": clock.max_offset_ms}),
    ]
    if clock.late_after_s is not None:
        defaults.append(RuleUse.model_validate({"rule": "late", "late_after_ms": clock.late_after_s * 1000}))
    late_after_ms = (clock.late_after_s or BACKFILLED_AFTER_S) * 1000
    defaults.append(RuleUse.model_validate({"rule": "backfilled", "late_after_ms": late_after_ms}))
    defaults += [RuleUse.model_validate({"rule": name}) for name in SURVEYS]
    set_here = {use.rule for use in (*definition.doubts, *definition.rules)} | set(definition.doubts_defaults.off)
    return [use for use in defaults if use.rule in judges and use.rule not in set_here]


def _own_faults(book: Rulebook) -> Iterator[Fault]:
    """What each rule finds wrong with the stages it is used on (`faults(stages)`)."""
    placed: list[tuple[str, Rule]] = [("total", book.total), *(("doubts", rule) for rule in book.doubts)]
    placed += [("rules", rule) for rule in book.bonuses] + [("conversions", rule) for rule in book.conversions]
    placed += [("surveys", rule) for rule in book.surveys if rule not in book.doubts]
    for index, stage in enumerate(book.stages.values()):
        placed += [(f"stages[{index}]", rule) for rule in (*stage.gates, *stage.admits, *stage.charges, *stage.awards)]
        placed += [(f"stages[{index}]", rule) for _, rule in (*stage.scorers, *stage.compared)]
    seen: set[Text] = set()
    for where, rule in placed:
        for sentence in _said_by(rule, book.views):
            if sentence not in seen:
                seen.add(sentence)
                yield Fault(f"{where}.{rule.name}" if where != "total" else where, sentence, BAD_OPTION)


def _said_by(rule: Rule, stages: Sequence[StageView]) -> Sequence[Text]:
    try:
        return list(rule.judge.faults(stages)) if hasattr(rule.judge, "faults") else []
    except Exception as error:  # noqa: BLE001 - a third party's code may raise anything, and the definition is refused by name
        return [_failed(rule.name, error)]


def _unknown_measures(book: Rulebook) -> Iterator[Fault]:
    known = measure_names(book.total.judge)
    for index, link in enumerate(book.links):
        if link.by not in known and ":" not in link.by:
            expected = [*sorted(known), "stage:…", "group:…"]
            unknown = Said("no measure is called {by!r}; expected one of {expected}", by=link.by, expected=expected)
            yield Fault(f"ranking[{index}].by", unknown, "unknown_measure")
