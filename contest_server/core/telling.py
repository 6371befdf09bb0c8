"""What a rule tells whoever enters evidence by hand: fields, codes of violations, what they are called. A third party's code may raise, or
answer anything: then nothing is told, and the contest goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from contest_server.core.judging import Wanted

T = TypeVar("T")


def wanted_of(judge: Any) -> Sequence[Wanted]:
    """The fields of the evidence that the rule reads."""
    return _told(judge, "wanted", _fields, ())


def codes_of(judge: Any) -> Sequence[str]:
    """The codes of violations that it knows."""
    return _told(judge, "violation_codes", _texts, ())


def names_of(judge: Any) -> Mapping[str, tuple[str, str]]:
    """What these are called, in Chinese and in English."""
    return _told(judge, "violation_names", _names, {})


def told_badly(judge: Any) -> Iterator[Exception]:
    """What goes wrong where the rule tells any of this."""
    for method, read in _READ.items():
        try:
            if hasattr(judge, method):
                read(getattr(judge, method)())
        except Exception as error:  # noqa: BLE001 - a third party's code may raise anything
            yield error


def _told(judge: Any, method: str, read: Callable[[Any], T], nothing: T) -> T:
    if not hasattr(judge, method):
        return nothing
    try:
        return read(getattr(judge, method)())
    except Exception:  # noqa: BLE001 - a third party's code may raise anything; `contest-server check` names it
        return nothing


def _fields(answer: Any) -> Sequence[Wanted]:
    """Raises TypeError for what is no list of fields."""
    fields = tuple(answer)
    if not all(isinstance(each, Wanted) and isinstance(each.field, str) for each in fields):
        raise TypeError("wanted() tells something else than Wanted")
    return fields


def _texts(answer: Any) -> Sequence[str]:
    """Raises TypeError for what is no list of texts."""
    codes = tuple(answer)
    if not all(isinstance(each, str) for each in codes):
        raise TypeError("violation_codes() tells something else than texts")
    return codes


def _names(answer: Any) -> Mapping[str, tuple[str, str]]:
    """Raises TypeError or ValueError for what names no codes in two languages."""
    names = {code: (zh, en) for code, (zh, en) in dict(answer).items()}
    if not all(isinstance(each, str) for code, (zh, en) in names.items() for each in (code, zh, en)):
        raise TypeError("violation_names() tells something else than {code: (zh, en)}")
    return names


_READ: Mapping[str, Callable[[Any], Any]] = {"wanted": _fields, "violation_codes": _texts, "violation_names": _names}
