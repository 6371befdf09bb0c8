"""What a judge may answer at each station. Refuses anything else, in words: such an answer is a failure of the judge, not a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from contest_server.core.judging import Bonus, Charge, Converted, Finding, Opinion, Said, Score, Total

_KINDS: dict[str, tuple[type, ...]] = {
    "score": (Score,),
    "gate": (Opinion, type(None)),
    "admit": (Opinion, type(None)),
    "charge": (Charge,),
    "award": (Mapping,),
    "compare": (Mapping,),
    "question": (Mapping,),
    "doubt": (Opinion, type(None)),
    "bonus": (Bonus,),
    "total": (Total,),
    "convert": (Mapping,),
    "survey": (list, tuple),
}


def fault_of(station: str, answer: Any) -> Said | None:
    """What is wrong with this answer; None if nothing is."""
    if not isinstance(answer, _KINDS[station]):
        return Said("answered {kind}", kind=type(answer).__name__)
    if type(answer) is Total and not answer.measures and type(answer.points) is Decimal and type(answer.time_ms) is int:
        return None if answer.points.is_finite() else _unsound(answer)  # by far the most
    if Mapping in _KINDS[station]:
        return _fault_of_field(station, answer)  # type: ignore[arg-type]
    match answer:
        case Score(marks=marks, maximum=maximum) if marks is not None and not _is_sound(marks, maximum):
            return Said("answered {marks} of {max}", marks=str(marks), max=str(maximum))
        case Charge(marks=marks, time_ms=time_ms) if not (_is_sound(marks) and _is_whole(time_ms)):
            return Said("charged {marks} marks and {time_ms} ms", marks=str(marks), time_ms=time_ms)
        case Total(points=points, time_ms=time_ms) if not (_is_finite(points) and _is_whole(time_ms)):
            return _unsound(answer)
        case Total(measures=measures) if not all(_is_whole(value) for value in measures.values()):
            return Said("gave a measure that is no whole number")
        case Bonus(marks=marks) if not _is_finite(marks):
            return Said("gave a bonus of {marks}", marks=str(marks))
        case list() | tuple() if not all(isinstance(each, Finding) for each in answer):
            return Said("found something that is no finding")
    return None


def _unsound(total: Total) -> Said:
    return Said("came to {points} points and {time_ms} ms", points=str(total.points), time_ms=total.time_ms)


def _fault_of_field(station: str, answer: Mapping[Any, Any]) -> Said | None:
    """An answer for several contestants at once."""
    values = answer.values()
    if station == "award":
        return None if all(_is_sound(marks) for marks in values) else Said("awarded something that is not marks")
    if station == "compare":
        return next((fault for each in values if (fault := _fault_of_share(each))), None)
    if station == "question":
        sound = all(isinstance(each, Sequence) and all(isinstance(opinion, Opinion) for opinion in each) for each in values)
        return None if sound else Said("asked something that is no question")
    sound = all(isinstance(each, Converted) and _is_finite(each.value) for each in values)
    return None if sound else Said("converted to something that is not a figure")


def _fault_of_share(answer: Any) -> Said | None:
    return fault_of("score", answer)


def _is_finite(number: object) -> bool:
    return isinstance(number, Decimal) and number.is_finite()


def _is_sound(marks: object, maximum: object = None) -> bool:
    """Marks are finite and not negative, and at most the maximum where there is one."""
    if not isinstance(marks, Decimal) or not marks.is_finite() or marks < 0:
        return False
    return maximum is None or (isinstance(maximum, Decimal) and maximum.is_finite() and marks <= maximum)


def _is_whole(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)
