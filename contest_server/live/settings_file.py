"""Settings from a file and from the environment, which outweighs it. Refuses what it does not know, with the line and what is allowed."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from contest_server.core.saying import Said, Text
from contest_server.live.settings import Settings

PREFIX = "CONTEST_"
FILE_VARIABLE = "CONTEST_CONFIG"
LANGUAGE_VARIABLE = "CONTEST_LANGUAGE"
"""Not a setting of the server, but of whoever types a command."""
FILE_MAX_BYTES = 1_048_576
OF_TESTS = ("CONTEST_TEST_", "CONTEST_SKIP_")


class BadSettings(Exception):
    """The settings cannot be used: one sentence for each fault."""

    def __init__(self, faults: list[Said]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class FileSettings:
    """What stands in a file, as it was written, with the line of each."""

    path: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    def place(self, name: str) -> Said:
        return Said("{path}, line {line}: {name}", path=self.path, line=self.lines.get(name, 0), name=name)


def read_settings(path: Path | None) -> FileSettings:
    """The file's settings; none without a file. Values are not looked at yet.

    Raises:
        BadSettings: it cannot be read, is no TOML, or has keys that are no settings.
    """
    if path is None:
        return FileSettings()
    text = _text(path)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSettings([Said("{path}: {fault}", path=path, fault=str(error))]) from None
    lines = {name: _line_of(name, text) for name in values}
    strange = [name for name in values if name not in Settings.model_fields]
    file = FileSettings(path, values, lines)
    if strange:
        raise BadSettings([Said("{where}: {what}", where=file.place(name), what=_strange(name, values[name])) for name in strange])
    return file


def combine(file: FileSettings, environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """What was `given` outweighs the environment, that the file, and that the defaults.

    Raises:
        BadSettings: with every value that cannot be, where it comes from, and what is allowed.
    """
    environment = os.environ if environment is None else environment
    of_environment = {name: environment[variable] for name, variable in variables(environment).items()}
    try:
        return Settings(**{**file.values, **of_environment, **given})
    except ValidationError as error:
        raise BadSettings([_fault(each, file, of_environment, given) for each in error.errors()]) from None


def variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings that the environment has, each with its variable as it is written there."""
    written = {variable.upper(): variable for variable in environment}
    wanted = {name: written.get(f"{PREFIX}{name.upper()}") for name in Settings.model_fields}
    return {name: variable for name, variable in wanted.items() if variable is not None}


def unknown_variables(environment: Mapping[str, str]) -> list[Said]:
    """A sentence for each variable that looks like a setting and is none. No error: other programs set such names, too."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {FILE_VARIABLE, LANGUAGE_VARIABLE}
    strange = [name for name in sorted(environment) if name.upper().startswith(PREFIX) and name.upper() not in known]
    told = [name for name in strange if not name.upper().startswith(OF_TESTS)]
    return [Said("{where}: {what}", where=name, what=_unknown(name.upper(), known)) for name in told]


def source_of(name: str, file: FileSettings, environment: Mapping[str, str]) -> Said:
    """Where the value of a setting comes from, in words."""
    variable = variables(environment).get(name)
    if variable is not None:
        return Said("environment, {variable}", variable=variable)
    return Said("{path}, line {line}", path=file.path, line=file.lines[name]) if name in file.values else Said("default")


def _fault(error: Any, file: FileSettings, of_environment: Mapping[str, str], given: Mapping[str, Any]) -> Said:
    name = str(error["loc"][0]) if error["loc"] else "settings"
    where: Text
    if name in given and given[name] != file.values.get(name):
        where = f"--{name}"
    elif name in of_environment:
        where = f"{PREFIX}{name.upper()}"
    else:
        where = file.place(name)
    field_ = Settings.model_fields.get(name)
    about = Said(" ({description})", description=field_.description) if field_ is not None and field_.description else ""
    secret = "Secret" in str(field_.annotation) if field_ is not None else False
    found = "" if secret or name == "db" else Said(", found {value!r}", value=error["input"])
    return Said("{where}: {fault}{found}{about}", where=where, fault=error["msg"], found=found, about=about)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > FILE_MAX_BYTES:
            raise BadSettings([Said("{path}: more than {most} bytes are no settings", path=path, most=FILE_MAX_BYTES)])
        return path.read_text("utf-8")
    except OSError as error:
        raise BadSettings([Said("{path}: {fault}", path=path, fault=error.strerror or str(error))]) from None
    except UnicodeDecodeError:
        raise BadSettings([Said("{path}: not UTF-8", path=path)]) from None


def _strange(name: str, value: object) -> Said:
    return Said("there are no sections; write NAME = VALUE") if isinstance(value, dict) else _unknown(name)


def _line_of(name: str, text: str) -> int:
    pattern = re.compile(rf"""^\s*\[?\s*["']?{re.escape(name)}["']?\s*[=.\]]""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if pattern.match(line)), 0)


def _unknown(name: str, known: set[str] | None = None) -> Said:
    near = get_close_matches(name, sorted(known or Settings.model_fields), n=1, cutoff=0.6)
    if near:
        return Said("no setting of this name; did you mean {near}?", near=near[0])
    return Said("no setting of this name; `contest-server config` lists them all")
