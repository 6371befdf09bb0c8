"""What pydantic finds wrong with one value of a document: its own sentence is the English one, and a code has words in other languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contest_server.core.faults import Fault
from contest_server.core.saying import Coded, Said, Text

_WITH_A_LIMIT: Mapping[str, tuple[str, str]] = {
    "greater_than_equal": ("too_small", "ge"),
    "greater_than": ("not_above", "gt"),
    "less_than_equal": ("too_large", "le"),
    "less_than": ("not_below", "lt"),
    "too_short": ("too_few", "min_length"),
    "too_long": ("too_many", "max_length"),
    "string_too_short": ("too_short", "min_length"),
    "string_too_long": ("too_long", "max_length"),
    "string_pattern_mismatch": ("bad_pattern", "pattern"),
    "literal_error": ("bad_choice", "expected"),
}
"""By pydantic's word: ours, and where it tells the limit (or the choices)."""
_KINDS: Mapping[str, str] = {
    "int": "not_a_number",
    "float": "not_a_number",
    "decimal": "not_a_number",
    "finite": "not_a_number",
    "datetime": "not_a_time",
    "date": "not_a_time",
    "string": "not_a_text",
    "bool": "not_yes_or_no",
    "list": "not_a_list",
    "tuple": "not_a_list",
}
"""By the first part of pydantic's word, which is the kind that was expected."""
_OTHERS: Mapping[str, str] = {
    "missing": "missing",
    "extra_forbidden": "unknown_key",
    "json_invalid": "not_json",
    "model_type": "not_a_table",
    "model_attributes_type": "not_a_table",
    "dataclass_type": "not_a_table",
    "dict_type": "not_a_table",
}
"""By pydantic's whole word, where nothing has to be filled in."""
CODES = frozenset({*(code for code, _ in _WITH_A_LIMIT.values()), *_KINDS.values(), *_OTHERS.values()})


class Worded(Coded):
    """A sentence that somebody else words in English; another language has words for its code, with `limit` filled in."""

    __slots__ = ()

    def __init__(self, code: str, english: str, limit: object) -> None:
        super().__init__("fault", code)
        self.template, self.values = "{english}", {"english": english, "code": code, "limit": limit}


def wrong_value(where: str, item: Any, english: str) -> Fault:
    """The fault that this error of pydantic's tells; one that has no code keeps its English sentence."""
    kind, context = item["type"], item.get("ctx", {})
    code, told = _WITH_A_LIMIT.get(kind) or (_OTHERS.get(kind) or _KINDS.get(kind.partition("_")[0], ""), "")
    if code:
        return Fault(where, Worded(code, english, context.get(told, "")), code)
    own = raised(context["error"]) if kind == "value_error" else ""
    return Fault(where, own if isinstance(own, Said) else english)


def raised(error: ValueError) -> Text:
    """What a check of ours says: a sentence in every language, or plain text."""
    first = error.args[0] if error.args else ""
    return first if isinstance(first, Said) else str(error)
