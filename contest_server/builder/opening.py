"""A definition that exists, as a draft: TOML text, with its table of contestants where it names one. Only what is no TOML stops it."""

from __future__ import annotations

import tomllib
from typing import Any

from contest_server.builder.drafts import Draft, as_json
from contest_server.core.faults import DefinitionError, Fault
from contest_server.core.saying import Said
from contest_server.intake.contestants_table import Found
from contest_server.intake.toml_file import BAD_TOML, DOCUMENT_MAX_BYTES
from contest_server.intake.toml_text import read_toml
from contest_server.intake.toml_words import toml_fault


def opened(text: str, table: Found | None = None) -> Draft:
    """The draft that the text states. Its table's contestants, where it names one, are put in; without the table its name is left out.

    Raises:
        DefinitionError: it is no TOML; the place is "line 7", or "document".
    """
    document = _parsed(text)
    contest = document.get("contest")
    if isinstance(contest, dict):
        contest.pop("contestants_file", None)
    if table is not None:
        listed = document.get("contestants")
        document["contestants"] = [*(listed if isinstance(listed, list) else []), *(each for _, each in table.contestants)]
    try:
        draft: Draft = as_json(document)
    except RecursionError as error:
        raise DefinitionError([Fault("document", toml_fault(error).sentence, BAD_TOML)]) from None
    return draft


def _parsed(text: str) -> dict[str, Any]:
    if len(text) > DOCUMENT_MAX_BYTES:
        raise DefinitionError([Fault("document", Said("longer than {most} characters", most=DOCUMENT_MAX_BYTES), "too_long")])
    try:
        return read_toml(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        fault = toml_fault(error)
        where = "document" if fault.line is None else f"line {fault.line}"
        raise DefinitionError([Fault(where, fault.without_place, BAD_TOML)]) from None
    except (RecursionError, ArithmeticError, ValueError) as error:
        raise DefinitionError([Fault("document", toml_fault(error).sentence, BAD_TOML)]) from None
