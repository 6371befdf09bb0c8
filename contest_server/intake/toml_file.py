"""A definition from a TOML file, with the line of every fault."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition import Definition
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import StageId
from contest_server.core.faults import DefinitionError, Fault
from contest_server.core.forms import readers
from contest_server.core.reachability import unreachable
from contest_server.core.rule_reading import BAD_OPTION, failed
from contest_server.core.rulebook import Judges, Rulebook
from contest_server.core.saying import Said
from contest_server.core.telling import told_badly
from contest_server.intake.contestants_file import read_rows
from contest_server.intake.marked_aspects import marks_never_taken
from contest_server.intake.panel_sizes import panels_never_judged
from contest_server.intake.said_in_vain import said_in_vain
from contest_server.intake.toml_text import read_toml
from contest_server.intake.toml_words import toml_fault

DOCUMENT_MAX_BYTES = 8_000_000
BAD_TOML = "bad_toml"


def read_file(path: Path, judges: Judges) -> Rulebook:
    """The definition in this file, with its contestants' file if it names one, checked with the rules it uses.

    Raises:
        DefinitionError: with every fault, each with its line where one can be named.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        document = file.read(DOCUMENT_MAX_BYTES + 1)  # what is no plain file may have no end
    if len(document) > DOCUMENT_MAX_BYTES:
        raise DefinitionError([Fault(path.name, Said("larger than {most} bytes", most=DOCUMENT_MAX_BYTES))])
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        other = Said("is not UTF-8 text (byte {byte}); save it as UTF-8", byte=error.start)
        raise DefinitionError([Fault(path.name, other)]) from None
    return checked_text(text, judges, path.parent)


def checked_text(text: str, judges: Judges, folder: Path | None = None) -> Rulebook:
    """The definition in this text, checked with the rules it uses; without a folder it may name no file.

    Raises:
        DefinitionError: with every fault, each with its line where one can be named.
    """
    try:
        return _sensible(compile_rulebook(parse(text, folder), judges))
    except DefinitionError as error:
        raise DefinitionError([_with_line(fault, text) for fault in error.faults]) from None


def checked_document(document: Mapping[str, Any], judges: Judges) -> Rulebook:
    """The definition in this document, which was read elsewhere, checked with the rules it uses. Raises DefinitionError."""
    contest = document.get("contest")
    if isinstance(contest, dict) and "contestants_file" in contest:
        _beside(None, contest["contestants_file"])
    return _sensible(compile_rulebook(read_definition(document), judges))


def _sensible(book: Rulebook) -> Rulebook:
    """The rulebook, where it says nothing that cannot be meant. Asked of what is written now: a ledger that holds such a definition goes on
    as it was judged. Raises DefinitionError.
    """
    closed = (_never_opens(book, stage) for stage in unreachable(book))
    if faults := [*closed, *said_in_vain(book), *marks_never_taken(book), *panels_never_judged(book), *_told_badly(book)]:
        raise DefinitionError(faults)
    return book


def _told_badly(book: Rulebook) -> Iterator[Fault]:
    """Rules of third parties that fail where they tell what they read."""
    for rules in book.stages.values():
        for aspect, rule in readers(rules):
            place = "rules" if aspect is None else f"aspects[{rules.definition.aspects.index(aspect)}]"
            yield from (
                Fault(f"stages[{rules.view.index}].{place}", failed(rule.name, error), BAD_OPTION) for error in told_badly(rule.judge)
            )


def _never_opens(book: Rulebook, stage: StageId) -> Fault:
    index = book.stages[stage].view.index
    never = Said("stage {stage!r} can never be opened: what it waits for waits for it, or cannot be cleared", stage=stage)
    return Fault(f"stages[{index}].rules", never, "never_opens")


def parse(text: str, folder: Path | None) -> Definition:
    """The definition in this text; files that it names are looked for in the folder, and refused without one. Raises DefinitionError."""
    try:
        document = read_toml(text)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise DefinitionError([Fault("document", toml_fault(error).sentence, BAD_TOML)]) from None
    contest = document.get("contest")
    named = contest.pop("contestants_file", None) if isinstance(contest, dict) else None
    if named is not None:
        return _with_table(document, _beside(folder, named))
    return read_definition(document)


def _with_table(document: dict[str, Any], table: Path) -> Definition:
    """The definition with the contestants of a table, whose faults are named by its rows."""
    listed = document.get("contestants", [])
    here = listed if isinstance(listed, list) else []
    rows = read_rows(table)
    document["contestants"] = [*here, *(contestant for _, contestant in rows)]
    try:
        return read_definition(document)
    except DefinitionError as error:
        raise DefinitionError([_by_row(fault, table.name, rows, len(here)) for fault in error.faults]) from None


def _by_row(fault: Fault, name: str, rows: Sequence[tuple[int, object]], before: int) -> Fault:
    found = re.match(r"contestants\[(\d+)\]\.?(.*)", fault.where)
    if found is None or int(found[1]) < before:
        return fault
    return replace(fault, where=f"{name} row {rows[int(found[1]) - before][0]} {found[2]}".rstrip())


def _beside(folder: Path | None, named: object) -> Path:
    """A file named in the document lies in its folder or below it."""
    if folder is None:
        elsewhere = Said("no file is read here; put the contestants into the document")
        raise DefinitionError([Fault("contest.contestants_file", elsewhere, "table_elsewhere")])
    if not isinstance(named, str) or not named:
        raise DefinitionError([Fault("contest.contestants_file", Said("expected the name of a CSV or XLSX file"))])
    path = (folder / named).resolve()
    if not path.is_relative_to(folder.resolve()):
        outside = Said("{named!r} lies outside the folder of the document", named=named)
        raise DefinitionError([Fault("contest.contestants_file", outside)])
    return path


_STEP = re.compile(r"([^.\[\]]+)(?:\[(\d+)\])?")


def _with_line(fault: Fault, text: str) -> Fault:
    line = line_of(fault.where, text)
    return replace(fault, where=f"line {line}, {fault.where}") if line else fault


def line_of(where: str, text: str) -> int | None:
    """The line that a path such as `stages[2].aspects[0].max` points at: its key, else the header of its table; None if not found."""
    lines = text.splitlines()
    at, end, table = 0, len(lines), ""
    for name, index in _STEP.findall(where):
        table = f"{table}.{name}" if table else name
        header = re.compile(rf"^\s*\[\[?\s*{re.escape(table)}\s*\]\]?")
        found = [number for number in range(at, end) if header.match(lines[number])]
        wanted = int(index or 0)
        if wanted < len(found):
            at = found[wanted]
            end = next((number for number in found[wanted + 1 :]), end)
            continue
        key = re.compile(rf"^\s*\"?{re.escape(name)}\"?\s*[=.]")
        inside = _until_next_table(lines, at + 1 if table != name else at, end)
        return next((number + 1 for number in range(at, inside) if key.match(lines[number])), at + 1 if table != name else None)
    return at + 1


def _until_next_table(lines: list[str], start: int, end: int) -> int:
    return next((number for number in range(start, end) if lines[number].lstrip().startswith("[")), end)
