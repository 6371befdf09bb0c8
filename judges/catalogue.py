"""The built-in rules as documentation: what stands in docs/judges.md between the marks, and the entry points they need.

Run `python -m judges.catalogue docs/judges.md` after a change of a rule. Refuses a parameter that its class docstring does not explain.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
import types
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import judges
from contest_server.core.judging import STATIONS

BEGIN = "<!-- rules: begin (written by `python -m judges.catalogue docs/judges.md`) -->"
END = "<!-- rules: end -->"

_PARAMETER = re.compile(r"^    (\w+): (.*)$")
_PLAIN_TYPES = {Decimal: "number", int: "whole number", bool: "true or false", str: "text", date: "day"}


def built_in() -> list[type[Any]]:
    """All judge classes of this package, by catalogue id, then name."""
    found = []
    for module in pkgutil.iter_modules(judges.__path__):
        space = vars(importlib.import_module(f"judges.{module.name}"))
        classes = [each for each in space.values() if isinstance(each, type) and each.__module__ == f"judges.{module.name}"]
        found += [cls for cls in classes if "rule" in vars(cls)]
    return sorted(found, key=_place)


def entry_points() -> dict[str, str]:
    """What pyproject.toml says about them: the name of the rule, and where its class is."""
    return {cls.rule: f"{cls.__module__}:{cls.__qualname__}" for cls in sorted(built_in(), key=lambda cls: cls.rule)}


def page(text: str) -> str:
    """The page with its generated part written anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{rules_as_markdown()}\n{END}{after}"


def rules_as_markdown() -> str:
    return "\n".join([*_summary(), *(line for cls in built_in() for line in _section(cls))])


def parameter_words(cls: type[Any]) -> dict[str, str]:
    """What the class docstring says about each parameter: lines "name: words", continued by deeper indentation."""
    words: dict[str, str] = {}
    latest = ""
    for line in inspect.cleandoc(cls.__doc__ or "").splitlines():
        if match := _PARAMETER.match(f"    {line}"):
            latest = match[1]
            words[latest] = match[2]
        elif latest and line.startswith("    "):
            words[latest] += f" {line.strip()}"
        else:
            latest = ""
    return words


def stations_of(cls: type[Any]) -> list[str]:
    return [station for station in STATIONS if hasattr(cls, station)]


def _place(cls: type[Any]) -> tuple[str, int, str]:
    return cls.catalogue[0], int(cls.catalogue[1:] or 99), cls.rule


def _summary() -> Iterator[str]:
    yield from ("| rule | catalogue | station | what it does |", "| --- | --- | --- | --- |")
    for cls in built_in():
        yield f"| [`{cls.rule}`](#{cls.rule}) | {cls.catalogue} | {', '.join(stations_of(cls))} | {_cell(_sentence(cls))} |"
    yield ""


def _section(cls: type[Any]) -> Iterator[str]:
    yield from (f"### {cls.rule}", "", _prose(cls), "")
    if fields(cls):
        yield from ("| parameter | type | default | meaning |", "| --- | --- | --- | --- |")
    hints, words = get_type_hints(cls), parameter_words(cls)
    for field in fields(cls):
        if field.name not in words:
            raise ValueError(f"the docstring of {cls.__qualname__} does not explain {field.name}")
        default = "required" if field.default is MISSING else f"`{_value(field.default)}`"
        yield f"| `{field.name}` | {_cell(_type(hints[field.name]))} | {default} | {_cell(words[field.name])} |"
    yield ""
    for field in fields(cls):
        if part := _part(hints[field.name]):
            yield from (f"Each of `{field.name}` has {_prose(part)}", "")


def _part(hint: Any) -> type[Any] | None:
    """The dataclass that a list holds."""
    arguments = get_args(hint)
    return arguments[0] if get_origin(hint) is tuple and is_dataclass(arguments[0]) else None  # type: ignore[return-value]


def _sentence(cls: type[Any]) -> str:
    return inspect.cleandoc(cls.__doc__ or "").partition("\n")[0]


def _prose(cls: type[Any]) -> str:
    """The docstring without its parameters."""
    paragraphs = inspect.cleandoc(cls.__doc__ or "").split("\n\n")
    names = {field.name for field in fields(cls)}
    return "\n\n".join(text for text in paragraphs if text.partition(":")[0] not in names)


def _type(hint: Any) -> str:
    """A type as somebody who writes TOML thinks of it."""
    if hint in _PLAIN_TYPES:
        return _PLAIN_TYPES[hint]
    arguments = get_args(hint)
    if get_origin(hint) is Literal:
        return " or ".join(f"`{_value(choice)}`" for choice in arguments)
    if get_origin(hint) is tuple:
        return f"list of {_type(arguments[0])}"
    if get_origin(hint) in (types.UnionType, Union):
        return " or ".join(_type(each) for each in arguments if each is not types.NoneType)
    if is_dataclass(hint):
        return "{" + ", ".join(field.name for field in fields(hint)) + "}"
    raise ValueError(f"{hint} is not a type that a definition can give")


def _value(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return f"[{', '.join(_value(each) for each in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, (str, Decimal)) else str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(path: Path) -> None:
    path.write_text(page(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
