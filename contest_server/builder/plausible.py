"""What somebody of some ability might hand in for an aspect, so that a dry run has something to judge. Pure, by the dice.

For the built-in rules by what their parameters say; for others by the fields that they want.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from contest_server.core.judging import Wanted
from contest_server.core.telling import wanted_of
from contest_server.demo.dice import Dice

Data = dict[str, Any]
REFEREES = ("R1", "R2", "R3", "R4", "R5")
READING_PLACES = 3
MADE_AT = object()
"""Stands for the moment at which a file is made."""
FAILS = 0.02
"""Of readings that nobody of any ability gets: a slip of the pen."""


def evidence_for(judge: Any, rule: str, dice: Dice, ability: float, referees: Sequence[str] = REFEREES) -> Data:
    """The evidence for an aspect with this judge. `ability` is from 0 to 1. Empty: the rule needs none, or nobody knows what."""
    known = _BY_RULE.get(rule)
    if known is not None:
        return known(judge, dice, ability)
    if rule in _PANELS:
        return {judge.field: panel(judge, rule, dice, ability, referees)}
    return {each.field: wanted_value(each, dice, ability) for each in wanted_of(judge)}


def at_time(data: Data, now_ms: int) -> Data:
    """With the moment (ms of contest time) at which files were made."""
    return {key: [_timed(each, now_ms) for each in value] if isinstance(value, list) else value for key, value in data.items()}


def _timed(row: Any, now_ms: int) -> Any:
    return {**row, "at_ms": now_ms} if isinstance(row, dict) and row.get("at_ms") is MADE_AT else row


def good(dice: Dice, ability: float) -> bool:
    """Whether something goes well."""
    return dice.chance(0.55 + 0.42 * ability)


def wanted_value(wanted: Wanted, dice: Dice, ability: float) -> Any:
    """A value of this kind, which exists."""
    match wanted.kind:
        case "yes_no":
            return good(dice, ability)
        case "choice":
            return dice.pick(wanted.choices) if wanted.choices else "none"
        case "date":
            return "2026-01-01"
        case "text":
            return "ok"
    low = float(wanted.low) if wanted.low is not None else 0.0
    high = float(wanted.high) if wanted.high is not None else low + 10.0
    places = 0 if wanted.places is None else wanted.places
    return f"{low + (high - low) * (0.3 * dice.share() + 0.7 * ability):.{places}f}"


# ---- what instruments show -------------------------------------------------------------------------------------------------------


def _reading(field: str, nominal: Decimal, width: Decimal, dice: Dice, ability: float) -> Data:
    """Near the nominal value; half of everybody of middling ability lies within a third of the width."""
    spread = float(width) * (1.15 - ability)
    off = (dice.share() + dice.share() + dice.share() - 1.5) * spread
    value = float(nominal) * (10 if dice.chance(FAILS / 4) else 1) + off
    return {field: f"{value:.{READING_PLACES}f}"}


def _width(judge: Any, size: Decimal) -> Decimal:
    return size * abs(judge.nominal) / 100 if judge.unit == "percent" else size


def _threshold(judge: Any, dice: Dice, ability: float) -> Data:
    dated = {judge.calibrated_until_field: str(judge.contest_day)} if judge.calibrated_until_field else {}
    return {judge.field: _compared(judge, dice, ability), **dated}


def _compared(judge: Any, dice: Dice, ability: float) -> str:
    holds = good(dice, ability)
    limit, away = float(judge.limit), max(0.5, abs(float(judge.limit))) * dice.between(0.05, 0.6)
    if judge.operator in ("==", "!="):
        return f"{limit if holds == (judge.operator == '==') else limit + away:.{READING_PLACES}f}"
    return f"{limit + away if holds == (judge.operator in ('>=', '>')) else limit - away:.{READING_PLACES}f}"


def _telemetry(judge: Any, dice: Dice, ability: float) -> Data:
    low, high = float(judge.low), float(judge.high)
    step_ms = max(100, int(min(float(judge.largest_gap_s), 1.0) * 900))
    count = min(400, int(float(judge.hold_s) * 1_000 / step_ms) + 3)
    slips = -1 if good(dice, ability) else int(dice.share() * count)
    samples = [[n * step_ms, f"{dice.between(low, high) if n != slips else high + (high - low):.2f}"] for n in range(count)]
    return {judge.field: samples}


def _formula(judge: Any, dice: Dice, ability: float) -> Data:
    return {name: str(round(dice.between(0, 5) * (0.4 + 0.6 * ability))) for name in judge.names}


def _result(judge: Any, dice: Dice, ability: float) -> Data:
    """One attempt's result, between `zero` and `full`."""
    share = min(1.0, max(0.0, 0.25 + 0.6 * ability + dice.between(-0.2, 0.2)))
    return {judge.field: f"{float(judge.zero) + (float(judge.full) - float(judge.zero)) * share:.2f}"}


# ---- what people find and answer -------------------------------------------------------------------------------------------------


def _quiz(judge: Any, dice: Dice, ability: float) -> Data:
    answers = {each.item: list(each.key) if good(dice, ability) else dice.pick([["?"], list(each.key)[:1], []]) for each in judge.items}
    found: Data = {judge.field: {item: key[0] if len(key) == 1 else key for item, key in answers.items()}}
    if judge.times_field:
        low, high = float(judge.least_s or 5), float(judge.most_s or 60)
        found[judge.times_field] = {item: f"{dice.between(low, high):.1f}" for item in answers}
    return found


def _set_match(judge: Any, dice: Dice, ability: float) -> Data:
    found = [[each.item, each.action if good(dice, ability) else "other"] for each in judge.reference if good(dice, ability)]
    return {judge.field: found + ([["something-else", "other"]] if dice.chance(0.15) else [])}


def _fault_finding(judge: Any, dice: Dice, ability: float) -> Data:
    found: list[Data] = [
        {"at": each.at, "cause": each.cause if good(dice, ability) else "other", "repaired": good(dice, ability)}
        for each in judge.faults_planted
        if good(dice, ability)
    ]
    return {judge.field: found + ([{"at": "elsewhere", "cause": "other"}] if dice.chance(0.15) else [])}


def _wiring(judge: Any, dice: Dice, ability: float) -> Data:
    found = [[each.a, each.b] for each in judge.connections if good(dice, ability)]
    return {judge.field: found + ([[judge.connections[0].a, "elsewhere"]] if dice.chance(0.1) else [])}


def _files(judge: Any, dice: Dice, ability: float) -> Data:
    files = []
    for each in judge.required:
        for number in range(each.count):
            if good(dice, ability + 0.2):
                sha256 = f"{int(dice.share() * 16**12):012x}{number:04x}" * 4
                size = judge.least_bytes + int(dice.between(0, 900_000))
                files.append({"kind": each.kind, "bytes": size, "sha256": sha256, "at_ms": MADE_AT})
    return {judge.field: files}


def _procedure(judge: Any, dice: Dice, ability: float) -> Data:
    steps = [each.step for each in judge.steps_due if good(dice, ability + 0.2)]
    if len(steps) > 1 and not good(dice, ability):
        at = int(dice.share() * (len(steps) - 1))
        steps[at], steps[at + 1] = steps[at + 1], steps[at]
    return {judge.field: steps}


def _sources(judge: Any, dice: Dice, ability: float) -> Data:
    share = 0.4 + 0.5 * ability
    scores = [
        {"source": each.source, "score": f"{float(judge.out_of) * min(1.0, share + dice.between(-0.1, 0.1)):.1f}", "age_days": 0}
        for each in judge.sources
        if not dice.chance(0.05)
    ]
    return {judge.field: scores}


def _quality(judge: Any, dice: Dice, ability: float) -> Data:
    if not judge.quality_field:
        return {}
    return {judge.quality_field: f"{float(judge.quality_min or 10) * (0.8 + 0.3 * ability + dice.between(0, 0.2)):.1f}"}


_BY_RULE: Mapping[str, Callable[[Any, Dice, float], Data]] = {
    "check": lambda judge, dice, ability: {judge.field: good(dice, ability) == judge.expected},
    "checklist": lambda judge, dice, ability: {each.field: good(dice, ability) for each in judge.items},
    "tolerance_bands": lambda judge, dice, ability: _reading(
        judge.field, judge.nominal, _width(judge, judge.bands[-1].within), dice, ability
    ),
    "tolerance_linear": lambda judge, dice, ability: _reading(judge.field, judge.nominal, _width(judge, judge.zero), dice, ability),
    "amount_band": lambda judge, dice, ability: _reading(
        judge.field, judge.reference, judge.bands[-1].percent * abs(judge.reference) / 100, dice, ability
    ),
    "threshold": _threshold,
    "telemetry_hold": _telemetry,
    "formula": _formula,
    "average_of_5": _result,
    "best_of": _result,
    "mean_of_3": _result,
    "quiz": _quiz,
    "set_match": _set_match,
    "fault_finding": _fault_finding,
    "wiring_matrix": _wiring,
    "evidence_complete": _files,
    "procedure_order": _procedure,
    "several_sources": _sources,
    "time_bonus": _quality,
    "top_and_zone": lambda judge, dice, ability: {judge.field: "top" if good(dice, ability - 0.3) else "zone"},
}
ATTEMPTS: Mapping[str, int] = {"average_of_5": 5, "best_of": 3, "mean_of_3": 3}
"""How many attempts with a result each the rule looks at."""

# ---- what referees give ----------------------------------------------------------------------------------------------------------

_PANELS = ("judgement_0_3", "trimmed_mean", "middle_k", "max_deviation")


def panel(judge: Any, rule: str, dice: Dice, ability: float, referees: Sequence[str]) -> list[Data]:
    """A mark of each referee that the rule needs; they differ, mostly a little."""
    names = (list(referees) + [each for each in REFEREES if each not in referees])[: _needed(judge, rule)]
    return [{"referee": name, "mark": mark_of(judge, dice, ability)} for name in names]


def mark_of(judge: Any, dice: Dice, ability: float) -> str:
    """One referee's mark."""
    highest = float(getattr(judge, "highest", 0) or getattr(judge, "out_of", 0) or judge.max)
    share = min(1.0, max(0.0, 0.45 + 0.45 * ability + dice.between(-0.08, 0.08) - (0.35 if dice.chance(FAILS) else 0)))
    return str(round(highest * share)) if getattr(judge, "whole_marks", False) else f"{round(highest * share * 2) / 2:g}"


def _needed(judge: Any, rule: str) -> int:
    """How many marks make the rule's panel."""
    match rule:
        case "trimmed_mean":
            return int(judge.least or max(2 * judge.drop + 1, 3))
        case "middle_k":
            return int(judge.least or judge.k)
    return int(judge.referees)
