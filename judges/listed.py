"""Lists in the evidence: marks of a panel, declared faults, files, samples. Refuses what is no list, or longer than any device sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from contest_server.core.judging import Evidence, MissingEvidence, Said, decimal_of

ROWS_MAX = 1_000
"""Rows of a list in the evidence, unless the rule says otherwise."""


def rows_of(evidence: Evidence, name: str, most: int = ROWS_MAX) -> Sequence[Any]:
    """The field as a list.

    Raises:
        MissingEvidence: nothing was sent, no list, or more than `most` rows.
    """
    return rows_in(name, evidence.value(name), most)


def rows_in(name: str, rows: Any, most: int = ROWS_MAX) -> Sequence[Any]:
    """The value of a field as a list. Raises MissingEvidence as `rows_of` does."""
    if not isinstance(rows, (list, tuple)):
        raise MissingEvidence(Said("{name}: {rows!r} is not a list", name=name, rows=str(rows)[:40]))
    if len(rows) > most:
        raise MissingEvidence(Said("{name}: has {count} rows, up to {most} can be judged", name=name, count=len(rows), most=most))
    return rows


def table_of(evidence: Evidence, name: str) -> Mapping[str, Any]:
    """The field as names with their values. Raises MissingEvidence where it is none."""
    table = evidence.value(name)
    if not isinstance(table, Mapping) or len(table) > ROWS_MAX:
        raise MissingEvidence(Said("{name}: {table!r} is not a table of names and values", name=name, table=str(table)[:40]))
    return table


def text_in(row: Any, key: str, where: str) -> str:
    """A text in a row of a list, without the blanks around it. Raises MissingEvidence naming the row."""
    found = row.get(key) if isinstance(row, Mapping) else None
    if not isinstance(found, str) or not found.strip():
        raise MissingEvidence(Said("{where}: {key} is missing", where=where, key=key))
    return found.strip()


def without_blanks(rule: Any, *parameters: str) -> None:
    """Take the blanks around names off these parameters, lists of frozen parts: what is compared with them has none either.

    Called after all checks, so that nothing is refused which a ledger may hold: names that differ by nothing but blanks become one name.
    """
    for name in parameters:
        object.__setattr__(rule, name, tuple(_stripped(part) for part in getattr(rule, name)))


def _stripped(part: Any) -> Any:
    texts: dict[str, Any] = {}
    for each in fields(part):
        value = getattr(part, each.name)
        if isinstance(value, str):
            texts[each.name] = value.strip()
        elif isinstance(value, tuple):
            texts[each.name] = tuple(name.strip() for name in value)
    return replace(part, **texts)


def number_in(row: Any, key: str, where: str) -> Decimal:
    """A number in a row of a list. Raises MissingEvidence naming the row."""
    found = row.get(key) if isinstance(row, Mapping) else None
    if found is None:
        raise MissingEvidence(Said("{where}: {key} is missing", where=where, key=key))
    return decimal_of(f"{where}: {key}", found)


def whole_in(row: Any, key: str, where: str) -> int:
    """A whole number in a row of a list, e.g. milliseconds. Raises MissingEvidence naming the row."""
    number = number_in(row, key, where)
    if number != number.to_integral_value():
        raise MissingEvidence(Said("{where}: {key} is {number}, not a whole number", where=where, key=key, number=number))
    return int(number)
