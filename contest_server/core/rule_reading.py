"""One rule of a definition: its judge found, its parameters checked. Refuses what no judge has, what stands amiss, what does not fit."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any
from weakref import WeakKeyDictionary

from pydantic import TypeAdapter, ValidationError

from contest_server.core.conditions import Condition, condition_of
from contest_server.core.definition import AspectDef, RuleUse
from contest_server.core.expression import ExpressionFault
from contest_server.core.faults import Fault, path_of
from contest_server.core.judging import STATIONS
from contest_server.core.rulebook import JudgeClass, Judges, Rule
from contest_server.core.saying import Said
from contest_server.core.wrong_values import raised, wrong_value

BAD_OPTION = "bad_option"
"""The code of what a rule itself finds wrong with its parameters, or with the stages that it is used on."""
_ADAPTERS: WeakKeyDictionary[JudgeClass, TypeAdapter[Any]] = WeakKeyDictionary()


def read_rules(where: str, uses: Sequence[RuleUse], stations: Sequence[str], judges: Judges, faults: list[Fault]) -> Iterator[Rule]:
    """The rules of a list, without those that `faults` names."""
    for index, use in enumerate(uses):
        rule = read_rule(f"{where}[{index}]", use, stations, judges, faults)
        if rule is not None:
            yield rule


def read_rule(where: str, use: RuleUse, stations: Sequence[str], judges: Judges, faults: list[Fault]) -> Rule | None:
    """The rule that may stand at one of these `stations`; None where something is wrong with it, which `faults` names from then on."""
    cls = judges.get(use.rule)
    if cls is None:
        faults.append(Fault(f"{where}.rule", _no_rule(use.rule, stations, judges), "unknown_rule"))
        return None
    if not _is_for(cls, stations):
        faults.append(Fault(f"{where}.rule", _elsewhere(use.rule, cls, stations), "wrong_place"))
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
        faults.append(Fault(where, failed(use.rule, error), BAD_OPTION))
    return None


def failed(rule: str, error: Exception) -> Said:
    """What is said of a rule whose own code raised something else than a fault."""
    return Said("rule {rule!r} failed while it was read: {error:.400}", rule=rule, error=f"{type(error).__name__}: {error}")


def _is_for(cls: JudgeClass, stations: Sequence[str]) -> bool:
    return any(hasattr(cls, station) for station in stations)


def _elsewhere(name: str, cls: JudgeClass, stations: Sequence[str]) -> Said:
    has, expected = [station for station in STATIONS if hasattr(cls, station)], " or ".join(stations)
    return Said("{rule!r} cannot stand here: it is a rule for {has}, expected {expected}", rule=name, has=has, expected=expected)


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
    known = sorted(each for each, judge in judges.items() if _is_for(judge, stations))
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
    told = "Input should be a table" if item["type"] == "dataclass_type" else item["msg"]  # whose class is of no interest here
    return wrong_value(path, item, f"{told}{shown}")
