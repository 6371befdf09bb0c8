"""What a judge may answer at each station. Refuses anything else, in words: such an answer is a failure of the judge, not a result."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from contest_server.core.judging import Charge, Opinion, Score, Total

_KINDS: dict[str, tuple[type, ...]] = {
    "score": (Score,),
    "gate": (Opinion, type(None)),
    "admit": (Opinion, type(None)),
    "charge": (Charge,),
    "award": (Mapping,),
    "doubt": (Opinion, type(None)),
    "total": (Total,),
}


def fault_of(station: str, answer: Any) -> str | None:
    """What is wrong with this answer; None if nothing is."""
    if not isinstance(answer, _KINDS[station]):
        return f"answered {type(answer).__name__}"
    match answer:
        case Score(marks=marks, maximum=maximum) if marks is not None and not _is_sound(marks, maximum):
            return f"answered {marks} of {maximum}"
        case Charge(marks=marks, time_ms=time_ms) if not (_is_sound(marks) and _is_whole(time_ms)):
            return f"charged {marks} marks and {time_ms} ms"
        case Total(points=points, time_ms=time_ms) if not (_is_finite(points) and _is_whole(time_ms)):
            return f"came to {points} points and {time_ms} ms"
        case Total(measures=measures) if not all(_is_whole(value) for value in measures.values()):
            return "gave a measure that is no whole number"
        case Mapping() if not all(_is_sound(marks) for marks in answer.values()):
            return "awarded something that is not marks"
    return None


def _is_finite(number: object) -> bool:
    return isinstance(number, Decimal) and number.is_finite()


def _is_sound(marks: object, maximum: object = None) -> bool:
    """Marks are finite and not negative, and at most the maximum where there is one."""
    if not isinstance(marks, Decimal) or not marks.is_finite() or marks < 0:
        return False
    return maximum is None or (isinstance(maximum, Decimal) and maximum.is_finite() and marks <= maximum)


def _is_whole(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)
