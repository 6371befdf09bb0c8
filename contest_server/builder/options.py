"""A rule's options as a form: the fields of its class, with the words of its gallery file. English help is the docstring's."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from contest_server.builder.results import shown
from contest_server.core.rulebook import JudgeClass

Document = dict[str, Any]
_PARAMETER = re.compile(r"(\w+): (.*)")
_PLAIN: Mapping[Any, str] = {Decimal: "number", int: "integer", bool: "boolean", str: "text", date: "day"}
_UNITS = (("_ms", "ms"), ("_s", "s"), ("_percent", "%"), ("_bytes", "byte"), ("_days", "d"))
"""What the end of an option's name says about its unit."""


def options_of(judge: JudgeClass, told: Mapping[str, Any]) -> list[Document]:
    """Every option but `max`, which belongs to the aspect. `told` are the words of the gallery file, by option."""
    return _options(judge, told, help_words(judge), {"max"} if _is_of_an_aspect(judge) else set())


def _is_of_an_aspect(judge: JudgeClass) -> bool:
    return hasattr(judge, "score") or hasattr(judge, "compare")


def _options(cls: Any, told: Mapping[str, Any], help_: Mapping[str, str], without: set[str]) -> list[Document]:
    hints = get_type_hints(cls)
    return [_option(each, hints[each.name], told, help_) for each in fields(cls) if each.name not in without]


def _option(field: Field[Any], hint: Any, told: Mapping[str, Any], help_: Mapping[str, str]) -> Document:
    own = told.get(field.name, {})
    words = own if isinstance(own, Mapping) else {"zh": own}
    english = help_.get(field.name, "")
    inner, is_optional = _without_none(hint)
    return {
        "name": field.name,
        "title": {"zh": words.get("zh", field.name.replace("_", " ")), "en": words.get("en", field.name.replace("_", " "))},
        "help": {"zh": words.get("help", english), "en": english},
        "required": field.default is MISSING and field.default_factory is MISSING,
        "default": None if field.default is MISSING else shown(field.default),
        "optional": is_optional,
        "unit": words.get("unit") or next((unit for ending, unit in _UNITS if field.name.endswith(ending)), None),
        **_type(inner, words.get("type"), told, field.name),
    }


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (types.UnionType, Union):
        others = [each for each in get_args(hint) if each is not types.NoneType]
        return others[0], len(others) < len(get_args(hint))
    return hint, False


def _type(hint: Any, said: str | None, told: Mapping[str, Any], name: str) -> Document:
    if hint in _PLAIN:
        return {"type": said or _PLAIN[hint]}
    if get_origin(hint) is Literal:
        return {"type": "choice", "choices": [_choice(each, told.get(f"{name}.{each}")) for each in get_args(hint)]}
    if get_origin(hint) in (tuple, list):
        return {"type": "list", "item": _item(get_args(hint)[0], told, name)}
    return {"type": "any"}


def _choice(value: Any, zh: Any) -> Document:
    text = str(value)
    return {"value": shown(value), "title": {"zh": zh or text, "en": text.replace("_", " ") or "–"}}


def _item(hint: Any, told: Mapping[str, Any], name: str) -> Document:
    if is_dataclass(hint):
        within = {key.removeprefix(f"{name}."): words for key, words in told.items() if key.startswith(f"{name}.")}
        return {"type": "object", "options": _options(hint, within, {}, set())}
    return _type(hint, None, told, name)


def help_words(judge: JudgeClass) -> dict[str, str]:
    """What the class docstring says about each option: lines "name: words", continued by deeper indentation."""
    words: dict[str, str] = {}
    latest = ""
    for line in inspect.cleandoc(judge.__doc__ or "").splitlines():
        if match := _PARAMETER.fullmatch(line):
            latest = match[1]
            words[latest] = match[2]
        elif latest and line.startswith("    "):
            words[latest] += f" {line.strip()}"
        else:
            latest = ""
    return words


def sentence_of(judge: JudgeClass) -> str:
    """The first sentence of the class docstring, without its place in the catalogue."""
    first = inspect.cleandoc(judge.__doc__ or "").partition("\n")[0]
    return first.replace(f" ({getattr(judge, 'catalogue', '')})", "")
