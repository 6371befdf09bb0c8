"""A draft: a definition document as JSON, as a page keeps it. What is null is left out; numbers are exact, as numbers and as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from contest_server.core.faults import DefinitionError, Fault
from contest_server.core.rulebook import Judges, Rulebook
from contest_server.core.saying import Said
from contest_server.intake.toml_file import checked_document

Draft = dict[str, Any]
DEPTH_MAX = 12
READ_DEPTH_MAX = 60
"""Of a text that is opened, so that its page can show what is nested too deeply."""
WHOLE_MAX_DIGITS = 40


def draft_of(given: object) -> Draft:
    """The draft without its nulls, and with the format that it may leave out. Raises DefinitionError."""
    if not isinstance(given, Mapping):
        raise DefinitionError([Fault("document", Said("expected an object with contest, venues, stages, …"), "document")])
    return {"format": 1, **_clean(given, "", 0)}


def rulebook_of(draft: Mapping[str, Any], judges: Judges) -> Rulebook:
    """The definition that the draft states, with its rules. Raises DefinitionError."""
    return checked_document(draft, judges)


def _clean(value: Any, where: str, depth: int) -> Any:
    if depth > DEPTH_MAX:
        deep = Said("nested deeper than {most} levels", most=DEPTH_MAX)
        raise DefinitionError([Fault(where or "document", deep, "too_deep")])
    match value:
        case Mapping():
            return {
                _key(key, where): _clean(item, f"{where}.{key}".lstrip("."), depth + 1) for key, item in value.items() if item is not None
            }
        case list() | tuple():
            return [_clean(item, f"{where}[{index}]", depth + 1) for index, item in enumerate(value) if item is not None]
        case str():
            return _text(value, where)
        case bool() | int() if abs(value) < 10**WHOLE_MAX_DIGITS:
            return value
        case Decimal() if value.is_finite() and abs(value.adjusted()) < WHOLE_MAX_DIGITS:
            return value
        case float():
            return _clean(Decimal(str(value)), where, depth)
    foreign = Said("{kind} is not a value that a definition can have", kind=type(value).__name__)
    raise DefinitionError([Fault(where or "document", foreign, "bad_value")])


def _key(key: object, where: str) -> str:
    return _text(str(key), where)


def _text(text: str, where: str) -> str:
    """TOML knows no halves of characters, and no NUL."""
    if any("\ud800" <= each <= "\udfff" or each == "\0" for each in text):
        raise DefinitionError([Fault(where or "document", Said("holds a character that cannot be written"), "unwritable")])
    return text


def as_json(value: Any, depth: int = 0) -> Any:
    """A document out of TOML as a page can keep it. A number stays a number where JavaScript has exactly the same one.

    Raises:
        RecursionError: it is nested deeper than anybody would write it.
    """
    if depth > READ_DEPTH_MAX:
        raise RecursionError
    match value:
        case Mapping():
            return {key: as_json(item, depth + 1) for key, item in value.items()}
        case list() | tuple():
            return [as_json(item, depth + 1) for item in value]
        case Decimal():
            return float(value) if _is_same(value) else str(value)
        case datetime() | date() | time():
            return value.isoformat()
    return value


def _is_same(number: Decimal) -> bool:
    return number.is_finite() and json.dumps(float(number)) == str(number)
