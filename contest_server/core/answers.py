"""What a judge may answer at each station. Refuses anything else, in words: such an answer is a failure of the judge, not a result."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from contest_server.core.cells import GRAVEST_FIRST
from contest_server.core.judging import Bonus, Charge, Converted, Doubt, Finding, Opinion, Score, Step, Total
from contest_server.core.saying import Coded, Named, Said

DIGITS_MAX = 100
"""Of marks and points, before their point and after it."""
WHOLE_MAX = 1 << 53
"""Of times and measures: whole numbers that every reader of JSON takes exactly."""
SENTENCES = frozenset({Said, Coded, Named})
SHOWN = SENTENCES | {Decimal, bool, type(None)}
"""What fits into a message, whatever it is."""


def fault_of(station: str, answer: Any) -> Said | None:
    """What is wrong with this answer; None if nothing is."""
    kinds, fault_of_kind = _STATIONS[station]
    if not isinstance(answer, kinds):
        return Said("answered {kind}", kind=type(answer).__name__)
    return fault_of_kind(answer)


# ---- of one contestant -----------------------------------------------------------------------------------------------------------


def _of_score(score: Any) -> Said | None:
    marks, maximum = score.marks, score.maximum
    if marks is not None and not (is_sound(marks) and isinstance(maximum, Decimal) and maximum.is_finite() and marks <= maximum):
        return Said("answered {marks} of {max}", marks=str(marks)[:40], max=str(maximum)[:40])
    return _of_steps(score.steps) or _of_inputs(score.used) or _of_inputs(score.ignored) or _of_opinions(score.opinions)


def _of_inputs(inputs: Any) -> Said | None:
    """What is wrong with the inputs that an explanation names. Asked of every score, so what there is to see is seen at once."""
    if type(inputs) is not dict and not isinstance(inputs, Mapping):
        return Said("named inputs in something that is no table")
    for name, value in inputs.items():
        kind = type(value)
        if kind not in SHOWN and not (kind is str and value.isascii()) and not _can_be_shown(value):
            return Said("used {name!r:.40}, which cannot be shown", name=str(name))
        if not (type(name) is str and name.isascii()) and not _can_be_shown({name: None}):
            return Said("used {name!r:.40}, which cannot be shown", name=str(name))
    return None


def _of_charge(charge: Charge) -> Said | None:
    if not (is_sound(charge.marks) and is_whole(charge.time_ms)):
        return Said("charged {marks} marks and {time_ms} ms", marks=str(charge.marks)[:40], time_ms=charge.time_ms)
    return _of_steps(charge.steps) or _of_opinions(charge.opinions)


def _of_total(total: Total) -> Said | None:
    if not (is_finite(total.points) and is_whole(total.time_ms)):
        return Said("came to {points} points and {time_ms} ms", points=str(total.points)[:40], time_ms=total.time_ms)
    if total.measures != {} and not _are_measures(total.measures):
        return Said("gave a measure that is no whole number")
    return _of_steps(total.steps)


def _of_bonus(bonus: Bonus) -> Said | None:
    if not is_finite(bonus.marks):
        return Said("gave a bonus of {marks}", marks=str(bonus.marks)[:40])
    return _of_steps(bonus.steps)


def _of_steps(steps: Any) -> Said | None:
    if type(steps) is not tuple and not isinstance(steps, Sequence):
        return Said("gave steps that are no list")
    for step in steps:
        if not isinstance(step, Step):
            return Said("gave a step that is no text")
        what, result = step.what, step.result
        if (type(what) is not Said and not _can_be_shown(what)) or (type(result) is not Said and not _can_be_shown(result)):
            return Said("gave a step that is no text")
    return None


# ---- questions -------------------------------------------------------------------------------------------------------------------


def _of_opinion(opinion: Any) -> Said | None:
    """What is wrong with a question; nothing with none."""
    if opinion is None:
        return None
    if not isinstance(opinion, Opinion) or not isinstance(opinion.doubt, Doubt):
        return Said("asked something that is no question")
    texts: tuple[Any, ...] = (opinion.code, opinion.detail, opinion.suggestion)
    if not all(isinstance(text, (str, Said)) for text in texts):
        return Said("asked in something that is no text")
    if not all(map(_can_be_shown, (*texts, opinion.threshold, opinion.seen))):
        return Said("compared what cannot be shown")
    if opinion.status is not None and opinion.status not in GRAVEST_FIRST:
        return Said("gave the contestant the status {status!r:.40}", status=str(opinion.status))
    return None


def _of_opinions(opinions: Any) -> Said | None:
    if opinions == ():
        return None
    if not isinstance(opinions, Sequence) or None in opinions:
        return Said("asked something that is no question")
    return _first(map(_of_opinion, opinions))


def _of_findings(findings: Sequence[Any]) -> Said | None:
    return _first(map(_of_finding, findings))


def _of_finding(found: Any) -> Said | None:
    told: Any = found if isinstance(found, Finding) else None
    if told is None or told.opinion is None or not isinstance(told.events, Sequence):
        return Said("found something that is no finding")
    if not all(isinstance(each, str) for each in (told.subject, told.contestant or "", told.stage or "")):
        return Said("found something that is no finding")
    return _of_opinion(told.opinion)


# ---- of several contestants at once ----------------------------------------------------------------------------------------------


def _of_awards(answer: Mapping[Any, Any]) -> Said | None:
    return _of_names(answer) or (None if all(map(is_sound, answer.values())) else Said("awarded something that is not marks"))


def _of_shares(answer: Mapping[Any, Any]) -> Said | None:
    return _of_names(answer) or _first(fault_of("score", each) for each in answer.values())


def _of_questions(answer: Mapping[Any, Any]) -> Said | None:
    return _of_names(answer) or _first(map(_of_opinions, answer.values()))


def _of_converted(answer: Mapping[Any, Any]) -> Said | None:
    if not all(isinstance(each, Converted) and is_finite(each.value) for each in answer.values()):
        return Said("converted to something that is not a figure")
    return _of_names(answer) or _first(_of_steps(each.steps) or _of_opinions(each.opinions) for each in answer.values())


def _of_names(answer: Mapping[Any, Any]) -> Said | None:
    return None if all(isinstance(name, str) for name in answer) else Said("answered about somebody who has no name")


# ---- figures and words -----------------------------------------------------------------------------------------------------------


def _first(faults: Iterable[Said | None]) -> Said | None:
    return next((fault for fault in faults if fault is not None), None)


def is_finite(number: Any) -> bool:
    """Whether it is a number, and none that would be work to write out."""
    return isinstance(number, Decimal) and number.is_finite() and -DIGITS_MAX < number.adjusted() < DIGITS_MAX


def is_whole(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and -WHOLE_MAX <= number <= WHOLE_MAX


def is_sound(marks: Any) -> bool:
    """Marks are finite and not negative."""
    return is_finite(marks) and bool(marks >= 0)


def _are_measures(measures: Any) -> bool:
    return isinstance(measures, Mapping) and all(map(is_whole, measures.values()))


def _can_be_shown(value: Any) -> bool:
    """Whether what a judge says fits into a message."""
    kind = type(value)
    if (
        value is None
        or kind is Decimal
        or (kind is str and value.isascii())
        or (kind is int and is_whole(value))
        or kind is bool
        or kind in SENTENCES
        or ((kind is list or kind is tuple) and all(type(each) is str and each.isascii() for each in value))
        or isinstance(value, Said)
    ):
        return True
    try:
        json.dumps(msgspec.to_builtins(value, enc_hook=str), ensure_ascii=False, allow_nan=False).encode()
    except Exception:  # noqa: BLE001 - a third party's value may fail in any way
        return False
    return True


_STATIONS: dict[str, tuple[tuple[type, ...], Callable[[Any], Said | None]]] = {
    "score": ((Score,), _of_score),
    "gate": ((Opinion, type(None)), _of_opinion),
    "admit": ((Opinion, type(None)), _of_opinion),
    "charge": ((Charge,), _of_charge),
    "award": ((Mapping,), _of_awards),
    "compare": ((Mapping,), _of_shares),
    "question": ((Mapping,), _of_questions),
    "doubt": ((Opinion, type(None)), _of_opinion),
    "bonus": ((Bonus,), _of_bonus),
    "total": ((Total,), _of_total),
    "convert": ((Mapping,), _of_converted),
    "survey": ((list, tuple), _of_findings),
}
