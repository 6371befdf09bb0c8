"""What Python's reader of TOML finds wrong, in every language. A sentence that is not here is told in the reader's own English."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import NamedTuple

from contest_server.core.rereading import others_words
from contest_server.core.saying import Said, Text

DETAIL_MAX_CHARS = 400
_AT = re.compile(r"(?P<what>.*?) ?\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL)
_PLAIN: Mapping[str, Said] = {
    str(each): each
    for each in (
        Said("Invalid statement"),
        Said("Invalid value"),
        Said("Invalid date or datetime"),
        Said("Invalid hex value"),
        Said("Invalid initial character for a key part"),
        Said("Expected newline or end of document after a statement"),
        Said("Expected '=' after a key in a key/value pair"),
        Said("Expected ']' at the end of a table declaration"),
        Said("Expected ']]' at the end of an array declaration"),
        Said("Cannot overwrite a value"),
        Said("Unclosed array"),
        Said("Unclosed inline table"),
        Said("Unterminated string"),
        Said("Unescaped '\\' in a string"),
        Said("Escaped character is not a Unicode scalar value"),
    )
}
_ABOUT = re.compile(
    r"Expected (?P<expected>.+)|Found invalid character (?P<invalid>.+)|Illegal character (?P<illegal>.+)"
    r"|Cannot declare (?P<twice>.+) twice"
    r"|Cannot mutate immutable namespace (?P<fixed>.+)|Cannot redefine namespace (?P<again>.+)|Duplicate inline table key (?P<double>.+)",
    re.DOTALL,
)


class TomlFault(NamedTuple):
    """What is wrong, and where the reader says so: a line and a column from 1, None at the end of the document; `is_placed` if it does."""

    what: Text
    line: int | None
    column: int | None
    is_placed: bool

    @property
    def sentence(self) -> Said:
        """With the place in the same words as the reader's own."""
        if not self.is_placed:
            return Said("is not TOML: {what}", what=self.what)
        if self.line is None:
            return Said("is not TOML: {what} (at end of document)", what=self.what)
        return Said("is not TOML: {what} (at line {line}, column {column})", what=self.what, line=self.line, column=self.column)

    @property
    def without_place(self) -> Said:
        """For whoever names the line beside it."""
        return Said("is not TOML: {what}", what=self.what)


def toml_fault(error: Exception) -> TomlFault:
    """What the reader of TOML says; what it says of itself only (a class of Python's) is put in words: an integer of too many
    digits is a bare ValueError."""
    if isinstance(error, RecursionError):
        return TomlFault(Said("nested too deeply"), None, None, is_placed=False)
    if not isinstance(error, tomllib.TOMLDecodeError):
        return TomlFault(Said("a number that cannot be read"), None, None, is_placed=False)
    found = _AT.fullmatch(str(error))
    if found is None:
        return TomlFault(_worded(str(error)), None, None, is_placed=False)
    line, column = found["line"], found["column"]
    return TomlFault(_worded(found["what"]), int(line) if line else None, int(column) if column else None, is_placed=True)


def _worded(text: str) -> Text:
    if text in _PLAIN:
        return _PLAIN[text]
    found = _ABOUT.fullmatch(text[:DETAIL_MAX_CHARS])
    known = None if found is None else found.lastgroup
    return others_words(text[:DETAIL_MAX_CHARS]) if found is None or known is None else _about(known, found[known])


def _about(which: str, named: str) -> Said:
    match which:
        case "expected":
            return Said("Expected {sign}", sign=named)
        case "invalid":
            return Said("Found invalid character {sign}", sign=named)
        case "illegal":
            return Said("Illegal character {sign}", sign=named)
        case "twice":
            return Said("Cannot declare {key} twice", key=named)
        case "fixed":
            return Said("Cannot mutate immutable namespace {key}", key=named)
        case "again":
            return Said("Cannot redefine namespace {key}", key=named)
        case _:
            return Said("Duplicate inline table key {key}", key=named)
