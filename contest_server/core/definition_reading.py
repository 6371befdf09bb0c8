"""Reading a definition: from a document to checked tables, and back to what the ledger keeps. Names every fault, not the first."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from pydantic import ValidationError

from contest_server.core.definition import (
    PERSONAL_FIELDS,
    ClockPolicy,
    ContestantDef,
    ContestDef,
    Criterion,
    Definition,
    DoubtDefaults,
    OfficialDef,
    Part,
    RankBy,
    RefereePolicy,
    StageDef,
    Text,
    Ties,
    VenueDef,
)
from contest_server.core.definition_faults import faults_in
from contest_server.core.definition_faults import official_key as official_key
from contest_server.core.facts import Json
from contest_server.core.faults import DefinitionError, Fault, path_of
from contest_server.core.saying import Said
from contest_server.core.wrong_values import wrong_value

FAULTS_MAX = 1_000
"""Of form. A document with more of them is of another kind, and to word them all would take minutes."""


def read_definition(document: Mapping[str, Any]) -> Definition:
    """The definition that this document states.

    Raises:
        DefinitionError: with every fault of form (the first `FAULTS_MAX`), or else every contradiction, each with the path of its field.
    """
    try:
        definition = Definition.model_validate(dict(document))
    except ValidationError as error:
        raise DefinitionError([_fault(item) for item in error.errors(include_url=False)[:FAULTS_MAX]]) from None
    faults = list(faults_in(definition))
    if faults:
        raise DefinitionError(faults)
    return definition


def ledger_document(definition: Definition) -> Json:
    """The document as the ledger keeps it: plain JSON values, decimals as strings, no names of persons.

    What came later into the format is left out where nobody asked for it, so that an older document keeps its digest.
    """
    document = definition.model_dump(mode="json", exclude_none=True)
    for person in (*document["contestants"], *document["officials"]):
        for name in PERSONAL_FIELDS:
            person.pop(name, None)
    for official, entry in zip(definition.officials, document["officials"], strict=True):
        entry["recused"] = recused_of(official, definition.contestants)
    document["referees"] = definition.referees.model_dump(mode="json")  # with its None: that is "never", not the default
    _leave_out_defaults(document, definition)
    return plain(document)  # type: ignore[no-any-return]


def recused_of(official: OfficialDef, contestants: Sequence[ContestantDef]) -> list[str]:
    """On whom an official never rules: who is named, and everybody with the same employer. Sorted."""
    own = _employers(official.employer)
    return sorted({*official.recused, *(each.id for each in contestants if own & _employers(each.employer))})


def _employers(text: Text | None) -> set[tuple[str, str]]:
    """An employer's name in each language, told apart from others whatever the case and the blanks around it."""
    names = {} if text is None else {"zh": text.zh, "en": text.en}
    return {(language, name.strip().casefold()) for language, name in names.items() if name.strip()}


def _leave_out_defaults(document: Json, definition: Definition) -> None:
    if not definition.officials:
        del document["officials"]
    if definition.referees == RefereePolicy():
        del document["referees"]
    for aspect in (aspect for stage in document["stages"] for aspect in stage["aspects"]):
        if not aspect["double_entry"]:
            del aspect["double_entry"]
    for stage in document["stages"]:
        if not stage["entries"]:
            del stage["entries"]


def plain(value: Any) -> Any:
    """Rule parameters may hold Decimals, dates and tuples: as JSON knows them."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (str, int, bool)) or value is None:
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def digest_of(document: Json) -> str:
    """SHA-256 of the canonical JSON (keys sorted), hexadecimal."""
    return hashlib.sha256(msgspec.json.encode(document, order="sorted")).hexdigest()


def _fault(item: Any) -> Fault:
    location = [step for step in item["loc"] if not str(step).startswith("function-")]
    where = path_of(location)
    if item["type"] == "extra_forbidden":
        return Fault(where, _unknown_key(location), "unknown_key")
    if item["type"] == "missing":
        return Fault(where, Said("missing; this key is required"), "missing")
    if item["type"] == "string_pattern_mismatch" and "colour" not in where:
        rule = Said("{given!r} is not an id: 1 to 64 letters, digits, '_', '-', '.' or ':', without blanks", given=item["input"])
        return Fault(where, rule, "bad_id")
    shown = item["input"] if isinstance(item["input"], (str, int, float, bool, Decimal)) else type(item["input"]).__name__
    return wrong_value(where, item, f"{item['msg'][0].lower()}{item['msg'][1:]} (found {shown!r:.80})")


_TEXTS = ("name", "organiser", "employer", "trade")
_TABLES: dict[str, type[Part]] = {
    "contest": ContestDef,
    "clock": ClockPolicy,
    "venues": VenueDef,
    "contestants": ContestantDef,
    "officials": OfficialDef,
    "referees": RefereePolicy,
    "stages": StageDef,
    "ranking": RankBy,
    "criteria": Criterion,
    "doubts_defaults": DoubtDefaults,
    "ties": Ties,
}


def _unknown_key(location: Sequence[str | int]) -> Said:
    table: type[Part] = _TABLES.get(str(location[0]), Definition) if len(location) > 1 else Definition
    if len(location) > 1 and location[-2] in _TEXTS:
        table = Text
    near = difflib.get_close_matches(str(location[-1]), table.model_fields, n=1)
    if near:
        return Said("unknown key; did you mean {near!r}?", near=near[0])
    return Said("unknown key; expected one of {keys}", keys=list(table.model_fields))
