"""A draft as TOML that people can read. Reading it again gives the same definition, digit by digit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

LINE_MAX_CHARS = 120
_BARE = re.compile(r"[A-Za-z0-9_-]+")
ORDER = (
    "format", "contest", "clock", "venues", "contestants", "officials", "referees", "criteria", "stages", "rules", "doubts",
    "doubts_defaults", "total", "ranking", "ties", "conversions",
)  # fmt: skip
"""In which order the tables stand; what is not named here comes last."""
WITHIN_STAGES = ("aspects", "rules", "entries")


def toml_of(draft: Mapping[str, Any]) -> str:
    """The draft (clean, see drafts.draft_of) as TOML text."""
    keys = sorted(draft, key=lambda key: ORDER.index(key) if key in ORDER else len(ORDER))
    plain = [f"{_name(key)} = {_value(draft[key])}" for key in keys if not _is_table(draft[key])]
    tables = [line for key in keys if _is_table(draft[key]) for line in _table(key, draft[key])]
    return "\n".join([*plain, *tables]) + "\n"


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or _is_list_of_tables(value)


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _table(key: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from ("", f"[{_name(key)}]", *_lines(value))
        return
    for each in value:
        yield from ("", f"[[{_name(key)}]]")
        inner = [name for name in WITHIN_STAGES if key == "stages" and _is_list_of_tables(each.get(name))]
        yield from _lines({name: item for name, item in each.items() if name not in inner})
        for name in inner:
            for part in each[name]:
                yield from ("", f"[[stages.{name}]]", *_lines(part))


def _lines(table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if key == "starts" and (moment := _moment(value)):
            yield f"starts = {moment}"
            continue
        line = f"{_name(key)} = {_value(value)}"
        if len(line) <= LINE_MAX_CHARS or not isinstance(value, list):
            yield line
        else:
            yield from (f"{_name(key)} = [", *(f"    {_value(each)}," for each in value), "]")


def _moment(value: Any) -> str | None:
    """A time with its zone, as TOML writes it; None for what is no such time."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    zone = moment.utcoffset()
    return moment.isoformat() if zone is not None and zone.seconds % 60 == 0 and not zone.microseconds else None


def _name(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            text = str(value)
            return text if "." in text or "E" in text else f"{text}.0"
        case str():
            return _text(value)
        case Mapping():
            return "{ " + ", ".join(f"{_name(key)} = {_value(item)}" for key, item in value.items()) + " }" if value else "{}"
        case list():
            return f"[{', '.join(map(_value, value))}]"
    raise AssertionError(f"{type(value)} in a clean draft")


def _text(text: str) -> str:
    """As JSON writes it, which TOML reads the same but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def file_name(draft: Mapping[str, Any]) -> str:
    """What the file is called that the text is saved to."""
    contest = draft.get("contest")
    name = str(contest.get("id", "")) if isinstance(contest, Mapping) else ""
    return (re.sub(r"[^\w\-]+", "-", name).strip("-") or "contest")[:64] + ".toml"
