"""What other programs say in English, read back, so that it has other languages: the system, databases, and what reads the command line.

Refuses nothing: what is not known stays as it is.
"""

from __future__ import annotations

import re
from functools import cache
from tomllib import TOMLDecodeError
from typing import Any

from contest_server.core.rereading import Reread, Templates
from contest_server.core.saying import Said, Text
from contest_server.intake.toml_words import toml_fault

_AT = re.compile(r" \(at line \d+, column \d+\)$")
OF_THE_SYSTEM = (
    Said("No such file or directory"),
    Said("Permission denied"),
    Said("Operation not permitted"),
    Said("Is a directory"),
    Said("Not a directory"),
    Said("Directory not empty"),
    Said("File exists"),
    Said("File name too long"),
    Said("File too large"),
    Said("Too many levels of symbolic links"),
    Said("Too many open files"),
    Said("No space left on device"),
    Said("Disk quota exceeded"),
    Said("Input/output error"),
    Said("Read-only file system"),
    Said("Invalid argument"),
    Said("Address already in use"),
    Said("Cannot assign requested address"),
    Said("{what} (while attempting to bind on address {address})"),
    Said("Name or service not known"),
    Said("Temporary failure in name resolution"),
    Said("No address associated with hostname"),
    Said("Connection refused"),
    Said("Connection reset by peer"),
    Said("Network is unreachable"),
    Said("No route to host"),
    Said("[Errno {number}] {what}"),
    Said("[Errno {number}] Connect call failed {address}"),
    Said("Multiple exceptions: {reasons}"),
    Said("timed out"),
    Said("TimeoutError"),
    Said("is no plain file"),
    Said("is a database, which nothing takes the place of"),
)
OF_DATABASES = (
    Said("unable to open database file"),
    Said("database is locked"),
    Said("database disk image is malformed"),
    Said("database or disk is full"),
    Said("disk I/O error"),
    Said("file is not a database"),
    Said("attempt to write a readonly database"),
    Said("no such table: {table}"),
    Said('password authentication failed for user "{name}"'),
    Said('database "{name}" does not exist'),
    Said('role "{name}" does not exist'),
    Said("permission denied for {kind} {name}"),
    Said("the database system is starting up"),
    Said("the database system is shutting down"),
    Said("sorry, too many clients already"),
)
OF_USAGE = (
    Said("env var: {name}"),
    Said("default: {value}"),
    Said("default: ({what})"),
    Said("all of them"),
    Said("as in the settings"),
    Said("thrown away"),
    Said("required"),
    Said("Missing command."),
    Said("Missing argument {name}."),
    Said("Missing option {name}."),
    Said("No such command {name}."),
    Said("No such option: {name}"),
    Said("No such option: {name} (Possible options: {names})"),
    Said("Option {name} requires an argument."),
    Said("Option {name} does not take a value."),
    Said("Got unexpected extra argument(s) ({values})"),
    Said("Invalid value: {what}"),
    Said("Invalid value for {name} (env var: {variable}): {what}"),
    Said("Invalid value for {name}: {what}"),
    Said("Invalid value for {name}: {value}"),
    Said("Value error, {name} is not one of {names}."),
)
OF_VALUES = (
    Said("Input should be a valid integer, unable to parse string as an integer"),
    Said("Input should be a valid integer, got a number with a fractional part"),
    Said("Input should be a valid integer"),
    Said("Input should be a valid number, unable to parse string as a number"),
    Said("Input should be a valid number"),
    Said("Input should be a valid string"),
    Said("Input should be greater than {least}"),
    Said("Input should be greater than or equal to {least}"),
    Said("Input should be less than or equal to {most}"),
    Said("Input should be a finite number"),
    Said("Input should be {first} or {last}"),
    Said("Value error, {network} does not appear to be an IPv4 or IPv6 network"),
)


@cache
def _known() -> Templates:
    return Templates(each.template for each in (*OF_THE_SYSTEM, *OF_DATABASES, *OF_VALUES))


@cache
def _usage() -> Templates:
    return Templates(each.template for each in (*OF_USAGE, *OF_VALUES))


def understood(text: Text) -> Text:
    """The text, and in it what was filled in, as sentences where others' words are known."""
    if isinstance(text, str):
        return _toml(text) or _known().read(_described(text))
    if type(text) is not Said or text.zh:
        return text
    return Reread(text.template, {name: _within(value) for name, value in text.values.items()})


def _toml(text: str) -> Said | None:
    """What the reader of TOML says of a file of settings."""
    return toml_fault(TOMLDecodeError(text)).sentence if text.endswith(" (at end of document)") or _AT.search(text) else None


def _described(text: str) -> str:
    """What a setting is for, in Chinese."""
    from contest_server.words import helps

    return helps().get(text, text)


def _within(value: Any) -> Any:
    """What is filled in: a sentence, several of them, or something else."""
    if isinstance(value, list):
        return [_within(each) for each in value]
    return understood(value) if isinstance(value, (str, Said)) else value


def of_usage(text: str) -> Text:
    """What typer says of how a command is used."""
    return _usage().read(text)
