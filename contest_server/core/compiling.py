"""A definition with its judges: every rule found, every parameter checked. Refuses a definition that names what is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from contest_server.core.definition import AspectDef, Definition, RuleUse, StageDef
from contest_server.core.facts import StageId
from contest_server.core.faults import DefinitionError, Fault
from contest_server.core.judging import AspectView, StageView
from contest_server.core.rule_reading import BAD_OPTION, failed, read_rule, read_rules
from contest_server.core.rulebook import Judges, Rule, Rulebook, StageRules
from contest_server.core.saying import Said, Text
from contest_server.core.tie_chain import Link, measure_names

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
ALWAYS_ASKED = ("pace", "sequence", "duplicate", "clock", "late", "backfilled", *SURVEYS)
"""The questions that a definition need not name. `late` is one where the clock policy says what is late."""
BACKFILLED_AFTER_S = 120


def compile_rulebook(definition: Definition, judges: Judges) -> Rulebook:
    """The rulebook of this definition.

    Raises:
        DefinitionError: naming each unknown rule, each parameter that does not fit, and what each rule itself finds wrong.
    """
    faults: list[Fault] = []
    stages = {StageId(stage.id): _stage(index, stage, definition, judges, faults) for index, stage in enumerate(definition.stages)}
    usual = read_rules("doubts_defaults", _default_doubts(definition, judges), IN_DOUBTS, judges, faults)
    asked = (*usual, *read_rules("doubts", definition.doubts, IN_DOUBTS, judges, faults))
    total = read_rule("total", _with_criteria(definition), ("total",), judges, faults)
    links = tuple(Link.of(link, len(definition.stages)) for link in definition.ranking)
    everywhere = tuple(read_rules("rules", definition.rules, IN_RULES, judges, []))
    doubts, bonuses, surveys = _with("doubt", asked), _with("bonus", everywhere), _with("survey", (*asked, *everywhere))
    conversions = tuple(read_rules("conversions", definition.conversions or [], ("convert",), judges, faults))
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
    aspects = _aspects(where, stage, judges, faults)
    rules = [
        *read_rules("rules", definition.rules, IN_RULES, judges, faults if index == 0 else []),
        *read_rules(f"{where}.rules", stage.rules, IN_A_STAGE, judges, faults),
    ]
    gates, admits, charges, awards = (_with(station, rules) for station in STAGE_STATIONS)
    scorers, compared = (tuple(each for each in aspects if hasattr(each[1].judge, station)) for station in IN_AN_ASPECT)
    faults.extend(_out_of_reach(where, stage, [aspect for aspect, _ in compared]))
    marked = {aspect.id: str(rule.judge.field) for aspect, rule in aspects if _is_marked(aspect) and hasattr(rule.judge, "field")}
    faults.extend(_without_field(where, stage, {aspect.id for aspect, _ in aspects} - marked.keys()))
    questions = _with("question", [*(rule for _, rule in aspects), *rules])
    return StageRules(_view(index, stage), stage, scorers, gates, admits, charges, awards, compared, questions, marked)


def _aspects(where: str, stage: StageDef, judges: Judges, faults: list[Fault]) -> list[tuple[AspectDef, Rule]]:
    """Each aspect whose rule can be used, with it."""
    read = [(aspect, read_rule(f"{where}.aspects[{n}]", aspect, IN_AN_ASPECT, judges, faults)) for n, aspect in enumerate(stage.aspects)]
    return [(aspect, rule) for aspect, rule in read if rule is not None]


def _view(index: int, stage: StageDef) -> StageView:
    """What judges see of the stage."""
    aspects = tuple(AspectView(a.id, a.rule, a.max, a.kind, a.criterion, tuple(a.abilities)) for a in stage.aspects)
    return StageView(StageId(stage.id), index, stage.value, stage.pass_marks, stage.group, aspects)


def _is_marked(aspect: AspectDef) -> bool:
    """Whether referees mark it, by a panel or by double entry."""
    return aspect.panel is not None or aspect.double_entry


def _without_field(where: str, stage: StageDef, aspects: Collection[str]) -> Iterator[Fault]:
    """Referees mark these aspects (among others that they do not), and their rules read no field of the evidence."""
    for number, aspect in enumerate(stage.aspects):
        if _is_marked(aspect) and aspect.id in aspects:
            text = Said("rule {rule!r} has no `field` that the referees' marks could become", rule=aspect.rule)
            yield Fault(f"{where}.aspects[{number}].{'double_entry' if aspect.panel is None else 'panel'}", text, "no_field")


def _out_of_reach(where: str, stage: StageDef, compared: Sequence[AspectDef]) -> Iterator[Fault]:
    """Who passes is decided before anybody is compared with others."""
    own = stage.value - sum((aspect.max for aspect in compared), Decimal(0))
    if compared and stage.pass_marks is not None and stage.pass_marks > own:
        names, marks = [aspect.id for aspect in compared], str(stage.pass_marks)
        late = Said("{marks} cannot be reached without {names}, which compare those who passed", marks=marks, names=names)
        yield Fault(f"{where}.pass_marks", late, "cannot_pass")


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
        return [failed(rule.name, error)]


def _unknown_measures(book: Rulebook) -> Iterator[Fault]:
    known = measure_names(book.total.judge)
    for index, link in enumerate(book.links):
        if link.by not in known and ":" not in link.by:
            expected = [*sorted(known), "stage:…", "group:…", "stage_ms:…", "group_ms:…"]
            unknown = Said("no measure is called {by!r}; expected one of {expected}", by=link.by, expected=expected)
            yield Fault(f"ranking[{index}].by", unknown, "unknown_measure")
